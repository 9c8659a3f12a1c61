//! Where results come from: a tracer that keeps, with each value, its location in the input, and the conditions that
//! were tested before it.
//!
//! Marks and trails are indexes into lists that only grow, and that the tracer owns. `rank` orders the locations of a
//! result.

use std::collections::HashMap;
use std::sync::Arc;

use kpolicy_rego::trace::{Collect, Condition, MarkedRef, RuleKind, RuleRef, Site, Tracer};
use kpolicy_rego::{EvalError, Evaluation, Query};
use kpolicy_value::Value;

mod evidence;
mod node;
mod operands;
mod origin;
mod rank;
mod trail;
mod transfer;

pub use origin::Origin;
pub use rank::{Candidate, MemberLocations, Preference};

use node::{Location, Part, Provenance};
use trail::{Event, Failure, Region, Step, Term};

/// What is known of a value: the index of its `Provenance`. The first is that of a constant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mark(u32);

/// The last step of a path, or nothing at its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trail(u32);

/// The last failure in a block, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FailureSet(u32);

/// A location in the input, by its index. The first is the input itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LocationId(u32);

/// How many steps, failures and provenances are kept at most: a rule that makes more has the locations of its first ones.
const MOST: usize = 4 << 20;

/// How many derivations of one value are kept at most.
const MAX_ALTERNATIVES: usize = 16;

/// The tracer of locations.
#[derive(Debug)]
pub struct LocationTracer {
    locations: Vec<Location>,
    by_step: HashMap<(LocationId, Value), LocationId>,
    provenances: Vec<Provenance>,
    steps: Vec<Step>,
    failures: Vec<Failure>,
    trail: Trail,
    open: Vec<Region>,
}

/// The members of the set that a query asks for, each with its candidate locations.
///
/// # Errors
/// As [`Evaluation::answer`].
pub fn locations(
    evaluation: &mut Evaluation<'_, LocationTracer>,
    query: &Query,
) -> Result<Vec<MemberLocations>, EvalError> {
    let found = evaluation.answer_marked(query)?;
    let tracer = evaluation.tracer_mut();
    Ok(found.map_or_else(Vec::new, |value| tracer.members_with_locations(&value)))
}

impl Default for LocationTracer {
    fn default() -> Self {
        let mut tracer = Self {
            locations: Vec::new(),
            by_step: HashMap::new(),
            provenances: vec![Provenance::Constant],
            steps: vec![Step::start()],
            failures: vec![Failure::none()],
            trail: Trail::default(),
            open: Vec::new(),
        };
        tracer.add_location(None, Value::Null);
        tracer
    }
}

impl Tracer for LocationTracer {
    type Mark = Mark;
    type Trail = Trail;
    type FailureSet = FailureSet;

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn input(&mut self) -> Mark {
        self.locations[0].mark
    }

    fn part(&mut self, of: MarkedRef<Mark>, key: &Value) -> Mark {
        of.mark.map_or(Mark::default(), |mark| self.part_of(*mark, key))
    }

    fn key(&mut self, of: MarkedRef<Mark>, key: &Value) -> Mark {
        of.mark.map_or(Mark::default(), |mark| self.key_of(*mark, key))
    }

    fn path(&mut self, of: &Mark, to: &Mark) -> Mark {
        match (self.provenance(self.bare(*of)), self.provenance(self.bare(*to))) {
            (Provenance::Location(of), Provenance::Location(to)) => {
                let (from, to) = (self.depth(*of), *to);
                self.add(Provenance::PathTo { from, to })
            }
            _ => *to,
        }
    }

    fn collection<'v>(
        &mut self,
        collect: Collect,
        items: impl Iterator<Item = (Option<MarkedRef<'v, Mark>>, MarkedRef<'v, Mark>)>,
        failed: FailureSet,
    ) -> Mark {
        let mark = |seen: &MarkedRef<Mark>| seen.mark.copied().unwrap_or_default();
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

    fn replaced(&mut self, of: MarkedRef<Mark>, path: &[Value], by: MarkedRef<Mark>) -> Mark {
        self.overlay(of, path, by.mark.copied().unwrap_or_default())
    }

    fn builtin<'v>(
        &mut self,
        at: Site,
        name: &'static str,
        operands: impl Iterator<Item = MarkedRef<'v, Mark>>,
        value: &Value,
    ) -> Mark {
        let operands: Vec<MarkedRef<Mark>> = operands.collect();
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

    fn restore(&mut self, trail: &Trail) {
        self.trail = *trail;
    }

    fn read(&mut self, at: Site, mark: &Mark, key: Option<MarkedRef<Mark>>) {
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

    fn tested(&mut self, _at: Site, test: Condition<Mark>, held: bool) {
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

    fn concluded(&mut self, rule: RuleRef, mark: Mark, failed: &FailureSet, fallback: bool) -> Mark {
        // What failed counts where nothing else was found.
        let is_empty = matches!(rule.kind, RuleKind::Set | RuleKind::Object) && mark == Mark::default();
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

    fn known(&mut self, _at: Site, value: MarkedRef<Mark>) {
        let mark = value.mark.copied().unwrap_or_default();
        if let Provenance::Produced { .. } | Provenance::Either(_) = self.provenance(mark) {
            let decides = matches!(value.value, Value::Bool(_));
            self.step(Event::Answer { mark, decides });
        }
    }

    fn undefined(&mut self, _at: Site, _rule: RuleRef, failed: &FailureSet) {
        self.fail(Event::Undefined(*failed));
    }
}

impl LocationTracer {
    /// A test with what is known of its operands; nothing if they are constants.
    fn event(&mut self, test: &Condition<Mark>, held: bool) -> Option<Event> {
        let known = |seen: &MarkedRef<Mark>| seen.mark.is_some_and(|mark| *mark != Mark::default());
        let term = |seen: &MarkedRef<Mark>| Term {
            mark: seen.mark.copied().unwrap_or_default(),
            constant: (!known(seen)).then(|| seen.value.clone()),
        };
        Some(match test {
            Condition::Has { of, path, key } => {
                let key = key.as_ref().filter(|key| known(key)).map(|key| term(key).mark);
                if !known(of) && key.is_none() {
                    return None;
                }
                let of = self.reached(*of, path);
                Event::Missing { of, key }
            }
            Condition::Equal(a, b) => {
                if !known(a) && !known(b) {
                    return None;
                }
                Event::Equal(term(a), term(b))
            }
            Condition::Truthy(value) => {
                let is_boolean = matches!(value.value, Value::Bool(_));
                Event::Truthy(known(value).then(|| term(value).mark)?, is_boolean)
            }
            // That a value has the shape that is wanted says nothing.
            Condition::Shape(_) if held => return None,
            Condition::Shape(value) => Event::Truthy(known(value).then(|| term(value).mark)?, true),
            Condition::Members(value) => Event::Empty(known(value).then(|| term(value).mark)?),
            Condition::Builtin(operands) => {
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
