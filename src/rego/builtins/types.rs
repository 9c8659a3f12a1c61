//! What type a value has, and values turned into other types.

use super::operand::{members, wrong};
use super::{Answer, Context, Failure, Family};
use crate::rego::text::{Charset, quote};
use crate::value::{Number, Value};

pub(super) const FAMILY: Family = &[
    ("is_array", |_, operands| is(operands, "array")),
    ("is_boolean", |_, operands| is(operands, "boolean")),
    ("is_null", |_, operands| is(operands, "null")),
    ("is_number", |_, operands| is(operands, "number")),
    ("is_object", |_, operands| is(operands, "object")),
    ("is_set", |_, operands| is(operands, "set")),
    ("is_string", |_, operands| is(operands, "string")),
    ("type_name", |_, operands| Ok(Some(operands[0].type_name().into()))),
    ("cast_array", |_, operands| {
        Ok(Some(Value::array(members(operands, 0, ARRAY_OR_SET)?.to_vec())))
    }),
    ("cast_set", |_, operands| {
        Ok(Some(Value::set(members(operands, 0, ARRAY_OR_SET)?.to_vec())))
    }),
    ("cast_boolean", |_, operands| cast(operands, "boolean")),
    ("cast_null", |_, operands| cast(operands, "null")),
    ("cast_object", |_, operands| cast(operands, "object")),
    ("cast_string", |_, operands| cast(operands, "string")),
    ("to_number", to_number),
];

const ARRAY_OR_SET: &str = "one of {array, set}";

fn is(operands: &[Value], name: &str) -> Answer {
    Ok(Some(Value::Bool(operands[0].type_name() == name)))
}

/// The operand itself, if it has the type already.
fn cast(operands: &[Value], name: &str) -> Answer {
    if operands[0].type_name() != name {
        return Err(wrong(0, name, &operands[0]));
    }
    Ok(Some(operands[0].clone()))
}

fn to_number(_: &mut Context, operands: &[Value]) -> Answer {
    let number = match &operands[0] {
        Value::Null | Value::Bool(false) => Number::from(0),
        Value::Bool(true) => Number::from(1),
        Value::Number(number) => number.clone(),
        Value::String(text) => read(text, &operands[0])?,
        other => return Err(wrong(0, "one of {null, boolean, number, string}", other)),
    };
    Ok(Some(Value::Number(number)))
}

/// The number that a text holds. Go reads more than JSON does (`+1`, `.5`, `007`, `1_000`); such a number is written
/// as JSON writes it.
fn read(text: &str, operand: &Value) -> Result<Number, Failure> {
    let unsigned = text.trim_start_matches(['+', '-']).to_lowercase();
    if ["inf", "infinity", "nan"].contains(&unsigned.as_str()) {
        return Err(wrong(0, "valid number string", operand));
    }
    let failed = |why| {
        Failure::Builtin(format!(
            "strconv.ParseFloat: parsing {}: {why}",
            quote(text, Charset::Unicode)
        ))
    };
    let number = Number::parse(text)
        .or_else(|| Number::parse(&as_json(text)?))
        .ok_or_else(|| failed("invalid syntax"))?;
    if number.as_f64().is_infinite() {
        return Err(failed("value out of range"));
    }
    Ok(number)
}

/// A decimal number of Go's as JSON writes it; nothing for any other text.
fn as_json(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let split = rest.find(['e', 'E']).unwrap_or(rest.len());
    let (mantissa, exponent) = rest.split_at(split);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if mantissa.len() <= mantissa.matches('.').count() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    let point = if mantissa.contains('.') {
        format!(".{fraction}")
    } else {
        String::new()
    };
    Some(format!("{sign}{whole}{point}{exponent}"))
}
