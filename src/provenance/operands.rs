//! The locations that a value speaks for where it was part of a condition.

use super::evidence::{Gather, Sort};
use super::node::{DIFFERENCE, Provenance};
use super::trail::{Event, Term};
use super::{LocationId, LocationTracer, Mark, Trail};
use kpolicy_rego::trace::Site;
use kpolicy_value::Value;

/// The key under which Gatekeeper passes parameters beside the object.
pub(super) const PARAMETERS: &str = "parameters";
/// How many parts of a value that was built are looked at.
const PARTS: usize = 16;
/// How deep the way goes through values that were computed from others.
const DEPTH: usize = 16;
/// How many values are looked at for one member.
const VALUES: usize = 10_000;

/// Builtins that test one of their operands by the others, and its position.
const PREDICATES: &[(&str, usize)] = &[
    ("startswith", 0),
    ("endswith", 0),
    ("contains", 0),
    ("strings.any_prefix_match", 0),
    ("strings.any_suffix_match", 0),
    ("regex.match", 1),
    ("re_match", 1),
    ("glob.match", 2),
    ("net.cidr_contains", 1),
];

impl Gather<'_> {
    /// Notes the locations of a value: of its parts, or, where `whole` says so, of the collection as such.
    pub(super) fn note_value(&mut self, mark: Mark, whole: bool) {
        self.note_value_at(mark, whole, 0);
    }

    /// Notes where a value, or a key, stands, where it stands anywhere.
    pub(super) fn note_itself(&mut self, mark: Mark) {
        if let Some(location) = self.tracer.location_of(mark) {
            let is_key = matches!(self.tracer.provenance(self.tracer.bare(mark)), Provenance::Key(_));
            self.note(location, Vec::new(), is_key);
        }
    }

    fn note_value_at(&mut self, mark: Mark, whole: bool, depth: usize) {
        self.looked += 1;
        if depth > DEPTH || self.looked > VALUES {
            return;
        }
        let tracer = self.tracer;
        match tracer.provenance(mark) {
            Provenance::Constant => {}
            Provenance::Location(location) => self.note(*location, Vec::new(), false),
            Provenance::Key(location) | Provenance::PathTo { to: location, .. } => {
                self.note(*location, Vec::new(), true)
            }
            Provenance::Absent { of, path } => self.missing(*of, path, depth),
            Provenance::Array(_, failed) | Provenance::Set(_, failed) | Provenance::Object(_, failed) => {
                let parts = tracer.parts(mark);
                if parts.is_empty() {
                    // What is only read need not hold anything.
                    if self.sort() < Sort::Chosen {
                        self.failed(*failed);
                    }
                    return;
                }
                match whole.then(|| tracer.gathered_from(&parts)).flatten() {
                    Some(location) => self.note(location, Vec::new(), false),
                    None => self.alternatives(&parts, |gather, part| gather.note_value_at(*part, whole, depth + 1)),
                }
            }
            Provenance::Over { first, second } => {
                self.note_value_at(first.mark, whole, depth + 1);
                self.note_value_at(second.mark, whole, depth + 1);
            }
            Provenance::Made { name, operands, .. } => self.made(name, operands, whole, depth),
            Provenance::Produced { mark: inner, .. } => {
                if self.sort() < Sort::Chosen {
                    self.because(mark);
                }
                self.note_value_at(*inner, whole, depth + 1);
            }
            Provenance::Either(derivations) => self.alternatives(derivations, |gather, derivation| {
                gather.note_value_at(*derivation, whole, depth + 1)
            }),
        }
    }

    /// Notes what is missing below a value.
    fn missing(&mut self, of: Mark, path: &[Value], depth: usize) {
        let tracer = self.tracer;
        match tracer.provenance(tracer.bare(of)) {
            Provenance::Location(location) => self.note(*location, path.to_vec(), false),
            Provenance::Constant => {
                // A default in place of what is missing: that is missing too, and this below it.
                let before = self.found.len();
                self.because(of);
                for evidence in &mut self.found[before..] {
                    if !evidence.missing.is_empty() {
                        evidence.missing.extend_from_slice(path);
                    }
                }
            }
            _ => self.note_value_at(of, true, depth + 1),
        }
    }

    fn made(&mut self, name: &str, operands: &[(Mark, Option<Value>)], whole: bool, depth: usize) {
        let term = |at: usize| {
            operands.get(at).map(|(mark, constant)| Term {
                mark: *mark,
                constant: constant.clone(),
            })
        };
        match (name, term(0), term(1)) {
            ("equal" | "neq" | "lt" | "lte" | "gt" | "gte", Some(a), Some(b)) => self.note_both(&a, &b, depth + 1),
            ("count", Some(of), _) if !whole => self.members(of.mark, depth + 1),
            ("sum" | "product", Some(of), _) => self.note_value_at(of.mark, true, depth + 1),
            // What the policy wants less what is there: what is there lacks something.
            (DIFFERENCE, Some(a), Some(b)) if self.tracer.is_of_policy(&a) => {
                self.note_value_at(b.mark, true, depth + 1)
            }
            (DIFFERENCE, Some(a), Some(_)) => self.note_value_at(a.mark, whole, depth + 1),
            ("internal.member_2", Some(element), Some(collection)) => {
                if element.constant.is_some() {
                    return self.note_value_at(collection.mark, true, depth + 1);
                }
                let sort = match self.tracer.is_of_policy(&collection) {
                    true => self.sort().max(Sort::Matched),
                    false => self.sort(),
                };
                self.as_sort(sort, |gather| gather.note_value_at(element.mark, false, depth + 1));
            }
            _ => {
                let whole = whole || name == "object.subset";
                let tested = PREDICATES.iter().find(|(predicate, _)| *predicate == name);
                match tested
                    .and_then(|(_, at)| term(*at))
                    .filter(|tested| !self.tracer.is_of_policy(tested))
                {
                    Some(tested) => self.note_value_at(tested.mark, whole, depth + 1),
                    None => operands
                        .iter()
                        .for_each(|(mark, _)| self.note_value_at(*mark, whole, depth + 1)),
                }
            }
        }
    }

    /// Notes the locations of two values that were compared.
    pub(super) fn note_both(&mut self, a: &Term, b: &Term, depth: usize) {
        let whole = self.tracer.is_of_length(a, b) || self.tracer.is_of_length(b, a);
        let before = self.found.len();
        self.note_value_at(a.mark, whole, depth);
        self.note_value_at(b.mark, whole, depth);
        if let [a, b] = &mut self.found[before..]
            && self.tracer.are_alike(a.location, b.location)
        {
            (a.twin, b.twin) = (true, true);
        }
    }

    /// Notes why a collection has members: not what these are, but what put them there.
    fn members(&mut self, of: Mark, depth: usize) {
        let tracer = self.tracer;
        match tracer.provenance(tracer.bare(of)) {
            Provenance::Array(..) | Provenance::Set(..) | Provenance::Object(..) => {
                let parts = tracer.parts(tracer.bare(of));
                if parts.is_empty() {
                    return self.note_value_at(of, false, depth);
                }
                self.alternatives(&parts, |gather, part| {
                    gather.because(*part);
                    gather.as_sort(Sort::Chosen, |gather| {
                        gather.note_value_at(tracer.bare(*part), false, depth)
                    });
                });
            }
            Provenance::Made { name, operands, .. } if *name == DIFFERENCE => {
                let (mark, constant) = operands.first().cloned().unwrap_or_default();
                let left = Term { mark, constant };
                match operands.get(1) {
                    Some((right, _)) if tracer.is_of_policy(&left) => self.note_value_at(*right, true, depth),
                    _ => self.note_value_at(mark, false, depth),
                }
            }
            _ => self.note_value_at(of, false, depth),
        }
    }
}

impl LocationTracer {
    /// Whether one side is the length of a collection and the other a length that is wanted, and not only whether it
    /// has members.
    fn is_of_length(&self, a: &Term, b: &Term) -> bool {
        let provenance = self.provenance(self.bare(a.mark));
        matches!(provenance, Provenance::Made { name: "count", .. })
            && !matches!(&b.constant, Some(value) if *value == Value::from(0i64))
    }

    /// Whether two different locations have paths of one shape: the same but for the choice of items.
    fn are_alike(&self, a: LocationId, b: LocationId) -> bool {
        let (a, b) = (self.path(a), self.path(b));
        let mut pairs = a.iter().zip(&b);
        a != b
            && a.len() == b.len()
            && a.last() == b.last()
            && pairs.all(|(a, b)| a == b || matches!((a, b), (Value::Number(_), Value::Number(_))))
    }

    /// Whether a value is the policy's own, or a parameter that it was given.
    fn is_of_policy(&self, term: &Term) -> bool {
        term.constant.is_some() || self.is_parameter(term.mark)
    }

    /// Whether a value stands for what is missing at a location of the input.
    pub(super) fn is_absent(&self, mark: Mark) -> bool {
        match self.provenance(mark) {
            Provenance::Absent { of, .. } => matches!(self.provenance(self.bare(*of)), Provenance::Location(_)),
            _ => false,
        }
    }

    /// Whether a value comes from the parameters that Gatekeeper passes beside the object.
    pub(super) fn is_parameter(&self, mark: Mark) -> bool {
        self.stands(mark, 0)
            .is_some_and(|location| self.is_in_parameters(location))
    }

    pub(super) fn is_in_parameters(&self, location: LocationId) -> bool {
        self.depth(location) > 0 && self.location(self.above(location, 1)).key.as_str() == Some(PARAMETERS)
    }

    pub(super) fn step_at(&self, step: Trail) -> &super::trail::Step {
        &self.steps[step.0 as usize]
    }

    /// The location of a value, or of a key.
    pub(super) fn location_of(&self, mark: Mark) -> Option<LocationId> {
        match self.provenance(self.bare(mark)) {
            Provenance::Location(location) | Provenance::Key(location) => Some(*location),
            _ => None,
        }
    }

    /// The parts of a value that was built which do not come from the policy alone.
    fn parts(&self, mark: Mark) -> Vec<Mark> {
        let parts: Vec<Mark> = match self.provenance(mark) {
            Provenance::Array(items, _) => items.clone(),
            Provenance::Set(members, _) => members.iter().map(|(_, mark)| *mark).collect(),
            Provenance::Object(parts, _) => {
                let marks = parts.iter().map(|part| match part.of_value {
                    none if none == Mark::default() => part.of_key,
                    value => value,
                });
                marks.collect()
            }
            _ => Vec::new(),
        };
        let mut parts: Vec<Mark> = parts.into_iter().filter(|part| *part != Mark::default()).collect();
        parts.truncate(PARTS);
        parts
    }

    /// The collection in the input that the members of another were gathered from.
    fn gathered_from(&self, parts: &[Mark]) -> Option<LocationId> {
        let mut found: Option<LocationId> = None;
        for part in parts {
            let of = self.gathered_one(*part)?;
            found = Some(match found {
                None => of,
                Some(mut above) => {
                    while !self.is_within(of, above) {
                        above = self.location(above).parent?;
                    }
                    above
                }
            });
        }
        found
    }

    fn gathered_one(&self, part: Mark) -> Option<LocationId> {
        let site = self.stands(part, 0)?;
        let Provenance::Produced { why, .. } = self.provenance(part) else {
            return self.location(site).parent;
        };
        let steps = self.derivation(*why, Trail::default()).into_iter().rev();
        let mut collections = steps.filter_map(|step| match self.step_at(step).event {
            Event::Chosen { of, key, mark } => {
                let member = self.location_of(mark).or(self.location_of(key))?;
                self.is_within(site, member).then_some(self.location_of(of)?)
            }
            _ => None,
        });
        collections.next().or(self.location(site).parent)
    }

    /// A location that a value was made from.
    fn stands(&self, mark: Mark, depth: usize) -> Option<LocationId> {
        if depth > DEPTH {
            return None;
        }
        match self.provenance(self.bare(mark)) {
            Provenance::Location(location) | Provenance::Key(location) | Provenance::PathTo { to: location, .. } => {
                Some(*location)
            }
            Provenance::Made { operands, .. } => operands.iter().find_map(|(mark, _)| self.stands(*mark, depth + 1)),
            Provenance::Array(..) | Provenance::Set(..) | Provenance::Object(..) => {
                let parts = self.parts(self.bare(mark));
                parts.iter().find_map(|part| self.stands(*part, depth + 1))
            }
            _ => None,
        }
    }

    /// All locations that a text was made from, with whether it shows the key, and where in the policy it was made.
    pub(super) fn shown(&self, mark: Mark, depth: usize, shown: &mut Shown) {
        shown.looked += 1;
        if depth > DEPTH || shown.looked > VALUES {
            return;
        }
        match self.provenance(self.bare(mark)) {
            Provenance::Location(location) => shown.values.push(*location),
            Provenance::Key(location) | Provenance::PathTo { to: location, .. } => shown.keys.push(*location),
            Provenance::Made { at, operands, .. } => {
                shown.made.push(*at);
                operands
                    .iter()
                    .for_each(|(mark, _)| self.shown(*mark, depth + 1, shown));
            }
            Provenance::Array(..) | Provenance::Set(..) | Provenance::Object(..) => {
                let parts = self.parts(self.bare(mark));
                parts.iter().for_each(|part| self.shown(*part, depth + 1, shown));
            }
            Provenance::Over { first, second } => {
                self.shown(first.mark, depth + 1, shown);
                self.shown(second.mark, depth + 1, shown);
            }
            Provenance::Constant | Provenance::Absent { .. } | Provenance::Produced { .. } | Provenance::Either(_) => {}
        }
    }
}

/// What a message shows.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The locations of the values.
    pub(super) values: Vec<LocationId>,
    /// The locations of the keys.
    pub(super) keys: Vec<LocationId>,
    /// The locations of what stands beside the message.
    pub(super) beside: Vec<LocationId>,
    /// Where in the policy its parts are put together.
    pub(super) made: Vec<Site>,
    /// How many values were looked at.
    looked: usize,
}
