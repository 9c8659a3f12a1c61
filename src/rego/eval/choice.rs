//! Choices: what an evaluation goes back to when an instruction fails.

use crate::rego::plan::code::{At, Collect, Slot};
use crate::value::{Number, Value};

/// A place to go back to, with what is left to try there; or the start of a block, with what it has found.
#[derive(Debug)]
pub(super) enum Choice {
    /// The clause's block: with nothing left above it, the block has no more solutions.
    Frame,
    /// The keys and values of a collection, from `next` on.
    Scan {
        of: Value,
        next: usize,
        key: Slot,
        to: Slot,
        then: At,
    },
    /// The alternatives of the `Fork` at this place, from `next` on.
    Fork { at: At, next: usize },
    /// The parts of a value that a `walk` has still to visit, the next last.
    Walk {
        left: Vec<(Value, Value)>,
        to: Slot,
        then: At,
    },
    /// The solutions that a block under `with` has found, the next last.
    Solutions { left: Vec<Vec<Value>>, at: At, then: At },
    /// A `not`: with nothing left above it, it holds.
    Not { end: At },
    /// A block of which the first solution counts.
    Once,
    /// A comprehension, with what it has collected.
    Collect {
        collect: Collect,
        items: Vec<(Option<Value>, Value)>,
        to: Slot,
        end: At,
    },
    /// A block under `with`, with the solutions it has found, in order.
    With { found: Vec<Vec<Value>>, at: At, end: At },
}

/// The entry of a collection at a position: for an array index and item, for a set the member twice.
pub(super) fn entry(of: &Value, at: usize) -> Option<(Value, Value)> {
    match of {
        Value::Array(items) => {
            let index = i64::try_from(at).expect("an array fits in memory");
            Some((Value::Number(Number::from(index)), items.get(at)?.clone()))
        }
        Value::Object(object) => object.entry(at).cloned(),
        Value::Set(members) => members.member(at).map(|member| (member.clone(), member.clone())),
        _ => None,
    }
}

/// The parts right below a value that is at a path, the first last, each with its own path.
pub(super) fn below(path: &Value, value: &Value) -> Vec<(Value, Value)> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some((key, part)) = entry(value, at) {
        let mut steps: Vec<Value> = path.as_array().unwrap_or_default().to_vec();
        steps.push(key);
        parts.push((Value::array(steps), part));
        at += 1;
    }
    parts.reverse();
    parts
}
