//! Integers of any size as bits, in two's complement.

use num_bigint::{BigInt, Sign};
use num_traits::Zero;

use super::operand::big_integer;
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::number::{self, ArithmeticError};
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[
    pure(
        "bits.and",
        "(number, number) -> number",
        "The bits that two integers have in common.",
        |_, operands| of_two(operands, |a, b| a & b),
    ),
    pure(
        "bits.or",
        "(number, number) -> number",
        "The bits that at least one of two integers has.",
        |_, operands| of_two(operands, |a, b| a | b),
    ),
    pure(
        "bits.xor",
        "(number, number) -> number",
        "The bits that exactly one of two integers has.",
        |_, operands| of_two(operands, |a, b| a ^ b),
    ),
    pure(
        "bits.negate",
        "(number) -> number",
        "An integer with each bit inverted.",
        |_, operands| give(&!big_integer(operands, 0)?),
    ),
    pure(
        "bits.lsh",
        "(number, number) -> number",
        "An integer with its bits moved left.",
        left,
    ),
    pure(
        "bits.rsh",
        "(number, number) -> number",
        "An integer with its bits moved right.",
        right,
    ),
];

fn give(integer: &BigInt) -> Answer {
    Ok(Some(Value::Number(number::from_integer(integer)?)))
}

fn of_two(operands: Operands, combine: fn(BigInt, BigInt) -> BigInt) -> Answer {
    give(&combine(big_integer(operands, 0)?, big_integer(operands, 1)?))
}

fn left(_: &mut Context, operands: Operands) -> Answer {
    let (integer, places) = shift(operands)?;
    if integer.is_zero() {
        return give(&integer);
    }
    if integer.bits().saturating_add(places) > number::MAX_BITS {
        return Err(ArithmeticError::TooLarge.into());
    }
    give(&(integer << places))
}

fn right(_: &mut Context, operands: Operands) -> Answer {
    let (integer, places) = shift(operands)?;
    give(&(integer >> places))
}

/// The integer to shift, and by how many places: OPA takes the lowest 64 bits of the second operand.
fn shift(operands: Operands) -> Result<(BigInt, u64), Failure> {
    let (integer, places) = (big_integer(operands, 0)?, big_integer(operands, 1)?);
    if places.sign() == Sign::Minus {
        return Err(Failure::Operand(
            "operand 2 must be an unsigned integer number but got a negative integer".to_owned(),
        ));
    }
    Ok((integer, places.iter_u64_digits().next().unwrap_or(0)))
}
