//! From a document to a schema that documents are validated with.
//!
//! Follows OPA v1.22 internal/gojsonschema/schema.go

use std::collections::HashMap;
use std::sync::Arc;

use super::check_depth;
use super::draft::{self, Draft};
use super::pool::Pool;
use super::reference::Reference;
use super::text_of;
use crate::builtins::regex::{Pattern, compiled};
use crate::builtins::{Context, Failure};
use crate::number;
use kpolicy_value::{Number, Object, Value};

/// A compiled schema: its parts, the root first.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) parts: Vec<Part>,
}

/// The index of a part.
pub(super) type Id = usize;

/// The types of JSON, in the order in which errors list them.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "number", "null", "object", "string"];

/// One schema with its keywords.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// What a schema `true` or `false` gives.
    pub(super) pass: Option<bool>,
    /// The schema that `$ref` leads to.
    pub(super) target: Option<Id>,
    pub(super) types: Vec<&'static str>,
    pub(super) properties: Vec<(String, Id)>,
    pub(super) pattern_properties: Vec<(Arc<Pattern>, Id)>,
    pub(super) additional_properties: Option<Additional>,
    pub(super) property_names: Option<Id>,
    pub(super) dependencies: Vec<(String, Dependency)>,
    pub(super) items: Items,
    pub(super) additional_items: Option<Additional>,
    pub(super) contains: Option<Id>,
    pub(super) multiple_of: Option<Number>,
    pub(super) minimum: Option<Number>,
    pub(super) exclusive_minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) exclusive_maximum: Option<Number>,
    pub(super) min_length: Option<i64>,
    pub(super) max_length: Option<i64>,
    pub(super) pattern: Option<(String, Arc<Pattern>)>,
    pub(super) format: String,
    pub(super) min_properties: Option<i64>,
    pub(super) max_properties: Option<i64>,
    pub(super) required: Vec<String>,
    pub(super) min_items: Option<i64>,
    pub(super) max_items: Option<i64>,
    pub(super) unique_items: bool,
    /// JSON texts, as [`text_of`] writes them.
    pub(super) constant: Option<String>,
    pub(super) choices: Option<Vec<String>>,
    pub(super) any_of: Vec<Id>,
    pub(super) one_of: Vec<Id>,
    pub(super) all_of: Vec<Id>,
    pub(super) not: Option<Id>,
    pub(super) condition: Option<Id>,
    pub(super) then: Option<Id>,
    pub(super) otherwise: Option<Id>,
}

/// What is said of properties or items that are not named.
#[derive(Clone, Copy, Debug)]
pub(super) enum Additional {
    Allowed(bool),
    Schema(Id),
}

#[derive(Clone, Debug, Default)]
pub(super) enum Items {
    #[default]
    Any,
    Each(Id),
    Listed(Vec<Id>),
}

/// What the presence of a property asks for.
#[derive(Debug)]
pub(super) enum Dependency {
    Properties(Vec<String>),
    Schema(Id),
}

impl Schema {
    /// Compiles a document; the error says why it is no schema.
    pub(super) fn compile(context: &mut Context, document: Value) -> Result<Self, Failure> {
        let mut pool = Pool::default();
        let document = pool.add(context, &document, &Reference::default())?;
        let draft = draft::named(&document)?.unwrap_or(Draft::Hybrid);
        let mut compiler = Compiler {
            context,
            pool,
            parts: Vec::new(),
            targets: HashMap::new(),
            depth: 0,
        };
        compiler.schema(&document, draft)?;
        Ok(Self { parts: compiler.parts })
    }
}

struct Compiler<'c> {
    context: &'c mut Context,
    pool: Pool,
    parts: Vec<Part>,
    /// The schemas that references lead to, also those that are still being compiled.
    targets: HashMap<String, Id>,
    depth: usize,
}

fn fault<T>(message: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Builtin(message.into()))
}

fn invalid_type<T>(expected: &str, given: &str) -> Result<T, Failure> {
    fault(format!("Invalid type. Expected: {expected}, given: {given}"))
}

fn must_be_an<T>(key: &str, kind: &str) -> Result<T, Failure> {
    fault(format!("{key} must be of an {kind}"))
}

fn must_be_of_type<T>(key: &str, kind: &str) -> Result<T, Failure> {
    fault(format!("{key} must be of type {kind}"))
}

fn string<'v>(object: &'v Object, key: &str) -> Result<Option<&'v Value>, Failure> {
    match object.field(key) {
        None => Ok(None),
        Some(value @ Value::String(_)) => Ok(Some(value)),
        Some(_) => invalid_type("string", key),
    }
}

fn list<'v>(object: &'v Object, key: &str) -> Result<Option<&'v [Value]>, Failure> {
    match object.field(key) {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => must_be_an(key, "array"),
    }
}

/// A count: an integer from 0.
fn count(object: &Object, key: &str) -> Result<Option<i64>, Failure> {
    let Some(value) = object.field(key) else {
        return Ok(None);
    };
    let number = match value {
        Value::Number(number) => number.to_string().parse::<i64>().ok(),
        _ => None,
    };
    match number {
        None => must_be_an(key, "integer"),
        Some(number) if number < 0 => fault(format!("{key} must be greater than or equal to 0")),
        number => Ok(number),
    }
}

fn limit(object: &Object, key: &str) -> Result<Option<Number>, Failure> {
    match object.field(key) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number.clone())),
        Some(_) => fault(format!("{key} must be of a Number")),
    }
}

fn is_schema(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Object(_))
}

impl Compiler<'_> {
    fn schema(&mut self, document: &Value, draft: Draft) -> Result<Id, Failure> {
        let id = self.parts.len();
        self.parts.push(Part::default());
        self.context.check_size(id * size_of::<Part>())?;
        self.fill(id, document, draft)?;
        Ok(id)
    }

    fn fill(&mut self, id: Id, document: &Value, draft: Draft) -> Result<(), Failure> {
        self.context.step()?;
        check_depth(self.depth)?;
        self.depth += 1;
        match document {
            Value::Bool(pass) if draft >= Draft::Six => self.parts[id].pass = Some(*pass),
            Value::Object(object) => self.keywords(id, object, draft)?,
            _ => return fault("Expected: Valid Schema, given: Invalid JSON"),
        }
        self.depth -= 1;
        Ok(())
    }

    fn keywords(&mut self, id: Id, object: &Object, draft: Draft) -> Result<(), Failure> {
        let key = match draft {
            Draft::Four => "id",
            Draft::Hybrid if object.field("id").is_some() => "id",
            _ => "$id",
        };
        if let Some(text) = string(object, key)?.and_then(Value::text) {
            Reference::parse(&text)?;
        }
        self.definitions(object, draft)?;
        string(object, "title")?;
        string(object, "description")?;
        if let Some(reference) = string(object, "$ref")?.and_then(Value::text)
            && !self.refer(id, &reference, draft)?
        {
            return Ok(());
        }
        self.types(id, object)?;
        self.object_schemas(id, object, draft)?;
        self.array_schemas(id, object, draft)?;
        self.numbers(id, object, draft)?;
        self.strings(id, object)?;
        self.counts(id, object)?;
        if draft >= Draft::Six
            && let Some(contains) = object.field("contains")
        {
            self.parts[id].contains = Some(self.schema(contains, draft)?);
        }
        self.constants(id, object, draft)?;
        self.combinations(id, object, draft)
    }

    fn definitions(&mut self, object: &Object, draft: Draft) -> Result<(), Failure> {
        let Some(definitions) = object.field("definitions") else {
            return Ok(());
        };
        let Value::Object(definitions) = definitions else {
            return invalid_type("Array Of Schemas", "definitions");
        };
        for (_, definition) in definitions.iter() {
            if !is_schema(definition) {
                return invalid_type("Array Of Schemas", "definitions");
            }
            self.schema(definition, draft)?;
        }
        Ok(())
    }

    /// Sets where `$ref` leads; whether the other keywords are read as well, which is so where it was seen before.
    fn refer(&mut self, id: Id, text: &str, draft: Draft) -> Result<bool, Failure> {
        let reference = Reference::parse(text)?;
        if let Some(target) = self.targets.get(&reference.to_string()) {
            self.parts[id].target = Some(*target);
            return Ok(true);
        }
        let target = self.parts.len();
        self.parts.push(Part::default());
        self.targets.insert(reference.to_string(), target);
        let found = self.pool.get(self.context, &reference)?;
        if !is_schema(&found.schema) {
            return must_be_of_type("Valid Schema", "object");
        }
        self.fill(target, &found.schema, found.draft.unwrap_or(draft))?;
        self.parts[id].target = Some(target);
        Ok(false)
    }

    fn types(&mut self, id: Id, object: &Object) -> Result<(), Failure> {
        match object.field("type") {
            None => Ok(()),
            Some(name @ Value::String(_)) => self.add_type(id, name),
            Some(Value::Array(names)) => names.iter().try_for_each(|name| self.add_type(id, name)),
            Some(_) => invalid_type("type", "string/Array Of Strings"),
        }
    }

    fn add_type(&mut self, id: Id, name: &Value) -> Result<(), Failure> {
        let Some(name) = name.text() else {
            return invalid_type("type", "string/Array Of Strings");
        };
        let Some(known) = TYPES.iter().find(|known| **known == name) else {
            return fault(format!(
                "has a primitive type that is NOT VALID -- given: /{name}/ Expected valid values are:[{}]",
                TYPES.join(" ")
            ));
        };
        let types = &mut self.parts[id].types;
        if types.contains(known) {
            return fault(format!("{name} type is duplicated"));
        }
        types.push(known);
        Ok(())
    }

    fn object_schemas(&mut self, id: Id, object: &Object, draft: Draft) -> Result<(), Failure> {
        match object.field("properties") {
            None => {}
            Some(Value::Object(properties)) => {
                for (name, property) in properties.iter() {
                    let name = name.text().unwrap_or_default().into_owned();
                    let property = self.schema(property, draft)?;
                    self.parts[id].properties.push((name, property));
                }
            }
            Some(_) => return must_be_of_type("Properties", "object"),
        }
        self.parts[id].additional_properties = self.additional(object, "additionalProperties", draft)?;
        match object.field("patternProperties") {
            None => {}
            Some(Value::Object(properties)) => {
                for (pattern, property) in properties.iter() {
                    let pattern = pattern.text().unwrap_or_default();
                    let compiled = match compiled(self.context, &pattern) {
                        Err(Failure::Builtin(_)) => return fault(format!("Invalid regex pattern '{pattern}'")),
                        other => other?,
                    };
                    let property = self.schema(property, draft)?;
                    self.parts[id].pattern_properties.push((compiled, property));
                }
            }
            Some(_) => return invalid_type("Valid Schema", "patternProperties"),
        }
        if draft >= Draft::Six
            && let Some(names) = object.field("propertyNames")
        {
            if !is_schema(names) {
                return invalid_type("Valid Schema", "patternProperties");
            }
            self.parts[id].property_names = Some(self.schema(names, draft)?);
        }
        self.dependencies(id, object, draft)
    }

    fn additional(&mut self, object: &Object, key: &str, draft: Draft) -> Result<Option<Additional>, Failure> {
        match object.field(key) {
            None => Ok(None),
            Some(Value::Bool(allowed)) => Ok(Some(Additional::Allowed(*allowed))),
            Some(schema @ Value::Object(_)) => Ok(Some(Additional::Schema(self.schema(schema, draft)?))),
            Some(_) => invalid_type("boolean/Valid Schema", key),
        }
    }

    fn dependencies(&mut self, id: Id, object: &Object, draft: Draft) -> Result<(), Failure> {
        const WANTED: &str = "Schema Or Array Of Strings";
        let dependencies = match object.field("dependencies") {
            None => return Ok(()),
            Some(Value::Object(dependencies)) => dependencies,
            Some(_) => return must_be_of_type("dependencies", "object"),
        };
        for (name, dependency) in dependencies.iter() {
            let name = name.text().unwrap_or_default().into_owned();
            let dependency = match dependency {
                Value::Array(names) => {
                    let names = names.iter().map(|name| match name.text() {
                        Some(name) => Ok(name.into_owned()),
                        None => must_be_of_type("Dependency", WANTED),
                    });
                    Dependency::Properties(names.collect::<Result<_, _>>()?)
                }
                schema if is_schema(schema) => Dependency::Schema(self.schema(schema, draft)?),
                _ => return must_be_of_type("Dependency", WANTED),
            };
            self.parts[id].dependencies.push((name, dependency));
        }
        Ok(())
    }

    fn array_schemas(&mut self, id: Id, object: &Object, draft: Draft) -> Result<(), Failure> {
        match object.field("items") {
            None => {}
            Some(Value::Array(items)) => {
                let mut listed = Vec::with_capacity(items.len());
                for item in items.iter() {
                    if !is_schema(item) {
                        return invalid_type("Valid Schema/Array Of Schemas", "items");
                    }
                    listed.push(self.schema(item, draft)?);
                }
                self.parts[id].items = Items::Listed(listed);
            }
            Some(schema) if is_schema(schema) => self.parts[id].items = Items::Each(self.schema(schema, draft)?),
            Some(_) => return invalid_type("Valid Schema/Array Of Schemas", "items"),
        }
        self.parts[id].additional_items = self.additional(object, "additionalItems", draft)?;
        Ok(())
    }

    fn numbers(&mut self, id: Id, object: &Object, draft: Draft) -> Result<(), Failure> {
        if let Some(multiple) = object.field("multipleOf") {
            let Value::Number(multiple) = multiple else {
                return invalid_type("Number", "multipleOf");
            };
            if *multiple <= Number::from(0i64) {
                return fault("multipleOf must be strictly greater than 0");
            }
            // What is too large to compute with is an error here, not at each document.
            number::is_multiple(multiple, multiple)?;
            self.parts[id].multiple_of = Some(multiple.clone());
        }
        let part = &mut self.parts[id];
        let bounds = [
            (
                "minimum",
                "exclusiveMinimum",
                &mut part.minimum,
                &mut part.exclusive_minimum,
            ),
            (
                "maximum",
                "exclusiveMaximum",
                &mut part.maximum,
                &mut part.exclusive_maximum,
            ),
        ];
        for (key, exclusive_key, bound, exclusive) in bounds {
            *bound = limit(object, key)?;
            match (object.field(exclusive_key), draft) {
                (None, _) => {}
                (Some(Value::Bool(_)), Draft::Four | Draft::Hybrid) if bound.is_none() => {
                    return fault(format!("{exclusive_key} cannot be used without {key}"));
                }
                (Some(Value::Bool(true)), Draft::Four | Draft::Hybrid) => *exclusive = bound.take(),
                (Some(Value::Bool(false)), Draft::Four | Draft::Hybrid) => {}
                (Some(Value::Number(number)), Draft::Six | Draft::Seven | Draft::Hybrid) => {
                    *exclusive = Some(number.clone());
                }
                (Some(_), Draft::Four) => return invalid_type("boolean", exclusive_key),
                (Some(_), Draft::Hybrid) => return invalid_type("boolean/number", exclusive_key),
                (Some(_), Draft::Six | Draft::Seven) => return invalid_type("number", exclusive_key),
            }
        }
        Ok(())
    }

    fn strings(&mut self, id: Id, object: &Object) -> Result<(), Failure> {
        let (shortest, longest) = (count(object, "minLength")?, count(object, "maxLength")?);
        if let (Some(shortest), Some(longest)) = (shortest, longest)
            && shortest > longest
        {
            return fault("minLength cannot be greater than maxLength");
        }
        (self.parts[id].min_length, self.parts[id].max_length) = (shortest, longest);
        if let Some(pattern) = string(object, "pattern")?.and_then(Value::text) {
            match compiled(self.context, &pattern) {
                Err(Failure::Builtin(_)) => return fault("pattern must be a valid regex"),
                compiled => self.parts[id].pattern = Some((pattern.into_owned(), compiled?)),
            }
        }
        if let Some(format) = string(object, "format")?.and_then(Value::text) {
            self.parts[id].format = format.into_owned();
        }
        Ok(())
    }

    fn counts(&mut self, id: Id, object: &Object) -> Result<(), Failure> {
        let part = &mut self.parts[id];
        part.min_properties = count(object, "minProperties")?;
        part.max_properties = count(object, "maxProperties")?;
        if let (Some(fewest), Some(most)) = (part.min_properties, part.max_properties)
            && fewest > most
        {
            return fault("minProperties cannot be greater than maxProperties");
        }
        for name in list(object, "required")?.unwrap_or_default() {
            let Some(name) = name.text() else {
                return invalid_type("string", "required");
            };
            if part.required.iter().any(|known| *known == name) {
                return fault("required items must be unique");
            }
            part.required.push(name.into_owned());
        }
        part.min_items = count(object, "minItems")?;
        part.max_items = count(object, "maxItems")?;
        match object.field("uniqueItems") {
            None => {}
            Some(Value::Bool(unique)) => part.unique_items = *unique,
            Some(_) => return fault("uniqueItems must be of a boolean"),
        }
        Ok(())
    }

    fn constants(&mut self, id: Id, object: &Object, draft: Draft) -> Result<(), Failure> {
        if draft >= Draft::Six
            && let Some(constant) = object.field("const")
        {
            self.parts[id].constant = Some(text_of(self.context, constant)?);
        }
        let Some(choices) = list(object, "enum")? else {
            return Ok(());
        };
        let mut texts: Vec<String> = Vec::with_capacity(choices.len());
        let mut known = std::collections::HashSet::new();
        for choice in choices {
            let text = text_of(self.context, choice)?;
            if !known.insert(text.clone()) {
                return fault("enum items must be unique");
            }
            texts.push(text);
        }
        self.parts[id].choices = Some(texts);
        Ok(())
    }

    fn combinations(&mut self, id: Id, object: &Object, draft: Draft) -> Result<(), Failure> {
        self.parts[id].one_of = self.schemas(object, "oneOf", draft)?;
        self.parts[id].any_of = self.schemas(object, "anyOf", draft)?;
        self.parts[id].all_of = self.schemas(object, "allOf", draft)?;
        self.parts[id].not = self.one(object, "not", draft)?;
        if draft >= Draft::Seven {
            self.parts[id].condition = self.one(object, "if", draft)?;
            self.parts[id].then = self.one(object, "then", draft)?;
            self.parts[id].otherwise = self.one(object, "else", draft)?;
        }
        Ok(())
    }

    fn schemas(&mut self, object: &Object, key: &str, draft: Draft) -> Result<Vec<Id>, Failure> {
        let schemas = list(object, key)?.unwrap_or_default();
        schemas.iter().map(|schema| self.schema(schema, draft)).collect()
    }

    fn one(&mut self, object: &Object, key: &str, draft: Draft) -> Result<Option<Id>, Failure> {
        match object.field(key) {
            None => Ok(None),
            Some(schema) if is_schema(schema) => Ok(Some(self.schema(schema, draft)?)),
            Some(_) => must_be_an(key, "object"),
        }
    }
}
