//! `kpolicy export`: writes policies of the library for another program.

use std::io::Write;

use clap::ArgMatches;

use crate::error::Error;
use crate::finding::Status;
use crate::policy::{self, data};
use crate::problem;
use crate::report;
use crate::settings::Settings;
use kpolicy_value::Value;

/// Writes the policies that were asked for as Gatekeeper's templates and constraints.
pub fn run(
    matches: &ArgMatches,
    settings: &Settings,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Status, Error> {
    debug_assert_eq!(
        matches.get_one::<String>("target").map(String::as_str),
        Some("gatekeeper")
    );
    let data = Value::object(Vec::new());
    let data = data::with_params(data, settings.params.as_ref()).map_err(Error::Problems)?;
    let data = data::with_pod_templates(data, settings.pod_templates.as_ref()).map_err(Error::Problems)?;
    let choice = crate::run::policies::choice(settings);
    let exported = policy::exported(choice, &data).map_err(Error::Problems)?;
    let mut written = 0;
    for (id, rendered) in exported {
        match rendered {
            Ok(text) => {
                let separator = if written > 0 { "---\n" } else { "" };
                write!(out, "{separator}{text}").map_err(Error::Output)?;
                written += 1;
            }
            Err(why) => {
                let line = format!("{id} is not exported: {}", why.reason());
                // Notices are worth less than the output: where standard error is closed they are dropped.
                let _ = report::render_notice(&line, notes);
            }
        }
    }
    if written == 0 {
        return Err(Error::Problems(vec![problem::of_run(
            "none of these policies can be exported",
            "name policies for Kubernetes with --library or --profile",
        )]));
    }
    out.flush().map_err(Error::Output)?;
    Ok(Status::Clean)
}
