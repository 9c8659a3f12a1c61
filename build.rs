//! Writes the embedded library: the tables of its modules and of the examples of its policies, each sorted by path, what its
//! modules declare, and the program that they are compiled to. So a run of the library's policies compiles nothing.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("Cargo names the directory")?);
    let policy = root.join("policy");
    let examples = root.join("examples/policies");
    let modules = paths(&policy, |path| path.ends_with(".rego") && !path.ends_with("_test.rego"))?;
    let mut tables = table("MODULES", &policy, &modules)?;
    tables += &table("EXAMPLES", &examples, &paths(&examples, |_| true)?)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo names the output")?);
    fs::write(out.join("library.rs"), tables)?;
    compile(&policy, &modules, &out)
}

/// Compiles the library's modules: `src/policy/library/embedded.rs` reads what they declare, and the program.
fn compile(root: &Path, paths: &[String], out: &Path) -> Result<(), Box<dyn Error>> {
    let read = |path: &String| Ok((format!("policy/{path}"), fs::read_to_string(root.join(path))?));
    let modules: Vec<(String, String)> = paths.iter().map(read).collect::<Result<_, io::Error>>()?;
    let compiled = kpolicy_precompile::compile(&modules)?;
    fs::write(out.join("library.modules"), compiled.declared)?;
    Ok(fs::write(out.join("library.program"), compiled.program)?)
}

/// The paths of the files below a directory that are wanted, sorted.
fn paths(root: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, Box<dyn Error>> {
    let mut paths = Vec::new();
    collect(root, "", &mut paths)?;
    paths.retain(|path| is_wanted(path));
    paths.sort();
    Ok(paths)
}

/// A table of files below a directory, each with its path there and its text.
fn table(name: &str, root: &Path, paths: &[String]) -> Result<String, Box<dyn Error>> {
    let mut table = format!("static {name}: &[Embedded] = &[\n");
    for path in paths {
        let file = root.join(path);
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
