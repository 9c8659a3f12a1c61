//! CUE's grammar, without aliases and slices, which are refused by name.

use std::rc::Rc;

use super::lexer::{Piece, Token, tokens};
use super::tree::{
    Clause, Comprehension, Declaration, E, Expr, Field, File, Import, Item, Kind, Label, Need, Part, Struct,
};
use crate::ParseError;
use crate::document::Span;

/// How deep expressions may nest.
const MAX_DEPTH: usize = 200;

/// The tree of a text.
pub(super) fn parse(text: &str) -> Result<File, ParseError> {
    let tokens = tokens(text)?;
    let mut parser = Parser::new(text, tokens, 0);
    let imports = parser.head()?;
    let declarations = parser.declarations("the end of the file")?;
    match parser.peek() {
        Token::End => {}
        _ => return Err(parser.unexpected("a field")),
    }
    let span = Span::new(0, text.len());
    let kind = Kind::Struct(Rc::new(Struct { declarations }));
    Ok(File {
        imports,
        root: Rc::new(Expr { kind, span }),
    })
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, Span)>,
    /// For each opening bracket the position of its end.
    closes: Vec<Option<usize>>,
    next: usize,
    depth: usize,
}

type Parse<T> = Result<T, ParseError>;

impl<'a> Parser<'a> {
    fn new(text: &'a str, tokens: Vec<(Token, Span)>, depth: usize) -> Self {
        let mut closes = vec![None; tokens.len()];
        let mut open = Vec::new();
        for (at, (token, _)) in tokens.iter().enumerate() {
            match token {
                Token::Sign("(" | "[" | "{") => open.push(at),
                Token::Sign(")" | "]" | "}") => {
                    if let Some(start) = open.pop() {
                        closes[start] = Some(at);
                    }
                }
                _ => {}
            }
        }
        Self {
            text,
            tokens,
            closes,
            next: 0,
            depth,
        }
    }

    fn peek(&self) -> &Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Token {
        self.tokens
            .get(self.next + count)
            .map_or(&Token::End, |(token, _)| token)
    }

    fn here(&self) -> Span {
        let last = self.tokens.last().map_or(Span::default(), |(_, span)| *span);
        self.tokens.get(self.next).map_or(last, |(_, span)| *span)
    }

    fn before(&self) -> Span {
        self.tokens[self.next.saturating_sub(1)].1
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Parse<()> {
        match self.eat(sign) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let span = self.here();
        let found = match self.peek() {
            Token::End => "the end of the file".to_owned(),
            Token::Break => "the end of the line".to_owned(),
            _ => format!("`{}`", span.of(self.text)),
        };
        ParseError::new(format!("expected {wanted}, found {found}"), span)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(name) if **name == *word)
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    fn name(&mut self, wanted: &str) -> Parse<Rc<str>> {
        match self.peek() {
            Token::Name(name) => {
                let name = Rc::clone(name);
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected(wanted)),
        }
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth == MAX_DEPTH {
            let message = format!("expressions nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, self.here()));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn skip_separators(&mut self) {
        while matches!(self.peek(), Token::Break) || self.is(",") {
            self.next += 1;
        }
    }

    fn plain_string(&mut self, wanted: &str) -> Parse<Rc<str>> {
        match self.peek() {
            Token::String(pieces) => match pieces.as_ref() {
                [Piece::Text(text)] => {
                    let text = String::from_utf8_lossy(text).into();
                    self.next += 1;
                    Ok(text)
                }
                _ => Err(self.unexpected(wanted)),
            },
            _ => Err(self.unexpected(wanted)),
        }
    }

    /// The package clause and the imports.
    fn head(&mut self) -> Parse<Vec<Import>> {
        self.skip_separators();
        if self.is_word("package") && matches!(self.ahead(1), Token::Name(_)) {
            self.next += 2;
            self.skip_separators();
        }
        let mut imports = Vec::new();
        while self.is_word("import") && !matches!(self.ahead(1), Token::Sign(":" | "?" | "!")) {
            self.next += 1;
            if self.eat("(") {
                self.skip_separators();
                while !self.eat(")") {
                    imports.push(self.import()?);
                    self.skip_separators();
                }
            } else {
                imports.push(self.import()?);
            }
            self.skip_separators();
        }
        Ok(imports)
    }

    fn import(&mut self) -> Parse<Import> {
        let name = match self.peek() {
            Token::Name(_) => Some(self.name("a name")?),
            _ => None,
        };
        let span = self.here();
        let path = self.plain_string("the path of a package in double quotes")?;
        let last = path.rsplit('/').next().unwrap_or(&path);
        let last = last.split(':').next_back().unwrap_or(last);
        Ok(Import {
            name: name.unwrap_or_else(|| last.into()),
            path,
            span,
        })
    }

    fn declarations(&mut self, end: &str) -> Parse<Vec<Declaration>> {
        let mut declarations = Vec::new();
        self.skip_separators();
        while !matches!(self.peek(), Token::End) && !self.is("}") {
            declarations.push(self.deeper(Self::declaration)?);
            if !matches!(self.peek(), Token::Break | Token::End) && !self.is(",") && !self.is("}") {
                return Err(self.unexpected(&format!("`,`, a line break or {end}")));
            }
            self.skip_separators();
        }
        Ok(declarations)
    }

    /// Whether the token after a label says that it is one.
    fn ends_label(&self, ahead: usize) -> bool {
        match self.ahead(ahead) {
            Token::Sign(":") => true,
            Token::Sign("?" | "!") => matches!(self.ahead(ahead + 1), Token::Sign(":")),
            _ => false,
        }
    }

    fn is_label(&self) -> bool {
        match self.peek() {
            Token::Name(_) | Token::String(_) => self.ends_label(1),
            Token::Sign("(" | "[") => {
                let close = self.closes.get(self.next).copied().flatten();
                close.is_some_and(|close| self.ends_label(close - self.next + 1))
            }
            _ => false,
        }
    }

    fn declaration(&mut self) -> Parse<Declaration> {
        if self.is_label() {
            return self.field().map(Declaration::Field);
        }
        if self.eat("...") {
            if !matches!(self.peek(), Token::Break | Token::End) && !self.is("}") && !self.is(",") {
                self.expression()?;
            }
            return Ok(Declaration::Open);
        }
        let is_alias = matches!(self.peek(), Token::Name(_)) && matches!(self.ahead(1), Token::Sign("="));
        if is_alias {
            return Err(self.refused("aliases"));
        }
        let names = matches!(self.ahead(1), Token::Name(_));
        if self.is_word("let") && names && matches!(self.ahead(2), Token::Sign("=")) {
            self.next += 1;
            let name = self.name("a name")?;
            self.next += 1;
            return Ok(Declaration::Let(name, self.expression()?));
        }
        if self.is_comprehension() {
            return Ok(Declaration::Comprehension(Rc::new(self.comprehension()?)));
        }
        self.expression().map(Declaration::Embedded)
    }

    fn refused(&self, what: &str) -> ParseError {
        let help = "evaluate the file with `cue export` first, and test the JSON";
        ParseError::new(format!("{what} of CUE are not supported"), self.here()).with_help(help)
    }

    fn is_comprehension(&self) -> bool {
        let is_operator =
            matches!(self.ahead(1), Token::Sign(sign) if !matches!(*sign, "(" | "!" | "-" | "+" | "[" | "{"));
        (self.is_word("if") && !is_operator) || (self.is_word("for") && matches!(self.ahead(1), Token::Name(_)))
    }

    fn field(&mut self) -> Parse<Field> {
        let start = self.here();
        let label = match self.peek().clone() {
            Token::Name(name) => {
                self.next += 1;
                Label::Name(name)
            }
            Token::String(pieces) => match pieces.as_ref() {
                [Piece::Text(text)] => {
                    self.next += 1;
                    Label::Fixed(String::from_utf8_lossy(text).into())
                }
                _ => Label::Computed(self.operand()?),
            },
            Token::Sign("[") => {
                self.next += 1;
                if matches!(self.peek(), Token::Name(_)) && matches!(self.ahead(1), Token::Sign("=")) {
                    return Err(self.refused("aliases"));
                }
                let pattern = self.expression()?;
                self.expect("]")?;
                Label::Pattern(pattern)
            }
            _ => {
                self.expect("(")?;
                let name = self.expression()?;
                self.expect(")")?;
                Label::Computed(name)
            }
        };
        let label_span = start.to(self.before());
        let need = match self.peek() {
            Token::Sign("?") => Need::Optional,
            Token::Sign("!") => Need::Required,
            _ => Need::Regular,
        };
        self.next += usize::from(need != Need::Regular);
        self.expect(":")?;
        let value = self.deeper(|parser| {
            if !parser.is_label() {
                return parser.expression();
            }
            // `a: b: 1` is `a: {b: 1}`.
            let start = parser.here();
            let field = parser.field()?;
            let span = start.to(field.value.span);
            let declarations = vec![Declaration::Field(field)];
            let kind = Kind::Struct(Rc::new(Struct { declarations }));
            Ok(Rc::new(Expr { kind, span }))
        })?;
        Ok(Field {
            label,
            label_span,
            need,
            value,
        })
    }

    fn comprehension(&mut self) -> Parse<Comprehension> {
        let mut clauses = Vec::new();
        while !self.is("{") {
            if self.eat_word("if") {
                clauses.push(Clause::If(self.expression()?));
            } else if self.eat_word("for") {
                let first = self.name("a variable")?;
                let second = match self.eat(",") {
                    true => Some(self.name("a variable")?),
                    false => None,
                };
                if !self.eat_word("in") {
                    return Err(self.unexpected("`in`"));
                }
                let list = self.expression()?;
                clauses.push(match second {
                    Some(value) => Clause::For(Some(first), value, list),
                    None => Clause::For(None, first, list),
                });
            } else if self.eat_word("let") {
                let name = self.name("a name")?;
                self.expect("=")?;
                clauses.push(Clause::Let(name, self.expression()?));
            } else {
                return Err(self.unexpected("`for`, `if`, `let` or `{`"));
            }
            while matches!(self.peek(), Token::Break) || self.is(",") {
                self.next += 1;
            }
        }
        let value = self.operand()?;
        Ok(Comprehension { clauses, value })
    }

    fn expression(&mut self) -> Parse<E> {
        self.deeper(|parser| parser.binary(1))
    }

    fn binary(&mut self, least: u8) -> Parse<E> {
        let mut left = self.unary()?;
        let mut count = 0;
        loop {
            let (operator, strength) = match self.peek() {
                Token::Sign(sign @ "|") => (*sign, 1),
                Token::Sign(sign @ "&") => (*sign, 2),
                Token::Sign(sign @ "||") => (*sign, 3),
                Token::Sign(sign @ "&&") => (*sign, 4),
                Token::Sign(sign @ ("==" | "!=" | "<" | "<=" | ">" | ">=" | "=~" | "!~")) => (*sign, 5),
                Token::Sign(sign @ ("+" | "-")) => (*sign, 6),
                Token::Sign(sign @ ("*" | "/")) => (*sign, 7),
                _ => return Ok(left),
            };
            if strength < least {
                return Ok(left);
            }
            count += 1;
            if count > MAX_DEPTH {
                let message = format!("more than {MAX_DEPTH} operators follow each other");
                return Err(ParseError::limit(message, self.here()));
            }
            self.next += 1;
            let right = self.deeper(|parser| parser.binary(strength + 1))?;
            let span = left.span.to(right.span);
            left = Rc::new(Expr {
                kind: Kind::Binary(operator, left, right),
                span,
            });
        }
    }

    fn unary(&mut self) -> Parse<E> {
        let start = self.here();
        let operator = match self.peek() {
            Token::Sign(sign @ ("+" | "-" | "!" | "*" | "<" | "<=" | ">" | ">=" | "!=" | "=~" | "!~" | "==")) => *sign,
            _ => return self.postfix(),
        };
        self.next += 1;
        let operand = self.deeper(Self::unary)?;
        let span = start.to(operand.span);
        Ok(Rc::new(Expr {
            kind: Kind::Unary(operator, operand),
            span,
        }))
    }

    fn postfix(&mut self) -> Parse<E> {
        let mut left = self.operand()?;
        let mut count = 0;
        loop {
            let start = left.span;
            let kind = if self.eat(".") {
                match self.peek() {
                    Token::String(_) => Kind::Select(left, self.plain_string("the name of a field")?),
                    _ => Kind::Select(left, self.name("the name of a field")?),
                }
            } else if self.eat("[") {
                if self.is(":") {
                    return Err(self.refused("slices"));
                }
                let index = self.expression()?;
                if self.is(":") {
                    return Err(self.refused("slices"));
                }
                self.expect("]")?;
                Kind::Index(left, index)
            } else if self.is("(") && !matches!(left.kind, Kind::Number(..) | Kind::String(_) | Kind::Struct(_)) {
                self.next += 1;
                let mut arguments = Vec::new();
                self.skip_separators();
                while !self.eat(")") {
                    arguments.push(self.expression()?);
                    if !self.is(")") && !self.is(",") && !matches!(self.peek(), Token::Break) {
                        return Err(self.unexpected("`,` or `)`"));
                    }
                    self.skip_separators();
                }
                Kind::Call(left, arguments)
            } else {
                return Ok(left);
            };
            count += 1;
            if count > MAX_DEPTH {
                let message = format!("more than {MAX_DEPTH} selectors follow each other");
                return Err(ParseError::limit(message, self.here()));
            }
            let span = start.to(self.before());
            left = Rc::new(Expr { kind, span });
        }
    }

    fn parts(&mut self, pieces: &[Piece]) -> Parse<Vec<Part>> {
        let mut parts = Vec::new();
        for piece in pieces {
            parts.push(match piece {
                Piece::Text(text) => Part::Text(text.clone()),
                Piece::Code(tokens) => {
                    let mut parser = Parser::new(self.text, tokens.clone(), self.depth + 1);
                    let value = parser.expression()?;
                    while matches!(parser.peek(), Token::Break) {
                        parser.next += 1;
                    }
                    match parser.peek() {
                        Token::End => Part::Value(value),
                        _ => return Err(parser.unexpected("`)`")),
                    }
                }
            });
        }
        Ok(parts)
    }

    fn operand(&mut self) -> Parse<E> {
        let start = self.here();
        let kind = match self.peek().clone() {
            Token::Name(name) => {
                self.next += 1;
                match &*name {
                    "_" => Kind::Top,
                    "null" => Kind::Null,
                    "true" => Kind::Bool(true),
                    "false" => Kind::Bool(false),
                    _ => Kind::Name(name),
                }
            }
            Token::Number(number, is_integer) => {
                self.next += 1;
                Kind::Number(number, is_integer)
            }
            Token::String(pieces) => {
                self.next += 1;
                Kind::String(self.parts(&pieces)?)
            }
            Token::Bytes(pieces) => {
                self.next += 1;
                Kind::Bytes(self.parts(&pieces)?)
            }
            Token::Sign("_|_") => {
                self.next += 1;
                Kind::Bottom
            }
            Token::Sign("(") => {
                self.next += 1;
                let inner = self.expression()?;
                while matches!(self.peek(), Token::Break) {
                    self.next += 1;
                }
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Sign("{") => {
                self.next += 1;
                let declarations = self.deeper(|parser| parser.declarations("`}`"))?;
                if !self.eat("}") {
                    return Err(ParseError::new("this `{` is never closed", start));
                }
                Kind::Struct(Rc::new(Struct { declarations }))
            }
            Token::Sign("[") => {
                self.next += 1;
                Kind::List(self.deeper(|parser| parser.items(start))?)
            }
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Rc::new(Expr {
            kind,
            span: start.to(self.before()),
        }))
    }

    fn items(&mut self, open: Span) -> Parse<Vec<Item>> {
        let mut items = Vec::new();
        self.skip_separators();
        while !self.eat("]") {
            if matches!(self.peek(), Token::End) {
                return Err(ParseError::new("this `[` is never closed", open));
            }
            items.push(if self.eat("...") {
                match self.is("]") || self.is(",") || matches!(self.peek(), Token::Break) {
                    true => Item::Open(None),
                    false => Item::Open(Some(self.expression()?)),
                }
            } else if self.is_comprehension() {
                Item::Comprehension(Rc::new(self.comprehension()?))
            } else {
                Item::Value(self.expression()?)
            });
            let is_separated = self.is(",") || matches!(self.peek(), Token::Break);
            if !is_separated && !self.is("]") && !matches!(self.peek(), Token::End) {
                return Err(self.unexpected("`,` or `]`"));
            }
            self.skip_separators();
        }
        Ok(items)
    }
}
