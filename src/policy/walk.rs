//! The files below a folder of policies or data. Nothing of it is skipped in silence: what cannot be read is a
//! problem, since a rule or a list there would be lost.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::finding::Problem;
use crate::problem;

/// The files at or below `root` that are wanted, sorted. Links are followed, as OPA does.
pub(super) fn files(root: &Path, wanted: impl Fn(&Path) -> bool, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().follow_links(true) {
        match entry {
            Ok(entry) if !entry.file_type().is_dir() && wanted(entry.path()) => found.push(entry.into_path()),
            Ok(_) => {}
            Err(error) => problems.push(unreadable(error.path().unwrap_or(root), &error)),
        }
    }
    found
}

fn unreadable(path: &Path, error: &walkdir::Error) -> Problem {
    if error.loop_ancestor().is_some() {
        return problem::of_path(
            path,
            "is a symbolic link to a directory that contains it",
            "remove the link",
        );
    }
    if path.is_symlink() && !path.exists() {
        return problem::of_path(path, "is a dangling symbolic link", "fix the link or remove it");
    }
    let reason = error.io_error().map_or_else(|| error.to_string(), crate::input::reason);
    problem::of_path(path, &reason, "make it readable")
}
