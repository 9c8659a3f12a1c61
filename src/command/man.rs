//! `kpolicy man`: manual pages, made from the command line's own definition.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::cli;
use crate::error::Error;
use crate::finding::Status;
use crate::problem;

/// Writes a page for kpolicy and one for each subcommand into the folder named, `kpolicy.1` and `kpolicy-test.1`.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let folder = matches.get_one::<PathBuf>("folder").expect("clap requires a folder");
    write_pages(folder).map_err(|error| {
        let message = format!("cannot write the manual pages: {error}");
        Error::Problems(vec![problem::of_path(
            folder,
            &message,
            "name a directory that exists and is writable",
        )])
    })?;
    let told = writeln!(out, "wrote the manual pages to {}", folder.display());
    told.and_then(|()| out.flush()).map_err(Error::Output)?;
    Ok(Status::Clean)
}

fn write_pages(folder: &Path) -> std::io::Result<()> {
    // The long version lists engines in several lines; a page's foot has room for the number.
    let command = cli::command()
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true);
    clap_mangen::generate_to(command, folder)
}
