//! `stdout` and `tap`: a line for each test.

use std::io::{self, Write};

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
    let failed = verified.failed() + verified.erring();
    let counts = format!(
        "{}, {} passed, 0 warnings, {}, 0 exceptions, {} skipped",
        plural(verified.results.len(), "test"),
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
    writeln!(out, "1..{}", verified.results.len())?;
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
            diagnose(result, out)?;
        }
    }
    Ok(())
}

/// What is known of a failed test, as YAML; JSON's strings are YAML's.
fn diagnose(result: &TestResult, out: &mut dyn Write) -> io::Result<()> {
    let text = |text: &str| serde_json::Value::from(&*line(text)).to_string();
    let place = match (&result.outcome, result.failures.first()) {
        (Outcome::Error(error), _) => &error.location,
        (_, Some(failure)) => &failure.location,
        _ => &result.location,
    };
    writeln!(out, "  ---")?;
    writeln!(out, "  message: {}", text(&super::message(result)))?;
    writeln!(out, "  file: {}", text(&place.file))?;
    writeln!(out, "  line: {}", place.line)?;
    writeln!(out, "  column: {}", place.column)?;
    writeln!(out, "  ...")
}

/// A description, in which `#` begins no directive.
fn description(text: &str) -> String {
    line(text).replace('#', "\\#")
}
