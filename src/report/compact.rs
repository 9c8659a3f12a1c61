//! `compact`: one line for each finding, `file:line:col: deny[rule-id] message`.

use std::io::{self, Write};

use super::Options;
use super::plain::{line, message};
use crate::finding::{Finding, Report};

/// Writes the report, one line for each finding and problem.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Finding> = report.findings().collect();
    findings.sort_by(|a, b| a.location.cmp(&b.location));
    let total = findings.len();
    for finding in findings.into_iter().take(options.max_findings.unwrap_or(usize::MAX)) {
        let place = &finding.location;
        let message = line(message(finding));
        let (file, rule) = (line(&place.file), line(&finding.rule));
        writeln!(
            out,
            "{file}:{}:{}: {}[{rule}] {message}",
            place.line,
            place.column,
            finding.kind.name()
        )?;
    }
    if let Some(shown) = options.max_findings.filter(|shown| *shown < total) {
        writeln!(out, "kpolicy: note {} more (--max-findings {shown})", total - shown)?;
    }
    for problem in &report.problems {
        let place = if problem.place.is_empty() {
            "kpolicy"
        } else {
            &problem.place
        };
        writeln!(out, "{}: error {}", line(place), line(&problem.message))?;
    }
    Ok(())
}
