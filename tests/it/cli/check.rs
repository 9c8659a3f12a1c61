//! `kpolicy check`: compile errors and lints as a report, and what a run of `kpolicy test` says of them.

use std::path::Path;

use super::{project, run};
use crate::common::bless;
use kpolicy::policy::lints::page;

const LINTED: &str = "package main\n\ndeny contains \"no registry\" if not startswith(input.image, \"r/\")\n\ndney contains \"x\" if input.kind == \"Pod\"\n\n# Copied on purpose.\n# kpolicy: ignore[duplicate-rule] generated\ndney contains \"x\" if input.kind == \"Pod\"\n";

/// The beginning of docs/lints.md.
const PAGE: &str = "\
<!-- Generated from the registry of lints: cargo xtask bless lints. -->

# Lints

What `kpolicy check` finds in policies beside errors. [How to fix and ignore it](how-to/lints.md). `kpolicy explain LINT`
prints one of these sections.

Where regal has a rule for the same, it has the same name, or the table names it; regal's comments `# regal ignore:RULE`
count as well.

";

#[test]
fn lints_are_a_report_in_every_output() {
    let root = project(&[("policy/p.rego", LINTED), ("policy/empty.rego", "package empty\n")]);
    for output in ["text", "compact", "json", "sarif", "github", "junit"] {
        insta::assert_snapshot!(
            format!("check_{output}"),
            run(root.path(), &format!("check -o {output} policy"))
        );
    }
}

#[test]
fn levels_and_strictness_decide_what_fails() {
    let root = project(&[(
        "policy/p.rego",
        "package main\n\ndeny contains \"x\" if not startswith(input.image, \"r/\")\n",
    )]);
    let code = |arguments: &str| {
        let report = run(root.path(), arguments);
        report.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(code("check -o compact"), "--- exit code 0");
    assert_eq!(code("check -o compact --fail-on-warn"), "--- exit code 1");
    assert_eq!(code("check -o compact --strict"), "--- exit code 1");
    let set = |level: &str| {
        let settings = format!("[lints]\nnegated-undefined = \"{level}\"\n");
        std::fs::write(root.path().join("kpolicy.toml"), settings).expect("the file can be written");
    };
    set("error");
    assert_eq!(code("check -o compact"), "--- exit code 1");
    set("off");
    assert_eq!(code("check -o compact --strict"), "--- exit code 0");
    set("of");
    let wrong = run(root.path(), "check");
    assert!(
        wrong.contains("did you mean off?") && wrong.contains("exit code 2"),
        "{wrong}"
    );
    std::fs::write(
        root.path().join("kpolicy.toml"),
        "[lints]\nnegated-undefine = \"off\"\n",
    )
    .expect("it is written");
    let unknown = run(root.path(), "check");
    assert!(unknown.contains("did you mean negated-undefined?"), "{unknown}");
}

#[test]
fn errors_of_policies_and_of_their_tests_are_findings() {
    let compact = |files: &[(&str, &str)]| run(project(files).path(), "check -o compact policy");
    let errors = compact(&[
        ("policy/a.rego", "package main\n\ndeny contains x if {\n"),
        ("policy/b.rego", "package main\n\ndeny contains x if y\n"),
    ]);
    insta::assert_snapshot!("check_not_parsed", errors);
    let errors = compact(&[
        (
            "policy/a.rego",
            "package main\n\ndeny contains x if count(input.a, y)\n\nwarn := true if time.now_ns() > 1\n",
        ),
        ("policy/a_test.rego", "package main_test\n\ntest_x if missing(1)\n"),
    ]);
    insta::assert_snapshot!("check_not_compiled", errors);
    let errors = compact(&[
        (
            "policy/a.rego",
            "package main\n\ndeny contains 1 if input.a\n\nwarn := true if time.now_ns() > 1\n",
        ),
        ("policy/a_test.rego", "package main_test\n\ntest_x if missing(1)\n"),
    ]);
    insta::assert_snapshot!("check_tests", errors);
    insta::assert_snapshot!("check_nothing", run(project(&[]).path(), "check"));
}

#[test]
fn a_test_run_sums_the_lints_up_in_a_line() {
    let root = project(&[("policy/p.rego", LINTED), ("in.yaml", "image: r/a\n")]);
    insta::assert_snapshot!("check_summary", run(root.path(), "test -o compact in.yaml"));
    insta::assert_snapshot!(
        "check_summary_strict",
        run(root.path(), "test --strict -o compact in.yaml")
    );
}

#[test]
fn policies_whose_only_rule_is_misspelled_get_a_suggestion() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\ndney contains \"x\" if input.kind == \"Pod\"\n",
        ),
        ("in.yaml", "kind: Pod\n"),
    ]);
    insta::assert_snapshot!("only_misspelled", run(root.path(), "test in.yaml"));
}

#[test]
fn a_lint_has_a_page() {
    let root = project(&[]);
    insta::assert_snapshot!("check_explain", run(root.path(), "explain impossible-not"));
    insta::assert_snapshot!("check_list", run(root.path(), "list --lints"));
}

/// The library and the examples are clean without a comment that ignores something.
#[test]
fn the_library_is_clean() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = run(root, "check -o compact --strict policy");
    assert_eq!(found, "---\n--- exit code 0\n");
    let found = run(root, "check -o compact examples");
    assert!(!found.contains("deny["), "{found}");
}

#[test]
fn the_page_of_lints_is_generated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lints.md");
    let page = format!("{PAGE}{}", page::markdown());
    if bless() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/lints.md is not up to date: cargo xtask bless lints"
    );
}
