//! The text that is formatted: its rows, and the locations that nodes have in it.

use kpolicy_value::Span;

/// Where OPA says that a node is. The text can start before the node's own first token: parentheses belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location {
    /// The row of the first token, counted from 1; -1 where none is known.
    pub(super) row: i64,
    /// The offset of the first token.
    pub(super) offset: usize,
    /// The range of the text.
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Location {
    /// A row that no comment is on: OPA's answer where it finds no closing bracket.
    pub(super) const UNKNOWN: Self = Self::at_row(-1);

    /// A place without a text.
    pub(super) const fn at_row(row: i64) -> Self {
        Self {
            row,
            offset: 0,
            start: 0,
            end: 0,
        }
    }

    /// The same place with the text from its start to `end`.
    pub(super) fn until(self, end: usize) -> Self {
        Self { end, ..self }
    }
}

/// A text and where its rows end.
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    newlines: Vec<usize>,
}

impl<'s> Source<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        let newlines = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        Self { text, newlines }
    }

    /// The row of an offset, counted from 1.
    pub(super) fn row(&self, offset: usize) -> i64 {
        self.newlines_before(offset) + 1
    }

    fn newlines_before(&self, offset: usize) -> i64 {
        i64::try_from(self.newlines.partition_point(|newline| *newline < offset)).unwrap_or(i64::MAX - 1)
    }

    /// How many rows a range goes beyond its first.
    pub(super) fn newlines(&self, start: usize, end: usize) -> i64 {
        self.newlines_before(end) - self.newlines_before(start)
    }

    /// The row that the text of a location ends on, counted from the location's own row.
    /// Follows OPA v1.22 ast/location/location.go: EndOf.
    pub(super) fn end_row(&self, location: Location) -> i64 {
        location.row + self.newlines(location.start, location.end)
    }

    /// The location of a node that starts with its first token.
    pub(super) fn location(&self, span: Span) -> Location {
        let (start, end) = (span.start as usize, span.end as usize);
        Location {
            row: self.row(start),
            offset: start,
            start,
            end,
        }
    }

    /// The location of a term, whose place is that of its first token within parentheses.
    pub(super) fn term_location(&self, span: Span) -> Location {
        let (start, end) = (span.start as usize, span.end as usize);
        let offset = self.within_parentheses(start);
        Location {
            row: self.row(offset),
            offset,
            start,
            end,
        }
    }

    /// The text of a location.
    pub(super) fn of(&self, location: Location) -> &'s str {
        self.text.get(location.start..location.end).unwrap_or_default()
    }

    /// The offset after blanks and comments.
    pub(super) fn after_blanks(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'#' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
                _ => break,
            }
        }
        at
    }

    fn within_parentheses(&self, start: usize) -> usize {
        let mut at = start;
        while self.text.as_bytes().get(at) == Some(&b'(') {
            at = self.after_blanks(at + 1);
        }
        at
    }

    /// The row of the bracket that closes the first `open` in a location's text. OPA counts brackets in strings and
    /// comments too.
    /// Follows OPA v1.22 format/format.go: closingLoc.
    pub(super) fn closing(&self, skipped: Option<(u8, u8)>, open: u8, close: u8, location: Location) -> Location {
        let text = self.of(location).as_bytes();
        let (from, mut rows) = match skipped {
            Some((open, close)) => past(text, 0, open, close),
            None => (0, 0),
        };
        let rest = text.get(from..).unwrap_or_default();
        if memchr::memchr(open, rest).is_none() {
            return Location::UNKNOWN;
        }
        let (end, more) = past(text, from, open, close);
        rows += more;
        if end >= text.len() {
            return Location::UNKNOWN;
        }
        Location::at_row(location.row + rows)
    }
}

/// The offset of the bracket that closes the first `open` from `from` on, and the newlines between the two. The length
/// of the text where there is none.
/// Follows OPA v1.22 format/format.go: skipPast.
fn past(text: &[u8], from: usize, open: u8, close: u8) -> (usize, i64) {
    let Some(found) = text.get(from..).and_then(|rest| memchr::memchr(open, rest)) else {
        return (text.len(), 0);
    };
    let (mut depth, mut rows) = (1, 0);
    for (at, byte) in text.iter().enumerate().skip(from + found + 1) {
        match *byte {
            byte if byte == open => depth += 1,
            byte if byte == close => depth -= 1,
            b'\n' => rows += 1,
            _ => {}
        }
        if depth == 0 {
            return (at, rows);
        }
    }
    (text.len(), rows)
}
