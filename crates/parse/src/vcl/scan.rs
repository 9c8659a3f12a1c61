//! The tokens of VCL.

use crate::ParseError;
use crate::document::Span;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// A name with its dots and dashes, or an attribute such as `.host`.
    Name(&'a str),
    /// What a string holds; it has no escapes.
    String(&'a str),
    /// A number with its unit.
    Number(&'a str),
    Sign(&'a str),
    /// `C{ … }C`.
    Code(&'a str),
    End,
}

pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    at: usize,
}

/// Signs of more than one character.
const SIGNS: &[&str] = &[
    "==", "!=", "!~", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "++", "--",
];

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start().len();
            let rest = &self.text[self.at..];
            if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(body) = rest.strip_prefix("/*") {
                let Some(end) = body.find("*/") else {
                    let span = Span::new(self.at, self.at + 2);
                    return Err(ParseError::new("this comment is never closed", span));
                };
                self.at += end + 4;
            } else {
                return Ok(());
            }
        }
    }

    /// The next token and where it is.
    pub(super) fn next(&mut self) -> Result<(Token<'a>, Span), ParseError> {
        self.skip_blank()?;
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else {
            return Ok((Token::End, Span::new(start, start)));
        };
        let is_name = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | ':');
        let (token, length) = if let Some((token, length)) = self.quoted(rest)? {
            (token, length)
        } else if let Some(code) = rest.strip_prefix("C{") {
            let Some(end) = code.find("}C") else {
                return Err(ParseError::new(
                    "this `C{` is never closed",
                    Span::new(start, start + 2),
                ));
            };
            (Token::Code(&code[..end]), end + 4)
        } else if first.is_ascii_digit() {
            let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '%');
            let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
            (Token::Number(&rest[..end]), end)
        } else if first.is_alphabetic() || first == '_' || (first == '.' && rest[1..].starts_with(char::is_alphabetic))
        {
            let end = rest.find(|char| !is_name(char)).unwrap_or(rest.len());
            let name = rest[..end].trim_end_matches([':', '.', '-']);
            (Token::Name(name), name.len())
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(&rest[..sign.len()]), sign.len())
        } else if "{}();,=~!<>+-*/%?:&|.".contains(first) {
            (Token::Sign(&rest[..1]), 1)
        } else {
            let span = Span::new(start, start + first.len_utf8());
            let message = format!("`{}` is not part of VCL", first.escape_debug());
            return Err(ParseError::new(message, span));
        };
        self.at += length;
        Ok((token, Span::new(start, self.at)))
    }

    /// A string, of one line or long, and how many bytes it takes.
    fn quoted(&self, rest: &'a str) -> Result<Option<(Token<'a>, usize)>, ParseError> {
        let forms = [("\"\"\"", "\"\"\"", true), ("{\"", "\"}", true), ("\"", "\"", false)];
        for (open, close, is_long) in forms {
            let Some(body) = rest.strip_prefix(open) else { continue };
            let end = body.find(close).filter(|end| is_long || !body[..*end].contains('\n'));
            let Some(end) = end else {
                let span = Span::new(self.at, self.at + open.len());
                return Err(ParseError::new("this string is never closed", span));
            };
            return Ok(Some((Token::String(&body[..end]), open.len() + end + close.len())));
        }
        Ok(None)
    }
}
