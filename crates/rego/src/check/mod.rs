//! What OPA's compiler refuses, on the core form.

use super::core::Program;
use super::error::CompileError;
use super::schemas::Schemas;
use super::syntax::tree::Module;

pub(crate) mod annotations;
pub(crate) mod builtins;
mod cause;
mod conflicts;
mod deprecated;
pub(crate) mod graph;
mod narrow;
pub mod print;
mod recursion;
pub(crate) mod safety;
pub(crate) mod shadowing;
pub(crate) mod tree;
mod types;
pub(crate) mod undeclared;
pub(super) mod variables;
pub mod walk;

/// The errors of a program's rules beside each other. OPA looks for them before it looks for unsafe variables.
pub(crate) fn conflicts(program: &Program, modules: &[Module]) -> Vec<CompileError> {
    let mut errors = conflicts::check(program, modules, &tree::RuleTree::new(program));
    errors.sort_by_key(|error| (error.module, error.span));
    errors
}

/// The errors of a program that makes sense otherwise: recursion, types, deprecated builtins. Each is looked for only
/// where there is none before it, as OPA does; last, unless tests may replace them, builtins that kpolicy does not have. The program's statements are in their final order and flat.
pub(crate) fn check(
    program: &Program,
    schemas: Option<(&[Module], &Schemas)>,
    strict: bool,
    tests: bool,
) -> Vec<CompileError> {
    let tree = tree::RuleTree::new(program);
    let mut graph = graph::Graph::new(program, &tree);
    let groups = graph.groups();
    let mut errors = recursion::check(program, &graph, &groups);
    if errors.is_empty() {
        errors = types::check(program, &mut graph, schemas);
    }
    if errors.is_empty() {
        errors = deprecated::check(program, strict);
    }
    if errors.is_empty() && !tests {
        errors = builtins::check(program);
    }
    errors.sort_by_key(|error| (error.module, error.span));
    errors
}
