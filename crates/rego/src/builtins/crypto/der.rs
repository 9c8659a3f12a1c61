//! DER, the encoding of certificates and keys, read as strictly as Go's `cryptobyte` reads it.
//!
//! No crate of the field is used for this: what certificates look like in Rego is made of slices of the input, and
//! what is rejected has to be what Go rejects.

use num_bigint::{BigInt, Sign};

/// `INTEGER` and so on: the tags that certificates and keys are made of.
pub(in crate::builtins) mod tag {
    pub(in crate::builtins) const BOOLEAN: u8 = 1;
    pub(in crate::builtins) const INTEGER: u8 = 2;
    pub(in crate::builtins) const BIT_STRING: u8 = 3;
    pub(in crate::builtins) const OCTET_STRING: u8 = 4;
    pub(in crate::builtins) const NULL: u8 = 5;
    pub(in crate::builtins) const OID: u8 = 6;
    pub(in crate::builtins) const UTF8_STRING: u8 = 12;
    pub(in crate::builtins) const NUMERIC_STRING: u8 = 18;
    pub(in crate::builtins) const PRINTABLE_STRING: u8 = 19;
    pub(in crate::builtins) const T61_STRING: u8 = 20;
    pub(in crate::builtins) const IA5_STRING: u8 = 22;
    pub(in crate::builtins) const UTC_TIME: u8 = 23;
    pub(in crate::builtins) const GENERALIZED_TIME: u8 = 24;
    pub(in crate::builtins) const BMP_STRING: u8 = 30;
    pub(in crate::builtins) const SEQUENCE: u8 = 0x30;
    pub(in crate::builtins) const SET: u8 = 0x31;
    /// The tag `[number]` of a primitive element.
    pub(in crate::builtins) const fn context(number: u8) -> u8 {
        0x80 | number
    }
    /// The tag `[number]` of an element that holds others.
    pub(in crate::builtins) const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }
}

/// An object identifier, its numbers.
pub(in crate::builtins) type Oid = Vec<u32>;

/// What of the input is not read yet. Every function that reads gives nothing where the input is not as it says.
#[derive(Clone, Copy, Debug)]
pub(in crate::builtins) struct Reader<'a>(&'a [u8]);

/// An element: its tag, its contents, and all of its bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::builtins) struct Element<'a> {
    pub(in crate::builtins) tag: u8,
    pub(in crate::builtins) contents: &'a [u8],
    pub(in crate::builtins) whole: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(in crate::builtins) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(in crate::builtins) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is left.
    pub(in crate::builtins) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Whether an element with this tag is next.
    pub(in crate::builtins) fn peeks(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// Follows Go's cryptobyte: readASN1.
    pub(in crate::builtins) fn any(&mut self) -> Option<Element<'a>> {
        let (&tag, &first) = (self.0.first()?, self.0.get(1)?);
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = if first & 0x80 == 0 {
            (2, usize::from(first))
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 {
                return None;
            }
            let digits = self.0.get(2..2 + count)?;
            let length = digits
                .iter()
                .fold(0usize, |length, digit| length << 8 | usize::from(*digit));
            // The shortest form is the only one.
            if length < 128 || digits[0] == 0 {
                return None;
            }
            (2 + count, length)
        };
        let end = header.checked_add(length)?;
        let whole = self.0.get(..end)?;
        self.0 = &self.0[end..];
        Some(Element {
            tag,
            contents: &whole[header..],
            whole,
        })
    }

    /// The next element, which has this tag.
    pub(in crate::builtins) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The contents of the next element, which has this tag.
    pub(in crate::builtins) fn contents(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.contents)
    }

    /// What is in the next element, which has this tag.
    pub(in crate::builtins) fn inner(&mut self, tag: u8) -> Option<Self> {
        self.contents(tag).map(Self)
    }

    /// What is in the next element if it has this tag.
    pub(in crate::builtins) fn optional(&mut self, tag: u8) -> Option<Option<Self>> {
        if self.peeks(tag) {
            self.inner(tag).map(Some)
        } else {
            Some(None)
        }
    }

    pub(in crate::builtins) fn boolean(&mut self) -> Option<bool> {
        match self.contents(tag::BOOLEAN)? {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    /// An integer of any size.
    pub(in crate::builtins) fn integer(&mut self) -> Option<BigInt> {
        self.contents(tag::INTEGER)
            .filter(|bytes| is_integer(bytes))
            .map(BigInt::from_signed_bytes_be)
    }

    /// An integer of 64 bits with this tag.
    pub(in crate::builtins) fn small(&mut self, tag: u8) -> Option<i64> {
        let bytes = self.contents(tag).filter(|bytes| is_integer(bytes))?;
        i64::try_from(BigInt::from_signed_bytes_be(bytes)).ok()
    }

    pub(in crate::builtins) fn oid(&mut self) -> Option<Oid> {
        oid(self.contents(tag::OID)?)
    }

    /// A bit string: its bytes, and how many bits of the last one are not part of it.
    pub(in crate::builtins) fn bits(&mut self) -> Option<Bits<'a>> {
        let (&unused, bytes) = self.contents(tag::BIT_STRING)?.split_first()?;
        let last = bytes.last().copied().unwrap_or(0);
        if unused > 7 || bytes.is_empty() && unused != 0 || last & ((1 << unused) - 1) != 0 {
            return None;
        }
        Some(Bits { bytes, unused })
    }
}

/// A bit string.
#[derive(Clone, Copy, Debug)]
pub(in crate::builtins) struct Bits<'a> {
    pub(in crate::builtins) bytes: &'a [u8],
    unused: u8,
}

impl Bits<'_> {
    /// Whether the bit at `at`, counted from the first, is set.
    pub(in crate::builtins) fn at(&self, at: usize) -> bool {
        let bits = self.bytes.len() * 8 - usize::from(self.unused);
        at < bits && self.bytes[at / 8] >> (7 - at % 8) & 1 == 1
    }

    /// The bytes, moved so that the last bit is the lowest of the last byte.
    pub(in crate::builtins) fn right_aligned(&self) -> Vec<u8> {
        if self.unused == 0 {
            return self.bytes.to_vec();
        }
        let mut carried = 0u8;
        let shifted = self.bytes.iter().map(|byte| {
            let moved = carried << (8 - self.unused) | byte >> self.unused;
            carried = *byte;
            moved
        });
        shifted.collect()
    }
}

/// Whether the contents of an integer are in the shortest form.
fn is_integer(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [0, next, ..] => next & 0x80 != 0,
        [0xff, next, ..] => next & 0x80 == 0,
        _ => true,
    }
}

/// The numbers of an object identifier's contents.
pub(in crate::builtins) fn oid(contents: &[u8]) -> Option<Oid> {
    let mut numbers = Vec::with_capacity(contents.len() + 1);
    let (mut number, mut length) = (0u32, 0);
    for byte in contents {
        if length == 5 || number >= 1 << 24 || length == 0 && *byte == 0x80 {
            return None;
        }
        number = number << 7 | u32::from(byte & 0x7f);
        length += 1;
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.extend([first, number - first * 40]);
            } else {
                numbers.push(number);
            }
            (number, length) = (0, 0);
        }
    }
    (length == 0 && !numbers.is_empty()).then_some(numbers)
}

/// An object identifier as text: `2.5.4.3`.
pub(in crate::builtins) fn dotted(oid: &[u32]) -> String {
    let numbers: Vec<String> = oid.iter().map(u32::to_string).collect();
    numbers.join(".")
}

/// The bytes of a number that is not negative, without zeros before it.
pub(in crate::builtins) fn magnitude(number: &BigInt) -> Vec<u8> {
    match number.sign() {
        Sign::NoSign => Vec::new(),
        _ => number.to_bytes_be().1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_form_is_the_only_one() {
        assert!(Reader::new(&[2, 1, 0]).integer().is_some());
        assert!(Reader::new(&[2, 0x81, 1, 0]).integer().is_none());
        assert!(Reader::new(&[2, 2, 0, 1]).integer().is_none());
        assert!(Reader::new(&[2, 5, 0]).integer().is_none());
        assert!(Reader::new(&[1, 1, 1]).boolean().is_none());
        assert!(Reader::new(&[3, 2, 1, 1]).bits().is_none());
    }

    #[test]
    fn identifiers_are_read() {
        assert_eq!(oid(&[0x55, 4, 3]).as_deref(), Some(&[2, 5, 4, 3][..]));
        assert_eq!(oid(&[0x88, 0x37, 3]).as_deref(), Some(&[2, 999, 3][..]));
        assert_eq!(oid(&[0x55, 0x80, 1]), None);
        assert_eq!(oid(&[0x55, 0x81]), None);
        assert_eq!(oid(&[]), None);
    }

    #[test]
    fn bits_are_aligned() {
        let bits = Reader::new(&[3, 2, 4, 0xa0]).bits().expect("a bit string");
        assert!(bits.at(0) && !bits.at(1) && bits.at(2) && !bits.at(9));
        assert_eq!(bits.right_aligned(), [0x0a]);
    }
}
