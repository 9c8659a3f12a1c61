//! What the evaluation of rules costs, beside regorus and, where Go can build it, OPA: the same rules on the same
//! documents, in one run.
//!
//!     cargo run --profile dist --example engine

#![allow(clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use kpolicy::engine::own::{Origin, Own};
use kpolicy::engine::regorus::Regorus;
use kpolicy::engine::{Engine, Module, Program};
use kpolicy::input;
use kpolicy::reading;
use kpolicy_rego::Dialect;
use kpolicy_rego::Settings;
use kpolicy_rego::{Options, Program as Compiled, Source};
use kpolicy_value::Value;

/// That of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many clauses a rule of several has.
const CLAUSES: usize = 20;
/// The rules that the manifests are judged by.
const POLICIES: [&str; 3] = [
    include_str!("policy/kubernetes.rego"),
    include_str!("policy/objects.rego"),
    include_str!("policy/workloads.rego"),
];
/// No limit for what the generator writes.
const LIMITS: reading::Limits = reading::Limits {
    bytes: 1 << 30,
    nodes: 1 << 30,
};
/// How often each engine is measured for each case, in turn with the others; the median counts.
const TURNS: usize = 5;
/// How long a turn is.
const TIME: Duration = Duration::from_millis(400);

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let opa = build_opa(folder.path());
    println!("nanoseconds for one document, and how many times as long the others take");
    for case in cases() {
        case.run(folder.path(), opa.as_deref());
    }
}

/// Policies and the documents that they judge by `data.main.deny`.
struct Case {
    name: &'static str,
    policies: Vec<String>,
    documents: Vec<Value>,
}

fn cases() -> Vec<Case> {
    let on_one = |name, policy| Case {
        name,
        policies: vec![policy],
        documents: vec![document()],
    };
    let privileged = "input.kind == \"Deployment\"\n\tsome c in input.spec.template.spec.containers\n\t\
                      c.securityContext.privileged\n\tmsg := c.name";
    let mut cases = vec![
        on_one("one clause, ten containers", clauses(1, |_| privileged.to_owned())),
        on_one(
            "20 clauses whose guards fail",
            clauses(CLAUSES, |at| format!("input.kind == \"Kind{at}\"\n\tmsg := \"{at}\"")),
        ),
        on_one(
            "20 clauses, ten containers, nothing found",
            clauses(CLAUSES, |at| {
                format!(
                    "input.kind == \"Deployment\"\n\tsome c in input.spec.template.spec.containers\n\tendswith(c.image, \
                     \":bad{at}\")\n\tmsg := sprintf(\"%s is bad\", [c.name])"
                )
            }),
        ),
        on_one(
            "20 clauses, ten containers, each found",
            clauses(CLAUSES, |at| {
                format!(
                    "input.kind == \"Deployment\"\n\tsome c in input.spec.template.spec.containers\n\tnot \
                     c.securityContext\n\tmsg := sprintf(\"{at}: %s runs as it likes\", [c.name])"
                )
            }),
        ),
    ];
    match manifests() {
        Some(documents) => cases.push(Case {
            name: "20 rules with helpers, 2,000 manifests",
            policies: POLICIES.map(str::to_owned).to_vec(),
            documents,
        }),
        None => println!("SKIPPED: the 2,000 manifests, since python3 is not installed"),
    }
    cases
}

impl Case {
    fn run(&self, folder: &Path, opa: Option<&Path>) {
        let (own, regorus) = (own(&self.policies), regorus(&self.policies));
        let mut opa = opa.and_then(|binary| self.asked_of(binary, folder));
        let turns: Vec<[f64; 5]> = (0..TURNS)
            .map(|_| {
                let [asked, raw, parsed] = opa.as_mut().map_or([f64::NAN; 3], measure_opa);
                let own = measure(&own, &self.documents);
                [own, measure(&regorus, &self.documents), asked, raw, parsed]
            })
            .collect();
        let [own, regorus, asked, raw, parsed] = std::array::from_fn(|at| median(turns.iter().map(|turn| turn[at])));
        print!("{}: own {own:.0}, regorus {:.1} times", self.name, regorus / own);
        match opa {
            Some(_) => println!(
                ", OPA {:.1} times as conftest asks it, {:.1} prepared with the document as JSON, {:.1} with its own value",
                asked / own,
                raw / own,
                parsed / own
            ),
            None => println!(", OPA SKIPPED: its module cannot be built here with go"),
        }
    }

    /// What measures OPA on this case.
    fn asked_of(&self, binary: &Path, folder: &Path) -> Option<Command> {
        let policy = folder.join(self.name);
        fs::create_dir_all(&policy).ok()?;
        for (at, text) in self.policies.iter().enumerate() {
            fs::write(policy.join(format!("{at}.rego")), text).ok()?;
        }
        let inputs = folder.join(format!("{}.json", self.name));
        let documents: Vec<serde_json::Value> = self.documents.iter().map(Value::to_json).collect();
        fs::write(&inputs, serde_json::Value::from(documents).to_string()).ok()?;
        let mut command = Command::new(binary);
        command
            .arg(policy)
            .arg(inputs)
            .arg("data.main.deny")
            .arg(format!("{TIME:?}"));
        Some(command)
    }
}

/// Builds what measures OPA; nothing where go is missing or has not its module.
fn build_opa(folder: &Path) -> Option<PathBuf> {
    let binary = folder.join("opa");
    let built = Command::new("go")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/opa"))
        .args(["build", "-o"])
        .args([&*binary, Path::new(".")])
        .output()
        .ok()?;
    built.status.success().then_some(binary)
}

/// What OPA takes for a document, in the three ways that `benches/opa` measures.
fn measure_opa(command: &mut Command) -> [f64; 3] {
    let output = command.output().expect("what was built runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    let mut times = printed
        .lines()
        .map(|line| line.parse().expect("a number of nanoseconds"));
    std::array::from_fn(|_| times.next().expect("a line for each way"))
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// The generated manifests, as `kpolicy test` reads them.
fn manifests() -> Option<Vec<Value>> {
    let folder = tempfile::tempdir().ok()?;
    let written = Command::new("python3")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches"))
        .args(["-c", "import sys, manifests; manifests.write(sys.argv[1])"])
        .arg(folder.path())
        .output()
        .ok()?;
    if !written.status.success() {
        return None;
    }
    let paths = [folder.path().to_string_lossy().into_owned()];
    let sources = input::discover(&paths, input::Selection::default()).sources;
    let contents = sources.iter().map(|source| {
        reading::content(source, LIMITS, kpolicy_parse::Context::default()).expect("a generated manifest parses")
    });
    let documents = contents.flat_map(|content| reading::documents(content, reading::Empty::Dropped));
    Some(documents.map(|document| document.value).collect())
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

fn clauses(count: usize, body: impl Fn(usize) -> String) -> String {
    let clauses: Vec<String> = (0..count)
        .map(|at| format!("deny contains msg if {{\n\t{}\n}}\n", body(at)))
        .collect();
    format!("package main\n\n{}", clauses.join("\n"))
}

fn own(policies: &[String]) -> Own {
    let source = |text| Source {
        text,
        dialect: Dialect::V1,
    };
    let sources: Vec<Source> = policies.iter().map(|text| source(text)).collect();
    let program = Compiled::compile(&sources, Options::default()).expect("the policies are sound");
    let origin = |text: &String| Origin {
        path: "policy.rego".to_owned(),
        text: text.clone(),
        embedded: None,
    };
    let origins = policies.iter().map(origin).collect();
    Own::new(program, Value::object(Vec::new()), Settings::default(), origins)
}

fn regorus(policies: &[String]) -> Regorus {
    let names: Vec<String> = (0..policies.len()).map(|at| format!("{at}.rego")).collect();
    let modules = names
        .iter()
        .zip(policies)
        .map(|(path, text)| Module { path, text, v0: false });
    let program = Program {
        modules: modules.collect(),
        data: Value::object(Vec::new()),
        strict_builtins: true,
        timeout: Duration::from_secs(10),
    };
    Regorus::compile(&program).expect("the policies are sound")
}

/// Nanoseconds for each document, handed over each time.
fn measure(engine: &dyn Engine, documents: &[Value]) -> f64 {
    let mut worker = engine.worker();
    let mut all = || {
        for document in documents {
            worker.set_input(document);
            assert_eq!(worker.evaluate("data.main.deny").error, None);
        }
    };
    all();
    let (start, mut rounds) = (Instant::now(), 0u32);
    while start.elapsed() < TIME {
        all();
        rounds += 1;
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds) / documents.len() as f64
}
