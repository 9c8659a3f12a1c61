//! Text that the cluster reads and YAML 1.2 does not: tabs within flow collections, byte-order marks between documents.

use std::borrow::Cow;

use super::load;
use crate::document::Span;
use crate::{Meter, ParseError, Parsed};

/// How often a line's tabs are taken for spaces before the text is given up.
const TAB_RETRIES: usize = 64;

/// The documents of a text, mended where it has to be. Nothing moves: spans point into the text as it stands.
pub(super) fn read(text: &str, meter: Meter) -> Result<Parsed, ParseError> {
    let mut text = without_inner_marks(text);
    let mut mended: Vec<ParseError> = Vec::new();
    loop {
        match load(&text, meter) {
            Ok((parsed, flows)) => {
                let within = |error: &ParseError| flows.iter().any(|flow| holds(*flow, error.span));
                return match mended.into_iter().find(|error| !within(error)) {
                    // The tab indented a block after all.
                    Some(error) => Err(error),
                    None => Ok(parsed),
                };
            }
            Err(error) => match without_tabs(&text, &error) {
                Some(spaced) if mended.len() < TAB_RETRIES => {
                    text = Cow::Owned(spaced);
                    mended.push(error);
                }
                _ => return Err(error),
            },
        }
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start < inner.start && inner.end <= outer.end
}

/// The text with the byte-order marks that start a document behind `---` as comments of the same length: joined files
/// leave them there, and the cluster passes over them.
fn without_inner_marks(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{feff}') {
        return Cow::Borrowed(text);
    }
    let mut mended = String::with_capacity(text.len());
    let mut separated = false;
    for line in text.split_inclusive('\n') {
        match line.strip_prefix('\u{feff}') {
            Some(rest) if separated => {
                mended.push_str("#-\n");
                mended.push_str(rest);
            }
            _ => mended.push_str(line),
        }
        separated = line.starts_with("---");
    }
    Cow::Owned(mended)
}

/// The text with the tabs that start the error's line as spaces: within a flow collection the cluster reads tabs as
/// blanks. Whether the line is within one is known only when the text could be read.
fn without_tabs(text: &str, error: &ParseError) -> Option<String> {
    if !error.message.contains("tab") {
        return None;
    }
    let at = (error.span.start as usize).min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = text[start..]
        .find(|character| character != '\t' && character != ' ')
        .unwrap_or(0);
    let line = &text[start..start + indent];
    if !line.contains('\t') {
        return None;
    }
    Some(format!(
        "{}{}{}",
        &text[..start],
        " ".repeat(indent),
        &text[start + indent..]
    ))
}
