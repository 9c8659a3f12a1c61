//! The lines of a text, for formats that are read line by line.

use crate::document::Span;

/// A line without its end.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// Where it starts.
    pub(crate) start: usize,
    /// Its number, from 1.
    pub(crate) number: usize,
}

impl<'a> Line<'a> {
    /// The line without white space around it.
    pub(crate) fn trimmed(self) -> Self {
        let text = self.text.trim();
        let start = self.start + (self.text.len() - self.text.trim_start().len());
        Self { text, start, ..self }
    }

    /// The line from a byte on.
    pub(crate) fn from(self, at: usize) -> Self {
        Self {
            text: &self.text[at..],
            start: self.start + at,
            ..self
        }
    }

    /// The line up to a byte.
    pub(crate) fn to(self, at: usize) -> Self {
        Self {
            text: &self.text[..at],
            ..self
        }
    }

    pub(crate) fn span(self) -> Span {
        Span::new(self.start, self.start + self.text.len())
    }
}

/// The lines of a text, which end with LF or CRLF. A text that ends with a line end has an empty line behind it.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split('\n').enumerate().map(move |(number, whole)| {
        let line = Line {
            text: whole.strip_suffix('\r').unwrap_or(whole),
            start,
            number: number + 1,
        };
        start += whole.len() + 1;
        line
    })
}
