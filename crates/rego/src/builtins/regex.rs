//! Patterns: Go's RE2, run by the crate `regex`.

use std::sync::Arc;

use super::operand::{integer, string};
use super::{Answer, Context, Failure, Family, Operands};
use kpolicy_value::Value;

mod escape;
mod expand;
mod globs;
mod pattern;
mod syntax;
mod template;
mod unicode;

pub(super) use pattern::Pattern;

pub(super) const FAMILY: Family = &[
    ("re_match", matches),
    ("regex.find_all_string_submatch_n", find_groups),
    ("regex.find_n", find),
    ("regex.globs_match", globs_match),
    ("regex.is_valid", is_valid),
    ("regex.match", matches),
    ("regex.replace", replace),
    ("regex.split", split),
    ("regex.template_match", template_match),
];

/// The operand as a pattern, compiled now or before.
fn pattern(context: &mut Context, operands: Operands, at: usize) -> Result<Arc<Pattern>, Failure> {
    let text = string(operands, at)?;
    compiled(context, text)
}

/// The pattern, compiled now or before.
fn compiled(context: &mut Context, pattern: &str) -> Result<Arc<Pattern>, Failure> {
    let deadline = context.deadline;
    context.patterns.get(pattern, || Pattern::new(pattern, deadline))
}

/// The operand as a count of matches; all where it is negative.
fn most(operands: Operands, at: usize) -> Result<usize, Failure> {
    Ok(usize::try_from(integer(operands, at)?).unwrap_or(usize::MAX))
}

fn matches(context: &mut Context, operands: Operands) -> Answer {
    let text = {
        string(operands, 0)?;
        string(operands, 1)?
    };
    let matches = pattern(context, operands, 0)?.is_match(context, text)?;
    Ok(Some(matches.into()))
}

fn is_valid(_: &mut Context, operands: Operands) -> Answer {
    let valid = operands[0].as_str().is_some_and(|text| syntax::translate(text).is_ok());
    Ok(Some(valid.into()))
}

fn find(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let text = string(operands, 1)?;
    let most = most(operands, 2)?;
    let mut found = Vec::new();
    pattern(context, operands, 0)?.for_each(context, text, most, |context, groups| {
        found.push(Value::from(groups.get(0).unwrap_or_default()));
        context.check_size(found.len() * MEMBER)
    })?;
    Ok(Some(Value::array(found)))
}

/// What a member of an array costs in bytes beside its own text, at least.
const MEMBER: usize = 16;

fn find_groups(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let text = string(operands, 1)?;
    let most = most(operands, 2)?;
    let mut found = Vec::new();
    pattern(context, operands, 0)?.for_each(context, text, most, |context, groups| {
        let texts = (0..groups.len()).map(|index| Value::from(groups.get(index).unwrap_or_default()));
        found.push(Value::array(texts.collect()));
        context.check_size(found.len() * groups.len() * MEMBER)
    })?;
    Ok(Some(Value::array(found)))
}

fn replace(context: &mut Context, operands: Operands) -> Answer {
    let text = string(operands, 0)?;
    string(operands, 1)?;
    let replacement = string(operands, 2)?;
    let pattern = pattern(context, operands, 1)?;
    let mut out = String::new();
    let mut copied = 0;
    pattern.for_each(context, text, usize::MAX, |context, groups| {
        let (start, end) = groups.span();
        out.push_str(&text[copied..start]);
        expand::expand(&mut out, &pattern, groups, replacement);
        copied = end;
        context.check_size(out.len())
    })?;
    out.push_str(&text[copied..]);
    Ok(Some(Value::string(out)))
}

fn split(context: &mut Context, operands: Operands) -> Answer {
    string(operands, 0)?;
    let text = string(operands, 1)?;
    let pattern = pattern(context, operands, 0)?;
    if text.is_empty() && !pattern.is_empty {
        return Ok(Some(Value::array(vec![Value::from("")])));
    }
    let mut parts = Vec::new();
    let (mut from, mut to) = (0, 0);
    pattern.for_each(context, text, usize::MAX, |context, groups| {
        let (start, end) = groups.span();
        to = start;
        if end != 0 {
            parts.push(Value::from(&text[from..start]));
        }
        from = end;
        context.check_size(parts.len() * MEMBER)
    })?;
    if to != text.len() {
        parts.push(Value::from(&text[from..]));
    }
    Ok(Some(Value::array(parts)))
}

fn template_match(context: &mut Context, operands: Operands) -> Answer {
    let template = string(operands, 0)?;
    let text = string(operands, 1)?;
    let (start, end) = (string(operands, 2)?, string(operands, 3)?);
    let single = |which: &str, delimiter: &str| match delimiter.as_bytes() {
        [byte] => Ok(*byte),
        // The length that is told is the first delimiter's for both.
        _ => Err(Failure::Builtin(format!(
            "{which} delimiter has to be exactly one character long but is {} long",
            start.len()
        ))),
    };
    let pattern = template::pattern(context, template, single("start", start)?, single("end", end)?)?;
    let matches = compiled(context, &pattern)?.is_match(context, text)?;
    Ok(Some(matches.into()))
}

fn globs_match(context: &mut Context, operands: Operands) -> Answer {
    let (a, b) = (string(operands, 0)?, string(operands, 1)?);
    Ok(Some(globs::intersect(context, a, b)?.into()))
}
