//! Strings: searching, cutting, trimming, replacing, formatting.

use std::sync::Arc;

use super::operand::{array, integer, number, object, string, wrong};
use super::sprintf::{SprintfError, sprintf};
use super::{Answer, Context, Failure, Family, Operands};
use crate::number::truncated;
use crate::text::to_rego_text;
use kpolicy_value::Value;

mod case;
mod replace;

pub(super) use case::lower as lower_case;

pub(super) const FAMILY: Family = &[
    ("concat", concat),
    ("contains", contains),
    ("endswith", ends_with),
    ("format_int", format_int),
    ("indexof", index_of),
    ("indexof_n", index_of_n),
    ("internal.template_string", template_string),
    ("lower", lower),
    ("replace", replace),
    ("split", split),
    ("sprintf", format),
    ("startswith", starts_with),
    ("strings.any_prefix_match", any_prefix_match),
    ("strings.any_suffix_match", any_suffix_match),
    ("strings.count", count),
    ("strings.replace_n", replace_n),
    ("strings.reverse", reverse),
    ("strings.split_n", split_n),
    ("substring", substring),
    ("trim", trim),
    ("trim_left", trim_left),
    ("trim_prefix", trim_prefix),
    ("trim_right", trim_right),
    ("trim_space", trim_space),
    ("trim_suffix", trim_suffix),
    ("upper", upper),
];

/// What an array's member costs in bytes beside its own text, at least.
const MEMBER: usize = 16;

fn text(text: &str) -> Answer {
    Ok(Some(Value::from(text)))
}

/// The first two operands, texts.
fn two(operands: Operands<'_>) -> Result<(&str, &str), Failure> {
    Ok((string(operands, 0)?, string(operands, 1)?))
}

fn starts_with(_: &mut Context, operands: Operands) -> Answer {
    let (text, prefix) = two(operands)?;
    Ok(Some(text.starts_with(prefix).into()))
}

fn ends_with(_: &mut Context, operands: Operands) -> Answer {
    let (text, suffix) = two(operands)?;
    Ok(Some(text.ends_with(suffix).into()))
}

fn contains(_: &mut Context, operands: Operands) -> Answer {
    let (text, part) = two(operands)?;
    Ok(Some(text.contains(part).into()))
}

fn count(_: &mut Context, operands: Operands) -> Answer {
    let (text, part) = two(operands)?;
    Ok(Some(text.matches(part).count().into()))
}

fn concat(context: &mut Context, operands: Operands) -> Answer {
    let separator = string(operands, 0)?;
    if !matches!(operands[1], Value::Array(_) | Value::Set(_)) {
        return Err(wrong(1, "one of {set, array}", operands[1]));
    }
    let parts = texts(operands, 1)?;
    let length: usize = parts.iter().map(|part| part.len() + separator.len()).sum();
    context.check_size(length)?;
    text(&parts.join(separator))
}

/// The members of the array or set at `at`, all texts.
fn texts<'v>(operands: &[&'v Value], at: usize) -> Result<Vec<&'v str>, Failure> {
    let member = |value: &'v Value| match value {
        Value::String(text) => Ok(&**text),
        other => {
            let (collection, got) = (operands[at].type_name(), other.type_name());
            Err(Failure::Operand(format!(
                "operand {} must be {collection} of strings but got {collection} containing {got}",
                at + 1
            )))
        }
    };
    match operands[at] {
        Value::Array(items) => items.iter().map(member).collect(),
        Value::Set(members) => members.iter().map(member).collect(),
        other => Err(wrong(at, "one of {string, set, array}", other)),
    }
}

fn any_prefix_match(_: &mut Context, operands: Operands) -> Answer {
    let texts = text_or_texts(operands, 0)?;
    let prefixes = text_or_texts(operands, 1)?;
    Ok(Some(any_starts_with(texts, &prefixes).into()))
}

fn any_suffix_match(_: &mut Context, operands: Operands) -> Answer {
    let reversed = |texts: Vec<&str>| texts.into_iter().map(reverse_text).collect();
    let texts: Vec<String> = reversed(text_or_texts(operands, 0)?);
    let suffixes: Vec<String> = reversed(text_or_texts(operands, 1)?);
    Ok(Some(any_starts_with(texts, &suffixes).into()))
}

fn text_or_texts(operands: Operands<'_>, at: usize) -> Result<Vec<&str>, Failure> {
    match operands[at] {
        Value::String(text) => Ok(vec![text]),
        _ => texts(operands, at),
    }
}

/// Whether any of the texts has any of the prefixes: a text that has one is the first at or behind it in order.
fn any_starts_with<T: AsRef<str> + Ord>(mut texts: Vec<T>, prefixes: &[T]) -> bool {
    texts.sort_unstable();
    prefixes.iter().any(|prefix| {
        let at = texts.partition_point(|text| text < prefix);
        texts
            .get(at)
            .is_some_and(|text| text.as_ref().starts_with(prefix.as_ref()))
    })
}

fn format_int(_: &mut Context, operands: Operands) -> Answer {
    let number = number(operands, 0)?;
    let radix = match super::operand::number(operands, 1)?.to_string().as_str() {
        "2" => 2,
        "8" => 8,
        "10" => 10,
        "16" => 16,
        _ => return Err(Failure::Operand("operand 2 must be one of {2, 8, 10, 16}".to_owned())),
    };
    let integer = truncated(number).map_err(|error| Failure::Limit(error.to_string()))?;
    text(&integer.to_str_radix(radix))
}

/// The second operand, a text to search for.
fn searched(operands: Operands<'_>) -> Result<(&str, &str), Failure> {
    let (text, part) = two(operands)?;
    if part.is_empty() {
        return Err(Failure::Builtin("empty search character".to_owned()));
    }
    Ok((text, part))
}

fn index_of(_: &mut Context, operands: Operands) -> Answer {
    let (text, part) = searched(operands)?;
    Ok(Some(match text.find(part) {
        Some(at) => text[..at].chars().count().into(),
        None => (-1i64).into(),
    }))
}

/// Every index, of matches that overlap too.
fn index_of_n(context: &mut Context, operands: Operands) -> Answer {
    let (text, part) = searched(operands)?;
    let first = part.chars().next().map_or(0, char::len_utf8);
    let (mut at, mut index) = (0, 0);
    let mut found = Vec::new();
    while let Some(next) = text[at..].find(part) {
        // One search can be as long as the part.
        context.check_time()?;
        index += text[at..at + next].chars().count();
        found.push(index.into());
        at += next + first;
        index += 1;
    }
    Ok(Some(Value::array(found)))
}

fn substring(_: &mut Context, operands: Operands) -> Answer {
    let whole = string(operands, 0)?;
    let (start, length) = (integer(operands, 1)?, integer(operands, 2)?);
    let Ok(start) = usize::try_from(start) else {
        return Err(Failure::Builtin("negative offset".to_owned()));
    };
    let from = &whole[at_character(whole, start)..];
    text(match usize::try_from(length) {
        Ok(length) => &from[..at_character(from, length)],
        Err(_) => from,
    })
}

/// Where the character of this index begins; the end where there is none.
fn at_character(text: &str, index: usize) -> usize {
    text.char_indices().nth(index).map_or(text.len(), |(at, _)| at)
}

fn split(context: &mut Context, operands: Operands) -> Answer {
    let (text, separator) = two(operands)?;
    Ok(Some(texts_value(parts(context, text, separator)?)))
}

/// The first so many parts, or the last where the count is negative.
fn split_n(context: &mut Context, operands: Operands) -> Answer {
    let (text, separator) = two(operands)?;
    let wanted = integer(operands, 2)?;
    let mut parts = parts(context, text, separator)?;
    let count = usize::try_from(wanted.unsigned_abs()).unwrap_or(usize::MAX);
    if wanted < 0 {
        parts.drain(..parts.len().saturating_sub(count));
    } else {
        parts.truncate(count);
    }
    Ok(Some(texts_value(parts)))
}

/// The parts of a text between the separators; its characters where the separator is empty.
fn parts<'a>(context: &mut Context, text: &'a str, separator: &str) -> Result<Vec<&'a str>, Failure> {
    // It has no more parts than bytes, so that those of a short text are not counted.
    if context.check_size(text.len().saturating_mul(MEMBER)).is_err() {
        context.check_size(text.matches(separator).count().saturating_mul(MEMBER))?;
    }
    let mut letters = separator.chars();
    let mut parts: Vec<&str> = match (letters.next(), letters.next()) {
        // A letter is found faster than a text.
        (Some(letter), None) => text.split(letter).collect(),
        _ => text.split(separator).collect(),
    };
    if separator.is_empty() {
        // Rust finds an empty part before the first character and one behind the last.
        parts.pop();
        parts.remove(0);
    }
    Ok(parts)
}

fn texts_value(texts: Vec<&str>) -> Value {
    Value::array(texts.into_iter().map(Value::from).collect())
}

fn lower(_: &mut Context, operands: Operands) -> Answer {
    text(&case::lower(string(operands, 0)?))
}

fn upper(_: &mut Context, operands: Operands) -> Answer {
    text(&case::upper(string(operands, 0)?))
}

fn reverse(_: &mut Context, operands: Operands) -> Answer {
    text(&reverse_text(string(operands, 0)?))
}

fn reverse_text(text: &str) -> String {
    text.chars().rev().collect()
}

fn replace(context: &mut Context, operands: Operands) -> Answer {
    let (text, old) = two(operands)?;
    let new = string(operands, 2)?;
    replace::replace(context, text, &[(old, new)])
}

fn replace_n(context: &mut Context, operands: Operands) -> Answer {
    let patterns = object(operands, 0)?;
    let text = string(operands, 1)?;
    let wrong = |part| Failure::Operand(format!("operand 1 non-string {part} found in pattern object"));
    let mut pairs = Vec::with_capacity(patterns.len());
    for (old, new) in patterns.iter() {
        let old = old.as_str().ok_or_else(|| wrong("key"))?;
        pairs.push((old, new.as_str().ok_or_else(|| wrong("value"))?));
    }
    replace::replace(context, text, &pairs)
}

fn trim(_: &mut Context, operands: Operands) -> Answer {
    let (whole, set) = two(operands)?;
    text(whole.trim_matches(|character| set.contains(character)))
}

fn trim_left(_: &mut Context, operands: Operands) -> Answer {
    let (whole, set) = two(operands)?;
    text(whole.trim_start_matches(|character| set.contains(character)))
}

fn trim_right(_: &mut Context, operands: Operands) -> Answer {
    let (whole, set) = two(operands)?;
    text(whole.trim_end_matches(|character| set.contains(character)))
}

fn trim_prefix(_: &mut Context, operands: Operands) -> Answer {
    let (whole, prefix) = two(operands)?;
    text(whole.strip_prefix(prefix).unwrap_or(whole))
}

fn trim_suffix(_: &mut Context, operands: Operands) -> Answer {
    let (whole, suffix) = two(operands)?;
    text(whole.strip_suffix(suffix).unwrap_or(whole))
}

fn trim_space(_: &mut Context, operands: Operands) -> Answer {
    text(string(operands, 0)?.trim())
}

fn format(_: &mut Context, operands: Operands) -> Answer {
    let format = string(operands, 0)?;
    match sprintf(format, array(operands, 1)?) {
        Ok(formatted) => text(&formatted),
        Err(error @ (SprintfError::Address | SprintfError::TooLong)) => Err(Failure::Limit(error.to_string())),
    }
}

/// The parts of a template string: texts and numbers as they are, expressions as sets of one value, or of none where
/// they are undefined.
fn template_string(context: &mut Context, operands: Operands) -> Answer {
    let mut out = String::new();
    context.check_size(operands[0].extent().text as usize)?;
    for part in array(operands, 0)?.iter() {
        match part {
            Value::Set(values) => match values.iter().collect::<Vec<_>>()[..] {
                [] => out.push_str("<undefined>"),
                [value] => out.push_str(&shown(value)),
                _ => {
                    return Err(Failure::Limit(
                        "template-strings must not produce multiple outputs".to_owned(),
                    ));
                }
            },
            Value::Array(_) | Value::Object(_) => {
                return Err(Failure::Limit(format!("illegal argument type: {}", part.type_name())));
            }
            scalar => out.push_str(&shown(scalar)),
        }
        context.check_size(out.len())?;
    }
    text(&out)
}

/// A value as a template shows it: texts without quotes.
fn shown(value: &Value) -> Arc<str> {
    match value {
        Value::String(text) => text.clone(),
        other => to_rego_text(other).into(),
    }
}
