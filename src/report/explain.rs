//! What rules say of themselves, once for each that found something.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::palette::Palette;
use super::plain::{line, paragraph};
use crate::finding::Report;

/// Writes the pages of the rules that found something, in the order of their ids.
pub(super) fn write(report: &Report, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let fired: BTreeSet<&str> = report.findings().map(|finding| finding.rule.as_str()).collect();
    for id in fired {
        let info = report.rules.get(id);
        let title = info.and_then(|info| info.title.as_deref());
        let title = title.map(|title| format!(": {}", line(title))).unwrap_or_default();
        writeln!(out, "{}", palette.strong(&format!("{}{title}", line(id))))?;
        let Some(info) = info else {
            continue;
        };
        if info.description.is_none() && info.remediation.is_none() && info.links.is_empty() {
            writeln!(out, "    (its METADATA has no description)")?;
        }
        if let Some(description) = &info.description {
            indented(description, out)?;
        }
        if let Some(remediation) = &info.remediation {
            writeln!(out, "  {}", palette.frame("What to do:"))?;
            indented(remediation, out)?;
        }
        for link in &info.links {
            writeln!(out, "  {} {}", palette.frame("More:"), line(link))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn indented(text: &str, out: &mut dyn Write) -> io::Result<()> {
    for further in paragraph(text).lines() {
        writeln!(out, "    {further}")?;
    }
    Ok(())
}

/// The page of a rule on the web, if it names one that a terminal may be given.
pub(super) fn link<'a>(report: &'a Report, rule: &str) -> Option<&'a str> {
    let links = &report.rules.get(rule)?.links;
    let web =
        |link: &&String| link.starts_with("https://") && link.chars().all(|character| character.is_ascii_graphic());
    links.iter().find(web).map(String::as_str)
}
