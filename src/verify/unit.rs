//! What is run and passes or fails: a test in Rego, or an example.

use std::collections::BTreeSet;

use super::cases;
use super::recorder::Recorder;
use crate::policy::examples::Example;
use crate::policy::suite::{Suite, Test};
use kpolicy_rego::trace::Tracer;
use kpolicy_rego::{EvalError, Evaluation, Value};

/// A test or an example.
#[derive(Clone, Copy, Debug)]
pub enum Unit<'s> {
    /// A rule whose name starts with `test_`.
    Test(&'s Test),
    /// A file that a rule is tested with.
    Example(&'s Example),
}

impl Unit<'_> {
    /// The path of its package as OPA writes it.
    pub fn package_name(&self) -> String {
        match self {
            Self::Test(test) => test.package_name(),
            Self::Example(example) => {
                let names = example.package.iter().map(|name| &**name);
                std::iter::once("data").chain(names).collect::<Vec<_>>().join(".")
            }
        }
    }

    /// The name below the package.
    pub fn name(&self) -> String {
        match self {
            Self::Test(test) => test.name(),
            Self::Example(example) => format!("{}/{}", example.rule, example.name),
        }
    }

    /// The name from `data` on.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.package_name(), self.name())
    }

    /// Whether it is not to be run.
    pub fn is_skipped(&self) -> bool {
        matches!(self, Self::Test(test) if test.skipped)
    }

    /// The modules that it names.
    pub(super) fn modules(&self, suite: &Suite) -> Vec<usize> {
        match self {
            Self::Test(test) => vec![test.module],
            Self::Example(example) => {
                let is_of_it = |at: &usize| suite.modules[*at].tree.package.path == example.package;
                (0..suite.modules.len()).filter(is_of_it).collect()
            }
        }
    }

    /// Evaluates it with an evaluation that a tracer observes.
    pub(super) fn observe<T: Tracer>(&self, evaluation: &mut Evaluation<'_, T>) {
        // Whether it passes is known from elsewhere.
        match self {
            Self::Test(test) => _ = evaluation.evaluate(&test.path()),
            Self::Example(example) => _ = found(example, evaluation),
        }
    }

    /// Whether it passes with a program.
    pub(super) fn passes(&self, suite: &Suite, program: &kpolicy_rego::Program) -> bool {
        let mut evaluation = suite.evaluation_of(program);
        match self {
            Self::Example(example) => found(example, &mut evaluation).is_ok_and(|found| is_met(example, &found)),
            Self::Test(test) => {
                let Ok(value) = evaluation.evaluate(&test.path()) else {
                    return false;
                };
                if !test.has_cases {
                    return value == Some(Value::Bool(true));
                }
                let recorder = Recorder::of(&suite.modules[test.module].tree, test);
                let mut traced = suite.traced_of(program, recorder);
                let _ = traced.evaluate(&test.path());
                let recording = std::mem::take(traced.tracer_mut()).into_recording();
                value.is_some() && !cases(value.as_ref(), &recording).values().any(|case| case.failed)
            }
        }
    }
}

/// What a rule finds in the documents of an example.
pub(super) fn found<T: Tracer>(
    example: &Example,
    evaluation: &mut Evaluation<'_, T>,
) -> Result<BTreeSet<Value>, EvalError> {
    let mut all = BTreeSet::new();
    for input in &example.inputs {
        evaluation.set_input(Some(input.clone()));
        match evaluation.evaluate(&example.path())? {
            None | Some(Value::Bool(false)) => {}
            Some(Value::Set(members)) => all.extend(members.iter().map(plain)),
            Some(Value::Array(items)) => all.extend(items.iter().map(plain)),
            Some(Value::Object(object)) if object.is_empty() => {}
            Some(value) => _ = all.insert(plain(&value)),
        }
    }
    Ok(all)
}

/// Whether what a rule found is what the example wants.
pub(super) fn is_met(example: &Example, found: &BTreeSet<Value>) -> bool {
    match (&example.expected, example.fails) {
        (Some(expected), _) => *found == expected.iter().map(plain).collect(),
        (None, fails) => found.is_empty() != fails,
    }
}

/// A value as JSON has it: without sets.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Set(members) => Value::array(members.iter().map(plain).collect()),
        Value::Array(items) => Value::array(items.iter().map(plain).collect()),
        Value::Object(object) => Value::object(object.iter().map(|(key, value)| (plain(key), plain(value))).collect()),
        other => other.clone(),
    }
}
