//! Terraform's conversions between types, and what a function says of an operand that it cannot take.

use base64::Engine as _;
use kpolicy_value::{Number, Value};

use super::unknown::{has_uncounted, is_known, is_unknown};

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Terraform would refuse it.
    Failed,
    /// It depends on what is not known, or on what is not computed here.
    Unknown,
}

/// A value, or why there is none.
pub(super) type Outcome<T = Value> = Result<T, Fault>;

/// The value as a text.
pub(super) fn text(value: &Value) -> Outcome<String> {
    match value {
        _ if !is_known(value) => Err(Fault::Unknown),
        Value::String(text) => text.as_str().map(str::to_owned).ok_or(Fault::Failed),
        Value::Number(number) => Ok(number_text(number)),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(Fault::Failed),
    }
}

/// A number as Terraform writes it: without an exponent and needless zeros.
pub(super) fn number_text(number: &Number) -> String {
    if let Some(whole) = number.as_i64() {
        return whole.to_string();
    }
    let text = number.to_string();
    match text.contains('.') && !text.contains(['e', 'E']) {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The value as a number.
pub(super) fn number(value: &Value) -> Outcome<f64> {
    match value {
        _ if !is_known(value) => Err(Fault::Unknown),
        Value::Number(number) => Ok(number.as_f64()),
        Value::String(text) => text
            .as_str()
            .and_then(|text| Number::parse(text.trim_start_matches('0')).or_else(|| Number::parse(text)))
            .map(|number| number.as_f64())
            .ok_or(Fault::Failed),
        _ => Err(Fault::Failed),
    }
}

/// The value as a whole number.
pub(super) fn whole(value: &Value) -> Outcome<i64> {
    let number = number(value)?;
    match number.fract() == 0.0 && number.abs() < 1e15 {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
        true => Ok(number as i64),
        false => Err(Fault::Failed),
    }
}

/// A number that was computed.
pub(super) fn of_number(number: f64) -> Outcome {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
        return Ok(Value::from(number as i64));
    }
    Number::parse(&number.to_string())
        .map(Value::Number)
        .ok_or(Fault::Failed)
}

/// The value as a boolean.
pub(super) fn boolean(value: &Value) -> Outcome<bool> {
    match value {
        _ if !is_known(value) => Err(Fault::Unknown),
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) => match text.as_str() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => Err(Fault::Failed),
        },
        _ => Err(Fault::Failed),
    }
}

/// The items of a list or set, of which some may be unknown.
pub(super) fn items(value: &Value) -> Outcome<&[Value]> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Set(items) => Ok(items.as_slice()),
        value if is_unknown(value) => Err(Fault::Unknown),
        _ => Err(Fault::Failed),
    }
}

/// The items of a list or set all of which are there.
pub(super) fn counted(value: &Value) -> Outcome<&[Value]> {
    let items = items(value)?;
    match has_uncounted(items) {
        true => Err(Fault::Unknown),
        false => Ok(items),
    }
}

/// The items, which are known to the last.
pub(super) fn known_items(value: &Value) -> Outcome<&[Value]> {
    let items = counted(value)?;
    match items.iter().all(is_known) {
        true => Ok(items),
        false => Err(Fault::Unknown),
    }
}

/// The entries of a map or object.
pub(super) fn entries(value: &Value) -> Outcome<Vec<(Value, Value)>> {
    match value {
        Value::Object(object) => Ok(object.iter().cloned().collect()),
        value if is_unknown(value) => Err(Fault::Unknown),
        _ => Err(Fault::Failed),
    }
}

/// The value as JSON, as `jsonencode` writes it.
pub(super) fn json(value: &Value) -> String {
    let text = super::unknown::shown(value).to_json().to_string();
    let text = match super::unknown::is_known(value) {
        true => plain(value).to_json().to_string(),
        false => text,
    };
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

/// The value with sets as lists, and numbers as Terraform writes them.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => Number::parse(&number_text(number)).map_or_else(|| value.clone(), Value::Number),
        Value::Array(items) => Value::array(items.iter().map(plain).collect()),
        Value::Set(items) => Value::array(items.iter().map(plain).collect()),
        Value::Object(object) => Value::object(object.iter().map(|(key, value)| (key.clone(), plain(value))).collect()),
        value => value.clone(),
    }
}

/// The text that base64 stands for, where it is one.
pub(super) fn decoded(text: &str) -> Outcome<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    let bytes = bytes.map_err(|_| Fault::Failed)?;
    String::from_utf8(bytes).map_err(|_| Fault::Failed)
}

/// The text in base64.
pub(super) fn encoded(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}
