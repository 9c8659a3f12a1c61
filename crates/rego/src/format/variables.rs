//! Walks over the leaves of the tree that is written out: constants, variables and wildcards.

use super::layout::{Body, Expression, Kind, Part, Rule, Term, Value};

/// Visits every leaf in a rule; a branch is one too.
pub(super) fn in_rule(rule: &Rule, visit: &mut impl FnMut(&Value)) {
    let head = &rule.head;
    let parts = head.path.iter().chain(&head.arguments);
    for term in parts.chain(&head.key).chain(&head.value) {
        in_term(term, visit);
    }
    in_body(&rule.body, visit);
    if let Some(branch) = &rule.branch {
        in_rule(branch, visit);
    }
}

/// Visits every leaf in a statement.
pub(super) fn in_expression(expression: &Expression, visit: &mut impl FnMut(&Value)) {
    match &expression.kind {
        Kind::Term(term) => in_term(term, visit),
        Kind::Call(terms) | Kind::Some(terms) | Kind::SomeIn(terms) => in_terms(terms, visit),
        Kind::Every(every) => {
            for term in every.key.iter().chain([&every.value, &every.domain]) {
                in_term(term, visit);
            }
            in_body(&every.body, visit);
        }
        Kind::Not { body, .. } => in_body(body, visit),
        Kind::Logic(logic) => {
            in_body(&logic.left.body, visit);
            in_body(&logic.right.body, visit);
        }
    }
    for with in &expression.with {
        in_term(&with.target, visit);
        in_term(&with.value, visit);
    }
}

fn in_body(body: &Body, visit: &mut impl FnMut(&Value)) {
    for expression in body {
        in_expression(expression, visit);
    }
}

fn in_terms(terms: &[Term], visit: &mut impl FnMut(&Value)) {
    for term in terms {
        in_term(term, visit);
    }
}

/// Visits every leaf in a term. What a template has instead of text is none.
pub(super) fn in_term(term: &Term, visit: &mut impl FnMut(&Value)) {
    match &term.value {
        value @ (Value::Scalar(_) | Value::String(_) | Value::Var(_) | Value::Wildcard(_)) => visit(value),
        Value::Ref(terms) | Value::Array(terms) | Value::Set(terms) | Value::Call(terms) => in_terms(terms, visit),
        Value::Object(entries) => {
            for (key, value) in entries {
                in_term(key, visit);
                in_term(value, visit);
            }
        }
        Value::ArrayComprehension(head, body) | Value::SetComprehension(head, body) => {
            in_term(head, visit);
            in_body(body, visit);
        }
        Value::ObjectComprehension(key, value, body) => {
            in_term(key, visit);
            in_term(value, visit);
            in_body(body, visit);
        }
        Value::Template { parts, .. } => {
            for part in parts {
                match part {
                    Part::Text(..) | Part::Constant(_) => {}
                    Part::Expression(expression) => in_expression(expression, visit),
                }
            }
        }
    }
}
