//! Paths into documents: JSON pointers, or arrays of steps.

use super::super::Failure;
use kpolicy_value::Value;

/// The steps of a path.
pub(super) fn read(path: &Value) -> Result<Vec<Value>, Failure> {
    match path {
        Value::String(text) if text.is_empty() => Ok(vec![]),
        Value::String(text) => {
            let bytes = text.as_bytes();
            let start = bytes.iter().take_while(|byte| **byte == b'/').count();
            Ok(bytes[start..].split(|byte| *byte == b'/').map(step).collect())
        }
        Value::Array(steps) => Ok(steps.to_vec()),
        other => Err(Failure::Operand(format!(
            "operand 2 must be one of {{set, array}} containing string paths or array of path segments but got {}",
            other.type_name()
        ))),
    }
}

/// A step of a JSON pointer, its escapes resolved.
fn step(bytes: &[u8]) -> Value {
    // Both in one pass: `~01` is `~1`, and no slash.
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        let (letter, after) = match (byte, after) {
            (b'~', [b'1', after @ ..]) => (b'/', after),
            (b'~', [b'0', after @ ..]) => (b'~', after),
            _ => (*byte, after),
        };
        out.push(letter);
        rest = after;
    }
    Value::bytes(out)
}

/// The index that a step means in an array of `length` items, or OPA's words for why it means none.
pub(super) fn index(step: &Value, length: usize) -> Result<i64, &'static str> {
    match step {
        Value::Number(number) => number.as_index().ok_or("invalid number type for indexing"),
        Value::String(text) if *text == *"-" => Ok(i64::try_from(length).expect("a length fits in 63 bits")),
        Value::String(text) => {
            let text = text.to_str();
            let index = written(&text).ok_or("invalid string for indexing")?;
            if text != "0" && text.starts_with('0') {
                return Err("leading zeros are not allowed in JSON paths");
            }
            Ok(index)
        }
        _ => Err("invalid type for indexing"),
    }
}

/// The integer in a text: as in OPA, with a sign if need be, and with zeros after a point.
fn written(text: &str) -> Option<i64> {
    const LONGEST: usize = 19;
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let zeros = fraction.bytes().all(|byte| byte == b'0');
    let digits = whole.bytes().all(|byte| byte.is_ascii_digit());
    if !zeros || !digits || !(1..=LONGEST).contains(&unsigned.len()) {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    format!("{sign}0{whole}").parse().ok()
}
