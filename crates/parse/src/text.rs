//! From a file's bytes to its text: byte-order marks, UTF-16 as Windows tools write it, and what is not a text at all.
//!
//! Line ends stay as they are: every format reads CRLF itself, and spans point into the text as it stands.

use super::ParseError;
use crate::document::Span;

/// The text that `bytes` hold, in UTF-8 without a byte-order mark.
///
/// An error's span counts the bytes that were given, since there is no text to point into; its message names the line.
pub fn decode(mut bytes: Vec<u8>) -> Result<String, ParseError> {
    match bytes.as_slice() {
        [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, ..] => {
            let message = "the text starts with two byte-order marks";
            Err(ParseError::new(message, Span::new(3, 6)).with_help("save the file as UTF-8 without a byte-order mark"))
        }
        [0xEF, 0xBB, 0xBF, ..] => {
            bytes.drain(..3);
            utf8(bytes, 3)
        }
        [0xFF, 0xFE, rest @ ..] => utf16(rest, 2, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, 2, u16::from_be_bytes),
        // A configuration file begins with an ASCII character, so a zero beside it tells the width and the order.
        [first, 0, ..] if *first != 0 => utf16(&bytes, 0, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(&bytes, 0, u16::from_be_bytes),
        _ => utf8(bytes, 0),
    }
}

fn utf8(bytes: Vec<u8>, skipped: usize) -> Result<String, ParseError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
        let offset = at + skipped;
        let message = format!(
            "not UTF-8 text: byte 0x{:02X} on line {line}, at offset {offset}",
            bytes[at]
        );
        ParseError::new(message, Span::new(offset, offset + 1)).with_help("save the file as UTF-8")
    })
}

fn utf16(bytes: &[u8], skipped: usize, unit: fn([u8; 2]) -> u16) -> Result<String, ParseError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut at = skipped;
    for decoded in char::decode_utf16(units) {
        let Ok(character) = decoded else {
            return Err(bad_utf16(&text, at));
        };
        text.push(character);
        at += character.len_utf16() * 2;
    }
    if !bytes.len().is_multiple_of(2) {
        return Err(bad_utf16(&text, at));
    }
    Ok(text)
}

fn bad_utf16(before: &str, at: usize) -> ParseError {
    let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
    let message = format!("not UTF-16 text: half a character on line {line}, at offset {at}");
    ParseError::new(message, Span::new(at, at + 1)).with_help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "a: \u{1F600}\r\nb: é\r\n";
        assert_eq!(decode(text.into()).as_deref(), Ok(text));
        for mark in ["", "\u{FEFF}"] {
            let marked = format!("{mark}{text}");
            assert_eq!(decode(marked.clone().into()).as_deref(), Ok(text));
            assert_eq!(decode(units(&marked, u16::to_le_bytes)).as_deref(), Ok(text));
            assert_eq!(decode(units(&marked, u16::to_be_bytes)).as_deref(), Ok(text));
        }
        assert_eq!(decode(Vec::new()).as_deref(), Ok(""));
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        let error = decode(b"a: 1\nb: \xFF\n".to_vec()).expect_err("not UTF-8");
        assert_eq!(error.span, Span::new(8, 9));
        assert_eq!(error.message, "not UTF-8 text: byte 0xFF on line 2, at offset 8");
        let error = decode(b"\xFF\xFEa\0\n\0\x00\xD8b\0".to_vec()).expect_err("a lone surrogate");
        assert_eq!(error.span, Span::new(6, 7));
        let error = decode(b"\xFF\xFEa\0b".to_vec()).expect_err("an odd byte");
        assert_eq!(error.span, Span::new(4, 5));
    }
}
