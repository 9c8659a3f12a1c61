//! Walks over the variables of the tree that is written out.

use super::layout::{Body, Expression, Kind, Part, Term, Value};

/// Visits every variable and wildcard in a statement.
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

/// Visits every variable and wildcard in a term.
pub(super) fn in_term(term: &Term, visit: &mut impl FnMut(&Value)) {
    match &term.value {
        Value::Scalar(_) | Value::String(_) => {}
        value @ (Value::Var(_) | Value::Wildcard(_)) => visit(value),
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
                    Part::Text(..) => {}
                    Part::Constant(term) => in_term(term, visit),
                    Part::Expression(expression) => in_expression(expression, visit),
                }
            }
        }
    }
}
