//! Tokens that are signed.

use super::super::crypto::jwk::{self, Key};
use super::super::crypto::key::fault;
use super::super::crypto::signature::{self, Salt, Scheme};
use super::super::encoding::{from_json, is_json, to_base64url, to_json};
use super::super::operand::string;
use super::super::{Answer, Context, Failure, Operands};
use super::token::characters;
use kpolicy_value::Value;

/// Follows OPA v1.22 topdown/tokens.go: builtinJWTEncodeSign.
pub(super) fn encode_sign(context: &mut Context, operands: Operands) -> Answer {
    let header = to_json(context, operands[0])?;
    let payload = to_json(context, operands[1])?;
    let key = to_json(context, operands[2])?;
    encoded(context, header.as_bytes(), payload.as_bytes(), &key)
}

/// Follows OPA v1.22 topdown/tokens.go: builtinJWTEncodeSignRaw.
pub(super) fn encode_sign_raw(context: &mut Context, operands: Operands) -> Answer {
    let key = string(operands, 2)?.to_str();
    let header = string(operands, 0)?.as_bytes();
    let payload = string(operands, 1)?.as_bytes();
    encoded(context, header, payload, &key)
}

fn encoded(context: &mut Context, header: &[u8], payload: &[u8], key: &str) -> Answer {
    context.check_size((header.len() + payload.len()) * 2)?;
    let mut keys = jwk::read(key)?;
    if keys.is_empty() {
        return Err(fault("no keys found in JWK set"));
    }
    let key = keys.swap_remove(0).key;
    let missing = |words: &str| fault(format!("missing or invalid 'alg' header: {words}"));
    let read = member(header, "alg").map_err(|words| missing(&words))?;
    let scheme = Scheme::named(&read, Salt::Digest).ok_or_else(|| fault(format!("unknown JWS algorithm: {read}")))?;
    let is_token = member(header, "typ").is_ok_and(|kind| kind != "JWT");
    if !is_token && !is_json(&characters(payload))? {
        return Err(fault("type is JWT but payload is not JSON"));
    }
    let signed = format!("{}.{}", to_base64url(header), to_base64url(payload));
    let signature = sign(scheme, &key, signed.as_bytes())?;
    Ok(Some(Value::string(format!("{signed}.{}", to_base64url(&signature)))))
}

fn sign(scheme: Scheme, key: &Key, message: &[u8]) -> Result<Vec<u8>, Failure> {
    match (scheme, key) {
        (Scheme::Hmac(hash), Key::Secret(secret)) => Ok(signature::code(hash, secret, message)),
        (Scheme::Hmac(_), _) => Err(fault("jwsbb.Sign: invalid key type: a symmetric key is required")),
        (_, Key::Private(key)) => signature::sign(scheme, key, message),
        _ => Err(fault("jwsbb.Sign: invalid key type: a private key is required")),
    }
}

/// A text in the header, or why there is none in the words of the library that OPA uses.
fn member(header: &[u8], name: &str) -> Result<String, String> {
    let text = characters(header);
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err("cannot parse JSON: cannot parse empty string; unparsed tail: \"\"".to_owned());
    }
    let parsed = match from_json(&text) {
        Ok(parsed) => parsed,
        Err(Failure::Builtin(words) | Failure::Limit(words)) => return Err(format!("cannot parse JSON: {words}")),
        Err(_) => return Err("cannot parse JSON".to_owned()),
    };
    match parsed.field(name) {
        None => Err(format!("jwsbb: header \"{name}\" not found")),
        Some(Value::String(text)) => Ok(text.to_str().into_owned()),
        Some(other) => Err(format!(
            "value doesn't contain string; it contains {}",
            other.type_name()
        )),
    }
}
