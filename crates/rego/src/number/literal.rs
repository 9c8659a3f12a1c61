//! A number as it was written, taken apart exactly.

use num_bigint::{BigInt, BigUint, Sign};

use super::ArithmeticError;
use kpolicy_value::Number;

/// How many digits, before or after the point, a number may have to be computed with.
pub(crate) const MAX_DIGITS: i64 = 100_000;

/// The number `±digits × 10^exponent`.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) negative: bool,
    pub(super) digits: BigUint,
    pub(super) exponent: i64,
}

impl Literal {
    pub(super) fn new(number: &Number) -> Result<Self, ArithmeticError> {
        let text = number.to_string();
        let rest = text.strip_prefix('-');
        let negative = rest.is_some();
        let (mantissa, exponent) = split(rest.unwrap_or(&text));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let length = i64::try_from(mantissa.len()).unwrap_or(i64::MAX);
        if length > MAX_DIGITS {
            return Err(ArithmeticError::TooLarge);
        }
        let digits: BigUint = format!("{whole}{fraction}").parse().expect("digits are a number");
        if digits.bits() == 0 {
            return Ok(Self {
                negative,
                digits,
                exponent: 0,
            });
        }
        let exponent: i64 = exponent.parse().map_err(|_| ArithmeticError::TooLarge)?;
        if exponent.unsigned_abs() > MAX_DIGITS.unsigned_abs() {
            return Err(ArithmeticError::TooLarge);
        }
        let places = i64::try_from(fraction.len()).unwrap_or(length);
        Ok(Self {
            negative,
            digits,
            exponent: exponent - places,
        })
    }

    /// The number as an integer, if it is one, however it was written.
    pub(super) fn integer(&self) -> Option<BigInt> {
        let power = u32::try_from(self.exponent.unsigned_abs()).ok()?;
        let magnitude = if self.exponent >= 0 {
            &self.digits * BigUint::from(10u8).pow(power)
        } else {
            // A power of ten divides only what that many bits can shift out.
            if self.digits.trailing_zeros().unwrap_or(u64::MAX) < u64::from(power) {
                return None;
            }
            let scale = BigUint::from(10u8).pow(power);
            let quotient = &self.digits / &scale;
            if &quotient * scale != self.digits {
                return None;
            }
            quotient
        };
        Some(BigInt::from_biguint(
            if self.negative { Sign::Minus } else { Sign::Plus },
            magnitude,
        ))
    }
}

fn split(text: &str) -> (&str, &str) {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => (text, "0"),
    }
}
