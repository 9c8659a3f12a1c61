//! Terraform's functions, those that configurations use to put values together. The others give what is not known.

use std::cmp::Ordering;

use super::convert::{
    Fault, Outcome, boolean, counted, decoded, encoded, entries, items, json, known_items, number, of_number, text,
    whole,
};
use super::unknown::{is_known, is_unknown, items_of, partly};
use kpolicy_value::Value;

/// The most items that a function makes of none.
const MOST_ITEMS: i64 = 1024;

/// The most characters that a field of a format is filled up to.
const MOST_WIDTH: usize = 1024;

/// What a function gives for its arguments.
pub(super) fn call(name: &str, arguments: &[Value]) -> Outcome {
    let name = name.strip_prefix("core::").unwrap_or(name);
    of_collections(name, arguments)
        .or_else(|| of_texts(name, arguments))
        .or_else(|| of_numbers(name, arguments))
        .unwrap_or(Err(Fault::Unknown))
}

fn one(arguments: &[Value]) -> Outcome<&Value> {
    match arguments {
        [value] => Ok(value),
        _ => Err(Fault::Failed),
    }
}

fn two(arguments: &[Value]) -> Outcome<(&Value, &Value)> {
    match arguments {
        [first, second] => Ok((first, second)),
        _ => Err(Fault::Failed),
    }
}

fn three(arguments: &[Value]) -> Outcome<(&Value, &Value, &Value)> {
    match arguments {
        [first, second, third] => Ok((first, second, third)),
        _ => Err(Fault::Failed),
    }
}

/// The functions of lists, sets and maps; nothing where the name is of no such function.
fn of_collections(name: &str, arguments: &[Value]) -> Option<Outcome> {
    Some(match name {
        "concat" => concat(arguments),
        "flatten" => one(arguments).and_then(|value| Ok(Value::array(flat(items(value)?)))),
        "merge" => merge(arguments),
        "lookup" => lookup(arguments),
        "element" => two(arguments).and_then(|(list, index)| element(list, index)),
        "index" => two(arguments).and_then(|(list, value)| index(list, value)),
        "length" => one(arguments).and_then(length),
        "keys" => {
            one(arguments).and_then(|map| Ok(Value::array(entries(map)?.into_iter().map(|(key, _)| key).collect())))
        }
        "values" => one(arguments).and_then(|map| {
            Ok(Value::array(
                entries(map)?.into_iter().map(|(_, value)| value).collect(),
            ))
        }),
        "contains" => two(arguments).and_then(|(list, value)| contains(list, value)),
        "compact" => one(arguments).and_then(|list| {
            let is_empty = |item: &Value| *item == Value::Null || item.as_str() == Some("");
            Ok(Value::array(
                counted(list)?.iter().filter(|item| !is_empty(item)).cloned().collect(),
            ))
        }),
        "distinct" => one(arguments).and_then(|list| Ok(Value::array(distinct(known_items(list)?)))),
        "reverse" => one(arguments).and_then(|list| Ok(Value::array(counted(list)?.iter().rev().cloned().collect()))),
        "slice" => three(arguments).and_then(|(list, from, to)| slice(list, from, to)),
        "sort" => one(arguments).and_then(sorted),
        "tolist" => one(arguments).and_then(|list| Ok(Value::array(items(list)?.to_vec()))),
        "toset" => one(arguments).and_then(to_set),
        "tomap" => one(arguments).and_then(|map| Ok(Value::object(entries(map)?))),
        "zipmap" => two(arguments).and_then(|(keys, values)| zipmap(keys, values)),
        "setunion" => sets(arguments, |all, item| all.iter().any(|set| set.contains(item))),
        "setintersection" => sets(arguments, |all, item| all.iter().all(|set| set.contains(item))),
        "setsubtract" => sets(arguments, |all, item| {
            all[0].contains(item) && !all[1..].iter().any(|set| set.contains(item))
        }),
        "setproduct" => product(arguments),
        "chunklist" => two(arguments).and_then(|(list, size)| chunks(list, size)),
        "range" => range(arguments),
        "coalesce" => coalesce(arguments),
        "coalescelist" => coalescelist(arguments),
        "one" => one(arguments).and_then(|list| match counted(list)? {
            [] => Ok(Value::Null),
            [item] => Ok(item.clone()),
            _ => Err(Fault::Failed),
        }),
        "alltrue" => one(arguments).and_then(|list| every(list, true)),
        "anytrue" => one(arguments).and_then(|list| every(list, false)),
        "sum" => one(arguments).and_then(|list| {
            let numbers: Outcome<Vec<f64>> = known_items(list)?.iter().map(number).collect();
            of_number(numbers?.iter().sum())
        }),
        "sensitive" | "nonsensitive" | "ephemeralasnull" => one(arguments).cloned(),
        _ => return None,
    })
}

/// The functions of texts.
fn of_texts(name: &str, arguments: &[Value]) -> Option<Outcome> {
    let changed = |change: fn(&str) -> String| one(arguments).and_then(|value| Ok(string(change(&text(value)?))));
    let with = |change: fn(&str, &str) -> Value| {
        two(arguments).and_then(|(value, other)| Ok(change(&text(value)?, &text(other)?)))
    };
    Some(match name {
        "jsonencode" => one(arguments).map(|value| match is_known(value) {
            true => string(json(value)),
            false => partly(&json(value)),
        }),
        "jsondecode" => one(arguments).and_then(|value| {
            let decoded = serde_json::from_str(&text(value)?).map_err(|_| Fault::Failed)?;
            Ok(Value::from_json(&decoded))
        }),
        "base64encode" => changed(encoded),
        "base64decode" => one(arguments).and_then(|value| Ok(string(decoded(&text(value)?)?))),
        "tostring" => one(arguments).and_then(|value| match value {
            Value::Null => Ok(Value::Null),
            value => Ok(string(text(value)?)),
        }),
        "lower" => changed(str::to_lowercase),
        "upper" => changed(str::to_uppercase),
        "title" => changed(title),
        "trimspace" => changed(|text| text.trim().to_owned()),
        "chomp" => changed(|text| text.trim_end_matches(['\n', '\r']).to_owned()),
        "strrev" => changed(|text| text.chars().rev().collect()),
        "trim" => with(|text, set| string(text.trim_matches(|letter| set.contains(letter)))),
        "trimprefix" => with(|text, prefix| string(text.strip_prefix(prefix).unwrap_or(text))),
        "trimsuffix" => with(|text, suffix| string(text.strip_suffix(suffix).unwrap_or(text))),
        "startswith" => with(|text, prefix| text.starts_with(prefix).into()),
        "endswith" => with(|text, suffix| text.ends_with(suffix).into()),
        "strcontains" => with(|text, part| text.contains(part).into()),
        "split" => with(|separator, text| match (separator, text) {
            (_, "") => Value::array(vec![string("")]),
            ("", text) => Value::array(text.chars().map(|letter| string(letter.to_string())).collect()),
            (separator, text) => Value::array(text.split(separator).map(string).collect()),
        }),
        "join" => join(arguments),
        "replace" => three(arguments).and_then(|(value, from, to)| replace(&text(value)?, &text(from)?, &text(to)?)),
        "substr" => {
            three(arguments).and_then(|(value, from, length)| substr(&text(value)?, whole(from)?, whole(length)?))
        }
        "format" => match arguments.split_first() {
            Some((pattern, arguments)) => text(pattern)
                .and_then(|pattern| format(&pattern, arguments))
                .map(string),
            None => Err(Fault::Failed),
        },
        "formatlist" => formatlist(arguments),
        _ => return None,
    })
}

/// The functions of numbers and booleans.
fn of_numbers(name: &str, arguments: &[Value]) -> Option<Outcome> {
    let changed = |change: fn(f64) -> f64| one(arguments).and_then(|value| of_number(change(number(value)?)));
    let best = |least: bool| {
        let numbers: Outcome<Vec<f64>> = arguments.iter().map(number).collect();
        let chosen = numbers?.into_iter().reduce(if least { f64::min } else { f64::max });
        chosen.map_or(Err(Fault::Failed), of_number)
    };
    Some(match name {
        "tonumber" => one(arguments).and_then(|value| match value {
            Value::Null => Ok(Value::Null),
            value => of_number(number(value)?),
        }),
        "tobool" => one(arguments).and_then(|value| match value {
            Value::Null => Ok(Value::Null),
            value => Ok(boolean(value)?.into()),
        }),
        "abs" => changed(f64::abs),
        "ceil" => changed(f64::ceil),
        "floor" => changed(f64::floor),
        "min" => best(true),
        "max" => best(false),
        "pow" => two(arguments).and_then(|(base, power)| of_number(number(base)?.powf(number(power)?))),
        _ => return None,
    })
}

fn string(text: impl Into<kpolicy_value::Str>) -> Value {
    Value::string(text)
}

/// All lists in one. A list that is not known is an item that is not known.
fn concat(lists: &[Value]) -> Outcome {
    let mut all = Vec::new();
    for list in lists {
        match items(list) {
            Ok(items) => all.extend(items.iter().cloned()),
            Err(Fault::Unknown) => all.push(items_of(list)),
            Err(Fault::Failed) => return Err(Fault::Failed),
        }
    }
    Ok(Value::array(all))
}

/// Lists in lists, as one list. What is not known may be a list.
fn flat(list: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for item in list {
        match items(item) {
            Ok(inner) => all.extend(flat(inner)),
            Err(Fault::Unknown) => all.push(items_of(item)),
            Err(Fault::Failed) => all.push(item.clone()),
        }
    }
    all
}

fn merge(maps: &[Value]) -> Outcome {
    let mut all = Vec::new();
    for map in maps.iter().filter(|map| **map != Value::Null) {
        // Of equal keys the last wins.
        all.extend(entries(map)?);
    }
    Ok(Value::object(all))
}

fn lookup(arguments: &[Value]) -> Outcome {
    let [map, key, rest @ ..] = arguments else {
        return Err(Fault::Failed);
    };
    let key = text(key)?;
    entries(map)?;
    match (map.field(&key), rest) {
        (Some(value), _) => Ok(value.clone()),
        (None, [default]) => Ok(default.clone()),
        (None, _) => Err(Fault::Failed),
    }
}

fn element(list: &Value, index: &Value) -> Outcome {
    let (items, index) = (counted(list)?, whole(index)?);
    let count = i64::try_from(items.len()).map_err(|_| Fault::Failed)?;
    let at = index.checked_rem_euclid(count).ok_or(Fault::Failed)?;
    usize::try_from(at)
        .ok()
        .and_then(|at| items.get(at))
        .cloned()
        .ok_or(Fault::Failed)
}

fn index(list: &Value, value: &Value) -> Outcome {
    if !is_known(value) {
        return Err(Fault::Unknown);
    }
    let at = known_items(list)?.iter().position(|item| item == value);
    at.map(Value::from).ok_or(Fault::Failed)
}

fn length(value: &Value) -> Outcome {
    Ok(match value {
        Value::Object(object) => object.len().into(),
        Value::String(_) => text(value)?.chars().count().into(),
        value => counted(value)?.len().into(),
    })
}

fn contains(list: &Value, value: &Value) -> Outcome {
    let items = items(list)?;
    if !is_known(value) {
        return Err(Fault::Unknown);
    }
    match items.contains(value) {
        true => Ok(true.into()),
        false if items.iter().all(is_known) => Ok(false.into()),
        false => Err(Fault::Unknown),
    }
}

fn distinct(items: &[Value]) -> Vec<Value> {
    let mut seen = std::collections::BTreeSet::new();
    items
        .iter()
        .filter(|item| seen.insert((*item).clone()))
        .cloned()
        .collect()
}

fn slice(list: &Value, from: &Value, to: &Value) -> Outcome {
    let items = counted(list)?;
    let at = |value: &Value| usize::try_from(whole(value)?).map_err(|_| Fault::Failed);
    let found = items.get(at(from)?..at(to)?).ok_or(Fault::Failed)?;
    Ok(Value::array(found.to_vec()))
}

fn sorted(list: &Value) -> Outcome {
    let texts: Outcome<Vec<String>> = known_items(list)?.iter().map(text).collect();
    let mut texts = texts?;
    texts.sort();
    Ok(Value::array(texts.into_iter().map(string).collect()))
}

fn to_set(list: &Value) -> Outcome {
    let items = items(list)?;
    // What is not known may be equal to another item: the set is as a list then.
    match items.iter().all(is_known) {
        true => Ok(Value::set(items.to_vec())),
        false => Ok(Value::array(items.to_vec())),
    }
}

fn zipmap(keys: &Value, values: &Value) -> Outcome {
    let (keys, values) = (known_items(keys)?, counted(values)?);
    if keys.len() != values.len() {
        return Err(Fault::Failed);
    }
    let keys: Outcome<Vec<String>> = keys.iter().map(text).collect();
    Ok(Value::object(
        keys?.into_iter().map(string).zip(values.iter().cloned()).collect(),
    ))
}

/// The items of all sets that meet a condition.
fn sets(arguments: &[Value], holds: impl Fn(&[&[Value]], &Value) -> bool) -> Outcome {
    let all: Outcome<Vec<&[Value]>> = arguments.iter().map(known_items).collect();
    let all = all?;
    if all.is_empty() {
        return Err(Fault::Failed);
    }
    let found = all.iter().flat_map(|items| items.iter());
    Ok(Value::set(found.filter(|item| holds(&all, item)).cloned().collect()))
}

fn product(arguments: &[Value]) -> Outcome {
    let all: Outcome<Vec<&[Value]>> = arguments.iter().map(known_items).collect();
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for items in all? {
        if rows.len().saturating_mul(items.len()) > MOST_ITEMS as usize {
            return Err(Fault::Unknown);
        }
        let longer = |row: &Vec<Value>, item: &Value| row.iter().chain([item]).cloned().collect();
        rows = rows
            .iter()
            .flat_map(|row| items.iter().map(move |item| longer(row, item)))
            .collect();
    }
    Ok(Value::array(rows.into_iter().map(Value::array).collect()))
}

fn chunks(list: &Value, size: &Value) -> Outcome {
    let (items, size) = (counted(list)?, whole(size)?);
    let size = usize::try_from(size).map_err(|_| Fault::Failed)?;
    if size == 0 {
        return Ok(Value::array(vec![Value::array(items.to_vec())]));
    }
    Ok(Value::array(
        items.chunks(size).map(|chunk| Value::array(chunk.to_vec())).collect(),
    ))
}

fn range(arguments: &[Value]) -> Outcome {
    let numbers: Outcome<Vec<i64>> = arguments.iter().map(whole).collect();
    let (start, end, step) = match numbers?[..] {
        [end] => (0, end, if end < 0 { -1 } else { 1 }),
        [start, end] => (start, end, if end < start { -1 } else { 1 }),
        [start, end, step] if step != 0 => (start, end, step),
        _ => return Err(Fault::Failed),
    };
    let wanted = if step > 0 { Ordering::Less } else { Ordering::Greater };
    let mut found = Vec::new();
    let mut at = start;
    while at.cmp(&end) == wanted {
        if found.len() >= MOST_ITEMS as usize {
            return Err(Fault::Unknown);
        }
        found.push(Value::from(at));
        at += step;
    }
    Ok(Value::array(found))
}

/// The first that is neither null nor an empty text.
fn coalesce(values: &[Value]) -> Outcome {
    for value in values {
        match value {
            Value::Null => {}
            value if is_unknown(value) => return Err(Fault::Unknown),
            value if value.as_str() == Some("") => {}
            value => return Ok(value.clone()),
        }
    }
    Err(Fault::Failed)
}

fn coalescelist(lists: &[Value]) -> Outcome {
    for list in lists {
        if !counted(list)?.is_empty() {
            return Ok(list.clone());
        }
    }
    Err(Fault::Failed)
}

/// Whether all are true, or, where `all` is false, whether one is.
fn every(list: &Value, all: bool) -> Outcome {
    let mut is_unknown = false;
    for item in items(list)? {
        match boolean(item) {
            Ok(flag) if flag != all => return Ok((!all).into()),
            Ok(_) => {}
            Err(Fault::Unknown) => is_unknown = true,
            Err(Fault::Failed) => return Err(Fault::Failed),
        }
    }
    match is_unknown {
        true => Err(Fault::Unknown),
        false => Ok(all.into()),
    }
}

fn join(arguments: &[Value]) -> Outcome {
    let Some((separator, lists)) = arguments.split_first() else {
        return Err(Fault::Failed);
    };
    let mut texts = Vec::new();
    for list in lists {
        let found: Outcome<Vec<String>> = known_items(list)?.iter().map(text).collect();
        texts.extend(found?);
    }
    Ok(string(texts.join(&text(separator)?)))
}

fn replace(value: &str, from: &str, to: &str) -> Outcome {
    let is_pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
    if !is_pattern {
        return Ok(string(value.replace(from, to)));
    }
    let pattern = regex::RegexBuilder::new(&from[1..from.len() - 1])
        .size_limit(1 << 20)
        .build();
    let pattern = pattern.map_err(|_| Fault::Unknown)?;
    Ok(string(pattern.replace_all(value, to).into_owned()))
}

fn substr(value: &str, from: i64, length: i64) -> Outcome {
    let letters: Vec<char> = value.chars().collect();
    let count = i64::try_from(letters.len()).map_err(|_| Fault::Failed)?;
    let start = if from < 0 {
        (count + from).max(0)
    } else {
        from.min(count)
    };
    let end = if length < 0 {
        count
    } else {
        start.saturating_add(length).min(count)
    };
    let at = |number: i64| usize::try_from(number).map_err(|_| Fault::Failed);
    Ok(string(letters[at(start)?..at(end)?].iter().collect::<String>()))
}

fn title(text: &str) -> String {
    let mut before = ' ';
    let letters = text.chars().flat_map(|letter| {
        let is_first = !before.is_alphanumeric() && before != '_';
        before = letter;
        if is_first {
            letter.to_uppercase().collect::<Vec<_>>()
        } else {
            vec![letter]
        }
    });
    letters.collect()
}

/// Go's verbs, as far as configurations use them.
fn format(pattern: &str, arguments: &[Value]) -> Outcome<String> {
    let (mut out, mut arguments, mut letters) = (String::new(), arguments.iter(), pattern.chars().peekable());
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let (mut flags, mut width) = (String::new(), String::new());
        while let Some(flag) = letters.next_if(|letter| matches!(letter, '-' | '0' | '+' | ' ' | '#')) {
            flags.push(flag);
        }
        while let Some(digit) = letters.next_if(char::is_ascii_digit) {
            width.push(digit);
        }
        let mut precision = None;
        if letters.next_if_eq(&'.').is_some() {
            let mut digits = String::new();
            while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            precision = Some(digits.parse::<usize>().unwrap_or(0).min(MOST_WIDTH));
        }
        let verb = letters.next().ok_or(Fault::Failed)?;
        if verb == '%' {
            out.push('%');
            continue;
        }
        let argument = arguments.next().ok_or(Fault::Failed)?;
        let written = written(verb, precision, argument)?;
        let width = width.parse::<usize>().unwrap_or(0).min(MOST_WIDTH);
        out.push_str(&filled(&written, &flags, width));
    }
    match arguments.next() {
        Some(_) => Err(Fault::Failed),
        None => Ok(out),
    }
}

/// An argument in the form of a verb.
fn written(verb: char, precision: Option<usize>, argument: &Value) -> Outcome<String> {
    if !is_known(argument) {
        return Err(Fault::Unknown);
    }
    Ok(match verb {
        's' => {
            let text = text(argument)?;
            precision.map_or(text.clone(), |most| text.chars().take(most).collect())
        }
        'd' => whole(argument)?.to_string(),
        't' => boolean(argument)?.to_string(),
        'q' => json(&string(text(argument)?)),
        'f' => format!("{:.*}", precision.unwrap_or(6), number(argument)?),
        'x' => format!("{:x}", whole(argument)?),
        'X' => format!("{:X}", whole(argument)?),
        'o' => format!("{:o}", whole(argument)?),
        'b' => format!("{:b}", whole(argument)?),
        'v' => match argument {
            Value::Null => "null".to_owned(),
            argument => text(argument).or_else(|_| Ok(json(argument)))?,
        },
        _ => return Err(Fault::Unknown),
    })
}

/// A text with blanks or zeros up to a width.
fn filled(text: &str, flags: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    match flags {
        flags if flags.contains('-') => format!("{text}{}", " ".repeat(missing)),
        flags if flags.contains('0') => match text.strip_prefix('-') {
            Some(digits) => format!("-{}{digits}", "0".repeat(missing)),
            None => format!("{}{text}", "0".repeat(missing)),
        },
        _ => format!("{}{text}", " ".repeat(missing)),
    }
}

/// A text for each item of the lists among the arguments.
fn formatlist(arguments: &[Value]) -> Outcome {
    let Some((pattern, arguments)) = arguments.split_first() else {
        return Err(Fault::Failed);
    };
    let pattern = text(pattern)?;
    let mut count = None;
    for argument in arguments {
        if is_unknown(argument) {
            return Err(Fault::Unknown);
        }
        if matches!(argument, Value::Array(_) | Value::Set(_)) {
            let length = counted(argument)?.len();
            if count.is_some_and(|count| count != length) {
                return Err(Fault::Failed);
            }
            count = Some(length);
        }
    }
    let row = |at: usize| {
        let given = arguments.iter().map(|argument| match items(argument) {
            Ok(items) => items[at].clone(),
            Err(_) => argument.clone(),
        });
        format(&pattern, &given.collect::<Vec<_>>()).map(string)
    };
    let rows: Outcome<Vec<Value>> = (0..count.unwrap_or(1)).map(row).collect();
    Ok(Value::array(rows?))
}
