//! The places that a value speaks for where it was part of a condition.

use super::evidence::Gather;
use super::origin::Origin;
use super::trail::{Event, Term};
use super::{Mark, PlaceId, Places, Trail};
use crate::value::Value;

/// How many parts of a value that was built are looked at.
const PARTS: usize = 16;
/// How deep the way goes through values that were computed from others.
const DEPTH: usize = 32;

impl Gather<'_> {
    /// Notes the places of a value: of its parts, or, where `whole` says so, of the collection as such.
    pub(super) fn blame(&mut self, mark: Mark, whole: bool) {
        self.blame_at(mark, whole, 0);
    }

    /// Notes where a value stands, where it stands anywhere.
    pub(super) fn blame_itself(&mut self, mark: Mark) {
        if let Some(place) = self.places.place_of(mark) {
            self.note(place, Vec::new(), false);
        }
    }

    fn blame_at(&mut self, mark: Mark, whole: bool, depth: usize) {
        if depth > DEPTH {
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
                    return self.lack(*lack);
                }
                match whole.then(|| places.gathered_from(&parts)).flatten() {
                    Some(place) => self.note(place, Vec::new(), false),
                    None => parts.iter().for_each(|part| self.blame_at(*part, whole, depth + 1)),
                }
            }
            Origin::Over { first, second } => {
                self.blame_at(first.mark, whole, depth + 1);
                self.blame_at(second.mark, whole, depth + 1);
            }
            Origin::Made { name, operands } => self.made(name, operands, whole, depth),
            Origin::Given { mark: inner, .. } => {
                self.because(mark);
                self.blame_at(*inner, whole, depth + 1);
            }
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
        let whole = match (name, term(0), term(1)) {
            ("equal" | "neq" | "lt" | "lte" | "gt" | "gte", Some(a), Some(b)) => {
                self.is_of_length(&a, &b) || self.is_of_length(&b, &a)
            }
            ("count", ..) => whole,
            // What the policy wants less what is there: what is there lacks something.
            ("minus", Some(a), _) => a.constant.is_some(),
            ("internal.member_2", Some(element), Some(collection)) => {
                if element.constant.is_none() {
                    return self.blame_at(element.mark, false, depth + 1);
                }
                return self.blame_at(collection.mark, true, depth + 1);
            }
            ("object.subset", ..) => true,
            _ => false,
        };
        for (mark, _) in operands {
            self.blame_at(*mark, whole, depth + 1);
        }
    }

    /// Whether one side is the length of a collection and the other a length that is wanted, and not only whether it
    /// has members.
    pub(super) fn is_of_length(&self, a: &Term, b: &Term) -> bool {
        let is_count = |mark: Mark| {
            let origin = self.places.origin(self.places.bare(mark));
            matches!(origin, Origin::Made { name: "count", .. })
        };
        is_count(a.mark) && !matches!(&b.constant, Some(value) if *value == Value::from(0i64))
    }
}

impl Places {
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

    /// All places that a value was made from.
    pub(super) fn shown(&self, mark: Mark, depth: usize, found: &mut Vec<PlaceId>) {
        if depth > DEPTH {
            return;
        }
        match self.origin(self.bare(mark)) {
            Origin::Place(place) | Origin::Key(place) | Origin::Way { to: place, .. } => found.push(*place),
            Origin::Made { operands, .. } => {
                operands
                    .iter()
                    .for_each(|(mark, _)| self.shown(*mark, depth + 1, found));
            }
            Origin::Array(..) | Origin::Set(..) | Origin::Object(..) => {
                let parts = self.parts(self.bare(mark));
                parts.iter().for_each(|part| self.shown(*part, depth + 1, found));
            }
            Origin::Over { first, second } => {
                self.shown(first.mark, depth + 1, found);
                self.shown(second.mark, depth + 1, found);
            }
            Origin::Constant | Origin::Absent { .. } | Origin::Given { .. } => {}
        }
    }
}
