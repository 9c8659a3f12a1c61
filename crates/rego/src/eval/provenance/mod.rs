//! The recorder of places: beside each value where in the input it came from, beside the way what was tested on it.
//!
//! Marks and trails are numbers: they stand for entries of lists that only grow, and go with the recorder.

use std::collections::HashMap;
use std::sync::Arc;

use super::recorder::{Recorder, Seen, Site, Test};
use crate::plan::code::{Collect, RuleId, RuleKind};
use kpolicy_value::Value;

mod evidence;
mod node;
mod operands;
mod rank;
mod trail;
mod transfer;

pub use rank::{Candidate, MemberLocations, Preference};

use node::{Location, Part, Provenance};
use trail::{Event, Failure, Region, Step, Term};

/// What is known of a value: the place of its [`Provenance`] in a list. The first is that of a constant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Mark(u32);

/// The last step of a way, or nothing at its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Trail(u32);

/// The last failure in a block, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct FailureSet(u32);

/// A place in the input, by its position in a list. The first is the input itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlaceId(u32);

/// How many steps, failures and origins are kept at most: a rule that makes more has the places of its first ones.
const MOST: usize = 4 << 20;

/// How many ways to one value are kept at most.
const MAX_ALTERNATIVES: usize = 16;

/// The recorder.
#[derive(Debug)]
pub(super) struct Places {
    places: Vec<Location>,
    by_step: HashMap<(PlaceId, Value), PlaceId>,
    provenances: Vec<Provenance>,
    steps: Vec<Step>,
    failures: Vec<Failure>,
    trail: Trail,
    open: Vec<Region>,
}

impl Default for Places {
    fn default() -> Self {
        let mut places = Self {
            places: Vec::new(),
            by_step: HashMap::new(),
            provenances: vec![Provenance::Constant],
            steps: vec![Step::start()],
            failures: vec![Failure::none()],
            trail: Trail::default(),
            open: Vec::new(),
        };
        places.add_place(None, Value::Null);
        places
    }
}

impl Recorder for Places {
    type Mark = Mark;
    type Trail = Trail;
    type FailureSet = FailureSet;

    fn input(&mut self) -> Mark {
        self.places[0].mark
    }

    fn part(&mut self, of: Seen<Mark>, key: &Value) -> Mark {
        of.mark.map_or(Mark::default(), |mark| self.part_of(*mark, key))
    }

    fn key(&mut self, of: Seen<Mark>, key: &Value) -> Mark {
        of.mark.map_or(Mark::default(), |mark| self.key_of(*mark, key))
    }

    fn path(&mut self, of: &Mark, to: &Mark) -> Mark {
        match (self.provenance(self.bare(*of)), self.provenance(self.bare(*to))) {
            (Provenance::Place(of), Provenance::Place(to)) => {
                let (from, to) = (self.depth(*of), *to);
                self.add(Provenance::PathTo { from, to })
            }
            _ => *to,
        }
    }

    fn collection<'v>(
        &mut self,
        collect: Collect,
        items: impl Iterator<Item = (Option<Seen<'v, Mark>>, Seen<'v, Mark>)>,
        failed: FailureSet,
    ) -> Mark {
        let mark = |seen: &Seen<Mark>| seen.mark.copied().unwrap_or_default();
        let provenance = match collect {
            Collect::Array => Provenance::Array(items.map(|(_, item)| mark(&item)).collect(), failed),
            Collect::Set => {
                let mut members: Vec<(Value, Mark)> =
                    items.map(|(_, member)| (member.value.clone(), mark(&member))).collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                Provenance::Set(members, failed)
            }
            Collect::Object => {
                let mut parts: Vec<Part> = items
                    .filter_map(|(key, value)| {
                        let key = key?;
                        Some(Part {
                            key: key.value.clone(),
                            of_key: mark(&key),
                            of_value: mark(&value),
                        })
                    })
                    .collect();
                parts.sort_by(|a, b| a.key.cmp(&b.key));
                Provenance::Object(parts, failed)
            }
        };
        if failed == FailureSet::default() && provenance.is_constant() {
            return Mark::default();
        }
        self.add(provenance)
    }

    fn replaced(&mut self, of: Seen<Mark>, path: &[Value], by: Seen<Mark>) -> Mark {
        self.overlay(of, path, by.mark.copied().unwrap_or_default())
    }

    fn builtin<'v>(
        &mut self,
        at: Site,
        name: &'static str,
        operands: impl Iterator<Item = Seen<'v, Mark>>,
        value: &Value,
    ) -> Mark {
        let operands: Vec<Seen<Mark>> = operands.collect();
        if operands
            .iter()
            .all(|operand| operand.mark.is_none_or(|mark| *mark == Mark::default()))
        {
            return Mark::default();
        }
        self.transferred(at, name, &operands, value)
    }

    fn trail(&self) -> Trail {
        self.trail
    }

    fn back(&mut self, trail: &Trail) {
        self.trail = *trail;
    }

    fn read(&mut self, at: Site, mark: &Mark, key: Option<Seen<Mark>>) {
        if let Some(key) = key.and_then(|key| key.mark).filter(|key| **key != Mark::default()) {
            self.step(Event::Key(*key));
        }
        match self.provenance(*mark) {
            Provenance::Produced { .. } | Provenance::Either(_) => self.step(Event::Because(*mark)),
            Provenance::Constant => {}
            _ => self.step(Event::Read(*mark, at)),
        }
    }

    fn chosen(&mut self, _at: Site, of: &Mark, key: &Mark, mark: &Mark) {
        if [*of, *key, *mark] == [Mark::default(); 3] {
            return;
        }
        self.step(Event::Chosen {
            of: *of,
            key: *key,
            mark: *mark,
        });
        if let Provenance::Produced { .. } | Provenance::Either(_) = self.provenance(*mark) {
            self.step(Event::Because(*mark));
        }
    }

    fn tested(&mut self, _at: Site, test: Test<Mark>, held: bool) {
        let Some(event) = self.event(&test, held) else { return };
        if held {
            self.step(event);
        } else {
            self.fail(event);
        }
    }

    fn open(&mut self) {
        let start = self.trail;
        self.open.push(Region {
            start,
            last: FailureSet::default(),
            count: 0,
        });
    }

    fn close(&mut self) -> FailureSet {
        self.open.pop().map(|region| region.last).unwrap_or_default()
    }

    fn denied(&mut self, _at: Site, failed: &FailureSet) {
        self.step(Event::Denied(*failed));
    }

    fn confirmed(&mut self, _at: Site) {
        let start = self.open.pop().map(|region| region.start).unwrap_or_default();
        self.fail_since(Event::Held, start);
    }

    fn produced(&mut self, mark: Mark) -> Mark {
        let why = self.trail;
        if why == Trail::default() {
            return mark;
        }
        self.add(Provenance::Produced {
            mark,
            why,
            failed: FailureSet::default(),
        })
    }

    fn also(&mut self, known: Mark, other: Mark) -> Mark {
        let mut derivations = match self.provenance(known) {
            Provenance::Either(derivations) => derivations.clone(),
            _ => vec![known],
        };
        if derivations.len() == MAX_ALTERNATIVES || other == known {
            return known;
        }
        derivations.push(other);
        self.add(Provenance::Either(derivations))
    }

    fn concluded(&mut self, kind: RuleKind, mark: Mark, failed: &FailureSet, fallback: bool) -> Mark {
        // What failed counts where nothing else was found.
        let is_empty = matches!(kind, RuleKind::Set | RuleKind::Object) && mark == Mark::default();
        if *failed == FailureSet::default() || !(fallback || is_empty) {
            return mark;
        }
        let why = Trail::default();
        self.add(Provenance::Produced {
            mark,
            why,
            failed: *failed,
        })
    }

    fn known(&mut self, _at: Site, value: Seen<Mark>) {
        let mark = value.mark.copied().unwrap_or_default();
        if let Provenance::Produced { .. } | Provenance::Either(_) = self.provenance(mark) {
            let decides = matches!(value.value, Value::Bool(_));
            self.step(Event::Answer { mark, decides });
        }
    }

    fn undefined(&mut self, _at: Site, _rule: RuleId, failed: &FailureSet) {
        self.fail(Event::Undefined(*failed));
    }
}

impl Places {
    /// A test with what is known of its operands; nothing if they are constants.
    fn event(&mut self, test: &Test<Mark>, held: bool) -> Option<Event> {
        let known = |seen: &Seen<Mark>| seen.mark.is_some_and(|mark| *mark != Mark::default());
        let term = |seen: &Seen<Mark>| Term {
            mark: seen.mark.copied().unwrap_or_default(),
            constant: (!known(seen)).then(|| seen.value.clone()),
        };
        Some(match test {
            Test::Has { of, path, key } => {
                let key = key.as_ref().filter(|key| known(key)).map(|key| term(key).mark);
                if !known(of) && key.is_none() {
                    return None;
                }
                let of = self.reached(*of, path);
                Event::Missing { of, key }
            }
            Test::Equal(a, b) => {
                if !known(a) && !known(b) {
                    return None;
                }
                Event::Equal(term(a), term(b))
            }
            Test::Truthy(value) => {
                let is_boolean = matches!(value.value, Value::Bool(_));
                Event::Truthy(known(value).then(|| term(value).mark)?, is_boolean)
            }
            // That a value has the shape that is wanted says nothing.
            Test::Shape(_) if held => return None,
            Test::Shape(value) => Event::Truthy(known(value).then(|| term(value).mark)?, true),
            Test::Members(value) => Event::Empty(known(value).then(|| term(value).mark)?),
            Test::Builtin(operands) => {
                let marks: Arc<[Mark]> = operands
                    .iter()
                    .filter(|operand| known(operand))
                    .map(|operand| term(operand).mark)
                    .collect();
                if marks.is_empty() {
                    return None;
                }
                Event::Operands(marks)
            }
        })
    }
}
