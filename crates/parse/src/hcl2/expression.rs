//! Expressions: their grammar in full, their shape as far as a document shows it.
//!
//! Which operator binds stronger makes no difference to a document: an operation stays text as a whole.

use super::cursor::Parser;
use super::number;
use super::token::{Kind, Token};
use super::tree::{Conditional, Expression, Literal, Shape, Sign};
use crate::ParseError;
use crate::document::Span;

type Read<'a> = Result<Expression<'a>, ParseError>;

/// From the start of one span to the end of another.
pub(super) fn join(first: Span, last: Span) -> Span {
    Span {
        start: first.start,
        end: last.end,
    }
}

fn other<'a>(first: Span, last: Span) -> Expression<'a> {
    let span = join(first, last);
    Expression {
        shape: Shape::Other,
        span,
    }
}

impl<'a> Parser<'a> {
    pub(super) fn expression(&mut self) -> Read<'a> {
        let first = self.operation()?;
        if self.take(Kind::Question).is_none() {
            return Ok(first);
        }
        self.deeper(1, |parser| {
            let held = parser.expression()?;
            parser.expect(Kind::Colon, "`:` and the value for when the condition does not hold")?;
            let other = parser.expression()?;
            let span = join(first.span, other.span);
            let condition = first.span;
            let shape = Shape::Conditional(Box::new(Conditional { condition, held, other }));
            Ok(Expression { shape, span })
        })
    }

    /// Operands with operators between them.
    fn operation(&mut self) -> Read<'a> {
        let mut whole = self.operand()?;
        while self.peek().kind.is_binary() {
            self.next();
            let operand = self.operand()?;
            whole = other(whole.span, operand.span);
        }
        Ok(whole)
    }

    /// A term with the signs before it and the steps after it.
    fn operand(&mut self) -> Read<'a> {
        let first = self.peek();
        let mut signs = 0;
        while matches!(self.peek().kind, Kind::Minus | Kind::Bang) {
            self.next();
            signs += 1;
        }
        let term = self.term()?;
        let mut operand = self.steps(term)?;
        if signs == 0 {
            return Ok(operand);
        }
        let sign = if first.kind == Kind::Minus {
            Sign::Minus
        } else {
            Sign::Not
        };
        operand.shape = match operand.shape {
            Shape::Literal(literal) if signs == 1 => Shape::Signed(sign, literal, operand.span),
            _ => Shape::Other,
        };
        operand.span = join(first.span, operand.span);
        Ok(operand)
    }

    fn term(&mut self) -> Read<'a> {
        let token = self.peek();
        match token.kind {
            Kind::Number => {
                self.next();
                self.number(token.span)?;
                Ok(Expression {
                    shape: Shape::Literal(Literal::Number),
                    span: token.span,
                })
            }
            Kind::Identifier => self.name(),
            Kind::OpenQuote | Kind::OpenHeredoc => self.template(),
            Kind::OpenParenthesis => self.parenthesis(),
            Kind::OpenBracket => self.tuple(),
            Kind::OpenBrace => self.object(),
            _ => Err(self.unexpected("an expression")),
        }
    }

    fn number(&self, span: Span) -> Result<(), ParseError> {
        match number::Literal::read(self.source(span)) {
            Some(_) => Ok(()),
            None => Err(
                ParseError::new(format!("`{}` is not a number", self.source(span)), span)
                    .with_help("write it as a string, in double quotes"),
            ),
        }
    }

    fn parenthesis(&mut self) -> Read<'a> {
        let open = self.next().span;
        self.within(false, |parser| {
            parser.expression()?;
            let close = parser.close(open, Kind::CloseParenthesis, "`)`")?;
            Ok(other(open, close.span))
        })
    }

    /// A literal, a name or a call.
    fn name(&mut self) -> Read<'a> {
        let name = self.next();
        if matches!(self.peek().kind, Kind::OpenParenthesis | Kind::DoubleColon) {
            return self.call(name);
        }
        let shape = match self.source(name.span) {
            "true" => Shape::Literal(Literal::Bool(true)),
            "false" => Shape::Literal(Literal::Bool(false)),
            "null" => Shape::Literal(Literal::Null),
            _ => Shape::Traversal,
        };
        let span = name.span;
        Ok(Expression { shape, span })
    }

    fn call(&mut self, name: Token) -> Read<'a> {
        while self.take(Kind::DoubleColon).is_some() {
            self.expect(Kind::Identifier, "a function's name")?;
        }
        let open = self
            .expect(Kind::OpenParenthesis, "`(` and the function's arguments")?
            .span;
        self.within(false, |parser| {
            loop {
                if let Some(close) = parser.take(Kind::CloseParenthesis) {
                    return Ok(other(name.span, close.span));
                }
                if parser.peek().kind == Kind::End {
                    return Err(parser.unclosed(open, "`)`"));
                }
                parser.expression()?;
                let expanded = parser.take(Kind::Ellipsis).is_some();
                if expanded || parser.take(Kind::Comma).is_none() {
                    let close = parser.close(
                        open,
                        Kind::CloseParenthesis,
                        if expanded { "`)`" } else { "`,` or `)`" },
                    )?;
                    return Ok(other(name.span, close.span));
                }
            }
        })
    }

    /// `.name`, `.0`, `.*`, `[0]`, `[*]`, as many as follow.
    fn steps(&mut self, from: Expression<'a>) -> Read<'a> {
        let mut whole = from;
        loop {
            let step = self.peek().kind;
            let (last, known) = match step {
                Kind::Dot => self.attribute()?,
                Kind::OpenBracket => self.index()?,
                _ => return Ok(whole),
            };
            if !(known && matches!(whole.shape, Shape::Traversal)) {
                whole.shape = Shape::Other;
            }
            whole.span = join(whole.span, last);
        }
    }

    /// A step with a dot: where it ends, and whether it leads to one known place.
    fn attribute(&mut self) -> Result<(Span, bool), ParseError> {
        self.next();
        let Some(star) = self.take(Kind::Star) else {
            return Ok((self.attribute_name()?, true));
        };
        let mut last = star.span;
        while self.take(Kind::Dot).is_some() {
            last = self.attribute_name()?;
        }
        Ok((last, false))
    }

    fn attribute_name(&mut self) -> Result<Span, ParseError> {
        let name = self.peek();
        match name.kind {
            Kind::Identifier => {}
            Kind::Number => {
                if let Some((first, second)) = self.source(name.span).split_once('.') {
                    let message = "an index after a dot cannot follow another one";
                    let help = format!("write `[{first}][{second}]`");
                    return Err(ParseError::new(message, name.span).with_help(help));
                }
                self.number(name.span)?;
            }
            Kind::Star => {
                let error = ParseError::new("`.*` cannot be nested in another `.*`", name.span);
                return Err(error.with_help("write `[*]`"));
            }
            _ => return Err(self.unexpected("an attribute's name")),
        }
        self.next();
        Ok(name.span)
    }

    fn index(&mut self) -> Result<(Span, bool), ParseError> {
        let open = self.next().span;
        if self.take(Kind::Star).is_some() {
            let close = self.close(open, Kind::CloseBracket, "`]`")?;
            return Ok((close.span, false));
        }
        self.within(false, |parser| {
            let key = parser.expression()?;
            let close = parser.close(open, Kind::CloseBracket, "`]`")?;
            Ok((close.span, key.is_constant()))
        })
    }
}
