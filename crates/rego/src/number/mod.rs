//! Arithmetic as OPA computes it: integers exact at any size, everything else in binary floats of 64 bits.

pub(super) mod decimal;
mod float;
mod literal;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::Zero;

use decimal::Decimal;
use float::BigFloat;
use kpolicy_value::Number;
use literal::Literal;
pub(crate) use literal::MAX_DIGITS;

/// Why a computation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArithmeticError {
    /// The divisor of `/` is zero.
    #[error("divide by zero")]
    DivideByZero,
    /// The divisor of `%` is zero.
    #[error("modulo by zero")]
    ModuloByZero,
    /// An operand of `%` is not an integer.
    #[error("modulo on floating-point number")]
    ModuloOnFloat,
    /// An operand or the result has more than 100,000 digits before or after the point.
    #[error("number has too many digits to compute with")]
    TooLarge,
}

type Outcome = Result<Number, ArithmeticError>;

/// `a + b`
pub(crate) fn plus(a: &Number, b: &Number) -> Outcome {
    compute(a, b, i64::checked_add, |a, b| a + b, BigFloat::plus)
}

/// `a - b`
pub(crate) fn minus(a: &Number, b: &Number) -> Outcome {
    compute(a, b, i64::checked_sub, |a, b| a - b, BigFloat::minus)
}

/// `a * b`
pub(crate) fn times(a: &Number, b: &Number) -> Outcome {
    compute(a, b, i64::checked_mul, |a, b| a * b, |a, b| a.times(b, 64))
}

/// `a / b`
pub(crate) fn divide(a: &Number, b: &Number) -> Outcome {
    let (a, b) = (read(a)?, read(b)?);
    if b.is_zero() {
        return Err(ArithmeticError::DivideByZero);
    }
    write(&a.over(&b, 64))
}

/// Whether `a` is a multiple of `b`, exactly.
pub(crate) fn is_multiple(a: &Number, b: &Number) -> Result<bool, ArithmeticError> {
    let (a, b) = (Literal::new(a)?, Literal::new(b)?);
    if b.digits.is_zero() {
        return Err(ArithmeticError::DivideByZero);
    }
    let shift = a.exponent - b.exponent;
    let power = u32::try_from(shift.unsigned_abs()).map_err(|_| ArithmeticError::TooLarge)?;
    let scale = BigUint::from(10u8).pow(power);
    let (dividend, divisor) = if shift >= 0 {
        (a.digits * scale, b.digits)
    } else {
        (a.digits, b.digits * scale)
    };
    Ok((dividend % divisor).is_zero())
}

/// The number as Go's `%g` writes it, with all of its digits.
pub(crate) fn general(a: &Number) -> Result<String, ArithmeticError> {
    let literal = Literal::new(a)?;
    if literal.digits.is_zero() {
        return Ok(if literal.negative { "-0" } else { "0" }.to_owned());
    }
    let digits = literal.digits.to_string();
    let length = i64::try_from(digits.len()).map_err(|_| ArithmeticError::TooLarge)?;
    let text = Decimal::from_digits(&digits, length + literal.exponent).general(None, 'e');
    Ok(format!("{}{text}", if literal.negative { "-" } else { "" }))
}

/// `a % b`, with the sign of `a`.
pub(crate) fn rem(a: &Number, b: &Number) -> Outcome {
    let integer = |number| Literal::new(number)?.integer().ok_or(ArithmeticError::ModuloOnFloat);
    let (a, b): (BigInt, BigInt) = (integer(a)?, integer(b)?);
    if b.is_zero() {
        return Err(ArithmeticError::ModuloByZero);
    }
    write_integer(&(a % b))
}

/// The number without its sign.
pub(crate) fn abs(a: &Number) -> Outcome {
    write(&read(a)?.absolute())
}

/// The nearest integer, halves away from zero.
pub(crate) fn round(a: &Number) -> Outcome {
    let a = read(a)?;
    let moved = a.plus(&BigFloat::half(a.negative));
    write(&BigFloat::integer(&moved.truncated()))
}

/// The integer that is left without what is after the point: exact where an integer is written out, of a float of 64
/// bits otherwise.
pub(crate) fn truncated(a: &Number) -> Result<BigInt, ArithmeticError> {
    match a.to_string().parse() {
        Ok(integer) => Ok(integer),
        Err(_) => Ok(read(a)?.truncated()),
    }
}

/// The product with an integer, computed in 64 bits, without what is after the point.
pub(crate) fn scaled(a: &Number, factor: u64) -> Result<BigInt, ArithmeticError> {
    Ok(read(a)?.times(&BigFloat::integer(&factor.into()), 64).truncated())
}

/// The next integer upwards. As in OPA, that of a number between -1 and 0 is 1.
pub(crate) fn ceil(a: &Number) -> Outcome {
    let a = read(a)?;
    let whole = a.truncated();
    let integer = BigFloat::integer(&whole);
    if whole.sign() == Sign::Minus || a.is_integer() {
        return write(&integer);
    }
    write(&integer.plus(&BigFloat::one(false)))
}

/// The next integer downwards. As in OPA, that of a number between -1 and 0 is 0.
pub(crate) fn floor(a: &Number) -> Outcome {
    let a = read(a)?;
    let whole = a.truncated();
    let integer = BigFloat::integer(&whole);
    if whole.sign() != Sign::Minus || a.is_integer() {
        return write(&integer);
    }
    write(&integer.plus(&BigFloat::one(true)))
}

/// The sum of all: exact where all are integers, else in floats, rounded after each.
pub(crate) fn sum<'n>(numbers: impl Iterator<Item = &'n Number> + Clone) -> Outcome {
    let machine = |sum: i64, number: &Number| sum.checked_add(number.as_i64()?);
    if let Some(sum) = numbers.clone().try_fold(0, machine) {
        return Ok(Number::from(sum));
    }
    fold(numbers, BigInt::zero(), |a, b| a + b, BigFloat::integer, BigFloat::plus)
}

/// The product of all: exact where all are integers, else in floats of 53 bits, rounded after each.
pub(crate) fn product<'n>(numbers: impl Iterator<Item = &'n Number> + Clone) -> Outcome {
    let one = |_: &BigInt| BigFloat::one(false);
    fold(numbers, BigInt::from(1), |a, b| a * b, one, |a, b| a.times(b, 53))
}

/// All numbers put together one by one, as integers as long as all are integers.
fn fold<'n>(
    numbers: impl Iterator<Item = &'n Number> + Clone,
    start: BigInt,
    exact: impl Fn(BigInt, BigInt) -> BigInt,
    start_float: impl Fn(&BigInt) -> BigFloat,
    float: impl Fn(&BigFloat, &BigFloat) -> BigFloat,
) -> Outcome {
    let mut floats = start_float(&start);
    let mut integers = Some(start);
    for number in numbers {
        let literal = Literal::new(number)?;
        integers = integers.zip(literal.integer()).map(|(all, one)| exact(all, one));
        floats = float(&floats, &BigFloat::parse(&literal));
        bounded(&floats)?;
    }
    match integers {
        Some(integer) => write_integer(&integer),
        None => write(&floats),
    }
}

/// The number as an integer of any size, or nothing if it is none.
pub(crate) fn integer(number: &Number) -> Result<Option<BigInt>, ArithmeticError> {
    match number.as_i64() {
        Some(integer) => Ok(Some(integer.into())),
        None => Ok(Literal::new(number)?.integer()),
    }
}

/// The number that an integer is.
pub(crate) fn from_integer(integer: &BigInt) -> Outcome {
    match i64::try_from(integer) {
        Ok(integer) => Ok(Number::from(integer)),
        Err(_) => write_integer(integer),
    }
}

/// The largest number of bits that an integer may have: a decimal digit is a little more than three.
pub(crate) const MAX_BITS: u64 = MAX_DIGITS.unsigned_abs() * 4;

/// The first of the three ways that fits: machine integers, integers of any size, floats.
fn compute(
    a: &Number,
    b: &Number,
    machine: impl Fn(i64, i64) -> Option<i64>,
    exact: impl Fn(&BigInt, &BigInt) -> BigInt,
    float: impl Fn(&BigFloat, &BigFloat) -> BigFloat,
) -> Outcome {
    if let Some(result) = a.as_i64().zip(b.as_i64()).and_then(|(a, b)| machine(a, b)) {
        return Ok(Number::from(result));
    }
    let (a, b) = (Literal::new(a)?, Literal::new(b)?);
    match (a.integer(), b.integer()) {
        (Some(a), Some(b)) => write_integer(&exact(&a, &b)),
        _ => write(&float(&BigFloat::parse(&a), &BigFloat::parse(&b))),
    }
}

fn read(number: &Number) -> Result<BigFloat, ArithmeticError> {
    Ok(BigFloat::parse(&Literal::new(number)?))
}

fn write(number: &BigFloat) -> Outcome {
    bounded(number)?;
    Ok(parse(&number.text()))
}

fn bounded(number: &BigFloat) -> Result<(), ArithmeticError> {
    if number.magnitude().unsigned_abs() > MAX_BITS {
        return Err(ArithmeticError::TooLarge);
    }
    Ok(())
}

fn write_integer(number: &BigInt) -> Outcome {
    if number.bits() > MAX_BITS {
        return Err(ArithmeticError::TooLarge);
    }
    Ok(parse(&number.to_string()))
}

fn parse(text: &str) -> Number {
    Number::parse(text).expect("digits with a point or an exponent are a number")
}

#[cfg(test)]
mod tests;
