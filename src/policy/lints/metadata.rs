//! Lints about METADATA.

use super::{Found, Scope};
use kpolicy_rego::syntax::tree::Comment;
use kpolicy_value::Span;

/// The fields that a block may have, and that something reads.
const FIELDS: [&str; 11] = [
    "authors",
    "compile",
    "custom",
    "description",
    "entrypoint",
    "labels",
    "organizations",
    "related_resources",
    "schemas",
    "scope",
    "title",
];

/// A comment that reads like METADATA and is not marked as such.
pub(super) fn unmarked(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        let text = &module.file.text;
        let mut before: Option<&Comment> = None;
        for comment in &module.tree.comments {
            let is_first = before.is_none_or(|before| !is_next_line(text, before.span, comment.span));
            before = Some(comment);
            if is_first && starts_line(text, comment.span) && is_field(&comment.text) {
                let message = "this comment reads like METADATA, but nothing reads it";
                found.push(Found::new(
                    at,
                    comment.span,
                    message,
                    "write `# METADATA` on the line above it",
                ));
            }
        }
    }
    found
}

/// Whether a comment stands at the start of its line.
fn starts_line(text: &str, span: Span) -> bool {
    text[..span.start as usize]
        .chars()
        .next_back()
        .is_none_or(|before| before == '\n')
}

/// Whether a comment stands on the line after another.
fn is_next_line(text: &str, before: Span, span: Span) -> bool {
    let between = &text[before.end as usize..span.start as usize];
    between.trim().is_empty() && between.matches('\n').count() == 1
}

fn is_field(text: &str) -> bool {
    let Some((name, _)) = text.split_once(':') else {
        return false;
    };
    FIELDS.contains(&name.trim())
}

/// A field that METADATA does not have: nothing reads it.
pub(super) fn unknown_field(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for block in &module.tree.annotations {
            for (key, _) in block.fields.as_object().into_iter().flat_map(|fields| fields.iter()) {
                let name = key.key_text();
                if FIELDS.contains(&&*name) {
                    continue;
                }
                let help = match crate::suggest::nearest(&name, FIELDS) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "put fields of your own under `custom`".to_owned(),
                };
                let span = line_of(&module.file.text, block.span, &name);
                found.push(Found::new(
                    at,
                    span,
                    format!("METADATA has no field {name}: nothing reads it"),
                    help,
                ));
            }
        }
    }
    found
}

/// The line of a block that starts with a field's name, or the whole block.
fn line_of(text: &str, block: Span, name: &str) -> Span {
    let mut start = block.start as usize;
    for line in text[start..block.end as usize].split_inclusive('\n') {
        let field = line.trim_start().trim_start_matches('#').trim_start();
        if field
            .strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with(':'))
        {
            let lead = line.len() - line.trim_start().len();
            return Span::new(start + lead, start + line.trim_end().len());
        }
        start += line.len();
    }
    block
}
