//! Merge keys: `<<` with a mapping, or a list of them, takes over their entries.

use crate::document::{Entry, Node, Spans};
use kpolicy_value::Value;

/// Adds the entries of a merged mapping, or of a list of them, of which the earlier wins. A list behind an alias is none.
pub(super) fn merge(entries: &mut Vec<Entry>, merged: &Node, alias: bool) -> Result<(), String> {
    let wrong = || "`<<` takes a mapping or a list of mappings".to_owned();
    match (&merged.value, &merged.spans.children) {
        (Value::Object(_), _) => {
            entries.extend(entries_of(merged).ok_or_else(wrong)?);
            Ok(())
        }
        (Value::Array(items), Some(children)) if !alias => {
            for (value, spans) in items.iter().zip(children.iter()).rev() {
                let node = Node {
                    value: value.clone(),
                    spans: spans.clone(),
                };
                entries.extend(entries_of(&node).ok_or_else(wrong)?);
            }
            Ok(())
        }
        _ => Err(wrong()),
    }
}

/// The entries of a mapping, with the places where they were written.
fn entries_of(node: &Node) -> Option<Vec<Entry>> {
    let object = node.value.as_object()?;
    let children = node.spans.children.as_ref()?;
    let entry = |((key, value), spans): (&(Value, Value), &Spans)| {
        let Value::String(key) = key else { return None };
        Some(Entry {
            key: key.to_shared(),
            key_span: spans.key,
            node: Node {
                value: value.clone(),
                spans: spans.clone(),
            },
        })
    };
    object.iter().zip(children.iter()).map(entry).collect()
}
