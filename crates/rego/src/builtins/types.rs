//! What type a value has, and values turned into other types.

use super::operand::{members, wrong};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::text::{Charset, quote_bytes};
use kpolicy_value::{Number, Str, Value};

pub(super) const FAMILY: Family = &[
    pure(
        "is_array",
        "(any) -> boolean",
        "Whether a value is an array.",
        |_, operands| is(operands, "array"),
    ),
    pure(
        "is_boolean",
        "(any) -> boolean",
        "Whether a value is a Boolean.",
        |_, operands| is(operands, "boolean"),
    ),
    pure(
        "is_null",
        "(any) -> boolean",
        "Whether a value is null.",
        |_, operands| is(operands, "null"),
    ),
    pure(
        "is_number",
        "(any) -> boolean",
        "Whether a value is a number.",
        |_, operands| is(operands, "number"),
    ),
    pure(
        "is_object",
        "(any) -> boolean",
        "Whether a value is an object.",
        |_, operands| is(operands, "object"),
    ),
    pure(
        "is_set",
        "(any) -> boolean",
        "Whether a value is a set.",
        |_, operands| is(operands, "set"),
    ),
    pure(
        "is_string",
        "(any) -> boolean",
        "Whether a value is a string.",
        |_, operands| is(operands, "string"),
    ),
    pure(
        "type_name",
        "(any) -> string",
        "The name of a value's type.",
        |_, operands| Ok(Some(operands[0].type_name().into())),
    ),
    pure(
        "cast_array",
        "(any) -> array[any]",
        "The value as an array.",
        |_, operands| Ok(Some(Value::array(members(operands, 0, ARRAY_OR_SET)?.to_vec()))),
    )
    .deprecated(),
    pure("cast_set", "(any) -> set[any]", "The value as a set.", |_, operands| {
        Ok(Some(Value::set(members(operands, 0, ARRAY_OR_SET)?.to_vec())))
    })
    .deprecated(),
    pure(
        "cast_boolean",
        "(any) -> boolean",
        "The value if it is a Boolean.",
        |_, operands| cast(operands, "boolean"),
    )
    .deprecated(),
    pure(
        "cast_null",
        "(any) -> null",
        "The value if it is null.",
        |_, operands| cast(operands, "null"),
    )
    .deprecated(),
    pure(
        "cast_object",
        "(any) -> object{[any]: any}",
        "The value if it is an object.",
        |_, operands| cast(operands, "object"),
    )
    .deprecated(),
    pure(
        "cast_string",
        "(any) -> string",
        "The value if it is a string.",
        |_, operands| cast(operands, "string"),
    )
    .deprecated(),
    pure(
        "to_number",
        "(null | boolean | number | string) -> number",
        "The number that a value stands for.",
        to_number,
    ),
];

const ARRAY_OR_SET: &str = "one of {array, set}";

fn is(operands: Operands, name: &str) -> Answer {
    Ok(Some(Value::Bool(operands[0].type_name() == name)))
}

/// The operand itself, if it has the type already.
fn cast(operands: Operands, name: &str) -> Answer {
    if operands[0].type_name() != name {
        return Err(wrong(0, name, operands[0]));
    }
    Ok(Some(operands[0].clone()))
}

fn to_number(_: &mut Context, operands: Operands) -> Answer {
    let number = match operands[0] {
        Value::Null | Value::Bool(false) => Number::from(0),
        Value::Bool(true) => Number::from(1),
        Value::Number(number) => number.clone(),
        Value::String(string) => read(string)?,
        other => return Err(wrong(0, "one of {null, boolean, number, string}", other)),
    };
    Ok(Some(Value::Number(number)))
}

/// The number that a text holds. Go reads more than JSON does (`+1`, `.5`, `007`, `1_000`); such a number is written
/// as JSON writes it.
fn read(string: &Str) -> Result<Number, Failure> {
    let text = &*string.to_str();
    let unsigned = text.trim_start_matches(['+', '-']).to_lowercase();
    if ["inf", "infinity", "nan"].contains(&unsigned.as_str()) {
        return Err(wrong(0, "valid number string", &Value::String(string.clone())));
    }
    let failed = |why| {
        Failure::Builtin(format!(
            "strconv.ParseFloat: parsing {}: {why}",
            quote_bytes(string.as_bytes(), Charset::Unicode)
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
    let text = &without_separators(text)?;
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

/// The text without the lines between its digits; nothing where one stands elsewhere.
fn without_separators(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('_').collect();
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let between_digits = |pair: &[&str]| digit(pair[0].as_bytes().last()) && digit(pair[1].as_bytes().first());
    parts.windows(2).all(between_digits).then(|| parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_reads_as_a_number_is_written_as_json_writes_it() {
        let read = |text: &str| read(&text.into()).map(|number| number.to_string());
        for (text, number) in [
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("-.5e1", "-0.5e1"),
            ("007", "7"),
            ("-00", "-0"),
            ("1_000.2_5", "1000.25"),
            ("1e3", "1e3"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(number), "{text}");
        }
        for text in ["", ".", "+", "_1", "1_", "1__0", "1_.5", "1e", "e1", "0x10", "1 "] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
