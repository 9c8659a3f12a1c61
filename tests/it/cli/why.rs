//! `kpolicy why`: the shortest answer for one rule on one document.

use insta::assert_snapshot;

use super::{project, run};

const POLICY: &str = r#"package main

# METADATA
# scope: document
# custom:
#   kinds: [Deployment]
deny contains msg if {
	input.kind == "Deployment"
	some container in input.spec.containers
	not container.resources.limits
	msg := sprintf("%s has no limits", [container.name])
}

deny contains "name" if startswith(input.metadata.name, "x")

warn contains "replicas" if not is_enough(input.spec)

is_enough(spec) if spec.replicas > 2

is_enough(spec) if spec.autoscaled
"#;

const INPUT: &str = "\
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  containers:
    - name: a
      image: nginx:1
      resources:
        limits: {memory: 1Gi}
    - name: b
      image: nginx:latest
---
kind: Pod
metadata:
  name: web
---
kind: Deployment
metadata:
  name: whole
spec:
  replicas: 3
  containers:
    - name: a
      resources:
        limits: {memory: 1Gi}
";

const OTHER: &str = "package other\n\ndeny contains \"other\" if input.kind == \"Pod\"\n";

fn root() -> tempfile::TempDir {
    project(&[
        ("policy/main.rego", POLICY),
        ("policy/other.rego", OTHER),
        ("in.yaml", INPUT),
    ])
}

fn answer(words: &str) -> String {
    run(root().path(), &format!("why {words}"))
}

#[test]
fn each_document_has_its_answer() {
    assert_snapshot!(answer("in.yaml --rule main/deny"));
}

#[test]
fn a_line_asks_about_what_is_written_there() {
    // Line 10 is in the first container, which the rule did not find; line 12 is in the one that it did.
    assert_snapshot!(
        [10, 12, 5]
            .map(|line| answer(&format!("in.yaml:{line} --rule main")))
            .join("\n")
    );
}

#[test]
fn a_missing_limit_is_not_there_and_a_given_one_has_its_line() {
    let found = answer("in.yaml:24 --rule main/deny");
    let told = "policy/main.rego:10: not container.resources.limits\n  is false, since what it negates holds\n  \
                container.resources.limits is {\"memory\": \"1Gi\"} (in.yaml:26:9)\n";
    assert!(
        found.contains("main/deny did not fire on in.yaml:24, document 3") && found.contains(told),
        "{found}"
    );
    let found = answer("in.yaml:11 --rule data.main.deny");
    assert!(found.contains("resources.limits is missing (in.yaml:11:13)"), "{found}");
}

#[test]
fn json_has_the_same_answer() {
    assert_snapshot!(answer("in.yaml:1 --rule main/warn -o json"));
}

#[test]
fn rules_of_the_library_are_explained_and_how_to_run_them() {
    assert_snapshot!(answer("in.yaml:12 --rule kubernetes/images/mutable_tag"));
    let root = project(&[(
        "in.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'a:1'}]}\n",
    )]);
    let found = run(root.path(), "why in.yaml --rule kubernetes/images/mutable_tag");
    assert!(found.starts_with("kubernetes/images/mutable_tag "), "{found}");
}

#[test]
fn what_is_left_out_or_waived_is_said() {
    let settings = "[[exempt]]\npolicy = \"main/deny\"\nname = \"web\"\nreason = \"known\"\n";
    let excepted = format!("{POLICY}\nexception contains [\"\"] if input.metadata.name == \"whole\"\n");
    let root = project(&[
        ("policy/main.rego", &excepted),
        ("policy/other.rego", OTHER),
        ("in.yaml", INPUT),
        ("kpolicy.toml", settings),
    ]);
    let found = run(root.path(), "why in.yaml:1 --rule main/deny");
    assert!(
        found.starts_with("main/deny fired on in.yaml:1, document 1 (Deployment web), and is waived\n")
            && found.contains("waived by kpolicy.toml:1: known"),
        "{found}"
    );
    let found = run(root.path(), "why in.yaml:19 --rule main/deny");
    assert!(found.contains("waived: data.main.exception[_][_] == \"\""), "{found}");
    let found = run(root.path(), "why in.yaml:16 --rule other/deny -n main");
    assert!(
        found.starts_with("other/deny would fire on in.yaml:16") && found.contains("not run: namespace = main leaves"),
        "{found}"
    );
    let found = run(root.path(), "why in.yaml:16 --rule main/deny");
    assert!(
        found.contains("its METADATA names the kinds Deployment; the document is Pod"),
        "{found}"
    );
}

#[test]
fn a_question_without_an_answer_is_refused() {
    for (words, told) in [
        ("in.yaml --rule main/dent", "did you mean main/deny?"),
        ("in.yaml:99 --rule main/deny", "in.yaml:99 is in no document"),
        (". --rule main/deny --parser nothing", "nothing"),
        ("none.yaml --rule main/deny", "none.yaml"),
    ] {
        let found = answer(words);
        assert!(
            found.contains(told) && found.ends_with("--- exit code 2\n"),
            "{words}: {found}"
        );
    }
}
