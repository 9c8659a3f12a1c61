//! kpolicy judges configuration before it ships: it reads structured files into documents, runs Rego `deny`, `warn`
//! and `violation` rules on them, and reports what is broken, at its place, with an exit code a pipeline can trust.
//!
//! The rooms of the house, in the order that data passes through them:
//!
//! - [`cli`] and [`settings`]: flags, environment and `kpolicy.toml` become settings
//! - [`command`]: one file for each subcommand
//! - [`input`], [`parse`], [`reading`]: paths become sources, sources become documents
//! - [`document`], [`value`]: what a document holds, and where each part was written
//! - [`policy`], [`engine`], [`rego`]: policies are loaded, checked and compiled
//! - [`evaluate`], [`judge`], [`locate`]: documents meet rules, results become findings with places
//! - [`finding`], [`report`]: the settled report, and its outputs
//! - [`error`], [`problem`], [`suggest`], [`progress`]: what goes wrong, in words

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use clap::error::{ContextKind, ContextValue};

pub mod cli;
pub mod command;
pub mod document;
pub mod engine;
pub mod error;
pub mod evaluate;
pub mod finding;
pub mod input;
pub mod judge;
pub mod locate;
pub mod parse;
pub mod policy;
pub mod problem;
pub mod progress;
pub mod reading;
pub mod rego;
pub mod report;
pub mod settings;
pub mod suggest;
pub mod value;

use error::Error;
use finding::{Problem, Report, Status};
use settings::{Color, Compat, Settings, World};

/// Runs kpolicy with these arguments, the program's name first: reports go to `out`, notices and errors to `notes`.
pub fn run(arguments: Vec<OsString>, mut out: Box<dyn Write>, notes: &mut dyn Write) -> ExitCode {
    let started_as = arguments
        .first()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let conftest = settings::is_conftest(&started_as) || asks_for_conftest(&arguments);
    let matches = match cli::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(error, conftest),
    };
    let result = match matches.subcommand() {
        Some(("init", _)) => command::init::run(Path::new("."), &mut *out).map(ExitCode::from),
        Some(("list", matches)) => command::list::run(matches, &mut *out).map(ExitCode::from),
        Some(("explain", matches)) => command::explain::run(matches, &mut *out).map(ExitCode::from),
        Some(("completions", matches)) => command::completions::run(matches, &mut *out).map(ExitCode::from),
        Some((name, matches)) => return with_settings(name, matches, &started_as, &mut *out, notes),
        None => unreachable!("clap requires a subcommand"),
    };
    conclude(result, None, notes)
}

/// `test` and `parse`: settings first.
fn with_settings(
    name: &str,
    matches: &ArgMatches,
    started_as: &str,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> ExitCode {
    let folder = std::env::current_dir().unwrap_or_default();
    // A variable that is not UTF-8 keeps a mark where it is not, and so fits no setting: it is never passed over.
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let variables = names.filter(|name| name.starts_with("KPOLICY_")).collect();
    let world = World {
        variable: &variable,
        variables,
        folder: &folder,
        started_as,
    };
    let settings = match settings::settle(matches, &world) {
        Ok(settings) => settings,
        Err(refused) => {
            report_error(Error::Problems(refused.problems), refused.color, notes);
            return unusable(refused.compat.is_some());
        }
    };
    for notice in &settings.notices {
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = writeln!(notes, "{notice}");
    }
    let result = match name {
        "parse" => command::parse::run(&settings, out).map(ExitCode::from),
        _ => command::test::run(&settings, out, notes).map(|report| exit_code(&report, &settings)),
    };
    conclude(result, Some(&settings), notes)
}

/// The exit code of a report. conftest's is 1 for whatever is wrong, and with `--fail-on-warn` 2 for failures.
fn exit_code(report: &Report, settings: &Settings) -> ExitCode {
    match (settings.compat, report.status) {
        (Some(Compat::Conftest), Status::Violations) if settings.fail_on_warn && report.failures() > 0 => {
            ExitCode::from(2)
        }
        (Some(Compat::Conftest), Status::Violations | Status::Unusable) => ExitCode::from(1),
        (_, status) => status.into(),
    }
}

/// The exit code of a result, its problems said.
fn conclude(result: Result<ExitCode, Error>, settings: Option<&Settings>, notes: &mut dyn Write) -> ExitCode {
    let compat = settings.is_some_and(|settings| settings.compat == Some(Compat::Conftest));
    match result {
        Ok(code) => code,
        Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Status::Unusable.into(),
        Err(error) => {
            let color = settings.map_or(Color::Auto, |settings| settings.color);
            report_error(error, color, notes);
            unusable(compat)
        }
    }
}

/// The exit code of a run that could not judge; conftest's is 1.
fn unusable(compat: bool) -> ExitCode {
    if compat {
        ExitCode::from(1)
    } else {
        Status::Unusable.into()
    }
}

fn report_error(error: Error, color: Color, notes: &mut dyn Write) {
    let mut problems = match error {
        Error::Problems(problems) => problems,
        Error::Output(error) => {
            let help = "make room, or write somewhere else";
            vec![problem::of_run(
                format!("the report could not be written: {error}"),
                help,
            )]
        }
    };
    Problem::settle(&mut problems);
    let _ = report::render_problems(&problems, color.on(io::stderr().is_terminal()), notes);
}

/// Whether the words ask for conftest's ways, also where they are no command line.
fn asks_for_conftest(arguments: &[OsString]) -> bool {
    let apart = arguments.windows(2).any(|pair| pair == ["--compat", "conftest"]);
    apart || arguments.iter().any(|word| word == "--compat=conftest")
}

/// Help and versions go to standard output; a usage error could not judge.
fn usage(mut error: clap::Error, conftest: bool) -> ExitCode {
    if let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg)
        && let Some(help) = settings::unknown::of_conftest(flag.trim_start_matches('-'))
    {
        // The flag that is spelt most alike does something else.
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::Usage);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help.into()]));
    }
    let printed = error.print();
    if error.use_stderr() || printed.is_err() {
        unusable(conftest)
    } else {
        Status::Clean.into()
    }
}
