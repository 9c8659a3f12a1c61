//! An object under construction: the values and sets at the leaves that an object rule's clauses give.

use std::collections::BTreeMap;

use crate::plan::code::{Collect, InitialObject};
use crate::trace::{Marked, Tracer};
use kpolicy_value::Value;

/// A part of the object.
#[derive(Debug)]
pub(super) enum Leaves<M> {
    /// A value that a clause gave.
    Value(Marked<M>),
    /// The members of a set.
    Set(Vec<Marked<M>>),
    /// What is under keys, with the mark of each key.
    Branch(BTreeMap<Value, (M, Leaves<M>)>),
}

/// Two clauses gave different things for one place.
pub(super) struct Conflict;

impl<M: Clone> Leaves<M> {
    pub(super) fn empty() -> Self {
        Self::Branch(BTreeMap::new())
    }

    /// An object with these parts, all empty.
    pub(super) fn on(initial: &[InitialObject]) -> Self
    where
        M: Default,
    {
        let mut leaves = Self::empty();
        for part in initial {
            let mut at = &mut leaves;
            for (step, key) in part.path.iter().enumerate() {
                let Self::Branch(children) = at else { break };
                let fresh = match part.set && step + 1 == part.path.len() {
                    true => Self::Set(Vec::new()),
                    false => Self::empty(),
                };
                at = &mut children.entry(key.clone()).or_insert((M::default(), fresh)).1;
            }
        }
        leaves
    }

    /// Adds a value, or a member of a set, at a path.
    pub(super) fn insert(&mut self, path: Vec<Marked<M>>, member: bool, value: Marked<M>) -> Result<(), Conflict> {
        let mut steps = path.into_iter().peekable();
        let mut at = self;
        while let Some(Marked { value: step, mark }) = steps.next() {
            let Self::Branch(children) = at else {
                return Err(Conflict);
            };
            let last = steps.peek().is_none();
            if last && !member {
                return match children.get(&step) {
                    // Of 1 and 1.0, which are equal, the first counts.
                    Some((_, known)) if known.is(&value.value) => Ok(()),
                    Some(_) => Err(Conflict),
                    None => {
                        children.insert(step, (mark, Self::Value(value)));
                        Ok(())
                    }
                };
            }
            let fresh = || match last {
                false => Self::empty(),
                true => Self::Set(Vec::new()),
            };
            at = &mut children.entry(step).or_insert_with(|| (mark, fresh())).1;
        }
        match at {
            Self::Set(members) if member => {
                members.push(value);
                Ok(())
            }
            _ => Err(Conflict),
        }
    }

    /// Whether the finished part would be this value.
    fn is(&self, value: &Value) -> bool {
        match self {
            Self::Value(known) => known.value == *value,
            Self::Set(members) => *value == Value::set(members.iter().map(|member| member.value.clone()).collect()),
            Self::Branch(children) => {
                let same =
                    |(key, (_, leaves)): (&Value, &(M, Self))| value.get(key).is_some_and(|part| leaves.is(part));
                value.as_object().is_some_and(|object| object.len() == children.len()) && children.iter().all(same)
            }
        }
    }

    /// The finished object. Its depth is that of a rule's head.
    pub(super) fn into_value<T: Tracer<Mark = M>>(self, tracer: &mut T) -> Marked<M> {
        match self {
            Self::Value(value) => value,
            Self::Set(members) => {
                let parts = members.iter().map(|member| (None, member.as_ref()));
                let mark = tracer.collection(Collect::Set, parts, T::FailureSet::default());
                let value = Value::set(members.into_iter().map(|member| member.value).collect());
                Marked { value, mark }
            }
            Self::Branch(children) => {
                let children = children.into_iter();
                let entries: Vec<(Marked<M>, Marked<M>)> = children
                    .map(|(value, (mark, leaves))| (Marked { value, mark }, leaves.into_value(tracer)))
                    .collect();
                let parts = entries.iter().map(|(key, value)| (Some(key.as_ref()), value.as_ref()));
                let mark = tracer.collection(Collect::Object, parts, T::FailureSet::default());
                let entries = entries.into_iter().map(|(key, value)| (key.value, value.value));
                let value = Value::object(entries.collect());
                Marked { value, mark }
            }
        }
    }
}
