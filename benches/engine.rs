//! What the evaluation of a rule costs, beside regorus and, where `opa` is installed, OPA: the same rules on the same
//! document, in one run.
//!
//!     cargo bench --bench engine

#![allow(clippy::print_stdout)]

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use kpolicy::engine::own::{Origin, Own};
use kpolicy::engine::regorus::Regorus;
use kpolicy::engine::{Engine, Module, Program};
use kpolicy::rego::eval::Settings;
use kpolicy::rego::program::{Options, Program as Compiled, Source};
use kpolicy::rego::syntax::tree::Dialect;
use kpolicy::value::Value;

/// How many clauses each rule has.
const CLAUSES: usize = 20;
/// How long each engine is measured for each rule.
const TIME: Duration = Duration::from_millis(600);

fn main() {
    let document = document();
    let cases = [
        (
            "a guard that fails",
            clauses(|at| format!("input.kind == \"Kind{at}\"\n\tmsg := \"{at}\"")),
        ),
        (
            "ten containers, nothing found",
            clauses(|at| {
                format!(
                    "input.kind == \"Deployment\"\n\tsome c in input.spec.template.spec.containers\n\tendswith(c.image, \
                     \":bad{at}\")\n\tmsg := sprintf(\"%s is bad\", [c.name])"
                )
            }),
        ),
        (
            "ten containers, each found",
            clauses(|at| {
                format!(
                    "input.kind == \"Deployment\"\n\tsome c in input.spec.template.spec.containers\n\tnot \
                     c.securityContext\n\tmsg := sprintf(\"{at}: %s runs as it likes\", [c.name])"
                )
            }),
        ),
    ];
    println!(
        "{CLAUSES} clauses, one document; nanoseconds for each clause, and how many times as long the others take"
    );
    for (name, policy) in &cases {
        let own = measure(&own(policy), &document);
        let regorus = measure(&regorus(policy), &document);
        print!("{name}: own {own:.0}, regorus {:.1} times", regorus / own);
        match opa(policy, &document) {
            Some(opa) => println!(", OPA {:.1} times", opa / own),
            None => println!(", OPA skipped: opa is not installed"),
        }
    }
}

/// A Deployment of ten containers.
fn document() -> Value {
    let containers: Vec<serde_json::Value> = (0..10)
        .map(|at| {
            serde_json::json!({
                "name": format!("container-{at}"),
                "image": format!("registry.example.com/team/app-{at}:1.{at}.0"),
                "ports": [{"containerPort": 8080}],
                "resources": {"limits": {"cpu": "500m", "memory": "128Mi"}},
            })
        })
        .collect();
    Value::from_json(&serde_json::json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": "production", "labels": {"app": "shop"}},
        "spec": {"replicas": 3, "template": {"spec": {"containers": containers}}},
    }))
}

fn clauses(body: impl Fn(usize) -> String) -> String {
    let clauses: Vec<String> = (0..CLAUSES)
        .map(|at| format!("deny contains msg if {{\n\t{}\n}}\n", body(at)))
        .collect();
    format!("package main\n\n{}", clauses.join("\n"))
}

fn own(policy: &str) -> Own {
    let source = Source {
        text: policy,
        dialect: Dialect::V1,
    };
    let program = Compiled::compile(&[source], Options::default()).expect("the policy is sound");
    let origin = Origin {
        path: "policy.rego".to_owned(),
        text: policy.to_owned(),
    };
    Own::new(program, Value::object(Vec::new()), Settings::default(), [origin].into())
}

fn regorus(policy: &str) -> Regorus {
    let program = Program {
        modules: vec![Module {
            path: "policy.rego",
            text: policy,
            v0: false,
        }],
        data: Value::object(Vec::new()),
        strict_builtins: true,
        timeout: Duration::from_secs(10),
    };
    Regorus::compile(&program).expect("the policy is sound")
}

/// Nanoseconds for each clause, the document handed over each time.
fn measure(engine: &dyn Engine, document: &Value) -> f64 {
    let mut worker = engine.worker();
    let mut once = || {
        worker.set_input(document);
        worker.evaluate("data.main.deny").expect("nothing fails")
    };
    once();
    let (start, mut rounds) = (Instant::now(), 0u32);
    while start.elapsed() < TIME {
        for _ in 0..16 {
            once();
        }
        rounds += 16;
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds) / CLAUSES as f64
}

/// The same, as `opa bench` measures it.
fn opa(policy: &str, document: &Value) -> Option<f64> {
    let folder = tempfile::tempdir().ok()?;
    let (rego, input) = (folder.path().join("policy.rego"), folder.path().join("input.json"));
    fs::write(&rego, policy).ok()?;
    fs::write(&input, document.to_json().to_string()).ok()?;
    let output = Command::new("opa")
        .args(["bench", "--format", "json", "--data"])
        .arg(&rego)
        .arg("--input")
        .arg(&input)
        .arg("data.main.deny")
        .output()
        .ok()?;
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let (time, rounds) = (result.get("T")?.as_f64()?, result.get("N")?.as_f64()?);
    Some(time / rounds / CLAUSES as f64)
}
