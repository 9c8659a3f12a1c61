//! Expressions: their grammar in full, their shape as far as a document shows it.
//!
//! Which operator binds stronger makes no difference to a document: an operation stays text as a whole.

use super::cursor::Parser;
use super::number;
use super::token::{Kind, Token};
use super::tree::{Conditional, Deep, Expression, Literal, Shape, Sign, Step};
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

impl<'a> Parser<'a> {
    /// The shape of what stays text in a document.
    pub(super) fn other(&self, deep: Deep<'a>) -> Shape<'a> {
        Shape::Other(self.is_whole.then(|| Box::new(deep)))
    }

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
            let condition = first;
            let shape = Shape::Conditional(Box::new(Conditional { condition, held, other }));
            Ok(Expression { shape, span })
        })
    }

    /// Operands with operators between them.
    fn operation(&mut self) -> Read<'a> {
        let first = self.operand()?;
        match self.peek().kind.is_binary() {
            true => self.operators(first),
            false => Ok(first),
        }
    }

    /// The operators after a first operand: flat, since any number may follow. Apart from [`Self::operation`], whose frame
    /// a deep expression has many of.
    fn operators(&mut self, first: Expression<'a>) -> Read<'a> {
        let mut span = first.span;
        let (mut operands, mut operators) = (vec![first], Vec::new());
        while self.peek().kind.is_binary() {
            let operator = self.next().span;
            let operand = self.operand()?;
            span = join(span, operand.span);
            if self.is_whole {
                operands.push(operand);
                operators.push(operator);
            }
        }
        let shape = self.other(Deep::Operation(operands, operators));
        Ok(Expression { shape, span })
    }

    /// A term with the signs before it and the steps after it.
    fn operand(&mut self) -> Read<'a> {
        if matches!(self.peek().kind, Kind::Minus | Kind::Bang) {
            return self.with_signs();
        }
        let term = self.term()?;
        match self.peek().kind {
            Kind::Dot | Kind::OpenBracket => self.steps(term),
            _ => Ok(term),
        }
    }

    /// An operand with signs before it.
    fn with_signs(&mut self) -> Read<'a> {
        let first = self.peek();
        let mut signs = Vec::new();
        while matches!(self.peek().kind, Kind::Minus | Kind::Bang) {
            signs.push(match self.next().kind {
                Kind::Minus => Sign::Minus,
                _ => Sign::Not,
            });
        }
        let operand = self.operand()?;
        let span = join(first.span, operand.span);
        let shape = match (operand.shape, signs.as_slice()) {
            (Shape::Literal(literal), [sign]) => Shape::Signed(*sign, literal, operand.span),
            (shape, _) => self.other(Deep::Signed(signs, Expression { shape, ..operand })),
        };
        Ok(Expression { shape, span })
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
            let inner = parser.expression()?;
            let close = parser.close(open, Kind::CloseParenthesis, "`)`")?;
            Ok(Expression {
                shape: parser.other(Deep::Parenthesis(inner)),
                span: join(open, close.span),
            })
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

    fn call(&mut self, first: Token) -> Read<'a> {
        let mut name = first.span;
        while self.take(Kind::DoubleColon).is_some() {
            name = join(name, self.expect(Kind::Identifier, "a function's name")?.span);
        }
        let open = self
            .expect(Kind::OpenParenthesis, "`(` and the function's arguments")?
            .span;
        self.within(false, |parser| {
            let (mut arguments, mut is_expanded) = (Vec::new(), false);
            let close = loop {
                if let Some(close) = parser.take(Kind::CloseParenthesis) {
                    break close;
                }
                if parser.peek().kind == Kind::End {
                    return Err(parser.unclosed(open, "`)`"));
                }
                let argument = parser.expression()?;
                if parser.is_whole {
                    arguments.push(argument);
                }
                is_expanded = parser.take(Kind::Ellipsis).is_some();
                if is_expanded || parser.take(Kind::Comma).is_none() {
                    let wanted = if is_expanded { "`)`" } else { "`,` or `)`" };
                    break parser.close(open, Kind::CloseParenthesis, wanted)?;
                }
            };
            let shape = parser.other(Deep::Call {
                name,
                arguments,
                is_expanded,
            });
            Ok(Expression {
                shape,
                span: join(name, close.span),
            })
        })
    }

    /// `.name`, `.0`, `.*`, `[0]`, `[*]`, as many as follow; at least one does.
    fn steps(&mut self, from: Expression<'a>) -> Read<'a> {
        let mut span = from.span;
        let mut is_traversal = matches!(from.shape, Shape::Traversal);
        let mut steps = Vec::new();
        loop {
            let (last, is_known, step) = match self.peek().kind {
                Kind::Dot => self.attribute()?,
                Kind::OpenBracket => self.index()?,
                _ => break,
            };
            is_traversal &= is_known;
            span = join(span, last);
            if self.is_whole {
                steps.push(step);
            }
        }
        let shape = match is_traversal && !self.is_whole {
            true => Shape::Traversal,
            false => self.other(Deep::Steps(from, steps)),
        };
        Ok(Expression { shape, span })
    }

    /// A step with a dot: where it ends, and whether it leads to one known place.
    fn attribute(&mut self) -> Result<(Span, bool, Step<'a>), ParseError> {
        self.next();
        let Some(star) = self.take(Kind::Star) else {
            let name = self.attribute_name()?;
            return Ok((name, true, Step::Attribute(name)));
        };
        let (mut last, mut names) = (star.span, Vec::new());
        while self.take(Kind::Dot).is_some() {
            last = self.attribute_name()?;
            names.push(last);
        }
        Ok((last, false, Step::AttributeSplat(names)))
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

    fn index(&mut self) -> Result<(Span, bool, Step<'a>), ParseError> {
        let open = self.next().span;
        if self.take(Kind::Star).is_some() {
            let close = self.close(open, Kind::CloseBracket, "`]`")?;
            return Ok((close.span, false, Step::Splat));
        }
        self.within(false, |parser| {
            let key = parser.expression()?;
            let close = parser.close(open, Kind::CloseBracket, "`]`")?;
            Ok((close.span, key.is_constant(), Step::Index(key)))
        })
    }
}
