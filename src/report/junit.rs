//! `junit`: what test tabs read, a suite for each file and namespace, a case for each result.
//!
//! It keeps to Jenkins' schema, which has no place for a file and a line beside a case: the file is the suite's, and
//! the whole place begins the text of the failure. Rules are not timed one by one, so that two runs write the same.

use std::collections::HashMap;
use std::io::{self, Write};

use super::plain;
use super::{Options, version};
use crate::finding::{Check, Finding, Input, Problem, Report};

/// Writes the report as JUnit's XML.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<Suite> = report.checks.iter().map(|check| Suite::of(check, options)).collect();
    let problems = (!report.problems.is_empty()).then(|| Suite::of_problems(&report.problems));
    let unevaluated = &report.unevaluated.files;
    let unevaluated = (!unevaluated.is_empty()).then(|| Suite::of_unevaluated(unevaluated));
    write(suites.iter().chain(&unevaluated).chain(&problems), out)
}

/// Writes these suites.
pub(super) fn write<'s>(mut suites: impl Iterator<Item = &'s Suite>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    suites.try_for_each(|suite| suite.write(out))?;
    writeln!(out, "</testsuites>")
}

/// A suite of cases.
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) cases: Vec<Case>,
}

/// A case and what it came to.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

/// What a case came to.
pub(super) enum Outcome {
    Passed,
    Skipped(String),
    /// The message, the sort, and the whole text.
    Failed(String, String, String),
    Error(String, String),
}

impl Suite {
    fn of(check: &Check, options: &Options) -> Self {
        let file = &check.file;
        let named = |about: &str, message: &str| {
            let first = message.lines().next().unwrap_or_default();
            if options.junit_hide_message || first.is_empty() {
                file.to_string()
            } else {
                format!("{file}{about} - {}", plain::clip(first, 200))
            }
        };
        let failed = |finding: &Finding| {
            let subject = finding.subject.as_ref().filter(|_| !options.conftest);
            let about = subject.map(|subject| format!(" - {}", plain::line(&subject.to_string())));
            Case {
                name: named(&about.unwrap_or_default(), &plain::message(finding)),
                outcome: failure(finding),
            }
        };
        let (failures, warnings): (Vec<_>, Vec<_>) = check.findings.iter().partition(|finding| finding.kind.fails());
        let mut cases: Vec<Case> = warnings.into_iter().chain(failures).map(failed).collect();
        cases.extend(check.waived.iter().map(|waived| Case {
            name: named("", &waived.reason),
            outcome: Outcome::Skipped(plain::waived(waived)),
        }));
        cases.extend(passed(check));
        if !options.conftest {
            number_duplicates(&mut cases);
        }
        let name = if options.conftest {
            format!("conftest.{}", check.namespace)
        } else {
            check.namespace.clone()
        };
        Self {
            name,
            file: file.to_string(),
            cases,
        }
    }

    fn of_problems(problems: &[Problem]) -> Self {
        let case = |problem: &Problem| Case {
            name: match problem.place.as_str() {
                "" => problem.message.clone(),
                place => format!("{place} - {}", problem.message),
            },
            outcome: Outcome::Error(problem.message.clone(), problem.help.clone().unwrap_or_default()),
        };
        Self {
            name: "kpolicy.errors".to_owned(),
            file: String::new(),
            cases: problems.iter().map(case).collect(),
        }
    }

    /// The files that no policy is for: no test tab shows them as passed.
    fn of_unevaluated(files: &[Input]) -> Self {
        let case = |file: &Input| Case {
            name: file.to_string(),
            outcome: Outcome::Skipped("no policy applies to it".to_owned()),
        };
        Self {
            name: "kpolicy.unjudged".to_owned(),
            file: String::new(),
            cases: files.iter().map(case).collect(),
        }
    }

    fn count(&self, counted: impl Fn(&Outcome) -> bool) -> usize {
        self.cases.iter().filter(|case| counted(&case.outcome)).count()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let name = attribute(&self.name);
        write!(out, "\t<testsuite name=\"{name}\" tests=\"{}\"", self.cases.len())?;
        write!(
            out,
            " failures=\"{}\"",
            self.count(|case| matches!(case, Outcome::Failed(..)))
        )?;
        write!(
            out,
            " errors=\"{}\"",
            self.count(|case| matches!(case, Outcome::Error(..)))
        )?;
        write!(
            out,
            " skipped=\"{}\"",
            self.count(|case| matches!(case, Outcome::Skipped(_)))
        )?;
        if !self.file.is_empty() {
            write!(out, " file=\"{}\"", attribute(&self.file))?;
        }
        writeln!(out, " time=\"0.000\">\n\t\t<properties>")?;
        writeln!(
            out,
            "\t\t\t<property name=\"kpolicy.version\" value=\"{}\"/>",
            version()
        )?;
        writeln!(out, "\t\t</properties>")?;
        for case in &self.cases {
            case.write(&name, out)?;
        }
        writeln!(out, "\t</testsuite>")
    }
}

impl Case {
    fn write(&self, class: &str, out: &mut dyn Write) -> io::Result<()> {
        let name = attribute(&self.name);
        write!(
            out,
            "\t\t<testcase classname=\"{class}\" name=\"{name}\" time=\"0.000\""
        )?;
        match &self.outcome {
            Outcome::Passed => return writeln!(out, "/>"),
            Outcome::Skipped(message) => write!(out, ">\n\t\t\t<skipped message=\"{}\"/>", attribute(message))?,
            Outcome::Failed(message, sort, text) => {
                let (message, sort, text) = (attribute(message), attribute(sort), content(text));
                write!(
                    out,
                    ">\n\t\t\t<failure message=\"{message}\" type=\"{sort}\">{text}</failure>"
                )?;
            }
            Outcome::Error(message, text) => {
                let (message, text) = (attribute(message), content(text));
                write!(
                    out,
                    ">\n\t\t\t<error message=\"{message}\" type=\"error\">{text}</error>"
                )?;
            }
        }
        writeln!(out, "\n\t\t</testcase>")
    }
}

/// A case for each rule that held: by its id where ids were kept, and otherwise called as the file, as conftest does.
fn passed(check: &Check) -> Vec<Case> {
    let file = &check.file;
    let names: Vec<String> = if check.held.is_empty() {
        vec![file.to_string(); check.successes]
    } else {
        check.passed().map(|rule| format!("{file} - {rule}")).collect()
    };
    let case = |name| Case {
        name,
        outcome: Outcome::Passed,
    };
    names.into_iter().map(case).collect()
}

/// The failure of a finding: what it is, and as its text the location, the message and what to do.
fn failure(finding: &Finding) -> Outcome {
    let place = &finding.location;
    let label = format!("{}[{}] {}", finding.kind.name(), finding.rule, finding.severity.name());
    let message = plain::message(finding);
    let text = format!(
        "{}:{}:{}\n{message}{}",
        place.file,
        place.line,
        place.column,
        plain::help(finding.remediation.as_deref())
    );
    Outcome::Failed(label, finding.kind.name().to_owned(), text)
}

/// Test tabs know a case by its name: of several that are called alike, the later ones are counted.
fn number_duplicates(cases: &mut [Case]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for case in cases {
        let count = seen.entry(case.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            case.name.push_str(&format!(" #{count}"));
        }
    }
}

/// A text between tags.
fn content(text: &str) -> String {
    escape(text, false)
}

/// A text between quotes; a line break or a tab there would be read as a blank.
fn attribute(text: &str) -> String {
    escape(text, true)
}

fn escape(text: &str, quoted: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in plain::paragraph(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // Also in the text, where `]]>` is not allowed.
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' if quoted => escaped.push_str("&#10;"),
            '\t' if quoted => escaped.push_str("&#9;"),
            // XML has no way at all to write them.
            '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_default()),
            other => escaped.push(other),
        }
    }
    escaped
}
