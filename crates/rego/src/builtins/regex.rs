//! Patterns: Go's RE2, run by the crate `regex`.

use std::sync::Arc;

use super::operand::{bytes, integer, string, text as characters};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::{Runes, Value};

mod escape;
mod expand;
mod globs;
mod pattern;
mod syntax;
mod template;
mod unicode;

use pattern::Groups;
pub(super) use pattern::Pattern;

pub(super) const FAMILY: Family = &[
    pure(
        "re_match",
        "(string, string) -> boolean",
        "Whether a string matches a regular expression.",
        matches,
    )
    .deprecated(),
    pure(
        "regex.find_all_string_submatch_n",
        "(string, string, number) -> array[array[string]]",
        "The matches of a regular expression with their groups.",
        find_groups,
    ),
    pure(
        "regex.find_n",
        "(string, string, number) -> array[string]",
        "The matches of a regular expression.",
        find,
    ),
    pure(
        "regex.globs_match",
        "(string, string) -> boolean",
        "Whether two simple patterns can match the same string.",
        globs_match,
    ),
    pure(
        "regex.is_valid",
        "(string) -> boolean",
        "Whether a string is a valid regular expression.",
        is_valid,
    ),
    pure(
        "regex.match",
        "(string, string) -> boolean",
        "Whether a string matches a regular expression.",
        matches,
    ),
    pure(
        "regex.replace",
        "(string, string, string) -> string",
        "A string whose matches of a regular expression are replaced.",
        replace,
    ),
    pure(
        "regex.split",
        "(string, string) -> array[string]",
        "A string split at the matches of a regular expression.",
        split,
    ),
    pure(
        "regex.template_match",
        "(string, string, string, string) -> boolean",
        "Whether a string matches a template with regular expressions between delimiters.",
        template_match,
    ),
];

/// The operand as a pattern, compiled now or before.
fn pattern(context: &mut Context, operands: Operands, at: usize) -> Result<Arc<Pattern>, Failure> {
    match string(operands, at)?.as_str() {
        Some(pattern) => compiled(context, pattern),
        None => {
            let pattern = operands[at].text().unwrap_or_default();
            let message = format!("error parsing regexp: invalid UTF-8: `{pattern}`");
            Err(Failure::Builtin(message))
        }
    }
}

/// The pattern, compiled now or before.
pub(super) fn compiled(context: &mut Context, pattern: &str) -> Result<Arc<Pattern>, Failure> {
    let deadline = context.deadline;
    context.patterns.get(pattern, || Pattern::new(pattern, deadline))
}

/// The operand as a count of matches; all where it is negative.
fn most(operands: Operands, at: usize) -> Result<usize, Failure> {
    Ok(usize::try_from(integer(operands, at)?).unwrap_or(usize::MAX))
}

fn matches(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let text = characters(operands, 1)?;
    let matches = pattern(context, operands, 0)?.is_match(context, &text)?;
    Ok(Some(matches.into()))
}

fn is_valid(_: &mut Context, operands: Operands) -> Answer {
    let valid = operands[0].as_str().is_some_and(|text| syntax::translate(text).is_ok());
    Ok(Some(valid.into()))
}

fn find(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let text = Runes::of(bytes(operands, 1)?);
    let most = most(operands, 2)?;
    let mut found = Vec::new();
    pattern(context, operands, 0)?.for_each(context, &text, most, |context, groups| {
        found.push(group(groups, 0));
        context.check_size(found.len() * MEMBER)
    })?;
    Ok(Some(Value::array(found)))
}

/// What a group matched; an empty string where it took no part.
fn group(groups: &Groups<'_>, index: usize) -> Value {
    Value::String(groups.get(index).unwrap_or_default().into())
}

/// What a member of an array costs in bytes beside its own text, at least.
const MEMBER: usize = 16;

fn find_groups(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let text = Runes::of(bytes(operands, 1)?);
    let most = most(operands, 2)?;
    let mut found = Vec::new();
    pattern(context, operands, 0)?.for_each(context, &text, most, |context, groups| {
        let texts = (0..groups.len()).map(|index| group(groups, index));
        found.push(Value::array(texts.collect()));
        context.check_size(found.len() * groups.len() * MEMBER)
    })?;
    Ok(Some(Value::array(found)))
}

fn replace(context: &mut Context, operands: Operands) -> Answer {
    let text = Runes::of(bytes(operands, 0)?);
    string(operands, 1)?;
    let replacement = Runes::of(bytes(operands, 2)?);
    let pattern = pattern(context, operands, 1)?;
    let mut out = Vec::new();
    let mut copied = 0;
    pattern.for_each(context, &text, usize::MAX, |context, groups| {
        let (start, end) = groups.span();
        out.extend_from_slice(text.bytes(copied, start));
        expand::expand(&mut out, &pattern, groups, &replacement);
        copied = end;
        context.check_size(out.len())
    })?;
    out.extend_from_slice(text.bytes(copied, text.text().len()));
    Ok(Some(Value::bytes(out)))
}

fn split(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let text = Runes::of(bytes(operands, 1)?);
    let pattern = pattern(context, operands, 0)?;
    let length = text.text().len();
    if length == 0 && !pattern.is_empty {
        return Ok(Some(Value::array(vec![Value::from("")])));
    }
    let part = |from, to| Value::String(text.bytes(from, to).into());
    let mut parts = Vec::new();
    let (mut from, mut to) = (0, 0);
    pattern.for_each(context, &text, usize::MAX, |context, groups| {
        let (start, end) = groups.span();
        to = start;
        if end != 0 {
            parts.push(part(from, start));
        }
        from = end;
        context.check_size(parts.len() * MEMBER)
    })?;
    if to != length {
        parts.push(part(from, length));
    }
    Ok(Some(Value::array(parts)))
}

fn template_match(context: &mut Context, operands: Operands) -> Answer {
    let template = characters(operands, 0)?;
    let text = characters(operands, 1)?;
    let (start, end) = (characters(operands, 2)?, characters(operands, 3)?);
    let single = |which: &str, delimiter: &str| match delimiter.as_bytes() {
        [byte] => Ok(*byte),
        // The length that is reported is the first delimiter's for both.
        _ => Err(Failure::Builtin(format!(
            "{which} delimiter has to be exactly one character long but is {} long",
            start.len()
        ))),
    };
    let pattern = template::pattern(context, &template, single("start", &start)?, single("end", &end)?)?;
    let matches = compiled(context, &pattern)?.is_match(context, &text)?;
    Ok(Some(matches.into()))
}

fn globs_match(context: &mut Context, operands: Operands) -> Answer {
    let (a, b) = (characters(operands, 0)?, characters(operands, 1)?);
    Ok(Some(globs::intersect(context, &a, &b)?.into()))
}
