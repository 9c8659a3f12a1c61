//! Violations become findings: each at the place that its policy names, or else at the best of those that speak for it.

use crate::engine::{Candidate, Tie};
use crate::finding::{Confidence, Finding, Location, Resource};
use crate::judge::Violation;
use crate::locate::{Target, around, locate, underlined};
use crate::policy::Rule;
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;
use kpolicy_value::{LineIndex, Value};

/// The documents behind an input, to find places in.
pub struct Places<'a> {
    /// The documents, in the order of a combined input.
    pub documents: &'a [Document],
    /// The documents' format; nothing where several are together in one input.
    pub format: Option<Format>,
    /// Whether the input is `[{path, contents}]`, with all of them.
    pub combined: bool,
    /// The document's number, where its file holds several.
    pub number: Option<usize>,
}

impl Places<'_> {
    /// What messages call the document.
    pub fn name(&self) -> String {
        match (self.documents, self.number) {
            ([document], None) if !self.combined => document.file.path.clone(),
            ([document], Some(index)) => format!("{}, document {}", document.file.path, index + 1),
            _ => "all files together".to_owned(),
        }
    }

    /// The finding of a violation, at the best of the places that speak for it, given for each way to it.
    pub fn finding(&self, rule: &Rule, violation: Violation, ways: &[Vec<Candidate>]) -> Finding {
        let (at, target) = match &violation.path {
            Some(path) => self.document_of(path, false),
            None => self.first(ways),
        };
        let document = &self.documents[at];
        let mut location = locate(document, &target);
        if let Some(reported) = &violation.reported {
            let same_file = reported.file.as_ref().is_none_or(|file| *file == location.file);
            let index = document.file.lines();
            let line = reported.line.filter(|line| !same_file || *line <= index.count());
            if let Some(line) = line {
                location = at_line(location, reported.file.clone(), line, same_file.then_some(&index));
            }
        }
        Finding {
            location,
            kind: rule.kind,
            severity: rule.severity,
            rule: rule.id.clone(),
            namespace: rule.namespace.clone(),
            rule_name: rule.name.clone(),
            message: violation.message,
            metadata: violation.metadata,
            reported_location: violation.reported.map(|reported| reported.json),
            remediation: rule.info.remediation.clone(),
            resource: resource(&document.value, target.steps()),
        }
    }

    /// The place that stands first among those of each way to a violation.
    fn first(&self, ways: &[Vec<Candidate>]) -> (usize, Target) {
        let places = ways.iter().filter_map(|candidates| self.best(candidates));
        let first = places.min_by_key(|place| self.position(place));
        first.unwrap_or_else(|| self.document_of(&[], false))
    }

    /// The best of these, or of several as good, the first or the last in the text, as the tie says.
    fn best(&self, candidates: &[Candidate]) -> Option<(usize, Target)> {
        let (first, others) = candidates.split_first()?;
        let of = |candidate: &Candidate| {
            let path: Vec<Value> = candidate.path.iter().chain(&candidate.missing).cloned().collect();
            self.document_of(&path, candidate.key)
        };
        let mut best = of(first);
        for other in others.iter().take_while(|other| other.tie != Tie::None) {
            let (tie, other) = (other.tie, of(other));
            let is_later = self.position(&other) > self.position(&best);
            if is_later == (tie == Tie::Last) {
                best = other;
            }
        }
        Some(best)
    }

    /// What places are ordered by: documents that nothing is known in last.
    fn position(&self, (at, target): &(usize, Target)) -> (bool, usize, u32) {
        let start = underlined(&self.documents[*at], target).start;
        (*target == Target::Document, *at, start)
    }

    /// The document that a path leads into, and the rest of the path. A combined input's path starts with the
    /// document's index and `contents`.
    fn document_of(&self, path: &[Value], key: bool) -> (usize, Target) {
        let target = |path: &[Value]| match Target::of(path) {
            Target::Value(path) if key => Target::Key(path),
            target => target,
        };
        if !self.combined {
            return (0, target(path));
        }
        let [Value::Number(index), rest @ ..] = path else {
            return (0, Target::Document);
        };
        let at = index.as_i64().and_then(|index| usize::try_from(index).ok());
        match (at.filter(|at| *at < self.documents.len()), rest) {
            (Some(at), [first, rest @ ..]) if first.as_str() == Some("contents") => (at, target(rest)),
            (Some(at), _) => (at, Target::Document),
            (None, _) => (0, Target::Document),
        }
    }
}

/// The Kubernetes object that a path leads into: the innermost with a kind and metadata, so that of a list it is the
/// item and of a review the object. An object without a place is the document's own, or the one under review.
fn resource(document: &Value, path: &[Value]) -> Option<Resource> {
    let mut found = object(document);
    let mut at = document;
    for field in ["request", "review"] {
        let review = document.field(field);
        let reviewed = ["object", "oldObject"]
            .into_iter()
            .find_map(|name| object(review?.field(name)?));
        found = reviewed.or(found);
    }
    for step in path {
        let Some(below) = at.get(step) else { break };
        at = below;
        found = object(at).or(found);
    }
    found
}

fn object(value: &Value) -> Option<Resource> {
    let kind = value.field("kind").and_then(Value::as_str)?;
    let metadata = value.field("metadata")?;
    let text = |name: &str| {
        metadata
            .field(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let labels = metadata.field("labels").and_then(Value::as_object);
    let labels = labels.iter().flat_map(|labels| labels.iter());
    let label = |(key, value): &(Value, Value)| Some((key.key_text(), value.as_str()?.to_owned()));
    Some(Resource {
        labels: labels.filter_map(label).collect(),
        kind: kind.to_owned(),
        namespace: text("namespace").unwrap_or_default().to_owned(),
        name: text("name")
            .or_else(|| text("generateName"))
            .unwrap_or_default()
            .to_owned(),
    })
}

/// A line that the policy names in `_loc`, whole.
fn at_line(location: Location, file: Option<String>, line: usize, index: Option<&LineIndex>) -> Location {
    let text = index.map(|index| index.line(line)).unwrap_or_default();
    let indent = text.chars().take_while(|character| character.is_whitespace()).count();
    Location {
        file: file.unwrap_or(location.file),
        line,
        column: indent + 1,
        end_line: line,
        end_column: text.trim_end().chars().count().max(indent) + 1,
        confidence: Confidence::Exact,
        excerpt: index
            .map(|index| around(index, index.offset(line, indent + 1)))
            .unwrap_or_default(),
        document: location.document,
        path: location.path,
        path_text: location.path_text,
        missing: 0,
        lasting_path: location.lasting_path,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::resource;
    use kpolicy_value::Value;

    #[test]
    fn a_finding_is_about_the_innermost_object() {
        let pod = json!({"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {}});
        let list = Value::from_json(&json!({"kind": "List", "metadata": {}, "items": [pod]}));
        let named = |document: &Value, path: &[Value]| resource(document, path).map(|found| found.to_string());
        let item = named(&list, &["items".into(), 0_usize.into(), "spec".into(), "x".into()]);
        assert_eq!(item.as_deref(), Some("Pod shop/web"));
        assert_eq!(named(&list, &[]).as_deref(), Some("List"));
        let review = Value::from_json(&json!({"kind": "AdmissionReview", "request": {"object": pod}}));
        assert_eq!(named(&review, &[]).as_deref(), Some("Pod shop/web"));
        assert_eq!(named(&Value::from_json(&json!({"kind": "x"})), &[]), None);
    }
}
