//! From text to tokens.
//!
//! Texts and code contain each other: `"…${ { a = "b" } }…"`. A stack tells where the scanner is, and the number of
//! open braces tells which `}` ends an interpolation. Code is cut here, strings in [`super::pieces`].

use super::token::{Kind, Token};
use crate::document::Span;

/// The tokens of a text; the last is its end.
pub(super) fn scan(text: &str) -> Vec<Token> {
    let mut scanner = Scanner {
        text,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 4),
        open: Vec::new(),
        braces: 0,
    };
    while scanner.at < text.len() {
        match scanner.open.last() {
            Some(Within::Quotes) => scanner.quoted(),
            Some(Within::Heredoc { .. }) => scanner.heredoc(),
            Some(Within::Template { .. }) | None => scanner.code(),
        }
    }
    scanner.push(Kind::End, 0);
    scanner.tokens
}

/// Whether an identifier can begin with `first`: the Unicode property `ID_Start`. The crate knows `XID_Start`, which
/// leaves out the characters that are listed here.
fn begins_identifier(first: char) -> bool {
    if first.is_ascii() {
        return first == '_' || first.is_ascii_alphabetic();
    }
    unicode_ident::is_xid_start(first)
        || matches!(
            first,
            '\u{37A}' | '\u{E33}' | '\u{EB3}' | '\u{309B}' | '\u{309C}' | '\u{FC5E}'..='\u{FC63}'
        )
        || matches!(
            first,
            '\u{FDFA}' | '\u{FDFB}' | '\u{FE70}' | '\u{FE72}' | '\u{FE74}' | '\u{FE76}' | '\u{FE78}'
        )
        || matches!(first, '\u{FE7A}' | '\u{FE7C}' | '\u{FE7E}' | '\u{FF9E}' | '\u{FF9F}')
}

/// Whether an identifier can go on with `next`: `ID_Continue` or a dash. The joiners and middle dots became part of
/// that property after HCL was written.
fn continues_identifier(next: char) -> bool {
    if next.is_ascii() {
        return matches!(next, '_' | '-') || next.is_ascii_alphanumeric();
    }
    begins_identifier(next)
        || (unicode_ident::is_xid_continue(next) && !matches!(next, '\u{200C}' | '\u{200D}' | '\u{30FB}' | '\u{FF65}'))
}

/// What is open around the place where the scanner stands.
pub(super) enum Within<'a> {
    Quotes,
    Heredoc {
        word: &'a str,
        at_line_start: bool,
    },
    /// The code of an interpolation or directive, at the depth of braces that its own is.
    Template {
        braces: usize,
    },
}

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    pub(super) open: Vec<Within<'a>>,
    pub(super) braces: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    pub(super) fn push(&mut self, kind: Kind, length: usize) {
        let span = Span::new(self.at, self.at + length);
        self.tokens.push(Token { kind, span });
        self.at += length;
    }

    fn code(&mut self) {
        let Some(first) = self.rest().chars().next() else {
            return;
        };
        match first {
            ' ' | '\t' => self.at += 1,
            '0'..='9' => self.number(),
            '#' => self.line_comment(),
            '/' if self.byte(1) == Some(b'/') => self.line_comment(),
            '/' if self.byte(1) == Some(b'*') => self.block_comment(),
            '"' => {
                self.push(Kind::OpenQuote, 1);
                self.open.push(Within::Quotes);
            }
            '<' if self.byte(1) == Some(b'<') => self.open_heredoc(),
            '{' => {
                self.braces += 1;
                self.push(Kind::OpenBrace, 1);
            }
            '}' => self.close_brace(),
            '~' if self.byte(1) == Some(b'}') => self.close_template(2),
            _ if begins_identifier(first) => {
                let length = identifier(self.rest());
                self.push(Kind::Identifier, length);
            }
            _ => self.symbol(first),
        }
    }

    /// The digits, dots and exponents of a number, as far as it does not end with a dot. Whether they make a number
    /// is the parser's to say.
    fn number(&mut self) {
        let bytes = self.rest().as_bytes();
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let (mut at, mut end) = (1, 1);
        loop {
            match bytes.get(at) {
                Some(b'0'..=b'9') => at += 1,
                Some(b'.') => {
                    at += 1;
                    continue;
                }
                Some(b'e' | b'E') if digit(at + 1) => at += 2,
                Some(b'e' | b'E') if matches!(bytes.get(at + 1), Some(b'+' | b'-')) && digit(at + 2) => at += 3,
                _ => break,
            }
            end = at;
        }
        self.push(Kind::Number, end);
    }

    fn line_comment(&mut self) {
        match self.rest().find('\n') {
            Some(newline) => self.push(Kind::Newline, newline + 1),
            None => self.at = self.text.len(),
        }
    }

    fn block_comment(&mut self) {
        match self.rest()[2..].find("*/") {
            Some(end) => self.at += 2 + end + 2,
            // Nothing after it can be read, and to look for an end at every other `/*` would take squared time.
            None => {
                self.push(Kind::Invalid, 2);
                self.at = self.text.len();
            }
        }
    }

    /// `<<WORD`, `<<-WORD`.
    fn open_heredoc(&mut self) {
        let dash = usize::from(self.byte(2) == Some(b'-'));
        let after = &self.rest()[2 + dash..];
        let word = &after[..identifier(after)];
        match line_end(&after[word.len()..]) {
            Some(end) if !word.is_empty() => {
                self.push(Kind::OpenHeredoc, 2 + dash + word.len() + end);
                self.open.push(Within::Heredoc {
                    word,
                    at_line_start: true,
                });
            }
            _ => self.push(Kind::Operator, 1),
        }
    }

    /// A `}` of code, or the one that ends the template.
    fn close_brace(&mut self) {
        match self.open.last() {
            Some(Within::Template { braces }) if *braces == self.braces => self.close_template(1),
            _ => {
                self.braces = self.braces.saturating_sub(1);
                self.push(Kind::CloseBrace, 1);
            }
        }
    }

    fn close_template(&mut self, length: usize) {
        if matches!(self.open.last(), Some(Within::Template { braces }) if *braces == self.braces) {
            self.open.pop();
        }
        self.braces = self.braces.saturating_sub(1);
        self.push(Kind::CloseTemplate, length);
    }

    fn symbol(&mut self, first: char) {
        let (kind, length) = match (first, self.byte(1), self.byte(2)) {
            ('\n', _, _) => (Kind::Newline, 1),
            ('\r', Some(b'\n'), _) => (Kind::Newline, 2),
            ('.', Some(b'.'), Some(b'.')) => (Kind::Ellipsis, 3),
            ('=', Some(b'>'), _) => (Kind::Arrow, 2),
            (':', Some(b':'), _) => (Kind::DoubleColon, 2),
            ('=' | '!' | '<' | '>', Some(b'='), _) | ('&', Some(b'&'), _) | ('|', Some(b'|'), _) => (Kind::Operator, 2),
            ('<' | '>' | '+' | '/' | '%', _, _) => (Kind::Operator, 1),
            ('-', _, _) => (Kind::Minus, 1),
            ('!', _, _) => (Kind::Bang, 1),
            ('*', _, _) => (Kind::Star, 1),
            ('.', _, _) => (Kind::Dot, 1),
            (',', _, _) => (Kind::Comma, 1),
            (':', _, _) => (Kind::Colon, 1),
            ('?', _, _) => (Kind::Question, 1),
            ('=', _, _) => (Kind::Equals, 1),
            ('[', _, _) => (Kind::OpenBracket, 1),
            (']', _, _) => (Kind::CloseBracket, 1),
            ('(', _, _) => (Kind::OpenParenthesis, 1),
            (')', _, _) => (Kind::CloseParenthesis, 1),
            _ => (Kind::Invalid, first.len_utf8()),
        };
        self.push(kind, length);
    }
}

/// The length of the identifier that `text` begins with, or 0.
fn identifier(text: &str) -> usize {
    if !text.starts_with(begins_identifier) {
        return 0;
    }
    text.find(|next| !continues_identifier(next)).unwrap_or(text.len())
}

/// The length of the end of line that `text` begins with.
pub(super) fn line_end(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(Kind, &str)> {
        let source = |token: &Token| &text[token.span.start as usize..token.span.end as usize];
        scan(text).iter().map(|token| (token.kind, source(token))).collect()
    }

    #[test]
    fn a_number_does_not_end_with_a_dot() {
        for (text, number) in [
            ("1.5", "1.5"),
            ("1.x", "1"),
            ("1...", "1"),
            ("1.e5", "1.e5"),
            ("1..2", "1..2"),
            ("1e", "1"),
        ] {
            assert_eq!(pieces(text)[0], (Kind::Number, number), "{text}");
        }
    }

    #[test]
    fn a_comment_to_the_end_of_its_line_is_that_end() {
        let found = pieces("a # b\rc\n/* d\n */ e // f");
        let kinds = [Kind::Identifier, Kind::Newline, Kind::Identifier, Kind::End];
        assert_eq!(found.iter().map(|piece| piece.0).collect::<Vec<_>>(), kinds);
        assert_eq!(found[1].1, "# b\rc\n");
    }

    #[test]
    fn a_brace_within_an_interpolation_does_not_end_it() {
        let found = pieces("\"${{a=\"}\"}}\"");
        let closing: Vec<_> = found
            .iter()
            .map(|piece| piece.0)
            .filter(|kind| *kind != Kind::QuotedText)
            .collect();
        let expected = [
            Kind::OpenQuote,
            Kind::Interpolation,
            Kind::OpenBrace,
            Kind::Identifier,
            Kind::Equals,
            Kind::OpenQuote,
            Kind::CloseQuote,
            Kind::CloseBrace,
            Kind::CloseTemplate,
            Kind::CloseQuote,
            Kind::End,
        ];
        assert_eq!(closing, expected);
    }

    #[test]
    fn identifiers_are_those_of_unicode_without_joiners() {
        for good in ["_", "a-b", "é", "e\u{301}", "日本", "a٣", "\u{37A}", "\u{E33}"] {
            assert_eq!(pieces(good)[0], (Kind::Identifier, good));
        }
        for bad in ["a\u{200D}", "a\u{200C}", "a\u{30FB}", "a\u{1F600}"] {
            assert_eq!(pieces(bad)[0], (Kind::Identifier, "a"));
        }
    }
}
