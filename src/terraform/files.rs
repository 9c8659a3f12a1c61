//! The files of a module: all of its directory that Terraform reads.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::Parsed;
use crate::finding::Problem;
use crate::problem;
use kpolicy_parse::Format;
use kpolicy_parse::document::{Document, File};

/// The most bytes of a file that are read.
const MOST: u64 = 10 << 20;

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

/// Files that are something else than what is on disk, by their paths: what they are, or that they are not there.
pub type Overlay = std::collections::BTreeMap<String, Option<Vec<u8>>>;

/// The names of the files in a directory, sorted. A directory that is not there has none: a plan may have been made
/// elsewhere.
pub(super) fn names(directory: &Path, overlay: &Overlay) -> Vec<String> {
    let here = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    let entries = fs::read_dir(here).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    for (path, content) in overlay {
        let path = Path::new(path);
        if path.parent() != Some(directory) {
            continue;
        }
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        names.retain(|known| known != name);
        names.extend(content.is_some().then(|| name.to_owned()));
    }
    names.sort();
    names
}

/// The documents of a directory's files that hold configuration.
pub(super) fn configuration(
    directory: &Path,
    names: &[String],
    overlay: &Overlay,
    problems: &mut Vec<Problem>,
) -> Vec<Parsed> {
    let files = names.iter().filter_map(|name| Some((name, format_of(name)?)));
    documents(directory, files, overlay, problems)
}

/// The documents of a directory's files that give variables values, the last of which counts.
pub(super) fn values(
    directory: &Path,
    names: &[String],
    overlay: &Overlay,
    problems: &mut Vec<Problem>,
) -> Vec<Parsed> {
    let mut files: Vec<(&String, Format)> = names
        .iter()
        .filter_map(|name| Some((name, format_of_values(name)?)))
        .collect();
    files.sort_by_key(|(name, _)| !name.starts_with("terraform.tfvars"));
    documents(directory, files.into_iter(), overlay, problems)
}

fn documents<'n>(
    directory: &Path,
    files: impl Iterator<Item = (&'n String, Format)>,
    overlay: &Overlay,
    problems: &mut Vec<Problem>,
) -> Vec<Parsed> {
    let mut found = Vec::new();
    for (name, format) in files {
        match parsed(&directory.join(name), format, overlay) {
            Ok(document) => found.extend(document.map(Arc::new)),
            Err(problem) => problems.push(problem),
        }
    }
    found
}

/// The document of a file; nothing where it is too large to be looked at.
fn parsed(path: &Path, format: Format, overlay: &Overlay) -> Result<Option<Document>, Problem> {
    let shown = path.to_string_lossy().into_owned();
    let help = "what this file says is not taken into account until it can be read";
    if let Some(held) = overlay.get(&shown) {
        let text = held.as_ref().and_then(|held| String::from_utf8(held.clone()).ok());
        return text.map_or(Ok(None), |text| document(shown, text, format));
    }
    let size = fs::metadata(path).map_or(0, |found| found.len());
    if size > MOST {
        return Ok(None);
    }
    let text = fs::read_to_string(path).map_err(|error| problem::of_path(path, &error.to_string(), help))?;
    document(shown, text, format)
}

/// The document of a text.
pub(super) fn document(path: String, text: String, format: Format) -> Result<Option<Document>, Problem> {
    let nodes = format
        .parse(&text)
        .map_err(|error| problem::of_parse(&path, &text, &error))?;
    let file = Arc::new(File::new(path, text));
    Ok(nodes.into_iter().next().map(|node| Document {
        file,
        index: 0,
        value: node.value,
        spans: node.spans,
    }))
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
        let read = values(directory.path(), &names, &Overlay::default(), &mut problems);
        let read: Vec<&str> = read
            .iter()
            .filter_map(|file| file.file.path.rsplit('/').next())
            .collect();
        assert_eq!(read, ["terraform.tfvars", "a.auto.tfvars"]);
    }
}
