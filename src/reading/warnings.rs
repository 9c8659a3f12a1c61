//! What is suspicious about a text that parses: keys that are in one object twice, text that its
//! consumer does not read, and a document that is one string.

use crate::finding::Problem;
use crate::problem;
use kpolicy_parse::Parsed;
use kpolicy_parse::document::Span;
use kpolicy_value::LineIndex;
use kpolicy_value::Value;

/// How many keys of a file are reported that are there twice.
const MOST: usize = 20;

/// The warnings of a text and what was parsed of it.
pub fn of(path: &str, text: &str, parsed: &Parsed) -> Vec<Problem> {
    let is_string = |node: &&kpolicy_parse::document::Node| matches!(node.value, Value::String(_));
    let strings: Vec<Span> = parsed
        .documents
        .iter()
        .filter(is_string)
        .map(|node| node.spans.value)
        .collect();
    if parsed.duplicates.is_empty() && parsed.unread.is_empty() && strings.is_empty() {
        return Vec::new();
    }
    let lines = LineIndex::new(text);
    let mut warnings = duplicates(path, text, &parsed.duplicates, &lines);
    for span in parsed.unread.iter().take(MOST) {
        let message = "the document has ended before this line: the cluster does not read what follows, and it is not \
                       evaluated";
        let help = "check the indentation, or put a line with `---` before it".to_owned();
        warnings.push(problem::of_span(path, &lines, *span, message, Some(help)));
    }
    for span in strings.into_iter().take(MOST) {
        let message = format!(
            "{} holds a document that is a single string: is this the right parser?",
            problem::called(path)
        );
        let help = "select one with --parser, or with [parser] in kpolicy.toml".to_owned();
        warnings.push(problem::of_span(
            path,
            &lines,
            first_line(text, span),
            message,
            Some(help),
        ));
    }
    warnings
}

/// The span as far as it is on its first line.
fn first_line(text: &str, span: Span) -> Span {
    let (start, end) = (span.start as usize, span.end as usize);
    let length = span.of(text).find(['\n', '\r']).unwrap_or(end - start);
    Span::new(start, start + length)
}

/// Two warnings for each key: at the location whose value is lost, and at the location whose value counts.
fn duplicates(path: &str, text: &str, duplicates: &[(Span, Span)], lines: &LineIndex) -> Vec<Problem> {
    let mut pairs = duplicates.to_vec();
    pairs.sort_unstable();
    let mut warnings = Vec::new();
    for (earlier, later) in pairs.iter().take(MOST) {
        let place = |span: &Span| {
            let (line, column) = lines.position(span.start as usize);
            format!("{line}:{column}")
        };
        let (key, help) = (later.of(text), "remove one of the two: the last one counts");
        let lost = format!("duplicate key {key}: the one at {} replaces this value", place(later));
        let kept = format!("duplicate key {key}: this value replaces the one at {}", place(earlier));
        for (span, message) in [(earlier, lost), (later, kept)] {
            warnings.push(problem::of_span(path, lines, *span, message, Some(help.to_owned())));
        }
    }
    if let Some(more) = pairs.len().checked_sub(MOST).filter(|more| *more > 0) {
        let message = format!("{} has {more} more duplicate keys", problem::called(path));
        warnings.push(problem::of_place(path, message, None));
    }
    warnings
}
