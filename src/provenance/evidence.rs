//! What speaks for locations: the way to a member, followed through the rules that gave its parts.

use std::collections::HashMap;

use super::node::Provenance;
use super::trail::{Event, Failure, Term};
use super::{FailureSet, LocationId, LocationTracer, Mark, Trail};
use kpolicy_rego::trace::Site;
use kpolicy_value::Value;

/// How many events are followed for one member.
const EVENTS: usize = 4000;
/// How deep rules are followed into rules.
const DEPTH: usize = 32;

/// How a location came into play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// A condition was about it, or about its absence.
    Tested,
    /// It was compared with a constant text, or looked up among constants.
    Matched,
    /// It had to be there.
    Wanted,
    /// It was chosen among others.
    Chosen,
    /// It was read.
    Read,
}

/// A location that an event speaks for.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub(super) location: LocationId,
    /// What is missing below it.
    pub(super) missing: Vec<Value>,
    /// Whether it is about the key.
    pub(super) key: bool,
    pub(super) sort: Sort,
    /// How many rules and functions lie between that gave a value of the input's: their conditions chose that value.
    pub(super) level: usize,
    /// The event's position on the way: the later the larger; alternatives have the same.
    pub(super) order: usize,
    /// The event: locations of one event have the same.
    pub(super) event: usize,
    /// Whether it was compared with its like: another location of the same shape.
    pub(super) twin: bool,
    /// Whether what was tried failed.
    pub(super) failed: bool,
    /// Where it was read, where nothing more was done with it.
    pub(super) read_at: Option<Site>,
}

/// The gathering of evidence for one member.
pub(super) struct Gather<'r> {
    pub(super) tracer: &'r LocationTracer,
    pub(super) found: Vec<Evidence>,
    sort: Sort,
    level: usize,
    failed: bool,
    read_at: Option<Site>,
    /// The steps that have been followed, and how far each went on.
    followed: HashMap<Trail, usize>,
    order: usize,
    /// Whether what follows are alternatives of one condition.
    within: bool,
    events: usize,
    /// How many values were looked at.
    pub(super) looked: usize,
    depth: usize,
}

impl<'r> Gather<'r> {
    pub(super) fn new(tracer: &'r LocationTracer) -> Self {
        Self {
            tracer,
            found: Vec::new(),
            sort: Sort::Tested,
            level: 0,
            failed: false,
            read_at: None,
            followed: HashMap::new(),
            order: 0,
            within: false,
            events: 0,
            looked: 0,
            depth: 0,
        }
    }

    /// Follows a way from `start` to its end.
    pub(super) fn derivation(&mut self, end: Trail, start: Trail) {
        let tracer = self.tracer;
        for step in tracer.derivation(end, start) {
            if let Some(length) = self.followed.get(&step) {
                self.order += if self.within { 0 } else { *length };
            } else {
                let before = self.order;
                let event = &tracer.step_at(step).event;
                let deeper = matches!(event, Event::Answer { decides: false, .. });
                self.level += usize::from(deeper);
                self.event(event, None);
                self.level -= usize::from(deeper);
                self.followed.insert(step, self.order - before);
            }
        }
    }

    /// What an event speaks for. With the failure that it is, what failed; else what held.
    fn event(&mut self, event: &Event, failure: Option<&Failure>) {
        self.events += 1;
        if self.events > EVENTS || self.depth > DEPTH {
            return;
        }
        if !self.within {
            self.order += 1;
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.failed, failure.is_some());
        match event {
            Event::Start => {}
            Event::Read(mark, at) => {
                self.read_at = Some(*at);
                self.as_sort(Sort::Read, |gather| gather.note_value(*mark, false));
                self.read_at = None;
            }
            Event::Chosen { key, mark, .. } => self.as_sort(Sort::Chosen, |gather| {
                gather.note_itself(if *mark == Mark::default() { *key } else { *mark });
            }),
            Event::Key(mark) => self.as_sort(Sort::Matched, |gather| gather.note_value(*mark, false)),
            Event::Equal(a, b) => self.compared(a, b),
            Event::Truthy(mark, is_boolean) => {
                let sort = match (is_boolean, self.tracer.provenance(*mark)) {
                    (true, _) => Sort::Tested,
                    (false, Provenance::Location(_) | Provenance::Key(_)) => Sort::Wanted,
                    (false, _) => Sort::Chosen,
                };
                self.as_sort(sort, |gather| gather.note_value(*mark, false));
            }
            Event::Empty(mark) => self.as_sort(Sort::Tested, |gather| gather.note_value(*mark, true)),
            Event::Missing { of, key } => {
                self.as_sort(Sort::Tested, |gather| gather.note_value(*of, false));
                if let Some(key) = key {
                    // Of what is in the input the part is missing; among what was gathered, the key.
                    let sort = if self.tracer.is_absent(*of) {
                        Sort::Read
                    } else {
                        Sort::Tested
                    };
                    self.as_sort(sort, |gather| gather.note_value(*key, false));
                }
            }
            Event::Operands(marks) => self.as_sort(Sort::Tested, |gather| {
                marks.iter().for_each(|mark| gather.note_value(*mark, false));
            }),
            Event::Because(mark) | Event::Answer { mark, .. } => self.because(*mark),
            Event::Denied(failed) | Event::Undefined(failed) => self.failed(*failed),
            Event::Held => {
                if let Some(failure) = failure {
                    self.derivation(failure.trail, failure.start);
                }
            }
        }
        self.failed = before;
        self.depth -= 1;
    }

    pub(super) fn as_sort(&mut self, sort: Sort, follow: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.sort, sort);
        follow(self);
        self.sort = before;
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    /// A comparison for equality: with a constant text it may only select what is evaluated.
    fn compared(&mut self, a: &Term, b: &Term) {
        let is_text =
            |term: &Term| matches!(term.constant, Some(Value::String(_))) || self.tracer.is_parameter(term.mark);
        let sort = if is_text(a) || is_text(b) {
            Sort::Matched
        } else {
            Sort::Tested
        };
        self.as_sort(sort, |gather| gather.note_both(a, b, 0));
    }

    /// Why a rule gave a value.
    pub(super) fn because(&mut self, mark: Mark) {
        let tracer = self.tracer;
        let mut at = mark;
        loop {
            match tracer.provenance(at) {
                Provenance::Produced { mark, why, failed } => {
                    self.derivation(*why, Trail::default());
                    self.failed(*failed);
                    at = *mark;
                }
                Provenance::Either(derivations) => {
                    return self.alternatives(derivations, |gather, derivation| gather.because(*derivation));
                }
                _ => return,
            }
        }
    }

    /// Follows each of these from the same position of the way on.
    pub(super) fn alternatives<T>(&mut self, all: &[T], follow: impl Fn(&mut Self, &T)) {
        let start = self.order;
        let mut last = start;
        for one in all {
            self.order = start;
            follow(self, one);
            last = last.max(self.order);
        }
        self.order = last;
    }

    /// What failed in a block: alternatives, of which one would have been enough.
    pub(super) fn failed(&mut self, failed: FailureSet) {
        let tracer = self.tracer;
        let within = std::mem::replace(&mut self.within, true);
        for failure in tracer.failures_of(failed) {
            let before = self.found.len();
            self.event(&failure.event, Some(failure));
            self.lift(failure, before);
        }
        self.within = within;
    }

    /// What failed for each member of a collection is the collection's error.
    fn lift(&mut self, failure: &Failure, before: usize) {
        let tracer = self.tracer;
        let end = match failure.event {
            Event::Held => failure.start,
            _ => failure.trail,
        };
        let chosen: Vec<(LocationId, LocationId)> = tracer
            .derivation(end, failure.block)
            .into_iter()
            .filter_map(|step| match tracer.step_at(step).event {
                Event::Chosen { of, key, mark } => {
                    let member = tracer.location_of(mark).or(tracer.location_of(key))?;
                    Some((tracer.location_of(of)?, member))
                }
                _ => None,
            })
            .collect();
        for evidence in &mut self.found[before..] {
            let of = chosen
                .iter()
                .find(|(_, member)| tracer.is_within(evidence.location, *member));
            if let Some((of, _)) = of {
                evidence.location = *of;
                evidence.missing.clear();
                evidence.key = false;
                evidence.twin = false;
            }
        }
    }

    pub(super) fn note(&mut self, location: LocationId, missing: Vec<Value>, key: bool) {
        // An index says which item is chosen, not what is wrong with it.
        let is_index = key && matches!(self.tracer.location(location).key, Value::Number(_));
        let sort = if is_index {
            self.sort.max(Sort::Chosen)
        } else {
            self.sort
        };
        self.found.push(Evidence {
            location,
            missing,
            key: key && !is_index,
            sort,
            level: self.level,
            order: self.order,
            event: self.events,
            twin: false,
            failed: self.failed,
            read_at: self.read_at,
        });
    }
}
