//! Amounts with a unit: `10Mi`, `1.5k`, `200m`.

use num_bigint::{BigInt, BigUint};

use super::operand::text;
use super::registry::{Family, pure};
use super::strings::lower_case;
use super::{Answer, Context, Failure, Operands};
use crate::number::{MAX_DIGITS, scaled};
use kpolicy_value::{Number, Value};

pub(super) const FAMILY: Family = &[
    pure(
        "units.parse",
        "(string) -> number",
        "The number that an amount such as `10k` or `1Mi` stands for.",
        parse,
    ),
    pure(
        "units.parse_bytes",
        "(string) -> number",
        "The bytes that an amount such as `1MB` or `1MiB` stands for.",
        parse_bytes,
    ),
];

/// A decimal number as it is written: `±digits × 10^exponent`.
struct Amount {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// The words of one of the two builtins, which tell its name once more.
struct Words {
    name: &'static str,
    amount: &'static str,
}

impl Words {
    fn error(&self, message: &str) -> Failure {
        Failure::Builtin(format!("{}: {message}", self.name))
    }

    /// The amount and the unit of a text without quotation marks.
    fn split<'a>(&self, text: &'a str) -> Result<(Amount, &'a str), Failure> {
        if text.contains(' ') {
            return Err(self.error("spaces not allowed in resource strings"));
        }
        let end = amount_end(text).ok_or_else(|| self.error("exponent too large"))?;
        if end == 0 {
            return Err(self.error(&format!("no {} provided", self.amount)));
        }
        let amount = Amount::read(&text[..end]);
        Ok((amount.unwrap_or(Amount::unread()), &text[end..]))
    }

    /// The amount once its unit is known: a wrong unit is reported before a wrong number.
    fn readable(&self, amount: Amount) -> Result<Amount, Failure> {
        if amount.digits.is_empty() {
            return Err(self.error(&format!("could not parse {} to a number", self.amount)));
        }
        if amount.exponent.abs() > MAX_DIGITS || amount.digits.len() as i64 > MAX_DIGITS {
            return Err(Failure::Limit("number has too many digits to compute with".to_owned()));
        }
        Ok(amount)
    }
}

fn parse(_: &mut Context, operands: Operands) -> Answer {
    let words = Words {
        name: "units.parse",
        amount: "amount",
    };
    let text = text(operands, 0)?.replace('"', "");
    let (amount, unit) = words.split(&text)?;
    // Only the first letter tells a milli from a mega.
    let first = unit.chars().next().map_or(0, char::len_utf8);
    let unit = format!("{}{}", &unit[..first], lower_case(&unit[first..]));
    let milli = unit == "m";
    let factor = match unit.as_str() {
        "m" => Some(MILLI),
        "M" => factor("m"),
        unit if unit.len() <= 2 && !unit.ends_with('b') => factor(&unit.to_ascii_lowercase()),
        _ => None,
    };
    let factor = factor.ok_or_else(|| words.error(&format!("unit {unit} not recognized")))?;
    let amount = words.readable(amount)?;
    Ok(Some(Value::Number(product(&amount, factor, milli))))
}

/// The double next to 0.001, in 2^60ths: what OPA takes for a milli.
const MILLI: u64 = 1_152_921_504_606_847;

/// The exact product: an integer, or ten digits after the point.
fn product(amount: &Amount, factor: u64, milli: bool) -> Number {
    let power = BigUint::from(10u8).pow(u32::try_from(amount.exponent.unsigned_abs()).expect("exponents are limited"));
    let mut dividend = amount.digits.parse::<BigUint>().expect("digits are a number") * factor;
    let mut divisor = BigUint::from(1u8) << if milli { 60u8 } else { 0 };
    if amount.exponent < 0 {
        divisor *= power;
    } else {
        dividend *= power;
    }
    let sign = if amount.negative && dividend.bits() > 0 {
        "-"
    } else {
        ""
    };
    let whole = &dividend / &divisor;
    let text = if &whole * &divisor == dividend {
        format!("{sign}{whole}")
    } else {
        // Halves are rounded away from zero.
        let scaled = dividend * BigUint::from(10u8).pow(10) * 2u8 + &divisor;
        let digits = format!("{:0>11}", (scaled / (divisor * 2u8)).to_string());
        let point = digits.len() - 10;
        format!("{sign}{}.{}", &digits[..point], &digits[point..])
    };
    Number::parse(&text).expect("digits with a point are a number")
}

fn parse_bytes(_: &mut Context, operands: Operands) -> Answer {
    let words = Words {
        name: "units.parse_bytes",
        amount: "byte amount",
    };
    let text = lower_case(&text(operands, 0)?).replace('"', "");
    let (amount, unit) = words.split(&text)?;
    let bare = unit.strip_suffix('b').filter(|bare| !bare.is_empty()).unwrap_or(unit);
    let factor = factor(bare).ok_or_else(|| words.error(&format!("byte unit {unit} not recognized")))?;
    let amount = words.readable(amount)?;
    let sign = if amount.negative { "-" } else { "" };
    let digits = amount.digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let number = Number::parse(&format!("{sign}{digits}e{}", amount.exponent)).expect("it is written as a number");
    let bytes: BigInt = scaled(&number, factor).map_err(|error| Failure::Limit(error.to_string()))?;
    Ok(Number::parse(&bytes.to_string()).map(Value::Number))
}

/// What a unit in small letters stands for.
fn factor(unit: &str) -> Option<u64> {
    let mut letters = unit.chars();
    let power = match letters.next() {
        None => return Some(1),
        Some(letter) => 1 + u32::try_from("kmgtpe".find(letter)?).ok()?,
    };
    match letters.as_str() {
        "" => Some(1000u64.pow(power)),
        "i" => Some(1u64 << (10 * power)),
        _ => None,
    }
}

/// Where the unit begins; nothing where the exponent has more than six digits.
fn amount_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' | b'.' | b'+' | b'-' => {}
            b'e' | b'E' => match bytes.get(at + 1) {
                Some(b'0'..=b'9' | b'+' | b'-') => {
                    at += usize::from(!bytes[at + 1].is_ascii_digit());
                    let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    if digits > 6 {
                        return None;
                    }
                }
                _ => return Some(at),
            },
            _ => return Some(at),
        }
        at += 1;
    }
    Some(at)
}

impl Amount {
    /// What is not a number.
    fn unread() -> Self {
        Self {
            negative: false,
            digits: String::new(),
            exponent: 0,
        }
    }

    fn read(text: &str) -> Option<Self> {
        let negative = text.starts_with('-');
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            negative,
            exponent: exponent - i64::try_from(fraction.len()).ok()?,
            digits,
        })
    }
}
