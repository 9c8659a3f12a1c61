//! Arrays made of arrays.

use super::operand::{array, integer};
use super::registry::{Family, pure};
use super::{Answer, Context, Operands};
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[
    pure(
        "array.concat",
        "(array[any], array[any]) -> array[any]",
        "The items of one array followed by those of another.",
        concat,
    ),
    pure(
        "array.flatten",
        "(array[any]) -> array[any]",
        "An array whose items that are arrays are replaced by their items.",
        flatten,
    ),
    pure(
        "array.reverse",
        "(array[any]) -> array[any]",
        "An array in reverse order.",
        reverse,
    ),
    pure(
        "array.slice",
        "(array[any], number, number) -> array[any]",
        "The items of an array from one index up to, but not including, another.",
        slice,
    ),
];

fn concat(context: &mut Context, operands: Operands) -> Answer {
    let (a, b) = (array(operands, 0)?, array(operands, 1)?);
    context.check_members(a.len() + b.len())?;
    Ok(Some(Value::array(a.iter().chain(b.iter()).cloned().collect())))
}

/// Arrays among the items give way to their own items, one level deep.
fn flatten(context: &mut Context, operands: Operands) -> Answer {
    let mut flat = Vec::new();
    for item in array(operands, 0)?.iter() {
        match item {
            Value::Array(nested) => flat.extend(nested.iter().cloned()),
            other => flat.push(other.clone()),
        }
        context.step()?;
        context.check_members(flat.len())?;
    }
    Ok(Some(Value::array(flat)))
}

fn reverse(_: &mut Context, operands: Operands) -> Answer {
    Ok(Some(Value::array(array(operands, 0)?.iter().rev().cloned().collect())))
}

/// The items between two indexes; indexes beyond the ends mean the ends.
fn slice(_: &mut Context, operands: Operands) -> Answer {
    let items = array(operands, 0)?;
    let (start, stop) = (integer(operands, 1)?, integer(operands, 2)?);
    let within = |index: i64, end: usize| usize::try_from(index.max(0)).map_or(end, |index| index.min(end));
    let stop = within(stop, items.len());
    let start = within(start, stop);
    Ok(Some(Value::array(items[start..stop].to_vec())))
}
