//! YAML: read and written as OPA does, with the scalars of YAML 1.2.

use super::operand::string;
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_parse::MAX_NODES;
use kpolicy_parse::yaml::{Schema, read};
use kpolicy_value::Value;

mod emitter;
mod order;

pub(super) const FAMILY: Family = &[
    pure(
        "yaml.is_valid",
        "(string) -> boolean",
        "Whether a string is valid YAML.",
        is_valid,
    ),
    pure("yaml.marshal", "(any) -> string", "A value as YAML.", marshal),
    pure(
        "yaml.unmarshal",
        "(string) -> any",
        "The value that a YAML string stands for.",
        unmarshal,
    ),
];

/// The first document of a stream, which is all that OPA reads.
fn unmarshal(_: &mut Context, operands: Operands) -> Answer {
    let failed = |message: &str| Failure::Builtin(format!("error converting YAML to JSON: yaml: {message}"));
    let Some(text) = string(operands, 0)?.as_str() else {
        return Err(Failure::Builtin("yaml: invalid leading UTF-8 octet".to_owned()));
    };
    match read(text, Schema::Core, MAX_NODES) {
        Ok(parsed) => {
            let first = parsed.documents.into_iter().next();
            Ok(Some(first.map_or(Value::Null, |node| node.value)))
        }
        Err(error) if error.is_limit => Err(Failure::Limit(error.message)),
        Err(error) => Err(failed(&error.message)),
    }
}

fn is_valid(_: &mut Context, operands: Operands) -> Answer {
    let valid = operands[0]
        .as_str()
        .is_some_and(|text| read(text, Schema::Core, MAX_NODES).is_ok());
    Ok(Some(valid.into()))
}

fn marshal(context: &mut Context, operands: Operands) -> Answer {
    context.check_size(operands[0].extent().text as usize)?;
    Ok(Some(Value::string(emitter::emit(context, operands[0])?)))
}
