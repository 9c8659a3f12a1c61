//! Parts of documents by their paths: kept, removed, changed.

mod edit;
mod patch;
mod path;

use std::collections::BTreeMap;

use super::operand::{object, wrong};
use super::registry::{Family, pure};
use super::{Failure, Operands};
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[
    pure(
        "json.filter",
        "(object{[any]: any}, array[string | array[any]] | set[string | array[any]]) -> object{[any]: any}",
        "The parts of an object that these paths name.",
        |_, operands| {
            object(operands, 0)?;
            Ok(Some(paths(operands)?.kept(operands[0])))
        },
    ),
    pure(
        "json.remove",
        "(object{[any]: any}, array[string | array[any]] | set[string | array[any]]) -> object{[any]: any}",
        "An object without the parts that these paths name.",
        |_, operands| {
            object(operands, 0)?;
            Ok(paths(operands)?.left(operands[0]))
        },
    ),
    pure(
        "json.patch",
        r#"(any, array[object{"op": string, "path": any, [any]: any}]) -> any"#,
        "A document with the operations of a JSON patch applied.",
        patch::patch,
    ),
];

/// Paths as a tree of their steps.
enum Paths {
    /// A path ends here.
    End,
    /// The paths that go on, by their next step.
    On(BTreeMap<Value, Paths>),
}

/// The second operand's paths.
fn paths(operands: Operands) -> Result<Paths, Failure> {
    let paths = match operands[1] {
        Value::Array(items) => items,
        Value::Set(members) => members.as_slice(),
        other => return Err(wrong(1, "one of {set, array}", other)),
    };
    let paths: Vec<Vec<Value>> = paths.iter().map(path::read).collect::<Result<_, _>>()?;
    let mut tree = Paths::On(BTreeMap::new());
    for path in paths {
        tree.add(&path);
    }
    Ok(tree)
}

impl Paths {
    fn add(&mut self, path: &[Value]) {
        let Self::On(steps) = self else {
            return;
        };
        match path {
            [] => {}
            [last] => {
                steps.insert(last.clone(), Self::End);
            }
            [step, rest @ ..] => steps
                .entry(step.clone())
                .or_insert_with(|| Self::On(BTreeMap::new()))
                .add(rest),
        }
    }

    /// What the paths lead to in a value; items of arrays are under their indexes as strings.
    fn kept(&self, value: &Value) -> Value {
        let Self::On(steps) = self else {
            return value.clone();
        };
        match value {
            Value::Array(items) => {
                let kept = items.iter().enumerate();
                let kept = kept.filter_map(|(at, item)| Some(steps.get(&index(at))?.kept(item)));
                Value::array(kept.collect())
            }
            Value::Set(members) => {
                let kept = members
                    .iter()
                    .filter_map(|member| Some(steps.get(member)?.kept(member)));
                Value::set(kept.collect())
            }
            Value::Object(object) => {
                let kept = object.iter();
                let kept = kept.filter_map(|(key, value)| Some((key.clone(), steps.get(key)?.kept(value))));
                Value::object(kept.collect())
            }
            scalar => scalar.clone(),
        }
    }

    /// What is left of a value without what the paths lead to; nothing if that is all of it.
    fn left(&self, value: &Value) -> Option<Value> {
        let Self::On(steps) = self else {
            return None;
        };
        let left = |step: &Value, value: &Value| match steps.get(step) {
            Some(paths) => paths.left(value),
            None => Some(value.clone()),
        };
        Some(match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                Value::array(items.filter_map(|(at, item)| left(&index(at), item)).collect())
            }
            Value::Set(members) => {
                let members = members.iter().filter_map(|member| left(member, member));
                Value::set(members.collect())
            }
            Value::Object(object) => {
                let entries = object.iter();
                Value::object(
                    entries
                        .filter_map(|(key, value)| Some((key.clone(), left(key, value)?)))
                        .collect(),
                )
            }
            scalar => scalar.clone(),
        })
    }
}

fn index(at: usize) -> Value {
    Value::string(at.to_string())
}
