//! What is read, and as what.

use std::fs;
use std::process::Command;

use super::{POLICY, project, run, run_with};

#[test]
fn a_blank_file_is_judged_beside_others_and_is_nothing_alone() {
    let policy = "package main\n\ndeny contains \"no version\" if not input.terraform\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("blank.tf", "# later\n"),
        ("good.tf", "terraform {}\n"),
    ]);
    let found = run(root.path(), "test -o compact blank.tf good.tf");
    assert!(
        found.starts_with("blank.tf:") && found.ends_with("--- exit code 1\n"),
        "{found}"
    );
    assert!(run(root.path(), "test --combine blank.tf").ends_with("--- exit code 2\n"));
}

#[test]
fn standard_input_is_yaml_unless_said_otherwise() {
    let root = project(&[("policy/p.rego", POLICY)]);
    insta::assert_snapshot!("stdin", run_with(root.path(), "test -o compact -", "a: 2\n", &[]));
    assert!(run_with(root.path(), "test --parser json -", "{\"a\": 2}", &[]).ends_with("--- exit code 1\n"));
}

#[test]
fn windows_made_files_are_judged_alike() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("plain.yaml", "b: 1\na: 2\n"),
        ("bom.yaml", "\u{feff}b: 1\r\na: 2\r\n"),
    ]);
    let wide: Vec<u8> = "\u{feff}b: 1\r\na: 2\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(root.path().join("wide.yaml"), wide).expect("a file");
    for file in ["plain.yaml", "bom.yaml", "wide.yaml"] {
        let found = run(root.path(), &format!("test -o compact {file}"));
        assert!(
            found.contains(&format!("{file}:2:4: deny[main/deny] a is 2")),
            "{found}"
        );
    }
}

#[test]
fn parse_prints_conftests_shape() {
    let root = project(&[("one.json", "{\"a\": [1]}"), ("two.yaml", "a: 1\n---\nb: 2\n")]);
    insta::assert_snapshot!("parse_one", run(root.path(), "parse one.json"));
    insta::assert_snapshot!("parse_two", run(root.path(), "parse one.json two.yaml"));
    insta::assert_snapshot!("parse_combined", run(root.path(), "parse --combine one.json two.yaml"));
}

#[test]
fn a_typed_list_is_judged_like_its_items() {
    let list =
        "kind: PodList\nitems:\n  - metadata: {name: web}\n    spec: {containers: [{name: web, image: nginx}]}\n";
    let root = project(&[("in.yaml", list)]);
    let found = run(root.path(), "test --library kubernetes/images -o compact in.yaml");
    assert!(
        found.starts_with("in.yaml:4:") && found.ends_with("--- exit code 1\n"),
        "{found}"
    );
}

/// A pipe that nobody writes to would be waited for without end.
#[cfg(unix)]
#[test]
fn a_pipe_is_refused_wherever_a_file_is_wanted() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "c: 1\n")]);
    for name in ["pipe.yaml", "pipe.rego", "pipe.toml"] {
        let made = Command::new("mkfifo").arg(root.path().join(name)).status();
        assert!(made.expect("mkfifo runs").success());
    }
    for words in [
        "test pipe.yaml",
        "test -d pipe.yaml in.yaml",
        "test -p pipe.rego in.yaml",
        "test --config pipe.toml in.yaml",
        "parse pipe.yaml",
    ] {
        let found = run(root.path(), words);
        assert!(
            found.contains("is no regular file") && found.ends_with("--- exit code 2\n"),
            "{words}: {found}"
        );
    }
}
