//! A tracer that finds the statement at which a test failed, and which cases it came to.

use std::collections::HashMap;

use crate::policy::suite::Test;
use crate::tracing::parts::{Snapshot, Variable};
use kpolicy_rego::syntax::tree::Module;
use kpolicy_rego::trace::{RuleRef, Site, Tracer, Variables};
use kpolicy_value::{Span, Value};

/// What happened while a test was evaluated.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// The cases that it came to, each an array of keys.
    pub(super) cases: Vec<Value>,
    /// Where each case, or what is before the first one, got to.
    pub(super) stops: Vec<Stop>,
}

/// How far an evaluation of a test's body got.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// The case, an array of keys.
    pub(super) case: Option<Value>,
    /// Which of the body's statements failed.
    pub(super) statement: usize,
    /// The part of it that failed, and what was known then.
    pub(super) snapshot: Snapshot,
}

/// The tracer.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    module: usize,
    /// The statements of the test's body.
    statements: Vec<Span>,
    /// How many rules are being evaluated.
    depth: usize,
    values: HashMap<Span, Value>,
    case: Option<Value>,
    stop: Option<Stop>,
    recording: Recording,
}

impl Recorder {
    /// A recorder for a test of a module.
    pub(super) fn of(module: &Module, test: &Test) -> Self {
        Self {
            module: test.module,
            statements: module.rules[test.rule]
                .body
                .iter()
                .map(|statement| statement.span)
                .collect(),
            ..Self::default()
        }
    }

    /// What was recorded.
    pub(super) fn into_recording(mut self) -> Recording {
        self.end_case();
        self.recording
    }

    fn end_case(&mut self) {
        self.recording.stops.extend(self.stop.take());
    }

    /// Whether the test itself is evaluated, and no rule that it asks for.
    fn is_test(&self, at: Site) -> bool {
        self.depth == 1 && at.module == self.module
    }
}

impl Tracer for Recorder {
    type Mark = ();
    type Trail = ();
    type FailureSet = ();

    fn enter(&mut self, _rule: RuleRef) {
        self.depth += 1;
    }

    fn leave(&mut self, _rule: RuleRef, _value: Option<&Value>) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn reset(&mut self) {
        self.depth = 0;
    }

    fn test_case(&mut self, _at: Site, case: &Value) {
        self.end_case();
        self.case = Some(case.clone());
        self.recording.cases.push(case.clone());
    }

    fn filled(&mut self, at: Site, value: &Value) {
        if self.is_test(at) {
            self.values.insert(at.span, value.clone());
        }
    }

    fn statement(&mut self, at: Site) {
        if self.is_test(at) {
            // What an earlier attempt gave is not the value of this one.
            self.values
                .retain(|span, _| !at.span.contains(*span) || *span == at.span);
        }
    }

    fn failed(&mut self, at: Site, variables: Variables<()>) {
        if !self.is_test(at) {
            return;
        }
        let Some(statement) = self.statements.iter().position(|span| span.contains(at.span)) else {
            return;
        };
        if self.stop.as_ref().is_some_and(|stop| stop.statement > statement) {
            return;
        }
        let variables = variables.iter().map(|(local, value)| Variable {
            name: local.name.clone(),
            span: local.span,
            value: value.clone(),
            origin: None,
            near: 0,
            is_set: true,
        });
        self.stop = Some(Stop {
            case: self.case.clone(),
            statement,
            snapshot: Snapshot {
                at: at.span,
                variables: variables.collect(),
                values: self.values.clone(),
            },
        });
    }
}
