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
    if let Some(held) = &source.held {
        read_up_to(&**held, limit)
    } else if source.stdin {
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
    let file = open(path).map_err(|error| match fs::metadata(path) {
        Ok(metadata) => refusal(&metadata, limit).unwrap_or_else(|| Unreadable::of(&error)),
        Err(error) => Unreadable {
            reason: reason_at(path, &error),
            ..Unreadable::of(&error)
        },
    })?;
    let metadata = file.metadata().map_err(|error| Unreadable::of(&error))?;
    match refusal(&metadata, limit) {
        Some(refused) => Err(refused),
        None => read_sized(file, metadata.len(), limit),
    }
}

/// Opens a file; of a pipe, without waiting for somebody who writes to it.
fn open(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.read(true).open(path)
}

/// Why something is not read, where it is no file, or too large.
fn refusal(metadata: &fs::Metadata, limit: u64) -> Option<Unreadable> {
    if !metadata.is_file() {
        return Some(Unreadable {
            reason: "is not a regular file".to_owned(),
            help: "pipe its content into kpolicy and name it `-`, or skip it with --ignore",
        });
    }
    (metadata.len() > limit).then(|| Unreadable::too_large(limit))
}

/// Reads a file that had this size when it was opened: with one read, and one that finds the end.
fn read_sized(mut file: fs::File, size: u64, limit: u64) -> Result<Vec<u8>, Unreadable> {
    // One byte more than the file has, so that its end is found without growing.
    let size = usize::try_from(size).map_err(|_| Unreadable::too_large(limit))?;
    let mut bytes = vec![0; size.saturating_add(1)];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Unreadable::of(&error)),
        }
    }
    let has_grown = filled == bytes.len();
    bytes.truncate(filled);
    match has_grown {
        true => read_on(bytes, file, limit),
        false => Ok(bytes),
    }
}

fn read_up_to(from: impl Read, limit: u64) -> Result<Vec<u8>, Unreadable> {
    read_on(Vec::new(), from, limit)
}

/// Reads what is left after these bytes.
fn read_on(mut bytes: Vec<u8>, from: impl Read, limit: u64) -> Result<Vec<u8>, Unreadable> {
    let left = limit.saturating_add(1).saturating_sub(bytes.len() as u64);
    let read = from.take(left).read_to_end(&mut bytes);
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
