//! The parts of a token, and whether it is signed with a key.

use std::borrow::Cow;

use super::super::crypto::digits;
use super::super::crypto::jwk::{self, Jwk, Key};
use super::super::crypto::key::{self, PublicKey, fault};
use super::super::crypto::pem;
use super::super::crypto::signature::{self, Salt, Scheme};
use super::super::encoding::{from_base64url, from_json};
use super::super::operand::string;
use super::super::x509::parse::public_key;
use super::super::{Answer, Context, Failure, Operands};
use super::header::Header;
use kpolicy_value::{Object, Value};

/// A token's three parts as they are written.
pub(super) struct Token<'t> {
    header: &'t str,
    payload: &'t str,
    signature: &'t str,
}

impl<'t> Token<'t> {
    /// Follows OPA v1.22 topdown/tokens.go: decodeJWT.
    pub(super) fn read(text: &'t str) -> Result<Self, Failure> {
        let parts: Vec<&str> = text.split('.').collect();
        match *parts {
            [header, payload, signature] => Ok(Self {
                header,
                payload,
                signature,
            }),
            [_] => Err(fault("encoded JWT had no period separators")),
            _ => {
                let count = parts.len();
                Err(fault(format!("encoded JWT must have 3 sections, found {count}")))
            }
        }
    }

    /// What is signed.
    pub(super) fn signed(&self) -> String {
        format!("{}.{}", self.header, self.payload)
    }

    pub(super) fn header(&self) -> Result<Object, Failure> {
        let bytes = part(self.header, "header")?;
        let header = json_object(&bytes).map_err(|failure| match failure {
            Failure::Builtin(words) => fault(format!("bad JWT header: {words}")),
            other => other,
        })?;
        if header.field("enc").is_some() {
            return Err(fault("JWT is a JWE object, which is not supported"));
        }
        Ok(header)
    }

    pub(super) fn payload(&self) -> Result<Vec<u8>, Failure> {
        part(self.payload, "payload")
    }

    pub(super) fn signature(&self) -> Result<Vec<u8>, Failure> {
        from_base64url(self.signature).map_err(fault)
    }
}

/// The bytes of a token's part.
fn part(text: &str, name: &str) -> Result<Vec<u8>, Failure> {
    from_base64url(text).map_err(|words| fault(format!("JWT {name} had invalid encoding: {words}")))
}

/// Follows OPA v1.22 topdown/tokens.go: extractJSONObject.
pub(super) fn json_object(bytes: &[u8]) -> Result<Object, Failure> {
    let value = from_json(&characters(bytes)).map_err(|failure| match failure {
        Failure::Builtin(words) => fault(format!("invalid JSON: {words}")),
        other => other,
    })?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(fault("decoded JSON type was not an Object")),
    }
}

/// Bytes as text, as Go reads it.
pub(super) fn characters(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let value = Value::bytes(bytes.to_vec());
            Cow::Owned(value.text().map(Cow::into_owned).unwrap_or_default())
        }
    }
}

/// Follows OPA v1.22 topdown/tokens.go: builtinJWTDecode.
pub(super) fn decode(_: &mut Context, operands: Operands) -> Answer {
    let mut text = string(operands, 0)?.to_str().into_owned();
    loop {
        let token = Token::read(&text)?;
        let header = token.header()?;
        let payload = token.payload()?;
        match header.field("cty") {
            None => {}
            // A token within a token; some write it in quotes.
            Some(Value::String(kind)) if kind.as_str() == Some("JWT") => {
                text = characters(&payload).trim_matches(['"', '\'']).to_owned();
                continue;
            }
            Some(Value::String(_)) => {}
            Some(_) => return Err(fault("cty: must be a string")),
        }
        let payload = json_object(&payload)?;
        let signature = part(token.signature, "signature")?;
        let parts = vec![
            Value::Object(header),
            Value::Object(payload),
            Value::string(digits(&signature)),
        ];
        return Ok(Some(Value::array(parts)));
    }
}

/// The keys of a certificate, a public key or a set of JSON Web Keys.
///
/// Follows OPA v1.22 topdown/tokens.go: parseKeysFromCertOrJWK.
pub(super) fn trusted(text: &str) -> Result<Vec<Jwk>, Failure> {
    let Some((block, rest)) = pem::decode(text.as_bytes()) else {
        let keys = jwk::read(text).map_err(|failure| match failure {
            Failure::Builtin(words) => fault(format!(
                "failed to parse a JWK key (set): jwk.ParseString: failed to parse string: {words}"
            )),
            other => other,
        })?;
        let is_known = |key: &Jwk| {
            let name = key.algorithm.as_deref();
            name.is_none_or(|name| Scheme::named(name, Salt::Any).is_some())
        };
        return Ok(keys.into_iter().filter(is_known).collect());
    };
    if !rest.is_empty() {
        return Err(fault("extra data after a PEM certificate block"));
    }
    let within = |what: &str, failure: Failure| match failure {
        Failure::Builtin(words) => fault(format!("failed to parse a PEM {what}: {words}")),
        other => other,
    };
    let key = match block.label {
        b"CERTIFICATE" => public_key(&block.bytes).map_err(|failure| within("certificate", failure))?,
        b"PUBLIC KEY" => Some(key::public(&block.bytes).map_err(|failure| within("public key", failure))?),
        _ => return Err(fault("failed to extract a Key from the PEM certificate")),
    };
    // A certificate's key of an algorithm that Go does not know is a key that nothing can be verified with.
    let key = key.map(Key::Public).into_iter();
    Ok(key
        .map(|key| Jwk {
            key,
            algorithm: None,
            id: String::new(),
        })
        .collect())
}

/// The keys that a token may be signed with: the one that it names if there is one, or those for its algorithm.
pub(super) fn candidates<'k>(keys: &'k [Jwk], id: &str, algorithm: &str) -> impl Iterator<Item = &'k Key> {
    let named = keys.iter().find(|key| !id.is_empty() && key.id == id);
    let fits = |key: &&Jwk| match named {
        Some(_) => false,
        None => key
            .algorithm
            .as_deref()
            .is_none_or(|own| own.is_empty() || own == algorithm),
    };
    let fitting: Vec<&Key> = keys.iter().filter(fits).map(|key| &key.key).collect();
    named.map(|key| &key.key).into_iter().chain(fitting)
}

/// Whether a token is signed with one of the keys, by the algorithm that the builtin is named after.
///
/// Follows OPA v1.22 topdown/tokens.go: builtinJWTVerify.
pub(super) fn verify(context: &Context, operands: Operands, algorithm: &str) -> Answer {
    let text = string(operands, 0)?.to_str();
    let token = Token::read(&text)?;
    let keys = trusted(&string(operands, 1)?.to_str())?;
    let signature = token.signature()?;
    let header = Header::read(&token.header()?)?;
    let scheme = Scheme::named(algorithm, Salt::Any).expect("the builtins are named after schemes");
    let signed = token.signed();
    for key in candidates(&keys, &header.key, &header.algorithm) {
        context.check_time()?;
        let Key::Public(key) = key else { continue };
        let verified = match (scheme, key) {
            // Go takes a signature of any length apart in the middle.
            (Scheme::Ecdsa(hash), PublicKey::Ec(key)) => {
                signature::verify_halves(key, &hash.digest(signed.as_bytes()), &signature)?
            }
            _ => signature::verify(scheme, key, signed.as_bytes(), &signature)?,
        };
        if verified {
            return Ok(Some(true.into()));
        }
    }
    Ok(Some(false.into()))
}

/// Whether a token is signed with a secret.
///
/// Follows OPA v1.22 topdown/tokens.go: builtinJWTVerifyHS.
pub(super) fn verify_secret(operands: Operands, algorithm: &str) -> Answer {
    let (text, secret) = (string(operands, 0)?.to_str(), string(operands, 1)?);
    let token = Token::read(&text)?;
    let Some(Scheme::Hmac(hash)) = Scheme::named(algorithm, Salt::Any) else {
        unreachable!("the builtin is named after a scheme with a secret");
    };
    let code = signature::code(hash, secret.as_bytes(), token.signed().as_bytes());
    Ok(Some(signature::equal(&token.signature()?, &code).into()))
}
