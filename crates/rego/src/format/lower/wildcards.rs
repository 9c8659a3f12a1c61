//! The wildcards in a term.

use std::collections::HashSet;

use super::super::layout::{Term, Value};

/// Adds the wildcards of a term that a copy of it shares.
pub(super) fn collect(term: &Term, found: &mut HashSet<u32>) {
    match &term.value {
        Value::Wildcard(number) => {
            found.insert(*number);
        }
        Value::Ref(items) | Value::Array(items) | Value::Set(items) | Value::Call(items) => {
            for item in items {
                collect(item, found);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                collect(key, found);
                collect(value, found);
            }
        }
        _ => {}
    }
}
