//! CUE's tokens, with the commas that line breaks stand for.

use std::rc::Rc;

use crate::ParseError;
use crate::document::Span;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(Rc<str>),
    /// A decimal, and whether it is an integer.
    Number(String, bool),
    String(Rc<[Piece]>),
    Bytes(Rc<[Piece]>),
    Sign(&'static str),
    /// A comma that a line break stands for.
    Break,
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(Vec<u8>),
    Code(Vec<(Token, Span)>),
}

const SIGNS: &[&str] = &[
    "_|_", "...", "&&", "||", "==", "!=", "<=", ">=", "=~", "!~", "{", "}", "[", "]", "(", ")", ",", ":", "?", "!",
    ".", "&", "|", "+", "-", "*", "/", "<", ">", "=",
];

/// How deep interpolations may nest.
const MAX_DEPTH: usize = 20;

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, ParseError> {
    let mut lexer = Lexer { text, at: 0, depth: 0 };
    lexer.tokens(false)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

fn is_part(char: char) -> bool {
    char == '_' || char == '$' || char.is_alphanumeric()
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// All tokens, or those up to the `)` that nothing opens.
    fn tokens(&mut self, is_code: bool) -> Result<Vec<(Token, Span)>, ParseError> {
        let mut tokens = Vec::<(Token, Span)>::new();
        let mut open = 0usize;
        loop {
            let before = self.at;
            let breaks = self.skip();
            let ends = tokens.last().is_some_and(|(token, _)| match token {
                Token::Name(_) | Token::Number(..) | Token::String(_) | Token::Bytes(_) => true,
                Token::Sign(sign) => matches!(*sign, "_|_" | ")" | "]" | "}" | "?" | "!" | "..."),
                Token::Break | Token::End => false,
            });
            let at_end = self.rest().is_empty();
            if (breaks || at_end) && ends {
                tokens.push((Token::Break, Span::new(before, before)));
            }
            let start = self.at;
            if at_end {
                if is_code {
                    return Err(ParseError::new(
                        "this interpolation is never closed",
                        Span::new(start, start),
                    ));
                }
                tokens.push((Token::End, Span::new(start, start)));
                return Ok(tokens);
            }
            if self.rest().starts_with('@') {
                self.attribute()?;
                continue;
            }
            let token = self.token()?;
            match token {
                Token::Sign("(") => open += 1,
                Token::Sign(")") if is_code && open == 0 => {
                    tokens.push((Token::End, Span::new(start, start)));
                    return Ok(tokens);
                }
                Token::Sign(")") => open = open.saturating_sub(1),
                _ => {}
            }
            tokens.push((token, Span::new(start, self.at)));
        }
    }

    /// Skips blanks and comments; whether there was a line break.
    fn skip(&mut self) -> bool {
        let mut breaks = false;
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            breaks |= rest[..blank].contains('\n');
            self.at += blank;
            let rest = self.rest();
            if !rest.starts_with("//") {
                return breaks;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    /// `@name(…)`, which says nothing about values.
    fn attribute(&mut self) -> Result<(), ParseError> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(char) = self.rest().chars().next() {
            match char {
                '(' => depth += 1,
                ')' if depth <= 1 => {
                    self.at += 1;
                    return Ok(());
                }
                ')' => depth -= 1,
                '\n' => break,
                _ => {}
            }
            self.at += char.len_utf8();
        }
        Err(ParseError::new(
            "this attribute is never closed",
            Span::new(start, start + 1),
        ))
    }

    fn token(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        if let Some(token) = self.string()? {
            return Ok(token);
        }
        let rest = self.rest();
        let rest_of = rest.trim_start_matches('_').trim_start_matches('#');
        let first = rest.chars().next().unwrap_or(' ');
        if rest.starts_with("_|_") {
            self.at += 3;
            return Ok(Token::Sign("_|_"));
        }
        let hash = rest.strip_prefix("_#").or_else(|| rest.strip_prefix('#'));
        let is_name = first == '_' || first == '$' || first.is_alphabetic();
        if is_name || hash.is_some_and(|name| name.starts_with(is_part)) {
            let prefix = rest.len() - rest_of.len();
            let end = rest_of.find(|char| !is_part(char)).unwrap_or(rest_of.len());
            let name: Rc<str> = rest[..prefix + end].into();
            self.at += name.len();
            return Ok(Token::Name(name));
        }
        if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|char: char| char.is_ascii_digit())) {
            return self.number();
        }
        let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) else {
            let span = Span::new(start, start + first.len_utf8());
            return Err(ParseError::new(
                format!("`{}` is not part of CUE", first.escape_debug()),
                span,
            ));
        };
        self.at += sign.len();
        Ok(Token::Sign(sign))
    }

    fn number(&mut self) -> Result<Token, ParseError> {
        let (start, rest) = (self.at, self.rest());
        let bytes = rest.as_bytes();
        let radix = match bytes {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o', ..] => 8,
            [b'0', b'b', ..] => 2,
            _ => 10,
        };
        let mut end = if radix == 10 { 0 } else { 2 };
        while let Some(byte) = bytes.get(end) {
            let is_part = match byte {
                b'0'..=b'9' | b'_' => true,
                b'a'..=b'f' | b'A'..=b'F' if radix == 16 => true,
                b'.' => radix == 10 && bytes.get(end + 1) != Some(&b'.'),
                b'e' | b'E' => radix == 10,
                b'+' | b'-' => radix == 10 && end > 0 && matches!(bytes[end - 1], b'e' | b'E'),
                _ => false,
            };
            if !is_part {
                break;
            }
            end += 1;
        }
        let digits = rest[..end].replace('_', "");
        let span = Span::new(start, start + end);
        let bad = || ParseError::new(format!("`{}` is not a number", span.of(self.text)), span);
        let is_integer = radix != 10 || !digits.contains(['.', 'e', 'E']);
        let leads = radix == 10 && is_integer && digits.len() > 1 && digits.starts_with('0');
        let mut number = match radix {
            10 => digits.clone(),
            _ => i128::from_str_radix(&digits[2..], radix)
                .map_err(|_| bad())?
                .to_string(),
        };
        if number.starts_with('.') {
            number.insert(0, '0');
        }
        if number.parse::<f64>().is_err() || leads {
            return Err(bad());
        }
        let after = &rest.as_bytes()[end..];
        let power = match after.first() {
            Some(b'K') => 1,
            Some(b'M') => 2,
            Some(b'G') => 3,
            Some(b'T') => 4,
            Some(b'P') => 5,
            _ => 0,
        };
        if power == 0 {
            self.at += end;
            return Ok(Token::Number(number, is_integer));
        }
        let is_binary = after.get(1) == Some(&b'i');
        let factor = if is_binary { 1024f64 } else { 1000f64 }.powi(power);
        let scaled = number.parse::<f64>().unwrap_or_default() * factor;
        let exact = number
            .parse::<i128>()
            .ok()
            .and_then(|number| number.checked_mul(factor as i128));
        self.at += end + 1 + usize::from(is_binary);
        Ok(Token::Number(
            exact.map_or_else(|| format!("{scaled:.0}"), |exact| exact.to_string()),
            true,
        ))
    }

    /// A string or bytes, if one begins here.
    fn string(&mut self) -> Result<Option<Token>, ParseError> {
        let rest = self.rest();
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let quoted = &rest[hashes..];
        let (open, is_bytes, is_block) = if quoted.starts_with("\"\"\"") {
            ("\"\"\"", false, true)
        } else if quoted.starts_with("'''") {
            ("'''", true, true)
        } else if quoted.starts_with('"') {
            ("\"", false, false)
        } else if quoted.starts_with('\'') {
            ("'", true, false)
        } else {
            return Ok(None);
        };
        let hash = "#".repeat(hashes);
        let start = self.at;
        self.at += hashes + open.len();
        let pieces = self.pieces(start, &format!("{open}{hash}"), &format!("\\{hash}"), is_block)?;
        Ok(Some(match is_bytes {
            true => Token::Bytes(pieces.into()),
            false => Token::String(pieces.into()),
        }))
    }

    fn pieces(&mut self, start: usize, close: &str, escape: &str, is_block: bool) -> Result<Vec<Piece>, ParseError> {
        let unclosed = || ParseError::new("this string is never closed", Span::new(start, start + 1));
        let mut indent = String::new();
        if is_block {
            let body = self.rest();
            let Some(first) = body.find('\n').filter(|at| body[..*at].trim().is_empty()) else {
                return Err(unclosed());
            };
            // The line of the end says how far all are indented.
            let end = body.find(close).ok_or_else(unclosed)?;
            let line = body[..end].rfind('\n').map_or(end, |at| at + 1);
            indent.push_str(body[line..end].trim_end_matches(|char: char| !char.is_whitespace()));
            self.at += first + 1;
            self.skip_indent(&indent);
        }
        let mut pieces = vec![];
        let mut text = Vec::new();
        loop {
            let rest = self.rest();
            if rest.starts_with(close) {
                self.at += close.len();
                if is_block && text.last() == Some(&b'\n') {
                    text.pop();
                }
                pieces.push(Piece::Text(text));
                return Ok(pieces);
            }
            if let Some(code) = rest.strip_prefix(escape) {
                if code.starts_with('(') {
                    self.at += escape.len() + 1;
                    if self.depth == MAX_DEPTH {
                        let message = format!("interpolations nest deeper than {MAX_DEPTH} levels");
                        return Err(ParseError::limit(message, Span::new(start, self.at)));
                    }
                    self.depth += 1;
                    let tokens = self.tokens(true)?;
                    self.depth -= 1;
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Code(tokens));
                } else {
                    self.escape(escape.len(), &mut text)?;
                }
                continue;
            }
            let Some(char) = rest.chars().next().filter(|char| is_block || *char != '\n') else {
                return Err(unclosed());
            };
            self.at += char.len_utf8();
            if char == '\n' {
                if text.last() == Some(&b'\r') {
                    text.pop();
                }
                text.push(b'\n');
                self.skip_indent(&indent);
            } else {
                text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }

    fn skip_indent(&mut self, indent: &str) {
        if self.rest().starts_with(indent) {
            self.at += indent.len();
        }
    }

    fn escape(&mut self, prefix: usize, text: &mut Vec<u8>) -> Result<(), ParseError> {
        let start = self.at;
        let rest = &self.rest()[prefix..];
        let letter = rest.chars().next().unwrap_or(' ');
        let code = |digits: &str, radix: u32| {
            let is_digits = digits.chars().all(|char| char.is_digit(radix));
            is_digits.then(|| u32::from_str_radix(digits, radix).ok()).flatten()
        };
        let (length, found) = match letter {
            'a' => (1, Some(7)),
            'b' => (1, Some(8)),
            'f' => (1, Some(12)),
            'n' => (1, Some(10)),
            'r' => (1, Some(13)),
            't' => (1, Some(9)),
            'v' => (1, Some(11)),
            '\\' | '/' | '"' | '\'' => (1, Some(letter as u32)),
            'u' => (5, rest.get(1..5).and_then(|digits| code(digits, 16))),
            'U' => (9, rest.get(1..9).and_then(|digits| code(digits, 16))),
            'x' => (3, rest.get(1..3).and_then(|digits| code(digits, 16))),
            '0'..='7' => (3, rest.get(..3).and_then(|digits| code(digits, 8))),
            _ => (letter.len_utf8(), None),
        };
        self.at = (start + prefix + length).min(self.text.len());
        let span = Span::new(start, kpolicy_value::boundary(self.text, self.at));
        let bad = || ParseError::new(format!("unknown escape `{}`", span.of(self.text)), span);
        let found = found.ok_or_else(bad)?;
        if matches!(letter, 'x' | '0'..='7') {
            text.push(u8::try_from(found).map_err(|_| bad())?);
        } else {
            let char = char::from_u32(found).ok_or_else(bad)?;
            text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(())
    }
}
