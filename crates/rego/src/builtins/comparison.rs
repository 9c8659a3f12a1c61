//! Comparison and membership.

use super::{Answer, Context, Family, Operands};
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[
    ("eq", equal),
    ("equal", equal),
    ("neq", |_, operands| truth(operands[0] != operands[1])),
    ("lt", |_, operands| truth(operands[0] < operands[1])),
    ("lte", |_, operands| truth(operands[0] <= operands[1])),
    ("gt", |_, operands| truth(operands[0] > operands[1])),
    ("gte", |_, operands| truth(operands[0] >= operands[1])),
    ("internal.member_2", member),
    ("internal.member_3", member_with_key),
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
