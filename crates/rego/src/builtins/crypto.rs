//! Digests of strings.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::operand::{bytes, string};
use super::registry::{Family, pure};
use super::{Answer, Context, Operands};
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
    pure(
        "crypto.md5",
        "(string) -> string",
        "The MD5 digest of a string, in hexadecimal digits.",
        digest::<Md5>,
    ),
    pure(
        "crypto.sha1",
        "(string) -> string",
        "The SHA-1 digest of a string, in hexadecimal digits.",
        digest::<Sha1>,
    ),
    pure(
        "crypto.sha256",
        "(string) -> string",
        "The SHA-256 digest of a string, in hexadecimal digits.",
        digest::<Sha256>,
    ),
    pure(
        "crypto.hmac.md5",
        "(string, string) -> string",
        "The HMAC of a string by MD5, in hexadecimal digits.",
        code::<Md5>,
    ),
    pure(
        "crypto.hmac.sha1",
        "(string, string) -> string",
        "The HMAC of a string by SHA-1, in hexadecimal digits.",
        code::<Sha1>,
    ),
    pure(
        "crypto.hmac.sha256",
        "(string, string) -> string",
        "The HMAC of a string by SHA-256, in hexadecimal digits.",
        code::<Sha256>,
    ),
    pure(
        "crypto.hmac.sha512",
        "(string, string) -> string",
        "The HMAC of a string by SHA-512, in hexadecimal digits.",
        code::<Sha512>,
    ),
    pure(
        "crypto.hmac.equal",
        "(string, string) -> boolean",
        "Whether two message authentication codes are equal, in constant time.",
        |_, operands| {
            let equal = string(operands, 0)? == string(operands, 1)?;
            Ok(Some(Value::Bool(equal)))
        },
    ),
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
