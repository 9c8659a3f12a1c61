//! A certificate and its private key.

use super::super::crypto::key::{PublicKey, fault};
use super::super::crypto::pem::{self, Block};
use super::super::crypto::private_key::{PrivateKey, pkcs1, pkcs8, sec1};
use super::super::encoding::{from_base64, to_base64};
use super::super::operand::bytes;
use super::super::{Answer, Context, Failure, Operands};
use super::{MOST, certificate, value};
use kpolicy_value::Value;

/// A certificate and its private key. Follows OPA v1.22 topdown/crypto.go: getTLSx509KeyPairFromString.
pub(super) fn parse_keypair(_: &mut Context, operands: Operands) -> Answer {
    let certificate = pem_of(bytes(operands, 0)?, "CERTIFICATE")?;
    // OPA calls the second operand the first.
    let key = pem_of(bytes(&operands[1..], 0)?, "PRIVATE KEY")?;
    let certificates = certificate_blocks(&certificate)?;
    let key = key_block(&key)?;
    let leaf = certificate::one(&certificates[0])?;
    let key = key_of(&key)?;
    match (&leaf.key.key, key.public()) {
        (Some(PublicKey::Rsa(own)), PublicKey::Rsa(other)) if *own == other => {}
        (Some(PublicKey::Ec(own)), PublicKey::Ec(other)) if *own == other => {}
        (Some(PublicKey::Ed25519(own)), PublicKey::Ed25519(other)) if *own == other => {}
        (Some(PublicKey::Rsa(_)), PublicKey::Rsa(_))
        | (Some(PublicKey::Ec(_)), PublicKey::Ec(_))
        | (Some(PublicKey::Ed25519(_)), PublicKey::Ed25519(_)) => {
            return Err(fault("tls: private key does not match public key"));
        }
        (Some(PublicKey::Rsa(_) | PublicKey::Ec(_) | PublicKey::Ed25519(_)), _) => {
            return Err(fault("tls: private key type does not match public key type"));
        }
        _ => return Err(fault("tls: unknown public key algorithm")),
    }
    let chain = certificates.iter().map(|der| value::bytes(der)).collect();
    let entries = [
        ("Certificate", Value::array(chain)),
        ("PrivateKey", value::private(&key)),
        ("SupportedSignatureAlgorithms", Value::Null),
        ("OCSPStaple", Value::Null),
        ("SignedCertificateTimestamps", Value::Null),
        ("Leaf", value::certificate(&leaf, false)),
    ];
    let entries = entries.into_iter().map(|(name, value)| (name.into(), value));
    Ok(Some(Value::object(entries.collect())))
}

/// A PEM text: the operand itself, what its base64 stands for, or a block with these bytes.
fn pem_of(text: &[u8], label: &str) -> Result<Vec<u8>, Failure> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    if text.starts_with(BEGIN) {
        return Ok(text.to_vec());
    }
    let decoded = from_base64(text).map_err(fault)?;
    if decoded.starts_with(BEGIN) {
        return Ok(decoded);
    }
    let base64 = to_base64(&decoded);
    Ok(format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n").into_bytes())
}

/// The blocks of a PEM text.
pub(super) fn blocks(text: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (block, behind) = pem::decode(rest)?;
        rest = behind;
        Some(block)
    })
}

fn labels(labels: &[String]) -> String {
    format!("[{}]", labels.join(" "))
}

/// The certificates of a PEM text. Follows Go's crypto/tls: X509KeyPair.
fn certificate_blocks(text: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for block in blocks(text).take(MOST) {
        match block.label {
            b"CERTIFICATE" => found.push(block.bytes),
            other => others.push(String::from_utf8_lossy(other).into_owned()),
        }
    }
    match &*others {
        _ if !found.is_empty() => Ok(found),
        [] => Err(fault("tls: failed to find any PEM data in certificate input")),
        [label] if label.ends_with("PRIVATE KEY") => Err(fault(
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may \
             have been switched",
        )),
        _ => Err(fault(format!(
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the \
             following types: {}",
            labels(&others)
        ))),
    }
}

/// The first private key of a PEM text. Follows Go's crypto/tls: X509KeyPair.
fn key_block(text: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut others = Vec::new();
    for block in blocks(text).take(MOST) {
        if block.label == b"PRIVATE KEY" || block.label.ends_with(b" PRIVATE KEY") {
            return Ok(block.bytes);
        }
        others.push(String::from_utf8_lossy(block.label).into_owned());
    }
    match &*others {
        [] => Err(fault("tls: failed to find any PEM data in key input")),
        [label] if label == "CERTIFICATE" => Err(fault(
            "tls: found a certificate rather than a key in the PEM for the private key",
        )),
        _ => Err(fault(format!(
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks \
             of the following types: {}",
            labels(&others)
        ))),
    }
}

/// Follows Go's crypto/tls: parsePrivateKey.
fn key_of(der: &[u8]) -> Result<PrivateKey, Failure> {
    for read in [pkcs1, pkcs8, |der: &[u8]| sec1(None, der)] {
        match read(der) {
            Ok(PrivateKey::X25519 { .. }) => {
                return Err(fault("tls: found unknown private key type in PKCS#8 wrapping"));
            }
            Err(Failure::Builtin(_)) => {}
            key => return key,
        }
    }
    Err(fault("tls: failed to parse private key"))
}
