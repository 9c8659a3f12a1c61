//! Where the parser stands among the tokens, and what it says when the next one does not fit.

use super::token::{Kind, Token};
use crate::ParseError;
use crate::document::Span;

/// How deep blocks, labels and expressions may nest in all: far beyond real files, and safe on a stack of two
/// mebibytes.
pub(super) const MAX_DEPTH: usize = 250;

/// The parser of one text.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    /// Whether ends of lines have a meaning here; within brackets they have none.
    newlines: bool,
    pub(super) depth: usize,
    /// Whether expressions are kept that a document shows as text.
    pub(super) is_whole: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            tokens: super::scan::scan(text),
            at: 0,
            newlines: true,
            depth: 0,
            is_whole: false,
        }
    }

    /// How many tokens the text has.
    pub(super) fn count(&self) -> usize {
        self.tokens.len()
    }

    /// The next token; at the end of the text again and again its end.
    pub(super) fn peek(&mut self) -> Token {
        while !self.newlines && self.tokens[self.at].kind == Kind::Newline {
            self.at += 1;
        }
        self.tokens[self.at]
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes the next token if it is of this kind.
    pub(super) fn take(&mut self, kind: Kind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.next())
    }

    /// Takes the next token if it is this keyword.
    pub(super) fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.at_keyword(keyword);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn at_keyword(&mut self, keyword: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Identifier && self.source(token.span) == keyword
    }

    pub(super) fn expect(&mut self, kind: Kind, wanted: &str) -> Result<Token, ParseError> {
        self.take(kind).ok_or_else(|| self.unexpected(wanted))
    }

    /// Takes what closes `open`.
    pub(super) fn close(&mut self, open: Span, kind: Kind, wanted: &str) -> Result<Token, ParseError> {
        self.take(kind).ok_or_else(|| self.unclosed(open, wanted))
    }

    /// Reads with ends of lines having a meaning or none, one level deeper.
    pub(super) fn within<T>(
        &mut self,
        newlines: bool,
        read: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        let before = std::mem::replace(&mut self.newlines, newlines);
        let found = self.deeper(1, read)?;
        self.newlines = before;
        Ok(found)
    }

    /// Reads that many levels deeper.
    pub(super) fn deeper<T>(
        &mut self,
        levels: usize,
        read: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        if self.depth + levels > MAX_DEPTH {
            let message = format!("blocks and expressions nest deeper than {MAX_DEPTH} levels");
            let error = ParseError::new(message, self.peek().span);
            return Err(error.with_help("break the expression up, for instance with `locals`"));
        }
        self.depth += levels;
        let found = read(self)?;
        self.depth -= levels;
        Ok(found)
    }

    pub(super) fn source(&self, span: Span) -> &'a str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// The next token is not what stands here.
    pub(super) fn unexpected(&mut self, wanted: &str) -> ParseError {
        let token = self.peek();
        let source = self.source(token.span);
        let message = match token.kind {
            Kind::QuotedNewline => "a quoted string cannot span several lines".to_owned(),
            Kind::Invalid if source == "/*" => "this comment is never closed".to_owned(),
            Kind::End => format!("expected {wanted}, found the end of the file"),
            Kind::Newline => format!("expected {wanted}, found the end of the line"),
            Kind::Invalid if !source.bytes().all(|byte| byte.is_ascii_graphic()) => {
                format!("expected {wanted}, found `{}`", source.escape_debug())
            }
            _ => format!("expected {wanted}, found `{}`", source.trim()),
        };
        let error = ParseError::new(message, token.span);
        match advice(token.kind, source) {
            Some(help) => error.with_help(help),
            None => error,
        }
    }

    /// The next token does not close `open`; at the end of the file the opening is what the error is about.
    pub(super) fn unclosed(&mut self, open: Span, wanted: &str) -> ParseError {
        if self.peek().kind != Kind::End {
            let error = self.unexpected(wanted);
            return match self.source(open) {
                bracket @ ("{" | "[" | "(") if error.help.is_none() => {
                    let line = 1 + self.text[..open.start as usize].matches('\n').count();
                    error.with_help(format!("the `{bracket}` of line {line} is still open"))
                }
                _ => error,
            };
        }
        let what = match self.source(open) {
            "{" => "brace",
            "[" => "bracket",
            "(" => "parenthesis",
            "\"" => "quote",
            opening if opening.starts_with("<<") => return unclosed_heredoc(opening.trim(), open),
            opening if opening.starts_with('$') => "interpolation",
            _ => "directive",
        };
        ParseError::new(format!("this {what} is never closed"), open)
            .with_help(format!("expected {wanted} before the end of the file"))
    }
}

fn unclosed_heredoc(opening: &str, open: Span) -> ParseError {
    let word = opening.trim_start_matches(['<', '-']);
    let end = open.start as usize + opening.len();
    ParseError::new("this heredoc is never closed", Span::new(open.start as usize, end)).with_help(format!(
        "write `{word}` on a line of its own after the text, followed by a line break"
    ))
}

/// What to write instead of a token that stands nowhere in HCL, or is often misplaced.
fn advice(kind: Kind, source: &str) -> Option<&'static str> {
    match (kind, source) {
        (Kind::QuotedNewline, _) => Some("write `\\n`, or use a heredoc"),
        (Kind::Invalid, "'" | "`" | "“" | "”" | "‘" | "’") => Some("write strings in straight double quotes"),
        (Kind::Invalid, ";") => Some("end arguments and blocks with a line break, and items of a list with a comma"),
        (Kind::Invalid, "&" | "|") => Some("write `&&` or `||`: HCL has no operators on bits"),
        (Kind::Invalid, "\\") => Some("write `\\\\` for a backslash"),
        (Kind::Invalid, "/*") => Some("end it with `*/`"),
        _ => None,
    }
}
