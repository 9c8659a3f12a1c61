//! The fields that Kubernetes has in its workload kinds, and those of an object that it does not have: the API server
//! drops them, and a rule never sees what they were meant to say.
//!
//! The table is made of the Go module k8s.io/api by tools/kubernetes-fields/refresh.sh.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::objects;
use crate::suggest::nearest;
use kpolicy_value::Value;

type Fields = HashMap<&'static str, &'static str>;

/// The fields of each type with the types that they hold; the kinds are under [`KINDS`].
static TYPES: LazyLock<HashMap<&'static str, Fields>> = LazyLock::new(|| {
    let lines = include_str!("fields.txt").lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let mut words = line.split(' ');
        let fields = |word: &'static str| word.split_once('=').unwrap_or((word, ""));
        Some((words.next()?, words.map(fields).collect()))
    };
    lines.filter_map(read).collect()
});

const KINDS: &str = "kinds";

/// A field that Kubernetes does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// The path of the field in the document.
    pub path: Vec<Value>,
    /// The name of the type that lacks it.
    pub owner: &'static str,
    /// What to do about it.
    pub help: String,
}

/// The unknown fields of the objects in a document.
pub fn unknown(document: &Value) -> Vec<Unknown> {
    let mut found = Vec::new();
    for object in objects(document) {
        if let Some(of) = object.kind.and_then(|kind| root(object.api_version, kind)) {
            below(object.value, of, &mut object.path.clone(), &mut found);
        }
    }
    found
}

/// JSON schemas of the kinds, by their paths below `schema`: `kubernetes`, the kind, and the same with the version before it.
///
/// What is free in form, such as a quantity, may be anything.
pub fn schemas() -> impl Iterator<Item = (Vec<String>, Value)> {
    let object = |entries: Vec<(&str, Value)>| {
        let entries = entries.into_iter().map(|(key, value)| (Value::from(key), value));
        Value::object(entries.collect())
    };
    let refer = move |of: &str| object(vec![("$ref", Value::string(format!("#/definitions/{of}")))]);
    let field = move |of: &str| match of.strip_prefix(LIST) {
        Some(item) => object(vec![("type", "array".into()), ("items", refer(item))]),
        None if of.is_empty() => object(Vec::new()),
        None => refer(of),
    };
    let definition = move |fields: &Fields| {
        let properties = fields.iter().map(|(name, of)| (*name, field(of))).collect();
        object(vec![("type", "object".into()), ("properties", object(properties))])
    };
    let types = TYPES.iter().filter(|(name, _)| **name != KINDS);
    let definitions = object(types.map(|(name, fields)| (*name, definition(fields))).collect());
    let kinds = TYPES.get(KINDS).into_iter().flatten();
    kinds.flat_map(move |(kind, of)| {
        let (version, name) = kind.rsplit_once('/').unwrap_or(("", kind));
        let to = Value::string(format!("#/definitions/{of}"));
        let schema = object(vec![("definitions", definitions.clone()), ("$ref", to)]);
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect();
        [
            (path(&["kubernetes", name]), schema.clone()),
            (path(&["kubernetes", version, name]), schema),
        ]
    })
}

/// The type of a kind; what says no version is taken for the kind of that name.
fn root(api_version: Option<&str>, kind: &str) -> Option<&'static str> {
    let kinds = TYPES.get(KINDS)?;
    let fits = |known: &str| match (known.rsplit_once('/'), api_version) {
        (Some((version, name)), Some(given)) => name == kind && version == given,
        (Some((_, name)), None) => name == kind,
        (None, _) => false,
    };
    kinds.iter().find(|(known, _)| fits(known)).map(|(_, of)| *of)
}

/// What stands before the type of a field that holds a list.
const LIST: &str = "[]";

fn below(value: &Value, of: &'static str, path: &mut Vec<Value>, found: &mut Vec<Unknown>) {
    match value {
        Value::Array(items) => {
            for (at, item) in (0i64..).zip(items.iter()) {
                path.push(at.into());
                below(item, of, path, found);
                path.pop();
            }
        }
        Value::Object(object) => {
            let Some(fields) = TYPES.get(of) else { return };
            for (key, value) in object.iter() {
                let Some(name) = key.as_str() else { continue };
                path.push(key.clone());
                match fields.get(name) {
                    Some(&"") => {}
                    Some(held) => below(value, held.trim_start_matches(LIST), path, found),
                    // A patch says with such keys what is to be done.
                    None if name.starts_with('$') => {}
                    None => found.push(Unknown {
                        path: path.clone(),
                        owner: of,
                        help: help(name, fields),
                    }),
                }
                path.pop();
            }
        }
        _ => {}
    }
}

/// The field that was most likely meant, or where the field of that name belongs.
fn help(name: &str, fields: &Fields) -> String {
    let mut known: Vec<&str> = fields.keys().copied().collect();
    known.sort_unstable();
    let case = known.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
    if let Some(near) = case.or_else(|| nearest(name, known.iter().copied())) {
        return format!("did you mean {near}?");
    }
    let has = |(of, fields): (&&'static str, &Fields)| (*of != KINDS && fields.contains_key(name)).then_some(*of);
    let mut owners: Vec<&str> = TYPES.iter().filter_map(has).collect();
    owners.sort_unstable();
    match owners.as_slice() {
        [] => "remove the field, or correct its name".to_owned(),
        [.., _] if owners.len() > 3 => "check the indentation: other parts of an object have such a field".to_owned(),
        owners => format!("check the indentation: it is a field of {}", owners.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LIST, TYPES, unknown};
    use kpolicy_value::Value;

    fn fields(document: serde_json::Value) -> Vec<(String, String)> {
        let found = unknown(&Value::from_json(&document)).into_iter();
        let path = |path: Vec<Value>| path.iter().map(Value::key_text).collect::<Vec<_>>().join(".");
        found.map(|field| (path(field.path), field.help)).collect()
    }

    #[test]
    fn the_table_leads_nowhere_that_it_does_not_know() {
        assert!(TYPES.len() > 100, "the table is read");
        for (of, fields) in TYPES.iter() {
            for (field, held) in fields {
                let held = held.trim_start_matches(LIST);
                assert!(held.is_empty() || TYPES.contains_key(held), "{of}.{field}: {held}");
            }
        }
    }

    #[test]
    fn unknown_fields_are_found_in_all_parts_of_a_workload() {
        let container = json!({"name": "a", "securityContexts": {}, "imagepullpolicy": "Always", "hostNetwork": true});
        let pod = json!({"kind": "Pod", "apiVersion": "v1", "spec": {"containers": [container]}});
        let found = fields(json!({"kind": "List", "items": [pod]}));
        let at = |name: &str| format!("items.0.spec.containers.0.{name}");
        let said = |text: &str| text.to_owned();
        assert_eq!(
            found,
            [
                (
                    at("hostNetwork"),
                    said("check the indentation: it is a field of PodSpec")
                ),
                (at("imagepullpolicy"), said("did you mean imagePullPolicy?")),
                (at("securityContexts"), said("did you mean securityContext?")),
            ]
        );
    }

    #[test]
    fn what_is_free_in_form_patches_and_other_kinds_have_no_unknown_fields() {
        let none: [(String, String); 0] = [];
        let free = json!({
            "kind": "Deployment", "apiVersion": "apps/v1",
            "metadata": {"labels": {"any": "x"}, "creationTimestamp": null},
            "spec": {"template": {"spec": {"$patch": "replace", "nodeSelector": {"any": "x"}, "containers": [
                {"name": "a", "resources": {"limits": {"example.com/gpu": 1}}, "livenessProbe": {"httpGet": {"port": "x"}}}
            ]}}},
            "status": {},
        });
        assert_eq!(fields(free), none);
        assert_eq!(
            fields(json!({"kind": "Job", "apiVersion": "x.example/v1", "any": 1})),
            none
        );
        assert_eq!(
            fields(json!({"kind": "Deployment", "apiVersion": "extensions/v1beta1", "any": 1})),
            none
        );
    }
}
