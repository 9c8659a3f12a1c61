//! The query of a URL: `a=1&b=x+y`.

use std::collections::BTreeMap;

use super::super::operand::{bytes, wrong};
use super::super::{Answer, Context, Failure, Operands};
use super::json_writer::key;
use super::uri::{Part, escape, unescape};
use kpolicy_value::Value;

pub(super) fn encode(context: &mut Context, operands: Operands) -> Answer {
    let bytes = bytes(operands, 0)?;
    context.check_size(bytes.len() * 3)?;
    Ok(Some(Value::string(escape(bytes, Part::Query))))
}

pub(super) fn decode(_: &mut Context, operands: Operands) -> Answer {
    let bytes = unescape(bytes(operands, 0)?, Part::Query).map_err(Failure::Builtin)?;
    Ok(Some(Value::bytes(bytes)))
}

pub(super) fn encode_object(context: &mut Context, operands: Operands) -> Answer {
    let Value::Object(object) = operands[0] else {
        return Err(wrong(0, "object", operands[0]));
    };
    let error = || Failure::Operand("operand 1 values must be string, array[string], or set[string]".to_owned());
    let mut sorted = BTreeMap::new();
    for (name, value) in object.iter() {
        let values: Vec<&Value> = match value {
            Value::String(_) => vec![value],
            Value::Array(items) => items.iter().collect(),
            Value::Set(members) => members.iter().collect(),
            _ => return Err(error()),
        };
        let values = values.into_iter().map(|value| match value {
            Value::String(string) => Ok(string.as_bytes()),
            _ => Err(error()),
        });
        sorted.insert(key(context, name)?, values.collect::<Result<Vec<_>, _>>()?);
    }
    let mut out = String::new();
    for (name, values) in &sorted {
        let name = escape(name.as_bytes(), Part::Query);
        for value in values {
            if !out.is_empty() {
                out.push('&');
            }
            out.extend([&name, "=", &escape(value, Part::Query)]);
            context.check_size(out.len())?;
        }
    }
    Ok(Some(Value::string(out)))
}

/// The most parameters that Go reads.
const PARAMETERS: usize = 10_000;

pub(super) fn decode_object(_: &mut Context, operands: Operands) -> Answer {
    let query = bytes(operands, 0)?;
    if query.iter().filter(|byte| **byte == b'&').count() + 1 > PARAMETERS {
        let message = "number of URL query parameters exceeded limit";
        return Err(Failure::Builtin(message.to_owned()));
    }
    let mut found: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    let mut error = None;
    for parameter in query
        .split(|byte| *byte == b'&')
        .filter(|parameter| !parameter.is_empty())
    {
        if parameter.contains(&b';') {
            // This one is reported in place of any before it.
            error = Some("invalid semicolon separator in query".to_owned());
            continue;
        }
        let (name, value) = match parameter.iter().position(|byte| *byte == b'=') {
            Some(at) => (&parameter[..at], &parameter[at + 1..]),
            None => (parameter, &[][..]),
        };
        match unescape(name, Part::Query).and_then(|name| Ok((name, unescape(value, Part::Query)?))) {
            Ok((name, value)) => found.entry(name).or_default().push(value),
            Err(message) => error = error.or(Some(message)),
        }
    }
    if let Some(message) = error {
        return Err(Failure::Builtin(message));
    }
    let mut entries = Vec::with_capacity(found.len());
    for (name, values) in found {
        let values = values.into_iter().map(Value::bytes).collect();
        entries.push((Value::bytes(name), Value::array(values)));
    }
    Ok(Some(Value::object(entries)))
}
