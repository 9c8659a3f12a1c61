//! What a finding is known by from run to run: the same however many jobs there are, and whatever moves in the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::common::kpolicy;
use crate::common::projects::project;

const POLICY: &str = r#"package main

deny contains msg if {
	some container in input.spec.containers
	endswith(container.image, ":latest")
	msg := sprintf("%s moves", [container.name])
}

deny contains msg if {
	some container in input.spec.containers
	not container.resources
	msg := sprintf("%s has no resources", [container.name])
}
"#;

const BEFORE: &str = "kind: Pod
metadata: {name: shop, namespace: web}
spec:
  containers:
    - name: app
      image: app:latest
    - name: log
      image: log:latest
      resources: {}
";

const AFTER: &str = "# Lines above,
# and everything in another order.
spec:
  containers:
    - image: side:1
      name: side
      resources: {}
    - resources: {}
      image: log:latest
      name: log
    - image: app:latest
      name: app
metadata:
  namespace: web
  name: shop
kind: Pod
";

/// The fingerprint of each finding, by its message, and its line.
fn found(folder: &Path, jobs: &str) -> BTreeMap<String, (String, u64)> {
    let mut command = kpolicy();
    command.args([
        "test",
        "--policy",
        "policy.rego",
        "--output",
        "json",
        "--jobs",
        jobs,
        "pods",
    ]);
    let output = command.current_dir(folder).output().expect("kpolicy runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report in JSON");
    let checks = json.as_array().expect("a list of checks").iter();
    let findings = checks.flat_map(|check| check["failures"].as_array().cloned().unwrap_or_default());
    findings
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().expect("a text").to_owned();
            let line = finding["location"]["line"].as_u64().expect("a line");
            (text("msg"), (text("fingerprint"), line))
        })
        .collect()
}

#[test]
fn a_fingerprint_outlives_edits_elsewhere() {
    let folder = project(&[("policy.rego", POLICY), ("pods/pod.yaml", BEFORE)]);
    let with = |text: &str| {
        fs::write(folder.path().join("pods/pod.yaml"), text).expect("a manifest");
        let (one, many) = (found(folder.path(), "1"), found(folder.path(), "4"));
        assert_eq!(one, many);
        one
    };
    let (before, after) = (with(BEFORE), with(AFTER));
    assert_eq!(before.len(), 3);
    let fingerprints = |found: &BTreeMap<String, (String, u64)>| {
        let pairs = found
            .iter()
            .map(|(message, (fingerprint, _))| (message.clone(), fingerprint.clone()));
        pairs.collect::<BTreeMap<String, String>>()
    };
    assert_eq!(fingerprints(&before), fingerprints(&after));
    assert!(before.iter().all(|(message, (_, line))| after[message].1 != *line));
    let distinct: BTreeSet<&String> = before.values().map(|(fingerprint, _)| fingerprint).collect();
    assert_eq!(distinct.len(), 3);
}

/// The fingerprints of the findings in a file of this text, by their messages.
fn of(policy: &str, name: &str, text: &str) -> BTreeMap<String, String> {
    let file = format!("pods/{name}");
    let folder = project(&[("policy.rego", policy), (&file, text)]);
    let found = found(folder.path(), "1").into_iter();
    found
        .map(|(message, (fingerprint, _))| (message, fingerprint))
        .collect()
}

fn values(found: &BTreeMap<String, String>) -> BTreeSet<&String> {
    found.values().collect()
}

#[test]
fn a_fingerprint_outlives_another_version() {
    let policy = "package main

deny contains sprintf(\"%s runs %s without a digest\", [container.name, container.image]) if {
	some container in input.spec.containers
	not contains(container.image, \"@\")
}

deny contains {\"msg\": sprintf(\"%s of %s\", [word, input.spec.containers[0].image]), \"path\": [\"spec\"]} if {
	some word in input.words
}
";
    let pod = |version: &str, words: &str| {
        format!(
            "kind: Pod\nmetadata: {{name: web}}\nwords: {words}\nspec:\n  containers:\n    - {{name: a, image: 'app:{version}'}}\n    - {{name: b, image: 'app:{version}'}}\n"
        )
    };
    let of = |version: &str, words: &str| of(policy, "pod.yaml", &pod(version, words));
    let (before, after) = (of("1.2", "[]"), of("1.3", "[]"));
    assert_eq!(before.len(), 2);
    assert_ne!(before, after, "the messages differ");
    assert_eq!(values(&before), values(&after));
    assert_eq!(values(&before).len(), 2, "containers are told apart");
    // One finding at a path is known whatever it says.
    let (one, other) = (of("1.2", "[x]"), of("1.3", "[y]"));
    assert_eq!(values(&one), values(&other));
    // What is found beside it is one new finding, known by its message.
    let (two, three) = (of("1.2", "[x, y]"), of("1.2", "[x, y, z]"));
    assert_eq!((values(&two).len(), values(&three).len()), (4, 5));
    assert!(values(&two).is_superset(&values(&one)) && values(&three).is_superset(&values(&two)));
}

#[test]
fn a_fingerprint_outlives_another_version_in_every_format() {
    let dockerfile = "package main

deny contains {\"msg\": sprintf(\"uses %s\", [line.Value[0]]), \"path\": [i, \"Value\", 0]} if {
	some i, line in input
	line.Cmd in {\"from\", \"run\"}
}
";
    let file = |version: &str, more: &str| {
        format!("{more}FROM app:{version} AS build\n{more}RUN a {version}\nFROM b\nRUN c\n")
    };
    let of_docker = |version: &str, more: &str| of(dockerfile, "Dockerfile", &file(version, more));
    let (before, after) = (of_docker("1.2", ""), of_docker("1.3", "ARG x\n"));
    assert_eq!((before.len(), values(&before).len()), (4, 4));
    assert_eq!(values(&before), values(&after));
    let terraform = "package main

deny contains sprintf(\"uses %s\", [blocks[0].ami]) if {
	some blocks in input.resource.aws_instance
	startswith(blocks[0].ami, \"ami-\")
}
";
    let blocks = |version: &str, before: &str| {
        format!("{before}resource \"aws_instance\" \"web\" {{\n  ami = \"ami-{version}\"\n}}\n")
    };
    let before = of(terraform, "main.tf", &blocks("1", ""));
    let after = of(terraform, "main.tf", &blocks("2", "# a line\n\nlocals {}\n"));
    assert_eq!(before.len(), 1);
    assert_eq!(values(&before), values(&after));
}

/// Setting one finding aside leaves what others are known by as it is.
#[test]
fn a_fingerprint_outlives_a_waiver() {
    let policy = "package main

deny contains {\"msg\": word, \"path\": [\"spec\"]} if {
	some word in input.spec
}

warn_b contains {\"msg\": word, \"path\": [\"spec\"]} if {
	some word in input.spec
}
";
    let with = |settings: &str| {
        let pod = "kind: Pod\nmetadata: {name: web}\nspec: [a, b]\n";
        let folder = project(&[
            ("policy.rego", policy),
            ("pods/pod.yaml", pod),
            ("kpolicy.toml", settings),
        ]);
        let output = kpolicy()
            .args(["test", "-p", "policy.rego", "-o", "gitlab", "pods"])
            .current_dir(folder.path())
            .output()
            .expect("kpolicy runs");
        let entries: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("a report in JSON");
        let known = entries.iter().map(|entry| entry["fingerprint"].to_string());
        known.collect::<BTreeSet<String>>()
    };
    let waived = "[[exempt]]\npolicy = \"main/deny\"\nreason = \"known\"\n";
    assert_eq!(with("").len(), 4);
    assert_eq!(with(""), with(waived));
}
