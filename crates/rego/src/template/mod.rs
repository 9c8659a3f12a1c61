//! Go's `text/template`: parsed and executed over JSON values and records.
//!
//! `strings.render_template` and the templates of generated documents use it. Syntax, meaning and the words of errors
//! are those of Go 1.26. A template has no functions but the predefined ones, and its values have no methods. Not
//! supported are complex constants.

mod exec;
mod functions;
mod lexer;
mod node;
mod parser;
mod unquote;
mod value;

use std::collections::BTreeMap;

use crate::builtins::{Context, Failure};
use node::Node;
pub use value::{Record, Val};

/// How deep control structures, parentheses and templates nest, in the text and when they are executed.
const DEEPEST: usize = 1000;

/// What a key that a map lacks gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value, which prints as `<no value>`.
    #[default]
    Invalid,
    /// The zero value of the map's elements: nil.
    Zero,
    /// An error.
    Error,
}

/// A parsed template, with the templates that it defines.
#[derive(Debug)]
pub struct Template {
    name: String,
    text: String,
    trees: BTreeMap<String, Vec<Node>>,
    missing_key: MissingKey,
}

impl Template {
    /// Reads a template; the error is in Go's words.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        let trees = parser::parse(name, text)?;
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            trees,
            missing_key: MissingKey::default(),
        })
    }

    /// The same template with another answer to missing keys, as Go's option `missingkey`.
    #[must_use]
    pub fn missing_key(self, missing_key: MissingKey) -> Self {
        Self { missing_key, ..self }
    }

    /// What the template makes of the data.
    pub fn execute(&self, context: &mut Context, data: Val) -> Result<Vec<u8>, Failure> {
        exec::execute(self, context, data)
    }
}

#[cfg(test)]
mod tests;
