//! Numbers computed from numbers, and ranges of them.

use num_bigint::{BigInt, Sign};

use super::operand::{big_integer, number, wrong};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::number::{self as arithmetic, ArithmeticError};
use kpolicy_value::{Number, Value};

pub(super) const FAMILY: Family = &[
    pure(
        "plus",
        "(number, number) -> number",
        "The sum of two numbers.",
        |_, operands| of_two(operands, arithmetic::plus),
    )
    .infix("+"),
    pure(
        "minus",
        "(number | set[any], number | set[any]) -> number | set[any]",
        "The difference of two numbers or sets.",
        minus,
    )
    .infix("-"),
    pure(
        "mul",
        "(number, number) -> number",
        "The product of two numbers.",
        |_, operands| of_two(operands, arithmetic::times),
    )
    .infix("*"),
    pure(
        "div",
        "(number, number) -> number",
        "The quotient of two numbers.",
        |_, operands| of_two(operands, arithmetic::divide),
    )
    .infix("/"),
    pure(
        "rem",
        "(number, number) -> number",
        "The remainder of a division.",
        |_, operands| of_two(operands, arithmetic::rem),
    )
    .infix("%"),
    pure(
        "abs",
        "(number) -> number",
        "The absolute value of a number.",
        |_, operands| of_one(operands, arithmetic::abs),
    ),
    pure(
        "ceil",
        "(number) -> number",
        "The smallest integer that is not less than a number.",
        |_, operands| of_one(operands, arithmetic::ceil),
    ),
    pure(
        "floor",
        "(number) -> number",
        "The largest integer that is not greater than a number.",
        |_, operands| of_one(operands, arithmetic::floor),
    ),
    pure(
        "round",
        "(number) -> number",
        "A number rounded to the nearest integer.",
        |_, operands| of_one(operands, arithmetic::round),
    ),
    pure(
        "numbers.range",
        "(number, number) -> array[number]",
        "The integers from one number to another.",
        range,
    ),
    pure(
        "numbers.range_step",
        "(number, number, number) -> array[number]",
        "The integers from one number to another in steps.",
        range_step,
    ),
];

type Outcome = Result<Number, ArithmeticError>;

fn of_one(operands: Operands, compute: fn(&Number) -> Outcome) -> Answer {
    Ok(Some(Value::Number(compute(number(operands, 0)?)?)))
}

fn of_two(operands: Operands, compute: fn(&Number, &Number) -> Outcome) -> Answer {
    Ok(Some(Value::Number(compute(
        number(operands, 0)?,
        number(operands, 1)?,
    )?)))
}

/// The difference of two numbers, or of two sets.
fn minus(_: &mut Context, operands: Operands) -> Answer {
    match (operands[0], operands[1]) {
        (Value::Number(a), Value::Number(b)) => Ok(Some(Value::Number(arithmetic::minus(a, b)?))),
        (Value::Set(a), Value::Set(b)) => Ok(Some(Value::Set(a.difference(b)))),
        (Value::Set(_), Value::Number(_)) => Err(wrong(1, "set", operands[1])),
        (Value::Number(_) | Value::Set(_), _) => Err(wrong(1, "number", operands[1])),
        _ => Err(wrong(0, "one of {number, set}", operands[0])),
    }
}

fn range(context: &mut Context, operands: Operands) -> Answer {
    let (from, to) = (big_integer(operands, 0)?, big_integer(operands, 1)?);
    numbers(context, from, &to, BigInt::from(1))
}

fn range_step(context: &mut Context, operands: Operands) -> Answer {
    let (from, to) = (big_integer(operands, 0)?, big_integer(operands, 1)?);
    let step = big_integer(operands, 2)?;
    if step.sign() != Sign::Plus {
        return Err(Failure::Builtin(
            "numbers.range_step: step must be a positive integer".to_owned(),
        ));
    }
    numbers(context, from, &to, step)
}

/// The integers between two, both included, upwards or downwards.
fn numbers(context: &mut Context, from: BigInt, to: &BigInt, step: BigInt) -> Answer {
    let distance = to - &from;
    let more = usize::try_from(distance.magnitude() / step.magnitude()).unwrap_or(usize::MAX);
    context.check_members(more.saturating_add(1))?;
    let step = if distance.sign() == Sign::Minus { -step } else { step };
    let mut items = Vec::with_capacity(more + 1);
    let mut next = from;
    for _ in 0..=more {
        context.step()?;
        items.push(Value::Number(arithmetic::from_integer(&next)?));
        next += &step;
    }
    Ok(Some(Value::array(items)))
}
