//! Bodies and their statements.

use std::sync::Arc;

use super::super::layout::{Block, Body, Every, Expression, Kind, Logic, Term, Value, With};
use super::Lowering;
use crate::syntax::tree::{self, ExpressionKind, Name, TermKind};

impl Lowering<'_> {
    pub(super) fn body(&mut self, body: &tree::Body) -> Body {
        body.iter().map(|expression| self.expression(expression)).collect()
    }

    /// A statement of a body. What `not` is before has the location of the whole.
    pub(super) fn expression(&mut self, expression: &tree::Expression) -> Expression {
        let mut lowered = self.operand(expression);
        let location = lowered.location;
        if let Kind::Not { body, braces: false } = &mut lowered.kind {
            for inner in body {
                inner.location = location;
            }
        }
        lowered
    }

    fn operand(&mut self, expression: &tree::Expression) -> Expression {
        let location = self.source.location(expression.span);
        let kind = self.kind(&expression.kind);
        let with = expression.with.iter().map(|with| self.with(with)).collect();
        Expression {
            negated: expression.negated,
            kind,
            with,
            location,
        }
    }

    fn kind(&mut self, kind: &ExpressionKind) -> Kind {
        match kind {
            ExpressionKind::Term(term) => match &term.kind {
                TermKind::Call {
                    function, arguments, ..
                } => Kind::Call(self.call(function, arguments)),
                _ => Kind::Term(self.term(term)),
            },
            ExpressionKind::Some(names) => Kind::Some(names.iter().map(|name| self.declared(name)).collect()),
            ExpressionKind::SomeIn { key, value, collection } => {
                let operands = key.iter().chain([value, collection]);
                Kind::SomeIn(operands.map(|term| self.term(term)).collect())
            }
            ExpressionKind::Every {
                key,
                value,
                domain,
                body,
            } => Kind::Every(Box::new(Every {
                key: key.as_ref().map(|key| self.term(key)),
                value: self.term(value),
                domain: self.term(domain),
                body: self.body(body),
            })),
            ExpressionKind::Not(block) => {
                let block = self.block(block);
                Kind::Not {
                    body: block.body,
                    braces: block.braces,
                }
            }
            ExpressionKind::And(left, right) => self.logic("and", left, right),
            ExpressionKind::Or(left, right) => self.logic("or", left, right),
        }
    }

    fn declared(&mut self, name: &Name) -> Term {
        let value = if &*name.text == "_" {
            self.wildcards += 1;
            Value::Wildcard(self.wildcards - 1)
        } else {
            Value::Var(Arc::clone(&name.text))
        };
        Term {
            value,
            location: self.source.location(name.span),
        }
    }

    fn logic(&mut self, operator: &'static str, left: &tree::Block, right: &tree::Block) -> Kind {
        Kind::Logic(Box::new(Logic {
            operator,
            left: self.block(left),
            right: self.block(right),
        }))
    }

    fn block(&mut self, block: &tree::Block) -> Block {
        let body = if block.braces {
            self.body(&block.body)
        } else {
            block.body.iter().map(|operand| self.operand(operand)).collect()
        };
        Block {
            body,
            braces: block.braces,
        }
    }

    fn with(&mut self, with: &tree::With) -> With {
        With {
            target: self.term(&with.target),
            value: self.term(&with.value),
            location: self.source.location(with.span),
        }
    }
}
