//! Functions of numbers.

use super::super::machine::{Machine, Res};
use super::super::operators::number;
use super::super::value::Val;
use super::{Arguments, Builtin, row};

pub(super) const TABLE: &[Builtin] = &[
    row("ceil", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::ceil)
    }),
    row("floor", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::floor)
    }),
    row("round", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::round)
    }),
    row("sqrt", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::sqrt)
    }),
    row("sin", &["x"], |machine, arguments| of_one(machine, arguments, f64::sin)),
    row("cos", &["x"], |machine, arguments| of_one(machine, arguments, f64::cos)),
    row("tan", &["x"], |machine, arguments| of_one(machine, arguments, f64::tan)),
    row("asin", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::asin)
    }),
    row("acos", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::acos)
    }),
    row("atan", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::atan)
    }),
    row("exp", &["x"], |machine, arguments| of_one(machine, arguments, f64::exp)),
    row("log", &["x"], |machine, arguments| of_one(machine, arguments, f64::ln)),
    row("log2", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::log2)
    }),
    row("log10", &["x"], |machine, arguments| {
        of_one(machine, arguments, f64::log10)
    }),
    row("mantissa", &["x"], |machine, arguments| {
        of_one(machine, arguments, |number| parts(number).0)
    }),
    row("exponent", &["x"], |machine, arguments| {
        of_one(machine, arguments, |number| parts(number).1)
    }),
    row("atan2", &["y", "x"], |machine, arguments| {
        of_two(machine, arguments, f64::atan2)
    }),
    row("hypot", &["x", "y"], |machine, arguments| {
        of_two(machine, arguments, f64::hypot)
    }),
    row("pow", &["x", "n"], |machine, arguments| {
        of_two(machine, arguments, f64::powf)
    }),
    row("modulo", &["x", "y"], |machine, arguments| {
        of_two(machine, arguments, |left, right| left % right)
    }),
    row("isEven", &["x"], |machine, arguments| {
        is(machine, arguments, |number| number.trunc() % 2.0 == 0.0)
    }),
    row("isOdd", &["x"], |machine, arguments| {
        is(machine, arguments, |number| number.trunc() % 2.0 != 0.0)
    }),
    row("isInteger", &["x"], |machine, arguments| {
        is(machine, arguments, |number| number.fract() == 0.0)
    }),
    row("isDecimal", &["x"], |machine, arguments| {
        is(machine, arguments, |number| number.fract() != 0.0)
    }),
];

fn of_one(machine: &mut Machine<'_>, arguments: &Arguments, run: fn(f64) -> f64) -> Res<Val> {
    number(run(arguments.number(machine, 0)?), arguments.at)
}

fn of_two(machine: &mut Machine<'_>, arguments: &Arguments, run: fn(f64, f64) -> f64) -> Res<Val> {
    let (left, right) = (arguments.number(machine, 0)?, arguments.number(machine, 1)?);
    number(run(left, right), arguments.at)
}

fn is(machine: &mut Machine<'_>, arguments: &Arguments, run: fn(f64) -> bool) -> Res<Val> {
    Ok(Val::Bool(run(arguments.number(machine, 0)?)))
}

/// The fraction from one half to one, and the power of two, that make up a number.
fn parts(number: f64) -> (f64, f64) {
    if number == 0.0 {
        return (0.0, 0.0);
    }
    let (mut fraction, mut exponent) = (number, 0.0);
    while fraction.abs() >= 1.0 {
        (fraction, exponent) = (fraction / 2.0, exponent + 1.0);
    }
    while fraction.abs() < 0.5 {
        (fraction, exponent) = (fraction * 2.0, exponent - 1.0);
    }
    (fraction, exponent)
}
