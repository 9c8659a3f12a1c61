//! The tokens of HCL 1. Follows hcl v1.0 scanner.go.

use crate::ParseError;
use crate::document::Span;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Identifier(String),
    String(String),
    Heredoc(String),
    Number,
    Bool(bool),
    Sign(char),
    End,
}

pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            let rest = self.rest();
            if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
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
    pub(super) fn next(&mut self) -> Result<(Token, Span), ParseError> {
        self.skip_blank()?;
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok((Token::End, Span::new(start, start)));
        };
        let token = match first {
            '{' | '}' | '[' | ']' | ',' | '=' => {
                self.at += 1;
                Token::Sign(first)
            }
            '"' => Token::String(self.string()?),
            '<' => Token::Heredoc(self.heredoc()?),
            '0'..='9' => self.number(),
            '.' | '-' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => self.number(),
            _ if first == '_' || first.is_alphabetic() => {
                let is_part = |char: char| matches!(char, '_' | '-' | '.') || char.is_alphanumeric();
                let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
                self.at += end;
                match &rest[..end] {
                    "true" => Token::Bool(true),
                    "false" => Token::Bool(false),
                    name => Token::Identifier(name.to_owned()),
                }
            }
            _ => {
                let span = Span::new(start, start + first.len_utf8());
                let message = format!("`{}` is not part of HCL", first.escape_debug());
                return Err(ParseError::new(message, span));
            }
        };
        Ok((token, Span::new(start, self.at)))
    }

    /// All that may belong to a number; whether it is one is checked with its value.
    fn number(&mut self) -> Token {
        let bytes = self.rest().as_bytes();
        let is_hex = bytes.starts_with(b"0x") || bytes.starts_with(b"0X") || bytes.starts_with(b"-0x");
        let mut end = 1;
        while let Some(byte) = bytes.get(end) {
            let is_part = match byte {
                b'0'..=b'9' | b'.' => true,
                b'x' | b'X' | b'a'..=b'f' | b'A'..=b'F' if is_hex => true,
                b'e' | b'E' => true,
                b'+' | b'-' => matches!(bytes[end - 1], b'e' | b'E') && !is_hex,
                _ => false,
            };
            if !is_part {
                break;
            }
            end += 1;
        }
        self.at += end;
        Token::Number
    }

    /// A string in double quotes; what is between `${` and `}` is kept as it is, quotes and line breaks included.
    fn string(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        let mut out = String::new();
        let mut braces = 0usize;
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(char) = rest.chars().next().filter(|char| *char != '\n' || braces > 0) else {
                let span = Span::new(start, start + 1);
                return Err(ParseError::new("this string is never closed", span));
            };
            match char {
                '"' if braces == 0 => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => {
                    let begin = self.at;
                    let decoded = self.escape()?;
                    match braces {
                        0 => out.push(decoded),
                        _ => out.push_str(&self.text[begin..self.at]),
                    }
                    continue;
                }
                '$' if braces == 0 && rest.starts_with("${") => {
                    braces = 1;
                    out.push('$');
                    self.at += 1;
                }
                '{' if braces > 0 => braces += 1,
                '}' if braces > 0 => braces -= 1,
                _ => {}
            }
            let char = self.rest().chars().next().unwrap_or(char);
            out.push(char);
            self.at += char.len_utf8();
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.at;
        let rest = &self.rest()[1..];
        let letter = rest.chars().next().unwrap_or(' ');
        let (skip, radix, length) = match letter {
            'x' => (1, 16, 2),
            'u' => (1, 16, 4),
            'U' => (1, 16, 8),
            '0'..='7' => (0, 8, 3),
            _ => {
                let char = match letter {
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\u{b}',
                    '\\' | '"' => letter,
                    _ => {
                        let span = Span::new(start, start + 1 + letter.len_utf8().min(rest.len()));
                        let message = format!("unknown escape `\\{}`", letter.escape_debug());
                        return Err(ParseError::new(message, span));
                    }
                };
                self.at += 2;
                return Ok(char);
            }
        };
        let digits = rest
            .get(skip..skip + length)
            .filter(|digits| digits.chars().all(|char| char.is_digit(radix)));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
        let Some(char) = code.and_then(char::from_u32) else {
            let message = format!("`\\{letter}` is followed by {length} digits of a character");
            return Err(ParseError::new(message, Span::new(start, start + 2)));
        };
        self.at += 1 + skip + length;
        Ok(char)
    }

    /// `<<NAME` or `<<-NAME`, lines, and a line of the name.
    fn heredoc(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        let rest = self.rest();
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
        let marker = line.strip_suffix('\r').unwrap_or(line);
        let Some(name) = marker.strip_prefix("<<") else {
            return Err(ParseError::new("`<` is not part of HCL", Span::new(start, start + 1)));
        };
        let (is_indented, name) = name.strip_prefix('-').map_or((false, name), |name| (true, name));
        let span = Span::new(start, start + marker.len());
        if name.is_empty() || !name.chars().all(char::is_alphanumeric) {
            return Err(ParseError::new(
                "`<<` is followed by a name of letters and digits, and a line break",
                span,
            ));
        }
        let mut lines = Vec::new();
        let mut at = start + line.len() + 1;
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let end = rest.find('\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            let line = line.trim_end_matches('\r');
            if line.trim_start() == name {
                self.at = at + line.len();
                let indent = &line[..line.len() - name.len()];
                return Ok(joined(&lines, indent, is_indented));
            }
            let Some(end) = end else {
                let message = format!("this heredoc is never closed with `{name}`");
                return Err(ParseError::new(message, span));
            };
            lines.push(line);
            at += end + 1;
        }
    }
}

/// The lines of a heredoc, of an indented one without the indentation of its end where all have it.
fn joined(lines: &[&str], indent: &str, is_indented: bool) -> String {
    let strips = is_indented && lines.iter().all(|line| line.starts_with(indent));
    let indent = if strips { indent.len() } else { 0 };
    let mut out = String::new();
    for line in lines {
        out.push_str(&line[indent..]);
        out.push('\n');
    }
    out
}
