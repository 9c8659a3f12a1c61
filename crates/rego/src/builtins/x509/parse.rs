//! Certificates, requests and keys as PEM, DER or base64, and what becomes of them.

use super::super::crypto::jwk;
use super::super::crypto::key::{PublicKey, fault};
use super::super::crypto::pem;
use super::super::crypto::private_key::{PrivateKey, pkcs1, pkcs8, sec1};
use super::super::encoding::from_base64;
use super::super::operand::{bytes, object};
use super::super::{Answer, Context, Failure, Operands};
use kpolicy_value::{Object, Value};

use super::certificate::{self, Certificate};
use super::chain::{self, Options};
use super::request::Request;
use super::{MOST, value};

/// How often the bytes of a certificate are in its value, in base64 and as the texts that they hold.
const SHOWN: usize = 8;

/// The key of a certificate; nothing if it is of a kind that Go does not know.
pub(in crate::builtins) fn public_key(der: &[u8]) -> Result<Option<PublicKey>, Failure> {
    certificate::one(der).map(|certificate| certificate.key.key)
}

/// The DER of the certificates of a PEM text, of base64, or of base64 of a PEM text.
///
/// Follows OPA v1.22 topdown/crypto.go: getX509CertsFromString.
fn certificates_der(text: &[u8]) -> Result<Vec<u8>, Failure> {
    if text.starts_with(b"-----BEGIN") {
        return of_pem(text);
    }
    let decoded = from_base64(text).map_err(fault)?;
    match decoded.starts_with(b"-----BEGIN") {
        true => of_pem(&decoded),
        false => Ok(decoded),
    }
}

fn of_pem(text: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut der = Vec::new();
    let mut rest = text;
    while let Some((block, behind)) = pem::decode(rest) {
        if block.label != b"CERTIFICATE" {
            let label = String::from_utf8_lossy(block.label).into_owned();
            return Err(fault(format!("PEM block type is '{label}', expected CERTIFICATE")));
        }
        der.extend(block.bytes);
        rest = behind;
    }
    Ok(der)
}

fn read(der: &[u8]) -> Result<Vec<Certificate<'_>>, Failure> {
    let certificates = certificate::all(der)?;
    if certificates.len() > MOST {
        return Err(Failure::Limit(format!("more than {MOST} certificates")));
    }
    Ok(certificates)
}

pub(super) fn parse_certificates(context: &mut Context, operands: Operands) -> Answer {
    let der = certificates_der(bytes(operands, 0)?)?;
    context.check_size(der.len() * SHOWN)?;
    let certificates = read(&der)?;
    let values = certificates
        .iter()
        .map(|certificate| value::certificate(certificate, true));
    Ok(Some(Value::array(values.collect())))
}

pub(super) fn parse_and_verify(context: &mut Context, operands: Operands) -> Answer {
    let text = bytes(operands, 0)?;
    verified(context, text, &Object::new(Vec::new()), true)
}

pub(super) fn parse_and_verify_with_options(context: &mut Context, operands: Operands) -> Answer {
    let text = bytes(operands, 0)?;
    verified(context, text, object(operands, 1)?, false)
}

/// Whether the certificates make a chain, and the chain.
///
/// Follows OPA v1.22 topdown/crypto.go: builtinCryptoX509ParseAndVerifyCertificatesWithOptions.
fn verified(context: &mut Context, text: &[u8], options: &Object, with_texts: bool) -> Answer {
    let refused = || Ok(Some(Value::array(vec![false.into(), Value::array(Vec::new())])));
    let der = match certificates_der(text) {
        Err(Failure::Builtin(_)) => return refused(),
        der => der?,
    };
    context.check_size(der.len() * SHOWN)?;
    let certificates = match read(&der) {
        Err(Failure::Builtin(_)) => return refused(),
        certificates => certificates?,
    };
    let options = options_of(context, options)?;
    let Some(chain) = chain::verify(context, &certificates, &options)? else {
        return refused();
    };
    let values = chain
        .into_iter()
        .map(|certificate| value::certificate(certificate, with_texts));
    Ok(Some(Value::array(vec![true.into(), Value::array(values.collect())])))
}

/// OPA's names of usages, in the order of Go's numbers.
const USAGES: &[&str] = &[
    "KeyUsageAny",
    "KeyUsageServerAuth",
    "KeyUsageClientAuth",
    "KeyUsageCodeSigning",
    "KeyUsageEmailProtection",
    "KeyUsageIPSECEndSystem",
    "KeyUsageIPSECTunnel",
    "KeyUsageIPSECUser",
    "KeyUsageTimeStamping",
    "KeyUsageOCSPSigning",
    "KeyUsageMicrosoftServerGatedCrypto",
    "KeyUsageNetscapeServerGatedCrypto",
    "KeyUsageMicrosoftCommercialCodeSigning",
    "KeyUsageMicrosoftKernelCodeSigning",
];

/// Follows OPA v1.22 topdown/crypto.go: extractVerifyOpts.
fn options_of(context: &Context, object: &Object) -> Result<Options, Failure> {
    let mut time = None;
    let (mut name, mut usages) = (String::new(), Vec::new());
    for (key, value) in object.iter() {
        let Value::String(key) = key else { continue };
        match key.as_str() {
            Some("DNSName") => {
                let text = value.text().ok_or_else(|| fault("'DNSName' should be a string"))?;
                name = text.trim_matches('"').to_owned();
            }
            Some("CurrentTime") => {
                let Value::Number(number) = value else {
                    return Err(fault("'CurrentTime' should be a number"));
                };
                let nanoseconds = number.as_index();
                time = Some(nanoseconds.ok_or_else(|| fault("'CurrentTime' should be a valid int64 number"))?);
            }
            Some("MaxConstraintComparisons") => {
                let Value::Number(number) = value else {
                    return Err(fault("'MaxConstraintComparisons' should be a number"));
                };
                // Go does not look at it any more.
                number
                    .as_index()
                    .ok_or_else(|| fault("'MaxConstraintComparisons' should be a valid number"))?;
            }
            Some("KeyUsages") => usages = usages_of(value)?,
            _ => return Err(fault("invalid key option")),
        }
    }
    let time = match time {
        Some(time) => time,
        None => context.now()?,
    };
    Ok(Options {
        name,
        time: i128::from(time),
        usages,
    })
}

fn usages_of(value: &Value) -> Result<Vec<i64>, Failure> {
    let members = match value {
        Value::Array(items) => items,
        Value::Set(members) => members.as_slice(),
        _ => return Err(fault("'KeyUsages' should be an Array or Set")),
    };
    let (mut usages, mut wrong) = (Vec::new(), Vec::new());
    for text in members.iter().filter_map(Value::text) {
        let text = text.trim_matches('"');
        match USAGES.iter().zip(0..).find(|(name, _)| **name == text) {
            Some((_, number)) => usages.push(number),
            None => wrong.push(text.to_owned()),
        }
    }
    if wrong.is_empty() {
        return Ok(usages);
    }
    let wrong = wrong.join(" ");
    Err(fault(format!("invalid entries for 'KeyUsages' found: [{wrong}]")))
}

/// Follows OPA v1.22 topdown/crypto.go: builtinCryptoX509ParseCertificateRequest.
pub(super) fn parse_request(_: &mut Context, operands: Operands) -> Answer {
    let text = bytes(operands, 0)?;
    let decoded = match text.starts_with(b"-----BEGIN CERTIFICATE REQUEST-----") {
        true => text.to_vec(),
        false => from_base64(text).map_err(fault)?,
    };
    let der = match pem::decode(&decoded) {
        None => decoded,
        Some((block, _)) if block.label == b"CERTIFICATE REQUEST" => block.bytes,
        Some(_) => return Err(fault("invalid PEM-encoded certificate signing request")),
    };
    Ok(Some(value::request(&Request::read(&der)?)))
}

/// The private keys of a PEM text or of base64 of one. Follows OPA v1.22 topdown/crypto.go: getPrivateKeysFromPEMData.
fn private_keys(text: &[u8]) -> Result<Vec<PrivateKey>, Failure> {
    let decoded = from_base64(text);
    let mut rest = decoded.as_deref().unwrap_or(text);
    let mut keys = Vec::new();
    while let Some((block, behind)) = pem::decode(rest) {
        if keys.len() >= MOST {
            return Err(Failure::Limit(format!("more than {MOST} private keys")));
        }
        match block.label {
            b"RSA PRIVATE KEY" => keys.push(pkcs1(&block.bytes)?),
            b"PRIVATE KEY" => keys.push(pkcs8(&block.bytes)?),
            b"EC PRIVATE KEY" => keys.push(sec1(None, &block.bytes)?),
            _ => {}
        }
        rest = behind;
    }
    Ok(keys)
}

pub(super) fn parse_private_keys(_: &mut Context, operands: Operands) -> Answer {
    let text = bytes(operands, 0)?;
    if text.is_empty() {
        return Ok(Some(Value::Null));
    }
    let keys = private_keys(text)?;
    Ok(Some(Value::array(keys.iter().map(value::private).collect())))
}

/// Follows OPA v1.22 topdown/crypto.go: builtinCryptoJWKFromPrivateKey.
pub(super) fn parse_rsa_private_key(_: &mut Context, operands: Operands) -> Answer {
    let text = bytes(operands, 0)?;
    if text.is_empty() {
        return Err(fault("input PEM data was empty"));
    }
    let keys = match text.starts_with(b"-----BEGIN") {
        true => private_keys(text)?,
        false => private_keys(&from_base64(text).map_err(fault)?)?,
    };
    Ok(Some(keys.first().map_or(Value::Null, jwk::of)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    /// A certificate with every extension that is read.
    const CERTIFICATE: &str = include_str!("every-extension.pem");
    const REQUEST: &str = include_str!("request.pem");
    const KEYS: &str = include_str!("keys.pem");

    fn call(builtin: crate::builtins::Body, operands: &[Value]) -> Answer {
        let operands: Vec<&Value> = operands.iter().collect();
        builtin(&mut Context::new(None), &operands)
    }

    /// What becomes of each byte when it is not there, or another.
    fn broken(der: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
        (0..der.len()).step_by(3).flat_map(move |at| {
            let bit = |bit: u8| {
                let mut other = der.to_vec();
                other[at] ^= bit;
                other
            };
            [der[..at].to_vec(), bit(1), bit(0x80), bit(0x21)]
        })
    }

    fn base64(der: &[u8]) -> Value {
        Value::string(base64::engine::general_purpose::STANDARD.encode(der))
    }

    #[test]
    fn broken_certificates_and_requests_are_values_or_errors() {
        for (text, builtin) in [
            (CERTIFICATE, parse_certificates as crate::builtins::Body),
            (REQUEST, parse_request),
        ] {
            let (block, _) = pem::decode(text.as_bytes()).expect("a block");
            assert!(call(builtin, &[base64(&block.bytes)]).is_ok());
            let failed = broken(&block.bytes).filter(|der| match call(builtin, &[base64(der)]) {
                Ok(value) => value.is_none(),
                Err(failure) => matches!(failure, Failure::Builtin(_)),
            });
            assert!(failed.count() > block.bytes.len() / 3);
        }
    }

    #[test]
    fn broken_keys_are_keys_or_errors() {
        for block in crate::builtins::x509::pair::blocks(KEYS.as_bytes()) {
            for der in broken(&block.bytes).chain([block.bytes.clone()]) {
                for read in [pkcs1, pkcs8, |der: &[u8]| sec1(None, der)] {
                    assert!(!matches!(read(&der), Err(Failure::Timeout)));
                }
            }
        }
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let large = [&[0x30, 0x83, 2, 0, 0][..], &[0; 2 << 16]].concat();
        for builtin in [parse_certificates as crate::builtins::Body, parse_request] {
            let answer = call(builtin, &[base64(&large)]);
            assert!(matches!(answer, Err(Failure::Limit(_))), "{answer:?}");
        }
    }
}
