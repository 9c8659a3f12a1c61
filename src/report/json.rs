//! `json`: conftest's shape, with the rule, the severity and the location of each result beside it.

use std::io::{self, Write};

use serde_json::{Map, Value as Json, json};

use crate::finding::{
    Check, Finding, Input, Location, Problem, Related, RenderedBy, Report, State, Step, Subject, Unevaluated,
    Unmatched, Waived,
};

/// Writes the report as JSON: an array of one object for each file and namespace, as conftest does.
///
/// What could not be evaluated is an entry with `errors`, so that it is never mistaken for a file without findings.
pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let is_compared = report.comparison.is_some();
    let mut entries: Vec<Json> = report.checks.iter().map(|of| check(of, is_compared)).collect();
    entries.extend(fixed(report));
    if !report.problems.is_empty() {
        entries.push(json!({
            "filename": "", "namespace": "", "successes": 0,
            "errors": report.problems.iter().map(problem).collect::<Vec<_>>(),
        }));
    }
    entries.extend(report.unevaluated.files.iter().map(unevaluated_file));
    if report.unevaluated.listed {
        entries.extend(listed(&report.unevaluated));
    }
    entries.extend(unevaluated(&report.unevaluated));
    entries.extend(report.rendered.iter().map(rendered));
    super::write_json(&Json::Array(entries), out)
}

/// The policies that were not evaluated, as what conftest calls skipped.
fn unevaluated(unevaluated: &Unevaluated) -> Option<Json> {
    let not_configured = unevaluated.not_configured.iter().map(|missing| {
        let message = format!("not configured: it requires {}", missing.parameters.join(", "));
        json!({"msg": message, "rule": missing.policy, "reason": "not configured"})
    });
    let vacuous = unevaluated.vacuous.iter().map(|id| {
        let message = "no document has a kind and format that it applies to";
        json!({"msg": message, "rule": id, "reason": "nothing to judge"})
    });
    let skipped: Vec<Json> = not_configured.chain(vacuous).collect();
    (!skipped.is_empty()).then(|| json!({"filename": "", "namespace": "", "successes": 0, "skipped": skipped}))
}

/// A file that no policy is for, as what conftest calls skipped.
fn unevaluated_file(file: &Input) -> Json {
    let skipped = json!({"msg": "no policy applies to its documents", "reason": "no policy"});
    json!({"filename": filename(file), "namespace": "", "successes": 0, "skipped": [skipped]})
}

/// What was not evaluated, as what conftest calls skipped: documents of files with others, and files that were not read.
fn listed(unevaluated: &Unevaluated) -> impl Iterator<Item = Json> + '_ {
    let entry = |file: &Input, document: Option<usize>, reason: &str| {
        let mut skipped = json!({"msg": reason, "reason": reason});
        if let Some(index) = document {
            skipped["document"] = (index + 1).into();
        }
        json!({"filename": filename(file), "namespace": "", "successes": 0, "skipped": [skipped]})
    };
    let is_apart = |unmatched: &&Unmatched| unevaluated.files.binary_search(&unmatched.file).is_err();
    let documents = unevaluated.documents.iter().filter(is_apart);
    let documents = documents.map(move |unmatched| entry(&unmatched.file, unmatched.document, &unmatched.reason()));
    let skipped = unevaluated.skipped.iter();
    documents.chain(skipped.map(move |skipped| entry(&Input::of_path(&skipped.path), None, skipped.reason.text())))
}

/// conftest leaves the name of standard input empty.
fn filename(file: &Input) -> &str {
    if *file == Input::Stdin { "" } else { file }
}

/// What was there before and is no more, by file and namespace.
fn fixed(report: &Report) -> Vec<Json> {
    let fixed = report.comparison.iter().flat_map(|comparison| &comparison.fixed);
    let mut entries: Vec<(&Input, &str, Vec<Json>)> = Vec::new();
    for finding in fixed {
        let (file, namespace) = (&finding.location.file, finding.namespace.as_str());
        match entries
            .iter_mut()
            .find(|(known, of, _)| *known == file && *of == namespace)
        {
            Some((.., found)) => found.push(result(finding, None)),
            None => entries.push((file, namespace, vec![result(finding, None)])),
        }
    }
    let entry = |(file, namespace, fixed): (&Input, &str, Vec<Json>)| json!({"filename": filename(file), "namespace": namespace, "successes": 0, "fixed": fixed});
    entries.into_iter().map(entry).collect()
}

fn check(check: &Check, is_compared: bool) -> Json {
    let mut entry = Map::new();
    entry.insert("filename".into(), filename(&check.file).into());
    entry.insert("namespace".into(), check.namespace.as_str().into());
    entry.insert("successes".into(), check.successes.into());
    for (name, fails) in [("warnings", false), ("failures", true)] {
        let found: Vec<Json> = check
            .with_states()
            .into_iter()
            .filter(|(finding, _)| finding.kind.fails() == fails)
            .map(|(finding, state)| result(finding, Some(state).filter(|_| is_compared)))
            .collect();
        if !found.is_empty() {
            entry.insert(name.into(), found.into());
        }
    }
    if !check.waived.is_empty() {
        entry.insert("exceptions".into(), check.waived.iter().map(waived).collect());
    }
    if check.passed().next().is_some() {
        entry.insert(
            "passed".into(),
            check.passed().map(|rule| json!({"rule": rule})).collect(),
        );
    }
    Json::Object(entry)
}

fn result(finding: &Finding, state: Option<State>) -> Json {
    let mut metadata = finding.metadata.clone();
    metadata.insert(
        "query".into(),
        format!("data.{}.{}", finding.namespace, finding.rule_name).into(),
    );
    let mut entry = Map::new();
    entry.insert("msg".into(), finding.message.as_str().into());
    if let Some(reported) = &finding.reported_location {
        entry.insert("loc".into(), reported.clone());
    }
    entry.insert("metadata".into(), metadata.into());
    entry.insert("rule".into(), finding.rule.as_str().into());
    entry.insert("severity".into(), finding.severity.name().into());
    entry.insert("fingerprint".into(), finding.fingerprint().into());
    if let Some(state) = state {
        entry.insert("state".into(), state.name().into());
    }
    if let Some(subject) = &finding.subject {
        entry.insert("resource".into(), resource(subject));
    }
    if let Some(environment) = &finding.environment {
        entry.insert("environment".into(), environment.as_str().into());
    }
    entry.insert("location".into(), location(&finding.location));
    if !finding.related.is_empty() {
        entry.insert("related".into(), finding.related.iter().map(related).collect());
    }
    Json::Object(entry)
}

/// What a result is about; what the document does not say is omitted.
fn resource(subject: &Subject) -> Json {
    let said: Vec<(&str, &str)> = match subject {
        Subject::Object { resource, container } => vec![
            ("kind", &resource.kind),
            ("namespace", &resource.namespace),
            ("name", &resource.name),
            ("container", container.as_deref().unwrap_or_default()),
        ],
        Subject::Terraform { address, action } => {
            vec![("address", address), ("action", action.as_deref().unwrap_or_default())]
        }
        Subject::Instruction { stage, instruction, .. } => vec![("stage", stage), ("instruction", instruction)],
    };
    let said = said.into_iter().filter(|(_, text)| !text.is_empty());
    Json::Object(said.map(|(field, text)| (field.to_owned(), text.into())).collect())
}

fn location(place: &Location) -> Json {
    let path: Vec<Json> = place
        .path
        .iter()
        .map(|step| match step {
            Step::Index(index) => (*index).into(),
            Step::Key(key) => key.as_str().into(),
        })
        .collect();
    json!({
        "file": &*place.file, "line": place.line, "column": place.column,
        "end_line": place.end_line, "end_column": place.end_column,
        "path": path, "path_text": place.path_text, "document": place.document,
        "confidence": place.confidence.name(),
    })
}

/// A further location; of what was rendered, its lines are those of the program's output.
fn related(related: &Related) -> Json {
    let place = &related.location;
    let excerpt = place.excerpt.iter().find(|line| line.number == place.line);
    json!({
        "msg": related.message, "file": &*place.file, "line": place.line, "column": place.column,
        "end_line": place.end_line, "end_column": place.end_column, "rendered": related.is_rendered,
        "text": excerpt.map(|line| line.text.as_str()),
    })
}

/// What a program rendered, and how.
fn rendered(rendered: &RenderedBy) -> Json {
    let mut by = json!({"program": rendered.program, "version": rendered.version, "values": rendered.values});
    let said = [
        ("environment", &rendered.environment),
        ("kubernetes", &rendered.kubernetes),
        ("remark", &rendered.remark),
    ];
    for (key, text) in said {
        if let Some(text) = text {
            by[key] = text.as_str().into();
        }
    }
    json!({"filename": rendered.path, "namespace": "", "successes": 0, "rendered": by})
}

fn waived(waived: &Waived) -> Json {
    let findings: Vec<Json> = waived.findings.iter().map(|finding| result(finding, None)).collect();
    json!({
        "msg": waived.reason, "rule": format!("{}/{}", waived.namespace, waived.rule_name), "findings": findings,
    })
}

fn problem(problem: &Problem) -> Json {
    let mut entry = json!({"msg": problem.message, "place": problem.place, "help": problem.help});
    if let Some(file) = &problem.file {
        entry["location"] = json!({"file": &**file});
    }
    if let Some(place) = problem.excerpt.as_deref() {
        entry["location"] = json!({
            "file": &*place.file, "line": place.line, "column": place.column,
            "end_line": place.end_line, "end_column": place.end_column,
        });
    }
    entry
}
