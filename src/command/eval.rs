//! `kpolicy eval`: evaluates a query beside policies, data and an input, as `opa eval`; without one, a prompt.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ArgMatches;

use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::input::{self, Discovery};
use crate::policy::data;
use crate::policy::query::Session;
use crate::problem;
use crate::prompt::{self, Prompt};
use crate::reading;
use crate::report::{self, answers::AnswerStyle};
use crate::run::warn;
use crate::settings::{BuiltinErrors, RegoVersion, Settings};
use kpolicy_value::Value;

/// Evaluates the query that the arguments name, or those that are typed.
pub fn run(
    matches: &ArgMatches,
    settings: &Settings,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<ExitCode, Error> {
    let style = matches.get_one::<AnswerStyle>("format").copied();
    let mut session = session(matches, settings, notes)?;
    if let Some(path) = matches.get_one::<String>("input") {
        session.input = Some(read_input(path, settings).map_err(|problem| Error::Problems(vec![problem]))?);
    }
    let Some(query) = matches.get_one::<String>("query") else {
        return converse(session, style.unwrap_or(AnswerStyle::Pretty), settings, out, notes);
    };
    let style = style.unwrap_or_default();
    let answers = match session.ask(query, false) {
        Ok(answers) => answers,
        Err(problems) if style == AnswerStyle::Json => {
            report::answers::render_errors(&problems, out).map_err(Error::Output)?;
            return Ok(Status::Unusable.into());
        }
        Err(problems) => return Err(Error::Problems(problems)),
    };
    for print in &answers.prints {
        let _ = report::render_notice(print, notes);
    }
    report::answers::render(&answers, style, out).map_err(Error::Output)?;
    let (fail, fail_defined) = (matches.get_flag("fail"), matches.get_flag("fail-defined"));
    let failed = if answers.rows.is_empty() { fail } else { fail_defined };
    Ok(if failed { Status::Violations } else { Status::Clean }.into())
}

/// The policies and the data that the arguments and the settings name. `--data` may name policies too, as in OPA.
fn session<'s>(matches: &ArgMatches, settings: &'s Settings, notes: &mut dyn Write) -> Result<Session<'s>, Error> {
    let mut session = Session::new(&settings.allow, settings.allow_hosts.as_deref(), settings.timeout);
    session.v0 = settings.rego_version == RegoVersion::V0;
    let given = |name: &str| matches.value_source(name).is_some();
    session.strict_builtins = given("builtin-errors") && settings.builtin_errors == BuiltinErrors::Error;
    let is_policy = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rego");
    let (modules, mut paths): (Vec<PathBuf>, Vec<PathBuf>) = settings.data.iter().cloned().partition(is_policy);
    let mut policies = settings.policy.clone();
    policies.extend(modules);
    let directories = paths.iter().filter(|path| has_policies(path));
    policies.extend(directories.cloned());
    paths.retain(|path| !path.is_dir() || has_data(path) || !has_policies(path));
    if !policies.is_empty() {
        session.load(&policies).map_err(Error::Problems)?;
    }
    let mut warnings = Vec::new();
    let data = data::load(&paths, &settings.written, settings.limits(), &mut warnings).map_err(Error::Problems)?;
    warn(settings, &mut warnings, notes);
    session.data = data::with_params(data, settings.params.as_ref()).map_err(Error::Problems)?;
    Ok(session)
}

/// Whether a directory has modules.
fn has_policies(path: &Path) -> bool {
    has_file(path, &|path| {
        path.extension().is_some_and(|extension| extension == "rego")
    })
}

/// Whether a directory has data files.
fn has_data(path: &Path) -> bool {
    has_file(path, &data::is_data)
}

fn has_file(path: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> bool {
    let files = walkdir::WalkDir::new(path).into_iter().flatten();
    path.is_dir()
        && files
            .filter(|entry| entry.file_type().is_file())
            .any(|entry| is_wanted(entry.path()))
}

/// The value of an input file: of several documents, an array of them.
pub(crate) fn read_input(path: &str, settings: &Settings) -> Result<Value, Problem> {
    let Discovery {
        mut sources,
        mut problems,
        ..
    } = input::discover(&[path.to_owned()], settings.selection());
    if let Some(problem) = problems.pop() {
        return Err(problem);
    }
    match (sources.pop(), sources.len()) {
        (Some(source), 0) => reading::content(&source, settings.limits(), settings.context())
            .map(|content| reading::whole(content.nodes)),
        _ => Err(problem::of_path(
            Path::new(path),
            "is not one input file",
            "name one file, or use kpolicy test for many",
        )),
    }
}

/// Answers what is typed at a terminal, or what standard input holds, line by line.
fn converse(
    session: Session,
    style: AnswerStyle,
    settings: &Settings,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<ExitCode, Error> {
    let mut prompt = Prompt::new(session, style, settings);
    if io::stdin().is_terminal() {
        prompt::terminal::run(&mut prompt, out, notes)?;
        return Ok(Status::Clean.into());
    }
    let mut open = String::new();
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| {
            let message = format!("standard input cannot be read: {error}");
            Error::Problems(vec![problem::of_run(message, "name a query")])
        })?;
        open += &line;
        if prompt::is_open(&open) {
            open.push('\n');
            continue;
        }
        if !prompt.answer(&std::mem::take(&mut open), out, notes)? {
            return Ok(Status::Clean.into());
        }
    }
    prompt.answer(&open, out, notes)?;
    Ok(Status::Clean.into())
}
