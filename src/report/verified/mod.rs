//! The outputs of `kpolicy verify`: pure functions of the results, one file for each form that tests have of their own.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Options, Style, azuredevops, github, gitlab, plural, sarif};
use crate::finding::{Check, Counts, Finding, Kind, Order, Problem, Report, Severity, Verdict};
use crate::problem;
use crate::verify::result::{Outcome, TestResult, Verified};

mod json;
mod junit;
mod lines;
mod proof;
mod table;
mod text;
mod verbose;

/// How much of the results is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layout {
    /// Whether values are written below the parts of a failed statement.
    pub var_values: bool,
    /// Whether every test is listed, and those that fail with a trace.
    pub verbose: bool,
}

/// Writes the results in a style.
pub fn render(
    verified: &Verified,
    style: Style,
    options: &Options,
    layout: Layout,
    out: &mut dyn Write,
) -> io::Result<()> {
    match style {
        Style::Text | Style::Stdout if layout.verbose => verbose::render(verified, options, out)?,
        Style::Text => text::render(verified, options, layout, out)?,
        Style::Stdout => lines::stdout(verified, options, out)?,
        Style::Json if options.conftest => json::conftest(verified, out)?,
        Style::Json => json::render(verified, out)?,
        Style::Tap => lines::tap(verified, options, out)?,
        Style::Table => table::render(verified, out)?,
        Style::Junit => junit::render(verified, options, out)?,
        Style::Github => github::render(&report(verified), options, out)?,
        Style::Gitlab => gitlab::render(&report(verified), options, out)?,
        Style::Azuredevops => azuredevops::render(&report(verified), options, out)?,
        Style::Sarif => sarif::render(&report(verified), options, out)?,
        Style::Compact | Style::Markdown | Style::PrComment | Style::Html => unreachable!("the command refuses them"),
    }
    out.flush()
}

/// What could not be evaluated.
pub fn problems(verified: &Verified) -> Vec<Problem> {
    let problem = |result: &TestResult| match &result.outcome {
        Outcome::Error(error) => Some(problem::of_location(
            error.location.clone(),
            format!("{}: {}", result.full_name(), error.text()),
            None,
        )),
        _ => None,
    };
    verified.results.iter().filter_map(problem).collect()
}

/// The failed tests as findings of a report, for the outputs that show findings in a review.
fn report(verified: &Verified) -> Report {
    let mut checks: BTreeMap<&str, Check> = BTreeMap::new();
    for result in &verified.results {
        let file = result.location.file.as_str();
        let check = checks.entry(file).or_insert_with(|| Check {
            file: result.location.file.clone(),
            ..Check::default()
        });
        match result.outcome {
            Outcome::Passed => check.successes += 1,
            Outcome::Failed => check.findings.push(finding(result)),
            Outcome::Error(_) | Outcome::Skipped => {}
        }
    }
    if let Some(proved) = &verified.proof {
        let fails = !proved.suffices();
        for claim in proved.proof.unproved() {
            let file = &claim.location.file;
            let check = checks.entry(file.as_str()).or_insert_with(|| Check {
                file: file.clone(),
                ..Check::default()
            });
            check.findings.push(proof::finding(claim, fails));
        }
    }
    let counts = Counts {
        documents: verified.results.len(),
        files: checks.len(),
        rules: verified.results.len(),
    };
    Report::new(
        checks.into_values().collect(),
        problems(verified),
        BTreeMap::new(),
        counts,
        Order::Place,
        Verdict::default(),
    )
}

fn finding(result: &TestResult) -> Finding {
    let failure = result.failures.first();
    Finding {
        location: failure.map_or(&result.location, |failure| &failure.location).clone(),
        kind: Kind::Deny,
        severity: Severity::High,
        rule: result.full_name().replace('.', "/"),
        namespace: result.package.trim_start_matches("data.").to_owned(),
        rule_name: result.name.clone(),
        message: message(result),
        metadata: serde_json::Map::new(),
        reported_location: None,
        remediation: None,
        subject: None,
        further: None,
        environment: None,
        related: Vec::new(),
    }
}

/// What went wrong in a test, in one line.
fn message(result: &TestResult) -> String {
    let name = result.full_name();
    match (&result.outcome, result.failures.first()) {
        (Outcome::Error(error), _) => format!("{name}: {}", error.text()),
        (_, Some(failure)) => {
            let case = failure.case.as_ref().map(|case| format!(" (case {case})"));
            let first = failure.text.lines().next().unwrap_or_default();
            format!("{name} failed{}: {first}", case.unwrap_or_default())
        }
        _ => format!("{name} failed"),
    }
}

/// What the tests came to, in a line.
fn summary(verified: &Verified) -> String {
    let mut parts = vec![format!("{} passed", verified.passed())];
    let others = [
        (verified.failed(), "failed"),
        (verified.erring(), "with errors"),
        (verified.skipped(), "skipped"),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    parts.extend(others.map(|(count, word)| format!("{count} {word}")));
    format!("{}: {}", plural(verified.results.len(), "test"), parts.join(", "))
}
