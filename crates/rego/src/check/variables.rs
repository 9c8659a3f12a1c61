//! Which variables are in a term or statement, seen as the safety check needs them.

use std::collections::BTreeSet;

use crate::core::{Collected, Comprehension, Local, Operand, Root, Statement, StatementKind, Term, TermKind, With};

/// A set of variables.
pub(crate) type Locals = BTreeSet<Local>;

/// What of a term is looked at.
#[derive(Clone, Copy, Default)]
pub(crate) struct View {
    /// Not what is in comprehensions, in the bodies of `every`, and in operands of `not`, `and` and `or`.
    pub skip_closures: bool,
    /// Not the variable that a reference starts with.
    pub skip_ref_heads: bool,
    /// Not what is in sets.
    pub skip_sets: bool,
    /// Not the keys of objects.
    pub skip_object_keys: bool,
}

/// A statement's own variables, as the safety check counts them.
pub(crate) const OWN: View = View {
    skip_closures: true,
    skip_ref_heads: false,
    skip_sets: false,
    skip_object_keys: false,
};

/// What an operand's pattern can bind.
pub(super) const BOUND: View = View {
    skip_closures: true,
    skip_ref_heads: true,
    skip_sets: true,
    skip_object_keys: true,
};

/// Collects the variables of a term.
pub(super) fn of_term(term: &Term, view: View, found: &mut Locals) {
    match &term.kind {
        TermKind::Const(_) => {}
        TermKind::Local(local) => {
            found.insert(*local);
        }
        TermKind::Ref(root, steps) => {
            if let (Root::Local(local), false) = (root, view.skip_ref_heads) {
                found.insert(*local);
            }
            steps.iter().for_each(|step| of_term(step, view, found));
        }
        TermKind::Array(items) => items.iter().for_each(|item| of_term(item, view, found)),
        TermKind::Set(items) => {
            if !view.skip_sets {
                items.iter().for_each(|item| of_term(item, view, found));
            }
        }
        TermKind::Object(entries) => {
            for (key, value) in entries {
                if !view.skip_object_keys {
                    of_term(key, view, found);
                }
                of_term(value, view, found);
            }
        }
        TermKind::Comprehension(comprehension) => {
            if !view.skip_closures {
                of_comprehension(comprehension, view, found);
            }
        }
    }
}

fn of_comprehension(comprehension: &Comprehension, view: View, found: &mut Locals) {
    heads(comprehension)
        .into_iter()
        .for_each(|head| of_term(head, view, found));
    of_body(&comprehension.body, view, found);
}

/// The terms that a comprehension collects.
pub(super) fn heads(comprehension: &Comprehension) -> Vec<&Term> {
    match &comprehension.head {
        Collected::Array(term) | Collected::Set(term) => vec![term],
        Collected::Object(key, value) => vec![key, value],
    }
}

/// Collects the variables of a body.
pub(crate) fn of_body(body: &[Statement], view: View, found: &mut Locals) {
    body.iter().for_each(|statement| of_statement(statement, view, found));
}

/// Collects the variables of a statement.
pub(super) fn of_statement(statement: &Statement, view: View, found: &mut Locals) {
    match &statement.kind {
        StatementKind::Holds(term) => of_term(term, view, found),
        StatementKind::Equal(left, right) => {
            of_term(left, view, found);
            of_term(right, view, found);
        }
        StatementKind::Call(_, operands) => operands.iter().for_each(|operand| of_term(operand, view, found)),
        StatementKind::Every {
            key,
            value,
            domain,
            body,
        } => {
            of_term(domain, view, found);
            // OPA takes all of the statement but its domain for the closure, what it replaces too.
            if view.skip_closures {
                return;
            }
            found.extend([*key, *value]);
            of_body(body, view, found);
        }
        StatementKind::Not(operand) => of_operand(operand, view, found),
        StatementKind::And(left, right) | StatementKind::Or(left, right) => {
            of_operand(left, view, found);
            of_operand(right, view, found);
        }
    }
    of_withs(&statement.with, view, found);
}

fn of_operand(operand: &Operand, view: View, found: &mut Locals) {
    if !view.skip_closures {
        of_body(&operand.body, view, found);
    } else if !operand.braces {
        found.extend(unsatisfied(&operand.body));
    }
}

/// Collects the variables of replacements' values.
pub(super) fn of_withs(withs: &[With], view: View, found: &mut Locals) {
    for with in withs {
        if let Some(term) = with.value.term() {
            of_term(term, view, found);
        }
    }
}

/// The variables of an operand without braces that must come from outside: all of a single statement's; of several
/// statements', those that none of them binds, or that only one of them has.
fn unsatisfied(body: &[Statement]) -> Locals {
    let each: Vec<Locals> = body
        .iter()
        .map(|statement| {
            let mut found = Locals::new();
            of_statement(statement, OWN, &mut found);
            found
        })
        .collect();
    let all: Locals = each.iter().flatten().copied().collect();
    if body.len() == 1 {
        return all;
    }
    let bound: Locals = body.iter().flat_map(bindings).collect();
    all.into_iter()
        .filter(|local| !bound.contains(local) || each.iter().filter(|found| found.contains(local)).count() == 1)
        .collect()
}

/// What a statement binds when nothing is bound before it.
fn bindings(statement: &Statement) -> Locals {
    let mut found = Locals::new();
    match &statement.kind {
        StatementKind::Equal(left, right) => {
            found = super::safety::equation_outputs(left, right, false, &Locals::new(), Locals::new());
        }
        StatementKind::Call(callee, operands) => {
            let arity = super::safety::arity(callee, operands.len());
            for operand in operands.iter().skip(arity) {
                of_term(operand, BOUND, &mut found);
            }
        }
        _ => {}
    }
    found
}

/// Collects the variables inside the closures of a statement: what they may take from outside.
pub(super) fn in_closures(statement: &Statement, found: &mut Locals) {
    let all = View::default();
    match &statement.kind {
        StatementKind::Holds(term) => in_term_closures(term, found),
        StatementKind::Equal(left, right) => {
            in_term_closures(left, found);
            in_term_closures(right, found);
        }
        StatementKind::Call(_, operands) => operands.iter().for_each(|operand| in_term_closures(operand, found)),
        StatementKind::Every { body, .. } => of_body(body, all, found),
        StatementKind::Not(operand) => of_body(&operand.body, all, found),
        StatementKind::And(left, right) | StatementKind::Or(left, right) => {
            of_body(&left.body, all, found);
            of_body(&right.body, all, found);
        }
    }
}

fn in_term_closures(term: &Term, found: &mut Locals) {
    match &term.kind {
        TermKind::Const(_) | TermKind::Local(_) => {}
        TermKind::Ref(_, items) | TermKind::Array(items) | TermKind::Set(items) => {
            items.iter().for_each(|item| in_term_closures(item, found));
        }
        TermKind::Object(entries) => {
            for (key, value) in entries {
                in_term_closures(key, found);
                in_term_closures(value, found);
            }
        }
        TermKind::Comprehension(comprehension) => of_comprehension(comprehension, View::default(), found),
    }
}
