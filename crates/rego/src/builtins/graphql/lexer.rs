//! The tokens of GraphQL.
//!
//! Follows gqlparser v2.5.64 lexer

use super::tree::Position;
use crate::text::{Charset, quote};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Invalid,
    End,
    Bang,
    Dollar,
    Amp,
    ParenL,
    ParenR,
    Spread,
    Colon,
    Equals,
    At,
    BracketL,
    BracketR,
    BraceL,
    BraceR,
    Pipe,
    Name,
    Int,
    Float,
    String,
    BlockString,
    Comment,
}

impl Kind {
    /// The kind as errors show it.
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Invalid => "<Invalid>",
            Self::End => "<EOF>",
            Self::Bang => "!",
            Self::Dollar => "$",
            Self::Amp => "&",
            Self::ParenL => "(",
            Self::ParenR => ")",
            Self::Spread => "...",
            Self::Colon => ":",
            Self::Equals => "=",
            Self::At => "@",
            Self::BracketL => "[",
            Self::BracketR => "]",
            Self::BraceL => "{",
            Self::BraceR => "}",
            Self::Pipe => "|",
            Self::Name => "Name",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::String => "String",
            Self::BlockString => "BlockString",
            Self::Comment => "Comment",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) at: Position,
}

impl Token {
    /// The token as errors show it.
    pub(super) fn shown(&self) -> String {
        match &*self.text {
            "" => self.kind.shown().to_owned(),
            text => format!("{} {}", self.kind.shown(), quote(text, Charset::Unicode)),
        }
    }
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// Characters before here, and before this line.
    characters: i64,
    line_start: i64,
    line: i64,
    is_prelude: bool,
    /// Why the last token that is invalid is that.
    pub(super) reason: String,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, is_prelude: bool) -> Self {
        Self {
            text,
            at: 0,
            characters: 0,
            line_start: 0,
            line: 1,
            is_prelude,
            reason: String::new(),
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, text: &str) {
        self.at += text.len();
        self.characters += i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    }

    /// A token that begins after so many characters.
    fn token(&self, kind: Kind, text: &str, start: i64) -> Token {
        Token {
            kind,
            text: text.to_owned(),
            at: Position {
                line: self.line,
                column: start - self.line_start + 1,
                is_prelude: self.is_prelude,
            },
        }
    }

    /// What is no token; it begins where it went wrong.
    fn invalid(&mut self, reason: impl Into<String>) -> Token {
        self.reason = reason.into();
        self.token(Kind::Invalid, "", self.characters)
    }

    /// A number that goes on with something else than a digit.
    fn invalid_number(&mut self, expected: &str) -> Token {
        // gqlparser shows a byte as a character.
        let next = self.rest().bytes().next();
        let next = next.map_or_else(|| "<EOF>".to_owned(), |byte| format!("\"{}\"", char::from(byte)));
        self.invalid(format!("Invalid number, {expected}: {next}."))
    }

    fn invalid_character(&mut self, first: char) -> Token {
        let byte = self.rest().bytes().next().unwrap_or_default();
        let reason = match first {
            '\0'..' ' => format!("Cannot contain the invalid character \"\\u{byte:04x}\""),
            '\'' => "Unexpected single quote character ('), did you mean to use a double quote (\")?".to_owned(),
            _ => format!("Cannot parse the unexpected character \"{}\".", char::from(byte)),
        };
        self.invalid(reason)
    }

    /// A string that has no end, or a character that it may not hold.
    fn invalid_string(&mut self) -> Token {
        match self.peek() {
            Some(next) if next < ' ' && !matches!(next, '\n' | '\r') => self.invalid(format!(
                "Invalid character within String: \"\\u{:04x}\".",
                u32::from(next)
            )),
            _ => self.invalid("Unterminated string."),
        }
    }

    /// An escape that there is not; the backslash is skipped.
    fn invalid_escape(&mut self) -> Token {
        self.skip("\\");
        let rest = self.rest();
        let length = match rest.chars().next() {
            // What is in braces is shown up to where it goes wrong, the brace included.
            Some('u') if rest.starts_with("u{") => {
                let digits = rest[2..].bytes().take(9).take_while(u8::is_ascii_hexdigit).count();
                2 + digits + usize::from(digits < 9 && rest[2 + digits..].starts_with('}'))
            }
            Some('u') => rest.char_indices().nth(5).map_or(rest.len(), |(at, _)| at),
            Some(first) => first.len_utf8(),
            None => return self.invalid("Invalid character escape sequence."),
        };
        self.invalid(format!("Invalid character escape sequence: \\{}.", &rest[..length]))
    }

    pub(super) fn next(&mut self) -> Token {
        self.space();
        let start = self.characters;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return self.token(Kind::End, "", start);
        };
        let punctuator = match first {
            '!' => Kind::Bang,
            '$' => Kind::Dollar,
            '&' => Kind::Amp,
            '(' => Kind::ParenL,
            ')' => Kind::ParenR,
            ':' => Kind::Colon,
            '=' => Kind::Equals,
            '@' => Kind::At,
            '[' => Kind::BracketL,
            ']' => Kind::BracketR,
            '{' => Kind::BraceL,
            '}' => Kind::BraceR,
            '|' => Kind::Pipe,
            '.' if rest.starts_with("...") => Kind::Spread,
            '#' => {
                let end = rest.find(|next: char| next < ' ' && next != '\t').unwrap_or(rest.len());
                self.skip(&rest[..end]);
                return self.token(Kind::Comment, &rest[..end], start);
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let end = rest.find(|next: char| next != '_' && !next.is_ascii_alphanumeric());
                let name = &rest[..end.unwrap_or(rest.len())];
                self.skip(name);
                return self.token(Kind::Name, name, start);
            }
            '-' | '0'..='9' => return self.number(),
            '"' if rest.starts_with("\"\"\"") => return self.block_string(),
            '"' => return self.string(),
            _ => return self.invalid_character(first),
        };
        self.skip(if punctuator == Kind::Spread { "..." } else { &rest[..1] });
        self.token(punctuator, "", start)
    }

    fn space(&mut self) {
        while let Some(next) = self.peek() {
            match next {
                '\t' | ' ' | ',' | '\u{feff}' => self.skip(next.encode_utf8(&mut [0; 4])),
                '\n' | '\r' => {
                    self.skip(&self.rest()[..1]);
                    self.line += 1;
                    self.line_start = self.characters;
                    if next == '\r' && self.rest().starts_with('\n') {
                        self.skip("\n");
                    }
                }
                _ => return,
            }
        }
    }

    fn digits(&mut self) -> usize {
        let rest = self.rest();
        let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        self.skip(digits);
        digits.len()
    }

    fn accept(&mut self, any: &[char]) -> bool {
        let found = self.peek().is_some_and(|next| any.contains(&next));
        if found {
            self.skip(&self.rest()[..1]);
        }
        found
    }

    fn number(&mut self) -> Token {
        let (begin, start) = (self.at, self.characters);
        self.accept(&['-']);
        if self.accept(&['0']) {
            let (at, characters) = (self.at, self.characters);
            if self.digits() > 0 {
                (self.at, self.characters) = (at, characters);
                return self.invalid_number("unexpected digit after 0");
            }
        } else if self.digits() == 0 {
            return self.invalid_number("expected digit but got");
        }
        let mut kind = Kind::Int;
        if self.accept(&['.']) {
            kind = Kind::Float;
            if self.digits() == 0 {
                return self.invalid_number("expected digit but got");
            }
        }
        if self.accept(&['e', 'E']) {
            kind = Kind::Float;
            self.accept(&['-', '+']);
            if self.digits() == 0 {
                return self.invalid_number("expected digit but got");
            }
        }
        self.token(kind, &self.text[begin..self.at], start)
    }

    fn string(&mut self) -> Token {
        self.skip("\"");
        let start = self.characters;
        let mut out = String::new();
        while let Some(next) = self.peek() {
            match next {
                '\n' | '\r' => break,
                '"' => {
                    let token = self.token(Kind::String, &out, start);
                    self.skip("\"");
                    return token;
                }
                '\\' => match self.escape() {
                    Some(character) => out.push(character),
                    None => return self.invalid_escape(),
                },
                '\0'..' ' if next != '\t' => break,
                _ => {
                    out.push(next);
                    self.skip(next.encode_utf8(&mut [0; 4]));
                }
            }
        }
        self.invalid_string()
    }

    /// The character of an escape, which is skipped.
    fn escape(&mut self) -> Option<char> {
        let rest = &self.rest()[1..];
        let simple = match rest.chars().next()? {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            quote @ ('"' | '/' | '\\') => quote,
            'u' => return self.unicode_escape(),
            _ => return None,
        };
        self.skip(&self.rest()[..2]);
        Some(simple)
    }

    fn unicode_escape(&mut self) -> Option<char> {
        let rest = self.rest();
        let hex = |digits: &str| match digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            true => u32::from_str_radix(digits, 16).ok(),
            false => None,
        };
        if let Some(braced) = rest.strip_prefix("\\u{") {
            let digits = &braced[..braced.find('}').filter(|length| (1..=8).contains(length))?];
            let character = char::from_u32(hex(digits)?)?;
            self.skip(&rest[..digits.len() + 4]);
            return Some(character);
        }
        // One byte has to follow, or else the string cannot end.
        let code = rest.get(2..6).filter(|_| rest.len() > 6).and_then(hex)?;
        self.skip(&rest[..6]);
        let rest = self.rest();
        let low = rest.strip_prefix("\\u").filter(|_| rest.len() > 6);
        let low = low.and_then(|rest| rest.get(..4)).and_then(hex);
        if (0xd800..0xdc00).contains(&code)
            && let Some(low @ 0xdc00..=0xdfff) = low
        {
            self.skip(&rest[..6]);
            return char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
        }
        Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn block_string(&mut self) -> Token {
        self.skip("\"\"\"");
        let start = self.characters;
        let mut out = String::new();
        while let Some(next) = self.peek() {
            let rest = self.rest();
            let quotes = rest.len() - rest.trim_start_matches('"').len();
            if quotes >= 3 {
                out.push_str(&rest[..quotes - 3]);
                let token = self.token(Kind::BlockString, &block_value(&out), start);
                self.skip(&rest[..quotes]);
                return token;
            }
            match next {
                '\\' if rest.starts_with("\\\"\"\"") => {
                    out.push_str("\"\"\"");
                    self.skip(&rest[..4]);
                }
                '\n' | '\r' => {
                    out.push('\n');
                    self.skip(if rest.starts_with("\r\n") {
                        &rest[..2]
                    } else {
                        &rest[..1]
                    });
                    self.line += 1;
                    self.line_start = self.characters;
                }
                '\0'..' ' if next != '\t' => break,
                _ => {
                    out.push(next);
                    self.skip(next.encode_utf8(&mut [0; 4]));
                }
            }
        }
        self.invalid_string()
    }
}

/// A block string without the indentation that its lines share, and without empty lines around it.
fn block_value(raw: &str) -> String {
    let mut lines: Vec<&str> = raw.split('\n').collect();
    let indent = |line: &str| line.find(|next| next != ' ' && next != '\t');
    let shared = lines.iter().filter_map(|line| indent(line)).min();
    if let Some(shared) = shared {
        for line in &mut lines[1..] {
            *line = line.get(shared..).unwrap_or_default();
        }
    }
    let first = lines.iter().position(|line| indent(line).is_some());
    let last = lines.iter().rposition(|line| indent(line).is_some());
    match (first, last) {
        (Some(first), Some(last)) => lines[first..=last].join("\n"),
        _ => String::new(),
    }
}
