//! `sarif`: SARIF 2.1.0, as GitHub's code scanning and other security tabs read it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::identity::Identities;
use super::paths::{link_uri, uri};
use super::plain::{self, clip, paragraph};
use super::{Options, by_severity, plural, remarks, version, write_json};
use crate::finding::{
    Finding, Location, Problem, Related, Report, RuleInfo, Severity, State, Subject, Waived, WaiverSource,
};

/// Results of a run beyond which GitHub refuses the file.
const MOST_RESULTS: usize = 25_000;
/// Characters of a message.
const LONGEST: usize = 4000;
/// Characters of a rule's descriptions that GitHub takes.
const LONGEST_DESCRIPTION: usize = 1024;

/// A finding, and what became of it.
type Row<'a> = (&'a Finding, Fate<'a>);

/// What became of a finding.
#[derive(Clone, Copy)]
enum Fate<'a> {
    Found(State),
    /// It was there before and is no more.
    Fixed,
    Waived(&'a Waived),
}

impl Fate<'_> {
    /// The word for what it is beside what was there before.
    fn baseline_state(self) -> Option<&'static str> {
        match self {
            Self::Found(State::New) => Some("new"),
            Self::Found(State::Existing) => Some("unchanged"),
            Self::Fixed => Some("absent"),
            Self::Waived(_) => None,
        }
    }
}

/// Writes the report as SARIF.
pub(super) fn render(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = rows(report);
    let left_out = rows.split_off(rows.len().min(MOST_RESULTS)).len();
    let rules = rules(report, &rows);
    let described = rules.iter().map(|(id, rule)| rule.describe(id, report.rules.get(*id)));
    let note = |note: String| json!({"level": "note", "message": {"text": paragraph(&note)}});
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kpolicy",
                "semanticVersion": version(),
                "rules": described.collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                "%SRCROOT%": {"description": {"text": "The root of the repository."}},
            },
            "invocations": [{
                "executionSuccessful": report.problems.is_empty(),
                "toolExecutionNotifications": notifications(report, left_out, options),
                "toolConfigurationNotifications": remarks(report).into_iter().map(note).collect::<Vec<_>>(),
            }],
            "results": results(report, &rows, &rules, options),
        }],
    });
    write_json(&log, out)
}

/// All that was found, the most severe first, and after it what was there before and what was waived.
fn rows(report: &Report) -> Vec<Row<'_>> {
    let found = by_severity(report)
        .into_iter()
        .map(|finding| (finding, Fate::Found(State::New)));
    let existing = report.checks.iter().flat_map(|check| &check.existing);
    let existing = existing.map(|finding| (finding, Fate::Found(State::Existing)));
    let waived = report.checks.iter().flat_map(|check| &check.waived);
    let waived = waived.flat_map(|waived| {
        let findings = waived.findings.iter();
        findings.map(move |finding| (finding, Fate::Waived(waived)))
    });
    let fixed = report.comparison.iter().flat_map(|comparison| &comparison.fixed);
    let fixed = fixed.map(|finding| (finding, Fate::Fixed));
    found.chain(existing).chain(waived).chain(fixed).collect()
}

fn results(report: &Report, rows: &[Row], rules: &BTreeMap<&str, Rule>, options: &Options) -> Vec<Json> {
    let mut identities = Identities::default();
    let written = rows.iter().map(|(finding, fate)| {
        let level = level(report.fails(finding), finding.severity);
        let mut result = result(finding, level, &mut identities, options);
        result["ruleIndex"] = rules.keys().position(|id| *id == finding.rule).into();
        if let Some(state) = fate.baseline_state().filter(|_| report.comparison.is_some()) {
            result["baselineState"] = state.into();
        }
        if let Fate::Waived(waived) = fate {
            let kind = match waived.source {
                WaiverSource::Comment | WaiverSource::Annotation => "inSource",
                WaiverSource::Exception | WaiverSource::Settings => "external",
            };
            result["suppressions"] =
                json!([{"kind": kind, "status": "accepted", "justification": paragraph(&waived.reason)}]);
        }
        result
    });
    written.collect()
}

/// What could not be evaluated, and how many results are not here.
fn notifications(report: &Report, left_out: usize, options: &Options) -> Vec<Json> {
    let problems = report.problems.iter();
    let mut notifications: Vec<Json> = problems.map(|problem| notification(problem, options)).collect();
    if left_out > 0 {
        let text = format!(
            "{} omitted, the least severe: a SARIF run is limited to {MOST_RESULTS} results",
            plural(left_out, "result")
        );
        notifications.push(json!({"level": "warning", "message": {"text": text}}));
    }
    notifications
}

/// What is known of a rule by its findings.
struct Rule {
    severity: Severity,
    fails: bool,
}

fn rules<'a>(report: &Report, rows: &[Row<'a>]) -> BTreeMap<&'a str, Rule> {
    let mut rules: BTreeMap<&str, Rule> = BTreeMap::new();
    for (finding, _) in rows {
        let rule = rules.entry(&finding.rule).or_insert(Rule {
            severity: finding.severity,
            fails: false,
        });
        // The first severity is the most severe.
        rule.severity = rule.severity.min(finding.severity);
        rule.fails |= report.fails(finding);
    }
    rules
}

impl Rule {
    fn describe(&self, id: &str, info: Option<&RuleInfo>) -> Json {
        let title = info.and_then(|info| info.title.as_deref()).unwrap_or(id);
        let description = info.and_then(|info| info.description.as_deref()).unwrap_or(title);
        let remediation = info.and_then(|info| info.remediation.as_deref());
        let links = info.map(|info| info.links.as_slice()).unwrap_or_default();
        let mut text = description.to_owned();
        let mut markdown = format!("**{title}**\n\n{description}\n");
        if let Some(remediation) = remediation {
            text.push_str(&format!("\n\n{remediation}"));
            markdown.push_str(&format!("\n**What to do:** {remediation}\n"));
        }
        for link in links {
            text.push_str(&format!("\n{link}"));
            markdown.push_str(&format!("\n- <{}>\n", link_uri(link)));
        }
        let mut properties = json!({"tags": ["security"], "precision": "high"});
        if let Some(score) = score(self.severity) {
            properties["security-severity"] = score.into();
        }
        let mut rule = json!({
            "id": id,
            "name": clip(id, 255),
            "shortDescription": {"text": clip(&paragraph(title), LONGEST_DESCRIPTION)},
            "fullDescription": {"text": clip(&paragraph(description), LONGEST_DESCRIPTION)},
            "help": {"text": paragraph(&text), "markdown": paragraph(&markdown)},
            "defaultConfiguration": {"level": level(self.fails, self.severity)},
            "properties": properties,
        });
        if let Some(link) = links.iter().find(|link| link.starts_with("https://")) {
            rule["helpUri"] = link_uri(link).into();
        }
        rule
    }
}

/// GitHub's score, from whose ranges it reads critical, high, medium and low.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("3.0"),
        Severity::Info => None,
    }
}

fn level(fails: bool, severity: Severity) -> &'static str {
    match (fails, severity) {
        (true, _) => "error",
        (false, Severity::Info) => "note",
        (false, _) => "warning",
    }
}

fn result(finding: &Finding, level: &str, identities: &mut Identities, options: &Options) -> Json {
    let place = &finding.location;
    let path = options.base.path(&place.file).unwrap_or_else(|| "stdin".to_owned());
    let mut location = json!({"physicalLocation": physical(&path, place)});
    if let Some(subject) = &finding.subject {
        location["logicalLocations"] = logical(subject).into();
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level,
        "message": {"text": paragraph(&clip(&plain::message(finding), LONGEST))},
        "locations": [location],
        "partialFingerprints": {"kpolicy/v1": identities.of(finding, &path)},
        "properties": {
            "severity": finding.severity.name(),
            "confidence": place.confidence.name(),
            "namespace": finding.namespace,
            "path": paragraph(&place.path_text),
        },
    });
    if !finding.related.is_empty() {
        result["relatedLocations"] = finding.related.iter().map(|place| related(place, options)).collect();
    }
    result
}

/// A further location; what was rendered is in no file.
fn related(related: &Related, options: &Options) -> Json {
    let mut location = json!({"message": {"text": paragraph(&clip(&plain::related(related), LONGEST))}});
    let path = options
        .base
        .path(&related.location.file)
        .filter(|_| !related.is_rendered);
    if let Some(path) = path {
        location["physicalLocation"] = physical(&path, &related.location);
    }
    location
}

/// What the result is about, and the container in it.
fn logical(subject: &Subject) -> Vec<Json> {
    let entry = |name: &str, whole: &str, kind: &str| json!({"name": paragraph(name), "fullyQualifiedName": paragraph(whole), "kind": kind});
    match subject {
        Subject::Object { resource, container } => {
            let whole = resource.to_string();
            let name = [&resource.name, &resource.kind]
                .into_iter()
                .find(|name| !name.is_empty());
            let mut entries = vec![entry(name.map_or("", String::as_str), &whole, "resource")];
            entries.extend(
                container
                    .iter()
                    .map(|name| entry(name, &format!("{whole}/{name}"), "container")),
            );
            entries
        }
        Subject::Terraform { address, .. } => vec![entry(address, address, "resource")],
        Subject::Instruction { stage, instruction, .. } => vec![
            entry(stage, stage, "stage"),
            entry(instruction, &format!("{stage}/{instruction}"), "instruction"),
        ],
    }
}

fn artifact(path: &str) -> Json {
    if path.starts_with('/') {
        json!({"uri": format!("file://{}", uri(path))})
    } else {
        json!({"uri": uri(path), "uriBaseId": "%SRCROOT%"})
    }
}

fn physical(path: &str, place: &Location) -> Json {
    json!({
        "artifactLocation": artifact(path),
        "region": {
            "startLine": place.line, "startColumn": place.column,
            "endLine": place.end_line, "endColumn": place.end_column,
        },
    })
}

fn notification(problem: &Problem, options: &Options) -> Json {
    let at = plain::place(problem).map(|at| format!("{at}: ")).unwrap_or_default();
    let help = problem
        .help
        .as_deref()
        .map(|help| format!(" ({help})"))
        .unwrap_or_default();
    let text = format!("{at}{}{help}", problem.message);
    let mut notification = json!({"level": "error", "message": {"text": paragraph(&clip(&text, LONGEST))}});
    if let Some(path) = problem.file.as_ref().and_then(|file| options.base.path(file)) {
        let location = match problem.excerpt.as_deref() {
            Some(place) => physical(&path, place),
            None => json!({"artifactLocation": artifact(&path)}),
        };
        notification["locations"] = json!([{"physicalLocation": location}]);
    }
    notification
}
