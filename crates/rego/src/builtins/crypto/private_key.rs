//! Private keys, in the three forms that PEM files hold them in.

use num_bigint::BigInt;
use num_traits::{One, Signed};

use super::super::Failure;
use super::curve::{Curve, Point, number};
use super::der::{Oid, Reader, dotted, tag};
use super::key::{EC, ED25519, PublicKey, RSA, Rsa, X25519, algorithm, check_size, fault};

/// A private key.
#[derive(Clone, Debug)]
pub(in crate::builtins) enum PrivateKey {
    Rsa(Box<RsaPrivate>),
    Ec { public: Point, d: BigInt },
    Ed25519 { seed: [u8; 32], public: [u8; 32] },
    X25519 { private: [u8; 32] },
}

/// A private key of RSA, which has been checked.
#[derive(Clone, Debug)]
pub(in crate::builtins) struct RsaPrivate {
    pub(in crate::builtins) public: Rsa,
    pub(in crate::builtins) d: BigInt,
    pub(in crate::builtins) p: BigInt,
    pub(in crate::builtins) q: BigInt,
    pub(in crate::builtins) dp: BigInt,
    pub(in crate::builtins) dq: BigInt,
    pub(in crate::builtins) qinv: BigInt,
}

/// What a private key's outer form can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Pkcs1,
    Pkcs8,
    Sec1,
}

/// The form that Go would read it in, by the elements that it begins with.
fn form(der: &[u8]) -> Option<Form> {
    let mut key = Reader::new(der).inner(tag::SEQUENCE)?;
    key.integer()?;
    match key.any()?.tag {
        tag::SEQUENCE => Some(Form::Pkcs8),
        tag::OCTET_STRING => Some(Form::Sec1),
        tag::INTEGER => Some(Form::Pkcs1),
        _ => None,
    }
}

/// The failure of a key that is not in the form `wanted`.
fn mismatch(der: &[u8]) -> Failure {
    let other = match form(der) {
        Some(Form::Pkcs1) => "ParsePKCS1PrivateKey",
        Some(Form::Pkcs8) => "ParsePKCS8PrivateKey",
        Some(Form::Sec1) => "ParseECPrivateKey",
        None => return fault("asn1: structure error: not a private key"),
    };
    fault(format!(
        "x509: failed to parse private key (use {other} instead for this key format)"
    ))
}

/// Follows Go's crypto/x509: ParsePKCS1PrivateKey.
pub(in crate::builtins) fn pkcs1(der: &[u8]) -> Result<PrivateKey, Failure> {
    check_size(der)?;
    let broken = || fault("asn1: structure error: not an RSA private key");
    if form(der) != Some(Form::Pkcs1) {
        return Err(mismatch(der));
    }
    let mut outer = Reader::new(der);
    let mut key = outer.inner(tag::SEQUENCE).ok_or_else(broken)?;
    if !outer.is_empty() {
        return Err(fault("asn1: syntax error: trailing data"));
    }
    let version = key.small(tag::INTEGER).ok_or_else(broken)?;
    let n = key.integer().ok_or_else(broken)?;
    let e = key.small(tag::INTEGER).ok_or_else(broken)?;
    let mut next = || key.integer().ok_or_else(broken);
    let (d, p, q) = (next()?, next()?, next()?);
    let (dp, dq, qinv) = (next()?, next()?, next()?);
    if version > 1 {
        return Err(fault("x509: unsupported private key version"));
    }
    if ![&n, &d, &p, &q, &dp, &dq, &qinv].into_iter().all(Signed::is_positive) {
        return Err(fault("x509: private key contains zero or negative value"));
    }
    if key.peeks(tag::SEQUENCE) {
        let words = "kpolicy does not read RSA keys of more than two primes";
        return Err(Failure::Limit(words.to_owned()));
    }
    let public = Rsa { n, e };
    let key = RsaPrivate {
        public,
        d,
        p,
        q,
        dp,
        dq,
        qinv,
    };
    key.check()?;
    Ok(PrivateKey::Rsa(Box::new(key)))
}

impl RsaPrivate {
    /// The key with the values that are computed from the others.
    pub(in crate::builtins) fn new(public: Rsa, d: BigInt, p: BigInt, q: BigInt) -> Result<Self, Failure> {
        let one = BigInt::one();
        if p <= one || q <= one {
            return Err(fault("crypto/rsa: invalid prime"));
        }
        let (dp, dq) = (&d % (&p - 1), &d % (&q - 1));
        let qinv = q
            .modinv(&p)
            .ok_or_else(|| fault("crypto/rsa: invalid CRT coefficient"))?;
        let key = Self {
            public,
            d,
            p,
            q,
            dp,
            dq,
            qinv,
        };
        key.check()?;
        Ok(key)
    }

    /// Follows Go's crypto/rsa: Validate.
    fn check(&self) -> Result<(), Failure> {
        self.public.check()?;
        let one = BigInt::one();
        if self.p <= one || self.q <= one {
            return Err(fault("crypto/rsa: invalid prime"));
        }
        if &self.p * &self.q != self.public.n {
            return Err(fault("crypto/rsa: p * q != n"));
        }
        let (below_p, below_q) = (&self.p - 1, &self.q - 1);
        let e = BigInt::from(self.public.e);
        for below in [&below_p, &below_q] {
            if (&e * &self.d) % below != one {
                return Err(fault("crypto/rsa: d is not the inverse of e"));
            }
        }
        if &self.d % below_p != self.dp || &self.d % below_q != self.dq {
            return Err(fault("crypto/rsa: invalid CRT exponent"));
        }
        if (&self.q * &self.qinv) % &self.p != one {
            return Err(fault("crypto/rsa: invalid CRT coefficient"));
        }
        Ok(())
    }
}

/// Follows Go's crypto/x509: ParsePKCS8PrivateKey.
pub(in crate::builtins) fn pkcs8(der: &[u8]) -> Result<PrivateKey, Failure> {
    let broken = || fault("asn1: structure error: not a private key");
    if form(der) != Some(Form::Pkcs8) {
        return Err(mismatch(der));
    }
    let mut key = Reader::new(der).inner(tag::SEQUENCE).ok_or_else(broken)?;
    key.integer().ok_or_else(broken)?;
    let algorithm = algorithm(key.inner(tag::SEQUENCE).ok_or_else(broken)?)?;
    let inner = key.contents(tag::OCTET_STRING).ok_or_else(broken)?;
    let within = |name: &str, read: Result<PrivateKey, Failure>| {
        read.map_err(|failure| match failure {
            Failure::Builtin(words) => fault(format!(
                "x509: failed to parse {name} private key embedded in PKCS#8: {words}"
            )),
            other => other,
        })
    };
    match &*algorithm.oid {
        RSA => within("RSA", pkcs1(inner)),
        EC => within("EC", sec1(Reader::new(algorithm.parameters).oid(), inner)),
        ED25519 | X25519 => {
            let name = if *algorithm.oid == *ED25519 {
                "Ed25519"
            } else {
                "X25519"
            };
            if !algorithm.parameters.is_empty() {
                return Err(fault(format!("x509: invalid {name} private key parameters")));
            }
            let contents = Reader::new(inner).contents(tag::OCTET_STRING);
            let contents = contents.ok_or_else(|| fault(format!("x509: invalid {name} private key")))?;
            edwards(name, contents)
        }
        oid => Err(fault(format!(
            "x509: PKCS#8 wrapping contained private key with unknown algorithm: {}",
            dotted(oid)
        ))),
    }
}

fn edwards(name: &str, bytes: &[u8]) -> Result<PrivateKey, Failure> {
    match (name, <[u8; 32]>::try_from(bytes)) {
        ("Ed25519", Ok(seed)) => Ok(PrivateKey::of_seed(seed)),
        ("Ed25519", Err(_)) => Err(fault(format!(
            "x509: invalid Ed25519 private key length: {}",
            bytes.len()
        ))),
        (_, Ok(private)) => Ok(PrivateKey::X25519 { private }),
        (_, Err(_)) => Err(fault("crypto/ecdh: invalid private key size")),
    }
}

/// The key of an elliptic curve. Follows Go's crypto/x509: parseECPrivateKey.
pub(in crate::builtins) fn sec1(curve: Option<Oid>, der: &[u8]) -> Result<PrivateKey, Failure> {
    if form(der) != Some(Form::Sec1) {
        return Err(match form(der) {
            Some(_) => mismatch(der),
            None => fault("x509: failed to parse EC private key: asn1: structure error: not an EC private key"),
        });
    }
    let broken = || fault("x509: failed to parse EC private key: asn1: structure error: not an EC private key");
    let mut key = Reader::new(der).inner(tag::SEQUENCE).ok_or_else(broken)?;
    let version = key.small(tag::INTEGER).ok_or_else(broken)?;
    let mut private = key.contents(tag::OCTET_STRING).ok_or_else(broken)?;
    let named = key.optional(tag::constructed(0)).ok_or_else(broken)?;
    let named = named.and_then(|mut named| named.oid());
    if version != 1 {
        return Err(fault(format!("x509: unknown EC private key version {version}")));
    }
    let curve = curve.or(named).and_then(|oid| Curve::of(&oid));
    let curve = curve.ok_or_else(|| fault("x509: unknown elliptic curve"))?;
    while private.len() > curve.size() {
        match private.split_first() {
            Some((0, rest)) => private = rest,
            _ => return Err(fault("x509: invalid private key length")),
        }
    }
    PrivateKey::of_scalar(curve, &number(private))
}

impl PrivateKey {
    /// The key of a curve with this number.
    pub(in crate::builtins) fn of_scalar(curve: Curve, d: &BigInt) -> Result<Self, Failure> {
        if curve == Curve::P224 {
            let words = "kpolicy does not compute with the curve P-224";
            return Err(Failure::Limit(words.to_owned()));
        }
        let public = curve.public(&super::curve::padded(d, curve.size()));
        let public = public.ok_or_else(|| fault("ecdsa: private key scalar too large or zero"))?;
        Ok(Self::Ec { public, d: d.clone() })
    }

    /// The key of Ed25519 with this seed.
    pub(in crate::builtins) fn of_seed(seed: [u8; 32]) -> Self {
        let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        Self::Ed25519 { seed, public }
    }

    /// The public key that belongs to it.
    pub(in crate::builtins) fn public(&self) -> PublicKey {
        match self {
            Self::Rsa(key) => PublicKey::Rsa(key.public.clone()),
            Self::Ec { public, .. } => PublicKey::Ec(public.clone()),
            Self::Ed25519 { public, .. } => PublicKey::Ed25519(*public),
            Self::X25519 { private } => PublicKey::X25519(montgomery(private)),
        }
    }
}

/// The public key of X25519 that belongs to a private one.
pub(in crate::builtins) fn montgomery(private: &[u8; 32]) -> [u8; 32] {
    curve25519_dalek::MontgomeryPoint::mul_base_clamped(*private).to_bytes()
}
