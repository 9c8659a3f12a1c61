//! Integers: `%d %b %o %O %x %X %c %q %U`, in 64 bits and beyond.

use num_bigint::{BigInt, Sign};

use super::spec::{self, Spec};
use crate::printable::is_printable;
use crate::text::{Charset, quote_char};

/// Whether an integer has such a verb, and if so writes it.
pub(super) fn print(out: &mut Vec<u8>, spec: &Spec, verb: char, number: i64) -> bool {
    match verb {
        'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X' => {
            print_digits(out, spec, verb, number < 0, number.unsigned_abs());
        }
        'c' => spec.pad(out, character(number).encode_utf8(&mut [0; 4])),
        'q' => {
            let charset = if spec.plus { Charset::Ascii } else { Charset::Unicode };
            spec.pad(out, &quote_char(character(number), charset));
        }
        'U' => print_code_point(out, spec, number),
        _ => return false,
    }
    true
}

fn print_digits(out: &mut Vec<u8>, spec: &Spec, verb: char, negative: bool, magnitude: u64) {
    if spec.precision == Some(0) && magnitude == 0 {
        return spec.pad_with_blanks(out, "");
    }
    let sign = spec.sign(negative);
    let least = match spec.precision {
        Some(precision) => precision,
        None if spec.fills_with_zeros() => spec.missing(sign.len()),
        None => 0,
    };
    let digits = match verb {
        'b' => format_wide(&format!("{magnitude:b}"), least),
        'o' | 'O' => format_wide(&format!("{magnitude:o}"), least),
        'x' => format_wide(&format!("{magnitude:x}"), least),
        'X' => format_wide(&format!("{magnitude:X}"), least),
        _ => format_wide(&magnitude.to_string(), least),
    };
    let prefix = match verb {
        'b' if spec.sharp => "0b",
        'o' | 'O' if spec.sharp && !digits.starts_with('0') => "0",
        'x' if spec.sharp => "0x",
        'X' if spec.sharp => "0X",
        _ => "",
    };
    let octal = if verb == 'O' { "0o" } else { "" };
    spec.pad_with_blanks(out, &format!("{sign}{octal}{prefix}{digits}"));
}

/// `digits` with zeros before them up to `least`.
fn format_wide(digits: &str, least: usize) -> String {
    format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())))
}

fn character(number: i64) -> char {
    u32::try_from(number)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// `U+0078`, and with `#` the character after it.
fn print_code_point(out: &mut Vec<u8>, spec: &Spec, number: i64) {
    #[allow(clippy::cast_sign_loss)] // Go shows the bits of a negative number.
    let bits = number as u64;
    let mut text = format!(
        "U+{}",
        format_wide(&format!("{bits:X}"), spec.precision.unwrap_or(0).max(4))
    );
    let shown = u32::try_from(number).ok().and_then(char::from_u32);
    if let Some(character) = shown.filter(|character| spec.sharp && is_printable(*character)) {
        text.push_str(&format!(" '{character}'"));
    }
    spec.pad_with_blanks(out, &text);
}

/// Whether an integer beyond 64 bits has such a verb, and if so writes it.
pub(super) fn print_big(out: &mut Vec<u8>, spec: &Spec, verb: char, number: &BigInt) -> bool {
    let magnitude = number.magnitude();
    let (digits, prefix) = match verb {
        'b' => (magnitude.to_str_radix(2), "0b"),
        'o' => (magnitude.to_str_radix(8), "0"),
        'O' => (magnitude.to_str_radix(8), ""),
        'x' => (magnitude.to_str_radix(16), "0x"),
        'X' => (magnitude.to_str_radix(16).to_uppercase(), "0X"),
        'd' | 's' | 'v' => (magnitude.to_string(), ""),
        'w' => return false,
        _ => {
            spec::push(out, &[&format!("%!{verb}(big.Int={number})")]);
            return true;
        }
    };
    let prefix = match verb {
        'O' => "0o",
        _ if spec.sharp => prefix,
        _ => "",
    };
    let sign = Spec {
        plus: spec.plus || spec.plus_v,
        ..spec.clone()
    }
    .sign(number.sign() == Sign::Minus);
    let mut zeros = spec.precision.unwrap_or(0).saturating_sub(digits.len());
    if spec.fills_with_zeros() && spec.precision.is_none() {
        zeros = spec.missing(sign.len() + prefix.len() + digits.len());
    }
    spec.pad_with_blanks(out, &format!("{sign}{prefix}{}{digits}", "0".repeat(zeros)));
    true
}

/// The fields of Go's `big.Int`: its sign and its machine words.
pub(super) fn print_fields(out: &mut Vec<u8>, spec: &Spec, number: &BigInt) -> bool {
    let named = spec.sharp_v || spec.plus_v;
    let gap = if spec.sharp_v { ", " } else { " " };
    spec::push(out, &[if spec.sharp_v { "&big.Int{" } else { "&{" }]);
    spec::push(out, &[if named { "neg:" } else { "" }]);
    spec.pad(out, &(number.sign() == Sign::Minus).to_string());
    spec::push(out, &[gap]);
    spec::push(out, &[if named { "abs:" } else { "" }]);
    spec::push(out, &[if spec.sharp_v { "big.nat{" } else { "[" }]);
    for (index, word) in number.magnitude().iter_u64_digits().enumerate() {
        if index > 0 {
            spec::push(out, &[gap]);
        }
        let verb = if spec.sharp_v { 'x' } else { 'd' };
        let spec = Spec {
            sharp: spec.sharp_v,
            ..spec.clone()
        };
        print_digits(out, &spec, verb, false, word);
    }
    spec::push(out, &[if spec.sharp_v { "}}" } else { "]}" }]);
    true
}
