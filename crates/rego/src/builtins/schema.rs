//! JSON Schema: `json.match_schema` and `json.verify_schema`, drafts 4, 6 and 7 as OPA's library reads them.
//!
//! The words, the order of errors and the keywords that are read are those of the gojsonschema that is in OPA. Errors of
//! several properties come sorted by the properties' names; in OPA their order changes from run to run. No schema is
//! loaded from a file or from another host: a `$ref` to one is an error.

mod compile;
mod draft;
mod format;
mod pool;
mod reference;
mod types;
mod validate;

use super::encoding::{JsonError, check_json, json_key, read_json, write_json};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use compile::Schema;
use kpolicy_value::{Number, Value};
pub(crate) use types::type_of;

pub(super) const FAMILY: Family = &[
    pure(
        "json.match_schema",
        r#"(string | object{[any]: any}, string | object{[any]: any}) -> array<boolean, array[object{"desc": string, "error": string, "field": string, "type": string}]>"#,
        "Whether a document matches a JSON schema, and what does not.",
        match_schema,
    ),
    pure(
        "json.verify_schema",
        "(string | object{[any]: any}) -> array<boolean, null | string>",
        "Whether a document is a valid JSON schema, and what is wrong.",
        verify_schema,
    ),
];

/// How deep schemas and references nest, and documents below them.
const DEEPEST: usize = 1000;

/// Follows OPA v1.22 topdown/jsonschema.go: builtinJSONSchemaVerify
fn verify_schema(context: &mut Context, operands: Operands) -> Answer {
    let compiled = document(context, operands[0]).and_then(|schema| Schema::compile(context, schema));
    let told = match compiled {
        Ok(_) => Value::Null,
        Err(Failure::Builtin(message)) => Value::string(format!("jsonschema: {message}")),
        Err(failure) => return Err(failure),
    };
    let valid = told == Value::Null;
    Ok(Some(Value::array(vec![valid.into(), told])))
}

/// Follows OPA v1.22 topdown/jsonschema.go: builtinJSONMatchSchema
fn match_schema(context: &mut Context, operands: Operands) -> Answer {
    let document = document(context, operands[0])?;
    let schema = self::document(context, operands[1])?;
    let schema = Schema::compile(context, schema)?;
    let errors = schema.validate(context, &document)?;
    let valid = errors.is_empty();
    let errors = errors.into_iter().map(|error| {
        let told = format!("{}: {}", error.field, error.description);
        Value::object(vec![
            ("error".into(), Value::string(told)),
            ("type".into(), error.kind.into()),
            ("field".into(), Value::string(error.field)),
            ("desc".into(), Value::string(error.description)),
        ])
    });
    Ok(Some(Value::array(vec![valid.into(), Value::array(errors.collect())])))
}

/// The JSON document that an operand is, or is the text of.
///
/// Follows OPA v1.22 topdown/jsonschema.go: astValueToJSONSchemaLoader
fn document(context: &mut Context, operand: &Value) -> Result<Value, Failure> {
    context.check_size(operand.extent().text as usize)?;
    let read = |text: &str| match check_json(text).and_then(|()| read_json(text)) {
        Ok(value) => Ok(value),
        Err(JsonError::Syntax(_)) => Err(Failure::Builtin("invalid JSON string".to_owned())),
        Err(JsonError::Depth(message)) => Err(Failure::Limit(message)),
    };
    match operand {
        Value::String(text) => read(&text.to_str()),
        Value::Object(_) | Value::Array(_) => json(context, operand, 0),
        _ => Err(Failure::Builtin("wrong type, expected string or object".to_owned())),
    }
}

/// A value as JSON has it: sets are arrays, and keys are strings.
fn json(context: &mut Context, value: &Value, depth: usize) -> Result<Value, Failure> {
    context.step()?;
    check_depth(depth)?;
    let items = |context: &mut Context, items: &[Value]| {
        let items = items.iter().map(|item| json(context, item, depth + 1));
        items.collect::<Result<Vec<_>, _>>().map(Value::array)
    };
    match value {
        Value::Array(members) => items(context, members),
        Value::Set(members) => items(context, members.as_slice()),
        Value::Object(object) => {
            let mut entries = Vec::with_capacity(object.len());
            for (key, value) in object.iter() {
                let key = Value::String(json_key(context, key)?);
                entries.push((key, json(context, value, depth + 1)?));
            }
            Ok(Value::object(entries))
        }
        scalar => Ok(scalar.clone()),
    }
}

fn check_depth(depth: usize) -> Result<(), Failure> {
    if depth > DEEPEST {
        let message = format!("the schema or its document nests deeper than {DEEPEST} levels, or refers to itself");
        return Err(Failure::Limit(message));
    }
    Ok(())
}

/// The JSON text of a value, its numbers as doubles: what values are compared and listed by.
///
/// Follows OPA v1.22 internal/gojsonschema/utils.go: marshalWithoutNumber
fn text_of(context: &mut Context, value: &Value) -> Result<String, Failure> {
    let plain = with_doubles(value)?;
    write_json(context, &plain, None)
}

fn with_doubles(value: &Value) -> Result<Value, Failure> {
    Ok(match value {
        Value::Number(number) => Value::Number(double(number)?),
        Value::Array(items) => Value::array(items.iter().map(with_doubles).collect::<Result<_, _>>()?),
        Value::Object(object) => {
            let entries = object.iter();
            let entries = entries.map(|(key, value)| Ok((key.clone(), with_doubles(value)?)));
            Value::object(entries.collect::<Result<_, Failure>>()?)
        }
        other => other.clone(),
    })
}

/// A number as Go's `encoding/json` writes the double that is nearest to it.
fn double(number: &Number) -> Result<Number, Failure> {
    let float = number.as_f64();
    let parsed = |text: &str| Number::parse(text).filter(|_| float.is_finite());
    let out_of_range = || {
        let message = format!("json: cannot unmarshal number {number} into Go value of type float64");
        Failure::Builtin(message)
    };
    let scientific = format!("{float:e}");
    let (_, exponent) = scientific.split_once('e').ok_or_else(out_of_range)?;
    let exponent: i32 = exponent.parse().map_err(|_| out_of_range())?;
    let text = match float == 0.0 || (-6..21).contains(&exponent) {
        true => format!("{float}"),
        false if exponent > 0 => scientific.replace('e', "e+"),
        false => scientific,
    };
    parsed(&text).ok_or_else(out_of_range)
}

#[cfg(test)]
mod tests;
