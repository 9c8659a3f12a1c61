//! The files of a module: all of its directory that Terraform reads.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::Parsed;
use crate::finding::Problem;
use crate::input::Source;
use crate::problem;
use crate::reading::{self, Empty, Limits};
use crate::snapshot::Snapshot;
use kpolicy_parse::{Context, Format};

/// The format of a file of a module.
pub(super) fn format_of(name: &str) -> Option<Format> {
    let ends = |endings: [&str; 2]| endings.iter().any(|ending| name.ends_with(ending));
    match () {
        () if ends([".tf", ".tofu"]) => Some(Format::Hcl2),
        () if ends([".tf.json", ".tofu.json"]) => Some(Format::Json),
        () => None,
    }
}

/// The format of a file with values of variables that Terraform reads by itself.
fn format_of_values(name: &str) -> Option<Format> {
    let is = |ending: &str| name == format!("terraform{ending}") || name.ends_with(&format!(".auto{ending}"));
    match () {
        () if is(".tfvars") => Some(Format::Hcl2),
        () if is(".tfvars.json") => Some(Format::Json),
        () => None,
    }
}

/// Reads the files of modules: those that are there, or those of a snapshot, each within the limits.
#[derive(Clone, Copy)]
pub struct Reader<'s> {
    limits: Limits,
    snapshot: Option<&'s Snapshot>,
}

impl<'s> Reader<'s> {
    /// A reader of the files that are there.
    pub fn new(limits: Limits) -> Self {
        Self { limits, snapshot: None }
    }

    /// A reader of the files as they were.
    #[must_use]
    pub fn before(self, snapshot: Option<&'s Snapshot>) -> Self {
        Self { snapshot, ..self }
    }

    /// The names of the files in a directory, sorted. A directory that is not there has none: a plan may have been made
    /// elsewhere. What a snapshot does not reach is as it is now.
    pub(super) fn names(self, directory: &Path) -> Vec<String> {
        let here = if directory.as_os_str().is_empty() {
            Path::new(".")
        } else {
            directory
        };
        if let Some(names) = self.snapshot.and_then(|snapshot| snapshot.names(here)) {
            return names;
        }
        let entries = fs::read_dir(here).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// The documents of a directory's files that hold configuration.
    pub(super) fn configuration(self, directory: &Path, names: &[String], problems: &mut Vec<Problem>) -> Vec<Parsed> {
        let files = names.iter().filter_map(|name| Some((name, format_of(name)?)));
        self.documents(directory, files, problems)
    }

    /// The documents of a directory's files that give variables values, the last of which counts.
    pub(super) fn values(self, directory: &Path, names: &[String], problems: &mut Vec<Problem>) -> Vec<Parsed> {
        let mut files: Vec<(&String, Format)> = names
            .iter()
            .filter_map(|name| Some((name, format_of_values(name)?)))
            .collect();
        files.sort_by_key(|(name, _)| !name.starts_with("terraform.tfvars"));
        self.documents(directory, files.into_iter(), problems)
    }

    fn documents<'n>(
        self,
        directory: &Path,
        files: impl Iterator<Item = (&'n String, Format)>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Parsed> {
        let mut found = Vec::new();
        for (name, format) in files {
            match self.document(&directory.join(name), format) {
                Ok(document) => found.extend(document),
                Err(problem) => problems.push(problem),
            }
        }
        found
    }

    /// The document of a file; nothing where it has none, or several: a list in JSON, of which each item is evaluated alone.
    fn document(self, path: &Path, format: Format) -> Result<Option<Parsed>, Problem> {
        let mut source = Source::file(path.to_string_lossy().into_owned(), format);
        if let Some(content) = self.snapshot.and_then(|snapshot| snapshot.read(path)) {
            let content = content.map_err(|reason| problem::of_path(path, &reason, "fetch it: git fetch"))?;
            source = source.holding(content);
        }
        let content = reading::content(&source, self.limits, Context::default())?;
        let mut documents = reading::documents(content, Empty::Dropped);
        let only = documents.pop().filter(|_| documents.is_empty());
        Ok(only.map(Arc::new))
    }
}

/// A path below a directory without steps up and down that cancel each other; nothing where it is not in this file
/// system.
pub(super) fn local(directory: &Path, source: &str) -> Option<PathBuf> {
    let is_local = source.starts_with("./") || source.starts_with("../");
    is_local.then(|| joined(directory, source))
}

fn joined(directory: &Path, source: &str) -> PathBuf {
    let mut path = directory.to_owned();
    for part in Path::new(source).components() {
        let can_go_up = matches!(path.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if can_go_up => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_joined_without_steps_that_cancel_each_other() {
        let joined = |directory: &str, source: &str| joined(Path::new(directory), source).display().to_string();
        assert_eq!(joined("", "./modules/a"), "modules/a");
        assert_eq!(joined("env/prod", "../../modules/a"), "modules/a");
        assert_eq!(joined("", "../a"), "../a");
    }

    #[test]
    fn values_are_read_in_the_order_of_terraform() {
        let names = ["a.auto.tfvars", "main.tf", "other.tfvars", "terraform.tfvars"].map(str::to_owned);
        let directory = tempfile::tempdir().expect("a directory");
        for name in &names {
            std::fs::write(directory.path().join(name), "x = 1\n").expect("it is written");
        }
        let mut problems = Vec::new();
        let limits = Limits { bytes: 10, nodes: 10 };
        let read = Reader::new(limits).values(directory.path(), &names, &mut problems);
        let read: Vec<&str> = read
            .iter()
            .filter_map(|file| file.file.path.rsplit('/').next())
            .collect();
        assert_eq!(read, ["terraform.tfvars", "a.auto.tfvars"]);
    }
}
