//! One rule on one document, with the story of its evaluation.

use super::{Evaluator, Failure, Read, waivers};
use crate::finding::{Finding, Input, Problem, Waived};
use crate::placing::Places;
use crate::policy::Rule;
use crate::results;
use crate::subject::Subject;
use crate::tracing::story::Story;
use kpolicy_value::Value;

/// What a rule came to on a document.
#[derive(Debug, Default)]
pub struct Explained {
    /// What it found.
    pub findings: Vec<Finding>,
    /// Whether an `exception` of its namespace names it, and with it what it found.
    pub waived: Vec<Waived>,
    /// What could not be evaluated.
    pub problems: Vec<Problem>,
    /// How it was evaluated; nothing from an engine that cannot tell.
    pub story: Option<Story>,
    /// Whether it is run on documents of the file's format.
    pub is_for_format: bool,
    /// Whether its METADATA names the kind of the document, or no kind.
    pub is_for_kind: bool,
    /// The kinds of objects in the document.
    pub kinds: Vec<String>,
}

impl Evaluator<'_> {
    /// Evaluates a rule on the document of a source at this position; its story is first of what is about a path in it.
    ///
    /// # Errors
    /// The policies do not take what is told them of the file.
    pub fn explained(
        &mut self,
        read: &Read,
        at: usize,
        rule: &Rule,
        about: Option<&[Value]>,
    ) -> Result<Explained, Problem> {
        let document = &read.documents[at];
        self.set_context(&read.path)?;
        let places = Places {
            documents: std::slice::from_ref(document),
            format: Some(read.format),
            combined: false,
            number: read.is_stream.then_some(document.index),
        };
        let subject = Subject::of(document, read.format, &self.policies.workloads);
        self.worker.set_input(&document.value);
        let exception = self.exception(&rule.namespace);
        let waived = exception
            .value
            .as_ref()
            .map_or(0, |value| results::exceptions(value, &rule.name));
        let (violations, failures) = self.rule(rule);
        let failures = failures.into_iter().chain(exception.error.map(Failure::Engine));
        let problems = failures.map(|failure| self.failed(failure, &rule.query(), Some(rule), &places));
        let problems = problems.collect();
        let found = self.findings(rule, violations, &places);
        let story = self.worker.story(&rule.query(), about);
        self.worker.take_prints();
        let mut explained = Explained {
            problems,
            story,
            is_for_format: rule.is_for_format(read.format),
            is_for_kind: rule.is_for(&subject),
            kinds: subject.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            ..Explained::default()
        };
        match waived {
            0 => explained.findings = found,
            times => explained.waived = waivers(rule, &Input::of_path(&read.path), found, times).collect(),
        }
        Ok(explained)
    }
}
