//! Whether a formatted text still holds what was in the original. OPA loses comments in a few places, and with them
//! what comes after in the same statement; such a text must not replace the original.

use std::collections::HashMap;

use super::layout::{self, Value};
use super::lower::lower;
use super::source::Source;
use super::variables::in_rule;
use crate::syntax::tree::{Dialect, Module};
use crate::syntax::{SyntaxError, parse_without_annotations};
use kpolicy_value::Span;

const HELP: &str = "move the comment above its statement, or behind it, and format again";

/// What is wrong with `formatted` as the text of `module`, whose tree to be written was `layout`.
pub(super) fn check(
    module: &Module,
    layout: &layout::Module,
    formatted: &str,
    dialect: Dialect,
) -> Result<(), Vec<SyntaxError>> {
    let result = parse_without_annotations(formatted, dialect).map_err(|errors| invalid(module, &errors))?;
    if let Some(lost) = lost_comment(module, &result) {
        let message = "formatting would lose this comment, as opa fmt does";
        return Err(vec![SyntaxError::new(message, lost).with_help(HELP)]);
    }
    let (again, _) = lower(&result, &Source::new(formatted));
    let kept = leaves(&again);
    let is_lost = |(leaf, count): (&String, &usize)| kept.get(leaf).is_none_or(|left| left < count);
    if leaves(layout).iter().any(is_lost) {
        let message = "formatting would lose a part of a statement of this file, as opa fmt does";
        return Err(vec![SyntaxError::new(message, module.package.span).with_help(HELP)]);
    }
    Ok(())
}

fn invalid(module: &Module, errors: &[SyntaxError]) -> Vec<SyntaxError> {
    let reason = errors.first().map_or("", |error| &error.message);
    let message = format!("what opa fmt makes of this file is not valid Rego: {reason}");
    let help = "change the layout of the statements with comments in them, and format again";
    vec![SyntaxError::new(message, module.package.span).with_help(help)]
}

/// The first comment that is missing.
fn lost_comment(module: &Module, result: &Module) -> Option<Span> {
    let mut kept: HashMap<&str, usize> = HashMap::new();
    for comment in &result.comments {
        *kept.entry(comment.text.trim()).or_default() += 1;
    }
    let lost = module
        .comments
        .iter()
        .find(|comment| match kept.get_mut(comment.text.trim()) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        });
    lost.map(|comment| comment.span)
}

/// How often each name and constant is written in a module.
fn leaves(module: &layout::Module) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    for rule in &module.rules {
        in_rule(rule, &mut |leaf| {
            if let Value::Var(text) | Value::String(text) | Value::Scalar(text) = leaf {
                *found.entry(text.to_string()).or_default() += 1;
            }
        });
    }
    found
}
