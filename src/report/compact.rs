//! `compact`: one line for each finding, `file:line:col: deny[rule-id] message`; `waived` instead of `deny` for one that was
//! waived, with the reason after it.

use std::io::{self, Write};

use super::plain::{line, message};
use super::{Options, unevaluated_files};
use crate::finding::{Finding, Report, Waived};

/// Writes the report, one line for each finding and problem.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Finding> = report.findings().collect();
    findings.sort_by(|a, b| a.location.cmp(&b.location));
    let total = findings.len();
    for finding in findings.into_iter().take(options.max_findings.unwrap_or(usize::MAX)) {
        writeln!(out, "{}", entry(finding, finding.kind.name()))?;
    }
    if let Some(shown) = options.max_findings.filter(|shown| *shown < total) {
        writeln!(out, "kpolicy: note {} more (--max-findings {shown})", total - shown)?;
    }
    for waived in report.checks.iter().flat_map(|check| &check.waived) {
        write_waived(waived, out)?;
    }
    for problem in &report.problems {
        let place = if problem.place.is_empty() {
            "kpolicy"
        } else {
            &problem.place
        };
        writeln!(out, "{}: error {}", line(place), line(&problem.message))?;
    }
    if let Some(note) = unevaluated_files(report) {
        writeln!(out, "kpolicy: note {}", line(&note))?;
    }
    Ok(())
}

fn write_waived(waived: &Waived, out: &mut dyn Write) -> io::Result<()> {
    let reason = line(&waived.reason);
    for finding in &waived.findings {
        writeln!(out, "{} ({reason})", entry(finding, "waived"))?;
    }
    if waived.findings.is_empty() {
        let (file, rule) = (line(&waived.file), line(&waived.rule));
        writeln!(out, "{file}: waived[{rule}] nothing was found ({reason})")?;
    }
    Ok(())
}

/// A finding on one line, after this word for how kpolicy treats it.
fn entry(finding: &Finding, word: &str) -> String {
    let place = &finding.location;
    let (file, rule, message) = (
        line(&place.file),
        line(&finding.rule),
        line(&message(finding)).into_owned(),
    );
    format!("{file}:{}:{}: {word}[{rule}] {message}", place.line, place.column)
}
