//! HCL 1 that is written as JSON: objects are lists of objects here too.

use super::{Assigned, Item, merge};
use crate::document::{Node, Span, Spans};
use crate::{Meter, ParseError, json};
use kpolicy_value::{Object, Value};

/// The document of a text.
pub(super) fn parse(text: &str, meter: Meter) -> Result<Node, ParseError> {
    let parsed = json::read(text, json::Comments::Refused, meter)?;
    let root = parsed.documents.into_iter().next();
    let root = root.expect("a text of JSON is one document");
    match &root.value {
        Value::Object(object) => converted(object, &root.spans),
        _ => Ok(root),
    }
}

/// The object with its objects in lists.
fn converted(object: &Object, spans: &Spans) -> Result<Node, ParseError> {
    let mut items = Vec::new();
    for (key, value, spans) in entries(object, spans) {
        let mut push = |item| {
            items.push(Assigned {
                key: key.as_str().unwrap_or_default().into(),
                key_span: spans.key,
                item,
            });
        };
        for (value, spans) in objects(value, spans) {
            for item in apart(value, spans)? {
                push(item);
            }
        }
        if objects(value, spans).is_empty() {
            push(Item::Value(node(value, spans)?));
        }
    }
    merge::object(items, spans.value)
}

/// The entries of an object with their spans.
fn entries<'v>(object: &'v Object, spans: &'v Spans) -> impl Iterator<Item = (&'v Value, &'v Value, &'v Spans)> {
    let children = spans.children.as_deref().unwrap_or_default();
    object
        .iter()
        .zip(children)
        .map(|((key, value), spans)| (key, value, spans))
}

/// The objects of a value that is one, or a list of nothing else; empty for others.
fn objects<'v>(value: &'v Value, spans: &'v Spans) -> Vec<(&'v Object, &'v Spans)> {
    match value {
        Value::Object(object) => vec![(object, spans)],
        Value::Array(items) => {
            let children = spans.children.as_deref().unwrap_or_default();
            let pairs = items.iter().zip(children);
            let all: Option<Vec<_>> = pairs.map(|(item, spans)| Some((item.as_object()?, spans))).collect();
            all.unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// An object as the items of its key: one for each of its own keys if all of them hold objects, as labels do.
fn apart(object: &Object, spans: &Spans) -> Result<Vec<Item>, ParseError> {
    let holds_objects = |(_, value, spans): (&Value, &Value, &Spans)| !objects(value, spans).is_empty();
    if object.is_empty() || !entries(object, spans).all(holds_objects) {
        return Ok(vec![Item::Object(converted(object, spans)?)]);
    }
    let mut items = Vec::new();
    for (key, value, spans) in entries(object, spans) {
        for (value, inner) in objects(value, spans) {
            for item in apart(value, inner)? {
                let assigned = Assigned {
                    key: key.as_str().unwrap_or_default().into(),
                    key_span: spans.key,
                    item,
                };
                let span: Span = spans.key.to(inner.value);
                items.push(Item::Object(merge::object(vec![assigned], span)?));
            }
        }
    }
    Ok(items)
}

/// A value that is not an object: of a list the items, and objects in it converted.
fn node(value: &Value, spans: &Spans) -> Result<Node, ParseError> {
    match value {
        Value::Object(object) => converted(object, spans),
        Value::Array(items) => {
            let children = spans.children.as_deref().unwrap_or_default();
            let nodes: Result<Vec<_>, _> = items
                .iter()
                .zip(children)
                .map(|(item, spans)| node(item, spans))
                .collect();
            Ok(Node::array(nodes?, spans.value))
        }
        scalar => Ok(Node::scalar(scalar.clone(), spans.value)),
    }
}
