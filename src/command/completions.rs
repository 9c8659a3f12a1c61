//! `kpolicy completions`: a shell's completions, made from the command line's own definition.

use std::io::Write;

use clap::ArgMatches;
use clap_complete::Shell;

use crate::cli;
use crate::error::Error;
use crate::finding::Status;

/// Writes the completions of the shell named.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let shell = *matches.get_one::<Shell>("shell").expect("clap requires a shell");
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "kpolicy", &mut script);
    out.write_all(&script)
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    Ok(Status::Clean)
}
