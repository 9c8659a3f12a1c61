//! Values that are not known before Terraform runs, within values that are.
//!
//! What is unknown is a string that begins with a character no configuration has, and then has the expression's text. So
//! a list of which one item is unknown is a list still.

use std::borrow::Cow;

use kpolicy_value::Value;

/// Begins a value that is not known.
const UNKNOWN: char = '\u{0}';

/// Begins a text of which a part is not known.
const PARTLY: char = '\u{1}';

/// Begins an item that stands for any number of items.
const ITEMS: char = '\u{2}';

/// A value that is not known, by the text of its expression.
pub(super) fn unknown(expression: &str) -> Value {
    Value::string(format!("{UNKNOWN}${{{}}}", cleaned(expression)))
}

/// A text of which parts are not known; these are written in it as expressions.
pub(super) fn partly(text: &str) -> Value {
    Value::string(format!("{PARTLY}{}", text.trim_start_matches(PARTLY)))
}

/// An item that stands for the items of a list that is not known.
pub(super) fn items_of(list: &Value) -> Value {
    match list.as_str() {
        Some(text) => Value::string(format!("{ITEMS}{}", text.trim_start_matches([UNKNOWN, ITEMS]))),
        None => unknown("…"),
    }
}

/// Whether nothing is known of a value.
pub(super) fn is_unknown(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with([UNKNOWN, ITEMS]))
}

/// Whether a list has items that are not counted.
pub(super) fn has_uncounted(items: &[Value]) -> bool {
    items
        .iter()
        .any(|item| item.as_str().is_some_and(|text| text.starts_with(ITEMS)))
}

/// Whether all parts of a value are known.
pub(super) fn is_known(value: &Value) -> bool {
    match value {
        Value::String(text) => text
            .as_str()
            .is_none_or(|text| !text.starts_with([UNKNOWN, PARTLY, ITEMS])),
        Value::Array(items) => items.iter().all(is_known),
        Value::Set(items) => items.iter().all(is_known),
        Value::Object(object) => object.iter().all(|(key, value)| is_known(key) && is_known(value)),
        _ => true,
    }
}

/// The expression of what is not known, without its braces.
pub(super) fn expression(value: &Value) -> Option<&str> {
    let text = value.as_str()?.trim_start_matches([UNKNOWN, ITEMS]);
    text.strip_prefix("${")?.strip_suffix('}')
}

/// A value as policies see it, in the manner of hcl2json: what is not known is `${…}`, and what looks like it but is text
/// has a sign more.
pub(super) fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.as_str() {
            Some(text) => Value::string(shown_text(text).into_owned()),
            None => value.clone(),
        },
        Value::Array(items) => Value::array(items.iter().map(shown).collect()),
        Value::Set(items) => Value::array(items.iter().map(shown).collect()),
        Value::Object(object) => Value::object(
            object
                .iter()
                .map(|(key, value)| (Value::string(shown_text(&key.key_text()).into_owned()), shown(value)))
                .collect(),
        ),
        value => value.clone(),
    }
}

/// A text as policies see it.
pub(super) fn shown_text(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some(UNKNOWN | PARTLY | ITEMS) => text[1..].into(),
        _ if text.contains("${") || text.contains("%{") => text.replace("${", "$${").replace("%{", "%%{").into(),
        _ => text.into(),
    }
}

/// A text of the configuration without the characters that have a meaning here.
pub(super) fn cleaned(text: &str) -> Cow<'_, str> {
    match text.contains([UNKNOWN, PARTLY, ITEMS]) {
        true => text.replace([UNKNOWN, PARTLY, ITEMS], "").into(),
        false => text.into(),
    }
}
