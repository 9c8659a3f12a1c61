//! Lengths of time as Go writes them (`1h30m`), and with days, weeks and years as OPA adds them.

use crate::text::{self, Charset};

/// The nanoseconds of a duration, or OPA's words for why it is none.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let quoted = || text::quote(text, Charset::Unicode);
    if text.is_empty() {
        return Err(format!("time: invalid duration {}", quoted()));
    }
    if !text.contains(['d', 'w', 'y']) {
        return standard(text);
    }
    let rewritten = in_hours(text).ok_or_else(|| format!("time: invalid duration {}", quoted()))?;
    // The words end in the duration that is wrong; the user wrote another.
    standard(&rewritten).map_err(|words| match words.rsplit_once(' ') {
        Some((words, _)) => format!("{words} {}", quoted()),
        None => words,
    })
}

/// The duration with its days, weeks and years in hours.
fn in_hours(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut out = text[..text.len() - unsigned.len()].to_owned();
    let mut rest = unsigned;
    while !rest.is_empty() {
        let digits = rest.find(|byte: char| !byte.is_ascii_digit() && byte != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit = unit(after)?;
        let hours = match unit {
            _ if number.is_empty() => return None,
            "d" => 24.0,
            "w" => 168.0,
            "y" => 8760.0,
            _ => 0.0,
        };
        if hours == 0.0 {
            out.push_str(number);
            out.push_str(unit);
        } else {
            let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite())?;
            out.push_str(&format!("{}h", number * hours));
        }
        rest = &after[unit.len()..];
    }
    (!unsigned.is_empty()).then_some(out)
}

/// The unit that a text begins with, known or not.
fn unit(text: &str) -> Option<&str> {
    if let Some(unit) = ["ms", "us", "µs", "ns"].into_iter().find(|unit| text.starts_with(unit)) {
        return Some(unit);
    }
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        .then(|| &text[..1])
}

/// The largest number of nanoseconds below zero.
const MOST: u64 = 1 << 63;

/// The nanoseconds of a duration of Go's, or Go's words for why it is none.
pub(in crate::builtins) fn standard(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote(text.as_bytes()));
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = number(rest).ok_or_else(invalid)?;
        let end = after.find(|byte: char| byte.is_ascii_digit() || byte == '.');
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote(text.as_bytes())));
        }
        let length = nanoseconds(unit).ok_or_else(|| {
            let (unit, text) = (quote(unit.as_bytes()), quote(text.as_bytes()));
            format!("time: unknown unit {unit} in duration {text}")
        })?;
        sum = sum.wrapping_add(number.times(length).ok_or_else(invalid)?);
        if sum > MOST {
            return Err(invalid());
        }
        rest = after;
    }
    match (negative, i64::try_from(sum)) {
        (true, _) => Ok(sum.wrapping_neg().cast_signed()),
        (false, Ok(sum)) => Ok(sum),
        (false, Err(_)) => Err(invalid()),
    }
}

fn nanoseconds(unit: &str) -> Option<u64> {
    match unit {
        "ns" => Some(1),
        "us" | "µs" | "μs" => Some(1_000),
        "ms" => Some(1_000_000),
        "s" => Some(1_000_000_000),
        "m" => Some(60_000_000_000),
        "h" => Some(3_600_000_000_000),
        _ => None,
    }
}

/// A number of a unit: `whole + fraction / scale`.
struct Count {
    whole: u64,
    fraction: u64,
    scale: f64,
}

impl Count {
    /// That many times the length of a unit, in doubles after the point as Go has it; nothing if it is too much.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    fn times(&self, length: u64) -> Option<u64> {
        if self.whole > MOST / length {
            return None;
        }
        let part = (self.fraction as f64 * (length as f64 / self.scale)) as u64;
        Some(self.whole * length + part).filter(|product| *product <= MOST)
    }
}

/// The number that a text begins with, and what is after it.
fn number(text: &str) -> Option<(Count, &str)> {
    let (whole, rest) = digits(text);
    let (fraction, after) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut count = Count {
        whole: 0,
        fraction: 0,
        scale: 1.0,
    };
    for digit in whole.bytes() {
        count.whole = next(count.whole, digit).filter(|whole| *whole <= MOST)?;
    }
    for digit in fraction.bytes() {
        // What no longer fits is omitted.
        let Some(fraction) = next(count.fraction, digit).filter(|fraction| *fraction <= MOST) else {
            break;
        };
        count.fraction = fraction;
        count.scale *= 10.0;
    }
    Some((count, after))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|byte: char| !byte.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

fn next(number: u64, digit: u8) -> Option<u64> {
    number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
}

/// A text in quotes as Go's package for times writes it: in ASCII, all other bytes as `\x00`.
pub(super) fn quote(text: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=0x7f => out.push(char::from(*byte)),
            other => out.push_str(&format!("\\x{other:02x}")),
        }
    }
    out.push('"');
    out
}
