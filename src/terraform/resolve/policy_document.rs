//! Data sources of `aws_iam_policy_document`: the JSON that they are.

use super::convert::{json, text};
use super::unknown::{is_known, is_unknown, partly};
use kpolicy_value::Value;

/// The version that a document has where it says none.
const VERSION: &str = "2012-10-17";

/// The policy that a document's body stands for; nothing where other documents are taken over that are not known.
pub(super) fn json_of(body: &Value) -> Option<Value> {
    let mut statements = Vec::new();
    for field in ["source_policy_documents", "source_json"] {
        statements.extend(taken_over(body.field(field))?);
    }
    statements.extend(blocks(body, "statement").into_iter().map(statement));
    for field in ["override_policy_documents", "override_json"] {
        statements.extend(taken_over(body.field(field))?);
    }
    let mut policy = vec![("Statement".into(), Value::array(statements))];
    let version = body.field("version").filter(|version| **version != Value::Null);
    policy.push(("Version".into(), version.cloned().unwrap_or_else(|| VERSION.into())));
    if let Some(id) = body.field("policy_id") {
        policy.push(("Id".into(), id.clone()));
    }
    let policy = Value::object(policy);
    Some(match is_known(&policy) {
        true => Value::string(json(&policy)),
        false => partly(&json(&policy)),
    })
}

/// The statements of other documents; those that are not known stand for none.
fn taken_over(documents: Option<&Value>) -> Option<Vec<Value>> {
    let documents = match documents {
        None | Some(Value::Null) => return Some(Vec::new()),
        Some(Value::Array(items)) => items.to_vec(),
        Some(value) => vec![value.clone()],
    };
    let mut statements = Vec::new();
    for document in documents {
        let Ok(written) = text(&document) else { continue };
        let read: serde_json::Value = serde_json::from_str(&written).ok()?;
        match Value::from_json(&read).field("Statement") {
            Some(Value::Array(items)) => statements.extend(items.iter().cloned()),
            Some(one) => statements.push(one.clone()),
            None => {}
        }
    }
    Some(statements)
}

/// The blocks of a name, those that `dynamic` blocks make among them.
fn blocks<'b>(body: &'b Value, name: &str) -> Vec<&'b Value> {
    let list = |value: Option<&'b Value>| -> Vec<&'b Value> {
        match value {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(value @ Value::Object(_)) => vec![value],
            _ => Vec::new(),
        }
    };
    let made = body.field("dynamic").and_then(|dynamic| dynamic.field(name));
    let made = list(made).into_iter().flat_map(|block| list(block.field("content")));
    list(body.field(name)).into_iter().chain(made).collect()
}

fn statement(block: &Value) -> Value {
    let mut entries = vec![(
        "Effect".into(),
        block
            .field("effect")
            .filter(|effect| **effect != Value::Null)
            .cloned()
            .unwrap_or_else(|| "Allow".into()),
    )];
    for (field, name) in [
        ("sid", "Sid"),
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        let value = block.field(field).filter(|value| **value != Value::Null);
        entries.extend(value.map(|value| (name.into(), alone(value))));
    }
    for (field, name) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let all = blocks(block, field);
        if !all.is_empty() {
            entries.push((name.into(), principals(&all)));
        }
    }
    let conditions: Vec<(Value, Value)> = blocks(block, "condition").into_iter().filter_map(condition).collect();
    if !conditions.is_empty() {
        entries.push(("Condition".into(), Value::object(conditions)));
    }
    Value::object(entries)
}

/// A list of one item as that item.
fn alone(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 && !is_unknown(&items[0]) => items[0].clone(),
        Value::Set(items) if items.len() == 1 => items.as_slice()[0].clone(),
        value => value.clone(),
    }
}

fn principals(blocks: &[&Value]) -> Value {
    let mut all = Vec::new();
    for block in blocks {
        let (kind, identifiers) = (block.field("type"), block.field("identifiers").map(alone));
        if kind.and_then(Value::as_str) == Some("*") && identifiers.as_ref().and_then(Value::as_str) == Some("*") {
            return "*".into();
        }
        all.extend(kind.cloned().zip(identifiers));
    }
    Value::object(all)
}

fn condition(block: &Value) -> Option<(Value, Value)> {
    let entry = (block.field("variable")?.clone(), alone(block.field("values")?));
    Some((block.field("test")?.clone(), Value::object(vec![entry])))
}
