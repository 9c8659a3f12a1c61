//! `kpolicy fmt`: what it writes, lists and refuses.

use std::fs;
use std::path::Path;

use super::{project, run, run_with};
#[cfg(unix)]
use crate::common::program;

const PLAIN: &str = "package a\n\np := 1\n";
const LOOSE: &str = "package a\np  := 1\nq if {x:=1;x>0} # why\n";
const TIDY: &str = "package a\n\np := 1\n\nq if { # why\n\tx := 1\n\tx > 0\n}\n";
const BROKEN: &str = "package a\n\np := (1\n";

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("the file is there")
}

#[test]
fn files_are_rewritten_and_listed() {
    let root = project(&[("a/plain.rego", PLAIN), ("a/loose.rego", LOOSE), ("a/no.txt", LOOSE)]);
    assert_eq!(run(root.path(), "fmt a"), "a/loose.rego\n---\n--- exit code 0\n");
    assert_eq!(text(&root.path().join("a/loose.rego")), TIDY);
    assert_eq!(text(&root.path().join("a/plain.rego")), PLAIN);
    assert_eq!(text(&root.path().join("a/no.txt")), LOOSE);
    assert_eq!(run(root.path(), "fmt a"), "---\n--- exit code 0\n");
    assert_eq!(run(root.path(), "fmt --check a"), "---\n--- exit code 0\n");
}

#[test]
#[cfg(unix)]
fn permissions_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let root = project(&[("real.rego", LOOSE)]);
    let real = root.path().join("real.rego");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("permissions can be set");
    symlink("real.rego", root.path().join("link.rego")).expect("a link can be made");
    run(root.path(), "fmt link.rego");
    assert_eq!(text(&real), TIDY);
    let mode = fs::metadata(&real).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(root.path().join("link.rego").is_symlink());
}

#[test]
fn check_and_diff_change_nothing() {
    let root = project(&[("plain.rego", PLAIN), ("loose.rego", LOOSE)]);
    let listed = "loose.rego\n---\n1 file is not formatted: run kpolicy fmt on it\n--- exit code 1\n";
    assert_eq!(run(root.path(), "fmt --check plain.rego loose.rego"), listed);
    let header = "--- ./loose.rego\n+++ ./loose.rego\n@@ -1,3 +1,8 @@\n package a\n";
    for words in ["fmt --diff .", "fmt --check --diff ."] {
        let shown = run(root.path(), words);
        assert!(shown.starts_with(header), "{shown}");
        assert!(
            shown.contains("\n-p  := 1\n") && shown.contains("\n+p := 1\n"),
            "{shown}"
        );
        assert!(shown.ends_with("--- exit code 1\n"), "{shown}");
    }
    assert_eq!(text(&root.path().join("loose.rego")), LOOSE);
}

#[test]
fn standard_input_becomes_standard_output() {
    let root = project(&[]);
    let written = run_with(root.path(), "fmt -", LOOSE, &[]);
    assert_eq!(written, format!("{TIDY}---\n--- exit code 0\n"));
    let checked = run_with(root.path(), "fmt --check -", LOOSE, &[]);
    assert!(
        checked.starts_with("-\n---\n") && checked.ends_with("exit code 1\n"),
        "{checked}"
    );
}

#[test]
fn v0_is_formatted_and_migrated() {
    let old = "package a\ndeny[msg] { msg = \"x\" }\n";
    let root = project(&[]);
    let of = |words: &str, text: &str| run_with(root.path(), words, text, &[]);
    let written = |text: &str| format!("{text}---\n--- exit code 0\n");
    let v0 = "package a\n\ndeny[msg] {\n\tmsg = \"x\"\n}\n";
    assert_eq!(of("fmt --rego-version v0 -", old), written(v0));
    let both = "package a\n\nimport rego.v1\n\ndeny contains msg if msg = \"x\"\n";
    assert_eq!(of("fmt --v0-v1 -", old), written(both));
    let from_v1 = "package a\n\nimport rego.v1\n\np := 1\n";
    assert_eq!(of("fmt --v0-v1 --rego-version v1 -", PLAIN), written(from_v1));
    let refused = of("fmt -", old);
    assert!(refused.contains("looks like Rego v0"), "{refused}");
    assert!(refused.ends_with("exit code 2\n"), "{refused}");
}

#[test]
fn what_cannot_be_formatted_is_named_and_others_are_formatted() {
    let root = project(&[("broken.rego", BROKEN), ("loose.rego", LOOSE)]);
    let count = || fs::read_dir(root.path()).expect("a directory").count();
    let files = count();
    let shown = run(root.path(), "fmt . nowhere");
    assert!(shown.starts_with("./loose.rego\n---\n"), "{shown}");
    assert!(shown.contains("broken.rego:"), "{shown}");
    assert!(shown.contains("nowhere does not exist"), "{shown}");
    assert!(shown.ends_with("--- exit code 2\n"), "{shown}");
    assert_eq!(text(&root.path().join("loose.rego")), TIDY);
    assert_eq!(count(), files, "nothing is left beside the files");
}

#[test]
#[cfg(unix)]
fn under_conftests_name_it_is_conftests() {
    let root = project(&[("loose.rego", LOOSE), ("broken.rego", BROKEN)]);
    let conftest = root.path().join("conftest");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kpolicy"), &conftest).expect("a link can be made");
    let code = |words: &[&str]| {
        let mut command = program(&conftest.to_string_lossy());
        let output = command.args(words).current_dir(root.path()).output();
        let output = output.expect("the program runs");
        (output.status.code(), output.stdout.is_empty())
    };
    assert_eq!(code(&["fmt", "."]), (Some(1), true));
    assert_eq!(text(&root.path().join("loose.rego")), LOOSE);
    assert_eq!(code(&["fmt", "--check", "loose.rego"]), (Some(1), false));
    assert_eq!(code(&["fmt", "loose.rego"]), (Some(0), true));
    assert_eq!(code(&["fmt", "--check", "loose.rego"]), (Some(0), true));
}
