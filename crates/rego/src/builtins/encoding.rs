//! Values as text and back: JSON, YAML, base64, hexadecimal, URLs.

use super::operand::{bytes, object, text};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::Value;

mod base64;
mod json_reader;
mod json_writer;
mod query;
pub(super) mod uri;

pub(super) use json_reader::{JsonError, check as check_json, read as read_json};
use json_writer::Layout;
pub(super) use json_writer::{key as json_key, write as write_json};
pub(super) use uri::{Part, check as check_url, escape, path as url_path, unescape};

pub(super) const FAMILY: Family = &[
    pure(
        "base64.decode",
        "(string) -> string",
        "The bytes that a Base64 string encodes.",
        base64_decode,
    ),
    pure(
        "base64.encode",
        "(string) -> string",
        "A string in Base64.",
        base64_encode,
    ),
    pure(
        "base64.is_valid",
        "(string) -> boolean",
        "Whether a string is valid Base64.",
        base64_is_valid,
    ),
    pure(
        "base64url.decode",
        "(string) -> string",
        "The bytes that a string in URL-safe Base64 encodes, padded or not.",
        base64url_decode,
    ),
    pure(
        "base64url.encode",
        "(string) -> string",
        "A string in URL-safe Base64.",
        base64url_encode,
    ),
    pure(
        "base64url.encode_no_pad",
        "(string) -> string",
        "A string in URL-safe Base64 without padding.",
        base64url_encode_no_pad,
    ),
    pure(
        "hex.decode",
        "(string) -> string",
        "The bytes that hexadecimal digits encode.",
        hex_decode,
    ),
    pure(
        "hex.encode",
        "(string) -> string",
        "A string in hexadecimal digits.",
        hex_encode,
    ),
    pure(
        "json.is_valid",
        "(string) -> boolean",
        "Whether a string is valid JSON.",
        json_is_valid,
    ),
    pure("json.marshal", "(any) -> string", "A value as JSON.", json_marshal),
    pure(
        "json.marshal_with_options",
        r#"(any, object{"indent": string, "prefix": string, "pretty": boolean, [string]: any}) -> string"#,
        "A value as JSON, indented as the options say.",
        json_marshal_with_options,
    ),
    pure(
        "json.unmarshal",
        "(string) -> any",
        "The value that a JSON string stands for.",
        json_unmarshal,
    ),
    pure(
        "uri.is_valid",
        "(string) -> boolean",
        "Whether a string is a valid URI.",
        uri::is_valid,
    ),
    pure(
        "uri.parse",
        "(string) -> object{[string]: string}",
        "The parts of a URI.",
        uri::parse,
    ),
    pure(
        "urlquery.decode",
        "(string) -> string",
        "A string decoded from a URL's query.",
        query::decode,
    ),
    pure(
        "urlquery.decode_object",
        "(string) -> object{[string]: array[string]}",
        "The parameters of a URL's query.",
        query::decode_object,
    ),
    pure(
        "urlquery.encode",
        "(string) -> string",
        "A string encoded for a URL's query.",
        query::encode,
    ),
    pure(
        "urlquery.encode_object",
        "(object{[string]: string | array[string] | set[string]}) -> string",
        "An object encoded as a URL's query.",
        query::encode_object,
    ),
];

fn json_marshal(context: &mut Context, operands: Operands) -> Answer {
    to_json(context, operands[0]).map(|json| Some(Value::string(json)))
}

fn json_marshal_with_options(context: &mut Context, operands: Operands) -> Answer {
    context.check_size(operands[0].extent().text as usize)?;
    let layout = layout(operands)?;
    let json = json_writer::write(context, operands[0], layout.as_ref())?;
    let prefix = layout.map_or("", |layout| layout.prefix);
    Ok(Some(Value::string(format!("{prefix}{json}"))))
}

/// How the second operand wants the JSON laid out; nothing for one line.
fn layout(operands: Operands<'_>) -> Result<Option<Layout<'_>>, Failure> {
    let mut layout = Layout {
        indent: "\t",
        prefix: "",
    };
    let (mut asked, mut pretty) = (false, None);
    for (index, (key, value)) in object(operands, 1)?.iter().enumerate() {
        let wrong = |message: String| Failure::Operand(format!("operand 2 {message}"));
        let not_text = |value: &Value| format!("operand {index} must be string but got {}", value.type_name());
        let Some(name) = key.as_str() else {
            let shown = crate::text::to_rego_text(key);
            let message = format!("failed to stringify key {shown} at index {index}: {}", not_text(key));
            return Err(wrong(message));
        };
        let text = || {
            let message = || wrong(format!("key \"{name}\" failed cast to string: {}", not_text(value)));
            value.as_str().ok_or_else(message)
        };
        match (name, value) {
            ("prefix", _) => layout.prefix = text()?,
            ("indent", _) => layout.indent = text()?,
            ("pretty", Value::Bool(flag)) => pretty = Some(*flag),
            ("pretty", _) => return Err(wrong(format!("key \"{name}\" failed cast to bool"))),
            _ => {
                let shown = crate::text::to_rego_text(key);
                return Err(wrong(format!("object contained unknown key {shown}")));
            }
        }
        asked |= name != "pretty";
    }
    Ok(pretty.unwrap_or(asked).then_some(layout))
}

fn json_unmarshal(_: &mut Context, operands: Operands) -> Answer {
    from_json(&text(operands, 0)?).map(Some)
}

/// The value of a JSON text.
pub(super) fn from_json(text: &str) -> Result<Value, Failure> {
    json_reader::read(text).map_err(|fault| match fault {
        JsonError::Syntax(message) => Failure::Builtin(message),
        JsonError::Depth(message) => Failure::Limit(message),
    })
}

/// The JSON text of a value.
pub(super) fn to_json(context: &mut Context, value: &Value) -> Result<String, Failure> {
    context.check_size(value.extent().text as usize)?;
    json_writer::write(context, value, None)
}

fn json_is_valid(_: &mut Context, operands: Operands) -> Answer {
    let Some(text) = operands[0].text() else {
        return Ok(Some(false.into()));
    };
    is_json(&text).map(|valid| Some(valid.into()))
}

/// Whether a text is one JSON document.
pub(super) fn is_json(text: &str) -> Result<bool, Failure> {
    match json_reader::check(text) {
        Err(JsonError::Depth(message)) => Err(Failure::Limit(message)),
        checked => Ok(checked.is_ok()),
    }
}

fn base64_encode(_: &mut Context, operands: Operands) -> Answer {
    Ok(Some(Value::string(base64::encode(bytes(operands, 0)?))))
}

fn base64_decode(_: &mut Context, operands: Operands) -> Answer {
    let bytes = base64::decode(bytes(operands, 0)?, base64::STANDARD).map_err(Failure::Builtin)?;
    Ok(Some(Value::bytes(bytes)))
}

fn base64_is_valid(_: &mut Context, operands: Operands) -> Answer {
    let text = operands[0].as_str();
    let valid = text.is_some_and(|text| base64::decode(text.as_bytes(), base64::STANDARD).is_ok());
    Ok(Some(valid.into()))
}

fn base64url_encode(_: &mut Context, operands: Operands) -> Answer {
    Ok(Some(Value::string(base64::encode_url(bytes(operands, 0)?))))
}

fn base64url_encode_no_pad(_: &mut Context, operands: Operands) -> Answer {
    let encoded = base64::encode_url(bytes(operands, 0)?);
    Ok(Some(Value::from(encoded.trim_end_matches('='))))
}

/// The padding may be omitted.
fn base64url_decode(_: &mut Context, operands: Operands) -> Answer {
    let bytes = from_base64url(&text(operands, 0)?).map_err(Failure::Builtin)?;
    Ok(Some(Value::bytes(bytes)))
}

/// The bytes of base64 for URLs, with its padding or without; or what is wrong with it.
pub(super) fn from_base64url(text: &str) -> Result<Vec<u8>, String> {
    let padding = match text.len() % 4 {
        _ if text.ends_with('=') => "",
        0 => "",
        2 => "==",
        3 => "=",
        _ => return Err(format!("illegal base64url string: {text}")),
    };
    base64::decode(format!("{text}{padding}").as_bytes(), base64::URL)
}

/// The bytes of base64 with its padding, or what is wrong with it.
#[cfg(feature = "crypto")]
pub(super) fn from_base64(text: &[u8]) -> Result<Vec<u8>, String> {
    base64::decode(text, base64::STANDARD)
}

/// Bytes as base64 with padding.
#[cfg(feature = "crypto")]
pub(super) fn to_base64(bytes: &[u8]) -> String {
    base64::encode(bytes)
}

/// Bytes as base64 for URLs without padding.
#[cfg(feature = "crypto")]
pub(super) fn to_base64url(bytes: &[u8]) -> String {
    base64::encode_url(bytes).trim_end_matches('=').to_owned()
}

fn hex_encode(context: &mut Context, operands: Operands) -> Answer {
    let bytes = bytes(operands, 0)?;
    context.check_size(bytes.len() * 2)?;
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
    let hex = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect::<String>();
    Ok(Some(Value::string(hex)))
}

fn hex_decode(_: &mut Context, operands: Operands) -> Answer {
    let text = bytes(operands, 0)?;
    let digit = |byte: &u8| {
        let byte = *byte;
        let value = char::from(byte).to_digit(16);
        value.and_then(|value| u8::try_from(value).ok()).ok_or_else(|| {
            let character = char::from(byte);
            let shown = if crate::printable::is_printable(character) {
                format!(" '{character}'")
            } else {
                String::new()
            };
            Failure::Builtin(format!("encoding/hex: invalid byte: U+{byte:04X}{shown}"))
        })
    };
    let digits: Vec<u8> = text.iter().map(digit).collect::<Result<_, _>>()?;
    if digits.len() % 2 == 1 {
        return Err(Failure::Builtin("encoding/hex: odd length hex string".to_owned()));
    }
    let bytes = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    Ok(Some(Value::bytes(bytes)))
}
