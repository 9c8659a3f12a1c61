//! The outputs: one pure function of the report for each. None of them counts, sorts or decides the exit code.
//!
//! A new output is one file here and one variant of [`Style`]; the compiler names the other lines to touch.

use std::io::{self, Write};
use std::time::Duration;

use crate::finding::{Problem, Report};

mod compact;
mod excerpt;
mod json;
mod palette;
mod plain;
mod stdout;
mod text;

/// The name of an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Style {
    /// For people: the place, the line underlined, what to do.
    #[default]
    Text,
    /// One line for each finding: `file:line:col: deny[rule] message`.
    Compact,
    /// conftest's own text.
    Stdout,
    /// conftest's JSON, with rule, severity and place of each result.
    Json,
}

/// How a report is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether to paint.
    pub color: bool,
    /// Whether to leave waived rules out.
    pub suppress_exceptions: bool,
    /// How many findings to show at most.
    pub max_findings: Option<usize>,
    /// How long the run took; left out where the output must be the same each time.
    pub elapsed: Option<Duration>,
}

/// Writes the report in a style.
pub fn render(report: &Report, style: Style, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    match style {
        Style::Text => text::render(report, options, out)?,
        Style::Compact => compact::render(report, options, out)?,
        Style::Stdout => stdout::render(report, options, out)?,
        Style::Json => json::render(report, out)?,
    }
    out.flush()
}

/// Writes what kept a command from its work; where it was to judge, also that nothing was judged.
pub fn render_problems(problems: &[Problem], judging: bool, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let palette = palette::Palette::new(color);
    for problem in problems {
        text::write_problem(problem, &palette.error("error:"), &palette, out)?;
    }
    if !judging {
        return Ok(());
    }
    let counted = format!("nothing was judged: {}", plural(problems.len(), "error"));
    writeln!(out, "{}", palette.strong(&counted))
}

/// Writes a line that is no part of the report.
pub fn render_notice(notice: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", plain::line(notice))
}

/// Writes what is suspicious, and keeps no run from judging.
pub fn render_warnings(warnings: &[Problem], color: bool, out: &mut dyn Write) -> io::Result<()> {
    let palette = palette::Palette::new(color);
    for warning in warnings {
        text::write_problem(warning, &palette.warning("warning:"), &palette, out)?;
    }
    Ok(())
}

/// Writes what the policies printed: where, on which document, and the text.
pub fn render_prints(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for check in &report.checks {
        for print in &check.prints {
            let number = print.document.map(|index| format!(", document {}", index + 1));
            let number = number.unwrap_or_default();
            let (file, text) = (plain::line(&check.file), plain::line(&print.text));
            writeln!(out, "print: {text} (on {file}{number})")?;
        }
    }
    Ok(())
}

/// A number and its noun.
fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
