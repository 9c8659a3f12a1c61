//! From a line of a file to the path of what is written there.

use kpolicy_parse::document::{Document, Spans};
use kpolicy_value::{LineIndex, Span, Value};

/// The path of the innermost value of a document that a line belongs to; nothing where the line is not in the document.
pub fn path_at(document: &Document, line: usize) -> Option<Vec<Value>> {
    let lines = document.file.lines();
    let mut path = Vec::new();
    let (mut value, mut spans) = (&document.value, &document.spans);
    has(spans, &lines, line)?;
    while let Some((key, part, inner)) = part_at(value, spans, &lines, line) {
        path.push(key);
        (value, spans) = (part, inner);
    }
    Some(path)
}

/// How many lines a value with its key has, where this line is one of them.
fn has(spans: &Spans, lines: &LineIndex, line: usize) -> Option<usize> {
    let written = |span: &Span| span.start < span.end;
    let own = [spans.key, spans.value];
    let mut range = own.into_iter().filter(written).reduce(Span::to)?;
    // The span of a block or a table may be its header alone.
    for child in spans.children.iter().flat_map(|children| children.iter()) {
        let child = [child.key, child.value];
        range = child.into_iter().filter(written).fold(range, Span::to);
    }
    let (first, _) = lines.position(range.start as usize);
    let (last, _) = lines.position((range.end as usize).saturating_sub(1));
    (first <= line && line <= last).then(|| last - first)
}

/// The part of a value that a line belongs to: the one with the fewest lines.
fn part_at<'d>(
    value: &'d Value,
    spans: &'d Spans,
    lines: &LineIndex,
    line: usize,
) -> Option<(Value, &'d Value, &'d Spans)> {
    let children = spans.children.as_ref()?;
    let parts: Vec<(Value, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => (0i64..).map(Value::from).zip(items.iter()).collect(),
        _ => return None,
    };
    let parts = parts.into_iter().zip(children.iter());
    let found = parts.filter_map(|((key, value), spans)| Some((has(spans, lines, line)?, key, value, spans)));
    let (_, key, value, spans) = found.min_by_key(|(size, ..)| *size)?;
    Some((key, value, spans))
}
