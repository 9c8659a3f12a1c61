//! Constraints beside `gator test`: permutations of `match`, actions and expansion over objects of all sorts. gator's
//! answers are recorded in tests/gatekeeper, and an ignored test records them again.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::common::projects::empty;
use crate::common::{bless, kpolicy, program};

/// A template that reports every object, with what it sees of it.
const TEMPLATE: &str = r#"apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: everything}
spec:
  crd:
    spec:
      names: {kind: Everything}
      validation:
        openAPIV3Schema:
          type: object
          properties:
            word: {type: string, default: none}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package everything

        violation[{"msg": msg, "details": {"kind": input.review.kind}}] {
          namespace := object.get(input.review, "namespace", "-")
          word := object.get(input.parameters, "word", "-")
          msg := sprintf("%v %v %v %v", [input.review.kind.kind, input.review.name, namespace, word])
        }
"#;

const EXPANSION: &str = r#"apiVersion: expansion.gatekeeper.sh/v1beta1
kind: ExpansionTemplate
metadata: {name: pods}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment]}]
  templateSource: spec.template
  generatedGVK: {group: "", version: v1, kind: Pod}
  enforcementAction: warn
"#;

/// The objects, by what is special about each.
const OBJECTS: &str = r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod, app: web}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bare}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: plain, namespace: bare}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: lost, namespace: unknown}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: homeless, labels: {app: web}}
spec: {containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: usual, namespace: default}
spec: {containers: []}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-app, namespace: shop, labels: {app: other}}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: []}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web-reader, labels: {app: web}}
rules: []
"#;

/// The parts of `match`, each with values that tell objects apart.
const PARTS: &[(&str, &[&str])] = &[
    (
        "kinds",
        &[
            "[{apiGroups: [''], kinds: [Pod]}]",
            "[{apiGroups: ['*'], kinds: ['*']}]",
            "[{apiGroups: [apps]}]",
            "[{kinds: [Namespace, ClusterRole]}]",
            "[{apiGroups: [apps], kinds: [Pod]}]",
        ],
    ),
    ("scope", &["Cluster", "Namespaced", "'*'", "cluster"]),
    ("namespaces", &["[shop]", "['sh*', '*are']", "['*no*']", "['*']"]),
    ("excludedNamespaces", &["[shop]", "['*no*', bare]", "['*']"]),
    (
        "labelSelector",
        &[
            "{matchLabels: {app: web}}",
            "{matchExpressions: [{key: app, operator: NotIn, values: [web]}]}",
            "{matchExpressions: [{key: app, operator: DoesNotExist}]}",
            "{matchLabels: {app: web}, matchExpressions: [{key: app, operator: Exists}]}",
            "{}",
        ],
    ),
    (
        "namespaceSelector",
        &[
            "{matchLabels: {env: prod}}",
            "{matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}",
            "{matchExpressions: [{key: env, operator: Exists}]}",
        ],
    ),
    ("name", &["web", "'web*'", "'*e*'", "'*'"]),
    ("source", &["All", "Original", "Generated"]),
];

/// The actions, which take turns.
const ACTIONS: &[&str] = &[
    "",
    "enforcementAction: warn, ",
    "enforcementAction: dryrun, ",
    "enforcementAction: scoped, scopedEnforcementActions: [{action: warn, enforcementPoints: [{name: gator.gatekeeper.sh}]}], ",
    "enforcementAction: scoped, scopedEnforcementActions: [{action: deny, enforcementPoints: [{name: '*'}]}], ",
];

/// The `match` of each constraint: every value alone, and every two values of two parts.
fn matches() -> Vec<String> {
    let values = |part: &(&str, &[&str])| {
        let (name, values) = *part;
        values
            .iter()
            .map(|value| format!("{name}: {value}"))
            .collect::<Vec<_>>()
    };
    let mut all = vec![String::new()];
    for (at, part) in PARTS.iter().enumerate() {
        for value in values(part) {
            all.push(value.clone());
            let others = PARTS[at + 1..].iter().flat_map(values);
            all.extend(others.map(|other| format!("{value}, {other}")));
        }
    }
    all
}

fn constraints() -> String {
    let mut text = String::new();
    for (at, matching) in matches().iter().enumerate() {
        let action = ACTIONS[at % ACTIONS.len()];
        let parameters = ["", ", parameters: {}", ", parameters: {word: given}"][at % 3];
        write!(
            text,
            "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Everything\nmetadata: {{name: c{at:03}}}\n\
             spec: {{{action}match: {{{matching}}}{parameters}}}\n"
        )
        .expect("a string takes it");
    }
    text
}

/// The policies and the objects in a folder of their own.
fn world(expansion: bool) -> TempDir {
    let root = empty();
    let policies = root.path().join("policies");
    fs::create_dir(&policies).expect("a folder");
    let expansion = if expansion { EXPANSION } else { "" };
    let text = format!("{TEMPLATE}{}---\n{expansion}", constraints());
    fs::write(policies.join("all.yaml"), text).expect("a file");
    fs::write(root.path().join("objects.yaml"), OBJECTS).expect("a file");
    root
}

/// For each constraint what it found: the object, the action and the message.
type Answers = BTreeMap<String, Vec<String>>;

fn settled(mut answers: Answers) -> Answers {
    answers.values_mut().for_each(|found| found.sort());
    answers
}

/// What kpolicy finds, and its exit code.
fn ours(root: &Path, flags: &[&str]) -> (Answers, Option<i32>) {
    let output = kpolicy()
        .args(["test", "-p", "policies", "-o", "json", "objects.yaml"])
        .args(flags)
        .current_dir(root)
        .output()
        .expect("kpolicy runs");
    let report: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut answers = Answers::new();
    for check in report.as_array().expect("an array") {
        for (level, action) in [("failures", "deny"), ("warnings", "warn")] {
            for finding in check[level].as_array().into_iter().flatten() {
                let rule = finding["rule"].as_str().expect("a rule");
                let name = rule.rsplit('/').next().expect("a name").to_owned();
                let action = if finding["severity"] == "info" {
                    "dryrun"
                } else {
                    action
                };
                let object = &finding["resource"];
                let line = format!(
                    "{} {} {action}: {}",
                    object["kind"].as_str().expect("a kind"),
                    object["name"].as_str().expect("a name"),
                    finding["msg"].as_str().expect("a message")
                );
                answers.entry(name).or_default().push(line);
            }
        }
    }
    (settled(answers), output.status.code())
}

/// What gator finds; it reviews the policies too, which is left out.
fn theirs(gator: &str, root: &Path) -> Answers {
    let output = program(gator)
        .args(["test", "-f", "policies/all.yaml", "-f", "objects.yaml", "-o", "json"])
        .current_dir(root)
        .output()
        .expect("gator runs");
    let results: Vec<Json> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut answers = Answers::new();
    for result in results {
        let object = &result["violatingObject"];
        let version = object["apiVersion"].as_str().expect("a version");
        if version.contains("gatekeeper.sh/") {
            continue;
        }
        // gator says that the action is scoped, and not which one it is.
        let scoped = result["constraint"]["spec"]["scopedEnforcementActions"][0]["action"].as_str();
        let action = scoped.or(result["enforcementAction"].as_str()).expect("an action");
        let text = |value: &Json| value.as_str().expect("a string").to_owned();
        let line = format!(
            "{} {} {action}: {}",
            text(&object["kind"]),
            text(&object["metadata"]["name"]),
            text(&result["msg"])
        );
        let name = text(&result["constraint"]["metadata"]["name"]);
        answers.entry(name).or_default().push(line);
    }
    settled(answers)
}

fn recorded(expansion: bool) -> PathBuf {
    let name = if expansion { "expanded.json" } else { "plain.json" };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/gatekeeper")
        .join(name)
}

fn read(path: &Path) -> Answers {
    let text = fs::read_to_string(path).expect("gator's answers are recorded");
    serde_json::from_str(&text).expect("the answers are JSON")
}

/// Where answers differ, in words.
fn differences(ours: &Answers, theirs: &Answers) -> Vec<String> {
    let matches = matches();
    let mut found = Vec::new();
    for (at, matching) in matches.iter().enumerate() {
        let name = format!("c{at:03}");
        let (ours, theirs) = (ours.get(&name), theirs.get(&name));
        if ours != theirs {
            found.push(format!("{name} {{{matching}}}\n  ours: {ours:?}\n  gator: {theirs:?}"));
        }
    }
    found
}

#[test]
fn with_its_compatibility_the_answers_are_those_of_gator() {
    for expansion in [false, true] {
        let root = world(expansion);
        let (ours, _) = ours(root.path(), &["--compat", "gator"]);
        let found = differences(&ours, &read(&recorded(expansion)));
        assert!(found.is_empty(), "{} differ:\n{}", found.len(), found.join("\n"));
    }
}

/// Objects on which gator and the webhook differ: those of the whole cluster, those without a namespace, and those whose
/// Namespace is not known.
const DELIBERATE: [&str; 4] = ["ClusterRole web-reader", "Pod homeless", "Pod lost", "Pod usual"];

#[test]
fn without_it_only_the_deliberate_differences_are_left() {
    let root = world(true);
    let (mut ours, code) = ours(root.path(), &["--operation", "none"]);
    assert_eq!(code, Some(2), "the Namespace of a pod is not known");
    let mut theirs = read(&recorded(true));
    for answers in [&mut ours, &mut theirs] {
        for found in answers.values_mut() {
            found.retain(|line| !DELIBERATE.iter().any(|object| line.starts_with(object)));
        }
        answers.retain(|_, found| !found.is_empty());
    }
    let found = differences(&ours, &theirs);
    assert!(found.is_empty(), "{} differ:\n{}", found.len(), found.join("\n"));
}

#[test]
#[ignore = "needs gator: GATOR names the program"]
fn the_recorded_answers_are_those_of_gator() {
    let gator = std::env::var("GATOR").unwrap_or_else(|_| "gator".to_owned());
    for expansion in [false, true] {
        let answers = theirs(&gator, world(expansion).path());
        let path = recorded(expansion);
        if bless() {
            let text = serde_json::to_string_pretty(&answers).expect("JSON");
            fs::write(path, text + "\n").expect("the answers are written");
        } else {
            assert_eq!(without_implied(answers), without_implied(read(&path)));
        }
    }
}

/// The answers without the actions of what is implied: of several expansions that give one pod, gator takes the action of
/// another one from run to run.
fn without_implied(mut answers: Answers) -> Answers {
    for line in answers.values_mut().flatten() {
        *line = line
            .replace(" deny: [Implied", ": [Implied")
            .replace(" warn: [Implied", ": [Implied");
    }
    answers
}

#[test]
#[ignore = "needs gator: GATOR names the program"]
fn exported_policies_find_in_gator_what_they_find_here() {
    let gator = std::env::var("GATOR").unwrap_or_else(|_| "gator".to_owned());
    let root = empty();
    let policies = root.path().join("policies.yaml");
    let exported = kpolicy()
        .args(["export", "gatekeeper", "--profile", "strict"])
        .current_dir(root.path())
        .output()
        .expect("kpolicy runs");
    fs::write(&policies, exported.stdout).expect("it can be written");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/policies/kubernetes");
    let objects: Vec<PathBuf> = walkdir::WalkDir::new(examples)
        .into_iter()
        .map(|entry| entry.expect("it can be read").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    assert!(objects.len() > 100);
    let files = objects.iter().flat_map(|path| [Path::new("-f"), path]);
    let theirs = program(&gator)
        .args(["test", "-o", "json", "-f"])
        .arg(&policies)
        .args(files)
        .output()
        .expect("gator runs");
    let theirs: Vec<Json> = serde_json::from_slice(&theirs.stdout).expect("results");
    let ours = kpolicy()
        .args(["test", "--compat", "gator", "-o", "json", "-p"])
        .arg(&policies)
        .args(&objects)
        .output()
        .expect("kpolicy runs");
    let ours: Vec<Json> = serde_json::from_slice(&ours.stdout).expect("results");
    let of_check = |check: &Json| {
        let kinds = ["failures", "warnings"].map(|kind| check[kind].as_array().cloned().unwrap_or_default());
        kinds.into_iter().flatten().collect::<Vec<_>>()
    };
    assert_eq!(
        messages(&theirs),
        messages(&ours.iter().flat_map(of_check).collect::<Vec<_>>())
    );
}

/// The messages of results, sorted.
fn messages(results: &[Json]) -> Vec<String> {
    let messages = results.iter().filter_map(|result| result["msg"].as_str());
    let mut messages: Vec<String> = messages.map(str::to_owned).collect();
    assert!(messages.len() > 1000, "{}", messages.len());
    messages.sort();
    messages
}
