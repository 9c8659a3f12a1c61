//! `kpolicy waivers`: every waiver, what it waives now, and when it ends; and the waivers to write instead of what other
//! checkers skip.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use clap::ArgMatches;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::evaluate::Read;
use crate::finding::{Check, Finding, Status, Waived, WaiverSource};
use crate::input;
use crate::reading::Empty;
use crate::report;
use crate::run::{self, Run};
use crate::settings::Settings;
use crate::waiver::foreign::{self, Foreign};
use crate::waiver::{Use, Waiver};

/// Days before its end in which a waiver is said to expire soon.
const SOON: i32 = 30;

/// Prints the waivers.
pub fn run(
    matches: &ArgMatches,
    settings: &Settings,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Status, Error> {
    let mut run = Run::without_baseline(settings, None, notes)?;
    run::warn(settings, &mut run.outcome.warnings, notes);
    let is_json = matches
        .get_one::<String>("format")
        .is_some_and(|format| format == "json");
    let written = if matches.get_flag("import") {
        let lines = imports(settings, &run);
        match is_json {
            true => write_json(Json::Array(lines.iter().map(Import::json).collect()), out),
            false => lines.iter().try_for_each(|line| line.write(out)),
        }
    } else {
        let listed = listed(&run);
        match is_json {
            true => write_json(Json::Array(listed.iter().map(Listed::json).collect()), out),
            false => text(&listed, out),
        }
    };
    written.map_err(Error::Output)?;
    let report = run.settle(settings);
    if report.problems.is_empty() {
        return Ok(Status::Clean);
    }
    let color = settings.color.on(std::io::stderr().is_terminal());
    let _ = report::render_problems(&report.problems, false, color, notes);
    Ok(Status::Unusable)
}

/// A waiver and what it waives now.
struct Listed<'a> {
    source: WaiverSource,
    rules: Vec<&'a str>,
    /// The file and the line; of an exception of a policy nothing.
    place: Option<(String, usize)>,
    reason: &'a str,
    waiver: Option<&'a Waiver>,
    status: &'static str,
    findings: Vec<&'a Finding>,
}

/// Every waiver of a run: those in files, those of the settings, then the exceptions of policies.
fn listed(run: &Run) -> Vec<Listed<'_>> {
    let all = || run.outcome.checks.iter().flat_map(|check: &Check| &check.waived);
    let mut listed: Vec<Listed> = Vec::new();
    for (at, (waiver, used)) in run.waivers.iter().zip(&run.uses).enumerate() {
        let findings = all().filter(|waived| waived.waiver == Some(at));
        listed.push(Listed {
            source: waiver.source,
            rules: waiver.policy.iter().map(|pattern| pattern.text.as_str()).collect(),
            place: Some((waiver.location.file.to_string(), waiver.location.line)),
            reason: &waiver.reason,
            waiver: Some(waiver),
            status: status(waiver, used),
            findings: findings.flat_map(|waived| &waived.findings).collect(),
        });
    }
    let mut exceptions: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for waived in all().filter(|waived: &&Waived| waived.source == WaiverSource::Exception) {
        let key = (waived.rule.as_str(), waived.reason.as_str());
        exceptions.entry(key).or_default().extend(&waived.findings);
    }
    listed.extend(exceptions.into_iter().map(|((rule, reason), findings)| Listed {
        source: WaiverSource::Exception,
        rules: vec![rule],
        place: None,
        reason,
        waiver: None,
        status: "active",
        findings,
    }));
    listed.sort_by(|a, b| (a.place.is_none(), &a.place).cmp(&(b.place.is_none(), &b.place)));
    listed
}

/// What a waiver is today.
fn status(waiver: &Waiver, used: &Use) -> &'static str {
    let today = run::today();
    let left = waiver.expires.and_then(|last| today.until(last).ok());
    match left.map(|left| left.get_days()) {
        Some(days) if days < 0 => "expired",
        _ if used.forbidden > 0 => "forbidden",
        _ if used.waived == 0 => "unused",
        Some(days) if days <= SOON => "expires soon",
        _ => "active",
    }
}

impl Listed<'_> {
    fn expires(&self) -> Option<String> {
        Some(self.waiver?.expires?.to_string())
    }

    fn json(&self) -> Json {
        let findings = self.findings.iter().map(|finding| {
            let place = &finding.location;
            json!({
                "rule": finding.rule, "msg": finding.message, "fingerprint": finding.fingerprint(),
                "file": &*place.file, "line": place.line, "column": place.column,
            })
        });
        json!({
            "kind": self.source.name(),
            "rules": self.rules,
            "file": self.place.as_ref().map(|(file, _)| file),
            "line": self.place.as_ref().map(|(_, line)| line),
            "reason": self.reason,
            "expires": self.expires(),
            "owner": self.waiver.and_then(|waiver| waiver.owner.as_ref()),
            "ticket": self.waiver.and_then(|waiver| waiver.ticket.as_ref()),
            "status": self.status,
            "waives": findings.collect::<Vec<_>>(),
        })
    }
}

fn text(listed: &[Listed], out: &mut dyn Write) -> std::io::Result<()> {
    for waiver in listed {
        let place = match &waiver.place {
            Some((file, line)) => format!("{file}:{line}: "),
            None => String::new(),
        };
        let rules = waiver.rules.join(", ");
        report::render_notice(
            &format!("{place}{} [{rules}] {}", waiver.source.name(), waiver.reason),
            out,
        )?;
        let of = |name: &str, value: Option<String>| value.map(|value| format!("{name} {value}"));
        let said = [
            Some(waiver.status.to_owned()),
            of("expires", waiver.expires()),
            of("owner", waiver.waiver.and_then(|waiver| waiver.owner.clone())),
            of("ticket", waiver.waiver.and_then(|waiver| waiver.ticket.clone())),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        report::render_notice(&format!("  {}", said.join(", ")), out)?;
        for finding in &waiver.findings {
            let place = &finding.location;
            let (file, rule, message) = (&place.file, &finding.rule, &finding.message);
            let line = format!("  waives {file}:{}:{}: {rule}: {message}", place.line, place.column);
            report::render_notice(&line, out)?;
        }
    }
    let of = |status: &str| listed.iter().filter(|waiver| waiver.status == status).count();
    let counts = ["active", "expires soon", "expired", "unused", "forbidden"].map(|status| (of(status), status));
    let counts: Vec<String> = counts
        .iter()
        .map(|(count, status)| format!("{count} {status}"))
        .collect();
    let total = match listed.len() {
        1 => "1 waiver".to_owned(),
        total => format!("{total} waivers"),
    };
    report::render_notice(&format!("{total}: {}", counts.join(", ")), out)
}

fn write_json(json: Json, out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

/// A skip of another checker, and where its waiver is needed.
struct Import {
    foreign: Foreign,
    /// The lines of the findings that it is meant for.
    lines: Vec<usize>,
}

/// The skips of other checkers in the files of a run.
fn imports(settings: &Settings, run: &Run) -> Vec<Import> {
    let discovery = input::discover(&settings.paths, settings.selection());
    let mut found: Vec<Foreign> = Vec::new();
    for source in &discovery.sources {
        // What cannot be read is a problem of the run.
        let read = Read::source(source, settings.limits(), settings.context(), Empty::Dropped);
        found.extend(read.iter().flat_map(foreign::of));
    }
    let lines = |foreign: &Foreign| {
        let findings = run.outcome.checks.iter().flat_map(|check| &check.findings);
        let meant = findings.filter(|finding| {
            finding.location.file == foreign.location.file && foreign.policies.contains(&finding.rule.as_str())
        });
        let mut lines: Vec<usize> = meant.map(|finding| finding.location.line).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    };
    let import = |foreign: Foreign| Import {
        lines: lines(&foreign),
        foreign,
    };
    found.sort_by(|a, b| a.location.cmp(&b.location));
    found.into_iter().map(import).collect()
}

impl Import {
    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let (place, tool, check) = (&self.foreign.location, self.foreign.tool, &self.foreign.check);
        report::render_notice(&format!("{}:{}: {tool} skips {check}", place.file, place.line), out)?;
        let instead = self.foreign.instead();
        if instead.is_empty() {
            return report::render_notice("  no policy of the library is for the same subject", out);
        }
        for line in instead {
            report::render_notice(&format!("  write {line}"), out)?;
        }
        let lines: Vec<String> = self.lines.iter().map(usize::to_string).collect();
        let at = match lines.as_slice() {
            [] => "these policies find nothing in the file: no waiver is needed".to_owned(),
            lines => format!("for the findings on line {}", lines.join(", ")),
        };
        report::render_notice(&format!("  {at}"), out)
    }

    fn json(&self) -> Json {
        let place = &self.foreign.location;
        json!({
            "tool": self.foreign.tool, "check": self.foreign.check, "reason": self.foreign.reason,
            "file": &*place.file, "line": place.line, "policies": self.foreign.policies,
            "write": self.foreign.instead(), "findings": self.lines,
        })
    }
}
