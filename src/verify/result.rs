//! What tests of policies came to, as plain owned data.

use std::collections::BTreeMap;
use std::time::Duration;

use super::proof::Proof;
use crate::finding::{Location, Status};

/// What a run of tests came to, sorted by file and line.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// The tests.
    pub results: Vec<TestResult>,
    /// What they prove, where that was asked for and every test passed.
    pub proof: Option<Proved>,
}

/// What tests prove, and how much is wanted.
#[derive(Clone, Debug)]
pub struct Proved {
    /// What they prove.
    pub proof: Proof,
    /// The share of claims in percent that may not be below.
    pub least: f64,
}

impl Proved {
    /// Whether as much is proved as is wanted.
    pub fn suffices(&self) -> bool {
        self.proof.percent() >= self.least
    }
}

impl Verified {
    /// How many tests came to this.
    pub fn count(&self, is_it: impl Fn(&Outcome) -> bool) -> usize {
        self.results.iter().filter(|result| is_it(&result.outcome)).count()
    }

    /// How many tests passed.
    pub fn passed(&self) -> usize {
        self.count(|outcome| *outcome == Outcome::Passed)
    }

    /// How many tests failed.
    pub fn failed(&self) -> usize {
        self.count(|outcome| *outcome == Outcome::Failed)
    }

    /// How many tests could not be evaluated.
    pub fn erring(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Error(_)))
    }

    /// How many tests were not run.
    pub fn skipped(&self) -> usize {
        self.count(|outcome| *outcome == Outcome::Skipped)
    }

    /// What the run concluded.
    pub fn status(&self) -> Status {
        match (self.erring(), self.failed()) {
            (0, 0) if self.proof.as_ref().is_none_or(Proved::suffices) => Status::Clean,
            (0, _) => Status::Violations,
            _ => Status::Unusable,
        }
    }
}

/// What one test came to.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// The rule.
    pub location: Location,
    /// The package, from `data` on; of a case of a Suite, the path of its file.
    pub package: String,
    /// The name below the package.
    pub name: String,
    /// What it came to.
    pub outcome: Outcome,
    /// How long it took.
    pub duration: Duration,
    /// What it printed, line by line.
    pub printed: String,
    /// Its cases by their names, where it is a test with cases.
    pub cases: Option<BTreeMap<String, Case>>,
    /// What happened while it was evaluated, where that was asked for and it failed, or notes were asked for.
    pub trace: Vec<String>,
    /// Its value as Rego writes it, where it has one and that is not true.
    pub value: Option<String>,
    /// The statements that failed: one, or one for each case that failed.
    pub failures: Vec<Failure>,
}

impl TestResult {
    /// The name from `data` on; of a case of a Suite, its file and its name.
    pub fn full_name(&self) -> String {
        let is_package = self.package == "data" || self.package.starts_with("data.");
        let separator = if is_package { "." } else { " " };
        format!("{}{separator}{}", self.package, self.name)
    }
}

/// What a test came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Its value is true.
    Passed,
    /// Its value is anything else, or it has none.
    Failed,
    /// It could not be evaluated.
    Error(Box<TestError>),
    /// It is not to be run.
    Skipped,
}

/// Why a test could not be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct TestError {
    /// OPA's name of the class of error.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The values that are in conflict, each with its place.
    pub values: Vec<String>,
    /// Where.
    pub location: Location,
}

impl TestError {
    /// All of it in one line.
    pub fn text(&self) -> String {
        let mut text = format!("{}: {}", self.code, self.message);
        for (at, value) in self.values.iter().enumerate() {
            text.push_str(if at == 0 { ": " } else { ", " });
            text.push_str(value);
        }
        text
    }
}

/// A case of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Whether it failed, or one of its own cases.
    pub failed: bool,
    /// The cases of the next level.
    pub cases: BTreeMap<String, Case>,
}

/// The statement at which a test failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The case that failed, where the test has cases.
    pub case: Option<String>,
    /// The statement.
    pub location: Location,
    /// Its text.
    pub text: String,
    /// The values of its parts, in the order of the text.
    pub parts: Vec<Part>,
    /// How the two sides of an equality differ, line by line.
    pub difference: Vec<String>,
}

/// The value of a part of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where the part starts in the statement's text, in bytes.
    pub start: usize,
    /// The part as it was written.
    pub text: String,
    /// Its value as Rego writes it; nothing where it has none.
    pub value: Option<String>,
}
