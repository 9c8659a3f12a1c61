//! `kpolicy plugin`: installs, lists and removes plugins. What is no other command is one of them.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};

use clap::{ArgMatches, Command};
use serde_json::{Value as Json, json};

use crate::cli::{self, ListStyle};
use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::plugin::{self, Places, Plugin};
use crate::problem;
use crate::report;

fn places(conftest: bool) -> Places {
    Places::of_user(|name| std::env::var_os(name), conftest)
}

fn one(problem: Problem) -> Error {
    Error::Problems(vec![problem])
}

/// Does what the subcommand says.
pub fn run(matches: &ArgMatches, conftest: bool, out: &mut dyn Write) -> Result<Status, Error> {
    let places = places(conftest);
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    match matches.subcommand() {
        Some(("install", matches)) => {
            let source = source(&text(matches, "source")).map_err(one)?;
            let is_command = |name: &str| cli::command().find_subcommand(name).is_some();
            let plugin = plugin::install(&places, source.path(), is_command).map_err(one)?;
            let at = plugin.path.display();
            writeln!(out, "installed {} in {at}", plugin.name).map_err(Error::Output)?;
        }
        Some(("remove", matches)) => {
            let path = plugin::remove(&places, &text(matches, "name")).map_err(one)?;
            writeln!(out, "removed {}", path.display()).map_err(Error::Output)?;
        }
        Some(("list", matches)) => {
            let (plugins, problems) = places.all();
            let listed = match matches.get_one::<ListStyle>("output").copied().unwrap_or_default() {
                ListStyle::Text => lines(&plugins),
                ListStyle::Json => format!("{:#}\n", plugins.iter().map(json).collect::<Json>()),
            };
            write!(out, "{listed}").map_err(Error::Output)?;
            if !problems.is_empty() {
                return Err(Error::Problems(problems));
            }
        }
        _ => unreachable!("clap requires a subcommand"),
    }
    out.flush().map_err(Error::Output)?;
    Ok(Status::Clean)
}

/// A plugin's directory: it is there, or was downloaded and is removed at the end.
enum Source {
    There(PathBuf),
    #[cfg(feature = "sharing")]
    Downloaded(tempfile::TempDir),
}

impl Source {
    fn path(&self) -> &Path {
        match self {
            Self::There(path) => path,
            #[cfg(feature = "sharing")]
            Self::Downloaded(folder) => folder.path(),
        }
    }
}

/// The directory that is named, or what an address has.
#[cfg(feature = "sharing")]
fn source(named: &str) -> Result<Source, Problem> {
    use crate::sharing::address::{Address, parse};
    use crate::sharing::{fetch, target};

    let address = parse(named)?;
    if let Address::File { path, inner: None } = &address
        && !path.is_file()
    {
        return Ok(Source::There(path.clone()));
    }
    let fetched = fetch::fetch(named, &fetch::Terms::default())?;
    let folder = tempfile::tempdir().map_err(|error| {
        problem::of_run(
            format!("there is no temporary directory: {error}"),
            "name one that can be written as TMPDIR",
        )
    })?;
    target::write(&[(&fetched.content, target::Existing::Replace)], folder.path())?;
    Ok(Source::Downloaded(folder))
}

/// The directory that is named, by its path or as `file://`.
#[cfg(not(feature = "sharing"))]
fn source(named: &str) -> Result<Source, Problem> {
    match named.split_once("://") {
        None if !named.contains("::") => Ok(Source::There(named.into())),
        Some(("file", path)) => Ok(Source::There(path.into())),
        _ => Err(problem::of_run(
            "this build of kpolicy downloads nothing",
            "build it with the feature sharing, or name a directory",
        )),
    }
}

fn lines(plugins: &[Plugin]) -> String {
    // What a plugin says of itself reaches no terminal raw.
    let row = |plugin: &Plugin| [&plugin.name, &plugin.version].map(|text| report::in_line(text));
    let rows: Vec<[String; 2]> = plugins.iter().map(row).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or_default();
    let (names, versions) = (width(0), width(1));
    let line = |(plugin, [name, version]): (&Plugin, &[String; 2])| {
        let path = report::in_line(&plugin.path.display().to_string());
        format!("{name:names$}  {version:versions$}  {path}\n")
    };
    plugins.iter().zip(&rows).map(line).collect()
}

fn json(plugin: &Plugin) -> Json {
    json!({
        "name": plugin.name,
        "version": plugin.version,
        "usage": plugin.usage,
        "description": plugin.description,
        "path": plugin.path.display().to_string(),
        "installed": plugin.is_installed(),
    })
}

/// The command line with the plugins that can be called named in its help.
pub fn named_in(command: Command, conftest: bool) -> Command {
    let (plugins, _) = places(conftest).all();
    let names = plugins.iter().map(|plugin| plugin.name.len());
    let Some(width) = names.max() else { return command };
    let mut help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    help.push_str("\n\nPlugins:");
    for plugin in &plugins {
        let description = plugin.description.lines().next().unwrap_or_default();
        let line = format!("\n  {:width$}  {}", plugin.name, report::in_line(description));
        help.push_str(line.trim_end());
    }
    command.after_help(help)
}

/// Runs the plugin whose name is the command of these arguments, where that is no command of kpolicy and there is such a
/// plugin. Its exit code is that of the process.
pub fn call(arguments: &[OsString], conftest: bool) -> Option<Result<ExitCode, Error>> {
    let name = arguments.get(1)?.to_str()?;
    if cli::command().find_subcommand(name).is_some() {
        return None;
    }
    let plugin = places(conftest).find(name).transpose()?;
    let ended = plugin.and_then(|plugin| plugin.run(&arguments[2..], |name| std::env::var_os(name)));
    Some(ended.map(code).map_err(one))
}

/// The exit code of a program that has ended; as in a shell, 128 and its number where a signal ended it.
fn code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
