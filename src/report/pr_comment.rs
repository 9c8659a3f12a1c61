//! `pr-comment`: a comment on a pull request. What is new comes first, what was there before and what is fixed can be
//! opened, and all of it fits into one comment.

use std::io::{self, Write};

use super::markdown::{MOST, Page, not_evaluated, remediations, row, set_aside, verdict};
use super::{Options, by_severity, counts, plural, remarks};
use crate::finding::{Finding, Report};

/// What a pipeline finds its comment by, to replace it.
const MARK: &str = "<!-- kpolicy -->";
/// The head of a table of findings.
const TABLE: &str = "| Severity | Rule | Location | Message |\n| --- | --- | --- | --- |\n";
/// Characters that are kept for the lists that can be opened.
const FOLDED: usize = 8_000;

/// Writes the report as a comment.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    let new = report.findings().count();
    let head = match &report.comparison {
        Some(_) => format!("{}, {}", verdict(report), plural(new, "new finding")),
        None => verdict(report).to_owned(),
    };
    page.text(&format!("{MARK}\n### kpolicy: {head}\n\n{}\n", counts(report)));
    page.list(
        "\n",
        MOST,
        remarks(report)
            .iter()
            .map(|note| format!("- {}\n", super::markdown::code(note))),
    );
    let help = remediations(report);
    let room = MOST - help.chars().count() - 3 * FOLDED;
    page.list(
        "\n**Could not evaluate**\n\n",
        room,
        report.problems.iter().map(not_evaluated),
    );
    let found = by_severity(report).into_iter().map(|finding| row(finding, options));
    page.list(&format!("\n{TABLE}"), room, found);
    page.text(&help);
    let existing = report.checks.iter().flat_map(|check| &check.existing).collect();
    folded(&mut page, "were there before", existing, options);
    let fixed = report
        .comparison
        .iter()
        .flat_map(|comparison| &comparison.fixed)
        .collect();
    folded(&mut page, "are fixed", fixed, options);
    let waived = report.checks.iter().flat_map(|check| &check.waived);
    if report.waived() > 0 {
        let room = page.length + FOLDED;
        let head = format!("\n<details><summary>{} waived</summary>\n\n", report.waived());
        page.list(&head, room, waived.map(set_aside));
        page.text("\n</details>\n");
    }
    out.write_all(page.text.as_bytes())
}

/// Findings that can be opened, as far as there is room.
fn folded(page: &mut Page, word: &str, findings: Vec<&Finding>, options: &Options) {
    if findings.is_empty() {
        return;
    }
    let room = page.length + FOLDED;
    let head = format!(
        "\n<details><summary>{} that {word}</summary>\n\n{TABLE}",
        plural(findings.len(), "finding")
    );
    page.list(&head, room, findings.into_iter().map(|finding| row(finding, options)));
    page.text("\n</details>\n");
}
