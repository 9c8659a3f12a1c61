//! `stdout` and `tap`: a line for each test.

use std::io::{self, Write};

use super::proof;
use crate::finding::Location;
use crate::report::palette::Palette;
use crate::report::plain::line;
use crate::report::{Options, plural};
use crate::verify::result::{Outcome, TestResult, Verified};

/// Writes what `conftest verify` prints: the tests that failed, and how many did.
pub(super) fn stdout(verified: &Verified, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.color);
    for result in &verified.results {
        for printed in result.printed.lines() {
            writeln!(out, "{}  {}\n", palette.frame("PRNT "), line(printed))?;
        }
        let word = match result.outcome {
            Outcome::Failed => palette.error("FAIL"),
            Outcome::Error(_) => palette.error("ERRO"),
            Outcome::Passed | Outcome::Skipped => continue,
        };
        let what = match &result.outcome {
            Outcome::Error(error) => format!("{}: {}", result.full_name(), error.text()),
            _ => result.full_name(),
        };
        writeln!(out, "{word} - {} -  - {}", line(&result.location.file), line(&what))?;
    }
    let mut claims = 0;
    for claim in proof::failing(verified) {
        claims += 1;
        let word = palette.error("FAIL");
        let what = format!("{}: {}", claim.full_name(), proof::message(claim));
        writeln!(out, "{word} - {} -  - {}", line(&claim.location.file), line(&what))?;
    }
    let failed = verified.failed() + verified.erring() + claims;
    let counts = format!(
        "{}, {} passed, 0 warnings, {}, 0 exceptions, {} skipped",
        plural(verified.results.len() + claims, "test"),
        verified.passed(),
        plural(failed, "failure"),
        verified.skipped()
    );
    let painted = if failed == 0 {
        palette.good(&counts)
    } else {
        palette.error(&counts)
    };
    writeln!(out, "\n{painted}")
}

/// Writes TAP 13; without its version and its diagnostics where conftest's ways are asked for.
pub(super) fn tap(verified: &Verified, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if !options.conftest {
        writeln!(out, "TAP version 13")?;
    }
    let claims = proof::failing(verified).count();
    writeln!(out, "1..{}", verified.results.len() + claims)?;
    for (number, result) in (1..).zip(&verified.results) {
        let ok = matches!(result.outcome, Outcome::Passed | Outcome::Skipped);
        let word = if ok { "ok" } else { "not ok" };
        let directive = if result.outcome == Outcome::Skipped {
            " # SKIP todo_test"
        } else {
            ""
        };
        let (file, name) = (description(&result.location.file), description(&result.full_name()));
        writeln!(out, "{word} {number} - {file} - {name}{directive}")?;
        if !ok && !options.conftest {
            diagnose(&super::message(result), place(result), out)?;
        }
    }
    for (number, claim) in (verified.results.len() + 1..).zip(proof::failing(verified)) {
        let name = format!("{}.{}", claim.package, proof::name(claim));
        let file = description(&claim.location.file);
        writeln!(out, "not ok {number} - {file} - {}", description(&name))?;
        if !options.conftest {
            diagnose(&proof::message(claim), &claim.location, out)?;
        }
    }
    Ok(())
}

/// Where a test went wrong.
fn place(result: &TestResult) -> &Location {
    match (&result.outcome, result.failures.first()) {
        (Outcome::Error(error), _) => &error.location,
        (_, Some(failure)) => &failure.location,
        _ => &result.location,
    }
}

/// What is known of a failed test, as YAML; JSON's strings are YAML's.
fn diagnose(message: &str, place: &Location, out: &mut dyn Write) -> io::Result<()> {
    let text = |text: &str| serde_json::Value::from(&*line(text)).to_string();
    writeln!(out, "  ---")?;
    writeln!(out, "  message: {}", text(message))?;
    writeln!(out, "  file: {}", text(&place.file))?;
    writeln!(out, "  line: {}", place.line)?;
    writeln!(out, "  column: {}", place.column)?;
    writeln!(out, "  ...")
}

/// A description, in which `#` begins no directive.
fn description(text: &str) -> String {
    line(text).replace('#', "\\#")
}
