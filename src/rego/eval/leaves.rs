//! An object under construction: the values and sets at the leaves that an object rule's clauses give.

use std::collections::BTreeMap;

use crate::value::Value;

/// A part of the object.
#[derive(Debug)]
pub(super) enum Leaves {
    /// A value that a clause gave.
    Value(Value),
    /// The members of a set.
    Set(Vec<Value>),
    /// What stands under keys.
    Branch(BTreeMap<Value, Leaves>),
}

/// Two clauses gave different things for one place.
pub(super) struct Conflict;

impl Leaves {
    pub(super) fn empty() -> Self {
        Self::Branch(BTreeMap::new())
    }

    /// Adds a value, or a member of a set, at a path.
    pub(super) fn insert(&mut self, path: Vec<Value>, member: bool, value: Value) -> Result<(), Conflict> {
        let mut steps = path.into_iter();
        let Some(mut step) = steps.next() else {
            return Err(Conflict);
        };
        let mut at = self;
        loop {
            let Self::Branch(children) = at else {
                return Err(Conflict);
            };
            match steps.next() {
                Some(next) => {
                    at = children.entry(step).or_insert_with(Self::empty);
                    step = next;
                }
                None if member => {
                    return match children.entry(step).or_insert_with(|| Self::Set(Vec::new())) {
                        Self::Set(members) => {
                            members.push(value);
                            Ok(())
                        }
                        _ => Err(Conflict),
                    };
                }
                None => {
                    return match children.remove(&step).map(Self::into_value) {
                        Some(known) if known != value => Err(Conflict),
                        _ => {
                            children.insert(step, Self::Value(value));
                            Ok(())
                        }
                    };
                }
            }
        }
    }

    /// The finished object. Its depth is that of a rule's head.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Set(members) => Value::set(members),
            Self::Branch(children) => Value::object(
                children
                    .into_iter()
                    .map(|(key, leaves)| (key, leaves.into_value()))
                    .collect(),
            ),
        }
    }
}
