//! A range of bytes in a text: what documents and policies note of where something was written.

use serde::{Deserialize, Serialize};

/// A range of bytes in a file's text, the end one past the last.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset one past the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` to `end`, in bytes. Files over 4 GiB are refused before they are parsed.
    pub fn new(start: usize, end: usize) -> Self {
        let offset = |at: usize| u32::try_from(at).expect("input over 4 GiB is refused before parsing");
        Self {
            start: offset(start),
            end: offset(end),
        }
    }

    /// The smallest range that holds this one and the other.
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Whether another range is within this one.
    pub fn contains(self, inner: Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }

    /// The text in this range.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}
