//! Tests of policies: each is evaluated by itself, in parallel; one that fails is evaluated once more with a tracer that
//! finds the statement that failed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::finding::Location;
use crate::locate::at_span;
use crate::policy::examples::Example;
use crate::policy::suite::{Suite, Test};
use crate::tracing::bodies::Bodies;
use crate::tracing::events::{Detail, Events, Traced};
use crate::tracing::profile::{Profile, Profiler};
use kpolicy_rego::syntax::tree::Rule;
use kpolicy_rego::{EvalError, Print, to_rego_text};
use kpolicy_value::{LineIndex, Span, Value};

pub mod coverage;
mod difference;
pub mod failure;
pub mod proof;
mod recorder;
pub mod result;
pub mod unit;

use coverage::{Coverage, Hits};
use recorder::{Recorder, Recording};
use result::{Case, Outcome, TestError, TestResult};
use unit::Unit;

/// The traces that are wanted of tests.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How much they show.
    pub detail: Detail,
    /// Whether those of tests that pass are wanted too.
    pub passed: bool,
}

/// Runs these tests of a suite, and finds what of it they evaluate.
pub fn run_covered(suite: &Suite, tests: Vec<Unit>, trace: Option<Wanted>) -> (Vec<TestResult>, Coverage) {
    let results = run(suite, tests.clone(), trace);
    let of_test = |test: Unit| {
        let mut traced = suite.traced(Hits::default());
        test.observe(&mut traced);
        std::mem::take(traced.tracer_mut())
    };
    let run = tests.into_par_iter().filter(|test| !test.is_skipped());
    let hits = run.map(of_test).reduce(Hits::default, Hits::and);
    (results, coverage::coverage(suite, &hits))
}

/// What these tests of a suite cost.
pub fn profile(suite: &Suite, tests: Vec<Unit>) -> Profile {
    let modules: Vec<Option<Traced>> = suite.traced_modules().map(Some).collect();
    let bodies = Arc::new(Bodies::of(suite.modules.iter().map(|module| Some(&module.tree))));
    let of_test = |test: Unit| {
        let mut traced = suite.traced(Profiler::of(bodies.clone()));
        // Whether it passes is told by the run.
        test.observe(&mut traced);
        traced.tracer().profile(&modules)
    };
    let run = tests.into_par_iter().filter(|test| !test.is_skipped());
    run.map(of_test).reduce(Profile::default, |mut profile, other| {
        profile.add(other);
        profile
    })
}

/// Runs these tests of a suite, and gives their results in the same order: with the traces that are wanted.
pub fn run(suite: &Suite, tests: Vec<Unit>, trace: Option<Wanted>) -> Vec<TestResult> {
    let indexes: Vec<LineIndex> = suite
        .modules
        .iter()
        .map(|module| LineIndex::new(&module.text))
        .collect();
    let runner = Runner { suite, indexes, trace };
    let result = |test: Unit| match test {
        Unit::Test(test) => runner.test(test),
        Unit::Example(example) => runner.example(example),
    };
    tests.into_par_iter().map(result).collect()
}

struct Runner<'s> {
    suite: &'s Suite,
    /// The lines of each module.
    indexes: Vec<LineIndex<'s>>,
    /// The traces that are wanted.
    trace: Option<Wanted>,
}

impl Runner<'_> {
    fn example(&self, example: &Example) -> TestResult {
        let unit = Unit::Example(example);
        let started = Instant::now();
        let mut evaluation = self.suite.evaluation();
        let found = unit::found(example, &mut evaluation);
        let location = at_span(&example.file.path, Span::new(0, 0), &LineIndex::new(&example.file.text));
        let mut result = TestResult {
            package: unit.package_name(),
            name: unit.name(),
            outcome: Outcome::Passed,
            duration: started.elapsed(),
            printed: printed(evaluation.take_prints()),
            cases: None,
            value: None,
            trace: Vec::new(),
            failures: Vec::new(),
            location,
        };
        match found {
            Err(error) => result.outcome = Outcome::Error(Box::new(self.error(error))),
            Ok(found) if unit::is_met(example, &found) => {}
            Ok(found) => {
                result.outcome = Outcome::Failed;
                result.failures = vec![failure::of_example(example, found, &result.location)];
            }
        }
        if let Some(wanted) = self.trace
            && (wanted.passed || result.outcome != Outcome::Passed)
        {
            result.trace = self.trace(unit, wanted.detail);
        }
        result
    }

    fn test(&self, test: &Test) -> TestResult {
        let mut result = TestResult {
            location: self.location(test),
            package: test.package_name(),
            name: test.name(),
            outcome: Outcome::Skipped,
            duration: std::time::Duration::ZERO,
            printed: String::new(),
            cases: None,
            value: None,
            trace: Vec::new(),
            failures: Vec::new(),
        };
        if test.skipped {
            return result;
        }
        if self.rule(test).head.arguments.is_some() {
            result.outcome = Outcome::Error(Box::new(TestError {
                code: "rego_type_error",
                message: format!("function {} used as reference, not called", result.full_name()),
                values: Vec::new(),
                location: result.location.clone(),
            }));
            return result;
        }
        let started = Instant::now();
        let mut evaluation = self.suite.evaluation();
        let answer = evaluation.evaluate(&test.path());
        result.duration = started.elapsed();
        result.printed = printed(evaluation.take_prints());
        match answer {
            Err(error) => result.outcome = Outcome::Error(Box::new(self.error(error))),
            Ok(value) => self.judge(test, value, &mut result),
        }
        if let Some(wanted) = self.trace
            && (wanted.passed || matches!(result.outcome, Outcome::Failed | Outcome::Error(_)))
        {
            result.trace = self.trace(Unit::Test(test), wanted.detail);
        }
        result
    }

    /// What a test's value says of it. Only `true` is a success, and of a test with cases every one has to be.
    fn judge(&self, test: &Test, value: Option<Value>, result: &mut TestResult) {
        let passed = value == Some(Value::Bool(true));
        if passed && !test.has_cases {
            result.outcome = Outcome::Passed;
            return;
        }
        let recording = self.record(test);
        if test.has_cases {
            let cases = cases(value.as_ref(), &recording);
            let passed = value.is_some() && !cases.values().any(|case| case.failed);
            result.outcome = if passed { Outcome::Passed } else { Outcome::Failed };
            result.cases = Some(cases);
        } else {
            result.outcome = Outcome::Failed;
        }
        if result.outcome == Outcome::Failed {
            result.value = value.filter(|_| !test.has_cases).map(|value| to_rego_text(&value));
            result.failures = failure::failures(self.suite, test, &recording, result.cases.as_ref());
        }
    }

    /// What happens while a test is evaluated, in OPA's long form.
    fn trace(&self, test: Unit, detail: Detail) -> Vec<String> {
        let modules: Vec<Traced> = self.suite.traced_modules().collect();
        let mut traced = self.suite.traced(Events::of(modules.iter().copied()));
        // What was traced before an error is shown.
        test.observe(&mut traced);
        traced.tracer().lines(&test.full_name(), &modules, detail)
    }

    /// What a recorder needs to know of what happens while a test is evaluated.
    fn record(&self, test: &Test) -> Recording {
        let recorder = Recorder::of(&self.suite.modules[test.module].tree, test);
        let mut traced = self.suite.traced(recorder);
        // Where this fails, for example by the time that recording takes, there is less to show.
        let _ = traced.evaluate(&test.path());
        std::mem::take(traced.tracer_mut()).into_recording()
    }

    fn location(&self, test: &Test) -> Location {
        let module = &self.suite.modules[test.module];
        at_span(&module.path, self.rule(test).span, &self.indexes[test.module])
    }

    fn rule(&self, test: &Test) -> &Rule {
        &self.suite.modules[test.module].tree.rules[test.rule]
    }

    fn error(&self, error: EvalError) -> TestError {
        let module = &self.suite.modules[error.module];
        let values = error.values.iter().map(|given| {
            let (line, _) = self.indexes[given.module].position(given.span.start as usize);
            format!("{} at {}:{line}", given.value, self.suite.modules[given.module].path)
        });
        TestError {
            code: error.code.name(),
            message: error.message,
            values: values.collect(),
            location: at_span(&module.path, error.span, &self.indexes[error.module]),
        }
    }
}

/// What a test printed, a line for each `print`.
fn printed(prints: Vec<Print>) -> String {
    prints.into_iter().map(|print| print.text + "\n").collect()
}

/// The cases of a test: those that its value has, and those that it came to and that its value has not.
///
/// Follows OPA v1.22 tester/runner.go: subResults.
fn cases(value: Option<&Value>, recording: &Recording) -> BTreeMap<String, Case> {
    let mut cases = value.map(of_value).unwrap_or_default();
    for case in &recording.cases {
        let keys: Vec<String> = case
            .as_array()
            .into_iter()
            .flat_map(|keys| keys.iter())
            .map(key_text)
            .collect();
        note(&mut cases, &keys);
    }
    cases
}

/// The name of a case by its key.
fn key_text(key: &Value) -> String {
    key.key_text().to_string()
}

fn of_value(value: &Value) -> BTreeMap<String, Case> {
    let entries = value.as_object().into_iter().flat_map(|entries| entries.iter());
    let case = |value: &Value| match value {
        Value::Object(_) => {
            let cases = of_value(value);
            Case {
                failed: cases.values().any(|case| case.failed),
                cases,
            }
        }
        value => Case {
            failed: *value != Value::Bool(true),
            cases: BTreeMap::new(),
        },
    };
    entries.map(|(key, value)| (key_text(key), case(value))).collect()
}

/// Adds a case that was come to: as failed, where nothing is known of it. Says whether there is a new failure.
fn note(cases: &mut BTreeMap<String, Case>, keys: &[String]) -> bool {
    let Some((first, rest)) = keys.split_first() else {
        return false;
    };
    let is_new = !cases.contains_key(first);
    let case = cases.entry(first.clone()).or_default();
    let failed = if rest.is_empty() {
        is_new
    } else {
        note(&mut case.cases, rest)
    };
    case.failed |= failed;
    failed
}
