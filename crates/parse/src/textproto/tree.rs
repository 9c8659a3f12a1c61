//! The text as a tree of fields with their places. What the fields mean is checked elsewhere.

use crate::document::Span;
use crate::{Meter, ParseError};

/// How deep messages may nest.
const MAX_DEPTH: usize = 100;

/// The fields of a message in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    pub(super) fields: Vec<Field<'a>>,
}

#[derive(Debug)]
pub(super) struct Field<'a> {
    /// Its name; of an extension in brackets.
    pub(super) name: &'a str,
    pub(super) name_span: Span,
    pub(super) values: Vec<Value<'a>>,
}

#[derive(Debug)]
pub(super) struct Value<'a> {
    pub(super) span: Span,
    /// The text of a scalar.
    pub(super) text: &'a str,
    pub(super) message: Option<Message<'a>>,
}

/// The tree of a text.
pub(super) fn parse<'a>(text: &'a str, meter: &mut Meter) -> Result<Message<'a>, ParseError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        meter,
    };
    let message = reader.fields()?;
    match reader.peek() {
        None => Ok(message),
        Some(_) => Err(reader.unexpected("a field")),
    }
}

struct Reader<'a, 'm> {
    text: &'a str,
    at: usize,
    depth: usize,
    meter: &'m mut Meter,
}

impl<'a> Reader<'a, '_> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next character that is not blank and in no comment.
    fn peek(&mut self) -> Option<char> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            if !rest.starts_with('#') {
                return rest.chars().next();
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&mut self, wanted: &str) -> ParseError {
        let (found, width) = match self.peek() {
            Some(char) => (format!("`{}`", char.escape_debug()), char.len_utf8()),
            None => ("the end of the file".to_owned(), 0),
        };
        let message = format!("expected {wanted}, found {found}");
        ParseError::new(message, Span::new(self.at, self.at + width))
    }

    fn fields(&mut self) -> Result<Message<'a>, ParseError> {
        let mut message = Message::default();
        while !matches!(self.peek(), None | Some('}' | '>')) {
            message.fields.push(self.field()?);
            if !self.eat(',') {
                self.eat(';');
            }
        }
        Ok(message)
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let ends = |char: char| !(char.is_alphanumeric() || matches!(char, '_' | '.' | '+' | '-'));
        let end = rest.find(ends).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn field(&mut self) -> Result<Field<'a>, ParseError> {
        let start = self.at;
        if self.eat('[') {
            let Some(end) = self.rest().find(']') else {
                return Err(ParseError::new("this `[` is never closed", Span::new(start, start + 1)));
            };
            self.at += end + 1;
        } else if self.word().is_empty() {
            return Err(self.unexpected("the name of a field"));
        }
        let name_span = Span::new(start, self.at);
        self.meter.count(1, name_span)?;
        self.eat(':');
        let mut values = Vec::new();
        let open = self.at;
        if self.eat('[') {
            while !self.eat(']') {
                match self.peek() {
                    None => {
                        let span = Span::new(open, open + 1);
                        return Err(ParseError::new("this `[` is never closed", span));
                    }
                    Some('[') => return Err(self.unexpected("a value")),
                    Some(_) => values.push(self.value()?),
                }
                if !self.eat(',') && self.peek() != Some(']') {
                    return Err(self.unexpected("`,` or `]`"));
                }
            }
        } else {
            values.push(self.value()?);
        }
        Ok(Field {
            name: name_span.of(self.text),
            name_span,
            values,
        })
    }

    fn value(&mut self) -> Result<Value<'a>, ParseError> {
        let close = match self.peek() {
            Some('{') => '}',
            Some('<') => '>',
            _ => return self.scalar(),
        };
        let start = self.at;
        self.meter.count(1, Span::new(start, start + 1))?;
        if self.depth == MAX_DEPTH {
            let message = format!("messages nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, Span::new(start, start + 1)));
        }
        self.at += 1;
        self.depth += 1;
        let message = self.fields()?;
        self.depth -= 1;
        if !self.eat(close) {
            if self.peek().is_some() {
                return Err(self.unexpected(&format!("a field or `{close}`")));
            }
            let message = format!("this `{}` is never closed", &self.text[start..=start]);
            return Err(ParseError::new(message, Span::new(start, start + 1)));
        }
        Ok(Value {
            span: Span::new(start, self.at),
            text: &self.text[start..self.at],
            message: Some(message),
        })
    }

    /// A number, a name, or strings side by side.
    fn scalar(&mut self) -> Result<Value<'a>, ParseError> {
        let start = self.at;
        self.meter.count(1, Span::new(start, start))?;
        let mut end = start;
        while let Some(quote @ ('"' | '\'')) = self.peek() {
            let open = self.at;
            self.at += 1;
            loop {
                let rest = self.rest();
                let found = rest.find([quote, '\\', '\n']);
                let (Some(found), false) = (found, found.is_some_and(|at| rest[at..].starts_with('\n'))) else {
                    return Err(ParseError::new(
                        "this string is never closed",
                        Span::new(open, open + 1),
                    ));
                };
                let is_escape = rest[found..].starts_with('\\');
                let skipped = rest[found..]
                    .chars()
                    .take(1 + usize::from(is_escape))
                    .map(char::len_utf8);
                self.at += found + skipped.sum::<usize>();
                if !is_escape {
                    break;
                }
            }
            end = self.at;
        }
        if end == start {
            self.eat('-');
            self.peek();
            if self.word().is_empty() {
                return Err(self.unexpected("a value"));
            }
            end = self.at;
        }
        Ok(Value {
            span: Span::new(start, end),
            text: &self.text[start..end],
            message: None,
        })
    }
}
