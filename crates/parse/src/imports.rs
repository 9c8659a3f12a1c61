//! Files that a document names: imports of Jsonnet, includes of HOCON.

use std::collections::HashMap;

/// Where the files that a document names come from. The parsers themselves read no file.
pub trait Imports: Sync {
    /// The name and the bytes of the file `path` that the file `from` names, or why there is none. `from` is a name
    /// that this gave, and empty for the document itself.
    fn read(&self, from: &str, path: &str) -> Result<(String, Vec<u8>), String>;
}

/// Nothing can be imported.
pub struct NoImports;

impl Imports for NoImports {
    fn read(&self, _: &str, _: &str) -> Result<(String, Vec<u8>), String> {
        Err("a text that is not a file imports nothing".to_owned())
    }
}

/// Files by name.
impl Imports for HashMap<String, String> {
    fn read(&self, _: &str, path: &str) -> Result<(String, Vec<u8>), String> {
        let text = self.get(path).ok_or("no such file")?;
        Ok((path.to_owned(), text.clone().into_bytes()))
    }
}
