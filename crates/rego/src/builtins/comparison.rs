//! Comparison and membership.

use super::registry::{Family, pure};
use super::{Answer, Context, Operands};
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[
    pure("eq", "(any, any) -> boolean", "Unifies two values.", equal).infix("="),
    pure("equal", "(any, any) -> boolean", "Whether two values are equal.", equal).infix("=="),
    pure(
        "neq",
        "(any, any) -> boolean",
        "Whether two values differ.",
        |_, operands| truth(operands[0] != operands[1]),
    )
    .infix("!="),
    pure(
        "lt",
        "(any, any) -> boolean",
        "Whether a value is less than another.",
        |_, operands| truth(operands[0] < operands[1]),
    )
    .infix("<"),
    pure(
        "lte",
        "(any, any) -> boolean",
        "Whether a value is less than another or equal to it.",
        |_, operands| truth(operands[0] <= operands[1]),
    )
    .infix("<="),
    pure(
        "gt",
        "(any, any) -> boolean",
        "Whether a value is greater than another.",
        |_, operands| truth(operands[0] > operands[1]),
    )
    .infix(">"),
    pure(
        "gte",
        "(any, any) -> boolean",
        "Whether a value is greater than another or equal to it.",
        |_, operands| truth(operands[0] >= operands[1]),
    )
    .infix(">="),
    pure(
        "internal.member_2",
        "(any, any) -> boolean",
        "Whether a collection has a member.",
        member,
    )
    .infix("in"),
    pure(
        "internal.member_3",
        "(any, any, any) -> boolean",
        "Whether a collection has a member under a key.",
        member_with_key,
    )
    .infix("in"),
];

fn truth(flag: bool) -> Answer {
    Ok(Some(Value::Bool(flag)))
}

fn equal(_: &mut Context, operands: Operands) -> Answer {
    truth(operands[0] == operands[1])
}

/// `x in collection`; nothing is in what is not a collection.
fn member(_: &mut Context, operands: Operands) -> Answer {
    let (wanted, collection) = (operands[0], operands[1]);
    truth(match collection {
        Value::Array(items) => items.contains(wanted),
        Value::Set(members) => members.get(wanted).is_some(),
        Value::Object(object) => object.iter().any(|(_, value)| value == wanted),
        _ => false,
    })
}

/// `key, value in collection`
fn member_with_key(_: &mut Context, operands: Operands) -> Answer {
    truth(operands[2].get(operands[0]) == Some(operands[1]))
}
