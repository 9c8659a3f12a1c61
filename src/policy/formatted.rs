//! Modules as the formatter writes them, for `kpolicy fmt`.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::documented::without_library;
use super::files;
use super::walk;
use crate::finding::Problem;
use crate::input;
use crate::problem;
use kpolicy_rego::Dialect;
use kpolicy_rego::format::{Options, format};
use kpolicy_rego::syntax::{SyntaxError, parse_without_annotations};
use kpolicy_value::LineIndex;

/// A module before and after.
#[derive(Clone, Debug)]
pub struct Formatted {
    /// Its file.
    pub path: PathBuf,
    /// The text in the file.
    pub before: String,
    /// The text that the formatter writes.
    pub after: String,
}

impl Formatted {
    /// Whether the two differ.
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// The modules at and below `paths`, each file once, on the current pool's threads; and everything that keeps others from being formatted.
pub fn formatted(paths: &[PathBuf], options: Options) -> (Vec<Formatted>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    let mut files: Vec<PathBuf> = paths.iter().flat_map(|root| modules(root, &mut problems)).collect();
    files.retain(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
    let outcomes: Vec<_> = files.into_par_iter().map(|path| of_file(path, options)).collect();
    let mut found = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        match outcome {
            Ok(module) => found.push(module),
            Err(errors) => problems.extend(errors),
        }
    }
    (found, without_library(problems))
}

/// The files with modules at or below a path: a file that is named is one whatever its name is.
fn modules(root: &Path, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {
            let errors = problems.len();
            let found = walk::files(root, files::is_module, problems);
            if found.is_empty() && problems.len() == errors {
                let message = "contains no policy: there is no .rego file in it";
                problems.push(problem::of_path(root, message, files::NO_POLICY));
            }
            found
        }
        Ok(_) => vec![root.to_owned()],
        Err(error) => {
            let help = input::next_step(&error, files::NO_POLICY);
            problems.push(problem::of_path(root, &input::reason_at(root, &error), help));
            Vec::new()
        }
    }
}

fn of_file(path: PathBuf, options: Options) -> Result<Formatted, Vec<Problem>> {
    let shown = path.display().to_string();
    let bytes = input::read_file(&path, files::LARGEST)
        .map_err(|error| vec![problem::of_path(&path, &error.reason, "make it a readable UTF-8 file")])?;
    let before = text_of(&shown, bytes)?;
    let after = formatted_text(&shown, &before, options)?;
    Ok(Formatted { path, before, after })
}

/// The text of a module; `path` is how messages name it.
pub fn text_of(path: &str, bytes: Vec<u8>) -> Result<String, Vec<Problem>> {
    String::from_utf8(bytes).map_err(|_| {
        vec![problem::of_path(
            Path::new(path),
            "is not UTF-8",
            "make it a readable UTF-8 file",
        )]
    })
}

/// The text that the formatter writes for a module.
pub fn formatted_text(path: &str, text: &str, options: Options) -> Result<String, Vec<Problem>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    format(text, options).map_err(|errors| described(path, text, errors, options))
}

/// What is wrong with a module: one problem where it is written in the other Rego, since it has many errors then.
fn described(path: &str, text: &str, errors: Vec<SyntaxError>, options: Options) -> Vec<Problem> {
    let (other, message, help) = match options.dialect {
        Dialect::V1 => (
            Dialect::V0,
            "looks like Rego v0",
            "format it with --rego-version v0, or rewrite it for v1 with --v0-v1",
        ),
        Dialect::V0 => (Dialect::V1, "looks like Rego v1", "remove --rego-version v0 or --v0-v1"),
    };
    let is_of = |dialect| parse_without_annotations(text, dialect).is_ok();
    if !is_of(options.dialect) && is_of(other) {
        return vec![problem::of_path(Path::new(path), message, help)];
    }
    let lines = LineIndex::new(text);
    let describe = |error: SyntaxError| problem::of_span(path, &lines, error.span, error.message, error.help);
    errors.into_iter().map(describe).collect()
}
