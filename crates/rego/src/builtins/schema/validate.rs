//! Documents against schemas.
//!
//! Follows OPA v1.22 internal/gojsonschema/validation.go

use std::collections::HashMap;

use super::compile::{Additional, Dependency, Id, Items, Part, Schema};
use super::{check_depth, format, text_of};
use crate::builtins::{Context, Failure};
use crate::number;
use kpolicy_value::{Number, Object, Value};

/// Why a document does not match.
#[derive(Clone, Debug)]
pub(super) struct Error {
    pub(super) kind: &'static str,
    pub(super) field: String,
    pub(super) description: String,
}

/// A place in the document: a name or an index, below another place.
#[derive(Clone, Copy)]
struct Place<'p> {
    name: &'p str,
    above: Option<&'p Place<'p>>,
}

impl Place<'_> {
    fn below<'p>(&'p self, name: &'p str) -> Place<'p> {
        Place {
            name,
            above: Some(self),
        }
    }

    /// The way to the place, without the root that is in front of all but the root itself.
    fn field(&self) -> String {
        let mut names = Vec::new();
        let mut place = Some(self);
        while let Some(at) = place {
            names.push(at.name);
            place = at.above;
        }
        if names.len() > 1 {
            names.pop();
        }
        names.reverse();
        names.join(".")
    }
}

/// What came of one schema. The score says how well the document fits, for the errors of the best alternative.
#[derive(Default)]
struct Outcome {
    errors: Vec<Error>,
    score: i64,
}

impl Outcome {
    fn add(&mut self, place: Place<'_>, kind: &'static str, description: impl Into<String>) {
        self.errors.push(Error {
            kind,
            field: place.field(),
            description: description.into(),
        });
        self.score -= 2;
    }

    fn merge(&mut self, other: Self) {
        self.errors.extend(other.errors);
        self.score += other.score;
    }

    fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }
}

/// Keeps the outcome with the higher score; of equals the first.
fn keep_best(best: &mut Option<Outcome>, outcome: Outcome) {
    if best.as_ref().is_none_or(|best| outcome.score > best.score) {
        *best = Some(outcome);
    }
}

impl Schema {
    /// Why a document does not match; nothing where it does.
    pub(super) fn validate(&self, context: &mut Context, document: &Value) -> Result<Vec<Error>, Failure> {
        let mut validator = Validator {
            parts: &self.parts,
            context,
            depth: 0,
        };
        let root = Place {
            name: "(Root)",
            above: None,
        };
        Ok(validator.apart(0, document, root)?.errors)
    }
}

struct Validator<'s, 'c> {
    parts: &'s [Part],
    context: &'c mut Context,
    depth: usize,
}

type Done = Result<(), Failure>;

impl Validator<'_, '_> {
    /// The outcome of one schema by itself.
    fn apart(&mut self, id: Id, value: &Value, place: Place<'_>) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        self.check(id, value, &mut outcome, place)?;
        Ok(outcome)
    }

    fn check(&mut self, id: Id, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        self.context.step()?;
        self.context.check_size(outcome.errors.len() * size_of::<Error>())?;
        check_depth(self.depth)?;
        self.depth += 1;
        let part = &self.parts[id];
        let done = match (part.pass, part.target) {
            (Some(true), _) => Ok(()),
            (Some(false), _) => {
                outcome.add(place, "false", "False always fails validation");
                Ok(())
            }
            (None, Some(target)) => self.check(target, value, outcome, place),
            (None, None) => self.keywords(part, value, outcome, place),
        };
        self.depth -= 1;
        done
    }

    fn keywords(&mut self, part: &Part, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        let given = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if is_integer(number)? => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) | Value::Set(_) => "array",
            Value::Object(_) => "object",
        };
        let is_wanted = part.types.contains(&given) || (given == "integer" && part.types.contains(&"number"));
        if !part.types.is_empty() && !is_wanted {
            let expected = match part.types[..] {
                [only] => only.to_owned(),
                _ => format!("[{}]", part.types.join(",")),
            };
            let told = format!("Invalid type. Expected: {expected}, given: {given}");
            outcome.add(place, "invalid_type", told);
            return Ok(());
        }
        self.combinations(part, value, outcome, place)?;
        match value {
            Value::Number(number) => {
                check_number(part, number, outcome, place)?;
                self.common(part, value, outcome, place)?;
            }
            Value::Array(items) => {
                self.array(part, items, outcome, place)?;
                self.common(part, value, outcome, place)?;
            }
            Value::Object(object) => {
                self.object(part, object, outcome, place)?;
                self.common(part, value, outcome, place)?;
                for (name, property) in &part.properties {
                    if let Some(value) = object.field(name) {
                        self.check(*property, value, outcome, place.below(name))?;
                    }
                }
            }
            Value::String(_) => {
                self.common(part, value, outcome, place)?;
                self.string(part, &value.text().unwrap_or_default(), outcome, place)?;
            }
            _ => self.common(part, value, outcome, place)?,
        }
        outcome.score += 1;
        Ok(())
    }

    fn combinations(&mut self, part: &Part, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        self.any_of(part, value, outcome, place)?;
        self.one_of(part, value, outcome, place)?;
        let mut matched = 0;
        for schema in &part.all_of {
            let result = self.apart(*schema, value, place)?;
            matched += usize::from(result.is_valid());
            outcome.merge(result);
        }
        if matched != part.all_of.len() {
            outcome.add(place, "number_all_of", "Must validate all the schemas (allOf)");
        }
        if let Some(schema) = part.not
            && self.apart(schema, value, place)?.is_valid()
        {
            outcome.add(place, "number_not", "Must not validate the schema (not)");
        }
        if let Value::Object(object) = value {
            self.dependencies(part, object, value, outcome, place)?;
        }
        self.condition(part, value, outcome, place)?;
        outcome.score += 1;
        Ok(())
    }

    fn any_of(&mut self, part: &Part, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        let mut best = None;
        for schema in &part.any_of {
            let result = self.apart(*schema, value, place)?;
            if result.is_valid() {
                return Ok(());
            }
            keep_best(&mut best, result);
        }
        if let Some(best) = best {
            outcome.add(place, "number_any_of", "Must validate at least one schema (anyOf)");
            outcome.merge(best);
        }
        Ok(())
    }

    fn one_of(&mut self, part: &Part, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        let (mut matched, mut best) = (0, None);
        for schema in &part.one_of {
            let result = self.apart(*schema, value, place)?;
            if result.is_valid() {
                matched += 1;
            } else if matched == 0 {
                keep_best(&mut best, result);
            }
        }
        if part.one_of.is_empty() || matched == 1 {
            return Ok(());
        }
        outcome.add(place, "number_one_of", "Must validate one and only one schema (oneOf)");
        if matched == 0
            && let Some(best) = best
        {
            outcome.merge(best);
        }
        Ok(())
    }

    fn dependencies(
        &mut self,
        part: &Part,
        object: &Object,
        value: &Value,
        outcome: &mut Outcome,
        place: Place<'_>,
    ) -> Done {
        for (name, dependency) in &part.dependencies {
            if object.field(name).is_none() {
                continue;
            }
            match dependency {
                Dependency::Properties(names) => {
                    for name in names.iter().filter(|name| object.field(name).is_none()) {
                        outcome.add(place, "missing_dependency", format!("Has a dependency on {name}"));
                    }
                }
                Dependency::Schema(schema) => self.check(*schema, value, outcome, place)?,
            }
        }
        Ok(())
    }

    fn condition(&mut self, part: &Part, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        let Some(condition) = part.condition else {
            return Ok(());
        };
        let holds = self.apart(condition, value, place)?.is_valid();
        let (schema, kind, told) = match holds {
            true => (
                part.then,
                "condition_then",
                "Must validate \"then\" as \"if\" was valid",
            ),
            false => (
                part.otherwise,
                "condition_else",
                "Must validate \"else\" as \"if\" was not valid",
            ),
        };
        if let Some(schema) = schema {
            let result = self.apart(schema, value, place)?;
            if !result.is_valid() {
                outcome.add(place, kind, told);
                outcome.merge(result);
            }
        }
        Ok(())
    }

    fn common(&mut self, part: &Part, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        if part.constant.is_some() || part.choices.is_some() {
            let text = text_of(self.context, value)?;
            if let Some(constant) = part.constant.as_ref().filter(|constant| **constant != text) {
                outcome.add(place, "const", format!("{} does not match: {constant}", place.field()));
            }
            if let Some(choices) = part.choices.as_ref().filter(|choices| !choices.contains(&text)) {
                let choices = choices.join(", ");
                let told = format!("{} must be one of the following: {choices}", place.field());
                outcome.add(place, "enum", told);
            }
        }
        if let Some(text) = value.text()
            && !part.format.is_empty()
            && !format::is(self.context, &part.format, &text)?
        {
            outcome.add(place, "format", format!("Does not match format '{}'", part.format));
        }
        outcome.score += 1;
        Ok(())
    }

    fn array(&mut self, part: &Part, items: &[Value], outcome: &mut Outcome, place: Place<'_>) -> Done {
        self.items(part, items, outcome, place)?;
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        if let Some(fewest) = part.min_items.filter(|fewest| count < *fewest) {
            let told = format!("Array must have at least {fewest} items");
            outcome.add(place, "array_min_items", told);
        }
        if let Some(most) = part.max_items.filter(|most| count > *most) {
            outcome.add(
                place,
                "array_max_items",
                format!("Array must have at most {most} items"),
            );
        }
        if part.unique_items {
            let mut known = HashMap::new();
            for (at, item) in items.iter().enumerate() {
                if let Some(before) = known.insert(text_of(self.context, item)?, at) {
                    outcome.add(place, "unique", format!("array items[{before},{at}] must be unique"));
                }
            }
        }
        if let Some(schema) = part.contains {
            self.contains(schema, items, outcome, place)?;
        }
        outcome.score += 1;
        Ok(())
    }

    fn items(&mut self, part: &Part, items: &[Value], outcome: &mut Outcome, place: Place<'_>) -> Done {
        for (at, item) in items.iter().enumerate() {
            let schema = match (&part.items, part.additional_items) {
                (Items::Any, _) => return Ok(()),
                (Items::Each(schema), _) => Some(*schema),
                (Items::Listed(listed), _) if at < listed.len() => Some(listed[at]),
                (Items::Listed(listed), Some(Additional::Allowed(false))) if at == listed.len() && at > 0 => {
                    outcome.add(
                        place,
                        "array_no_additional_items",
                        "No additional items allowed on array",
                    );
                    None
                }
                (Items::Listed(listed), Some(Additional::Schema(schema))) if !listed.is_empty() => Some(schema),
                _ => None,
            };
            if let Some(schema) = schema {
                let result = self.apart(schema, item, place.below(&at.to_string()))?;
                outcome.merge(result);
            }
        }
        Ok(())
    }

    fn contains(&mut self, schema: Id, items: &[Value], outcome: &mut Outcome, place: Place<'_>) -> Done {
        let mut best = None;
        for (at, item) in items.iter().enumerate() {
            let result = self.apart(schema, item, place.below(&at.to_string()))?;
            if result.is_valid() {
                return Ok(());
            }
            keep_best(&mut best, result);
        }
        outcome.add(place, "contains", "At least one of the items must match");
        if let Some(best) = best {
            outcome.merge(best);
        }
        Ok(())
    }

    fn object(&mut self, part: &Part, object: &Object, outcome: &mut Outcome, place: Place<'_>) -> Done {
        let count = i64::try_from(object.len()).unwrap_or(i64::MAX);
        if let Some(fewest) = part.min_properties.filter(|fewest| count < *fewest) {
            let told = format!("Must have at least {fewest} properties");
            outcome.add(place, "array_min_properties", told);
        }
        if let Some(most) = part.max_properties.filter(|most| count > *most) {
            let told = format!("Must have at most {most} properties");
            outcome.add(place, "array_max_properties", told);
        }
        for name in &part.required {
            match object.field(name) {
                Some(_) => outcome.score += 1,
                None => outcome.add(place, "required", format!("{name} is required")),
            }
        }
        for (name, value) in object.iter() {
            let name = name.text().unwrap_or_default();
            self.property(part, &name, value, outcome, place)?;
        }
        if let Some(schema) = part.property_names {
            for (name, _) in object.iter() {
                let result = self.apart(schema, name, place)?;
                if !result.is_valid() {
                    let name = name.text().unwrap_or_default();
                    let told = format!("Property name of \"{name}\" does not match");
                    outcome.add(place, "invalid_property_name", told);
                    outcome.merge(result);
                }
            }
        }
        outcome.score += 1;
        Ok(())
    }

    /// What patterns say of a property, or what is said of properties that are not named.
    fn property(&mut self, part: &Part, name: &str, value: &Value, outcome: &mut Outcome, place: Place<'_>) -> Done {
        let mut matched = false;
        for (pattern, schema) in &part.pattern_properties {
            if pattern.is_match(self.context, name)? {
                matched = true;
                let result = self.apart(*schema, value, place.below(name))?;
                outcome.merge(result);
            }
        }
        outcome.score += i64::from(matched);
        let is_named = || {
            part.properties
                .binary_search_by(|(known, _)| (**known).cmp(name))
                .is_ok()
        };
        if matched || part.additional_properties.is_none() || is_named() {
            return Ok(());
        }
        match part.additional_properties {
            Some(Additional::Allowed(false)) => {
                let told = format!("Additional property {name} is not allowed");
                outcome.add(place, "additional_property_not_allowed", told);
            }
            Some(Additional::Schema(schema)) => {
                let result = self.apart(schema, value, place.below(name))?;
                outcome.merge(result);
            }
            Some(Additional::Allowed(true)) | None => {}
        }
        Ok(())
    }

    fn string(&mut self, part: &Part, text: &str, outcome: &mut Outcome, place: Place<'_>) -> Done {
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        if let Some(shortest) = part.min_length.filter(|shortest| length < *shortest) {
            let told = format!("String length must be greater than or equal to {shortest}");
            outcome.add(place, "string_gte", told);
        }
        if let Some(longest) = part.max_length.filter(|longest| length > *longest) {
            let told = format!("String length must be less than or equal to {longest}");
            outcome.add(place, "string_lte", told);
        }
        if let Some((written, pattern)) = &part.pattern
            && !pattern.is_match(self.context, text)?
        {
            outcome.add(place, "pattern", format!("Does not match pattern '{written}'"));
        }
        outcome.score += 1;
        Ok(())
    }
}

fn is_integer(value: &Number) -> Result<bool, Failure> {
    // Most are short: only of the others the digits are needed.
    Ok(value.as_index().is_some() || number::integer(value)?.is_some())
}

fn check_number(part: &Part, value: &Number, outcome: &mut Outcome, place: Place<'_>) -> Done {
    if let Some(multiple) = &part.multiple_of
        && !number::is_multiple(value, multiple)?
    {
        let told = format!("Must be a multiple of {}", number::general(multiple)?);
        outcome.add(place, "multiple_of", told);
    }
    type Test = fn(&Number, &Number) -> bool;
    let bounds: [(_, Test, _, _); 4] = [
        (
            &part.maximum,
            |value, bound| value > bound,
            "number_lte",
            "less than or equal to",
        ),
        (
            &part.exclusive_maximum,
            |value, bound| value >= bound,
            "number_lt",
            "less than",
        ),
        (
            &part.minimum,
            |value, bound| value < bound,
            "number_gte",
            "greater than or equal to",
        ),
        (
            &part.exclusive_minimum,
            |value, bound| value <= bound,
            "number_gt",
            "greater than",
        ),
    ];
    for (bound, is_broken, kind, relation) in bounds {
        if let Some(bound) = bound.as_ref().filter(|bound| is_broken(value, bound)) {
            let told = format!("Must be {relation} {}", number::general(bound)?);
            outcome.add(place, kind, told);
        }
    }
    outcome.score += 1;
    Ok(())
}
