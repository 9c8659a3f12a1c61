//! HCL2, Terraform's language, in the shape of hcl2json that conftest's policies are written against: blocks are
//! arrays below their type and labels, and expressions stay text, `${…}`.

use std::sync::Arc;

use hcl_edit::expr::{Expression, Object, ObjectKey, UnaryOperator};
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};

use super::ParseError;
use crate::document::{Entry, Node, Span};
use crate::value::{Number, Value};

mod template;

/// The document of a text.
pub(super) fn parse(text: &str) -> Result<Node, ParseError> {
    let body = hcl_edit::parser::parse_body(text).map_err(|error| {
        let near = error.location().offset().min(text.len());
        let offset = (0..=near).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let end = text[offset..]
            .chars()
            .next()
            .map_or(offset, |character| offset + character.len_utf8());
        match unclosed(text) {
            Some(at) if offset == 0 || offset >= text.trim_end().len() => {
                ParseError::new("this brace is never closed", Span::new(at, at + 1))
            }
            _ => ParseError::new(error.message(), Span::new(offset, end)),
        }
    })?;
    Converter { text, quoted: true }.body(&body, Span::new(0, text.len()))
}

/// The innermost brace that is still open at the end of the text.
fn unclosed(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open.push(at),
            b'}' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

/// Turns the tree of one text into values.
struct Converter<'a> {
    text: &'a str,
    /// Whether backslashes are escapes in the text of directives; in heredocs they are not.
    quoted: bool,
}

/// What stands under a block's type or label.
enum Nested {
    /// More labels.
    Labels(Vec<(Arc<str>, Span, Nested)>),
    /// The bodies of blocks with the same type and labels.
    Bodies(Vec<Node>),
}

impl Converter<'_> {
    fn body(&self, body: &Body, span: Span) -> Result<Node, ParseError> {
        let mut blocks: Vec<(Arc<str>, Span, Nested)> = Vec::new();
        let mut entries = Vec::new();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(attribute) => entries.push(Entry {
                    key: attribute.key.as_str().into(),
                    key_span: self.span(&attribute.key),
                    node: self.expression(&attribute.value)?,
                }),
                Structure::Block(block) => self.block(block, &mut blocks)?,
            }
        }
        // An attribute goes over blocks of the same name: of equal keys the last wins.
        let mut all: Vec<Entry> = blocks.into_iter().map(entry).collect();
        all.extend(entries);
        Ok(Node::object(all, span))
    }

    fn block(&self, block: &Block, blocks: &mut Vec<(Arc<str>, Span, Nested)>) -> Result<(), ParseError> {
        let mut path: Vec<(Arc<str>, Span)> = vec![(block.ident.as_str().into(), self.span(&block.ident))];
        for label in &block.labels {
            let span = match label {
                BlockLabel::Ident(name) => self.span(name),
                BlockLabel::String(text) => self.span(text),
            };
            path.push((label.as_str().into(), span));
        }
        let own = path.last().map_or_else(Span::default, |(_, span)| *span);
        let body = self.body(&block.body, own)?;
        insert(blocks, &path, body)
            .map_err(|span| ParseError::new("blocks of one type stand here with labels and there without", span))
    }

    fn expression(&self, expression: &Expression) -> Result<Node, ParseError> {
        let span = self.span(expression);
        self.check_end(expression, span)?;
        Ok(match expression {
            Expression::Array(items) => {
                let items: Result<Vec<Node>, ParseError> = items.iter().map(|item| self.expression(item)).collect();
                Node::array(items?, span)
            }
            Expression::Object(object) => self.object(object, span)?,
            other => Node::scalar(self.scalar(other), span),
        })
    }

    /// What the parser takes and HCL does not: a quoted text over several lines, a heredoc without its last line's end.
    fn check_end(&self, expression: &Expression, span: Span) -> Result<(), ParseError> {
        match expression {
            Expression::String(_) | Expression::StringTemplate(_) => match template::broken_at(self.source(expression))
            {
                Some(at) => {
                    let at = span.start as usize + at;
                    let error = ParseError::new("a quoted text may not go over several lines", Span::new(at, at));
                    Err(error.with_help("write \\n, or use a heredoc"))
                }
                None => Ok(()),
            },
            Expression::HeredocTemplate(_) if self.quoted && span.end as usize == self.text.len() => {
                let error = ParseError::new("the heredoc's closing word needs an end of line behind it", span);
                Err(error.with_help("end the file with a line break"))
            }
            _ => Ok(()),
        }
    }

    fn object(&self, object: &Object, span: Span) -> Result<Node, ParseError> {
        let mut entries = Vec::with_capacity(object.len());
        for (key, value) in object.iter() {
            let (text, key_span) = match key {
                ObjectKey::Ident(name) => (name.as_str().to_owned(), self.span(name)),
                ObjectKey::Expression(Expression::Variable(name)) => (name.as_str().to_owned(), self.span(name)),
                ObjectKey::Expression(other @ Expression::Traversal(_)) => {
                    (self.source(other).to_owned(), self.span(other))
                }
                ObjectKey::Expression(other @ Expression::Null(_)) => ("null".to_owned(), self.span(other)),
                ObjectKey::Expression(other) => (self.part(other), self.span(other)),
            };
            entries.push(Entry {
                key: text.into(),
                key_span,
                node: self.expression(value.expr())?,
            });
        }
        Ok(Node::object(entries, span))
    }

    fn scalar(&self, expression: &Expression) -> Value {
        match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(flag) => Value::Bool(*flag.value()),
            Expression::Number(_) => Value::Number(self.number(expression, "")),
            Expression::String(text) => Value::string(template::escaped(text.value())),
            Expression::StringTemplate(template) => {
                let elements: Vec<_> = template.iter().collect();
                match template::lone(&elements) {
                    Some(inner) => self.unwrapped(inner),
                    None => Value::string(self.template(&elements)),
                }
            }
            Expression::HeredocTemplate(_) => Value::string(self.heredoc(expression)),
            Expression::UnaryOp(operation) => match (operation.operator.value(), &operation.expr) {
                (UnaryOperator::Neg, number @ Expression::Number(_)) if !self.source(number).starts_with('-') => {
                    Value::Number(self.number(number, "-"))
                }
                (UnaryOperator::Not, Expression::Bool(flag)) => Value::Bool(!*flag.value()),
                _ => self.wrapped(expression),
            },
            other => self.wrapped(other),
        }
    }

    /// The value of `"${e}"`, which is that of `e`; collections stay text there.
    fn unwrapped(&self, inner: &Expression) -> Value {
        match self.expression(inner) {
            Ok(node) => node.value,
            Err(_) => self.wrapped(inner),
        }
    }

    /// An expression as text: `${…}`.
    fn wrapped(&self, expression: &Expression) -> Value {
        Value::string(format!("${{{}}}", self.source(expression)))
    }

    /// A number exact as it was written.
    fn number(&self, expression: &Expression, sign: &str) -> Number {
        let source = self.source(expression);
        let digits = source.trim_start_matches('0');
        let digits = if digits.starts_with(|first: char| first.is_ascii_digit()) {
            digits.to_owned()
        } else {
            format!("0{digits}")
        };
        Number::parse(&format!("{sign}{digits}"))
            .or_else(|| Number::parse(&format!("{sign}{}", expression.as_number()?)))
            .expect("HCL's numbers are JSON's, but for leading zeros")
    }

    fn source(&self, expression: &Expression) -> &str {
        let span = self.span(expression);
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    fn span(&self, item: &impl hcl_edit::Span) -> Span {
        item.span()
            .map_or_else(Span::default, |range| Span::new(range.start, range.end))
    }
}

fn entry((key, key_span, nested): (Arc<str>, Span, Nested)) -> Entry {
    let node = match nested {
        Nested::Labels(labels) => Node::object(labels.into_iter().map(entry).collect(), key_span),
        Nested::Bodies(bodies) => Node::array(bodies, key_span),
    };
    Entry { key, key_span, node }
}

/// Puts a body under its path; or gives the place where labelled and unlabelled blocks meet.
fn insert(blocks: &mut Vec<(Arc<str>, Span, Nested)>, path: &[(Arc<str>, Span)], body: Node) -> Result<(), Span> {
    let Some(((key, span), rest)) = path.split_first() else {
        return Ok(());
    };
    let at = match blocks.iter().position(|(known, _, _)| known == key) {
        Some(at) => at,
        None => {
            let nested = if rest.is_empty() {
                Nested::Bodies(Vec::new())
            } else {
                Nested::Labels(Vec::new())
            };
            blocks.push((Arc::clone(key), *span, nested));
            blocks.len() - 1
        }
    };
    match &mut blocks[at].2 {
        Nested::Bodies(bodies) if rest.is_empty() => {
            bodies.push(body);
            Ok(())
        }
        Nested::Labels(labels) if !rest.is_empty() => insert(labels, rest, body),
        _ => Err(*span),
    }
}
