//! Functions of strings and of bytes, and those that read and write other notations.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::super::machine::{Machine, Res};
use super::super::manifest::{Layout, Toml, YamlStyle, quoted};
use super::super::tree::At;
use super::super::value::Val;
use super::{Arguments, Builtin, row};
use crate::Format;
use kpolicy_value::Value;

pub(super) const TABLE: &[Builtin] = &[
    row("char", &["n"], |machine, arguments| {
        let code = arguments.count(machine, 0)?;
        match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(char) => Ok(Val::string(String::from(char))),
            None => arguments.fail(format!("{code} is not the code of a character")),
        }
    }),
    row("codepoint", &["str"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(char), None) => Ok(Val::Number(f64::from(u32::from(char)))),
            _ => arguments.fail("the string has one character"),
        }
    }),
    row("substr", &["str", "from", "len"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        let (from, length) = (arguments.count(machine, 1)?, arguments.count(machine, 2)?);
        let part: String = text.chars().skip(from).take(length).collect();
        machine.text(part, arguments.at)
    }),
    row("findSubstr", &["pat", "str"], |machine, arguments| {
        let pattern: Vec<char> = arguments.string(machine, 0)?.chars().collect();
        let text: Vec<char> = arguments.string(machine, 1)?.chars().collect();
        let mut found = Vec::new();
        if !pattern.is_empty() {
            for (index, window) in text.windows(pattern.len()).enumerate() {
                machine.step(arguments.at)?;
                if window == pattern {
                    found.push(Val::Number(index as f64));
                }
            }
        }
        machine.array_of(found, arguments.at)
    }),
    row("lstripChars", &["str", "chars"], |machine, arguments| {
        strip(machine, arguments, |text, chars| text.trim_start_matches(chars))
    }),
    row("rstripChars", &["str", "chars"], |machine, arguments| {
        strip(machine, arguments, |text, chars| text.trim_end_matches(chars))
    }),
    row("splitLimit", &["str", "c", "maxsplits"], |machine, arguments| {
        split(machine, arguments, false)
    }),
    row("splitLimitR", &["str", "c", "maxsplits"], |machine, arguments| {
        split(machine, arguments, true)
    }),
    row("strReplace", &["str", "from", "to"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        let (from, to) = (arguments.string(machine, 1)?, arguments.string(machine, 2)?);
        if from.is_empty() {
            return arguments.fail("the string to replace is empty");
        }
        machine.spend(text.matches(&*from).count() as u64 * to.len() as u64, arguments.at)?;
        machine.text(text.replace(&*from, &to), arguments.at)
    }),
    row("asciiUpper", &["str"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        machine.text(text.to_ascii_uppercase(), arguments.at)
    }),
    row("asciiLower", &["str"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        machine.text(text.to_ascii_lowercase(), arguments.at)
    }),
    row("format", &["str", "vals"], |machine, arguments| {
        let (format, values) = (arguments.value(machine, 0)?, arguments.value(machine, 1)?);
        machine.formatted(&format, &values, arguments.at)
    }),
    row("parseInt", &["str"], |machine, arguments| {
        parse_number(machine, arguments, 10)
    }),
    row("parseOctal", &["str"], |machine, arguments| {
        parse_number(machine, arguments, 8)
    }),
    row("parseHex", &["str"], |machine, arguments| {
        parse_number(machine, arguments, 16)
    }),
    row("parseJson", &["str"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        match Format::Json.parse(&text) {
            Ok(nodes) => of_documents(machine, arguments, nodes),
            Err(error) => arguments.fail(error.message),
        }
    }),
    row("parseYaml", &["str"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        match Format::Yaml.parse(&text) {
            Ok(nodes) => of_documents(machine, arguments, nodes),
            Err(error) => arguments.fail(error.message),
        }
    }),
    row("escapeStringJson", &["str_"], |machine, arguments| {
        let value = arguments.value(machine, 0)?;
        let text = machine.text_of(&value, arguments.at)?;
        machine.text(quoted(&text), arguments.at)
    }),
    row(
        "manifestJsonEx",
        &["value", "indent", "newline?", "key_val_sep?"],
        |machine, arguments| {
            let value = arguments.value(machine, 0)?;
            let indent = arguments.string(machine, 1)?;
            let optional = |machine: &mut Machine<'_>, place, default: &'static str| match arguments.thunk(place) {
                Some(_) => arguments.string(machine, place),
                None => Ok(Rc::from(default)),
            };
            let (newline, colon) = (optional(machine, 2, "\n")?, optional(machine, 3, ": ")?);
            let layout = Layout {
                indent: &indent,
                newline: &newline,
                colon: &colon,
                is_line: false,
            };
            let mut out = String::new();
            machine.write_json(&value, &layout, "", &mut out, arguments.at)?;
            Ok(Val::string(out))
        },
    ),
    row(
        "manifestYamlDoc",
        &["value", "indent_array_in_object?", "quote_keys?"],
        |machine, arguments| {
            let value = arguments.value(machine, 0)?;
            let style = YamlStyle {
                indents_arrays: arguments.boolean(machine, 1, false)?,
                quotes_keys: arguments.boolean(machine, 2, true)?,
            };
            let mut out = String::new();
            machine.write_yaml(&value, &style, "", &mut out, arguments.at)?;
            Ok(Val::string(out))
        },
    ),
    row("manifestTomlEx", &["value", "indent"], |machine, arguments| {
        let object = arguments.object(machine, 0)?;
        let indent = arguments.string(machine, 1)?;
        let mut out = Toml::default();
        machine.write_toml(object, &indent, &[], &mut out, arguments.at)?;
        machine.text(out.lines.join("\n"), arguments.at)
    }),
    row("encodeUTF8", &["str"], |machine, arguments| {
        let text = arguments.string(machine, 0)?;
        of_bytes(machine, text.as_bytes(), arguments.at)
    }),
    row("decodeUTF8", &["arr"], |machine, arguments| {
        let bytes = bytes(machine, arguments)?;
        machine.text(String::from_utf8_lossy(&bytes).into_owned(), arguments.at)
    }),
    row("base64", &["input"], |machine, arguments| {
        let bytes = bytes(machine, arguments)?;
        machine.text(BASE64.encode(bytes), arguments.at)
    }),
    row("base64Decode", &["str"], |machine, arguments| {
        let bytes = decoded(machine, arguments)?;
        machine.text(String::from_utf8_lossy(&bytes).into_owned(), arguments.at)
    }),
    row("base64DecodeBytes", &["str"], |machine, arguments| {
        let bytes = decoded(machine, arguments)?;
        of_bytes(machine, &bytes, arguments.at)
    }),
    row("md5", &["s"], |machine, arguments| {
        digest::<md5::Md5>(machine, arguments)
    }),
    row("sha1", &["s"], |machine, arguments| {
        digest::<sha1::Sha1>(machine, arguments)
    }),
    row("sha256", &["s"], |machine, arguments| {
        digest::<sha2::Sha256>(machine, arguments)
    }),
    row("sha512", &["s"], |machine, arguments| {
        digest::<sha2::Sha512>(machine, arguments)
    }),
    row("sha3", &["s"], |machine, arguments| {
        digest::<sha3::Sha3_512>(machine, arguments)
    }),
];

fn strip(
    machine: &mut Machine<'_>,
    arguments: &Arguments,
    run: for<'t> fn(&'t str, &'t [char]) -> &'t str,
) -> Res<Val> {
    let text = arguments.string(machine, 0)?;
    let chars: Vec<char> = arguments.string(machine, 1)?.chars().collect();
    machine.text(run(&text, &chars).to_owned(), arguments.at)
}

fn split(machine: &mut Machine<'_>, arguments: &Arguments, from_right: bool) -> Res<Val> {
    let text = arguments.string(machine, 0)?;
    let separator = arguments.string(machine, 1)?;
    let limit = arguments.number(machine, 2)?;
    if separator.is_empty() {
        return arguments.fail("the separator is empty");
    }
    let count = if limit < 0.0 {
        usize::MAX
    } else {
        (limit as usize).saturating_add(1)
    };
    let mut parts: Vec<Val> = match from_right {
        false => text.splitn(count, &*separator).map(Val::string).collect(),
        true => text.rsplitn(count, &*separator).map(Val::string).collect(),
    };
    if from_right {
        parts.reverse();
    }
    machine.spend(text.len() as u64 + parts.len() as u64 * 16, arguments.at)?;
    machine.array_of(parts, arguments.at)
}

fn parse_number(machine: &mut Machine<'_>, arguments: &Arguments, radix: u32) -> Res<Val> {
    let text = arguments.string(machine, 0)?;
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) if radix == 10 => (true, digits),
        _ => (false, &*text),
    };
    let mut number = 0.0;
    for char in digits.chars() {
        let Some(digit) = char.to_digit(radix) else {
            return arguments.fail(format!("{} is not a number in base {radix}", quoted(&text)));
        };
        number = number * f64::from(radix) + f64::from(digit);
    }
    if digits.is_empty() {
        return arguments.fail(format!("{} is not a number in base {radix}", quoted(&text)));
    }
    super::super::operators::number(if is_negative { -number } else { number }, arguments.at)
}

/// The value of parsed documents: of several their array.
fn of_documents(machine: &mut Machine<'_>, arguments: &Arguments, mut nodes: Vec<crate::document::Node>) -> Res<Val> {
    match nodes.len() {
        0 => Ok(Val::Null),
        1 => of_value(machine, &nodes.remove(0).value, arguments),
        _ => {
            let mut values = Vec::new();
            for node in &nodes {
                values.push(of_value(machine, &node.value, arguments)?);
            }
            machine.array_of(values, arguments.at)
        }
    }
}

fn of_value(machine: &mut Machine<'_>, value: &Value, arguments: &Arguments) -> Res<Val> {
    let at = arguments.at;
    machine.step(at)?;
    match value {
        Value::Null => Ok(Val::Null),
        Value::Bool(flag) => Ok(Val::Bool(*flag)),
        Value::Number(number) => Ok(Val::Number(number.as_f64())),
        Value::Array(_) | Value::Set(_) => {
            let mut values = Vec::new();
            for item in value.as_array().into_iter().flatten() {
                values.push(machine.deeper(at, |machine| of_value(machine, item, arguments))?);
            }
            machine.array_of(values, at)
        }
        Value::Object(object) => {
            let mut fields = Vec::new();
            for (key, value) in object.iter() {
                let value = machine.deeper(at, |machine| of_value(machine, value, arguments))?;
                fields.push((key.key_text().into(), machine.done(value, At::default())?));
            }
            machine.object_of(fields, at)
        }
        Value::String(text) => machine.text(text.to_str().into_owned(), at),
    }
}

fn of_bytes(machine: &mut Machine<'_>, bytes: &[u8], at: At) -> Res<Val> {
    machine.spend(bytes.len() as u64 * 64, at)?;
    machine.array_of(bytes.iter().map(|byte| Val::Number(f64::from(*byte))).collect(), at)
}

/// The bytes of an argument: an array of numbers, or a string as UTF-8.
fn bytes(machine: &mut Machine<'_>, arguments: &Arguments) -> Res<Vec<u8>> {
    if let Val::String(text) = arguments.value(machine, 0)? {
        return Ok(text.as_bytes().to_vec());
    }
    let mut bytes = Vec::new();
    for item in arguments.array(machine, 0)?.iter() {
        match machine.force(*item, arguments.at)? {
            Val::Number(number) if (0.0..256.0).contains(&number) && number.fract() == 0.0 => bytes.push(number as u8),
            _ => return arguments.fail("the array holds bytes: whole numbers from 0 to 255"),
        }
    }
    Ok(bytes)
}

fn decoded(machine: &mut Machine<'_>, arguments: &Arguments) -> Res<Vec<u8>> {
    let text = arguments.string(machine, 0)?;
    match BASE64.decode(&*text) {
        Ok(bytes) => Ok(bytes),
        Err(error) => arguments.fail(format!("{} is not base64: {error}", quoted(&text))),
    }
}

fn digest<D: sha2::digest::Digest>(machine: &mut Machine<'_>, arguments: &Arguments) -> Res<Val> {
    let text = arguments.string(machine, 0)?;
    let digest = D::digest(text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    machine.text(hex, arguments.at)
}
