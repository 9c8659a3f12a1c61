//! Writing what was fetched: complete, beside its place first, and never through a link.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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

/// Writes files below a directory, all of them or, if one is in the way, none.
pub fn write(content: &Content, directory: &Path, existing: Existing) -> Result<(), Problem> {
    let wrong = |error: io::Error| {
        fault(
            format!("{} cannot be written: {error}", directory.display()),
            "check the directory and its permissions",
        )
    };
    for (path, entry) in content.files() {
        check(directory, path, &entry.bytes, existing)?;
    }
    let beside = parent(directory);
    fs::create_dir_all(&beside).map_err(wrong)?;
    let stage = tempfile::Builder::new()
        .prefix(".kpolicy-pull-")
        .tempdir_in(&beside)
        .map_err(wrong)?;
    for (path, entry) in content.files() {
        let file = stage.path().join(path);
        fs::create_dir_all(parent(&file)).map_err(wrong)?;
        fs::write(&file, &entry.bytes).map_err(wrong)?;
        permit(&file, entry.executable).map_err(wrong)?;
    }
    for (path, entry) in content.files() {
        let file = directory.join(path);
        // What is as it was stays, so that nobody who watches it sees a change.
        if fs::read(&file).is_ok_and(|bytes| bytes == entry.bytes) {
            continue;
        }
        fs::create_dir_all(parent(&file)).map_err(wrong)?;
        fs::rename(stage.path().join(path), &file).map_err(wrong)?;
    }
    Ok(())
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
}
