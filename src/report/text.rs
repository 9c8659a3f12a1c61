//! `text`: what a person reads at a red pipeline: the location, the line underlined, and what to do about it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::excerpt;
use super::palette::Palette;
use super::plain::{self, line, paragraph};
use super::{Options, counts, explain, plural, remarks, statistics};
use crate::finding::{Confidence, Finding, Kind, Problem, Report};

/// Findings by file and policy.
type Groups<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a Finding>>;

/// Writes the report as text.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.color);
    let mut findings: Vec<&Finding> = report.findings().collect();
    findings.sort_by(|a, b| a.location.cmp(&b.location));
    let (mut findings, advice) = if options.statistics {
        statistics::write(report, &palette, out)?;
        (Vec::new(), Groups::new())
    } else if options.group_by.is_some() {
        (findings, Groups::new())
    } else {
        apart(report, findings)
    };
    if let Some(by) = options.group_by {
        findings.sort_by_cached_key(|finding| by.group(finding));
    }
    let shown = options.max_findings.unwrap_or(findings.len()).min(findings.len());
    let mut group = None;
    for finding in &findings[..shown] {
        let own = options.group_by.map(|by| by.group(finding));
        if own != group {
            let head = own.as_deref().unwrap_or_default();
            let count = findings
                .iter()
                .filter(|other| options.group_by.map(|by| by.group(other)) == own);
            let head = format!("{}: {}", line(head), plural(count.count(), "finding"));
            writeln!(out, "{}\n", palette.strong(&head))?;
            group = own;
        }
        let link = options.links.then(|| explain::link(report, &finding.rule)).flatten();
        write_finding(finding, link, &palette, out)?;
    }
    if shown < findings.len() {
        writeln!(out, "… and {} more (--max-findings {shown})\n", findings.len() - shown)?;
    }
    write_advice(&advice, &palette, out)?;
    if !options.suppress_exceptions {
        write_waived(report, &palette, out)?;
    }
    if options.explain {
        explain::write(report, &palette, out)?;
    }
    write_passed(report, &palette, out)?;
    for problem in &report.problems {
        write_problem(problem, &palette.error("error:"), &palette, out)?;
    }
    super::render_skipped(report, out)?;
    for note in remarks(report) {
        writeln!(out, "{}", line(&note))?;
    }
    let elapsed = options
        .elapsed
        .map(|elapsed| format!(" in {:.2} s", elapsed.as_secs_f64()));
    let summary = format!("{}{}", counts(report), elapsed.unwrap_or_default());
    writeln!(out, "{}", palette.strong(&summary))
}

/// The findings that are written in full, and those of policies that only warn in the profile where a file has several
/// of one policy, by file and policy.
fn apart<'a>(report: &Report, findings: Vec<&'a Finding>) -> (Vec<&'a Finding>, Groups<'a>) {
    let advises = |finding: &Finding| report.rules.get(&finding.rule).is_some_and(|info| info.advises);
    let mut groups = Groups::new();
    for finding in findings.iter().copied().filter(|finding| advises(finding)) {
        let key = (finding.location.file.as_str(), finding.rule.as_str());
        groups.entry(key).or_default().push(finding);
    }
    groups.retain(|_, group| group.len() > 1);
    let is_grouped = |finding: &Finding| groups.contains_key(&(finding.location.file.as_str(), finding.rule.as_str()));
    let single = findings.into_iter().filter(|finding| !is_grouped(finding)).collect();
    (single, groups)
}

/// One line for each file and policy.
fn write_advice(groups: &Groups, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    for ((file, rule), group) in groups {
        let first = group[0];
        let label = palette.warning(&format!("{}[{}]", first.kind.name(), line(rule)));
        let about = plain::about(first);
        let message = line(&about);
        let (severity, count, place) = (first.severity.name(), group.len() - 1, &first.location);
        writeln!(
            out,
            "{label} {severity}: {}:{}:{}: {message}, and {count} more like it in this file",
            line(file),
            place.line,
            place.column
        )?;
    }
    if groups.is_empty() { Ok(()) } else { writeln!(out) }
}

fn write_finding(finding: &Finding, link: Option<&str>, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let word = finding.kind.name();
    let rule = line(&finding.rule);
    let rule = match link {
        Some(link) => palette.link(&rule, link),
        None => rule.into_owned(),
    };
    let label = format!("{word}[{rule}]");
    let label = match finding.kind {
        Kind::Deny | Kind::Violation => palette.error(&label),
        Kind::Warn => palette.warning(&label),
        Kind::Note => palette.frame(&label),
    };
    let about = plain::about(finding);
    let message = paragraph(&about);
    let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
    writeln!(out, "{label} {}: {}", finding.severity.name(), palette.strong(first))?;
    for further in rest.lines() {
        writeln!(out, "    {further}")?;
    }
    let place = &finding.location;
    let gutter = excerpt::gutter(&place.excerpt);
    let near = match place.confidence {
        Confidence::Exact => "",
        Confidence::Near => " (near)",
        Confidence::Document => " (in this document)",
    };
    let arrow = palette.frame("-->");
    let at = match (place.rendered, place.confidence) {
        // Nothing is known of where in the file it is.
        (Some(_), Confidence::Document) => String::new(),
        _ => format!(":{}:{}{near}", place.line, place.column),
    };
    writeln!(out, "{:gutter$}{arrow} {}{at}", "", line(&place.file))?;
    excerpt::write(place, gutter, palette, out)?;
    for related in &finding.related {
        let head = palette.frame("= see:");
        writeln!(out, "{:gutter$} {head} {}", "", line(&plain::related(related)))?;
    }
    if let Some(remediation) = &finding.remediation {
        for (index, text) in paragraph(remediation).lines().enumerate() {
            let head = if index == 0 { "= help:" } else { "       " };
            writeln!(out, "{:gutter$} {} {text}", "", palette.frame(head))?;
        }
    }
    writeln!(out)
}

fn write_waived(report: &Report, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut any = false;
    for waived in report.checks.iter().flat_map(|check| &check.waived) {
        any = true;
        let label = format!("{} {}", palette.frame("waived"), line(&waived.rule));
        let reason = line(&waived.reason);
        for finding in &waived.findings {
            let place = &finding.location;
            let about = plain::about(finding);
            let (file, message) = (line(&place.file), line(&about));
            writeln!(
                out,
                "{label} at {file}:{}:{}: {message} ({reason})",
                place.line, place.column
            )?;
        }
        if waived.findings.is_empty() {
            writeln!(out, "{label} in {}: nothing was found ({reason})", line(&waived.file))?;
        }
    }
    if any { writeln!(out) } else { Ok(()) }
}

/// A line for each rule that held, where their names were kept.
fn write_passed(report: &Report, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let mut any = false;
    for check in &report.checks {
        for rule in check.passed() {
            any = true;
            let label = palette.frame("passed");
            writeln!(out, "{label} {} in {}", line(rule), line(&check.file))?;
        }
    }
    if any { writeln!(out) } else { Ok(()) }
}

/// Writes a problem after this label.
pub(super) fn write_problem(problem: &Problem, label: &str, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{label} {}", palette.strong(&line(&problem.message)))?;
    let excerpt = problem.excerpt.as_deref();
    let gutter = excerpt.map_or(1, |place| excerpt::gutter(&place.excerpt));
    if !problem.place.is_empty() {
        writeln!(out, "{:gutter$}{} {}", "", palette.frame("-->"), line(&problem.place))?;
    }
    if let Some(place) = excerpt {
        excerpt::write(place, gutter, palette, out)?;
    }
    if let Some(help) = &problem.help {
        writeln!(out, "{:gutter$} {} {}", "", palette.frame("= help:"), line(help))?;
    }
    writeln!(out)
}
