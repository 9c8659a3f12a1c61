//! Documents through rules: one judge for each thread, findings with their places out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::document::Document;
use crate::engine::{Candidate, EngineError, Worker};
use crate::finding::{Check, Finding, Print, Problem, Waived};
use crate::input::Source;
use crate::judge::{self, Violation};
use crate::kubernetes;
use crate::parse::Format;
use crate::placing::Places;
use crate::policy::{INVENTORY, PolicySet, Rule};
use crate::reading::{self, Empty};
use crate::value::Value;

/// The name that findings about all files together go under, as in conftest.
const COMBINED: &str = "Combined";

/// What judging one source gave.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// Its checks, one for each namespace.
    pub checks: Vec<Check>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
    /// How many documents were judged.
    pub documents: usize,
    /// For each rule, whether a document is of a kind and format that it is for.
    pub matched: Vec<bool>,
}

/// What judging everything gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All checks.
    pub checks: Vec<Check>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
    /// How many documents were judged.
    pub documents: usize,
    /// How many files they stand in.
    pub files: usize,
    /// For each rule, whether a document is of a kind and format that it is for.
    pub matched: Vec<bool>,
}

impl Outcome {
    /// The sum of what the sources gave.
    pub fn of(evaluations: Vec<Evaluation>) -> Self {
        let mut outcome = Self::default();
        for evaluation in evaluations {
            outcome.files += usize::from(evaluation.documents > 0);
            outcome.documents += evaluation.documents;
            outcome
                .matched
                .resize(outcome.matched.len().max(evaluation.matched.len()), false);
            for (ours, theirs) in outcome.matched.iter_mut().zip(evaluation.matched) {
                *ours |= theirs;
            }
            outcome.checks.extend(evaluation.checks);
            outcome.problems.extend(evaluation.problems);
        }
        outcome
    }
}

/// A source that was read: its documents.
pub struct Read {
    /// The path as reports show it.
    path: String,
    /// What it was read as.
    format: Format,
    /// Its documents.
    pub documents: Vec<Document>,
    /// How many of them say anything.
    written: usize,
}

impl Read {
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

/// One thread's judge.
pub struct Judge<'a> {
    policies: &'a PolicySet,
    worker: Box<dyn Worker + 'a>,
    /// The whole set, until the worker has it.
    inventory: Option<Value>,
}

impl<'a> Judge<'a> {
    /// A judge by these policies, with the whole set where they read it.
    pub fn new(policies: &'a PolicySet, inventory: Option<&Value>) -> Self {
        Self {
            policies,
            worker: policies.engine().worker(),
            inventory: inventory.cloned(),
        }
    }

    /// Judges the documents of one source, one by one.
    pub fn source(&mut self, read: Result<Read, Problem>) -> Evaluation {
        let Read {
            path,
            format,
            documents,
            written,
        } = match read {
            Ok(read) => read,
            Err(problem) => {
                return Evaluation {
                    problems: vec![problem],
                    ..Evaluation::default()
                };
            }
        };
        let mut evaluation = Evaluation {
            documents: written,
            ..Evaluation::default()
        };
        if documents.is_empty() {
            return evaluation;
        }
        evaluation.matched = self.matched(documents.iter().map(|document| (format, &document.value)));
        if let Err(problem) = self.tell(&path) {
            evaluation.problems.push(problem);
            return evaluation;
        }
        let mut checks = self.checks(&path, Some(format));
        for document in &documents {
            let places = Places {
                documents: std::slice::from_ref(document),
                format: Some(format),
                combined: false,
                number: (documents.len() > 1).then_some(document.index),
            };
            self.document(&document.value, &places, &mut checks, &mut evaluation.problems);
        }
        evaluation.checks = checks;
        evaluation
    }

    /// Judges all sources in one input, `[{path, contents}]`.
    pub fn combined(&mut self, sources: Vec<Result<Read, Problem>>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut documents: Vec<Document> = Vec::new();
        let mut formats: Vec<Format> = Vec::new();
        for source in sources {
            match source {
                Ok(read) => {
                    outcome.files += usize::from(read.written > 0);
                    outcome.documents += read.written;
                    formats.extend(read.documents.iter().map(|_| read.format));
                    documents.extend(read.documents);
                }
                Err(problem) => outcome.problems.push(problem),
            }
        }
        let values = documents.iter().map(|document| &document.value);
        outcome.matched = self.matched(formats.into_iter().zip(values));
        if documents.is_empty() {
            return outcome;
        }
        let entry = |document: &Document| {
            let path = Value::from(document.file.path.as_str());
            Value::object(vec![("path".into(), path), ("contents".into(), document.value.clone())])
        };
        let input = Value::array(documents.iter().map(entry).collect());
        let mut checks = self.checks(COMBINED, None);
        match self.tell(COMBINED) {
            Ok(()) => {
                let places = Places {
                    documents: &documents,
                    format: None,
                    combined: true,
                    number: None,
                };
                self.document(&input, &places, &mut checks, &mut outcome.problems);
            }
            Err(problem) => outcome.problems.push(problem),
        }
        outcome.checks = checks;
        outcome
    }

    /// An empty check for each namespace that has rules for the format.
    fn checks(&self, file: &str, format: Option<Format>) -> Vec<Check> {
        let mut checks: Vec<Check> = Vec::new();
        for rule in self.policies.rules.iter().filter(|rule| is_run(rule, format)) {
            if checks.last().is_none_or(|check| check.namespace != rule.namespace) {
                checks.push(Check {
                    file: file.to_owned(),
                    namespace: rule.namespace.clone(),
                    ..Check::default()
                });
            }
        }
        checks
    }

    /// Tells policies the whole set, and, as conftest does, the file at hand in `data.conftest.file`.
    fn tell(&mut self, path: &str) -> Result<(), Problem> {
        if let Some(inventory) = self.inventory.take() {
            let told = self.worker.overlay(INVENTORY, inventory);
            told.map_err(|error| self.policies.problem(&error))?;
        }
        if !self.policies.reads_file_info {
            return Ok(());
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        let text = |part: Option<&Path>| {
            Value::from(
                part.map(|part| part.to_string_lossy().into_owned())
                    .unwrap_or_default()
                    .as_str(),
            )
        };
        let file = Value::object(vec![
            ("name".into(), text(absolute.file_name().map(Path::new))),
            ("dir".into(), text(absolute.parent())),
        ]);
        let told = self
            .worker
            .overlay("conftest", Value::object(vec![("file".into(), file)]));
        told.map_err(|error| self.policies.problem(&error))
    }

    /// One input through all rules. `checks` has an entry for each namespace, in the order of the rules.
    fn document(&mut self, input: &Value, places: &Places, checks: &mut [Check], problems: &mut Vec<Problem>) {
        self.worker.set_input(input);
        let mut lines = places.lines();
        for check in checks {
            let exception = self.exception(&check.namespace);
            check.prints.extend(self.prints(places));
            let exception = match exception {
                Ok(value) => value,
                Err(error) => {
                    let query = format!("data.{}.exception", check.namespace);
                    problems.push(self.failed(Failure::Engine(error), &query, None, places));
                    continue;
                }
            };
            let before = check.findings.len() + check.waived.len();
            let (mut clauses, mut held) = (0, 0);
            let policies = self.policies;
            let of_namespace = policies.rules.iter().filter(|rule| rule.namespace == check.namespace);
            for rule in of_namespace.filter(|rule| is_run(rule, places.format)) {
                let violations = self.rule(rule);
                check.prints.extend(self.prints(places));
                match violations {
                    Ok(violations) => {
                        clauses += rule.clauses;
                        let waived = exception
                            .as_ref()
                            .map_or(0, |value| judge::exceptions(value, &rule.name));
                        held += usize::from(violations.is_empty() && waived == 0);
                        let spoken_for = self.places(rule, &violations);
                        let found = violations.into_iter().map(|violation| {
                            let ways = spoken_for.get(&violation.result).map_or(&[][..], Vec::as_slice);
                            places.finding(rule, violation, ways, &mut lines)
                        });
                        let found = found.collect();
                        if waived > 0 {
                            check.waived.extend(waivers(rule, &check.file, found, waived));
                        } else {
                            check.findings.extend::<Vec<Finding>>(found);
                        }
                    }
                    Err(failure) => problems.push(self.failed(failure, &rule.query(), Some(rule), places)),
                }
            }
            let results = check.findings.len() + check.waived.len() - before + held;
            check.successes += held + clauses.saturating_sub(results);
        }
    }

    /// What was printed since this was last asked.
    fn prints(&mut self, places: &Places) -> Vec<Print> {
        let document = places.number;
        let texts = self.worker.take_prints().into_iter();
        texts.map(|text| Print { document, text }).collect()
    }

    fn exception(&mut self, namespace: &str) -> Result<Option<Value>, EngineError> {
        if self.policies.excepting.iter().any(|known| known == namespace) {
            self.worker.evaluate(&format!("data.{namespace}.exception"))
        } else {
            Ok(None)
        }
    }

    fn rule(&mut self, rule: &Rule) -> Result<Vec<Violation>, Failure> {
        let value = self.worker.evaluate(&rule.query()).map_err(Failure::Engine)?;
        let Some(value) = value else { return Ok(Vec::new()) };
        judge::violations(&value).map_err(Failure::Result)
    }

    /// The places that speak for each violation, where the policy does not say itself where it is. A rule that cannot
    /// be evaluated once more within its limits has none: its violations stand, at their document.
    fn places(&mut self, rule: &Rule, violations: &[Violation]) -> HashMap<Value, Vec<Vec<Candidate>>> {
        if violations.iter().all(Violation::says_where) {
            return HashMap::new();
        }
        let found = self.worker.places(&rule.query());
        found.map_or_else(|_| HashMap::new(), HashMap::from_iter)
    }

    /// An evaluation that failed, with the document that it failed on.
    fn failed(&self, failure: Failure, query: &str, rule: Option<&Rule>, places: &Places) -> Problem {
        let at_rule = |message: String| EngineError {
            message,
            place: rule.and_then(|rule| rule.place.clone()),
        };
        let (error, help) = match failure {
            Failure::Engine(error) if error.is_time_limit() => (
                at_rule("it took longer than it may".to_owned()),
                "make the rule cheaper, or raise --timeout",
            ),
            Failure::Engine(error) if error.is_difference() => (
                at_rule(error.message),
                "the answer of own is OPA's; word the rule so that both give it, or judge with one engine",
            ),
            Failure::Engine(error) => (
                error,
                "mend the policy; where a builtin failed, --builtin-errors undefined lets that pass",
            ),
            Failure::Result(message) => (
                at_rule(message),
                "make every result a text, or an object with a text in `msg`",
            ),
        };
        let problem = self.policies.problem(&error);
        Problem {
            message: format!("{query} failed on {}: {}", places.name(), problem.message),
            help: Some(help.to_owned()),
            ..problem
        }
    }

    /// For each rule, whether one of the documents is of a kind and format that it is for.
    fn matched<'d>(&self, documents: impl Iterator<Item = (Format, &'d Value)>) -> Vec<bool> {
        let rules = &self.policies.rules;
        let mut matched = vec![false; rules.len()];
        for (format, document) in documents {
            let kinds = kubernetes::kinds(document);
            for (rule, matched) in rules.iter().zip(&mut matched) {
                *matched = *matched || rule.is_for_format(format) && rule.is_for_kinds(&kinds);
            }
        }
        matched
    }
}

/// Whether a rule is run on documents of a format; on several in one input every rule is.
fn is_run(rule: &Rule, format: Option<Format>) -> bool {
    format.is_none_or(|format| rule.is_for_format(format))
}

/// So many times as an `exception` names a rule it is set aside, as conftest counts; the first time with what it found.
fn waivers(rule: &Rule, file: &str, found: Vec<Finding>, times: usize) -> impl Iterator<Item = Waived> {
    let waived = waiver(rule, file);
    let further = std::iter::repeat_n(waived.clone(), times - 1);
    std::iter::once(Waived {
        findings: found,
        ..waived
    })
    .chain(further)
}

fn waiver(rule: &Rule, file: &str) -> Waived {
    let reason = format!(
        "data.{}.exception[_][_] == {:?}",
        rule.namespace,
        judge::excepted_name(&rule.name)
    );
    Waived {
        file: file.to_owned(),
        rule: rule.id.clone(),
        namespace: rule.namespace.clone(),
        rule_name: rule.name.clone(),
        reason,
        findings: Vec::new(),
    }
}

/// Why a rule has no results.
enum Failure {
    /// The engine could not evaluate it.
    Engine(EngineError),
    /// Its value holds something that is no result.
    Result(String),
}
