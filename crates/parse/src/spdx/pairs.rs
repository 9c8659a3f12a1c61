//! The pairs of a tag-value file: `Tag: value`, where a value in `<text>` and `</text>` may go over several lines.

use crate::document::{Node, Span};
use crate::lines::lines;
use crate::{Meter, ParseError};

/// A tag and its value.
pub(super) struct Pair<'a> {
    pub(super) tag: &'a str,
    pub(super) tag_span: Span,
    pub(super) value: &'a str,
    pub(super) value_span: Span,
}

impl Pair<'_> {
    /// The value as a text.
    pub(super) fn node(&self) -> Node {
        Node::text(&self.value.replace("\r\n", "\n"), self.value_span)
    }

    /// An error at the value.
    pub(super) fn wrong(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(message, self.value_span)
    }
}

const OPEN: &str = "<text>";
const CLOSE: &str = "</text>";

pub(super) fn read(text: &str, mut meter: Meter) -> Result<Vec<Pair<'_>>, ParseError> {
    let mut pairs = Vec::new();
    // Where the text that is being read ends; lines before it belong to it.
    let mut until = 0;
    for line in lines(text) {
        let whole = line.trimmed();
        if line.start < until || whole.text.is_empty() || whole.text.starts_with('#') {
            continue;
        }
        let Some(colon) = whole.text.find(':') else {
            return Err(ParseError::new("there is no colon on this line", whole.span()).with_help("write `Tag: value`"));
        };
        let tag = whole.to(colon).trimmed();
        meter.count(2, whole.span())?;
        let after = whole.from(colon + 1);
        let (start, end) = match after.text.find(OPEN) {
            None => {
                let value = after.trimmed();
                (value.start, value.start + value.text.len())
            }
            Some(at) => {
                let start = after.start + at + OPEN.len();
                let Some(length) = text[start..].find(CLOSE) else {
                    return Err(ParseError::new(
                        "this <text> is never closed",
                        Span::new(start - OPEN.len(), start),
                    ));
                };
                let end = start + length;
                until = end;
                (start, end)
            }
        };
        pairs.push(Pair {
            tag: tag.text,
            tag_span: tag.span(),
            value: &text[start..end],
            value_span: Span::new(start, end),
        });
    }
    if pairs.is_empty() {
        return Err(ParseError::new("the file has no tags", Span::new(0, text.len())));
    }
    Ok(pairs)
}
