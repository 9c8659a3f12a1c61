//! What an object rule's value has before any clause gives something.
//!
//! A head whose steps are all constant scalars, `p[0].x`, is in OPA's tree of rules like a package does: what is on the way
//! to it is an object even where nothing is defined. Below the first rule with a variable in its head that is not so,
//! since OPA evaluates all that is there at once.

use super::code::InitialObject;
use crate::core::{Clause, Kind, TermKind};
use kpolicy_value::Value;

/// What of a clause's head counts.
pub(super) struct Head {
    /// The constants that it starts with, from the rule on.
    constants: Vec<Value>,
    /// Whether more follows.
    open: bool,
    /// Whether it gives members of a set.
    set: bool,
}

impl Head {
    /// The head of a clause of the rule whose path has this length.
    pub(super) fn of(clause: &Clause, depth: usize) -> Self {
        let names = clause.path[depth..].iter().cloned().map(Value::string);
        let keys = clause.keys.iter().map_while(|key| match &key.kind {
            TermKind::Const(Value::Array(_) | Value::Object(_) | Value::Set(_)) => None,
            TermKind::Const(value) => Some(value.clone()),
            _ => None,
        });
        let constants: Vec<Value> = names.chain(keys).collect();
        Self {
            open: constants.len() < clause.path.len() - depth + clause.keys.len(),
            set: matches!(clause.kind, Kind::Set),
            constants,
        }
    }
}

/// What stands on the path to a rule's heads.
pub(super) fn of(heads: &[Head]) -> Vec<InitialObject> {
    let is_open = |path: &[Value]| heads.iter().any(|head| head.open && head.constants == path);
    let mut found: Vec<InitialObject> = heads
        .iter()
        .map(|head| {
            let constants = head.constants.as_slice();
            let (end, set) = match (0..=constants.len()).find(|end| is_open(&constants[..*end])) {
                Some(end) => (end, false),
                None if head.set => (constants.len(), true),
                None => (constants.len().saturating_sub(1), false),
            };
            InitialObject {
                path: constants[..end].to_vec(),
                set,
            }
        })
        .filter(|part| !part.path.is_empty())
        .collect();
    found.sort();
    found.dedup();
    found
}
