//! Where policies are read from: `--policy` files and folders, and the embedded library.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::library;
use crate::finding::Problem;
use crate::problem;

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
    /// Whether the file holds tests by its name: they are parsed, and not judged with.
    pub(super) fn is_test(&self) -> bool {
        self.path.ends_with("_test.rego")
    }
}

/// The modules below `paths`, sorted; every path that holds none is a problem.
pub(super) fn user(paths: &[PathBuf]) -> Result<Vec<PolicyFile>, Vec<Problem>> {
    let mut files: Vec<PolicyFile> = Vec::new();
    let mut problems = Vec::new();
    for root in paths {
        let found = modules_below(root, &mut problems);
        if found.is_empty() {
            problems.push(nothing_at(root));
        }
        for path in found {
            let shown = path.display().to_string();
            if files.iter().any(|file| file.path == shown) {
                continue;
            }
            match fs::read_to_string(&path) {
                Ok(text) => {
                    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
                    files.push(PolicyFile {
                        path: shown,
                        text,
                        embedded: false,
                    });
                }
                Err(error) => problems.push(problem::of_path(
                    &path,
                    &format!("cannot be read: {error}"),
                    "make it a readable file in UTF-8",
                )),
            }
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// The modules at or below a path. What of it cannot be read is a problem: a policy there would be lost in silence.
fn modules_below(root: &Path, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    if root.is_file() {
        return vec![root.to_owned()];
    }
    let mut found = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name() {
        match entry {
            Ok(entry)
                if entry.path().extension().is_some_and(|extension| extension == "rego") && !entry.path().is_dir() =>
            {
                found.push(entry.into_path());
            }
            Ok(_) => {}
            Err(_) if !root.exists() => {}
            Err(error) => {
                let path = error.path().unwrap_or(root);
                problems.push(problem::of_path(
                    path,
                    &format!("cannot be read: {error}"),
                    "make it readable",
                ));
            }
        }
    }
    found
}

fn nothing_at(root: &Path) -> Problem {
    let help = "point --policy at a folder that holds .rego files, or leave it out to use the built-in library";
    let message = if root.is_dir() {
        "holds no policy: there is no .rego file below it"
    } else {
        "does not exist"
    };
    problem::of_path(root, message, help)
}

/// The library's modules whose ids start with one of `prefixes` (all, where there is none), and their helpers.
pub(super) fn embedded(prefixes: &[String]) -> Result<Vec<PolicyFile>, Vec<Problem>> {
    let modules = library::modules();
    let ids: Vec<&str> = modules
        .iter()
        .filter_map(|module| library::policy_id(module.path))
        .collect();
    let problems: Vec<Problem> = prefixes
        .iter()
        .filter(|prefix| !ids.iter().any(|id| is_below(id, prefix)))
        .map(|prefix| {
            let message = format!("--library {prefix} matches no policy of the library");
            problem::of_run(message, library::suggestion(prefix))
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let wanted = |id: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| is_below(id, prefix));
    // Helpers are wanted by whoever imports them.
    let chosen = modules
        .iter()
        .filter(|module| library::policy_id(module.path).is_none_or(wanted));
    Ok(chosen
        .map(|module| PolicyFile {
            path: format!("{}/{}", library::ROOT, module.path),
            text: module.text.to_owned(),
            embedded: true,
        })
        .collect())
}

/// Whether `id` is `prefix` or stands below it, at a boundary of names.
fn is_below(id: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    id.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
