//! Builtins that OPA advises against, and refuses in v1.

use super::walk::{self, Found};
use crate::core::{Callee, Program, StatementKind};
use crate::error::{CompileError, CompileErrorCode as Code};
use crate::syntax::tree::Dialect;

/// An error for every call of a deprecated builtin: in modules of v1, and under `strict` in all.
pub(super) fn check(program: &Program, strict: bool) -> Vec<CompileError> {
    let mut errors = Vec::new();
    let refusing = program
        .clauses
        .iter()
        .filter(|clause| strict || clause.dialect == Dialect::V1);
    for clause in refusing {
        walk::clause(clause, &mut |found| {
            let Found::Statement(statement) = found else { return };
            let StatementKind::Call(Callee::Builtin(builtin), _) = &statement.kind else {
                return;
            };
            if builtin.row.deprecated {
                let message = format!("deprecated built-in function calls in expression: {}", builtin.name);
                errors.push(CompileError::new(Code::Type, clause.module, statement.span, message));
            }
        });
    }
    errors
}
