//! Strings: searching, cutting, trimming, replacing, formatting.

use std::borrow::Cow;

use memchr::memmem;

use super::operand::{array, bytes, integer, number, object, text as characters, wrong};
use super::registry::{Family, pure};
use super::sprintf::{SprintfError, sprintf};
use super::{Answer, Context, Failure, Operands};
use crate::number::truncated;
use crate::text::to_rego_text;
use kpolicy_value::{Runes, Value};

mod case;
mod replace;

pub(super) use case::lower as lower_case;

pub(super) const FAMILY: Family = &[
    pure(
        "concat",
        "(string, array[string] | set[string]) -> string",
        "Strings joined by a delimiter.",
        concat,
    ),
    pure(
        "contains",
        "(string, string) -> boolean",
        "Whether a string contains another.",
        contains,
    ),
    pure(
        "endswith",
        "(string, string) -> boolean",
        "Whether a string ends with another.",
        ends_with,
    ),
    pure(
        "format_int",
        "(number, number) -> string",
        "An integer in base 2, 8, 10 or 16.",
        format_int,
    ),
    pure(
        "indexof",
        "(string, string) -> number",
        "The position of the first occurrence in a string, or -1.",
        index_of,
    ),
    pure(
        "indexof_n",
        "(string, string) -> array[number]",
        "The positions of all occurrences in a string.",
        index_of_n,
    ),
    pure(
        "internal.template_string",
        "(array[any]) -> string",
        "A string made of the parts of a template string.",
        template_string,
    ),
    pure("lower", "(string) -> string", "A string in lower case.", lower),
    pure(
        "replace",
        "(string, string, string) -> string",
        "A string in which one string is replaced by another.",
        replace,
    ),
    pure(
        "split",
        "(string, string) -> array[string]",
        "A string split at a delimiter.",
        split,
    ),
    pure(
        "sprintf",
        "(string, array[any]) -> string",
        "Values formatted into a string.",
        format,
    ),
    pure(
        "startswith",
        "(string, string) -> boolean",
        "Whether a string starts with another.",
        starts_with,
    ),
    pure(
        "strings.any_prefix_match",
        "(string | array[string] | set[string], string | array[string] | set[string]) -> boolean",
        "Whether a string starts with one of these.",
        any_prefix_match,
    ),
    pure(
        "strings.any_suffix_match",
        "(string | array[string] | set[string], string | array[string] | set[string]) -> boolean",
        "Whether a string ends with one of these.",
        any_suffix_match,
    ),
    pure(
        "strings.count",
        "(string, string) -> number",
        "How often a string occurs in another.",
        count,
    ),
    pure(
        "strings.replace_n",
        "(object{[string]: string}, string) -> string",
        "A string in which several strings are replaced.",
        replace_n,
    ),
    pure(
        "strings.reverse",
        "(string) -> string",
        "A string in reverse order.",
        reverse,
    ),
    pure(
        "strings.split_n",
        "(string, string, number) -> array[string]",
        "A string split at a delimiter into at most so many parts.",
        split_n,
    ),
    pure(
        "substring",
        "(string, number, number) -> string",
        "A part of a string.",
        substring,
    ),
    pure(
        "trim",
        "(string, string) -> string",
        "A string without these characters at its start and end.",
        trim,
    ),
    pure(
        "trim_left",
        "(string, string) -> string",
        "A string without these characters at its start.",
        trim_left,
    ),
    pure(
        "trim_prefix",
        "(string, string) -> string",
        "A string without this prefix.",
        trim_prefix,
    ),
    pure(
        "trim_right",
        "(string, string) -> string",
        "A string without these characters at its end.",
        trim_right,
    ),
    pure(
        "trim_space",
        "(string) -> string",
        "A string without whitespace at its start and end.",
        trim_space,
    ),
    pure(
        "trim_suffix",
        "(string, string) -> string",
        "A string without this suffix.",
        trim_suffix,
    ),
    pure("upper", "(string) -> string", "A string in upper case.", upper),
];

/// What an array's member costs in bytes beside its own text, at least.
const MEMBER: usize = 16;

fn text(text: &str) -> Answer {
    Ok(Some(Value::from(text)))
}

fn of_bytes(bytes: &[u8]) -> Answer {
    Ok(Some(Value::String(bytes.into())))
}

/// The bytes of the first two operands, strings.
fn two(operands: Operands<'_>) -> Result<(&[u8], &[u8]), Failure> {
    Ok((bytes(operands, 0)?, bytes(operands, 1)?))
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
    Ok(Some(memmem::find(text, part).is_some().into()))
}

fn count(_: &mut Context, operands: Operands) -> Answer {
    let (text, part) = two(operands)?;
    Ok(Some(match part {
        // An empty string is around every character.
        [] => (Runes::of(text).text().chars().count() + 1).into(),
        _ => memmem::find_iter(text, part).count().into(),
    }))
}

fn concat(context: &mut Context, operands: Operands) -> Answer {
    let separator = bytes(operands, 0)?;
    if !matches!(operands[1], Value::Array(_) | Value::Set(_)) {
        return Err(wrong(1, "one of {set, array}", operands[1]));
    }
    let parts = strings(operands, 1)?;
    let length: usize = parts.iter().map(|part| part.len() + separator.len()).sum();
    context.check_size(length)?;
    Ok(Some(Value::bytes(parts.join(separator))))
}

/// The members of the array or set at `at`, all strings.
fn strings<'v>(operands: &[&'v Value], at: usize) -> Result<Vec<&'v [u8]>, Failure> {
    let member = |value: &'v Value| match value {
        Value::String(string) => Ok(string.as_bytes()),
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
    let texts = string_or_strings(operands, 0)?;
    let prefixes = string_or_strings(operands, 1)?;
    Ok(Some(any_starts_with(texts, &prefixes).into()))
}

fn any_suffix_match(_: &mut Context, operands: Operands) -> Answer {
    let reversed = |all: Vec<&[u8]>| all.into_iter().map(|one| one.iter().rev().copied().collect()).collect();
    let texts: Vec<Vec<u8>> = reversed(string_or_strings(operands, 0)?);
    let suffixes: Vec<Vec<u8>> = reversed(string_or_strings(operands, 1)?);
    Ok(Some(any_starts_with(texts, &suffixes).into()))
}

fn string_or_strings(operands: Operands<'_>, at: usize) -> Result<Vec<&[u8]>, Failure> {
    match operands[at] {
        Value::String(string) => Ok(vec![string.as_bytes()]),
        _ => strings(operands, at),
    }
}

/// Whether any of the strings has any of the prefixes: a string that has one is the first at or after it in order.
fn any_starts_with<T: AsRef<[u8]> + Ord>(mut texts: Vec<T>, prefixes: &[T]) -> bool {
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

/// A string and one to search for in it, by characters.
fn searched(operands: Operands<'_>) -> Result<(Cow<'_, str>, Cow<'_, str>), Failure> {
    let (whole, part) = (characters(operands, 0)?, characters(operands, 1)?);
    if part.is_empty() {
        return Err(Failure::Builtin("empty search character".to_owned()));
    }
    Ok((whole, part))
}

fn index_of(_: &mut Context, operands: Operands) -> Answer {
    let (text, part) = searched(operands)?;
    Ok(Some(match text.find(&*part) {
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
    while let Some(next) = text[at..].find(&*part) {
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
    let whole = characters(operands, 0)?;
    let (start, length) = (integer(operands, 1)?, integer(operands, 2)?);
    let Ok(start) = usize::try_from(start) else {
        return Err(Failure::Builtin("negative offset".to_owned()));
    };
    let from = &whole[at_character(&whole, start)..];
    let part = match usize::try_from(length) {
        Ok(length) => &from[..at_character(from, length)],
        Err(_) => from,
    };
    // OPA gives the string itself where a length covers it: what is not UTF-8 stays as it is then.
    match length >= 0 && part.len() == whole.len() {
        true => Ok(Some(operands[0].clone())),
        false => text(part),
    }
}

/// Where the character of this index begins; the end where there is none.
fn at_character(text: &str, index: usize) -> usize {
    text.char_indices().nth(index).map_or(text.len(), |(at, _)| at)
}

fn split(context: &mut Context, operands: Operands) -> Answer {
    let (text, separator) = two(operands)?;
    Ok(Some(array_of(parts(context, text, separator)?)))
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
    Ok(Some(array_of(parts)))
}

/// The parts of a string between the separators; its characters where the separator is empty.
fn parts<'a>(context: &mut Context, text: &'a [u8], separator: &[u8]) -> Result<Vec<&'a [u8]>, Failure> {
    if separator.is_empty() {
        context.check_size(text.len().saturating_mul(MEMBER))?;
        return Ok(letters(text));
    }
    let finder = memmem::Finder::new(separator);
    // It has no more parts than bytes, so that those of a short string are not counted.
    if context.check_size(text.len().saturating_mul(MEMBER)).is_err() {
        context.check_size(finder.find_iter(text).count().saturating_mul(MEMBER))?;
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for at in finder.find_iter(text) {
        parts.push(&text[from..at]);
        from = at + separator.len();
    }
    parts.push(&text[from..]);
    Ok(parts)
}

/// The characters of a string, each with its bytes.
fn letters(bytes: &[u8]) -> Vec<&[u8]> {
    let runes = Runes::of(bytes);
    let starts = runes.text().char_indices();
    starts
        .map(|(at, letter)| runes.bytes(at, at + letter.len_utf8()))
        .collect()
}

fn array_of(strings: Vec<&[u8]>) -> Value {
    let strings = strings.into_iter().map(|string| Value::String(string.into()));
    Value::array(strings.collect())
}

fn lower(_: &mut Context, operands: Operands) -> Answer {
    text(&case::lower(&characters(operands, 0)?))
}

fn upper(_: &mut Context, operands: Operands) -> Answer {
    text(&case::upper(&characters(operands, 0)?))
}

fn reverse(_: &mut Context, operands: Operands) -> Answer {
    let letters = letters(bytes(operands, 0)?);
    let reversed: Vec<&[u8]> = letters.into_iter().rev().collect();
    Ok(Some(Value::bytes(reversed.concat())))
}

fn replace(context: &mut Context, operands: Operands) -> Answer {
    let (text, old) = two(operands)?;
    let new = bytes(operands, 2)?;
    replace::replace(context, text, &[(old, new)])
}

fn replace_n<'v>(context: &mut Context, operands: Operands<'v>) -> Answer {
    let patterns = object(operands, 0)?;
    let text = bytes(operands, 1)?;
    let part = |value: &'v Value, name: &str| match value {
        Value::String(string) => Ok(string.as_bytes()),
        _ => Err(Failure::Operand(format!(
            "operand 1 non-string {name} found in pattern object"
        ))),
    };
    let mut pairs = Vec::with_capacity(patterns.len());
    for (old, new) in patterns.iter() {
        pairs.push((part(old, "key")?, part(new, "value")?));
    }
    replace::replace(context, text, &pairs)
}

fn trim(_: &mut Context, operands: Operands) -> Answer {
    trimmed(operands, true, true)
}

fn trim_left(_: &mut Context, operands: Operands) -> Answer {
    trimmed(operands, true, false)
}

fn trim_right(_: &mut Context, operands: Operands) -> Answer {
    trimmed(operands, false, true)
}

/// The first operand without characters of the second at these ends.
fn trimmed(operands: Operands, left: bool, right: bool) -> Answer {
    let (whole, set) = (Runes::of(bytes(operands, 0)?), characters(operands, 1)?);
    let is_cut = |character| set.contains(character);
    let text = whole.text();
    let kept = if right { text.trim_end_matches(is_cut) } else { text };
    let end = kept.len();
    let start = match left {
        true => end - kept.trim_start_matches(is_cut).len(),
        false => 0,
    };
    of_bytes(whole.bytes(start, end))
}

fn trim_prefix(_: &mut Context, operands: Operands) -> Answer {
    let (whole, prefix) = two(operands)?;
    of_bytes(whole.strip_prefix(prefix).unwrap_or(whole))
}

fn trim_suffix(_: &mut Context, operands: Operands) -> Answer {
    let (whole, suffix) = two(operands)?;
    of_bytes(whole.strip_suffix(suffix).unwrap_or(whole))
}

fn trim_space(_: &mut Context, operands: Operands) -> Answer {
    let whole = Runes::of(bytes(operands, 0)?);
    let kept = whole.text().trim_end();
    let start = kept.len() - kept.trim_start().len();
    of_bytes(whole.bytes(start, kept.len()))
}

fn format(_: &mut Context, operands: Operands) -> Answer {
    let format = bytes(operands, 0)?;
    match sprintf(format, array(operands, 1)?) {
        Ok(formatted) => Ok(Some(Value::bytes(formatted))),
        Err(error @ (SprintfError::Address | SprintfError::TooLong)) => Err(Failure::Limit(error.to_string())),
    }
}

/// The parts of a template string: strings and numbers as they are, expressions as sets of one value, or of none where
/// they are undefined.
fn template_string(context: &mut Context, operands: Operands) -> Answer {
    let mut out = Vec::new();
    context.check_size(operands[0].extent().text as usize)?;
    for part in array(operands, 0)?.iter() {
        match part {
            Value::Set(values) => match values.iter().collect::<Vec<_>>()[..] {
                [] => out.extend_from_slice(b"<undefined>"),
                [value] => push_shown(&mut out, value),
                _ => {
                    return Err(Failure::Limit(
                        "template-strings must not produce multiple outputs".to_owned(),
                    ));
                }
            },
            Value::Array(_) | Value::Object(_) => {
                return Err(Failure::Limit(format!("illegal argument type: {}", part.type_name())));
            }
            scalar => push_shown(&mut out, scalar),
        }
        context.check_size(out.len())?;
    }
    Ok(Some(Value::bytes(out)))
}

/// Writes a value as a template shows it: strings without quotes.
fn push_shown(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(string) => out.extend_from_slice(string.as_bytes()),
        other => out.extend_from_slice(to_rego_text(other).as_bytes()),
    }
}
