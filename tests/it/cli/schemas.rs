//! `--schema` and `schemas` in METADATA: what is an error where `opa check --schema` has one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{project, run};

/// Policies with schemas, each with the errors of `opa check --schema` of 1.22.3.
const CASES: &str = include_str!("../../opa/schemas.jsonl");

/// The case that differs: its schema refers to itself, and what is below it again may be anything.
const SELF_REFERENCE: &str = "ref3";

#[test]
fn what_no_schema_allows_is_an_error_where_opa_has_one() {
    let cases: Vec<Value> = CASES
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    let differing: Vec<String> = cases.iter().filter_map(difference).collect();
    assert_eq!(differing, [format!("{SELF_REFERENCE}: [4], not []")]);
    assert!(cases.len() > 90);
}

/// The lines of OPA's errors and ours, where they are not the same.
fn difference(case: &Value) -> Option<String> {
    let text = |key: &str| case[key].as_str().expect("a string");
    let schemas = case["schemas"].as_object().expect("an object");
    let named: Vec<(String, String)> = schemas
        .iter()
        .map(|(path, schema)| match path.as_str() {
            "" => ("input.json".to_owned(), schema.to_string()),
            path => (format!("schemas/{path}.json"), schema.to_string()),
        })
        .collect();
    let mut files: Vec<(&str, &str)> = named
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    files.push(("p.rego", text("policy")));
    let root = project(&files);
    let option = match (schemas.contains_key(""), schemas.is_empty()) {
        (true, _) => "--schema input.json",
        (false, false) => "--schema schemas",
        (false, true) => "",
    };
    let said = run(root.path(), &format!("check -o compact {option} p.rego"));
    // A schema that cannot be used has no line.
    let own: BTreeSet<usize> = match said.ends_with("exit code 2\n") {
        true => [0].into(),
        false => said
            .lines()
            .filter_map(|line| line_of(line.strip_prefix("p.rego:")?))
            .collect(),
    };
    let errors = case["opa"].as_array().expect("a list");
    let opas = errors.iter().filter_map(Value::as_str);
    let opas: BTreeSet<usize> = opas.map(|error| line_of(error).unwrap_or_default()).collect();
    (own != opas).then(|| {
        format!(
            "{}: {:?}, not {:?}",
            text("name"),
            Vec::from_iter(opas),
            Vec::from_iter(own)
        )
    })
}

fn line_of(text: &str) -> Option<usize> {
    text.split(':').next()?.parse().ok()
}

const MISSPELLED: &str = "package main\n\n# METADATA\n# schemas:\n#  - input: schema.kubernetes[\"apps/v1\"].Deployment\ndeny contains \"x\" if {\n\tsome container in input.spec.template.spec.containers\n\tcontainer.securityContext.runAsNonRot == false\n}\n\n# METADATA\n# schemas:\n#  - input: schema.kubernetes.Pod\nwarn contains \"y\" if input.spec.nodeName == \"a\"\n";

#[test]
fn fields_that_kubernetes_does_not_have_are_errors() {
    let root = project(&[("policy/p.rego", MISSPELLED), ("a.yaml", "a: 1\n")]);
    insta::assert_snapshot!("schema_kubernetes", run(root.path(), "check policy"));
    // A run reads them where it is asked to.
    let code = |said: String| said.lines().last().unwrap_or_default().to_owned();
    assert_eq!(code(run(root.path(), "test a.yaml")), "--- exit code 0");
    assert_eq!(code(run(root.path(), "test --schema . a.yaml")), "--- exit code 2");
}

#[test]
fn the_library_is_not_checked_with_a_schema_of_input() {
    let schema = "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"number\"}}}";
    let policy = "package main\n\ndeny contains \"x\" if input.b\n";
    let root = project(&[("s.json", schema), ("a.yaml", "a: 1\n"), ("policy/p.rego", policy)]);
    let said = run(root.path(), "test --schema s.json --profile default -p policy a.yaml");
    assert_eq!(said.matches("rego_type_error").count(), 1, "{said}");
    assert!(said.contains("policy/p.rego:3:22"), "{said}");
    // A directory without the schema that is named.
    std::fs::create_dir(root.path().join("none")).expect("it can be created");
    let named = format!(
        "# METADATA\n# schemas:\n#  - input: schema.a\n{}",
        &policy["package main\n\n".len()..]
    );
    std::fs::write(root.path().join("named.rego"), format!("package main\n\n{named}")).expect("it can be written");
    let said = run(root.path(), "check --schema none named.rego");
    assert!(said.contains("undefined schema: schema.a"), "{said}");
    let said = run(root.path(), "check named.rego");
    assert!(said.ends_with("exit code 0\n"), "{said}");
    let said = run(root.path(), "test --schema none.json -p policy a.yaml");
    assert!(said.contains("none.json") && said.ends_with("exit code 2\n"), "{said}");
    std::fs::write(root.path().join("s.json"), "{").expect("it can be written");
    let said = run(root.path(), "check --schema s.json policy");
    assert!(said.contains("s.json:1:2") && said.ends_with("exit code 2\n"), "{said}");
}
