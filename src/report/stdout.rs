//! `stdout`: conftest's own text, for those who parse it.

use std::io::{self, Write};

use super::palette::Palette;
use super::plain::{line, paragraph};
use super::{Options, conftest_counts};
use crate::finding::{Check, Input, Report};

/// Writes the report as conftest's `--output stdout` does.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.color);
    // The line break after a text and the line after it are conftest's.
    for print in report.checks.iter().flat_map(|check| &check.prints) {
        writeln!(out, "{}  {}\n", palette.frame("PRNT "), paragraph(&print.text))?;
    }
    for check in &report.checks {
        write_check(check, options, &palette, out)?;
    }
    for problem in &report.problems {
        let place = match problem.place.as_str() {
            "" => String::new(),
            place => format!("- {} ", line(place)),
        };
        let help = problem.help.as_deref().map(|help| format!(" ({})", line(help)));
        let (message, help) = (line(&problem.message), help.unwrap_or_default());
        writeln!(out, "{} {place}- {message}{help}", palette.error("ERRO"))?;
    }
    let counts = conftest_counts(report);
    let painted = match (report.failures() + report.problems.len(), report.warnings()) {
        (0, 0) => palette.good(&counts),
        (0, _) => palette.warning(&counts),
        _ => palette.error(&counts),
    };
    writeln!(out, "\n{painted}")
}

fn write_check(check: &Check, options: &Options, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let file = if check.file == Input::Stdin {
        "-".to_owned()
    } else {
        format!("- {}", line(&check.file))
    };
    let namespace = line(&check.namespace);
    for (fails, word) in [(false, palette.warning("WARN")), (true, palette.error("FAIL"))] {
        for finding in check.findings.iter().filter(|finding| finding.kind.fails() == fails) {
            writeln!(out, "{word} {file} - {namespace} - {}", paragraph(&finding.message))?;
        }
    }
    if !options.suppress_exceptions {
        for waived in &check.waived {
            writeln!(
                out,
                "{} {file} - {namespace} - {}",
                palette.frame("EXCP"),
                paragraph(&waived.reason)
            )?;
        }
    }
    Ok(())
}
