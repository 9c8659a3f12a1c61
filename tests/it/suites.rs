//! `kpolicy verify` beside `opa test`: the same tests with the same results, on our own suites and on those that
//! `OPA_SUITES` names: directories, separated by `:`, with `v0=` before those in Rego v0.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value as Json;

use crate::common::{kpolicy, program};

/// Suites of this repository: a suite that passes, and one with failures, errors, cases and tests that are skipped.
const OWN: [&str; 4] = ["policy", "examples/parameters/policy", "tests/proof", "tests/suites"];

/// What a test came to, with its cases.
fn outcome(entry: &Json) -> String {
    let word = match entry {
        _ if !entry["error"].is_null() => "error",
        _ if entry["skip"] == true => "skipped",
        _ if entry["fail"] == true => "fails",
        _ => "passes",
    };
    let cases = entry["sub_results"].as_object().into_iter().flatten();
    let cases: Vec<String> = cases.map(|(name, case)| format!("{name} {}", outcome(case))).collect();
    format!("{word} {}", cases.join(", ")).trim_end().to_owned()
}

/// What each test came to, by its place and name; or what the program said instead.
fn outcomes(command: &mut Command) -> Result<BTreeMap<String, String>, String> {
    let output = command.output().expect("it starts");
    let entries: Vec<Json> = match output.stdout.is_empty() {
        true if output.status.success() => Vec::new(),
        _ => {
            serde_json::from_slice(&output.stdout).map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?
        }
    };
    let named = entries.iter().map(|entry| {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let (file, row) = (text(&entry["location"]["file"]), &entry["location"]["row"]);
        // Which of two tests of one name in two files is the second depends on the order of the files.
        let name = text(&entry["name"]);
        let name = name.split('#').next().unwrap_or(&name);
        let name = format!("{}:{row}: {}.{name}", file, text(&entry["package"]));
        (name, outcome(entry))
    });
    Ok(named.collect())
}

/// How the two differ on a suite.
fn differences(suite: &str) -> (usize, Vec<String>) {
    let (v0, path) = match suite.strip_prefix("v0=") {
        Some(path) => (true, path),
        None => (false, suite),
    };
    let opa = std::env::var("OPA").unwrap_or_else(|_| "opa".to_owned());
    let mut theirs = program(&opa);
    theirs.args(["test", "--format", "json", path]);
    let mut ours = kpolicy();
    // OPA lets every test use the clock.
    ours.args(["verify", "-o", "json", "--opa-data", "--allow", "clock", path]);
    if v0 {
        theirs.arg("--v0-compatible");
        ours.args(["--rego-version", "v0"]);
    }
    match (outcomes(&mut theirs), outcomes(&mut ours)) {
        (Err(_), Err(_)) => (0, Vec::new()),
        (Err(theirs), Ok(_)) => (0, vec![format!("{path}: OPA refuses it: {theirs}")]),
        (Ok(_), Err(ours)) => (0, vec![format!("{path}: kpolicy refuses it: {ours}")]),
        (Ok(theirs), Ok(ours)) => {
            let names = theirs
                .keys()
                .chain(ours.keys())
                .collect::<std::collections::BTreeSet<_>>();
            let differs = names.iter().filter(|name| theirs.get(**name) != ours.get(**name));
            let said =
                |name: &&&String| format!("{name}: OPA {:?}, kpolicy {:?}", theirs.get(**name), ours.get(**name));
            (theirs.len(), differs.map(|name| said(&name)).collect())
        }
    }
}

#[test]
#[ignore = "needs OPA"]
fn tests_come_to_what_opa_says() {
    let named = std::env::var("OPA_SUITES").unwrap_or_default();
    let named = named.split(':').filter(|suite| !suite.is_empty());
    let mut wrong = Vec::new();
    for suite in OWN.into_iter().chain(named) {
        let (tests, differences) = differences(suite);
        println!("{suite}: {tests} tests, {} different", differences.len());
        wrong.extend(differences);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
