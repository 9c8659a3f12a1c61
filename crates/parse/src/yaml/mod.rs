//! YAML as the cluster reads it: value for value what Go's sigs.k8s.io/yaml makes of each document that
//! k8s.io/apimachinery splits off. The same scanner reads YAML as OPA does, with the scalars of YAML 1.2.
//!
//! Bytes become tokens (`scanner`), tokens become nodes (`parser`), nodes become values with their spans (`loader`), in
//! one pass and without recursion.

use crate::cloudformation::expanded;
use crate::comments::Comments;
use crate::template::hinted;
use crate::{Meter, ParseError, Parsed, Row};

mod budget;
mod chars;
mod error;
mod loader;
mod names;
pub mod outline;
mod parser;
mod scalar;
mod scanner;
mod stream;
#[cfg(test)]
mod tests;
mod timestamp;
mod token;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "yaml",
    aliases: &["yml"],
    files: &["*.yaml", "*.yml"],
    further: &[],
    about: "One document for each document of the stream, read as the Kubernetes API server reads it. In templates of \
            CloudFormation, short forms of functions such as `!Ref Name` are read as long ones, `{\"Ref\": \"Name\"}`, \
            but for `--compat conftest`.",
    comments: Comments::Yaml,
    imports: |_| Vec::new(),
    example: ("web.yaml", "image: nginx:1.27\nports: [80, 443]\n"),
    parse: |text, context, meter| {
        let mut parsed = parse(text, meter).map_err(|error| hinted(text, error))?;
        if !context.conftest {
            parsed.documents = parsed.documents.into_iter().map(|node| expanded(text, node)).collect();
        }
        Ok(parsed)
    },
};

/// Which scalars are what, and how documents are distinguished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// As Kubernetes and conftest read: YAML 1.1 (`yes` is true), documents split line by line.
    Kubernetes,
    /// As OPA reads: the core schema of YAML 1.2 (`yes` is text).
    Core,
}

/// The documents of a stream as the cluster reads them; those that hold nothing are null.
pub(super) fn parse(text: &str, meter: Meter) -> Result<Parsed, ParseError> {
    stream::read(text, Schema::Kubernetes, meter)
}

/// The documents of a stream, which hold `most` values at most, and what is suspicious about them.
pub fn read(text: &str, schema: Schema, most: usize) -> Result<Parsed, ParseError> {
    stream::read(text, schema, Meter::new(most))
}

/// How many nodes a text has: what scanning costs, without values. For measurements.
pub fn count(text: &str) -> Result<usize, ParseError> {
    stream::count(text)
}

/// Whether the text, written without quotes, reads as itself and as nothing else: no number or date.
pub fn reads_as_text(text: &str) -> bool {
    let resolved = scalar::resolve(text, true, None, Schema::Kubernetes);
    matches!(resolved, Ok(scalar::Scalar::Text(_))) && !scalar::is_time(text)
}
