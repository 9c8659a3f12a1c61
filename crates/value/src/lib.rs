//! What documents hold and policies compute with: OPA's types, order and numbers, cheap to clone.

mod lines;
mod number;
mod parts;
mod span;
mod string;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Deref;

pub use lines::{LineIndex, Lines, boundary};
pub use number::Number;
pub use parts::Extent;
use parts::Parts;
pub use span::Span;
pub use string::{Runes, Str};

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
    /// A string.
    String(Str),
    /// A list.
    Array(Array),
    /// A map, its entries sorted by key; keys can be any value.
    Object(Object),
    /// A set, its members sorted and distinct.
    Set(Set),
}

/// A collection by its address. Empty collections of each type share one, so that the type is a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// An array's.
    Array(usize),
    /// An object's.
    Object(usize),
    /// A set's.
    Set(usize),
}

impl Value {
    /// A string value.
    pub fn string(text: impl Into<Str>) -> Self {
        Self::String(text.into())
    }

    /// An array of these values.
    pub fn array(items: Vec<Self>) -> Self {
        Self::Array(items.into())
    }

    /// An array of clones of these values.
    pub fn array_of<'v>(items: impl ExactSizeIterator<Item = &'v Self> + Clone) -> Self {
        Self::Array(Array(Parts::of(items)))
    }

    /// An object of these entries; of several with one key the last wins.
    pub fn object(entries: Vec<(Self, Self)>) -> Self {
        Self::Object(Object::new(entries))
    }

    /// A set of these members.
    pub fn set(members: Vec<Self>) -> Self {
        Self::Set(Set::new(members))
    }

    /// A string value of these bytes.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::String(Str::from_bytes(bytes))
    }

    /// A string value that is UTF-8. To compare with names, which always are; [`Self::text`] is for output.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => text.as_str(),
            _ => None,
        }
    }

    /// The characters of a string value, with U+FFFD for each byte that is not part of one.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::String(text) => Some(text.to_str()),
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
    #[inline]
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

    /// Whether an equal value is written as this one is: equal numbers can have other strings (`1`, `1.0`).
    pub fn is_written_as(&self, equal: &Self) -> bool {
        match (self, equal) {
            _ if self.place().is_some() && self.place() == equal.place() => true,
            (Self::Number(a), Self::Number(b)) => a.is_written_as(b),
            (Self::Array(a), Self::Array(b)) => a.iter().zip(b.iter()).all(alike),
            (Self::Set(a), Self::Set(b)) => a.iter().zip(b.iter()).all(alike),
            (Self::Object(a), Self::Object(b)) => {
                let entries = |((key, value), (name, other)): (&(Self, Self), &(Self, Self))| {
                    key.is_written_as(name) && value.is_written_as(other)
                };
                a.iter().zip(b.iter()).all(entries)
            }
            _ => true,
        }
    }

    /// Where a collection is in memory: clones of it stand at the same place. Nothing for other values.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Array(items) => Some(Place::Array(items.0.place())),
            Self::Object(object) => Some(Place::Object(object.0.place())),
            Self::Set(members) => Some(Place::Set(members.0.place())),
            _ => None,
        }
    }

    /// How much it holds, and how deep it nests.
    pub fn extent(&self) -> Extent {
        match self {
            Self::Null | Self::Bool(_) => Extent::of_scalar(),
            Self::Number(number) => Extent::of_number(number),
            Self::String(text) => Extent::of_text(text),
            Self::Array(items) => items.0.extent(),
            Self::Object(object) => object.0.extent(),
            Self::Set(members) => members.0.extent(),
        }
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
            Self::String(text) => text.to_str().into(),
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

/// The most entries among which a name is looked for one by one.
const FEW: usize = 16;

/// A list of values. A clone costs a counter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Array(Parts<Value>);

impl From<Vec<Value>> for Array {
    fn from(items: Vec<Value>) -> Self {
        Self(items.into())
    }
}

impl Deref for Array {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

/// A map with its entries sorted by key. A clone costs a counter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object(Parts<(Value, Value)>);

impl Object {
    /// An object of these entries; of several with one key the last wins.
    pub fn new(mut entries: Vec<(Value, Value)>) -> Self {
        let sorted = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !sorted {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            // Stable order keeps the later of two equal keys last; swapping lets the first slot carry its value.
            entries.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    std::mem::swap(&mut later.1, &mut earlier.1);
                }
                same
            });
        }
        Self(entries.into())
    }

    /// The value under `key`.
    #[inline]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.position(key).map(|at| &self.0[at].1)
    }

    /// The value under a string key.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.under(name.as_bytes())
    }

    /// The value under a string key of these bytes.
    #[inline]
    pub fn under(&self, name: &[u8]) -> Option<&Value> {
        self.position_of(name).map(|at| &self.0[at].1)
    }

    /// Where `key` stands among the sorted entries.
    #[inline]
    pub fn position(&self, key: &Value) -> Option<usize> {
        match key {
            Value::String(name) => self.position_of(name.as_bytes()),
            _ => self.0.binary_search_by(|(candidate, _)| candidate.cmp(key)).ok(),
        }
    }

    #[inline]
    fn position_of(&self, name: &[u8]) -> Option<usize> {
        if self.0.len() > FEW {
            return self.search(name);
        }
        let first = name.first();
        // Names of another length are skipped without a look at their letters.
        let is_it = |(key, _): &(Value, Value)| match key {
            Value::String(text) => {
                let text = text.as_bytes();
                text.len() == name.len() && text.first() == first && text == name
            }
            _ => false,
        };
        self.0.iter().position(is_it)
    }

    fn search(&self, name: &[u8]) -> Option<usize> {
        let found = self.0.binary_search_by(|(key, _)| match key {
            Value::String(text) => text.as_bytes().cmp(name),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ordering::Less,
            _ => Ordering::Greater,
        });
        found.ok()
    }

    /// The entry at a place in the order of their keys.
    pub fn entry(&self, at: usize) -> Option<&(Value, Value)> {
        self.0.get(at)
    }

    /// The entries of both; where both have a key, `merge` makes the value of both values.
    pub fn union(&self, other: &Self, mut merge: impl FnMut(&Value, &Value) -> Value) -> Self {
        let entries = join(&self.0, &other.0, |a, b| a.0.cmp(&b.0)).filter_map(|pair| match pair {
            (Some((key, a)), Some((_, b))) => Some((key.clone(), merge(a, b))),
            (a, b) => a.or(b).cloned(),
        });
        Self(entries.collect::<Vec<_>>().into())
    }

    /// The entries whose keys are among `keys`.
    pub fn only(&self, keys: &Set) -> Self {
        let both = join(&self.0, &keys.0, |entry, key| entry.0.cmp(key));
        let kept = both.filter_map(|(entry, key)| key.and(entry)).cloned();
        Self(kept.collect::<Vec<_>>().into())
    }

    /// The entries whose keys are not among `keys`.
    pub fn without(&self, keys: &Set) -> Self {
        let both = join(&self.0, &keys.0, |entry, key| entry.0.cmp(key));
        let left = both.filter_map(|(entry, key)| entry.filter(|_| key.is_none())).cloned();
        Self(left.collect::<Vec<_>>().into())
    }

    /// The keys.
    pub fn keys(&self) -> Set {
        let keys = self.0.iter().map(|(key, _)| key.clone());
        Set(keys.collect::<Vec<_>>().into())
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

/// Distinct values, sorted. A clone costs a counter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(Parts<Value>);

impl Set {
    /// A set of these members.
    pub fn new(mut members: Vec<Value>) -> Self {
        // Most sets are of strings.
        members.sort_by(|a, b| match (a, b) {
            (Value::String(a), Value::String(b)) => a.cmp(b),
            _ => a.cmp(b),
        });
        members.dedup();
        Self(members.into())
    }

    fn of_sorted<'m>(members: impl Iterator<Item = &'m Value>) -> Self {
        Self(members.cloned().collect::<Vec<_>>().into())
    }

    /// The member equal to `value`.
    pub fn get(&self, value: &Value) -> Option<&Value> {
        self.0.binary_search(value).ok().map(|at| &self.0[at])
    }

    /// The member at a place in their order.
    pub fn member(&self, at: usize) -> Option<&Value> {
        self.0.get(at)
    }

    /// The members of either.
    pub fn union(&self, other: &Self) -> Self {
        Self::of_sorted(self.join(other).filter_map(|(a, b)| a.or(b)))
    }

    /// The members of both.
    pub fn intersection(&self, other: &Self) -> Self {
        Self::of_sorted(self.join(other).filter_map(|(a, b)| b.and(a)))
    }

    /// The members that `other` has not.
    pub fn difference(&self, other: &Self) -> Self {
        let left = self.join(other).filter_map(|(a, b)| a.filter(|_| b.is_none()));
        Self::of_sorted(left)
    }

    /// Whether every member is one of `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.len() <= other.len() && self.join(other).all(|(a, b)| a.is_none() || b.is_some())
    }

    fn join<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = (Option<&'s Value>, Option<&'s Value>)> {
        join(&self.0, &other.0, Value::cmp)
    }

    /// The members in order, as a list.
    pub fn as_slice(&self) -> &[Value] {
        &self.0
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

fn alike((a, b): (&Value, &Value)) -> bool {
    a.is_written_as(b)
}

/// Both sorted lists, item by item in their common order; what is in both comes as one pair.
fn join<'l, A, B>(
    left: &'l [A],
    right: &'l [B],
    order: impl Fn(&A, &B) -> Ordering,
) -> impl Iterator<Item = (Option<&'l A>, Option<&'l B>)> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => order(a, b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let a = if order.is_le() { left.next() } else { None };
        let b = if order.is_ge() { right.next() } else { None };
        Some((a, b))
    })
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
    #[test]
    fn equal_values_can_be_written_otherwise() {
        let number = |text: &str| Value::Number(Number::parse(text).expect("a number"));
        let within = |text: &str| {
            let list = Value::array(vec!["a".into(), Value::set(vec![number(text)])]);
            Value::object(vec![("key".into(), list)])
        };
        assert_eq!(within("1"), within("1.0"));
        assert!(within("1.0").is_written_as(&within("1.0")));
        assert!(!within("1").is_written_as(&within("1.0")));
    }

    #[test]
    fn collections_merge_in_order() {
        let numbers = |items: &[i64]| Set::new(items.iter().copied().map(Value::from).collect());
        let (a, b) = (numbers(&[1, 3, 5, 7]), numbers(&[2, 3, 7, 9]));
        assert_eq!(a.union(&b), numbers(&[1, 2, 3, 5, 7, 9]));
        assert_eq!(a.intersection(&b), numbers(&[3, 7]));
        assert_eq!(a.difference(&b), numbers(&[1, 5]));
        assert!(numbers(&[3, 7]).is_subset(&a) && !numbers(&[3, 8]).is_subset(&a));
        let object = |items: &[i64]| Object::new(items.iter().map(|key| ((*key).into(), (*key).into())).collect());
        let (left, right) = (object(&[1, 3]), object(&[2, 3]));
        assert_eq!(left.union(&right, |_, right| right.clone()), object(&[1, 2, 3]));
        assert_eq!(left.only(&b), object(&[3]));
        assert_eq!(left.without(&b), object(&[1]));
    }
}
