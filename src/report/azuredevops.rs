//! `azuredevops`: logging commands, which Azure Pipelines shows in the summary of a run, in conftest's shape.

use std::io::{self, Write};

use super::plain::{self, clip, line};
use super::{Options, conftest_counts, remarks};
use crate::finding::{Check, Finding, Input, Location, Report};

/// Characters of a message.
const LONGEST: usize = 4000;

/// Writes the report as logging commands; without locations, as conftest does, where its ways are asked for.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for check in &report.checks {
        write_check(check, report, options, out)?;
    }
    for problem in &report.problems {
        let place = problem.excerpt.as_deref();
        let text = match problem.place.as_str() {
            "" => problem.message.clone(),
            at => format!("{at}: {}", problem.message),
        };
        let help = problem
            .help
            .as_deref()
            .map(|help| format!(" ({help})"))
            .unwrap_or_default();
        let at = At {
            file: problem.file.as_ref(),
            place,
        };
        issue("error", at, "", &format!("{text}{help}"), options, out)?;
    }
    for note in remarks(report) {
        writeln!(out, "{}", plain::line(&note))?;
    }
    writeln!(out, "{}", conftest_counts(report))
}

fn write_check(check: &Check, report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let (file, namespace) = (line(&check.file), line(&check.namespace));
    let rules = check.successes + check.findings.len() + check.waived.len();
    writeln!(
        out,
        "##[section]Testing '{file}' against {rules} policies in namespace '{namespace}'"
    )?;
    let tool = if options.conftest { "conftest" } else { "kpolicy" };
    writeln!(out, "##[group]See {tool} results")?;
    for fails in [true, false] {
        for finding in check.findings.iter().filter(|finding| finding.kind.fails() == fails) {
            let level = if report.fails(finding) { "error" } else { "warning" };
            let message = message(&check.file, finding, options);
            issue(
                level,
                At::of(Some(&finding.location)),
                &finding.rule,
                &message,
                options,
                out,
            )?;
        }
    }
    for waived in &check.waived {
        let place = waived.findings.first().map(|first| &first.location);
        let reason = if options.conftest {
            waived.reason.clone()
        } else {
            plain::waived(waived)
        };
        issue(
            "warning",
            At::of(place),
            &waived.rule,
            &format!("file={} --> {reason}", check.file),
            options,
            out,
        )?;
    }
    if check.successes > 0 {
        writeln!(out, "success file={file} {}", check.successes)?;
    }
    writeln!(out, "##[endgroup]")
}

fn message(file: &str, finding: &Finding, options: &Options) -> String {
    let help = finding.remediation.as_deref().filter(|_| !options.conftest);
    format!("file={file} --> {}{}", plain::message(finding), plain::help(help))
}

/// Where an issue is: a file, and a location in it where one is known.
#[derive(Clone, Copy)]
struct At<'a> {
    file: Option<&'a Input>,
    place: Option<&'a Location>,
}

impl<'a> At<'a> {
    fn of(place: Option<&'a Location>) -> Self {
        Self {
            file: place.map(|place| &place.file),
            place,
        }
    }
}

fn issue(level: &str, at: At, code: &str, message: &str, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "##vso[task.logissue type={level}")?;
    if !options.conftest {
        if let Some(path) = at.file.and_then(|file| options.base.path(file)) {
            write!(out, ";sourcepath={}", property(&path))?;
            if let Some(place) = at.place {
                write!(out, ";linenumber={};columnnumber={}", place.line, place.column)?;
            }
        }
        if !code.is_empty() {
            write!(out, ";code={}", property(code))?;
        }
    }
    writeln!(out, "] {}", data(&plain::paragraph(&clip(message, LONGEST))))
}

/// The text of a command, which ends at a line break.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which ends at a semicolon or a bracket too.
fn property(text: &str) -> String {
    data(&line(text)).replace(';', "%3B").replace(']', "%5D")
}
