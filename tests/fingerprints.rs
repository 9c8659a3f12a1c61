//! What a finding is known by from run to run: the same however many jobs there are, and whatever moves in the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

mod common;
#[path = "common/projects.rs"]
mod projects;

use common::kpolicy;
use projects::project;

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
    let distinct: std::collections::BTreeSet<&String> = before.values().map(|(fingerprint, _)| fingerprint).collect();
    assert_eq!(distinct.len(), 3);
}
