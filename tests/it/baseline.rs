//! The baseline: a file of findings that fail no run.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::common::kpolicy;
use crate::common::projects::{Repository, project};

const POLICY: &str = r#"package main

deny contains sprintf("%s runs %s", [c.name, c.image]) if {
	some c in input.spec.containers
	not contains(object.get(c, "image", "@"), "@")
}
"#;

fn pod(name: &str, image: &str) -> String {
    format!("kind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n    - name: app\n      image: {image}\n")
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = kpolicy();
    command.args(arguments).current_dir(folder);
    command.output().expect("kpolicy runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn what_the_baseline_lists_fails_no_run() {
    let folder = project(&[
        ("policy/p.rego", POLICY),
        ("deploy/a.yaml", &pod("a", "app:1")),
        (
            "deploy/b.yaml",
            &format!(
                "{}---\nkind: [\"\"]\nspec: {{containers: [{{name: x, image: other}}]}}\n",
                pod("b", "app:1")
            ),
        ),
    ]);
    let at = |arguments: &[&str]| run(folder.path(), arguments);
    let written = at(&["baseline", "--write", "ci/baseline", "deploy"]);
    assert_eq!(
        written.status.code(),
        Some(2),
        "the folder is not there: {}",
        said(&written)
    );
    let written = at(&["baseline", "--write", "baseline", "deploy"]);
    assert_eq!(
        (written.status.code(), &*said(&written)),
        (Some(0), "wrote 3 entries to baseline\n")
    );
    let text = fs::read_to_string(folder.path().join("baseline")).expect("a baseline");
    insta::assert_snapshot!("baseline", text);
    fs::write(folder.path().join("kpolicy.toml"), "baseline = \"baseline\"\n").expect("settings");
    let clean = at(&["test", "-o", "text", "deploy"]);
    assert_eq!(clean.status.code(), Some(0), "{}", said(&clean));
    assert!(
        said(&clean).contains("compared with baseline: 0 new, 3 existing, 0 fixed\n"),
        "{}",
        said(&clean)
    );
    // The same from another folder; a new finding fails.
    fs::write(folder.path().join("deploy/c.yaml"), pod("c", "app:1")).expect("a file");
    let below = run(
        &folder.path().join("deploy"),
        &["test", "-p", "../policy", "-o", "compact", "."],
    );
    assert_eq!(below.status.code(), Some(1));
    assert!(
        said(&below).contains("c.yaml:6:14: deny[main/deny] app runs app:1\n"),
        "{}",
        said(&below)
    );
    // A file that does not parse is an error, whatever the baseline lists.
    fs::write(folder.path().join("deploy/c.yaml"), "a: [\n").expect("a file");
    assert_eq!(at(&["test", "deploy"]).status.code(), Some(2));
    assert_eq!(
        at(&["baseline", "--write", "baseline", "deploy"]).status.code(),
        Some(2)
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("baseline")).expect("a baseline"),
        text
    );
}

#[test]
fn entries_that_no_finding_is_any_more_are_reported_and_pruned() {
    let folder = project(&[
        ("policy/p.rego", POLICY),
        ("kpolicy.toml", "baseline = \"known\"\n"),
        ("a.yaml", &pod("a", "app:1")),
        ("b.yaml", &pod("b", "app:1")),
        ("c.yaml", &pod("c", "app:1")),
    ]);
    let at = |arguments: &[&str]| said(&run(folder.path(), arguments));
    assert_eq!(at(&["baseline", "--write", "known", "."]), "wrote 3 entries to known\n");
    // Fixed, moved and deleted; and one part of the files says nothing of the others.
    fs::write(folder.path().join("a.yaml"), pod("a", "app@sha256:1")).expect("a file");
    fs::rename(folder.path().join("b.yaml"), folder.path().join("moved.yaml")).expect("a file");
    fs::remove_file(folder.path().join("c.yaml")).expect("a file");
    let stale = "compared with known: 0 new, 1 existing, 0 fixed, 2 entries of the baseline are stale";
    assert!(at(&["test", "."]).contains(stale), "{}", at(&["test", "."]));
    assert!(!at(&["test", "policy/../moved.yaml"]).contains("3 entries"));
    assert_eq!(
        at(&["baseline", "--prune", "."]),
        "removed 2 entries from known: 1 entry left\n"
    );
    assert_eq!(
        at(&["baseline", "--prune", "."]),
        "removed 0 entries from known: 1 entry left\n"
    );
}

#[test]
fn a_broken_baseline_is_an_error() {
    let folder = project(&[("policy/p.rego", POLICY), ("a.yaml", &pod("a", "app:1"))]);
    let with = |text: &str| {
        fs::write(folder.path().join("known"), text).expect("a file");
        let output = run(folder.path(), &["test", "--baseline", "known", "a.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        said(&output)
    };
    assert!(with("[]").contains("known:1:1"));
    let head = "# kpolicy baseline 1: findings that fail no run. Update it with kpolicy baseline.\n";
    assert!(with(&format!("{head}a.yaml\tmain/deny\n")).contains("known:2:1"));
    let missing = run(folder.path(), &["test", "--baseline", "nowhere", "a.yaml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(
        run(folder.path(), &["baseline", "--prune", "a.yaml"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_baseline_that_grows_fails() {
    let repository = Repository::new();
    repository.write(&[
        ("policy/p.rego", POLICY),
        ("a.yaml", &pod("a", "app:1")),
        ("kpolicy.toml", "baseline = \"known\"\n"),
    ]);
    let at = |arguments: &[&str]| run(repository.path(), arguments);
    assert_eq!(at(&["baseline", "--write", "known", "."]).status.code(), Some(0));
    repository.commit().git(&["switch", "--quiet", "--create", "branch"]);
    let check = ["baseline", "--no-growth", "main"];
    assert_eq!(at(&check).status.code(), Some(0));
    repository.git(&["mv", "a.yaml", "b.yaml"]);
    assert_eq!(at(&["baseline", "--write", "known", "."]).status.code(), Some(0));
    assert_eq!(at(&check).status.code(), Some(0), "an object that moved is no growth");
    repository.write(&[("c.yaml", &pod("c", "app:1"))]);
    assert_eq!(at(&["baseline", "--write", "known", "."]).status.code(), Some(0));
    let grown = at(&check);
    assert_eq!(grown.status.code(), Some(1));
    assert!(
        said(&grown).starts_with("c.yaml main/deny: Pod c\n"),
        "{}",
        said(&grown)
    );
}
