//! The texts of HOCON: quoted, in triple quotes, and unquoted.

use std::sync::Arc;

use super::parser::Parser;
use super::store::Raw;
use crate::ParseError;
use crate::document::{Node, Span};
use kpolicy_value::{Number, Value};

/// What ends an unquoted text, beside blanks and `//`.
const RESERVED: &str = "$\"{}[]:=,+#`^?!@*&\\";

/// Blanks within a line.
pub(super) fn is_blank(char: char) -> bool {
    char != '\n' && (char.is_whitespace() || matches!(char, '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{feff}'))
}

/// How long the unquoted text is that a string begins with; its blanks are not part of it.
pub(super) fn unquoted(text: &str) -> usize {
    let ends = |(at, char): (usize, char)| {
        char.is_whitespace() || is_blank(char) || RESERVED.contains(char) || text[at..].starts_with("//")
    };
    text.char_indices()
        .find(|found| ends(*found))
        .map_or(text.len(), |(at, _)| at)
}

/// The scalar of an unquoted text that stands alone.
pub(super) fn scalar(text: &str, span: Span) -> Raw {
    let value = match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => match Number::parse(text).filter(|number| !number.is_out_of_range()) {
            Some(number) => Value::Number(number),
            None => Value::string(text),
        },
    };
    Raw::Scalar(Node::scalar(value, span), text.into())
}

impl Parser<'_> {
    /// A string in quotes, of one or three.
    pub(super) fn quoted(&mut self) -> Result<Arc<str>, ParseError> {
        match self.rest().starts_with("\"\"\"") {
            true => self.triple(),
            false => self.single(),
        }
    }

    fn triple(&mut self) -> Result<Arc<str>, ParseError> {
        let start = self.at;
        let body = &self.text[start + 3..];
        let Some(end) = body.find("\"\"\"") else {
            return Err(ParseError::new(
                "this string is never closed",
                Span::new(start, start + 3),
            ));
        };
        // More quotes at the end belong to the string.
        let more = body[end + 3..].bytes().take_while(|byte| *byte == b'"').count();
        self.at = start + 3 + end + 3 + more;
        Ok(body[..end + more].into())
    }

    fn single(&mut self) -> Result<Arc<str>, ParseError> {
        let start = self.at;
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let end = rest.find(['"', '\\', '\n']).unwrap_or(rest.len());
            out.push_str(&rest[..end]);
            self.at += end;
            match self.rest().bytes().next() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out.into());
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => {
                    return Err(ParseError::new(
                        "this string is never closed",
                        Span::new(start, start + 1),
                    ));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.at;
        let letter = self.rest()[1..].chars().next().unwrap_or('\n');
        self.at += 1 + letter.len_utf8().min(self.rest().len() - 1);
        let span = Span::new(start, self.at);
        match letter {
            '"' | '\\' | '/' => Ok(letter),
            'b' => Ok('\u{8}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'u' => {
                let code = self.hexadecimal(span)?;
                if (0xD800..0xDC00).contains(&code) && self.rest().starts_with("\\u") {
                    self.at += 2;
                    let low = self.hexadecimal(span)?;
                    let both = 0x10000 + ((code - 0xD800) << 10) + (low.wrapping_sub(0xDC00) & 0x3FF);
                    return Ok(char::from_u32(both).unwrap_or('\u{FFFD}'));
                }
                Ok(char::from_u32(code).unwrap_or('\u{FFFD}'))
            }
            _ => Err(ParseError::new(
                format!("unknown escape `\\{}`", letter.escape_debug()),
                span,
            )),
        }
    }

    fn hexadecimal(&mut self, span: Span) -> Result<u32, ParseError> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += if code.is_some() { 4 } else { 0 };
        code.ok_or_else(|| ParseError::new("`\\u` is followed by four hexadecimal digits", span))
    }
}
