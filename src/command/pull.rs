//! `kpolicy pull`: downloads policies into a directory, and notes in `kpolicy.lock` what they were.

use std::io::Write;
use std::path::{Component, Path, PathBuf};

use clap::ArgMatches;

use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::settings::KeyFile;
use crate::sharing::fetch::{Fetched, Terms, fetch};
use crate::sharing::lock::Lock;
use crate::sharing::{Content, address, target};

/// Fetches all that is named, and writes files only if all of it came and is what the lockfile says.
pub fn run(matches: &ArgMatches, conftest: bool, out: &mut dyn Write) -> Result<Status, Error> {
    let urls: Vec<&String> = matches.get_many("urls").into_iter().flatten().collect();
    let directory = directory(matches, conftest);
    let key = matches.get_one::<String>("verify-key");
    let terms = Terms {
        tls: matches.get_one::<bool>("tls").copied(),
        verify_key: key.map(|key| KeyFile::parse(key, Path::new(""))),
    };
    let accepts = matches.get_flag("update-lock");
    // conftest has no lockfile, and its users expect none.
    let lock = match conftest {
        true => None,
        false => Some(Lock::find(accepts).map_err(one)?),
    };
    let fetched = pull(&urls, &directory, &terms, lock).map_err(one)?;
    if conftest {
        return Ok(Status::Clean);
    }
    for (url, fetched) in urls.iter().zip(fetched) {
        let count = fetched.content.len();
        let files = if count == 1 { "file" } else { "files" };
        let (url, digest, directory) = (address::shown(url), fetched.digest, directory.display());
        writeln!(out, "{directory}: {count} {files} of {url} ({digest})").map_err(Error::Output)?;
    }
    Ok(Status::Clean)
}

/// The directory to write to. Without `--absolute-paths`, conftest takes an absolute one for one below the current directory.
///
/// Follows conftest v0.71 internal/commands/pull.go: NewPullCommand.
fn directory(matches: &ArgMatches, conftest: bool) -> PathBuf {
    let named: &PathBuf = matches.get_one("policy").expect("it has a default");
    if !conftest || matches.get_flag("absolute-paths") {
        return named.clone();
    }
    let is_part = |part: &Component| !matches!(part, Component::RootDir | Component::Prefix(_));
    named.components().filter(is_part).collect()
}

fn one(problem: Problem) -> Error {
    Error::Problems(vec![problem])
}

fn pull(urls: &[&String], directory: &Path, terms: &Terms, lock: Option<Lock>) -> Result<Vec<Fetched>, Problem> {
    let mut all = Vec::new();
    let mut together = Content::default();
    for url in urls {
        let fetched = fetch(url, terms)?;
        if let Some(lock) = &lock {
            lock.check(url, &fetched.digest)?;
            lock.check_files(url, directory, &fetched.content)?;
        }
        // Sources that have the same file would replace each other's.
        for (path, entry) in fetched.content.files() {
            together.add(path, entry.bytes.clone(), entry.executable)?;
        }
        all.push(fetched);
    }
    let sources: Vec<_> = all.iter().map(|fetched| (&fetched.content, fetched.existing)).collect();
    target::write(&sources, directory)?;
    if let Some(mut lock) = lock {
        for (url, fetched) in urls.iter().zip(&all) {
            lock.note(url, &fetched.digest, Some((directory, &fetched.content)));
        }
        lock.write()?;
    }
    Ok(all)
}
