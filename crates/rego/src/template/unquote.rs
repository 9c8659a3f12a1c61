//! Go's literals of strings, characters and numbers.
//!
//! Follows Go 1.26 strconv.Unquote, strconv.UnquoteChar, text/template/parse/node.go: newNumber

use super::node::Constant;
use crate::text::{Charset, quote};

/// The bytes that a literal in double quotes or backquotes stands for.
pub(super) fn string(literal: &str) -> Result<Vec<u8>, String> {
    let inner = &literal[1..literal.len() - 1];
    if literal.starts_with('`') {
        return Ok(inner.bytes().filter(|byte| *byte != b'\r').collect());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        rest = match character(rest, '"')? {
            (Unit::Byte(byte), rest) => {
                out.push(byte);
                rest
            }
            (Unit::Char(character), rest) => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest
            }
        };
    }
    Ok(out)
}

enum Unit {
    Byte(u8),
    Char(char),
}

/// The first character of a literal's inside, and what follows it.
fn character(text: &str, quote: char) -> Result<(Unit, &str), String> {
    let invalid = || "invalid syntax".to_owned();
    let mut characters = text.chars();
    let first = characters.next().ok_or_else(invalid)?;
    if first == quote || first == '\n' {
        return Err(invalid());
    }
    if first != '\\' {
        return Ok((Unit::Char(first), characters.as_str()));
    }
    let escape = characters.next().ok_or_else(invalid)?;
    let rest = characters.as_str();
    let code = |digits: usize, radix: u32, text: &str| {
        let digits = text
            .get(..digits)
            .filter(|digits| digits.chars().all(|digit| digit.is_digit(radix)));
        u32::from_str_radix(digits.ok_or_else(invalid)?, radix).map_err(|_| invalid())
    };
    let simple = |character: char| Ok((Unit::Char(character), rest));
    match escape {
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '\\' => simple('\\'),
        '\'' | '"' if escape == quote => simple(escape),
        'x' => {
            let byte = u8::try_from(code(2, 16, rest)?).map_err(|_| invalid())?;
            Ok((Unit::Byte(byte), &rest[2..]))
        }
        'u' | 'U' => {
            let length = if escape == 'u' { 4 } else { 8 };
            let character = char::from_u32(code(length, 16, rest)?).ok_or_else(invalid)?;
            Ok((Unit::Char(character), &rest[length..]))
        }
        '0'..='7' => {
            let digits = &text[1..];
            let byte = u8::try_from(code(3, 8, digits)?).map_err(|_| invalid())?;
            Ok((Unit::Byte(byte), &digits[3..]))
        }
        _ => Err(invalid()),
    }
}

/// The number that a character constant stands for.
pub(super) fn character_constant(literal: &str) -> Result<Constant, String> {
    let (unit, rest) = character(&literal[1..], '\'')?;
    if rest != "'" {
        return Err(format!("malformed character constant: {literal}"));
    }
    Ok(Constant::Int(match unit {
        Unit::Byte(byte) => i64::from(byte),
        Unit::Char(character) => i64::from(u32::from(character)),
    }))
}

/// The number that a literal stands for, as an argument of any type.
pub(super) fn number(literal: &str) -> Result<Constant, String> {
    let is_hexadecimal = literal
        .trim_start_matches(['+', '-'])
        .to_ascii_lowercase()
        .starts_with("0x");
    let shown = || quote(literal, Charset::Unicode);
    if literal.ends_with('i') && !is_hexadecimal {
        return Err(format!("complex constants are not supported: {}", shown()));
    }
    if let Some(number) = integer(literal) {
        return Ok(i64::try_from(number).map_or(Constant::Overflow, Constant::Int));
    }
    let plain = literal.replace('_', "");
    let float = plain.parse::<f64>().ok();
    let float = float.filter(|number| number.is_finite() && !is_hexadecimal && underscores_separate(literal));
    match float {
        Some(_) if !literal.contains(['.', 'e', 'E', 'p', 'P']) => Err(format!("integer overflow: {}", shown())),
        Some(float) => Ok(Constant::Float(float)),
        None => Err(format!("illegal number syntax: {}", shown())),
    }
}

/// An integer with a prefix for its base, of 64 bits.
fn integer(literal: &str) -> Option<i128> {
    let (sign, digits) = match literal.strip_prefix(['+', '-']) {
        Some(digits) => (if literal.starts_with('-') { -1 } else { 1 }, digits),
        None => (1, literal),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some(start) if start.starts_with('0') => (8, &lower[1..]),
        _ => (10, &*lower),
    };
    if !underscores_separate(literal) {
        return None;
    }
    let digits = digits.replace('_', "");
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let number = sign * i128::from_str_radix(&digits, radix).ok()?;
    (i128::from(i64::MIN)..=i128::from(u64::MAX))
        .contains(&number)
        .then_some(number)
}

/// Whether each underscore is between two digits, or between a base's prefix and a digit.
fn underscores_separate(literal: &str) -> bool {
    let bytes = literal.trim_start_matches(['+', '-']).as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| {
        *byte != b'_'
            || (at > 0 && bytes[at - 1].is_ascii_alphanumeric() && bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit))
    })
}
