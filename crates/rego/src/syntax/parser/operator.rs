//! Terms with infix operators, by how tightly these bind.

use super::super::tree::{Step, Term, TermKind};
use super::{Attempt, Kind, Parser, Span};

impl<'a> Parser<'a> {
    /// A term with any operators, `key, value in collection` among them.
    pub(super) fn infix(&mut self) -> Option<Term> {
        let outer = self.enter()?;
        let term = self.operand(0).and_then(|left| self.membership(left, true));
        self.leave(outer);
        term
    }

    /// The same where a comma separates the items of a list.
    pub(super) fn infix_in_list(&mut self) -> Option<Term> {
        let outer = self.enter()?;
        let term = self.operand(0).and_then(|left| self.membership(left, false));
        self.leave(outer);
        term
    }

    /// The same, whose first operand is read already.
    pub(super) fn infix_in_list_from(&mut self, left: Term) -> Option<Term> {
        let outer = self.enter()?;
        let term = self.operators(left, 0).and_then(|left| self.membership(left, false));
        self.leave(outer);
        term
    }

    fn operand(&mut self, loosest: u8) -> Option<Term> {
        let left = self.term()?;
        self.operators(left, loosest)
    }

    /// What `left` is the first operand of, with operators that bind at least as tightly as `loosest`.
    fn operators(&mut self, mut left: Term, loosest: u8) -> Option<Term> {
        while let Some((name, binding)) = self.kind.operator().filter(|(_, binding)| *binding >= loosest) {
            let operator = self.operator(name);
            let right = self.operand(binding + 1)?;
            self.grow()?;
            left = call(operator, vec![left, right]);
        }
        Some(left)
    }

    /// The builtin after the current token, which is skipped.
    fn operator(&mut self, name: &'static str) -> Term {
        let span = self.span();
        let kind = TermKind::Var(self.name(name));
        self.advance();
        Term { kind, span }
    }

    /// What `left` is the member or key of.
    fn membership(&mut self, mut left: Term, keyed: bool) -> Option<Term> {
        loop {
            if keyed && self.kind == Kind::Comma {
                left = match self.keyed_membership(left)? {
                    Ok(call) => call,
                    Err(left) => return Some(left),
                };
            } else {
                self.keyword_as_name();
                if self.kind != Kind::In {
                    return Some(left);
                }
                let operator = self.member_operator("member_2");
                let right = self.operand(0)?;
                left = call(operator, vec![left, right]);
            }
            self.grow()?;
            if self.kind != Kind::In {
                return Some(left);
            }
        }
    }

    /// `key, value in collection`, or the key again where the comma means something else.
    fn keyed_membership(&mut self, key: Term) -> Option<Result<Term, Term>> {
        let comma = self.save();
        if !self.may_try(Attempt::KeyedMembership, comma.at) {
            return Some(Err(key));
        }
        self.advance();
        if let Some(value) = self.operand(0)
            && self.kind == Kind::In
        {
            let operator = self.member_operator("member_3");
            if let Some(collection) = self.operand(0) {
                return Some(Ok(call(operator, vec![key, value, collection])));
            }
        }
        if self.given_up {
            return None;
        }
        self.failed(Attempt::KeyedMembership, comma.at);
        self.restore(comma);
        Some(Err(key))
    }

    fn member_operator(&mut self, name: &'static str) -> Term {
        let span = self.span();
        let head = Term {
            kind: TermKind::Var(self.name("internal")),
            span,
        };
        let term = Term {
            kind: TermKind::String(self.name(name)),
            span,
        };
        self.advance();
        reference(head, vec![Step { term, dot: true }], span)
    }

    /// `left = right`, `left := right`, or the left side alone.
    pub(super) fn expression(&mut self) -> Option<Term> {
        let left = self.infix()?;
        let name = match self.kind {
            Kind::Unify => "eq",
            Kind::Assign => "assign",
            _ => return Some(left),
        };
        let operator = self.operator(name);
        let right = self.infix()?;
        Some(call(operator, vec![left, right]))
    }
}

/// A value and the way into it.
pub(super) fn reference(head: Term, steps: Vec<Step>, span: Span) -> Term {
    let kind = TermKind::Ref {
        head: Box::new(head),
        steps,
    };
    Term { kind, span }
}

/// The call of an operator on these operands.
fn call(operator: Term, operands: Vec<Term>) -> Term {
    let first = operands.first().map_or(operator.span, |term| term.span);
    let span = operands.iter().fold(first, |span, term| span.to(term.span));
    Term {
        kind: TermKind::Call {
            function: Box::new(operator),
            arguments: operands,
            infix: true,
        },
        span,
    }
}
