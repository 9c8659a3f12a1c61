//! The rules of queries, but for those of values and of fields that overlap.
//!
//! Follows gqlparser v2.5.64 validator/rules. Each event applies them in the order of their names, as there.

use std::collections::{HashMap, HashSet};

use super::error::check_depth;
use super::suggest::{close, hint, quoted_list};
use super::tree::{
    Argument, Definition, Directive, DirectiveDefinition, Field, FieldDefinition, Fragment, Inline, Kind, Operation,
    Position, Selection, Spread, Variable,
};
use super::walk::{Done, FieldNote, Walker};
use crate::builtins::Failure;
use crate::text::{Charset, quote};

/// What the rules have seen so far.
#[derive(Default)]
pub(super) struct Seen<'a> {
    misplaced: HashSet<(&'a str, Option<Position>)>,
    operations: HashSet<&'a str>,
    fragments: HashSet<&'a str>,
    /// The fragments that operations spread.
    used: HashSet<&'a str>,
    after_operations: bool,
    /// The fragments that were searched for cycles.
    searched: HashSet<&'a str>,
    introspection: Introspection<'a>,
}

/// How deep fragments nest lists of types.
#[derive(Default)]
struct Introspection<'a> {
    /// The fragments that are being visited, and how deep each was entered.
    visited: HashMap<&'a str, usize>,
    known: HashMap<(&'a str, usize), bool>,
}

/// How deep lists of types may nest in an introspection.
const DEEPEST_LISTS: usize = 3;

impl<'a> Walker<'a, '_> {
    pub(super) fn on_variable(&mut self, variable: &'a Variable) {
        let name = variable.kind.base();
        if self.schema.get(name).is_none() {
            self.error(variable.at, format!("Unknown type \"{name}\"."));
        }
    }

    pub(super) fn on_directive(
        &mut self,
        directive: &'a Directive,
        definition: Option<&'a DirectiveDefinition>,
        location: &str,
    ) {
        let (at, name) = (directive.at, &directive.name);
        if let Some(definition) = definition {
            for argument in &directive.arguments {
                if definition.argument(&argument.name).is_none() {
                    let own = &argument.name;
                    let hint = hint("Did you mean", own, names(&definition.arguments));
                    self.error(
                        at,
                        format!("Unknown argument \"{own}\" on directive \"@{name}\".{hint}"),
                    );
                }
            }
        }
        match definition {
            None => self.error(at, format!("Unknown directive \"@{name}\".")),
            Some(definition) if definition.locations.iter().any(|known| known == location) => {}
            Some(_) => {
                if self.seen.misplaced.insert((name, at)) {
                    self.error(at, format!("Directive \"@{name}\" may not be used on {location}."));
                }
            }
        }
        for missing in definition
            .map(|definition| missing(&definition.arguments, &directive.arguments))
            .unwrap_or_default()
        {
            let (own, kind) = (&missing.name, &missing.kind);
            let told = format!(
                "Directive \"@{name}\" argument \"{own}\" of type \"{kind}\" is required, but it was not provided."
            );
            self.error(at, told);
        }
        self.unique_arguments(&directive.arguments);
    }

    pub(super) fn on_directives(&mut self, directives: &'a [Directive]) {
        let mut seen = HashSet::new();
        for directive in directives {
            let name = &directive.name;
            let definition = self.schema.directives.get(name);
            let is_repeatable = definition.is_some_and(|definition| definition.is_repeatable);
            if !seen.insert(name) && !is_repeatable {
                let told = format!("The directive \"@{name}\" can only be used once at this location.");
                self.error(directive.at, told);
            }
        }
    }

    fn unique_arguments(&mut self, arguments: &'a [Argument]) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for argument in arguments {
            let count = counts.entry(&argument.name).or_default();
            *count += 1;
            if *count == 2 {
                let name = &argument.name;
                self.error(argument.at, format!("There can be only one argument named \"{name}\"."));
            }
        }
    }

    pub(super) fn on_field(&mut self, field: &'a Field) -> Done {
        let FieldNote { definition, parent } = self.fields[field.id];
        if let (Some(parent), None) = (parent, definition) {
            let hint = self.suggested_types(parent, &field.name);
            let told = format!(
                "Cannot query field \"{}\" on type \"{}\".{hint}",
                field.name, parent.name
            );
            self.error(field.at, told);
        }
        if let (Some(parent), Some(definition)) = (parent, definition) {
            for argument in &field.arguments {
                if definition.argument(&argument.name).is_none() {
                    let (own, on, name) = (&argument.name, &parent.name, &field.name);
                    let hint = hint("Did you mean", own, names(&definition.arguments));
                    self.error(
                        field.at,
                        format!("Unknown argument \"{own}\" on field \"{on}.{name}\".{hint}"),
                    );
                }
            }
        }
        if matches!(&*field.name, "__schema" | "__type") && self.is_too_deep(field, 0)? {
            self.error(field.at, "Maximum introspection depth exceeded");
        }
        if self.operation.is_some() {
            self.find_conflicts(&field.selections)?;
        }
        if let Some(definition) = definition {
            for missing in missing(&definition.arguments, &field.arguments) {
                let (name, own, kind) = (&field.name, &missing.name, &missing.kind);
                let told = format!(
                    "Field \"{name}\" argument \"{own}\" of type \"{kind}\" is required, but it was not provided."
                );
                self.error(field.at, told);
            }
            self.scalar_leafs(field, definition);
        }
        self.unique_arguments(&field.arguments);
        Ok(())
    }

    fn scalar_leafs(&mut self, field: &'a Field, definition: &FieldDefinition) {
        let Some(found) = self.schema.get(definition.kind.base()) else {
            return;
        };
        let name = &field.name;
        if found.kind.is_leaf() && !field.selections.is_empty() {
            let told = format!(
                "Field \"{name}\" must not have a selection since type \"{}\" has no subfields.",
                found.name
            );
            self.error(field.at, told);
        } else if !found.kind.is_leaf() && field.selections.is_empty() {
            let told = format!(
                "Field \"{name}\" of type \"{}\" must have a selection of subfields. Did you mean \"{name} {{ ... }}\"?",
                definition.kind
            );
            self.error(field.at, told);
        }
    }

    /// What may have been meant by a field that its type does not have.
    fn suggested_types(&self, parent: &'a Definition, name: &str) -> String {
        if parent.kind.is_abstract() {
            let (mut objects, mut interfaces) = (Vec::new(), Vec::new());
            let mut usage: HashMap<&str, usize> = HashMap::new();
            let possible = self.schema.possible(&parent.name).iter();
            let possible = possible.filter_map(|name| self.schema.get(name));
            for found in possible.filter(|found| found.field(name).is_some()) {
                objects.push(&*found.name);
                for interface in &found.interfaces {
                    let definition = self.schema.get(interface);
                    if definition.is_some_and(|definition| definition.field(name).is_some()) {
                        let count = usage.entry(interface).or_default();
                        if *count == 0 {
                            interfaces.push(&**interface);
                        }
                        *count += 1;
                    }
                }
            }
            interfaces.append(&mut objects);
            let count = |name: &str| usage.get(name).copied().unwrap_or(0);
            interfaces.sort_by(|a, b| count(b).cmp(&count(a)).then(a.cmp(b)));
            if !interfaces.is_empty() {
                return format!(
                    " Did you mean to use an inline fragment on {}?",
                    quoted_list(&interfaces)
                );
            }
        }
        match &close(name, names(&parent.fields))[..] {
            [] => String::new(),
            found => format!(" Did you mean {}?", quoted_list(found)),
        }
    }

    fn is_too_deep(&mut self, field: &'a Field, depth: usize) -> Result<bool, Failure> {
        let is_list = matches!(&*field.name, "fields" | "interfaces" | "possibleTypes" | "inputFields");
        let depth = depth + usize::from(is_list);
        if is_list && depth >= DEEPEST_LISTS {
            return Ok(true);
        }
        self.are_too_deep(&field.selections, depth)
    }

    fn are_too_deep(&mut self, selections: &'a [Selection], depth: usize) -> Result<bool, Failure> {
        check_depth(self.depth)?;
        self.depth += 1;
        for selection in selections {
            self.context.step()?;
            let found = match selection {
                Selection::Field(field) => self.is_too_deep(field, depth)?,
                Selection::Inline(inline) => self.are_too_deep(&inline.selections, depth)?,
                Selection::Spread(spread) => self.is_spread_too_deep(spread, depth)?,
            };
            if found {
                self.depth -= 1;
                return Ok(true);
            }
        }
        self.depth -= 1;
        Ok(false)
    }

    fn is_spread_too_deep(&mut self, spread: &'a Spread, depth: usize) -> Result<bool, Failure> {
        let name = &*spread.name;
        if let Some(entered) = self.seen.introspection.visited.get(name) {
            return Ok(depth > *entered);
        }
        let Some(fragment) = self.fragments.get(name).copied() else {
            return Ok(false);
        };
        if let Some(known) = self.seen.introspection.known.get(&(name, depth)) {
            return Ok(*known);
        }
        self.seen.introspection.visited.insert(name, depth);
        let found = self.are_too_deep(&fragment.selections, depth)?;
        self.seen.introspection.visited.remove(name);
        self.seen.introspection.known.insert((name, depth), found);
        Ok(found)
    }

    pub(super) fn on_inline(&mut self, inline: &'a Inline, parent: Option<&'a Definition>) -> Done {
        let condition = &*inline.condition;
        let definition = self.schema.get(condition);
        if definition.is_some_and(|definition| !definition.kind.is_composite()) {
            let told = format!("Fragment cannot condition on non composite type \"{condition}\".");
            self.error(inline.at, told);
        }
        if !condition.is_empty() && definition.is_none() {
            self.error(inline.at, format!("Unknown type \"{condition}\"."));
        }
        self.find_conflicts(&inline.selections)?;
        if let Some(parent) = parent
            && !self.can_be(parent, condition)
        {
            let own = &parent.name;
            let told = format!(
                "Fragment cannot be spread here as objects of type \"{own}\" can never be of type \"{condition}\"."
            );
            self.error(inline.at, told);
        }
        Ok(())
    }

    /// Whether some object is of both types, or that is for other rules to say.
    fn can_be(&self, parent: &Definition, condition: &str) -> bool {
        let own = [parent.name.clone()];
        let parents = match parent.kind {
            Kind::Object => &own,
            Kind::Interface | Kind::Union => self.schema.possible(&parent.name),
            _ => return true,
        };
        match self.schema.get(condition) {
            Some(definition) if definition.kind.is_composite() => {
                let possible: HashSet<&String> = self.schema.possible(condition).iter().collect();
                parents.iter().any(|name| possible.contains(name))
            }
            _ => true,
        }
    }

    pub(super) fn on_spread(
        &mut self,
        spread: &'a Spread,
        fragment: Option<&'a Fragment>,
        parent: Option<&'a Definition>,
    ) {
        let name = &spread.name;
        if fragment.is_none() {
            self.error(spread.at, format!("Unknown fragment \"{name}\"."));
        }
        if !self.seen.after_operations {
            self.seen.used.insert(name);
        }
        if let (Some(fragment), Some(parent)) = (fragment, parent)
            && !self.can_be(parent, &fragment.condition)
        {
            let (own, other) = (&parent.name, &fragment.condition);
            let told = format!(
                "Fragment \"{name}\" cannot be spread here as objects of type \"{own}\" can never be of type \"{other}\"."
            );
            self.error(spread.at, told);
        }
    }

    pub(super) fn on_fragment(&mut self, fragment: &'a Fragment, definition: Option<&'a Definition>) -> Done {
        let (at, name, condition) = (fragment.at, &fragment.name, &fragment.condition);
        match definition {
            Some(definition) if !definition.kind.is_composite() => {
                let told = format!("Fragment \"{name}\" cannot condition on non composite type \"{condition}\".");
                self.error(at, told);
            }
            Some(_) => {}
            None => {
                let types = self.schema.types.keys().map(String::as_str);
                let hint = hint("Did you mean", condition, types);
                self.error(at, format!("Unknown type \"{condition}\".{hint}"));
            }
        }
        self.find_cycles(fragment, &mut Vec::new(), &mut HashMap::new())?;
        self.seen.after_operations = true;
        if !self.seen.used.contains(&**name) {
            self.error(at, format!("Fragment \"{name}\" is never used."));
        }
        self.find_conflicts(&fragment.selections)?;
        if !self.seen.fragments.insert(name) {
            self.error(at, format!("There can be only one fragment named \"{name}\"."));
        }
        Ok(())
    }

    fn find_cycles(
        &mut self,
        fragment: &'a Fragment,
        path: &mut Vec<&'a Spread>,
        starts: &mut HashMap<&'a str, usize>,
    ) -> Done {
        self.context.step()?;
        check_depth(path.len())?;
        if !self.seen.searched.insert(&fragment.name) {
            return Ok(());
        }
        let spreads = spreads(&fragment.selections);
        if spreads.is_empty() {
            return Ok(());
        }
        starts.insert(&fragment.name, path.len());
        for spread in spreads {
            let start = starts.get(&*spread.name).copied();
            path.push(spread);
            if let Some(start) = start {
                let via: Vec<String> = path[start..path.len() - 1]
                    .iter()
                    .map(|spread| format!("\"{}\"", spread.name))
                    .collect();
                let via = match via.is_empty() {
                    true => String::new(),
                    false => format!(" via {}", via.join(", ")),
                };
                let name = &spread.name;
                self.error(
                    spread.at,
                    format!("Cannot spread fragment \"{name}\" within itself{via}."),
                );
            } else if let Some(inner) = self.fragments.get(&*spread.name).copied() {
                self.find_cycles(inner, path, starts)?;
            }
            path.pop();
        }
        starts.remove(&*fragment.name);
        Ok(())
    }

    pub(super) fn on_operation(&mut self, operation: &'a Operation) -> Done {
        let (at, name) = (operation.at, &operation.name);
        if self.schema.root(&operation.kind).is_none() {
            let kind = &operation.kind;
            self.error(at, format!("Schema does not support operation type \"{kind}\""));
        }
        if name.is_empty() && self.query.operations.len() > 1 {
            self.error(at, "This anonymous operation must be the only defined operation.");
        }
        for variable in operation
            .variables
            .iter()
            .filter(|variable| !self.used[variable.id])
            .collect::<Vec<_>>()
        {
            let within = match name.is_empty() {
                true => String::new(),
                false => format!(" in operation \"{name}\""),
            };
            let told = format!("Variable \"${}\" is never used{within}.", variable.name);
            self.error(variable.at, told);
        }
        self.find_conflicts(&operation.selections)?;
        if operation.kind == "subscription" && self.schema.subscription.is_some() {
            self.single_field(operation)?;
        }
        if !self.seen.operations.insert(name) {
            self.error(at, format!("There can be only one operation named \"{name}\"."));
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for variable in &operation.variables {
            let count = counts.entry(&variable.name).or_default();
            *count += 1;
            if *count == 2 {
                let told = format!("There can be only one variable named \"${}\".", variable.name);
                self.error(variable.at, told);
            }
        }
        for variable in &operation.variables {
            let definition = self.schema.get(variable.kind.base());
            if definition.is_some_and(|definition| !definition.kind.is_input()) {
                let (own, kind) = (&variable.name, &variable.kind);
                self.error(
                    variable.at,
                    format!("Variable \"${own}\" cannot be non-input type \"{kind}\"."),
                );
            }
        }
        Ok(())
    }

    /// A subscription selects one field.
    fn single_field(&mut self, operation: &'a Operation) -> Done {
        let mut fields: Vec<&Field> = Vec::new();
        self.top_fields(&operation.selections, &mut fields, &mut HashSet::new())?;
        let mut known = HashSet::new();
        fields.retain(|field| known.insert(&*field.name));
        let name = match &*operation.name {
            "" => "Anonymous Subscription".to_owned(),
            name => format!("Subscription {}", quote(name, Charset::Unicode)),
        };
        if let Some(second) = fields.get(1) {
            self.error(second.at, format!("{name} must select only one top level field."));
        }
        for field in fields.iter().filter(|field| field.name.starts_with("__")) {
            let told = format!("{name} must not select an introspection top level field.");
            self.error(field.at, told);
        }
        Ok(())
    }

    fn top_fields(
        &mut self,
        selections: &'a [Selection],
        fields: &mut Vec<&'a Field>,
        visited: &mut HashSet<&'a str>,
    ) -> Done {
        check_depth(self.depth)?;
        self.depth += 1;
        for selection in selections {
            self.context.step()?;
            match selection {
                Selection::Field(field) => fields.push(field),
                Selection::Inline(inline) => self.top_fields(&inline.selections, fields, visited)?,
                Selection::Spread(spread) => match self.fragments.get(&*spread.name).copied() {
                    Some(fragment) if visited.insert(&fragment.name) => {
                        self.top_fields(&fragment.selections, fields, visited)?;
                    }
                    Some(_) => {}
                    None => break,
                },
            }
        }
        self.depth -= 1;
        Ok(())
    }
}

/// The names of fields or arguments.
pub(super) fn names(definitions: &[FieldDefinition]) -> impl Iterator<Item = &str> {
    definitions.iter().map(|definition| &*definition.name)
}

/// The arguments that have to be given and are not.
fn missing<'a>(definitions: &'a [FieldDefinition], given: &[Argument]) -> Vec<&'a FieldDefinition> {
    let is_missing = |definition: &&FieldDefinition| {
        definition.kind.non_null
            && definition.default.is_none()
            && !given.iter().any(|argument| argument.name == definition.name)
    };
    definitions.iter().filter(is_missing).collect()
}

/// The fragments that a selection spreads, those of inner selections last.
fn spreads(selections: &[Selection]) -> Vec<&Spread> {
    let mut found = Vec::new();
    let mut rest = vec![selections];
    while let Some(selections) = rest.pop() {
        for selection in selections {
            match selection {
                Selection::Spread(spread) => found.push(spread),
                Selection::Field(field) => rest.push(&field.selections),
                Selection::Inline(inline) => rest.push(&inline.selections),
            }
        }
    }
    found
}
