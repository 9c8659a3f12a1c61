//! `kpolicy.lock`: which content each address had when the project agreed to it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

use super::{Content, address, fault};
use crate::delivery::replace::replace;
use crate::finding::Problem;
use crate::settings::folders;

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
    /// Where its files were written to, seen from the lockfile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    directory: Option<String>,
    /// The files in that directory, with their digests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
}

/// What a project agreed to.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    is_there: bool,
    sources: Vec<Source>,
    accepts: bool,
    changed: bool,
}

impl Lock {
    /// Reads the lockfile of the project that this directory is in: the first one upwards to the repository's root, or the
    /// one that will be here. With `accepts`, other content than what is locked is taken over.
    pub fn find(accepts: bool) -> Result<Self, Problem> {
        let here = std::env::current_dir().map_err(|error| {
            fault(
                format!("the current directory is not known: {error}"),
                "change to a directory that exists",
            )
        })?;
        let found = folders(&here).find(|folder| fs::symlink_metadata(folder.join(NAME)).is_ok());
        Self::read(found.unwrap_or(&here), accepts)
    }

    /// Reads the file of a directory.
    fn read(folder: &Path, accepts: bool) -> Result<Self, Problem> {
        let path = folder.join(NAME);
        let (sources, is_there) = match fs::read_to_string(&path) {
            Ok(text) => (parsed(&text)?, true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), false),
            Err(error) => return Err(unusable(&format!("cannot be read: {error}"))),
        };
        Ok(Self {
            path,
            is_there,
            sources,
            accepts,
            changed: false,
        })
    }

    fn source(&self, address: &str) -> Option<&Source> {
        let address = address::name(address);
        self.sources.iter().find(|source| source.address == address)
    }

    /// The digest that is locked of an address.
    pub fn locked(&self, address: &str) -> Option<&str> {
        self.source(address).map(|source| source.digest.as_str())
    }

    /// Checks the digest of an address against what is locked.
    pub fn check(&self, address: &str, digest: &str) -> Result<(), Problem> {
        let address = address::name(address);
        match self.locked(&address) {
            Some(locked) if locked != digest && !self.accepts => Err(fault(
                format!("{address} has the digest {digest}, and {NAME} has {locked}"),
                "see what has changed, then accept it with --update-lock",
            )),
            _ => Ok(()),
        }
    }

    /// Checks what a run uses: with a lockfile, it uses only what is in it, or what is named by its digest.
    pub fn check_used(&self, address: &str, digest: &str) -> Result<(), Problem> {
        self.check(address, digest)?;
        let is_known = self.accepts || !self.is_there || self.locked(address).is_some();
        match is_known || address::is_pinned(address) {
            true => Ok(()),
            false => Err(fault(
                format!("{} is not in {NAME}", address::name(address)),
                "add it with --update-lock, or name it by its digest",
            )),
        }
    }

    /// Checks that files do not take the place of those that another source has in the directory.
    pub fn check_files(&self, address: &str, directory: &Path, content: &Content) -> Result<(), Problem> {
        let address = address::name(address);
        let place = below(self.root(), directory);
        for source in &self.sources {
            if self.accepts || source.address == address || place.is_none() || source.directory != place {
                continue;
            }
            for (path, entry) in content.files() {
                let other = source.files.get(path);
                if other.is_some_and(|other| *other != super::digest(&entry.bytes)) {
                    return Err(fault(
                        format!("{path} of {address} would replace the file of {}", source.address),
                        "choose another directory with --policy, or accept it with --update-lock",
                    ));
                }
            }
        }
        Ok(())
    }

    fn root(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Compares the files that were pulled and that these paths lead to with what they were.
    pub fn compare(&self, used: &[&Path]) -> Result<(), Problem> {
        let root = self.root();
        let used: Vec<PathBuf> = used.iter().filter_map(|path| plain(path)).collect();
        for source in &self.sources {
            let Some(folder) = source.directory.as_ref().and_then(|folder| plain(&root.join(folder))) else {
                continue;
            };
            for (path, digest) in &source.files {
                let file = folder.join(path);
                if !used.iter().any(|used| file.starts_with(used)) {
                    continue;
                }
                let is_same = fs::read(&file).is_ok_and(|bytes| super::digest(&bytes) == *digest);
                if !is_same {
                    let shown = Path::new(source.directory.as_deref().unwrap_or_default()).join(path);
                    return Err(fault(
                        format!(
                            "{} is not the file of {} that {NAME} has",
                            shown.display(),
                            source.address
                        ),
                        "remove it and pull again, or remove the source from the lockfile to keep your own version",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Notes the digest of an address, and where its files were written to.
    pub fn note(&mut self, address: &str, digest: &str, written: Option<(&Path, &Content)>) {
        let address = address::name(address);
        let old = self.source(&address).filter(|source| source.digest == digest).cloned();
        let root = self.root();
        let written = written.and_then(|(folder, content)| {
            let files = content
                .files()
                .map(|(path, entry)| (path.clone(), super::digest(&entry.bytes)));
            Some((below(root, folder)?, files.collect()))
        });
        let (directory, files) = match (written, &old) {
            (Some((directory, files)), _) => (Some(directory), files),
            (None, Some(old)) => (old.directory.clone(), old.files.clone()),
            (None, None) => (None, BTreeMap::new()),
        };
        let now = Timestamp::now();
        let source = Source {
            digest: digest.to_owned(),
            time: match &old {
                Some(old) => old.time.clone(),
                None => now.round(Unit::Second).unwrap_or(now).to_string(),
            },
            directory,
            files,
            address: address.clone(),
        };
        if old.as_ref() == Some(&source) {
            return;
        }
        self.sources.retain(|source| source.address != address);
        // What has taken the place of another source's file is no file of that source any more.
        for other in &mut self.sources {
            if other.directory == source.directory {
                other
                    .files
                    .retain(|path, digest| source.files.get(path).is_none_or(|new| new == digest));
            }
        }
        self.sources.push(source);
        self.sources.sort_by(|left, right| left.address.cmp(&right.address));
        self.changed = true;
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

fn unusable(what: &str) -> Problem {
    fault(
        format!("{NAME} {what}"),
        "restore it from version control, or remove it and pull the policies again",
    )
}

/// The sources of a file. Each address is there once, and has the name that it is looked up by.
fn parsed(text: &str) -> Result<Vec<Source>, Problem> {
    let read: Written =
        toml::from_str(text).map_err(|error| unusable(&format!("is not valid: {}", error.message())))?;
    if read.version != 1 {
        return Err(unusable(&format!("has version {}, this kpolicy reads 1", read.version)));
    }
    let mut sources: Vec<Source> = Vec::new();
    for mut source in read.source {
        source.address = address::name(&source.address);
        if sources.iter().any(|known| known.address == source.address) {
            return Err(unusable(&format!("has {} twice", source.address)));
        }
        sources.push(source);
    }
    Ok(sources)
}

/// A path from the root without `.` and `..`, so that one can be seen to begin another.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path).ok()?.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    Some(plain)
}

/// A directory as it is seen from another that it is in, with slashes.
fn below(root: &Path, folder: &Path) -> Option<String> {
    let (root, folder) = (plain(root)?, plain(folder)?);
    let parts = folder.strip_prefix(root).ok()?.components();
    let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
    let parts = parts?;
    Some(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_content_is_an_error_until_it_is_accepted() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |accepts| Lock::read(folder.path(), accepts).expect("it is read");
        let mut lock = read(false);
        lock.note("https://user:secret@h/a", "sha256:1", None);
        lock.write().expect("it is written");
        let text = fs::read_to_string(folder.path().join(NAME)).expect("a file");
        assert!(!text.contains("secret"), "{text}");
        assert!(read(false).check("https://h/a", "sha256:1").is_ok());
        assert!(read(false).check("https://h/a", "sha256:2").is_err());
        assert!(read(false).check("https://h/b", "sha256:2").is_ok());
        let mut lock = read(true);
        assert!(lock.check("https://h/a", "sha256:2").is_ok());
        lock.note("https://h/a", "sha256:2", None);
        lock.write().expect("it is written");
        assert!(read(false).check("https://h/a", "sha256:1").is_err());
    }
}
