//! Tokens that are verified against constraints: who signed it, who issued it, for whom, and until when.

use super::super::crypto::jwk::{Jwk, Key};
use super::super::crypto::key::fault;
use super::super::crypto::signature::{self, Salt, Scheme};
use super::super::operand::{object, string};
use super::super::{Answer, Context, Failure, Operands};
use super::header::Header;
use super::token::{Token, candidates, characters, json_object, trusted};
use kpolicy_value::{Number, Object, Value};

/// What a token must be; texts are empty where anything is good.
struct Constraints {
    keys: Option<Vec<Jwk>>,
    secret: Vec<u8>,
    algorithm: String,
    issuer: Value,
    audience: Value,
    /// The time, in nanoseconds since 1970.
    time: Option<f64>,
}

/// Follows OPA v1.22 topdown/tokens.go: builtinJWTDecodeVerify.
pub(super) fn decode_verify(context: &mut Context, operands: Operands) -> Answer {
    let constraints = Constraints::read(context, object(operands, 1)?)?;
    let mut text = string(operands, 0)?.to_str().into_owned();
    let (header, payload) = loop {
        let token = Token::read(&text)?;
        let header = token.header()?;
        let described = Header::read(&header)?;
        let is_for = |algorithm: &str| algorithm.is_empty() || algorithm == described.algorithm;
        if !described.is_valid() || !is_for(&constraints.algorithm) {
            return Ok(Some(unverified()));
        }
        if !constraints.is_signed(context, &token, &described)? {
            return Ok(Some(unverified()));
        }
        let payload = token.payload()?;
        if !described.content.eq_ignore_ascii_case("JWT") {
            break (header, json_object(&payload)?);
        }
        text = characters(&payload).into_owned();
    };
    if !constraints.are_met(&payload)? {
        return Ok(Some(unverified()));
    }
    let parts = vec![true.into(), Value::Object(header), Value::Object(payload)];
    Ok(Some(Value::array(parts)))
}

fn unverified() -> Value {
    let nothing = || Value::object(Vec::new());
    Value::array(vec![false.into(), nothing(), nothing()])
}

impl Constraints {
    /// Follows OPA v1.22 topdown/tokens.go: parseTokenConstraints, validate.
    fn read(context: &Context, object: &Object) -> Result<Self, Failure> {
        let mut constraints = Self {
            keys: None,
            secret: Vec::new(),
            algorithm: String::new(),
            issuer: "".into(),
            audience: "".into(),
            time: None,
        };
        for (name, value) in object.iter() {
            let name = name.as_str().unwrap_or_default();
            let text = || match value {
                Value::String(text) => Ok(text),
                _ => Err(fault(format!("{name} constraint: must be a string"))),
            };
            match name {
                "cert" => constraints.keys = Some(trusted(&text()?.to_str())?),
                "secret" => constraints.secret = text()?.as_bytes().to_vec(),
                "alg" => constraints.algorithm = text()?.to_str().into_owned(),
                "iss" => constraints.issuer = Value::String(text()?.clone()),
                "aud" => constraints.audience = Value::String(text()?.clone()),
                "time" => constraints.time = Some(time(value)?),
                _ => return Err(fault(format!("unknown token validation constraint: {name}"))),
            }
        }
        if constraints.time.is_none() {
            #[allow(clippy::cast_precision_loss)]
            let now = context.now()? as f64;
            constraints.time = Some(now);
        }
        match (&constraints.keys, constraints.secret.is_empty()) {
            (Some(_), false) => Err(fault("duplicate key constraints")),
            (None, true) => Err(fault("no key constraint")),
            _ => Ok(constraints),
        }
    }

    /// Whether the token is signed with the secret or one of the keys, by the algorithm that it names.
    fn is_signed(&self, context: &Context, token: &Token, header: &Header) -> Result<bool, Failure> {
        let (signed, signature) = (token.signed(), token.signature()?);
        // The library that OPA uses has one more name for EdDSA here.
        let name = if header.algorithm == "Ed25519" {
            "EdDSA"
        } else {
            &header.algorithm
        };
        let Some(scheme) = Scheme::named(name, Salt::Digest) else {
            return Ok(false);
        };
        let Some(keys) = &self.keys else {
            return verified(scheme, &Key::Secret(self.secret.clone()), &signed, &signature);
        };
        for key in candidates(keys, &header.key, &header.algorithm) {
            context.check_time()?;
            if verified(scheme, key, &signed, &signature)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the payload is what is asked for.
    fn are_met(&self, payload: &Object) -> Result<bool, Failure> {
        let nothing = Value::from("");
        if self.issuer != nothing {
            match payload.field("iss") {
                Some(issuer @ Value::String(_)) if *issuer == self.issuer => {}
                None | Some(Value::String(_)) => return Ok(false),
                Some(_) => return Err(fault("iss value must be a string")),
            }
        }
        let is_for = match payload.field("aud") {
            None => self.audience == nothing,
            Some(Value::Array(several)) => several.contains(&self.audience),
            Some(one) => *one == self.audience,
        };
        if !is_for {
            return Ok(false);
        }
        let seconds = self.time.unwrap_or_default() / 1e9;
        let now = Number::parse(&seconds.to_string()).ok_or_else(|| fault("token time constraint: unvalid float64"))?;
        let at = |name: &str| match payload.field(name) {
            None => Ok(None),
            Some(Value::Number(time)) => Ok(Some(now.cmp(time))),
            Some(_) => Err(fault(format!("{name} value must be a number"))),
        };
        if at("exp")?.is_some_and(std::cmp::Ordering::is_ge) {
            return Ok(false);
        }
        Ok(!at("nbf")?.is_some_and(std::cmp::Ordering::is_lt))
    }
}

fn verified(scheme: Scheme, key: &Key, signed: &str, signature: &[u8]) -> Result<bool, Failure> {
    match (scheme, key) {
        (Scheme::Hmac(hash), Key::Secret(secret)) => {
            let code = signature::code(hash, secret, signed.as_bytes());
            Ok(signature::equal(&code, signature))
        }
        (_, Key::Public(key)) => signature::verify(scheme, key, signed.as_bytes(), signature),
        (_, Key::Private(key)) => signature::verify(scheme, &key.public(), signed.as_bytes(), signature),
        (_, Key::Secret(_)) => Ok(false),
    }
}

/// Follows OPA v1.22 topdown/tokens.go: timeFromValue.
fn time(value: &Value) -> Result<f64, Failure> {
    let Value::Number(number) = value else {
        return Err(fault("token time constraint: must be a number"));
    };
    let time = number.as_f64();
    if !time.is_finite() {
        return Err(fault("token time constraint: unvalid float64"));
    }
    if time < 0.0 {
        return Err(fault("token time constraint: must not be negative"));
    }
    Ok(time)
}
