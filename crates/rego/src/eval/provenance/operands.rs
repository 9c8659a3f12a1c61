//! The places that a value speaks for where it was part of a condition.

use super::evidence::{Gather, Sort};
use super::node::{DIFFERENCE, Provenance};
use super::trail::{Event, Term};
use super::{Mark, PlaceId, Places, Trail};
use crate::eval::recorder::Site;
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
    /// Notes the places of a value: of its parts, or, where `whole` says so, of the collection as such.
    pub(super) fn note_value(&mut self, mark: Mark, whole: bool) {
        self.note_value_at(mark, whole, 0);
    }

    /// Notes where a value, or a key, stands, where it stands anywhere.
    pub(super) fn note_itself(&mut self, mark: Mark) {
        if let Some(place) = self.places.place_of(mark) {
            let is_key = matches!(self.places.provenance(self.places.bare(mark)), Provenance::Key(_));
            self.note(place, Vec::new(), is_key);
        }
    }

    fn note_value_at(&mut self, mark: Mark, whole: bool, depth: usize) {
        self.looked += 1;
        if depth > DEPTH || self.looked > VALUES {
            return;
        }
        let places = self.places;
        match places.provenance(mark) {
            Provenance::Constant => {}
            Provenance::Place(place) => self.note(*place, Vec::new(), false),
            Provenance::Key(place) | Provenance::PathTo { to: place, .. } => self.note(*place, Vec::new(), true),
            Provenance::Absent { of, path } => self.missing(*of, path, depth),
            Provenance::Array(_, failed) | Provenance::Set(_, failed) | Provenance::Object(_, failed) => {
                let parts = places.parts(mark);
                if parts.is_empty() {
                    // What is only read need not hold anything.
                    if self.sort() < Sort::Chosen {
                        self.failed(*failed);
                    }
                    return;
                }
                match whole.then(|| places.gathered_from(&parts)).flatten() {
                    Some(place) => self.note(place, Vec::new(), false),
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
        let places = self.places;
        match places.provenance(places.bare(of)) {
            Provenance::Place(place) => self.note(*place, path.to_vec(), false),
            Provenance::Constant => {
                // A default in the place of what is missing: that is missing too, and this below it.
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
            (DIFFERENCE, Some(a), Some(b)) if self.places.is_of_policy(&a) => {
                self.note_value_at(b.mark, true, depth + 1)
            }
            (DIFFERENCE, Some(a), Some(_)) => self.note_value_at(a.mark, whole, depth + 1),
            ("internal.member_2", Some(element), Some(collection)) => {
                if element.constant.is_some() {
                    return self.note_value_at(collection.mark, true, depth + 1);
                }
                let sort = match self.places.is_of_policy(&collection) {
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
                    .filter(|tested| !self.places.is_of_policy(tested))
                {
                    Some(tested) => self.note_value_at(tested.mark, whole, depth + 1),
                    None => operands
                        .iter()
                        .for_each(|(mark, _)| self.note_value_at(*mark, whole, depth + 1)),
                }
            }
        }
    }

    /// Notes the places of two values that were compared.
    pub(super) fn note_both(&mut self, a: &Term, b: &Term, depth: usize) {
        let whole = self.places.is_of_length(a, b) || self.places.is_of_length(b, a);
        let before = self.found.len();
        self.note_value_at(a.mark, whole, depth);
        self.note_value_at(b.mark, whole, depth);
        if let [a, b] = &mut self.found[before..]
            && self.places.are_alike(a.place, b.place)
        {
            (a.twin, b.twin) = (true, true);
        }
    }

    /// Notes why a collection has members: not what these are, but what put them there.
    fn members(&mut self, of: Mark, depth: usize) {
        let places = self.places;
        match places.provenance(places.bare(of)) {
            Provenance::Array(..) | Provenance::Set(..) | Provenance::Object(..) => {
                let parts = places.parts(places.bare(of));
                if parts.is_empty() {
                    return self.note_value_at(of, false, depth);
                }
                self.alternatives(&parts, |gather, part| {
                    gather.because(*part);
                    gather.as_sort(Sort::Chosen, |gather| {
                        gather.note_value_at(places.bare(*part), false, depth)
                    });
                });
            }
            Provenance::Made { name, operands, .. } if *name == DIFFERENCE => {
                let (mark, constant) = operands.first().cloned().unwrap_or_default();
                let left = Term { mark, constant };
                match operands.get(1) {
                    Some((right, _)) if places.is_of_policy(&left) => self.note_value_at(*right, true, depth),
                    _ => self.note_value_at(mark, false, depth),
                }
            }
            _ => self.note_value_at(of, false, depth),
        }
    }
}

impl Places {
    /// Whether one side is the length of a collection and the other a length that is wanted, and not only whether it
    /// has members.
    fn is_of_length(&self, a: &Term, b: &Term) -> bool {
        let provenance = self.provenance(self.bare(a.mark));
        matches!(provenance, Provenance::Made { name: "count", .. })
            && !matches!(&b.constant, Some(value) if *value == Value::from(0i64))
    }

    /// Whether two different places have paths of one shape: the same but for the choice of items.
    fn are_alike(&self, a: PlaceId, b: PlaceId) -> bool {
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

    /// Whether a value stands for what is missing at a place of the input.
    pub(super) fn is_absent(&self, mark: Mark) -> bool {
        match self.provenance(mark) {
            Provenance::Absent { of, .. } => matches!(self.provenance(self.bare(*of)), Provenance::Place(_)),
            _ => false,
        }
    }

    /// Whether a value comes from the parameters that Gatekeeper passes beside the object.
    pub(super) fn is_parameter(&self, mark: Mark) -> bool {
        self.stands(mark, 0).is_some_and(|place| self.is_in_parameters(place))
    }

    pub(super) fn is_in_parameters(&self, place: PlaceId) -> bool {
        self.depth(place) > 0 && self.place(self.above(place, 1)).key.as_str() == Some(PARAMETERS)
    }

    pub(super) fn step_at(&self, step: Trail) -> &super::trail::Step {
        &self.steps[step.0 as usize]
    }

    /// The place of a value, or of a key.
    pub(super) fn place_of(&self, mark: Mark) -> Option<PlaceId> {
        match self.provenance(self.bare(mark)) {
            Provenance::Place(place) | Provenance::Key(place) => Some(*place),
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
    fn gathered_from(&self, parts: &[Mark]) -> Option<PlaceId> {
        let mut found: Option<PlaceId> = None;
        for part in parts {
            let of = self.gathered_one(*part)?;
            found = Some(match found {
                None => of,
                Some(mut above) => {
                    while !self.is_within(of, above) {
                        above = self.place(above).parent?;
                    }
                    above
                }
            });
        }
        found
    }

    fn gathered_one(&self, part: Mark) -> Option<PlaceId> {
        let site = self.stands(part, 0)?;
        let Provenance::Produced { why, .. } = self.provenance(part) else {
            return self.place(site).parent;
        };
        let steps = self.derivation(*why, Trail::default()).into_iter().rev();
        let mut collections = steps.filter_map(|step| match self.step_at(step).event {
            Event::Chosen { of, key, mark } => {
                let member = self.place_of(mark).or(self.place_of(key))?;
                self.is_within(site, member).then_some(self.place_of(of)?)
            }
            _ => None,
        });
        collections.next().or(self.place(site).parent)
    }

    /// A place that a value was made from.
    fn stands(&self, mark: Mark, depth: usize) -> Option<PlaceId> {
        if depth > DEPTH {
            return None;
        }
        match self.provenance(self.bare(mark)) {
            Provenance::Place(place) | Provenance::Key(place) | Provenance::PathTo { to: place, .. } => Some(*place),
            Provenance::Made { operands, .. } => operands.iter().find_map(|(mark, _)| self.stands(*mark, depth + 1)),
            Provenance::Array(..) | Provenance::Set(..) | Provenance::Object(..) => {
                let parts = self.parts(self.bare(mark));
                parts.iter().find_map(|part| self.stands(*part, depth + 1))
            }
            _ => None,
        }
    }

    /// All places that a text was made from, with whether it shows the key, and where in the policy it was made.
    pub(super) fn shown(&self, mark: Mark, depth: usize, shown: &mut Shown) {
        shown.looked += 1;
        if depth > DEPTH || shown.looked > VALUES {
            return;
        }
        match self.provenance(self.bare(mark)) {
            Provenance::Place(place) => shown.values.push(*place),
            Provenance::Key(place) | Provenance::PathTo { to: place, .. } => shown.keys.push(*place),
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
    /// The places of the values.
    pub(super) values: Vec<PlaceId>,
    /// The places of the keys.
    pub(super) keys: Vec<PlaceId>,
    /// The places of what stands beside the message.
    pub(super) beside: Vec<PlaceId>,
    /// Where in the policy its parts are put together.
    pub(super) made: Vec<Site>,
    /// How many values were looked at.
    looked: usize,
}
