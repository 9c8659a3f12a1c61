//! What a scalar is: the resolution of goyaml v2, as sigs.k8s.io/yaml turns it into JSON.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use granit_parser::Tag;
use regex::Regex;

use super::timestamp::is_timestamp;
use kpolicy_value::{Number, Value};

/// A resolved scalar.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond the signed range.
    Unsigned(u64),
    Float(f64),
    Text(Arc<str>),
}

/// What a tag asks of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Text,
    Binary,
    Int,
    Float,
    Bool,
    Null,
    Timestamp,
    Merge,
}

/// What a tag means; one that is not of YAML's own types leaves the text as it is.
pub(super) fn tag(tag: &Tag) -> Wanted {
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("int") => Wanted::Int,
        Some("float") => Wanted::Float,
        Some("bool") => Wanted::Bool,
        Some("null") => Wanted::Null,
        Some("timestamp") => Wanted::Timestamp,
        Some("binary") => Wanted::Binary,
        Some("merge") => Wanted::Merge,
        _ => Wanted::Text,
    }
}

/// Resolves a scalar's text; quoted and block scalars are text unless a tag says otherwise.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<Wanted>) -> Result<Scalar, String> {
    let Some(wanted) = tag else {
        return Ok(if plain {
            of_plain(text)
        } else {
            Scalar::Text(text.into())
        });
    };
    let resolved = of_plain(text);
    let fits = match (wanted, &resolved) {
        (Wanted::Text | Wanted::Merge, _) => return Ok(Scalar::Text(text.into())),
        (Wanted::Binary, _) => return binary(text),
        (Wanted::Timestamp, _) => is_timestamp(text),
        (Wanted::Int, Scalar::Int(_) | Scalar::Unsigned(_))
        | (Wanted::Float, Scalar::Float(_))
        | (Wanted::Bool, Scalar::Bool(_))
        | (Wanted::Null, Scalar::Null) => true,
        #[allow(clippy::cast_precision_loss)]
        (Wanted::Float, Scalar::Int(number)) => return Ok(Scalar::Float(*number as f64)),
        #[allow(clippy::cast_precision_loss)]
        (Wanted::Float, Scalar::Unsigned(number)) => return Ok(Scalar::Float(*number as f64)),
        _ => false,
    };
    if fits {
        Ok(resolved)
    } else {
        Err(format!("the text {text:?} is not of the type that its tag names"))
    }
}

fn binary(text: &str) -> Result<Scalar, String> {
    let compact: String = text
        .chars()
        .filter(|character| !character.is_ascii_whitespace())
        .collect();
    let bytes = STANDARD
        .decode(compact)
        .map_err(|_| "the text is no base64, as its tag says".to_owned())?;
    Ok(Scalar::Text(String::from_utf8_lossy(&bytes).into()))
}

fn of_plain(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        _ => of_number(text).unwrap_or_else(|| Scalar::Text(text.into())),
    }
}

fn of_number(text: &str) -> Option<Scalar> {
    match text.as_bytes().first()? {
        b'.' => fraction(text),
        b'0'..=b'9' | b'+' | b'-' => {
            let digits = match text.contains('_') {
                true => Cow::Owned(text.replace('_', "")),
                false => Cow::Borrowed(text),
            };
            integer(&digits)
                .or_else(|| float(&digits))
                .or_else(|| late_binary(&digits))
        }
        _ => None,
    }
}

/// A decimal fraction without its zero; a `_` may stand between digits.
fn fraction(text: &str) -> Option<Scalar> {
    let bytes = text.as_bytes();
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let separated = (0..bytes.len())
        .filter(|at| bytes[*at] == b'_')
        .all(|at| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1)));
    if separated { float(&text.replace('_', "")) } else { None }
}

/// An integer with its sign and base prefix, as Go's `ParseInt` with base 0 reads it.
fn integer(text: &str) -> Option<Scalar> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (digits, base) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&rest[2..], 16),
        [b'0', b'o' | b'O', ..] => (&rest[2..], 8),
        [b'0', b'b' | b'B', ..] => (&rest[2..], 2),
        [b'0', _, ..] => (&rest[1..], 8),
        _ => (rest, 10),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let signed = match sign {
        "" => Cow::Borrowed(digits),
        _ => Cow::Owned(format!("{sign}{digits}")),
    };
    match i64::from_str_radix(&signed, base) {
        Ok(number) => Some(Scalar::Int(number)),
        // Go reads an unsigned number without any sign.
        Err(_) if rest.len() == text.len() => u64::from_str_radix(digits, base).ok().map(Scalar::Unsigned),
        Err(_) => None,
    }
}

/// A decimal float that is finite.
fn float(text: &str) -> Option<Scalar> {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (rest, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let number: f64 = (shaped && exponent.is_none_or(digits)).then(|| text.parse().ok())??;
    number.is_finite().then_some(Scalar::Float(number))
}

/// goyaml's own binary numbers, whose sign may follow the prefix.
fn late_binary(text: &str) -> Option<Scalar> {
    let signed = text
        .strip_prefix("0b")
        .map(str::to_owned)
        .or_else(|| Some(format!("-{}", text.strip_prefix("-0b")?)))?;
    i64::from_str_radix(&signed, 2).ok().map(Scalar::Int)
}

/// Whether the text is a date or a point in time, or a number of base 60 as YAML 1.1 has them.
pub(super) fn is_time(text: &str) -> bool {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        let date = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}";
        let time = r"[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?";
        let zone = r"(Z|[+-][0-9]{2}:[0-9]{2})";
        let sixty = r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?";
        Regex::new(&format!("^({date}([Tt]{time}{zone}| {time})?|{sixty})$")).expect("the pattern is valid")
    });
    TIME.is_match(text)
}

/// The scalar that a value is; nothing for collections.
pub(super) fn of_value(value: &Value) -> Option<Scalar> {
    match value {
        Value::Null => Some(Scalar::Null),
        Value::Bool(flag) => Some(Scalar::Bool(*flag)),
        Value::String(text) => Some(Scalar::Text(text.to_shared())),
        Value::Number(number) => Some(match (number.as_i64(), number.to_string().parse()) {
            (Some(number), _) => Scalar::Int(number),
            (None, Ok(number)) => Scalar::Unsigned(number),
            (None, Err(_)) => Scalar::Float(number.as_f64()),
        }),
        _ => None,
    }
}

impl Scalar {
    /// The scalar as a document's value. Infinities and not-a-number are no JSON.
    pub(super) fn value(&self) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::from(*number),
            Self::Unsigned(number) => number_value(&number.to_string()),
            Self::Float(number) if number.is_finite() => number_value(&json_float(*number)),
            Self::Float(_) => return Err("infinity and not-a-number cannot be judged: JSON has neither".to_owned()),
            Self::Text(text) => Value::string(Arc::clone(text)),
        })
    }

    /// The scalar as a key.
    pub(super) fn key(&self) -> Result<Arc<str>, String> {
        match self {
            Self::Text(text) => Ok(Arc::clone(text)),
            Self::Int(number) => Ok(number.to_string().into()),
            Self::Bool(flag) => Ok(flag.to_string().into()),
            #[allow(clippy::cast_possible_truncation)]
            Self::Float(number) => Ok(short_float(*number as f32).into()),
            Self::Null => Err("null cannot be a key".to_owned()),
            Self::Unsigned(_) => Err("an integer beyond 64 bits with sign cannot be a key".to_owned()),
        }
    }
}

fn number_value(text: &str) -> Value {
    Value::Number(Number::parse(text).expect("it was written as a JSON number"))
}

/// A float as Go's JSON writes it: exponents from 1e21 on and below 1e-6.
fn json_float(number: f64) -> String {
    let size = number.abs();
    if number != 0.0 && !(1e-6..1e21).contains(&size) {
        return signed_exponent(&format!("{number:e}"));
    }
    number.to_string()
}

/// A float as sigs.k8s.io/yaml writes it in a key: Go's shortest `%g` of 32 bits, with exponents from 1e6 on and below
/// 1e-4, and YAML's names for what is not finite.
fn short_float(number: f32) -> String {
    if number.is_nan() || number.is_infinite() {
        return if number.is_nan() {
            ".nan"
        } else if number > 0.0 {
            ".inf"
        } else {
            "-.inf"
        }
        .to_owned();
    }
    let scientific = format!("{number:e}");
    let exponent: i32 = scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .expect("Rust's scientific form ends with an exponent");
    if !(-4..6).contains(&exponent) {
        return signed_exponent(&scientific);
    }
    number.to_string()
}

/// `1e21` as Go writes it: `1e+21`.
fn signed_exponent(text: &str) -> String {
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = exponent
                .strip_prefix('-')
                .map_or(('+', exponent), |digits| ('-', digits));
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text.to_owned(),
    }
}
