//! Which kinds of objects create pods, and where they keep them: the table of the library's `lib/pod_templates.rego`,
//! with what the settings add to it. The policies read the same table, so that there is one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::library::embedded;
use crate::kubernetes::{Found, objects};
use kpolicy_rego::Settings;
use kpolicy_value::Value;

/// The rule of the table.
const RULE: [&str; 4] = ["kpolicy", "lib", "pod_templates", "paths"];

/// The keys of `data` that further kinds are under.
pub const POD_TEMPLATE_PATHS: [&str; 4] = ["params", "kubernetes", "pod_templates", "paths"];

/// Groups whose objects hold pod templates as patterns and schemas, and create nothing.
const PATTERNS: [&str; 7] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "config.gatekeeper.sh",
    "kyverno.io",
    "mutations.gatekeeper.sh",
    "policies.kyverno.io",
    "templates.gatekeeper.sh",
];

/// The table: each kind, or kind and group, with its paths.
#[derive(Clone, Debug)]
pub struct Workloads(BTreeMap<String, Vec<Vec<String>>>);

/// The library's own part.
static LIBRARY: LazyLock<Workloads> = LazyLock::new(|| {
    let program = embedded::program();
    let mut evaluation = program.evaluation(Value::object(Vec::new()), Settings::default());
    let table = evaluation.evaluate(&RULE).ok().flatten();
    Workloads(read(&table.expect("the table is of constants")))
});

fn read(table: &Value) -> BTreeMap<String, Vec<Vec<String>>> {
    let steps = |path: &Value| Some(path.as_str()?.split('.').map(str::to_owned).collect());
    let paths = |value: &Value| match value {
        Value::Array(items) => items.iter().filter_map(steps).collect(),
        other => steps(other).into_iter().collect(),
    };
    let entries = table.as_object().map(|table| table.iter()).into_iter().flatten();
    entries.map(|(key, value)| (key.key_text(), paths(value))).collect()
}

impl Workloads {
    /// The library's table, with the kinds that are given in this `data`.
    pub fn of(data: &Value) -> Self {
        let mut table = LIBRARY.clone();
        let given = POD_TEMPLATE_PATHS.iter().try_fold(data, |at, key| at.field(key));
        table.0.extend(given.map(read).unwrap_or_default());
        table
    }

    /// The kinds of the table, each with its group where only that of one group is meant.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether an object is a pod, or of a kind that creates some.
    pub fn has(&self, object: &Found) -> bool {
        let Some(kind) = object.kind else { return false };
        kind == "Pod" || self.0.contains_key(&format!("{kind}.{}", group(object))) || self.0.contains_key(kind)
    }

    /// What an object keeps of the pods that it creates: pod templates, or what holds the fields of a pod's spec; each
    /// with the path that leads to it.
    pub fn templates<'a>(&self, object: &'a Value) -> Vec<(Vec<Value>, &'a Value)> {
        let text = |field: &str| object.field(field).and_then(Value::as_str).unwrap_or_default();
        let (kind, version) = (text("kind"), text("apiVersion"));
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let paths = self.0.get(&format!("{kind}.{group}")).or_else(|| self.0.get(kind));
        let mut found = Vec::new();
        for path in paths.into_iter().flatten() {
            let mut at = vec![(Vec::new(), object)];
            for step in path {
                at = at
                    .into_iter()
                    .flat_map(|(path, value)| steps(&path, value, step))
                    .collect();
            }
            found.extend(at);
        }
        found
    }

    /// The objects of a document that hold something shaped like a pod template, and are of no kind that the table has:
    /// each with the path that leads to it.
    pub fn unread<'a>(&self, document: &'a Value) -> Vec<Unread<'a>> {
        let unknown = |object: &Found| {
            let group = group(object);
            !self.has(object) && !PATTERNS.contains(&group) && group != "constraints.gatekeeper.sh"
        };
        let objects = objects(document).into_iter().filter(unknown);
        let read = |object: Found<'a>| {
            let (kind, group) = (object.kind?, group(&object));
            let mut below = Vec::new();
            is_above_template(object.value, &mut below).then_some(Unread {
                kind,
                group,
                object: object.path,
                below,
            })
        };
        objects.filter_map(read).collect()
    }
}

/// A pod template that no policy reads.
#[derive(Debug)]
pub struct Unread<'a> {
    /// The kind of its object.
    pub kind: &'a str,
    /// The API group of its object; empty where it has none.
    pub group: &'a str,
    /// The path of the object in the document.
    pub object: Vec<Value>,
    /// The path of the template in the object.
    pub below: Vec<Value>,
}

impl Unread<'_> {
    /// The path of the template in the document.
    pub fn path(&self) -> Vec<Value> {
        [&self.object[..], &self.below].concat()
    }

    /// The line of the settings that makes it read.
    pub fn setting(&self) -> String {
        let step = |step: &Value| match step {
            Value::String(name) => name.to_string(),
            _ => "*".to_owned(),
        };
        let path = self.below.iter().map(step).collect::<Vec<_>>().join(".");
        match self.group {
            "" => format!("{} = \"{path}\"", self.kind),
            group => format!("\"{}.{group}\" = \"{path}\"", self.kind),
        }
    }
}

/// What a step of a path leads to: `*` to every item and every value.
fn steps<'a>(path: &[Value], value: &'a Value, step: &str) -> Vec<(Vec<Value>, &'a Value)> {
    let below = |key: Value, value: &'a Value| ([path, &[key]].concat(), value);
    match (value, step) {
        (Value::Array(items), "*") => (0i64..)
            .zip(items.iter())
            .map(|(at, item)| below(at.into(), item))
            .collect(),
        (Value::Object(object), "*") => object.iter().map(|(key, value)| below(key.clone(), value)).collect(),
        _ => value
            .field(step)
            .map(|found| below(step.into(), found))
            .into_iter()
            .collect(),
    }
}

fn group<'a>(object: &Found<'a>) -> &'a str {
    let version = object.api_version.unwrap_or_default();
    version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether a pod template, or the spec of one, is at or below a value; `path` is then the way to it.
fn is_above_template(value: &Value, path: &mut Vec<Value>) -> bool {
    if has_containers(value) || value.field("spec").is_some_and(has_containers) && !path.is_empty() {
        return true;
    }
    let mut below = |step: Value, value: &Value| {
        path.push(step);
        let found = is_above_template(value, path);
        if !found {
            path.pop();
        }
        found
    };
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), Some("metadata" | "status")))
            .any(|(key, value)| below(key.clone(), value)),
        Value::Array(items) => (0i64..).zip(items.iter()).any(|(at, item)| below(at.into(), item)),
        _ => false,
    }
}

/// Whether a value has containers as a pod's spec has them: items with a name and an image.
fn has_containers(value: &Value) -> bool {
    let containers = value.field("containers").and_then(Value::as_array);
    let text = |container: &Value, name: &str| container.field(name).is_some_and(|value| value.as_str().is_some());
    containers.is_some_and(|items| items.iter().any(|item| text(item, "name") && text(item, "image")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Workloads;
    use crate::kubernetes::objects;
    use kpolicy_value::Value;

    #[test]
    fn a_kind_is_known_with_its_group_and_by_the_settings() {
        let none = Workloads::of(&Value::object(Vec::new()));
        let given = json!({"params": {"kubernetes": {"pod_templates": {"paths": {"Fleet": "spec.pod"}}}}});
        let given = Workloads::of(&Value::from_json(&given));
        let has = |table: &Workloads, kind: &str, version: &str| {
            let value = Value::from_json(&json!({"kind": kind, "apiVersion": version}));
            objects(&value).iter().all(|object| table.has(object))
        };
        assert!(has(&none, "Pod", "v1") && has(&none, "Job", "batch/v1"));
        assert!(has(&none, "Service", "serving.knative.dev/v1") && !has(&none, "Service", "v1"));
        assert!(has(&given, "Fleet", "x.example/v1") && !has(&none, "Fleet", "x.example/v1"));
    }

    #[test]
    fn a_template_of_an_unknown_kind_is_found_with_its_way() {
        let table = Workloads::of(&Value::object(Vec::new()));
        let pod = json!({"containers": [{"name": "a", "image": "a"}]});
        let found = |kind: &str, version: &str, spec: serde_json::Value| {
            let value = Value::from_json(&json!({"kind": kind, "apiVersion": version, "spec": spec}));
            table
                .unread(&value)
                .iter()
                .map(super::Unread::setting)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found("Fleet", "x.example/v1", json!({"servers": [{"pod": {"spec": pod}}]})),
            ["\"Fleet.x.example\" = \"spec.servers.*.pod\""]
        );
        assert_eq!(found("Fleet", "v1", pod.clone()), ["Fleet = \"spec\""]);
        let none: [&str; 0] = [];
        assert_eq!(
            found("ClusterPolicy", "kyverno.io/v1", json!({"rules": [{"spec": pod}]})),
            none
        );
        assert_eq!(found("Fleet", "v1", json!({"containers": [{"name": "usage"}]})), none);
        assert_eq!(found("Deployment", "apps/v1", json!({"template": {"spec": pod}})), none);
    }
}
