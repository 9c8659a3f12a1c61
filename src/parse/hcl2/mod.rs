//! HCL2, Terraform's language, in the shape of hcl2json that conftest's policies are written against: blocks are
//! arrays below their type and labels, and expressions stay text, `${…}`.
//!
//! The parser reads what the specification and HCL's own implementation read, and refuses what they refuse.
//! [`scan`] cuts the text into tokens, [`cursor`] walks over them, [`structure`] reads bodies, [`expression`],
//! [`collection`] and [`template`] read what stands in them, and [`value`] turns it into the document.

use super::ParseError;
use crate::document::Node;

mod collection;
mod cursor;
mod escape;
mod expression;
mod number;
mod scan;
mod structure;
mod template;
mod token;
mod tree;
mod value;

/// The document of a text.
pub(super) fn parse(text: &str) -> Result<Node, ParseError> {
    cursor::Parser::new(text).file()
}
