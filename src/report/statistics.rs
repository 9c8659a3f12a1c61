//! How many findings each rule has, the most first, in place of the findings.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::palette::Palette;
use super::plain::line;
use crate::finding::{Kind, Report};

/// Writes a line for each rule that found something: how often, of what sort it is, and what it says of itself.
pub(super) fn write(report: &Report, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
    for finding in report.findings() {
        *counts.entry((finding.kind, &finding.rule)).or_default() += 1;
    }
    let mut rows: Vec<((Kind, &str), usize)> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, count)| (Reverse(*count), *rule));
    let width = rows.first().map_or(0, |(_, count)| count.to_string().len());
    for ((kind, rule), count) in &rows {
        let label = format!("{}[{}]", kind.name(), line(rule));
        let label = match kind {
            Kind::Warn | Kind::Note => palette.warning(&label),
            Kind::Deny | Kind::Violation => palette.error(&label),
        };
        let title = report.rules.get(*rule).and_then(|info| info.title.as_deref());
        let title = title.map(|title| format!(" {}", line(title))).unwrap_or_default();
        writeln!(out, "{count:>width$} {label}{title}")?;
    }
    if rows.is_empty() { Ok(()) } else { writeln!(out) }
}
