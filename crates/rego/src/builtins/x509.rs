//! Certificates, requests for them, and their keys.

use super::registry::{Capability, Family, Purity, optional};

#[cfg(feature = "crypto")]
mod certificate;
#[cfg(feature = "crypto")]
mod chain;
#[cfg(feature = "crypto")]
mod constraints;
#[cfg(feature = "crypto")]
mod extensions;
#[cfg(feature = "crypto")]
mod name;
#[cfg(feature = "crypto")]
mod pair;
#[cfg(feature = "crypto")]
pub(super) mod parse;
#[cfg(feature = "crypto")]
mod request;
#[cfg(feature = "crypto")]
pub(super) mod signatures;
#[cfg(feature = "crypto")]
mod value;

/// How many certificates or keys a string may hold.
#[cfg(feature = "crypto")]
const MOST: usize = 1000;

pub(super) const FAMILY: Family = &[
    optional!(
        "crypto",
        Purity::Pure,
        "crypto.parse_private_keys",
        "(string) -> array[object{[string]: any}]",
        "The private keys in a string of PEM blocks.",
        parse::parse_private_keys,
    ),
    optional!(
        "crypto",
        Purity::Needs(Capability::Clock),
        "crypto.x509.parse_and_verify_certificates",
        "(string) -> array<boolean, array[object{[string]: any}]>",
        "Parses certificates and verifies that they form a chain up to the first.",
        parse::parse_and_verify,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "crypto.x509.parse_and_verify_certificates_with_options",
        "(string, object{[string]: any}) -> array<boolean, array[object{[string]: any}]>",
        "Parses certificates and verifies their chain with a time, a name and key usages.",
        parse::parse_and_verify_with_options,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "crypto.x509.parse_certificate_request",
        "(string) -> object{[string]: any}",
        "The certificate signing request in a string.",
        parse::parse_request,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "crypto.x509.parse_certificates",
        "(string) -> array[object{[string]: any}]",
        "The certificates in a string.",
        parse::parse_certificates,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "crypto.x509.parse_keypair",
        "(string, string) -> object{[string]: any}",
        "A certificate with its private key.",
        pair::parse_keypair,
    ),
    optional!(
        "crypto",
        Purity::Pure,
        "crypto.x509.parse_rsa_private_key",
        "(string) -> object{[string]: any}",
        "The RSA private key in a string, as a JSON Web Key.",
        parse::parse_rsa_private_key,
    ),
];
