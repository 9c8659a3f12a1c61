//! `kpolicy doc`: writes documentation of policies from their METADATA.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::delivery::replace::replace;
use crate::documentation::{Entry, Layout, Markup, index, reference};
use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::policy::{Documented, documented};
use crate::problem;
use kpolicy_value::Value;

/// What has a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Pages {
    /// A package; the pages are listed in `index`.
    Package,
    /// Everything below a path, as in conftest.
    Directory,
}

/// A page, not yet rendered.
struct Page {
    name: String,
    title: String,
    blocks: Vec<Documented>,
}

/// Writes the pages; what was written is listed on `out`, but not under conftest's name.
pub fn run(matches: &ArgMatches, conftest: bool, out: &mut dyn Write) -> Result<Status, Error> {
    let paths: Vec<&String> = matches.get_many("paths").into_iter().flatten().collect();
    let text = |name: &str| matches.get_one::<String>(name);
    let v0 = text("rego-version").is_some_and(|version| version == "v0");
    let markup = matches.get_one::<Markup>("markup").copied().unwrap_or_default();
    let by_default = if conftest { Pages::Directory } else { Pages::Package };
    let pages = matches.get_one::<Pages>("pages").copied().unwrap_or(by_default);
    let layout = match text("template") {
        Some(path) => layout(Path::new(path)).map_err(one)?,
        None => Layout::of(markup),
    };
    let found = match pages {
        Pages::Package => by_package(&paths, v0)?,
        Pages::Directory => by_directory(&paths, v0)?,
    };
    let mut files = Vec::new();
    for page in &found {
        let blocks: Vec<&Documented> = page.blocks.iter().collect();
        let rendered = layout.page(&blocks).map_err(|message| one(unrendered(&message)))?;
        files.push((format!("{}.{}", page.name, markup.extension()), rendered));
    }
    if pages == Pages::Package {
        let rendered = index(markup, &entries(&found, markup)).map_err(|message| one(unrendered(&message)))?;
        files.push((format!("index.{}", markup.extension()), rendered));
    }
    check_names(&files)?;
    let folder = text("output").map_or(Path::new("."), Path::new);
    if folder.exists() && !folder.is_dir() {
        let help = "name a directory as --output; it is created where it does not exist";
        return Err(one(problem::of_path(folder, "is not a directory", help)));
    }
    for (name, rendered) in files {
        let path = folder.join(name);
        write(&path, &rendered).map_err(|error| one(problem::of_unwritten(&path, &error)))?;
        if !conftest {
            writeln!(out, "{}", path.display()).map_err(Error::Output)?;
        }
    }
    out.flush().map_err(Error::Output)?;
    Ok(Status::Clean)
}

fn one(problem: Problem) -> Error {
    Error::Problems(vec![problem])
}

fn unrendered(message: &str) -> Problem {
    problem::of_run(
        format!("the documentation could not be rendered: {message}"),
        "correct the template: it reads a list of sections with RegoPackageName, Depth, MarkdownHeading and Annotations",
    )
}

fn layout(path: &Path) -> Result<Layout, Problem> {
    let help = "name a readable UTF-8 file with a Go template";
    let text = fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot be read: {error}");
        problem::of_path(path, &message, help)
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Layout::read(&name, &text).map_err(|message| {
        let message = format!("is not a Go template: {message}");
        problem::of_path(path, &message, "correct it: its syntax is that of Go's text/template")
    })
}

/// The METADATA below paths, of which there has to be some.
fn blocks(paths: &[&String], v0: bool) -> Result<Vec<Documented>, Error> {
    let roots: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let found = documented(&roots, v0).map_err(Error::Problems)?;
    if found.is_empty() {
        let shown: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
        return Err(one(problem::of_run(
            format!("no policy has METADATA below {}", shown.join(", ")),
            "write a comment that begins with # METADATA before a package or rule",
        )));
    }
    Ok(found)
}

/// A page for each package.
fn by_package(paths: &[&String], v0: bool) -> Result<Vec<Page>, Error> {
    let mut packages: BTreeMap<Vec<Value>, Vec<Documented>> = BTreeMap::new();
    for block in blocks(paths, v0)? {
        packages.entry(block.package.clone()).or_default().push(block);
    }
    let page = |(package, blocks): (Vec<Value>, Vec<Documented>)| Page {
        name: file_name(&reference(&package)),
        title: reference(&package),
        blocks,
    };
    Ok(packages.into_iter().map(page).collect())
}

/// A page for each path, with everything below it.
fn by_directory(paths: &[&String], v0: bool) -> Result<Vec<Page>, Error> {
    let page = |path: &&String| {
        let name = Path::new(path)
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned());
        // `.` and `..` have no name, and conftest calls theirs so.
        let name = name.unwrap_or_else(|| "policy".to_owned());
        Ok(Page {
            name: file_name(&name),
            title: name,
            blocks: blocks(&[path], v0)?,
        })
    };
    paths.iter().map(page).collect()
}

/// A name that is a file's on every system: what else it holds becomes `_`.
fn file_name(name: &str) -> String {
    let plain = |character: char| match character {
        '.' | '-' | '_' => character,
        _ if character.is_alphanumeric() => character,
        _ => '_',
    };
    name.chars().map(plain).collect()
}

fn entries(pages: &[Page], markup: Markup) -> Vec<Entry> {
    let title = |page: &Page| {
        let own = page.blocks.iter().filter(|block| block.path == block.package);
        let titles = own.filter_map(|block| block.fields.field("title").and_then(Value::as_str));
        titles.map(str::to_owned).next().unwrap_or_default()
    };
    let entry = |page: &Page| Entry {
        package: page.title.clone(),
        file: format!("{}.{}", page.name, markup.extension()),
        title: title(page),
    };
    pages.iter().map(entry).collect()
}

/// Fails where two pages would be one file.
fn check_names(files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    let mut known = HashSet::new();
    // Some systems do not tell names apart by case.
    match files.iter().find(|(name, _)| !known.insert(name.to_lowercase())) {
        None => Ok(()),
        Some((name, _)) => Err(one(problem::of_run(
            format!("two pages have the name {name}"),
            "document them one after the other, each with a directory of its own as --output",
        ))),
    }
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    replace(path, |out| out.write_all(text))
}
