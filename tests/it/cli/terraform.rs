//! Configuration of Terraform; and plans: the address and the action, and the location in the configuration.
//! terraform/plan.json is what Terraform 1.11 planned for terraform/*.tf, with another time.

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

const CONFIGURATION: &str = r#"variable "acl" {
  default = "public-read"
}
variable "ports" {}
locals {
  everything = ["*"]
}
resource "aws_s3_bucket_acl" "open" {
  bucket = aws_s3_bucket.open.id
  acl    = var.acl
}
resource "aws_s3_bucket_acl" "closed" {
  bucket = aws_s3_bucket.closed.id
  acl    = var.acl
}
resource "aws_security_group" "web" {
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
resource "aws_iam_policy" "all" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = local.everything, Resource = "*" }] })
}
resource "aws_db_instance" "unknown" {
  publicly_accessible = data.external.public.result
  storage_encrypted   = true
}
module "database" {
  source = "./database"
  public = true
}
"#;

const BLOCKS: &str = r#"resource "aws_s3_bucket" "open" {}
resource "aws_s3_bucket" "closed" {}
resource "aws_s3_bucket_public_access_block" "closed" {
  bucket                  = aws_s3_bucket.closed.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"#;

const DATABASE: &str = r#"variable "public" {
  default = false
}
resource "aws_db_instance" "main" {
  publicly_accessible = var.public
  storage_encrypted   = true
}
"#;

#[test]
fn configuration_is_resolved_for_the_library() {
    let root = project(&[
        ("tf/main.tf", CONFIGURATION),
        ("tf/blocks.tf", BLOCKS),
        ("tf/terraform.tfvars", "ports = [443, 22]\n"),
        ("tf/database/main.tf", DATABASE),
    ]);
    insta::assert_snapshot!(run(root.path(), "test --library terraform tf"));
}

#[test]
fn policies_of_a_user_read_the_configuration_beside_the_input() {
    let policy = r#"package main

deny contains {"msg": "as conftest shows it", "path": ["resource", "t_x", "y", 0, "a"]} if {
	input.resource.t_x.y[0].a == "${var.a}"
}

deny contains {"msg": sprintf("%v", [resource.values]), "path": array.concat(resource.path, ["a"])} if {
	some resource in data.terraform_configuration.resources.t_x
	resource.file == data.terraform_configuration.file
}
"#;
    let text = "variable \"a\" {\n  default = 1\n}\nresource \"t_x\" \"y\" {\n  a = var.a\n}\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("tf/main.tf", text),
        ("k.yaml", "kind: Pod\n"),
    ]);
    insta::assert_snapshot!(run(root.path(), "test tf/main.tf k.yaml"));
    let data = project(&[
        ("policy/p.rego", policy),
        ("tf/main.tf", text),
        ("data.json", "{\"terraform_configuration\": {\"file\": \"x\"}}"),
    ]);
    insta::assert_snapshot!(
        "configuration_given",
        run(data.path(), "test --data data.json tf/main.tf")
    );
}
