//! `--schema`: the JSON schemas that policies are checked with, as `opa check --schema` reads them, and those of Kubernetes'
//! workload kinds.

use std::path::Path;

use super::{data, library, walk};
use crate::finding::Problem;
use crate::kubernetes::fields;
use crate::problem;
use crate::reading::Limits;
use kpolicy_rego::Schemas;

/// The schemas that METADATA can name: `schema.kubernetes.<kind>`, `schema.kubernetes["<version>"].<kind>`, and those of a
/// directory by their paths there, without extensions. A single file is the schema of `input` instead. The library's policies
/// are not checked with it.
///
/// Follows OPA v1.22 loader/loader.go: loadSchemas
///
/// # Errors
/// Every file that cannot be read, does not parse, or is no schema of `input`.
pub fn load(path: Option<&Path>, limits: Limits) -> Result<Schemas, Vec<Problem>> {
    let mut schemas = match path {
        None => Schemas::default(),
        Some(directory) if directory.is_dir() => of_directory(directory, limits)?.complete(),
        Some(file) => of_input(file, limits).map_err(|problem| vec![problem])?.complete(),
    };
    for (name, schema) in fields::schemas() {
        schemas.insert_builtin(name, schema);
    }
    Ok(schemas.except(library::PACKAGE))
}

fn of_directory(directory: &Path, limits: Limits) -> Result<Schemas, Vec<Problem>> {
    let (mut schemas, mut problems) = (Schemas::default(), Vec::new());
    for file in walk::files(directory, data::is_data, &mut problems) {
        match data::read(&file, "--schema", false, limits, &mut Vec::new()) {
            Ok(document) => schemas.insert(name(directory, &file), document.value),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(schemas)
    } else {
        Err(problems)
    }
}

fn of_input(path: &Path, limits: Limits) -> Result<Schemas, Problem> {
    let document = data::read(path, "--schema", false, limits, &mut Vec::new())?;
    Schemas::of_input(&document.value).map_err(|message| {
        let help = "name a JSON schema of input, or a directory of schemas that METADATA names";
        problem::of_path(path, &message, help)
    })
}

/// The path of a file below a directory, without its extension.
fn name(directory: &Path, file: &Path) -> Vec<String> {
    let below = file.strip_prefix(directory).unwrap_or(file).with_extension("");
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
    parts.map(|part| part.into_owned()).collect()
}
