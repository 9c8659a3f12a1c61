//! Quoted strings and heredocs, cut into pieces.
//!
//! How a text is cut decides what `~` takes away and how far `<<-` dedents, so the pieces are those of HCL's own scanner.

use super::scan::{Scanner, Within, line_end};
use super::token::Kind;

impl Scanner<'_> {
    /// The start of an interpolation or directive, if one stands here.
    fn open_template(&mut self) -> bool {
        let kind = match (self.byte(0), self.byte(1)) {
            (Some(b'$'), Some(b'{')) => Kind::Interpolation,
            (Some(b'%'), Some(b'{')) => Kind::Directive,
            _ => return false,
        };
        let tilde = usize::from(self.byte(2) == Some(b'~'));
        self.push(kind, 2 + tilde);
        self.braces += 1;
        self.open.push(Within::Template { braces: self.braces });
        true
    }

    /// One piece of a quoted text.
    pub(super) fn quoted(&mut self) {
        if self.open_template() {
            return;
        }
        let rest = self.rest();
        match rest.as_bytes()[0] {
            b'"' => {
                self.push(Kind::CloseQuote, 1);
                self.open.pop();
            }
            b'\r' | b'\n' => {
                let other = rest.find(|next| !matches!(next, '\r' | '\n'));
                self.push(Kind::QuotedNewline, other.unwrap_or(rest.len()));
            }
            b'$' | b'%' => self.push(Kind::QuotedText, escaped_opening(rest).unwrap_or(1)),
            _ => match quoted_run(rest) {
                0 => self.push(Kind::Invalid, 1),
                length => self.push(Kind::QuotedText, length),
            },
        }
    }

    /// One piece of a heredoc, or its closing word.
    pub(super) fn heredoc(&mut self) {
        if self.open_template() {
            self.start_line(false);
            return;
        }
        let rest = self.rest();
        let (length, end) = match rest.as_bytes()[0] {
            b'$' | b'%' => match escaped_opening(rest) {
                Some(length) => (length, line_end(&rest[length..])),
                None => (lone_sigil(rest), None),
            },
            _ => {
                let length = rest.find(['$', '%', '\r', '\n']).unwrap_or(rest.len());
                (length, line_end(&rest[length..]))
            }
        };
        match end {
            Some(end) if self.closes_heredoc(&rest[..length]) => {
                self.push(Kind::CloseHeredoc, length);
                self.push(Kind::Newline, end);
                self.open.pop();
            }
            Some(end) => {
                self.push(Kind::HeredocText, length + end);
                self.start_line(true);
            }
            None if length == 0 => self.push(Kind::Invalid, 1),
            None => {
                self.push(Kind::HeredocText, length);
                self.start_line(false);
            }
        }
    }

    fn closes_heredoc(&self, line: &str) -> bool {
        matches!(self.open.last(), Some(Within::Heredoc { word, at_line_start: true }) if line.trim() == *word)
    }

    fn start_line(&mut self, starts: bool) {
        let heredoc = self.open.iter_mut().rev().find_map(|open| match open {
            Within::Heredoc { at_line_start, .. } => Some(at_line_start),
            _ => None,
        });
        if let Some(at_line_start) = heredoc {
            *at_line_start = starts;
        }
    }
}

/// The length of the `$${` or `%%{` that `text` begins with.
fn escaped_opening(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'$', b'$', b'{', b'~', ..] | [b'%', b'%', b'{', b'~', ..] => Some(4),
        [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => Some(3),
        _ => None,
    }
}

/// The length of a piece of a heredoc that begins with a `$` or `%` of no meaning: it takes the next character along
/// where that is the last of its line.
fn lone_sigil(text: &str) -> usize {
    match text.as_bytes() {
        [_, _, b'\r' | b'\n', ..] => 2,
        _ => 1,
    }
}

/// The length of a quoted text's characters and escapes up to what has a meaning.
fn quoted_run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'$' | b'%' | b'\r' | b'\n' => break,
            b'\\' => match text[at + 1..].chars().next() {
                Some('\r' | '\n') | None => break,
                Some(escaped) => at += 1 + escaped.len_utf8(),
            },
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hcl2::scan::scan;

    #[test]
    fn a_text_is_cut_at_signs_and_lines() {
        let text = |source: &'static str| (Kind::HeredocText, source);
        let source = "<<E\n a $b $${c\n$d\n$\n  E \n";
        let under = |span: crate::document::Span| &source[span.start as usize..span.end as usize];
        let found: Vec<_> = scan(source)
            .iter()
            .map(|token| (token.kind, under(token.span)))
            .collect();
        let expected = [
            (Kind::OpenHeredoc, "<<E\n"),
            text(" a "),
            text("$"),
            text("b "),
            text("$${"),
            text("c\n"),
            text("$d"),
            text("\n"),
            text("$"),
            text("\n"),
            (Kind::CloseHeredoc, "  E "),
            (Kind::Newline, "\n"),
            (Kind::End, ""),
        ];
        assert_eq!(found, expected);
    }
}
