//! Everything in a part of the tree to one location, as OPA's parser does with some parts.
//! Follows OPA v1.22 ast/parser.go: setLocRecursive.

use super::super::layout::{Body, Expression, Kind, Part, Term, Value};
use super::super::source::Location;

pub(super) fn body(body: &mut Body, location: Location) {
    for expression in body {
        self::expression(expression, location);
    }
}

fn expression(expression: &mut Expression, location: Location) {
    expression.location = location;
    match &mut expression.kind {
        Kind::Term(term) => self::term(term, location),
        Kind::Call(terms) | Kind::Some(terms) | Kind::SomeIn(terms) => self::terms(terms, location),
        Kind::Every(every) => {
            for term in every.key.iter_mut().chain([&mut every.value, &mut every.domain]) {
                self::term(term, location);
            }
            self::body(&mut every.body, location);
        }
        Kind::Not { body, .. } => self::body(body, location),
        Kind::Logic(logic) => {
            self::body(&mut logic.left.body, location);
            self::body(&mut logic.right.body, location);
        }
    }
    for with in &mut expression.with {
        with.location = location;
        term(&mut with.target, location);
        term(&mut with.value, location);
    }
}

fn terms(terms: &mut [Term], location: Location) {
    for term in terms {
        self::term(term, location);
    }
}

pub(super) fn term(term: &mut Term, location: Location) {
    term.location = location;
    match &mut term.value {
        Value::Scalar(_) | Value::String(_) | Value::Var(_) | Value::Wildcard(_) => {}
        Value::Ref(items) | Value::Array(items) | Value::Set(items) | Value::Call(items) => terms(items, location),
        Value::Object(entries) => {
            for (key, value) in entries {
                self::term(key, location);
                self::term(value, location);
            }
        }
        Value::ArrayComprehension(head, body) | Value::SetComprehension(head, body) => {
            self::term(head, location);
            self::body(body, location);
        }
        Value::ObjectComprehension(key, value, body) => {
            self::term(key, location);
            self::term(value, location);
            self::body(body, location);
        }
        Value::Template { parts, .. } => {
            for part in parts {
                match part {
                    Part::Text(_, place) => *place = location,
                    Part::Constant(term) => self::term(term, location),
                    Part::Expression(expression) => self::expression(expression, location),
                }
            }
        }
    }
}
