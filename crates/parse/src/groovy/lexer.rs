//! Groovy's tokens. Follows groovy-parser-go lexer/lexer.go; a string or comment without an end is an error here.

use super::token::{Kind, OPERATORS, Token};
use crate::ParseError;
use crate::document::Span;

/// The tokens of a text; the last is [`Kind::Eof`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        groups: Vec::new(),
        modes: Vec::new(),
    };
    if text.starts_with("#!") {
        lexer.at = text.find(['\n', '\r']).unwrap_or(text.len());
    }
    lexer.run()?;
    Ok(lexer.tokens)
}

/// Where the lexer is within strings.
enum Mode {
    /// In the text of a string; whether it has three quotes, and where it begins.
    Text(bool, usize),
    /// In `${…}`, and how many braces are open there.
    Code(usize),
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    /// The brackets that are open.
    groups: Vec<Kind>,
    modes: Vec<Mode>,
}

fn is_start(char: char) -> bool {
    char == '_' || char == '$' || char.is_alphabetic()
}

fn is_part(char: char) -> bool {
    is_start(char) || char.is_numeric()
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let span = Span::new(start, self.at);
        self.tokens.push(Token { kind, span });
    }

    fn last(&self) -> Option<Kind> {
        self.tokens.last().map(|token| token.kind)
    }

    fn unclosed<T>(&self, what: &str, start: usize, length: usize) -> Result<T, ParseError> {
        Err(ParseError::new(
            format!("this {what} is never closed"),
            Span::new(start, start + length),
        ))
    }

    fn run(&mut self) -> Result<(), ParseError> {
        loop {
            if let Some(Mode::Text(is_triple, start)) = self.modes.last() {
                let (is_triple, start) = (*is_triple, *start);
                self.modes.pop();
                self.string_text(self.at, is_triple, start, false)?;
                continue;
            }
            let breaks = self.skip()?;
            let ends = self.last().is_some_and(Kind::ends_statement);
            let is_grouped = matches!(self.groups.last(), Some(Kind::LParen | Kind::LBrack));
            if breaks && ends && !is_grouped && self.modes.is_empty() && !self.continues() {
                self.push(Kind::Semicolon, self.at);
            }
            if self.rest().is_empty() {
                self.push(Kind::Eof, self.at);
                return match self.modes.last() {
                    None => Ok(()),
                    Some(Mode::Text(_, start)) => self.unclosed("string", *start, 1),
                    Some(Mode::Code(_)) => {
                        let open = self.tokens.iter().rev().find(|token| token.kind == Kind::GStringBegin);
                        let start = open.map_or(0, |token| token.span.start as usize);
                        self.unclosed("string", start, 1)
                    }
                };
            }
            self.token()?;
        }
    }

    /// Skips blanks, comments and line breaks; whether there was a line break.
    fn skip(&mut self) -> Result<bool, ParseError> {
        let mut breaks = false;
        loop {
            let rest = self.rest();
            let start = self.at;
            if rest.starts_with([' ', '\t']) {
                self.at += 1;
            } else if rest.starts_with(['\n', '\r']) {
                breaks = true;
                self.at += 1;
            } else if rest.starts_with("\\\r\n") {
                self.at += 3;
            } else if rest.starts_with("\\\n") || rest.starts_with("\\\r") {
                self.at += 2;
            } else if rest.starts_with("//") {
                self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            } else if let Some(body) = rest.strip_prefix("/*") {
                let Some(end) = body.find("*/") else {
                    return self.unclosed("comment", start, 2);
                };
                breaks |= body[..end].contains(['\n', '\r']);
                self.at += end + 4;
            } else {
                return Ok(breaks);
            }
        }
    }

    /// Whether what follows goes on with the expression before a line break.
    fn continues(&self) -> bool {
        let rest = self.rest();
        ["?.", "?:", "??.", "*."].iter().any(|sign| rest.starts_with(sign)) || rest.starts_with('.')
    }

    fn token(&mut self) -> Result<(), ParseError> {
        let (start, rest) = (self.at, self.rest());
        match self.modes.last_mut() {
            Some(Mode::Code(0)) if rest.starts_with('}') => {
                self.modes.pop();
                self.at += 1;
                self.push(Kind::RBrace, start);
                self.group(Kind::RBrace);
                return Ok(());
            }
            Some(Mode::Code(open)) if rest.starts_with('}') => *open -= 1,
            Some(Mode::Code(open)) if rest.starts_with('{') => *open += 1,
            _ => {}
        }
        let first = rest.chars().next().unwrap_or(' ');
        match first {
            '$' if rest.starts_with("$/") => self.dollar_slashy(),
            '0'..='9' => {
                self.number();
                Ok(())
            }
            '.' if rest[1..].starts_with(|char: char| char.is_ascii_digit()) => {
                self.fraction(start);
                Ok(())
            }
            '\'' => self.single_quoted(),
            '"' => {
                let is_triple = rest.starts_with("\"\"\"");
                self.at += if is_triple { 3 } else { 1 };
                self.string_text(start, is_triple, start, true)
            }
            '/' if self.is_slashy(rest) => self.slashy(),
            _ if is_start(first) => {
                self.word();
                Ok(())
            }
            _ => self.operator(rest, first),
        }
    }

    fn is_slashy(&self, rest: &str) -> bool {
        rest.len() > 1 && !rest.starts_with("/=") && self.last().is_none_or(Kind::precedes_slashy)
    }

    fn operator(&mut self, rest: &str, first: char) -> Result<(), ParseError> {
        let start = self.at;
        let word = |word: &str| {
            let after = rest.strip_prefix('!').and_then(|rest| rest.strip_prefix(word));
            after.is_some_and(|rest| !rest.starts_with(is_part))
        };
        let found = if word("instanceof") {
            Some(("!instanceof", Kind::NotInstanceof))
        } else if word("in") {
            Some(("!in", Kind::NotIn))
        } else {
            OPERATORS.iter().find(|(text, _)| rest.starts_with(text)).copied()
        };
        let Some((text, kind)) = found else {
            let span = Span::new(start, start + first.len_utf8());
            let message = format!("`{}` is not part of Groovy", first.escape_debug());
            return Err(ParseError::new(message, span));
        };
        self.at += text.len();
        self.push(kind, start);
        self.group(kind);
        Ok(())
    }

    /// Notes the brackets that are open.
    fn group(&mut self, kind: Kind) {
        let open = match kind {
            Kind::LParen | Kind::LBrack | Kind::LBrace => return self.groups.push(kind),
            Kind::SafeIndex => return self.groups.push(Kind::LBrack),
            Kind::RParen => Kind::LParen,
            Kind::RBrack => Kind::LBrack,
            Kind::RBrace => Kind::LBrace,
            _ => return,
        };
        if self.groups.last() == Some(&open) {
            self.groups.pop();
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let text = &rest[..rest.find(|char| !is_part(char)).unwrap_or(rest.len())];
        self.at += text.len();
        let kind = match text {
            "true" | "false" => Kind::BoolLiteral,
            "null" => Kind::NullLiteral,
            _ => Kind::keyword(text).unwrap_or(name_kind(text)),
        };
        self.push(kind, start);
    }

    fn skip_while(&mut self, is_part: impl Fn(u8) -> bool) {
        let rest = self.rest().as_bytes();
        self.at += rest.iter().take_while(|byte| is_part(**byte)).count();
    }

    /// The exponent and the suffix of a number; whether it is a floating-point number for them.
    fn number_end(&mut self) -> bool {
        let mut is_float = false;
        if self.rest().starts_with(['e', 'E']) {
            is_float = true;
            self.at += 1;
            self.at += usize::from(self.rest().starts_with(['+', '-']));
            self.skip_while(|byte| byte.is_ascii_digit() || byte == b'_');
        }
        if self
            .rest()
            .starts_with(['l', 'L', 'i', 'I', 'f', 'F', 'd', 'D', 'g', 'G'])
        {
            is_float |= self.rest().starts_with(['f', 'F', 'd', 'D']);
            self.at += 1;
        }
        is_float
    }

    fn number(&mut self) {
        let start = self.at;
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'_';
        let rest = self.rest();
        let is_hex = rest.starts_with("0x") || rest.starts_with("0X");
        if is_hex || rest.starts_with("0b") || rest.starts_with("0B") {
            self.at += 2;
            self.skip_while(|byte| match is_hex {
                true => byte.is_ascii_hexdigit() || byte == b'_',
                false => matches!(byte, b'0' | b'1' | b'_'),
            });
            let is_float = is_hex && self.rest().starts_with(['f', 'F', 'd', 'D']);
            if self
                .rest()
                .starts_with(['l', 'L', 'i', 'I', 'f', 'F', 'd', 'D', 'g', 'G'])
            {
                self.at += 1;
            }
            self.push(if is_float { Kind::FloatLiteral } else { Kind::IntLiteral }, start);
            return;
        }
        self.skip_while(is_digit);
        let rest = self.rest().as_bytes();
        let mut is_float = false;
        if rest.first() == Some(&b'.') && rest.get(1).is_some_and(u8::is_ascii_digit) {
            is_float = true;
            self.at += 1;
            self.skip_while(is_digit);
        }
        is_float |= self.number_end();
        self.push(if is_float { Kind::FloatLiteral } else { Kind::IntLiteral }, start);
    }

    fn fraction(&mut self, start: usize) {
        self.at += 1;
        self.skip_while(|byte| byte.is_ascii_digit() || byte == b'_');
        self.number_end();
        self.push(Kind::FloatLiteral, start);
    }

    fn single_quoted(&mut self) -> Result<(), ParseError> {
        let start = self.at;
        let is_triple = self.rest().starts_with("'''");
        let close = if is_triple { "'''" } else { "'" };
        self.at += close.len();
        loop {
            let rest = self.rest();
            let stops: &[char] = if is_triple {
                &['\'', '\\']
            } else {
                &['\'', '\\', '\n', '\r']
            };
            let Some(found) = rest.find(stops) else {
                return self.unclosed("string", start, close.len());
            };
            self.at += found;
            let rest = self.rest();
            if let Some(escaped) = rest.strip_prefix('\\') {
                self.at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
                if self.text[..self.at].ends_with("\\\r") && self.rest().starts_with('\n') {
                    self.at += 1;
                }
            } else if rest.starts_with(close) {
                self.at += close.len();
                self.push(Kind::StringLiteral, start);
                return Ok(());
            } else if is_triple {
                self.at += 1;
            } else {
                return self.unclosed("string", start, close.len());
            }
        }
    }

    /// The text of a string in double quotes that began at `open`, up to its end or its next `$`.
    fn string_text(&mut self, start: usize, is_triple: bool, open: usize, is_first: bool) -> Result<(), ParseError> {
        let close = if is_triple { "\"\"\"" } else { "\"" };
        loop {
            let rest = self.rest();
            let stops: &[char] = if is_triple {
                &['"', '\\', '$']
            } else {
                &['"', '\\', '$', '\n', '\r']
            };
            let Some(found) = rest.find(stops) else {
                return self.unclosed("string", open, close.len());
            };
            self.at += found;
            let rest = self.rest();
            if let Some(escaped) = rest.strip_prefix('\\') {
                self.at += 1 + escaped.chars().next().map_or(0, char::len_utf8);
            } else if rest.starts_with('$') {
                self.at += 1;
                let is_code = self.rest().starts_with('{');
                if is_code
                    || self
                        .rest()
                        .starts_with(|char: char| char == '_' || char.is_alphabetic())
                {
                    self.push(
                        if is_first {
                            Kind::GStringBegin
                        } else {
                            Kind::GStringPart
                        },
                        start,
                    );
                    self.modes.push(Mode::Text(is_triple, open));
                    match is_code {
                        true => self.code(),
                        false => self.path(),
                    }
                    return Ok(());
                }
            } else if rest.starts_with(close) {
                self.at += close.len();
                self.push(if is_first { Kind::GStringFull } else { Kind::GStringEnd }, start);
                return Ok(());
            } else if is_triple {
                self.at += 1;
            } else {
                return self.unclosed("string", open, close.len());
            }
        }
    }

    /// The `{` of `${…}`.
    fn code(&mut self) {
        let start = self.at;
        self.at += 1;
        self.push(Kind::LBrace, start);
        self.group(Kind::LBrace);
        self.modes.push(Mode::Code(0));
    }

    /// `$name.name`.
    fn path(&mut self) {
        loop {
            let start = self.at;
            let rest = self.rest();
            let name = &rest[..rest.find(|char| !is_part(char)).unwrap_or(rest.len())];
            self.at += name.len();
            self.push(name_kind(name), start);
            let rest = self.rest();
            if !rest.starts_with('.') || !rest[1..].starts_with(is_start) {
                return;
            }
            let dot = self.at;
            self.at += 1;
            self.push(Kind::Dot, dot);
        }
    }

    fn slashy(&mut self) -> Result<(), ParseError> {
        let start = self.at;
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(found) = rest.find(['/', '\\']) else {
                return self.unclosed("string", start, 1);
            };
            self.at += found + 1;
            if rest[found..].starts_with('/') {
                self.push(Kind::SlashyStringLit, start);
                return Ok(());
            }
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        }
    }

    fn dollar_slashy(&mut self) -> Result<(), ParseError> {
        let start = self.at;
        self.at += 2;
        loop {
            let rest = self.rest();
            let Some(found) = rest.find(['/', '$']) else {
                return self.unclosed("string", start, 2);
            };
            self.at += found;
            let rest = self.rest();
            if rest.starts_with("/$") {
                self.at += 2;
                self.push(Kind::DollarSlashyStringLit, start);
                return Ok(());
            }
            self.at += if rest.starts_with("$$") || rest.starts_with("$/") {
                2
            } else {
                1
            };
        }
    }
}

fn name_kind(name: &str) -> Kind {
    match name.starts_with(char::is_uppercase) {
        true => Kind::CapitalizedIdentifier,
        false => Kind::Identifier,
    }
}
