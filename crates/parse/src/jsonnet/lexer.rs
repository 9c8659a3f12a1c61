//! Jsonnet's tokens.

use std::rc::Rc;

use super::tree::At;
use crate::ParseError;
use crate::document::Span;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Identifier(Rc<str>),
    /// A reserved word.
    Word(&'static str),
    /// A bracket, `,`, `.` or `;`, or a run of operator characters.
    Sign(Rc<str>),
    Number(f64),
    String(Rc<str>),
    End,
}

const WORDS: &[&str] = &[
    "assert",
    "else",
    "error",
    "false",
    "for",
    "function",
    "if",
    "import",
    "importstr",
    "importbin",
    "in",
    "local",
    "null",
    "tailstrict",
    "then",
    "self",
    "super",
    "true",
];

/// How long a run of operator characters is looked at; no operator is as long.
const MAX_OPERATOR: usize = 64;

/// The tokens of a file, the last of which is [`Token::End`].
pub(super) fn tokens(text: &str, file: u32) -> Result<Vec<(Token, At)>, ParseError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank()?;
        let start = lexer.at;
        let token = lexer.token()?;
        let is_end = token == Token::End;
        let span = Span::new(start, lexer.at);
        tokens.push((token, At { file, span }));
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if let Some(body) = rest.strip_prefix("/*") {
                let Some(length) = body.find("*/") else {
                    let span = Span::new(self.at, self.at + 2);
                    return Err(ParseError::new("this comment is never closed", span));
                };
                self.at += length + 4;
            } else if blank == 0 {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token::End);
        };
        match first {
            '{' | '}' | '[' | ']' | '(' | ')' | ',' | '.' | ';' => {
                self.at += 1;
                Ok(Token::Sign(self.text[start..self.at].into()))
            }
            '0'..='9' => self.number(),
            '"' | '\'' => self.quoted(first),
            '@' if self.rest()[1..].starts_with(['"', '\'']) => self.verbatim(),
            '_' | 'a'..='z' | 'A'..='Z' => {
                let rest = self.rest();
                let end = rest
                    .find(|char: char| !char.is_ascii_alphanumeric() && char != '_')
                    .unwrap_or(rest.len());
                let name = &rest[..end];
                let token = match WORDS.iter().find(|word| **word == name) {
                    Some(word) => Token::Word(word),
                    None => Token::Identifier(name.into()),
                };
                self.at += end;
                Ok(token)
            }
            _ if self.rest().starts_with("|||") => self.block(),
            _ if is_operator(first) => Ok(self.operator()),
            _ => {
                let span = Span::new(start, start + first.len_utf8());
                let message = format!("`{}` is not part of Jsonnet", first.escape_debug());
                Err(ParseError::new(message, span))
            }
        }
    }

    /// As many operator characters as follow each other; the signs of an operand after an operator are tokens of
    /// their own.
    fn operator(&mut self) -> Token {
        let rest = self.rest();
        let mut end = 0;
        for (at, char) in rest.char_indices().take(MAX_OPERATOR) {
            let comment = ["//", "/*", "|||"].iter().any(|open| rest[at..].starts_with(open));
            if !is_operator(char) || (comment && at > 0) {
                break;
            }
            end = at + 1;
        }
        let run = rest[..end].trim_end_matches(['+', '-', '~', '!', '$']);
        let length = run.len().max(1);
        let sign = rest[..length].into();
        self.at += length;
        Token::Sign(sign)
    }

    fn number(&mut self) -> Result<Token, ParseError> {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| {
            let mut at = from;
            while bytes.get(at).is_some_and(u8::is_ascii_digit)
                || (at > from && bytes.get(at) == Some(&b'_') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
            {
                at += 1;
            }
            at
        };
        let start = self.at;
        let bad = |at: usize| {
            let message = format!("`{}` is not a number", &self.text[start..at]);
            ParseError::new(message, Span::new(start, at))
        };
        let mut end = digits(start);
        if bytes[start] == b'0' && end > start + 1 {
            return Err(bad(end).with_help("a number does not begin with 0"));
        }
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction == end + 1 {
                return Err(bad(end + 1).with_help("write a digit after the point"));
            }
            end = fraction;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent == end + 1 + sign {
                return Err(bad(end + 1).with_help("write a digit after the `e`"));
            }
            end = exponent;
        }
        let number: f64 = self.text[start..end].replace('_', "").parse().map_err(|_| bad(end))?;
        if number.is_infinite() {
            return Err(ParseError::new(
                "overflow: the number is too large",
                Span::new(start, end),
            ));
        }
        self.at = end;
        Ok(Token::Number(number))
    }

    fn unclosed(start: usize) -> ParseError {
        ParseError::new("this string is never closed", Span::new(start, start + 1))
    }

    fn verbatim(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        let quote = &self.text[start + 1..start + 2];
        let double = quote.repeat(2);
        let mut end = start + 2;
        loop {
            let Some(found) = self.text[end..].find(quote) else {
                return Err(Self::unclosed(start));
            };
            end += found;
            if !self.text[end..].starts_with(&double) {
                break;
            }
            end += 2;
        }
        self.at = end + 1;
        Ok(Token::String(self.text[start + 2..end].replace(&double, quote).into()))
    }

    fn quoted(&mut self, quote: char) -> Result<Token, ParseError> {
        let start = self.at;
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(found) = rest.find([quote, '\\']) else {
                return Err(Self::unclosed(start));
            };
            out.push_str(&rest[..found]);
            self.at += found;
            if self.rest().starts_with(quote) {
                self.at += 1;
                return Ok(Token::String(out.into()));
            }
            let Some(char) = self.escape()? else {
                return Err(Self::unclosed(start));
            };
            out.push(char);
        }
    }

    /// The character that an escape stands for; none at the end of the file.
    fn escape(&mut self) -> Result<Option<char>, ParseError> {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.rest().chars().next() else {
            return Ok(None);
        };
        self.at += letter.len_utf8();
        let char = match letter {
            '"' | '\'' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let code = self.hexadecimal(start)?;
                return self.surrogate(code, start).map(Some);
            }
            _ => {
                let message = format!("unknown escape `\\{}`", letter.escape_debug());
                return Err(ParseError::new(message, Span::new(start, self.at)));
            }
        };
        Ok(Some(char))
    }

    fn hexadecimal(&mut self, start: usize) -> Result<u32, ParseError> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| {
            ParseError::new(
                "`\\u` is followed by four hexadecimal digits",
                Span::new(start, self.at),
            )
        })?;
        self.at += 4;
        Ok(code)
    }

    fn surrogate(&mut self, code: u32, start: usize) -> Result<char, ParseError> {
        if let Some(char) = char::from_u32(code) {
            return Ok(char);
        }
        let next = self.rest().starts_with("\\u");
        if next && code < 0xDC00 {
            self.at += 2;
            let low = self.hexadecimal(start)?;
            if (0xDC00..0xE000).contains(&low) {
                let both = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(both).unwrap_or('\u{FFFD}'));
            }
        }
        let span = Span::new(start, self.at);
        Err(ParseError::new("half of a surrogate pair is not a character", span))
    }

    /// A text block: `|||`, lines with the indentation of the first, and `|||` with less.
    fn block(&mut self) -> Result<Token, ParseError> {
        let start = self.at;
        let open = Span::new(start, start + 3);
        self.at += 3;
        let chomps = self.rest().starts_with('-');
        self.at += usize::from(chomps);
        let first = self
            .rest()
            .find('\n')
            .filter(|end| self.rest()[..*end].trim().is_empty());
        let Some(first) = first else {
            return Err(ParseError::new("`|||` is followed by a line break", open));
        };
        self.at += first + 1;
        let mut out = String::new();
        let mut indent = None;
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let line = rest[..end].strip_suffix('\n').unwrap_or(&rest[..end]);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() && !rest.is_empty() {
                out.push('\n');
                self.at += end;
                continue;
            }
            let blank = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            let indent = *indent.get_or_insert(blank);
            if indent.is_empty() {
                let message = "the first line of a text block is indented";
                return Err(ParseError::new(message, Span::new(self.at, self.at + line.len())));
            }
            if let Some(content) = line.strip_prefix(indent) {
                if rest.is_empty() {
                    return Err(ParseError::new("this text block is never closed", open));
                }
                out.push_str(content);
                out.push('\n');
                self.at += end;
            } else if line[blank.len()..].starts_with("|||") {
                self.at += blank.len() + 3;
                break;
            } else {
                return Err(ParseError::new("this text block is never closed with `|||`", open));
            }
        }
        if chomps {
            out.pop();
        }
        Ok(Token::String(out.into()))
    }
}

fn is_operator(char: char) -> bool {
    "!$:~+-&|^=<>*/%".contains(char)
}
