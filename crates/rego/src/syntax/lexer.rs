//! From text to tokens and comments, with every error of the characters themselves.

use std::sync::Arc;

use super::SyntaxError;
use super::token::{Kind, Token};
use super::tree::Comment;
use kpolicy_value::Span;

/// What a text consists of.
pub(super) struct Lexed {
    /// The tokens; the last is [`Kind::End`].
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Comment>,
    pub(super) lexical: Vec<SyntaxError>,
}

/// The tokens of `text`.
pub(super) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer::new(text);
    while lexer.token() {}
    lexer.lexed.lexical.extend(forbidden_characters(text));
    lexer.lexed
}

/// An open template: whether it is raw, and how many braces are open in its expression.
struct Template {
    raw: bool,
    braces: usize,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    templates: Vec<Template>,
    lexed: Lexed,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        let lexed = Lexed {
            tokens: Vec::with_capacity(text.len() / 4),
            comments: Vec::new(),
            lexical: Vec::new(),
        };
        Self {
            text,
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            templates: Vec::new(),
            lexed,
        }
    }

    /// Reads one token; false at the end.
    fn token(&mut self) -> bool {
        let (spaced, on_new_line) = self.skip_blanks();
        let start = self.at;
        let kind = match self.peek() {
            None => Kind::End,
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => self.word(),
            Some(b'0'..=b'9') => self.number(),
            Some(b'"') => self.string(),
            Some(b'`') => self.raw_string(),
            Some(b'$') => self.template_start(),
            Some(byte) => self.punctuation(byte),
        };
        self.push(kind, start, spaced, on_new_line);
        if kind == Kind::RightBrace {
            self.close_brace();
        }
        kind != Kind::End
    }

    fn push(&mut self, kind: Kind, start: usize, spaced: bool, on_new_line: bool) {
        self.lexed.tokens.push(Token {
            kind,
            start,
            end: self.at,
            spaced,
            on_new_line,
        });
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The character at the current place.
    fn character(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn error(&mut self, start: usize, message: &str, help: &str) -> Kind {
        let span = Span::new(start, self.at.max(start));
        self.lexed.lexical.push(SyntaxError::new(message, span).with_help(help));
        Kind::Illegal
    }

    /// Passes over blanks and comments: whether there were any, and whether a newline was among them.
    fn skip_blanks(&mut self) -> (bool, bool) {
        let start = self.at;
        let mut newline = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => newline = true,
                b' ' | b'\t' | b'\r' => {}
                b'#' => {
                    self.comment();
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        (self.at > start, newline)
    }

    fn comment(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        self.at += line.len();
        let line = line.trim_end_matches('\r');
        self.lexed.comments.push(Comment {
            text: Arc::from(&line[1..]),
            span: Span::new(start, start + line.len()),
        });
    }

    fn word(&mut self) -> Kind {
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' => self.at += 1,
                0x80.. => match self.character().filter(|character| is_digit(*character)) {
                    Some(digit) => self.at += digit.len_utf8(),
                    None => break,
                },
                _ => break,
            }
        }
        Kind::of_word(&self.text[start..self.at])
    }

    fn number(&mut self) -> Kind {
        let start = self.at;
        let digits = |byte: u8| byte.is_ascii_digit();
        self.skip_while(digits);
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.peek().is_some_and(digits) {
                return self.error(
                    start,
                    "a number ends with its point",
                    "write the digits after the point",
                );
            }
            self.skip_while(digits);
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.peek().is_some_and(digits) {
                return self.error(
                    start,
                    "a number has no digits in its exponent",
                    "write them after the `e`",
                );
            }
            self.skip_while(digits);
        }
        if matches!(self.peek(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_')) {
            self.word();
            return self.error(
                start,
                "a number is followed by letters",
                "a name starts with a letter or `_`",
            );
        }
        Kind::Number
    }

    fn string(&mut self) -> Kind {
        let start = self.at;
        let lexical = self.lexed.lexical.len();
        self.at += 1;
        loop {
            match self.character() {
                None | Some('\n') => return self.unclosed_string(start),
                Some('"') => {
                    self.at += 1;
                    let is_right = self.lexed.lexical.len() == lexical;
                    return if is_right { Kind::String } else { Kind::Illegal };
                }
                Some('\\') => self.escape(),
                Some(other) => self.at += other.len_utf8(),
            }
        }
    }

    fn unclosed_string(&mut self, start: usize) -> Kind {
        self.templates.clear();
        self.error(
            start,
            "a string is not closed on its line",
            "close it with `\"`; use backquotes for a string of several lines",
        )
    }

    /// Passes over an escape; whether its digits are right is seen when the string is read.
    fn escape(&mut self) {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'\\' | b'"' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                for _ in 0..4 {
                    self.at += self.character().map_or(0, char::len_utf8);
                }
            }
            _ => {
                self.error(
                    start,
                    "unknown escape in a string",
                    "write `\\\\` for a backslash, or put the text, such as a pattern, between backquotes",
                );
            }
        }
    }

    fn raw_string(&mut self) -> Kind {
        let start = self.at;
        match self.text[start + 1..].find('`') {
            Some(length) => {
                self.at = start + length + 2;
                Kind::RawString
            }
            None => self.unclosed_raw_string(start),
        }
    }

    fn unclosed_raw_string(&mut self, start: usize) -> Kind {
        self.templates.clear();
        self.at = start + 1;
        self.error(start, "a raw string is never closed", "close it with a backquote");
        self.at = self.text.len();
        Kind::Illegal
    }

    fn template_start(&mut self) -> Kind {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"') => self.template(start, false),
            Some(b'`') => self.template(start, true),
            _ => self.error(
                start,
                "unexpected character `$`",
                "a template string starts with `$\"` or `` $` ``",
            ),
        }
    }

    /// Reads a template's text after the byte that opens it.
    fn template(&mut self, start: usize, raw: bool) -> Kind {
        self.at += 1;
        loop {
            match self.character() {
                None if raw => return self.unclosed_raw_string(start),
                None => return self.unclosed_string(start),
                Some('\n') if !raw => return self.unclosed_string(start),
                Some('{') => {
                    self.at += 1;
                    self.templates.push(Template { raw, braces: 0 });
                    return if raw { Kind::RawTemplatePart } else { Kind::TemplatePart };
                }
                Some('"') if !raw => {
                    self.at += 1;
                    return Kind::TemplateEnd;
                }
                Some('`') if raw => {
                    self.at += 1;
                    return Kind::RawTemplateEnd;
                }
                Some('\\') if self.text[self.at + 1..].starts_with('{') => self.at += 2,
                Some('\\') if !raw => self.escape(),
                Some(other) => self.at += other.len_utf8(),
            }
        }
    }

    /// Goes on with a template's text where the brace just read ends its expression.
    fn close_brace(&mut self) {
        let Some(template) = self.templates.last_mut() else {
            return;
        };
        if template.braces > 0 {
            template.braces -= 1;
            return;
        }
        let raw = template.raw;
        self.templates.pop();
        let start = self.at - 1;
        self.at = start;
        let kind = self.template(start, raw);
        self.push(kind, start, false, false);
    }

    fn punctuation(&mut self, byte: u8) -> Kind {
        let start = self.at;
        let next = self.text.as_bytes().get(start + 1).copied();
        let (kind, length) = match (byte, next) {
            (b':', Some(b'=')) => (Kind::Assign, 2),
            (b'=', Some(b'=')) => (Kind::Equal, 2),
            (b'!', Some(b'=')) => (Kind::NotEqual, 2),
            (b'<', Some(b'=')) => (Kind::LessOrEqual, 2),
            (b'>', Some(b'=')) => (Kind::GreaterOrEqual, 2),
            (b':', _) => (Kind::Colon, 1),
            (b'=', _) => (Kind::Unify, 1),
            (b'<', _) => (Kind::Less, 1),
            (b'>', _) => (Kind::Greater, 1),
            (b'[', _) => (Kind::LeftBracket, 1),
            (b']', _) => (Kind::RightBracket, 1),
            (b'{', _) => (Kind::LeftBrace, 1),
            (b'}', _) => (Kind::RightBrace, 1),
            (b'(', _) => (Kind::LeftParenthesis, 1),
            (b')', _) => (Kind::RightParenthesis, 1),
            (b',', _) => (Kind::Comma, 1),
            (b';', _) => (Kind::Semicolon, 1),
            (b'.', _) => (Kind::Dot, 1),
            (b'+', _) => (Kind::Plus, 1),
            (b'-', _) => (Kind::Minus, 1),
            (b'*', _) => (Kind::Star, 1),
            (b'/', _) => (Kind::Slash, 1),
            (b'%', _) => (Kind::Percent, 1),
            (b'&', _) => (Kind::Ampersand, 1),
            (b'|', _) => (Kind::Pipe, 1),
            _ => return self.stray(),
        };
        self.at += length;
        if let (Kind::LeftBrace, Some(template)) = (kind, self.templates.last_mut()) {
            template.braces += 1;
        }
        kind
    }

    /// Passes over a character that no token starts with.
    fn stray(&mut self) -> Kind {
        let start = self.at;
        let Some(character) = self.character() else {
            return Kind::End;
        };
        self.at += character.len_utf8();
        match character {
            '\0' | '\u{feff}' => Kind::Illegal,
            '!' => self.error(
                start,
                "unexpected character `!`",
                "write `not` to negate, `!=` for unequal",
            ),
            '\'' => self.error(start, "unexpected character `'`", "write strings in double quotes"),
            _ => self.error(
                start,
                &format!("unexpected character `{character}`"),
                "names consist of ASCII letters, digits and `_`; other characters are only allowed in strings and comments",
            ),
        }
    }
}

/// Whether a character beyond ASCII may go on a name: a decimal digit of any script.
fn is_digit(character: char) -> bool {
    use std::sync::LazyLock;
    static DIGIT: LazyLock<regex::Regex> =
        LazyLock::new(|| regex::Regex::new(r"^\p{Nd}$").expect("the pattern is a constant"));
    DIGIT.is_match(character.encode_utf8(&mut [0; 4]))
}

/// What may stand nowhere, not even in a string or a comment.
fn forbidden_characters(text: &str) -> impl Iterator<Item = SyntaxError> {
    text.match_indices(['\0', '\u{feff}'])
        .filter(|(at, character)| *at > 0 || *character == "\0")
        .map(|(at, character)| {
            let name = if character == "\0" {
                "null character"
            } else {
                "byte-order mark"
            };
            SyntaxError::new(format!("unexpected {name}"), Span::new(at, at + character.len())).with_help("delete it")
        })
}
