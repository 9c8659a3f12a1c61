//! What several items of one key give together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Assigned, Item};
use crate::ParseError;
use crate::document::{Entry, Node, Span, Spans};
use kpolicy_value::Value;

/// The items of one key.
enum Slot {
    Scalar(Node),
    /// A list; blocks and objects become items of it.
    List(Vec<Node>, Span, Kind),
}

#[derive(PartialEq)]
enum Kind {
    Attribute,
    Blocks,
}

/// The object of these items. Follows hcl v1.0 decoder.go: decodeMap and what it calls.
pub(super) fn object(items: Vec<Assigned>, span: Span) -> Result<Node, ParseError> {
    let mut slots = BTreeMap::<Arc<str>, (Span, Slot)>::new();
    for Assigned { key, key_span, item } in items {
        let known = slots.remove(&key);
        let first = known.as_ref().map_or(key_span, |(span, _)| *span);
        let (at, slot) = match (known.map(|(_, slot)| slot), item) {
            (None, item) => (key_span, new(item)),
            (Some(Slot::List(mut nodes, all, kind)), Item::Object(node)) => {
                nodes.push(node);
                (first, Slot::List(nodes, all, kind))
            }
            (Some(Slot::List(mut nodes, all, kind)), Item::Value(node)) => {
                let is_list = matches!(node.value, Value::Array(_));
                let added = items_of(node);
                let fits = |node: &Node| kind == Kind::Attribute || matches!(node.value, Value::Object(_));
                if !is_list || !added.iter().all(fits) {
                    return Err(clash(&key, key_span));
                }
                nodes.extend(added);
                (first, Slot::List(nodes, all, kind))
            }
            (Some(Slot::Scalar(earlier)), Item::Value(node)) => match again(&earlier, node) {
                Some(node) => (key_span, Slot::Scalar(node)),
                None => return Err(clash(&key, key_span)),
            },
            (Some(Slot::Scalar(_)), Item::Object(_)) => return Err(clash(&key, key_span)),
        };
        slots.insert(key, (at, slot));
    }
    let entries = slots.into_iter().map(|(key, (key_span, slot))| Entry {
        key,
        key_span,
        node: match slot {
            Slot::Scalar(node) => node,
            Slot::List(nodes, span, _) => Node::array(nodes, span),
        },
    });
    Ok(Node::object(entries.collect(), span))
}

fn new(item: Item) -> Slot {
    match item {
        Item::Object(node) => {
            let span = node.spans.value;
            Slot::List(vec![node], span, Kind::Blocks)
        }
        Item::Value(node) if matches!(node.value, Value::Array(_)) => {
            let span = node.spans.value;
            Slot::List(items_of(node), span, Kind::Attribute)
        }
        Item::Value(node) => Slot::Scalar(node),
    }
}

fn clash(key: &str, span: Span) -> ParseError {
    let message = format!("`{key}` is an attribute and a block");
    ParseError::new(message, span).with_help("give one of them another name")
}

/// The items of an array.
fn items_of(node: Node) -> Vec<Node> {
    let values = node.value.as_array().unwrap_or_default();
    let spans = node.spans.children.as_deref().unwrap_or_default();
    let pairs = values.iter().zip(spans);
    let node = |(value, spans): (&Value, &Spans)| Node {
        value: value.clone(),
        spans: spans.clone(),
    };
    pairs.map(node).collect()
}

/// The value of an attribute that is set again. One that was a string first stays one.
fn again(earlier: &Node, later: Node) -> Option<Node> {
    let text = match (&earlier.value, &later.value) {
        (Value::String(_), Value::Number(_) | Value::Bool(_)) => later.value.to_json().to_string(),
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_)) => {
            return Some(later);
        }
        _ => return None,
    };
    Some(Node::scalar(Value::string(text), later.spans.value))
}
