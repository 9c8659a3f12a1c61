//! `github`: workflow commands, which GitHub shows on the lines of a pull request.
//!
//! GitHub shows ten of each level in a step and drops the rest without a word; so the most severe are written, and the
//! rest is summed up in the last.

use std::io::{self, Write};

use super::plain::{self, clip};
use super::{Options, by_severity, conftest_counts, plural, unevaluated};
use crate::finding::{Finding, Kind, Location, Problem, Report, Waived};

/// How many annotations of one level GitHub shows of a step.
const MOST: usize = 10;
/// Characters of a message: an annotation is for a glance.
const LONGEST: usize = 4000;

/// What is written of one location: the properties of the command, and its message.
type Annotation = (String, String);

/// Writes the report as workflow commands, and conftest's line of counts.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let problems = report.problems.iter().map(|problem| of_problem(problem, options));
    let (failing, passing): (Vec<_>, Vec<_>) = by_severity(report)
        .into_iter()
        .partition(|finding| report.fails(finding));
    let failing = failing.into_iter().map(|finding| of_finding(finding, options));
    let (notes, passing): (Vec<_>, Vec<_>) = passing.into_iter().partition(|finding| finding.kind == Kind::Note);
    let passing = passing.into_iter().map(|finding| of_finding(finding, options));
    let notes = notes.into_iter().map(|finding| of_finding(finding, options));
    let waived = report.checks.iter().flat_map(|check| &check.waived);
    let waived = waived.map(|waived| of_waived(waived, options));
    annotate("error", &problems.chain(failing).collect::<Vec<_>>(), out)?;
    annotate("warning", &passing.collect::<Vec<_>>(), out)?;
    annotate("notice", &notes.chain(waived).collect::<Vec<_>>(), out)?;
    for note in unevaluated(report) {
        writeln!(out, "{}", plain::line(&note))?;
    }
    writeln!(out, "{}", conftest_counts(report))
}

fn of_problem(problem: &Problem, options: &Options) -> Annotation {
    let place = problem.excerpt.as_deref();
    let at = plain::place(problem).map(|at| format!("{at}: ")).unwrap_or_default();
    let help = plain::help(problem.help.as_deref());
    let message = format!("could not evaluate: {at}{}{help}", problem.message);
    let properties = match (place, &problem.file) {
        (None, Some(file)) if options.base.path(file).is_some() => {
            let file = options.base.path(file).unwrap_or_default();
            format!("file={},title=kpolicy", property(&file))
        }
        _ => properties(place, "kpolicy", options),
    };
    (properties, message)
}

fn of_finding(finding: &Finding, options: &Options) -> Annotation {
    let title = format!("{}[{}] {}", finding.kind.name(), finding.rule, finding.severity.name());
    let help = plain::help(finding.remediation.as_deref());
    let message = format!("{}{help}", plain::message(finding));
    (properties(Some(&finding.location), &title, options), message)
}

fn of_waived(waived: &Waived, options: &Options) -> Annotation {
    let place = waived.findings.first().map(|first| &first.location);
    let title = format!("waived[{}]", waived.rule);
    (properties(place, &title, options), plain::waived(waived))
}

fn annotate(level: &str, annotations: &[Annotation], out: &mut dyn Write) -> io::Result<()> {
    let shown = if annotations.len() > MOST {
        MOST - 1
    } else {
        annotations.len()
    };
    for (properties, message) in &annotations[..shown] {
        writeln!(
            out,
            "::{level} {properties}::{}",
            data(&plain::paragraph(&clip(message, LONGEST)))
        )?;
    }
    let rest = annotations.len() - shown;
    if rest > 0 {
        let message = format!(
            "{} more: GitHub shows {MOST} of a step. They are in the log and in the job summary.",
            plural(rest, level)
        );
        writeln!(out, "::{level} title=kpolicy::{}", data(&message))?;
    }
    Ok(())
}

/// The title of an annotation, and its location; GitHub takes columns only where the range is in one line.
fn properties(place: Option<&Location>, title: &str, options: &Options) -> String {
    let title = format!("title={}", property(title));
    let Some((place, file)) = place.and_then(|place| Some((place, options.base.path(&place.file)?))) else {
        return title;
    };
    let lines = format!(
        "file={},line={},endLine={}",
        property(&file),
        place.line,
        place.end_line
    );
    if place.line == place.end_line {
        format!("{lines},col={},endColumn={},{title}", place.column, place.end_column)
    } else {
        format!("{lines},{title}")
    }
}

/// A message of a command: it ends at a line break.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command: it ends at a comma or a colon too.
fn property(text: &str) -> String {
    data(&plain::line(text)).replace(':', "%3A").replace(',', "%2C")
}
