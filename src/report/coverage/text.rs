//! `text`: a line for each file, with the lines that no test evaluates.

use std::io::{self, Write};

use super::spans;
use crate::report::Options;
use crate::report::palette::Palette;
use crate::report::plain::line;
use crate::verify::coverage::{Coverage, FileCoverage, Share};

/// Writes coverage as text.
pub(super) fn render(coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.color);
    writeln!(out, "\n{}", palette.strong("  lines  clauses  conditions  file"))?;
    for (path, file) in &coverage.files {
        row([file.lines(), file.clauses, file.conditions], &line(path), out)?;
        let missed = file.uncovered_lines();
        if !missed.is_empty() {
            writeln!(out, "{:29}not covered: {}", "", spans(&missed))?;
        }
    }
    let of = |of: fn(&FileCoverage) -> Share| coverage.sum(of);
    let all = [coverage.lines(), of(|file| file.clauses), of(|file| file.conditions)];
    row(all, &palette.strong("all files"), out)
}

fn row(shares: [Share; 3], name: &str, out: &mut dyn Write) -> io::Result<()> {
    let [lines, clauses, conditions] = shares.map(Share::percent);
    writeln!(out, "{lines:5.1} %  {clauses:5.1} %     {conditions:5.1} %  {name}")
}
