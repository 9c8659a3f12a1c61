//! Jsonnet's grammar.

use std::collections::HashMap;
use std::rc::Rc;

use super::lexer::{Token, tokens};
use super::tree::{
    Assertion, At, Binary, Bind, Call, Clause, E, Expr, FieldName, FieldTree, Import, Kind, Lambda, ObjectBody,
    Parameter, Symbol, Unary, Visibility,
};
use crate::ParseError;

/// How deep a tree may be: each operator of a chain and each bracket is a level.
const MAX_DEPTH: u32 = 1500;

/// The numbers of the names of an evaluation.
#[derive(Default)]
pub(super) struct Symbols {
    known: HashMap<Rc<str>, Symbol>,
    names: Vec<Rc<str>>,
}

impl Symbols {
    pub(super) fn of(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.known.get(name) {
            return *symbol;
        }
        let symbol = Symbol::try_from(self.names.len()).expect("a name takes more than a byte of a limited text");
        let name: Rc<str> = name.into();
        self.names.push(Rc::clone(&name));
        self.known.insert(name, symbol);
        symbol
    }

    pub(super) fn name(&self, symbol: Symbol) -> &Rc<str> {
        &self.names[symbol as usize]
    }
}

/// The tree of a file.
pub(super) fn parse(text: &str, file: u32, symbols: &mut Symbols) -> Result<E, ParseError> {
    let mut parser = Parser {
        tokens: tokens(text, file)?,
        next: 0,
        depth: 0,
        symbols,
    };
    let root = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(root),
        _ => Err(parser.unexpected("the end of the file")),
    }
}

struct Parser<'a> {
    tokens: Vec<(Token, At)>,
    next: usize,
    depth: u32,
    symbols: &'a mut Symbols,
}

type Parse<T> = Result<T, ParseError>;

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].0
    }

    fn here(&self) -> At {
        self.tokens[self.next].1
    }

    /// Where the token before stands.
    fn before(&self) -> At {
        self.tokens[self.next.saturating_sub(1)].1
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        if token != Token::End {
            self.next += 1;
        }
        token
    }

    fn is(&self, text: &str) -> bool {
        match self.peek() {
            Token::Sign(sign) => **sign == *text,
            Token::Word(word) => *word == text,
            _ => false,
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, text: &str) -> Parse<At> {
        let at = self.here();
        match self.eat(text) {
            true => Ok(at),
            false => Err(self.unexpected(&format!("`{text}`"))),
        }
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = match self.peek() {
            Token::Identifier(text) | Token::Sign(text) => format!("`{text}`"),
            Token::Word(word) => format!("`{word}`"),
            Token::Number(_) => "a number".to_owned(),
            Token::String(_) => "a string".to_owned(),
            Token::End => "the end of the file".to_owned(),
        };
        ParseError::new(format!("expected {wanted}, found {found}"), self.here().span)
    }

    fn identifier(&mut self) -> Parse<Rc<str>> {
        match self.peek() {
            Token::Identifier(name) => {
                let name = Rc::clone(name);
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// A node; its tree is not deeper than what a walk may follow.
    fn node(&self, kind: Kind, at: At) -> Parse<E> {
        let mut depth = 0;
        children(&kind, &mut |child| depth = depth.max(child.depth));
        if depth >= MAX_DEPTH {
            let message = format!("expressions nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, at.span));
        }
        Ok(Rc::new(Expr {
            kind,
            at,
            depth: depth + 1,
        }))
    }

    fn expression(&mut self) -> Parse<E> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("expressions nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, self.here().span));
        }
        let found = self.binary(1);
        self.depth -= 1;
        found
    }

    /// An expression of operators that bind at least so strongly.
    fn binary(&mut self, least: u8) -> Parse<E> {
        let mut left = self.unary()?;
        loop {
            let operator = match self.peek() {
                Token::Sign(sign) => Binary::of(sign),
                Token::Word("in") => Some(Binary::In),
                _ => None,
            };
            let Some(operator) = operator.filter(|operator| operator.strength() >= least) else {
                return Ok(left);
            };
            self.next += 1;
            if operator == Binary::In && self.is("super") && !self.follows_super() {
                let at = left.at.to(self.here());
                self.next += 1;
                left = self.node(Kind::InSuper(left), at)?;
                continue;
            }
            self.depth += 1;
            let right = self.binary(operator.strength() + 1)?;
            self.depth -= 1;
            let at = left.at.to(right.at);
            left = self.node(Kind::Binary(operator, left, right), at)?;
        }
    }

    fn follows_super(&self) -> bool {
        let next = self.tokens.get(self.next + 1).map(|(token, _)| token);
        matches!(next, Some(Token::Sign(sign)) if matches!(&**sign, "." | "["))
    }

    fn unary(&mut self) -> Parse<E> {
        let mut signs = Vec::new();
        while let Token::Sign(sign) = self.peek() {
            let sign = match &**sign {
                "-" => Unary::Minus,
                "+" => Unary::Plus,
                "~" => Unary::BitNot,
                "!" => Unary::Not,
                _ => break,
            };
            signs.push((sign, self.here()));
            self.next += 1;
        }
        let mut operand = self.postfix()?;
        for (sign, at) in signs.into_iter().rev() {
            let at = at.to(operand.at);
            operand = self.node(Kind::Unary(sign, operand), at)?;
        }
        Ok(operand)
    }

    fn postfix(&mut self) -> Parse<E> {
        let mut left = self.primary()?;
        loop {
            let start = left.at;
            let kind = if self.eat(".") {
                let at = self.here();
                let name = self.identifier()?;
                let name = self.node(Kind::String(name), at)?;
                Kind::Index(left, name)
            } else if self.eat("[") {
                self.subscript(left)?
            } else if self.eat("(") {
                let arguments = self.arguments()?;
                let is_tailstrict = self.eat("tailstrict");
                Kind::Call(Call {
                    target: left,
                    arguments,
                    is_tailstrict,
                })
            } else if self.is("{") {
                let right = self.object()?;
                Kind::Binary(Binary::Add, left, right)
            } else {
                return Ok(left);
            };
            let at = start.to(self.before());
            left = self.node(kind, at)?;
        }
    }

    /// What follows `[` after a value: an index or a slice.
    fn subscript(&mut self, target: E) -> Parse<Kind> {
        let mut parts = [None, None, None];
        let (mut at, mut is_slice) = (0, false);
        loop {
            if self.eat("]") {
                break;
            }
            // `::` is one token.
            let colons = match self.peek() {
                Token::Sign(sign) if matches!(&**sign, ":" | "::") => sign.len(),
                _ => 0,
            };
            if colons > 0 {
                if at + colons > 2 {
                    return Err(self.unexpected("`]`"));
                }
                (at, is_slice) = (at + colons, true);
                self.next += 1;
            } else if parts[at].is_none() {
                parts[at] = Some(self.expression()?);
            } else {
                return Err(self.unexpected("`]`"));
            }
        }
        match parts {
            _ if is_slice => Ok(Kind::Slice(target, parts)),
            [Some(index), ..] => Ok(Kind::Index(target, index)),
            _ => {
                let message = "an index is missing between the brackets";
                Err(ParseError::new(message, self.before().span))
            }
        }
    }

    fn arguments(&mut self) -> Parse<Vec<(Option<Symbol>, E)>> {
        let mut arguments = Vec::new();
        while !self.eat(")") {
            let named = matches!(self.peek(), Token::Identifier(_))
                && matches!(self.tokens.get(self.next + 1), Some((Token::Sign(sign), _)) if **sign == *"=");
            let name = if named {
                let name = self.identifier()?;
                self.next += 1;
                Some(self.symbols.of(&name))
            } else {
                if arguments
                    .last()
                    .is_some_and(|(name, _): &(Option<_>, _)| name.is_some())
                {
                    let message = "a positional argument follows a named one";
                    return Err(ParseError::new(message, self.here().span));
                }
                None
            };
            arguments.push((name, self.expression()?));
            if !self.is(")") && !self.eat(",") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
        Ok(arguments)
    }

    fn parameters(&mut self) -> Parse<Vec<Parameter>> {
        self.expect("(")?;
        let mut parameters = Vec::<Parameter>::new();
        while !self.eat(")") {
            let at = self.here();
            let text = self.identifier()?;
            let name = self.symbols.of(&text);
            if parameters.iter().any(|other| other.name == name) {
                let message = format!("the parameter `{text}` is declared twice");
                return Err(ParseError::new(message, at.span));
            }
            let default = match self.eat("=") {
                true => Some(self.expression()?),
                false => None,
            };
            parameters.push(Parameter { name, text, default });
            if !self.is(")") && !self.eat(",") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
        Ok(parameters)
    }

    /// A function of the parameters and the body that follow.
    fn lambda(&mut self, parameters: Vec<Parameter>, body: E, start: At) -> Parse<E> {
        let at = start.to(body.at);
        self.node(Kind::Function(Rc::new(Lambda { parameters, body })), at)
    }

    fn primary(&mut self) -> Parse<E> {
        let at = self.here();
        let kind = match self.advance() {
            Token::Number(number) => Kind::Number(number),
            Token::String(text) => Kind::String(text),
            Token::Identifier(name) => Kind::Variable(self.symbols.of(&name)),
            Token::Word(word) => return self.worded(word, at),
            Token::Sign(sign) => match &*sign {
                "(" => {
                    let inner = self.expression()?;
                    self.expect(")")?;
                    return Ok(inner);
                }
                "[" => return self.array(at),
                "$" => Kind::Dollar,
                "{" => {
                    self.next -= 1;
                    return self.object();
                }
                _ => {
                    self.next -= 1;
                    return Err(self.unexpected("an expression"));
                }
            },
            Token::End => return Err(self.unexpected("an expression")),
        };
        self.node(kind, at)
    }

    /// An expression that begins with a reserved word.
    fn worded(&mut self, word: &'static str, start: At) -> Parse<E> {
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "self" => Kind::SelfObject,
            "super" if self.eat(".") => {
                let at = self.here();
                let name = self.identifier()?;
                Kind::SuperIndex(self.node(Kind::String(name), at)?)
            }
            "super" => {
                self.expect("[")?;
                let index = self.expression()?;
                self.expect("]")?;
                Kind::SuperIndex(index)
            }
            "local" => self.locals()?,
            "if" => {
                let condition = self.expression()?;
                self.expect("then")?;
                let then = self.expression()?;
                let otherwise = match self.eat("else") {
                    true => Some(self.expression()?),
                    false => None,
                };
                Kind::If(condition, then, otherwise)
            }
            "function" => {
                let parameters = self.parameters()?;
                let body = self.expression()?;
                return self.lambda(parameters, body, start);
            }
            "assert" => {
                let assertion = self.assertion()?;
                self.expect(";")?;
                let rest = self.expression()?;
                Kind::Assert(Rc::new(assertion), rest)
            }
            "error" => Kind::Error(self.expression()?),
            "import" => self.import(Import::Code)?,
            "importstr" => self.import(Import::String)?,
            "importbin" => self.import(Import::Bytes)?,
            _ => {
                self.next -= 1;
                return Err(self.unexpected("an expression"));
            }
        };
        self.node(kind, start.to(self.before()))
    }

    fn import(&mut self, import: Import) -> Parse<Kind> {
        match self.expression()?.kind {
            Kind::String(ref path) => Ok(Kind::Import(import, Rc::clone(path))),
            _ => {
                let message = "the path of an import is a string and not computed";
                Err(ParseError::new(message, self.before().span))
            }
        }
    }

    fn assertion(&mut self) -> Parse<Assertion> {
        let condition = self.expression()?;
        let message = match self.eat(":") {
            true => Some(self.expression()?),
            false => None,
        };
        Ok(Assertion { condition, message })
    }

    fn locals(&mut self) -> Parse<Kind> {
        let mut binds = Vec::new();
        loop {
            self.bind(&mut binds)?;
            if self.eat(";") {
                break;
            }
            if !self.eat(",") {
                return Err(self.unexpected("`,` or `;`"));
            }
        }
        let body = self.expression()?;
        Ok(Kind::Local(binds.into(), body))
    }

    /// `name = value` or `name(parameters) = body`.
    fn bind(&mut self, binds: &mut Vec<Bind>) -> Parse<()> {
        let at = self.here();
        let text = self.identifier()?;
        let name = self.symbols.of(&text);
        if binds.iter().any(|other| other.name == name) {
            return Err(ParseError::new(format!("the local `{text}` is bound twice"), at.span));
        }
        let parameters = match self.is("(") {
            true => Some(self.parameters()?),
            false => None,
        };
        self.expect("=")?;
        let value = self.expression()?;
        let value = match parameters {
            Some(parameters) => self.lambda(parameters, value, at)?,
            None => value,
        };
        binds.push(Bind { name, at, value });
        Ok(())
    }

    fn array(&mut self, start: At) -> Parse<E> {
        let mut items = Vec::new();
        while !self.eat("]") {
            items.push(self.expression()?);
            let comma = self.eat(",");
            if items.len() == 1 && self.is("for") {
                let clauses = self.clauses()?;
                let end = self.expect("]")?;
                let item = items.remove(0);
                return self.node(Kind::ArrayComprehension(item, clauses), start.to(end));
            }
            if !comma && !self.is("]") {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
        self.node(Kind::Array(items), start.to(self.before()))
    }

    fn clauses(&mut self) -> Parse<Rc<[Clause]>> {
        let mut clauses = Vec::new();
        loop {
            if self.eat("for") {
                let name = self.identifier()?;
                let name = self.symbols.of(&name);
                self.expect("in")?;
                clauses.push(Clause::For(name, self.expression()?));
            } else if self.eat("if") {
                clauses.push(Clause::If(self.expression()?));
            } else {
                return Ok(clauses.into());
            }
        }
    }

    fn object(&mut self) -> Parse<E> {
        let start = self.expect("{")?;
        let (mut locals, mut asserts, mut fields) = (Vec::new(), Vec::new(), Vec::<FieldTree>::new());
        let mut clauses = None;
        while !self.eat("}") {
            if self.eat("local") {
                self.bind(&mut locals)?;
            } else if self.eat("assert") {
                asserts.push(Rc::new(self.assertion()?));
            } else {
                let field = self.field()?;
                if let FieldName::Fixed(name) = &field.name
                    && fields
                        .iter()
                        .any(|other| matches!(&other.name, FieldName::Fixed(known) if known == name))
                {
                    let message = format!("the field `{name}` is in the object twice");
                    return Err(ParseError::new(message, field.name_at.span));
                }
                fields.push(field);
            }
            let comma = self.eat(",");
            if self.is("for") {
                clauses = Some(self.comprehension(&fields, &asserts)?);
                self.expect("}")?;
                break;
            }
            if !comma && !self.is("}") {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
        let body = ObjectBody {
            locals: locals.into(),
            asserts,
            fields,
            clauses,
        };
        self.node(Kind::Object(Rc::new(body)), start.to(self.before()))
    }

    fn comprehension(&mut self, fields: &[FieldTree], asserts: &[Rc<Assertion>]) -> Parse<Rc<[Clause]>> {
        let wrong = match fields {
            [field] if matches!(field.name, FieldName::Computed(_)) => {
                if field.visibility == Visibility::Inherited && asserts.is_empty() {
                    return self.clauses();
                }
                "an object comprehension has a field with `:` and no assertion"
            }
            _ => "an object comprehension has one field, written `[name]: value`",
        };
        Err(ParseError::new(wrong, self.here().span))
    }

    fn field(&mut self) -> Parse<FieldTree> {
        let name_at = self.here();
        let name = match self.advance() {
            Token::Identifier(name) | Token::String(name) => FieldName::Fixed(name),
            Token::Sign(sign) if *sign == *"[" => {
                let name = self.expression()?;
                self.expect("]")?;
                FieldName::Computed(name)
            }
            _ => {
                self.next = self.next.saturating_sub(usize::from(*self.peek() != Token::End));
                return Err(ParseError::new(self.unexpected("a field").message, name_at.span));
            }
        };
        let name_at = name_at.to(self.before());
        let parameters = match self.is("(") {
            true => Some(self.parameters()?),
            false => None,
        };
        let (is_plus, visibility) = match self.peek() {
            Token::Sign(sign) => {
                let plain = sign.strip_prefix('+').filter(|_| parameters.is_none());
                let visibility = match plain.unwrap_or(sign) {
                    ":" => Visibility::Inherited,
                    "::" => Visibility::Hidden,
                    ":::" => Visibility::Forced,
                    _ => return Err(self.unexpected("`:` after the name of a field")),
                };
                (plain.is_some(), visibility)
            }
            _ => return Err(self.unexpected("`:` after the name of a field")),
        };
        self.next += 1;
        let value = self.expression()?;
        let value = match parameters {
            Some(parameters) => self.lambda(parameters, value, name_at)?,
            None => value,
        };
        Ok(FieldTree {
            name,
            name_at,
            is_plus,
            visibility,
            value,
        })
    }
}

/// Calls `visit` with each expression right below.
pub(super) fn children(kind: &Kind, visit: &mut dyn FnMut(&E)) {
    match kind {
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::SelfObject
        | Kind::Dollar
        | Kind::Variable(_)
        | Kind::Import(..) => {}
        Kind::Array(items) => items.iter().for_each(visit),
        Kind::ArrayComprehension(item, clauses) => {
            visit(item);
            for Clause::For(_, inner) | Clause::If(inner) in clauses.iter() {
                visit(inner);
            }
        }
        Kind::Object(body) => of_object(body, visit),
        Kind::Index(left, right) | Kind::Binary(_, left, right) => {
            visit(left);
            visit(right);
        }
        Kind::Slice(target, parts) => {
            visit(target);
            parts.iter().flatten().for_each(visit);
        }
        Kind::SuperIndex(inner) | Kind::InSuper(inner) | Kind::Unary(_, inner) | Kind::Error(inner) => visit(inner),
        Kind::Call(call) => {
            visit(&call.target);
            call.arguments.iter().for_each(|(_, argument)| visit(argument));
        }
        Kind::Local(binds, body) => {
            binds.iter().for_each(|bind| visit(&bind.value));
            visit(body);
        }
        Kind::If(condition, then, otherwise) => {
            visit(condition);
            visit(then);
            otherwise.iter().for_each(visit);
        }
        Kind::Function(lambda) => {
            lambda
                .parameters
                .iter()
                .filter_map(|parameter| parameter.default.as_ref())
                .for_each(&mut *visit);
            visit(&lambda.body);
        }
        Kind::Assert(assertion, rest) => {
            of_assertion(assertion, visit);
            visit(rest);
        }
    }
}

fn of_assertion(assertion: &Assertion, visit: &mut dyn FnMut(&E)) {
    visit(&assertion.condition);
    assertion.message.iter().for_each(visit);
}

fn of_object(body: &ObjectBody, visit: &mut dyn FnMut(&E)) {
    body.locals.iter().for_each(|bind| visit(&bind.value));
    body.asserts.iter().for_each(|assertion| of_assertion(assertion, visit));
    for field in &body.fields {
        if let FieldName::Computed(name) = &field.name {
            visit(name);
        }
        visit(&field.value);
    }
    for Clause::For(_, inner) | Clause::If(inner) in body.clauses.iter().flat_map(|clauses| clauses.iter()) {
        visit(inner);
    }
}
