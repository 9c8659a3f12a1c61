//! `kpolicy test`: discovers, loads, parses, evaluates, locates and renders, in this order.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use supports_hyperlinks::Stream;

use crate::delivery;
use crate::error::Error;
use crate::finding::{Problem, Report};
use crate::report::{self, Options, Style};
use crate::settings::{Compat, Output, Settings};
use crate::tracing::profile::Profile;
use crate::watch::Kept;

/// Evaluates what the settings name and writes the report to `out` and to the files named, notices to `notes`.
///
/// `kept` is what the last run left, for a run that is repeated.
pub fn run(
    settings: &Settings,
    mut kept: Option<&mut Kept>,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Report, Error> {
    let started = Instant::now();
    let (report, profile) = match crate::run::report(settings, kept.as_deref_mut(), notes) {
        Ok(reported) => reported,
        Err(Error::Problems(mut problems)) => {
            problems.extend(deliver_unusable(&problems, settings, out));
            return Err(Error::Problems(problems));
        }
        Err(other) => return Err(other),
    };
    let prints = |output: &Output| output.style == Style::Stdout && output.file.is_none();
    if !settings.outputs.iter().any(prints) {
        // conftest's own text has them itself.
        let _ = report::render_prints(&report, notes);
    }
    write_traces(&report, settings, notes)?;
    write_profile(&profile, settings, notes)?;
    let lists = |output: &Output| matches!(output.style, Style::Text | Style::Json) && output.file.is_none();
    if !settings.outputs.iter().any(lists) {
        let _ = report::render_skipped(&report, notes);
    }
    if !report.problems.is_empty() && !delivery::shows_problems(settings) {
        let color = settings.color.on(io::stderr().is_terminal());
        let _ = report::render_problems(&report.problems, false, color, notes);
    }
    let silent = settings.quiet && has_nothing_to_say(&report, settings);
    let options = options(settings, started.elapsed());
    delivery::deliver(&report, settings, &options, silent, out)?;
    if let Some(kept) = kept {
        kept.note(&report);
    }
    Ok(report)
}

/// Writes how rules were evaluated, where that was asked for.
fn write_traces(report: &Report, settings: &Settings, notes: &mut dyn Write) -> Result<(), Error> {
    if settings.trace.is_none() {
        return Ok(());
    }
    let Some(path) = &settings.trace_file else {
        // Where standard error is closed it is dropped.
        let _ = report::render_traces(report, notes);
        return Ok(());
    };
    let written = delivery::write_file(path, |out| report::render_traces(report, out));
    written.map_err(|problem| Error::Undelivered(vec![problem]))
}

/// Writes what the rules cost, where that was asked for.
pub(super) fn write_profile(profile: &Profile, settings: &Settings, notes: &mut dyn Write) -> Result<(), Error> {
    let Some(style) = settings.profile else { return Ok(()) };
    let Some(path) = &settings.profile_file else {
        // Where standard error is closed it is dropped.
        let _ = report::profile::render(profile, style, notes);
        return Ok(());
    };
    let written = delivery::write_file(path, |out| report::profile::render(profile, style, out));
    written.map_err(|problem| Error::Undelivered(vec![problem]))
}

/// Writes the outputs of a run that these problems kept from evaluating anything, and returns what could not be
/// written. Who reads a file alone must not take an older one for this run's.
pub fn deliver_unusable(problems: &[Problem], settings: &Settings, out: &mut dyn Write) -> Vec<Problem> {
    let report = Report::unusable(problems.to_vec(), crate::run::verdict(settings));
    delivery::deliver_unusable(&report, settings, &options(settings, Duration::ZERO), out)
}

/// Whether a quiet run prints nothing: nothing was found, or, as in conftest, nothing that fails the run.
fn has_nothing_to_say(report: &Report, settings: &Settings) -> bool {
    let found = match settings.compat {
        Some(Compat::Conftest) => report.has_failed(),
        None => report.findings().next().is_some(),
    };
    !found && report.problems.is_empty()
}

/// How the report is shown. The time is reported to people only: elsewhere two runs must print the same bytes.
pub(super) fn options(settings: &Settings, elapsed: Duration) -> Options {
    let terminal = std::io::stdout().is_terminal();
    Options {
        color: settings.color.on(terminal),
        links: settings.color.on(terminal) && supports_hyperlinks::on(Stream::Stdout),
        explain: settings.explain,
        group_by: settings.group_by,
        statistics: settings.statistics,
        suppress_exceptions: settings.suppress_exceptions,
        max_findings: settings.max_findings,
        junit_hide_message: settings.junit_hide_message,
        conftest: settings.compat == Some(Compat::Conftest),
        base: settings.base.clone(),
        elapsed: terminal.then_some(elapsed),
    }
}
