//! `kpolicy fmt`: formats policies as `opa fmt` does.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::ArgMatches;
use similar::TextDiff;

use crate::delivery::replace::replace;
use crate::error::Error;
use crate::finding::{Input, Problem, Status};
use crate::input::{Unreadable, read_stdin};
use crate::policy::{Formatted, formatted, formatted_text, text_of};
use crate::problem;
use crate::threads::pool;
use kpolicy_rego::Dialect;
use kpolicy_rego::format::{Options, Target};

/// How long the shortest difference of two texts is looked for; after that, any difference.
const DIFF_TIME: Duration = Duration::from_secs(2);
/// The largest text that is read from standard input, in bytes; far above what people write.
const LARGEST: u64 = 64 << 20;

/// What to do where no thread can be started.
const THREADS: &str = "raise the limit on processes or memory";

/// What is done with the files that are not formatted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Check,
    Diff,
}

/// Formats files, and lists those that it changed. With `--check` and `--diff` nothing is changed.
pub fn run(
    matches: &ArgMatches,
    conftest: bool,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<ExitCode, Error> {
    let paths: Vec<&String> = matches.get_many("paths").into_iter().flatten().collect();
    let mode = match (matches.get_flag("diff"), matches.get_flag("check")) {
        (true, _) => Mode::Diff,
        (false, true) => Mode::Check,
        (false, false) => Mode::Write,
    };
    let options = options(matches);
    let is_stdin = |path: &&String| path.as_str() == Input::STDIN;
    let files: Vec<PathBuf> = paths.iter().filter(|path| !is_stdin(path)).map(PathBuf::from).collect();
    let with_stdin = paths.iter().any(is_stdin);
    // These threads have the stack that deeply nested text takes.
    let pool =
        pool(None).map_err(|error| one(problem::of_run(format!("no thread can be started: {error}"), THREADS)))?;
    let (modules, mut problems) = pool.install(|| read(&files, with_stdin, options));
    // conftest reads all files before it changes any.
    if conftest && !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    let changed = modules.iter().filter(|module| module.is_changed()).count();
    for module in &modules {
        if let Err(problem) = deliver(module, mode, conftest, out)? {
            problems.push(problem);
        }
    }
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    if mode == Mode::Write || changed == 0 {
        return Ok(Status::Clean.into());
    }
    out.flush().map_err(Error::Output)?;
    // A notice is worth less than the exit code: where standard error is closed it is dropped.
    let _ = writeln!(notes, "{}", summary(changed));
    Ok(Status::Violations.into())
}

fn one(problem: Problem) -> Error {
    Error::Problems(vec![problem])
}

fn read(files: &[PathBuf], with_stdin: bool, options: Options) -> (Vec<Formatted>, Vec<Problem>) {
    let (mut modules, mut problems) = formatted(files, options);
    if with_stdin {
        match stdin(options) {
            Ok(module) => modules.push(module),
            Err(errors) => problems.extend(errors),
        }
    }
    (modules, problems)
}

fn options(matches: &ArgMatches) -> Options {
    let version = matches.get_one::<String>("rego-version").map(String::as_str);
    let both = matches.get_flag("v0-v1");
    let dialect = match (version, both) {
        (Some("v0"), _) | (None, true) => Dialect::V0,
        _ => Dialect::V1,
    };
    let target = match (both, dialect) {
        (true, _) => Target::V0AndV1,
        (false, Dialect::V0) => Target::V0,
        (false, Dialect::V1) => Target::V1,
    };
    Options { dialect, target }
}

fn stdin(options: Options) -> Result<Formatted, Vec<Problem>> {
    let unreadable = |error: Unreadable| vec![problem::of_path(Path::new(Input::STDIN), &error.reason, error.help)];
    let bytes = read_stdin(LARGEST).map_err(unreadable)?;
    let before = text_of(Input::STDIN, bytes)?;
    let after = formatted_text(Input::STDIN, &before, options)?;
    Ok(Formatted {
        path: PathBuf::from(Input::STDIN),
        before,
        after,
    })
}

/// Writes a module, or says that it is not formatted; what is wrong with its file is no reason to leave out others.
fn deliver(module: &Formatted, mode: Mode, conftest: bool, out: &mut dyn Write) -> Result<Result<(), Problem>, Error> {
    let is_stdin = module.path == Path::new(Input::STDIN);
    if is_stdin && mode == Mode::Write {
        out.write_all(module.after.as_bytes()).map_err(Error::Output)?;
    }
    if !module.is_changed() || is_stdin && mode == Mode::Write {
        return Ok(Ok(()));
    }
    match mode {
        Mode::Diff => diff(module, out).map_err(Error::Output)?,
        Mode::Write => {
            let written = replace(&module.path, |file| file.write_all(module.after.as_bytes()));
            if let Err(error) = written {
                return Ok(Err(problem::of_unwritten(&module.path, &error)));
            }
            if !conftest {
                writeln!(out, "{}", module.path.display()).map_err(Error::Output)?;
            }
        }
        Mode::Check => writeln!(out, "{}", module.path.display()).map_err(Error::Output)?,
    }
    Ok(Ok(()))
}

/// Writes the difference in the unified format, which `patch` reads.
fn diff(module: &Formatted, out: &mut dyn Write) -> io::Result<()> {
    let name = module.path.display().to_string();
    let difference = TextDiff::configure()
        .timeout(DIFF_TIME)
        .diff_lines(&module.before, &module.after);
    let unified = difference.unified_diff().header(&name, &name).to_string();
    out.write_all(unified.as_bytes())
}

fn summary(changed: usize) -> String {
    match changed {
        1 => "1 file is not formatted: run kpolicy fmt on it".to_owned(),
        _ => format!("{changed} files are not formatted: run kpolicy fmt on them"),
    }
}
