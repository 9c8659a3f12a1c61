//! `gitlab`: Code Quality, which GitLab shows in merge requests. It has no word for what is waived or could not be
//! evaluated; they are entries that say so.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::identity::Identities;
use super::plain::{self, clip, paragraph};
use super::{Options, write_json};
use crate::finding::{Finding, Problem, Report, Severity, digest};

/// Characters of a message.
const LONGEST: usize = 4000;

/// Writes the report as an array of Code Quality's entries, each with a fingerprint of its own: GitLab shows one entry
/// of each.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut identities = Identities::default();
    let mut entries: Vec<Json> = report
        .problems
        .iter()
        .map(|problem| of_problem(problem, options))
        .collect();
    for finding in report.findings() {
        let text = match finding.remediation.as_deref() {
            Some(help) => format!("{} ({help})", plain::message(finding)),
            None => plain::message(finding).into_owned(),
        };
        entries.push(entry(
            finding,
            severity(finding.severity),
            &text,
            &mut identities,
            options,
        ));
    }
    for waived in report.checks.iter().flat_map(|check| &check.waived) {
        for finding in &waived.findings {
            let text = format!("waived: {} ({})", plain::message(finding), waived.reason);
            entries.push(entry(finding, "info", &text, &mut identities, options));
        }
    }
    write_json(&Json::Array(entries), out)
}

fn entry(finding: &Finding, severity: &str, text: &str, identities: &mut Identities, options: &Options) -> Json {
    let place = &finding.location;
    let path = options.base.path(&place.file).unwrap_or_else(|| "stdin".to_owned());
    json!({
        "description": paragraph(&clip(text, LONGEST)),
        "check_name": finding.rule,
        "fingerprint": identities.of(finding, &path),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": place.line, "end": place.end_line}},
    })
}

fn of_problem(problem: &Problem, options: &Options) -> Json {
    let place = problem.excerpt.as_deref();
    let path = problem.file.as_ref().and_then(|file| options.base.path(file));
    let path = path.unwrap_or_else(|| ".".to_owned());
    let help = problem
        .help
        .as_deref()
        .map(|help| format!(" ({help})"))
        .unwrap_or_default();
    let text = format!("could not evaluate: {}{help}", problem.message);
    json!({
        "description": paragraph(&clip(&text, LONGEST)),
        "check_name": "kpolicy/error",
        "fingerprint": digest(&[&path, &problem.place, &problem.message]),
        "severity": "blocker",
        "location": {"path": path, "lines": {"begin": place.map_or(1, |place| place.line)}},
    })
}

/// GitLab's word for a severity.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}
