//! Comments on their way into the output.

use std::cell::Cell;

use super::source::{Location, Source};
use crate::syntax::tree;

/// A comment.
pub(super) struct Comment<'s> {
    pub(super) row: i64,
    /// The comment with its `#`, without the blanks at its end.
    pub(super) text: &'s str,
    /// The same with these.
    pub(super) raw: &'s str,
    /// Whether it opens a METADATA block.
    pub(super) is_metadata: bool,
    /// Whether it is written behind an import, and so is not among those yet to be written.
    is_taken: Cell<bool>,
}

impl<'s> Comment<'s> {
    pub(super) fn new(comment: &tree::Comment, source: &Source<'s>) -> Self {
        let start = comment.span.start as usize;
        let rest = &source.text[start..];
        let raw = rest.split('\n').next().unwrap_or(rest);
        let text = match raw.strip_prefix('#').map(trim_end) {
            Some(text) => &raw[..=text.len()],
            None => raw,
        };
        let first_in_row = start == 0 || source.text.as_bytes()[start - 1] == b'\n';
        Self {
            row: source.row(start),
            text,
            raw,
            is_metadata: first_in_row && text[1..].trim_start().starts_with("METADATA"),
            is_taken: Cell::new(false),
        }
    }

    /// Takes the comment out of those yet to be written.
    pub(super) fn take(&self) {
        self.is_taken.set(true);
    }
}

/// The text without what Go's `unicode.IsSpace` says is blank.
fn trim_end(text: &str) -> &str {
    text.trim_end_matches(char::is_whitespace)
}

/// The comments that are yet to be written, in their order.
#[derive(Clone, Copy)]
pub(super) struct Comments<'c>(&'c [Comment<'c>]);

impl<'c> Comments<'c> {
    pub(super) const NONE: Self = Self(&[]);

    pub(super) fn new(comments: &'c [Comment<'c>]) -> Self {
        Self(comments)
    }

    pub(super) fn iter(self) -> impl DoubleEndedIterator<Item = &'c Comment<'c>> {
        self.0.iter().filter(|comment| !comment.is_taken.get())
    }

    pub(super) fn first(self) -> Option<&'c Comment<'c>> {
        self.iter().next()
    }

    pub(super) fn is_empty(self) -> bool {
        self.first().is_none()
    }

    /// The comments above a row, and the others.
    pub(super) fn split(self, row: i64) -> (Self, Self) {
        let (above, rest) = self.0.split_at(self.0.partition_point(|comment| comment.row < row));
        (Self(above), Self(rest))
    }

    /// The comment on a row, where it is the first, and the others.
    pub(super) fn split_beside(self, row: i64) -> (Option<&'c Comment<'c>>, Self) {
        match self.0.split_first() {
            Some((first, below)) if first.row == row => {
                (Some(first).filter(|first| !first.is_taken.get()), Self(below))
            }
            _ => (None, self),
        }
    }

    /// The comments above a location, on its row, and below.
    /// Follows OPA v1.22 format/format.go: partitionComments.
    pub(super) fn partition(self, location: Location) -> (Self, Option<&'c Comment<'c>>, Self) {
        let (above, rest) = self.split(location.row);
        let (beside, below) = rest.split_beside(location.row);
        (above, beside, below)
    }
}
