//! `kpolicy inspect`: shows how policies are compiled.

use std::io::Write;
use std::path::PathBuf;

use clap::ArgMatches;

use crate::error::Error;
use crate::finding::Status;
use crate::policy;

/// Prints the plan of the policies named.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let paths: Vec<PathBuf> = matches
        .get_many::<String>("paths")
        .into_iter()
        .flatten()
        .map(PathBuf::from)
        .collect();
    let v0 = matches
        .get_one::<String>("rego-version")
        .is_some_and(|version| version == "v0");
    let plan = policy::plan(&paths, v0).map_err(Error::Problems)?;
    write!(out, "{plan}")
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    Ok(Status::Clean)
}
