//! What the header of a token says of how it is signed.

use super::super::Failure;
use super::super::crypto::key::fault;
use kpolicy_value::{Object, Value};

/// The members of a header that a verification looks at; texts are empty where they are not there.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) algorithm: String,
    /// The name of the key.
    pub(super) key: String,
    /// What the payload is.
    pub(super) content: String,
    critical: Vec<String>,
    unknown: Vec<String>,
}

impl Header {
    /// Follows OPA v1.22 topdown/tokens.go: parseTokenHeader.
    pub(super) fn read(object: &Object) -> Result<Self, Failure> {
        let mut header = Self::default();
        for (name, value) in object.iter() {
            let name = name.as_str().unwrap_or_default();
            let text = || match value {
                Value::String(text) => Ok(text.to_str().into_owned()),
                _ => Err(fault(format!("{name}: must be a string"))),
            };
            match name {
                "alg" => header.algorithm = text()?,
                "kid" => header.key = text()?,
                "cty" => header.content = text()?,
                "typ" => drop(text()?),
                "crit" => header.critical = critical(value)?,
                _ => header.unknown.push(name.to_owned()),
            }
        }
        Ok(header)
    }

    /// Whether it names its algorithm, and nothing critical in it is unknown.
    pub(super) fn is_valid(&self) -> bool {
        !self.algorithm.is_empty() && !self.unknown.iter().any(|name| self.critical.contains(name))
    }
}

fn critical(value: &Value) -> Result<Vec<String>, Failure> {
    let list = value.as_array().ok_or_else(|| fault("crit: must be a list"))?;
    // As in OPA, the names before the first value that is none.
    let names: Vec<String> = list
        .iter()
        .map_while(|name| name.text().map(|name| name.into_owned()))
        .collect();
    if names.is_empty() {
        return Err(fault("crit: must be a nonempty list"));
    }
    Ok(names)
}
