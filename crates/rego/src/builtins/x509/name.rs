//! Distinguished names: who issued a certificate, and for whom.

use super::super::Failure;
use super::super::crypto::der::{Element, Oid, Reader, tag};
use super::super::crypto::key::fault;

/// The attributes of a name, in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct Name {
    pub(super) attributes: Vec<(Oid, String)>,
}

impl Name {
    /// Follows Go's crypto/x509: parseName.
    pub(super) fn read(der: &[u8]) -> Result<Self, Failure> {
        let invalid = |what: &str| fault(format!("x509: invalid RDNSequence{what}"));
        let mut sequence = Reader::new(der).inner(tag::SEQUENCE).ok_or_else(|| invalid(""))?;
        let mut attributes = Vec::new();
        while !sequence.is_empty() {
            let mut set = sequence.inner(tag::SET).ok_or_else(|| invalid(""))?;
            while !set.is_empty() {
                let mut attribute = set.inner(tag::SEQUENCE).ok_or_else(|| invalid(": invalid attribute"))?;
                let id = attribute.oid().ok_or_else(|| invalid(": invalid attribute type"))?;
                let value = attribute.any().ok_or_else(|| invalid(": invalid attribute value"))?;
                let text = text(value).map_err(|words| invalid(&format!(": invalid attribute value: {words}")))?;
                attributes.push((id, text));
            }
        }
        Ok(Self { attributes })
    }

    /// The texts of an attribute, `2.5.4.number`.
    pub(super) fn texts(&self, number: u32) -> impl DoubleEndedIterator<Item = &str> {
        let wanted = move |(id, _): &&(Oid, String)| **id == [2, 5, 4, number];
        self.attributes.iter().filter(wanted).map(|(_, text)| &**text)
    }
}

/// The text of a string of one of the kinds that names are made of. Follows Go's crypto/x509: parseASN1String.
pub(super) fn text(element: Element) -> Result<String, String> {
    let bytes = element.contents;
    let of = |valid: fn(&u8) -> bool, name: &str| match bytes.iter().all(valid) {
        true => Ok(bytes.iter().copied().map(char::from).collect()),
        false => Err(format!("invalid {name}")),
    };
    match element.tag {
        tag::T61_STRING => of(|_| true, "T61String"),
        tag::PRINTABLE_STRING => of(
            |byte| byte.is_ascii_alphanumeric() || b"'()+,-./ :=?*&".contains(byte),
            "PrintableString",
        ),
        tag::IA5_STRING => of(u8::is_ascii, "IA5String"),
        tag::NUMERIC_STRING => of(|byte| byte.is_ascii_digit() || *byte == b' ', "NumericString"),
        tag::UTF8_STRING => {
            let text = std::str::from_utf8(bytes);
            text.map(str::to_owned).map_err(|_| "invalid UTF-8 string".to_owned())
        }
        tag::BMP_STRING => wide(bytes).ok_or_else(|| "invalid BMPString".to_owned()),
        other => Err(format!("unsupported string type: {other}")),
    }
}

/// A text of two bytes for each character; a last zero is an end.
fn wide(bytes: &[u8]) -> Option<String> {
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let bytes = bytes.strip_suffix(&[0, 0]).unwrap_or(bytes);
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let character = |unit: u16| match unit {
        0xfffe | 0xffff | 0xfdd0..=0xfdef => None,
        _ => char::from_u32(u32::from(unit)),
    };
    units.map(character).collect()
}
