//! From expressions to the document: literals and collections are values, templates are strings, and every other
//! expression is its source as a text, `${…}`.

use super::cursor::Parser;
use super::number;
use super::tree::{Expression, Literal, Part, Shape, Sign};
use crate::ParseError;
use crate::document::{Entry, Node, Span};
use kpolicy_value::Value;

impl Parser<'_> {
    /// An expression's part of the document.
    pub(super) fn value(&self, expression: Expression<'_>) -> Result<Node, ParseError> {
        let span = self.place(expression.span);
        Ok(match expression.shape {
            Shape::Tuple(items) => {
                let items: Result<_, _> = items.into_iter().map(|item| self.value(item)).collect();
                Node::array(items?, span)
            }
            Shape::Object(items) => {
                let entries: Result<_, _> = items.into_iter().map(|(key, value)| self.entry(&key, value)).collect();
                Node::object(entries?, span)
            }
            // `"${e}"` is what `e` is, and stands where the quotes do.
            Shape::Wrapped(inner) => {
                let mut node = self.value(*inner)?;
                node.spans.value = span;
                node
            }
            Shape::Literal(literal) => Node::scalar(self.literal(literal, expression.span)?, span),
            Shape::Signed(sign, literal, operand) => Node::scalar(self.signed(sign, literal, operand)?, span),
            Shape::Template(parts) => {
                let mut text = String::new();
                self.write_template(&mut text, &parts)?;
                Node::scalar(Value::string(text), span)
            }
            Shape::Traversal | Shape::Conditional(_) | Shape::Other(_) => {
                Node::scalar(Value::string(format!("${{{}}}", self.source(expression.span))), span)
            }
        })
    }

    /// Where an expression stands for a reader: without the blanks that may follow a heredoc's closing word.
    fn place(&self, span: Span) -> Span {
        let start = span.start as usize;
        Span::new(start, start + self.source(span).trim_end().len())
    }

    fn entry(&self, key: &Expression<'_>, value: Expression<'_>) -> Result<Entry, ParseError> {
        let mut text = String::new();
        match key.shape {
            Shape::Traversal => text.push_str(self.source(key.span)),
            _ => self.write(&mut text, key)?,
        }
        Ok(Entry {
            key: text.into(),
            key_span: self.place(key.span),
            node: self.value(value)?,
        })
    }

    pub(super) fn literal(&self, literal: Literal, span: Span) -> Result<Value, ParseError> {
        Ok(match literal {
            Literal::Null => Value::Null,
            Literal::Bool(flag) => Value::Bool(flag),
            Literal::Number => self.number_value(span, false)?,
        })
    }

    fn signed(&self, sign: Sign, literal: Literal, operand: Span) -> Result<Value, ParseError> {
        match (sign, literal) {
            (Sign::Minus, Literal::Number) => self.number_value(operand, true),
            (Sign::Not, Literal::Bool(flag)) => Ok(Value::Bool(!flag)),
            (Sign::Minus, _) => Err(ParseError::new("`-` needs a number", operand)),
            (Sign::Not, _) => Err(ParseError::new("`!` needs `true` or `false`", operand)),
        }
    }

    fn number_value(&self, span: Span, negative: bool) -> Result<Value, ParseError> {
        number::Literal::read(self.source(span))
            .and_then(|number| number.value(negative))
            .map(Value::Number)
            .ok_or_else(|| too_large(span))
    }

    /// Writes a template's parts as a text: `else` only where something follows it.
    fn write_template(&self, text: &mut String, parts: &[Part<'_>]) -> Result<(), ParseError> {
        // For each directive that is open, where its `else` begins and ends.
        let mut otherwise: Vec<Option<(usize, usize)>> = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Text(part) => text.push_str(&escaped(part)),
                Part::Interpolation(inner) => {
                    check_null(
                        inner,
                        index.checked_sub(1).and_then(|before| parts.get(before)),
                        parts.get(index + 1),
                    )?;
                    self.write(text, inner)?;
                }
                Part::If(condition) => {
                    otherwise.push(None);
                    text.push_str(&format!("%{{if {}}}", self.source(condition.span)));
                }
                Part::For(head) => {
                    let key = head
                        .key
                        .map(|key| format!("{}, ", self.source(key)))
                        .unwrap_or_default();
                    let (value, collection) = (self.source(head.value), self.source(head.collection.span));
                    otherwise.push(None);
                    text.push_str(&format!("%{{for {key}{value} in {collection}}}"));
                }
                Part::Else => {
                    let start = text.len();
                    text.push_str("%{else}");
                    otherwise.pop();
                    otherwise.push(Some((start, text.len())));
                }
                Part::EndIf => {
                    if let Some(Some((start, end))) = otherwise.pop()
                        && text.len() == end
                    {
                        text.truncate(start);
                    }
                    text.push_str("%{endif}");
                }
                Part::EndFor => {
                    otherwise.pop();
                    text.push_str("%{endfor}");
                }
            }
        }
        Ok(())
    }

    /// Writes an expression as a part of a text.
    fn write(&self, text: &mut String, expression: &Expression<'_>) -> Result<(), ParseError> {
        match &expression.shape {
            Shape::Literal(Literal::Null) => text.push_str("null"),
            Shape::Literal(Literal::Bool(flag)) => text.push_str(if *flag { "true" } else { "false" }),
            Shape::Literal(Literal::Number) => {
                let plain = number::Literal::read(self.source(expression.span)).and_then(|number| number.plain());
                text.push_str(&plain.ok_or_else(|| too_large(expression.span))?);
            }
            Shape::Template(parts) => self.write_template(text, parts)?,
            Shape::Wrapped(inner) => self.write(text, inner)?,
            Shape::Conditional(conditional) => {
                text.push_str(&format!("%{{if {}}}", self.source(conditional.condition.span)));
                self.write(text, &conditional.held)?;
                let mut other = String::new();
                self.write(&mut other, &conditional.other)?;
                if !other.is_empty() {
                    text.push_str("%{else}");
                    text.push_str(&other);
                }
                text.push_str("%{endif}");
            }
            _ => text.push_str(&format!("${{{}}}", self.source(expression.span))),
        }
        Ok(())
    }
}

/// A text in which what would start a template is escaped.
fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains("${") || text.contains("%{") {
        text.replace("${", "$${").replace("%{", "%%{").into()
    } else {
        text.into()
    }
}

/// Refuses a null that is all that a directive holds: it is not a text.
fn check_null(inner: &Expression<'_>, before: Option<&Part<'_>>, after: Option<&Part<'_>>) -> Result<(), ParseError> {
    let alone = matches!(before, Some(Part::If(_) | Part::For(_) | Part::Else))
        && matches!(after, Some(Part::Else | Part::EndIf | Part::EndFor));
    match inner.shape {
        Shape::Literal(Literal::Null) if alone => {
            Err(ParseError::new("null cannot be converted to a string", inner.span)
                .with_help("write `\"\"` for an empty string"))
        }
        _ => Ok(()),
    }
}

fn too_large(span: Span) -> ParseError {
    ParseError::new("the number is too large", span).with_help("write it as a string, in double quotes")
}
