//! Equations: each side that has its value is matched with the pattern on the other.

use super::block::{Builder, collect};
use super::code::{Op, Operand};
use super::length;
use crate::core::{Term, TermKind};
use kpolicy_value::Span;
use kpolicy_value::Value;

impl Builder<'_> {
    /// Makes two terms equal.
    pub(super) fn unify(&mut self, left: &Term, right: &Term, span: Span) {
        let mut waiting = vec![(left.clone(), right.clone())];
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut still = Vec::new();
            for (left, right) in waiting {
                self.pair(left, right, &mut still);
            }
            if still.len() >= before
                && !still
                    .iter()
                    .any(|(left, right)| self.has_value(left) || self.has_value(right))
            {
                return self.refuse(span, "an equation between variables that have no value");
            }
            waiting = still;
        }
    }

    /// One equation; its parts, where neither side has its value yet, are put off to `still`.
    fn pair(&mut self, left: Term, right: Term, still: &mut Vec<(Term, Term)>) {
        if self.has_value(&left) {
            return self.known(&left, &right);
        }
        if self.has_value(&right) {
            return self.known(&right, &left);
        }
        match (left.kind, right.kind) {
            (TermKind::Array(a), TermKind::Array(b)) => {
                if a.len() != b.len() {
                    return self.emit(Op::Fail, left.span);
                }
                still.extend(a.into_iter().zip(b));
            }
            (TermKind::Object(a), TermKind::Object(b)) => {
                if a.len() != b.len() {
                    return self.emit(Op::Fail, left.span);
                }
                for (key, value) in a {
                    match b.iter().find(|(other, _)| same(&key, other)) {
                        Some((_, other)) => still.push((value, other.clone())),
                        None => return self.emit(Op::Fail, key.span),
                    }
                }
            }
            (a, b) => still.push((
                Term {
                    kind: a,
                    span: left.span,
                },
                Term {
                    kind: b,
                    span: right.span,
                },
            )),
        }
    }

    /// An equation of a term that has its value with another. A comprehension is not evaluated, nor can it fail, where it
    /// cannot be that value.
    fn known(&mut self, term: &Term, other: &Term) {
        let (term, other) = match (&term.kind, &other.kind) {
            (TermKind::Comprehension(_), TermKind::Ref(..)) => (other, term),
            _ => (term, other),
        };
        let value = self.value(term);
        if let TermKind::Comprehension(comprehension) = &other.kind
            && !matches!(term.kind, TermKind::Comprehension(_))
        {
            let (value, collect) = (value.clone(), collect(&comprehension.head));
            self.emit(Op::MayBe { value, collect }, term.span);
        }
        self.matches(value, other);
    }

    /// Whether a term can be evaluated: all its variables are bound, but for those in the steps of a reference.
    fn has_value(&self, term: &Term) -> bool {
        match &term.kind {
            TermKind::Const(_) | TermKind::Ref(..) | TermKind::Comprehension(_) => true,
            TermKind::Local(local) => self.is_bound(*local),
            TermKind::Array(items) | TermKind::Set(items) => items.iter().all(|item| self.has_value(item)),
            TermKind::Object(entries) => entries
                .iter()
                .all(|(key, value)| self.has_value(key) && self.has_value(value)),
        }
    }

    /// Matches a value with a pattern: what is bound in it must be equal, what is not takes the value's part.
    pub(super) fn matches(&mut self, value: Operand, pattern: &Term) {
        let span = pattern.span;
        match &pattern.kind {
            TermKind::Local(local) if !self.is_bound(*local) => {
                let to = self.slot(*local);
                self.emit(Op::Move { from: value, to }, span);
                self.bind(*local);
            }
            TermKind::Array(items) if !self.has_value(pattern) => {
                let length = length(items);
                self.emit(
                    Op::ArrayOf {
                        of: value.clone(),
                        length,
                    },
                    span,
                );
                for (at, item) in items.iter().enumerate() {
                    let key = Operand::Const(Value::from(at));
                    self.part(&value, key, item);
                }
            }
            // A key that is bound by the same pattern finds nothing, as in OPA.
            TermKind::Object(entries) if entries.iter().any(|(key, _)| !self.has_value(key)) => {
                self.emit(Op::Fail, span);
                self.bind_all(pattern);
            }
            TermKind::Object(entries) if !self.has_value(pattern) => {
                let length = length(entries);
                self.emit(
                    Op::ObjectOf {
                        of: value.clone(),
                        length,
                    },
                    span,
                );
                for (key, item) in entries {
                    let key = self.value(key);
                    self.part(&value, key, item);
                }
            }
            _ => {
                let other = self.value(pattern);
                self.emit(Op::Equal(value, other), span);
            }
        }
    }

    /// Takes the variables of a pattern for bound, where what follows is never reached.
    fn bind_all(&mut self, pattern: &Term) {
        match &pattern.kind {
            TermKind::Local(local) => self.bind(*local),
            TermKind::Array(items) | TermKind::Set(items) => items.iter().for_each(|item| self.bind_all(item)),
            TermKind::Object(entries) => {
                for (key, value) in entries {
                    self.bind_all(key);
                    self.bind_all(value);
                }
            }
            TermKind::Const(_) | TermKind::Ref(..) | TermKind::Comprehension(_) => {}
        }
    }

    /// Matches the part of a value under a key with a pattern.
    fn part(&mut self, of: &Operand, key: Operand, pattern: &Term) {
        let to = self.spare();
        self.emit(
            Op::Get {
                of: of.clone(),
                key,
                to,
            },
            pattern.span,
        );
        self.matches(Operand::Slot(to), pattern);
    }
}

fn same(a: &Term, b: &Term) -> bool {
    match (&a.kind, &b.kind) {
        (TermKind::Const(a), TermKind::Const(b)) => a == b,
        (TermKind::Local(a), TermKind::Local(b)) => a == b,
        _ => false,
    }
}
