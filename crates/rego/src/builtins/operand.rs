//! Operands as builtins want them, or OPA's words for what they are not.

use std::borrow::Cow;

use num_bigint::BigInt;

use super::{Failure, Operands};
use crate::number;
use kpolicy_value::{Array, Number, Object, Set, Str, Value};

/// The operand at `at`, counted from 0, as a string.
pub(super) fn string<'v>(operands: &[&'v Value], at: usize) -> Result<&'v Str, Failure> {
    match operands[at] {
        Value::String(string) => Ok(string),
        other => Err(wrong(at, "string", other)),
    }
}

/// The bytes of the operand, a string: for builtins that Go's byte functions are behind.
pub(super) fn bytes<'v>(operands: &[&'v Value], at: usize) -> Result<&'v [u8], Failure> {
    string(operands, at).map(Str::as_bytes)
}

/// The characters of the operand, a string: for builtins that read it character by character. Each byte that is not part
/// of one is a U+FFFD, as in Go.
pub(super) fn text<'v>(operands: &[&'v Value], at: usize) -> Result<Cow<'v, str>, Failure> {
    string(operands, at).map(Str::to_str)
}

/// The operand as a number.
pub(super) fn number<'v>(operands: &[&'v Value], at: usize) -> Result<&'v Number, Failure> {
    match operands[at] {
        Value::Number(number) => Ok(number),
        other => Err(wrong(at, "number", other)),
    }
}

/// The operand as an integer of 64 bits.
pub(super) fn integer(operands: Operands, at: usize) -> Result<i64, Failure> {
    number(operands, at)?.as_index().ok_or_else(|| no_integer(at))
}

/// The operand as an integer of any size.
pub(super) fn big_integer(operands: Operands, at: usize) -> Result<BigInt, Failure> {
    let Value::Number(number) = operands[at] else {
        return Err(wrong(at, "integer", operands[at]));
    };
    number::integer(number)?.ok_or_else(|| no_integer(at))
}

fn no_integer(at: usize) -> Failure {
    Failure::Operand(format!(
        "operand {} must be integer number but got floating-point number",
        at + 1
    ))
}

/// The members of the operand, an array or a set; `wanted` is how the builtin lists these two.
pub(super) fn members<'v>(operands: &[&'v Value], at: usize, wanted: &str) -> Result<&'v [Value], Failure> {
    match operands[at] {
        Value::Array(items) => Ok(items),
        Value::Set(members) => Ok(members.as_slice()),
        other => Err(wrong(at, wanted, other)),
    }
}

/// The operand as an array.
pub(super) fn array<'v>(operands: &[&'v Value], at: usize) -> Result<&'v Array, Failure> {
    match operands[at] {
        Value::Array(items) => Ok(items),
        other => Err(wrong(at, "array", other)),
    }
}

/// The operand as an object.
pub(super) fn object<'v>(operands: &[&'v Value], at: usize) -> Result<&'v Object, Failure> {
    match operands[at] {
        Value::Object(object) => Ok(object),
        other => Err(wrong(at, "object", other)),
    }
}

/// The operand as a set.
pub(super) fn set<'v>(operands: &[&'v Value], at: usize) -> Result<&'v Set, Failure> {
    match operands[at] {
        Value::Set(members) => Ok(members),
        other => Err(wrong(at, "set", other)),
    }
}

/// The failure of an operand that is none of what is `wanted`, one type or OPA's list of them (`one of {array, set}`).
pub(super) fn wrong(at: usize, wanted: &str, got: &Value) -> Failure {
    Failure::Operand(format!(
        "operand {} must be {wanted} but got {}",
        at + 1,
        got.type_name()
    ))
}
