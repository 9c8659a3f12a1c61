//! `kpolicy.lock`: which content each address had when the project agreed to it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

use super::{address, fault};
use crate::delivery::replace::replace;
use crate::finding::Problem;

/// The name of the file.
pub const NAME: &str = "kpolicy.lock";
/// What stands above the sources.
const HEAD: &str = "# Written by kpolicy pull; --update-lock accepts other content.\n\n";

/// The sources of a project.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    #[serde(default)]
    source: Vec<Source>,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    address: String,
    digest: String,
    time: String,
}

/// What a project agreed to.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    sources: Vec<Source>,
    accepts: bool,
    changed: bool,
}

impl Lock {
    /// Reads the file of a directory. With `accepts`, other content than what is locked is taken over.
    pub fn read(folder: &Path, accepts: bool) -> Result<Self, Problem> {
        let path = folder.join(NAME);
        let wrong = |what: String| {
            fault(
                format!("{NAME} {what}"),
                "restore it from version control, or remove it and pull the policies again",
            )
        };
        let sources = match fs::read_to_string(&path) {
            Ok(text) => {
                let read: Written =
                    toml::from_str(&text).map_err(|error| wrong(format!("is not valid: {}", error.message())))?;
                if read.version != 1 {
                    return Err(wrong(format!("has version {}, this kpolicy reads 1", read.version)));
                }
                read.source
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(wrong(format!("cannot be read: {error}"))),
        };
        Ok(Self {
            path,
            sources,
            accepts,
            changed: false,
        })
    }

    /// Checks the digest of an address against what is locked.
    pub fn check(&self, address: &str, digest: &str) -> Result<(), Problem> {
        let address = address::name(address);
        match self.sources.iter().find(|source| source.address == address) {
            Some(source) if source.digest != digest && !self.accepts => Err(fault(
                format!("{address} has the digest {digest}, and {NAME} has {}", source.digest),
                "see what has changed, then accept it with --update-lock",
            )),
            _ => Ok(()),
        }
    }

    /// Notes the digest of an address.
    pub fn note(&mut self, address: &str, digest: &str) {
        let address = address::name(address);
        if self
            .sources
            .iter()
            .any(|source| source.address == address && source.digest == digest)
        {
            return;
        }
        self.sources.retain(|source| source.address != address);
        let now = Timestamp::now();
        self.sources.push(Source {
            address,
            digest: digest.to_owned(),
            time: now.round(Unit::Second).unwrap_or(now).to_string(),
        });
        self.sources.sort_by(|left, right| left.address.cmp(&right.address));
        self.changed = true;
    }

    /// Notes the digest of an address where that is wanted.
    pub fn note_if(&mut self, wanted: bool, address: &str, digest: &str) {
        if wanted {
            self.note(address, digest);
        }
    }

    /// Writes the file, if anything is new.
    pub fn write(self) -> Result<(), Problem> {
        if !self.changed {
            return Ok(());
        }
        let written = Written {
            version: 1,
            source: self.sources,
        };
        let wrong = |error: String| {
            fault(
                format!("{NAME} cannot be written: {error}"),
                "check the permissions of the directory",
            )
        };
        let text = toml::to_string(&written).map_err(|error| wrong(error.to_string()))?;
        let write = |file: &mut dyn Write| file.write_all(format!("{HEAD}{text}").as_bytes());
        replace(&self.path, write).map_err(|error| wrong(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_content_is_an_error_until_it_is_accepted() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |accepts| Lock::read(folder.path(), accepts).expect("it is read");
        let mut lock = read(false);
        lock.note("https://user:secret@h/a", "sha256:1");
        lock.write().expect("it is written");
        let text = fs::read_to_string(folder.path().join(NAME)).expect("a file");
        assert!(!text.contains("secret"), "{text}");
        assert!(read(false).check("https://h/a", "sha256:1").is_ok());
        assert!(read(false).check("https://h/a", "sha256:2").is_err());
        assert!(read(false).check("https://h/b", "sha256:2").is_ok());
        let mut lock = read(true);
        assert!(lock.check("https://h/a", "sha256:2").is_ok());
        lock.note("https://h/a", "sha256:2");
        lock.write().expect("it is written");
        assert!(read(false).check("https://h/a", "sha256:1").is_err());
    }
}
