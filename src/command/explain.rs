//! `kpolicy explain`: prints the page of a policy of the library.

use std::io::Write;

use clap::ArgMatches;

use crate::error::Error;
use crate::finding::Status;
use crate::policy::library::{catalog, page};

/// Prints the page of the policy named.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let id = matches.get_one::<String>("id").expect("clap requires an id");
    let policy = catalog::policy(id).map_err(|problem| Error::Problems(vec![problem]))?;
    write!(out, "{}", page::plain(policy))
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    Ok(Status::Clean)
}
