//! What cannot be judged, put into words: each problem names the place and the next step.

use std::io;
use std::path::Path;

use crate::finding::{Location, Problem, STDIN};
use crate::locate::at_span;
use kpolicy_parse::ParseError;
use kpolicy_parse::document::Span;
use kpolicy_parse::yaml::Notice;
use kpolicy_value::LineIndex;

/// A problem of a file as a whole.
pub fn of_path(path: &Path, message: &str, help: &str) -> Problem {
    let shown = path.display().to_string();
    let message = format!("{} {message}", called(&shown));
    of_place(shown, message, Some(help.to_owned()))
}

/// A problem of writing what a command gives.
pub fn of_output(error: &io::Error) -> Problem {
    of_run(
        format!("the output could not be written: {error}"),
        "make room, or write somewhere else",
    )
}

/// What messages call a source.
fn called(path: &str) -> &str {
    if path == STDIN { "standard input" } else { path }
}

/// A problem at a place that has no text to show: a flag, a variable, a file.
pub fn of_place(place: impl Into<String>, message: impl Into<String>, help: Option<String>) -> Problem {
    Problem {
        place: place.into(),
        message: message.into(),
        help,
        excerpt: None,
    }
}

/// A problem at a location, with its lines.
pub fn of_location(location: Location, message: impl Into<String>, help: Option<String>) -> Problem {
    Problem {
        place: format!("{}:{}:{}", location.file, location.line, location.column),
        message: message.into(),
        help,
        excerpt: Some(Box::new(location)),
    }
}

/// A problem at a range of a file's text, with the line.
pub fn of_span(path: &str, lines: &LineIndex, span: Span, message: impl Into<String>, help: Option<String>) -> Problem {
    of_location(at_span(path, span, lines), message, help)
}

/// A problem of a text that is not of its format.
pub fn of_parse(path: &str, text: &str, error: &ParseError) -> Problem {
    of_span(
        path,
        &LineIndex::new(text),
        error.span,
        format!("{} does not parse: {}", called(path), error.message),
        error.help.clone(),
    )
}

/// A warning of what a text says otherwise than it seems.
pub fn of_notice(path: &str, text: &str, lines: &LineIndex, notice: Notice) -> Problem {
    match notice {
        Notice::DuplicateKey { first, later } => {
            let first = at_span(path, first, lines);
            let message = format!(
                "the key `{}` stands in this mapping already, at {}:{}: only this one counts",
                later.of(text),
                first.line,
                first.column
            );
            of_span(path, lines, later, message, Some("remove one of the two".to_owned()))
        }
        Notice::Unread(at) => of_span(
            path,
            lines,
            at,
            "the document has ended before this line: the cluster does not read what follows, and it is not evaluated",
            Some("check the indentation, or put a line with `---` before it".to_owned()),
        ),
    }
}

/// A problem without a place.
pub fn of_run(message: impl Into<String>, help: impl Into<String>) -> Problem {
    of_place("", message, Some(help.into()))
}
