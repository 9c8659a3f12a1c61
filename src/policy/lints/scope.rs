//! What lints look at.

use super::super::module::Parsed;
use crate::settings::Named;
use kpolicy_rego::core::{Clause, Program};
use kpolicy_value::Value;

/// Modules and their program.
pub(in crate::policy) struct Scope<'a, 'f> {
    /// The modules; those of the program come first.
    pub modules: &'a [&'a Parsed<'f>],
    /// Their program, its statements in their final order and flat.
    pub program: &'a Program,
    /// The base document `data`.
    pub data: &'a Value,
    /// Names below `data` that need not be provided.
    pub allowed: &'a [Named],
}

impl<'a, 'f> Scope<'a, 'f> {
    /// The user's modules, with their index.
    pub(super) fn own(&self) -> impl Iterator<Item = (usize, &'a Parsed<'f>)> {
        let modules = self.modules.iter().copied().enumerate();
        modules.filter(|(_, module)| !module.file.embedded)
    }

    /// The clauses of the user's modules.
    pub(super) fn own_clauses(&self) -> impl Iterator<Item = &'a Clause> {
        let modules = self.modules;
        let clauses = self.program.clauses.iter();
        clauses.filter(move |clause| !modules[clause.module].file.embedded)
    }
}
