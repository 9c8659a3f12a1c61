//! Writes the tables of the embedded library: its modules, and the examples of its policies, each sorted by path.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("Cargo names the directory")?);
    let is_module = |path: &str| path.ends_with(".rego") && !path.ends_with("_test.rego");
    let mut tables = table("MODULES", &root.join("policy"), is_module)?;
    tables += &table("EXAMPLES", &root.join("examples/policies"), |_| true)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo names the output")?);
    Ok(fs::write(out.join("library.rs"), tables)?)
}

/// A table of the files below a directory, each with its path there and its text.
fn table(name: &str, root: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<String, Box<dyn Error>> {
    let mut paths = Vec::new();
    collect(root, "", &mut paths)?;
    paths.retain(|path| is_wanted(path));
    paths.sort();
    let mut table = format!("static {name}: &[Embedded] = &[\n");
    for path in paths {
        let file = root.join(&path);
        writeln!(
            table,
            "    Embedded {{ path: {path:?}, text: include_str!({file:?}) }},"
        )?;
    }
    Ok(table + "];\n")
}

/// The paths of the files below a directory, with `/` between names on every system.
fn collect(directory: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", directory.display());
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or("a name is ASCII")?;
        let below = format!("{prefix}{name}");
        match path.is_dir() {
            true => collect(&path, &format!("{below}/"), found)?,
            false => found.push(below),
        }
    }
    Ok(())
}
