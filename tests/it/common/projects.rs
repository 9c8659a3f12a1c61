//! A small project of a test's own.

use std::fs;

use tempfile::TempDir;

/// A project of these files in a folder of its own.
pub(crate) fn project(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }
    root
}
