//! The names in patterns and bodies, read before these are lowered: which are declared, which are bound.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::Lowering;
use super::members::Members;
use super::term::dotted;
use crate::syntax::tree::{self, Expression, ExpressionKind};
use kpolicy_value::Span;

impl Lowering<'_> {
    /// The names that a body in braces declares, but what other braces in it do.
    pub(super) fn names_in_braces(&self, body: &[Expression]) -> BTreeSet<Arc<str>> {
        let mut found = BTreeMap::new();
        for expression in body {
            match &expression.kind {
                ExpressionKind::Term(_) => {
                    if let Some((left, _)) = assignment(expression) {
                        collect_assigned(left, &mut found);
                    }
                }
                ExpressionKind::Some(names) => {
                    found.extend(names.iter().map(|name| (name.text.clone(), name.span)));
                }
                ExpressionKind::SomeIn { key, value, collection } => {
                    let key = key.as_ref();
                    let members = Members { key, value, collection };
                    found.append(&mut self.bound_by_some(members, &expression.with));
                }
                ExpressionKind::Every { .. }
                | ExpressionKind::Not(_)
                | ExpressionKind::And(..)
                | ExpressionKind::Or(..) => {}
            }
        }
        found.into_keys().collect()
    }
}

/// The names of the variables in patterns.
pub(super) fn names_in(terms: &[tree::Term]) -> Vec<Arc<str>> {
    let mut found = BTreeMap::new();
    for term in terms {
        collect_names(term, &mut found);
    }
    found.into_keys().collect()
}

/// Collects the names of the variables of a pattern.
pub(super) fn collect_names(term: &tree::Term, found: &mut BTreeMap<Arc<str>, Span>) {
    match &term.kind {
        tree::TermKind::Var(name) => {
            found.entry(name.clone()).or_insert(term.span);
        }
        tree::TermKind::Array(items) | tree::TermKind::Set(items) => {
            items.iter().for_each(|item| collect_names(item, found));
        }
        tree::TermKind::Object(entries) => {
            for (key, value) in entries {
                collect_names(key, found);
                collect_names(value, found);
            }
        }
        tree::TermKind::Ref { head, steps } => {
            collect_names(head, found);
            steps.iter().for_each(|step| collect_names(&step.term, found));
        }
        tree::TermKind::Call { arguments, .. } => arguments.iter().for_each(|item| collect_names(item, found)),
        _ => {}
    }
}

/// The names that an assignment to a pattern declares.
pub(super) fn assigned_names(pattern: &tree::Term) -> BTreeSet<Arc<str>> {
    let mut found = BTreeMap::new();
    collect_assigned(pattern, &mut found);
    found.into_keys().collect()
}

/// The variables that an assignment to a pattern declares.
fn collect_assigned(pattern: &tree::Term, found: &mut BTreeMap<Arc<str>, Span>) {
    match &pattern.kind {
        tree::TermKind::Var(name) => _ = found.entry(name.clone()).or_insert(pattern.span),
        tree::TermKind::Array(items) => items.iter().for_each(|item| collect_assigned(item, found)),
        tree::TermKind::Object(entries) => entries.iter().for_each(|(_, value)| collect_assigned(value, found)),
        _ => {}
    }
}

/// The two sides of `left := right`.
pub(super) fn assignment(expression: &Expression) -> Option<(&tree::Term, &tree::Term)> {
    match &expression.kind {
        ExpressionKind::Term(tree::Term {
            kind: tree::TermKind::Call {
                function, arguments, ..
            },
            ..
        }) => match (dotted(function)?.as_slice(), arguments.as_slice()) {
            ([name], [left, right]) if &**name == "assign" => Some((left, right)),
            _ => None,
        },
        _ => None,
    }
}

/// The names that a body declares anywhere outside its comprehensions: they hide rules and imports in all of it.
pub(super) fn declared_names(body: &[Expression]) -> HashSet<Arc<str>> {
    let mut found = HashSet::new();
    for expression in body {
        collect_declared(expression, &mut found);
    }
    found
}

fn collect_declared(expression: &Expression, found: &mut HashSet<Arc<str>>) {
    let mut pattern = |term: &tree::Term| {
        let mut names = BTreeMap::new();
        collect_names(term, &mut names);
        found.extend(names.into_keys());
    };
    match &expression.kind {
        ExpressionKind::Term(_) => {
            if let Some((left, _)) = assignment(expression) {
                pattern(left);
            }
        }
        ExpressionKind::Some(names) => found.extend(names.iter().map(|name| name.text.clone())),
        ExpressionKind::SomeIn { key, value, .. } => {
            key.iter().for_each(&mut pattern);
            pattern(value);
        }
        ExpressionKind::Every { body, .. } => body.iter().for_each(|inner| collect_declared(inner, found)),
        ExpressionKind::Not(block) => block.body.iter().for_each(|inner| collect_declared(inner, found)),
        ExpressionKind::And(left, right) | ExpressionKind::Or(left, right) => {
            let inner = left.body.iter().chain(&right.body);
            inner.for_each(|inner| collect_declared(inner, found));
        }
    }
}
