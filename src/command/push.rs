//! `kpolicy push`: uploads policies and their data to a registry.

use std::io::Write;
use std::path::{Component, Path, PathBuf};

use clap::ArgMatches;

use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::problem;
use crate::settings::KeyFile;
use crate::sharing::address::Reference;
use crate::sharing::artifact::{self, Layout};
use crate::sharing::registry::Registry;
use crate::sharing::{Content, bundle, fetch, signature};
use kpolicy_rego::{Dialect, Options, Program, Source};
use kpolicy_value::LineIndex;

/// How deep directories may be.
const DEEPEST: usize = 64;

/// Uploads the policies of a directory, if they compile.
pub fn run(matches: &ArgMatches, conftest: bool, out: &mut dyn Write) -> Result<Status, Error> {
    let repository: &String = matches.get_one("repository").expect("it is required");
    let reference = Reference::parse(repository).map_err(one)?;
    if reference.digest.is_some() {
        return Err(one(problem::of_run(
            format!("{repository} has a digest, which is known only after the push"),
            "name a tag: HOST/REPOSITORY:TAG",
        )));
    }
    let policy: &PathBuf = matches
        .get_one("directory")
        .or_else(|| matches.get_one("policy"))
        .expect("it has a default");
    let data: &PathBuf = matches.get_one("data").unwrap_or(policy);
    let dialect = match matches.get_one::<String>("rego-version").map(String::as_str) {
        Some("v0") => Dialect::V0,
        _ => Dialect::V1,
    };
    let mut content = Content::default();
    let prefix = |path: &Path| match conftest {
        true => prefix(path),
        false => String::new(),
    };
    // conftest takes an empty path for none.
    if policy != Path::new("") {
        read(policy, &prefix(policy), &["rego"], &mut content).map_err(one)?;
    }
    compile(if conftest { Path::new("") } else { policy }, &content, dialect).map_err(Error::Problems)?;
    read(data, &prefix(data), &["json", "yaml", "yml"], &mut content).map_err(one)?;
    if content.is_empty() {
        return Err(one(problem::of_run(
            format!("{} has no policies and no data", policy.display()),
            "name the directory of the policies",
        )));
    }
    let layout = matches.get_one::<Layout>("layout").copied().unwrap_or_default();
    if layout == Layout::Opa {
        bundle::add_manifest(&mut content, dialect).map_err(one)?;
    }
    if let Some(key) = matches.get_one::<String>("sign") {
        signature::sign(&mut content, &KeyFile::parse(key, Path::new(""))).map_err(one)?;
    }
    let mut registry = Registry::new(&reference, matches.get_one::<bool>("tls").copied());
    let digest = artifact::upload(&mut registry, &content, layout).map_err(one)?;
    let Reference {
        registry,
        repository,
        tag,
        ..
    } = &reference;
    writeln!(out, "{registry}/{repository}:{tag}@{digest}").map_err(Error::Output)?;
    Ok(Status::Clean)
}

fn one(problem: Problem) -> Error {
    Error::Problems(vec![problem])
}

/// What the names of files begin with under conftest's name, where they are named from the current directory.
///
/// Follows conftest v0.71 internal/commands/push.go: pushLayers.
fn prefix(path: &Path) -> String {
    let named = path.components().filter(|part| *part != Component::CurDir);
    named.map(|part| format!("{}/", part.as_os_str().display())).collect()
}

/// The files of a directory with one of these suffixes.
fn read(path: &Path, prefix: &str, suffixes: &[&str], content: &mut Content) -> Result<(), Problem> {
    let mut found = Content::default();
    fetch::directory(path, prefix, DEEPEST, &mut found)?;
    for (name, entry) in found.files() {
        let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        if suffixes.contains(&suffix) {
            content.add(name, entry.bytes.clone(), false)?;
        }
    }
    Ok(())
}

/// Compiles the policies, so that what nobody could use is not uploaded.
fn compile(folder: &Path, content: &Content, dialect: Dialect) -> Result<(), Vec<Problem>> {
    let mut texts = Vec::new();
    for (name, entry) in content.files() {
        let path = folder.join(name).display().to_string();
        match std::str::from_utf8(&entry.bytes) {
            Ok(text) => texts.push((path, text)),
            Err(_) => {
                return Err(vec![problem::of_path(
                    Path::new(&path),
                    "is not UTF-8",
                    "save it as UTF-8",
                )]);
            }
        }
    }
    let sources: Vec<Source> = texts.iter().map(|(_, text)| Source { text, dialect }).collect();
    let options = Options {
        tests: true,
        ..Options::default()
    };
    let errors = match Program::compile(&sources, options) {
        Ok(_) => return Ok(()),
        Err(errors) => errors,
    };
    let problem = |error: &kpolicy_rego::CompileError| match texts.get(error.module) {
        Some((path, text)) => problem::of_span(
            path,
            &LineIndex::new(text),
            error.span,
            error.message.clone(),
            error.help.clone(),
        ),
        None => problem::of_run(error.message.clone(), "correct the policies"),
    };
    Err(errors.iter().map(problem).collect())
}
