//! The syntax of Rego: its tree, and how text becomes one.
//!
//! [`parse`] accepts what OPA's parser accepts, and nothing else.

mod annotations;
mod lexer;
mod parser;
mod token;
pub mod tree;
pub mod visit;

use std::error::Error;
use std::fmt;

use kpolicy_value::Span;
pub(crate) use parser::parse_term;
use tree::{Dialect, Module};

/// Why a text is not a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What was found, and what was expected.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl Error for SyntaxError {}

impl SyntaxError {
    /// An error at `span`.
    pub(crate) fn new(message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            span,
            help: None,
        }
    }

    /// The error with a next step.
    pub(crate) fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

/// The module that `text` holds, or all its errors in their order.
///
/// `dialect` is what the file is taken for; a v0 file can still ask for v1 with `import rego.v1`.
pub fn parse(text: &str, dialect: Dialect) -> Result<Module, Vec<SyntaxError>> {
    parser::parse(text, dialect)
}

/// The same without its METADATA blocks, whatever is in them: they are among the comments alone.
pub fn parse_without_annotations(text: &str, dialect: Dialect) -> Result<Module, Vec<SyntaxError>> {
    parser::parse_without_annotations(text, dialect)
}

#[cfg(test)]
mod tests;
