//! `markdown`: a comment on a pull request, or a job summary. All that others wrote is in code spans, where it is
//! neither markup nor a mention of somebody.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::plain::{self, clip, line};
use super::{Options, by_severity, counts, unevaluated};
use crate::finding::{Finding, Problem, Report, Waived};

/// Characters of a comment that GitHub takes are 65,536; some room is left for what a pipeline puts around it.
const MOST: usize = 60_000;
/// Characters of a message.
const LONGEST: usize = 400;
/// Characters that the rules' remediations may take.
const MOST_HELP: usize = 15_000;

/// Writes the report as Markdown that fits into one comment.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    page.text(&format!("### kpolicy: {}\n\n{}\n", verdict(report), counts(report)));
    page.list(
        "\n",
        MOST,
        unevaluated(report).iter().map(|note| format!("- {}\n", code(note))),
    );
    let help = remediations(report);
    // What does not fit is said in a line, which always does.
    let room = MOST - help.chars().count();
    page.list(
        "\n**Could not evaluate**\n\n",
        room,
        report.problems.iter().map(not_evaluated),
    );
    page.list(
        "\n| Severity | Rule | Location | Message |\n| --- | --- | --- | --- |\n",
        room,
        by_severity(report).into_iter().map(|finding| row(finding, options)),
    );
    let waived = report.checks.iter().flat_map(|check| &check.waived);
    page.list("\n**Waived**\n\n", room, waived.map(set_aside));
    page.text(&help);
    out.write_all(page.text.as_bytes())
}

/// A line for what could not be evaluated.
fn not_evaluated(problem: &Problem) -> String {
    let place = match problem.place.as_str() {
        "" => String::new(),
        place => format!("{}: ", code(place)),
    };
    let help = problem.help.as_deref().map(|help| format!(" — {}", code(help)));
    format!("- {place}{}{}\n", code(&problem.message), help.unwrap_or_default())
}

/// A line for what was waived.
fn set_aside(waived: &Waived) -> String {
    let messages = waived.findings.iter().map(|finding| code(&plain::message(finding)));
    let messages = messages.collect::<Vec<_>>().join(", ");
    let (rule, file, reason) = (code(&waived.rule), code(&waived.file), code(&waived.reason));
    format!("- {rule} in {file}: {messages} (waived: {reason})\n")
}

/// Text with its length in characters.
#[derive(Default)]
struct Page {
    text: String,
    length: usize,
}

impl Page {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += text.chars().count();
    }

    /// A head and what is under it, as far as there is room, and how many more there are.
    fn list(&mut self, head: &str, room: usize, items: impl Iterator<Item = String>) {
        let mut left = 0;
        let mut any = false;
        for item in items {
            if left > 0 || self.length + head.len() + item.chars().count() > room {
                left += 1;
                continue;
            }
            if !any {
                self.text(head);
                any = true;
            }
            self.text(&item);
        }
        if left > 0 {
            self.text(&format!("\n… and {left} more: see the log for all of them.\n"));
        }
    }
}

fn verdict(report: &Report) -> &'static str {
    if !report.problems.is_empty() {
        "could not evaluate everything"
    } else if report.has_failed() {
        "failed"
    } else if report.findings().next().is_some() {
        "passed, with findings"
    } else {
        "passed"
    }
}

fn row(finding: &Finding, options: &Options) -> String {
    let place = &finding.location;
    let file = options.base.path(&place.file).unwrap_or_else(|| place.file.to_string());
    format!(
        "| {} | {} | {} | {} |\n",
        finding.severity.name(),
        cell(&format!("{}[{}]", finding.kind.name(), finding.rule)),
        cell(&format!("{file}:{}:{}", place.line, place.column)),
        cell(&plain::message(finding))
    )
}

/// What to do, once for each rule that found something.
fn remediations(report: &Report) -> String {
    let mut said = BTreeSet::new();
    let mut page = Page::default();
    let helped = by_severity(report)
        .into_iter()
        .filter_map(|finding| Some((&finding.rule, finding.remediation.as_deref()?)));
    let items = helped.filter(|(rule, _)| said.insert(rule.as_str()));
    page.list(
        "\n<details><summary>What to do</summary>\n\n",
        MOST_HELP,
        items.map(|(rule, help)| format!("- {}: {}\n", code(rule), code(help))),
    );
    if page.length > 0 {
        page.text("\n</details>\n");
    }
    page.text
}

/// A code span in a cell of a table, where a bar would end the cell also within code.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for character in code(text).chars() {
        match character {
            // After a backslash, a second one would be taken for what is escaped, and the bar would end the cell.
            '|' if cell.ends_with('\\') => cell.push('¦'),
            '|' => cell.push_str("\\|"),
            other => cell.push(other),
        }
    }
    cell
}

/// A code span whose fence is longer than any row of backticks in it.
fn code(text: &str) -> String {
    let one_line = text.trim().replace('\n', " ");
    let text = clip(&one_line, LONGEST);
    let text = line(&text);
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if text.is_empty() || text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_a_code_span() {
        assert_eq!(code("a `b` ``c"), "```a `b` ``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(cell("a|b"), "`a\\|b`");
        assert_eq!(cell("a\\|b"), "`a\\¦b`");
    }
}
