//! What is printed, and that nothing of it is what it seems not to be.

use std::fs;

use super::{POLICY, project, run};

#[test]
fn a_finding_is_shown_at_its_place() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "b: true\na: 2\n---\na: 1\n")]);
    insta::assert_snapshot!("text", run(root.path(), "test in.yaml"));
    insta::assert_snapshot!("compact", run(root.path(), "test -o compact in.yaml"));
    insta::assert_snapshot!("stdout", run(root.path(), "test -o stdout in.yaml"));
    insta::assert_snapshot!("json", run(root.path(), "test -o json in.yaml"));
}

/// For audits: what held, by name. A rule that found something in one document of a file, was waived or failed did not
/// hold there, and one that applies to no document is not in question.
#[test]
fn rules_that_held_are_listed_by_name() {
    let policy = r#"package main

deny contains "a is 2" if input.a == 2

deny_port contains "no port" if not input.port

deny_kind contains "a secret" if {
	input.kind == "Secret"
	input.type == "x"
}

deny_fails contains "fails" if to_number(input.text) > 3

warn_waived contains "waived" if input.a

exception contains ["waived"]
"#;
    let files = [
        ("policy/p.rego", policy),
        ("in/good.yaml", "port: 1\na: 1\n"),
        ("in/mixed.yaml", "port: 1\na: 1\n---\na: 2\nport: 1\n"),
        ("in/text.yaml", "port: 1\ntext: words\n"),
    ];
    let root = project(&files);
    for style in ["text", "json", "junit"] {
        let shown = run(root.path(), &format!("test -o {style} --show-passed in"));
        insta::assert_snapshot!(format!("passed_{style}"), shown);
    }
    let together = run(root.path(), "test --show-passed --combine in");
    insta::assert_snapshot!("passed_combined", together);
}

#[test]
fn a_message_reaches_no_terminal_raw() {
    let policy = "package main\n\ndeny contains \"a\\nb\\u001b[31mc\"\n";
    let root = project(&[("policy/p.rego", policy), ("in.yaml", "a: 1\n")]);
    insta::assert_snapshot!("hostile_compact", run(root.path(), "test -o compact in.yaml"));
    insta::assert_snapshot!("hostile_text", run(root.path(), "test in.yaml"));
}

#[cfg(unix)]
#[test]
fn a_file_name_reaches_no_terminal_raw_and_breaks_no_line() {
    let name = "ev\u{1b}[31m\nil.yaml";
    let root = project(&[("policy/p.rego", POLICY), (&format!("in/{name}"), "a: [\n")]);
    fs::write(root.path().join("in/good.yaml"), "a: 2\n").expect("a file");
    for style in ["text", "compact", "stdout"] {
        let found = run(root.path(), &format!("test -o {style} in"));
        assert!(
            !found.contains('\u{1b}') && !found.contains("\nil.yaml"),
            "{style}: {found}"
        );
        assert!(
            found.contains("ev\\u{1b}[31m\\nil.yaml does not parse"),
            "{style}: {found}"
        );
    }
}

#[test]
fn help_says_everything() {
    let root = project(&[]);
    insta::assert_snapshot!("help", run(root.path(), "--help"));
    insta::assert_snapshot!("help_test", run(root.path(), "test --help"));
    insta::assert_snapshot!("help_parse", run(root.path(), "parse --help"));
    insta::assert_snapshot!("help_list", run(root.path(), "list --help"));
    insta::assert_snapshot!("help_explain", run(root.path(), "explain --help"));
    insta::assert_snapshot!("help_why", run(root.path(), "why --help"));
    insta::assert_snapshot!("help_doc", run(root.path(), "doc --help"));
    insta::assert_snapshot!("help_baseline", run(root.path(), "baseline --help"));
    insta::assert_snapshot!("help_waivers", run(root.path(), "waivers --help"));
    insta::assert_snapshot!("help_diff_policies", run(root.path(), "diff-policies --help"));
}

#[test]
fn two_runs_print_the_same_with_one_job_or_many() {
    let files: Vec<(String, String)> = (0..40)
        .map(|index| (format!("in/{index}.yaml"), format!("a: {index}\nb: 1\n")))
        .collect();
    let mut all: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    all.push(("policy/p.rego", POLICY));
    let root = project(&all);
    assert_eq!(
        run(root.path(), "test --jobs 1 in"),
        run(root.path(), "test --jobs 8 in")
    );
}
