//! YAML as the cluster reads it: events of the crate granit-parser become values with their spans, by the rules of
//! Go's sigs.k8s.io/yaml (YAML 1.1 scalars, JSON-compatible keys, merge keys in document order).

use granit_parser::{Parser, ScanError, options};

use super::{Meter, ParseError, Parsed};
use crate::document::Span;
use loader::Loader;

mod budget;
mod loader;
mod mend;
mod merge;
pub mod outline;
mod scalar;
#[cfg(test)]
mod tests;
mod timestamp;

/// How deep collections may nest.
const DEEPEST: usize = 1000;

/// The documents of a stream; those that hold nothing are null.
pub(super) fn parse(text: &str, meter: Meter) -> Result<Parsed, ParseError> {
    mend::read(text, meter).map_err(|error| ParseError {
        span: on_characters(error.span, text),
        ..error
    })
}

/// Whether the text, written without quotes, reads as itself and as nothing else: no number or date.
pub fn reads_as_text(text: &str) -> bool {
    matches!(scalar::resolve(text, true, None), Ok(scalar::Scalar::Text(_))) && !scalar::is_time(text)
}

/// The span widened to whole characters: in the mended text a byte-order mark is three of them.
fn on_characters(span: Span, text: &str) -> Span {
    let (mut start, mut end) = (
        (span.start as usize).min(text.len()),
        (span.end as usize).min(text.len()),
    );
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span::new(start, end)
}

/// The documents, and where the outermost flow collections stand.
fn load(text: &str, meter: Meter) -> Result<(Parsed, Vec<Span>), ParseError> {
    refuse_controls(text)?;
    let options = options! {
        block_scalar_eof_without_line_feed: true,
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut loader = Loader::new(text, meter);
    while let Some(event) = parser.next_event() {
        let (event, place) = event.map_err(|error| of_scan(text, &error))?;
        loader.event(event, &place)?;
    }
    let parsed = Parsed {
        documents: loader.documents,
        duplicates: loader.duplicates,
    };
    Ok((parsed, loader.flows))
}

/// Refuses characters outside YAML's printable set.
fn refuse_controls(text: &str) -> Result<(), ParseError> {
    // Most texts are ASCII without any, and are passed at a glance.
    let usual = |byte: u8| (b' '..0x7f).contains(&byte) || matches!(byte, b'\t' | b'\n' | b'\r');
    if text.bytes().fold(true, |all, byte| all & usual(byte)) {
        return Ok(());
    }
    let Some((at, character)) = text.char_indices().find(|(_, character)| is_forbidden(*character)) else {
        return Ok(());
    };
    let message = format!("the control character U+{:04X} is not allowed", u32::from(character));
    Err(ParseError::new(message, Span::new(at, at + character.len_utf8())))
}

/// Characters outside YAML's printable set.
fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    }
}

fn of_scan(text: &str, error: &ScanError) -> ParseError {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let rest = &text[at..];
    let length = match rest.strip_prefix('*') {
        // An alias is wrong as a whole.
        Some(name) => {
            1 + name
                .find([' ', '\t', '\r', '\n', ',', '[', ']', '{', '}'])
                .unwrap_or(name.len())
        }
        None => rest.chars().next().map_or(0, char::len_utf8),
    };
    ParseError::new(error.info(), Span::new(at, at + length))
}
