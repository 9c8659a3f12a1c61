//! A kustomization: the files and directories that it names, and where its keys are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::{Location, Problem};
use crate::input;
use crate::locate::{Target, locate};
use crate::problem;
use kpolicy_parse::document::{Document, File};
use kpolicy_parse::{Format, text};
use kpolicy_value::Value;

/// The names of the file that makes a directory a kustomization, in Kustomize's order.
const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// The keys that list files, directories or inline texts.
const LISTS: [&str; 9] = [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
];

/// The keys that list objects with a file in `path`.
const PATHS: [&str; 3] = ["patches", "patchesJson6902", "replacements"];

/// Whether a name makes its directory a kustomization.
pub fn is_kustomization(name: &str) -> bool {
    FILES.contains(&name)
}

/// A kustomization.
pub(super) struct Kustomization {
    /// Its file, as reports show it.
    pub(super) path: String,
    document: Document,
}

impl Kustomization {
    /// The kustomization of a directory, where it is one.
    pub(super) fn of(directory: &Path) -> Option<Result<Self, Problem>> {
        let file = FILES
            .iter()
            .map(|name| join(directory, name))
            .find(|file| file.is_file())?;
        Some(Self::read(&file))
    }

    /// Reads a file.
    pub(super) fn read(file: &Path) -> Result<Self, Problem> {
        let unreadable = |reason: &str| problem::of_path(file, reason, "fix it, or skip it with --ignore");
        let bytes = input::read_file(file, LARGEST).map_err(|error| unreadable(&error.reason))?;
        let text = text::decode(bytes).map_err(|error| unreadable(&error.message))?;
        let path = file.display().to_string();
        let nodes = Format::Yaml
            .parse(&text)
            .map_err(|error| problem::of_parse(&path, &text, &error))?;
        let node = nodes.into_iter().next();
        let node = node.ok_or_else(|| unreadable("has no document"))?;
        Ok(Self {
            document: Document {
                file: Arc::new(File::new(path.as_str(), text)),
                index: 0,
                value: node.value,
                spans: node.spans,
            },
            path,
        })
    }

    /// The directory that its paths are relative to.
    pub(super) fn directory(&self) -> &Path {
        Path::new(&self.path).parent().unwrap_or(Path::new(""))
    }

    /// Whether it is a part for others, that cannot be built on its own.
    pub(super) fn is_component(&self) -> bool {
        self.document.value.field("kind").and_then(Value::as_str) == Some("Component")
    }

    /// The texts that it lists as files, directories or addresses.
    fn named(&self) -> Vec<String> {
        let root = &self.document.value;
        let items = |key: &str| root.field(key).and_then(Value::as_array).unwrap_or_default();
        let texts =
            |values: &[Value]| -> Vec<String> { values.iter().filter_map(Value::as_str).map(str::to_owned).collect() };
        let mut named: Vec<String> = LISTS.iter().flat_map(|key| texts(items(key))).collect();
        let path = |item: &Value| item.field("path").and_then(Value::as_str).map(str::to_owned);
        named.extend(PATHS.iter().flat_map(|key| items(key).iter().filter_map(path)));
        named.extend(root.field("openapi").and_then(path));
        for generator in ["configMapGenerator", "secretGenerator"]
            .iter()
            .flat_map(|key| items(key))
        {
            for key in ["files", "envs"] {
                let files = texts(generator.field(key).and_then(Value::as_array).unwrap_or_default());
                // A file can have the name of its key before it.
                named.extend(
                    files
                        .iter()
                        .map(|file| file.rsplit('=').next().unwrap_or(file).to_owned()),
                );
            }
            named.extend(generator.field("env").and_then(Value::as_str).map(str::to_owned));
        }
        named.extend(
            items("helmCharts")
                .iter()
                .filter_map(|chart| chart.field("valuesFile")?.as_str().map(str::to_owned)),
        );
        // What has line breaks is the content itself.
        named.retain(|text| !text.contains('\n'));
        named
    }

    /// The files and directories that it names.
    pub(super) fn uses(&self) -> Vec<PathBuf> {
        let named = self.named().into_iter().map(|text| self.directory().join(text));
        named.filter_map(|path| fs::canonicalize(path).ok()).collect()
    }

    /// What it would take from the network or leave to helm, by its texts.
    pub(super) fn remote(&self) -> Vec<String> {
        let is_remote = |text: &String| {
            let is_address =
                text.contains("://") || text.contains("?ref=") || text.contains("git@") || text.contains(".com/");
            is_address && !self.directory().join(text).exists()
        };
        let mut remote: Vec<String> = self.named().into_iter().filter(is_remote).collect();
        if self.document.value.field("helmCharts").is_some() {
            remote.push("helmCharts".to_owned());
        }
        remote
    }

    /// The location of the first of these keys that it has, or else of the file.
    pub(super) fn key(&self, keys: &[&str]) -> Location {
        let key = keys.iter().find(|key| self.document.value.field(key).is_some());
        let target = key.map_or(Target::Document, |key| Target::Key(vec![(*key).into()]));
        locate(&self.document, &target)
    }

    /// The patches that it lists: the location of each entry, and its text with the file that it is in.
    pub(super) fn patches(&self) -> Vec<(Location, Document)> {
        let mut patches = Vec::new();
        for key in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
            let items = self
                .document
                .value
                .field(key)
                .and_then(Value::as_array)
                .unwrap_or_default();
            for (index, item) in (0i64..).zip(items) {
                let mut steps = vec![Value::from(key), index.into()];
                let named = match item.as_str() {
                    Some(text) => Some(text),
                    None => ["path", "patch"].iter().find_map(|key| {
                        let text = item.field(key)?.as_str()?;
                        steps.push((*key).into());
                        Some(text)
                    }),
                };
                let Some(named) = named else { continue };
                let location = locate(&self.document, &Target::Value(steps));
                patches.extend(self.patch(named).into_iter().map(|patch| (location.clone(), patch)));
            }
        }
        patches
    }

    /// The documents of a patch, given by its file or as a text.
    fn patch(&self, named: &str) -> Vec<Document> {
        match named.contains('\n') {
            true => documents(&self.path, named.to_owned()),
            false => read_documents(&join(self.directory(), named)),
        }
    }
}

/// A path in a directory, without `./` before it and with what `..` goes back over taken away.
pub(super) fn join(directory: &Path, name: &str) -> PathBuf {
    let mut joined = PathBuf::new();
    for part in directory.join(name).components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if joined.file_name().is_some() && !joined.ends_with("..") => {
                joined.pop();
            }
            part => joined.push(part),
        }
    }
    joined
}

/// The documents of a file; none where it cannot be read.
pub(super) fn read_documents(file: &Path) -> Vec<Document> {
    let bytes = input::read_file(file, LARGEST).ok();
    let text = bytes.and_then(|bytes| text::decode(bytes).ok());
    text.map_or_else(Vec::new, |text| documents(&file.display().to_string(), text))
}

/// The documents of a text that hold something.
pub(super) fn documents(path: &str, text: String) -> Vec<Document> {
    let nodes = Format::Yaml.parse(&text).unwrap_or_default();
    let file = Arc::new(File::new(path, text));
    let nodes = nodes.into_iter().filter(|node| node.value != Value::Null).enumerate();
    let document = |(index, node): (usize, kpolicy_parse::document::Node)| Document {
        file: Arc::clone(&file),
        index,
        value: node.value,
        spans: node.spans,
    };
    nodes.map(document).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kustomization_names_is_known() {
        let root = tempfile::tempdir().expect("a folder");
        let text = "resources:\n- ../base\n- https://example.com/x?ref=v1\n- a.yaml\npatches:\n- path: p.yaml\n- patch: |\n    a: 1\nconfigMapGenerator:\n- name: c\n  files: [key=f.txt, g.txt]\n";
        let file = root.path().join("kustomization.yaml");
        fs::write(&file, text).expect("a file");
        let read = Kustomization::read(&file).expect("it is sound");
        let expected = [
            "../base",
            "https://example.com/x?ref=v1",
            "a.yaml",
            "p.yaml",
            "f.txt",
            "g.txt",
        ];
        assert_eq!(read.named(), expected);
        assert_eq!(read.remote(), ["https://example.com/x?ref=v1"]);
        assert_eq!(read.key(&["images", "patches"]).line, 5);
        assert_eq!(join(Path::new("a/b"), "../c/./d"), Path::new("a/c/d"));
        assert_eq!(join(Path::new(".."), "../c"), Path::new("../../c"));
    }
}
