//! The settled report, written wherever it was asked for: standard output, files, the job summary.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::finding::{Problem, Report};
use crate::problem;
use crate::report::{self, Options, Style};
use crate::settings::Settings;

pub(crate) mod replace;

use replace::replace;

/// Writes every output of a run, those of standard output unless they are to be `silent`.
///
/// Each output is written even if another one fails; all failures are reported at the end.
pub fn deliver(
    report: &Report,
    settings: &Settings,
    options: &Options,
    silent: bool,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let problems = files(report, settings, options);
    let render = |style: Style, options: &Options, out: &mut dyn Write| report::render(report, style, options, out);
    print(settings, options, silent, &render, out)?;
    undelivered(problems)
}

/// Writes a file whole or not at all.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Problem> {
    replace(path, write).map_err(|error| problem::of_unwritten(path, &error))
}

/// How something is written in a style.
pub type Render<'r> = dyn Fn(Style, &Options, &mut dyn Write) -> io::Result<()> + 'r;

/// As [`deliver`], of what `render` writes.
pub fn deliver_rendered(
    settings: &Settings,
    options: &Options,
    silent: bool,
    render: &Render,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let problems = rendered_files(settings, &of_file(options), render);
    print(settings, options, silent, render, out)?;
    undelivered(problems)
}

/// Writes the outputs of standard output.
fn print(
    settings: &Settings,
    options: &Options,
    silent: bool,
    render: &Render,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut printed = settings
        .outputs
        .iter()
        .filter(|output| output.file.is_none() && !silent);
    printed.try_for_each(|output| render(output.style, options, out).map_err(Error::Output))
}

fn undelivered(problems: Vec<Problem>) -> Result<(), Error> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Undelivered(problems))
    }
}

/// Writes the outputs of a run that could not evaluate anything, and returns what could not be written. People read
/// on standard error what is wrong, so only what machines read is printed.
pub fn deliver_unusable(report: &Report, settings: &Settings, options: &Options, out: &mut dyn Write) -> Vec<Problem> {
    let mut problems = files(report, settings, options);
    let printed = settings.outputs.iter().filter(|output| output.file.is_none());
    for output in printed.filter(|output| !output.style.is_for_people()) {
        match report::render(report, output.style, options, out) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => problems.push(problem::of_output(&error)),
            _ => {}
        }
    }
    problems
}

/// Whether people see on standard output what could not be evaluated. Where machines read it, standard error says it
/// too.
pub fn shows_problems(settings: &Settings) -> bool {
    let mut outputs = settings.outputs.iter();
    outputs.any(|output| output.file.is_none() && output.style.is_for_people())
}

/// Writes the outputs that go to files and the job summary, and returns those that could not be written.
fn files(report: &Report, settings: &Settings, options: &Options) -> Vec<Problem> {
    let options = of_file(options);
    let render = |style: Style, options: &Options, out: &mut dyn Write| report::render(report, style, options, out);
    let mut problems = rendered_files(settings, &options, &render);
    if let Some(path) = settings.summary.as_deref()
        && let Err(error) = summarize(path, report, &options)
    {
        problems.push(problem::of_unwritten(path, &error));
    }
    problems
}

/// How a file is written: the colours and links of a terminal are none of a file's.
fn of_file(options: &Options) -> Options {
    Options {
        color: false,
        links: false,
        elapsed: None,
        ..options.clone()
    }
}

/// Writes the outputs that go to files, and returns those that could not be written.
fn rendered_files(settings: &Settings, options: &Options, render: &Render) -> Vec<Problem> {
    let named = settings
        .outputs
        .iter()
        .filter_map(|output| Some((output.style, output.file.as_deref()?)));
    named
        .map(|(style, path)| (path, replace(path, |out| render(style, options, out))))
        .filter_map(|(path, written)| Some(problem::of_unwritten(path, &written.err()?)))
        .collect()
}

/// Adds the report to the summary that GitHub shows of a job, which other steps write too.
fn summarize(path: &Path, report: &Report, options: &Options) -> io::Result<()> {
    let mut summary = Vec::new();
    report::render(report, Style::Markdown, options, &mut summary)?;
    summary.push(b'\n');
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?
        .write_all(&summary)
}
