//! Digests of strings.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::operand::{bytes, string};
use super::{Answer, Context, Family, Operands};
use kpolicy_value::Value;

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
    let mut code = <Hmac<D> as KeyInit>::new_from_slice(key).expect("a key can have any length");
    code.update(message);
    Ok(Some(hexadecimal(&code.finalize().into_bytes())))
}

fn hexadecimal(bytes: &[u8]) -> Value {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Value::string(digits)
}
