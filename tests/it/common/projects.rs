//! A small project of a test's own.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::program;

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

/// A git repository of a test's own, built by the program git.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    /// A repository without commits.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    /// A clone of a repository, with these options.
    pub(crate) fn cloned(of: &Path, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let repository = Self { folder };
        let url = format!("file://{}", of.display());
        let words = [&["clone", "--quiet"], options, &[&url, "."]].concat();
        repository.git(&words);
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git in it.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = program("git")
            .args(["-c", "protocol.file.allow=always", "-c", "core.autocrlf=false"])
            .args(arguments)
            .current_dir(self.path())
            .env("GIT_AUTHOR_NAME", "a")
            .env("GIT_AUTHOR_EMAIL", "a@example.com")
            .env("GIT_COMMITTER_NAME", "a")
            .env("GIT_COMMITTER_EMAIL", "a@example.com")
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("git prints UTF-8")
    }

    /// Writes files.
    pub(crate) fn write(&self, files: &[(&str, &str)]) -> &Self {
        for (name, text) in files {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        self
    }

    /// Commits all files.
    pub(crate) fn commit(&self) -> &Self {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
        self
    }
}
