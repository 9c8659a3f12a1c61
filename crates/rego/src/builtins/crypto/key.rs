//! Public keys, as they stand in certificates and PEM files.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::super::Failure;
use super::curve::{Curve, Point};
use super::der::{Oid, Reader, tag};

/// The largest modulus, in bits, that anything is computed with.
pub(in crate::builtins) const LARGEST_MODULUS: u64 = 8192;

/// The largest certificate, request or key, in bytes.
const LARGEST: usize = 64 << 10;

/// Fails for more bytes than a certificate, a request or a key may have.
pub(in crate::builtins) fn check_size(der: &[u8]) -> Result<(), Failure> {
    match der.len() > LARGEST {
        true => Err(Failure::Limit(format!(
            "a certificate or key of more than {LARGEST} bytes"
        ))),
        false => Ok(()),
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::builtins) enum PublicKey {
    Rsa(Rsa),
    Ec(Point),
    Ed25519([u8; 32]),
    X25519([u8; 32]),
    Dsa(Dsa),
}

/// A public key of RSA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::builtins) struct Rsa {
    pub(in crate::builtins) n: BigInt,
    pub(in crate::builtins) e: i64,
}

/// A public key of DSA. Nothing is verified with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::builtins) struct Dsa {
    pub(in crate::builtins) p: BigInt,
    pub(in crate::builtins) q: BigInt,
    pub(in crate::builtins) g: BigInt,
    pub(in crate::builtins) y: BigInt,
}

/// What kind of key an algorithm is for, as Go numbers them in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builtins) enum Kind {
    Rsa = 1,
    Dsa = 2,
    Ecdsa = 3,
    Ed25519 = 4,
}

/// The algorithm of a key or signature.
#[derive(Clone, Debug)]
pub(in crate::builtins) struct Algorithm<'a> {
    pub(in crate::builtins) oid: Oid,
    /// The bytes of the parameters, empty if there are none.
    pub(in crate::builtins) parameters: &'a [u8],
}

/// A failure with these words.
pub(in crate::builtins) fn fault(words: impl Into<String>) -> Failure {
    Failure::Builtin(words.into())
}

/// The DER of a NULL.
pub(in crate::builtins) const NULL: &[u8] = &[tag::NULL, 0];

pub(in crate::builtins) const RSA: &[u32] = &[1, 2, 840, 113_549, 1, 1, 1];
const DSA: &[u32] = &[1, 2, 840, 10040, 4, 1];
pub(in crate::builtins) const EC: &[u32] = &[1, 2, 840, 10045, 2, 1];
pub(in crate::builtins) const X25519: &[u32] = &[1, 3, 101, 110];
pub(in crate::builtins) const ED25519: &[u32] = &[1, 3, 101, 112];

/// The algorithm whose contents are next. Follows Go's crypto/x509: parseAI.
pub(in crate::builtins) fn algorithm<'a>(mut reader: Reader<'a>) -> Result<Algorithm<'a>, Failure> {
    let oid = reader.oid().ok_or_else(|| fault("x509: malformed OID"))?;
    let parameters = match reader.is_empty() {
        true => &[],
        false => reader.any().ok_or_else(|| fault("x509: malformed parameters"))?.whole,
    };
    Ok(Algorithm { oid, parameters })
}

/// What Go calls the algorithm of a public key, where it knows it.
pub(in crate::builtins) fn kind(oid: &[u32]) -> Option<Kind> {
    match oid {
        RSA => Some(Kind::Rsa),
        DSA => Some(Kind::Dsa),
        EC => Some(Kind::Ecdsa),
        ED25519 => Some(Kind::Ed25519),
        _ => None,
    }
}

/// The public key of a `SubjectPublicKeyInfo`. Follows Go's crypto/x509: ParsePKIXPublicKey.
pub(in crate::builtins) fn public(der: &[u8]) -> Result<PublicKey, Failure> {
    check_size(der)?;
    let mismatch = || fault("asn1: structure error: not a SubjectPublicKeyInfo");
    let mut outer = Reader::new(der);
    let mut info = outer.inner(tag::SEQUENCE).ok_or_else(mismatch)?;
    if !outer.is_empty() {
        return Err(fault("x509: trailing data after ASN.1 of public-key"));
    }
    if info.peeks(tag::INTEGER) {
        let words = "x509: failed to parse public key (use ParsePKCS1PublicKey instead for this key format)";
        return Err(fault(words));
    }
    let algorithm = algorithm(info.inner(tag::SEQUENCE).ok_or_else(mismatch)?)?;
    let bits = info.bits().ok_or_else(mismatch)?;
    public_of(&algorithm, &bits.right_aligned())
}

/// The public key of an algorithm and its bits. Follows Go's crypto/x509: parsePublicKey.
pub(in crate::builtins) fn public_of(algorithm: &Algorithm, data: &[u8]) -> Result<PublicKey, Failure> {
    match &*algorithm.oid {
        RSA => rsa(algorithm, data).map(PublicKey::Rsa),
        EC => {
            let invalid = || fault("x509: invalid ECDSA parameters");
            let oid = Reader::new(algorithm.parameters).oid().ok_or_else(invalid)?;
            let curve = Curve::of(&oid).ok_or_else(|| fault("x509: unsupported elliptic curve"))?;
            let point = curve.point(data);
            point.map(PublicKey::Ec).ok_or_else(|| {
                let words = format!("{} point not on curve or not uncompressed", curve.name());
                fault(words)
            })
        }
        ED25519 | X25519 => {
            let name = if *algorithm.oid == *ED25519 {
                "Ed25519"
            } else {
                "X25519"
            };
            if !algorithm.parameters.is_empty() {
                return Err(fault(format!("x509: {name} key encoded with illegal parameters")));
            }
            match (name, <[u8; 32]>::try_from(data)) {
                ("Ed25519", Ok(key)) => Ok(PublicKey::Ed25519(key)),
                ("Ed25519", Err(_)) => Err(fault("x509: wrong Ed25519 public key size")),
                (_, Ok(key)) => Ok(PublicKey::X25519(key)),
                (_, Err(_)) => Err(fault("crypto/ecdh: invalid public key")),
            }
        }
        DSA => dsa(algorithm, data).map(PublicKey::Dsa),
        _ => Err(fault("x509: unknown public key algorithm")),
    }
}

fn rsa(algorithm: &Algorithm, data: &[u8]) -> Result<Rsa, Failure> {
    if algorithm.parameters != NULL {
        return Err(fault("x509: RSA key missing NULL parameters"));
    }
    let mut outer = Reader::new(data);
    let mut key = outer
        .inner(tag::SEQUENCE)
        .ok_or_else(|| fault("x509: invalid RSA public key"))?;
    let n = key.integer().ok_or_else(|| fault("x509: invalid RSA modulus"))?;
    let e = key
        .small(tag::INTEGER)
        .ok_or_else(|| fault("x509: invalid RSA public exponent"))?;
    if !n.is_positive() {
        return Err(fault("x509: RSA modulus is not a positive number"));
    }
    if e <= 0 {
        return Err(fault("x509: RSA public exponent is not a positive number"));
    }
    Ok(Rsa { n, e })
}

fn dsa(algorithm: &Algorithm, data: &[u8]) -> Result<Dsa, Failure> {
    let y = Reader::new(data)
        .integer()
        .ok_or_else(|| fault("x509: invalid DSA public key"))?;
    let read = || {
        let mut parameters = Reader::new(algorithm.parameters).inner(tag::SEQUENCE)?;
        Some((parameters.integer()?, parameters.integer()?, parameters.integer()?))
    };
    let (p, q, g) = read().ok_or_else(|| fault("x509: invalid DSA parameters"))?;
    if ![&p, &q, &g, &y].into_iter().all(Signed::is_positive) {
        return Err(fault("x509: zero or negative DSA parameter"));
    }
    Ok(Dsa { p, q, g, y })
}

impl Rsa {
    /// Whether Go computes with it, and whether it is small enough.
    ///
    /// Follows Go's crypto/rsa: checkKeySize, and crypto/internal/fips140/rsa: checkPublicKey.
    pub(in crate::builtins) fn check(&self) -> Result<(), Failure> {
        let bits = self.n.bits();
        if bits > LARGEST_MODULUS {
            let words = format!("an RSA key of more than {LARGEST_MODULUS} bits");
            return Err(Failure::Limit(words));
        }
        if bits < 1024 {
            let words = "see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size";
            return Err(fault(format!("crypto/rsa: {bits}-bit keys are insecure ({words})")));
        }
        if (&self.n % 2u8).is_zero() {
            return Err(fault("crypto/rsa: public modulus is even"));
        }
        if self.e < 2 {
            return Err(fault("crypto/rsa: public exponent too small or negative"));
        }
        if self.e & 1 == 0 {
            return Err(fault("crypto/rsa: public exponent is even"));
        }
        if self.e > i64::from(i32::MAX) {
            return Err(fault("crypto/rsa: public exponent too large"));
        }
        Ok(())
    }
}
