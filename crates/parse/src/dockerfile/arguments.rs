//! An instruction's flags and arguments, by the rules of each keyword.

use super::super::ParseError;
use super::super::json::{self, Comments};
use super::line::{Line, Part, is_blank};
use crate::document::Span;
use kpolicy_value::Value;

/// The arguments of an instruction.
#[derive(Default)]
pub(super) struct Arguments {
    /// The arguments; nothing where there are none.
    pub(super) parts: Option<Vec<Part>>,
    /// Whether they were written as a JSON array.
    pub(super) json: bool,
}

impl Arguments {
    fn of(parts: Vec<Part>) -> Self {
        Self {
            parts: (!parts.is_empty()).then_some(parts),
            json: false,
        }
    }
}

/// The arguments after a keyword, given in lower case.
pub(super) fn read(command: &str, rest: &Line, escape: char) -> Result<Arguments, ParseError> {
    if rest.text.is_empty() {
        return Ok(Arguments::default());
    }
    match command {
        "add" | "copy" | "volume" => Ok(json_list(rest)?.unwrap_or_else(|| Arguments::of(words(rest)))),
        "run" | "cmd" | "entrypoint" | "shell" => {
            Ok(json_list(rest)?.unwrap_or_else(|| Arguments::of(vec![rest.whole()])))
        }
        "healthcheck" => healthcheck(rest),
        "env" | "label" => pairs(command, rest, escape).map(Arguments::of),
        "arg" => Ok(Arguments::of(quoted_words(rest, escape))),
        "expose" | "from" => Ok(Arguments::of(words(rest))),
        "maintainer" | "stopsignal" | "user" | "workdir" => Ok(Arguments::of(vec![rest.whole()])),
        _ => Ok(Arguments::default()),
    }
}

/// The flags at the start of a line, and what follows them.
pub(super) fn flags(line: &Line, escape: char) -> (Vec<Part>, Line) {
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        at += line.text[at..].len() - line.text[at..].trim_start().len();
        if !line.text[at..].starts_with("--") {
            return (flags, line.part_of(at, line.text.len()));
        }
        let (text, end) = unquoted_word(&line.text, at, escape);
        if text == "--" {
            return (flags, line.part_of(end, line.text.len()));
        }
        flags.push(Part {
            text,
            span: line.span(at, end),
        });
        at = end;
    }
}

/// A word from `from` on without its quotes and escapes, and where it ends.
fn unquoted_word(text: &str, from: usize, escape: char) -> (String, usize) {
    let mut word = String::new();
    let mut quote = None;
    let mut characters = text[from..].char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (None, blank) if blank.is_whitespace() => return (word, from + at),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (_, other) if other == escape => word.extend(characters.next().map(|(_, escaped)| escaped)),
            (_, other) => word.push(other),
        }
    }
    (word, text.len())
}

/// The words between blanks.
fn words(line: &Line) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = None;
    for (at, character) in line.text.char_indices() {
        match (start, is_blank(character)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                parts.push(line.part(from, at));
                start = None;
            }
            _ => {}
        }
    }
    parts.extend(start.map(|from| line.part(from, line.text.len())));
    parts
}

/// The words between blanks outside quotes; quotes and escapes stay.
fn quoted_words(line: &Line, escape: char) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut characters = line.text.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (None, blank) if blank.is_whitespace() => {
                parts.extend(start.take().map(|from| line.part(from, at)));
                continue;
            }
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (open, other) if other == escape && open != Some('\'') => {
                characters.next();
            }
            _ => {}
        }
        start = start.or(Some(at));
    }
    parts.extend(start.map(|from| line.part(from, line.text.len())));
    parts
}

/// `name=value` pairs as three parts each, or the old form `name value`.
fn pairs(command: &str, line: &Line, escape: char) -> Result<Vec<Part>, ParseError> {
    let words = quoted_words(line, escape);
    let old = words.first().is_some_and(|word| !word.text.contains('='));
    if old {
        let (name, value) = line.split_first_word();
        let Some(value) = value else {
            let message = format!("{} must have two arguments", command.to_uppercase());
            return Err(ParseError::new(message, name.span));
        };
        let none = Part {
            text: String::new(),
            span: name.span,
        };
        return Ok(vec![name, value.whole(), none]);
    }
    let mut parts = Vec::new();
    for word in words {
        let Some((name, value)) = word.text.split_once('=') else {
            let message = format!("{} is not name=value", word.text);
            return Err(ParseError::new(message, word.span));
        };
        let (start, end) = (word.span.start as usize, word.span.end as usize);
        let middle = start + name.len();
        // A pair that goes over several lines has no simple place for its parts.
        let straight = end - start == word.text.len();
        let at = |from: usize, to: usize| if straight { Span::new(from, to) } else { word.span };
        parts.push(Part {
            text: name.to_owned(),
            span: at(start, middle),
        });
        parts.push(Part {
            text: value.to_owned(),
            span: at(middle + 1, end),
        });
        parts.push(Part {
            text: "=".to_owned(),
            span: at(middle, middle + 1),
        });
    }
    Ok(parts)
}

/// HEALTHCHECK's type, and its command.
fn healthcheck(line: &Line) -> Result<Arguments, ParseError> {
    let (kind, command) = line.split_first_word();
    let Some(command) = command.filter(|command| !command.text.is_empty()) else {
        return Ok(Arguments::of(vec![kind]));
    };
    let list = json_list(&command)?;
    let json = list.is_some();
    let after = list.map_or_else(|| Some(vec![command.whole()]), |list| list.parts);
    let parts = std::iter::once(kind).chain(after.into_iter().flatten()).collect();
    Ok(Arguments {
        parts: Some(parts),
        json,
    })
}

/// The arguments in a JSON array; nothing where the line is none.
fn json_list(line: &Line) -> Result<Option<Arguments>, ParseError> {
    if !line.text.starts_with('[') {
        return Ok(None);
    }
    let Ok(node) = json::parse(&line.text, Comments::Refused) else {
        return Ok(None);
    };
    let (Value::Array(items), Some(spans)) = (&node.value, &node.spans.children) else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    for (item, spans) in items.iter().zip(spans.iter()) {
        let span = line.span(spans.value.start as usize, spans.value.end as usize);
        let Some(text) = item.as_str() else {
            return Err(ParseError::new("an array of arguments can contain only strings", span));
        };
        parts.push(Part {
            text: text.to_owned(),
            span,
        });
    }
    Ok(Some(Arguments {
        parts: (!parts.is_empty()).then_some(parts),
        json: true,
    }))
}
