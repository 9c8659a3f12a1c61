//! Statements. Follows groovy-parser-go parser/stmt.go.

use super::builder::Checkpoint;
use super::token::Kind;
use super::{Parse, Parser};

impl Parser<'_> {
    pub(super) fn file(&mut self) -> Parse {
        self.skip_separators()?;
        while !self.at(Kind::Eof) {
            self.statement()?;
            self.skip_separators()?;
        }
        self.finish()
    }

    pub(super) fn statement(&mut self) -> Parse {
        self.deeper(Self::any_statement)
    }

    fn any_statement(&mut self) -> Parse {
        match self.kind() {
            Kind::LBrace if self.is_closure_statement() => self.expression_statement(),
            Kind::LBrace => self.block(),
            Kind::KwIf => self.node("IfStmt", Self::if_statement),
            Kind::KwWhile => self.node("WhileStmt", |parser| {
                parser.advance()?;
                parser.condition()?;
                parser.body()
            }),
            Kind::KwDo => self.node("DoWhileStmt", |parser| {
                parser.advance()?;
                parser.block_or_statement()?;
                parser.expect(Kind::KwWhile, "`while`")?;
                parser.condition()
            }),
            Kind::KwFor => self.for_statement(),
            Kind::KwSwitch => self.switch(),
            Kind::KwTry => self.node("TryStmt", Self::try_statement),
            Kind::KwThrow => self.node("ThrowStmt", |parser| {
                parser.advance()?;
                parser.expression(0)
            }),
            Kind::KwReturn => self.node("ReturnStmt", |parser| {
                parser.advance()?;
                match parser.kind().starts_expression() {
                    true => parser.expression(0),
                    false => Ok(()),
                }
            }),
            Kind::KwBreak => self.jump("BreakStmt"),
            Kind::KwContinue => self.jump("ContinueStmt"),
            Kind::KwAssert => self.node("AssertStmt", |parser| {
                parser.advance()?;
                parser.expression(0)?;
                if parser.eat(Kind::Colon)? || parser.eat(Kind::Comma)? {
                    parser.expression(0)?;
                }
                Ok(())
            }),
            Kind::KwSynchronized => self.node("SynchronizedStmt", |parser| {
                parser.advance()?;
                parser.condition()?;
                parser.block()
            }),
            Kind::KwDef => self.variable(),
            Kind::KwFinal if !self.is_class_after_modifiers() => self.variable(),
            Kind::KwPackage => self.node("PackageDecl", |parser| {
                parser.advance()?;
                parser.dotted_name()
            }),
            Kind::KwImport => self.node("ImportDecl", Self::import),
            kind if kind.is_class_like() => {
                let start = self.builder.checkpoint();
                self.class_like(&start)
            }
            kind if kind.is_modifier() || kind == Kind::At => self.modified(),
            kind if kind.is_primitive() && (self.peek(1).is_name() || self.peek(1) == Kind::LBrack) => self.variable(),
            Kind::CapitalizedIdentifier if self.is_typed_variable() => self.variable(),
            Kind::Identifier if self.peek(1) == Kind::Colon => self.node("LabeledStmt", |parser| {
                parser.advance()?;
                parser.advance()?;
                parser.statement()
            }),
            Kind::LParen if self.is_multiple_assignment() => {
                self.node("ExpressionStmt", |parser| parser.multiple_assignment(0))
            }
            _ => self.expression_statement(),
        }
    }

    fn jump(&mut self, kind: &'static str) -> Parse {
        self.node(kind, |parser| {
            parser.advance()?;
            match parser.kind().is_name() {
                true => parser.advance(),
                false => Ok(()),
            }
        })
    }

    fn expression_statement(&mut self) -> Parse {
        self.node("ExpressionStmt", |parser| {
            let start = parser.builder.checkpoint();
            parser.expression(0)?;
            match parser.kind().starts_argument() {
                true => parser.command(&start),
                false => Ok(()),
            }
        })
    }

    /// The arguments of a call without parentheses.
    pub(super) fn command(&mut self, start: &Checkpoint) -> Parse {
        self.node_at(start, "CallExpr", |parser| {
            parser.argument()?;
            while parser.eat(Kind::Comma)? {
                parser.argument()?;
            }
            Ok(())
        })
    }

    pub(super) fn block(&mut self) -> Parse {
        self.node("BlockStmt", |parser| {
            parser.expect(Kind::LBrace, "`{`")?;
            parser.statements()
        })
    }

    /// The statements of a block or closure, and its `}`.
    pub(super) fn statements(&mut self) -> Parse {
        self.skip_separators()?;
        while !matches!(self.kind(), Kind::RBrace | Kind::Eof) {
            self.statement()?;
            self.skip_separators()?;
        }
        self.expect(Kind::RBrace, "`}`")
    }

    fn block_or_statement(&mut self) -> Parse {
        match self.at(Kind::LBrace) {
            true => self.block(),
            false => self.statement(),
        }
    }

    /// The body of a loop or branch, which may be in the next line.
    fn body(&mut self) -> Parse {
        self.skip_separators()?;
        self.block_or_statement()
    }

    /// An expression in parentheses.
    fn condition(&mut self) -> Parse {
        self.expect(Kind::LParen, "`(`")?;
        self.expression(0)?;
        self.expect(Kind::RParen, "`)`")
    }

    /// Whether a `->` comes before the body, as in `{ a, b -> … }`.
    fn is_closure_statement(&self) -> bool {
        let mut depth = 0;
        for ahead in 1..80 {
            match self.peek(ahead) {
                Kind::Eof => return false,
                Kind::LBrace => depth += 1,
                Kind::RBrace if depth == 0 => return false,
                Kind::RBrace => depth -= 1,
                Kind::Arrow if depth == 0 => return true,
                Kind::Semi | Kind::Semicolon if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }

    fn if_statement(&mut self) -> Parse {
        self.advance()?;
        self.condition()?;
        self.body()?;
        self.skip_separators()?;
        match self.eat(Kind::KwElse)? {
            true => self.body(),
            false => Ok(()),
        }
    }

    fn for_statement(&mut self) -> Parse {
        let start = self.builder.checkpoint();
        self.advance()?;
        self.expect(Kind::LParen, "`(`")?;
        match self.is_for_in() {
            true => self.node_at(&start, "ForInStmt", Self::for_in),
            false => self.node_at(&start, "ForStmt", Self::for_classic),
        }
    }

    fn is_for_in(&self) -> bool {
        let mut depths = [0usize; 3];
        for ahead in 0..120 {
            let is_outer = depths == [0; 3];
            let (group, opens) = match self.peek(ahead) {
                Kind::Eof => return false,
                Kind::Semi | Kind::Semicolon | Kind::RParen if is_outer => return false,
                Kind::KwIn | Kind::Colon if is_outer => return true,
                Kind::LParen => (0, true),
                Kind::RParen => (0, false),
                Kind::LBrack => (1, true),
                Kind::RBrack => (1, false),
                Kind::LBrace => (2, true),
                Kind::RBrace => (2, false),
                _ => continue,
            };
            depths[group] = if opens {
                depths[group] + 1
            } else {
                depths[group].saturating_sub(1)
            };
        }
        false
    }

    fn for_in(&mut self) -> Parse {
        while !matches!(self.kind(), Kind::KwIn | Kind::Colon | Kind::RParen | Kind::Eof) {
            self.eat(Kind::KwFinal)?;
            let is_type = self.at(Kind::KwDef) || self.kind().is_primitive();
            let is_named_type = self.at(Kind::CapitalizedIdentifier);
            if is_type || is_named_type {
                self.advance()?;
                if self.at(Kind::LBrack) && self.peek(1) == Kind::RBrack {
                    self.advance()?;
                    self.advance()?;
                }
            }
            self.name("a loop variable")?;
            if !self.eat(Kind::Comma)? {
                break;
            }
        }
        if !self.eat(Kind::KwIn)? && !self.eat(Kind::Colon)? {
            return Err(self.unexpected("`in` or `:`"));
        }
        self.expression(0)?;
        self.expect(Kind::RParen, "`)`")?;
        self.body()
    }

    fn for_classic(&mut self) -> Parse {
        if !self.kind().is_separator() {
            self.for_start()?;
            while self.eat(Kind::Comma)? {
                if self.kind().is_separator() {
                    break;
                }
                self.for_start()?;
            }
        }
        self.expect(Kind::Semi, "`;`")?;
        if !self.kind().is_separator() {
            self.expression(0)?;
        }
        self.expect(Kind::Semi, "`;`")?;
        if !self.at(Kind::RParen) {
            self.expression(0)?;
            while self.eat(Kind::Comma)? {
                self.expression(0)?;
            }
        }
        self.expect(Kind::RParen, "`)`")?;
        self.body()
    }

    /// What a classic `for` declares or sets first.
    fn for_start(&mut self) -> Parse {
        let is_typed = self.kind().is_primitive() && self.peek(1).is_name();
        let is_named = self.at(Kind::CapitalizedIdentifier) && self.peek(1).is_name() && self.peek(2) == Kind::Assign;
        if !self.at(Kind::KwDef) && !is_typed && !is_named {
            return self.expression(0);
        }
        self.advance()?;
        if self.at(Kind::LParen) {
            self.parentheses()?;
        } else if self.kind().is_name() {
            self.advance()?;
        }
        match self.eat(Kind::Assign)? {
            true => self.expression(0),
            false => Ok(()),
        }
    }

    /// Tokens in parentheses as they are.
    fn parentheses(&mut self) -> Parse {
        let mut depth = 0usize;
        while !self.at(Kind::Eof) {
            match self.kind() {
                Kind::LParen => depth += 1,
                Kind::RParen => depth -= 1,
                _ => {}
            }
            self.advance()?;
            if depth == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Whether a switch has `->` after its first case.
    fn has_arrows(&self) -> bool {
        let Some(close) = self.closes.get(self.at + 1).copied().flatten() else {
            return false;
        };
        let mut ahead = self.after_separators(close - self.at + 1);
        if self.peek(ahead) != Kind::LBrace {
            return false;
        }
        ahead = self.after_separators(ahead + 1);
        match self.peek(ahead) {
            Kind::KwDefault => self.peek(self.after_separators(ahead + 1)) == Kind::Arrow,
            Kind::KwCase => {
                let mut depth = 0usize;
                for ahead in ahead + 1..ahead + super::LOOKAHEAD {
                    match self.peek(ahead) {
                        Kind::Eof => return false,
                        Kind::LParen | Kind::LBrack | Kind::LBrace => depth += 1,
                        Kind::RParen | Kind::RBrack | Kind::RBrace => depth = depth.saturating_sub(1),
                        Kind::Colon if depth == 0 => return false,
                        Kind::Arrow if depth == 0 => return true,
                        _ => {}
                    }
                }
                false
            }
            _ => false,
        }
    }

    pub(super) fn switch(&mut self) -> Parse {
        let kind = if self.has_arrows() { "SwitchExpr" } else { "SwitchStmt" };
        self.node(kind, |parser| {
            parser.advance()?;
            parser.condition()?;
            parser.expect(Kind::LBrace, "`{`")?;
            loop {
                match parser.kind() {
                    Kind::KwCase => parser.node("CaseClause", |parser| {
                        parser.advance()?;
                        parser.expression(0)?;
                        parser.case_body()
                    })?,
                    Kind::KwDefault => parser.node("DefaultClause", |parser| {
                        parser.advance()?;
                        parser.case_body()
                    })?,
                    Kind::RBrace => return parser.advance(),
                    _ => return Err(parser.unexpected("`case`, `default` or `}`")),
                }
            }
        })
    }

    fn case_body(&mut self) -> Parse {
        if !self.eat(Kind::Arrow)? {
            self.expect(Kind::Colon, "`:`")?;
        }
        self.skip_separators()?;
        while !matches!(self.kind(), Kind::KwCase | Kind::KwDefault | Kind::RBrace | Kind::Eof) {
            self.statement()?;
            self.skip_separators()?;
        }
        Ok(())
    }

    fn try_statement(&mut self) -> Parse {
        self.advance()?;
        if self.at(Kind::LParen) {
            self.parentheses()?;
        }
        self.block()?;
        self.skip_separators()?;
        while self.at(Kind::KwCatch) {
            self.node("CatchClause", Self::catch)?;
            self.skip_separators()?;
        }
        match self.at(Kind::KwFinally) {
            true => self.node("FinallyClause", |parser| {
                parser.advance()?;
                parser.block()
            }),
            false => Ok(()),
        }
    }

    fn catch(&mut self) -> Parse {
        self.advance()?;
        self.expect(Kind::LParen, "`(`")?;
        self.eat(Kind::KwFinal)?;
        let is_untyped = self.kind().is_name() && self.peek(1) == Kind::RParen;
        if self.eat(Kind::KwDef)? || is_untyped {
            if self.kind().is_name() {
                self.advance()?;
            }
        } else if !self.at(Kind::RParen) {
            self.dotted_name()?;
            while self.eat(Kind::BitwiseOr)? {
                self.dotted_name()?;
            }
            if !self.at(Kind::RParen) {
                self.name("a variable name")?;
            }
        }
        self.expect(Kind::RParen, "`)`")?;
        self.block()
    }

    /// A declaration of variables, or of a method without modifiers.
    fn variable(&mut self) -> Parse {
        let start = self.builder.checkpoint();
        self.eat(Kind::KwFinal)?;
        if self.eat(Kind::KwDef)? {
            if self.at(Kind::LParen) {
                return self.node_at(&start, "VariableDecl", Self::variables);
            }
        } else if self.kind().is_primitive() || self.at(Kind::CapitalizedIdentifier) {
            self.type_name()?;
        } else if !(self.at(Kind::Identifier) && self.peek(1) == Kind::Assign) {
            return Err(self.unexpected("a type"));
        }
        self.name("a variable name")?;
        if self.at(Kind::LParen) {
            return self.node_at(&start, "MethodDecl", |parser| {
                parser.parameters()?;
                parser.throws()?;
                match parser.at(Kind::LBrace) {
                    true => parser.block(),
                    false => Ok(()),
                }
            });
        }
        self.node_at(&start, "VariableDecl", |parser| parser.initializers("a variable name"))
    }

    /// `= value` and further names after a name.
    pub(super) fn initializers(&mut self, wanted: &str) -> Parse {
        loop {
            if self.eat(Kind::Assign)? {
                self.expression(0)?;
            }
            if !self.eat(Kind::Comma)? {
                return Ok(());
            }
            self.name(wanted)?;
        }
    }

    /// The `(a, b) = value` of a declaration.
    fn variables(&mut self) -> Parse {
        self.advance()?;
        loop {
            let is_named = self.at(Kind::CapitalizedIdentifier) && self.peek(1).is_name();
            let is_dotted = self.kind().is_name() && self.peek(1) == Kind::Dot;
            if is_named || is_dotted {
                self.type_name()?;
            } else if self.kind().is_primitive() && self.peek(1).is_name() {
                self.advance()?;
            }
            self.name("a variable name")?;
            if !self.eat(Kind::Comma)? {
                break;
            }
        }
        self.expect(Kind::RParen, "`)`")?;
        match self.eat(Kind::Assign)? {
            true => self.expression(0),
            false => Ok(()),
        }
    }

    /// Whether `(a, b) =` follows.
    pub(super) fn is_multiple_assignment(&self) -> bool {
        let mut ahead = 1;
        while self.peek(ahead).is_name() {
            match self.peek(ahead + 1) {
                Kind::Comma => ahead += 2,
                Kind::RParen => return self.peek(ahead + 2) == Kind::Assign,
                _ => return false,
            }
        }
        false
    }

    pub(super) fn multiple_assignment(&mut self, strength: u8) -> Parse {
        self.advance()?;
        loop {
            self.name("a variable name")?;
            if !self.eat(Kind::Comma)? {
                break;
            }
        }
        self.expect(Kind::RParen, "`)`")?;
        self.expect(Kind::Assign, "`=`")?;
        self.expression(strength)
    }

    /// Whether `Type name`, `Type<…> name` or `Type[] name` follows.
    fn is_typed_variable(&self) -> bool {
        match self.peek(1) {
            kind if kind.is_name() => true,
            Kind::Lt => self.after_types(2).is_some_and(|after| self.peek(after).is_name()),
            Kind::LBrack => self.peek(2) == Kind::RBrack && self.peek(3).is_name(),
            _ => false,
        }
    }
}
