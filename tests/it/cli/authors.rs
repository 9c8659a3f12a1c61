//! What authors of policies meet: METADATA, lints, data files that disagree, engines that differ.

use super::{project, run};

const INPUT: (&str, &str) = ("in.yaml", "a: 1\nb: 1\nname: x\n");

/// What `kpolicy check` prints for a policy, in one line for each finding.
fn checked(policy: &str) -> String {
    let policy = format!("{policy}\nwarn contains \"z\" if input.z\n");
    let root = project(&[("policy/p.rego", &policy)]);
    run(root.path(), "check -o compact policy")
}

#[test]
fn metadata_of_the_scope_document_holds_for_all_clauses_of_a_rule() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\n# METADATA\n# scope: document\n# custom:\n#   severity: critical\ndeny contains \"a\" if input.a == 1\n\ndeny contains \"b\" if input.b == 1\n",
        ),
        INPUT,
    ]);
    let report = run(root.path(), "test -o json in.yaml");
    let json = report.split("---\n").next().expect("standard output");
    let report: serde_json::Value = serde_json::from_str(json).expect("the report is JSON");
    let failures = report[0]["failures"].as_array().expect("failures");
    let severities: Vec<_> = failures.iter().map(|failure| failure["severity"].as_str()).collect();
    assert_eq!(severities, [Some("critical"), Some("critical")]);
}

#[test]
fn data_files_that_disagree_are_reported_with_both_locations() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\ndeny contains \"x\" if data.limits.cpu == input.a\n",
        ),
        ("one/limits.yaml", "# The first file\ncpu: 1\n"),
        ("two/limits.yaml", "memory: 1\ncpu: 2\n"),
        INPUT,
    ]);
    insta::assert_snapshot!(
        "data_conflict",
        run(root.path(), "test -d one/limits.yaml -d two/limits.yaml in.yaml")
    );
}

#[test]
fn a_name_that_is_almost_a_rule_is_reported() {
    for name in ["dney", "denny", "deyn_root", "warning", "wran", "violatoin"] {
        let found = checked(&format!("package main\n\n{name} contains \"x\" if input.a == 1\n"));
        assert!(
            found.contains("policy/p.rego:3:1: deny[misspelled-rule]"),
            "{name}: {found}"
        );
    }
    for name in ["allow", "done", "want", "names", "violates_nothing"] {
        let found = checked(&format!(
            "package main\n\n{name} contains \"x\" if input.a == 1\n\ndeny contains \"y\" if \"z\" in {name}\n"
        ));
        assert!(!found.contains("misspelled-rule"), "{name}: {found}");
    }
}

#[test]
fn a_negation_over_what_may_be_missing_is_reported_however_it_is_bound() {
    let policy = |statements: &str| format!("package main\n\ndeny contains \"x\" if {{\n\t{statements}\n}}\n");
    for statements in [
        "not startswith(input.image, \"r/\")",
        "image := input.image\n\tnot startswith(image, \"r/\")",
        "image = input.image\n\tnot startswith(image, \"r/\")",
        "input.image = image\n\tnot startswith(image, \"r/\")",
        "image := lower(input.image)\n\tnot startswith(image, \"r/\")",
    ] {
        let found = checked(&policy(statements));
        let is_bound = statements.contains('=');
        assert_eq!(found.contains("negated-undefined"), !is_bound, "{statements}: {found}");
    }
    for statements in [
        "input.image\n\tnot startswith(input.image, \"r/\")",
        "not startswith(object.get(input, \"image\", \"\"), \"r/\")",
        "is_string(input.image)\n\tnot startswith(input.image, \"r/\")",
    ] {
        let found = checked(&policy(statements));
        assert!(!found.contains("negated-undefined"), "{statements}: {found}");
    }
}

#[cfg(feature = "engine-regorus")]
#[test]
fn engines_that_differ_are_an_error() {
    // regorus counts with doubles.
    let policy = "package main\n\ndeny contains msg if {\n\tinput.a\n\tmsg := sprintf(\"%v\", [0.1 + 0.2])\n}\n";
    let root = project(&[("policy/p.rego", policy), INPUT]);
    let own = run(root.path(), "test -o compact in.yaml");
    assert_eq!(own, "in.yaml:1:4: deny[main/deny] 0.3\n---\n--- exit code 1\n");
    let regorus = run(root.path(), "test -o compact --engine regorus in.yaml");
    assert!(regorus.contains("0.30000000000000004"), "{regorus}");
    insta::assert_snapshot!("engines_differ", run(root.path(), "test --engine both in.yaml"));
}

#[cfg(feature = "engine-regorus")]
#[test]
fn an_error_of_regorus_has_a_location() {
    let policy = "package main\n\ndeny contains \"x\" if {\n\tinput.a\n\tto_number(input.name) == 1\n}\n";
    let root = project(&[("policy/p.rego", policy), INPUT]);
    insta::assert_snapshot!("regorus_error", run(root.path(), "test --engine regorus in.yaml"));
}
