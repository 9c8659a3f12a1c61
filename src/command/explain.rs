//! `kpolicy explain`: prints the page of a policy of the library, or of a lint.

use std::io::Write;

use clap::ArgMatches;

use crate::error::Error;
use crate::finding::Status;
use crate::policy::library::{catalog, page};
use crate::policy::lints;

/// Prints the page of the policy or lint named.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let id = matches.get_one::<String>("id").expect("clap requires an id");
    if let Some(lint) = lints::lint(id) {
        let text = write!(out, "{}", lints::page::plain(lint));
        return text
            .and_then(|()| out.flush())
            .map(|()| Status::Clean)
            .map_err(Error::Output);
    }
    let policy = catalog::policy(id).map_err(|problem| Error::Problems(vec![problem]))?;
    write!(out, "{}", page::plain(policy))
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    Ok(Status::Clean)
}
