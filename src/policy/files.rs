//! Where policies are read from: `--policy` files and folders, and the embedded library.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::library::{self, Embedded};
use super::walk;
use crate::finding::Problem;
use crate::gatekeeper::Manifest;
use crate::gatekeeper::manifest;
use crate::input;
use crate::problem;
use crate::snapshot::Snapshot;

/// The largest module that is read, in bytes; far above what people write.
pub(super) const LARGEST: u64 = 64 << 20;
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
    found(paths, false).map(|(files, _)| files)
}

/// As [`with_manifests`], of files as they were. A path that held nothing then is no problem: it is new.
pub(super) fn of_snapshot(
    paths: &[PathBuf],
    snapshot: &Snapshot,
) -> Result<(Vec<PolicyFile>, Vec<Manifest>), Vec<Problem>> {
    let (mut files, mut manifests, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let roots: Vec<(&PathBuf, PathBuf)> = paths.iter().map(|path| (path, input::normal(path))).collect();
    for found in snapshot.paths() {
        let Some((root, absolute)) = roots.iter().find(|(_, root)| found.starts_with(root)) else {
            continue;
        };
        let is_named = found == *absolute;
        if !is_named && !is_module(&found) && !is_manifest(&found) {
            continue;
        }
        let rest = found.strip_prefix(absolute).unwrap_or(Path::new(""));
        let path = if is_named { root.to_path_buf() } else { root.join(rest) };
        let shown = path.display().to_string();
        let content = match snapshot.read(&path).transpose() {
            Ok(content) => content.unwrap_or_default(),
            Err(reason) => {
                problems.push(problem::of_path(&path, &reason, "fetch it: git fetch"));
                continue;
            }
        };
        if is_manifest(&path) {
            manifests.extend(manifest::text_of(content).map(|text| Manifest { path: shown, text }));
            continue;
        }
        match String::from_utf8(content) {
            Ok(text) => files.push(PolicyFile {
                path: shown,
                text: text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text),
                embedded: false,
            }),
            Err(_) => problems.push(problem::of_path(&path, "is not UTF-8", "save it as UTF-8")),
        }
    }
    if problems.is_empty() {
        Ok((files, manifests))
    } else {
        Err(problems)
    }
}

/// The modules below `paths`, and the files there that hold objects of Gatekeeper; every path that holds neither is a
/// problem.
pub(super) fn with_manifests(paths: &[PathBuf]) -> Result<(Vec<PolicyFile>, Vec<Manifest>), Vec<Problem>> {
    found(paths, true)
}

fn found(paths: &[PathBuf], with_manifests: bool) -> Result<(Vec<PolicyFile>, Vec<Manifest>), Vec<Problem>> {
    let mut files: Vec<PolicyFile> = Vec::new();
    let mut manifests = Vec::new();
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for root in paths {
        let before = (files.len(), manifests.len(), problems.len());
        let candidates = candidates(root, with_manifests, &mut problems);
        let is_directory = root.is_dir();
        let is_known = candidates.iter().any(|path| seen.contains(&identity(path)));
        for path in candidates {
            if !seen.insert(identity(&path)) {
                continue;
            }
            let unreadable = |reason: &str| problem::of_path(&path, reason, "make it a readable UTF-8 file");
            let shown = path.display().to_string();
            if with_manifests && !is_module(&path) {
                match manifest_at(&path, is_directory) {
                    Ok(Some(text)) => {
                        manifests.push(Manifest { path: shown, text });
                        continue;
                    }
                    Ok(None) if is_directory || is_manifest(&path) => continue,
                    Ok(None) => {}
                    Err(reason) => {
                        problems.push(unreadable(&reason));
                        continue;
                    }
                }
            }
            match read(&path) {
                Ok(text) => files.push(PolicyFile {
                    path: shown,
                    text,
                    embedded: false,
                }),
                Err(reason) => problems.push(unreadable(&reason)),
            }
        }
        if before == (files.len(), manifests.len(), problems.len()) && !is_known {
            let message = match (is_directory, with_manifests) {
                (true, false) => "contains no policy: there is no .rego file in it",
                (true, true) => "contains no policy: there is no .rego file in it, and no object of Gatekeeper",
                (false, _) => "contains no policy: there is no object of Gatekeeper in it",
            };
            problems.push(problem::of_path(root, message, NO_POLICY));
        }
    }
    if problems.is_empty() {
        Ok((files, manifests))
    } else {
        Err(problems)
    }
}

fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| known.contains(&extension))
}

pub(super) fn is_module(path: &Path) -> bool {
    has_extension(path, &["rego"])
}

fn is_manifest(path: &Path) -> bool {
    has_extension(path, &["yaml", "yml", "json"])
}

/// The text of a file that may hold objects of Gatekeeper. A pipe of the shell's, `-p <(…)`, is read; of any other there
/// may never be anybody who writes to it.
fn manifest_at(path: &Path, in_directory: bool) -> Result<Option<String>, String> {
    let is_pipe = !in_directory && path.starts_with("/dev/fd");
    let bytes = match is_pipe {
        true => fs::read(path).map_err(|error| input::reason(&error))?,
        false => input::read_file(path, LARGEST).map_err(|error| error.reason)?,
    };
    Ok(manifest::text_of(bytes))
}

/// The files at or below a path that may be policies.
fn candidates(root: &Path, with_manifests: bool, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {
            let wanted = |path: &Path| is_module(path) || with_manifests && is_manifest(path);
            walk::files(root, wanted, problems)
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
