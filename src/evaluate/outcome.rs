//! What goes into a judge and what comes out: sources that were read, and the sum of what judging them gave.

use crate::finding::{Check, Problem};
use crate::input::Source;
use crate::reading::{self, Empty};
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;

/// A source that was read: its documents.
pub struct Read {
    /// The path as reports show it.
    pub(super) path: String,
    /// What it was read as.
    pub(super) format: Format,
    /// Its documents.
    pub documents: Vec<Document>,
    /// How many of them say anything.
    pub(super) written: usize,
}

impl Read {
    /// What it was read as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Reads and parses a source.
    pub fn source(source: &Source, limit: u64, empty: Empty) -> Result<Self, Problem> {
        let documents = reading::documents(reading::content(source, limit)?, empty);
        Ok(Self {
            path: source.path.clone(),
            format: source.format,
            written: reading::written(&documents, source.format),
            documents,
        })
    }
}

/// What judging sources gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Their checks, one for each file and namespace.
    pub checks: Vec<Check>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
    /// What is suspicious, and was judged all the same.
    pub warnings: Vec<Problem>,
    /// How many documents were judged.
    pub documents: usize,
    /// How many files they stand in.
    pub files: usize,
    /// For each rule, whether a document is of a kind and format that it is for.
    pub matched: Vec<bool>,
    /// For each rule, whether a document is one that its conditions can match, too.
    pub matchable: Vec<bool>,
    /// The files of these whose documents no rule is for.
    pub unmatched: Vec<String>,
}

impl Outcome {
    /// What was given for a source that cannot be judged.
    pub(super) fn of_problem(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }

    /// Counts the documents of a source, of which some are what the rules in `matched` are for, and what those in
    /// `matchable` can match.
    pub(super) fn count(&mut self, read: &Read, matched: &[bool], matchable: &[bool]) {
        self.files += usize::from(read.written > 0);
        self.documents += read.written;
        cover(&mut self.matched, matched);
        cover(&mut self.matchable, matchable);
        if read.written > 0 && !matched.contains(&true) {
            self.unmatched.push(read.path.clone());
        }
    }

    /// Adds what another gave.
    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        self.documents += other.documents;
        cover(&mut self.matched, &other.matched);
        cover(&mut self.matchable, &other.matchable);
        self.unmatched.extend(other.unmatched);
        self.checks.extend(other.checks);
        self.problems.extend(other.problems);
        self.warnings.extend(other.warnings);
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
