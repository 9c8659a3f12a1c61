//! The .proto files that define messages.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use prost_reflect::DescriptorPool;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use regex::Regex;

use crate::ParseError;
use crate::document::Span;

static IMPORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^\s*import\s+(?:public\s+|weak\s+)?["']([^"']+)["']"#).expect("the pattern is valid")
});

/// How deep folders may nest.
const MAX_DEPTH: usize = 64;

/// The files, by the path that they were found at.
#[derive(Debug, Default)]
pub(crate) struct Protos {
    files: BTreeMap<String, String>,
    /// The folders that imports are looked up in as well.
    folders: Vec<String>,
}

impl Protos {
    /// Files and the folders that they are in.
    #[cfg(test)]
    pub(crate) fn of(files: impl IntoIterator<Item = (String, String)>, folders: Vec<String>) -> Self {
        Self {
            files: files.into_iter().collect(),
            folders,
        }
    }

    /// The .proto files below these folders.
    pub(crate) fn read(folders: &[PathBuf]) -> Result<Self, ParseError> {
        let mut protos = Self::default();
        for folder in folders {
            protos.folders.push(slashed(folder));
            protos.folder(folder, 0)?;
        }
        Ok(protos)
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), ParseError> {
        let failed = |path: &Path, error: std::io::Error| {
            let message = format!("could not read {}: {error}", path.display());
            ParseError::new(message, Span::new(0, 0)).with_help("check --proto-file-dirs")
        };
        let entries = std::fs::read_dir(folder).map_err(|error| failed(folder, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| failed(folder, error))?;
            let path = entry.path();
            // Links to folders are not followed, so that the walk ends.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < MAX_DEPTH {
                self.folder(&path, depth + 1)?;
            } else if path.extension().is_some_and(|ending| ending == "proto") {
                let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
                self.files.insert(slashed(&path), text);
            }
        }
        Ok(())
    }

    /// The types that the files define.
    pub(super) fn compile(&self) -> Result<DescriptorPool, ParseError> {
        let failed = |error: protox::Error| {
            let message = format!("could not read the .proto files: {error}");
            ParseError::new(message, Span::new(0, 0))
        };
        let names = self.names();
        let files = names
            .iter()
            .map(|(path, name)| (name.clone(), self.files[*path].clone()));
        let mut resolver = ChainFileResolver::new();
        resolver.add(Texts(files.collect()));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = Compiler::with_file_resolver(resolver);
        compiler.include_imports(true);
        for name in names.values() {
            compiler.open_file(name).map_err(failed)?;
        }
        for known in [
            "any",
            "duration",
            "empty",
            "field_mask",
            "struct",
            "timestamp",
            "wrappers",
        ] {
            compiler
                .open_file(format!("google/protobuf/{known}.proto"))
                .map_err(failed)?;
        }
        Ok(compiler.descriptor_pool())
    }

    /// The name of each file: that by which others import it, else its path.
    fn names(&self) -> BTreeMap<&str, String> {
        let mut names = BTreeMap::new();
        for text in self.files.values() {
            for found in IMPORT.captures_iter(text) {
                let name = &found[1];
                let in_folder = |folder: &String| format!("{}/{name}", folder.trim_end_matches('/'));
                let mut paths = std::iter::once(name.to_owned()).chain(self.folders.iter().map(in_folder));
                let end = format!("/{name}");
                let path = paths.find_map(|path| self.files.get_key_value(&path));
                let path = path.or_else(|| self.files.iter().find(|(path, _)| path.ends_with(&end)));
                if let Some((path, _)) = path {
                    names.entry(path.as_str()).or_insert_with(|| name.to_owned());
                }
            }
        }
        for path in self.files.keys() {
            names.entry(path).or_insert_with(|| path.clone());
        }
        names
    }
}

/// A path with `/` between its parts, as .proto files write them.
fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// Files by name.
struct Texts(HashMap<String, String>);

impl FileResolver for Texts {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        Some(slashed(path))
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match self.0.get(name) {
            Some(text) => File::from_source(name, text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}
