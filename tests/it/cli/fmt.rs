//! `kpolicy fmt`: what it writes, lists and refuses.

use std::fs;

use super::{project, run, run_with};
#[cfg(unix)]
use crate::common::program;

const PLAIN: &str = "package a\n\np := 1\n";
const LOOSE: &str = "package a\np  := 1\nq if {x:=1;x>0} # why\n";
const TIDY: &str = "package a\n\np := 1\n\nq if { # why\n\tx := 1\n\tx > 0\n}\n";

#[test]
fn files_are_rewritten_and_listed() {
    let root = project(&[("a/plain.rego", PLAIN), ("a/loose.rego", LOOSE), ("a/no.txt", LOOSE)]);
    insta::assert_snapshot!(run(root.path(), "fmt a"), @"");
    let text = |name: &str| fs::read_to_string(root.path().join(name)).expect("the file is there");
    assert_eq!(text("a/loose.rego"), TIDY);
    assert_eq!(text("a/plain.rego"), PLAIN);
    assert_eq!(text("a/no.txt"), LOOSE);
    insta::assert_snapshot!(run(root.path(), "fmt a"), @"");
    insta::assert_snapshot!(run(root.path(), "fmt --check a"), @"");
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
    assert_eq!(fs::read_to_string(&real).expect("the file is there"), TIDY);
    assert_eq!(
        fs::metadata(&real).expect("the file is there").permissions().mode() & 0o777,
        0o640
    );
    assert!(root.path().join("link.rego").is_symlink());
}

#[test]
fn check_and_diff_change_nothing() {
    let root = project(&[("plain.rego", PLAIN), ("loose.rego", LOOSE)]);
    insta::assert_snapshot!("fmt_check", run(root.path(), "fmt --check plain.rego loose.rego"));
    insta::assert_snapshot!("fmt_diff", run(root.path(), "fmt --diff ."));
    insta::assert_snapshot!("fmt_check_diff", run(root.path(), "fmt --check --diff ."));
    assert_eq!(
        fs::read_to_string(root.path().join("loose.rego")).expect("the file is there"),
        LOOSE
    );
}

#[test]
fn standard_input_becomes_standard_output() {
    let root = project(&[]);
    insta::assert_snapshot!("fmt_stdin", run_with(root.path(), "fmt -", LOOSE, &[]));
    insta::assert_snapshot!("fmt_stdin_check", run_with(root.path(), "fmt --check -", LOOSE, &[]));
}

#[test]
fn v0_is_formatted_and_migrated() {
    let old = "package a\ndeny[msg] { msg = \"x\" }\n";
    let root = project(&[]);
    insta::assert_snapshot!("fmt_v0", run_with(root.path(), "fmt --rego-version v0 -", old, &[]));
    insta::assert_snapshot!("fmt_v0_v1", run_with(root.path(), "fmt --v0-v1 -", old, &[]));
    insta::assert_snapshot!(
        "fmt_v1_v0_v1",
        run_with(root.path(), "fmt --v0-v1 --rego-version v1 -", PLAIN, &[])
    );
    insta::assert_snapshot!("fmt_other_version", run_with(root.path(), "fmt -", old, &[]));
}

#[test]
fn what_cannot_be_formatted_is_named_and_others_are_formatted() {
    let root = project(&[("broken.rego", "package a\n\np := (1\n"), ("loose.rego", LOOSE)]);
    insta::assert_snapshot!("fmt_broken", run(root.path(), "fmt . nowhere"));
    assert_eq!(
        fs::read_to_string(root.path().join("loose.rego")).expect("the file is there"),
        TIDY
    );
    assert_eq!(fs::read_dir(root.path()).expect("a directory").count(), 2);
}

#[test]
#[cfg(unix)]
fn under_conftests_name_it_is_conftests() {
    let root = project(&[("loose.rego", LOOSE), ("broken.rego", "package a\n\np := (1\n")]);
    let conftest = root.path().join("conftest");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kpolicy"), &conftest).expect("a link can be made");
    let code = |words: &[&str]| {
        let output = program(&conftest.to_string_lossy())
            .args(words)
            .current_dir(root.path())
            .output()
            .expect("the program runs");
        (output.status.code(), output.stdout.is_empty())
    };
    assert_eq!(code(&["fmt", "."]), (Some(1), true));
    assert_eq!(
        fs::read_to_string(root.path().join("loose.rego")).expect("the file is there"),
        LOOSE
    );
    assert_eq!(code(&["fmt", "--check", "loose.rego"]), (Some(1), false));
    assert_eq!(code(&["fmt", "loose.rego"]), (Some(0), true));
    assert_eq!(code(&["fmt", "--check", "loose.rego"]), (Some(0), true));
}
