//! The tokens of a template.
//!
//! Follows Go 1.26 text/template/parse/lex.go

use crate::text::{Charset, quote};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Dot,
    Nil,
    Keyword(Keyword),
}

/// The words that control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// Its text; of an error, the message.
    pub(super) text: std::borrow::Cow<'t, str>,
    pub(super) line: usize,
}

impl Token<'_> {
    /// The token as an error shows it.
    pub(super) fn shown(&self) -> String {
        match self.kind {
            Kind::Eof => "EOF".to_owned(),
            Kind::Error => self.text.to_string(),
            Kind::Keyword(_) | Kind::Dot | Kind::Nil => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let start: String = self.text.chars().take(10).collect();
                format!("{}...", quote(&start, Charset::Unicode))
            }
            _ => quote(&self.text, Charset::Unicode),
        }
    }
}

const LEFT: &str = "{{";
const RIGHT: &str = "}}";

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    inside: bool,
    parentheses: usize,
    failed: bool,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            inside: false,
            parentheses: 0,
            failed: false,
        }
    }

    pub(super) fn next(&mut self) -> Token<'t> {
        if self.failed {
            return self.token(Kind::Eof, self.at, self.line);
        }
        if self.inside { self.action() } else { self.outside() }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips so many bytes and counts their lines.
    fn skip(&mut self, length: usize) {
        self.line += self.text[self.at..self.at + length].matches('\n').count();
        self.at += length;
    }

    /// The token from `start` to here.
    fn token(&self, kind: Kind, start: usize, line: usize) -> Token<'t> {
        Token {
            kind,
            at: start,
            text: self.text[start..self.at].into(),
            line,
        }
    }

    fn error(&mut self, start: usize, line: usize, message: String) -> Token<'t> {
        self.failed = true;
        Token {
            kind: Kind::Error,
            at: start,
            text: message.into(),
            line,
        }
    }

    /// Text up to the next action, or that action's left delimiter.
    fn outside(&mut self) -> Token<'t> {
        loop {
            let (start, line) = (self.at, self.line);
            let Some(found) = self.rest().find(LEFT) else {
                self.skip(self.rest().len());
                let kind = if self.at > start { Kind::Text } else { Kind::Eof };
                return self.token(kind, start, line);
            };
            if found > 0 {
                let text = &self.rest()[..found];
                let trims = has_left_trim(&self.rest()[found + LEFT.len()..]);
                let kept = if trims {
                    text.trim_end_matches(is_space).len()
                } else {
                    found
                };
                self.skip(kept);
                let token = self.token(Kind::Text, start, line);
                self.skip(found - kept);
                if kept > 0 {
                    return token;
                }
            }
            let (start, line) = (self.at, self.line);
            let trim = if has_left_trim(&self.rest()[LEFT.len()..]) {
                2
            } else {
                0
            };
            if self.rest()[LEFT.len() + trim..].starts_with("/*") {
                self.skip(LEFT.len() + trim);
                if let Err(message) = self.comment() {
                    return self.error(self.at, self.line, message.to_owned());
                }
                continue;
            }
            self.at += LEFT.len();
            let token = self.token(Kind::LeftDelim, start, line);
            self.skip(trim);
            self.inside = true;
            self.parentheses = 0;
            return token;
        }
    }

    fn comment(&mut self) -> Result<(), &'static str> {
        let end = self.rest()[2..].find("*/").ok_or("unclosed comment")? + 4;
        let after = &self.rest()[end..];
        let trims = closes_with_trim(after);
        if !trims && !after.starts_with(RIGHT) {
            return Err("comment ends before closing delimiter");
        }
        self.skip(end + RIGHT.len() + if trims { 2 } else { 0 });
        if trims {
            self.trim_start();
        }
        Ok(())
    }

    fn trim_start(&mut self) {
        self.skip(self.rest().len() - self.rest().trim_start_matches(is_space).len());
    }

    fn right(&mut self) -> Token<'t> {
        let trims = closes_with_trim(self.rest());
        self.skip(if trims { 2 } else { 0 });
        let (start, line) = (self.at, self.line);
        self.at += RIGHT.len();
        let token = self.token(Kind::RightDelim, start, line);
        if trims {
            self.trim_start();
        }
        self.inside = false;
        token
    }

    fn action(&mut self) -> Token<'t> {
        let (start, line) = (self.at, self.line);
        if self.rest().starts_with(RIGHT) || closes_with_trim(self.rest()) {
            if self.parentheses > 0 {
                return self.error(start, line, "unclosed left paren".to_owned());
            }
            return self.right();
        }
        let Some(first) = self.peek() else {
            return self.error(start, line, "unclosed action".to_owned());
        };
        if is_space(first) {
            return self.spaces();
        }
        self.skip(first.len_utf8());
        let kind = match first {
            '=' => Kind::Assign,
            ':' if self.rest().starts_with('=') => {
                self.at += 1;
                Kind::Declare
            }
            ':' => return self.error(start, line, "expected :=".to_owned()),
            '|' => Kind::Pipe,
            '"' => return self.quoted('"', Kind::String, "unterminated quoted string"),
            '\'' => return self.quoted('\'', Kind::CharConstant, "unterminated character constant"),
            '`' => return self.raw(),
            '$' => return self.word_after(Kind::Variable, Kind::Variable),
            '.' if self.peek().is_some_and(|next| !next.is_ascii_digit()) => {
                return self.word_after(Kind::Dot, Kind::Field);
            }
            '.' | '+' | '-' | '0'..='9' => return self.number(start),
            '(' => {
                self.parentheses += 1;
                Kind::LeftParen
            }
            ')' if self.parentheses == 0 => {
                return self.error(start, line, "unexpected right paren".to_owned());
            }
            ')' => {
                self.parentheses -= 1;
                Kind::RightParen
            }
            _ if is_alphanumeric(first) => return self.identifier(start),
            ' '..='~' => Kind::Char,
            _ => {
                let shown = code_point(first);
                return self.error(start, line, format!("unrecognized character in action: {shown}"));
            }
        };
        self.token(kind, start, line)
    }

    /// Spaces, but for one that belongs to a trim marker.
    fn spaces(&mut self) -> Token<'t> {
        let (start, line) = (self.at, self.line);
        let count = self.rest().len() - self.rest().trim_start_matches(is_space).len();
        let last = self.at + count - 1;
        if closes_with_trim(&self.text[last..]) {
            if count == 1 {
                return self.right();
            }
            self.skip(count - 1);
        } else {
            self.skip(count);
        }
        self.token(Kind::Space, start, line)
    }

    /// A `.` or `$` alone, or with the word that follows.
    fn word_after(&mut self, alone: Kind, with_word: Kind) -> Token<'t> {
        let (start, line) = (self.at - 1, self.line);
        if self.at_terminator() {
            return self.token(alone, start, line);
        }
        self.word();
        if !self.at_terminator() {
            return self.bad_character(start, line);
        }
        self.token(with_word, start, line)
    }

    fn word(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_alphanumeric).len();
    }

    fn bad_character(&mut self, start: usize, line: usize) -> Token<'t> {
        let shown = self.peek().map_or_else(|| "U+FFFFFFFFFFFFFFFF".to_owned(), code_point);
        self.error(start, line, format!("bad character {shown}"))
    }

    fn identifier(&mut self, start: usize) -> Token<'t> {
        self.word();
        if !self.at_terminator() {
            return self.bad_character(start, self.line);
        }
        let kind = match &self.text[start..self.at] {
            "block" => Kind::Keyword(Keyword::Block),
            "break" => Kind::Keyword(Keyword::Break),
            "continue" => Kind::Keyword(Keyword::Continue),
            "define" => Kind::Keyword(Keyword::Define),
            "else" => Kind::Keyword(Keyword::Else),
            "end" => Kind::Keyword(Keyword::End),
            "if" => Kind::Keyword(Keyword::If),
            "range" => Kind::Keyword(Keyword::Range),
            "template" => Kind::Keyword(Keyword::Template),
            "with" => Kind::Keyword(Keyword::With),
            "nil" => Kind::Nil,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.token(kind, start, self.line)
    }

    /// Whether what follows may follow a word.
    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(next) => is_space(next) || self.rest().starts_with(RIGHT),
        }
    }

    /// A constant in quotes; the first is behind.
    fn quoted(&mut self, close: char, kind: Kind, unterminated: &str) -> Token<'t> {
        let (start, line) = (self.at - 1, self.line);
        let mut characters = self.rest().char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' if characters.next().is_some_and(|(_, next)| next != '\n') => {}
                '\\' | '\n' => break,
                _ if character == close => {
                    self.at += at + 1;
                    return self.token(kind, start, line);
                }
                _ => {}
            }
        }
        self.error(start, line, unterminated.to_owned())
    }

    fn raw(&mut self) -> Token<'t> {
        let (start, line) = (self.at - 1, self.line);
        let Some(end) = self.rest().find('`') else {
            return self.error(start, line, "unterminated raw quoted string".to_owned());
        };
        self.skip(end + 1);
        self.token(Kind::RawString, start, line)
    }

    fn number(&mut self, start: usize) -> Token<'t> {
        self.at = start;
        let good = self.scan_number();
        let signed = matches!(self.peek(), Some('+' | '-'));
        if !good || (signed && (!self.scan_number() || !self.text[..self.at].ends_with('i'))) {
            let shown = quote(&self.text[start..self.at], Charset::Unicode);
            return self.error(start, self.line, format!("bad number syntax: {shown}"));
        }
        let kind = if signed { Kind::Complex } else { Kind::Number };
        self.token(kind, start, self.line)
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().is_some_and(|next| valid.contains(next));
        self.at += usize::from(found);
        found
    }

    /// Skips what may be a number; whether it ends as one.
    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        while self.accept(digits) {}
        if self.accept(".") {
            while self.accept(digits) {}
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            while self.accept("0123456789_") {}
        }
        self.accept("i");
        match self.peek().filter(|next| is_alphanumeric(*next)) {
            Some(next) => {
                self.at += next.len_utf8();
                false
            }
            None => true,
        }
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || character.is_alphabetic() || character.is_numeric()
}

/// Whether what follows a left delimiter trims the text before it.
fn has_left_trim(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('-') && characters.next().is_some_and(is_space)
}

/// Whether a right delimiter follows that trims the text after it.
fn closes_with_trim(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(is_space) && characters.as_str().starts_with("-}}")
}

/// A character as Go's `%#U` shows it.
fn code_point(character: char) -> String {
    let code = u32::from(character);
    match crate::printable::is_printable(character) {
        true => format!("U+{code:04X} '{character}'"),
        false => format!("U+{code:04X}"),
    }
}
