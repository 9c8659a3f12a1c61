//! The plan that docs/engine.md shows is the one that `kpolicy inspect --plan` prints. `cargo xtask bless engine` writes it.

use std::fs;
use std::path::Path;

use crate::common::projects::project;
use crate::common::{bless, kpolicy};

#[test]
fn the_plan_in_the_documentation_is_the_one_printed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/engine.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let (before, policy, rest) = block(&page, "```rego\n");
    let (between, plan, after) = block(rest, "```text\n");
    let folder = project(&[("policy.rego", policy)]);
    let output = kpolicy()
        .args(["inspect", "--plan", "policy.rego"])
        .current_dir(folder.path())
        .output()
        .expect("kpolicy runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("a plan is text");
    let printed = format!("{}\n", printed.trim_end());
    if bless() {
        let page = format!("{before}```rego\n{policy}```{between}```text\n{printed}```{after}");
        fs::write(path, page).expect("the page can be written");
    } else {
        assert_eq!(plan, printed, "`cargo xtask bless engine` writes it");
    }
}

/// What stands before a fenced block, in it, and behind it.
fn block<'t>(text: &'t str, fence: &str) -> (&'t str, &'t str, &'t str) {
    let (before, rest) = text.split_once(fence).expect("the page has the block");
    let (inside, after) = rest.split_once("```").expect("the block ends");
    (before, inside, after)
}
