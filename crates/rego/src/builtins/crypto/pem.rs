//! PEM, the text form of certificates and keys, read as Go reads it.

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// Go's decoder takes any bits behind the last byte.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// A block of a PEM file.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::builtins) struct Block<'a> {
    pub(in crate::builtins) label: &'a [u8],
    pub(in crate::builtins) bytes: Vec<u8>,
}

/// The first block of `data` and what is behind it; nothing if it has none. Follows Go's encoding/pem: Decode.
pub(in crate::builtins) fn decode(data: &[u8]) -> Option<(Block<'_>, &[u8])> {
    let mut rest = data;
    loop {
        let end = memchr::memmem::find(rest, END)?;
        let behind = &rest[end + END.len()..];
        let begin = memchr::memmem::rfind(&rest[..end], BEGIN);
        let begins = |at: &usize| *at == 0 || rest[at - 1] == b'\n';
        if let Some(begin) = begin.filter(begins)
            && let Some(block) = block(&rest[begin + BEGIN.len()..], end - begin - BEGIN.len())
        {
            return Some(block);
        }
        rest = behind;
    }
}

/// The block whose label is at the start of `text`, and whose last line begins at `end` with its line break. An empty
/// block has one line break for both of its lines: then `end` is before its body.
fn block(text: &[u8], end: usize) -> Option<(Block<'_>, &[u8])> {
    let (line, mut body) = first_line(text);
    let label = line.strip_suffix(DASHES)?;
    let mut has_headers = false;
    loop {
        if body.is_empty() {
            return None;
        }
        let (line, next) = first_line(body);
        if !line.contains(&b':') {
            break;
        }
        has_headers = true;
        body = next;
    }
    let start = text.len() - body.len();
    if has_headers && end < start {
        return None;
    }
    let trailer = text.get(end + END.len()..)?.strip_prefix(label)?.strip_prefix(DASHES)?;
    let (left, rest) = first_line(trailer);
    if !left.is_empty() {
        return None;
    }
    let base64: Vec<u8> = text.get(start..end).unwrap_or_default().to_vec();
    let bytes = base64_decode(&base64)?;
    Some((Block { label, bytes }, rest))
}

fn base64_decode(text: &[u8]) -> Option<Vec<u8>> {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let digits: Vec<u8> = text.iter().copied().filter(|byte| !is_space(byte)).collect();
    BASE64.decode(digits).ok()
}

/// The first line without the blanks at its end, and what is behind its line break.
fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (mut line, rest) = match memchr::memchr(b'\n', text) {
        Some(at) => (text[..at].strip_suffix(b"\r").unwrap_or(&text[..at]), &text[at + 1..]),
        None => (text, &text[text.len()..]),
    };
    while let [before @ .., b' ' | b'\t'] = line {
        line = before;
    }
    (line, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        decode(text.as_bytes()).map(|(block, rest)| (block.label.to_vec(), block.bytes, rest.to_vec()))
    }

    fn found(label: &str, bytes: &[u8], rest: &str) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        Some((label.into(), bytes.into(), rest.into()))
    }

    #[test]
    fn blocks_are_found_where_go_finds_them() {
        assert_eq!(
            first("-----BEGIN A-----\nAQ==\n-----END A-----\nx"),
            found("A", &[1], "x")
        );
        assert_eq!(
            first("x\n-----BEGIN A B-----\r\nAQ==\r\n-----END A B-----"),
            found("A B", &[1], "")
        );
        assert_eq!(first("-----BEGIN A-----\n-----END A-----\n"), found("A", &[], ""));
        assert_eq!(
            first("-----BEGIN A-----\nK: v\n\nAQ==\n-----END A-----\n"),
            found("A", &[1], "")
        );
        assert_eq!(
            first("-----BEGIN A-----\nA Q\t=\n=\n-----END A-----\n"),
            found("A", &[1], "")
        );
        let after_a_broken_one = "-----BEGIN A-----\n-----BEGIN B-----\nAQ==\n-----END B-----\n";
        assert_eq!(first(after_a_broken_one), found("B", &[1], ""));
        let after_a_wrong_one = "-----BEGIN A-----\n!\n-----END A-----\n-----BEGIN B-----\nAQ==\n-----END B-----\n";
        assert_eq!(first(after_a_wrong_one), found("B", &[1], ""));
    }

    #[test]
    fn what_go_finds_no_block_in_has_none() {
        for text in [
            "",
            "AQ==",
            "x-----BEGIN A-----\nAQ==\n-----END A-----\n",
            "-----BEGIN A----\nAQ==\n-----END A-----\n",
            "-----BEGIN A-----\nAQ==\n-----END B-----\n",
            "-----BEGIN A-----\nAQ==\n-----END A-----x\n",
            "-----BEGIN A-----\nAQ\n-----END A-----\n",
            "-----BEGIN A-----",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
