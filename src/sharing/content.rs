//! Files that came from elsewhere, in memory and below safe paths.

use std::collections::BTreeMap;

use super::{digest, fault};
use crate::finding::Problem;

/// The most bytes that the files of one source may have.
pub(super) const LARGEST: u64 = 64 << 20;
/// The most files of one source.
const MOST_FILES: usize = 20_000;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Whether it is a program.
    pub executable: bool,
}

/// Files by their paths, which are relative, lead nowhere else and have slashes.
#[derive(Debug, Default)]
pub struct Content {
    files: BTreeMap<String, Entry>,
    size: u64,
}

impl Content {
    /// The files, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.files.iter()
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// A file.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.files.get(path)
    }

    /// Adds a file. A path that leads elsewhere, a second file of the same path and too much content are errors.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>, executable: bool) -> Result<(), Problem> {
        let path = safe(path)?;
        self.size += bytes.len() as u64;
        if self.size > LARGEST || self.files.len() >= MOST_FILES {
            return Err(too_large());
        }
        let entry = Entry { bytes, executable };
        match self.files.insert(path.clone(), entry.clone()) {
            Some(other) if other != entry => Err(fault(
                format!("there are two files {path}"),
                "a source has each file once: publish it again",
            )),
            _ => Ok(()),
        }
    }

    /// How many more bytes there may be.
    pub(super) fn room(&self) -> u64 {
        LARGEST.saturating_sub(self.size)
    }

    /// The files below a directory, without it.
    pub fn below(self, directory: &str) -> Result<Self, Problem> {
        let prefix = format!("{}/", safe(directory)?);
        let mut kept = Self::default();
        for (path, entry) in self.files {
            if let Some(path) = path.strip_prefix(&prefix) {
                kept.add(path, entry.bytes, entry.executable)?;
            }
        }
        match kept.is_empty() {
            true => Err(fault(
                format!("the source has no directory {directory}"),
                "name a directory of the source after //",
            )),
            false => Ok(kept),
        }
    }

    /// A digest of all paths and files.
    pub fn digest(&self) -> String {
        let mut lines = String::new();
        for (path, entry) in &self.files {
            lines.push_str(&digest(&entry.bytes));
            lines.push_str("  ");
            lines.push_str(path);
            lines.push('\n');
        }
        digest(lines.as_bytes())
    }
}

/// What a source that is too large leads to.
pub(super) fn too_large() -> Problem {
    fault(
        format!("the source has more than {LARGEST} bytes or {MOST_FILES} files"),
        "share policies in an artifact of their own",
    )
}

/// A path as it is below a directory. Archives of OPA begin each path with a slash.
fn safe(path: &str) -> Result<String, Problem> {
    let unsafe_path = || {
        fault(
            format!("the source has a file {path:?} that would be outside of its directory"),
            "do not use this source: its files may not be what they seem",
        )
    };
    if path.contains(['\\', ':']) || path.chars().any(char::is_control) {
        return Err(unsafe_path());
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.is_empty() || parts.contains(&"..") {
        return Err(unsafe_path());
    }
    // git runs what such a directory's settings name.
    if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(fault(
            format!("the source has {path}, which would be settings of git"),
            "publish the policies without .git",
        ));
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_its_directory() {
        for (path, expected) in [("/a.rego", "a.rego"), ("./a//b.rego", "a/b.rego"), ("a/./b", "a/b")] {
            assert_eq!(safe(path).ok().as_deref(), Some(expected));
        }
        for path in [
            "",
            "/",
            "../a",
            "a/../../b",
            "a\\..\\b",
            "c:/x",
            "a\0b",
            "a\nb",
            ".git/config",
            "a/.GIT",
        ] {
            assert!(safe(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn the_same_path_twice_is_an_error_unless_the_files_are_equal() {
        let mut content = Content::default();
        assert!(content.add("a", b"1".to_vec(), false).is_ok());
        assert!(content.add("/a", b"1".to_vec(), false).is_ok());
        assert!(content.add("./a", b"2".to_vec(), false).is_err());
    }

    #[test]
    fn the_content_is_limited() {
        let mut content = Content::default();
        let large = vec![0; (LARGEST / 2 + 1) as usize];
        assert!(content.add("a", large.clone(), false).is_ok());
        assert!(content.add("b", large, false).is_err());
    }
}
