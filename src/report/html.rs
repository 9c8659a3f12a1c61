//! `html`: one page without outside parts, for people: counts, filters, the lines at fault, what to do.
//!
//! Everything is readable without the script, which only filters.

use std::collections::BTreeSet;
use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::excerpt;
use super::paths::link_uri;
use super::plain::{self, clip, line, paragraph};
use super::{Options, by_severity, counts, unevaluated, version};
use crate::finding::{Finding, Location, Problem, Report, RuleInfo, Severity, Waived};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
/// Characters of a message.
const LONGEST: usize = 10_000;

/// Writes the report as a page.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    // A page whose strings others wrote runs no script but its own, and loads nothing.
    let hash = BASE64_STANDARD.encode(Sha256::digest(SCRIPT));
    let policy = format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "kpolicy: " (verdict(report).1) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(report))
                main {
                    @if !report.problems.is_empty() { (problems(report)) }
                    (findings(report, options))
                    @if report.waived() > 0 { (waived(report, options)) }
                    @if !fired(report).is_empty() { (rules(report)) }
                }
                footer { p { "kpolicy " (version()) } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    writeln!(out, "{}", page.into_string())
}

/// The word for the run and its class.
fn verdict(report: &Report) -> (&'static str, &'static str) {
    if !report.problems.is_empty() {
        ("error", "could not evaluate everything")
    } else if report.has_failed() {
        ("error", "failed")
    } else {
        ("good", "passed")
    }
}

fn header(report: &Report) -> Markup {
    let (class, word) = verdict(report);
    let of = |severity: Severity| report.findings().filter(|finding| finding.severity == severity).count();
    html! {
        header {
            h1 { "Policy report: " span class=(class) { (word) } }
            p { (counts(report)) }
            @for note in unevaluated(report) { p { (line(&note)) } }
            ul class="counts" {
                @for severity in Severity::ALL {
                    li { b { (of(severity)) } " " span class={"badge " (severity.name())} { (severity.name()) } }
                }
            }
        }
    }
}

fn problems(report: &Report) -> Markup {
    html! {
        section aria-labelledby="problems" {
            h2 id="problems" { "Could not evaluate" }
            @for problem in &report.problems { (problem_card(problem)) }
        }
    }
}

fn problem_card(problem: &Problem) -> Markup {
    html! {
        article class="card error" {
            h3 { span class="badge critical" { "error" } " " (text(&problem.message)) }
            @if !problem.place.is_empty() { p class="place" { code { (line(&problem.place)) } } }
            @if let Some(place) = problem.excerpt.as_deref() { (source(place)) }
            @if let Some(help) = &problem.help { p class="help" { b { "What to do: " } (text(help)) } }
        }
    }
}

fn findings(report: &Report, options: &Options) -> Markup {
    let found = by_severity(report);
    let files: BTreeSet<&str> = found.iter().map(|finding| &*finding.location.file).collect();
    let rules: BTreeSet<&str> = found.iter().map(|finding| finding.rule.as_str()).collect();
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            @if found.is_empty() {
                p { "Nothing was found." }
            } @else {
                form id="filters" hidden {
                    fieldset {
                        legend { "Severity" }
                        @for severity in Severity::ALL {
                            label { input type="checkbox" name="severity" value=(severity.name()) checked; (severity.name()) }
                        }
                    }
                    (choice("rule", "Rule", &rules))
                    (choice("file", "File", &files))
                    p id="shown" role="status" {}
                }
                @for finding in found { (card(finding, None, options)) }
            }
        }
    }
}

fn choice(name: &str, label: &str, of: &BTreeSet<&str>) -> Markup {
    html! {
        label { (label) " "
            select name=(name) {
                option value="" { "all" }
                @for item in of { option value=(line(item)) { (line(item)) } }
            }
        }
    }
}

fn card(finding: &Finding, waived: Option<&Waived>, options: &Options) -> Markup {
    let place = &finding.location;
    let file = options.base.path(&place.file).unwrap_or_else(|| place.file.to_string());
    let severity = finding.severity.name();
    html! {
        article class={"card " (severity)} data-severity=(severity) data-rule=(line(&finding.rule)) data-file=(line(&place.file)) {
            h3 { span class={"badge " (severity)} { (severity) } " " (text(&plain::message(finding))) }
            p class="place" {
                code { (line(&file)) ":" (place.line) ":" (place.column) }
                @if let Some(subject) = &finding.subject { " · " (line(&subject.to_string())) }
                " · " (finding.kind.name()) " " a href={"#" (anchor(&finding.rule))} { (line(&finding.rule)) }
            }
            (source(place))
            @for related in &finding.related { p class="place" { "See " (line(&plain::related(related))) } }
            @if let Some(waived) = waived { p { b { "Waived: " } (text(&waived.reason)) } }
            @else if let Some(help) = &finding.remediation { p class="help" { b { "What to do: " } (text(help)) } }
        }
    }
}

/// The lines around a location, its range marked.
fn source(place: &Location) -> Markup {
    html! {
        @if !place.excerpt.is_empty() {
            pre tabindex="0" aria-label="The lines of the finding" {
                @for shown in &place.excerpt {
                    @let [before, marked, after] = excerpt::parts(place, shown);
                    span class="number" { (shown.number) } (before)
                    @if !marked.is_empty() { mark { (marked) } }
                    (after) "\n"
                }
            }
        }
    }
}

fn waived(report: &Report, options: &Options) -> Markup {
    let all = report.checks.iter().flat_map(|check| &check.waived);
    html! {
        section aria-labelledby="waived" {
            h2 id="waived" { "Waived" }
            @for waived in all {
                @for finding in &waived.findings { (card(finding, Some(waived), options)) }
                @if waived.findings.is_empty() {
                    article class="card" {
                        h3 { (line(&waived.rule)) " in " (line(&waived.file)) }
                        p { b { "Waived: " } (text(&waived.reason)) " (nothing was found)" }
                    }
                }
            }
        }
    }
}

/// The rules that found something, waived or not, with what they say of themselves.
fn fired(report: &Report) -> BTreeSet<&str> {
    let waived = report.checks.iter().flat_map(|check| &check.waived);
    let waived = waived.flat_map(|waived| &waived.findings);
    report
        .findings()
        .chain(waived)
        .map(|finding| finding.rule.as_str())
        .collect()
}

fn rules(report: &Report) -> Markup {
    html! {
        section aria-labelledby="rules" {
            h2 id="rules" { "Rules" }
            @for id in fired(report) {
                @let info = report.rules.get(id);
                details open id=(anchor(id)) { summary { code { (line(id)) } }
                    @if let Some(info) = info { (about(info)) }
                }
            }
        }
    }
}

fn about(info: &RuleInfo) -> Markup {
    html! {
        @if let Some(title) = &info.title { p { b { (text(title)) } } }
        @if let Some(description) = &info.description { p { (text(description)) } }
        @if let Some(help) = &info.remediation { p class="help" { b { "What to do: " } (text(help)) } }
        @for link in &info.links {
            // Any other scheme could run a script.
            @if link.starts_with("https://") || link.starts_with("http://") { p { a href=(link_uri(link)) rel="noreferrer" { (line(link)) } } }
            @else { p { (line(link)) } }
        }
    }
}

fn text(text: &str) -> String {
    paragraph(&clip(text, LONGEST)).into_owned()
}

/// A rule's name as the page's links have it.
fn anchor(rule: &str) -> String {
    format!("rule-{}", super::paths::uri(rule).replace('%', "_"))
}
