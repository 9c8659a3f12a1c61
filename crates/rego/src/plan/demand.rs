//! What the plan has besides the policy's own rules: parts of sets and objects, which is what such a rule gives under
//! keys that are known, for references that ask for no more; and documents that are in the place of functions.
//!
//! OPA matches a reference's keys with a rule's head before it evaluates the body, so that it never comes to what
//! fails under other keys. Here a rule is evaluated whole, and a part by itself only where that fails: most rules that
//! are asked for one key are asked for another next.

use std::sync::Arc;

use foldhash::HashMap;

use super::block::Builder;
use super::code::{Op, Operand, RuleId};
use super::length;
use crate::core::{Branch, Clause, Kind, Term, TermKind};
use kpolicy_value::Value;

/// Which keys from a rule on are known, one after the other.
pub(super) type Known = Vec<bool>;

/// What else is asked for.
#[derive(Clone)]
pub(super) enum Demand {
    /// A part of a rule, under the keys that are known.
    Part(RuleId, Known),
    /// A document, as a clause that gives it.
    Document(Clause),
}

/// What is asked for, each a rule with a place after the policy's own.
#[derive(Default)]
pub(super) struct Parts {
    /// The place of the first.
    pub(super) first: RuleId,
    /// What each is.
    pub(super) demands: Vec<Demand>,
    by_part: HashMap<(RuleId, Known), RuleId>,
}

impl Parts {
    /// The rule that gives a part.
    pub(super) fn rule(&mut self, whole: RuleId, known: Known) -> RuleId {
        let next = self.next();
        *self.by_part.entry((whole, known)).or_insert_with_key(|(whole, known)| {
            self.demands.push(Demand::Part(*whole, known.clone()));
            next
        })
    }

    /// The rule that gives the document of a constant reference, which a clause puts in the place of a function.
    pub(super) fn document(&mut self, reference: &Term, clause: &Clause) -> RuleId {
        let next = self.next();
        self.demands.push(Demand::Document(giving(reference, clause)));
        next
    }

    fn next(&self) -> RuleId {
        self.first + length(&self.demands)
    }
}

/// A clause that gives the document of a constant reference, at that document's path.
fn giving(reference: &Term, asking: &Clause) -> Clause {
    let steps = match &reference.kind {
        TermKind::Ref(_, steps) => steps.as_slice(),
        _ => &[],
    };
    let names = steps.iter().map_while(|step| match &step.kind {
        TermKind::Const(Value::String(name)) => Some(name.to_shared()),
        _ => None,
    });
    let branch = Branch {
        value: reference.clone(),
        body: Vec::new(),
        replaced: Vec::new(),
        span: reference.span,
    };
    Clause {
        path: names.collect(),
        keys: Vec::new(),
        kind: Kind::Complete,
        default: false,
        branches: vec![branch],
        locals: Vec::new(),
        head: reference.span,
        span: reference.span,
        ..*asking
    }
}

/// A step of a rule's head, from the rule on.
enum Step<'a> {
    Name(&'a Arc<str>),
    Term(&'a Term),
}

impl Builder<'_> {
    /// Matches the head of a clause with keys that are known, which the first slots hold. Gives those that can be
    /// compared only when the body has held.
    pub(super) fn known_keys<'t>(
        &mut self,
        clause: &'t Clause,
        branch: &'t Branch,
        below: &'t [Arc<str>],
        known: &[bool],
    ) -> Vec<(Operand, &'t Term)> {
        let member = matches!(clause.kind, Kind::Set).then_some(&branch.value);
        let names = below.iter().map(Step::Name);
        let head = names.chain(clause.keys.iter().chain(member).map(Step::Term));
        let known_steps = head.zip(known).filter(|(_, known)| **known);
        let mut late = Vec::new();
        for (slot, (step, _)) in (0..).zip(known_steps) {
            let key = Operand::Slot(slot);
            match step {
                Step::Name(name) => self.emit(Op::Equal(key, Operand::Const(Value::string(name.clone()))), clause.head),
                Step::Term(term) if is_pattern(term) => self.matches(key, term),
                Step::Term(term) => late.push((key, term)),
            }
        }
        late
    }
}

/// Whether a value can be matched with a term whose variables have none yet.
fn is_pattern(term: &Term) -> bool {
    match &term.kind {
        TermKind::Const(_) | TermKind::Local(_) => true,
        TermKind::Array(items) => items.iter().all(is_pattern),
        TermKind::Object(entries) => {
            let constant = |key: &Term| matches!(key.kind, TermKind::Const(_));
            entries.iter().all(|(key, value)| constant(key) && is_pattern(value))
        }
        TermKind::Set(_) | TermKind::Ref(..) | TermKind::Comprehension(_) => false,
    }
}
