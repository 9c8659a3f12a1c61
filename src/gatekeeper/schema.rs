//! The schemas of constraints: structural schemas as the API server has them for custom resources. A constraint is
//! validated, its unknown fields are refused, and defaults are filled in, in this order.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

use kpolicy_value::{Number, Value};

/// How deep schemas and values may nest.
const DEPTH: usize = 200;

/// The schema of everything in a constraint but its parameters.
const CONSTRAINT: &str = r#"{
  "type": "object",
  "properties": {
    "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 63}},
      "x-kubernetes-preserve-unknown-fields": true},
    "spec": {"type": "object", "properties": {
      "enforcementAction": {"type": "string", "default": "deny"},
      "scopedEnforcementActions": {"type": "array", "items": {"type": "object", "properties": {
        "action": {"type": "string"},
        "enforcementPoints": {"type": "array", "items": {"type": "object",
          "properties": {"name": {"type": "string"}}}}}}},
      "match": {"type": "object", "properties": {
        "source": {"type": "string", "enum": ["All", "Generated", "Original"]},
        "kinds": {"type": "array", "items": {"type": "object", "properties": {
          "apiGroups": {"type": "array", "items": {"type": "string"}},
          "kinds": {"type": "array", "items": {"type": "string"}}}}},
        "scope": {"type": "string"},
        "namespaces": {"type": "array", "items": {"type": "string", "pattern": "^\\*?[-:a-z0-9]*\\*?$"}},
        "excludedNamespaces": {"type": "array", "items": {"type": "string", "pattern": "^\\*?[-:a-z0-9]*\\*?$"}},
        "name": {"type": "string", "pattern": "^\\*?[-:a-z0-9]*\\*?$"},
        "labelSelector": SELECTOR,
        "namespaceSelector": SELECTOR}}}},
    "status": {"x-kubernetes-preserve-unknown-fields": true}
  }
}"#;

/// The schema of a label selector.
const SELECTOR: &str = r#"{"type": "object", "properties": {
  "matchLabels": {"type": "object", "additionalProperties": {"type": "string"}},
  "matchExpressions": {"type": "array", "items": {"type": "object", "required": ["key", "operator"], "properties": {
    "key": {"type": "string"}, "operator": {"type": "string"},
    "values": {"type": "array", "items": {"type": "string"}}}}}}}"#;

static FIXED: LazyLock<Value> = LazyLock::new(|| {
    let text = CONSTRAINT.replace("SELECTOR", SELECTOR);
    Value::from_json(&serde_json::from_str(&text).expect("the schema is JSON"))
});

/// The schema of a kind of constraints.
#[derive(Clone, Debug)]
pub struct Schema(Value);

/// What is wrong with a value, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Keys and indexes that lead to the value.
    pub path: Vec<Value>,
    /// What is wrong with it.
    pub message: String,
    /// Whether it is a field that the schema does not have.
    pub unknown: bool,
}

impl Schema {
    /// The schema of constraints with these parameters. A legacy one takes any field in its objects.
    pub fn of(parameters: Option<&Value>, legacy: bool) -> Self {
        let empty = Value::object(Vec::new());
        let parameters = match (parameters, legacy) {
            (None, false) => return Self(FIXED.clone()),
            (given, true) => preserving(given.unwrap_or(&empty), 0),
            (Some(given), false) => given.clone(),
        };
        Self(with(
            &FIXED,
            &["properties", "spec", "properties", "parameters"],
            parameters,
        ))
    }

    /// What in a constraint breaks the schema; where that is nothing, the fields that it does not have.
    pub fn faults(&self, constraint: &Value) -> Vec<Fault> {
        let mut walk = Walk::default();
        walk.validate(&self.0, constraint);
        if walk.faults.is_empty() {
            walk.unknown(&self.0, constraint, true);
        }
        walk.faults
    }

    /// A constraint with the defaults of what it leaves out.
    pub fn defaulted(&self, constraint: &Value) -> Value {
        defaulted(&self.0, constraint, 0)
    }
}

/// A value with another one put at a path of keys, all of which but the last exist.
fn with(value: &Value, keys: &[&str], new: Value) -> Value {
    let Some((first, rest)) = keys.split_first() else {
        return new;
    };
    let below = value.field(first).cloned().unwrap_or(Value::Null);
    put(value, first, with(&below, rest, new))
}

/// An object with a field set.
pub(super) fn put(object: &Value, key: &str, value: Value) -> Value {
    let own = object.as_object().into_iter().flat_map(|object| object.iter().cloned());
    Value::object(own.chain([(key.into(), value)]).collect())
}

/// A legacy schema: every object takes any field.
///
/// Follows frameworks/constraint pkg/schema/transform.go: AddPreserveUnknownFields.
fn preserving(schema: &Value, depth: usize) -> Value {
    let Some(object) = schema.as_object().filter(|_| depth < DEPTH) else {
        return schema.clone();
    };
    let kind = text(schema, "type").unwrap_or_default();
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for (key, value) in object.iter() {
        let changed = match key.as_str() {
            Some("properties") => {
                let fields = value.as_object().into_iter().flat_map(|fields| fields.iter());
                let fields = fields.map(|(name, schema)| (name.clone(), preserving(schema, depth + 1)));
                Value::object(fields.collect())
            }
            Some("items" | "additionalProperties") => preserving(value, depth + 1),
            _ => value.clone(),
        };
        entries.push((key.clone(), changed));
    }
    let preserve = || (PRESERVE.into(), Value::Bool(true));
    match kind {
        "" | "object" => entries.push(preserve()),
        "array" if schema.field("items").is_none() => {
            entries.push(("items".into(), Value::object(vec![preserve()])));
        }
        _ => {}
    }
    Value::object(entries)
}

/// The word with which an object takes fields that its schema does not have.
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";

fn text<'a>(schema: &'a Value, field: &str) -> Option<&'a str> {
    schema.field(field).and_then(Value::as_str)
}

fn is_true(schema: &Value, field: &str) -> bool {
    schema.field(field) == Some(&Value::Bool(true))
}

/// The schema of a field of an object.
fn of_field<'a>(schema: &'a Value, key: &Value) -> Option<&'a Value> {
    let own = schema.field("properties").and_then(|fields| fields.get(key));
    own.or_else(|| {
        schema
            .field("additionalProperties")
            .filter(|schema| schema.as_object().is_some())
    })
}

/// The schema of an array's items.
fn of_items(schema: &Value) -> Option<&Value> {
    schema.field("items")
}

/// A walk over a value and its schema.
#[derive(Default)]
struct Walk {
    path: Vec<Value>,
    faults: Vec<Fault>,
}

impl Walk {
    fn fault(&mut self, message: impl Into<String>) {
        self.faults.push(Fault {
            path: self.path.clone(),
            message: message.into(),
            unknown: false,
        });
    }

    fn below(&mut self, key: Value, visit: impl FnOnce(&mut Self)) {
        self.path.push(key);
        visit(self);
        self.path.pop();
    }

    fn validate(&mut self, schema: &Value, value: &Value) {
        if self.path.len() > DEPTH {
            return self.fault("nests too deep");
        }
        if *value == Value::Null && is_true(schema, "nullable") {
            return;
        }
        if !self.validate_type(schema, value) {
            return;
        }
        self.validate_enum(schema, value);
        match value {
            Value::String(_) => self.validate_text(schema, value),
            Value::Number(number) => self.validate_number(schema, number),
            Value::Array(items) => {
                self.validate_size(schema, "Items", items.len(), "items");
                for (at, item) in (0i64..).zip(items.iter()) {
                    if let Some(schema) = of_items(schema) {
                        self.below(at.into(), |walk| walk.validate(schema, item));
                    }
                }
            }
            Value::Object(_) => self.validate_object(schema, value),
            Value::Null | Value::Bool(_) | Value::Set(_) => {}
        }
        self.validate_branches(schema, value);
    }

    /// Whether a value is of the type of its schema.
    fn validate_type(&mut self, schema: &Value, value: &Value) -> bool {
        let found = match value {
            Value::Number(number) if is_whole(number) => "integer",
            other => other.type_name(),
        };
        let fits = match text(schema, "type") {
            _ if is_true(schema, "x-kubernetes-int-or-string") => matches!(found, "integer" | "string"),
            None => true,
            Some("number") => matches!(found, "integer" | "number"),
            Some(wanted) => wanted == found,
        };
        if !fits {
            let wanted = match text(schema, "type") {
                Some(wanted) if !is_true(schema, "x-kubernetes-int-or-string") => wanted,
                _ => "integer or string",
            };
            self.fault(format!("must be of type {wanted}, found {found}"));
        }
        fits
    }

    fn validate_enum(&mut self, schema: &Value, value: &Value) {
        let Some(allowed) = schema.field("enum").and_then(Value::as_array) else {
            return;
        };
        if !allowed.contains(value) {
            let words: Vec<String> = allowed.iter().map(|value| value.to_json().to_string()).collect();
            self.fault(format!("must be one of {}", words.join(", ")));
        }
    }

    fn validate_text(&mut self, schema: &Value, value: &Value) {
        let found = value.text().unwrap_or_default();
        self.validate_size(schema, "Length", found.chars().count(), "characters");
        if let Some(pattern) = text(schema, "pattern") {
            match Regex::new(pattern) {
                Ok(regex) if regex.is_match(&found) => {}
                Ok(_) => self.fault(format!("must match {pattern}")),
                Err(_) => self.fault(format!(
                    "cannot be compared with {pattern}, which is no regular expression"
                )),
            }
        }
    }

    fn validate_number(&mut self, schema: &Value, number: &Number) {
        let value = Value::Number(number.clone());
        let bounds = [
            (
                "minimum",
                "exclusiveMinimum",
                Ordering::Less,
                "at least",
                "greater than",
            ),
            ("maximum", "exclusiveMaximum", Ordering::Greater, "at most", "less than"),
        ];
        for (name, exclusive, outside, inclusive_words, exclusive_words) in bounds {
            let Some(bound) = schema.field(name) else { continue };
            let order = value.cmp(bound);
            let excluded = is_true(schema, exclusive);
            if order == outside || excluded && order == Ordering::Equal {
                let words = if excluded { exclusive_words } else { inclusive_words };
                self.fault(format!("must be {words} {}", bound.to_json()));
            }
        }
        if let Some(Value::Number(step)) = schema.field("multipleOf") {
            let quotient = number.as_f64() / step.as_f64();
            if quotient.fract() != 0.0 {
                self.fault(format!("must be a multiple of {step}"));
            }
        }
    }

    /// Whether a size is within `min…` and `max…` of a schema.
    fn validate_size(&mut self, schema: &Value, of: &str, size: usize, what: &str) {
        let bound = |edge: &str| match schema.field(&format!("{edge}{of}")) {
            Some(Value::Number(number)) => number.as_i64().and_then(|number| usize::try_from(number).ok()),
            _ => None,
        };
        if let Some(least) = bound("min").filter(|least| size < *least) {
            self.fault(format!("must have at least {least} {what}"));
        }
        if let Some(most) = bound("max").filter(|most| size > *most) {
            self.fault(format!("must have at most {most} {what}"));
        }
    }

    fn validate_object(&mut self, schema: &Value, value: &Value) {
        let Some(object) = value.as_object() else { return };
        self.validate_size(schema, "Properties", object.len(), "fields");
        let required = schema.field("required").and_then(Value::as_array).unwrap_or_default();
        for name in required.iter().filter(|name| object.get(name).is_none()) {
            let name = name.clone();
            self.below(name, |walk| walk.fault("is required"));
        }
        let closed = schema.field("additionalProperties") == Some(&Value::Bool(false));
        for (key, value) in object.iter() {
            match of_field(schema, key) {
                Some(schema) => self.below(key.clone(), |walk| walk.validate(schema, value)),
                None if closed => self.below(key.clone(), |walk| walk.fault("is not allowed here")),
                None => {}
            }
        }
    }

    /// `allOf`, `anyOf`, `oneOf` and `not`.
    fn validate_branches(&mut self, schema: &Value, value: &Value) {
        let branches = |name: &str| schema.field(name).and_then(Value::as_array);
        let depth = self.path.len();
        let holds = |schema: &Value| {
            let mut walk = Self {
                path: vec![Value::Null; depth + 1],
                faults: Vec::new(),
            };
            walk.validate(schema, value);
            walk.faults.is_empty()
        };
        for schema in branches("allOf").unwrap_or_default() {
            self.below_none(|walk| walk.validate(schema, value));
        }
        if branches("anyOf").is_some_and(|all| !all.iter().any(holds)) {
            self.fault("fits none of the schemas of anyOf");
        }
        if branches("oneOf").is_some_and(|all| all.iter().filter(|schema| holds(schema)).count() != 1) {
            self.fault("must fit exactly one of the schemas of oneOf");
        }
        if schema.field("not").is_some_and(holds) {
            self.fault("must not fit the schema of not");
        }
    }

    /// Visits a schema for the same value.
    fn below_none(&mut self, visit: impl FnOnce(&mut Self)) {
        visit(self);
    }

    /// Notes the fields that a schema does not have. What is said of every object is known at the root.
    ///
    /// Follows apiextensions-apiserver pkg/apiserver/schema/pruning: PruneWithOptions.
    fn unknown(&mut self, schema: &Value, value: &Value, is_root: bool) {
        if self.path.len() > DEPTH {
            return;
        }
        match value {
            Value::Array(items) => {
                for (at, item) in (0i64..).zip(items.iter()) {
                    if let Some(schema) = of_items(schema) {
                        self.below(at.into(), |walk| walk.unknown(schema, item, false));
                    }
                }
            }
            Value::Object(object) => {
                let takes_any = is_true(schema, PRESERVE) || is_true(schema, "additionalProperties");
                for (key, value) in object.iter() {
                    let name = key.as_str().unwrap_or_default();
                    if is_root && matches!(name, "apiVersion" | "kind" | "metadata") {
                        continue;
                    }
                    match of_field(schema, key) {
                        Some(schema) => self.below(key.clone(), |walk| walk.unknown(schema, value, false)),
                        None if takes_any => {}
                        None => self.below(key.clone(), |walk| {
                            walk.faults.push(Fault {
                                path: walk.path.clone(),
                                message: "is not a field of the constraint".to_owned(),
                                unknown: true,
                            });
                        }),
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_whole(number: &Number) -> bool {
    number.as_i64().is_some() || number.as_f64().fract() == 0.0
}

/// A value with the defaults of its schema, in the objects that it has.
///
/// Follows apiextensions-apiserver pkg/apiserver/schema/defaulting: Default.
fn defaulted(schema: &Value, value: &Value, depth: usize) -> Value {
    if depth > DEPTH {
        return value.clone();
    }
    match value {
        Value::Array(items) => match of_items(schema) {
            Some(schema) => Value::array(items.iter().map(|item| defaulted(schema, item, depth + 1)).collect()),
            None => value.clone(),
        },
        Value::Object(object) => {
            let mut entries: Vec<(Value, Value)> = object.iter().cloned().collect();
            let fields = schema.field("properties").and_then(Value::as_object);
            for (key, schema) in fields.into_iter().flat_map(|fields| fields.iter()) {
                let Some(default) = schema.field("default") else {
                    continue;
                };
                let replaces = match object.get(key) {
                    None => true,
                    // A null that may not be there counts as nothing.
                    Some(found) => *found == Value::Null && !is_true(schema, "nullable"),
                };
                if replaces {
                    entries.push((key.clone(), default.clone()));
                }
            }
            let below = Value::object(entries);
            let entries = below.as_object().into_iter().flat_map(|object| object.iter());
            let filled = entries.map(|(key, value)| match of_field(schema, key) {
                Some(schema) => (key.clone(), defaulted(schema, value, depth + 1)),
                None => (key.clone(), value.clone()),
            });
            Value::object(filled.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Fault, Schema};
    use kpolicy_value::Value;

    fn value(json: &Json) -> Value {
        Value::from_json(json)
    }

    fn schema(parameters: &Json) -> Schema {
        Schema::of(Some(&value(parameters)), false)
    }

    fn faults(schema: &Schema, spec: Json) -> Vec<String> {
        let constraint = json!({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "K", "metadata": {"name": "k", "labels": {"a": "b"}}, "spec": spec});
        let shown = |fault: Fault| {
            let path: Vec<String> = fault.path.iter().map(Value::key_text).collect();
            format!("{} {}", path.join("."), fault.message)
        };
        schema.faults(&value(&constraint)).into_iter().map(shown).collect()
    }

    #[test]
    fn values_are_held_to_their_schema() {
        let labels = schema(&json!({"type": "object", "required": ["labels"], "properties": {
            "labels": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^[a-z]+$"}},
            "count": {"type": "integer", "minimum": 1, "maximum": 3},
            "size": {"x-kubernetes-int-or-string": true},
            "mode": {"type": "string", "enum": ["a", "b"], "nullable": true},
            "either": {"oneOf": [{"required": ["x"]}, {"required": ["y"]}], "type": "object",
                "properties": {"x": {"type": "string"}, "y": {"type": "string"}}}}}));
        let parameters = |parameters: Json| faults(&labels, json!({"parameters": parameters}));
        assert_eq!(
            parameters(json!({"labels": ["a"], "count": 2, "size": "1", "mode": null})),
            [""; 0]
        );
        assert_eq!(parameters(json!({})), ["spec.parameters.labels is required"]);
        for (given, message) in [
            (
                json!({"labels": []}),
                "spec.parameters.labels must have at least 1 items",
            ),
            (json!({"labels": ["A"]}), "spec.parameters.labels.0 must match ^[a-z]+$"),
            (
                json!({"labels": "a"}),
                "spec.parameters.labels must be of type array, found string",
            ),
            (
                json!({"labels": ["a"], "count": 4}),
                "spec.parameters.count must be at most 3",
            ),
            (
                json!({"labels": ["a"], "count": 1.5}),
                "spec.parameters.count must be of type integer, found number",
            ),
            (
                json!({"labels": ["a"], "size": true}),
                "spec.parameters.size must be of type integer or string, found boolean",
            ),
            (
                json!({"labels": ["a"], "mode": "c"}),
                "spec.parameters.mode must be one of \"a\", \"b\"",
            ),
            (
                json!({"labels": ["a"], "either": {"x": "1", "y": "2"}}),
                "spec.parameters.either must fit exactly one of the schemas of oneOf",
            ),
        ] {
            assert_eq!(parameters(given), [message]);
        }
    }

    #[test]
    fn unknown_fields_are_found_once_the_rest_holds() {
        let labels = schema(
            &json!({"type": "object", "properties": {"labels": {"type": "array", "items": {"type": "string"}}}}),
        );
        assert_eq!(
            faults(&labels, json!({"parameters": {"labelz": []}, "matches": {}})),
            [
                "spec.matches is not a field of the constraint",
                "spec.parameters.labelz is not a field of the constraint"
            ]
        );
        let none = Schema::of(None, false);
        assert_eq!(
            faults(&none, json!({"parameters": {}})),
            ["spec.parameters is not a field of the constraint"]
        );
        let legacy = Schema::of(None, true);
        assert_eq!(faults(&legacy, json!({"parameters": {"any": {"thing": [1]}}})), [""; 0]);
    }

    #[test]
    fn defaults_fill_only_objects_that_exist() {
        let parameters = json!({"type": "object", "properties": {
            "size": {"type": "integer", "default": 7},
            "nested": {"type": "object", "properties": {"mode": {"type": "string", "default": "a"}}},
            "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer", "default": 1}}}}}});
        let filled = |spec: Json| {
            let constraint = json!({"spec": spec});
            schema(&parameters).defaulted(&value(&constraint)).to_json()["spec"].clone()
        };
        assert_eq!(filled(json!({})), json!({"enforcementAction": "deny"}));
        assert_eq!(
            filled(json!({"parameters": {"nested": {}, "list": [{}, {"x": 2}]}}))["parameters"],
            json!({"size": 7, "nested": {"mode": "a"}, "list": [{"x": 1}, {"x": 2}]})
        );
        assert_eq!(
            filled(json!({"parameters": {"size": null}}))["parameters"],
            json!({"size": 7})
        );
    }
}
