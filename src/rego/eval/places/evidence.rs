//! What speaks for places: the way to a member, followed through the rules that gave its parts.

use std::collections::HashSet;

use super::origin::Origin;
use super::trail::{Event, Failure, Term};
use super::{Lack, Mark, PlaceId, Places, Trail};
use crate::value::Value;

/// How many events are followed for one member.
const EVENTS: usize = 4000;
/// How many failures of one block are looked at: they are alternatives, and alike where they are many.
const FAILURES: usize = 64;
/// How deep rules are followed into rules.
const DEPTH: usize = 64;

/// How a place came into play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// A condition was about it, or about its absence.
    Judged,
    /// It was compared with a constant text, or looked up among constants.
    Matched,
    /// It was read, or chosen.
    Read,
}

/// A place that an event speaks for.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub(super) place: PlaceId,
    /// What is missing below it.
    pub(super) missing: Vec<Value>,
    /// Whether it is about the key.
    pub(super) key: bool,
    pub(super) sort: Sort,
    /// The event's position on the way: the later the larger, those of one condition the same.
    pub(super) order: usize,
}

/// The gathering of evidence for one member.
pub(super) struct Gather<'r> {
    pub(super) places: &'r Places,
    pub(super) found: Vec<Evidence>,
    pub(super) sort: Sort,
    followed: HashSet<Trail>,
    order: usize,
    /// Whether events are alternatives of one condition.
    within: bool,
    events: usize,
    depth: usize,
}

impl<'r> Gather<'r> {
    pub(super) fn new(places: &'r Places) -> Self {
        Self {
            places,
            found: Vec::new(),
            sort: Sort::Judged,
            followed: HashSet::new(),
            order: 0,
            within: false,
            events: 0,
            depth: 0,
        }
    }

    /// Follows a way from `start` to its end.
    pub(super) fn way(&mut self, end: Trail, start: Trail) {
        let places = self.places;
        for step in places.way(end, start) {
            if self.followed.insert(step) {
                self.event(&places.step_at(step).event, None);
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
        match event {
            Event::Start => {}
            Event::Read(mark) => self.as_sort(Sort::Read, |gather| gather.blame(*mark, false)),
            Event::Chosen { key, mark, .. } => self.as_sort(Sort::Read, |gather| {
                if *mark == Mark::default() {
                    gather.blame(*key, false);
                }
                gather.blame_itself(*mark);
            }),
            Event::Key(mark) => self.as_sort(Sort::Matched, |gather| gather.blame(*mark, false)),
            Event::Equal(a, b) => self.compared(a, b),
            Event::Truthy(mark) => self.as_sort(Sort::Judged, |gather| gather.blame(*mark, false)),
            Event::Empty(mark) => self.as_sort(Sort::Judged, |gather| gather.blame(*mark, true)),
            Event::Missing { of, key } => {
                self.as_sort(Sort::Judged, |gather| gather.blame(*of, false));
                if let Some(key) = key {
                    self.as_sort(Sort::Judged, |gather| gather.blame(*key, false));
                }
            }
            Event::Operands(marks) => self.as_sort(Sort::Judged, |gather| {
                marks.iter().for_each(|mark| gather.blame(*mark, false));
            }),
            Event::Because(mark) => self.because(*mark),
            Event::Denied(lack) | Event::Undefined(lack) => self.lack(*lack),
            Event::Held => {
                if let Some(failure) = failure {
                    self.way(failure.trail, failure.start);
                }
            }
        }
        self.depth -= 1;
    }

    fn as_sort(&mut self, sort: Sort, follow: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.sort, sort);
        follow(self);
        self.sort = before;
    }

    /// A comparison: with a constant text it may only select what is judged.
    fn compared(&mut self, a: &Term, b: &Term) {
        let is_text = |term: &Term| matches!(term.constant, Some(Value::String(_)));
        let sort = if is_text(a) || is_text(b) {
            Sort::Matched
        } else {
            Sort::Judged
        };
        self.as_sort(sort, |gather| {
            let whole = gather.is_of_length(a, b) || gather.is_of_length(b, a);
            gather.blame(a.mark, whole);
            gather.blame(b.mark, whole);
        });
    }

    /// Why a rule gave a value.
    pub(super) fn because(&mut self, mark: Mark) {
        let mut at = mark;
        while let Origin::Given { mark, why, lack } = self.places.origin(at) {
            self.way(*why, Trail::default());
            self.lack(*lack);
            at = *mark;
        }
    }

    /// What failed in a block: alternatives, of which one would have been enough.
    pub(super) fn lack(&mut self, lack: Lack) {
        let places = self.places;
        let within = std::mem::replace(&mut self.within, true);
        for failure in places.failures_of(lack, FAILURES) {
            let before = self.found.len();
            self.event(&failure.event, Some(failure));
            if !matches!(failure.event, Event::Held) {
                self.lift(failure, before);
            }
        }
        self.within = within;
    }

    /// What failed for each member of a collection is the collection's fault.
    fn lift(&mut self, failure: &Failure, before: usize) {
        let places = self.places;
        let chosen: Vec<(PlaceId, PlaceId)> = places
            .way(failure.trail, failure.start)
            .into_iter()
            .filter_map(|step| match places.step_at(step).event {
                Event::Chosen { of, key, mark } => {
                    Some((places.place_of(of)?, places.place_of(mark).or(places.place_of(key))?))
                }
                _ => None,
            })
            .collect();
        for evidence in &mut self.found[before..] {
            let of = chosen
                .iter()
                .find(|(_, member)| places.is_within(evidence.place, *member));
            if let Some((of, _)) = of {
                evidence.place = *of;
                evidence.missing.clear();
                evidence.key = false;
            }
        }
    }

    pub(super) fn note(&mut self, place: PlaceId, missing: Vec<Value>, key: bool) {
        self.found.push(Evidence {
            place,
            missing,
            key,
            sort: self.sort,
            order: self.order,
        });
    }
}
