//! Lists, objects, and the `for` expressions that are in their brackets.

use super::cursor::Parser;
use super::expression::join;
use super::token::Kind;
use super::tree::{Deep, Expression, LoopHead, Shape};
use crate::ParseError;
use crate::document::Span;

impl<'a> Parser<'a> {
    /// `[…]`.
    pub(super) fn tuple(&mut self) -> Result<Expression<'a>, ParseError> {
        let open = self.next().span;
        self.within(false, |parser| {
            if parser.at_keyword("for") {
                return parser.comprehension(open, Kind::CloseBracket);
            }
            let mut items = Vec::new();
            loop {
                if !matches!(parser.peek().kind, Kind::CloseBracket | Kind::End) {
                    items.push(parser.expression()?);
                    if parser.take(Kind::Comma).is_some() {
                        continue;
                    }
                }
                let close = parser.close(open, Kind::CloseBracket, "`,` or `]`")?;
                return Ok(Expression {
                    shape: Shape::Tuple(items),
                    span: join(open, close.span),
                });
            }
        })
    }

    /// `{…}`.
    pub(super) fn object(&mut self) -> Result<Expression<'a>, ParseError> {
        let open = self.next().span;
        if self.within(false, |parser| Ok(parser.at_keyword("for")))? {
            return self.within(false, |parser| parser.comprehension(open, Kind::CloseBrace));
        }
        self.within(true, |parser| {
            let mut items = Vec::new();
            loop {
                while parser.take(Kind::Newline).is_some() {}
                if !matches!(parser.peek().kind, Kind::CloseBrace | Kind::End) {
                    items.push(parser.item()?);
                    if parser
                        .take(Kind::Comma)
                        .or_else(|| parser.take(Kind::Newline))
                        .is_some()
                    {
                        continue;
                    }
                }
                let close = parser.close(open, Kind::CloseBrace, "`,`, `}` or the end of the line")?;
                return Ok(Expression {
                    shape: Shape::Object(items),
                    span: join(open, close.span),
                });
            }
        })
    }

    /// `key = value`, `key : value`.
    fn item(&mut self) -> Result<(Expression<'a>, Expression<'a>), ParseError> {
        let key = self.expression()?;
        if self.take(Kind::Equals).is_none() {
            self.expect(Kind::Colon, "`=` or `:` and the key's value")?;
        }
        Ok((key, self.expression()?))
    }

    /// What follows the opening of `[for …]` or `{for …}`, which stays text.
    fn comprehension(&mut self, open: Span, close: Kind) -> Result<Expression<'a>, ParseError> {
        self.next();
        let head = self.loop_head()?;
        self.expect(Kind::Colon, "`:` and the items' expression")?;
        let first = self.expression()?;
        let (mut key, mut value, mut is_grouped) = (None, first, false);
        let mut closing = "`if` or `]`";
        if close == Kind::CloseBrace {
            self.expect(Kind::Arrow, "`=>` between an item's key and its value")?;
            key = Some(std::mem::replace(&mut value, self.expression()?));
            is_grouped = self.take(Kind::Ellipsis).is_some();
            closing = "`if`, `...` or `}`";
        }
        let condition = match self.take_keyword("if") {
            true => Some(self.expression()?),
            false => None,
        };
        let close = self.close(open, close, closing)?;
        let deep = Deep::For {
            head,
            key,
            value,
            is_grouped,
            condition,
        };
        Ok(Expression {
            shape: self.other(deep),
            span: join(open, close.span),
        })
    }

    /// `key, value in collection`, with or without a key.
    pub(super) fn loop_head(&mut self) -> Result<LoopHead<'a>, ParseError> {
        let first = self.expect(Kind::Identifier, "a variable's name")?.span;
        let (key, value) = match self.take(Kind::Comma) {
            Some(_) => (Some(first), self.expect(Kind::Identifier, "a variable's name")?.span),
            None => (None, first),
        };
        if !self.take_keyword("in") {
            return Err(self.unexpected("`in`"));
        }
        Ok(LoopHead {
            key,
            value,
            collection: self.expression()?,
        })
    }
}
