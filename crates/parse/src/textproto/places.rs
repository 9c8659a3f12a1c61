//! Where the parts of a message's JSON are written.

use super::tree::{Field, Message, Value as Written};
use crate::document::{Span, Spans};
use kpolicy_value::Value;

/// The spans of the JSON of a message at `span`.
pub(super) fn of(value: &Value, message: &Message<'_>, span: Span) -> Spans {
    let Value::Object(object) = value else {
        return everywhere(value, span);
    };
    let children = object.iter().map(|(key, value)| {
        let key = key.as_str().unwrap_or_default();
        let fields = named(message, key);
        let written: Vec<_> = fields.iter().flat_map(|field| &field.values).collect();
        let spans = match written.as_slice() {
            [] => everywhere(value, span),
            written => of_values(value, written),
        };
        Spans {
            key: fields.first().map_or(span, |field| field.name_span),
            ..spans
        }
    });
    Spans {
        key: Span::default(),
        value: span,
        children: Some(children.collect()),
    }
}

/// The fields of a name. A group is written with the name of its type, which differs by capitals only.
fn named<'m, 'a>(message: &'m Message<'a>, key: &str) -> Vec<&'m Field<'a>> {
    let squeezed = |name: &str| name.split_whitespace().collect::<String>();
    let exact: Vec<_> = message
        .fields
        .iter()
        .filter(|field| squeezed(field.name) == key)
        .collect();
    match exact.is_empty() {
        true => message
            .fields
            .iter()
            .filter(|field| field.name.eq_ignore_ascii_case(key))
            .collect(),
        false => exact,
    }
}

/// The spans of what the values of a field give together.
fn of_values(value: &Value, written: &[&Written<'_>]) -> Spans {
    let first = written.first().map_or(Span::default(), |value| value.span);
    let all = written.last().map_or(first, |last| first.to(last.span));
    match (value, written) {
        (Value::Array(items), _) if items.len() == written.len() => {
            let items = items.iter().zip(written);
            Spans {
                key: Span::default(),
                value: all,
                children: Some(items.map(|(item, written)| of_values(item, &[written])).collect()),
            }
        }
        (Value::Object(object), [only]) if only.message.as_ref().is_some_and(|message| fits(object, message)) => {
            let message = only.message.as_ref().expect("it was looked at");
            of(value, message, only.span)
        }
        // An `Any` is its type and the fields of the message in it.
        (Value::Object(object), [only]) if object.field("@type").is_some() => {
            let inner = only.message.iter().flat_map(|message| &message.fields);
            let inner = inner
                .flat_map(|field| &field.values)
                .find_map(|value| value.message.as_ref());
            match inner {
                Some(message) => of(value, message, only.span),
                None => everywhere(value, only.span),
            }
        }
        (Value::Object(object), _) => {
            let children = object.iter().map(|(key, value)| of_entry(key, value, written, all));
            Spans {
                key: Span::default(),
                value: all,
                children: Some(children.collect()),
            }
        }
        _ => everywhere(value, written.last().map_or(all, |last| last.span)),
    }
}

/// Whether each key of an object is a field of the message.
fn fits(object: &kpolicy_value::Object, message: &Message<'_>) -> bool {
    let is_field = |key: &Value| !named(message, key.as_str().unwrap_or_default()).is_empty();
    object.iter().all(|(key, _)| is_field(key))
}

/// The spans of an entry of a map, of which the last with its key counts.
fn of_entry(key: &Value, value: &Value, written: &[&Written<'_>], all: Span) -> Spans {
    let key = key.as_str().unwrap_or_default();
    for entry in written.iter().rev() {
        let Some(message) = &entry.message else { continue };
        let part = |name| named(message, name).into_iter().flat_map(|field| &field.values).next();
        let Some(written_key) = part("key") else { continue };
        if written_key.text.trim_matches(['"', '\'']) == key {
            let spans = part("value").map_or_else(|| everywhere(value, entry.span), |part| of_values(value, &[part]));
            return Spans {
                key: written_key.span,
                ..spans
            };
        }
    }
    Spans {
        key: all,
        ..everywhere(value, all)
    }
}

/// One span for a value and all its parts.
fn everywhere(value: &Value, span: Span) -> Spans {
    let part = |value: &Value| Spans {
        key: span,
        ..everywhere(value, span)
    };
    let children = match value {
        Value::Array(items) => Some(items.iter().map(part).collect()),
        Value::Object(object) => Some(object.iter().map(|(_, value)| part(value)).collect()),
        _ => None,
    };
    Spans {
        key: Span::default(),
        value: span,
        children,
    }
}
