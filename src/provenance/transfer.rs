//! Builtins that pass on what they are given: whose result is made of their operands, or of parts of them.

use super::node::{DIFFERENCE, Provenance, Whole};
use super::{FailureSet, LocationTracer, Mark};
use kpolicy_rego::trace::{MarkedRef, Site};
use kpolicy_value::Value;

/// How a builtin's result comes from its operands.
enum Transfer {
    /// The first operand's part under the second, else the third operand.
    Part,
    /// The items of the operands, one operand after the other.
    Items,
    /// The members of the operands, found by their value.
    Members,
    /// The first operand's members that are no members of the second.
    Difference,
    /// The members of the operand's members, found by their value.
    MembersOfMembers,
    /// The keys of the first operand.
    Keys,
    /// The first operand's entries, with the second's over them.
    Over,
    /// The entries of all the operand's items, the later over the earlier.
    OverAll,
    /// The first operand, or what is left of it.
    First,
    /// The first operand with the values of the patches of the second put into it.
    Patched,
    /// The member of the operand that is the result.
    One,
    /// Whether the first operand is a member of the second: where it is, that member counts for the collection.
    Among,
}

/// The builtins that pass on; all others compute something new.
const TRANSFERS: &[(&str, Transfer)] = &[
    ("object.get", Transfer::Part),
    ("array.concat", Transfer::Items),
    ("array.reverse", Transfer::Members),
    ("array.slice", Transfer::Members),
    ("array.flatten", Transfer::MembersOfMembers),
    ("sort", Transfer::Members),
    ("and", Transfer::Members),
    ("or", Transfer::Members),
    (DIFFERENCE, Transfer::Difference),
    ("cast_array", Transfer::Members),
    ("cast_set", Transfer::Members),
    ("union", Transfer::MembersOfMembers),
    ("intersection", Transfer::MembersOfMembers),
    ("object.keys", Transfer::Keys),
    ("object.union", Transfer::Over),
    ("object.union_n", Transfer::OverAll),
    ("object.filter", Transfer::First),
    ("object.remove", Transfer::First),
    ("json.filter", Transfer::First),
    ("json.remove", Transfer::First),
    ("json.patch", Transfer::Patched),
    ("cast_object", Transfer::First),
    ("cast_string", Transfer::First),
    ("max", Transfer::One),
    ("min", Transfer::One),
    ("internal.member_2", Transfer::Among),
];

/// The members that a collection has at most for their marks to be found one by one.
const MEMBERS: usize = 4096;

/// How many steps the path of a patch has at most.
const STEPS: usize = 64;

impl LocationTracer {
    /// The mark of what a builtin made.
    pub(super) fn transferred(
        &mut self,
        at: Site,
        name: &'static str,
        operands: &[MarkedRef<Mark>],
        value: &Value,
    ) -> Mark {
        let transferred = TRANSFERS.iter().find(|(known, _)| *known == name);
        let mark = transferred.and_then(|(_, how)| self.transfer(at, how, operands, value));
        mark.unwrap_or_else(|| {
            let operands = operands.iter().map(|operand| {
                let mark = mark_of(operand);
                (mark, (mark == Mark::default()).then(|| operand.value.clone()))
            });
            let operands = operands.collect();
            self.add(Provenance::Made { at, name, operands })
        })
    }

    fn transfer(&mut self, at: Site, how: &Transfer, operands: &[MarkedRef<Mark>], value: &Value) -> Option<Mark> {
        let first = operands.first()?;
        match (how, value) {
            (Transfer::Part, _) => Some(self.part_or_default(operands)),
            (Transfer::Items, _) => {
                let items = operands
                    .iter()
                    .flat_map(|operand| self.members(operand))
                    .map(|(_, mark)| mark);
                let items = items.collect();
                Some(self.add(Provenance::Array(items, FailureSet::default())))
            }
            (Transfer::Members, Value::Array(_) | Value::Set(_)) => {
                let pool = operands.iter().flat_map(|operand| self.members(operand)).collect();
                self.picked(pool, value)
            }
            (Transfer::Difference, Value::Set(_)) => {
                let pool = self.members(first);
                let left = self.picked(pool, value)?;
                let second = operands.get(1)?;
                let right = mark_of(second);
                let operands = vec![
                    (left, None),
                    (right, (right == Mark::default()).then(|| second.value.clone())),
                ];
                let name = DIFFERENCE;
                Some(self.add(Provenance::Made { at, name, operands }))
            }
            (Transfer::MembersOfMembers, Value::Array(_) | Value::Set(_)) => {
                let mut pool = Vec::new();
                for (member, mark) in self.members(first) {
                    let member = MarkedRef {
                        value: &member,
                        mark: Some(&mark),
                    };
                    match member.value {
                        Value::Array(_) | Value::Set(_) => pool.extend(self.members(&member)),
                        other => pool.push((other.clone(), mark)),
                    }
                }
                self.picked(pool, value)
            }
            (Transfer::Keys, _) => {
                let object = first.value.as_object()?;
                let keys = object
                    .iter()
                    .map(|(key, _)| (key.clone(), self.key_of(mark_of(first), key)));
                let keys = keys.collect();
                Some(self.add(Provenance::Set(keys, FailureSet::default())))
            }
            (Transfer::Over, _) => Some(self.over(whole(first), whole(operands.get(1)?))),
            (Transfer::OverAll, _) => {
                let mut items = self
                    .members(first)
                    .into_iter()
                    .map(|(value, mark)| Whole { value, mark });
                let start = items.next()?;
                let all = items.fold(start, |below, above| {
                    let value = above.value.clone();
                    let mark = self.over(below.clone(), above);
                    let value = match (&below.value, &value) {
                        (Value::Object(a), Value::Object(b)) => Value::Object(a.union(b, |_, b| b.clone())),
                        _ => value,
                    };
                    Whole { value, mark }
                });
                Some(all.mark)
            }
            (Transfer::First, _) => first.mark.copied(),
            (Transfer::Patched, _) => Some(self.patched(first, operands.get(1)?)),
            (Transfer::One, _) => {
                let members = self.members(first);
                members
                    .into_iter()
                    .find(|(member, _)| member == value)
                    .map(|(_, mark)| mark)
            }
            (Transfer::Among, Value::Bool(true)) => {
                let collection = operands.get(1)?;
                let members = self.members(collection);
                let (_, member) = members.into_iter().find(|(member, _)| member == first.value)?;
                let operand = |mark| (mark, (mark == Mark::default()).then(|| first.value.clone()));
                let operands = vec![operand(mark_of(first)), operand(member)];
                let name = "internal.member_2";
                Some(self.add(Provenance::Made { at, name, operands }))
            }
            (Transfer::Members | Transfer::Difference | Transfer::MembersOfMembers | Transfer::Among, _) => None,
        }
    }

    fn part_or_default(&mut self, operands: &[MarkedRef<Mark>]) -> Mark {
        let [of, key, ..] = operands else {
            return Mark::default();
        };
        let path = match key.value {
            Value::Array(steps) => steps,
            key => std::slice::from_ref(key),
        };
        let found = path.iter().try_fold(of.value, |value, key| value.get(key));
        if found.is_none() {
            return self.reached(*of, path);
        }
        path.iter().fold(mark_of(of), |mark, key| self.part_of(mark, key))
    }

    /// A value with patches applied; those that only take away change the location of nothing.
    fn patched(&mut self, of: &MarkedRef<Mark>, patches: &MarkedRef<Mark>) -> Mark {
        let mut mark = mark_of(of);
        for (patch, patch_mark) in self.members(patches) {
            let is = |name: &str| patch.field("op").and_then(Value::as_str) == Some(name);
            let path: Vec<Value> = match patch.field("path") {
                Some(Value::String(text)) => {
                    let path = text.to_str();
                    path.trim_start_matches('/').split('/').map(Value::from).collect()
                }
                Some(Value::Array(steps)) => steps.to_vec(),
                _ => continue,
            };
            if path.len() <= STEPS && (is("add") || is("replace")) {
                let by = self.part_of(patch_mark, &"value".into());
                let value = of.value;
                mark = self.overlay(
                    MarkedRef {
                        value,
                        mark: Some(&mark),
                    },
                    &path,
                    by,
                );
            }
        }
        mark
    }

    fn over(&mut self, first: Whole, second: Whole) -> Mark {
        self.add(Provenance::Over { first, second })
    }

    /// The members of a collection with their marks.
    pub(super) fn members(&mut self, of: &MarkedRef<Mark>) -> Vec<(Value, Mark)> {
        let mark = mark_of(of);
        let mut set = self.bare(mark);
        while let Provenance::Made { name, operands, .. } = self.provenance(set)
            && *name == DIFFERENCE
            && let Some((left, _)) = operands.first()
        {
            set = self.bare(*left);
        }
        if let Provenance::Set(members, _) = self.provenance(set) {
            return members.clone();
        }
        let members = |members: &mut dyn Iterator<Item = (Value, Value)>, tracer: &mut Self| {
            let members = members.take(MEMBERS);
            members
                .map(|(key, member)| (member, tracer.part_of(mark, &key)))
                .collect()
        };
        match of.value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                members(&mut items.map(|(at, item)| (Value::from(at), item.clone())), self)
            }
            Value::Set(set) => members(&mut set.iter().map(|member| (member.clone(), member.clone())), self),
            _ => Vec::new(),
        }
    }

    /// A collection whose members are picked from a pool by their value, each from the pool once; nothing where none
    /// of them comes from the input.
    fn picked(&mut self, mut pool: Vec<(Value, Mark)>, value: &Value) -> Option<Mark> {
        pool.retain(|(_, mark)| *mark != Mark::default());
        pool.sort_by(|a, b| a.0.cmp(&b.0));
        let mut next: std::collections::HashMap<usize, usize> = std::collections::HashMap::new();
        let mut pick = |value: &Value| {
            let start = pool.partition_point(|(member, _)| member < value);
            let used = next.entry(start).or_default();
            let at = start + *used;
            let found = pool.get(at).filter(|(member, _)| member == value);
            let found = found.or_else(|| pool.get(start).filter(|(member, _)| member == value));
            *used += 1;
            found.map_or(Mark::default(), |(_, mark)| *mark)
        };
        let none = FailureSet::default();
        let provenance = match value {
            Value::Array(items) => Provenance::Array(items.iter().map(pick).collect(), none),
            Value::Set(members) => Provenance::Set(
                members.iter().map(|member| (member.clone(), pick(member))).collect(),
                none,
            ),
            _ => return None,
        };
        (!provenance.is_constant()).then(|| self.add(provenance))
    }
}

fn mark_of(seen: &MarkedRef<Mark>) -> Mark {
    seen.mark.copied().unwrap_or_default()
}

fn whole(seen: &MarkedRef<Mark>) -> Whole {
    Whole {
        value: seen.value.clone(),
        mark: mark_of(seen),
    }
}
