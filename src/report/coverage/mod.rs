//! How much of policies tests evaluate, in each form: one file for each.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::Options;
use crate::verify::coverage::Coverage;

mod html;
mod json;
mod lcov;
mod text;

/// The name of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum CoverageStyle {
    /// A line for each file, with the lines that are not covered.
    Text,
    /// OPA's JSON.
    Json,
    /// What editors and services for coverage read.
    Lcov,
    /// A page with the text of each file.
    Html,
}

/// Writes coverage in a form.
pub fn render(coverage: &Coverage, style: CoverageStyle, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    match style {
        CoverageStyle::Text => text::render(coverage, options, out),
        CoverageStyle::Json => json::render(coverage, out),
        CoverageStyle::Lcov => lcov::render(coverage, out),
        CoverageStyle::Html => html::render(coverage, out),
    }
}

/// Lines as ranges: `3-5, 8`.
fn spans(lines: &BTreeSet<usize>) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        match spans.last_mut() {
            Some((_, end)) if *end + 1 == *line => *end = *line,
            _ => spans.push((*line, *line)),
        }
    }
    let spans = spans.into_iter().map(|(start, end)| match end - start {
        0 => start.to_string(),
        _ => format!("{start}-{end}"),
    });
    spans.collect::<Vec<_>>().join(", ")
}
