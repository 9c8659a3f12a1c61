//! `--trace`: how each rule was evaluated, folded to what decided.

use insta::assert_snapshot;

use super::{project, run};

/// Clauses that find something, and clauses that fail in each way that there is.
const POLICY: &str = r#"package main

deny contains msg if {
	input.kind == "Deployment"
	some container in input.spec.containers
	not container.resources.limits
	msg := sprintf("%s has no limits", [container.name])
}

deny contains msg if {
	every container in input.spec.containers {
		container.resources.limits.memory
		not endswith(container.image, ":latest")
	}
	msg := "never"
}

deny contains "replicas" if {
	needed := 3
	not is_enough(input.spec, needed)
}

deny contains sprintf("%s", [input.metadata.labels.team]) if is_named

deny contains "mutable" if count(mutable) > 1

deny contains "port" if {
	some i
	input.spec.containers[i].ports[_].hostPort == 80
}

is_enough(spec, needed) if spec.replicas >= needed

is_enough(spec, _) if spec.autoscaled

default is_named := false

is_named if input.metadata.name == "web"

mutable contains container.image if {
	some container in input.spec.containers
	endswith(container.image, ":latest")
}

warn contains "another kind" if input.kind == "Pod"
"#;

const INPUT: &str = "\
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  containers:
    - name: a
      image: nginx:1
      resources:
        limits: {memory: 1Gi}
    - name: b
      image: nginx:latest
";

fn project_of_policy() -> tempfile::TempDir {
    project(&[("policy/main.rego", POLICY), ("in.yaml", INPUT)])
}

#[test]
fn a_trace_is_folded_to_what_decided() {
    assert_snapshot!(run(project_of_policy().path(), "test -o compact --trace in.yaml"));
}

#[test]
fn no_line_of_a_trace_is_wider_than_a_terminal() {
    let words = "test -o compact --policy policy --profile strict --trace in.yaml";
    let found = run(project_of_policy().path(), words);
    let traces = found.split_once("trace: ").expect("a trace").1;
    let traces = traces.lines().filter(|line| line.starts_with("  "));
    let widest = traces.map(|line| line.chars().count()).max();
    assert!(
        widest.is_some_and(|widest| (90..=100).contains(&widest)),
        "{widest:?}: {found}"
    );
}

#[test]
fn traces_of_one_outcome_are_shown_alone() {
    let root = project_of_policy();
    let traced = |words: &str| -> Vec<String> {
        let found = run(root.path(), &format!("test -o compact {words} in.yaml"));
        let rules = found.lines().filter(|line| line.starts_with("  main/"));
        rules.map(|line| line.trim().to_owned()).collect()
    };
    assert_eq!(traced("--trace-only failed"), ["main/deny: found 2 results"]);
    assert_eq!(traced("--trace-only silent"), ["main/warn: found nothing"]);
    assert_eq!(traced("--trace --trace-rule main/warn"), ["main/warn: found nothing"]);
    assert_eq!(traced("--trace=false --trace-only silent"), [""; 0]);
    let found = run(root.path(), "test -o compact --trace=full --trace-only silent in.yaml");
    assert!(
        found.contains("Enter data.main.warn") && !found.contains("Enter data.main.deny"),
        "{found}"
    );
    let found = run(root.path(), "test --trace=some in.yaml");
    assert!(
        found.contains("[possible values: folded, full, true, false]"),
        "{found}"
    );
}

#[test]
fn conftests_users_get_the_long_form() {
    let found = run(project_of_policy().path(), "test --compat conftest --trace in.yaml");
    assert!(found.contains("| Enter data.main.deny"), "{found}");
}

#[test]
fn a_trace_says_where_an_error_stopped_it() {
    let policy = "package main\n\ndeny contains \"a\" if {\n\tsome name in input.names\n\tto_number(name) > 1\n}\n";
    let root = project(&[("policy/main.rego", policy), ("in.yaml", "names: [x]\n")]);
    assert_snapshot!(run(root.path(), "test -o compact --trace in.yaml"));
}

#[test]
fn a_trace_goes_to_its_file() {
    let root = project_of_policy();
    let found = run(root.path(), "test -o compact --trace-file trace.txt in.yaml");
    assert!(!found.contains("trace:"), "{found}");
    let trace = std::fs::read_to_string(root.path().join("trace.txt")).expect("a trace");
    assert!(
        trace.starts_with("trace: in.yaml\n  main/deny: found 2 results\n"),
        "{trace}"
    );
}

#[test]
fn a_profile_counts_rules_and_lines() {
    let tests = "package main_test\n\ntest_silent if count(data.main.warn) == 0 with input as {\"kind\": \"Job\"}\n";
    let root = project(&[
        ("policy/main.rego", POLICY),
        ("policy/main_test.rego", tests),
        ("in.yaml", INPUT),
    ]);
    let profile = |words: &str| -> serde_json::Value {
        run(
            root.path(),
            &format!("{words} --profile-rules=json --profile-file profile.json"),
        );
        let text = std::fs::read_to_string(root.path().join("profile.json")).expect("a profile");
        serde_json::from_str(&text).expect("JSON")
    };
    let evaluations = |profile: &serde_json::Value, line: u64| {
        let lines = profile["lines"].as_array().expect("lines");
        let found = lines
            .iter()
            .find(|known| known["line"] == line && known["text"] != "deny contains msg");
        found.map(|known| known["evaluations"].as_u64().expect("a number"))
    };
    let of_test = profile("test -o compact in.yaml");
    // The statement after `some container in …` is evaluated for each of the two.
    assert_eq!((evaluations(&of_test, 5), evaluations(&of_test, 6)), (Some(1), Some(2)));
    let rules = of_test["rules"].as_array().expect("rules");
    assert!(
        rules
            .iter()
            .any(|rule| rule["rule"] == "data.main.is_enough" && rule["evaluations"] == 1),
        "{of_test}"
    );
    let times: Vec<u64> = rules.iter().filter_map(|rule| rule["time_ns"].as_u64()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let of_verify = profile("verify");
    let rules = of_verify["rules"].as_array().expect("rules");
    assert!(
        rules.iter().any(|rule| rule["rule"] == "data.main_test.test_silent"),
        "{of_verify}"
    );
    let found = run(root.path(), "test -o compact --profile-rules in.yaml");
    assert!(found.contains("      time  evaluations  rule\n"), "{found}");
}
