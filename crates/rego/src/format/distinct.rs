//! Which members of a set are written alike.

use std::collections::HashSet;

use super::layout::Term;
use crate::syntax::tree::{self, TermKind};
use kpolicy_value::Value;

/// The members seen so far.
#[derive(Default)]
pub(super) struct Seen {
    scalars: HashSet<Value>,
    /// How many of those kept are no scalars.
    others: usize,
}

impl Seen {
    /// Whether no member before `term` is written like it; `kept` are those members.
    pub(super) fn insert(&mut self, term: &tree::Term, kept: &[(&tree::Term, Term)]) -> bool {
        if let Some(scalar) = scalar(term) {
            return self.scalars.insert(scalar);
        }
        let is_new = self.others == 0 || !kept.iter().any(|(known, _)| known.is_like(term));
        self.others += usize::from(is_new);
        is_new
    }
}

fn scalar(term: &tree::Term) -> Option<Value> {
    match &term.kind {
        TermKind::Null => Some(Value::Null),
        TermKind::Bool(flag) => Some(Value::Bool(*flag)),
        TermKind::Number(number) => Some(Value::Number(number.clone())),
        TermKind::String(text) => Some(Value::string(text.clone())),
        _ => None,
    }
}
