//! Copies a plugin's directory to where plugins are, and removes it there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Places, Plugin};
use crate::finding::Problem;
use crate::problem;

/// The most files of a plugin.
const MOST_FILES: usize = 10_000;
/// The most bytes of a plugin.
const MOST_BYTES: u64 = 256 << 20;

/// Installs the plugin in a directory. One of its name that is installed is replaced, once the new one is whole.
pub fn install(places: &Places, source: &Path, is_command: impl Fn(&str) -> bool) -> Result<Plugin, Problem> {
    let plugin = Plugin::at(source)?;
    if is_command(&plugin.name) {
        return Err(problem::of_run(
            format!(
                "{} is a command of kpolicy, and a plugin cannot have its name",
                plugin.name
            ),
            "give the plugin another name in its plugin.yaml",
        ));
    }
    let directory = directory(places)?;
    let unwritten = |error: &io::Error| problem::of_unwritten(&directory.join(&plugin.name), error);
    fs::create_dir_all(directory).map_err(|error| unwritten(&error))?;
    let beside = tempfile::Builder::new().prefix(".kpolicy-").tempdir_in(directory);
    let beside = beside.map_err(|error| unwritten(&error))?;
    let (new, old) = (beside.path().join("new"), beside.path().join("old"));
    Copied::default().copy(source, &new)?;
    let target = directory.join(&plugin.name);
    let was_there = fs::symlink_metadata(&target).is_ok();
    if was_there {
        // conftest installs a link to a directory, which is moved as it is.
        fs::rename(&target, &old).map_err(|error| unwritten(&error))?;
    }
    if let Err(error) = fs::rename(&new, &target) {
        if was_there {
            // The error says that the plugin could not be written; the old one is better than none.
            let _ = fs::rename(&old, &target);
        }
        return Err(unwritten(&error));
    }
    Plugin::at(&target)
}

/// Removes an installed plugin, and gives where it was.
pub fn remove(places: &Places, name: &str) -> Result<PathBuf, Problem> {
    let found = |directory: &PathBuf| fs::symlink_metadata(directory.join(name)).is_ok();
    let directory = places
        .directories
        .iter()
        .find(|directory| super::is_name(name) && found(directory));
    let Some(directory) = directory else {
        let message = match places.find(name)? {
            Some(program) => format!("{name} is a program on the search path: {}", program.path.display()),
            None => format!("no plugin {name} is installed"),
        };
        return Err(problem::of_run(message, "kpolicy plugin list lists those that are"));
    };
    let path = directory.join(name);
    let removed = match fs::symlink_metadata(&path) {
        Ok(found) if found.is_symlink() => fs::remove_file(&path),
        _ => fs::remove_dir_all(&path),
    };
    removed.map_err(|error| problem::of_path(&path, &format!("could not be removed: {error}"), "remove it by hand"))?;
    Ok(path)
}

fn directory(places: &Places) -> Result<&Path, Problem> {
    let first = places.directories.first().map(PathBuf::as_path);
    first.ok_or_else(|| {
        problem::of_run(
            "there is no directory for plugins",
            "set HOME or XDG_DATA_HOME to an absolute path",
        )
    })
}

/// What was copied of a plugin.
#[derive(Default)]
struct Copied {
    files: usize,
    bytes: u64,
}

impl Copied {
    /// Copies a directory. A link is refused: it would lead somewhere else when it is copied.
    fn copy(&mut self, from: &Path, to: &Path) -> Result<(), Problem> {
        let unread =
            |error: io::Error| problem::of_path(from, &format!("could not be copied: {error}"), "make it readable");
        fs::create_dir(to).map_err(|error| problem::of_unwritten(to, &error))?;
        for entry in fs::read_dir(from).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(unread)?);
            let target = to.join(entry.file_name());
            if kind.is_dir() {
                // What is of git is no part of the plugin.
                if entry.file_name() != ".git" {
                    self.copy(&path, &target)?;
                }
                continue;
            }
            if !kind.is_file() {
                let help = "a plugin has files and directories alone: put a file in its place";
                return Err(problem::of_path(&path, "is a link, a pipe or a device", help));
            }
            self.files += 1;
            self.bytes += fs::copy(&path, &target).map_err(unread)?;
            if self.files > MOST_FILES || self.bytes > MOST_BYTES {
                let most = format!("has more than {MOST_FILES} files or {} MiB below it", MOST_BYTES >> 20);
                return Err(problem::of_path(&path, &most, "install the plugin's directory alone"));
            }
        }
        Ok(())
    }
}
