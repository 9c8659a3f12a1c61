//! The statements of subroutines.

use super::{Parser, Token};
use crate::ParseError;
use crate::document::{Entry, Node, Span};
use kpolicy_value::Value;

/// A statement.
pub(super) enum Statement {
    /// `set name = literal`, which is an attribute in a subroutine of nothing else.
    Literal(Entry, Span),
    Other(Node),
}

/// The body of a subroutine.
pub(super) fn body(statements: Vec<Statement>, span: Span) -> Node {
    let is_literal = |statement: &Statement| matches!(statement, Statement::Literal(..));
    if statements.is_empty() || !statements.iter().all(is_literal) {
        return Node::array(statements.into_iter().map(node).collect(), span);
    }
    let entries = statements.into_iter().filter_map(|statement| match statement {
        Statement::Literal(entry, _) => Some(entry),
        Statement::Other(_) => None,
    });
    Node::object(entries.collect(), span)
}

fn node(statement: Statement) -> Node {
    match statement {
        Statement::Other(node) => node,
        Statement::Literal(entry, span) => {
            let name = Node::scalar(Value::string(&*entry.key), entry.key_span);
            let operator = Node::scalar(Value::string("="), span);
            object(vec![("set", name), ("operator", operator), ("value", entry.node)], span)
        }
    }
}

/// An object whose keys stand for the whole statement.
fn object(fields: Vec<(&str, Node)>, span: Span) -> Node {
    let entries = fields.into_iter().map(|(key, node)| Entry {
        key: key.into(),
        key_span: span,
        node,
    });
    Node::object(entries.collect(), span)
}

impl<'a> Parser<'a> {
    /// The statements of a block in braces.
    pub(super) fn statements(&mut self) -> Result<Vec<Statement>, ParseError> {
        self.expect("{")?;
        let mut statements = Vec::new();
        while !self.eat("}")? {
            self.meter.count(1, self.token.1)?;
            if !self.eat(";")? {
                statements.push(self.statement()?);
            }
        }
        Ok(statements)
    }

    fn statement(&mut self) -> Result<Statement, ParseError> {
        let start = self.token.1;
        if let Token::Code(code) = self.token.0 {
            self.advance()?;
            let code = Node::scalar(Value::string(code), start);
            return Ok(Statement::Other(object(vec![("c", code)], start)));
        }
        if self.is("{") {
            let statements = self.nested(Self::statements)?;
            let span = start.to(self.before);
            let nodes = Node::array(statements.into_iter().map(node).collect(), span);
            return Ok(Statement::Other(object(vec![("block", nodes)], span)));
        }
        let (word, _) = self.name("a statement or `}`")?;
        match word {
            "set" | "add" => self.assignment(word, start),
            "if" => self.nested(|parser| parser.condition(start)).map(Statement::Other),
            _ => self.command(word, start).map(Statement::Other),
        }
    }

    /// `set name = value;`, with any operator.
    fn assignment(&mut self, word: &str, start: Span) -> Result<Statement, ParseError> {
        let (name, key_span) = self.name("a variable")?;
        let (operator, operator_span) = match self.token {
            (Token::Sign(sign), span) if sign.ends_with('=') => (sign, span),
            _ => return Err(self.unexpected("`=`")),
        };
        self.advance()?;
        let first = self.token;
        let text = self.expression(&[";"])?;
        let is_single = first.1 == text.1;
        self.expect(";")?;
        let span = start.to(self.before);
        let is_plain = is_single && matches!(first.0, Token::String(_) | Token::Name(_) | Token::Number(_));
        let value = match (is_plain, first.0) {
            (true, Token::String(text)) => Value::string(text),
            (true, Token::Name("true")) => Value::Bool(true),
            (true, Token::Name("false")) => Value::Bool(false),
            (true, Token::Number(digits)) => {
                kpolicy_value::Number::parse(digits).map_or(Value::string(digits), Value::Number)
            }
            _ => Value::string(text.0),
        };
        let value = Node::scalar(value, text.1);
        if word == "set" && operator == "=" && is_plain {
            let entry = Entry {
                key: name.into(),
                key_span,
                node: value,
            };
            return Ok(Statement::Literal(entry, span));
        }
        let name = Node::scalar(Value::string(name), key_span);
        let operator = Node::scalar(Value::string(operator), operator_span);
        let fields = vec![(word, name), ("operator", operator), ("value", value)];
        Ok(Statement::Other(object(fields, span)))
    }

    /// `if (…) {…}` and what follows it.
    fn condition(&mut self, start: Span) -> Result<Node, ParseError> {
        let open = self.token.1;
        self.expect("(")?;
        let (text, text_span) = self.expression(&[")"])?;
        if !self.eat(")")? {
            return Err(ParseError::new("this `(` is never closed", open));
        }
        let condition = Node::scalar(Value::string(text), text_span);
        let then = self.branch()?;
        let mut fields = vec![("if", condition), ("then", then)];
        let next = self.token.1;
        let otherwise = match self.token.0 {
            Token::Name("elsif" | "elseif" | "elif") => {
                self.advance()?;
                Some(self.nested(|parser| parser.condition(next))?)
            }
            Token::Name("else") => {
                self.advance()?;
                match self.token.0 {
                    Token::Name("if") => {
                        let next = self.token.1;
                        self.advance()?;
                        Some(self.nested(|parser| parser.condition(next))?)
                    }
                    _ => {
                        fields.push(("else", self.branch()?));
                        None
                    }
                }
            }
            _ => None,
        };
        if let Some(otherwise) = otherwise {
            let span = otherwise.spans.value;
            fields.push(("else", Node::array(vec![otherwise], span)));
        }
        Ok(object(fields, start.to(self.before)))
    }

    fn branch(&mut self) -> Result<Node, ParseError> {
        let start = self.token.1;
        let statements = self.nested(Self::statements)?;
        Ok(Node::array(
            statements.into_iter().map(node).collect(),
            start.to(self.before),
        ))
    }

    /// Any other statement: `return (…);`, `call name;`, `unset name;`, a call of a function.
    fn command(&mut self, word: &str, start: Span) -> Result<Node, ParseError> {
        let is_keyword = matches!(word, "return" | "error" | "restart" | "esi" | "new" | "log");
        if self.is("(") && !is_keyword {
            self.advance()?;
            let mut arguments = Vec::new();
            while !self.is(")") {
                let (text, span) = self.expression(&[",", ")"])?;
                arguments.push(Node::scalar(Value::string(text), span));
                if !self.eat(",")? && !self.is(")") {
                    return Err(self.unexpected("`,` or `)`"));
                }
            }
            self.advance()?;
            self.expect(";")?;
            let span = start.to(self.before);
            let name = Node::scalar(Value::string(word), start);
            return Ok(object(
                vec![("call", name), ("arguments", Node::array(arguments, span))],
                span,
            ));
        }
        let (mut text, mut at) = ("", Span::new(start.end as usize, start.end as usize));
        if !self.is(";") {
            (text, at) = self.expression(&[";"])?;
        }
        self.expect(";")?;
        let span = start.to(self.before);
        let bare = text
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(')'))
            .map(str::trim);
        let text = bare
            .filter(|text| word == "return" && !text.starts_with(')'))
            .unwrap_or(text);
        Ok(object(vec![(word, Node::scalar(Value::string(text), at))], span))
    }

    /// The text of an expression up to one of the signs outside of its parentheses.
    fn expression(&mut self, ends: &[&str]) -> Result<(&'a str, Span), ParseError> {
        let start = self.token.1;
        let mut end = start;
        let mut open = Vec::new();
        let mut is_empty = true;
        loop {
            match self.token.0 {
                Token::Sign("(") => open.push(self.token.1),
                Token::Sign(sign) if open.is_empty() && ends.contains(&sign) => break,
                Token::Sign(")") if open.pop().is_none() => return Err(self.unexpected("an expression")),
                Token::End | Token::Sign("{" | "}" | ";") => {
                    return Err(match open.pop() {
                        Some(open) => ParseError::new("this `(` is never closed", open),
                        None if ends == [")"] => {
                            let before = Span::new(start.start as usize - 1, start.start as usize);
                            ParseError::new("this `(` is never closed", before)
                        }
                        None => self.unexpected(&format!("`{}`", ends[0])),
                    });
                }
                _ => {}
            }
            end = self.token.1;
            is_empty = false;
            self.advance()?;
        }
        if is_empty {
            return Err(self.unexpected("an expression"));
        }
        let span = start.to(end);
        Ok((span.of(self.scanner.text), span))
    }
}
