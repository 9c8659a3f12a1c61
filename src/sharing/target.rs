//! Writing what was fetched: complete, beside its place first, and never through a link.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::content::Entry;
use super::{Content, fault};
use crate::finding::Problem;

/// Whether a file that is there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced.
    Replace,
    /// Other content than the new one is an error.
    Keep,
}

/// Writes the files of sources below a directory: all of them or, if one is in the way or cannot be written, none.
pub fn write(sources: &[(&Content, Existing)], directory: &Path) -> Result<(), Problem> {
    let wrong = |error: io::Error| {
        fault(
            format!("{} cannot be written: {error}", directory.display()),
            "check the directory and its permissions",
        )
    };
    for (content, existing) in sources {
        for (path, entry) in content.files() {
            check(directory, path, &entry.bytes, *existing)?;
        }
    }
    let beside = parent(directory);
    fs::create_dir_all(&beside).map_err(wrong)?;
    let stage = tempfile::Builder::new()
        .prefix(".kpolicy-pull-")
        .tempdir_in(&beside)
        .map_err(wrong)?;
    let (new, old) = (stage.path().join("new"), stage.path().join("old"));
    let files = || sources.iter().flat_map(|(content, _)| content.files());
    for (path, entry) in files() {
        put(&new.join(path), entry).map_err(wrong)?;
    }
    let mut moves = Moves::default();
    for (path, entry) in files() {
        let file = directory.join(path);
        // What is as it was stays, so that nobody who watches it sees a change.
        if fs::read(&file).is_ok_and(|bytes| bytes == entry.bytes) {
            continue;
        }
        moves.replace(&new.join(path), &file, &old.join(path)).map_err(wrong)?;
    }
    moves.keep();
    Ok(())
}

/// Writes a file of the stage. Two paths that are one file here are an error, unless it is the same.
fn put(file: &Path, entry: &Entry) -> io::Result<()> {
    fs::create_dir_all(parent(file))?;
    match fs::File::create_new(file) {
        Ok(mut new) => new.write_all(&entry.bytes)?,
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(error) => match fs::read(file)? == entry.bytes {
            true => {}
            false => return Err(error),
        },
    }
    permit(file, entry.executable)
}

/// The files that were moved. Unless they are kept, they are moved back.
#[derive(Default)]
struct Moves {
    /// Each new file, and where the old one is, if there was one.
    files: Vec<(PathBuf, Option<PathBuf>)>,
    /// The directories that were created, the outer ones first.
    directories: Vec<PathBuf>,
}

impl Moves {
    fn replace(&mut self, new: &Path, file: &Path, old: &Path) -> io::Result<()> {
        self.create(&parent(file))?;
        let was_there = fs::symlink_metadata(file).is_ok();
        if was_there {
            fs::create_dir_all(parent(old))?;
            fs::hard_link(file, old).or_else(|_| fs::copy(file, old).map(|_| ()))?;
        }
        fs::rename(new, file)?;
        self.files.push((file.to_owned(), was_there.then(|| old.to_owned())));
        Ok(())
    }

    fn create(&mut self, directory: &Path) -> io::Result<()> {
        if directory.is_dir() {
            return Ok(());
        }
        self.create(&parent(directory))?;
        fs::create_dir(directory)?;
        self.directories.push(directory.to_owned());
        Ok(())
    }

    fn keep(&mut self) {
        self.files.clear();
        self.directories.clear();
    }
}

impl Drop for Moves {
    fn drop(&mut self) {
        // What went wrong is reported already; of the rest as much as possible is put back.
        for (file, old) in self.files.iter().rev() {
            let _ = match old {
                Some(old) => fs::rename(old, file),
                None => fs::remove_file(file),
            };
        }
        for directory in self.directories.iter().rev() {
            let _ = fs::remove_dir(directory);
        }
    }
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whether a file may be written: below no link, over no directory, and over another file only to replace it.
fn check(directory: &Path, path: &str, bytes: &[u8], existing: Existing) -> Result<(), Problem> {
    let mut at = directory.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        at.push(part);
        let is_last = parts.peek().is_none();
        let Ok(found) = fs::symlink_metadata(&at) else {
            return Ok(());
        };
        let in_the_way = match is_last {
            true => !found.is_file(),
            false => !found.is_dir(),
        };
        if in_the_way {
            return Err(fault(
                format!("{} is in the way of a file of the source", at.display()),
                "remove it, or choose another directory with --policy",
            ));
        }
    }
    let is_other = existing == Existing::Keep && fs::read(&at).ok().as_deref() != Some(bytes);
    match is_other {
        true => Err(fault(
            format!("the policy file {} already exists, with other content", at.display()),
            "remove it, or update it with kpolicy test --update",
        )),
        false => Ok(()),
    }
}

#[cfg(unix)]
fn permit(file: &Path, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    match executable {
        true => fs::set_permissions(file, fs::Permissions::from_mode(0o755)),
        false => Ok(()),
    }
}

#[cfg(not(unix))]
fn permit(_: &Path, _: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(path: &str) -> Content {
        let mut content = Content::default();
        content.add(path, b"package a".to_vec(), false).expect("a file");
        content
    }

    fn write(content: &Content, directory: &Path, existing: Existing) -> Result<(), Problem> {
        super::write(&[(content, existing)], directory)
    }

    #[test]
    fn files_are_written_and_nothing_is_left_beside_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let policy = folder.path().join("policy");
        write(&content("a/b.rego"), &policy, Existing::Keep).expect("it is written");
        write(&content("a/b.rego"), &policy, Existing::Keep).expect("equal content is no error");
        assert_eq!(fs::read(policy.join("a/b.rego")).expect("a file"), b"package a");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        fs::write(policy.join("a/b.rego"), "other").expect("it is written");
        assert!(write(&content("a/b.rego"), &policy, Existing::Keep).is_err());
        write(&content("a/b.rego"), &policy, Existing::Replace).expect("it is replaced");
        assert_eq!(fs::read(policy.join("a/b.rego")).expect("a file"), b"package a");
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (policy, outside) = (folder.path().join("policy"), folder.path().join("outside"));
        fs::create_dir_all(&policy).expect("a folder");
        fs::create_dir_all(&outside).expect("a folder");
        std::os::unix::fs::symlink(&outside, policy.join("a")).expect("a link");
        assert!(write(&content("a/b.rego"), &policy, Existing::Replace).is_err());
        assert_eq!(fs::read_dir(&outside).expect("a folder").count(), 0);
    }

    #[test]
    fn what_was_moved_is_moved_back_unless_all_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("policy")).expect("a folder");
        for (path, text) in [("policy/a", "old"), ("new-a", "new"), ("new-b", "new")] {
            fs::write(at(path), text).expect("a file");
        }
        let mut moves = Moves::default();
        for (new, file) in [("new-a", "policy/a"), ("new-b", "policy/sub/b")] {
            moves.replace(&at(new), &at(file), &at("old/a")).expect("it is moved");
        }
        assert_eq!(fs::read(at("policy/a")).expect("a file"), b"new");
        // It was moved already, and so this fails.
        assert!(moves.replace(&at("new-a"), &at("policy/c"), &at("old/c")).is_err());
        drop(moves);
        assert_eq!(fs::read(at("policy/a")).expect("a file"), b"old");
        assert!(!at("policy/sub").exists());
    }
}
