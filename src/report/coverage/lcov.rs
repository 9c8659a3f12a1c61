//! `lcov`: what editors and services for coverage read. A line counts as evaluated or not; how often is not counted.

use std::io::{self, Write};

use crate::report::plain::line;
use crate::verify::coverage::Coverage;

/// Writes coverage as a tracefile of lcov.
pub(super) fn render(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    for (path, file) in &coverage.files {
        let (covered, missed) = (file.covered_lines(), file.uncovered_lines());
        writeln!(out, "TN:\nSF:{}", line(path))?;
        for number in covered.union(&missed) {
            // A line with a part that is not evaluated is not covered.
            writeln!(out, "DA:{number},{}", u8::from(!missed.contains(number)))?;
        }
        writeln!(out, "LF:{}", covered.union(&missed).count())?;
        writeln!(out, "LH:{}", covered.difference(&missed).count())?;
        writeln!(out, "end_of_record")?;
    }
    Ok(())
}
