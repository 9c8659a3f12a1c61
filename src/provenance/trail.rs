//! Trails and what failed: events in lists that lead backwards.

use std::sync::Arc;

use super::{FailureSet, LocationTracer, MOST, Mark, Trail};
use kpolicy_rego::trace::Site;
use kpolicy_value::Value;

/// How many failures of one block are kept.
const FAILURES: usize = 64;

/// What happened on the way, or why the way ended.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// Nothing: the start.
    Start,
    /// A value was taken out of another, at this location of the policy.
    Read(Mark, Site),
    /// A value was looked up as a key.
    Key(Mark),
    /// A member was chosen.
    Chosen { of: Mark, key: Mark, mark: Mark },
    /// Two values were compared.
    Equal(Term, Term),
    /// A value had to be there, and not false; whether it is a boolean.
    Truthy(Mark, bool),
    /// A collection had no members.
    Empty(Mark),
    /// A part was not there; or a value, `key`, was not among the keys.
    Missing { of: Mark, key: Option<Mark> },
    /// A builtin had no value for these.
    Operands(Arc<[Mark]>),
    /// A member, or a part, was found that a rule gave: for the reasons that its origin tells.
    Because(Mark),
    /// A rule or a function gave its value, likewise; whether that is a boolean, and so a decision.
    Answer { mark: Mark, decides: bool },
    /// A `not` held, since this failed in it.
    Denied(FailureSet),
    /// A rule or a function had no value, since this failed.
    Undefined(FailureSet),
    /// What is in a `not` held.
    Held,
}

/// A side of a comparison.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) mark: Mark,
    /// The value, where it does not come from the input.
    pub(super) constant: Option<Value>,
}

/// A step of a way.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) event: Event,
    pub(super) before: Trail,
}

impl Step {
    pub(super) fn start() -> Self {
        Self {
            event: Event::Start,
            before: Trail::default(),
        }
    }
}

/// Why a way ended in a block.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) event: Event,
    /// The way to it.
    pub(super) trail: Trail,
    /// Where what failed starts on that way: where a `not` does whose inside held, else the block.
    pub(super) start: Trail,
    /// Where the block starts.
    pub(super) block: Trail,
    pub(super) before: FailureSet,
}

impl Failure {
    pub(super) fn none() -> Self {
        Self {
            event: Event::Start,
            trail: Trail::default(),
            start: Trail::default(),
            block: Trail::default(),
            before: FailureSet::default(),
        }
    }
}

/// A block that is being evaluated.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) start: Trail,
    pub(super) last: FailureSet,
    /// How many failures it has.
    pub(super) count: usize,
}

impl LocationTracer {
    /// Goes a step on.
    pub(super) fn step(&mut self, event: Event) {
        if self.steps.len() < MOST {
            let before = self.trail;
            self.trail = Trail(number(self.steps.len()));
            self.steps.push(Step { event, before });
        }
    }

    /// Notes why the way ends here.
    pub(super) fn fail(&mut self, event: Event) {
        let start = self.open.last().map(|region| region.start).unwrap_or_default();
        self.fail_since(event, start);
    }

    /// Notes why the way ends here, in a block that began at `start`.
    pub(super) fn fail_since(&mut self, event: Event, start: Trail) {
        let Some(region) = self.open.last_mut() else { return };
        // They are alternatives, and alike where they are many.
        if self.failures.len() < MOST && region.count < FAILURES {
            region.count += 1;
            let (before, block) = (region.last, region.start);
            region.last = FailureSet(number(self.failures.len()));
            let trail = self.trail;
            self.failures.push(Failure {
                event,
                trail,
                start,
                block,
                before,
            });
        }
    }

    /// The steps from `start` to the end of a way, in order.
    pub(super) fn derivation(&self, end: Trail, start: Trail) -> Vec<Trail> {
        let mut steps = Vec::new();
        let mut at = end;
        while at != Trail::default() && at != start {
            steps.push(at);
            at = self.steps[at.0 as usize].before;
        }
        steps.reverse();
        steps
    }

    /// The failures of a block, the first first.
    pub(super) fn failures_of(&self, last: FailureSet) -> Vec<&Failure> {
        let mut failures = Vec::new();
        let mut at = last;
        while at != FailureSet::default() {
            let failure = &self.failures[at.0 as usize];
            failures.push(failure);
            at = failure.before;
        }
        failures.reverse();
        failures
    }
}

/// A position in a list. Lists are shorter than [`MOST`].
pub(super) fn number(at: usize) -> u32 {
    u32::try_from(at).expect("lists are kept short")
}
