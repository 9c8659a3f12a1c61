//! What git ignores: the `.gitignore` files from a path's directory up to the root of its repository, and the
//! repository's `info/exclude`. The user's own excludes are not read, so that a run is the same on every machine.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::globs::normal;

/// The rules of each directory that was looked at.
#[derive(Default)]
pub(super) struct GitIgnore {
    directories: HashMap<PathBuf, Rules>,
}

/// What a directory says.
struct Rules {
    matcher: Gitignore,
    is_root: bool,
}

impl GitIgnore {
    /// Whether git ignores a path. Of the rules that match, those of the deepest directory count.
    pub(super) fn is_ignored(&mut self, path: &Path, is_dir: bool) -> bool {
        let path = normal(path);
        for directory in path.ancestors().skip(1) {
            let rules = self
                .directories
                .entry(directory.to_owned())
                .or_insert_with(|| Rules::of(directory));
            match rules.matcher.matched(&path, is_dir) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None if rules.is_root => return false,
                Match::None => {}
            }
        }
        false
    }

    /// Whether git ignores a directory, or one above it.
    pub(super) fn is_below_ignored(&mut self, path: &Path) -> bool {
        let path = normal(path);
        path.ancestors().any(|path| self.is_ignored(path, true))
    }
}

impl Rules {
    fn of(directory: &Path) -> Self {
        let mut builder = GitignoreBuilder::new(directory);
        let git = directory.join(".git");
        // Of lines in one matcher the last counts: a `.gitignore` is stronger than `info/exclude`. As in git, a line that
        // is not a valid glob and a file that cannot be read match nothing.
        let _ = builder.add(git.join("info/exclude"));
        let _ = builder.add(directory.join(".gitignore"));
        Self {
            matcher: builder.build().unwrap_or_else(|_| Gitignore::empty()),
            is_root: git.exists(),
        }
    }
}
