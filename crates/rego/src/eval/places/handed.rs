//! Builtins that hand on what they are given: whose result is made of their operands, or of parts of them.

use super::origin::{DIFFERENCE, Origin, Whole};
use super::{Lack, Mark, Places};
use crate::eval::recorder::{Seen, Site};
use kpolicy_value::Value;

/// How a builtin's result comes from its operands.
enum Handed {
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

/// The builtins that hand on; all others compute something new.
const HANDED: &[(&str, Handed)] = &[
    ("object.get", Handed::Part),
    ("array.concat", Handed::Items),
    ("array.reverse", Handed::Members),
    ("array.slice", Handed::Members),
    ("array.flatten", Handed::MembersOfMembers),
    ("sort", Handed::Members),
    ("and", Handed::Members),
    ("or", Handed::Members),
    (DIFFERENCE, Handed::Difference),
    ("cast_array", Handed::Members),
    ("cast_set", Handed::Members),
    ("union", Handed::MembersOfMembers),
    ("intersection", Handed::MembersOfMembers),
    ("object.keys", Handed::Keys),
    ("object.union", Handed::Over),
    ("object.union_n", Handed::OverAll),
    ("object.filter", Handed::First),
    ("object.remove", Handed::First),
    ("json.filter", Handed::First),
    ("json.remove", Handed::First),
    ("json.patch", Handed::Patched),
    ("cast_object", Handed::First),
    ("cast_string", Handed::First),
    ("max", Handed::One),
    ("min", Handed::One),
    ("internal.member_2", Handed::Among),
];

/// The members that a collection has at most for their marks to be found one by one.
const MEMBERS: usize = 4096;

/// How many steps the path of a patch has at most.
const STEPS: usize = 64;

impl Places {
    /// The mark of what a builtin made.
    pub(super) fn handed(&mut self, at: Site, name: &'static str, operands: &[Seen<Mark>], value: &Value) -> Mark {
        let handed = HANDED.iter().find(|(known, _)| *known == name);
        let mark = handed.and_then(|(_, how)| self.hand(at, how, operands, value));
        mark.unwrap_or_else(|| {
            let operands = operands.iter().map(|operand| {
                let mark = mark_of(operand);
                (mark, (mark == Mark::default()).then(|| operand.value.clone()))
            });
            let operands = operands.collect();
            self.add(Origin::Made { at, name, operands })
        })
    }

    fn hand(&mut self, at: Site, how: &Handed, operands: &[Seen<Mark>], value: &Value) -> Option<Mark> {
        let first = operands.first()?;
        match (how, value) {
            (Handed::Part, _) => Some(self.part_or_default(operands)),
            (Handed::Items, _) => {
                let items = operands
                    .iter()
                    .flat_map(|operand| self.members(operand))
                    .map(|(_, mark)| mark);
                let items = items.collect();
                Some(self.add(Origin::Array(items, Lack::default())))
            }
            (Handed::Members, Value::Array(_) | Value::Set(_)) => {
                let pool = operands.iter().flat_map(|operand| self.members(operand)).collect();
                self.picked(pool, value)
            }
            (Handed::Difference, Value::Set(_)) => {
                let pool = self.members(first);
                let left = self.picked(pool, value)?;
                let second = operands.get(1)?;
                let right = mark_of(second);
                let operands = vec![
                    (left, None),
                    (right, (right == Mark::default()).then(|| second.value.clone())),
                ];
                let name = DIFFERENCE;
                Some(self.add(Origin::Made { at, name, operands }))
            }
            (Handed::MembersOfMembers, Value::Array(_) | Value::Set(_)) => {
                let mut pool = Vec::new();
                for (member, mark) in self.members(first) {
                    let member = Seen {
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
            (Handed::Keys, _) => {
                let object = first.value.as_object()?;
                let keys = object
                    .iter()
                    .map(|(key, _)| (key.clone(), self.key_of(mark_of(first), key)));
                let keys = keys.collect();
                Some(self.add(Origin::Set(keys, Lack::default())))
            }
            (Handed::Over, _) => Some(self.over(whole(first), whole(operands.get(1)?))),
            (Handed::OverAll, _) => {
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
            (Handed::First, _) => first.mark.copied(),
            (Handed::Patched, _) => Some(self.patched(first, operands.get(1)?)),
            (Handed::One, _) => {
                let members = self.members(first);
                members
                    .into_iter()
                    .find(|(member, _)| member == value)
                    .map(|(_, mark)| mark)
            }
            (Handed::Among, Value::Bool(true)) => {
                let collection = operands.get(1)?;
                let members = self.members(collection);
                let (_, member) = members.into_iter().find(|(member, _)| member == first.value)?;
                let operand = |mark| (mark, (mark == Mark::default()).then(|| first.value.clone()));
                let operands = vec![operand(mark_of(first)), operand(member)];
                let name = "internal.member_2";
                Some(self.add(Origin::Made { at, name, operands }))
            }
            (Handed::Members | Handed::Difference | Handed::MembersOfMembers | Handed::Among, _) => None,
        }
    }

    fn part_or_default(&mut self, operands: &[Seen<Mark>]) -> Mark {
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

    /// A value with patches applied; those that only take away change the place of nothing.
    fn patched(&mut self, of: &Seen<Mark>, patches: &Seen<Mark>) -> Mark {
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
                    Seen {
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
        self.add(Origin::Over { first, second })
    }

    /// The members of a collection with their marks.
    pub(super) fn members(&mut self, of: &Seen<Mark>) -> Vec<(Value, Mark)> {
        let mark = mark_of(of);
        let mut set = self.bare(mark);
        while let Origin::Made { name, operands, .. } = self.origin(set)
            && *name == DIFFERENCE
            && let Some((left, _)) = operands.first()
        {
            set = self.bare(*left);
        }
        if let Origin::Set(members, _) = self.origin(set) {
            return members.clone();
        }
        let members = |members: &mut dyn Iterator<Item = (Value, Value)>, places: &mut Self| {
            let members = members.take(MEMBERS);
            members
                .map(|(key, member)| (member, places.part_of(mark, &key)))
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
        let none = Lack::default();
        let origin = match value {
            Value::Array(items) => Origin::Array(items.iter().map(pick).collect(), none),
            Value::Set(members) => Origin::Set(
                members.iter().map(|member| (member.clone(), pick(member))).collect(),
                none,
            ),
            _ => return None,
        };
        (!origin.is_constant()).then(|| self.add(origin))
    }
}

fn mark_of(seen: &Seen<Mark>) -> Mark {
    seen.mark.copied().unwrap_or_default()
}

fn whole(seen: &Seen<Mark>) -> Whole {
    Whole {
        value: seen.value.clone(),
        mark: mark_of(seen),
    }
}
