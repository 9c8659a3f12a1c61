//! Variables that nothing declares and that have a builtin's name. OPA gives those of a body names of its own, and with
//! them the calls of the builtin in that branch, so that it finds no function there. All others it takes for the
//! builtin (`rewriteLocalVarsInRule` in its compiler).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::names::declared_names;
use super::term::dotted;
use super::{Lowering, Written};
use crate::error::CompileErrorCode as Code;
use crate::syntax::tree::{self, ExpressionKind, TermKind};
use crate::syntax::visit::{self, Node};
use kpolicy_value::Span;

impl Lowering<'_> {
    /// Settles what the builtins' names mean in a branch that has been lowered, the first of those `written`.
    pub(super) fn builtins_names(&mut self, steps: &[tree::Step], written: &[Written<'_>]) {
        let is_builtin = |name: &&Arc<str>| !name.contains('.') && self.options.builtins.find(name).is_some();
        let mut renamed: BTreeSet<Arc<str>> = self.scopes.undeclared().filter(is_builtin).cloned().collect();
        let (Some(branch), false) = (written.first(), renamed.is_empty()) else {
            return;
        };
        let (variables, declared, replacing) = (
            variables_of(branch.body),
            declared_names(branch.body),
            with_names(written),
        );
        renamed.retain(|name| variables.contains(name) && !declared.contains(name) && !replacing.contains(name));
        self.scopes.take_builtins(&self.options.builtins, &renamed);
        for (name, span) in calls(steps, branch) {
            if renamed.contains(&name) {
                let message = format!("called function {name} shadowed: a variable of the same body has its name");
                self.error(Code::Compile, span, message);
            }
        }
    }
}

/// The names of the variables that a body has outside its closures. What is in place of a function is none.
fn variables_of(body: &[tree::Expression]) -> BTreeSet<Arc<str>> {
    let mut found = BTreeSet::new();
    for expression in body {
        match &expression.kind {
            ExpressionKind::Term(term) => names_of(term, &mut found),
            ExpressionKind::SomeIn { key, value, collection } => {
                let terms = key.iter().chain([value, collection]);
                terms.for_each(|term| names_of(term, &mut found));
            }
            ExpressionKind::Every { domain, .. } => names_of(domain, &mut found),
            ExpressionKind::Some(_) | ExpressionKind::Not(_) | ExpressionKind::And(..) | ExpressionKind::Or(..) => {}
        }
    }
    found
}

/// The names of the variables that a term has outside its closures.
pub(super) fn names_of(term: &tree::Term, found: &mut BTreeSet<Arc<str>>) {
    visit::walk_term(term, &mut |node| match node {
        Node::Term(term) => match &term.kind {
            TermKind::Var(name) => found.insert(name.clone()),
            TermKind::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| names_of(argument, found));
                false
            }
            TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
            | TermKind::Template(_) => false,
            _ => true,
        },
        Node::Body(_) | Node::Expression(_) => true,
    });
}

/// All names in what `with` replaces and by what.
fn with_names(written: &[Written<'_>]) -> BTreeSet<Arc<str>> {
    let mut found = BTreeSet::new();
    let mut visit = |node: Node<'_>| {
        if let Node::Expression(expression) = node {
            for with in &expression.with {
                for term in [&with.target, &with.value] {
                    visit::walk_term(term, &mut |node| {
                        if let Node::Term(tree::Term {
                            kind: TermKind::Var(name),
                            ..
                        }) = node
                        {
                            found.insert(name.clone());
                        }
                        true
                    });
                }
            }
        }
        true
    };
    for branch in written {
        branch.walk(&mut visit);
    }
    found
}

/// The functions that a branch calls by one name, and where. To OPA `some x in xs` is a call of `eq`, and so is an
/// assignment that it meets a second time: in a head, and in what has braces.
fn calls(steps: &[tree::Step], branch: &Written<'_>) -> Vec<(Arc<str>, Span)> {
    let mut found = Vec::new();
    let head = steps.iter().map(|step| &step.term).chain(branch.value);
    for term in head {
        visit::walk_term(term, &mut |node| note_call(node, true, &mut found));
    }
    for expression in branch.body {
        let again = match &expression.kind {
            ExpressionKind::Every { .. } => true,
            ExpressionKind::Not(block) => block.braces,
            ExpressionKind::And(left, right) | ExpressionKind::Or(left, right) => left.braces || right.braces,
            ExpressionKind::Term(_) | ExpressionKind::Some(_) | ExpressionKind::SomeIn { .. } => false,
        };
        visit::walk_expression(expression, &mut |node| note_call(node, again, &mut found));
    }
    found
}

fn note_call(node: Node<'_>, again: bool, found: &mut Vec<(Arc<str>, Span)>) -> bool {
    match node {
        Node::Term(tree::Term {
            kind: TermKind::Call { function, .. },
            span,
        }) => match dotted(function).as_deref() {
            Some([name]) if &**name != "assign" => found.push((name.clone(), *span)),
            Some([_]) if again => found.push(("eq".into(), *span)),
            _ => {}
        },
        Node::Expression(tree::Expression {
            kind: ExpressionKind::SomeIn { .. },
            span,
            ..
        }) => found.push(("eq".into(), *span)),
        _ => {}
    }
    true
}
