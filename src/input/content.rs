//! The bytes of a source, or why there are none.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::Source;

/// Why something could not be read, and what to do about it.
#[derive(Debug)]
pub struct Unreadable {
    /// What is wrong with it.
    pub reason: String,
    /// The next step for an input file.
    pub help: &'static str,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}

impl Error for Unreadable {}

impl Unreadable {
    fn too_large(limit: u64) -> Self {
        Self {
            reason: format!("is larger than the limit of {limit} bytes"),
            help: "raise the limit with --max-file-size, or skip the file with --ignore",
        }
    }

    fn of(error: &io::Error) -> Self {
        Self {
            reason: reason(error),
            help: next_step(error, "make it readable, or skip it with --ignore"),
        }
    }
}

/// What to do about an input error: `otherwise`, unless the file is there and closed to us.
pub fn next_step(error: &io::Error, otherwise: &'static str) -> &'static str {
    if error.kind() == io::ErrorKind::PermissionDenied {
        "make it readable for the user that kpolicy runs as"
    } else {
        otherwise
    }
}

/// Reads a source whole, up to `limit` bytes.
pub fn read(source: &Source, limit: u64) -> Result<Vec<u8>, Unreadable> {
    if source.stdin {
        read_stdin(limit)
    } else {
        read_file(Path::new(&source.path), limit)
    }
}

/// Reads standard input whole, up to `limit` bytes.
pub fn read_stdin(limit: u64) -> Result<Vec<u8>, Unreadable> {
    if kpolicy_stdio::stdin_was_closed() {
        return Err(Unreadable {
            reason: "is closed".to_owned(),
            help: "pipe a document into kpolicy, or leave out `-`",
        });
    }
    read_up_to(io::stdin().lock(), limit)
}

/// Reads a file whole, up to `limit` bytes. A pipe is refused: there may never be anybody who writes to it.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Unreadable> {
    let metadata = fs::metadata(path).map_err(|error| Unreadable {
        reason: reason_at(path, &error),
        ..Unreadable::of(&error)
    })?;
    if !metadata.is_file() {
        return Err(Unreadable {
            reason: "is not a regular file".to_owned(),
            help: "pipe its content into kpolicy and name it `-`, or skip it with --ignore",
        });
    }
    if metadata.len() > limit {
        return Err(Unreadable::too_large(limit));
    }
    let file = fs::File::open(path).map_err(|error| Unreadable::of(&error))?;
    read_up_to(file, limit)
}

fn read_up_to(from: impl Read, limit: u64) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let read = from.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Unreadable::of(&error))?;
    if bytes.len() as u64 > limit {
        Err(Unreadable::too_large(limit))
    } else {
        Ok(bytes)
    }
}

/// Why a path could not be looked at: a link to nothing is there all the same.
pub fn reason_at(path: &Path, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound && path.is_symlink() {
        "is a dangling symbolic link".to_owned()
    } else {
        reason(error)
    }
}

/// An input error in plain words.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}
