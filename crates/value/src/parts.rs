//! What collections are made of, and how much that is.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::LazyLock;

use triomphe::ThinArc;

use super::{Number, Str, Value};

/// How much a value holds, everything counted as often as it is in it, and how deep it nests.
///
/// Values share their parts: one of a few kilobytes can hold more than a machine can compare or print. What is known
/// of the parts is kept with each collection, so that asking costs nothing. Counts that are too large stay at the
/// largest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The value and all its parts; of strings, so many bytes count for one more.
    pub parts: u32,
    /// How many bytes its text has at least, in any notation.
    pub text: u32,
    /// How many collections stand within each other.
    pub depth: u32,
    /// Whether a number in it is written in another way than the shortest without an exponent (`1.0`, `1e3`). Equal values
    /// without such are written alike.
    pub non_canonical: bool,
}

/// How many bytes of a text count for a part of a value.
const TEXT_PART: u32 = 32;

impl Extent {
    /// That of what is not a collection and no text.
    pub(super) fn of_scalar() -> Self {
        Self {
            parts: 1,
            text: 1,
            depth: 0,
            non_canonical: false,
        }
    }

    pub(super) fn of_number(number: &Number) -> Self {
        Self {
            non_canonical: number.is_non_canonical(),
            ..Self::of_scalar()
        }
    }

    pub(super) fn of_text(text: &Str) -> Self {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self {
            parts: 1 + length / TEXT_PART,
            text: length,
            depth: 0,
            non_canonical: false,
        }
    }

    fn of_parts(parts: impl Iterator<Item = Self>) -> Self {
        let none = Self {
            parts: 1,
            text: 2,
            depth: 1,
            non_canonical: false,
        };
        parts.fold(none, |all, part| Self {
            parts: all.parts.saturating_add(part.parts),
            text: all.text.saturating_add(part.text),
            depth: all.depth.max(part.depth.saturating_add(1)),
            non_canonical: all.non_canonical || part.non_canonical,
        })
    }
}

/// The parts of a collection, in one piece of memory that clones share. What is compared with itself is equal without a
/// look at its parts.
pub(super) struct Parts<T>(ThinArc<Extent, T>);

impl<T> Parts<T> {
    fn new(extent: Extent, all: Vec<T>) -> Self {
        Self(ThinArc::from_header_and_iter(extent, all.into_iter()))
    }

    pub(super) fn extent(&self) -> Extent {
        self.0.header.header
    }

    /// Where they are in memory.
    pub(super) fn place(&self) -> usize {
        self.as_ptr().addr()
    }
}

/// The parts of every empty array: documents have many, and each of its own would take as much as a value.
static EMPTY_ARRAY: LazyLock<Parts<Value>> = LazyLock::new(Parts::default);
/// The parts of every empty object.
static EMPTY_OBJECT: LazyLock<Parts<(Value, Value)>> = LazyLock::new(Parts::default);

impl<T> Clone for Parts<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Parts<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0.slice
    }
}

impl<T> Default for Parts<T> {
    fn default() -> Self {
        Self::new(Extent::of_parts(std::iter::empty()), Vec::new())
    }
}

impl Parts<Value> {
    /// Clones of these values.
    pub(super) fn of<'v>(all: impl ExactSizeIterator<Item = &'v Value> + Clone) -> Self {
        let extent = Extent::of_parts(all.clone().map(Value::extent));
        Self(ThinArc::from_header_and_iter(extent, all.cloned()))
    }
}

impl From<Vec<Value>> for Parts<Value> {
    fn from(all: Vec<Value>) -> Self {
        if all.is_empty() {
            return EMPTY_ARRAY.clone();
        }
        let extent = Extent::of_parts(all.iter().map(Value::extent));
        Self::new(extent, all)
    }
}

impl From<Vec<(Value, Value)>> for Parts<(Value, Value)> {
    fn from(all: Vec<(Value, Value)>) -> Self {
        if all.is_empty() {
            return EMPTY_OBJECT.clone();
        }
        let extents = all.iter().flat_map(|(key, value)| [key.extent(), value.extent()]);
        let extent = Extent::of_parts(extents);
        Self::new(extent, all)
    }
}

impl<T: fmt::Debug> fmt::Debug for Parts<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(out)
    }
}

impl<T: PartialEq> PartialEq for Parts<T> {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place() || **self == **other
    }
}

impl<T: Eq> Eq for Parts<T> {}

impl<T: Ord> PartialOrd for Parts<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Parts<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.place() == other.place() {
            true => Ordering::Equal,
            false => (**self).cmp(&**other),
        }
    }
}

impl<T: Hash> Hash for Parts<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_knows_how_much_it_holds_however_it_shares_its_parts() {
        let doubled = |value: Value, _| Value::array(vec![value.clone(), value]);
        let extent = (0..10).fold(Value::Null, doubled).extent();
        assert_eq!((extent.parts, extent.depth), (2047, 10));
        let beyond = (0..100).fold(Value::Null, doubled);
        assert_eq!(beyond.extent().parts, u32::MAX);
        // By its parts alone it would be compared until the end of time.
        assert!(beyond <= beyond.clone() && beyond == beyond.clone());
        let object = Value::object(vec![("key".into(), Value::set(vec!["text".into()]))]);
        let expected = Extent {
            parts: 4,
            text: 11,
            depth: 2,
            non_canonical: false,
        };
        assert_eq!(object.extent(), expected);
    }
}
