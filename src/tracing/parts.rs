//! The values of the parts of a statement, as far as an evaluation had come.

use std::collections::HashMap;
use std::sync::Arc;

use crate::provenance::Origin;
use kpolicy_rego::syntax::tree::{Expression, Term, TermKind};
use kpolicy_rego::syntax::visit::{Node, walk_expression, walk_term};
use kpolicy_value::{Span, Value};

/// A variable of a clause.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name in the policy; nothing for one that stands for a part of a statement.
    pub name: Option<Arc<str>>,
    /// Where it was first written, or what it stands for.
    pub span: Span,
    /// What is in it; any value where the evaluation had not come to it.
    pub value: Value,
    /// Where in the input that comes from, where it is known.
    pub origin: Option<Origin>,
    /// How near that is to the part of the input that is wanted.
    pub near: usize,
    /// Whether the evaluation had come to where it gets its value.
    pub is_set: bool,
}

/// What was known when an evaluation stopped, or came to the end of a clause.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The part of a statement that it had come to.
    pub at: Span,
    /// The variables of the clause.
    pub variables: Vec<Variable>,
    /// The values that instructions gave, by the places that these were made for.
    pub values: HashMap<Span, Value>,
}

/// A part of a statement.
#[derive(Clone, Debug)]
pub struct KnownPart {
    /// Where it was written.
    pub span: Span,
    /// Its value; nothing where it is undefined.
    pub value: Option<Value>,
    /// Where in the input it comes from, where that is known.
    pub origin: Option<Origin>,
}

impl Snapshot {
    /// The values of the parts of a statement, in the order of the text.
    pub fn parts(&self, statement: &Expression) -> Vec<KnownPart> {
        let mut parts = Vec::new();
        walk_expression(statement, &mut |node| match node {
            Node::Term(term) => self.visit(term, &mut parts),
            Node::Body(_) => false,
            Node::Expression(_) => true,
        });
        sorted(parts)
    }

    /// The values of the parts of a term, in the order of the text.
    pub fn parts_of_term(&self, whole: &Term) -> Vec<KnownPart> {
        let mut parts = Vec::new();
        walk_term(whole, &mut |node| match node {
            Node::Term(term) => self.visit(term, &mut parts),
            Node::Body(_) => false,
            Node::Expression(_) => true,
        });
        sorted(parts)
    }

    /// Adds a term; says whether its own parts are to be shown too.
    fn visit(&self, term: &Term, parts: &mut Vec<KnownPart>) -> bool {
        let (value, origin) = match self.known(term) {
            Some((value, origin)) => (Some(value.clone()), origin.cloned().or_else(|| self.origin(term))),
            None => (None, None),
        };
        // Whether it is undefined is only told of what the evaluation came to.
        let is_undefined = value.is_none() && term.span == self.at && is_evaluated(&term.kind);
        if value.is_some() || is_undefined {
            let span = term.span;
            parts.push(KnownPart { span, value, origin });
        }
        match &term.kind {
            // A reference with a value is shown as a whole.
            TermKind::Ref { .. } => value_is_missing(parts.last(), term),
            _ => true,
        }
    }

    /// The value of a term that is no constant.
    pub fn value(&self, term: &Term) -> Option<Value> {
        self.known(term).map(|(value, _)| value.clone())
    }

    fn known(&self, term: &Term) -> Option<(&Value, Option<&Origin>)> {
        match &term.kind {
            TermKind::Var(name) => {
                let mut named = self.variables.iter().rev();
                let is_it = |known: &&Variable| {
                    known.is_set
                        && known.name.as_deref() == Some(&**name)
                        && known.span.start < self.at.end.max(term.span.start)
                };
                let named = named.find(is_it).map(|known| (&known.value, known.origin.as_ref()));
                named.or_else(|| self.of_span(term.span))
            }
            kind if is_evaluated(kind) => self.member(term).or_else(|| self.of_span(term.span)),
            _ => None,
        }
    }

    /// What a variable holds, also where that may be left from before.
    fn any(&self, name: &str) -> Option<Value> {
        let mut named = self.variables.iter().rev();
        let found = named.find(|known| known.name.as_deref() == Some(name));
        found.map(|known| known.value.clone())
    }

    /// Where in the input a reference leads, as it was written.
    fn origin(&self, term: &Term) -> Option<Origin> {
        let TermKind::Ref { head, steps } = &term.kind else {
            return None;
        };
        let mut path = match &head.kind {
            TermKind::Var(name) if &**name == "input" => Vec::new(),
            _ => self.known(head)?.1.filter(|origin| !origin.key)?.path.clone(),
        };
        for step in steps {
            path.push(match &step.term.kind {
                TermKind::String(name) => Value::string(name.clone()),
                TermKind::Number(number) => Value::Number(number.clone()),
                TermKind::Var(name) => self.any(name)?,
                _ => self.value(&step.term)?,
            });
        }
        Some(Origin {
            path,
            ..Origin::default()
        })
    }

    fn of_span(&self, span: Span) -> Option<(&Value, Option<&Origin>)> {
        let generated = self.generated(span);
        let origin = generated.and_then(|known| known.origin.as_ref());
        match self.values.get(&span) {
            Some(value) => Some((value, origin)),
            None => generated
                .filter(|_| self.has_passed(span))
                .map(|known| (&known.value, origin)),
        }
    }

    /// The variable that stands for a part.
    fn generated(&self, span: Span) -> Option<&Variable> {
        let mut variables = self.variables.iter();
        variables.find(|known| known.name.is_none() && known.span == span)
    }

    /// A member that a reference goes through its collection for: the variable has it.
    fn member(&self, term: &Term) -> Option<(&Value, Option<&Origin>)> {
        let TermKind::Ref { steps, .. } = &term.kind else {
            return None;
        };
        let is_variable = matches!(steps.last()?.term.kind, TermKind::Var(_));
        let known = self
            .generated(term.span)
            .filter(|_| is_variable && self.has_passed(term.span))?;
        Some((&known.value, known.origin.as_ref()))
    }

    /// Whether a part comes before what failed, or is within it.
    fn has_passed(&self, span: Span) -> bool {
        span.end <= self.at.start || self.at.contains(span) && span != self.at
    }
}

fn sorted(mut parts: Vec<KnownPart>) -> Vec<KnownPart> {
    parts.sort_by_key(|part| part.span.start);
    parts.dedup_by(|a, b| a.span == b.span);
    parts
}

/// Whether a reference has to be shown by its parts, since it has no value itself.
fn value_is_missing(last: Option<&KnownPart>, term: &Term) -> bool {
    last.is_none_or(|part| part.span.start != term.span.start || part.value.is_none())
}

fn is_evaluated(kind: &TermKind) -> bool {
    matches!(
        kind,
        TermKind::Ref { .. }
            | TermKind::Call { .. }
            | TermKind::ArrayComprehension(..)
            | TermKind::SetComprehension(..)
            | TermKind::ObjectComprehension(..)
    )
}
