//! Values as part of a compact encoding, such as that of a compiled program. [`Value::to_json`] is for everyone else.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Number, Value};

/// A value as it is written.
#[derive(Serialize)]
enum Written<'v> {
    Null,
    Bool(bool),
    Number(&'v Number),
    Text(&'v str),
    /// A string that is not UTF-8.
    Bytes(&'v [u8]),
    Array(&'v [Value]),
    Object(&'v [(Value, Value)]),
    Set(&'v [Value]),
}

/// A value as it is read.
#[derive(Deserialize)]
enum Read<'e> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'e str),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Object(Vec<(Value, Value)>),
    Set(Vec<Value>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self {
            Self::Null => Written::Null,
            Self::Bool(flag) => Written::Bool(*flag),
            Self::Number(number) => Written::Number(number),
            Self::String(text) => match text.as_str() {
                Some(text) => Written::Text(text),
                None => Written::Bytes(text.as_bytes()),
            },
            Self::Array(items) => Written::Array(items),
            Self::Object(object) => Written::Object(&object.0),
            Self::Set(members) => Written::Set(&members.0),
        };
        written.serialize(serializer)
    }
}

impl<'e> Deserialize<'e> for Value {
    fn deserialize<D: Deserializer<'e>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Read::deserialize(deserializer)? {
            Read::Null => Self::Null,
            Read::Bool(flag) => Self::Bool(flag),
            Read::Number(number) => Self::Number(number),
            Read::Text(text) => Self::string(text),
            Read::Bytes(bytes) => Self::bytes(bytes),
            Read::Array(items) => Self::array(items),
            Read::Object(entries) => Self::object(entries),
            Read::Set(members) => Self::set(members),
        })
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'e> Deserialize<'e> for Number {
    fn deserialize<D: Deserializer<'e>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        Self::parse(text).ok_or_else(|| D::Error::custom("it is not a number"))
    }
}
