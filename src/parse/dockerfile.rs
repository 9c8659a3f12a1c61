//! placeholder

use super::ParseError;
use crate::document::{Node, Span};

/// The documents of a text.
pub(super) fn parse(_text: &str) -> Result<Node, ParseError> {
    Err(ParseError::new("", Span::default()))
}
