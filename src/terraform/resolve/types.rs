//! The types of variables: what an object has where an optional attribute is not given.

use super::evaluate::{Evaluator, Names};
use super::module::Block;
use kpolicy_parse::hcl2::{self, Term, TermKind};
use kpolicy_value::Value;

/// How deep types are looked into.
const DEPTH: usize = 16;

/// A variable's value with the attributes that its type says the defaults of.
pub(super) fn with_defaults(evaluator: Evaluator, variable: &Block, value: Value) -> Value {
    let mut path = variable.path.clone();
    path.push("type".into());
    let found = variable.file.find(&path);
    let is_written = found.depth == path.len() && found.value.as_str().is_some_and(|text| text.contains("optional("));
    if !is_written || !matches!(value, Value::Object(_) | Value::Array(_)) {
        return value;
    }
    let source = format!("{}\n", found.spans.value.of(&variable.file.file.text));
    match hcl2::term(&source) {
        Ok(term) => completed(evaluator, &term, &source, value, DEPTH),
        Err(_) => value,
    }
}

fn completed(evaluator: Evaluator, of: &Term, source: &str, value: Value, depth: usize) -> Value {
    let TermKind::Call { name, arguments, .. } = &of.kind else {
        return value;
    };
    let (Some(inner), true) = (arguments.first(), depth > 0) else {
        return value;
    };
    let below = |term: &Term, value: Value| completed(evaluator, term, source, value, depth - 1);
    match (name.as_str(), &value) {
        ("list" | "set", Value::Array(items)) => {
            Value::array(items.iter().map(|item| below(inner, item.clone())).collect())
        }
        ("map", Value::Object(object)) => Value::object(
            object
                .iter()
                .map(|(key, value)| (key.clone(), below(inner, value.clone())))
                .collect(),
        ),
        ("optional", _) => below(inner, value),
        ("object", Value::Object(object)) => {
            let TermKind::Object(attributes) = &inner.kind else {
                return value;
            };
            let mut entries: Vec<(Value, Value)> = object.iter().cloned().collect();
            for (key, of) in attributes {
                let Ok(key) = evaluator.term(key, source, &Names::NONE) else {
                    continue;
                };
                let given = object.get(&key).filter(|value| **value != Value::Null);
                let value = match (given, &of.kind) {
                    (Some(given), _) => given.clone(),
                    (None, TermKind::Call { name, arguments, .. }) if name == "optional" => match arguments.get(1) {
                        Some(default) => evaluator.term(default, source, &Names::NONE).unwrap_or(Value::Null),
                        None => Value::Null,
                    },
                    (None, _) => continue,
                };
                // Of equal keys the last wins.
                entries.push((key, below(of, value)));
            }
            Value::object(entries)
        }
        _ => value,
    }
}
