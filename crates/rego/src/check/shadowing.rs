//! Names that must not stand for something else: imports beside each other, and `input` and `data`.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use crate::error::{CompileError, CompileErrorCode as Code};
use crate::syntax::tree::{Dialect, Import, Module, Term, TermKind};
use crate::syntax::visit::{Node, walk_module};
use kpolicy_value::Span;

/// An error for every import of a name that is imported before, and every rule, argument and assigned variable that is
/// named like a root document: in modules of v1, and under `strict` in all.
pub(crate) fn check(modules: &[Module], strict: bool) -> Vec<CompileError> {
    let mut errors = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        if strict || module.dialect == Dialect::V1 {
            imports(module, at, &mut errors);
            roots(module, at, &mut errors);
        }
    }
    errors
}

fn imports(module: &Module, at: usize, errors: &mut Vec<CompileError>) {
    let mut seen: HashSet<&Arc<str>> = HashSet::new();
    for import in &module.imports {
        let Some(name) = name(import) else { continue };
        if !seen.insert(name) {
            let message = format!("import must not shadow another import of {name}");
            errors.push(CompileError::new(Code::Compile, at, import.span, message));
        }
    }
}

/// The name that an import gives what it imports.
fn name(import: &Import) -> Option<&Arc<str>> {
    import.alias.as_ref().map(|alias| &alias.text).or(import.path.last())
}

fn roots(module: &Module, at: usize, errors: &mut Vec<CompileError>) {
    let mut shadowed = |what: &str, other: &str, name: &str, span: Span| {
        if matches!(name, "input" | "data") {
            let message = format!("{what} must not shadow {name} (use a different {other} name)");
            errors.push(CompileError::new(Code::Compile, at, span, message));
        }
    };
    for rule in &module.rules {
        if let Some(TermKind::String(name)) = rule.head.path.first().map(|step| &step.term.kind) {
            shadowed("rules", "rule", name, rule.head.span);
        }
        for argument in rule.head.arguments.iter().flatten() {
            if let TermKind::Var(name) = &argument.kind {
                shadowed("args", "variable", name, argument.span);
            }
        }
    }
    walk_module(module, &mut |node| {
        if let Node::Term(term) = node
            && let Some(name) = assigned(term)
        {
            shadowed("variables", "variable", name, term.span);
        }
        true
    });
}

/// The name of the variable that a term assigns.
fn assigned(term: &Term) -> Option<&str> {
    let TermKind::Call {
        function, arguments, ..
    } = &term.kind
    else {
        return None;
    };
    match (&function.kind, arguments.first().map(|first| &first.kind)) {
        (TermKind::Var(name), Some(TermKind::Var(left))) if &**name == "assign" => Some(left),
        _ => None,
    }
}
