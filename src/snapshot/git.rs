//! Commits of a git repository: found, and read from its object store. Nothing is checked out, and no program is run.

use std::path::{Path, PathBuf};

use gix::objs::tree::EntryKind;
use gix::sec::Trust;
use gix::{ObjectId, ThreadSafeRepository};

use crate::finding::Problem;
use crate::problem;

/// A repository with files.
pub(super) struct Repository {
    inner: ThreadSafeRepository,
    /// The directory of its files, without links.
    pub(super) root: PathBuf,
}

/// What a commit has under a name.
pub(super) struct TreeEntry {
    /// The name, from the root of the repository.
    pub(super) path: PathBuf,
    pub(super) id: ObjectId,
    pub(super) sort: Sort,
}

/// What sort of entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    File,
    /// A symbolic link: the content is its target.
    Link,
    /// A repository in this one, by the id of a commit there.
    Submodule,
}

impl Repository {
    /// The repository that a directory is in.
    pub(super) fn around(folder: &Path) -> Result<Self, Problem> {
        let options = gix::sec::trust::Mapping {
            full: options(),
            reduced: options(),
        };
        let found = ThreadSafeRepository::discover_opts(folder, Default::default(), options);
        let inner = found.map_err(|error| {
            problem::of_run(
                format!("there is no git repository here to compare with: {}", cause(&error)),
                "run kpolicy inside of a git repository, or compare with a directory: --against-dir",
            )
        })?;
        Self::with_files(inner).ok_or_else(|| {
            problem::of_run(
                "the git repository here is bare: it has no files to compare",
                "run kpolicy in a clone with files",
            )
        })
    }

    /// The repository at a directory, where there is one: that of a submodule.
    pub(super) fn at(folder: &Path) -> Option<Self> {
        folder.join(".git").exists().then_some(())?;
        Self::with_files(options().open(folder).ok()?)
    }

    fn with_files(inner: ThreadSafeRepository) -> Option<Self> {
        let root = inner.work_dir()?;
        let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Some(Self { inner, root })
    }

    /// The commit of a reference.
    pub(super) fn commit(&self, reference: &str) -> Result<ObjectId, Problem> {
        let repository = self.inner.to_thread_local();
        let found = repository.rev_parse_single(reference);
        let commit = found.and_then(|id| id.object()).and_then(|object| {
            let id = object.peel_to_commit()?.id;
            Ok(id)
        });
        commit.map_err(|_| {
            let message = match reference {
                "HEAD" => "this repository has no commit yet".to_owned(),
                _ => format!("{reference} is no commit of this repository"),
            };
            problem::of_run(message, self.fetch(reference))
        })
    }

    /// The best common ancestor of a reference and HEAD.
    pub(super) fn merge_base(&self, reference: &str) -> Result<ObjectId, Problem> {
        let (theirs, ours) = (self.commit(reference)?, self.commit("HEAD")?);
        if theirs == ours {
            return Ok(ours);
        }
        let mut repository = self.inner.to_thread_local();
        repository.object_cache_size_if_unset(4 << 20);
        match repository.merge_base(theirs, ours) {
            Ok(Some(base)) => Ok(base.detach()),
            Ok(None) if !self.is_shallow() => Err(problem::of_run(
                format!("{reference} and HEAD have no common commit"),
                "name a reference that this branch comes from, or compare with a directory: --against-dir",
            )),
            Ok(None) => Err(problem::of_run(
                format!("this clone is shallow, and has no common commit of {reference} and HEAD"),
                self.fetch(reference),
            )),
            Err(error) => Err(problem::of_run(
                format!("the history of {reference} and HEAD cannot be read: {}", cause(&error)),
                self.fetch(reference),
            )),
        }
    }

    fn is_shallow(&self) -> bool {
        self.inner.to_thread_local().is_shallow().unwrap_or(false)
    }

    /// How to get what is missing.
    fn fetch(&self, reference: &str) -> String {
        if self.is_shallow() {
            "this clone is shallow: fetch the history with git fetch --unshallow (fetch-depth: 0 of actions/checkout, \
             GIT_DEPTH: 0 in GitLab, fetchDepth: 0 in Azure)"
                .to_owned()
        } else {
            let (remote, branch) = reference.split_once('/').unwrap_or(("origin", reference));
            format!("check the spelling, or fetch it: git fetch {remote} {branch}")
        }
    }

    /// All that a commit has, except directories.
    pub(super) fn tree(&self, commit: ObjectId) -> Result<Vec<TreeEntry>, Problem> {
        let repository = self.inner.to_thread_local();
        let tree = repository.find_object(commit).and_then(|object| object.peel_to_tree());
        let entries = tree.and_then(|tree| tree.traverse().breadthfirst.files());
        let entries = entries.map_err(|error| {
            problem::of_run(
                format!("the commit {} cannot be read: {}", short(commit), cause(&error)),
                "fetch it: git fetch",
            )
        })?;
        let entry = |entry: gix::traverse::tree::recorder::Entry| {
            let sort = match entry.mode.kind() {
                EntryKind::Blob | EntryKind::BlobExecutable => Sort::File,
                EntryKind::Link => Sort::Link,
                EntryKind::Commit => Sort::Submodule,
                EntryKind::Tree => return None,
            };
            // A file whose name is not UTF-8 is an error of the head where it is there still.
            let path = std::str::from_utf8(&entry.filepath).ok()?;
            Some(TreeEntry {
                path: PathBuf::from(path),
                id: entry.oid,
                sort,
            })
        };
        Ok(entries.into_iter().filter_map(entry).collect())
    }

    /// The content of a file, or why there is none.
    pub(super) fn content(&self, id: ObjectId) -> Result<Vec<u8>, String> {
        let repository = self.inner.to_thread_local();
        let object = repository.find_object(id);
        let mut object = object.map_err(|error| format!("is not in the object store of git: {}", cause(&error)))?;
        Ok(std::mem::take(&mut object.data))
    }
}

/// Whether a file of this id has this content.
pub(super) fn has_content(id: ObjectId, content: &[u8]) -> bool {
    gix::objs::compute_hash(id.kind(), gix::objs::Kind::Blob, content).is_ok_and(|own| own == id)
}

/// An id as people write it.
pub(super) fn short(id: ObjectId) -> String {
    id.to_hex_with_len(10).to_string()
}

/// The settings of the user and of the machine play no part. No program of the repository is run, so it does not matter
/// who owns it.
fn options() -> gix::open::Options {
    gix::open::Options::isolated().with(Trust::Full)
}

/// The error that others come from, in one line.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string().lines().next().unwrap_or_default().to_owned()
}
