//! The settled report, written wherever it was asked for: standard output, files, the job summary.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::finding::{Problem, Report};
use crate::problem;
use crate::report::{self, Options, Style};
use crate::settings::Settings;

/// Writes every output of a run, those of standard output unless they are to be `silent`.
///
/// What goes to one place is written whatever becomes of the others; all that could not be written is told at the end.
pub fn deliver(
    report: &Report,
    settings: &Settings,
    options: &Options,
    silent: bool,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut problems = files(report, settings, options);
    for output in settings.outputs.iter().filter(|output| output.file.is_none()) {
        if !silent {
            report::render(report, output.style, options, out).map_err(Error::Output)?;
        }
    }
    if let Some(path) = &settings.summary
        && let Err(error) = summarize(path, report, options)
    {
        problems.push(undelivered(path, &error));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Undelivered(problems))
    }
}

/// Writes the outputs that go to files, and tells of those that could not be written.
pub fn files(report: &Report, settings: &Settings, options: &Options) -> Vec<Problem> {
    // The colours and links of a terminal are none of a file's.
    let options = Options {
        color: false,
        links: false,
        elapsed: None,
        ..options.clone()
    };
    let named = settings
        .outputs
        .iter()
        .filter_map(|output| Some((output.style, output.file.as_deref()?)));
    named
        .filter_map(|(style, path)| {
            let written = replace(path, |out| report::render(report, style, &options, out));
            written.err().map(|error| undelivered(path, &error))
        })
        .collect()
}

fn undelivered(path: &Path, error: &io::Error) -> Problem {
    problem::of_path(
        path,
        &format!("could not be written: {error}"),
        "make room, or write somewhere else",
    )
}

/// Writes a file whole or not at all: beside it first, then over it.
fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A link is followed, so that it stays one.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        // A pipe or a device is written to, never replaced.
        let mut out = BufWriter::new(OpenOptions::new().write(true).open(&path)?);
        write(&mut out)?;
        return out.flush();
    }
    let (aside, file) = beside(&path)?;
    let mut out = BufWriter::new(file);
    let written = write(&mut out).and_then(|()| out.flush());
    drop(out);
    let done = written.and_then(|()| fs::rename(&aside, &path));
    if done.is_err() {
        // It is of no use to anybody; what went wrong is told already.
        let _ = fs::remove_file(&aside);
    }
    done
}

/// A new file in the same folder, so that it can be moved in one step.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut last = None;
    for attempt in 0..100 {
        let aside = path.with_file_name(format!(".{name}.{}-{attempt}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&aside) {
            Ok(file) => return Ok((aside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.expect("every attempt failed"))
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
