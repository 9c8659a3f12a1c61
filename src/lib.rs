//! kpolicy tests configuration before it ships: it reads structured files into documents, runs Rego `deny`, `warn`
//! and `violation` rules on them, and reports what is broken, at its location, with an exit code a pipeline can trust.
//!
//! The modules, in the order that data passes through them:
//!
//! - [`cli`] and [`settings`]: flags, environment and `kpolicy.toml` become settings
//! - [`command`]: one file for each subcommand
//! - [`input`], [`reading`]: paths become sources, and `kpolicy_parse` makes documents of them
//! - [`rendering`]: directories that other programs render, such as Helm charts
//! - [`kubernetes`], [`inventory`]: the objects in documents, and all of them as one set for rules
//! - [`subject`], [`inspection`]: what a document is about, and what of it no rule would tell
//! - [`policy`], [`engine`]: policies are loaded, checked and compiled by `kpolicy_rego`
//! - [`gatekeeper`]: the policies of a cluster, ConstraintTemplates and constraints
//! - [`evaluate`], [`results`]: documents meet rules, and values of rules become violations
//! - [`provenance`], [`placing`], [`locate`]: violations become findings with locations
//! - [`waiver`], [`pattern`]: findings that somebody accepted, and how settings name ids and paths
//! - `sharing`: policies that come from elsewhere, and go there
//! - [`snapshot`], [`comparison`], [`baseline`]: files as they were, and which findings were there before
//! - [`mod@run`]: all of this in its order
//! - [`finding`], [`report`], [`delivery`]: the settled report, its outputs, and where they are written
//! - [`tracing`], [`why`]: how rules were evaluated, told to people
//! - [`prompt`]: the prompt of `kpolicy eval`
//! - [`documentation`]: pages of policies, from their METADATA
//! - [`plugin`]: further commands, which are other programs
//! - [`watch`]: runs that are repeated when a file changes
//! - [`budget`], [`threads`]: the memory and the threads of a run
//! - [`error`], [`problem`], [`suggest`], [`progress`]: what goes wrong, in words

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use clap::error::{ContextKind, ContextValue, ErrorKind};

pub mod baseline;
pub mod budget;
pub mod cli;
pub mod command;
pub mod comparison;
pub mod delivery;
pub mod documentation;
pub mod engine;
pub mod error;
pub mod evaluate;
pub mod finding;
pub mod gatekeeper;
pub mod input;
pub mod inspection;
pub mod inventory;
pub mod kubernetes;
pub mod locate;
pub mod pattern;
pub mod placing;
pub mod plugin;
pub mod policy;
pub mod problem;
pub mod progress;
pub mod prompt;
pub mod provenance;
pub mod reading;
pub mod rendering;
pub mod report;
pub mod results;
pub mod run;
pub mod settings;
#[cfg(feature = "sharing")]
pub mod sharing;
pub mod snapshot;
pub mod subject;
pub mod suggest;
pub mod terraform;
pub mod threads;
pub mod tracing;
pub mod verify;
pub mod waiver;
pub mod watch;
pub mod why;

use error::Error;
use finding::{Problem, Report, Status};
use settings::{Color, Compat, Refused, Settings, World};
use watch::{Kept, WatchStyle};

/// Runs kpolicy with these arguments, the program's name first: reports go to `out`, notices and errors to `notes`.
pub fn run(arguments: Vec<OsString>, mut out: Box<dyn Write>, notes: &mut dyn Write) -> ExitCode {
    let started_as = arguments
        .first()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let conftest = settings::is_conftest(&started_as) || asks_for_conftest(&arguments);
    let arguments = cli::command_first(arguments);
    let is_help = arguments
        .get(1)
        .is_none_or(|first| first == "help" || first == "--help" || first == "-h");
    let command = match is_help {
        true => command::plugin::named_in(cli::command(), conftest),
        false => cli::command(),
    };
    let matches = match command.try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let is_command = error.kind() == ErrorKind::InvalidSubcommand;
            let Some(called) = is_command
                .then(|| command::plugin::call(&arguments, conftest))
                .flatten()
            else {
                return usage(error, &arguments, conftest, &mut *out, notes);
            };
            let mode = OutputMode {
                conftest,
                ..OutputMode::default()
            };
            return conclude(called, &mut *out, mode, notes);
        }
    };
    let result = match matches.subcommand() {
        Some(("init", _)) => command::init::run(Path::new("."), &mut *out).map(ExitCode::from),
        Some(("doc", matches)) => command::doc::run(matches, conftest, &mut *out).map(ExitCode::from),
        Some(("fmt", matches)) => command::fmt::run(matches, conftest, &mut *out, notes),
        Some(("list", matches)) => command::list::run(matches, &mut *out).map(ExitCode::from),
        Some(("explain", matches)) => command::explain::run(matches, &mut *out).map(ExitCode::from),
        Some(("inspect", matches)) => command::inspect::run(matches, &mut *out).map(ExitCode::from),
        Some(("plugin", matches)) => command::plugin::run(matches, conftest, &mut *out).map(ExitCode::from),
        Some(("man", matches)) => command::man::run(matches, &mut *out).map(ExitCode::from),
        Some(("completions", matches)) => command::completions::run(matches, &mut *out).map(ExitCode::from),
        #[cfg(feature = "sharing")]
        Some(("pull", matches)) => command::pull::run(matches, conftest, &mut *out).map(ExitCode::from),
        #[cfg(feature = "sharing")]
        Some(("push", matches)) => command::push::run(matches, conftest, &mut *out).map(ExitCode::from),
        Some((name, matches)) => {
            let watched = matches.try_get_one::<WatchStyle>("watch").ok().flatten();
            return match watched {
                Some(style) => watched_run(*style, name, matches, &started_as, &mut *out, notes),
                None => with_settings(name, matches, &started_as, None, &mut *out, notes),
            };
        }
        None => unreachable!("clap requires a subcommand"),
    };
    let mode = OutputMode {
        conftest,
        ..OutputMode::default()
    };
    conclude(result, &mut *out, mode, notes)
}

/// How a command that could not do its work says so.
#[derive(Clone, Copy, Default)]
struct OutputMode {
    /// Whether exit codes are conftest's.
    conftest: bool,
    /// Whether to use colors.
    color: Color,
    /// Whether it was to evaluate, so that it must be said that nothing was.
    is_test: bool,
}

impl OutputMode {
    fn of(settings: &Settings, is_test: bool) -> Self {
        Self {
            conftest: settings.compat.is_some(),
            color: settings.color,
            is_test,
        }
    }
}

/// `test` or `verify`, again whenever a file changes.
fn watched_run(
    style: WatchStyle,
    name: &str,
    matches: &ArgMatches,
    started_as: &str,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> ExitCode {
    let mut source = match watch::source(style) {
        Ok(source) => source,
        Err(problem) => return conclude(Err(Error::Problems(vec![problem])), out, OutputMode::default(), notes),
    };
    let mut kept = Kept::default();
    let once = || {
        let paths = match settle(matches, started_as) {
            Ok(settings) if !kept.look(&settings, name == "test") => return None,
            Ok(settings) => Kept::paths(&settings),
            Err(refused) => Kept::paths(&refused.rest),
        };
        kept.found = None;
        let screen = watch::Screen::default();
        let (mut text, mut said) = (screen.clone(), screen.clone());
        let code = with_settings(name, matches, started_as, Some(&mut kept), &mut text, &mut said);
        Some(watch::Ran {
            code,
            text: screen.take(),
            found: kept.found.take(),
            paths,
        })
    };
    match watch::run(&mut *source, out, io::stdout().is_terminal(), once) {
        Ok(code) => code,
        Err(error) => conclude(Err(Error::Output(error)), out, OutputMode::default(), notes),
    }
}

/// The commands that have settings: these first.
fn with_settings(
    name: &str,
    matches: &ArgMatches,
    started_as: &str,
    kept: Option<&mut Kept>,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> ExitCode {
    let mut settings = match settle(matches, started_as) {
        Ok(settings) => settings,
        Err(refused) => {
            let is_test = name == "test";
            let mut problems = refused.problems;
            if is_test && refused.names_policies {
                problems.extend(run::policies::errors(&refused.rest));
            }
            if is_test {
                problems.extend(command::test::deliver_unusable(&problems, &refused.rest, out));
            }
            return conclude(
                Err(Error::Problems(problems)),
                out,
                OutputMode::of(&refused.rest, is_test),
                notes,
            );
        }
    };
    let mode = OutputMode::of(&settings, name == "test");
    if let Err(mut problems) = with_policies_of_others(&mut settings) {
        if mode.is_test {
            problems.extend(command::test::deliver_unusable(&problems, &settings, out));
        }
        return conclude(Err(Error::Problems(problems)), out, mode, notes);
    }
    for notice in &settings.notices {
        // Notices are worth less than the run: where standard error is closed they are dropped.
        let _ = report::render_notice(notice, notes);
    }
    let result = match name {
        "parse" => command::parse::run(&settings, out).map(ExitCode::from),
        "diff-policies" => command::diff_policies::run(matches, &settings, out, notes).map(ExitCode::from),
        "waivers" => command::waivers::run(matches, &settings, out, notes).map(ExitCode::from),
        "baseline" => command::baseline::run(matches, &settings, out, notes).map(ExitCode::from),
        "eval" => command::eval::run(matches, &settings, out, notes),
        "check" => command::check::run(matches, &settings, out, notes).map(|report| exit_code(&report, &settings)),
        "export" => command::export::run(matches, &settings, out, notes).map(ExitCode::from),
        "why" => command::why::run(matches, settings, out).map(ExitCode::from),
        "verify" => command::verify::run(matches, &settings, kept, out, notes),
        _ => command::test::run(&settings, kept, out, notes).map(|report| exit_code(&report, &settings)),
    };
    conclude(result, out, mode, notes)
}

/// Fetches what the settings name of policies that are elsewhere.
fn with_policies_of_others(settings: &mut Settings) -> Result<(), Vec<Problem>> {
    #[cfg(feature = "sharing")]
    return sharing::remote::resolve(settings).map_err(|problem| vec![problem]);
    #[cfg(not(feature = "sharing"))]
    match settings.names_policies_of_others() {
        true => Err(vec![problem::of_run(
            "this build of kpolicy does not fetch policies",
            "build kpolicy with the feature sharing (`cargo build` has it by default)",
        )]),
        false => Ok(()),
    }
}

/// The settings of a command in the world that the process runs in.
fn settle(matches: &ArgMatches, started_as: &str) -> Result<Settings, Refused> {
    let folder = std::env::current_dir().unwrap_or_default();
    // A variable that is not UTF-8 keeps a mark where it is not, and so fits no setting: it is never skipped.
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let variables = names.filter(|name| name.starts_with("KPOLICY_")).collect();
    let world = World {
        variable: &variable,
        variables,
        folder: &folder,
        started_as,
    };
    settings::settle(matches, &world)
}

/// The exit code of a report. conftest's is 1 for whatever is wrong, and with `--fail-on-warn` 2 for failures.
fn exit_code(report: &Report, settings: &Settings) -> ExitCode {
    match (settings.compat, report.status) {
        (Some(Compat::Conftest), Status::Violations) if settings.fail_on_warn && report.has_failures() => {
            ExitCode::from(2)
        }
        (Some(Compat::Conftest), Status::Violations | Status::Unusable) => ExitCode::from(1),
        (_, status) => status.into(),
    }
}

/// The exit code of a result, once all of the output is written; its problems said.
fn conclude(result: Result<ExitCode, Error>, out: &mut dyn Write, mode: OutputMode, notes: &mut dyn Write) -> ExitCode {
    let written = out.flush().map_err(Error::Output);
    match result.and_then(|code| written.map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            report_error(error, mode, notes);
            unusable(mode.conftest)
        }
    }
}

/// The exit code of a run that failed with an error; conftest's is 1.
fn unusable(compat: bool) -> ExitCode {
    if compat {
        ExitCode::from(1)
    } else {
        Status::Unusable.into()
    }
}

/// Says what is wrong. A reader who closed the pipe knows why there is no more.
fn report_error(error: Error, mode: OutputMode, notes: &mut dyn Write) {
    let (mut problems, is_test) = match error {
        Error::Problems(problems) => (problems, mode.is_test),
        Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return,
        Error::Output(error) => (vec![problem::of_output(&error)], false),
        Error::Undelivered(problems) => (problems, false),
    };
    Problem::settle(&mut problems);
    let color = mode.color.on(io::stderr().is_terminal());
    let _ = report::render_problems(&problems, is_test, color, notes);
}

/// Whether the words ask for conftest's ways, also where they are no command line.
fn asks_for_conftest(arguments: &[OsString]) -> bool {
    let apart = arguments.windows(2).any(|pair| pair == ["--compat", "conftest"]);
    apart || arguments.iter().any(|word| word == "--compat=conftest")
}

/// Help and versions go to standard output; a usage error is an error of the run.
fn usage(
    mut error: clap::Error,
    arguments: &[OsString],
    conftest: bool,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> ExitCode {
    let named = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(name)) => Some(name.trim_start_matches('-')),
        _ => None,
    };
    let of_flag = named(ContextKind::InvalidArg).and_then(settings::unknown::of_conftest);
    let of_command = || named(ContextKind::InvalidSubcommand).and_then(settings::unknown::of_conftest_command);
    if let Some(help) = of_flag.or_else(of_command) {
        // What is spelt most alike does something else.
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.remove(ContextKind::Usage);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![help.into()]));
    }
    if error.use_stderr() && arguments.get(1).is_some_and(|command| command == "test") {
        deliver_usage(&error, arguments, out, notes);
    }
    match error.print() {
        Ok(()) if !error.use_stderr() => return Status::Clean.into(),
        Err(output) if !error.use_stderr() => report_error(Error::Output(output), OutputMode::default(), notes),
        _ => {}
    }
    unusable(conftest)
}

/// Writes a usage error to the outputs that the arguments name, as far as they can be read.
fn deliver_usage(error: &clap::Error, arguments: &[OsString], out: &mut dyn Write, notes: &mut dyn Write) {
    let Ok(matches) = cli::command().try_get_matches_from(cli::outputs_alone(arguments)) else {
        return;
    };
    let started_as = arguments.first().map(|name| name.to_string_lossy());
    let Some(matches) = matches.subcommand_matches("test") else {
        return;
    };
    let settings = match settle(matches, &started_as.unwrap_or_default()) {
        Ok(settings) => settings,
        Err(refused) => *refused.rest,
    };
    let text = error.render().to_string();
    let mut paragraphs = text.trim_start_matches("error: ").split("\n\n").map(str::trim);
    let message = paragraphs.next().unwrap_or_default().to_owned();
    let tip = paragraphs.find_map(|paragraph| paragraph.strip_prefix("tip: "));
    let help = tip.unwrap_or("kpolicy test --help lists the options").to_owned();
    let mut problems = command::test::deliver_unusable(&[problem::of_run(message, help)], &settings, out);
    let written = out
        .flush()
        .err()
        .filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
    problems.extend(written.map(|error| problem::of_output(&error)));
    let color = settings.color.on(io::stderr().is_terminal());
    let _ = report::render_problems(&problems, false, color, notes);
}
