//! `table`: conftest's table, a row for each result.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::plain::{self, line};
use crate::finding::{Check, Report};

/// The result, the file, the package and the message.
pub(super) type Row = [String; 4];

/// Writes the report as conftest's `--output table` does, and what could not be evaluated as further rows.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<Row> = report.checks.iter().flat_map(rows_of).collect();
    rows.extend(
        report
            .problems
            .iter()
            .map(|problem| row("error", &problem.place, "", &problem.message)),
    );
    write(&rows, out)
}

/// Writes rows below their head; nothing where there are none.
pub(super) fn write(rows: &[Row], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    grid(&row("RESULT", "FILE", "NAMESPACE", "MESSAGE"), rows, out)
}

/// Writes rows of as many cells as the head has.
pub(super) fn grid(head: &[String], rows: &[impl AsRef<[String]>], out: &mut dyn Write) -> io::Result<()> {
    let rows = || rows.iter().map(AsRef::as_ref);
    let mut widths = vec![0; head.len()];
    for row in rows().chain([head]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.lines().map(UnicodeWidthStr::width).max().unwrap_or(0).max(*width);
        }
    }
    rule(&widths, ['┌', '┬', '┐'], out)?;
    let centred: Vec<&str> = head.iter().map(String::as_str).collect();
    write_line(&widths, &centred, true, out)?;
    rule(&widths, ['├', '┼', '┤'], out)?;
    for row in rows() {
        let height = row.iter().map(|cell| cell.lines().count()).max().unwrap_or(1).max(1);
        for at in 0..height {
            let cells: Vec<&str> = row.iter().map(|cell| cell.lines().nth(at).unwrap_or("")).collect();
            write_line(&widths, &cells, false, out)?;
        }
    }
    rule(&widths, ['└', '┴', '┘'], out)
}

/// The rows of a check, in conftest's order.
fn rows_of(check: &Check) -> Vec<Row> {
    let of = |result: &str, message: &str| row(result, &check.file, &check.namespace, message);
    let mut rows: Vec<Row> = (0..check.successes).map(|_| of("success", "SUCCESS")).collect();
    rows.extend(check.waived.iter().map(|waived| of("exception", &waived.reason)));
    for (fails, result) in [(false, "warning"), (true, "failure")] {
        let found = check.findings.iter().filter(|finding| finding.kind.fails() == fails);
        rows.extend(found.map(|finding| of(result, &plain::message(finding))));
    }
    rows
}

/// A row of these cells.
pub(super) fn row(result: &str, file: &str, namespace: &str, message: &str) -> Row {
    let lines: Vec<_> = message.lines().map(|text| line(text.trim())).collect();
    [
        result.to_owned(),
        line(file).into_owned(),
        line(namespace).into_owned(),
        lines.join("\n"),
    ]
}

fn rule(widths: &[usize], [left, middle, right]: [char; 3], out: &mut dyn Write) -> io::Result<()> {
    let bars: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
    writeln!(out, "{left}{}{right}", bars.join(&middle.to_string()))
}

fn write_line(widths: &[usize], cells: &[&str], centred: bool, out: &mut dyn Write) -> io::Result<()> {
    for (width, cell) in widths.iter().zip(cells) {
        let room = width - cell.width();
        let left = if centred { room / 2 } else { 0 };
        write!(out, "│ {}{cell}{} ", " ".repeat(left), " ".repeat(room - left))?;
    }
    writeln!(out, "│")
}
