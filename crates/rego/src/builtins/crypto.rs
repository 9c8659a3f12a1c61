//! Digests of strings.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::operand::{bytes, string};
use super::{Answer, Context, Family, Operands};
use kpolicy_value::Value;

#[cfg(feature = "crypto")]
pub(super) mod curve;
#[cfg(feature = "crypto")]
pub(super) mod der;
#[cfg(feature = "crypto")]
pub(super) mod jwk;
#[cfg(feature = "crypto")]
pub(super) mod key;
#[cfg(feature = "crypto")]
pub(super) mod pem;
#[cfg(feature = "crypto")]
pub(super) mod private_key;
#[cfg(feature = "crypto")]
pub(super) mod signature;

pub(super) const FAMILY: Family = &[
    ("crypto.md5", digest::<Md5>),
    ("crypto.sha1", digest::<Sha1>),
    ("crypto.sha256", digest::<Sha256>),
    ("crypto.hmac.md5", code::<Md5>),
    ("crypto.hmac.sha1", code::<Sha1>),
    ("crypto.hmac.sha256", code::<Sha256>),
    ("crypto.hmac.sha512", code::<Sha512>),
    ("crypto.hmac.equal", |_, operands| {
        let equal = string(operands, 0)? == string(operands, 1)?;
        Ok(Some(Value::Bool(equal)))
    }),
];

fn digest<D: Digest>(_: &mut Context, operands: Operands) -> Answer {
    Ok(Some(hexadecimal(&D::digest(bytes(operands, 0)?))))
}

/// The authentication code of a message and a key.
fn code<D: EagerHash>(_: &mut Context, operands: Operands) -> Answer {
    let (message, key) = (bytes(operands, 0)?, bytes(operands, 1)?);
    Ok(Some(hexadecimal(&message_code::<D>(key, message))))
}

/// The authentication code of a message and a key.
pub(super) fn message_code<D: EagerHash>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut code = <Hmac<D> as KeyInit>::new_from_slice(key).expect("a key can have any length");
    code.update(message);
    code.finalize().into_bytes().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> Value {
    Value::string(digits(bytes))
}

/// Bytes as hexadecimal digits.
pub(super) fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
