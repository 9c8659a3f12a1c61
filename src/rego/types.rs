//! The types that OPA gives terms, as far as policies are checked by them.

use std::fmt;

use super::builtins::signature::split;
use crate::value::Value;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `null`
    Null,
    /// A boolean.
    Boolean,
    /// A number.
    Number,
    /// A text.
    String,
    /// An array: the types of its first items, and of all further ones where there can be any.
    Array(Vec<Type>, Option<Box<Type>>),
    /// An object: the types under known keys, sorted, and those of other keys and values where there can be any.
    Object(Vec<(Value, Type)>, Option<Box<(Type, Type)>>),
    /// A set; of nothing, where it is empty.
    Set(Option<Box<Type>>),
    /// One of these; any value at all where there are none.
    Any(Vec<Type>),
}

impl Type {
    /// Any value at all.
    pub const ANY: Self = Self::Any(Vec::new());

    /// Reads a type of `signatures.txt`, which is part of the program and known to be well formed.
    pub(crate) fn read(text: &str) -> Self {
        let alternatives = alternatives(text);
        if alternatives.len() > 1 {
            return Self::Any(alternatives.into_iter().map(Self::read).collect());
        }
        let inside = |open: &str| text.strip_prefix(open).map(|rest| &rest[..rest.len() - 1]);
        if let Some(items) = inside("array[") {
            return Self::Array(Vec::new(), Some(Box::new(Self::read(items))));
        }
        if let Some(items) = inside("array<") {
            return Self::Array(split(items).into_iter().map(Self::read).collect(), None);
        }
        if let Some(members) = inside("set[") {
            return Self::Set(Some(Box::new(Self::read(members))));
        }
        if let Some(entries) = inside("object{") {
            return Self::read_object(entries);
        }
        match text {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "number" => Self::Number,
            "string" => Self::String,
            "any" => Self::ANY,
            other => unreachable!("{other} is no type of signatures.txt"),
        }
    }

    fn read_object(entries: &str) -> Self {
        let (mut known, mut others) = (Vec::new(), None);
        for entry in split(entries) {
            let (key, value) = entry.split_once(": ").expect("an entry has a key and a type");
            match key.strip_prefix('[').and_then(|key| key.strip_suffix(']')) {
                Some(key) => others = Some(Box::new((Self::read(key), Self::read(value)))),
                None => known.push((Value::from(key.trim_matches('"')), Self::read(value))),
            }
        }
        known.sort();
        Self::Object(known, others)
    }
}

/// The alternatives of a type, at bars outside brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' | b'<' => depth += 1,
            b']' | b'}' | b'>' => depth -= 1,
            b'|' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[Self]| types.iter().map(Self::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Null => out.write_str("null"),
            Self::Boolean => out.write_str("boolean"),
            Self::Number => out.write_str("number"),
            Self::String => out.write_str("string"),
            Self::Array(first, None) => write!(out, "array<{}>", list(first)),
            Self::Array(first, Some(further)) if first.is_empty() => write!(out, "array[{further}]"),
            Self::Array(first, Some(further)) => write!(out, "array<{}>[{further}]", list(first)),
            Self::Object(known, others) => {
                let mut entries: Vec<String> = known
                    .iter()
                    .map(|(key, value)| format!("{}: {value}", key.key_text()))
                    .collect();
                entries.extend(others.as_ref().map(|pair| format!("[{}: {}]", pair.0, pair.1)));
                write!(out, "object<{}>", entries.join(", "))
            }
            Self::Set(None) => out.write_str("set[]"),
            Self::Set(Some(members)) => write!(out, "set[{members}]"),
            Self::Any(types) if types.is_empty() => out.write_str("any"),
            Self::Any(types) => write!(out, "any<{}>", list(types)),
        }
    }
}
