//! Where policies are read from: `--policy` files and folders, and the embedded library.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::library::{self, Embedded};
use super::walk;
use crate::finding::Problem;
use crate::input;
use crate::problem;
use crate::snapshot::Snapshot;

/// The largest module that is read, in bytes; far above what people write.
const LARGEST: u64 = 64 << 20;
/// What to do where no policy was found.
pub(super) const NO_POLICY: &str =
    "point --policy at a directory with .rego files, or remove it to use the built-in library";

/// A module's path and text.
#[derive(Clone, Debug)]
pub(super) struct PolicyFile {
    /// The path as messages show it.
    pub path: String,
    /// The text.
    pub text: String,
    /// Whether it is part of the embedded library.
    pub embedded: bool,
}

impl PolicyFile {
    /// Whether the file holds tests by its name: they are parsed, and not evaluated with.
    pub(super) fn is_test(&self) -> bool {
        self.path.ends_with("_test.rego")
    }
}

/// The modules below `paths`, sorted, each once; every path that holds none is a problem.
pub(super) fn user(paths: &[PathBuf]) -> Result<Vec<PolicyFile>, Vec<Problem>> {
    let mut files: Vec<PolicyFile> = Vec::new();
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for path in paths
        .iter()
        .flat_map(|root| modules(root, &mut problems))
        .collect::<Vec<_>>()
    {
        let identity = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if !seen.insert(identity) {
            continue;
        }
        match read(&path) {
            Ok(text) => files.push(PolicyFile {
                path: path.display().to_string(),
                text,
                embedded: false,
            }),
            Err(reason) => problems.push(problem::of_path(&path, &reason, "make it a readable UTF-8 file")),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// As [`user`], of files as they were. A path that held none then is no problem: it is new.
pub(super) fn of_snapshot(paths: &[PathBuf], snapshot: &Snapshot) -> Result<Vec<PolicyFile>, Vec<Problem>> {
    let mut files: Vec<PolicyFile> = Vec::new();
    let mut problems = Vec::new();
    let roots: Vec<(&PathBuf, PathBuf)> = paths.iter().map(|path| (path, input::normal(path))).collect();
    for found in snapshot.paths() {
        let is_module = |root: &Path| found == root || found.extension().is_some_and(|extension| extension == "rego");
        let Some((root, absolute)) = roots.iter().find(|(_, root)| found.starts_with(root)) else {
            continue;
        };
        if !is_module(absolute) {
            continue;
        }
        let rest = found.strip_prefix(absolute).unwrap_or(Path::new(""));
        let path = if rest.as_os_str().is_empty() {
            root.to_path_buf()
        } else {
            root.join(rest)
        };
        let text = snapshot.read(&path).transpose().and_then(|content| {
            let text = String::from_utf8(content.unwrap_or_default()).map_err(|_| "is not UTF-8".to_owned())?;
            Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
        });
        match text {
            Ok(text) => files.push(PolicyFile {
                path: path.display().to_string(),
                text,
                embedded: false,
            }),
            Err(reason) => problems.push(problem::of_path(&path, &reason, "fetch it: git fetch")),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// The modules at or below a path.
fn modules(root: &Path, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {
            let errors = problems.len();
            let is_module = |path: &Path| path.extension().is_some_and(|extension| extension == "rego");
            let found = walk::files(root, is_module, problems);
            if found.is_empty() && problems.len() == errors {
                let message = "contains no policy: there is no .rego file in it";
                problems.push(problem::of_path(root, message, NO_POLICY));
            }
            found
        }
        Ok(_) => vec![root.to_owned()],
        Err(error) => {
            let help = input::next_step(&error, NO_POLICY);
            problems.push(problem::of_path(root, &input::reason_at(root, &error), help));
            Vec::new()
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let text = input::read_file(path, LARGEST).map_err(|error| error.reason)?;
    let text = String::from_utf8(text).map_err(|_| "is not UTF-8".to_owned())?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Modules of the library.
pub(super) fn embedded(modules: &[Embedded]) -> impl Iterator<Item = PolicyFile> {
    modules.iter().map(|module| PolicyFile {
        path: format!("{}/{}", library::ROOT, module.path),
        text: module.text.to_owned(),
        embedded: true,
    })
}
