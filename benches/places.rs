//! What the places of findings cost, beside the parse and the evaluation that find them.
//!
//!     cargo run --profile dist --example places

#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use kpolicy::engine::own::{Origin, Own};
use kpolicy::engine::{Engine, Worker};
use kpolicy_parse::Format;
use kpolicy_rego::Dialect;
use kpolicy_rego::Settings;
use kpolicy_rego::{Options, Program, Source};
use kpolicy_value::Value;

/// How many documents are judged.
const DOCUMENTS: usize = 300;
/// How many containers a document has, each with one finding.
const CONTAINERS: usize = 10;

/// Helpers, comprehensions and conditions as policies have them.
const POLICY: &str = r#"package main

containers contains container if some container in input.spec.template.spec.containers

containers contains container if some container in input.spec.template.spec.initContainers

limit(container, name) := object.get(container, ["resources", "limits", name], "")

lacking(container) := {name | some name in ["cpu", "memory"]; limit(container, name) == ""}

deny contains msg if {
	input.kind == "Deployment"
	some container in containers
	count(lacking(container)) > 0
	not startswith(container.image, "trusted.example.com/")
	msg := sprintf("%s of %s has no limit of %v", [container.name, input.metadata.name, lacking(container)])
}
"#;

fn main() {
    let source = Source {
        text: POLICY,
        dialect: Dialect::V1,
    };
    let program = Program::compile(&[source], Options::default()).expect("the policy is sound");
    let origin = Origin {
        path: "policy.rego".to_owned(),
        text: POLICY.to_owned(),
        embedded: None,
    };
    let engine = Own::new(program, Value::object(Vec::new()), Settings::default(), [origin].into());
    let mut worker = engine.worker();
    let texts: Vec<String> = (0..DOCUMENTS).map(manifest).collect();
    round(worker.as_mut(), &texts);
    let (run, mut placing, findings) = round(worker.as_mut(), &texts);
    placing.sort();
    let total: Duration = placing.iter().sum();
    let each = |at: usize| placing[at].as_secs_f64() * 1e3 / CONTAINERS as f64;
    let size = texts.iter().map(String::len).sum::<usize>() / texts.len();
    println!("{findings} findings in {DOCUMENTS} documents of {size} bytes");
    println!(
        "a finding's place, in milliseconds: {:.4} in the median, {:.4} in the 99th percentile",
        each(placing.len() / 2),
        each(placing.len() * 99 / 100)
    );
    println!(
        "all places took {:.2} times as long as parsing and evaluating",
        total.as_secs_f64() / run.as_secs_f64()
    );
}

/// How long parsing and evaluating all documents took, how long each document's places, and how many findings there are.
fn round(worker: &mut dyn Worker, texts: &[String]) -> (Duration, Vec<Duration>, usize) {
    let (mut run, mut placing, mut findings) = (Duration::ZERO, Vec::new(), 0);
    for text in texts {
        let start = Instant::now();
        let nodes = Format::Yaml.parse(text).expect("the manifest is sound");
        worker.set_input(&nodes[0].value);
        let value = worker.evaluate("data.main.deny").value;
        run += start.elapsed();
        assert!(matches!(value, Some(Value::Set(found)) if found.len() == CONTAINERS));
        let start = Instant::now();
        let spoken = worker.locations("data.main.deny").expect("nothing fails");
        placing.push(start.elapsed());
        findings += spoken.iter().filter(|(_, ways)| !ways.is_empty()).count();
    }
    (run, placing, findings)
}

/// A Deployment without limits.
fn manifest(at: usize) -> String {
    let mut text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop-{at}\n  labels: {{app: shop}}\nspec:\n  replicas: \
         3\n  template:\n    spec:\n      containers:\n"
    );
    for container in 0..CONTAINERS {
        write!(
            text,
            "        - name: container-{container}\n          image: registry.example.com/team/app-{container}:1.{at}\n          \
             env:\n            - {{name: MODE, value: fast}}\n            - {{name: LEVEL, value: info}}\n          \
             ports:\n            - containerPort: 80{container}0\n          resources:\n            requests: {{cpu: \
             100m}}\n"
        )
        .expect("a string takes what is written");
    }
    text
}
