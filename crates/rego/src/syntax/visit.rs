//! Walks over the tree: every statement and term, each before its parts, in the order of the text.

use super::tree::{Block, Body, Expression, ExpressionKind, Module, Rule, Step, TemplatePart, Term, TermKind};

/// What a walk meets.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A body: of a rule, a branch, a comprehension, an `every`, an operand.
    Body(&'a Body),
    /// A statement.
    Expression(&'a Expression),
    /// A term.
    Term(&'a Term),
}

/// Visits everything in a module's rules; `visit` says whether to go into what it was given.
pub fn walk_module<'a>(module: &'a Module, visit: &mut impl FnMut(Node<'a>) -> bool) {
    for rule in &module.rules {
        walk_rule(rule, visit);
    }
}

/// Visits everything in a rule: the head's path, arguments, member and value, then the bodies.
pub fn walk_rule<'a>(rule: &'a Rule, visit: &mut impl FnMut(Node<'a>) -> bool) {
    let head = &rule.head;
    walk_steps(&head.path, visit);
    let arguments = head.arguments.iter().flatten();
    for term in arguments.chain(&head.key).chain(&head.value) {
        walk_term(term, visit);
    }
    walk_body(&rule.body, visit);
    for branch in &rule.branches {
        if let Some(value) = &branch.value {
            walk_term(value, visit);
        }
        walk_body(&branch.body, visit);
    }
}

/// Visits a body and everything in it.
pub fn walk_body<'a>(body: &'a Body, visit: &mut impl FnMut(Node<'a>) -> bool) {
    if visit(Node::Body(body)) {
        for expression in body {
            walk_expression(expression, visit);
        }
    }
}

/// Visits a statement and everything in it.
pub fn walk_expression<'a>(expression: &'a Expression, visit: &mut impl FnMut(Node<'a>) -> bool) {
    if !visit(Node::Expression(expression)) {
        return;
    }
    match &expression.kind {
        ExpressionKind::Term(term) => walk_term(term, visit),
        ExpressionKind::Some(_) => {}
        ExpressionKind::SomeIn { key, value, collection } => {
            for term in key.iter().chain([value, collection]) {
                walk_term(term, visit);
            }
        }
        ExpressionKind::Every {
            key,
            value,
            domain,
            body,
        } => {
            for term in key.iter().chain([value, domain]) {
                walk_term(term, visit);
            }
            walk_body(body, visit);
        }
        ExpressionKind::Not(Block { body, .. }) => walk_body(body, visit),
        ExpressionKind::And(left, right) | ExpressionKind::Or(left, right) => {
            walk_body(&left.body, visit);
            walk_body(&right.body, visit);
        }
    }
    for with in &expression.with {
        walk_term(&with.target, visit);
        walk_term(&with.value, visit);
    }
}

/// Visits a term and everything in it.
pub fn walk_term<'a>(term: &'a Term, visit: &mut impl FnMut(Node<'a>) -> bool) {
    if !visit(Node::Term(term)) {
        return;
    }
    match &term.kind {
        TermKind::Null | TermKind::Bool(_) | TermKind::Number(_) | TermKind::String(_) | TermKind::Var(_) => {}
        TermKind::Ref { head, steps } => {
            walk_term(head, visit);
            walk_steps(steps, visit);
        }
        TermKind::Array(items) | TermKind::Set(items) => walk_terms(items, visit),
        TermKind::Object(entries) => {
            for (key, value) in entries {
                walk_term(key, visit);
                walk_term(value, visit);
            }
        }
        TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
            walk_term(head, visit);
            walk_body(body, visit);
        }
        TermKind::ObjectComprehension(key, value, body) => {
            walk_term(key, visit);
            walk_term(value, visit);
            walk_body(body, visit);
        }
        TermKind::Call {
            function, arguments, ..
        } => {
            walk_term(function, visit);
            walk_terms(arguments, visit);
        }
        TermKind::Template(parts) => {
            for part in parts {
                if let TemplatePart::Expression(expression) = part {
                    walk_expression(expression, visit);
                }
            }
        }
    }
}

fn walk_terms<'a>(terms: &'a [Term], visit: &mut impl FnMut(Node<'a>) -> bool) {
    for term in terms {
        walk_term(term, visit);
    }
}

fn walk_steps<'a>(steps: &'a [Step], visit: &mut impl FnMut(Node<'a>) -> bool) {
    for step in steps {
        walk_term(&step.term, visit);
    }
}
