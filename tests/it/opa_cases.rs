//! Small policies with what OPA made of them (`opa eval`): a value, undefined, or its class of error. Sets are arrays
//! there, as OPA prints them. All are recorded with OPA 1.22.3. In a known difference, `differs` is what kpolicy
//! gives instead: docs/fidelity.md tells of them.

use std::fs;
use std::path::Path;

use kpolicy_rego::Dialect;
use kpolicy_rego::Settings;
use kpolicy_rego::{Options, Program, Source};
use kpolicy_value::Value;
use serde_json::{Value as Json, json};

/// How many of the cases are known to differ.
const KNOWN: usize = 6;

#[test]
fn every_recorded_case_gives_what_opa_gave() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opa/cases.jsonl");
    let lines = fs::read_to_string(path).expect("the cases are there");
    let cases = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case is JSON"));
    let cases: Vec<Json> = cases.collect();
    let known = cases.iter().filter(|case| case.get("differs").is_some());
    assert_eq!(known.count(), KNOWN, "the known differences");
    let wrong: Vec<String> = cases.iter().filter_map(difference).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn difference(case: &Json) -> Option<String> {
    let gives = judge(case);
    if let Some(known) = case.get("differs") {
        assert_ne!(normal(known), normal(&case["gives"]), "{}", case["note"]);
        let words = "is no longer the known difference";
        return (normal(&gives) != normal(known)).then(|| format!("{}: {gives} {words} {known}", case["note"]));
    }
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
