//! Rego about Rego: the syntax tree of a module.

use super::operand::{string, text};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use crate::syntax::parse;
use crate::syntax::tree::Dialect;
use kpolicy_value::LineIndex;

mod tree;

pub(super) const FAMILY: Family = &[pure(
    "rego.parse_module",
    "(string, string) -> object{[string]: any}",
    "The syntax tree of a module, as OPA writes it in JSON.",
    parse_module,
)];

/// Follows OPA v1.22 topdown/parse.go: builtinRegoParseModule. The second operand is the first one in its error.
fn parse_module(context: &mut Context, operands: Operands) -> Answer {
    let file = text(operands, 0)?;
    string(&operands[1..], 0)?;
    let source = text(operands, 1)?;
    // Each byte may become a term, which is an object here.
    context.check_members(source.len())?;
    context.check_time()?;
    let module = parse(&source, Dialect::V1).map_err(|errors| {
        let lines = LineIndex::new(&source);
        let told = errors.iter().map(|error| {
            let (line, _) = lines.position(error.span.start as usize);
            format!("{file}:{line}: rego_parse_error: {}", error.message)
        });
        Failure::Builtin(told.collect::<Vec<_>>().join("\n"))
    })?;
    Ok(Some(tree::written(&module, &file, &source)))
}
