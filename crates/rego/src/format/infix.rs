//! The functions that are written as operators.

use super::layout::{Term, Value};
use super::printed::printed;
use crate::builtins::registry::builtin;

/// An operator.
#[derive(Clone, Copy)]
pub(super) struct Infix {
    pub(super) operator: &'static str,
    /// How many operands it has.
    pub(super) arity: usize,
}

/// The operator that a function is written as.
pub(super) fn infix(function: &Term) -> Option<Infix> {
    let name = match &function.value {
        Value::Var(name) => name.to_string(),
        Value::Ref(_) => printed(function),
        _ => return None,
    };
    let arity = if name == "internal.member_3" { 3 } else { 2 };
    match &*name {
        "internal.member_2" | "internal.member_3" => Some(Infix { operator: "in", arity }),
        "eq" => Some(Infix { operator: "=", arity }),
        "assign" => Some(Infix { operator: ":=", arity }),
        name => builtin(name)?.infix.map(|operator| Infix { operator, arity }),
    }
}
