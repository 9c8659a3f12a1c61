//! A small project of a test's own.

use std::fs;

use tempfile::TempDir;

/// An empty folder of a test's own. It is a repository's root, so that no settings file above it is found.
pub(crate) fn empty() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    folder
}

/// A project of these files in a folder of its own.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    let root = empty();
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    root
}
