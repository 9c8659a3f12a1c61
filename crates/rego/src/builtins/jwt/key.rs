//! Keys for the rest of the program, which signs and verifies what it shares with the cryptography of the builtins.

use super::super::crypto::key::{self, PublicKey};
use super::super::crypto::pem;
use super::super::crypto::private_key::{PrivateKey, pkcs1, pkcs8, sec1};
use super::super::crypto::signature::{self, Salt, Scheme};
use super::super::encoding::to_base64url;
use super::super::x509::parse::public_key;
use super::super::x509::signatures::SignatureAlgorithm;
use super::header::Header;
use super::token::Token;

/// A key that signs, or that signatures are verified with.
pub struct Key(Kind);

/// What a key is decides which algorithms are accepted; what a token says of itself only selects among these.
enum Kind {
    Public(PublicKey),
    Private(PrivateKey),
    Secret(Vec<u8>),
}

impl Key {
    /// A key in PEM: a public key, a certificate or a private key. The error is what is wrong with it.
    pub fn of_pem(text: &[u8]) -> Result<Self, String> {
        let (block, _) = pem::decode(text).ok_or("has no key in PEM")?;
        let kind = match block.label {
            b"PUBLIC KEY" => key::public(&block.bytes).map(Kind::Public),
            b"CERTIFICATE" => match public_key(&block.bytes).map_err(|failure| failure.to_string())? {
                Some(key) => Ok(Kind::Public(key)),
                None => return Err("has a certificate whose key is of an unknown kind".to_owned()),
            },
            b"RSA PRIVATE KEY" => pkcs1(&block.bytes).map(Kind::Private),
            b"PRIVATE KEY" => pkcs8(&block.bytes).map(Kind::Private),
            b"EC PRIVATE KEY" => sec1(None, &block.bytes).map(Kind::Private),
            label => {
                return Err(format!(
                    "has a {}, which is not supported",
                    String::from_utf8_lossy(label)
                ));
            }
        };
        kind.map(Self).map_err(|failure| failure.to_string())
    }

    /// A secret that both sides have.
    pub fn of_secret(secret: &[u8]) -> Self {
        Self(Kind::Secret(secret.to_vec()))
    }

    /// Whether it signs and is not for verification alone.
    pub fn signs(&self) -> bool {
        !matches!(self.0, Kind::Public(_))
    }

    /// Whether it verifies: a private key does not, so that it is not given away where a public one is enough.
    pub fn verifies(&self) -> bool {
        !matches!(self.0, Kind::Private(_))
    }

    /// The algorithm of tokens that it signs with.
    fn algorithm(&self) -> Option<&'static str> {
        match &self.0 {
            Kind::Secret(_) => Some("HS256"),
            Kind::Private(PrivateKey::Rsa(_)) => Some("RS256"),
            Kind::Private(PrivateKey::Ec { public, .. }) => match public.curve.size() {
                32 => Some("ES256"),
                48 => Some("ES384"),
                66 => Some("ES512"),
                _ => None,
            },
            Kind::Private(_) | Kind::Public(_) => None,
        }
    }

    /// A JSON Web Token of a payload. The error is what is wrong with the key.
    pub fn token(&self, payload: &[u8]) -> Result<String, String> {
        let name = self.algorithm().ok_or("is not a key that tokens are signed with")?;
        let header = format!("{{\"alg\":\"{name}\",\"typ\":\"JWT\"}}");
        let signed = format!("{}.{}", to_base64url(header.as_bytes()), to_base64url(payload));
        let scheme = Scheme::named(name, Salt::Digest).expect("it is the name of a scheme");
        let signature = match (&self.0, scheme) {
            (Kind::Secret(secret), Scheme::Hmac(hash)) => signature::code(hash, secret, signed.as_bytes()),
            (Kind::Private(key), _) => {
                signature::sign(scheme, key, signed.as_bytes()).map_err(|failure| failure.to_string())?
            }
            _ => unreachable!("the algorithm is that of the key"),
        };
        Ok(format!("{signed}.{}", to_base64url(&signature)))
    }

    /// The payload of a JSON Web Token that is signed with this key.
    pub fn verified(&self, token: &str) -> Option<Vec<u8>> {
        let token = Token::read(token).ok()?;
        let header = Header::read(&token.header().ok()?).ok()?;
        let (scheme, signature) = (Scheme::named(&header.algorithm, Salt::Any)?, token.signature().ok()?);
        let signed = token.signed();
        let is_right = match (&self.0, scheme) {
            (Kind::Secret(secret), Scheme::Hmac(hash)) => {
                signature::equal(&signature, &signature::code(hash, secret, signed.as_bytes()))
            }
            (Kind::Public(_), Scheme::Hmac(_)) => false,
            (Kind::Public(key), _) => signature::verify(scheme, key, signed.as_bytes(), &signature).unwrap_or(false),
            _ => false,
        };
        is_right.then(|| token.payload().ok()).flatten()
    }

    /// Whether a message has this signature, by the algorithm that certificates would use: ECDSA in DER or PKCS #1, with
    /// SHA-256, or Ed25519.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let Kind::Public(key) = &self.0 else { return false };
        let algorithm = match key {
            PublicKey::Ec(_) => SignatureAlgorithm::EcdsaWithSha256,
            PublicKey::Rsa(_) => SignatureAlgorithm::Sha256WithRsa,
            PublicKey::Ed25519(_) => SignatureAlgorithm::Ed25519,
            _ => return false,
        };
        algorithm.verifies(key, message, signature).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_verified_only_with_its_key_and_its_kind_of_key() {
        let secret = Key::of_secret(b"secret");
        let token = secret.token(b"{\"a\":1}").expect("it is signed");
        assert_eq!(secret.verified(&token).as_deref(), Some(&b"{\"a\":1}"[..]));
        assert!(Key::of_secret(b"other").verified(&token).is_none());
        let unsigned = format!("{}.{}.", to_base64url(b"{\"alg\":\"none\"}"), to_base64url(b"{}"));
        assert!(secret.verified(&unsigned).is_none());
        // A public key is no secret, also for those who know it.
        let pem = include_bytes!("../x509/keys.pem");
        let private = Key::of_pem(pem).expect("a key");
        assert!(private.signs() && !private.verifies());
        assert!(private.verified(&token).is_none());
    }
}
