//! The files below a directory, links to files and directories included: each real directory once, without cycles.
//!
//! What is not after a link comes first, so that a file which can be reached in two ways has the path that a person
//! edits.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::finding::Reason;

/// How many directories after links a glob looks into: the same directory may match under each of its paths, and links
/// can make exponentially many of these.
const MOST_LINKED: usize = 10_000;

/// What a walk finds.
pub(super) enum Found {
    /// A path that is not a directory.
    File(PathBuf),
    /// A path that is skipped, and whether it is a directory.
    Skipped(PathBuf, Reason, bool),
    /// A path that cannot be read, and why.
    Unreadable(PathBuf, String),
}

/// When a directory that was reached before is walked again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Revisit {
    /// Never: each real directory is walked once.
    Never,
    /// Under each path to it, since only some of its paths are wanted; cycles are cut.
    UnderOtherPaths,
}

/// Walks a directory. `skip` gives the reason to skip a path; the second argument is whether it is a directory.
pub(super) fn walk(root: &Path, revisit: Revisit, skip: &mut dyn FnMut(&Path, bool) -> Option<Reason>) -> Vec<Found> {
    let mut walk = Walk {
        revisit,
        skip,
        visited: HashSet::new(),
        links: VecDeque::new(),
        found: Vec::new(),
    };
    walk.directory(root);
    let mut linked = 0;
    while let Some(link) = walk.links.pop_front() {
        if walk.link(&link) {
            linked += 1;
        }
        if linked > MOST_LINKED {
            let message = format!("leads to more than {MOST_LINKED} directories by symbolic links");
            walk.found.push(Found::Unreadable(root.to_owned(), message));
            break;
        }
    }
    walk.found
}

struct Walk<'a> {
    revisit: Revisit,
    skip: &'a mut dyn FnMut(&Path, bool) -> Option<Reason>,
    /// The real paths of the directories so far.
    visited: HashSet<PathBuf>,
    /// Links that were not looked into yet.
    links: VecDeque<PathBuf>,
    found: Vec<Found>,
}

impl Walk<'_> {
    /// Takes the entries of a directory, the links among them later.
    fn directory(&mut self, root: &Path) {
        let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if entry.path_is_symlink() && entry.depth() > 0 => self.links.push_back(entry.into_path()),
                Ok(entry) if is_directory(&entry) => {
                    if !self.enters(entry.path(), entry.depth()) {
                        entries.skip_current_dir();
                    }
                }
                Ok(entry) => self.file(entry.into_path()),
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    let message = error.io_error().map_or_else(|| error.to_string(), super::reason);
                    self.found.push(Found::Unreadable(path, message));
                }
            }
        }
    }

    fn file(&mut self, path: PathBuf) {
        match (self.skip)(&path, false) {
            Some(reason) => self.found.push(Found::Skipped(path, reason, false)),
            None => self.found.push(Found::File(path)),
        }
    }

    /// Whether a directory is to be walked. The one that the walk starts at always is.
    fn enters(&mut self, path: &Path, depth: usize) -> bool {
        if depth > 0
            && let Some(reason) = (self.skip)(path, true)
        {
            self.found.push(Found::Skipped(path.to_owned(), reason, true));
            return false;
        }
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_new = self.visited.insert(real);
        is_new || self.revisit == Revisit::UnderOtherPaths
    }

    /// Takes what a link leads to; gives whether that was a directory to walk.
    fn link(&mut self, link: &Path) -> bool {
        let metadata = match fs::metadata(link) {
            Ok(metadata) => metadata,
            Err(error) => {
                match (self.skip)(link, false) {
                    Some(reason @ (Reason::Ignored | Reason::GitIgnored)) => {
                        self.found.push(Found::Skipped(link.to_owned(), reason, false));
                    }
                    _ => self
                        .found
                        .push(Found::Unreadable(link.to_owned(), super::reason_at(link, &error))),
                }
                return false;
            }
        };
        if !metadata.is_dir() {
            self.file(link.to_owned());
            return false;
        }
        let Ok(real) = fs::canonicalize(link) else {
            return false;
        };
        let is_walked = match self.revisit {
            Revisit::Never => self.visited.contains(&real),
            Revisit::UnderOtherPaths => {
                let above = link.ancestors().skip(1);
                above
                    .filter_map(|path| fs::canonicalize(or_here(path)).ok())
                    .any(|path| path == real)
            }
        };
        if is_walked {
            return false;
        }
        // A link has a name of its own, and what it leads to has one too.
        let reason = (self.skip)(link, true).or_else(|| (self.skip)(&real, true).filter(|reason| reason.is_of_name()));
        match reason {
            Some(reason) => {
                self.found.push(Found::Skipped(link.to_owned(), reason, true));
                false
            }
            None => {
                self.directory(link);
                true
            }
        }
    }
}

/// The path that conftest shows for a file of a walk: after a link, the one that the link leads to. Follows Go
/// path/filepath: EvalSymlinks.
pub(super) fn resolved(root: &Path, path: &Path) -> PathBuf {
    let mut walked = path.ancestors().take_while(|part| part.starts_with(root));
    if !walked.any(Path::is_symlink) {
        return path.to_owned();
    }
    let parts = |path: &Path| {
        path.components()
            .map(|part| part.as_os_str().to_owned())
            .collect::<VecDeque<_>>()
    };
    let mut left = parts(path);
    let mut resolved = PathBuf::new();
    while let Some(part) = left.pop_front() {
        let next = resolved.join(&part);
        let ends_with_name = resolved.file_name().is_some();
        if part == "." || part == ".." && ends_with_name && resolved.pop() {
            continue;
        }
        // What cannot be read as a link is not one; cycles cannot be walked.
        match next.read_link() {
            Ok(target) if part != ".." => {
                let mut target = parts(&target);
                target.append(&mut left);
                left = target;
            }
            _ => resolved = next,
        }
    }
    resolved
}

/// The path, or where it is empty the current directory.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// Whether an entry is a directory; a walk starts at a link to one as well.
fn is_directory(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() || entry.depth() == 0 && entry.path().is_dir()
}
