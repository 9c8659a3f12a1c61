//! JSON Web Keys, read as the library reads them that OPA uses.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::super::Failure;
use super::super::encoding::{from_json, to_base64url};
use super::curve::{Curve, number, padded};
use super::der::magnitude;
use super::key::{PublicKey, Rsa, check_size, fault};
use super::private_key::{PrivateKey, RsaPrivate, montgomery};
use crate::builtins::encoding;
use kpolicy_value::{Object, Value};

/// A key of a set, and what it tells of itself.
#[derive(Clone, Debug)]
pub(in crate::builtins) struct Jwk {
    pub(in crate::builtins) key: Key,
    /// The algorithm that it is for.
    pub(in crate::builtins) algorithm: Option<String>,
    /// Its name; empty if it has none.
    pub(in crate::builtins) id: String,
}

/// A key of one of the kinds that a set can hold.
#[derive(Clone, Debug)]
pub(in crate::builtins) enum Key {
    Public(PublicKey),
    Private(PrivateKey),
    Secret(Vec<u8>),
}

/// How many keys a set may have.
const MOST: usize = 1000;

/// The algorithms that a key may name; a key with another one is refused.
const ALGORITHMS: &[&str] = &[
    "A128CBC-HS256",
    "A128GCM",
    "A128GCMKW",
    "A128KW",
    "A192CBC-HS384",
    "A192GCM",
    "A192GCMKW",
    "A192KW",
    "A256CBC-HS512",
    "A256GCM",
    "A256GCMKW",
    "A256KW",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
    "ES256",
    "ES256K",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
    "HS256",
    "HS384",
    "HS512",
    "PBES2-HS256+A128KW",
    "PBES2-HS384+A192KW",
    "PBES2-HS512+A256KW",
    "PS256",
    "PS384",
    "PS512",
    "RS256",
    "RS384",
    "RS512",
    "RSA-OAEP",
    "RSA-OAEP-256",
    "RSA-OAEP-384",
    "RSA-OAEP-512",
    "RSA1_5",
    "dir",
    "none",
];

/// The keys of a JSON text: those under `keys`, or the one that it is.
pub(in crate::builtins) fn read(text: &str) -> Result<Vec<Jwk>, Failure> {
    let value = from_json(text).map_err(|failure| within("failed to parse sole key: jwk.ParseKey", failure))?;
    let Some(object) = value.as_object() else {
        return Err(fault(format!(
            "jwk.Parse: failed to parse sole key: jwk.ParseKey: a key must be an object but got {}",
            value.type_name()
        )));
    };
    match object.field("keys") {
        None => key(object)
            .map(|key| vec![key])
            .map_err(|failure| within("failed to parse sole key: jwk.ParseKey", failure)),
        Some(Value::Array(keys)) if keys.len() > MOST => {
            Err(fault(format!("too many keys in \"keys\" array: max {MOST}")))
        }
        Some(Value::Array(keys)) => {
            let one = |(at, value): (usize, &Value)| {
                let object = value.as_object().ok_or_else(|| fault("a key must be an object"));
                let place =
                    || format!("failed to unmarshal JWK set: failed to decode key #{at} in \"keys\": jwk.ParseKey");
                object.and_then(key).map_err(|failure| within(&place(), failure))
            };
            keys.iter().enumerate().map(one).collect()
        }
        Some(other) => Err(fault(format!(
            "jwk.Parse: failed to unmarshal JWK set: \"keys\" must be an array but got {}",
            other.type_name()
        ))),
    }
}

fn within(place: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Builtin(words) => fault(format!("jwk.Parse: {place}: {words}")),
        other => other,
    }
}

fn key(object: &Object) -> Result<Jwk, Failure> {
    let algorithm = string(object, "alg")?.map(str::to_owned);
    if let Some(name) = &algorithm
        && !ALGORITHMS.contains(&&**name)
    {
        return Err(fault(format!(
            "failed to decode value for key alg: invalid key value: \"{name}\""
        )));
    }
    let id = string(object, "kid")?.unwrap_or_default().to_owned();
    let key = match string(object, "kty")?.unwrap_or_default() {
        "RSA" => rsa(object)?,
        "EC" => ec(object)?,
        "OKP" => okp(object)?,
        "oct" => match bytes(object, "k")? {
            Some(secret) if !secret.is_empty() => Key::Secret(secret),
            _ => return Err(missing("k")),
        },
        other => return Err(fault(format!("invalid key type from JSON ({other})"))),
    };
    Ok(Jwk { key, algorithm, id })
}

fn missing(name: &str) -> Failure {
    fault(format!("required field {name} is missing"))
}

fn string<'v>(object: &'v Object, name: &str) -> Result<Option<&'v str>, Failure> {
    match object.field(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let text = value.as_str();
            let words = || fault(format!("failed to decode value for key {name}: it must be a string"));
            text.map(Some).ok_or_else(words)
        }
    }
}

/// The bytes of a member, in any of the four forms of base64.
fn bytes(object: &Object, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    let Some(text) = string(object, name)? else {
        return Ok(None);
    };
    let is_padded = text.ends_with('=');
    let for_urls = !text.contains(['+', '/']);
    let decoded = match (is_padded, for_urls) {
        (true, true) => encoding::from_base64url(text),
        (true, false) => encoding::from_base64(text.as_bytes()),
        (false, for_urls) => {
            let padding = ["", "", "==", "="][text.trim_matches(['\r', '\n']).len() % 4];
            let padded = format!("{text}{padding}");
            match for_urls {
                true => encoding::from_base64url(&padded),
                false => encoding::from_base64(padded.as_bytes()),
            }
        }
    };
    let wrong = |_| {
        fault(format!(
            "failed to decode value for key {name}: expected base64 encoded []byte"
        ))
    };
    let bytes = decoded.map_err(wrong)?;
    check_size(&bytes)?;
    Ok(Some(bytes))
}

fn number_of(object: &Object, name: &str) -> Result<Option<BigInt>, Failure> {
    Ok(bytes(object, name)?
        .filter(|bytes| !bytes.is_empty())
        .map(|bytes| number(&bytes)))
}

fn rsa(object: &Object) -> Result<Key, Failure> {
    let needed = |name| number_of(object, name)?.ok_or_else(|| missing(name));
    let (n, e) = (needed("n")?, needed("e")?);
    if (&e % 2u8) != BigInt::from(1) {
        return Err(fault("invalid rsa public exponent: must be a positive odd integer"));
    }
    let e = e
        .to_i64()
        .ok_or_else(|| fault("rsa public exponent too large for this platform"))?;
    let public = Rsa { n, e };
    if object.field("d").is_none() {
        return Ok(Key::Public(PublicKey::Rsa(public)));
    }
    let key = RsaPrivate::new(public, needed("d")?, needed("p")?, needed("q")?)?;
    Ok(Key::Private(PrivateKey::Rsa(Box::new(key))))
}

fn ec(object: &Object) -> Result<Key, Failure> {
    let name = string(object, "crv")?.ok_or_else(|| missing("crv"))?;
    let curve = Curve::named(name).ok_or_else(|| fault(format!("invalid curve algorithm \"{name}\"")))?;
    let coordinate = |name| {
        let bytes = bytes(object, name)?.unwrap_or_default();
        if bytes.len() == curve.size() {
            return Ok(bytes);
        }
        let length = bytes.len();
        Err(fault(format!(
            "invalid \"{name}\" length ({length}) for curve \"{}\"",
            curve.name()
        )))
    };
    let encoded = [vec![4], coordinate("x")?, coordinate("y")?].concat();
    let public = curve.point(&encoded);
    let public = public.ok_or_else(|| fault("jwk: invalid ECDSA public key: the point is not on the curve"))?;
    if object.field("d").is_none() {
        return Ok(Key::Public(PublicKey::Ec(public)));
    }
    let d = number(&coordinate("d")?);
    Ok(Key::Private(PrivateKey::Ec { public, d }))
}

fn okp(object: &Object) -> Result<Key, Failure> {
    let name = string(object, "crv")?.ok_or_else(|| fault("invalid curve algorithm"))?;
    let half = |member: &str, what: &str| -> Result<[u8; 32], Failure> {
        let bytes = bytes(object, member)?
            .filter(|bytes| !bytes.is_empty())
            .ok_or_else(|| missing(member))?;
        bytes
            .try_into()
            .map_err(|_| fault(format!("{}: wrong {what} key size", name.to_lowercase())))
    };
    let public = half("x", "public");
    let private = object.field("d").map(|_| half("d", "private")).transpose();
    match name {
        "Ed25519" => {
            let public = public?;
            Ok(match private? {
                None => Key::Public(PublicKey::Ed25519(public)),
                Some(seed) if matches!(PrivateKey::of_seed(seed), PrivateKey::Ed25519 { public: own, .. } if own == public) => {
                    Key::Private(PrivateKey::of_seed(seed))
                }
                Some(_) => return Err(fault("ed25519: invalid x value given d value")),
            })
        }
        "X25519" => {
            let public = public?;
            Ok(match private? {
                None => Key::Public(PublicKey::X25519(public)),
                Some(private) if montgomery(&private) == public => Key::Private(PrivateKey::X25519 { private }),
                Some(_) => return Err(fault("x25519: invalid x value given d value")),
            })
        }
        other => Err(fault(format!("invalid curve algorithm {other}"))),
    }
}

/// A private key as a JSON Web Key.
pub(in crate::builtins) fn of(key: &PrivateKey) -> Value {
    let text = |bytes: &[u8]| Value::string(to_base64url(bytes));
    let entries: Vec<(&str, Value)> = match key {
        PrivateKey::Rsa(key) => {
            let number = |number: &BigInt| text(&magnitude(number));
            vec![
                ("kty", "RSA".into()),
                ("n", number(&key.public.n)),
                ("e", number(&BigInt::from(key.public.e))),
                ("d", number(&key.d)),
                ("p", number(&key.p)),
                ("q", number(&key.q)),
                ("dp", number(&key.dp)),
                ("dq", number(&key.dq)),
                ("qi", number(&key.qinv)),
            ]
        }
        PrivateKey::Ec { public, d } => {
            let coordinate = |number: &BigInt| text(&padded(number, public.curve.size()));
            vec![
                ("kty", "EC".into()),
                ("crv", public.curve.name().into()),
                ("x", coordinate(&public.x)),
                ("y", coordinate(&public.y)),
                ("d", coordinate(d)),
            ]
        }
        PrivateKey::Ed25519 { seed, public } => okp_entries("Ed25519", text(public), text(seed)),
        PrivateKey::X25519 { private } => okp_entries("X25519", text(&montgomery(private)), text(private)),
    };
    Value::object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn okp_entries(curve: &str, x: Value, d: Value) -> Vec<(&'static str, Value)> {
    vec![("kty", "OKP".into()), ("crv", curve.into()), ("x", x), ("d", d)]
}
