//! `text`: what a person reads at a red pipeline: the place, the line underlined, and what to do about it.

use std::io::{self, Write};

use super::excerpt;
use super::palette::Palette;
use super::plain::{line, paragraph};
use super::{Options, plural};
use crate::finding::{Confidence, Finding, Kind, Problem, Report, Unjudged};

/// Writes the report as text.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.color);
    let mut findings: Vec<&Finding> = report.findings().collect();
    findings.sort_by(|a, b| a.location.cmp(&b.location));
    let shown = options.max_findings.unwrap_or(findings.len()).min(findings.len());
    for finding in &findings[..shown] {
        write_finding(finding, &palette, out)?;
    }
    if shown < findings.len() {
        writeln!(out, "… and {} more (--max-findings {shown})\n", findings.len() - shown)?;
    }
    if !options.suppress_exceptions {
        write_waived(report, &palette, out)?;
    }
    for problem in &report.problems {
        write_problem(problem, &palette.error("error:"), &palette, out)?;
    }
    write_unjudged(report, out)?;
    writeln!(out, "{}", palette.strong(&summary(report, options)))
}

/// Which policies judged nothing, so that nobody takes them for held.
fn write_unjudged(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Unjudged {
        not_configured,
        vacuous,
    } = &report.unjudged;
    let ids: Vec<&str> = not_configured.iter().map(|policy| policy.policy.as_str()).collect();
    if !ids.is_empty() {
        writeln!(out, "{} not configured: {}", policies(ids.len()), line(&ids.join(", ")))?;
    }
    if !vacuous.is_empty() {
        writeln!(out, "{} had nothing to judge", policies(vacuous.len()))?;
    }
    Ok(())
}

fn policies(count: usize) -> String {
    match count {
        1 => "1 policy".to_owned(),
        _ => format!("{count} policies"),
    }
}

fn write_finding(finding: &Finding, palette: &Palette, out: &mut dyn Write) -> io::Result<()> {
    let word = finding.kind.name();
    let label = format!("{word}[{}]", line(&finding.rule));
    let label = if finding.kind == Kind::Warn {
        palette.warning(&label)
    } else {
        palette.error(&label)
    };
    let message = match finding.message.trim() {
        "" => "(the policy gives no message)".into(),
        _ => paragraph(&finding.message),
    };
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
    writeln!(
        out,
        "{:gutter$}{arrow} {}:{}:{}{near}",
        "",
        line(&place.file),
        place.line,
        place.column
    )?;
    excerpt::write(place, gutter, palette, out)?;
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
        let label = palette.frame("waived");
        writeln!(
            out,
            "{label} {}/{} in {}, since {} holds",
            line(&waived.namespace),
            line(&waived.rule_name),
            line(&waived.file),
            line(&waived.reason)
        )?;
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

/// The last line: everything counted.
fn summary(report: &Report, options: &Options) -> String {
    let counts = report.counts;
    let mut parts = vec![
        plural(report.failures(), "failure"),
        plural(report.warnings(), "warning"),
        format!("{} waived", report.waived()),
        format!("{} skipped", counts.skipped),
    ];
    if !report.problems.is_empty() {
        parts.insert(0, plural(report.problems.len(), "error"));
    }
    let time = options
        .elapsed
        .map(|elapsed| format!(" in {:.2} s", elapsed.as_secs_f64()))
        .unwrap_or_default();
    format!(
        "{} in {}, {}: {}{time}",
        plural(counts.documents, "document"),
        plural(counts.files, "file"),
        plural(counts.rules, "rule"),
        parts.join(", ")
    )
}
