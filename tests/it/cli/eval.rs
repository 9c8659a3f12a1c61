//! `kpolicy eval` beside the recorded answers of `opa eval`, and its prompt without a terminal.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{project, run};
use crate::common::kpolicy;

/// The folder of the recorded answers.
fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval")
}

/// The arguments of a recorded query.
fn arguments<'a>(query: &'a str, format: &'a str) -> [&'a str; 10] {
    [
        "eval",
        "-i",
        "input.json",
        "-d",
        "policy.rego",
        "-d",
        "data.json",
        "-f",
        format,
        query,
    ]
}

/// Each recorded query, its format, and what OPA printed.
fn cases() -> Vec<(String, String, String)> {
    let text = fs::read_to_string(folder().join("cases.jsonl")).expect("the answers are there");
    let case = |line: &str| {
        let case: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |key: &str| case[key].as_str().expect("it is a string").to_owned();
        (text("query"), text("format"), text("printed"))
    };
    text.lines().map(case).collect()
}

#[test]
fn answers_are_those_of_opa() {
    let mut differ = Vec::new();
    for (query, format, printed) in cases() {
        let output = kpolicy()
            .args(arguments(&query, &format))
            .current_dir(folder())
            .output();
        let output = output.expect("kpolicy runs");
        let text = String::from_utf8_lossy(&output.stdout);
        if text != printed {
            let notes = String::from_utf8_lossy(&output.stderr);
            differ.push(format!("{query} as {format}: {text}{notes}instead of {printed}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
#[ignore = "needs opa"]
fn the_recorded_answers_are_those_of_this_opa() {
    for (query, format, printed) in cases() {
        let output = Command::new("opa")
            .args(arguments(&query, &format))
            .current_dir(folder())
            .output();
        let text = output.expect("opa runs").stdout;
        assert_eq!(String::from_utf8_lossy(&text), printed, "{query} as {format}");
    }
}

const MANIFEST: &str = "kind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - image: nginx\n";
const POLICY: &str = "package main\n\ndeny contains msg if {\n\tprint(\"seen\", input.kind)\n\tsome container in input.spec.containers\n\tmsg := sprintf(\"%s has no tag\", [container.image])\n}\n";

#[test]
fn inputs_of_every_format_policies_and_exit_codes() {
    let root = project(&[
        ("in.yaml", MANIFEST),
        ("two.yaml", "a: 1\n---\na: 2\n"),
        ("main.tf", "resource \"a\" \"b\" {\n  n = 1\n}\n"),
        ("policy/p.rego", POLICY),
        ("rules/q.rego", "package q\n\nx := data.limits.n\n"),
        ("rules/limits.json", "{\"limits\": {\"n\": 7}}"),
    ]);
    let eval = |arguments: &str| run(root.path(), &format!("eval {arguments}"));
    assert_eq!(
        eval("data.main.deny -i in.yaml -f raw"),
        "[\"nginx has no tag\"]\n---\npolicy/p.rego:4: seen Pod\n--- exit code 0\n"
    );
    assert_eq!(eval("input[_].a -i two.yaml -f raw"), "1\n2\n---\n--- exit code 0\n");
    assert_eq!(
        eval("input.resource.a.b -i main.tf -f raw"),
        "[{\"n\":1}]\n---\n--- exit code 0\n"
    );
    assert_eq!(eval("data.q.x -d rules -f raw"), "7\n---\n--- exit code 0\n");
    let code = |arguments: &str| eval(arguments).lines().last().unwrap_or_default().to_owned();
    assert_eq!(code("--fail input.a -i in.yaml"), "--- exit code 1");
    assert_eq!(code("--fail input.kind -i in.yaml"), "--- exit code 0");
    assert_eq!(code("--fail-defined input.kind -i in.yaml"), "--- exit code 1");
    assert_eq!(code("--fail-defined input.a -i in.yaml"), "--- exit code 0");
    assert_eq!(code("input.a -i missing.yaml"), "--- exit code 2");
}

#[test]
fn errors_of_a_query_are_at_their_place_in_it() {
    let root = project(&[("in.yaml", MANIFEST)]);
    for (name, query) in [
        ("unsafe", "input.kind;x"),
        ("parse", "x:="),
        ("module", "true}other{true"),
        ("types", "count(1)"),
        ("unknown", "contians(input.kind,\"P\")"),
        ("clock", "time.now_ns()"),
    ] {
        insta::assert_snapshot!(
            format!("eval_{name}"),
            run(root.path(), &format!("eval -f pretty {query}"))
        );
    }
    insta::assert_snapshot!("eval_json_error", run(root.path(), "eval input.kind;x"));
}

#[test]
fn a_prompt_takes_queries_and_commands() {
    let root = project(&[
        ("in.yaml", MANIFEST),
        ("rules/p.rego", POLICY),
        ("broken.rego", "package p\n\nx if {\n"),
    ]);
    let lines = "1 + 1\n:input in.yaml\ninput.kind\n[c |\n  some c in input.spec.containers\n]\n:load rules\ncount(data.main.deny)\n:load broken.rego\n:format json\ncount(data.main.deny)\n:inptu in.yaml\n:input\n:format raw\n:trace\ninput.kind == \"Pod\"\n:quit\n1\n";
    let mut child = kpolicy()
        .arg("eval")
        .current_dir(root.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kpolicy runs");
    let mut stdin = child.stdin.take().expect("it has standard input");
    stdin.write_all(lines.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let (text, notes) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    insta::assert_snapshot!("eval_prompt", format!("{text}---\n{notes}"));
}
