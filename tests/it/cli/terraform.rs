//! Plans of Terraform: the address and the action, and the location in the configuration. terraform/plan.json is what
//! Terraform 1.11 planned for terraform/*.tf, with another time.

use std::fs;

use tempfile::TempDir;

use super::run;
use crate::common::projects::project;

const MAIN: &str = include_str!("terraform/main.tf");
const STORE: &str = include_str!("terraform/modules/store/main.tf");
const PLAN: &str = include_str!("terraform/plan.json");

const POLICY: &str = r#"package main

deny contains msg if {
	some change in input.resource_changes
	change.change.after.input.acl == "public-read"
	change.change.actions[_] == "create"
	msg := sprintf("%s is public", [change.address])
}

deny contains "no input" if {
	some change in input.resource_changes
	not change.change.after.input
}

warn contains "tag b" if {
	some resource in input.planned_values.root_module.resources
	"b" in resource.values.input.tags
}

warn_replace contains msg if {
	some change in input.resource_changes
	change.change.after.triggers_replace.open
	msg := sprintf("%s is open", [change.address])
}
"#;

fn planned(files: &[(&str, &str)]) -> TempDir {
    let all = [&[("policy/p.rego", POLICY), ("tf/plan.json", PLAN)], files].concat();
    project(&all)
}

#[test]
fn findings_of_a_plan_are_located_in_its_configuration() {
    let root = planned(&[("tf/main.tf", MAIN), ("tf/modules/store/main.tf", STORE)]);
    insta::assert_snapshot!("plan_text", run(root.path(), "test tf/plan.json"));
    for style in ["compact", "json", "sarif", "junit", "github"] {
        insta::assert_snapshot!(
            format!("plan_{style}"),
            run(root.path(), &format!("test -o {style} tf/plan.json"))
        );
    }
}

#[test]
fn a_plan_without_its_configuration_shows_the_value() {
    let root = planned(&[]);
    insta::assert_snapshot!("plan_alone", run(root.path(), "test tf/plan.json"));
}

#[test]
fn the_configuration_may_be_elsewhere() {
    let root = planned(&[("infra/main.tf", MAIN), ("infra/modules/store/main.tf", STORE)]);
    let found = run(root.path(), "test -o compact --terraform-root infra tf/plan.json");
    assert!(
        found.contains("infra/modules/store/main.tf:10:12: deny[main/deny]"),
        "{found}"
    );
    assert!(!found.contains("tf/plan.json:"), "{found}");
}

#[test]
fn a_file_of_the_configuration_that_does_not_parse_is_said() {
    let root = planned(&[("tf/main.tf", "resource {{\n")]);
    let found = run(root.path(), "test -o compact tf/plan.json");
    insta::assert_snapshot!("plan_broken_configuration", found);
}

/// conftest says what is in the plan alone.
#[test]
fn conftest_does_not_look_at_the_configuration() {
    let root = planned(&[("tf/main.tf", MAIN)]);
    let found = run(root.path(), "test --compat conftest tf/plan.json");
    assert!(
        found.contains("FAIL - tf/plan.json - main - terraform_data.direct[0] is public\n"),
        "{found}"
    );
}

/// What selects by the action is not at fault.
#[test]
fn the_action_only_selects() {
    let policy = POLICY.replace(
        "change.change.actions[_] == \"create\"",
        "\"create\" in change.change.actions",
    );
    let root = planned(&[]);
    let paths = |policy: &str| {
        fs::write(root.path().join("policy/p.rego"), policy).expect("a policy");
        let found = run(root.path(), "test -o json tf/plan.json");
        let paths = found.lines().filter(|line| line.contains("path_text"));
        paths.map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
    };
    let found = paths(&policy);
    assert!(found.contains("input.acl") && !found.contains("actions"), "{found}");
}
