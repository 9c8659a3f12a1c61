//! Which paths settings ignore, and which parser they name for a path: globs with the meaning that they have in a
//! `.gitignore`, relative to the directory of the settings file.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use regex::Regex;

use kpolicy_parse::Format;

/// Globs, relative to a directory. A glob without a slash matches a name at any depth; one that matches a directory
/// matches all that is below it; `!` in front takes a match back.
#[derive(Clone, Debug)]
pub struct Globs {
    /// The directory, absolute.
    root: PathBuf,
    matcher: Gitignore,
}

impl Globs {
    /// The globs, or the first that is not valid: its index, and what is wrong with it.
    pub fn new(globs: &[String], root: &Path) -> Result<Self, (usize, String)> {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let mut builder = GitignoreBuilder::new(&root);
        for (index, glob) in globs.iter().enumerate() {
            builder.add_line(None, glob).map_err(|error| (index, wrong(error)))?;
        }
        let matcher = builder.build().map_err(|error| (0, wrong(error)))?;
        Ok(Self { root, matcher })
    }

    /// Whether they match a path or a directory above it.
    pub fn is_match(&self, path: &Path, is_dir: bool) -> bool {
        let path = normal(path);
        // What is outside of the directory is matched by names alone.
        let relative = path.strip_prefix(&self.root).unwrap_or(&path);
        let relative = relative.strip_prefix("/").unwrap_or(relative);
        matches!(
            self.matcher.matched_path_or_any_parents(relative, is_dir),
            Match::Ignore(_)
        )
    }
}

/// What is wrong with a glob, without the glob itself.
fn wrong(error: ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err,
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithPath { err, .. } => wrong(*err),
        other => other.to_string(),
    }
}

/// The path from the root of the file system, without `.` and `..`, as it is spelled: links are not resolved.
pub fn normal(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut normal = PathBuf::new();
    for part in absolute.components() {
        match part {
            std::path::Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// Which paths are ignored.
#[derive(Clone, Debug)]
pub enum Ignore {
    /// Files whose path matches, as conftest has it.
    Regex(Regex),
    /// Files and directories that globs match.
    Globs(Globs),
}

impl Ignore {
    /// Whether a path is ignored.
    pub fn is_match(&self, path: &Path, is_dir: bool) -> bool {
        match self {
            Self::Regex(regex) => !is_dir && regex.is_match(&path.to_string_lossy()),
            Self::Globs(globs) => globs.is_match(path, is_dir),
        }
    }
}

/// Parsers by globs, the longest glob first.
#[derive(Clone, Debug, Default)]
pub struct Parsers(Vec<(Globs, Format)>);

impl Parsers {
    /// Parsers by these globs: of several that match a path the longest counts.
    pub fn new(mut parsers: Vec<(String, Globs, Format)>) -> Self {
        parsers.sort_by(|(a, ..), (b, ..)| (b.len(), b).cmp(&(a.len(), a)));
        Self(parsers.into_iter().map(|(_, globs, format)| (globs, format)).collect())
    }

    /// The parser that is named for a path.
    pub fn of(&self, path: &Path) -> Option<Format> {
        self.0
            .iter()
            .find(|(globs, _)| globs.is_match(path, false))
            .map(|(_, format)| *format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_in_a_gitignore() {
        let globs = |lines: &[&str]| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            Globs::new(&lines, Path::new("/project")).expect("globs")
        };
        for (glob, path, expected) in [
            ("vendor", "/project/a/vendor/x.yaml", true),
            ("vendor/", "/project/vendor", false),
            ("/vendor", "/project/a/vendor/x.yaml", false),
            ("a/*.yaml", "/project/a/x.yaml", true),
            ("a/*.yaml", "/project/a/b/x.yaml", false),
            ("a/**/*.yaml", "/project/a/b/x.yaml", true),
            ("*.yaml", "/elsewhere/x.yaml", true),
            ("../b/*.yaml", "/b/x.yaml", false),
            ("x.yaml", "/project/a/../x.yaml", true),
        ] {
            assert_eq!(
                globs(&[glob]).is_match(Path::new(path), false),
                expected,
                "{glob} on {path}"
            );
        }
        let kept = globs(&["*.yaml", "!keep.yaml"]);
        assert!(kept.is_match(Path::new("/project/a.yaml"), false));
        assert!(!kept.is_match(Path::new("/project/keep.yaml"), false));
        assert_eq!(
            Globs::new(&["ok".to_owned(), "{z".to_owned()], Path::new("/"))
                .expect_err("a fault")
                .0,
            1
        );
    }

    #[test]
    fn the_longest_glob_names_the_parser() {
        let parser = |glob: &str, format| {
            let globs = Globs::new(&[glob.to_owned()], Path::new("/project")).expect("a glob");
            (glob.to_owned(), globs, format)
        };
        let parsers = Parsers::new(vec![
            parser("*.conf", Format::Toml),
            parser("deploy/*.conf", Format::Yaml),
        ]);
        assert_eq!(parsers.of(Path::new("/project/deploy/a.conf")), Some(Format::Yaml));
        assert_eq!(parsers.of(Path::new("/project/a.conf")), Some(Format::Toml));
        assert_eq!(parsers.of(Path::new("/project/a.yaml")), None);
    }
}
