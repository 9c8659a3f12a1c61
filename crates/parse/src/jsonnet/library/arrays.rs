//! Functions of arrays and of sets, which are sorted arrays.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::machine::{Machine, Res};
use super::super::tree::At;
use super::super::value::{Function, State, ThunkId, Val};
use super::{Arguments, Builtin, row};

pub(super) const TABLE: &[Builtin] = &[
    row("makeArray", &["sz", "func"], |machine, arguments| {
        let count = arguments.count(machine, 0)?;
        let function = arguments.function(machine, 1)?;
        machine.spend(count as u64 * 128, arguments.at)?;
        let mut items = Vec::with_capacity(count);
        for index in 0..count {
            let index = machine.done(Val::Number(index as f64), arguments.at)?;
            items.push(machine.thunk(State::Call(function.clone(), Rc::new([index])), At::default())?);
        }
        machine.array(items, arguments.at)
    }),
    row("range", &["from", "to"], |machine, arguments| {
        let (from, to) = (arguments.number(machine, 0)?, arguments.number(machine, 1)?);
        let count = (to - from + 1.0).max(0.0);
        machine.spend((count as u64).saturating_mul(64), arguments.at)?;
        let values = (0..count as u64).map(|index| Val::Number(from + index as f64));
        machine.array_of(values.collect(), arguments.at)
    }),
    row("slice", &["indexable", "index", "end", "step"], |machine, arguments| {
        let target = arguments.value(machine, 0)?;
        let from = arguments.value(machine, 1)?;
        let to = arguments.value(machine, 2)?;
        let step = arguments.value(machine, 3)?;
        machine.slice(&target, &from, &to, &step, arguments.at)
    }),
    row("join", &["sep", "arr"], join),
    row("flatMap", &["func", "arr"], flat_map),
    row("filter", &["func", "arr"], |machine, arguments| {
        let function = arguments.function(machine, 0)?;
        let mut kept = Vec::new();
        for item in arguments.array(machine, 1)?.iter() {
            match machine.call(&function, &[*item], arguments.at)? {
                Val::Bool(true) => kept.push(*item),
                Val::Bool(false) => {}
                other => return arguments.wrong(&other, "boolean"),
            }
        }
        machine.array(kept, arguments.at)
    }),
    row("foldl", &["func", "arr", "init"], |machine, arguments| {
        let items = arguments.sequence(machine, 1)?;
        fold(machine, arguments, items.iter(), |value, item| [value, item])
    }),
    row("foldr", &["func", "arr", "init"], |machine, arguments| {
        let items = arguments.sequence(machine, 1)?;
        fold(machine, arguments, items.iter().rev(), |value, item| [item, value])
    }),
    row("member", &["arr", "x"], |machine, arguments| {
        let wanted = arguments.value(machine, 1)?;
        if let (Val::String(text), Val::String(part)) = (arguments.value(machine, 0)?, &wanted) {
            return Ok(Val::Bool(text.contains(&**part)));
        }
        for item in arguments.array(machine, 0)?.iter() {
            let item = machine.force(*item, arguments.at)?;
            if machine.equal(&item, &wanted, arguments.at)? {
                return Ok(Val::Bool(true));
            }
        }
        Ok(Val::Bool(false))
    }),
    row("sort", &["arr", "keyF?"], |machine, arguments| {
        let items = arguments.sequence(machine, 0)?;
        let keyed = keyed(machine, arguments, &items, 1)?;
        let sorted = merge_sort(machine, keyed, arguments.at)?;
        machine.array(sorted.into_iter().map(|(_, item)| item).collect(), arguments.at)
    }),
    row("uniq", &["arr", "keyF?"], |machine, arguments| {
        let items = arguments.sequence(machine, 0)?;
        let mut kept = Vec::<(Val, ThunkId)>::new();
        for (key, item) in keyed(machine, arguments, &items, 1)? {
            let is_same = match kept.last() {
                Some((last, _)) => machine.equal(&last.clone(), &key, arguments.at)?,
                None => false,
            };
            if !is_same {
                kept.push((key, item));
            }
        }
        machine.array(kept.into_iter().map(|(_, item)| item).collect(), arguments.at)
    }),
    row("minArray", &["arr", "keyF?", "onEmpty?"], |machine, arguments| {
        extreme(machine, arguments, Ordering::Less)
    }),
    row("maxArray", &["arr", "keyF?", "onEmpty?"], |machine, arguments| {
        extreme(machine, arguments, Ordering::Greater)
    }),
    row("setUnion", &["a", "b", "keyF?"], |machine, arguments| {
        merged(machine, arguments, |left, right| left || right)
    }),
    row("setInter", &["a", "b", "keyF?"], |machine, arguments| {
        merged(machine, arguments, |left, right| left && right)
    }),
    row("setDiff", &["a", "b", "keyF?"], |machine, arguments| {
        merged(machine, arguments, |left, right| left && !right)
    }),
];

fn join(machine: &mut Machine<'_>, arguments: &Arguments) -> Res<Val> {
    let separator = arguments.value(machine, 0)?;
    let items = arguments.array(machine, 1)?;
    let mut values = Vec::new();
    for item in items.iter() {
        match machine.force(*item, arguments.at)? {
            Val::Null => {}
            value => values.push(value),
        }
    }
    match separator {
        Val::String(separator) => {
            let mut out = String::new();
            for (index, value) in values.iter().enumerate() {
                let Val::String(text) = value else {
                    return arguments.wrong(value, "string");
                };
                machine.spend((separator.len() + text.len()) as u64, arguments.at)?;
                if index > 0 {
                    out.push_str(&separator);
                }
                out.push_str(text);
            }
            Ok(Val::string(out))
        }
        Val::Array(separator) => {
            let mut out = Vec::new();
            for (index, value) in values.iter().enumerate() {
                let Val::Array(items) = value else {
                    return arguments.wrong(value, "array");
                };
                machine.spend((separator.len() + items.len()) as u64 * 4, arguments.at)?;
                if index > 0 {
                    out.extend_from_slice(&separator);
                }
                out.extend_from_slice(items);
            }
            machine.array(out, arguments.at)
        }
        other => arguments.wrong(&other, "string or array"),
    }
}

fn flat_map(machine: &mut Machine<'_>, arguments: &Arguments) -> Res<Val> {
    let function = arguments.function(machine, 0)?;
    let is_text = matches!(arguments.value(machine, 1)?, Val::String(_));
    let (mut items, mut text) = (Vec::new(), String::new());
    for item in arguments.sequence(machine, 1)?.iter() {
        match machine.call(&function, &[*item], arguments.at)? {
            Val::Array(found) if !is_text => {
                machine.spend(found.len() as u64 * 4, arguments.at)?;
                items.extend_from_slice(&found);
            }
            Val::String(found) if is_text => {
                machine.spend(found.len() as u64, arguments.at)?;
                text.push_str(&found);
            }
            Val::Null => {}
            other => return arguments.wrong(&other, if is_text { "string" } else { "array" }),
        }
    }
    match is_text {
        true => Ok(Val::string(text)),
        false => machine.array(items, arguments.at),
    }
}

/// Folds with a function of two arguments, which `order` puts in their order.
fn fold<'t>(
    machine: &mut Machine<'_>,
    arguments: &Arguments,
    items: impl Iterator<Item = &'t ThunkId>,
    order: fn(ThunkId, ThunkId) -> [ThunkId; 2],
) -> Res<Val> {
    let function = arguments.function(machine, 0)?;
    let mut value = arguments.value(machine, 2)?;
    for item in items {
        let thunk = machine.done(value, At::default())?;
        value = machine.call(&function, &order(thunk, *item), arguments.at)?;
    }
    Ok(value)
}

/// The items with their keys.
fn keyed(
    machine: &mut Machine<'_>,
    arguments: &Arguments,
    items: &[ThunkId],
    place: usize,
) -> Res<Vec<(Val, ThunkId)>> {
    let function: Option<Function> = match arguments.thunk(place) {
        Some(_) => Some(arguments.function(machine, place)?),
        None => None,
    };
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let key = match &function {
            Some(function) => machine.call(function, &[*item], arguments.at)?,
            None => machine.force(*item, arguments.at)?,
        };
        keyed.push((key, *item));
    }
    Ok(keyed)
}

/// A stable sort whose comparison can fail.
fn merge_sort(machine: &mut Machine<'_>, mut items: Vec<(Val, ThunkId)>, at: At) -> Res<Vec<(Val, ThunkId)>> {
    let mut width = 1;
    while width < items.len() {
        let mut sorted = Vec::with_capacity(items.len());
        for pair in items.chunks(width * 2) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
            while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
                let takes_right = machine.compare(&a.0, &b.0, at)?.is_gt();
                let next = if takes_right { right.next() } else { left.next() };
                sorted.extend(next.cloned());
            }
            sorted.extend(left.chain(right).cloned());
        }
        items = sorted;
        width *= 2;
    }
    Ok(items)
}

fn extreme(machine: &mut Machine<'_>, arguments: &Arguments, wanted: Ordering) -> Res<Val> {
    let items = arguments.array(machine, 0)?;
    if items.is_empty() {
        return match arguments.thunk(2) {
            Some(_) => arguments.value(machine, 2),
            None => arguments.fail("the array is empty"),
        };
    }
    let mut best: Option<(Val, ThunkId)> = None;
    for (key, item) in keyed(machine, arguments, &items, 1)? {
        let is_better = match &best {
            Some((known, _)) => machine.compare(&key, &known.clone(), arguments.at)? == wanted,
            None => true,
        };
        if is_better {
            best = Some((key, item));
        }
    }
    match best {
        Some((_, item)) => machine.force(item, arguments.at),
        None => Ok(Val::Null),
    }
}

/// The members of two sets for which `keep` holds, told whether they are in the first and in the second.
fn merged(machine: &mut Machine<'_>, arguments: &Arguments, keep: fn(bool, bool) -> bool) -> Res<Val> {
    let left = arguments.array(machine, 0)?;
    let right = arguments.array(machine, 1)?;
    let left = keyed(machine, arguments, &left, 2)?;
    let right = keyed(machine, arguments, &right, 2)?;
    let (mut a, mut b) = (left.iter().peekable(), right.iter().peekable());
    let mut kept = Vec::new();
    loop {
        let order = match (a.peek(), b.peek()) {
            (Some(a), Some(b)) => machine.compare(&a.0, &b.0, arguments.at)?,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let first = if order.is_le() { a.next() } else { None };
        let second = if order.is_ge() { b.next() } else { None };
        if keep(first.is_some(), second.is_some()) {
            kept.extend(first.or(second).map(|(_, item)| *item));
        }
    }
    machine.array(kept, arguments.at)
}
