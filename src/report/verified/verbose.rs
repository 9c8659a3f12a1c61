//! `--report` and `--trace`: every test, and a trace of those that failed or of all, as `opa test --verbose` prints them.

use std::io::{self, Write};

use super::proof;
use crate::report::Options;
use crate::report::palette::Palette;
use crate::report::plain::line;
use crate::verify::result::{Outcome, TestResult, Verified};

const RULE: &str = "--------------------------------------------------------------------------------";

/// Writes the results.
pub(super) fn render(verified: &Verified, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.color);
    let traced: Vec<&TestResult> = verified
        .results
        .iter()
        .filter(|result| !result.trace.is_empty())
        .collect();
    if !traced.is_empty() {
        let only_failures = traced.iter().all(|result| result.outcome != Outcome::Passed);
        let heading = if only_failures { "FAILURES" } else { "TRACES" };
        writeln!(out, "{heading}\n{RULE}")?;
        for result in traced {
            writeln!(out, "{}\n", said(result, &palette))?;
            for event in &result.trace {
                writeln!(out, "  {}", line(event))?;
            }
            writeln!(out)?;
        }
        writeln!(out, "SUMMARY\n{RULE}")?;
    }
    let mut file = "";
    for result in &verified.results {
        if result.location.file.as_str() != file {
            file = result.location.file.as_str();
            writeln!(out, "{}:", line(file))?;
        }
        writeln!(out, "{}", said(result, &palette))?;
        if let Outcome::Error(error) = &result.outcome {
            let place = &error.location;
            writeln!(out, "  {}:{}: {}", line(&place.file), place.line, line(&error.text()))?;
        }
        if !result.printed.is_empty() {
            writeln!(out)?;
            for printed in result.printed.lines() {
                writeln!(out, "  {}", line(printed))?;
            }
            writeln!(out)?;
        }
    }
    proof::lines(verified, &palette, out)?;
    writeln!(out, "{RULE}")?;
    let all = verified.results.len();
    let counts = [
        ("PASS", verified.passed()),
        ("FAIL", verified.failed()),
        ("ERROR", verified.erring()),
        ("SKIPPED", verified.skipped()),
    ];
    let mut counts = counts.into_iter().filter(|(_, count)| *count > 0);
    counts.try_for_each(|(word, count)| writeln!(out, "{word}: {count}/{all}"))?;
    match &verified.proof {
        Some(proved) => writeln!(out, "{}", proof::summary(&proved.proof, options)),
        None => Ok(()),
    }
}

fn said(result: &TestResult, palette: &Palette) -> String {
    let word = match result.outcome {
        Outcome::Passed => palette.good("PASS"),
        Outcome::Failed => palette.error("FAIL"),
        Outcome::Error(_) => palette.error("ERROR"),
        Outcome::Skipped => palette.frame("SKIPPED"),
    };
    format!("{}: {word}", line(&result.full_name()))
}
