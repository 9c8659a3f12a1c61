//! `tap`: the Test Anything Protocol, version 13, with conftest's descriptions.

use std::io::{self, Write};

use super::plain::{self, line};
use super::{Options, unevaluated};
use crate::finding::{Check, Finding, Input, Report};

/// Writes the report as TAP 13; as conftest's own `--output tap`, which has neither version nor diagnostics, where
/// its ways are asked for.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let checked = |check: &Check| check.successes + check.findings.len() + check.waived.len();
    let total = report.checks.iter().map(checked).sum::<usize>() + report.problems.len();
    if !options.conftest {
        writeln!(out, "TAP version 13")?;
    } else if total == 0 {
        return Ok(());
    }
    writeln!(out, "1..{total}")?;
    let mut tap = Tap {
        next: 1,
        diagnostics: !options.conftest,
        out,
    };
    for check in &report.checks {
        tap.check(check)?;
    }
    for problem in &report.problems {
        let place = if problem.place.is_empty() {
            "kpolicy"
        } else {
            &problem.place
        };
        tap.point(false, &Input::of_path(place), "error", &problem.message, "")?;
    }
    for note in unevaluated(report).iter().filter(|_| !options.conftest) {
        writeln!(tap.out, "# {}", line(note))?;
    }
    Ok(())
}

struct Tap<'a> {
    next: usize,
    diagnostics: bool,
    out: &'a mut dyn Write,
}

impl Tap<'_> {
    fn check(&mut self, check: &Check) -> io::Result<()> {
        for (fails, head) in [(true, ""), (false, "# warnings")] {
            let mut found = check
                .findings
                .iter()
                .filter(|finding| finding.kind.fails() == fails)
                .peekable();
            if found.peek().is_some() && !head.is_empty() {
                writeln!(self.out, "{head}")?;
            }
            for finding in found {
                self.of(check, false, &plain::message(finding), "")?;
                self.diagnose(finding)?;
            }
        }
        if !check.waived.is_empty() {
            writeln!(self.out, "# exceptions")?;
        }
        for waived in &check.waived {
            let directive = if self.diagnostics { " # SKIP waived" } else { "" };
            self.of(check, true, &waived.reason, directive)?;
        }
        if check.successes > 0 {
            writeln!(self.out, "# successes")?;
        }
        for _ in 0..check.successes {
            self.of(check, true, "SUCCESS", "")?;
        }
        Ok(())
    }

    fn of(&mut self, check: &Check, ok: bool, message: &str, directive: &str) -> io::Result<()> {
        self.point(ok, &check.file, &check.namespace, message, directive)
    }

    fn point(&mut self, ok: bool, file: &Input, namespace: &str, message: &str, directive: &str) -> io::Result<()> {
        let word = if ok { "ok" } else { "not ok" };
        let file = match file {
            // conftest leaves the name of standard input out.
            Input::Stdin => "-".to_owned(),
            _ => format!("- {}", description(file)),
        };
        let (namespace, message) = (description(namespace), description(message));
        writeln!(
            self.out,
            "{word} {} {file} - {namespace} - {message}{directive}",
            self.next
        )?;
        self.next += 1;
        Ok(())
    }

    /// What else is known of a failed point, as YAML; JSON's strings are YAML's.
    fn diagnose(&mut self, finding: &Finding) -> io::Result<()> {
        if !self.diagnostics {
            return Ok(());
        }
        let place = &finding.location;
        let text = |text: &str| serde_json::Value::from(plain::paragraph(text)).to_string();
        writeln!(self.out, "  ---")?;
        writeln!(self.out, "  rule: {}", text(&finding.rule))?;
        writeln!(self.out, "  severity: {}", finding.severity.name())?;
        writeln!(self.out, "  file: {}", text(&place.file))?;
        writeln!(self.out, "  line: {}", place.line)?;
        writeln!(self.out, "  column: {}", place.column)?;
        if let Some(help) = &finding.remediation {
            writeln!(self.out, "  help: {}", text(help))?;
        }
        writeln!(self.out, "  ...")
    }
}

/// A description, in which `#` begins no directive that would turn a failure into a success.
fn description(text: &str) -> String {
    line(text).replace('#', "\\#")
}
