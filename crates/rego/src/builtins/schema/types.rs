//! The types of the documents that a schema describes, as OPA's type checker takes them from it.
//!
//! Follows OPA v1.22 ast/compile.go: schemaParser. What a schema says of itself again, below itself, is any value here.

use std::collections::HashMap;

use super::compile::{Id, Items, Part, Schema};
use super::{Context, DEEPEST, Failure};
use crate::builtins::OUT_OF_TIME;
use crate::types::Type;
use kpolicy_value::Value;

/// The type of what a schema describes; or why it is no schema, or one of which there is no type.
pub(crate) fn type_of(schema: &Value) -> Result<Type, String> {
    let mut context = Context::new(None);
    let document = super::document(&mut context, schema);
    let compiled = document.and_then(|document| Schema::compile(&mut context, document));
    let schema = compiled.map_err(|failure| {
        let reason = match failure {
            Failure::Builtin(message) | Failure::Operand(message) | Failure::Limit(message) => message,
            Failure::Timeout => OUT_OF_TIME.to_owned(),
        };
        format!("unable to compile the schema: {reason}")
    })?;
    let mut types = Types {
        schema: &schema,
        targets: HashMap::new(),
        depth: 0,
        steps: 0,
    };
    let of = schema.parts.first().map(|root| types.part(root));
    of.unwrap_or(Ok(Type::Any))
        .map_err(|message| format!("type checking: {message}"))
}

struct Types<'s> {
    schema: &'s Schema,
    /// The types of what references lead to; nothing yet of what is being looked at.
    targets: HashMap<Id, Option<Type>>,
    depth: usize,
    steps: usize,
}

/// How many parts are looked at: those of `allOf` are as often as something refers to them.
const MOST_STEPS: usize = 100_000;

const UNMERGED: &str = "unable to merge these schemas";

impl Types<'_> {
    fn at(&mut self, id: Id) -> Result<Type, String> {
        self.part(&self.schema.parts[id])
    }

    fn part(&mut self, part: &Part) -> Result<Type, String> {
        (self.depth, self.steps) = (self.depth + 1, self.steps + 1);
        if self.depth > DEEPEST || self.steps > MOST_STEPS {
            return Err("the schema is too large, or is made of itself".to_owned());
        }
        let of = self.of_keywords(part);
        self.depth -= 1;
        of
    }

    fn of_keywords(&mut self, part: &Part) -> Result<Type, String> {
        if let Some(target) = part.target {
            return self.target(target);
        }
        if !part.any_of.is_empty() {
            return self.any_of(part);
        }
        if !part.all_of.is_empty() {
            return match self.merged(part)? {
                Some(merged) => self.part(&merged),
                None => Ok(Type::Any),
            };
        }
        self.own(part)
    }

    fn target(&mut self, target: Id) -> Result<Type, String> {
        if let Some(known) = self.targets.get(&target) {
            return Ok(known.clone().unwrap_or(Type::Any));
        }
        self.targets.insert(target, None);
        let of = self.at(target)?;
        self.targets.insert(target, Some(of.clone()));
        Ok(of)
    }

    fn any_of(&mut self, part: &Part) -> Result<Type, String> {
        let mut all = Type::Unknown;
        if !part.types.is_empty() {
            let own = Part {
                any_of: Vec::new(),
                ..shape(part)
            };
            // Only an object of known properties counts beside the alternatives.
            match self.part(&own)? {
                of @ Type::Object(_) if !own.properties.is_empty() => all = of,
                _ => {}
            }
        }
        for each in &part.any_of {
            all = self.at(*each)?.or(&all);
        }
        Ok(all)
    }

    /// What the parts of `allOf` and the schema around them say together; nothing where they say nothing.
    fn merged(&self, part: &Part) -> Result<Option<Part>, String> {
        let mut parts = Vec::new();
        for id in &part.all_of {
            let mut each = &self.schema.parts[*id];
            let mut followed = 0;
            while let Some(target) = each.target {
                each = &self.schema.parts[target];
                followed += 1;
                if followed > self.schema.parts.len() {
                    return Err("a reference leads to itself".to_owned());
                }
            }
            let says_nothing = each.types.is_empty() && each.properties.is_empty() && is_empty(&each.items);
            if !says_nothing || each.any_of.is_empty() {
                parts.push(typed(each));
            }
        }
        let mut parts = parts.into_iter();
        let Some(mut all) = parts.next() else { return Ok(None) };
        for each in parts {
            self.merge(&mut all, &each)?;
        }
        if !part.types.is_empty() {
            let both = |name| part.types.contains(&name) && all.types.contains(&name);
            if both("object") || both("array") {
                self.merge(&mut all, &typed(part))?;
            } else if part.types != all.types {
                return Err(UNMERGED.to_owned());
            }
        }
        Ok(Some(all))
    }

    /// Follows OPA v1.22 ast/compile.go: mergeSchemas
    fn merge(&self, all: &mut Part, other: &Part) -> Result<(), String> {
        if all.types != other.types {
            let (own, others) = (all.types.join(", "), other.types.join(", "));
            return Err(format!("{UNMERGED}: type mismatch: {own} and {others}"));
        }
        if all.types.contains(&"object") && !all.properties.is_empty() {
            all.properties.extend(other.properties.iter().cloned());
        } else if all.types.contains(&"array") {
            let (mut items, others) = (listed(&all.items), listed(&other.items));
            if items.is_empty() || others.is_empty() {
                return Ok(());
            }
            items.extend(others.iter().skip(items.len()));
            let types = |id: &Id| &self.schema.parts[*id].types;
            if items
                .iter()
                .zip(&others)
                .any(|(item, other)| types(item) != types(other))
            {
                return Err(UNMERGED.to_owned());
            }
            if matches!(all.items, Items::Listed(_)) {
                all.items = Items::Listed(items);
            }
        }
        Ok(())
    }

    /// The type that a schema has by its own keywords.
    fn own(&mut self, part: &Part) -> Result<Type, String> {
        let part = if part.types.is_empty() {
            typed(part)
        } else {
            shape(part)
        };
        let is = |name| part.types.contains(&name);
        if is("boolean") {
            Ok(Type::Boolean)
        } else if is("string") {
            Ok(Type::String)
        } else if is("integer") || is("number") {
            Ok(Type::Number)
        } else if is("object") {
            self.object(&part)
        } else if is("array") {
            self.array(&part)
        } else {
            Ok(Type::Any)
        }
    }

    fn object(&mut self, part: &Part) -> Result<Type, String> {
        if part.properties.is_empty() {
            return Ok(Type::object(Vec::new(), Some((Type::Any, Type::Any))));
        }
        let mut known: Vec<(Value, Type)> = Vec::new();
        for (name, id) in &part.properties {
            let of = self.at(*id)?;
            known.retain(|(key, _)| key.as_str() != Some(name));
            known.push((name.as_str().into(), of));
        }
        Ok(Type::object(known, None))
    }

    fn array(&mut self, part: &Part) -> Result<Type, String> {
        match &part.items {
            Items::Any => Ok(Type::array(Vec::new(), Type::Any)),
            Items::Each(id) => Ok(Type::array(Vec::new(), self.at(*id)?)),
            Items::Listed(ids) if ids.is_empty() => Ok(Type::array(Vec::new(), Type::Any)),
            Items::Listed(ids) => {
                let first = ids.iter().map(|id| self.at(*id)).collect::<Result<_, _>>()?;
                Ok(Type::array(first, Type::Unknown))
            }
        }
    }
}

fn listed(items: &Items) -> Vec<Id> {
    match items {
        Items::Any => Vec::new(),
        Items::Each(id) => vec![*id],
        Items::Listed(ids) => ids.clone(),
    }
}

fn is_empty(items: &Items) -> bool {
    listed(items).is_empty()
}

/// What a type is taken from.
fn shape(part: &Part) -> Part {
    Part {
        types: part.types.clone(),
        properties: part.properties.clone(),
        items: part.items.clone(),
        any_of: part.any_of.clone(),
        all_of: part.all_of.clone(),
        ..Part::default()
    }
}

/// The same, with the type that its properties or items need.
fn typed(part: &Part) -> Part {
    let mut part = shape(part);
    let needed = match (part.properties.is_empty(), is_empty(&part.items)) {
        (false, _) => Some("object"),
        (true, false) => Some("array"),
        (true, true) => None,
    };
    part.types.extend(needed.filter(|name| !part.types.contains(name)));
    part
}
