//! One value made of all members of a collection.

use super::operand::{members, wrong};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::number;
use kpolicy_value::{Number, Value};

pub(super) const FAMILY: Family = &[
    pure(
        "count",
        "(string | array[any] | object{[any]: any} | set[any]) -> number",
        "The number of members of a collection, or of characters of a string.",
        count,
    ),
    pure(
        "sum",
        "(array[number] | set[number]) -> number",
        "The sum of the members of a collection.",
        |_, operands| Ok(Some(Value::Number(number::sum(numbers(operands)?.into_iter())?))),
    ),
    pure(
        "product",
        "(array[number] | set[number]) -> number",
        "The product of the members of a collection.",
        |_, operands| Ok(Some(Value::Number(number::product(numbers(operands)?.into_iter())?))),
    ),
    pure(
        "max",
        "(array[any] | set[any]) -> any",
        "The greatest member of a collection.",
        |_, operands| Ok(members(operands, 0, SET_OR_ARRAY)?.iter().max().cloned()),
    ),
    pure(
        "min",
        "(array[any] | set[any]) -> any",
        "The least member of a collection.",
        |_, operands| Ok(members(operands, 0, SET_OR_ARRAY)?.iter().rev().min().cloned()),
    ),
    pure(
        "sort",
        "(array[any] | set[any]) -> array[any]",
        "The members of a collection as a sorted array.",
        sort,
    ),
    pure(
        "any",
        "(array[any] | set[any]) -> boolean",
        "Whether a member of a collection is true.",
        |_, operands| {
            let found = members(operands, 0, ARRAY_OR_SET)?.contains(&Value::Bool(true));
            Ok(Some(Value::Bool(found)))
        },
    )
    .deprecated(),
    pure(
        "all",
        "(array[any] | set[any]) -> boolean",
        "Whether all members of a collection are true.",
        |_, operands| {
            let all = members(operands, 0, ARRAY_OR_SET)?
                .iter()
                .all(|member| *member == Value::Bool(true));
            Ok(Some(Value::Bool(all)))
        },
    )
    .deprecated(),
];

const SET_OR_ARRAY: &str = "one of {set, array}";
const ARRAY_OR_SET: &str = "one of {array, set}";

fn count(_: &mut Context, operands: Operands) -> Answer {
    let count = match operands[0] {
        Value::String(string) => string.to_str().chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(object) => object.len(),
        Value::Set(members) => members.len(),
        other => return Err(wrong(0, "one of {array, object, set, string}", other)),
    };
    Ok(Some(count.into()))
}

fn sort(_: &mut Context, operands: Operands) -> Answer {
    let mut sorted = members(operands, 0, SET_OR_ARRAY)?.to_vec();
    sorted.sort();
    Ok(Some(Value::array(sorted)))
}

/// The numbers that the first operand consists of.
fn numbers(operands: Operands<'_>) -> Result<Vec<&Number>, Failure> {
    let collection = operands[0].type_name();
    members(operands, 0, SET_OR_ARRAY)?
        .iter()
        .map(|member| match member {
            Value::Number(number) => Ok(number),
            other => Err(Failure::Operand(format!(
                "operand 1 must be {collection} of numbers but got {collection} containing {}",
                other.type_name()
            ))),
        })
        .collect()
}
