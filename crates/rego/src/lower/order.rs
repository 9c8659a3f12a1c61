//! The order that OPA keeps the members of sets and the keys of objects in: what is taken out of them is evaluated in it.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Lowering;
use crate::syntax::tree::{Step, Term, TermKind};

/// A part of a reference, or a variable.
enum Part<'t> {
    Root(Arc<str>),
    Name(Arc<str>),
    Term(&'t Term),
}

impl Lowering<'_> {
    /// Which of two terms comes first.
    pub(super) fn compare(&self, a: &Term, b: &Term) -> Ordering {
        let by_rank = self.rank(a).cmp(&self.rank(b));
        by_rank.then_with(|| match (&a.kind, &b.kind) {
            (TermKind::Bool(a), TermKind::Bool(b)) => a.cmp(b),
            (TermKind::Number(a), TermKind::Number(b)) => a.cmp(b),
            (TermKind::String(a), TermKind::String(b)) => a.cmp(b),
            (TermKind::Array(a), TermKind::Array(b)) | (TermKind::Set(a), TermKind::Set(b)) => self.compare_all(a, b),
            (TermKind::Object(a), TermKind::Object(b)) => {
                let keys = a.iter().zip(b).map(|((key, value), (other_key, other_value))| {
                    self.compare(key, other_key)
                        .then_with(|| self.compare(value, other_value))
                });
                first_of(keys).then_with(|| a.len().cmp(&b.len()))
            }
            (
                TermKind::Call {
                    function: a,
                    arguments: c,
                    ..
                },
                TermKind::Call {
                    function: b,
                    arguments: d,
                    ..
                },
            ) => self.compare_paths(a, b).then_with(|| self.compare_all(c, d)),
            (TermKind::Var(_) | TermKind::Ref { .. }, TermKind::Var(_) | TermKind::Ref { .. }) => {
                self.compare_paths(a, b)
            }
            // Of closures and template strings the first comes first.
            _ => Ordering::Equal,
        })
    }

    fn rank(&self, term: &Term) -> u8 {
        match &term.kind {
            TermKind::Null => 0,
            TermKind::Bool(_) => 1,
            TermKind::Number(_) => 2,
            TermKind::String(_) => 3,
            TermKind::Template(_) => 4,
            TermKind::Var(name) if !self.is_document(name) => 5,
            TermKind::Var(_) | TermKind::Ref { .. } => 6,
            TermKind::Array(_) => 7,
            TermKind::Object(_) => 8,
            TermKind::Set(_) => 9,
            TermKind::ArrayComprehension(..) => 10,
            TermKind::ObjectComprehension(..) => 11,
            TermKind::SetComprehension(..) => 12,
            TermKind::Call { .. } => 13,
        }
    }

    fn compare_all(&self, a: &[Term], b: &[Term]) -> Ordering {
        first_of(a.iter().zip(b).map(|(a, b)| self.compare(a, b))).then_with(|| a.len().cmp(&b.len()))
    }

    fn compare_paths(&self, a: &Term, b: &Term) -> Ordering {
        let (a, b) = (self.parts(a), self.parts(b));
        let pairs = a.iter().zip(&b).map(|pair| match pair {
            (Part::Root(a), Part::Root(b)) => self.compare_names(a, b),
            (Part::Name(a), Part::Name(b)) => a.cmp(b),
            (Part::Term(a), Part::Term(b)) => self.compare(a, b),
            (Part::Name(a), Part::Term(b)) => compare_name(a, b),
            (Part::Term(a), Part::Name(b)) => compare_name(b, a).reverse(),
            (Part::Root(_), _) => Ordering::Less,
            (_, Part::Root(_)) => Ordering::Greater,
        });
        first_of(pairs).then_with(|| a.len().cmp(&b.len()))
    }

    fn parts<'t>(&self, term: &'t Term) -> Vec<Part<'t>> {
        let (head, steps): (&Term, &[Step]) = match &term.kind {
            TermKind::Ref { head, steps } => (head, steps),
            _ => (term, &[]),
        };
        let mut parts = match &head.kind {
            TermKind::Var(name) => match self.document(name) {
                Some(path) => {
                    let names = path[1..].iter().cloned().map(Part::Name);
                    std::iter::once(Part::Root(path[0].clone())).chain(names).collect()
                }
                None => vec![Part::Root(name.clone())],
            },
            _ => vec![Part::Term(head)],
        };
        parts.extend(steps.iter().map(|step| Part::Term(&step.term)));
        parts
    }

    /// The path from a root that a name stands for.
    fn document(&self, name: &Arc<str>) -> Option<Vec<Arc<str>>> {
        match self.globals.path(name) {
            Some(path) if !self.scopes.is_ignored(name) => Some(path.to_vec()),
            _ if matches!(&**name, "input" | "data") && !self.scopes.shadows(name) => Some(vec![name.clone()]),
            _ => None,
        }
    }

    fn is_document(&self, name: &Arc<str>) -> bool {
        self.document(name).is_some()
    }

    /// OPA numbers the variables that are declared, and puts their new names before most others.
    fn compare_names(&self, a: &Arc<str>, b: &Arc<str>) -> Ordering {
        match (self.scopes.declared(a), self.scopes.declared(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => "__local".cmp(&**b),
            (None, Some(_)) => (**a).cmp("__local"),
            (None, None) => a.cmp(b),
        }
    }
}

fn first_of(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn compare_name(name: &Arc<str>, term: &Term) -> Ordering {
    match &term.kind {
        TermKind::String(other) => name.cmp(other),
        TermKind::Null | TermKind::Bool(_) | TermKind::Number(_) => Ordering::Greater,
        _ => Ordering::Less,
    }
}
