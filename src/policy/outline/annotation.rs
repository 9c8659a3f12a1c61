//! `# METADATA` blocks: the YAML in the comment lines right above a package or a rule.

use crate::document::Span;
use crate::parse::Format;
use crate::value::Value;

use super::SyntaxError;

/// The annotations of a module's package, without a look at the rest of the module.
pub(in crate::policy) fn of_package(text: &str) -> Result<Option<Value>, SyntaxError> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("package ") {
            return above(text, offset);
        }
        offset += line.len();
    }
    Ok(None)
}

/// The annotations above byte `offset` of `text`: the YAML between a line `# METADATA` and the item there.
pub(super) fn above(text: &str, offset: usize) -> Result<Option<Value>, SyntaxError> {
    let before = &text[..offset];
    let head = &before[..before.rfind('\n').map_or(0, |at| at + 1)];
    let mut comments: Vec<&str> = Vec::new();
    for line in head.lines().rev() {
        let Some(comment) = line.trim().strip_prefix('#') else {
            break;
        };
        if comment.trim() == "METADATA" {
            comments.reverse();
            let start = head.len().saturating_sub(1);
            return read(&comments, Span::new(start.saturating_sub(line.len()).min(start), start));
        }
        comments.push(comment);
    }
    Ok(None)
}

fn read(comments: &[&str], span: Span) -> Result<Option<Value>, SyntaxError> {
    let lines: Vec<&str> = comments
        .iter()
        .map(|comment| comment.strip_prefix(' ').unwrap_or(comment))
        .collect();
    let yaml = format!("{}\n", lines.join("\n"));
    match Format::Yaml.parse(&yaml) {
        Ok(nodes) => Ok(nodes.into_iter().next().map(|node| node.value)),
        Err(error) => Err(SyntaxError {
            message: format!("the METADATA above is no YAML: {}", error.message),
            span,
            help: Some("the comment lines below `# METADATA` are YAML, up to the package or rule".to_owned()),
        }),
    }
}
