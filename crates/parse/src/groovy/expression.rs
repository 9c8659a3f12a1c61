//! Expressions. Follows groovy-parser-go parser/expr.go.

use super::builder::Checkpoint;
use super::operator::{CALL, RANGE, TERNARY, UNARY, infix};
use super::token::Kind;
use super::{Parse, Parser};

impl Parser<'_> {
    /// An expression of operators that bind more strongly than `least`.
    pub(super) fn expression(&mut self, least: u8) -> Parse {
        self.deeper(|parser| parser.operators(least))
    }

    fn operators(&mut self, least: u8) -> Parse {
        let start = self.builder.checkpoint();
        self.operand()?;
        loop {
            if self.kind().is_separator() && self.continues() {
                self.skip_separators()?;
            }
            let found = infix(self.kind()).filter(|(strength, ..)| *strength > least);
            let Some((_, next, kind)) = found else {
                if least < CALL && self.kind().starts_argument() {
                    self.command(&start)?;
                    continue;
                }
                return Ok(());
            };
            self.operator(&start, next, kind)?;
        }
    }

    /// Whether the next line goes on with the expression.
    fn continues(&self) -> bool {
        matches!(
            self.peek(self.after_separators(1)),
            Kind::Dot
                | Kind::SafeNav
                | Kind::Spread
                | Kind::MethodPointer
                | Kind::FieldAccess
                | Kind::MethodRef
                | Kind::Question
        )
    }

    /// An operator after an operand, with what it takes.
    fn operator(&mut self, start: &Checkpoint, next: u8, kind: &'static str) -> Parse {
        self.node_at(start, kind, |parser| match kind {
            "TernaryExpr" => parser.ternary(),
            "PostfixExpr" => parser.advance(),
            "PropertyExpr" | "SafeNavExpr" | "SpreadPropertyExpr" | "MethodPointerExpr" | "FieldAccessExpr" => {
                parser.advance()?;
                parser.member_name()
            }
            "MethodRefExpr" => {
                parser.advance()?;
                match parser.kind() {
                    Kind::Identifier | Kind::CapitalizedIdentifier | Kind::KwNew | Kind::StringLiteral => {
                        parser.advance()
                    }
                    _ => Err(parser.unexpected("a name after `::`")),
                }
            }
            "CallExpr" => {
                if parser.at(Kind::LParen) {
                    parser.arguments()?;
                }
                match parser.at(Kind::LBrace) {
                    true => parser.closure(),
                    false => Ok(()),
                }
            }
            "IndexExpr" => {
                parser.advance()?;
                parser.list(Kind::RBrack, |parser| parser.expression(0))?;
                parser.expect(Kind::RBrack, "`]`")
            }
            "InstanceofExpr" | "CastExpr" => {
                parser.advance()?;
                parser.type_name()
            }
            _ => {
                parser.advance()?;
                parser.expression(next)
            }
        })
    }

    fn ternary(&mut self) -> Parse {
        self.advance()?;
        self.expression(0)?;
        if self.kind().is_separator() && self.peek(self.after_separators(1)) == Kind::Colon {
            self.skip_separators()?;
        }
        self.expect(Kind::Colon, "`:`")?;
        self.expression(TERNARY - 1)
    }

    /// What follows a dot.
    fn member_name(&mut self) -> Parse {
        match self.kind() {
            Kind::BoolLiteral | Kind::NullLiteral => self.advance(),
            kind if kind.is_name() || kind.is_keyword() || kind.is_plain_string() => self.advance(),
            Kind::GStringBegin => self.interpolated(),
            Kind::LParen => {
                self.advance()?;
                self.expression(0)?;
                self.expect(Kind::RParen, "`)`")
            }
            Kind::At => {
                self.advance()?;
                self.name("a name after `@`")
            }
            _ => Err(self.unexpected("the name of a member")),
        }
    }

    /// Items with commas, of which the last may have one as well, up to a closing bracket.
    fn list(&mut self, close: Kind, mut item: impl FnMut(&mut Self) -> Parse) -> Parse {
        while !self.at(close) {
            item(self)?;
            if !self.eat(Kind::Comma)? {
                break;
            }
        }
        Ok(())
    }

    fn operand(&mut self) -> Parse {
        match self.kind() {
            Kind::IntLiteral | Kind::FloatLiteral => self.node("LiteralExpr", Self::advance),
            kind if kind.is_plain_string() => self.node("LiteralExpr", Self::advance),
            Kind::GStringBegin => self.interpolated(),
            Kind::BoolLiteral => self.node("BoolExpr", Self::advance),
            Kind::NullLiteral => self.node("NullExpr", Self::advance),
            kind if kind.is_name() && self.peek(1) == Kind::Arrow && self.defaults == 0 => {
                self.node("LambdaExpr", |parser| {
                    parser.advance()?;
                    parser.advance()?;
                    parser.lambda_body()
                })
            }
            Kind::KwThis | Kind::KwSuper => self.node("IdentExpr", Self::advance),
            kind if kind.is_name() || kind.is_primitive() => self.node("IdentExpr", Self::advance),
            Kind::LParen => self.parenthesized(),
            Kind::LBrace => self.closure(),
            Kind::LBrack => self.list_or_map(),
            Kind::Star => self.node("SpreadExpr", |parser| {
                parser.advance()?;
                parser.eat(Kind::Colon)?;
                parser.expression(UNARY)
            }),
            Kind::At => self.annotation(),
            Kind::Plus | Kind::Minus | Kind::Not | Kind::BitwiseNot | Kind::Inc | Kind::Dec => {
                self.node("UnaryExpr", |parser| {
                    parser.advance()?;
                    parser.expression(UNARY)
                })
            }
            Kind::KwNew => self.node("NewExpr", Self::creation),
            Kind::KwSwitch => self.switch(),
            Kind::HalfOpenLeft | Kind::FullOpen => self.node("RangeExpr", |parser| {
                parser.advance()?;
                parser.expression(RANGE)
            }),
            _ => Err(self.unexpected("an expression")),
        }
    }

    fn parenthesized(&mut self) -> Parse {
        let close = self.closes.get(self.at).copied().flatten();
        if close.is_some_and(|close| self.peek(close - self.at + 1) == Kind::Arrow) {
            return self.node("LambdaExpr", |parser| {
                parser.advance()?;
                parser.list(Kind::RParen, Self::closure_parameter)?;
                parser.expect(Kind::RParen, "`)`")?;
                parser.expect(Kind::Arrow, "`->`")?;
                parser.lambda_body()
            });
        }
        if self.is_cast() {
            return self.node("CastExpr", |parser| {
                parser.advance()?;
                parser.type_name()?;
                parser.expect(Kind::RParen, "`)`")?;
                parser.expression(UNARY)
            });
        }
        if self.is_multiple_assignment() {
            return self.node("AssignExpr", |parser| parser.multiple_assignment(0));
        }
        self.node("ParenExpr", |parser| {
            parser.advance()?;
            parser.expression(0)?;
            parser.expect(Kind::RParen, "`)`")
        })
    }

    fn lambda_body(&mut self) -> Parse {
        match self.at(Kind::LBrace) {
            true => self.block(),
            false => self.expression(0),
        }
    }

    /// Whether `(Type) operand` follows.
    fn is_cast(&self) -> bool {
        let first = self.peek(1);
        let after = if first.is_primitive() {
            let is_array = self.peek(2) == Kind::LBrack && self.peek(3) == Kind::RBrack;
            if is_array { 4 } else { 2 }
        } else {
            let is_dotted = first == Kind::Identifier && self.peek(2) == Kind::Dot;
            if first != Kind::CapitalizedIdentifier && !is_dotted {
                return false;
            }
            let Some(mut after) = self.after_dotted(1) else {
                return false;
            };
            if is_dotted && self.peek(after - 1) != Kind::CapitalizedIdentifier {
                return false;
            }
            if self.peek(after) == Kind::Lt {
                match self.after_types(after + 1) {
                    Some(end) => after = end,
                    None => return false,
                }
            }
            self.after_brackets(after)
        };
        self.peek(after) == Kind::RParen && self.peek(after + 1).starts_expression()
    }

    fn creation(&mut self) -> Parse {
        self.advance()?;
        self.type_name()?;
        match self.kind() {
            Kind::LParen => {
                self.arguments()?;
                match self.at(Kind::LBrace) {
                    true => self.closure(),
                    false => Ok(()),
                }
            }
            Kind::LBrack => {
                while self.eat(Kind::LBrack)? {
                    if !self.at(Kind::RBrack) {
                        self.expression(0)?;
                    }
                    self.expect(Kind::RBrack, "`]`")?;
                }
                match self.at(Kind::LBrace) {
                    true => self.array_items(),
                    false => Ok(()),
                }
            }
            Kind::LBrace => self.array_items(),
            _ => Ok(()),
        }
    }

    /// The items of a new array in braces.
    fn array_items(&mut self) -> Parse {
        self.deeper(|parser| {
            parser.advance()?;
            parser.list(Kind::RBrace, |parser| match parser.at(Kind::LBrace) {
                true => parser.array_items(),
                false => parser.expression(0),
            })?;
            parser.expect(Kind::RBrace, "`}`")
        })
    }

    pub(super) fn arguments(&mut self) -> Parse {
        self.expect(Kind::LParen, "`(`")?;
        self.list(Kind::RParen, Self::argument)?;
        self.expect(Kind::RParen, "`)`")
    }

    fn is_bare_key(&self) -> bool {
        (self.kind().is_name() || self.kind().is_keyword()) && self.peek(1) == Kind::Colon
    }

    /// An argument, which may have a name.
    pub(super) fn argument(&mut self) -> Parse {
        let is_literal = self.kind().is_plain_string() || matches!(self.kind(), Kind::BoolLiteral | Kind::NullLiteral);
        match self.is_bare_key() || (is_literal && self.peek(1) == Kind::Colon) {
            true => self.map_entry(),
            false => self.expression(0),
        }
    }

    /// A string with `${…}` or `$name` in it.
    fn interpolated(&mut self) -> Parse {
        self.node("GStringExpr", |parser| {
            parser.advance()?;
            loop {
                match parser.kind() {
                    Kind::GStringEnd => return parser.advance(),
                    Kind::GStringPart => parser.advance()?,
                    Kind::LBrace => parser.interpolation()?,
                    kind if kind.is_name() => parser.node("GStringPath", Self::dotted_name)?,
                    _ => return Err(parser.unexpected("the end of the string")),
                }
            }
        })
    }

    fn interpolation(&mut self) -> Parse {
        self.advance()?;
        if self.at(Kind::Arrow) {
            self.advance()?;
        } else if self.is_closure_head() {
            self.list(Kind::Arrow, Self::closure_parameter)?;
            self.expect(Kind::Arrow, "`->`")?;
        }
        self.statements()
    }

    pub(super) fn closure(&mut self) -> Parse {
        self.node("ClosureExpr", |parser| {
            parser.advance()?;
            if parser.at(Kind::Arrow) {
                parser.advance()?;
            } else if parser.is_closure_head() {
                parser.closure_parameter()?;
                while parser.eat(Kind::Comma)? {
                    parser.closure_parameter()?;
                }
                parser.expect(Kind::Arrow, "`->`")?;
            }
            parser.statements()
        })
    }

    /// Whether the parameters of a closure follow.
    fn is_closure_head(&self) -> bool {
        let (kind, next) = (self.kind(), self.peek(1));
        if kind.is_name() && next == Kind::Arrow {
            return true;
        }
        let is_parameter = (kind.is_name() && matches!(next, Kind::Assign | Kind::Comma))
            || self.is_parameter_type()
            || (kind.is_primitive() && (next.is_name() || next == Kind::LBrack))
            || (matches!(kind, Kind::KwDef | Kind::KwFinal) && next.is_name());
        is_parameter && self.has_arrow()
    }

    /// Whether a `->` comes before the end of the statement.
    fn has_arrow(&self) -> bool {
        let mut depth = 0;
        for ahead in 0..80 {
            match self.peek(ahead) {
                Kind::Arrow if depth == 0 => return true,
                Kind::LBrace => depth += 1,
                Kind::RBrace if depth == 0 => return false,
                Kind::RBrace => depth -= 1,
                Kind::Semi | Kind::Semicolon | Kind::Eof if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }

    fn closure_parameter(&mut self) -> Parse {
        let (kind, next) = (self.kind(), self.peek(1));
        if matches!(kind, Kind::KwDef | Kind::KwFinal) && next.is_name() {
            self.advance()?;
        } else if (kind.is_primitive() && (next.is_name() || next == Kind::LBrack)) || self.is_parameter_type() {
            self.type_name()?;
        }
        self.eat(Kind::Ellipsis)?;
        self.name("the name of a parameter")?;
        if self.eat(Kind::Assign)? {
            self.defaults += 1;
            self.expression(0)?;
            self.defaults -= 1;
        }
        Ok(())
    }

    fn list_or_map(&mut self) -> Parse {
        if self.peek(1) == Kind::Colon {
            return self.node("MapExpr", |parser| {
                parser.advance()?;
                parser.advance()?;
                parser.expect(Kind::RBrack, "`]`")
            });
        }
        let start = self.builder.checkpoint();
        self.advance()?;
        if self.at(Kind::RBrack) {
            return self.node_at(&start, "ListExpr", Self::advance);
        }
        let is_spread = |parser: &Self| parser.at(Kind::Star) && parser.peek(1) == Kind::Colon;
        let entry = |parser: &mut Self| match is_spread(parser) {
            true => parser.expression(0),
            false => parser.map_entry(),
        };
        if self.is_bare_key() || is_spread(self) {
            return self.node_at(&start, "MapExpr", |parser| {
                parser.list(Kind::RBrack, entry)?;
                parser.expect(Kind::RBrack, "`]`")
            });
        }
        let first = self.builder.checkpoint();
        self.expression(0)?;
        let is_map = self.at(Kind::Colon);
        if is_map {
            self.node_at(&first, "MapEntry", |parser| {
                parser.advance()?;
                parser.expression(0)
            })?;
        }
        if self.eat(Kind::Comma)? {
            match is_map {
                true => self.list(Kind::RBrack, entry)?,
                false => self.list(Kind::RBrack, |parser| parser.expression(0))?,
            }
        }
        let kind = if is_map { "MapExpr" } else { "ListExpr" };
        self.node_at(&start, kind, |parser| parser.expect(Kind::RBrack, "`]`"))
    }

    fn map_entry(&mut self) -> Parse {
        self.node("MapEntry", |parser| {
            match parser.is_bare_key() {
                true => parser.node("IdentExpr", Self::advance)?,
                false => parser.expression(0)?,
            }
            parser.expect(Kind::Colon, "`:`")?;
            parser.expression(0)
        })
    }
}
