//! What the variables of a body can hold, as far as the body says so by constants: `some root in ["foo", "bar"]` binds
//! one of two. A reference by such a variable means no other rule.
//!
//! Follows OPA v1.22 ast/compile.go: orderedVarBindings, expandRefVars.

use foldhash::HashMap;

use crate::core::{Local, Root, Statement, StatementKind, Term, TermKind};
use kpolicy_value::Value;

/// A step of a reference: a constant, or nothing where it is not known.
pub(super) type Step = Option<Value>;

/// The most references that one is narrowed into.
const MOST: usize = 64;

/// The values that variables can hold.
#[derive(Default)]
pub(super) struct Known(HashMap<Local, Vec<Value>>);

impl Known {
    /// Notes what a statement of a body binds to constants. The first binding of a variable counts: it holds whatever
    /// else is said of it.
    pub(super) fn note(&mut self, statement: &Statement) {
        let StatementKind::Equal(left, right) = &statement.kind else {
            return;
        };
        if statement.negated || !statement.with.is_empty() {
            return;
        }
        let bound = [(left, right), (right, left)]
            .into_iter()
            .find_map(|(variable, value)| {
                let TermKind::Local(local) = variable.kind else {
                    return None;
                };
                Some((local, self.values(value)?))
            });
        if let Some((local, values)) = bound {
            self.0.entry(local).or_insert(values);
        }
    }

    /// The references that one can mean: each with the values that the variables among its steps can hold.
    pub(super) fn expanded(&self, path: &[Term]) -> Vec<Vec<Step>> {
        let mut expanded = vec![path.iter().map(constant).collect::<Vec<Step>>()];
        for (at, step) in path.iter().enumerate() {
            if self.0.is_empty() || constant(step).is_some() {
                continue;
            }
            // No value at all means that the body never holds: nothing is to be made of that here.
            let Some(values) = self.values(step).filter(|values| !values.is_empty()) else {
                continue;
            };
            if expanded.len() * values.len() > MOST {
                continue;
            }
            let with = |prefix: &Vec<Step>, value: &Value| {
                let mut narrowed = prefix.clone();
                narrowed[at] = Some(value.clone());
                narrowed
            };
            let all = expanded
                .iter()
                .flat_map(|prefix| values.iter().map(move |value| with(prefix, value)));
            expanded = all.collect();
        }
        expanded
    }

    /// The values that a term can have; nothing where they are not known.
    fn values(&self, term: &Term) -> Option<Vec<Value>> {
        match &term.kind {
            TermKind::Const(value) => Some(vec![value.clone()]),
            TermKind::Local(local) => self.0.get(local).cloned(),
            TermKind::Ref(Root::Local(local), path) => self.parts(self.0.get(local)?.clone(), path),
            _ => None,
        }
    }

    /// The values at the end of a way into these: under a constant its own, under anything else all.
    fn parts(&self, mut values: Vec<Value>, path: &[Term]) -> Option<Vec<Value>> {
        for step in path {
            let mut next = Vec::new();
            for value in &values {
                match constant(step) {
                    Some(key) => next.extend(part(value, &key)),
                    None => next.extend(members(value)?),
                }
            }
            if next.len() > MOST {
                return None;
            }
            values = next;
        }
        Some(values)
    }
}

fn constant(term: &Term) -> Step {
    match &term.kind {
        TermKind::Const(value) => Some(value.clone()),
        _ => None,
    }
}

fn part(value: &Value, key: &Value) -> Option<Value> {
    match value {
        Value::Set(members) => members.get(key).cloned(),
        _ => value.get(key).cloned(),
    }
}

/// The members of a collection; nothing for what is none.
fn members(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.iter().cloned().collect()),
        Value::Set(members) => Some(members.iter().cloned().collect()),
        Value::Object(object) => Some(object.iter().map(|(_, value)| value.clone()).collect()),
        _ => None,
    }
}
