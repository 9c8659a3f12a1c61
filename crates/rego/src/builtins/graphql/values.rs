//! The rules of values and of variables in their place.
//!
//! Follows gqlparser v2.5.64 validator/rules: no_undefined_variables.go, unique_input_field_names.go,
//! values_of_correct_type.go, variables_in_allowed_position.go

use std::collections::HashSet;

use super::rules::names;
use super::suggest::hint;
use super::tree::{Definition, Kind, Type, Value, ValueKind};
use super::walk::{Done, Walker};

impl<'a> Walker<'a, '_> {
    pub(super) fn on_value(&mut self, value: &'a Value) -> Done {
        self.undefined_variables(value);
        if value.kind == ValueKind::Object {
            let mut seen = HashSet::new();
            for child in &value.children {
                if !seen.insert(&child.name) {
                    let told = format!("There can be only one input field named \"{}\".", child.name);
                    self.error(child.at, told);
                }
            }
        }
        let note = self.values[value.id];
        if let (Some(definition), Some(expected)) = (note.definition, note.expected) {
            self.correct_type(value, definition, expected);
        }
        self.allowed_position(value);
        Ok(())
    }

    fn undefined_variables(&mut self, value: &Value) {
        let Some(operation) = self.operation else {
            return;
        };
        if value.kind == ValueKind::Variable && self.values[value.id].variable.is_none() {
            let by = match &*operation.name {
                "" => String::new(),
                name => format!(" by operation \"{name}\""),
            };
            self.error(value.at, format!("Variable \"{value}\" is not defined{by}."));
        }
    }

    fn correct_type(&mut self, value: &'a Value, definition: &'a Definition, expected: &'a Type) {
        if value.kind == ValueKind::Null && expected.non_null {
            let told = format!("Expected value of type \"{expected}\", found {value}.");
            self.error(value.at, told);
        }
        let name = &*definition.name;
        if definition.kind == Kind::Scalar && !matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID") {
            return;
        }
        let unexpected = |walker: &mut Self, hint: &str| {
            let told = unexpected(value, definition, expected);
            walker.error(value.at, format!("{told}{hint}"));
        };
        if is_out_of_range(value) {
            unexpected(self, "");
        }
        let is_one_of = |names: &[&str]| names.contains(&name);
        match value.kind {
            ValueKind::Null | ValueKind::Variable => {}
            ValueKind::List if expected.element.is_none() => unexpected(self, ""),
            ValueKind::Int if !is_one_of(&["Int", "Float", "ID"]) => unexpected(self, ""),
            ValueKind::Float if name != "Float" => unexpected(self, ""),
            ValueKind::Boolean if name != "Boolean" => unexpected(self, ""),
            ValueKind::List | ValueKind::Int | ValueKind::Float | ValueKind::Boolean => {}
            ValueKind::String | ValueKind::Block if definition.kind == Kind::Enum => {
                let hint = enum_hint(definition, &value.raw);
                let told = format!("Enum \"{expected}\" cannot represent non-enum value: {value}.{hint}");
                self.error(value.at, told);
            }
            ValueKind::String | ValueKind::Block if !is_one_of(&["String", "ID"]) => unexpected(self, ""),
            ValueKind::String | ValueKind::Block => {}
            ValueKind::Enum if definition.kind != Kind::Enum => {
                // No type but an enumeration has values to suggest.
                unexpected(self, "");
            }
            ValueKind::Enum if !definition.enum_values.iter().any(|known| known.name == value.raw) => {
                let hint = enum_hint(definition, &value.raw);
                let told = format!("Value \"{value}\" does not exist in \"{expected}\" enum.{hint}");
                self.error(value.at, told);
            }
            ValueKind::Enum => {}
            ValueKind::Object => self.object(value, definition),
        }
    }

    fn object(&mut self, value: &'a Value, definition: &'a Definition) {
        let own = &definition.name;
        for field in definition.fields.iter().filter(|field| field.kind.non_null) {
            let is_given = value.children.iter().any(|child| child.name == field.name);
            if !is_given && field.default.is_none() {
                let (name, kind) = (&field.name, &field.kind);
                let told = format!("Field \"{own}.{name}\" of required type \"{kind}\" was not provided.");
                self.error(value.at, told);
            }
        }
        for _ in definition
            .directives
            .iter()
            .filter(|directive| directive.name == "oneOf")
        {
            match &value.children[..] {
                [only] if only.value.kind == ValueKind::Null => {
                    let first = definition.fields.first().map_or("", |field| &field.name);
                    self.error(only.value.at, format!("Field \"{own}.{first}\" must be non-null."));
                }
                [_] => {}
                _ => {
                    let told = format!("OneOf Input Object \"{own}\" must specify exactly one key.");
                    self.error(value.at, told);
                }
            }
        }
        for child in &value.children {
            if definition.field(&child.name).is_none() {
                let name = &child.name;
                let hint = hint("Did you mean", name, names(&definition.fields));
                let told = format!("Field \"{name}\" is not defined by type \"{own}\".{hint}");
                self.error(child.at, told);
            }
        }
    }

    fn allowed_position(&mut self, value: &'a Value) {
        let note = self.values[value.id];
        if let (ValueKind::Variable, Some(expected), Some(variable), Some(_)) =
            (value.kind, note.expected, note.variable, self.operation)
        {
            let default = variable.default.as_ref();
            let has_default = default.is_some_and(|default| default.kind != ValueKind::Null) || note.has_default;
            let wanted = Type {
                non_null: expected.non_null && !has_default,
                ..expected.clone()
            };
            if !variable.kind.is_compatible(&wanted) {
                let kind = &variable.kind;
                let told =
                    format!("Variable \"{value}\" of type \"{kind}\" used in position expecting type \"{expected}\".");
                self.error(value.at, told);
            }
        }
        let definition = note.definition.filter(|_| value.kind == ValueKind::Object);
        let is_one_of = |definition: &&Definition| definition.directives.iter().any(|known| known.name == "oneOf");
        let Some(definition) = definition.filter(is_one_of) else {
            return;
        };
        for child in &value.children {
            let variable = self.values[child.value.id].variable;
            if let Some(variable) = variable.filter(|variable| !variable.kind.non_null) {
                let (shown, kind, own) = (&child.value, &variable.kind, &definition.name);
                let told = format!(
                    "Variable \"{shown}\" is of type \"{kind}\" but must be non-nullable to be used for OneOf Input \
                     Object \"{own}\"."
                );
                self.error(variable.at, told);
            }
        }
    }
}

fn enum_hint(definition: &Definition, raw: &str) -> String {
    let values = definition.enum_values.iter().map(|value| &*value.name);
    hint("Did you mean the enum value", raw, values)
}

/// Whether a number in the value is beyond what Go's `ParseInt` and `ParseFloat` take.
fn is_out_of_range(value: &Value) -> bool {
    match value.kind {
        ValueKind::Int => value.raw.parse::<i64>().is_err(),
        ValueKind::Float => value.raw.parse::<f64>().is_ok_and(f64::is_infinite),
        ValueKind::List | ValueKind::Object => value.children.iter().any(|child| is_out_of_range(&child.value)),
        _ => false,
    }
}

/// What is said of a value that its type does not have.
fn unexpected(value: &Value, definition: &Definition, expected: &Type) -> String {
    let kind = expected.to_string();
    match &*kind {
        "Int" | "Int!" => {
            let digits = value.raw.strip_prefix(['-', '+']).unwrap_or(&value.raw);
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let what = match is_number && value.raw.parse::<i32>().is_err() {
                true => "non 32-bit signed integer",
                false => "non-integer",
            };
            format!("Int cannot represent {what} value: {value}")
        }
        "String" | "String!" | "[String]" => format!("String cannot represent a non string value: {value}"),
        "Boolean" | "Boolean!" => format!("Boolean cannot represent a non boolean value: {value}"),
        "Float" | "Float!" => format!("Float cannot represent non numeric value: {value}"),
        "ID" | "ID!" => format!("ID cannot represent a non-string and non-integer value: {value}"),
        _ if definition.kind == Kind::Enum => {
            format!("Enum \"{expected}\" cannot represent non-enum value: {value}.")
        }
        _ => format!("Expected value of type \"{expected}\", found {value}."),
    }
}
