//! Files as they were: of a commit, or of another directory. A name in it stands for a path of the run.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gix::ObjectId;
use walkdir::WalkDir;

use crate::finding::Problem;
use crate::input;
use crate::problem;

mod git;

use git::{Repository, Sort};

/// How many symbolic links one path may follow.
const MOST_LINKS: usize = 40;

/// Files as they were.
pub struct Snapshot {
    /// What messages call it.
    name: String,
    /// The directory that the names are below, as paths of the run have it.
    root: PathBuf,
    entries: BTreeMap<PathBuf, Entry>,
    repositories: Vec<Repository>,
    /// For paths that were asked for, whether all at or below them is as it was.
    same_below: Mutex<HashMap<PathBuf, bool>>,
}

/// What is under a name.
#[derive(Clone, Debug)]
enum Entry {
    /// A file of a commit, in one of the repositories.
    Blob(usize, ObjectId),
    /// A symbolic link of a commit.
    Link(usize, ObjectId),
    /// A file of a directory.
    File(PathBuf),
}

impl Snapshot {
    /// The files of the best common ancestor of a reference and HEAD, in the repository around a directory.
    pub fn of_merge_base(reference: &str, folder: &Path) -> Result<Self, Problem> {
        let repository = Repository::around(folder)?;
        let commit = repository.merge_base(reference)?;
        Self::of(repository, commit, format!("{reference} ({})", git::short(commit)))
    }

    /// The files of a reference itself.
    pub fn of_reference(reference: &str, folder: &Path) -> Result<Self, Problem> {
        let repository = Repository::around(folder)?;
        let commit = repository.commit(reference)?;
        Self::of(repository, commit, reference.to_owned())
    }

    fn of(repository: Repository, commit: ObjectId, name: String) -> Result<Self, Problem> {
        let mut snapshot = Self {
            name,
            root: repository.root.clone(),
            entries: BTreeMap::new(),
            repositories: Vec::new(),
            same_below: Mutex::default(),
        };
        snapshot.add(repository, commit, Path::new(""))?;
        Ok(snapshot)
    }

    /// Adds the files of a commit below a name, and those of the submodules that are checked out.
    fn add(&mut self, repository: Repository, commit: ObjectId, below: &Path) -> Result<(), Problem> {
        let at = self.repositories.len();
        let entries = repository.tree(commit)?;
        self.repositories.push(repository);
        for entry in entries {
            let name = below.join(&entry.path);
            match entry.sort {
                Sort::File => {
                    self.entries.insert(name, Entry::Blob(at, entry.id));
                }
                Sort::Link => {
                    self.entries.insert(name, Entry::Link(at, entry.id));
                }
                Sort::Submodule => {
                    let Some(inner) = Repository::at(&self.root.join(&name)) else {
                        continue;
                    };
                    self.add(inner, entry.id, &name).map_err(|problem| Problem {
                        message: format!("submodule {}: {}", name.display(), problem.message),
                        help: Some(format!(
                            "fetch the commits of the submodule: git -C {} fetch",
                            name.display()
                        )),
                        ..problem
                    })?;
                }
            }
        }
        Ok(())
    }

    /// The files of a directory, which stands for another one.
    pub fn of_directory(directory: &Path, stands_for: &Path) -> Result<Self, Problem> {
        let mut entries = BTreeMap::new();
        for entry in WalkDir::new(directory).follow_links(true) {
            let entry = entry.map_err(|error| {
                let reason = error.io_error().map_or_else(|| error.to_string(), input::reason);
                problem::of_path(
                    directory,
                    &reason,
                    "name a directory that can be read with --against-dir",
                )
            })?;
            if entry.file_type().is_file()
                && let Ok(name) = entry.path().strip_prefix(directory)
            {
                entries.insert(name.to_owned(), Entry::File(entry.path().to_owned()));
            }
        }
        Ok(Self {
            name: directory.display().to_string(),
            root: input::normal(stands_for),
            entries,
            repositories: Vec::new(),
            same_below: Mutex::default(),
        })
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path that the run has, or would have, for each file in it, from the root of the file system.
    pub fn paths(&self) -> impl Iterator<Item = PathBuf> + '_ {
        // What a link leads to is there under its own name.
        let files = self
            .entries
            .iter()
            .filter(|(_, entry)| !matches!(entry, Entry::Link(..)));
        files.map(|(name, _)| self.root.join(name))
    }

    /// Whether it has a file for a path of the run.
    pub fn has(&self, path: &Path) -> bool {
        self.find(path).is_some()
    }

    /// Whether it has a directory for a path of the run.
    pub fn has_below(&self, path: &Path) -> bool {
        let Some(name) = self.name_of(path) else { return false };
        let mut after = self.entries.range(name.clone()..);
        after.next().is_some_and(|(first, _)| first.starts_with(&name))
    }

    /// The names of the files in a directory of the run, sorted; nothing where it is outside of the snapshot.
    pub fn names(&self, directory: &Path) -> Option<Vec<String>> {
        let directory = self.name_of(directory)?;
        let below = self.entries.range(directory.clone()..);
        let below = below.take_while(|(name, _)| name.starts_with(&directory));
        let own = below.filter(|(name, _)| name.parent() == Some(&directory));
        let names = own.filter_map(|(name, _)| name.file_name()?.to_str().map(str::to_owned));
        Some(names.collect())
    }

    /// Whether the file for a path had this content.
    pub fn has_content(&self, path: &Path, content: &[u8]) -> bool {
        match self.find(path) {
            Some(Entry::Blob(_, id)) => git::has_content(*id, content),
            Some(Entry::File(file)) => {
                let is_as_long = fs::metadata(file).is_ok_and(|metadata| metadata.len() == content.len() as u64);
                is_as_long && fs::read(file).is_ok_and(|own| own == content)
            }
            Some(Entry::Link(..)) | None => false,
        }
    }

    /// Whether the file of a path, or all files below it, are now what they were.
    pub fn is_same_below(&self, path: &Path) -> bool {
        let known = |same: &Mutex<HashMap<PathBuf, bool>>| {
            let same = same.lock().unwrap_or_else(PoisonError::into_inner);
            same.get(path).copied()
        };
        known(&self.same_below).unwrap_or_else(|| {
            let is_same = self.compare_below(path);
            let mut same = self.same_below.lock().unwrap_or_else(PoisonError::into_inner);
            same.insert(path.to_owned(), is_same);
            is_same
        })
    }

    fn compare_below(&self, path: &Path) -> bool {
        let is_there = |entry: &PathBuf| !entry.starts_with(input::normal(path)) || entry.exists();
        let is_same = |file: &Path| fs::read(file).is_ok_and(|content| self.has_content(file, &content));
        let mut now = WalkDir::new(path)
            .follow_links(true)
            .into_iter()
            .filter_entry(|entry| entry.file_name() != ".git");
        let are_same = now.all(|entry| entry.is_ok_and(|entry| !entry.file_type().is_file() || is_same(entry.path())));
        are_same && self.paths().all(|entry| is_there(&entry))
    }

    /// The content of the file for a path; none where there is no such file, and an error where it cannot be read.
    pub fn read(&self, path: &Path) -> Option<Result<Vec<u8>, String>> {
        Some(match self.find(path)? {
            Entry::Blob(at, id) | Entry::Link(at, id) => self.repositories[*at].content(*id),
            Entry::File(file) => fs::read(file).map_err(|error| input::reason(&error)),
        })
    }

    /// The name of a path of the run.
    fn name_of(&self, path: &Path) -> Option<PathBuf> {
        let path = input::normal(path);
        if let Ok(name) = path.strip_prefix(&self.root) {
            return Some(name.to_owned());
        }
        // A link above the root has another spelling: what is there of the path is resolved.
        let above = path.ancestors().find(|above| above.exists())?;
        let real = fs::canonicalize(above).ok()?.join(path.strip_prefix(above).ok()?);
        real.strip_prefix(&self.root).map(Path::to_owned).ok()
    }

    fn find(&self, path: &Path) -> Option<&Entry> {
        let mut name = self.name_of(path)?;
        for _ in 0..MOST_LINKS {
            let through = name.ancestors().find_map(|above| match self.entries.get(above) {
                Some(entry @ Entry::Link(..)) => Some((above.to_owned(), entry)),
                _ => None,
            });
            let Some((link, entry)) = through else {
                return self.entries.get(&name);
            };
            let rest = name.strip_prefix(&link).ok()?;
            let target = self.target(entry)?;
            name = lexical(&link.parent().unwrap_or(Path::new("")).join(target).join(rest))?;
        }
        None
    }

    /// Where a link leads.
    fn target(&self, link: &Entry) -> Option<PathBuf> {
        let Entry::Link(at, id) = link else { return None };
        let target = String::from_utf8(self.repositories[*at].content(*id).ok()?).ok()?;
        Some(PathBuf::from(target))
    }
}

/// A name without `.` and `..`; none where it leaves the root.
fn lexical(name: &Path) -> Option<PathBuf> {
    let mut lexical = PathBuf::new();
    for part in name.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => lexical.pop().then_some(())?,
            Component::Normal(part) => lexical.push(part),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(lexical)
}
