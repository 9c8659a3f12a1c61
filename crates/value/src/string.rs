//! Strings: any bytes, as in Go. Almost all are UTF-8, and that is known of each without a look at it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A string. A clone costs a counter.
///
/// Strings compare by their bytes. Whoever needs characters reads the string as Go does: each byte that is not part of
/// a UTF-8 character counts for one U+FFFD.
#[derive(Clone, PartialEq, Eq)]
pub struct Str(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Utf8(Arc<str>),
    /// Never UTF-8, so that each string has one representation. After a thin pointer, so that a value stays small.
    Bytes(Arc<Vec<u8>>),
}

impl Str {
    /// The string of these bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(error) => Self(Repr::Bytes(Arc::new(error.into_bytes()))),
        }
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Utf8(text) => text.as_bytes(),
            Repr::Bytes(bytes) => bytes,
        }
    }

    /// The string as UTF-8, where it is that.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Repr::Utf8(text) => Some(text),
            Repr::Bytes(_) => None,
        }
    }

    /// The string's characters, for output and for whoever looks at characters: as Go reads them.
    #[inline]
    pub fn to_str(&self) -> Cow<'_, str> {
        match &self.0 {
            Repr::Utf8(text) => Cow::Borrowed(text),
            Repr::Bytes(bytes) => Cow::Owned(Runes::of(bytes).text.into_owned()),
        }
    }

    /// The string as shared UTF-8: as it is where it is that, or else with U+FFFD for what is not.
    pub fn to_shared(&self) -> Arc<str> {
        match &self.0 {
            Repr::Utf8(text) => Arc::clone(text),
            Repr::Bytes(_) => self.to_str().into(),
        }
    }

    /// How many bytes it has.
    #[inline]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Arc<str>> for Str {
    fn from(text: Arc<str>) -> Self {
        Self(Repr::Utf8(text))
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self(Repr::Utf8(text.into()))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(Repr::Utf8(text.into()))
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => Self(Repr::Bytes(Arc::new(bytes.to_vec()))),
        }
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_str().fmt(out)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_str())
    }
}

/// Bytes read as characters, as Go's `range` reads a string: each byte that is not part of a UTF-8 character is one
/// U+FFFD. What is in the characters can be found again in the bytes.
#[derive(Clone, Debug)]
pub struct Runes<'b> {
    bytes: &'b [u8],
    text: Cow<'b, str>,
    /// Where in the text a U+FFFD stands for a single byte.
    replaced: Vec<usize>,
}

/// How many bytes the text has more than what a U+FFFD replaces.
const LONGER: usize = char::REPLACEMENT_CHARACTER.len_utf8() - 1;

impl<'b> Runes<'b> {
    /// The characters of these bytes.
    pub fn of(bytes: &'b [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let (text, replaced) = (Cow::Borrowed(text), Vec::new());
            return Self { bytes, text, replaced };
        }
        let (mut text, mut replaced) = (String::with_capacity(bytes.len() + LONGER), Vec::new());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for _ in chunk.invalid() {
                replaced.push(text.len());
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        let text = Cow::Owned(text);
        Self { bytes, text, replaced }
    }

    /// The characters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes that a part of the text stands for, from one character's start to another's.
    pub fn bytes(&self, from: usize, to: usize) -> &'b [u8] {
        &self.bytes[self.offset(from)..self.offset(to)]
    }

    fn offset(&self, at: usize) -> usize {
        at - LONGER * self.replaced.partition_point(|replaced| *replaced < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn string(bytes: &[u8]) -> Str {
        Str::from_bytes(bytes.to_vec())
    }

    #[test]
    fn a_string_holds_any_bytes_and_compares_by_them() {
        assert_eq!(string(b"caf\xc3\xa9"), Str::from("café"));
        assert_eq!(string(b"\xff").as_str(), None);
        // U+FFFD itself is `ef bf bd`.
        assert_ne!(string(b"\xff"), Str::from("\u{fffd}"));
        let sorted = [
            Str::from("z"),
            string(b"\x80"),
            Str::from("\u{10ffff}"),
            string(b"\xff"),
        ];
        assert!(sorted.is_sorted());
        assert_eq!(string(b"\xff\xfe"), Str::from(&b"\xff\xfe"[..]));
    }

    #[test]
    fn each_stray_byte_is_one_replacement_character() {
        assert_eq!(string(b"a\xf0\x9f\x98b").to_str(), "a\u{fffd}\u{fffd}\u{fffd}b");
        assert_eq!(string(b"\xed\xa0\x80").to_str().chars().count(), 3);
        let runes = Runes::of(b"x\xffy\xfe\xc3\xa9");
        assert_eq!(runes.text(), "x\u{fffd}y\u{fffd}é");
        assert_eq!(runes.bytes(1, 5), b"\xffy");
        assert_eq!(runes.bytes(4, 8), b"y\xfe");
        assert_eq!(runes.bytes(8, 10), b"\xc3\xa9");
    }

    #[test]
    fn a_value_is_no_larger_for_it() {
        assert_eq!(size_of::<Str>(), 16);
        assert_eq!(size_of::<Value>(), 24);
    }
}
