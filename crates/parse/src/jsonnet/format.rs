//! `std.format` and the operator `%` of strings: Python's format codes, rounded as Jsonnet rounds.

use std::rc::Rc;

use super::machine::{Machine, Res, fault};
use super::tree::At;
use super::value::Val;

/// How wide a field may be, and how precise.
const MAX_WIDTH: usize = 1 << 20;

/// A format code.
#[derive(Default)]
struct Code {
    /// The field of an object that it shows.
    key: Option<String>,
    alternate: bool,
    zero: bool,
    left: bool,
    blank: bool,
    plus: bool,
    width: Width,
    precision: Option<Width>,
    letter: char,
}

/// A width or precision.
#[derive(Clone, Copy)]
enum Width {
    Of(usize),
    /// `*`: the next value.
    Next,
}

impl Default for Width {
    fn default() -> Self {
        Self::Of(0)
    }
}

/// The code after a `%`, and what follows it.
fn code(text: &str, at: At) -> Res<(Code, &str)> {
    let mut code = Code::default();
    let mut rest = text;
    if let Some(named) = rest.strip_prefix('(') {
        let Some((key, after)) = named.split_once(')') else {
            return fault("a format code ends within its name", at);
        };
        code.key = Some(key.to_owned());
        rest = after;
    }
    while let Some(flag) = rest.chars().next() {
        match flag {
            '#' => code.alternate = true,
            '0' => code.zero = true,
            '-' => code.left = true,
            ' ' => code.blank = true,
            '+' => code.plus = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    (code.width, rest) = width(rest, at)?;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = width(after, at)?;
        (code.precision, rest) = (Some(precision), after);
    }
    rest = rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest);
    let Some(letter) = rest.chars().next() else {
        return fault("a format code has no letter at the end of the text", at);
    };
    if !"diuoxXeEfFgGcs%".contains(letter) {
        return fault(format!("`{letter}` is not a format code"), at);
    }
    code.letter = letter;
    Ok((code, &rest[letter.len_utf8()..]))
}

fn width(text: &str, at: At) -> Res<(Width, &str)> {
    if let Some(rest) = text.strip_prefix('*') {
        return Ok((Width::Next, rest));
    }
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse().unwrap_or(if end == 0 { 0 } else { usize::MAX });
    match number <= MAX_WIDTH {
        true => Ok((Width::Of(number), &text[end..])),
        false => fault(format!("a field is wider than {MAX_WIDTH} characters"), at),
    }
}

/// The values of a format.
struct Values {
    items: Vec<Val>,
    next: usize,
}

impl Values {
    fn next(&mut self, at: At) -> Res<Val> {
        let Some(value) = self.items.get(self.next) else {
            return fault(
                format!("not enough values to format: there are {}", self.items.len()),
                at,
            );
        };
        self.next += 1;
        Ok(value.clone())
    }

    fn width(&mut self, width: Width, at: At) -> Res<usize> {
        match width {
            Width::Of(number) => Ok(number),
            Width::Next => match self.next(at)? {
                Val::Number(number) if number >= 0.0 && number <= MAX_WIDTH as f64 => Ok(number as usize),
                _ => fault("the value for `*` is not a width", at),
            },
        }
    }
}

impl Machine<'_> {
    /// A format with its values: an array, an object, or one value.
    pub(super) fn formatted(&mut self, format: &Val, values: &Val, at: At) -> Res<Val> {
        let Val::String(format) = format else {
            return super::machine::unexpected(format, "string", at);
        };
        let mut out = String::new();
        let mut given = Values {
            items: Vec::new(),
            next: 0,
        };
        match values {
            Val::Array(items) => {
                for item in items.iter() {
                    given.items.push(self.force(*item, at)?);
                }
            }
            Val::Object(_) => {}
            other => given.items.push(other.clone()),
        }
        let mut rest = &**format;
        while let Some((plain, after)) = rest.split_once('%') {
            out.push_str(plain);
            let (code, after) = code(after, at)?;
            rest = after;
            let text = self.shown(&code, values, &mut given, at)?;
            self.spend(text.len() as u64, at)?;
            out.push_str(&text);
        }
        out.push_str(rest);
        if given.next < given.items.len() && !matches!(values, Val::Object(_)) {
            let (all, used) = (given.items.len(), given.next);
            return fault(format!("too many values to format: {all}, expected {used}"), at);
        }
        self.text(out, at)
    }

    /// One code with its value, as wide as it says.
    fn shown(&mut self, code: &Code, values: &Val, given: &mut Values, at: At) -> Res<String> {
        let width = given.width(code.width, at)?;
        let precision = code.precision.map(|precision| given.width(precision, at)).transpose()?;
        let text = match (code.letter, values) {
            ('%', _) => "%".to_owned(),
            (_, Val::Object(object)) => {
                let Some(key) = &code.key else {
                    return fault("the codes of an object are written `%(name)s`", at);
                };
                let value = self.named(*object, key, at)?;
                self.converted(code, &value, width, precision, at)?
            }
            _ => {
                let value = given.next(at)?;
                self.converted(code, &value, width, precision, at)?
            }
        };
        let blank = " ".repeat(width.saturating_sub(text.chars().count()));
        Ok(if code.left { text + &blank } else { blank + &text })
    }

    fn converted(&mut self, code: &Code, value: &Val, width: usize, precision: Option<usize>, at: At) -> Res<String> {
        let number = match (code.letter, value) {
            ('s', _) => return Ok(self.text_of(value, at)?.to_string()),
            ('c', Val::String(text)) if text.chars().count() == 1 => return Ok(text.to_string()),
            (_, Val::Number(number)) => *number,
            (letter, other) => {
                let message = format!("the code `%{letter}` takes a number, not {}", other.type_name());
                return fault(message, at);
            }
        };
        let zeros = if code.zero && !code.left { width } else { 0 };
        let whole = |radix, prefix: &str| {
            let is_negative = number <= -1.0;
            integer(
                is_negative,
                number.abs().floor(),
                zeros,
                precision.unwrap_or(0),
                code,
                radix,
                prefix,
            )
        };
        let alternate = |prefix: &'static str| if code.alternate { prefix } else { "" };
        let text = match code.letter {
            'o' => whole(8, alternate("0")),
            'x' => whole(16, alternate("0x")),
            'X' => whole(16, alternate("0x")).to_uppercase(),
            'f' | 'F' => decimal(number, zeros, code, code.alternate, true, precision.unwrap_or(6)),
            'e' | 'E' => scientific(number, zeros, code, code.alternate, true, precision.unwrap_or(6)),
            'g' | 'G' => general(number, zeros, code, precision.unwrap_or(6).max(1)),
            'c' => match char::from_u32(number as u32) {
                Some(char) => char.to_string(),
                None => return fault(format!("{number} is not the code of a character"), at),
            },
            _ => whole(10, ""),
        };
        Ok(text)
    }
}

/// A whole number with its sign, filled with zeros.
fn integer(
    is_negative: bool,
    number: f64,
    zeros: usize,
    digits: usize,
    code: &Code,
    radix: u32,
    prefix: &str,
) -> String {
    let sign = match code {
        _ if is_negative => "-",
        Code { plus: true, .. } => "+",
        Code { blank: true, .. } => " ",
        _ => "",
    };
    let written = if number == 0.0 {
        "0".to_owned()
    } else if radix == 10 {
        format!("{number:.0}")
    } else {
        let number = number as u128;
        let digits = if radix == 8 {
            format!("{number:o}")
        } else {
            format!("{number:x}")
        };
        format!("{prefix}{digits}")
    };
    let wanted = zeros.saturating_sub(sign.len()).max(digits);
    format!("{sign}{}{written}", "0".repeat(wanted.saturating_sub(written.len())))
}

/// A number with decimals, the half rounded up.
fn decimal(number: f64, zeros: usize, code: &Code, point: bool, trailing: bool, precision: usize) -> String {
    // Beyond what a double holds there are only zeros.
    let kept = precision.min(300);
    let scale = 10f64.powi(kept as i32);
    let scaled = number.abs() * scale + 0.5;
    if !scaled.is_finite() {
        let sign = if number < 0.0 { "-" } else { "" };
        return format!("{sign}{:.precision$}", number.abs());
    }
    let (whole, fraction) = ((scaled / scale).floor(), scaled.floor() % scale);
    let dot = usize::from(precision > 0 || point);
    let text = integer(
        number < 0.0,
        whole,
        zeros.saturating_sub(precision + dot),
        0,
        code,
        10,
        "",
    );
    if precision == 0 {
        return if point { text + "." } else { text };
    }
    if !trailing && fraction == 0.0 {
        return text;
    }
    let plain = Code::default();
    let mut decimals = integer(false, fraction, kept, 0, &plain, 10, "");
    decimals.push_str(&"0".repeat(precision - kept));
    match trailing {
        true => format!("{text}.{decimals}"),
        false => format!("{text}.{}", decimals.trim_end_matches('0')),
    }
}

fn exponent_of(number: f64) -> f64 {
    match number == 0.0 {
        true => 0.0,
        false => (number.abs().ln() / std::f64::consts::LN_10).floor(),
    }
}

fn scientific(number: f64, zeros: usize, code: &Code, point: bool, trailing: bool, precision: usize) -> String {
    let exponent = exponent_of(number);
    let plus = Code {
        plus: true,
        ..Code::default()
    };
    let letter = if code.letter.is_uppercase() { 'E' } else { 'e' };
    let suffix = integer(exponent < 0.0, exponent.abs(), 3, 0, &plus, 10, "");
    let mantissa = match exponent <= -308.0 {
        true => number * 1e16 / 10f64.powf(exponent + 16.0),
        false => number / 10f64.powf(exponent),
    };
    let zeros = zeros.saturating_sub(suffix.len() + 1);
    let mantissa = decimal(mantissa, zeros, code, point, trailing, precision);
    format!("{mantissa}{letter}{suffix}")
}

fn general(number: f64, zeros: usize, code: &Code, precision: usize) -> String {
    let exponent = exponent_of(number);
    let alternate = code.alternate;
    if exponent < -4.0 || exponent >= precision as f64 {
        return scientific(number, zeros, code, alternate, alternate, precision - 1);
    }
    let before = (exponent as i64 + 1).max(1);
    let decimals = usize::try_from(precision as i64 - before).unwrap_or(0);
    decimal(number, zeros, code, alternate, alternate, decimals)
}

/// A number as `std.toString` writes it: 17 digits at most, and no exponent for whole numbers.
pub(super) fn number(number: f64) -> Rc<str> {
    if number == number.floor() {
        return format!("{number:.0}").into();
    }
    general_17(number).into()
}

/// C's `%.17g`.
fn general_17(number: f64) -> String {
    let written = format!("{number:.16e}");
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..17).contains(&exponent) {
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let decimals = usize::try_from(16 - exponent).unwrap_or(0);
    let text = format!("{number:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
