//! Sets made of sets.

use super::operand::{set, wrong};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::{Set, Value};

pub(super) const FAMILY: Family = &[
    pure(
        "and",
        "(set[any], set[any]) -> set[any]",
        "The members that two sets have in common.",
        |_, operands| of_two(operands, Set::intersection),
    )
    .infix("&"),
    pure(
        "or",
        "(set[any], set[any]) -> set[any]",
        "The members of two sets.",
        |_, operands| of_two(operands, Set::union),
    )
    .infix("|"),
    pure(
        "set_diff",
        "(set[any], set[any]) -> set[any]",
        "The members of a set that another does not have.",
        |_, operands| of_two(operands, Set::difference),
    )
    .deprecated(),
    pure(
        "union",
        "(set[set[any]]) -> set[any]",
        "The members of all sets of a set.",
        union,
    ),
    pure(
        "intersection",
        "(set[set[any]]) -> set[any]",
        "The members that all sets of a set have in common.",
        intersection,
    ),
];

fn of_two(operands: Operands, combine: fn(&Set, &Set) -> Set) -> Answer {
    let combined = combine(set(operands, 0)?, set(operands, 1)?);
    Ok(Some(Value::Set(combined)))
}

fn union(context: &mut Context, operands: Operands) -> Answer {
    let mut members = Vec::new();
    for one in sets(operands)? {
        context.step()?;
        context.check_members(members.len() + one.len())?;
        members.extend_from_slice(one.as_slice());
    }
    Ok(Some(Value::set(members)))
}

fn intersection(context: &mut Context, operands: Operands) -> Answer {
    let sets = sets(operands)?;
    let Some((first, others)) = sets.split_first() else {
        return Ok(Some(Value::set(vec![])));
    };
    let mut common = (*first).clone();
    for other in others {
        context.step()?;
        common = common.intersection(other);
    }
    Ok(Some(Value::Set(common)))
}

/// The sets that the first operand consists of.
fn sets(operands: Operands<'_>) -> Result<Vec<&Set>, Failure> {
    set(operands, 0)?
        .iter()
        .map(|member| match member {
            Value::Set(set) => Ok(set),
            other => Err(wrong(0, "set", other)),
        })
        .collect()
}
