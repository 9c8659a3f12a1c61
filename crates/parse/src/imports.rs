//! Files that a document names: imports of Jsonnet, includes of HOCON.

use std::path::{Path, PathBuf};

use crate::Context;

/// Where the files that a document names come from. The parsers themselves read no file.
pub(crate) trait Imports: Sync {
    /// The name and the bytes of the file `path` that the file `from` names, or why there is none. `from` is a name
    /// that this gave, and empty for the document itself.
    fn read(&self, from: &str, path: &str) -> Result<(String, Vec<u8>), String>;
}

/// How large a file may be that a document names.
const MAX_BYTES: u64 = 64 << 20;

/// The folder of a document and those that it imports from. No other file is read.
pub(crate) struct Folder {
    /// None for a document that is not a file.
    own: Option<PathBuf>,
    /// Those of `--jpath`.
    others: Vec<PathBuf>,
}

/// The directories that the files which a document names can be in.
pub(crate) fn folders(context: &Context<'_>) -> Vec<PathBuf> {
    let folder = Folder::of(context);
    folder.own.into_iter().chain(folder.others).collect()
}

impl Folder {
    /// The folders of a document.
    pub(crate) fn of(context: &Context<'_>) -> Self {
        let parent = |path: &Path| match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent.to_owned(),
            None => PathBuf::from("."),
        };
        Self {
            own: context.path.map(parent),
            others: context.jpath.to_vec(),
        }
    }

    /// The real path of a file; none if it is not there. An error if it is in no folder that may be read.
    fn real(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        let Ok(real) = path.canonicalize() else { return Ok(None) };
        let folders = self.own.iter().chain(&self.others);
        let is_below = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
        match folders.into_iter().any(is_below) {
            true => Ok(Some(real)),
            false => Err("it is not below the folder of the document or a folder of --jpath".to_owned()),
        }
    }
}

impl Imports for Folder {
    fn read(&self, from: &str, path: &str) -> Result<(String, Vec<u8>), String> {
        let Some(own) = &self.own else {
            return Err("a document from standard input imports nothing".to_owned());
        };
        let beside = match from {
            "" => own.join(path),
            _ => Path::new(from).with_file_name(path),
        };
        let mut real = self.real(&beside)?;
        // As in jsonnet, the last folder that is named comes first.
        for folder in self.others.iter().rev() {
            if real.is_none() {
                real = self.real(&folder.join(path))?;
            }
        }
        let real = real.ok_or("there is no such file in its folder or a folder of --jpath")?;
        let data = real.metadata().map_err(|error| error.to_string())?;
        if !data.is_file() {
            return Err("it is not a file".to_owned());
        }
        if data.len() > MAX_BYTES {
            return Err(format!("it is larger than {} MiB", MAX_BYTES >> 20));
        }
        let bytes = std::fs::read(&real).map_err(|error| error.to_string())?;
        Ok((real.to_string_lossy().into_owned(), bytes))
    }
}

/// Nothing can be imported.
#[cfg(test)]
pub(crate) struct NoImports;

#[cfg(test)]
impl Imports for NoImports {
    fn read(&self, _: &str, _: &str) -> Result<(String, Vec<u8>), String> {
        Err("a text that is not a file imports nothing".to_owned())
    }
}

/// Files by name.
#[cfg(test)]
impl Imports for std::collections::HashMap<String, String> {
    fn read(&self, _: &str, path: &str) -> Result<(String, Vec<u8>), String> {
        let text = self.get(path).ok_or("no such file")?;
        Ok((path.to_owned(), text.clone().into_bytes()))
    }
}
