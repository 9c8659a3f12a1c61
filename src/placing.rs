//! Violations become findings: each at the location that its policy names, or else at its best candidate.

use crate::engine::{Candidate, Preference};
use crate::finding::{Confidence, Finding, Input, Location};
use crate::locate::{Target, around, locate, underlined};
use crate::policy::Rule;
use crate::results::Violation;
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;
use kpolicy_value::{LineIndex, Value};

mod subject;

pub(crate) use subject::subject;
pub use subject::subjects;

/// The documents of an input, to find locations in.
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

    /// The finding of a violation, at the best of the locations that speak for it, given for each way to it.
    pub fn finding(&self, rule: &Rule, violation: Violation, derivations: &[Vec<Candidate>]) -> Finding {
        let (at, target) = match &violation.path {
            Some(path) => self.document_of(path, false),
            None => self.first(derivations),
        };
        let document = &self.documents[at];
        let mut location = locate(document, &target);
        if let Some(reported) = &violation.reported {
            let same_file = reported.file.as_ref().is_none_or(|file| *file == *location.file);
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
            subject: subject(document, self.format, target.steps()),
            further: None,
            environment: None,
            related: Vec::new(),
        }
    }

    /// The location that comes first among those of each way to a violation.
    fn first(&self, derivations: &[Vec<Candidate>]) -> (usize, Target) {
        let places = derivations.iter().filter_map(|candidates| self.best(candidates));
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
        for other in others.iter().take_while(|other| other.preference != Preference::None) {
            let (preference, other) = (other.preference, of(other));
            let is_later = self.position(&other) > self.position(&best);
            if is_later == (preference == Preference::Last) {
                best = other;
            }
        }
        Some(best)
    }

    /// What locations are ordered by: documents that nothing is known in last.
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

/// A line that the policy names in `_loc`, whole.
fn at_line(location: Location, file: Option<String>, line: usize, index: Option<&LineIndex>) -> Location {
    let text = index.map(|index| index.line(line)).unwrap_or_default();
    let indent = text.chars().take_while(|character| character.is_whitespace()).count();
    Location {
        file: file.map_or(location.file, Input::File),
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
        rendered: location.rendered,
    }
}
