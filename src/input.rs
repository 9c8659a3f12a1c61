//! What to judge: paths, folders, globs and standard input become sources, sorted, each with its format.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use regex::Regex;
use walkdir::{DirEntry, WalkDir};

use crate::finding::{Problem, STDIN};
use crate::problem;
use kpolicy_parse::Format;

mod content;

pub use content::{Unreadable, next_step, read, read_file, reason};

/// The name of kpolicy's own settings, which are judged only where they are named.
pub const OWN_SETTINGS: &str = "kpolicy.toml";
/// Folders of version control: their files are nobody's configuration.
const VERSION_CONTROL: [&str; 6] = [".git", ".hg", ".svn", ".bzr", ".jj", "CVS"];

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as reports show it, or [`STDIN`].
    pub path: String,
    /// What it is read as.
    pub format: Format,
}

/// What the command line named.
#[derive(Debug, Default)]
pub struct Discovery {
    /// What to judge, sorted within each argument, each file once.
    pub sources: Vec<Source>,
    /// Files of folders that no parser knows.
    pub skipped: usize,
    /// What was named and cannot be judged.
    pub problems: Vec<Problem>,
}

/// What of the files that are named is wanted, and how it is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// The format of every file; by its name where there is none.
    pub parser: Option<Format>,
    /// Which paths are passed over.
    pub ignore: Option<&'a Regex>,
    /// Whether a file that is named and has an ending that no parser knows is passed over like one of a folder.
    pub skip_unknown: bool,
}

/// Finds what `paths` name: files, folders, globs, `-`.
pub fn discover(paths: &[String], selection: Selection) -> Discovery {
    let mut search = Search {
        selection,
        seen: HashSet::new(),
        found: Discovery::default(),
    };
    for path in paths {
        search.argument(path);
    }
    search.found
}

struct Search<'a> {
    selection: Selection<'a>,
    seen: HashSet<PathBuf>,
    found: Discovery,
}

impl Search<'_> {
    fn argument(&mut self, path: &str) {
        if path == STDIN {
            let format = self.selection.parser.unwrap_or(Format::Yaml);
            if self.seen.insert(PathBuf::from(STDIN)) {
                self.found.sources.push(Source {
                    path: STDIN.to_owned(),
                    format,
                });
            }
            return;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(Path::new(path), |_| true),
            Ok(_) => self.named(path),
            Err(_) if path.contains(['*', '?', '[', '{']) => self.glob(path),
            Err(error) => {
                let dangling = fs::symlink_metadata(path).is_ok();
                let message = if dangling {
                    "is a link that leads nowhere".to_owned()
                } else {
                    reason(&error)
                };
                let help = next_step(&error, "check the spelling, and the folder that kpolicy is started in");
                self.problem(path, &message, help);
            }
        }
    }

    /// A file named by the user: it must be judged.
    fn named(&mut self, path: &str) {
        match self.selection.parser.or_else(|| Format::of_path(Path::new(path))) {
            Some(format) => self.file(path.to_owned(), format),
            None if self.ignored(path) => {}
            None if self.selection.skip_unknown => self.skip(Path::new(path)),
            None => self.problem(
                path,
                "has an ending that no parser knows",
                "say how to read it with --parser (yaml, json, jsonc, toml, hcl2 or dockerfile)",
            ),
        }
    }

    /// The files of a folder whose path is wanted. Links to folders are not followed.
    fn folder(&mut self, folder: &Path, wanted: impl Fn(&Path) -> bool) {
        let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| !is_version_control(entry)) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() || !wanted(entry.path()) => {}
                Ok(entry) => self.walked(entry.path()),
                Err(error) => {
                    let path = clean(&error.path().unwrap_or(folder).to_string_lossy());
                    let message = error.io_error().map_or_else(|| error.to_string(), reason);
                    self.problem(&path, &message, "make it readable, or pass it over with --ignore");
                }
            }
        }
    }

    fn walked(&mut self, path: &Path) {
        let Some(shown) = path.to_str() else {
            self.problem(&path.to_string_lossy(), "has a name that is not UTF-8", "rename it");
            return;
        };
        if path.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return;
        }
        match Format::of_path(path) {
            _ if self.ignored(shown) => {}
            _ if path.file_name().is_some_and(|name| name == OWN_SETTINGS) => self.skip(path),
            Some(format) => self.file(clean(shown), self.selection.parser.unwrap_or(format)),
            None => self.skip(path),
        }
    }

    fn skip(&mut self, path: &Path) {
        self.found.skipped += usize::from(self.seen.insert(path.to_owned()));
    }

    fn file(&mut self, path: String, format: Format) {
        if self.ignored(&path) {
            return;
        }
        match fs::metadata(&path) {
            Err(_) => self.problem(
                &path,
                "is a link that leads nowhere",
                "mend the link, or pass it over with --ignore",
            ),
            Ok(metadata) if !metadata.is_file() => self.problem(
                &path,
                "is no regular file",
                "pipe its content into kpolicy and name it `-`, or pass it over with --ignore",
            ),
            Ok(_) => {
                let identity = fs::canonicalize(&path).unwrap_or_else(|_| PathBuf::from(&path));
                if self.seen.insert(identity) {
                    self.found.sources.push(Source { path, format });
                }
            }
        }
    }

    fn glob(&mut self, pattern: &str) {
        let glob = match GlobBuilder::new(&clean(pattern)).literal_separator(true).build() {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => {
                return self.problem(
                    pattern,
                    &format!("does not exist, and is no valid glob: {}", error.kind()),
                    "check the spelling, or mend the pattern",
                );
            }
        };
        let before = self.found.sources.len() + self.found.problems.len();
        let fixed: PathBuf = Path::new(&clean(pattern))
            .components()
            .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
            .collect();
        let base = if fixed.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            fixed
        };
        if base.exists() {
            self.folder(&base, |path| glob.is_match(clean(&path.to_string_lossy())));
        }
        if self.found.sources.len() + self.found.problems.len() == before {
            self.problem(
                pattern,
                "matches no file that a parser knows",
                "check the pattern, and quote it for the shell",
            );
        }
    }

    fn ignored(&self, path: &str) -> bool {
        self.selection.ignore.is_some_and(|ignore| ignore.is_match(path))
    }

    fn problem(&mut self, path: &str, message: &str, help: &str) {
        self.found
            .problems
            .push(problem::of_path(Path::new(path), message, help));
    }
}

fn is_version_control(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_type().is_dir() && VERSION_CONTROL.iter().any(|name| entry.file_name() == *name)
}

/// The path without `./` at its start and doubled separators.
fn clean(path: &str) -> String {
    let cleaned: PathBuf = Path::new(path)
        .components()
        .filter(|part| part.as_os_str() != ".")
        .collect();
    cleaned.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary folder");
        for name in [
            "b.yaml",
            "a.json",
            "notes.txt",
            "sub/kpolicy.toml",
            ".hidden.yml",
            "sub/c.toml",
            ".git/config.yaml",
        ] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, "{}").expect("a file");
        }
        root
    }

    fn names(found: &Discovery, root: &Path) -> Vec<String> {
        let strip = |source: &Source| {
            Path::new(&source.path)
                .strip_prefix(root)
                .expect("below the root")
                .to_string_lossy()
                .into_owned()
        };
        found.sources.iter().map(strip).collect()
    }

    #[test]
    fn a_folder_is_walked_in_order_without_version_control() {
        let root = tree();
        let path = root.path().to_string_lossy().into_owned();
        let found = discover(&[path.clone(), path], Selection::default());
        assert_eq!(
            names(&found, root.path()),
            [".hidden.yml", "a.json", "b.yaml", "sub/c.toml"]
        );
        assert_eq!((found.skipped, found.problems.len()), (2, 0));
        let settings = root.path().join("sub/kpolicy.toml").to_string_lossy().into_owned();
        assert_eq!(discover(&[settings], Selection::default()).sources.len(), 1);
    }

    #[test]
    fn a_glob_stops_at_separators_unless_doubled() {
        let root = tree();
        let pattern = |pattern: &str| format!("{}/{pattern}", root.path().display());
        assert_eq!(
            names(
                &discover(&[pattern("*.{yaml,toml}")], Selection::default()),
                root.path()
            ),
            ["b.yaml"]
        );
        assert_eq!(
            names(&discover(&[pattern("**/*.toml")], Selection::default()), root.path()),
            ["sub/c.toml"]
        );
        assert_eq!(discover(&[pattern("*.nope")], Selection::default()).problems.len(), 1);
    }

    #[test]
    fn what_is_named_must_be_judged() {
        let root = tree();
        let named = |name: &str| vec![root.path().join(name).to_string_lossy().into_owned()];
        assert_eq!(discover(&named("notes.txt"), Selection::default()).problems.len(), 1);
        assert_eq!(
            discover(
                &named("notes.txt"),
                Selection {
                    parser: Some(Format::Yaml),
                    ..Selection::default()
                }
            )
            .sources
            .len(),
            1
        );
        let lenient = Selection {
            skip_unknown: true,
            ..Selection::default()
        };
        let passed_over = discover(&named("notes.txt"), lenient);
        assert_eq!((passed_over.skipped, passed_over.problems.len()), (1, 0));
        assert_eq!(discover(&named("missing.txt"), lenient).problems.len(), 1);
        assert_eq!(discover(&named("missing.yaml"), Selection::default()).problems.len(), 1);
    }
}
