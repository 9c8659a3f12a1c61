//! Signatures: the algorithms of tokens and certificates, computed by the crates of RustCrypto and dalek.

use std::convert::Infallible;

use num_bigint::BigInt;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use rsa::BoxedUint;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pss::Pss;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::SignatureScheme;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::super::Failure;
use super::curve::{Curve, Point, number, padded};
use super::der::magnitude;
use super::key::{LARGEST_MODULUS, PublicKey, Rsa, fault};
use super::message_code;
use super::private_key::{PrivateKey, RsaPrivate};

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builtins) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// How a message is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builtins) enum Scheme {
    Hmac(Hash),
    /// RSA with the padding of PKCS #1 v1.5.
    Rsa(Hash),
    /// RSA with the padding PSS.
    Pss(Hash, Salt),
    /// ECDSA; the curve is the key's.
    Ecdsa(Hash),
    EdDsa,
}

/// How long the salt of PSS is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::builtins) enum Salt {
    /// As long as the digest.
    Digest,
    /// As long as it is.
    Any,
}

impl Scheme {
    /// The scheme that tokens call by this name.
    pub(in crate::builtins) fn named(name: &str, salt: Salt) -> Option<Self> {
        if name == "EdDSA" {
            return Some(Self::EdDsa);
        }
        let (family, bits) = name.split_at_checked(2)?;
        let hash = match bits {
            "256" => Hash::Sha256,
            "384" => Hash::Sha384,
            "512" => Hash::Sha512,
            _ => return None,
        };
        match family {
            "HS" => Some(Self::Hmac(hash)),
            "RS" => Some(Self::Rsa(hash)),
            "PS" => Some(Self::Pss(hash, salt)),
            "ES" => Some(Self::Ecdsa(hash)),
            _ => None,
        }
    }
}

impl Hash {
    pub(in crate::builtins) fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    fn pkcs1(self) -> Pkcs1v15Sign {
        match self {
            Self::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
            Self::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
            Self::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        }
    }
}

/// The authentication code of a message and a secret.
pub(in crate::builtins) fn code(hash: Hash, secret: &[u8], message: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha256 => message_code::<Sha256>(secret, message),
        Hash::Sha384 => message_code::<Sha384>(secret, message),
        Hash::Sha512 => message_code::<Sha512>(secret, message),
    }
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
pub(in crate::builtins) fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// Whether the signature of a message is that of a key. False as well for a key that is not of the scheme, and for one
/// that Go does not compute with.
pub(in crate::builtins) fn verify(
    scheme: Scheme,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Failure> {
    match (scheme, key) {
        (Scheme::Rsa(hash), PublicKey::Rsa(key)) => verify_rsa(key, hash.pkcs1(), &hash.digest(message), signature),
        (Scheme::Pss(hash, salt), PublicKey::Rsa(key)) => verify_pss(key, hash, salt, &hash.digest(message), signature),
        (Scheme::Ecdsa(hash), PublicKey::Ec(point)) => {
            if signature.len() != 2 * point.curve.size() {
                return Ok(false);
            }
            verify_ecdsa(point, &hash.digest(message), signature)
        }
        (Scheme::EdDsa, PublicKey::Ed25519(key)) => Ok(verify_ed25519(key, message, signature)),
        _ => Ok(false),
    }
}

fn verify_ed25519(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let Ok(signature) = <[u8; 64]>::try_from(signature) else {
        return false;
    };
    let key = ed25519_dalek::VerifyingKey::from_bytes(key);
    // Go takes the equation without the cofactor, and does not look for weak keys.
    key.is_ok_and(|key| ed25519_dalek::Verifier::verify(&key, message, &signature.into()).is_ok())
}

fn verify_pss(key: &Rsa, hash: Hash, salt: Salt, digest: &[u8], signature: &[u8]) -> Result<bool, Failure> {
    fn padding<D: Digest>(salt: Salt) -> Pss<D> {
        let mut padding = Pss::new();
        if salt == Salt::Any {
            padding.salt_len = None;
        }
        padding
    }
    match hash {
        Hash::Sha256 => verify_rsa(key, padding::<Sha256>(salt), digest, signature),
        Hash::Sha384 => verify_rsa(key, padding::<Sha384>(salt), digest, signature),
        Hash::Sha512 => verify_rsa(key, padding::<Sha512>(salt), digest, signature),
    }
}

fn verify_rsa(key: &Rsa, padding: impl SignatureScheme, digest: &[u8], signature: &[u8]) -> Result<bool, Failure> {
    match key.check() {
        Ok(()) => {}
        Err(failure @ Failure::Limit(_)) => return Err(failure),
        Err(_) => return Ok(false),
    }
    let limits = 1024..=usize::try_from(LARGEST_MODULUS).expect("the limit is small");
    let key = rsa::PublicKey::new_with_size_limits(uint(&key.n), uint(&BigInt::from(key.e)), limits);
    Ok(key.is_ok_and(|key| key.verify(padding, digest, signature).is_ok()))
}

fn uint(number: &BigInt) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(&magnitude(number))
}

/// Whether a signature's two numbers, each as long as the other, are those of a key and a digest.
pub(in crate::builtins) fn verify_halves(key: &Point, digest: &[u8], signature: &[u8]) -> Result<bool, Failure> {
    let size = key.curve.size();
    let (r, s) = signature.split_at(signature.len() / 2);
    let padded = [number(r), number(s)].map(|number| padded(&number, size));
    if padded.iter().any(|bytes| bytes.len() != size) {
        return Ok(false);
    }
    verify_ecdsa(key, digest, &padded.concat())
}

/// Whether a digest's signature, its two numbers one behind the other, is that of a key.
pub(in crate::builtins) fn verify_ecdsa(key: &Point, digest: &[u8], signature: &[u8]) -> Result<bool, Failure> {
    let size = key.curve.size();
    macro_rules! verified {
        ($curve:ident) => {{
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(&key.encoded());
            let signature = $curve::ecdsa::Signature::from_slice(signature);
            let digest = as_long_as_a_coordinate(size, digest);
            matches!((key, signature), (Ok(key), Ok(signature)) if key.verify_prehash(&digest, &signature).is_ok())
        }};
    }
    match key.curve {
        Curve::P224 => Err(no_p224()),
        Curve::P256 => Ok(verified!(p256)),
        Curve::P384 => Ok(verified!(p384)),
        Curve::P521 => Ok(verified!(p521)),
    }
}

fn no_p224() -> Failure {
    Failure::Limit("kpolicy does not compute with the curve P-224".to_owned())
}

/// A digest with zeros before it: the crates take no digest that is much shorter than a coordinate.
fn as_long_as_a_coordinate(size: usize, digest: &[u8]) -> Vec<u8> {
    let mut padded = vec![0; size.saturating_sub(digest.len())];
    padded.extend(digest);
    padded
}

/// The signature of a message.
pub(in crate::builtins) fn sign(scheme: Scheme, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Failure> {
    match (scheme, key) {
        (Scheme::Rsa(hash), PrivateKey::Rsa(key)) => {
            let digest = hash.digest(message);
            sign_rsa(key, hash.pkcs1(), &digest)
        }
        (Scheme::Pss(hash, _), PrivateKey::Rsa(key)) => {
            let digest = hash.digest(message);
            match hash {
                Hash::Sha256 => sign_rsa(key, Pss::<Sha256>::new(), &digest),
                Hash::Sha384 => sign_rsa(key, Pss::<Sha384>::new(), &digest),
                Hash::Sha512 => sign_rsa(key, Pss::<Sha512>::new(), &digest),
            }
        }
        (Scheme::Ecdsa(hash), PrivateKey::Ec { public, d }) => sign_ecdsa(public.curve, d, &hash.digest(message)),
        (Scheme::EdDsa, PrivateKey::Ed25519 { seed, .. }) => {
            let key = ed25519_dalek::SigningKey::from_bytes(seed);
            Ok(ed25519_dalek::Signer::sign(&key, message).to_bytes().to_vec())
        }
        _ => Err(fault("invalid key type for the algorithm")),
    }
}

fn sign_rsa(private: &RsaPrivate, padding: impl SignatureScheme, digest: &[u8]) -> Result<Vec<u8>, Failure> {
    private.public.check()?;
    let failed = |error: rsa::errors::Error| fault(format!("crypto/rsa: {error}"));
    let (n, e) = (uint(&private.public.n), uint(&BigInt::from(private.public.e)));
    let primes = vec![uint(&private.p), uint(&private.q)];
    let d = BoxedUint::from_be_slice(&magnitude(&private.d), n.bits_precision());
    let d = d.map_err(|_| fault("crypto/rsa: invalid private exponent"))?;
    let key = rsa::PrivateKey::from_components_with_wide_primes(n, e, d, primes).map_err(failed)?;
    let mut stream = Stream::new(&magnitude(&private.d), digest);
    key.sign_with_rng(&mut stream, padding, digest).map_err(failed)
}

/// The salt of PSS, made of the key and the digest, so that a signature depends on nothing else. It is as hard to guess as
/// the key.
struct Stream {
    key: Vec<u8>,
    digest: Vec<u8>,
    count: u64,
}

impl Stream {
    fn new(key: &[u8], digest: &[u8]) -> Self {
        Self {
            key: key.to_vec(),
            digest: digest.to_vec(),
            count: 0,
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for part in bytes.chunks_mut(64) {
            let message = [&self.count.to_be_bytes(), &*self.digest].concat();
            part.copy_from_slice(&code(Hash::Sha512, &self.key, &message)[..part.len()]);
            self.count += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}

fn sign_ecdsa(curve: Curve, d: &BigInt, digest: &[u8]) -> Result<Vec<u8>, Failure> {
    macro_rules! signed {
        ($curve:ident) => {{
            let failed = |_| fault("ecdsa: invalid private key");
            let key = $curve::ecdsa::SigningKey::from_slice(&padded(d, curve.size())).map_err(failed)?;
            let digest = as_long_as_a_coordinate(curve.size(), digest);
            let signature: $curve::ecdsa::Signature = key.sign_prehash(&digest).map_err(failed)?;
            Ok(signature.to_bytes().to_vec())
        }};
    }
    match curve {
        Curve::P224 => Err(no_p224()),
        Curve::P256 => signed!(p256),
        Curve::P384 => signed!(p384),
        Curve::P521 => signed!(p521),
    }
}

#[cfg(test)]
mod tests {
    use super::super::pem;
    use super::super::private_key::{pkcs1, pkcs8, sec1};
    use super::*;

    fn keys() -> Vec<PrivateKey> {
        let mut rest = include_bytes!("../x509/keys.pem").as_slice();
        let mut keys = Vec::new();
        while let Some((block, behind)) = pem::decode(rest) {
            let key = pkcs1(&block.bytes).or_else(|_| pkcs8(&block.bytes));
            keys.push(key.or_else(|_| sec1(None, &block.bytes)).expect("a key"));
            rest = behind;
        }
        keys
    }

    #[test]
    fn what_is_signed_is_verified_and_signed_the_same_again() {
        for name in [
            "RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512", "EdDSA",
        ] {
            let scheme = Scheme::named(name, Salt::Digest).expect("a scheme");
            let mut signed = 0;
            for key in keys() {
                let Ok(signature) = sign(scheme, &key, b"message") else {
                    continue;
                };
                signed += 1;
                assert_eq!(sign(scheme, &key, b"message"), Ok(signature.clone()), "{name}");
                assert_eq!(
                    verify(scheme, &key.public(), b"message", &signature),
                    Ok(true),
                    "{name}"
                );
                assert_eq!(
                    verify(scheme, &key.public(), b"massage", &signature),
                    Ok(false),
                    "{name}"
                );
            }
            assert_eq!(signed, if name.starts_with("ES") { 2 } else { 1 }, "{name}");
        }
    }
}
