//! The places that a value speaks for where it was part of a condition.

use super::evidence::{Gather, Sort};
use super::origin::{DIFFERENCE, Origin};
use super::trail::{Event, Term};
use super::{Mark, PlaceId, Places, Trail};
use crate::eval::recorder::Site;
use kpolicy_value::Value;

/// The key under which Gatekeeper hands parameters over beside the object.
pub(super) const PARAMETERS: &str = "parameters";
/// How many parts of a value that was built are looked at.
const PARTS: usize = 16;
/// How deep the way goes through values that were computed from others.
const DEPTH: usize = 16;
/// How many values are looked at for one member.
const VALUES: usize = 10_000;

/// Builtins that judge one of their operands by the others, and its position.
const JUDGING: &[(&str, usize)] = &[
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
    pub(super) fn blame(&mut self, mark: Mark, whole: bool) {
        self.blame_at(mark, whole, 0);
    }

    /// Notes where a value, or a key, stands, where it stands anywhere.
    pub(super) fn blame_itself(&mut self, mark: Mark) {
        if let Some(place) = self.places.place_of(mark) {
            let is_key = matches!(self.places.origin(self.places.bare(mark)), Origin::Key(_));
            self.note(place, Vec::new(), is_key);
        }
    }

    fn blame_at(&mut self, mark: Mark, whole: bool, depth: usize) {
        self.looked += 1;
        if depth > DEPTH || self.looked > VALUES {
            return;
        }
        let places = self.places;
        match places.origin(mark) {
            Origin::Constant => {}
            Origin::Place(place) => self.note(*place, Vec::new(), false),
            Origin::Key(place) | Origin::Way { to: place, .. } => self.note(*place, Vec::new(), true),
            Origin::Absent { of, path } => self.missing(*of, path, depth),
            Origin::Array(_, lack) | Origin::Set(_, lack) | Origin::Object(_, lack) => {
                let parts = places.parts(mark);
                if parts.is_empty() {
                    // What is only read need not hold anything.
                    if self.sort() < Sort::Chosen {
                        self.lack(*lack);
                    }
                    return;
                }
                match whole.then(|| places.gathered_from(&parts)).flatten() {
                    Some(place) => self.note(place, Vec::new(), false),
                    None => self.alternatives(&parts, |gather, part| gather.blame_at(*part, whole, depth + 1)),
                }
            }
            Origin::Over { first, second } => {
                self.blame_at(first.mark, whole, depth + 1);
                self.blame_at(second.mark, whole, depth + 1);
            }
            Origin::Made { name, operands, .. } => self.made(name, operands, whole, depth),
            Origin::Given { mark: inner, .. } => {
                if self.sort() < Sort::Chosen {
                    self.because(mark);
                }
                self.blame_at(*inner, whole, depth + 1);
            }
            Origin::Either(ways) => self.alternatives(ways, |gather, way| gather.blame_at(*way, whole, depth + 1)),
        }
    }

    /// Notes what is missing below a value.
    fn missing(&mut self, of: Mark, path: &[Value], depth: usize) {
        let places = self.places;
        match places.origin(places.bare(of)) {
            Origin::Place(place) => self.note(*place, path.to_vec(), false),
            Origin::Constant => {
                // A default in the place of what is missing: that is missing too, and this below it.
                let before = self.found.len();
                self.because(of);
                for evidence in &mut self.found[before..] {
                    if !evidence.missing.is_empty() {
                        evidence.missing.extend_from_slice(path);
                    }
                }
            }
            _ => self.blame_at(of, true, depth + 1),
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
            ("equal" | "neq" | "lt" | "lte" | "gt" | "gte", Some(a), Some(b)) => self.blame_both(&a, &b, depth + 1),
            ("count", Some(of), _) if !whole => self.members(of.mark, depth + 1),
            ("sum" | "product", Some(of), _) => self.blame_at(of.mark, true, depth + 1),
            // What the policy wants less what is there: what is there lacks something.
            (DIFFERENCE, Some(a), Some(b)) if self.places.is_of_policy(&a) => self.blame_at(b.mark, true, depth + 1),
            (DIFFERENCE, Some(a), Some(_)) => self.blame_at(a.mark, whole, depth + 1),
            ("internal.member_2", Some(element), Some(collection)) => {
                if element.constant.is_some() {
                    return self.blame_at(collection.mark, true, depth + 1);
                }
                let sort = match self.places.is_of_policy(&collection) {
                    true => self.sort().max(Sort::Matched),
                    false => self.sort(),
                };
                self.as_sort(sort, |gather| gather.blame_at(element.mark, false, depth + 1));
            }
            _ => {
                let whole = whole || name == "object.subset";
                let judged = JUDGING.iter().find(|(judging, _)| *judging == name);
                match judged
                    .and_then(|(_, at)| term(*at))
                    .filter(|judged| !self.places.is_of_policy(judged))
                {
                    Some(judged) => self.blame_at(judged.mark, whole, depth + 1),
                    None => operands
                        .iter()
                        .for_each(|(mark, _)| self.blame_at(*mark, whole, depth + 1)),
                }
            }
        }
    }

    /// Notes the places of two values that were compared.
    pub(super) fn blame_both(&mut self, a: &Term, b: &Term, depth: usize) {
        let whole = self.places.is_of_length(a, b) || self.places.is_of_length(b, a);
        let before = self.found.len();
        self.blame_at(a.mark, whole, depth);
        self.blame_at(b.mark, whole, depth);
        if let [a, b] = &mut self.found[before..]
            && self.places.are_alike(a.place, b.place)
        {
            (a.twin, b.twin) = (true, true);
        }
    }

    /// Notes why a collection has members: not what these are, but what put them there.
    fn members(&mut self, of: Mark, depth: usize) {
        let places = self.places;
        match places.origin(places.bare(of)) {
            Origin::Array(..) | Origin::Set(..) | Origin::Object(..) => {
                let parts = places.parts(places.bare(of));
                if parts.is_empty() {
                    return self.blame_at(of, false, depth);
                }
                self.alternatives(&parts, |gather, part| {
                    gather.because(*part);
                    gather.as_sort(Sort::Chosen, |gather| gather.blame_at(places.bare(*part), false, depth));
                });
            }
            Origin::Made { name, operands, .. } if *name == DIFFERENCE => {
                let (mark, constant) = operands.first().cloned().unwrap_or_default();
                let left = Term { mark, constant };
                match operands.get(1) {
                    Some((right, _)) if places.is_of_policy(&left) => self.blame_at(*right, true, depth),
                    _ => self.blame_at(mark, false, depth),
                }
            }
            _ => self.blame_at(of, false, depth),
        }
    }
}

impl Places {
    /// Whether one side is the length of a collection and the other a length that is wanted, and not only whether it
    /// has members.
    fn is_of_length(&self, a: &Term, b: &Term) -> bool {
        let origin = self.origin(self.bare(a.mark));
        matches!(origin, Origin::Made { name: "count", .. })
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
        match self.origin(mark) {
            Origin::Absent { of, .. } => matches!(self.origin(self.bare(*of)), Origin::Place(_)),
            _ => false,
        }
    }

    /// Whether a value comes from the parameters that Gatekeeper hands over beside the object.
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
        match self.origin(self.bare(mark)) {
            Origin::Place(place) | Origin::Key(place) => Some(*place),
            _ => None,
        }
    }

    /// The parts of a value that was built which do not come from the policy alone.
    fn parts(&self, mark: Mark) -> Vec<Mark> {
        let parts: Vec<Mark> = match self.origin(mark) {
            Origin::Array(items, _) => items.clone(),
            Origin::Set(members, _) => members.iter().map(|(_, mark)| *mark).collect(),
            Origin::Object(parts, _) => {
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
        let Origin::Given { why, .. } = self.origin(part) else {
            return self.place(site).parent;
        };
        let steps = self.way(*why, Trail::default()).into_iter().rev();
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
        match self.origin(self.bare(mark)) {
            Origin::Place(place) | Origin::Key(place) | Origin::Way { to: place, .. } => Some(*place),
            Origin::Made { operands, .. } => operands.iter().find_map(|(mark, _)| self.stands(*mark, depth + 1)),
            Origin::Array(..) | Origin::Set(..) | Origin::Object(..) => {
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
        match self.origin(self.bare(mark)) {
            Origin::Place(place) => shown.values.push(*place),
            Origin::Key(place) | Origin::Way { to: place, .. } => shown.keys.push(*place),
            Origin::Made { at, operands, .. } => {
                shown.made.push(*at);
                operands
                    .iter()
                    .for_each(|(mark, _)| self.shown(*mark, depth + 1, shown));
            }
            Origin::Array(..) | Origin::Set(..) | Origin::Object(..) => {
                let parts = self.parts(self.bare(mark));
                parts.iter().for_each(|part| self.shown(*part, depth + 1, shown));
            }
            Origin::Over { first, second } => {
                self.shown(first.mark, depth + 1, shown);
                self.shown(second.mark, depth + 1, shown);
            }
            Origin::Constant | Origin::Absent { .. } | Origin::Given { .. } | Origin::Either(_) => {}
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
