//! The query of a URL: `a=1&b=x+y`.

use std::collections::BTreeMap;

use super::super::operand::{string, wrong};
use super::super::{Answer, Context, Failure, Operands};
use super::json_writer::key;
use super::text_of;
use super::uri::{Part, escape, unescape};
use kpolicy_value::Value;

pub(super) fn encode(context: &mut Context, operands: Operands) -> Answer {
    let text = string(operands, 0)?;
    context.check_size(text.len() * 3)?;
    Ok(Some(Value::string(escape(text.as_bytes(), Part::Query))))
}

pub(super) fn decode(_: &mut Context, operands: Operands) -> Answer {
    let bytes = unescape(string(operands, 0)?, Part::Query).map_err(Failure::Builtin)?;
    Ok(Some(Value::string(text_of(bytes)?)))
}

pub(super) fn encode_object(context: &mut Context, operands: Operands) -> Answer {
    let Value::Object(object) = operands[0] else {
        return Err(wrong(0, "object", operands[0]));
    };
    let fault = || Failure::Operand("operand 1 values must be string, array[string], or set[string]".to_owned());
    let mut sorted = BTreeMap::new();
    for (name, value) in object.iter() {
        let values: Vec<&Value> = match value {
            Value::String(_) => vec![value],
            Value::Array(items) => items.iter().collect(),
            Value::Set(members) => members.iter().collect(),
            _ => return Err(fault()),
        };
        let values = values.into_iter().map(|value| value.as_str().ok_or_else(fault));
        sorted.insert(key(context, name)?, values.collect::<Result<Vec<_>, _>>()?);
    }
    let mut out = String::new();
    for (name, values) in &sorted {
        let name = escape(name.as_bytes(), Part::Query);
        for value in values {
            if !out.is_empty() {
                out.push('&');
            }
            out.extend([&name, "=", &escape(value.as_bytes(), Part::Query)]);
            context.check_size(out.len())?;
        }
    }
    Ok(Some(Value::string(out)))
}

/// The most parameters that Go reads.
const PARAMETERS: usize = 10_000;

pub(super) fn decode_object(_: &mut Context, operands: Operands) -> Answer {
    let query = string(operands, 0)?;
    if query.matches('&').count() + 1 > PARAMETERS {
        let message = "number of URL query parameters exceeded limit";
        return Err(Failure::Builtin(message.to_owned()));
    }
    let mut found: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    let mut fault = None;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        if parameter.contains(';') {
            // This one is told in place of any before it.
            fault = Some("invalid semicolon separator in query".to_owned());
            continue;
        }
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match unescape(name, Part::Query).and_then(|name| Ok((name, unescape(value, Part::Query)?))) {
            Ok((name, value)) => found.entry(name).or_default().push(value),
            Err(message) => fault = fault.or(Some(message)),
        }
    }
    if let Some(message) = fault {
        return Err(Failure::Builtin(message));
    }
    let value = |bytes| Ok(Value::string(text_of(bytes)?));
    let mut entries = Vec::with_capacity(found.len());
    for (name, values) in found {
        let values: Result<_, Failure> = values.into_iter().map(value).collect();
        entries.push((value(name)?, Value::array(values?)));
    }
    Ok(Some(Value::object(entries)))
}
