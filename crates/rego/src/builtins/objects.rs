//! Objects made of objects.

use super::operand::{array, object, wrong};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::{Object, Set, Value};

pub(super) const FAMILY: Family = &[
    pure(
        "object.filter",
        "(object{[any]: any}, array[any] | object{[any]: any} | set[any]) -> object{[any]: any}",
        "The entries of an object under these keys.",
        |_, operands| {
            let filtered = object(operands, 0)?.only(&keys(operands)?);
            Ok(Some(Value::Object(filtered)))
        },
    ),
    pure(
        "object.remove",
        "(object{[any]: any}, array[any] | object{[any]: any} | set[any]) -> object{[any]: any}",
        "An object without these keys.",
        |_, operands| {
            let left = object(operands, 0)?.without(&keys(operands)?);
            Ok(Some(Value::Object(left)))
        },
    ),
    pure(
        "object.keys",
        "(object{[any]: any}) -> set[any]",
        "The keys of an object.",
        |_, operands| Ok(Some(Value::Set(object(operands, 0)?.keys()))),
    ),
    pure(
        "object.get",
        "(object{[any]: any}, any, any) -> any",
        "The value at a key or path of an object, or a default.",
        get,
    ),
    pure(
        "object.union",
        "(object{[any]: any}, object{[any]: any}) -> object{[any]: any}",
        "Two objects merged, the second taking precedence.",
        |context, operands| {
            let (left, right) = (object(operands, 0)?, object(operands, 1)?);
            // Where both are equal OPA gives the left one: 1.0 does not take the place of 1.
            if left == right {
                return Ok(Some(operands[0].clone()));
            }
            let union = merge(context, left, right, &mut 0)?;
            Ok(Some(Value::Object(union)))
        },
    ),
    pure(
        "object.union_n",
        "(array[object{[any]: any}]) -> object{[any]: any}",
        "Several objects merged, later ones taking precedence.",
        union_n,
    ),
    pure(
        "object.subset",
        "(array[any] | object{[any]: any} | set[any], array[any] | object{[any]: any} | set[any]) -> boolean",
        "Whether a collection contains another.",
        subset,
    ),
];

/// The second operand as a set of keys.
fn keys(operands: Operands) -> Result<Set, Failure> {
    match operands[1] {
        Value::Array(items) => Ok(Set::new(items.to_vec())),
        Value::Set(members) => Ok(members.clone()),
        Value::Object(object) => Ok(object.keys()),
        other => Err(wrong(1, "one of {object, set, array}", other)),
    }
}

/// The value under a key, or at the end of a path of them, or the default.
fn get(_: &mut Context, operands: Operands) -> Answer {
    let found = match (object(operands, 0)?, operands[1]) {
        (_, Value::Array(path)) => path.iter().try_fold(operands[0], |value, key| value.get(key)),
        (object, key) => object.get(key),
    };
    Ok(Some(found.unwrap_or(operands[2]).clone()))
}

/// Both objects in one, and so their values where both are objects; else the right one's value wins. What is built
/// counts: parts that both share are built as often as they are in them.
fn merge(context: &mut Context, left: &Object, right: &Object, built: &mut usize) -> Result<Object, Failure> {
    *built += left.len() + right.len();
    context.check_members(*built)?;
    let mut failed = None;
    let union = left.union(right, |left, right| match (left, right) {
        (Value::Object(left), Value::Object(right)) if failed.is_none() => match merge(context, left, right, built) {
            Ok(merged) => Value::Object(merged),
            Err(failure) => {
                failed = Some(failure);
                Value::Null
            }
        },
        _ => right.clone(),
    });
    context.check_time()?;
    failed.map_or(Ok(union), Err)
}

fn union_n(context: &mut Context, operands: Operands) -> Answer {
    let objects: Vec<&Object> = array(operands, 0)?
        .iter()
        .map(|member| match member {
            Value::Object(object) => Ok(object),
            other => Err(Failure::Operand(format!(
                "operand 1 must be array of objects but got array containing {}",
                other.type_name()
            ))),
        })
        .collect::<Result<_, _>>()?;
    Ok(Some(Value::Object(merge_all(context, &objects, &mut 0)?)))
}

/// All objects in one, merged from left to right; key by key, so that many small ones cost no more than one large one.
fn merge_all(context: &mut Context, objects: &[&Object], built: &mut usize) -> Result<Object, Failure> {
    *built += objects.iter().map(|object| object.len()).sum::<usize>();
    context.check_size(built.saturating_mul(size_of::<&Value>()))?;
    let mut entries: Vec<&(Value, Value)> = objects.iter().flat_map(|object| object.iter()).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let mut merged = Vec::new();
    for group in entries.chunk_by(|a, b| a.0 == b.0) {
        context.step()?;
        let (key, last) = group[group.len() - 1];
        // What stands before a value that is not an object is lost.
        let nested = group.iter().rev().map_while(|(_, value)| match value {
            Value::Object(object) => Some(object),
            _ => None,
        });
        let mut nested: Vec<&Object> = nested.collect();
        nested.reverse();
        let value = match nested.len() {
            0 | 1 => last.clone(),
            _ => Value::Object(merge_all(context, &nested, built)?),
        };
        merged.push((key.clone(), value));
    }
    Ok(Object::new(merged))
}

fn subset(context: &mut Context, operands: Operands) -> Answer {
    let contains = match (operands[0], operands[1]) {
        (Value::Array(all), Value::Set(some)) => array_has_members(all, some),
        (all, some) => contains(context, all, some)?.ok_or_else(|| {
            Failure::Operand("both arguments object.subset must be of the same type or array and set".to_owned())
        })?,
    };
    Ok(Some(Value::Bool(contains)))
}

/// Whether one collection contains another of its type; nothing if they are not of one type.
fn contains(context: &mut Context, all: &Value, some: &Value) -> Result<Option<bool>, Failure> {
    match (all, some) {
        (Value::Object(all), Value::Object(some)) => object_contains(context, all, some).map(Some),
        (Value::Set(all), Value::Set(some)) => Ok(Some(some.is_subset(all))),
        (Value::Array(all), Value::Array(some)) => array_contains(context, all, some).map(Some),
        _ => Ok(None),
    }
}

/// Whether every entry of `some` is in `all`, its value equal or contained.
fn object_contains(context: &mut Context, all: &Object, some: &Object) -> Result<bool, Failure> {
    for (key, value) in some.iter() {
        context.step()?;
        let Some(found) = all.get(key) else {
            return Ok(false);
        };
        if found != value && contains(context, found, value)? != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the items of `some` are in `all`, one after the other.
fn array_contains(context: &mut Context, all: &[Value], some: &[Value]) -> Result<bool, Failure> {
    if some.is_empty() {
        return Ok(true);
    }
    for window in all.windows(some.len()) {
        context.step()?;
        if window == some {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the array has the set's members. As in OPA, an item that stands twice in the array counts for two members.
fn array_has_members(all: &[Value], some: &Set) -> bool {
    if some.is_empty() {
        return !all.is_empty();
    }
    all.iter().filter(|item| some.get(item).is_some()).count() >= some.len()
}
