//! What cannot be evaluated, put into words: each problem names the location and the next step.

use std::io;
use std::path::Path;

use crate::finding::{Input, Location, Problem};
use crate::locate::at_span;
use kpolicy_parse::ParseError;
use kpolicy_parse::document::Span;
use kpolicy_value::LineIndex;

/// A problem of a file as a whole.
pub fn of_path(path: &Path, message: &str, help: &str) -> Problem {
    let shown = path.display().to_string();
    let message = format!("{} {message}", called(&shown));
    of_file(&shown, "", message, Some(help.to_owned()))
}

/// A problem of writing what a command gives.
pub fn of_output(error: &io::Error) -> Problem {
    let (reason, help) = unwritten(error);
    of_run(format!("the output could not be written: {reason}"), help)
}

/// A problem of writing a file.
pub fn of_unwritten(path: &Path, error: &io::Error) -> Problem {
    let (mut reason, mut help) = unwritten(error);
    // The directory is what has to exist or be writable: a file is written beside the old one first.
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    match error.kind() {
        io::ErrorKind::NotFound => reason = format!("the directory {} does not exist", directory.display()),
        io::ErrorKind::PermissionDenied => {
            reason = "permission denied".to_owned();
            if !path.exists() || path.is_file() {
                help = "make its directory writable for the user that kpolicy runs as, or write somewhere else";
            }
        }
        _ => {}
    }
    of_path(path, &format!("could not be written: {reason}"), help)
}

/// Why something could not be written, and what to do about it.
fn unwritten(error: &io::Error) -> (String, &'static str) {
    use io::ErrorKind as Kind;
    let (reason, help) = match error.kind() {
        Kind::NotFound => ("its directory does not exist", "create the directory first"),
        Kind::NotADirectory => (
            "a part of its path is not a directory",
            "correct the path, or write somewhere else",
        ),
        Kind::IsADirectory => ("it is a directory", "name a file in it"),
        Kind::PermissionDenied => (
            "permission denied",
            "make it writable for the user that kpolicy runs as, or write somewhere else",
        ),
        Kind::ReadOnlyFilesystem => ("the file system is read-only", "write somewhere else"),
        Kind::StorageFull => (
            "no space left on the device",
            "free some space, or write somewhere else",
        ),
        Kind::QuotaExceeded => ("the disk quota is exceeded", "free some space, or write somewhere else"),
        Kind::FileTooLarge => (
            "it is larger than a file may be",
            "raise the limit (ulimit -f), or write somewhere else",
        ),
        Kind::InvalidFilename => ("its name is not one that the file system takes", "choose another name"),
        Kind::ResourceBusy => ("it is in use or mounted", "write somewhere else"),
        _ => return (error.to_string(), "correct the cause, or write somewhere else"),
    };
    (reason.to_owned(), help)
}

/// What messages call a source.
pub(crate) fn called(path: &str) -> &str {
    if path == Input::STDIN { "standard input" } else { path }
}

/// A problem at a location that has no text to show: a flag, a variable, a file.
pub fn of_place(place: impl Into<String>, message: impl Into<String>, help: Option<String>) -> Problem {
    Problem {
        place: place.into(),
        message: message.into(),
        help,
        file: None,
        excerpt: None,
    }
}

/// A problem at a location of a file that has no text to show: `:3:1` after its path, or nothing.
pub fn of_file(path: &str, at: &str, message: impl Into<String>, help: Option<String>) -> Problem {
    Problem {
        file: Some(Input::of_path(path)),
        ..of_place(format!("{path}{at}"), message, help)
    }
}

/// A problem at a location, with its lines.
pub fn of_location(location: Location, message: impl Into<String>, help: Option<String>) -> Problem {
    Problem {
        place: format!("{}:{}:{}", location.file, location.line, location.column),
        message: message.into(),
        help,
        file: Some(location.file.clone()),
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
        error.help.clone().map(String::from),
    )
}

/// A problem without a location.
pub fn of_run(message: impl Into<String>, help: impl Into<String>) -> Problem {
    of_place("", message, Some(help.into()))
}
