//! References to `data` in a template's code: those that Gatekeeper refuses, and those that lead nowhere in a cluster.

use std::collections::HashSet;

use kpolicy_rego::Span;
use kpolicy_rego::syntax::tree::{Expression, ExpressionKind, Module, Rule, Step, Term, TermKind};
use kpolicy_rego::syntax::visit::{self, Node};

/// Where a module refers to other parts of `data` than those that Gatekeeper allows.
pub(super) fn foreign_data(module: &Module) -> Vec<Span> {
    let mut foreign = Vec::new();
    let mut heads: HashSet<Span> = HashSet::new();
    visit::walk_module(module, &mut |node| {
        if let Node::Term(term) = node {
            match &term.kind {
                TermKind::Ref { head, steps } if matches!(&head.kind, TermKind::Var(name) if &**name == "data") => {
                    heads.insert(head.span);
                    let first = steps.first().map(|step| &step.term.kind);
                    let is_allowed =
                        matches!(first, Some(TermKind::String(name)) if matches!(&**name, "inventory" | "lib"));
                    if !is_allowed {
                        foreign.push(term.span);
                    }
                }
                TermKind::Var(name) if &**name == "data" && !heads.contains(&term.span) => foreign.push(term.span),
                _ => {}
            }
        }
        true
    });
    foreign
}

/// Where a module names a library by its path from `data` on within another term, such as `[data.lib.a.b]`, `count(data.lib.a.b)`
/// in an expression, or `some x in data.lib.a.b`.
///
/// Gatekeeper moves libraries to other paths, and changes imports and the terms of expressions and heads accordingly, but not what
/// is inside these terms. There the reference is undefined, and a call is an error of the compiler.
///
/// Follows Gatekeeper's frameworks/constraint/pkg/regorewriter/regorewriter.go: Rewrite
pub(super) fn unnamed_libraries(module: &Module) -> Vec<Span> {
    let mut changed: HashSet<Span> = HashSet::new();
    for rule in &module.rules {
        changed.extend(head_terms(rule).map(|term| term.span));
    }
    visit::walk_module(module, &mut |node| match node {
        Node::Expression(expression) => {
            changed.extend(terms(expression).map(|term| term.span));
            true
        }
        // A comprehension is a term, and so is a call.
        Node::Term(_) => false,
        Node::Body(_) => true,
    });
    let mut nested = Vec::new();
    visit::walk_module(module, &mut |node| {
        if let Node::Term(term) = node
            && is_library(term)
            && !changed.contains(&term.span)
        {
            nested.push(term.span);
        }
        true
    });
    nested
}

fn is_library(term: &Term) -> bool {
    let TermKind::Ref { head, steps } = &term.kind else {
        return false;
    };
    let first = steps.first().map(|step| &step.term.kind);
    matches!(&head.kind, TermKind::Var(name) if &**name == "data")
        && matches!(first, Some(TermKind::String(name)) if &**name == "lib")
}

/// The terms of a rule's head, and the values of its branches.
fn head_terms(rule: &Rule) -> impl Iterator<Item = &Term> {
    let head = &rule.head;
    let steps = head.path.iter().map(|step: &Step| &step.term);
    let branches = rule.branches.iter().flat_map(|branch| &branch.value);
    let arguments = head.arguments.iter().flatten();
    steps
        .chain(arguments)
        .chain(&head.key)
        .chain(&head.value)
        .chain(branches)
}

/// The terms of a statement: of a call its operands and its function, and what `with` replaces.
fn terms(expression: &Expression) -> impl Iterator<Item = &Term> {
    let own: Vec<&Term> = match &expression.kind {
        ExpressionKind::Term(Term {
            kind: TermKind::Call {
                function, arguments, ..
            },
            ..
        }) => arguments.iter().chain([&**function]).collect(),
        ExpressionKind::Term(term) => vec![term],
        ExpressionKind::Every { domain, .. } => vec![domain],
        _ => Vec::new(),
    };
    let with = expression.with.iter().flat_map(|with| [&with.target, &with.value]);
    own.into_iter().chain(with)
}
