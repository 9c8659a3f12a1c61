//! Choices: what an evaluation goes back to when an instruction fails.

use super::scope::Scope;
use crate::plan::code::{At, Slot};
use crate::trace::{Marked, Tracer};
use kpolicy_value::{Number, Value};

/// A choice, with what the tracer knew of the way when it was made.
#[derive(Debug)]
pub(super) struct Point<T: Tracer> {
    pub(super) choice: Choice<T>,
    pub(super) trail: T::Trail,
}

/// A place to go back to, with what is left to try there; or the start of a block, with what it has found.
#[derive(Debug)]
pub(super) enum Choice<T: Tracer> {
    /// The clause's block: with nothing left above it, the block has no more solutions.
    Frame,
    /// The keys and values of a collection, from `next` on.
    Scan {
        of: Marked<T::Mark>,
        next: usize,
        key: Slot,
        to: Slot,
        then: At,
    },
    /// The alternatives of the `Fork` at this place, from `next` on.
    Fork { at: At, next: usize },
    /// The parts of a value that a `walk` has still to visit, the next last.
    Walk {
        left: Vec<Unvisited<T::Mark>>,
        /// The mark of the value.
        start: T::Mark,
        to: Slot,
        then: At,
    },
    /// A `not`: with nothing left above it, it holds.
    Not { end: At },
    /// A block of which the first solution counts.
    Once,
    /// The comprehension at this place, with what it has collected.
    Collect { at: At, items: Vec<Item<T::Mark>> },
    /// The start of a block under `with`: with nothing left above it, its scope ends.
    With,
    /// The end of a block under `with`, with its scope: what is left above its start is tried under it.
    Again(Box<Scope<T>>),
}

/// What a comprehension has found: for an object a key and a value, else a value.
pub(super) type Item<M> = (Option<Marked<M>>, Marked<M>);

/// A part of a value that a `walk` has still to visit.
#[derive(Debug)]
pub(super) struct Unvisited<M> {
    /// The path down to it.
    pub(super) path: Value,
    /// The part.
    pub(super) part: Marked<M>,
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

/// The parts right below a part that is visited, the first last, each with its own path.
pub(super) fn below<T: Tracer>(tracer: &mut T, above: &Unvisited<T::Mark>) -> Vec<Unvisited<T::Mark>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some((key, value)) = entry(&above.part.value, at) {
        let mark = tracer.part(above.part.as_ref(), &key);
        let mut steps: Vec<Value> = above.path.as_array().unwrap_or_default().to_vec();
        steps.push(key);
        parts.push(Unvisited {
            path: Value::array(steps),
            part: Marked { value, mark },
        });
        at += 1;
    }
    parts.reverse();
    parts
}
