//! What a scalar is: the resolution of goyaml v2, as sigs.k8s.io/yaml turns it into JSON, and that of v3, as OPA does.
//!
//! Follows go.yaml.in/yaml/v2 and v3 resolve.go.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use regex::Regex;

use super::Schema;
use super::timestamp::is_timestamp;
use kpolicy_value::{Number, Value};

/// A resolved scalar.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond the signed range.
    Unsigned(u64),
    Float(f64),
    Text(Cow<'t, str>),
}

/// What a tag asks of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `!` alone.
    Bang,
    /// `!!str`, and all that are not of YAML's own types: they leave the text as it is.
    Text,
    Binary,
    Int,
    Float,
    Bool,
    Null,
    Timestamp,
    Merge,
}

impl Tag {
    /// What a whole tag means.
    pub(super) fn of(tag: &str) -> Self {
        match tag.strip_prefix("tag:yaml.org,2002:") {
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("bool") => Self::Bool,
            Some("null") => Self::Null,
            Some("timestamp") => Self::Timestamp,
            Some("binary") => Self::Binary,
            Some("merge") => Self::Merge,
            _ if tag == "!" => Self::Bang,
            _ => Self::Text,
        }
    }
}

/// Whether a scalar that is a key merges the mapping under it into its own.
pub(super) fn is_merge(text: &str, plain: bool, tag: Option<Tag>, schema: Schema) -> bool {
    text == "<<"
        && match tag {
            None => plain,
            Some(Tag::Bang) => plain || schema == Schema::Kubernetes,
            Some(tag) => tag == Tag::Merge,
        }
}

/// Resolves a scalar's text; quoted and block scalars are text unless a tag says otherwise.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<Tag>, schema: Schema) -> Result<Scalar<'_>, String> {
    let tag = match (tag, schema) {
        (Some(Tag::Bang), Schema::Core) => None,
        (tag, _) => tag,
    };
    let Some(wanted) = tag else {
        return Ok(if plain {
            of_plain(text, schema)
        } else {
            Scalar::Text(text.into())
        });
    };
    match wanted {
        Tag::Text | Tag::Merge | Tag::Bang => return Ok(Scalar::Text(text.into())),
        Tag::Binary => return binary(text),
        Tag::Timestamp if is_timestamp(text) => return Ok(Scalar::Text(text.into())),
        _ => {}
    }
    let resolved = of_plain(text, schema);
    let fits = match (wanted, &resolved) {
        (Tag::Int, Scalar::Int(_) | Scalar::Unsigned(_))
        | (Tag::Float, Scalar::Float(_))
        | (Tag::Bool, Scalar::Bool(_))
        | (Tag::Null, Scalar::Null) => true,
        #[allow(clippy::cast_precision_loss)]
        (Tag::Float, Scalar::Int(number)) => return Ok(Scalar::Float(*number as f64)),
        _ => false,
    };
    if fits {
        Ok(resolved)
    } else {
        Err(format!("{text:?} is not of the type of its tag"))
    }
}

/// Base64 as Go reads it: with padding, and with line breaks anywhere.
fn binary(text: &str) -> Result<Scalar<'_>, String> {
    const GO: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let compact: String = text
        .chars()
        .filter(|character| !matches!(character, '\r' | '\n'))
        .collect();
    let bytes = GO
        .decode(compact)
        .map_err(|_| "the value is not base64, which its tag requires".to_owned())?;
    Ok(Scalar::Text(as_text(&bytes).into()))
}

/// Bytes as text; each byte that belongs to no character is replaced.
fn as_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

#[inline]
fn of_plain(text: &str, schema: Schema) -> Scalar<'_> {
    let Some(first) = text.as_bytes().first() else {
        return Scalar::Null;
    };
    match first {
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' => of_word(text, schema),
        b'0'..=b'9' | b'+' | b'-' | b'.' => match text {
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            _ => of_number(text).unwrap_or_else(|| Scalar::Text(text.into())),
        },
        _ => Scalar::Text(text.into()),
    }
}

fn of_word(text: &str, schema: Schema) -> Scalar<'_> {
    match text {
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        _ if schema == Schema::Core => Scalar::Text(text.into()),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ => Scalar::Text(text.into()),
    }
}

fn of_number(text: &str) -> Option<Scalar<'static>> {
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
fn fraction(text: &str) -> Option<Scalar<'static>> {
    let bytes = text.as_bytes();
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let separated = (0..bytes.len())
        .filter(|at| bytes[*at] == b'_')
        .all(|at| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1)));
    if separated { float(&text.replace('_', "")) } else { None }
}

/// An integer with its sign and base prefix, as Go's `ParseInt` with base 0 reads it.
fn integer(text: &str) -> Option<Scalar<'static>> {
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
fn float(text: &str) -> Option<Scalar<'static>> {
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
fn late_binary(text: &str) -> Option<Scalar<'static>> {
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

impl Scalar<'_> {
    /// The scalar as a document's value; nothing for infinities and not-a-number, which JSON has not.
    pub(super) fn value(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::from(*number),
            Self::Unsigned(number) => number_value(&number.to_string()),
            Self::Float(number) if number.is_finite() => number_value(&json_float(*number)),
            Self::Float(_) => return None,
            Self::Text(text) => Value::string(&**text),
        })
    }

    /// The scalar as a key; nothing for those that no key can be.
    pub(super) fn key(&self, schema: Schema) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Int(number) => number.to_string().into(),
            Self::Bool(flag) => flag.to_string().into(),
            #[allow(clippy::cast_possible_truncation)]
            Self::Float(number) => short_float(*number as f32).into(),
            Self::Unsigned(number) if schema == Schema::Core => number.to_string().into(),
            Self::Null | Self::Unsigned(_) => return None,
        })
    }
}

fn number_value(text: &str) -> Value {
    Value::Number(Number::parse(text).expect("it was written as a JSON number"))
}

/// A float as Go's JSON writes it: exponents from 1e21 on and below 1e-6.
fn json_float(number: f64) -> String {
    let size = number.abs();
    let digits = even(
        format!("{number:e}"),
        |precision| format!("{number:.precision$e}"),
        |text| text.parse() == Ok(number),
    );
    if number != 0.0 && !(1e-6..1e21).contains(&size) {
        return signed_exponent(&digits);
    }
    written_out(&digits)
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
    let digits = even(
        format!("{number:e}"),
        |precision| format!("{number:.precision$e}"),
        |text| text.parse() == Ok(number),
    );
    let exponent = digits.rsplit_once('e').and_then(|(_, exponent)| exponent.parse().ok());
    let exponent: i32 = exponent.expect("Rust's scientific form ends with an exponent");
    if number != 0.0 && !(-4..6).contains(&exponent) {
        return signed_exponent(&digits);
    }
    written_out(&digits)
}

/// The shortest digits of a float in scientific form. Of two that are as near, Go takes the even one, Rust the larger.
fn even(shortest: String, exact: impl Fn(usize) -> String, is_it: impl Fn(&str) -> bool) -> String {
    let mantissa = shortest.split('e').next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let nearest = exact(digits.saturating_sub(1));
    if nearest != shortest && is_it(&nearest) {
        nearest
    } else {
        shortest
    }
}

/// A number in scientific form, without its exponent.
fn written_out(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let exponent: i64 = exponent.parse().expect("Rust's scientific form ends with an exponent");
    match usize::try_from(exponent + 1) {
        Ok(0) | Err(_) => {
            let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or_default());
            format!("{sign}0.{zeros}{digits}")
        }
        Ok(whole) if whole >= digits.len() => format!("{sign}{digits}{}", "0".repeat(whole - digits.len())),
        Ok(whole) => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
    }
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
