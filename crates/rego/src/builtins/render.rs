//! Templates: `strings.render_template`.

use super::encoding::{JsonError, read_json};
use super::operand::{object, text};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::template::{Template, Val};
use crate::text::to_rego_text;
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[pure(
    "strings.render_template",
    "(string, object{[string]: any}) -> string",
    "A Go template rendered with these variables.",
    render_template,
)];

/// Follows OPA v1.22 topdown/template.go: renderTemplate
fn render_template(context: &mut Context, operands: Operands) -> Answer {
    let source = text(operands, 0)?;
    object(operands, 1)?;
    context.check_size(source.len())?;
    context.check_size(operands[1].extent().text as usize)?;
    // OPA reads the text of the variables as JSON, so a set, a key that is no string or an escape of Go is an error.
    let variables = read_json(&to_rego_text(operands[1])).map_err(|fault| match fault {
        JsonError::Syntax(message) => Failure::Builtin(message),
        JsonError::Depth(message) => Failure::Limit(message),
    })?;
    let template = Template::parse("template", &source).map_err(Failure::Builtin)?;
    let rendered = template.execute(context, Val::of(&variables))?;
    Ok(Some(Value::bytes(name_undefined(rendered))))
}

/// What has no value is called as in Rego.
fn name_undefined(rendered: Vec<u8>) -> Vec<u8> {
    const NO_VALUE: &[u8] = b"<no value>";
    let finder = memchr::memmem::Finder::new(NO_VALUE);
    let mut out = Vec::with_capacity(rendered.len());
    let mut rest = rendered.as_slice();
    while let Some(at) = finder.find(rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"<undefined>");
        rest = &rest[at + NO_VALUE.len()..];
    }
    out.extend_from_slice(rest);
    out
}
