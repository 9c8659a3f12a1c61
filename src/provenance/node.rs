//! Where values come from.

use super::trail::number;
use super::{FailureSet, LocationId, LocationTracer, MOST, Mark, Trail};
use kpolicy_rego::trace::{MarkedRef, Site};
use kpolicy_value::Value;

/// The builtin that takes a set from a set: its result has the members of its first operand.
pub(super) const DIFFERENCE: &str = "minus";

/// A location in the input.
#[derive(Debug)]
pub(super) struct Location {
    pub(super) parent: Option<LocationId>,
    pub(super) key: Value,
    pub(super) depth: u32,
    /// The mark of the value there.
    pub(super) mark: Mark,
    /// The mark of the key that it is under.
    pub(super) key_mark: Mark,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(super) enum Provenance {
    /// From the policy or its data.
    Constant,
    /// It is at a location.
    Location(LocationId),
    /// It is the key, or the index, of a location.
    Key(LocationId),
    /// It is the path that leads down to a location, from so many steps on.
    PathTo { from: u32, to: LocationId },
    /// It stands for what is not there: below a value, at the end of a path.
    Absent { of: Mark, path: Vec<Value> },
    /// An array of these, and what failed while it was collected.
    Array(Vec<Mark>, FailureSet),
    /// A set of these, sorted, a member once for each time that it was found.
    Set(Vec<(Value, Mark)>, FailureSet),
    /// An object of these, sorted by key.
    Object(Vec<Part>, FailureSet),
    /// An object with another over it.
    Over { first: Whole, second: Whole },
    /// Computed by a builtin, at this location of the policy; a constant operand with its value.
    Made {
        at: Site,
        name: &'static str,
        operands: Vec<(Mark, Option<Value>)>,
    },
    /// Given by a rule, a function or a comprehension: why, and for want of what.
    Produced { mark: Mark, why: Trail, failed: FailureSet },
    /// Given in each of these ways.
    Either(Vec<Mark>),
}

/// An entry of an object.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) key: Value,
    pub(super) of_key: Mark,
    pub(super) of_value: Mark,
}

/// A value with its mark.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) value: Value,
    pub(super) mark: Mark,
}

impl Provenance {
    /// Whether nothing in it comes from the input.
    pub(super) fn is_constant(&self) -> bool {
        let none = Mark::default();
        match self {
            Self::Constant => true,
            Self::Array(items, _) => items.iter().all(|item| *item == none),
            Self::Set(members, _) => members.iter().all(|(_, mark)| *mark == none),
            Self::Object(parts, _) => parts.iter().all(|part| part.of_key == none && part.of_value == none),
            _ => false,
        }
    }
}

impl LocationTracer {
    pub(super) fn add(&mut self, provenance: Provenance) -> Mark {
        if self.provenances.len() >= MOST {
            return Mark::default();
        }
        let mark = Mark(number(self.provenances.len()));
        self.provenances.push(provenance);
        mark
    }

    pub(super) fn provenance(&self, mark: Mark) -> &Provenance {
        &self.provenances[mark.0 as usize]
    }

    /// The mark of the value itself, whatever gave it.
    pub(super) fn bare(&self, mut mark: Mark) -> Mark {
        loop {
            match self.provenance(mark) {
                Provenance::Produced { mark: inner, .. } => mark = *inner,
                Provenance::Either(derivations) => mark = derivations.first().copied().unwrap_or_default(),
                _ => return mark,
            }
        }
    }

    pub(super) fn add_location(&mut self, parent: Option<LocationId>, key: Value) -> LocationId {
        let location = LocationId(number(self.locations.len()));
        let mark = self.add(Provenance::Location(location));
        let key_mark = self.add(Provenance::Key(location));
        let depth = parent.map_or(0, |parent| self.depth(parent) + 1);
        self.locations.push(Location {
            parent,
            key,
            depth,
            mark,
            key_mark,
        });
        location
    }

    pub(super) fn location(&self, location: LocationId) -> &Location {
        &self.locations[location.0 as usize]
    }

    pub(super) fn depth(&self, location: LocationId) -> u32 {
        self.location(location).depth
    }

    /// The location below another.
    pub(super) fn below(&mut self, parent: LocationId, key: &Value) -> LocationId {
        let step = (parent, key.clone());
        match self.by_step.get(&step) {
            Some(location) => *location,
            None => {
                let location = self.add_location(Some(parent), key.clone());
                self.by_step.insert(step, location);
                location
            }
        }
    }

    /// The location above another, so many steps from the input.
    pub(super) fn above(&self, mut location: LocationId, depth: u32) -> LocationId {
        while self.depth(location) > depth {
            match self.location(location).parent {
                Some(parent) => location = parent,
                None => break,
            }
        }
        location
    }

    /// The steps from the input to a location.
    pub(super) fn path(&self, location: LocationId) -> Vec<Value> {
        let mut steps = Vec::new();
        let mut at = self.location(location);
        while let Some(parent) = at.parent {
            steps.push(at.key.clone());
            at = self.location(parent);
        }
        steps.reverse();
        steps
    }

    /// Whether a location is another or stands below it.
    pub(super) fn is_within(&self, location: LocationId, other: LocationId) -> bool {
        self.above(location, self.depth(other)) == other
    }

    /// The mark of the part of a value under a key.
    pub(super) fn part_of(&mut self, of: Mark, key: &Value) -> Mark {
        let index = || match key {
            Value::Number(number) => number.as_index().and_then(|index| usize::try_from(index).ok()),
            _ => None,
        };
        match self.provenance(of) {
            Provenance::Constant => of,
            Provenance::Location(location) => {
                let location = self.below(*location, key);
                self.location(location).mark
            }
            Provenance::Made { name, operands, .. } if *name == DIFFERENCE => {
                let first = operands.first().map_or(Mark::default(), |(mark, _)| *mark);
                self.part_of(first, key)
            }
            Provenance::Key(_) | Provenance::Absent { .. } | Provenance::Made { .. } => of,
            Provenance::PathTo { from, to } => {
                let depth = index().and_then(|at| u32::try_from(at).ok()).map(|at| from + at + 1);
                let location = depth.map_or(*to, |depth| self.above(*to, depth));
                self.location(location).key_mark
            }
            Provenance::Array(items, _) => index().and_then(|at| items.get(at)).copied().unwrap_or_default(),
            Provenance::Set(members, _) => found(members, key),
            Provenance::Object(parts, _) => self.entry(parts, key).map_or(Mark::default(), |part| part.of_value),
            Provenance::Over { first, second } => {
                let (first, second) = (first.clone(), second.clone());
                self.over_part(first, second, key)
            }
            Provenance::Produced { .. } | Provenance::Either(_) => self.part_of(self.bare(of), key),
        }
    }

    /// The mark of a key of a value.
    pub(super) fn key_of(&mut self, of: Mark, key: &Value) -> Mark {
        match self.provenance(of) {
            Provenance::Constant | Provenance::Array(..) | Provenance::PathTo { .. } => Mark::default(),
            Provenance::Location(location) => {
                let location = self.below(*location, key);
                self.location(location).key_mark
            }
            Provenance::Made { name, .. } if *name == DIFFERENCE => self.part_of(of, key),
            Provenance::Key(_) | Provenance::Absent { .. } | Provenance::Made { .. } => of,
            Provenance::Set(members, _) => found(members, key),
            Provenance::Object(parts, _) => self.entry(parts, key).map_or(Mark::default(), |part| part.of_key),
            Provenance::Over { first, second } => {
                let of = if second.value.get(key).is_some() {
                    second.mark
                } else {
                    first.mark
                };
                self.key_of(of, key)
            }
            Provenance::Produced { .. } | Provenance::Either(_) => self.key_of(self.bare(of), key),
        }
    }

    fn entry<'p>(&self, parts: &'p [Part], key: &Value) -> Option<&'p Part> {
        let at = parts.binary_search_by(|part| part.key.cmp(key)).ok()?;
        parts.get(at)
    }

    /// The part of an object with another over it: the second's, but objects in both are merged.
    fn over_part(&mut self, first: Whole, second: Whole, key: &Value) -> Mark {
        match (first.value.get(key).cloned(), second.value.get(key).cloned()) {
            (Some(a @ Value::Object(_)), Some(b @ Value::Object(_))) => {
                let first = Whole {
                    mark: self.part_of(first.mark, key),
                    value: a,
                };
                let second = Whole {
                    mark: self.part_of(second.mark, key),
                    value: b,
                };
                self.add(Provenance::Over { first, second })
            }
            (_, Some(_)) => self.part_of(second.mark, key),
            _ => self.part_of(first.mark, key),
        }
    }

    /// The mark of a value with another put at a path of names in it.
    pub(super) fn overlay(&mut self, of: MarkedRef<Mark>, path: &[Value], by: Mark) -> Mark {
        let Some((key, rest)) = path.split_first() else {
            return by;
        };
        let mark = of.mark.copied().unwrap_or_default();
        let inner = of.value.get(key);
        let inner_mark = self.part_of(mark, key);
        let below = self.overlay(
            MarkedRef {
                value: inner.unwrap_or(&Value::Null),
                mark: Some(&inner_mark),
            },
            rest,
            by,
        );
        let mut parts = vec![Part {
            key: key.clone(),
            of_key: Mark::default(),
            of_value: below,
        }];
        for (name, _) in of.value.as_object().into_iter().flat_map(|object| object.iter()) {
            if name != key {
                parts.push(Part {
                    key: name.clone(),
                    of_key: self.key_of(mark, name),
                    of_value: self.part_of(mark, name),
                });
            }
        }
        parts.sort_by(|a, b| a.key.cmp(&b.key));
        self.add(Provenance::Object(parts, FailureSet::default()))
    }

    /// The mark of what a path would lead to from a value on, which is not there: below the last part that is.
    pub(super) fn reached(&mut self, of: MarkedRef<Mark>, path: &[Value]) -> Mark {
        let (mut value, mut mark) = (of.value, of.mark.copied().unwrap_or_default());
        let mut rest = path;
        while let Some((key, after)) = rest.split_first()
            && let Some(part) = value.get(key)
        {
            mark = self.part_of(mark, key);
            (value, rest) = (part, after);
        }
        if let Provenance::Absent { of, path } = self.provenance(mark) {
            let (of, mut path) = (*of, path.clone());
            path.extend(rest.iter().cloned());
            return self.add(Provenance::Absent { of, path });
        }
        self.add(Provenance::Absent {
            of: mark,
            path: rest.to_vec(),
        })
    }
}

/// The mark of a member of a set.
fn found(members: &[(Value, Mark)], value: &Value) -> Mark {
    let at = members.partition_point(|(member, _)| member < value);
    members
        .get(at)
        .filter(|(member, _)| member == value)
        .map_or(Mark::default(), |(_, mark)| *mark)
}
