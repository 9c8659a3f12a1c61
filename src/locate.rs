//! From a path in a document to a location in its file: file, line, columns, and the lines around.
//!
//! What is underlined follows one set of conventions: a scalar itself; for a mapping or list its key; for an item of
//! a list the value of its `name`, else its first key; for a whole document the value of `metadata.name`, else its
//! first key.

use serde_json::Value as Json;

use crate::finding::{Confidence, Input, Line, Location, Step, path_text};
use kpolicy_parse::document::{Document, Found, Span, Spans};
use kpolicy_value::{LineIndex, Value, boundary};

/// Lines of context before and after the one at fault.
const CONTEXT: usize = 2;

/// How many bytes of a line are kept before and after a location in it: more than any report shows.
const SHOWN: usize = 1024;

/// The lines around the location at a byte offset, each cut to what is near the location, or to its start.
pub fn around(index: &LineIndex, offset: usize) -> Vec<Line> {
    let (line, _) = index.position(offset);
    let last = (line + CONTEXT).min(index.count());
    let mut lines: Vec<Line> = (line.saturating_sub(CONTEXT).max(1)..=last)
        .map(|number| cut(index, number, if number == line { offset } else { 0 }))
        .collect();
    // A final line break leaves an empty last line that nobody wrote.
    if lines
        .last()
        .is_some_and(|shown| shown.text.is_empty() && shown.number == index.count() && shown.number > line)
    {
        lines.pop();
    }
    lines
}

/// What is near an offset of a line.
fn cut(index: &LineIndex, number: usize, offset: usize) -> Line {
    let (text, start) = (index.line(number), index.start(number));
    let near = offset.saturating_sub(start).min(text.len());
    let from = boundary(text, near.saturating_sub(SHOWN));
    let to = boundary(text, (near + SHOWN).min(text.len()));
    Line {
        number,
        skipped: index.characters(start, start + from),
        text: text[from..to].to_owned(),
    }
}

/// What is to be found in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The document as a whole.
    Document,
    /// The value at a path; where the path does not exist to its end, the last value that does.
    Value(Vec<Value>),
    /// The key that the value at a path is under.
    Key(Vec<Value>),
}

impl Target {
    /// The value at a path; of the empty one, the document.
    pub fn of(path: &[Value]) -> Self {
        match path {
            [] => Self::Document,
            path => Self::Value(path.to_vec()),
        }
    }

    /// The steps of its path.
    pub fn steps(&self) -> &[Value] {
        match self {
            Self::Document => &[],
            Self::Value(steps) | Self::Key(steps) => steps,
        }
    }
}

/// The location of a target in a document.
pub fn locate(document: &Document, target: &Target) -> Location {
    let steps = target.steps();
    let is_scalar = !matches!(document.value, Value::Array(_) | Value::Object(_));
    let confidence = match target {
        Target::Document if is_scalar => Confidence::Exact,
        Target::Document => Confidence::Document,
        _ if document.find(steps).depth == steps.len() => Confidence::Exact,
        _ => Confidence::Near,
    };
    let path: Vec<Step> = steps.iter().map(step).collect();
    let place = at_span(
        &document.file.path,
        underlined(document, target),
        &document.file.lines(),
    );
    Location {
        missing: steps.len() - document.find(steps).depth,
        lasting_path: lasting_path(&document.value, steps),
        document: document.index,
        path_text: path_text(&path),
        path,
        confidence,
        rendered: document.file.rendered,
        ..place
    }
}

/// The location of a range of a file's text.
pub fn at_span(path: &str, span: Span, lines: &LineIndex) -> Location {
    let (line, column) = lines.position(span.start as usize);
    let (end_line, end_column) = lines.position((span.end as usize).max(span.start as usize));
    Location {
        file: Input::of_path(path),
        line,
        column,
        end_line,
        end_column,
        document: 0,
        path_text: String::new(),
        confidence: Confidence::Exact,
        excerpt: around(lines, span.start as usize),
        path: Vec::new(),
        missing: 0,
        lasting_path: String::new(),
        rendered: None,
    }
}

/// The range of the text that shows a target.
pub fn underlined(document: &Document, target: &Target) -> Span {
    let steps = target.steps();
    let Found { spans, value, depth } = document.find(steps);
    let composite = matches!(value, Value::Array(_) | Value::Object(_));
    let is_key = matches!(target, Target::Key(_)) && depth == steps.len();
    match steps[..depth].last() {
        None => of_document(document),
        // A part that the parser made, with no key of its own in the text: where something is missing in it, what it
        // is a part of.
        Some(Value::String(_)) if composite && empty(spans.key) => match depth == steps.len() && !empty(spans.value) {
            true => spans.value,
            false => underlined(document, &Target::of(&steps[..depth - 1])),
        },
        Some(_) if is_key && !empty(spans.key) => spans.key,
        Some(_) if !composite && !empty(spans.value) => spans.value,
        Some(Value::String(_)) if !empty(spans.key) => spans.key,
        Some(_) => of_item(value, spans),
    }
}

fn of_document(document: &Document) -> Span {
    let name = document.find(&["metadata".into(), "name".into()]);
    if name.depth == 2 && !empty(name.spans.value) {
        return name.spans.value;
    }
    first_instruction(document)
        .or_else(|| first_key(&document.spans))
        .unwrap_or(document.spans.value)
}

/// Of a Dockerfile the instruction that its first stage starts with.
fn first_instruction(document: &Document) -> Option<Span> {
    let is_from = |item: &Value| item.field("Cmd").and_then(Value::as_str) == Some("from");
    let at = document.value.as_array()?.iter().position(is_from)?;
    Some(document.spans.children.as_ref()?.get(at)?.value)
}

fn of_item(value: &Value, spans: &Spans) -> Span {
    // The span of a block or table that comes before its parts is its own header: that is its name.
    let first = first_key(spans);
    if first.is_some_and(|first| first.start >= spans.value.end) && !empty(spans.value) {
        return spans.value;
    }
    let name = value.as_object().and_then(|object| {
        let at = object.position(&"name".into())?;
        Some(spans.children.as_ref()?.get(at)?.value)
    });
    name.filter(|span| !empty(*span))
        .or_else(|| first_key(spans))
        .unwrap_or(spans.value)
}

/// The key, or the first item, that comes first in the text.
fn first_key(spans: &Spans) -> Option<Span> {
    let children = spans.children.as_ref()?;
    let start = |child: &Spans| if empty(child.key) { child.value } else { child.key };
    children.iter().map(start).filter(|span| !empty(*span)).min()
}

fn empty(span: Span) -> bool {
    span.start >= span.end
}

/// A step of a path as findings have it.
pub fn step(value: &Value) -> Step {
    match value {
        Value::Number(number) => number
            .as_i64()
            .and_then(|index| usize::try_from(index).ok())
            .map_or_else(|| Step::Key(number.to_string()), Step::Index),
        other => Step::Key(other.key_text()),
    }
}

/// A path into a document with items by their name, where they have one; a scalar item by its text. The index of a
/// Dockerfile's instruction is omitted, since what the finding is about names it; its words are known by their index.
fn lasting_path(value: &Value, path: &[Value]) -> String {
    let mut at = Some(value);
    let mut text = String::new();
    let mut is_instruction = false;
    for (depth, key) in path.iter().enumerate() {
        at = at.and_then(|value| value.get(key));
        if depth == 0 && at.is_some_and(|item| item.field("Cmd").is_some() && item.field("Stage").is_some()) {
            is_instruction = true;
            continue;
        }
        let name = match (key, at) {
            (Value::Number(_), Some(item @ Value::Object(_))) => item.field("name").and_then(Value::as_str),
            (Value::Number(_), Some(Value::String(item))) if !is_instruction => item.as_str(),
            _ => None,
        };
        match (name, step(key)) {
            (Some(name), _) => text.push_str(&format!("[{}]", Json::from(name))),
            (None, step) => {
                let written = path_text(&[step]);
                let dot = if written.starts_with('[') { "" } else { "." };
                text.push_str(&format!("{dot}{written}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_line_after_a_final_line_break_is_not_shown() {
        let shown = around(&LineIndex::new("é: 1\r\nb\rc: ü!\n"), 0);
        let texts: Vec<&str> = shown.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["é: 1", "b", "c: ü!"]);
    }

    #[test]
    fn of_a_line_that_is_a_whole_file_what_is_near_is_kept() {
        let text = format!("{}here{}\n{}", "é".repeat(5000), "x".repeat(5000), "y".repeat(5000));
        let shown = around(&LineIndex::new(&text), 10_000);
        assert_eq!((shown[0].skipped, shown[1].skipped), (5000 - SHOWN / 2, 0));
        assert!(
            shown[0]
                .text
                .chars()
                .skip(SHOWN / 2)
                .collect::<String>()
                .starts_with("herexx")
        );
        assert!(shown.iter().all(|line| line.text.len() <= 2 * SHOWN), "{shown:?}");
    }

    #[test]
    fn paths_read_as_people_write_them() {
        let path = [
            Step::Key("a".into()),
            Step::Index(0),
            Step::Key("k8s.io/x".into()),
            Step::Key("b".into()),
        ];
        assert_eq!(path_text(&path), "a[0][\"k8s.io/x\"].b");
    }
}
