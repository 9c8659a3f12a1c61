//! What goes into an evaluator and what comes out: sources that were read, and the sum of what evaluating them gave.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Check, Input, Problem, Unmatched};
use crate::gatekeeper::constraint::NAMESPACE;
use crate::gatekeeper::evaluate::Reviewed;
use crate::input::Source;
use crate::reading::{self, Empty, Limits};
use crate::tracing::profile::Profile;
use crate::waiver::Waiver;
use kpolicy_parse::document::Document;
use kpolicy_parse::{Context, Format};

/// A source that was read: its documents.
#[derive(Clone)]
pub struct Read {
    /// The path as reports show it.
    pub(super) path: String,
    /// What it was read as.
    pub(super) format: Format,
    /// Its documents.
    pub documents: Vec<Document>,
    /// Whether its text has several documents, so that each is named by its number.
    pub(super) is_stream: bool,
    /// How many of them say anything.
    pub(super) written: usize,
    /// What is suspicious about the source.
    pub(super) warnings: Vec<Problem>,
    /// How long its text is.
    text: usize,
}

impl Read {
    /// The path as reports show it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it was read as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Reads and parses a source.
    pub fn source(source: &Source, limits: Limits, context: Context<'_>, empty: Empty) -> Result<Self, Problem> {
        Self::of_bytes(source, reading::bytes(source, limits)?, limits, context, empty)
    }

    /// Parses the bytes of a source.
    pub fn of_bytes(
        source: &Source,
        bytes: Vec<u8>,
        limits: Limits,
        context: Context<'_>,
        empty: Empty,
    ) -> Result<Self, Problem> {
        let mut content = reading::content_of(source, bytes, limits, context)?;
        let warnings = std::mem::take(&mut content.warnings);
        let text = content.file.text.len();
        let documents = reading::documents(content, empty);
        Ok(Self {
            warnings,
            text,
            path: source.path.clone(),
            format: source.format,
            is_stream: documents.len() > 1,
            written: reading::written(&documents, source.format),
            documents,
        })
    }

    /// The source in parts of so many documents at most; [`Outcome::of_parts`] puts together what they give.
    pub fn parts(mut self, most: usize) -> Vec<Self> {
        let mut parts = Vec::with_capacity(self.documents.len().div_ceil(most));
        while self.documents.len() > most {
            let rest = self.documents.split_off(most);
            let part = Self {
                documents: std::mem::replace(&mut self.documents, rest),
                warnings: std::mem::take(&mut self.warnings),
                path: self.path.clone(),
                ..self
            };
            parts.push(part);
        }
        parts.push(self);
        for part in &mut parts {
            part.written = reading::written(&part.documents, part.format);
        }
        parts
    }

    /// How long its text is, and how many values it holds.
    pub fn size(&self) -> (u64, u64) {
        let values = self
            .documents
            .iter()
            .map(|document| u64::from(document.value.extent().parts));
        (self.text as u64, values.sum())
    }
}

/// What evaluating sources gave.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Their checks, one for each file and namespace.
    pub checks: Vec<Check>,
    /// What could not be evaluated.
    pub problems: Vec<Problem>,
    /// What is suspicious, and was evaluated all the same.
    pub warnings: Vec<Problem>,
    /// How many documents were evaluated.
    pub documents: usize,
    /// How many files they are in.
    pub files: usize,
    /// For each rule, whether a document is of a kind and format that it is for.
    pub matched: Vec<bool>,
    /// For each rule, whether a document is one that its conditions can match, too.
    pub matchable: Vec<bool>,
    /// The files of these whose documents no rule is for.
    pub unmatched: Vec<Input>,
    /// The documents that no rule is for.
    pub unmatched_documents: Vec<Unmatched>,
    /// What is waived in the files themselves.
    pub waivers: Vec<Waiver>,
    /// What the files have that findings can be about, by file, where that was asked for.
    pub subjects: BTreeMap<Input, BTreeSet<String>>,
    /// What the rules cost, where that is counted.
    pub profile: Profile,
}

impl Outcome {
    /// What was given for a source that cannot be evaluated.
    pub fn of_problem(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }

    /// What the parts of one source gave, as one.
    pub fn of_parts(parts: Vec<Self>) -> Self {
        let mut whole: Self = parts.into_iter().collect();
        whole.files = whole.files.min(1);
        let is_matched = whole.matched.contains(&true);
        whole.unmatched.truncate(usize::from(!is_matched));
        let mut checks: BTreeMap<String, Check> = BTreeMap::new();
        for check in std::mem::take(&mut whole.checks) {
            match checks.get_mut(&check.namespace) {
                Some(known) => known.absorb(check),
                None => {
                    checks.insert(check.namespace.clone(), check);
                }
            }
        }
        whole.checks = checks.into_values().collect();
        whole
    }

    /// Counts the documents of a source, of which some are what the rules in `matched` are for, and what those in
    /// `matchable` can match.
    pub(super) fn count(&mut self, read: &Read, matched: &[bool], matchable: &[bool]) {
        self.files += usize::from(read.written > 0);
        self.documents += read.written;
        cover(&mut self.matched, matched);
        cover(&mut self.matchable, matchable);
        if read.written > 0 && !matched.contains(&true) {
            self.unmatched.push(Input::of_path(&read.path));
        }
    }

    /// Notes a document that no rule is for, with the kinds of its objects. What says nothing is not missed.
    pub(super) fn note_unmatched(&mut self, read: &Read, document: &Document, kinds: &[&str]) {
        if reading::is_written(document, read.format) {
            self.unmatched_documents.push(Unmatched {
                file: Input::of_path(&read.path),
                document: read.is_stream.then_some(document.index),
                kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            });
        }
    }

    /// Adds what constraints of Gatekeeper gave for the documents of a file.
    pub(super) fn add_reviewed(&mut self, file: Input, reviewed: Vec<Reviewed>) {
        let is_told = reviewed.iter().any(|reviewed| reviewed.matched.contains(&true));
        let mut check = Check {
            file,
            namespace: NAMESPACE.to_owned(),
            ..Check::default()
        };
        for reviewed in reviewed {
            check.successes += reviewed.successes;
            check.findings.extend(reviewed.findings);
            check.prints.extend(reviewed.prints);
            self.problems.extend(reviewed.problems);
        }
        self.checks.extend(is_told.then_some(check));
    }

    /// Adds what another gave.
    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        self.documents += other.documents;
        cover(&mut self.matched, &other.matched);
        cover(&mut self.matchable, &other.matchable);
        self.unmatched.extend(other.unmatched);
        self.unmatched_documents.extend(other.unmatched_documents);
        self.checks.extend(other.checks);
        self.problems.extend(other.problems);
        self.warnings.extend(other.warnings);
        self.waivers.extend(other.waivers);
        self.subjects.extend(other.subjects);
        self.profile.add(other.profile);
    }
}

/// Takes into account for which rules further documents are.
fn cover(ours: &mut Vec<bool>, theirs: &[bool]) {
    ours.resize(ours.len().max(theirs.len()), false);
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        *ours |= theirs;
    }
}

impl FromIterator<Outcome> for Outcome {
    /// The sum of what several gave.
    fn from_iter<I: IntoIterator<Item = Self>>(outcomes: I) -> Self {
        let mut sum = Self::default();
        for outcome in outcomes {
            sum.add(outcome);
        }
        sum
    }
}
