//! Two engines side by side: any difference between their answers is an error.

use super::{Engine, EngineError, ErrorKind, Evaluated, MemberLocations, Worker};
use crate::tracing::profile::Profile;
use crate::tracing::story::Story;
use kpolicy_value::Value;

/// The two engines, the one whose answers count first.
pub struct Both {
    first: Box<dyn Engine>,
    second: Box<dyn Engine>,
}

impl Both {
    /// An engine that asks both.
    pub fn new(first: Box<dyn Engine>, second: Box<dyn Engine>) -> Self {
        Self { first, second }
    }
}

impl Engine for Both {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(BothWorkers {
            first: self.first.worker(),
            second: self.second.worker(),
        })
    }
}

struct BothWorkers<'e> {
    first: Box<dyn Worker + 'e>,
    second: Box<dyn Worker + 'e>,
}

impl Worker for BothWorkers<'_> {
    fn overlay(&mut self, key: &str, value: Value) -> Result<(), EngineError> {
        self.first.overlay(key, value.clone())?;
        self.second.overlay(key, value)
    }

    fn set_input(&mut self, input: &Value) {
        self.first.set_input(input);
        self.second.set_input(input);
    }

    fn evaluate(&mut self, rule: &str) -> Evaluated {
        let (first, second) = (self.first.evaluate(rule), self.second.evaluate(rule));
        // Engines word their errors differently, and not every engine has results beside an error.
        if first.error.is_some() == second.error.is_some() && (first.error.is_some() || first.value == second.value) {
            return first;
        }
        let message = format!(
            "the engines differ on {rule}: own gives {}, regorus gives {}",
            shown(&first),
            shown(&second)
        );
        let place = first.error.or(second.error).and_then(|error| error.place);
        let kind = ErrorKind::Difference;
        EngineError { kind, message, place }.into()
    }

    fn locations(&mut self, rule: &str) -> Result<Vec<MemberLocations>, EngineError> {
        self.first.locations(rule)
    }

    fn story(&mut self, rule: &str, about: Option<&[Value]>) -> Option<Story> {
        self.first.story(rule, about)
    }

    fn profile(&mut self, rule: &str) {
        self.first.profile(rule);
    }

    fn take_profile(&mut self) -> Profile {
        self.first.take_profile()
    }

    fn trace(&mut self, rule: &str) -> Vec<String> {
        self.first.trace(rule)
    }

    fn take_prints(&mut self) -> Vec<String> {
        self.second.take_prints();
        self.first.take_prints()
    }
}

fn shown(evaluated: &Evaluated) -> String {
    match (&evaluated.error, &evaluated.value) {
        (Some(error), _) => format!("the error `{}`", error.message),
        (None, Some(value)) => value.to_json().to_string(),
        (None, None) => "undefined".to_owned(),
    }
}
