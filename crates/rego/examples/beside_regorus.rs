//! The same policy and input in this engine and in the crate regorus: `cargo run -p kpolicy-rego --example beside_regorus`.

use std::error::Error;
use std::io::Write;

use kpolicy_rego::{Dialect, Options, Program, Settings, Source, Value};

const POLICY: &str = r#"package kubernetes

deny contains msg if {
	some container in input.spec.containers
	not startswith(container.image, data.registry)
	msg := sprintf("container %s uses the image %s", [container.name, container.image])
}
"#;
const DATA: &str = r#"{"registry": "registry.example.com/"}"#;
const INPUT: &str = r#"{"spec": {"containers": [
	{"name": "app", "image": "registry.example.com/app:1.2"},
	{"name": "proxy", "image": "docker.io/envoy:1.30"}
]}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    writeln!(out, "kpolicy-rego: {}", with_kpolicy()?)?;
    writeln!(out, "regorus:      {}", with_regorus()?)?;
    Ok(())
}

fn with_kpolicy() -> Result<String, Box<dyn Error>> {
    let (text, dialect) = (POLICY, Dialect::V1);
    let program = Program::compile(&[Source { text, dialect }], Options::default())?;
    let value = |text: &str| serde_json::from_str(text).map(|json: serde_json::Value| Value::from_json(&json));
    let mut evaluation = program.evaluation(value(DATA)?, Settings::default());
    evaluation.set_input(Some(value(INPUT)?));
    let denied = evaluation.evaluate(&["kubernetes", "deny"])?;
    Ok(denied.map_or_else(|| "undefined".to_owned(), |value| value.to_json().to_string()))
}

fn with_regorus() -> Result<String, Box<dyn Error>> {
    let mut engine = regorus::Engine::new();
    engine.add_policy("policy.rego".to_owned(), POLICY.to_owned())?;
    engine.add_data(regorus::Value::from_json_str(DATA)?)?;
    engine.set_input(regorus::Value::from_json_str(INPUT)?);
    Ok(engine.eval_rule("data.kubernetes.deny".to_owned())?.to_json_str()?)
}
