//! What OPA refuses to format: what is wrong in v1.
//! Follows OPA v1.22 ast/rego_v1.go: CheckRegoV1WithOptions.

use super::dialect::is_v1_keyword;
use crate::builtins::registry::builtin;
use crate::check::shadowing;
use crate::syntax::SyntaxError;
use crate::syntax::tree::{Module, Term, TermKind};
use crate::syntax::visit::{Node, walk_module};

/// What is wrong in a module that is to be written as v1.
pub(super) fn of(module: &Module) -> Vec<SyntaxError> {
    let mut errors: Vec<SyntaxError> = shadowing::check(std::slice::from_ref(module), true)
        .into_iter()
        .map(|error| SyntaxError::new(error.message, error.span))
        .collect();
    walk_module(module, &mut |node| {
        if let Node::Term(term) = node
            && let Some(name) = called(term)
            && builtin(&name).is_some_and(|builtin| builtin.deprecated)
        {
            let message = format!("the builtin `{name}` is deprecated, and no part of v1");
            let help = "replace it; OPA's documentation of builtins names what to use";
            errors.push(SyntaxError::new(message, term.span).with_help(help));
        }
        true
    });
    for rule in &module.rules {
        if let [step] = &rule.head.path[..]
            && let TermKind::String(name) = &step.term.kind
            && is_v1_keyword(name)
        {
            let message = format!("the keyword `{name}` cannot be a rule's name");
            errors.push(SyntaxError::new(message, rule.head.span).with_help("choose another name"));
        }
    }
    errors.sort_by_key(|error| error.span);
    errors
}

/// The name of the function that a term calls.
fn called(term: &Term) -> Option<String> {
    let TermKind::Call { function, .. } = &term.kind else {
        return None;
    };
    name(function)
}

fn name(term: &Term) -> Option<String> {
    match &term.kind {
        TermKind::Var(name) => Some(name.to_string()),
        TermKind::Ref { head, steps } => {
            let mut text = name(head)?;
            for step in steps {
                let TermKind::String(part) = &step.term.kind else {
                    return None;
                };
                text.push('.');
                text.push_str(part);
            }
            Some(text)
        }
        _ => None,
    }
}
