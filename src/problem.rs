//! What cannot be judged, put into words: each problem names the place and the next step.

use std::path::Path;

use crate::document::{File, Span};
use crate::finding::Problem;
use crate::locate::{LineIndex, at_span};
use crate::parse::ParseError;

/// A problem of a file as a whole.
pub fn of_path(path: &Path, message: &str, help: &str) -> Problem {
    let shown = path.display().to_string();
    Problem {
        message: format!("{shown} {message}"),
        place: shown,
        help: Some(help.to_owned()),
        excerpt: Vec::new(),
    }
}

/// A problem at a range of a file's text, with the line.
pub fn of_span(path: &str, text: &str, span: Span, message: impl Into<String>, help: Option<String>) -> Problem {
    let lines = LineIndex::new(text);
    let file = File {
        path: path.to_owned(),
        text: String::new(),
    };
    let place = at_span(&file, span, &lines);
    Problem {
        place: format!("{path}:{}:{}", place.line, place.column),
        message: message.into(),
        help,
        excerpt: vec![lines.line(place.line)],
    }
}

/// A problem of a text that is not of its format.
pub fn of_parse(path: &str, text: &str, error: &ParseError) -> Problem {
    of_span(
        path,
        text,
        error.span,
        format!("{path} does not parse: {}", error.message),
        error.help.clone(),
    )
}

/// A problem without a place.
pub fn of_run(message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem {
        place: String::new(),
        message: message.into(),
        help: Some(help.into()),
        excerpt: Vec::new(),
    }
}
