//! Globs: the patterns of Go's gobwas/glob, as OPA uses them.

use std::sync::Arc;

use super::operand::{array, bytes, text, wrong};
use super::regex::Pattern;
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::Value;

mod syntax;

pub(super) const FAMILY: Family = &[
    pure(
        "glob.match",
        "(string, null | array[string], string) -> boolean",
        "Whether a string matches a glob with these delimiters.",
        matches,
    ),
    pure(
        "glob.quote_meta",
        "(string) -> string",
        "A string whose characters have no meaning in a glob.",
        quote_meta,
    ),
];

fn matches(context: &mut Context, operands: Operands) -> Answer {
    let glob = text(operands, 0)?;
    let delimiters = delimiters(operands)?;
    let text = text(operands, 2)?;
    let key: String = [delimiters.as_str(), "\0", &glob].concat();
    let deadline = context.deadline;
    let pattern: Arc<Pattern> = context
        .globs
        .get(&key, || Pattern::new(&syntax::pattern(&glob, &delimiters)?, deadline))?;
    Ok(Some(pattern.is_match(context, &text)?.into()))
}

/// The characters that `*` and `?` stop at; a point where none is named.
fn delimiters(operands: Operands) -> Result<String, Failure> {
    if *operands[1] == Value::Null {
        return Ok(String::new());
    }
    if !matches!(operands[1], Value::Array(_)) {
        return Err(wrong(1, "one of {array, null}", operands[1]));
    }
    let mut delimiters = String::new();
    for item in array(operands, 1)?.iter() {
        let wanted = match item {
            Value::String(string) if string.to_str().chars().count() == 1 => {
                delimiters.push_str(&string.to_str());
                continue;
            }
            Value::String(_) => "runes",
            _ => "strings",
        };
        let got = item.type_name();
        return Err(Failure::Operand(format!(
            "operand 2 must be array of {wanted} but got array containing {got}"
        )));
    }
    if delimiters.is_empty() {
        delimiters.push('.');
    }
    Ok(delimiters)
}

fn quote_meta(_: &mut Context, operands: Operands) -> Answer {
    let bytes = bytes(operands, 0)?;
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if br"*?\[]{}".contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    Ok(Some(Value::bytes(out)))
}
