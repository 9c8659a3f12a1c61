//! `html`: one page without outside parts, with the text of each file and what of it was evaluated.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::spans;
use crate::report::plain::{self, line};
use crate::report::version;
use crate::verify::coverage::{Coverage, FileCoverage, Share};

const STYLE: &str = include_str!("page.css");

/// Writes coverage as a page.
pub(super) fn render(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    let all = coverage.lines();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Coverage of policies: " (percent(all)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Coverage of policies: " (percent(all)) " of " (all.all) " lines" }
                table {
                    thead { tr { th { "file" } th { "lines" } th { "clauses" } th { "conditions" } th { "not covered" } } }
                    tbody { @for (number, (path, file)) in coverage.files.iter().enumerate() { (row(number, path, file)) } }
                }
                @for (number, (path, file)) in coverage.files.iter().enumerate() { (source(number, path, file)) }
                footer { p { "kpolicy " (version()) } }
            }
        }
    };
    writeln!(out, "{}", page.into_string())
}

fn percent(share: Share) -> String {
    format!("{:.1} %", share.percent())
}

fn row(number: usize, path: &str, file: &FileCoverage) -> Markup {
    html! {
        tr {
            td { a href=(format!("#file-{number}")) { (line(path)) } }
            td { meter min="0" max="100" value=(format!("{:.1}", file.lines().percent())) {} " " (percent(file.lines())) }
            td { (file.clauses.part) "/" (file.clauses.all) }
            td { (file.conditions.part) "/" (file.conditions.all) }
            td { (spans(&file.uncovered_lines())) }
        }
    }
}

fn source(number: usize, path: &str, file: &FileCoverage) -> Markup {
    let (covered, missed) = (file.covered_lines(), file.uncovered_lines());
    let class = |number: usize| match (missed.contains(&number), covered.contains(&number)) {
        (true, _) => "missed",
        (false, true) => "covered",
        _ => "",
    };
    html! {
        details id=(format!("file-{number}")) open[!missed.is_empty()] {
            summary { (line(path)) " " span { (percent(file.lines())) } }
            pre {
                @for (number, text) in (1..).zip(file.text.lines()) {
                    span class={ "line " (class(number)) } title=(class(number)) { b { (number) } (plain::paragraph(text)) "\n" }
                }
            }
        }
    }
}
