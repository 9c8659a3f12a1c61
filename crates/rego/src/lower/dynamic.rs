//! References and comprehensions inside other terms get variables of their own, before the statement.
//!
//! This is OPA's last rewriting: it comes after statements have been put in order, and takes operands out of `not`.

use super::Support;
use super::term::{requires_evaluation, statement};
use crate::core::{Callee, Local, LocalInfo, Statement, StatementKind, Term, TermKind};
use kpolicy_value::Span;

/// The body with every dynamic term of its own.
pub(super) fn flatten(body: Vec<Statement>, locals: &mut Vec<LocalInfo>) -> Vec<Statement> {
    let mut flat = Flat {
        out: Vec::with_capacity(body.len()),
        locals,
    };
    for statement in body {
        flat.statement(statement);
    }
    flat.out
}

struct Flat<'a> {
    out: Support,
    locals: &'a mut Vec<LocalInfo>,
}

impl Flat<'_> {
    fn statement(&mut self, mut statement: Statement) {
        let with = statement.with.clone();
        let start = self.out.len();
        statement.kind = match statement.kind {
            StatementKind::Call(Callee::Builtin(signature), operands)
                if signature.name == "equal" && operands.len() == 2 =>
            {
                let mut operands = operands.into_iter();
                match (operands.next(), operands.next()) {
                    (Some(left), Some(right)) => StatementKind::Equal(self.side(left), self.side(right)),
                    _ => unreachable!("there are two operands"),
                }
            }
            StatementKind::Equal(left, right) => StatementKind::Equal(self.side(left), self.side(right)),
            StatementKind::Call(callee, operands) => {
                let operands = operands.into_iter().map(|operand| self.operand(operand)).collect();
                StatementKind::Call(callee, operands)
            }
            StatementKind::Holds(term) => StatementKind::Holds(self.side(term)),
            StatementKind::Every {
                key,
                value,
                domain,
                body,
            } => StatementKind::Every {
                key,
                value,
                domain: self.operand(domain),
                body: flatten(body, self.locals),
            },
            StatementKind::Not(mut operand) => {
                operand.body = flatten(operand.body, self.locals);
                StatementKind::Not(operand)
            }
            StatementKind::And(mut left, mut right) => {
                left.body = flatten(left.body, self.locals);
                right.body = flatten(right.body, self.locals);
                StatementKind::And(left, right)
            }
            StatementKind::Or(mut left, mut right) => {
                left.body = flatten(left.body, self.locals);
                right.body = flatten(right.body, self.locals);
                StatementKind::Or(left, right)
            }
        };
        for taken in &mut self.out[start..] {
            taken.with = with.clone();
        }
        self.out.push(statement);
    }

    /// A side of an equation, or a term that must hold: a reference or a comprehension may stay as it is.
    fn side(&mut self, mut term: Term) -> Term {
        match &mut term.kind {
            TermKind::Ref(_, steps) => {
                for step in steps {
                    let taken = std::mem::replace(step, nothing(step.span));
                    *step = self.operand(taken);
                }
                term
            }
            TermKind::Comprehension(comprehension) => {
                comprehension.body = flatten(std::mem::take(&mut comprehension.body), self.locals);
                term
            }
            _ => self.operand(term),
        }
    }

    /// A term without references and comprehensions.
    fn operand(&mut self, term: Term) -> Term {
        if !requires_evaluation(&term) {
            return term;
        }
        let span = term.span;
        let kind = match term.kind {
            TermKind::Array(items) => TermKind::Array(self.operands(items)),
            TermKind::Set(items) => TermKind::Set(self.operands(items)),
            TermKind::Object(entries) => TermKind::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (self.operand(key), self.operand(value)))
                    .collect(),
            ),
            kind => {
                let term = self.side(Term { kind, span });
                let local = Local::try_from(self.locals.len()).expect("a module is smaller than 4 GiB");
                self.locals.push(LocalInfo {
                    name: None,
                    span,
                    free: false,
                    function: None,
                });
                let named = Term {
                    kind: TermKind::Local(local),
                    span,
                };
                self.out.push(statement(StatementKind::Equal(named, term), span));
                TermKind::Local(local)
            }
        };
        Term { kind, span }
    }

    fn operands(&mut self, items: Vec<Term>) -> Vec<Term> {
        items.into_iter().map(|item| self.operand(item)).collect()
    }
}

fn nothing(span: Span) -> Term {
    Term {
        kind: TermKind::Array(Vec::new()),
        span,
    }
}
