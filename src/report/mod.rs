//! The outputs: one pure function of the report for each. None of them counts, sorts or decides the exit code.
//!
//! A new output is one file here and one variant of [`Style`]; the compiler names the other lines to touch.

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::Value as Json;

use crate::finding::{Finding, Problem, RenderedBy, Report, Subject, Unmatched};

pub mod answers;
mod azuredevops;
mod compact;
pub mod coverage;
mod excerpt;
mod explain;
mod github;
mod gitlab;
mod html;
mod identity;
mod json;
mod junit;
mod markdown;
mod palette;
mod paths;
mod plain;
mod pr_comment;
pub mod profile;
mod sarif;
mod skipped;
mod statistics;
mod stdout;
mod table;
mod tap;
mod text;
pub mod verified;
pub mod why;

pub use markdown::{cell, html_text};
pub use paths::Base;

/// The name of an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Style {
    /// For people: the location, the line underlined, what to do.
    #[default]
    Text,
    /// One line for each finding: `file:line:col: deny[rule] message`.
    Compact,
    /// conftest's own text.
    Stdout,
    /// conftest's JSON, with rule, severity and place of each result.
    Json,
    /// conftest's table.
    Table,
    /// The Test Anything Protocol.
    Tap,
    /// XML for test tabs.
    Junit,
    /// Workflow commands of GitHub Actions.
    Github,
    /// Code Quality of GitLab.
    Gitlab,
    /// Logging commands of Azure Pipelines.
    Azuredevops,
    /// SARIF 2.1.0, for security tabs.
    Sarif,
    /// A job summary.
    Markdown,
    /// A comment on a pull request: what is new first.
    PrComment,
    /// A page.
    Html,
}

impl Style {
    /// Whether it is a document of its own, that nothing may come before or after.
    pub fn stands_alone(self) -> bool {
        match self {
            Self::Json | Self::Tap | Self::Junit | Self::Gitlab | Self::Sarif | Self::Html => true,
            Self::Text
            | Self::Compact
            | Self::Stdout
            | Self::Table
            | Self::Github
            | Self::Azuredevops
            | Self::Markdown
            | Self::PrComment => false,
        }
    }
}

impl Style {
    /// Whether people read it, and so see in it what could not be evaluated.
    pub fn is_for_people(self) -> bool {
        match self {
            Self::Text | Self::Stdout | Self::Table => true,
            Self::Compact
            | Self::Json
            | Self::Tap
            | Self::Junit
            | Self::Github
            | Self::Gitlab
            | Self::Azuredevops
            | Self::Sarif
            | Self::Markdown
            | Self::PrComment
            | Self::Html => false,
        }
    }
}

/// What findings are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Their rule.
    Rule,
    /// What they are about.
    Object,
    /// Their file.
    File,
}

impl GroupBy {
    /// The grouping of a name; none for `none`.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "rule" => Some(Self::Rule),
            "object" => Some(Self::Object),
            "file" => Some(Self::File),
            _ => None,
        }
    }

    /// The group of a finding.
    fn group(self, finding: &Finding) -> String {
        match (self, &finding.subject) {
            (Self::Rule, _) => finding.rule.clone(),
            (Self::File, _) => finding.location.file.to_string(),
            (Self::Object, Some(Subject::Object { resource, .. })) => resource.to_string(),
            (Self::Object, Some(other)) => other.to_string(),
            (Self::Object, None) => finding.location.file.to_string(),
        }
    }
}

/// How a report is shown.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether to use colors.
    pub color: bool,
    /// Whether to link rules to their pages, as some terminals can.
    pub links: bool,
    /// Whether to tell of each rule that found something what it says of itself.
    pub explain: bool,
    /// Whether to leave waived rules out.
    pub suppress_exceptions: bool,
    /// How many findings to show at most.
    pub max_findings: Option<usize>,
    /// What the findings of text are grouped by.
    pub group_by: Option<GroupBy>,
    /// Whether text has how many findings each rule has, and not the findings.
    pub statistics: bool,
    /// Whether test tabs get the names of files alone.
    pub junit_hide_message: bool,
    /// Whether the shape is conftest's to the letter.
    pub conftest: bool,
    /// The working directory of the run.
    pub base: Base,
    /// How long the run took; omitted where the output must be the same each time.
    pub elapsed: Option<Duration>,
}

/// Writes the report in a style.
pub fn render(report: &Report, style: Style, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    match style {
        Style::Text => text::render(report, options, out)?,
        Style::Compact => compact::render(report, options, out)?,
        Style::Stdout => stdout::render(report, options, out)?,
        Style::Json => json::render(report, out)?,
        Style::Table => table::render(report, out)?,
        Style::Tap => tap::render(report, options, out)?,
        Style::Junit => junit::render(report, options, out)?,
        Style::Github => github::render(report, options, out)?,
        Style::Gitlab => gitlab::render(report, options, out)?,
        Style::Azuredevops => azuredevops::render(report, options, out)?,
        Style::Sarif => sarif::render(report, options, out)?,
        Style::Markdown => markdown::render(report, options, out)?,
        Style::PrComment => pr_comment::render(report, options, out)?,
        Style::Html => html::render(report, options, out)?,
    }
    out.flush()
}

/// Writes what kept a command from its work; where it was to evaluate, also that nothing was evaluated.
pub fn render_problems(problems: &[Problem], is_test: bool, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let palette = palette::Palette::new(color);
    for problem in problems {
        text::write_problem(problem, &palette.error("error:"), &palette, out)?;
    }
    if !is_test {
        return Ok(());
    }
    let counted = format!("nothing was evaluated: {}", plural(problems.len(), "error"));
    writeln!(out, "{}", palette.strong(&counted))
}

/// Writes what was not evaluated, where the report lists it.
pub fn render_skipped(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    skipped::lines(report)
        .iter()
        .try_for_each(|line| writeln!(out, "{line}"))
}

/// A text in one line, without what could fool a terminal.
pub fn in_line(text: &str) -> String {
    plain::line(text).into_owned()
}

/// Writes a line that is no part of the report.
pub fn render_notice(notice: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", plain::line(notice))
}

/// Writes what is suspicious, and does not stop a run.
pub fn render_warnings(warnings: &[Problem], color: bool, out: &mut dyn Write) -> io::Result<()> {
    let palette = palette::Palette::new(color);
    for warning in warnings {
        text::write_problem(warning, &palette.warning("warning:"), &palette, out)?;
    }
    Ok(())
}

/// Writes what the policies printed: where, on which document, and the text.
pub fn render_prints(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for check in &report.checks {
        for print in &check.prints {
            let number = print.document.map(|index| format!(", document {}", index + 1));
            let number = number.unwrap_or_default();
            let (file, text) = (plain::line(&check.file), plain::line(&print.text));
            writeln!(out, "print: {text} (on {file}{number})")?;
        }
    }
    Ok(())
}

/// Writes how rules were evaluated: the document, then a line for each event.
pub fn render_traces(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for check in &report.checks {
        for trace in &check.traces {
            let number = trace.document.map(|index| format!(", document {}", index + 1));
            writeln!(out, "trace: {}{}", plain::line(&check.file), number.unwrap_or_default())?;
            for event in trace.text.lines() {
                writeln!(out, "  {}", plain::line(event))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// A number and its noun.
fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// All findings, the most severe first: those that fail the run before the others.
fn by_severity(report: &Report) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = report.findings().collect();
    findings.sort_by_key(|finding| (!report.fails(finding), finding.severity));
    findings
}

/// What was evaluated and found, in a line.
fn counts(report: &Report) -> String {
    let counts = report.counts;
    let mut parts = vec![
        plural(report.failures(), "failure"),
        plural(report.warnings(), "warning"),
        format!("{} waived", report.waived()),
    ];
    if let notes @ 1.. = report.notes() {
        parts.insert(2, plural(notes, "note"));
    }
    parts.extend(skipped::summary(&report.unevaluated.skipped));
    if !report.problems.is_empty() {
        parts.insert(0, plural(report.problems.len(), "error"));
    }
    if let (Some(level), below @ 1..) = (report.verdict.fail_level, report.below_level()) {
        parts.push(format!("{below} below --fail-level {}", level.name()));
    }
    format!(
        "{} in {}, {}: {}",
        plural(counts.documents, "document"),
        plural(counts.files, "file"),
        plural(counts.rules, "rule"),
        parts.join(", ")
    )
}

/// How many files that no policy is for are named in a line.
const NAMED: usize = 3;

/// What was there before, which policies were not evaluated, and which files no policy applies to, so that nobody takes
/// them as passed: one line each.
fn remarks(report: &Report) -> Vec<String> {
    compared(report).into_iter().chain(unevaluated(report)).collect()
}

/// How many findings were there before, and with what the run was compared.
fn compared(report: &Report) -> Option<String> {
    let comparison = report.comparison.as_ref()?;
    let stale = match comparison.stale.len() {
        0 => String::new(),
        1 => ", 1 entry of the baseline is stale (kpolicy baseline --prune removes it)".to_owned(),
        many => format!(", {many} entries of the baseline are stale (kpolicy baseline --prune removes them)"),
    };
    Some(format!(
        "compared with {}: {} new, {} existing, {} fixed{stale}",
        comparison.with.join(" and "),
        report.findings().count(),
        report.existing(),
        comparison.fixed.len()
    ))
}

/// Which policies were not evaluated, which files no policy applies to, and what programs rendered.
fn unevaluated(report: &Report) -> Vec<String> {
    let policies = |count: usize| match count {
        1 => "1 policy".to_owned(),
        _ => format!("{count} policies"),
    };
    let unevaluated = &report.unevaluated;
    let missing = unevaluated.not_configured.len();
    let mut notes = Vec::new();
    if missing > 0 {
        let listed = if unevaluated.listed {
            ""
        } else {
            " (--show-skipped lists them)"
        };
        notes.push(format!("{} not configured{listed}", policies(missing)));
    }
    // Where nothing was evaluated at all, no policy is the exception.
    if !unevaluated.vacuous.is_empty() && report.counts.documents > 0 {
        let (count, all) = (unevaluated.vacuous.len(), policies(report.counts.rules));
        let verb = if count == 1 { "does" } else { "do" };
        notes.push(format!("{count} of {all} {verb} not apply to these files"));
    }
    notes.extend(unevaluated_files(report));
    notes.extend(unmatched_documents(report));
    notes.extend(report.rendered.iter().map(RenderedBy::text));
    notes
}

/// How many documents of other files no policy applies to, in a line.
fn unmatched_documents(report: &Report) -> Option<String> {
    let unevaluated = &report.unevaluated;
    let is_apart = |unmatched: &&Unmatched| unevaluated.files.binary_search(&unmatched.file).is_err();
    let count = unevaluated.documents.iter().filter(is_apart).count();
    let note = || format!("no policy applies to {} of the other files", plural(count, "document"));
    (count > 0).then(note)
}

/// Which files no policy applies to, in a line.
fn unevaluated_files(report: &Report) -> Option<String> {
    let files = &report.unevaluated.files;
    let named: Vec<&str> = files.iter().take(NAMED).map(|file| &**file).collect();
    let more = match files.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let note = || {
        let count = plural(files.len(), "file");
        format!("no policy applies to {count}: {}{more}", named.join(", "))
    };
    (!files.is_empty()).then(note)
}

/// A text from a file or a policy in one line, with nothing that a terminal would act on.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    plain::line(text)
}

/// conftest's line of counts, and how much could not be evaluated, of which conftest has no count.
fn conftest_counts(report: &Report) -> String {
    // conftest has no notes.
    let (failures, warnings) = (report.failures(), report.warnings() + report.notes());
    let total = report.successes() + failures + warnings + report.waived();
    let errors = match report.problems.len() {
        0 => String::new(),
        errors => format!(", {}", plural(errors, "error")),
    };
    format!(
        "{}, {} passed, {}, {}, {}{errors}",
        plural(total, "test"),
        report.successes(),
        plural(warnings, "warning"),
        plural(failures, "failure"),
        plural(report.waived(), "exception")
    )
}

/// The version that documents name as their maker's.
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Writes JSON as conftest indents it, and what a terminal or a pipeline could be fooled by as JSON's own escapes:
/// whoever parses it gets the strings as they are.
fn write_json(json: &Json, out: &mut dyn Write) -> io::Result<()> {
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    serde::Serialize::serialize(json, &mut serializer)?;
    let text = String::from_utf8(text).expect("JSON is UTF-8");
    writeln!(out, "{}", plain::json(&text))
}
