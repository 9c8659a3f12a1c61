//! Declarations. Follows groovy-parser-go parser/decl.go.

use super::builder::Checkpoint;
use super::token::Kind;
use super::{LOOKAHEAD, Parse, Parser};

impl Parser<'_> {
    /// Whether modifiers and annotations lead to a class.
    pub(super) fn is_class_after_modifiers(&self) -> bool {
        let mut ahead = 1;
        while ahead < LOOKAHEAD {
            match self.peek(ahead) {
                kind if kind.is_class_like() => return true,
                kind if kind.is_modifier() || kind.is_separator() => ahead += 1,
                Kind::At if self.peek(ahead + 1) == Kind::KwInterface => return true,
                Kind::At => {
                    let Some(after) = self.after_dotted(ahead + 1) else {
                        return false;
                    };
                    ahead = match self.peek(after) {
                        Kind::LParen => match self.closes.get(self.at + after).copied().flatten() {
                            Some(close) => close - self.at + 1,
                            None => return false,
                        },
                        _ => after,
                    };
                }
                _ => return false,
            }
        }
        false
    }

    fn modifiers(&mut self) -> Parse {
        loop {
            match self.kind() {
                Kind::At if self.peek(1) != Kind::KwInterface => self.annotation()?,
                kind if kind.is_modifier() || kind.is_separator() => self.advance()?,
                _ => return Ok(()),
            }
        }
    }

    pub(super) fn annotation(&mut self) -> Parse {
        self.node("AnnotationNode", |parser| {
            parser.advance()?;
            parser.type_name()?;
            match parser.at(Kind::LParen) {
                true => parser.arguments(),
                false => Ok(()),
            }
        })
    }

    pub(super) fn import(&mut self) -> Parse {
        self.advance()?;
        self.eat(Kind::KwStatic)?;
        self.dotted_name()?;
        if self.at(Kind::Dot) && self.peek(1) == Kind::Star {
            self.advance()?;
            self.advance()?;
        }
        match self.eat(Kind::KwAs)? {
            true => self.name("a name after `as`"),
            false => Ok(()),
        }
    }

    pub(super) fn dotted_name(&mut self) -> Parse {
        self.name("a name")?;
        while self.at(Kind::Dot) && self.peek(1).is_name() {
            self.advance()?;
            self.advance()?;
        }
        Ok(())
    }

    /// A declaration that begins with modifiers or annotations.
    pub(super) fn modified(&mut self) -> Parse {
        let start = self.builder.checkpoint();
        self.modifiers()?;
        match self.kind() {
            // The library puts an import into an import here.
            Kind::KwImport => self.node_at(&start, "ImportDecl", |parser| parser.node("ImportDecl", Self::import)),
            kind if kind.is_class_like() || kind == Kind::At => self.class_like(&start),
            _ => self.member(&start),
        }
    }

    /// A class, interface, enum, trait or annotation type, after its modifiers.
    pub(super) fn class_like(&mut self, start: &Checkpoint) -> Parse {
        let kind = match self.kind() {
            Kind::KwClass => "ClassDecl",
            Kind::KwInterface => "InterfaceDecl",
            Kind::KwEnum => "EnumDecl",
            Kind::KwTrait => "TraitDecl",
            _ => "AnnotationDecl",
        };
        self.node_at(start, kind, |parser| {
            if kind == "AnnotationDecl" {
                parser.expect(Kind::At, "`@interface`")?;
            }
            parser.advance()?;
            parser.dotted_name()?;
            if kind != "EnumDecl" && kind != "AnnotationDecl" {
                if kind != "TraitDecl" {
                    parser.type_parameters()?;
                }
                if parser.eat(Kind::KwExtends)? {
                    parser.type_names(kind == "InterfaceDecl")?;
                }
            }
            if kind != "InterfaceDecl" && kind != "AnnotationDecl" && parser.eat(Kind::KwImplements)? {
                parser.type_names(true)?;
            }
            match kind {
                "EnumDecl" => parser.enum_body(),
                _ => parser.class_body(),
            }
        })
    }

    /// A type, or several with commas.
    fn type_names(&mut self, has_more: bool) -> Parse {
        self.type_name()?;
        while has_more && self.eat(Kind::Comma)? {
            self.type_name()?;
        }
        Ok(())
    }

    pub(super) fn throws(&mut self) -> Parse {
        match self.eat(Kind::KwThrows)? {
            true => self.type_names(true),
            false => Ok(()),
        }
    }

    fn class_body(&mut self) -> Parse {
        self.skip_separators()?;
        self.expect(Kind::LBrace, "`{`")?;
        self.members()
    }

    /// The members of a class, and its `}`.
    fn members(&mut self) -> Parse {
        self.skip_separators()?;
        while !matches!(self.kind(), Kind::RBrace | Kind::Eof) {
            self.deeper(Self::class_member)?;
            self.skip_separators()?;
        }
        self.expect(Kind::RBrace, "`}`")
    }

    fn enum_body(&mut self) -> Parse {
        self.expect(Kind::LBrace, "`{`")?;
        while self.kind().is_name() {
            self.node("EnumConstant", |parser| {
                parser.advance()?;
                if parser.at(Kind::LParen) {
                    parser.arguments()?;
                }
                match parser.at(Kind::LBrace) {
                    true => parser.class_body(),
                    false => Ok(()),
                }
            })?;
            if !self.eat(Kind::Comma)? {
                break;
            }
        }
        self.members()
    }

    fn class_member(&mut self) -> Parse {
        let start = self.builder.checkpoint();
        self.modifiers()?;
        match self.kind() {
            kind if kind.is_class_like() || kind == Kind::At => self.class_like(&start),
            // The library puts the block into a block.
            Kind::LBrace => self.node_at(&start, "BlockStmt", Self::block),
            _ => self.member(&start),
        }
    }

    /// A method or field after its modifiers.
    fn member(&mut self, start: &Checkpoint) -> Parse {
        self.type_parameters()?;
        if self.eat(Kind::KwDef)? {
            if self.at(Kind::Lt) {
                self.type_parameters()?;
                if self.is_type_before_name() || (self.kind().is_primitive() && self.peek(1).is_name()) {
                    self.type_name()?;
                }
            }
        } else if self.at(Kind::KwVoid) {
            self.advance()?;
        } else if self.kind().is_primitive() || self.is_type_before_name() {
            self.type_name()?;
        }
        let kind = self.kind();
        if !(kind.is_name() || kind.is_keyword() || matches!(kind, Kind::StringLiteral | Kind::GStringFull)) {
            return Err(self.unexpected("the name of a member"));
        }
        self.advance()?;
        if !self.at(Kind::LParen) {
            return self.node_at(start, "FieldDecl", |parser| parser.initializers("the name of a field"));
        }
        self.node_at(start, "MethodDecl", |parser| {
            parser.parameters()?;
            parser.throws()?;
            if parser.eat(Kind::KwDefault)? {
                parser.expression(0)?;
            }
            parser.skip_separators()?;
            match parser.at(Kind::LBrace) {
                true => parser.block(),
                false => Ok(()),
            }
        })
    }

    fn is_type_before_name(&self) -> bool {
        let is_name =
            |kind: Kind| kind.is_name() || kind.is_keyword() || matches!(kind, Kind::StringLiteral | Kind::GStringFull);
        self.after_type().is_some_and(|after| is_name(self.peek(after)))
    }

    /// Whether a type with a parameter after it follows.
    pub(super) fn is_parameter_type(&self) -> bool {
        let is_name = |kind: Kind| kind.is_name() || kind.is_keyword() || kind == Kind::Ellipsis;
        self.after_type().is_some_and(|after| is_name(self.peek(after)))
    }

    pub(super) fn parameters(&mut self) -> Parse {
        self.expect(Kind::LParen, "`(`")?;
        while !self.at(Kind::RParen) {
            self.parameter()?;
            if !self.eat(Kind::Comma)? {
                break;
            }
        }
        self.expect(Kind::RParen, "`)`")
    }

    fn parameter(&mut self) -> Parse {
        while self.at(Kind::At) && self.peek(1) != Kind::KwInterface {
            self.annotation()?;
        }
        self.eat(Kind::KwFinal)?;
        let next = self.peek(1);
        let is_primitive =
            self.kind().is_primitive() && (next.is_name() || matches!(next, Kind::Ellipsis | Kind::LBrack));
        if self.at(Kind::KwDef) {
            self.advance()?;
        } else if is_primitive || self.is_parameter_type() {
            self.type_name()?;
        }
        self.eat(Kind::Ellipsis)?;
        self.name("the name of a parameter")?;
        match self.eat(Kind::Assign)? {
            true => self.expression(0),
            false => Ok(()),
        }
    }

    /// A type with its parameters and brackets.
    pub(super) fn type_name(&mut self) -> Parse {
        if self.kind().is_primitive() {
            self.advance()?;
        } else {
            if !self.kind().is_name() {
                return Err(self.unexpected("a type"));
            }
            self.dotted_name()?;
            self.type_parameters()?;
        }
        while self.at(Kind::LBrack) && self.peek(1) == Kind::RBrack {
            self.advance()?;
            self.advance()?;
        }
        Ok(())
    }

    /// `<…>` as its tokens.
    fn type_parameters(&mut self) -> Parse {
        let mut depth = 0i32;
        loop {
            match self.kind() {
                Kind::Lt => depth += 1,
                Kind::Eof => return Ok(()),
                _ if depth <= 0 => return Ok(()),
                Kind::Gt => depth -= 1,
                Kind::RightShift => depth -= 2,
                Kind::UnsignedRightShift => depth -= 3,
                _ => {}
            }
            self.advance()?;
            if depth <= 0 {
                return Ok(());
            }
        }
    }
}
