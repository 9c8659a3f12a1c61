//! Those who read the outputs: their schemas, their limits, their browsers.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use kpolicy::report::Style;
use serde_json::{Value as Json, json};

use super::hard::hard;
use super::{PROJECT, printed, project, read, written};
use crate::common::projects::empty;

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name);
    let text = fs::read_to_string(path).expect("the schema is there");
    jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema")
}

fn holds(schema: &jsonschema::Validator, document: &Json, case: &str) {
    let faults: Vec<String> = schema
        .iter_errors(document)
        .map(|fault| fault.to_string())
        .take(5)
        .collect();
    assert!(faults.is_empty(), "{case}: {faults:?}");
}

#[test]
fn machines_can_read_what_is_hard_to_write() {
    let (sarif, gitlab) = (schema("sarif-2.1.0.json"), schema("gitlab-codeclimate.json"));
    let own = schema("kpolicy-output.json");
    for (case, root, words) in hard() {
        written(root.path(), &words);
        let json = |style| serde_json::from_str::<Json>(&read(root.path(), style)).expect("JSON");
        let found = json(Style::Sarif);
        holds(&sarif, &found, case);
        let run = &found["runs"][0];
        let judged = run["invocations"][0]["executionSuccessful"].as_bool();
        assert_eq!(
            judged,
            Some(!matches!(case, "errors" | "waived" | "unusable")),
            "{case}"
        );
        let results = run["results"].as_array().expect("results");
        if case == "many" {
            assert_eq!(results.len(), 500);
            let scores: HashSet<String> = run["tool"]["driver"]["rules"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|rule| rule["properties"]["security-severity"].to_string())
                .collect();
            assert_eq!(scores.len(), 5, "{scores:?}");
        }
        let entries = json(Style::Gitlab);
        let entries = entries.as_array().expect("entries");
        entries.iter().for_each(|entry| holds(&gitlab, entry, case));
        let known: HashSet<&str> = entries
            .iter()
            .filter_map(|entry| entry["fingerprint"].as_str())
            .collect();
        assert_eq!(
            known.len(),
            entries.len(),
            "{case}: GitLab shows one entry of each fingerprint"
        );
        holds(&own, &json(Style::Json), case);
    }
}

/// GitHub refuses a file with more results: what is left out is the least grave, and told.
#[test]
fn sarif_holds_no_more_than_may_be_uploaded() {
    let policy = "package main\n\nwarn contains \"few\" if input.b\n\n\
        deny contains sprintf(\"%d\", [n]) if {\n\tsome n in numbers.range(1, input.b)\n}\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("most.yaml", "b: 24999\n"),
        ("more.yaml", "b: 25001\n"),
    ]);
    let run = |file: &str| -> Json {
        let (text, code) = printed(root.path(), &["test", "-o", "sarif", file]);
        assert_eq!(code, 1);
        serde_json::from_str::<Json>(&text).expect("JSON")["runs"][0].take()
    };
    let told = |run: &Json| run["invocations"][0]["toolExecutionNotifications"].clone();
    let of = |run: &Json, rule: &str| {
        let results = run["results"].as_array().expect("results").iter();
        results.filter(|result| result["ruleId"] == rule).count()
    };
    let all = run("most.yaml");
    assert_eq!(
        (of(&all, "main/deny"), of(&all, "main/warn"), told(&all)),
        (24_999, 1, json!([]))
    );
    let cut = run("more.yaml");
    assert_eq!((of(&cut, "main/deny"), of(&cut, "main/warn")), (25_000, 0));
    let text = "2 results omitted, the least severe: a SARIF run is limited to 25000 results";
    assert_eq!(told(&cut), json!([{"level": "warning", "message": {"text": text}}]));
}

/// Tells of what is not tried here; the tests' own macros would be silent.
fn skipped(lacking: &str) {
    writeln!(io::stderr(), "SKIPPED: {lacking} is not installed").expect("standard error is open");
}

#[test]
fn junit_is_of_jenkins_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/junit-10.xsd");
    if Command::new("xmllint").arg("--version").output().is_err() {
        skipped("xmllint");
        return;
    }
    for (case, root, words) in hard() {
        written(root.path(), &words);
        let checked = Command::new("xmllint")
            .args(["--noout", "--huge", "--nonet", "--schema"])
            .arg(&schema)
            .arg(root.path().join("out.junit"))
            .output()
            .expect("xmllint runs");
        assert!(
            checked.status.success(),
            "{case}: {}",
            String::from_utf8_lossy(&checked.stderr)
        );
    }
}

/// The page's script filters, also under the page's own rules for scripts.
#[test]
fn the_page_works_in_a_browser() {
    if Command::new("chromium").arg("--version").output().is_err() {
        skipped("chromium");
        return;
    }
    let root = project(&PROJECT);
    written(root.path(), &["deploy"]);
    let home = empty();
    let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                 --disable-component-update --disable-sync --dump-dom";
    let page = fs::canonicalize(root.path().join("out.html")).expect("the page");
    let address = format!("file://{}", page.display());
    let shown = Command::new("chromium")
        .args(flags.split_whitespace())
        .arg(format!("--user-data-dir={}", home.path().display()))
        .arg(&address)
        .output()
        .expect("chromium runs");
    let shown = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.contains("3 of 3 shown"), "the script ran: {shown}");
    assert!(
        shown.contains("<form id=\"filters\">"),
        "the filters are shown where the script runs"
    );
    let raw = read(root.path(), Style::Html);
    assert!(
        raw.contains("<form id=\"filters\" hidden>"),
        "and are not where it does not"
    );
}
