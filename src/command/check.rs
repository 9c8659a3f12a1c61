//! `kpolicy check`: compile errors of policies, and what the lints find, as a report.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use clap::ArgMatches;

use super::test::{deliver_unusable, options};
use super::verify;
use crate::delivery;
use crate::error::Error;
use crate::finding::{
    Check, Counts, Finding, Input, Kind, Order, Problem, Report, RuleInfo, Severity, Status, Waived, WaiverSource,
};
use crate::policy::lints::{LINTS, Level, Reported};
use crate::policy::{self, Checked, Fault, data, schemas};
use crate::report;
use crate::run::policies::request;
use crate::run::{verdict, warn};
use crate::settings::Settings;

/// The namespace of findings about policies.
const NAMESPACE: &str = "check";

/// Checks the policies that the arguments and the settings name, and writes the report.
pub fn run(
    matches: &ArgMatches,
    settings: &Settings,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<Report, Error> {
    let started = Instant::now();
    let checked = match checked(matches, settings, notes) {
        Ok(checked) => checked,
        Err(Error::Problems(mut problems)) => {
            problems.extend(deliver_unusable(&problems, settings, out));
            return Err(Error::Problems(problems));
        }
        Err(other) => return Err(other),
    };
    let report = settle(checked, settings);
    if !report.problems.is_empty() && !delivery::shows_problems(settings) {
        let color = settings.color.on(io::stderr().is_terminal());
        let _ = report::render_problems(&report.problems, false, color, notes);
    }
    let silent = settings.quiet && report.status == Status::Clean && report.findings().next().is_none();
    delivery::deliver(&report, settings, &options(settings, started.elapsed()), silent, out)?;
    Ok(report)
}

fn checked(matches: &ArgMatches, settings: &Settings, notes: &mut dyn Write) -> Result<Checked, Error> {
    let policy = verify::policies(matches, settings, "kpolicy check policy/")?;
    let mut warnings = Vec::new();
    let data =
        data::load(&settings.data, &settings.written, settings.limits(), &mut warnings).map_err(Error::Problems)?;
    warn(settings, &mut warnings, notes);
    let data = data::with_params(data, settings.params.as_ref()).map_err(Error::Problems)?;
    let request = policy::Request {
        policy: &policy,
        schemas: Some(schemas::load(settings.schema.as_deref(), settings.limits()).map_err(Error::Problems)?),
        ..request(settings, None, data)
    };
    policy::check(&request).map_err(Error::Problems)
}

/// The report of what was found, file by file.
fn settle(checked: Checked, settings: &Settings) -> Report {
    let enabled: Vec<_> = LINTS
        .iter()
        .filter(|lint| settings.lints.of(lint) != Level::Off)
        .collect();
    let mut checks: BTreeMap<String, Check> = BTreeMap::new();
    for module in &checked.modules {
        let check = Check {
            file: Input::File(module.path.clone()),
            namespace: NAMESPACE.to_owned(),
            ..Check::default()
        };
        checks.insert(module.path.clone(), check);
    }
    let counts = Counts {
        documents: checked.modules.len(),
        files: checked.modules.len(),
        rules: enabled.len(),
    };
    let mut problems = Vec::new();
    let mut rules: BTreeMap<String, RuleInfo> = enabled
        .iter()
        .map(|lint| (lint.id.to_owned(), described(lint)))
        .collect();
    for Fault { code, problem } in checked.errors {
        match finding(code, Kind::Deny, problem) {
            Ok(found) => {
                rules.entry(code.to_owned()).or_default();
                check_of(&mut checks, &found).findings.push(found);
            }
            Err(problem) => problems.push(problem),
        }
    }
    for reported in checked.lints {
        let (id, ignored) = (reported.lint.id, reported.ignored.clone());
        match (finding(id, kind(&reported, settings.strict), reported.problem), ignored) {
            (Ok(found), None) => check_of(&mut checks, &found).findings.push(found),
            (Ok(found), Some(reason)) => {
                let waived = waived(&found, reason);
                check_of(&mut checks, &found).waived.push(waived);
            }
            (Err(problem), _) => problems.push(problem),
        }
    }
    for check in checks.values_mut() {
        let found: BTreeSet<&str> = check.findings.iter().map(|finding| finding.rule.as_str()).collect();
        check.successes = enabled.iter().filter(|lint| !found.contains(lint.id)).count();
    }
    let checks = checks.into_values().collect();
    Report::new(checks, problems, rules, counts, Order::Place, verdict(settings))
}

/// Whether what a lint found fails the check.
fn kind(reported: &Reported, strict: bool) -> Kind {
    match reported.level {
        Level::Error => Kind::Deny,
        _ if strict => Kind::Deny,
        Level::Warning | Level::Off => Kind::Warn,
    }
}

fn described(lint: &policy::lints::Lint) -> RuleInfo {
    RuleInfo {
        title: Some(lint.title.to_owned()),
        description: Some(lint.page.to_owned()),
        ..RuleInfo::default()
    }
}

fn check_of<'c>(checks: &'c mut BTreeMap<String, Check>, found: &Finding) -> &'c mut Check {
    let file = &found.location.file;
    checks.entry(file.to_string()).or_insert_with(|| Check {
        file: file.clone(),
        namespace: NAMESPACE.to_owned(),
        ..Check::default()
    })
}

/// A problem of a policy as a finding; one without a location stays a problem.
fn finding(id: &str, kind: Kind, problem: Problem) -> Result<Finding, Problem> {
    let Some(location) = problem.excerpt else {
        return Err(problem);
    };
    // The rule says the code already.
    let message = match problem.message.strip_prefix(&format!("{id}: ")) {
        Some(message) => message.to_owned(),
        None => problem.message,
    };
    Ok(Finding {
        location: *location,
        kind,
        severity: if kind.fails() { Severity::High } else { Severity::Medium },
        rule: id.to_owned(),
        namespace: NAMESPACE.to_owned(),
        rule_name: id.to_owned(),
        message,
        metadata: serde_json::Map::new(),
        reported_location: None,
        remediation: problem.help,
        subject: None,
        further: None,
        environment: None,
        related: Vec::new(),
    })
}

fn waived(found: &Finding, reason: String) -> Waived {
    Waived {
        file: found.location.file.clone(),
        rule: found.rule.clone(),
        namespace: found.namespace.clone(),
        rule_name: found.rule_name.clone(),
        reason,
        source: WaiverSource::Comment,
        waiver: None,
        findings: vec![found.clone()],
    }
}
