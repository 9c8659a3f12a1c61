//! The builtins that a program runs, and those among them that kpolicy does not have.

use foldhash::{HashSet, HashSetExt};

use super::walk::{self, Found};
use crate::builtins::registry::{Implementation, Signature};
use crate::core::{Callee, Program, Replacement, StatementKind, Target};
use crate::error::{CompileError, CompileErrorCode as Code};
use kpolicy_value::Span;

/// A builtin that a program can run.
pub struct UsedBuiltin {
    /// The builtin.
    pub builtin: &'static Signature,
    /// The module, by its index among those compiled.
    pub module: usize,
    /// The call, or what `with` puts it in the place of.
    pub span: Span,
}

/// The builtins that a program can run, each place once: not those of calls that are under a `with` which replaces
/// them, wherever else the call stands, also where it is never come to.
pub fn used_builtins(program: &Program) -> Vec<UsedBuiltin> {
    let mut used = Vec::new();
    for clause in &program.clauses {
        let mut seen = HashSet::new();
        let mut replacing = Vec::new();
        let mut note = |builtin: &'static Signature, span| {
            if seen.insert((builtin.name, span)) {
                used.push(UsedBuiltin {
                    builtin,
                    module: clause.module,
                    span,
                });
            }
        };
        walk::clause(clause, &mut |found| match found {
            Found::Replacing(all) => replacing.push(all),
            Found::Replaced => _ = replacing.pop(),
            Found::Statement(statement) => {
                if let StatementKind::Call(Callee::Builtin(builtin), _) = statement.kind
                    && !replacing
                        .iter()
                        .copied()
                        .flatten()
                        .any(|with| is_of(&with.target, builtin))
                {
                    note(builtin, statement.span);
                }
            }
            Found::With(with) => {
                if let Replacement::Function(Callee::Builtin(builtin)) = with.value {
                    note(builtin, with.span);
                }
            }
            _ => {}
        });
    }
    used
}

fn is_of(target: &Target, builtin: &Signature) -> bool {
    matches!(target, Target::Builtin(replaced) if replaced.name == builtin.name)
}

/// An error for every builtin that a program can run and that OPA has and kpolicy has not.
pub(super) fn check(program: &Program) -> Vec<CompileError> {
    let missing = used_builtins(program)
        .into_iter()
        .filter(|used| matches!(used.builtin.row.implementation, Implementation::Missing));
    missing
        .map(|used| {
            let message = format!("kpolicy cannot evaluate the builtin {}", used.builtin.name);
            let help = "it is part of a feature that this build does not have: build with default features, or remove the call";
            CompileError::new(Code::Compile, used.module, used.span, message).help(help)
        })
        .collect()
}
