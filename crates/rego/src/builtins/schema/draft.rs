//! The drafts of JSON Schema, told apart by `$schema`.

use super::reference::Reference;
use crate::builtins::Failure;
use kpolicy_value::Value;

/// A draft, in the order of their age. Schemas that name none are read as a mixture of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Four,
    Six,
    Seven,
    Hybrid,
}

const KNOWN: [(Draft, &str, &str); 3] = [
    (
        Draft::Four,
        "http://json-schema.org/draft-04/schema",
        include_str!("drafts/draft-04.json"),
    ),
    (
        Draft::Six,
        "http://json-schema.org/draft-06/schema",
        include_str!("drafts/draft-06.json"),
    ),
    (
        Draft::Seven,
        "http://json-schema.org/draft-07/schema",
        include_str!("drafts/draft-07.json"),
    ),
];

/// The draft that a schema names, where it is one of those known.
///
/// Follows OPA v1.22 internal/gojsonschema/draft.go: parseSchemaURL
pub(super) fn named(schema: &Value) -> Result<Option<Draft>, Failure> {
    match schema {
        Value::Bool(_) => Ok(None),
        Value::Object(object) => match object.field("$schema") {
            None => Ok(None),
            Some(Value::String(url)) => {
                let url = Reference::parse(&url.to_str())?.to_string();
                let known = KNOWN.iter().find(|(_, known, _)| *known == url);
                Ok(known.map(|(draft, ..)| *draft))
            }
            Some(_) => Err(Failure::Builtin("$schema must be of type string".to_owned())),
        },
        _ => Err(Failure::Builtin("schema is invalid".to_owned())),
    }
}

/// The text of a draft's own schema, which every schema may refer to.
pub(super) fn meta_schema(url: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(_, known, _)| *known == url).map(|(.., text)| *text)
}
