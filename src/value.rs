//! What documents hold and policies compute with: OPA's types, order and numbers, cheap to clone.

mod number;

use std::cmp::Ordering;
use std::sync::Arc;

pub use number::Number;

/// A value of Rego. Collections are shared, so that a clone costs a counter.
///
/// The derived order is OPA's: null, booleans, numbers, strings, arrays, objects, sets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// JSON's null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, exact as it was written.
    Number(Number),
    /// A text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Vec<Value>>),
    /// A map, its entries sorted by key; keys can be any value.
    Object(Arc<Object>),
    /// A set, its members sorted and distinct.
    Set(Arc<Set>),
}

impl Value {
    /// A string value.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// An array of these values.
    pub fn array(items: Vec<Self>) -> Self {
        Self::Array(Arc::new(items))
    }

    /// An object of these entries; of several with one key the last wins.
    pub fn object(entries: Vec<(Self, Self)>) -> Self {
        Self::Object(Arc::new(Object::new(entries)))
    }

    /// A set of these members.
    pub fn set(members: Vec<Self>) -> Self {
        Self::Set(Arc::new(Set::new(members)))
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of an object value.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items of an array value.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The value under `key`: an object's entry, an array's element by index, a set's member.
    pub fn get(&self, key: &Self) -> Option<&Self> {
        match self {
            Self::Array(items) => match key {
                Self::Number(number) => items.get(usize::try_from(number.as_index()?).ok()?),
                _ => None,
            },
            Self::Object(object) => object.get(key),
            Self::Set(set) => set.get(key),
            _ => None,
        }
    }

    /// The value under a string key of an object.
    pub fn field(&self, name: &str) -> Option<&Self> {
        self.as_object()?.field(name)
    }

    /// The name of the value's type, as OPA's `type_name` gives it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
            Self::Set(_) => "set",
        }
    }

    /// The value as JSON for a report. Sets become arrays; keys that are no strings become their JSON text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Number(number) => {
                serde_json::from_str(&number.to_string()).expect("a number is a JSON number by construction")
            }
            Self::String(text) => (**text).into(),
            Self::Array(items) => items.iter().map(Self::to_json).collect(),
            Self::Set(members) => members.iter().map(Self::to_json).collect(),
            Self::Object(object) => serde_json::Value::Object(
                object
                    .iter()
                    .map(|(key, value)| (key.key_text(), value.to_json()))
                    .collect(),
            ),
        }
    }

    /// The value that this JSON stands for.
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Bool(*flag),
            serde_json::Value::Number(number) => {
                Self::Number(Number::parse(number.as_str()).expect("serde_json holds valid numbers only"))
            }
            serde_json::Value::String(text) => Self::string(text.as_str()),
            serde_json::Value::Array(items) => Self::array(items.iter().map(Self::from_json).collect()),
            serde_json::Value::Object(entries) => Self::object(
                entries
                    .iter()
                    .map(|(key, value)| (Self::string(key.as_str()), Self::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// The text of this value as a JSON object's key.
    pub fn key_text(&self) -> String {
        match self {
            Self::String(text) => text.to_string(),
            other => other.to_json().to_string(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Number::from(number))
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(Number::from(i64::try_from(number).expect("a length fits in 63 bits")))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// A map with its entries sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object(Vec<(Value, Value)>);

impl Object {
    /// An object of these entries; of several with one key the last wins.
    pub fn new(mut entries: Vec<(Value, Value)>) -> Self {
        let sorted = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !sorted {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            // Stable order keeps the later of two equal keys last; swapping lets the first slot carry it.
            entries.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
        }
        Self(entries)
    }

    /// The value under `key`.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.position(key).map(|at| &self.0[at].1)
    }

    /// The value under a string key.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(key, _)| match key {
            Value::String(text) => (**text).cmp(name),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ordering::Less,
            _ => Ordering::Greater,
        });
        at.ok().map(|at| &self.0[at].1)
    }

    /// Where `key` stands among the sorted entries.
    pub fn position(&self, key: &Value) -> Option<usize> {
        self.0.binary_search_by(|(candidate, _)| candidate.cmp(key)).ok()
    }

    /// The entry at a place in the order of their keys.
    pub fn entry(&self, at: usize) -> Option<&(Value, Value)> {
        self.0.get(at)
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(Value, Value)> {
        self.0.iter()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Distinct values, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(Vec<Value>);

impl Set {
    /// A set of these members.
    pub fn new(mut members: Vec<Value>) -> Self {
        members.sort();
        members.dedup();
        Self(members)
    }

    /// The member equal to `value`.
    pub fn get(&self, value: &Value) -> Option<&Value> {
        self.0.binary_search(value).ok().map(|at| &self.0[at])
    }

    /// The member at a place in their order.
    pub fn member(&self, at: usize) -> Option<&Value> {
        self.0.get(at)
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_equal_keys_wins() {
        let object = Object::new(vec![
            ("b".into(), 1i64.into()),
            ("a".into(), 2i64.into()),
            ("b".into(), 3i64.into()),
            ("b".into(), 4i64.into()),
        ]);
        assert_eq!(object.field("b"), Some(&4i64.into()));
        assert_eq!(object.len(), 2);
    }
}
