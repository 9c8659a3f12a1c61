//! The names in patterns and bodies, read before these are lowered: which are declared, which are bound.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::Lowering;
use super::term::dotted;
use crate::syntax::tree::{self, Expression, ExpressionKind};
use crate::syntax::visit::{Node, walk_term};
use kpolicy_value::Span;

impl Lowering<'_> {
    /// What `some key, value in collection` binds: the variables of its patterns, and of the steps of references behind
    /// `with` that start as the collection does, but those that the collection has.
    pub(super) fn bound_by_some(
        &self,
        key: Option<&tree::Term>,
        value: &tree::Term,
        collection: &tree::Term,
        withs: &[tree::With],
    ) -> BTreeMap<Arc<str>, Span> {
        let mut known = HashSet::new();
        walk_term(collection, &mut |node| {
            if let Node::Term(tree::Term {
                kind: tree::TermKind::Var(name),
                ..
            }) = node
            {
                known.insert(self.root_of(name));
            }
            true
        });
        let mut outputs = BTreeMap::new();
        for with in withs {
            walk_term(&with.value, &mut |node| {
                let Node::Term(term) = node else { return false };
                if is_closure(term) {
                    return false;
                }
                if let tree::TermKind::Ref { head, .. } = &term.kind
                    && let tree::TermKind::Var(name) = &head.kind
                    && known.contains(&self.root_of(name))
                {
                    collect_outputs(term, &mut outputs);
                }
                true
            });
        }
        for pattern in key.into_iter().chain([value]) {
            collect_outputs(pattern, &mut outputs);
        }
        outputs.retain(|name, _| !known.contains(name));
        outputs
    }

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
                    found.append(&mut self.bound_by_some(key.as_ref(), value, collection, &expression.with));
                }
                ExpressionKind::Every { .. }
                | ExpressionKind::Not(_)
                | ExpressionKind::And(..)
                | ExpressionKind::Or(..) => {}
            }
        }
        found.into_keys().collect()
    }

    /// `data` or `input` where the name leads there, else the name.
    fn root_of(&self, name: &Arc<str>) -> Arc<str> {
        match self.globals.path(name) {
            Some(path) if !self.scopes.is_ignored(name) => path[0].clone(),
            _ => name.clone(),
        }
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

/// Whether a term has names of its own.
fn is_closure(term: &tree::Term) -> bool {
    matches!(
        term.kind,
        tree::TermKind::ArrayComprehension(..)
            | tree::TermKind::SetComprehension(..)
            | tree::TermKind::ObjectComprehension(..)
            | tree::TermKind::Template(_)
    )
}

/// The variables that a pattern of `some … in` binds, each once: all but those in sets, keys and references' heads.
fn collect_outputs(pattern: &tree::Term, found: &mut BTreeMap<Arc<str>, Span>) {
    match &pattern.kind {
        tree::TermKind::Var(name) => {
            found.entry(name.clone()).or_insert(pattern.span);
        }
        tree::TermKind::Array(items) => items.iter().for_each(|item| collect_outputs(item, found)),
        tree::TermKind::Object(entries) => entries.iter().for_each(|(_, value)| collect_outputs(value, found)),
        tree::TermKind::Ref { steps, .. } => steps.iter().for_each(|step| collect_outputs(&step.term, found)),
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
