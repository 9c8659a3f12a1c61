//! The rule that fields of one name in the response are the same field.
//!
//! Follows gqlparser v2.5.64 validator/rules/overlapping_fields_can_be_merged.go, whose letters name the steps.

use std::collections::HashMap;
use std::rc::Rc;

use super::error::check_depth;
use super::tree::{Argument, Child, Field, Kind, Selection, Spread, Type, Value, ValueKind};
use super::walk::{Done, Walker};
use crate::builtins::Failure;

/// What was compared so far.
#[derive(Default)]
pub(super) struct Overlap<'a> {
    collected: HashMap<(usize, usize), Rc<Collected<'a>>>,
    /// Sets of fields with fragments, and whether they were compared as mutually exclusive only.
    with_fragments: HashMap<(usize, &'a str), bool>,
    fragments: HashMap<(&'a str, &'a str), bool>,
}

/// The fields of a selection by their names in the response, and the fragments that it spreads.
struct Collected<'a> {
    id: usize,
    fields: Vec<(&'a str, Vec<&'a Field>)>,
    by_name: HashMap<&'a str, usize>,
    spreads: Vec<&'a Spread>,
}

/// Two fields that do not fit, or whose inner fields do not.
struct Conflict<'a> {
    name: &'a str,
    field: &'a Field,
    message: String,
}

/// Whether a pair needs no comparison any more. One that was compared as not exclusive was compared as exclusive too.
fn is_known(compared: Option<&bool>, exclusive: bool) -> bool {
    compared.is_some_and(|compared| exclusive || !compared)
}

impl<'a> Walker<'a, '_> {
    /// Tells of the conflicts within a selection.
    pub(super) fn find_conflicts(&mut self, selections: &'a [Selection]) -> Done {
        if selections.is_empty() {
            return Ok(());
        }
        let set = self.collect(selections)?;
        let mut conflicts = Vec::new();
        // (A)
        for (_, fields) in &set.fields {
            for (index, first) in fields.iter().enumerate() {
                for second in &fields[index + 1..] {
                    conflicts.extend(self.conflict(false, first, second)?);
                }
            }
        }
        for (index, spread) in set.spreads.iter().enumerate() {
            // (B)
            self.between_fields_and_fragment(&mut conflicts, false, &set, spread)?;
            for other in &set.spreads[index + 1..] {
                // (C)
                self.between_fragments(&mut conflicts, false, spread, other)?;
            }
        }
        for conflict in conflicts {
            let (name, message) = (conflict.name, conflict.message);
            let told = format!(
                "Fields \"{name}\" conflict because {message}. Use different aliases on the fields to fetch both if \
                 this was intentional."
            );
            self.error(conflict.field.at, told);
        }
        Ok(())
    }

    fn collect(&mut self, selections: &'a [Selection]) -> Result<Rc<Collected<'a>>, Failure> {
        let key = match selections.is_empty() {
            true => (0, 0),
            false => (selections.as_ptr() as usize, selections.len()),
        };
        if let Some(known) = self.overlap.collected.get(&key) {
            return Ok(known.clone());
        }
        let mut set = Collected {
            id: self.overlap.collected.len(),
            fields: Vec::new(),
            by_name: HashMap::new(),
            spreads: Vec::new(),
        };
        self.collect_into(&mut set, selections)?;
        let set = Rc::new(set);
        self.overlap.collected.insert(key, set.clone());
        Ok(set)
    }

    fn collect_into(&mut self, set: &mut Collected<'a>, selections: &'a [Selection]) -> Done {
        for selection in selections {
            self.context.step()?;
            match selection {
                Selection::Field(field) => {
                    let name = field.response_name();
                    let at = *set.by_name.entry(name).or_insert_with(|| {
                        set.fields.push((name, Vec::new()));
                        set.fields.len() - 1
                    });
                    set.fields[at].1.push(field);
                }
                Selection::Inline(inline) => self.collect_into(set, &inline.selections)?,
                Selection::Spread(spread) => set.spreads.push(spread),
            }
        }
        Ok(())
    }

    fn between_fields_and_fragment(
        &mut self,
        conflicts: &mut Vec<Conflict<'a>>,
        exclusive: bool,
        set: &Collected<'a>,
        spread: &'a Spread,
    ) -> Done {
        let key = (set.id, &*spread.name);
        if is_known(self.overlap.with_fragments.get(&key), exclusive) {
            return Ok(());
        }
        self.overlap.with_fragments.insert(key, exclusive);
        let Some(fragment) = self.fragments.get(&*spread.name).copied() else {
            return Ok(());
        };
        let other = self.collect(&fragment.selections)?;
        if other.id == set.id {
            return Ok(());
        }
        check_depth(self.depth)?;
        self.depth += 1;
        // (D)
        self.between(conflicts, exclusive, set, &other)?;
        for spread in &other.spreads {
            // (E)
            self.between_fields_and_fragment(conflicts, exclusive, set, spread)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn between_fragments(
        &mut self,
        conflicts: &mut Vec<Conflict<'a>>,
        exclusive: bool,
        first: &'a Spread,
        second: &'a Spread,
    ) -> Done {
        let key = (&*first.name, &*second.name);
        if first.name == second.name || is_known(self.overlap.fragments.get(&key), exclusive) {
            return Ok(());
        }
        self.overlap.fragments.insert(key, exclusive);
        self.overlap.fragments.insert((key.1, key.0), exclusive);
        let fragment = |name: &str| self.fragments.get(name).copied();
        let (Some(a), Some(b)) = (fragment(&first.name), fragment(&second.name)) else {
            return Ok(());
        };
        check_depth(self.depth)?;
        self.depth += 1;
        let (a, b) = (self.collect(&a.selections)?, self.collect(&b.selections)?);
        // (F)
        self.between(conflicts, exclusive, &a, &b)?;
        // (G)
        for spread in &b.spreads {
            self.between_fragments(conflicts, exclusive, first, spread)?;
        }
        for spread in &a.spreads {
            self.between_fragments(conflicts, exclusive, spread, second)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn between(
        &mut self,
        conflicts: &mut Vec<Conflict<'a>>,
        exclusive: bool,
        first: &Collected<'a>,
        second: &Collected<'a>,
    ) -> Done {
        for (name, fields) in &first.fields {
            let Some(others) = second.by_name.get(name).map(|at| &second.fields[*at].1) else {
                continue;
            };
            for field in fields {
                for other in others {
                    conflicts.extend(self.conflict(exclusive, field, other)?);
                }
            }
        }
        Ok(())
    }

    fn conflict(
        &mut self,
        exclusive: bool,
        first: &'a Field,
        second: &'a Field,
    ) -> Result<Option<Conflict<'a>>, Failure> {
        self.context.step()?;
        let (a, b) = (self.fields[first.id], self.fields[second.id]);
        let (Some(parent_a), Some(parent_b)) = (a.parent, b.parent) else {
            return Ok(None);
        };
        let exclusive = exclusive
            || (parent_a.name != parent_b.name
                && parent_a.kind == Kind::Object
                && parent_b.kind == Kind::Object
                && a.definition.is_some()
                && b.definition.is_some());
        let told = |message: String| {
            Ok(Some(Conflict {
                name: first.response_name(),
                field: second,
                message,
            }))
        };
        if !exclusive && first.name != second.name {
            return told(format!(
                "\"{}\" and \"{}\" are different fields",
                first.name, second.name
            ));
        }
        if !exclusive && !same_arguments(&first.arguments, &second.arguments) {
            return told("they have differing arguments".to_owned());
        }
        if let (Some(a), Some(b)) = (a.definition, b.definition)
            && self.types_conflict(&a.kind, &b.kind)
        {
            return told(format!(
                "they return conflicting types \"{}\" and \"{}\"",
                a.kind, b.kind
            ));
        }
        // (H), (I), (J)
        let inner = self.between_selections(exclusive, &first.selections, &second.selections)?;
        if inner.is_empty() {
            return Ok(None);
        }
        let inner = inner.iter();
        let inner = inner.map(|inner| format!("subfields \"{}\" conflict because {}", inner.name, inner.message));
        let message = inner.collect::<Vec<_>>().join(" and ");
        self.context.check_size(message.len())?;
        told(message)
    }

    fn between_selections(
        &mut self,
        exclusive: bool,
        first: &'a [Selection],
        second: &'a [Selection],
    ) -> Result<Vec<Conflict<'a>>, Failure> {
        check_depth(self.depth)?;
        self.depth += 1;
        let mut conflicts = Vec::new();
        let (a, b) = (self.collect(first)?, self.collect(second)?);
        self.between(&mut conflicts, exclusive, &a, &b)?;
        for spread in &b.spreads {
            self.between_fields_and_fragment(&mut conflicts, exclusive, &a, spread)?;
        }
        for spread in &a.spreads {
            self.between_fields_and_fragment(&mut conflicts, exclusive, &b, spread)?;
        }
        for spread in &a.spreads {
            for other in &b.spreads {
                self.between_fragments(&mut conflicts, exclusive, spread, other)?;
            }
        }
        self.depth -= 1;
        Ok(conflicts)
    }

    /// Whether no value is of both types; inner fields are compared elsewhere.
    fn types_conflict(&self, first: &Type, second: &Type) -> bool {
        if first.non_null != second.non_null {
            return true;
        }
        match (&first.element, &second.element) {
            (Some(first), Some(second)) => self.types_conflict(first, second),
            (None, None) => {
                let leaf = |kind: &Type| self.schema.get(&kind.name).is_some_and(|found| found.kind.is_leaf());
                (leaf(first) || leaf(second)) && first.name != second.name
            }
            _ => true,
        }
    }
}

fn same_arguments(first: &[Argument], second: &[Argument]) -> bool {
    first.len() == second.len()
        && first.iter().all(|argument| {
            let same = |other: &Argument| argument.name == other.name && same_value(&argument.value, &other.value);
            second.iter().any(same)
        })
}

fn same_value(first: &Value, second: &Value) -> bool {
    if first.kind != second.kind || first.raw != second.raw || first.children.len() != second.children.len() {
        return false;
    }
    let sorted = |value: &'_ Value| {
        let mut order: Vec<usize> = (0..value.children.len()).collect();
        if value.kind == ValueKind::Object {
            order.sort_by(|a, b| value.children[*a].name.cmp(&value.children[*b].name));
        }
        order
    };
    let same = |a: &Child, b: &Child| a.name == b.name && same_value(&a.value, &b.value);
    let (first_order, second_order) = (sorted(first), sorted(second));
    let mut pairs = first_order.iter().zip(&second_order);
    pairs.all(|(a, b)| same(&first.children[*a], &second.children[*b]))
}
