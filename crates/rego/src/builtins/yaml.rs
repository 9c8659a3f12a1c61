//! YAML: read as documents are read, written in the style of sigs.k8s.io/yaml.

use super::operand::string;
use super::{Answer, Context, Failure, Family, Operands};
use kpolicy_parse::Format;
use kpolicy_value::Value;

mod emitter;
mod order;

pub(super) const FAMILY: Family = &[
    ("yaml.is_valid", is_valid),
    ("yaml.marshal", marshal),
    ("yaml.unmarshal", unmarshal),
];

/// The first document of a stream, which is all that OPA reads.
fn unmarshal(_: &mut Context, operands: Operands) -> Answer {
    let failed = |message: &str| Failure::Builtin(format!("error converting YAML to JSON: yaml: {message}"));
    let Some(text) = string(operands, 0)?.as_str() else {
        return Err(Failure::Builtin("yaml: invalid leading UTF-8 octet".to_owned()));
    };
    match Format::Yaml.parse(text) {
        Ok(documents) => Ok(Some(
            documents.into_iter().next().map_or(Value::Null, |node| node.value),
        )),
        Err(error) if error.message.contains("recursion limit") => Err(Failure::Limit(error.message)),
        Err(error) => Err(failed(&error.message)),
    }
}

fn is_valid(_: &mut Context, operands: Operands) -> Answer {
    let valid = operands[0]
        .as_str()
        .is_some_and(|text| Format::Yaml.parse(text).is_ok());
    Ok(Some(valid.into()))
}

fn marshal(context: &mut Context, operands: Operands) -> Answer {
    context.check_size(operands[0].extent().text as usize)?;
    Ok(Some(Value::string(emitter::emit(context, operands[0])?)))
}
