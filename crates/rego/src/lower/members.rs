//! The names that `some key, value in collection` binds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Lowering;
use crate::error::CompileErrorCode as Code;
use crate::lower::scope::Occurrence;
use crate::syntax::tree::{self, ExpressionKind, TermKind};
use crate::syntax::visit::{Node, walk_term};
use kpolicy_value::Span;

/// Names, each with where it was first written.
type Found = BTreeMap<Arc<str>, Span>;

/// The parts of `some key, value in collection`.
#[derive(Clone, Copy)]
pub(super) struct Members<'a> {
    pub(super) key: Option<&'a tree::Term>,
    pub(super) value: &'a tree::Term,
    pub(super) collection: &'a tree::Term,
}

impl Lowering<'_> {
    /// Declares what `some key, value in collection` binds; gives whether it can.
    ///
    /// Follows OPA v1.22 ast/compile.go: rewriteSomeDeclStatement.
    pub(super) fn declare_members(&mut self, members: Members<'_>, withs: &[tree::With], span: Span) -> bool {
        let in_domain = self.names_bound_and_in_domain(members);
        for name in &in_domain {
            self.error(Code::Compile, span, format!("var {name} assigned before"));
        }
        if !in_domain.is_empty() {
            return false;
        }
        for (name, span) in self.bound_by_some(members, withs) {
            self.declare(&name, span, Occurrence::Declared);
            self.scopes.used(&name);
        }
        true
    }

    /// The names that the patterns bind and that the collection has too.
    fn names_bound_and_in_domain(&self, members: Members<'_>) -> BTreeSet<Arc<str>> {
        let mut bound = Found::new();
        for pattern in members.patterns() {
            Names::of_pattern(&mut bound).term(pattern);
        }
        let mut found = BTreeSet::new();
        walk_term(members.collection, &mut |node| {
            if let Node::Term(term) = node
                && let TermKind::Var(name) = &term.kind
            {
                let name = self.root_of(name);
                if bound.contains_key(&name) {
                    found.insert(name);
                }
            }
            !matches!(node, Node::Term(term) if is_closure(term))
        });
        found
    }

    /// The variables of the value's pattern, and those of the steps of references that start as the collection does:
    /// all but those that the collection has. The key is in such a reference, after the collection.
    ///
    /// Follows OPA v1.22 ast/compile.go: outputVarsForExprEq, with the collection's variables as the safe ones.
    pub(super) fn bound_by_some(&self, members: Members<'_>, withs: &[tree::With]) -> Found {
        let mut known = BTreeSet::new();
        walk_term(members.collection, &mut |node| {
            if let Node::Term(term) = node
                && let TermKind::Var(name) = &term.kind
            {
                known.insert(self.root_of(name));
            }
            true
        });
        let mut outputs = Found::new();
        if let Some(key) = members.key {
            Names::of_steps(&mut outputs).term(key);
        }
        let terms = [members.value, members.collection].into_iter().chain(members.key);
        for term in terms.chain(withs.iter().map(|with| &with.value)) {
            self.bound_by_references(term, &known, &mut outputs);
        }
        match members.value.kind {
            TermKind::Var(_) | TermKind::Array(_) | TermKind::Object(_) => {
                Names::of_pattern(&mut outputs).term(members.value);
            }
            _ => {}
        }
        outputs.retain(|name, _| !known.contains(name));
        outputs
    }

    /// Collects what the steps of references bind, as far as these start with a known name.
    ///
    /// Follows OPA v1.22 ast/compile.go: outputVarsForTerms.
    fn bound_by_references(&self, term: &tree::Term, known: &BTreeSet<Arc<str>>, outputs: &mut Found) {
        walk_term(term, &mut |node| {
            let Node::Term(term) = node else { return false };
            if let TermKind::Ref { head, steps } = &term.kind {
                if !self.is_known(head, known) {
                    return false;
                }
                steps.iter().for_each(|step| Names::of_steps(outputs).term(&step.term));
            }
            !is_closure(term)
        });
    }

    /// Whether all that a reference starts with is known: its variable, or all variables of another term.
    fn is_known(&self, head: &tree::Term, known: &BTreeSet<Arc<str>>) -> bool {
        if let TermKind::Var(name) = &head.kind {
            return known.contains(&self.root_of(name));
        }
        let mut all = true;
        walk_term(head, &mut |node| match node {
            Node::Term(term) => match &term.kind {
                TermKind::Var(name) => {
                    all &= known.contains(&self.root_of(name));
                    false
                }
                TermKind::Call { arguments, .. } => {
                    all &= arguments.iter().all(|argument| self.is_known(argument, known));
                    false
                }
                _ => !is_closure(term),
            },
            _ => false,
        });
        all
    }

    /// `data` or `input` where the name leads there, else the name.
    fn root_of(&self, name: &Arc<str>) -> Arc<str> {
        match self.globals.path(name) {
            Some(path) if !self.scopes.is_ignored(name) => path[0].clone(),
            _ => name.clone(),
        }
    }
}

impl<'a> Members<'a> {
    fn patterns(self) -> impl Iterator<Item = &'a tree::Term> {
        self.key.into_iter().chain([self.value])
    }
}

/// Whether a term has names of its own.
fn is_closure(term: &tree::Term) -> bool {
    matches!(
        term.kind,
        TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
            | TermKind::Template(_)
    )
}

/// Collects the variables of terms but those that references start with.
struct Names<'f> {
    found: &'f mut Found,
    /// Whether it is a pattern: neither the keys of objects count, nor what is in closures.
    pattern: bool,
}

impl<'f> Names<'f> {
    fn of_pattern(found: &'f mut Found) -> Self {
        Self { found, pattern: true }
    }

    fn of_steps(found: &'f mut Found) -> Self {
        Self { found, pattern: false }
    }

    fn term(&mut self, term: &tree::Term) {
        match &term.kind {
            // A wildcard is not a name; the other two are references that are all head.
            TermKind::Var(name) if matches!(&**name, "_" | "input" | "data") => {}
            TermKind::Var(name) => {
                self.found.entry(name.clone()).or_insert(term.span);
            }
            TermKind::Ref { steps, .. } => steps.iter().for_each(|step| self.term(&step.term)),
            TermKind::Array(items) | TermKind::Set(items) => items.iter().for_each(|item| self.term(item)),
            TermKind::Object(entries) => {
                for (key, value) in entries {
                    if !self.pattern {
                        self.term(key);
                    }
                    self.term(value);
                }
            }
            TermKind::Call { arguments, .. } => arguments.iter().for_each(|argument| self.term(argument)),
            _ if self.pattern => {}
            TermKind::ArrayComprehension(head, body) | TermKind::SetComprehension(head, body) => {
                self.term(head);
                self.body(body);
            }
            TermKind::ObjectComprehension(key, value, body) => {
                self.term(key);
                self.term(value);
                self.body(body);
            }
            TermKind::Template(parts) => {
                for part in parts {
                    if let tree::TemplatePart::Expression(expression) = part {
                        self.expression(expression);
                    }
                }
            }
            TermKind::Null | TermKind::Bool(_) | TermKind::Number(_) | TermKind::String(_) => {}
        }
    }

    fn body(&mut self, body: &[tree::Expression]) {
        body.iter().for_each(|expression| self.expression(expression));
    }

    fn expression(&mut self, expression: &tree::Expression) {
        match &expression.kind {
            ExpressionKind::Term(term) => self.term(term),
            ExpressionKind::Some(names) => {
                let names = names.iter().map(|name| (name.text.clone(), name.span));
                self.found.extend(names);
            }
            ExpressionKind::SomeIn { key, value, collection } => {
                let terms = key.iter().chain([value, collection]);
                terms.for_each(|term| self.term(term));
            }
            ExpressionKind::Every {
                key,
                value,
                domain,
                body,
            } => {
                let terms = key.iter().chain([value, domain]);
                terms.for_each(|term| self.term(term));
                self.body(body);
            }
            ExpressionKind::Not(block) => self.body(&block.body),
            ExpressionKind::And(left, right) | ExpressionKind::Or(left, right) => {
                self.body(&left.body);
                self.body(&right.body);
            }
        }
        for with in &expression.with {
            self.term(&with.target);
            self.term(&with.value);
        }
    }
}
