//! The algorithms that certificates are signed with.

use super::super::Failure;
use super::super::crypto::der::{Reader, tag};
use super::super::crypto::key::{Algorithm, NULL, PublicKey};
use super::super::crypto::signature::{self, Hash, Salt, Scheme};

/// An algorithm of signatures, with the number that Go gives it in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builtins) enum SignatureAlgorithm {
    Unknown = 0,
    Md5WithRsa = 2,
    Sha1WithRsa = 3,
    Sha256WithRsa = 4,
    Sha384WithRsa = 5,
    Sha512WithRsa = 6,
    DsaWithSha1 = 7,
    DsaWithSha256 = 8,
    EcdsaWithSha1 = 9,
    EcdsaWithSha256 = 10,
    EcdsaWithSha384 = 11,
    EcdsaWithSha512 = 12,
    Sha256WithRsaPss = 13,
    Sha384WithRsaPss = 14,
    Sha512WithRsaPss = 15,
    Ed25519 = 16,
}

use SignatureAlgorithm as A;

impl SignatureAlgorithm {
    /// Follows Go's crypto/x509: getSignatureAlgorithmFromAI.
    pub(super) fn of(algorithm: &Algorithm) -> Self {
        match &*algorithm.oid {
            [1, 2, 840, 113_549, 1, 1, 4] => A::Md5WithRsa,
            [1, 2, 840, 113_549, 1, 1, 5] | [1, 3, 14, 3, 2, 29] => A::Sha1WithRsa,
            [1, 2, 840, 113_549, 1, 1, 11] => A::Sha256WithRsa,
            [1, 2, 840, 113_549, 1, 1, 12] => A::Sha384WithRsa,
            [1, 2, 840, 113_549, 1, 1, 13] => A::Sha512WithRsa,
            [1, 2, 840, 10040, 4, 3] => A::DsaWithSha1,
            [2, 16, 840, 1, 101, 3, 4, 3, 2] => A::DsaWithSha256,
            [1, 2, 840, 10045, 4, 1] => A::EcdsaWithSha1,
            [1, 2, 840, 10045, 4, 3, 2] => A::EcdsaWithSha256,
            [1, 2, 840, 10045, 4, 3, 3] => A::EcdsaWithSha384,
            [1, 2, 840, 10045, 4, 3, 4] => A::EcdsaWithSha512,
            [1, 3, 101, 112] if algorithm.parameters.is_empty() => A::Ed25519,
            [1, 2, 840, 113_549, 1, 1, 10] => pss(algorithm.parameters).unwrap_or(A::Unknown),
            _ => A::Unknown,
        }
    }

    /// How signatures are verified; nothing where Go does not.
    fn scheme(self) -> Option<Scheme> {
        let digest = Salt::Digest;
        Some(match self {
            A::Sha256WithRsa => Scheme::Rsa(Hash::Sha256),
            A::Sha384WithRsa => Scheme::Rsa(Hash::Sha384),
            A::Sha512WithRsa => Scheme::Rsa(Hash::Sha512),
            A::Sha256WithRsaPss => Scheme::Pss(Hash::Sha256, digest),
            A::Sha384WithRsaPss => Scheme::Pss(Hash::Sha384, digest),
            A::Sha512WithRsaPss => Scheme::Pss(Hash::Sha512, digest),
            A::EcdsaWithSha256 => Scheme::Ecdsa(Hash::Sha256),
            A::EcdsaWithSha384 => Scheme::Ecdsa(Hash::Sha384),
            A::EcdsaWithSha512 => Scheme::Ecdsa(Hash::Sha512),
            A::Ed25519 => Scheme::EdDsa,
            _ => return None,
        })
    }

    /// Whether `signature` is a key's signature of `message`. Follows Go's crypto/x509: checkSignature.
    pub(in crate::builtins) fn verifies(
        self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Failure> {
        let Some(scheme) = self.scheme() else {
            return Ok(false);
        };
        match (scheme, key) {
            (Scheme::Ecdsa(hash), PublicKey::Ec(point)) => match halves(signature, point.curve.size()) {
                Some(signature) => signature::verify_ecdsa(point, &hash.digest(message), &signature),
                None => Ok(false),
            },
            _ => signature::verify(scheme, key, message, signature),
        }
    }
}

/// The algorithm of the parameters of PSS that go with one of the three that Go knows.
fn pss(parameters: &[u8]) -> Option<SignatureAlgorithm> {
    let mut parameters = Reader::new(parameters).inner(tag::SEQUENCE)?;
    let hash = parameters.inner(tag::constructed(0))?.inner(tag::SEQUENCE)?;
    let hash = plain(hash)?;
    let mut mask = parameters.inner(tag::constructed(1))?.inner(tag::SEQUENCE)?;
    if *mask.oid()? != [1, 2, 840, 113_549, 1, 1, 8] || plain(mask.inner(tag::SEQUENCE)?)? != hash {
        return None;
    }
    let salt = parameters.inner(tag::constructed(2))?.small(tag::INTEGER)?;
    if let Some(mut trailer) = parameters.optional(tag::constructed(3))?
        && trailer.small(tag::INTEGER)? != 1
    {
        return None;
    }
    match (&*hash, salt) {
        ([2, 16, 840, 1, 101, 3, 4, 2, 1], 32) => Some(A::Sha256WithRsaPss),
        ([2, 16, 840, 1, 101, 3, 4, 2, 2], 48) => Some(A::Sha384WithRsaPss),
        ([2, 16, 840, 1, 101, 3, 4, 2, 3], 64) => Some(A::Sha512WithRsaPss),
        _ => None,
    }
}

/// The identifier of an algorithm that has no parameters.
fn plain(mut reader: Reader) -> Option<Vec<u32>> {
    let oid = reader.oid()?;
    (reader.is_empty() || reader.rest() == NULL).then_some(oid)
}

/// The two numbers of a signature of ECDSA, each as long as a coordinate.
fn halves(der: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut outer = Reader::new(der);
    let mut sequence = outer.inner(tag::SEQUENCE)?;
    let (r, s) = (sequence.contents(tag::INTEGER)?, sequence.contents(tag::INTEGER)?);
    if !outer.is_empty() || !sequence.is_empty() {
        return None;
    }
    let mut halves = Vec::with_capacity(2 * size);
    for number in [r, s] {
        let digits = match number {
            [0, rest @ ..] if rest.first().is_some_and(|first| first & 0x80 != 0) => rest,
            [first, ..] if first & 0x80 == 0 => number,
            _ => return None,
        };
        halves.extend(std::iter::repeat_n(0, size.checked_sub(digits.len())?));
        halves.extend_from_slice(digits);
    }
    Some(halves)
}
