//! Small policies with what OPA made of them (`opa eval`): a value, undefined, or its class of error. Sets are arrays
//! there, as OPA prints them. New cases are recorded with OPA 1.22.3; the first 396 were with 1.20.2.

use std::fs;
use std::path::Path;

use kpolicy_rego::eval::Settings;
use kpolicy_rego::program::{Options, Program, Source};
use kpolicy_rego::syntax::tree::Dialect;
use kpolicy_value::Value;
use serde_json::{Value as Json, json};

#[test]
fn every_recorded_case_gives_what_opa_gave() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opa/cases.jsonl");
    let lines = fs::read_to_string(path).expect("the cases are there");
    let cases = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case is JSON"));
    let wrong: Vec<String> = cases.filter_map(|case: Json| difference(&case)).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn difference(case: &Json) -> Option<String> {
    let gives = judge(case);
    (normal(&gives) != normal(&case["gives"]))
        .then(|| format!("{}: {gives} instead of {}", case["note"], case["gives"]))
}

fn judge(case: &Json) -> Json {
    let dialect = if case["v0"] == true { Dialect::V0 } else { Dialect::V1 };
    let modules = case["modules"].as_array().expect("a case has modules");
    let sources: Vec<Source> = modules
        .iter()
        .map(|module| Source {
            text: module.as_str().expect("a module is a text"),
            dialect,
        })
        .collect();
    let program = match Program::compile(&sources, Options::default()) {
        Ok(program) => program,
        Err(faults) => return json!({"error": faults[0].code.name()}),
    };
    let settings = Settings {
        strict_builtins: false,
        ..Settings::default()
    };
    let data = case
        .get("data")
        .map_or_else(|| Value::object(Vec::new()), Value::from_json);
    let mut evaluation = program.evaluation(data, settings);
    evaluation.set_input(case.get("input").map(Value::from_json));
    let query = case["query"].as_str().expect("a case has a query");
    let path: Vec<&str> = query.split('.').skip(1).collect();
    match evaluation.evaluate(&path) {
        Ok(Some(value)) => json!({"value": value.to_json()}),
        Ok(None) => json!({"undefined": true}),
        Err(error) => json!({"error": error.code.name()}),
    }
}

/// The value with the keys of objects in one order.
fn normal(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(normal).collect(),
        Json::Object(entries) => {
            let mut sorted: Vec<(String, Json)> = entries
                .iter()
                .map(|(key, value)| (key.clone(), normal(value)))
                .collect();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            sorted.into_iter().collect()
        }
        other => other.clone(),
    }
}
