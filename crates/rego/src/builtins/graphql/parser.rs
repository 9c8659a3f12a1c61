//! The steps that the parsers of queries and schemas share.
//!
//! Follows gqlparser v2.5.64 parser/parser.go, and parser/query.go for values, types and directives

use super::error::GraphqlError;
use super::lexer::{Kind, Lexer, Token};
use super::tree::{Argument, At, Child, Comments, Directive, Id, Type, Value, ValueKind};
use crate::text::{Charset, quote};

pub(super) type Parsed<T> = Result<T, GraphqlError>;

/// How deep selections, values and types nest, as in gqlparser.
const DEEPEST: usize = 1000;

pub(super) struct Parser<'t> {
    lexer: Lexer<'t>,
    ahead: Option<Token>,
    /// The comments right before the token ahead.
    pub(super) comments: Comments,
    /// The last token that was taken.
    pub(super) last: Option<Token>,
    depth: usize,
    numbered: usize,
}

/// A description, and the comments before it.
#[derive(Default)]
pub(super) struct Description {
    pub(super) text: String,
    pub(super) comments: Comments,
    pub(super) is_present: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, is_prelude: bool) -> Self {
        Self {
            lexer: Lexer::new(text, is_prelude),
            ahead: None,
            comments: Comments::new(),
            last: None,
            depth: 0,
            numbered: 0,
        }
    }

    /// How many nodes have a number.
    pub(super) fn numbered(&self) -> usize {
        self.numbered
    }

    /// The next node's number.
    pub(super) fn number(&mut self) -> Id {
        self.numbered += 1;
        self.numbered - 1
    }

    pub(super) fn peek(&mut self) -> &Token {
        let Self {
            lexer, ahead, comments, ..
        } = self;
        ahead.get_or_insert_with(|| {
            loop {
                let token = lexer.next();
                if token.kind != Kind::Comment {
                    break token;
                }
                comments.push(token.text);
            }
        })
    }

    pub(super) fn kind(&mut self) -> Kind {
        self.peek().kind
    }

    pub(super) fn at(&mut self) -> At {
        Some(self.peek().at)
    }

    pub(super) fn next(&mut self) -> Token {
        self.peek();
        self.comments = Comments::new();
        let token = self.ahead.take().expect("it was peeked at");
        self.last = Some(token.clone());
        token
    }

    /// Whether the next token is this keyword.
    pub(super) fn is_word(&mut self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Name && token.text == word
    }

    pub(super) fn error<T>(&mut self, message: impl Into<String>) -> Parsed<T> {
        Err(GraphqlError::new(self.at(), message))
    }

    pub(super) fn unexpected<T>(&mut self) -> Parsed<T> {
        let shown = self.peek().shown();
        self.error(format!("Unexpected {shown}"))
    }

    /// An error at the token that was taken last. One that is invalid says why.
    pub(super) fn unexpected_last<T>(&mut self) -> Parsed<T> {
        match &self.last {
            Some(token) if token.kind == Kind::Invalid => {
                Err(GraphqlError::new(Some(token.at), self.lexer.reason.clone()))
            }
            Some(token) => Err(GraphqlError::new(
                Some(token.at),
                format!("Unexpected {}", token.shown()),
            )),
            None => self.unexpected(),
        }
    }

    /// Takes a keyword; the comments before it.
    pub(super) fn keyword(&mut self, word: &str) -> Parsed<Comments> {
        if self.is_word(word) {
            let comments = self.comments.clone();
            self.next();
            return Ok(comments);
        }
        let shown = self.peek().shown();
        self.error(format!("Expected {}, found {shown}", quote(word, Charset::Unicode)))
    }

    /// Takes a token of a kind, and the comments before it.
    pub(super) fn expect(&mut self, kind: Kind) -> Parsed<(Token, Comments)> {
        let found = self.kind();
        if found == kind {
            let comments = self.comments.clone();
            return Ok((self.next(), comments));
        }
        self.error(format!("Expected {}, found {}", kind.shown(), found.shown()))
    }

    pub(super) fn skip(&mut self, kind: Kind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.next();
        }
        found
    }

    /// A step between two brackets, repeated; nothing where the first is missing. Gives the comments before the last.
    pub(super) fn some(
        &mut self,
        open: Kind,
        close: Kind,
        mut step: impl FnMut(&mut Self) -> Parsed<()>,
    ) -> Parsed<Comments> {
        if !self.skip(open) {
            return Ok(Comments::new());
        }
        if self.kind() == close {
            let shown = close.shown();
            return self.error(format!("expected at least one definition, found {shown}"));
        }
        while self.kind() != close {
            step(self)?;
        }
        let comments = self.comments.clone();
        self.next();
        Ok(comments)
    }

    /// Runs a step one level deeper.
    pub(super) fn nested<T>(&mut self, step: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= DEEPEST {
            return self.error(format!("exceeded maximum nesting depth of {DEEPEST}"));
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    pub(super) fn name(&mut self) -> Parsed<String> {
        Ok(self.expect(Kind::Name)?.0.text)
    }

    pub(super) fn description(&mut self) -> Description {
        if !matches!(self.kind(), Kind::BlockString | Kind::String) {
            return Description::default();
        }
        Description {
            is_present: true,
            comments: self.comments.clone(),
            text: self.next().text,
        }
    }

    pub(super) fn arguments(&mut self, is_constant: bool) -> Parsed<Vec<Argument>> {
        let mut arguments = Vec::new();
        self.some(Kind::ParenL, Kind::ParenR, |parser| {
            let at = parser.at();
            let comments = parser.comments.clone();
            let name = parser.name()?;
            parser.expect(Kind::Colon)?;
            let value = parser.value(is_constant)?;
            arguments.push(Argument {
                name,
                value,
                at,
                comments,
            });
            Ok(())
        })?;
        Ok(arguments)
    }

    pub(super) fn directives(&mut self, is_constant: bool) -> Parsed<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.skip(Kind::At) {
            directives.push(Directive {
                at: self.at(),
                name: self.name()?,
                arguments: self.arguments(is_constant)?,
            });
        }
        Ok(directives)
    }

    pub(super) fn variable(&mut self) -> Parsed<String> {
        self.expect(Kind::Dollar)?;
        self.name()
    }

    pub(super) fn value(&mut self, is_constant: bool) -> Parsed<Value> {
        let id = self.number();
        let token = self.peek().clone();
        let kind = match token.kind {
            Kind::BracketL => return self.nested(|parser| parser.list(id, is_constant)),
            Kind::BraceL => return self.nested(|parser| parser.object(id, is_constant)),
            Kind::Dollar if !is_constant => {
                return Ok(Value {
                    id,
                    at: Some(token.at),
                    raw: self.variable()?,
                    ..Value::default()
                });
            }
            Kind::Int => ValueKind::Int,
            Kind::Float => ValueKind::Float,
            Kind::String => ValueKind::String,
            Kind::BlockString => ValueKind::Block,
            Kind::Name => match &*token.text {
                "true" | "false" => ValueKind::Boolean,
                "null" => ValueKind::Null,
                _ => ValueKind::Enum,
            },
            _ => return self.unexpected(),
        };
        self.next();
        Ok(Value {
            id,
            raw: token.text,
            kind,
            at: Some(token.at),
            ..Value::default()
        })
    }

    fn list(&mut self, id: Id, is_constant: bool) -> Parsed<Value> {
        let mut value = Value {
            id,
            kind: ValueKind::List,
            at: self.at(),
            comments: self.comments.clone(),
            ..Value::default()
        };
        self.next();
        while self.kind() != Kind::BracketR {
            value.children.push(Child {
                value: self.value(is_constant)?,
                ..Child::default()
            });
        }
        self.next();
        Ok(value)
    }

    fn object(&mut self, id: Id, is_constant: bool) -> Parsed<Value> {
        let mut value = Value {
            id,
            kind: ValueKind::Object,
            at: self.at(),
            comments: self.comments.clone(),
            ..Value::default()
        };
        self.next();
        while self.kind() != Kind::BraceR {
            let at = self.at();
            let comments = self.comments.clone();
            let name = self.name()?;
            self.expect(Kind::Colon)?;
            value.children.push(Child {
                name,
                value: self.value(is_constant)?,
                at,
                comments,
            });
        }
        self.next();
        Ok(value)
    }

    pub(super) fn type_reference(&mut self) -> Parsed<Type> {
        let mut found = if self.skip(Kind::BracketL) {
            self.nested(|parser| {
                let at = parser.at();
                let element = Some(Box::new(parser.type_reference()?));
                parser.expect(Kind::BracketR)?;
                Ok(Type {
                    element,
                    at,
                    ..Type::default()
                })
            })?
        } else {
            Type {
                at: self.at(),
                name: self.name()?,
                ..Type::default()
            }
        };
        found.non_null = self.skip(Kind::Bang);
        Ok(found)
    }
}
