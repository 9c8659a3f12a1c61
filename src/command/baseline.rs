//! `kpolicy baseline`: writes the file of findings that fail no run, removes what is fixed from it, and checks that it
//! does not grow.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::baseline::Baseline;
use crate::delivery;
use crate::error::Error;
use crate::finding::{Problem, Report, Status};
use crate::problem;
use crate::report;
use crate::run::{self, Run};
use crate::settings::Settings;
use crate::snapshot::Snapshot;

/// Does what the arguments say.
pub fn run(
    matches: &ArgMatches,
    settings: &Settings,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Status, Error> {
    if let Some(path) = matches.get_one::<PathBuf>("write") {
        return write(path, settings, out, notes);
    }
    let path = settings.baseline.as_deref().ok_or_else(|| {
        Error::Problems(vec![problem::of_run(
            "there is no baseline",
            "name one with --baseline or the setting baseline, or write one with --write FILE",
        )])
    })?;
    match matches.get_one::<String>("no-growth") {
        Some(reference) => no_growth(path, reference, settings, out),
        None => prune(path, settings, out, notes),
    }
}

/// Writes all that is found now.
fn write(path: &Path, settings: &Settings, out: &mut dyn Write, notes: &mut dyn Write) -> Result<Status, Error> {
    let mut run = Run::without_baseline(settings, None, notes)?;
    run::warn(settings, &mut run.outcome.warnings, notes);
    let report = run.settle(settings);
    evaluated(&report, settings, notes)?;
    let baseline = Baseline::of(&report.checks, path);
    deliver(&baseline, path)?;
    say(
        out,
        &format!("wrote {} to {}", entries(baseline.entries.len()), path.display()),
    )
}

/// Removes the entries that no finding is any more.
fn prune(path: &Path, settings: &Settings, out: &mut dyn Write, notes: &mut dyn Write) -> Result<Status, Error> {
    let mut run = Run::new(settings, None, notes)?;
    run::warn(settings, &mut run.outcome.warnings, notes);
    let mut baseline = run.baseline.take().expect("the settings name a baseline");
    let stale = std::mem::take(&mut run.stale);
    evaluated(&run.settle(settings), settings, notes)?;
    let mut at = 0;
    baseline.entries.retain(|_| {
        at += 1;
        stale.binary_search(&(at - 1)).is_err()
    });
    deliver(&baseline, path)?;
    let (gone, left) = (entries(stale.len()), entries(baseline.entries.len()));
    say(out, &format!("removed {gone} from {}: {left} left", path.display()))
}

/// Compares the baseline with that of the merge base of a reference and HEAD.
fn no_growth(path: &Path, reference: &str, settings: &Settings, out: &mut dyn Write) -> Result<Status, Error> {
    let failed = |problem: Problem| Error::Problems(vec![problem]);
    let baseline = Baseline::read(path).map_err(failed)?;
    let snapshot = Snapshot::of_merge_base(reference, &settings.base.folder).map_err(failed)?;
    let before = match snapshot.read(path) {
        Some(Ok(content)) => Baseline::parse(content, path).map_err(failed)?,
        Some(Err(reason)) => return Err(failed(problem::of_path(path, &reason, "fetch it: git fetch"))),
        // The first baseline of a repository grows from nothing.
        None => {
            return say(
                out,
                &format!("{} is not in {}: it is new", path.display(), snapshot.name()),
            );
        }
    };
    let growth = baseline.growth(&before);
    if growth.is_empty() {
        return say(
            out,
            &format!("{} has not grown since {}", path.display(), snapshot.name()),
        );
    }
    for entry in &growth {
        report::render_notice(&entry.text(), out).map_err(Error::Output)?;
    }
    let grown = format!(
        "{} has {} that {} has not",
        path.display(),
        entries(growth.len()),
        snapshot.name()
    );
    say(out, &grown)?;
    Ok(Status::Violations)
}

/// An error if anything could not be evaluated: its findings would be missing.
fn evaluated(report: &Report, settings: &Settings, notes: &mut dyn Write) -> Result<(), Error> {
    if report.problems.is_empty() {
        return Ok(());
    }
    let color = settings.color.on(std::io::stderr().is_terminal());
    let _ = report::render_problems(&report.problems, false, color, notes);
    Err(Error::Problems(vec![problem::of_run(
        "the baseline was not written: not everything could be evaluated",
        "fix the errors above first, or skip the files with --ignore",
    )]))
}

fn deliver(baseline: &Baseline, path: &Path) -> Result<(), Error> {
    delivery::write_file(path, |out| baseline.write(out)).map_err(|problem| Error::Undelivered(vec![problem]))
}

fn say(out: &mut dyn Write, line: &str) -> Result<Status, Error> {
    report::render_notice(line, out).map_err(Error::Output)?;
    Ok(Status::Clean)
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        _ => format!("{count} entries"),
    }
}
