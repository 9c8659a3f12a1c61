//! Everything of a body that a check looks at, whatever it is nested in.

use crate::core::{
    Callee, Clause, Collected, Comprehension, Kind, Operand, Replacement, Root, Statement, StatementKind, Target, Term,
    TermKind, With,
};

/// What is found on the way through a clause.
pub enum Found<'a> {
    /// A statement, before its parts.
    Statement(&'a Statement),
    /// A comprehension, before its parts.
    Comprehension(&'a Comprehension),
    /// A reference.
    Ref(Root, &'a [Term]),
    /// A function that is called, or stands for another.
    Callee(&'a Callee),
    /// What is replaced.
    Target(&'a Target),
    /// A replacement, before its parts.
    With(&'a With),
    /// What follows, up to the matching end, sees these replacements.
    Replacing(&'a [With]),
    /// What follows sees the last of these no more.
    Replaced,
}

/// Shows all parts of a clause to `see`: head, bodies and branches.
pub fn clause<'a>(clause: &'a Clause, see: &mut dyn FnMut(Found<'a>)) {
    (0..clause.branches.len()).for_each(|at| branch(clause, at, see));
}

/// Shows all parts of one of a clause's branches; the head's with the first.
pub fn branch<'a>(clause: &'a Clause, at: usize, see: &mut dyn FnMut(Found<'a>)) {
    head(clause, at, see);
    body(&clause.branches[at].body, see);
}

fn head<'a>(clause: &'a Clause, at: usize, see: &mut dyn FnMut(Found<'a>)) {
    if at == 0 {
        terms(&clause.keys, see);
        if let Kind::Function(parameters) = &clause.kind {
            terms(parameters, see);
        }
    }
    term(&clause.branches[at].value, see);
}

/// Shows all parts of a branch but its body: of the head, and of what the head took the place of.
pub fn around_body<'a>(clause: &'a Clause, at: usize, see: &mut dyn FnMut(Found<'a>)) {
    head(clause, at, see);
    body(&clause.branches[at].replaced, see);
}

/// Shows all parts of a body.
pub fn body<'a>(statements: &'a [Statement], see: &mut dyn FnMut(Found<'a>)) {
    for each in statements {
        statement(each, see);
    }
}

/// Shows all parts of a statement.
pub fn statement<'a>(statement: &'a Statement, see: &mut dyn FnMut(Found<'a>)) {
    if !statement.with.is_empty() {
        see(Found::Replacing(&statement.with));
    }
    see(Found::Statement(statement));
    match &statement.kind {
        StatementKind::Holds(held) => term(held, see),
        StatementKind::Equal(left, right) => {
            term(left, see);
            term(right, see);
        }
        StatementKind::Call(callee, operands) => {
            see(Found::Callee(callee));
            terms(operands, see);
        }
        StatementKind::Every { domain, body: held, .. } => {
            term(domain, see);
            body(held, see);
        }
        StatementKind::Not(Operand { body: held, .. }) => body(held, see),
        StatementKind::And(left, right) | StatementKind::Or(left, right) => {
            body(&left.body, see);
            body(&right.body, see);
        }
    }
    if !statement.with.is_empty() {
        see(Found::Replaced);
    }
    for each in statement.with.iter() {
        with(each, see);
    }
}

fn with<'a>(with: &'a With, see: &mut dyn FnMut(Found<'a>)) {
    see(Found::With(with));
    see(Found::Target(&with.target));
    match &with.value {
        Replacement::Value(value) | Replacement::Document(value) => term(value, see),
        Replacement::Function(callee) => see(Found::Callee(callee)),
    }
}

fn terms<'a>(all: &'a [Term], see: &mut dyn FnMut(Found<'a>)) {
    for each in all {
        term(each, see);
    }
}

/// Shows all parts of a term.
pub fn term<'a>(of: &'a Term, see: &mut dyn FnMut(Found<'a>)) {
    match &of.kind {
        TermKind::Const(_) | TermKind::Local(_) => {}
        TermKind::Ref(root, path) => {
            see(Found::Ref(*root, path));
            terms(path, see);
        }
        TermKind::Array(items) | TermKind::Set(items) => terms(items, see),
        TermKind::Object(entries) => {
            for (key, value) in entries {
                term(key, see);
                term(value, see);
            }
        }
        TermKind::Comprehension(comprehension) => {
            see(Found::Comprehension(comprehension));
            match &comprehension.head {
                Collected::Array(item) | Collected::Set(item) => term(item, see),
                Collected::Object(key, value) => {
                    term(key, see);
                    term(value, see);
                }
            }
            body(&comprehension.body, see);
        }
    }
}
