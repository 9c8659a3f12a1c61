//! Certificates as values: what Go's `encoding/json` writes of its `x509.Certificate`.

use num_bigint::BigInt;

use super::super::crypto::der::Oid;
use super::super::crypto::key::{PublicKey, Rsa};
use super::super::crypto::private_key::PrivateKey;
use super::super::encoding::to_base64;
use super::certificate::{Certificate, Extension, KeyInfo};
use super::constraints::Network;
use super::extensions::{Names, arcs};
use super::name::Name;
use super::request::Request;
use kpolicy_value::{Number, Str, Value};

/// An object of members whose names are texts.
fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// Bytes as Go writes them.
pub(super) fn bytes(bytes: &[u8]) -> Value {
    Value::string(to_base64(bytes))
}

fn optional(of: Option<&[u8]>) -> Value {
    of.map_or(Value::Null, bytes)
}

/// A number of any size.
fn number(number: &BigInt) -> Value {
    Value::Number(Number::parse(&number.to_string()).expect("the digits of a number are one"))
}

/// Bytes as text, with U+FFFD for what is none, as Go writes it.
fn text(bytes: &[u8]) -> Value {
    Value::string(Str::from_bytes(bytes.to_vec()).to_str().into_owned())
}

/// A list, or null for none, as Go writes slices that are empty from the start.
fn list(items: impl ExactSizeIterator<Item = Value>) -> Value {
    match items.len() {
        0 => Value::Null,
        _ => Value::array(items.collect()),
    }
}

pub(super) fn oid(oid: &Oid) -> Value {
    Value::array(oid.iter().map(|number| i64::from(*number).into()).collect())
}

fn rsa(key: &Rsa) -> [(&'static str, Value); 2] {
    [("N", number(&key.n)), ("E", key.e.into())]
}

fn public(key: &PublicKey) -> Value {
    match key {
        PublicKey::Rsa(key) => object(rsa(key)),
        PublicKey::Ec(point) => object([("Curve", object([])), ("X", number(&point.x)), ("Y", number(&point.y))]),
        PublicKey::Ed25519(key) => bytes(key),
        PublicKey::X25519(_) => object([]),
        PublicKey::Dsa(key) => object([
            ("P", number(&key.p)),
            ("Q", number(&key.q)),
            ("G", number(&key.g)),
            ("Y", number(&key.y)),
        ]),
    }
}

/// A private key as Go writes the structures of its packages.
pub(super) fn private(key: &PrivateKey) -> Value {
    match key {
        PrivateKey::Rsa(key) => {
            let [n, e] = rsa(&key.public);
            let computed = object([
                ("Dp", number(&key.dp)),
                ("Dq", number(&key.dq)),
                ("Qinv", number(&key.qinv)),
                ("CRTValues", Value::array(Vec::new())),
            ]);
            let primes = Value::array(vec![number(&key.p), number(&key.q)]);
            object([
                n,
                e,
                ("D", number(&key.d)),
                ("Primes", primes),
                ("Precomputed", computed),
            ])
        }
        PrivateKey::Ec { public, d } => object([
            ("Curve", object([])),
            ("X", number(&public.x)),
            ("Y", number(&public.y)),
            ("D", number(d)),
        ]),
        PrivateKey::Ed25519 { seed, public } => bytes(&[*seed, *public].concat()),
        PrivateKey::X25519 { .. } => object([]),
    }
}

fn name(name: &Name) -> Value {
    let last = |number| Value::from(name.texts(number).next_back().unwrap_or_default());
    let all = |number| list(name.texts(number).map(Value::from).collect::<Vec<_>>().into_iter());
    let attributes = name.attributes.iter().map(|(id, text)| {
        let value = Value::from(&**text);
        object([("Type", oid(id)), ("Value", value)])
    });
    object([
        ("Country", all(6)),
        ("Organization", all(10)),
        ("OrganizationalUnit", all(11)),
        ("Locality", all(7)),
        ("Province", all(8)),
        ("StreetAddress", all(9)),
        ("PostalCode", all(17)),
        ("SerialNumber", last(5)),
        ("CommonName", last(3)),
        ("Names", list(attributes)),
        ("ExtraNames", Value::Null),
    ])
}

fn extensions(extensions: &[Extension]) -> Value {
    list(extensions.iter().map(|extension| {
        object([
            ("Id", oid(&extension.id)),
            ("Critical", extension.critical.into()),
            ("Value", bytes(extension.value)),
        ])
    }))
}

fn texts(texts: &[String]) -> Value {
    list(texts.iter().map(|text| (&**text).into()))
}

/// The four lists of alternative names, as certificates and requests have them.
fn names(names: &Names) -> [(&'static str, Value); 4] {
    let addresses = list(names.addresses.iter().map(|address| Value::string(address.to_string())));
    [
        ("DNSNames", texts(&names.domains)),
        ("EmailAddresses", texts(&names.emails)),
        ("IPAddresses", addresses),
        ("URIs", list(names.uris.iter().map(|url| url.to_json()))),
    ]
}

fn key(key: &KeyInfo) -> [(&'static str, Value); 3] {
    let kind = key.kind.map_or(0, |kind| kind as i64);
    [
        ("RawSubjectPublicKeyInfo", bytes(key.raw)),
        ("PublicKeyAlgorithm", kind.into()),
        ("PublicKey", key.key.as_ref().map_or(Value::Null, public)),
    ]
}

fn networks(networks: &[Network]) -> Value {
    list(networks.iter().map(|network| {
        let address: Result<[u8; 4], _> = network.address.as_slice().try_into();
        let address = match address {
            Ok(address) => std::net::IpAddr::from(address).to_string(),
            Err(_) => {
                let address: [u8; 16] = network
                    .address
                    .as_slice()
                    .try_into()
                    .expect("a network has 4 or 16 bytes");
                std::net::IpAddr::from(address).to_string()
            }
        };
        object([("IP", Value::string(address)), ("Mask", bytes(&network.mask))])
    }))
}

/// Policies as texts, and as lists of numbers where these are small enough.
fn policies(policies: Option<&[Vec<u8>]>) -> [(&'static str, Value); 2] {
    let Some(policies) = policies else {
        return [("Policies", Value::Null), ("PolicyIdentifiers", Value::Null)];
    };
    let dotted = |der: &Vec<u8>| Value::string(dotted(der));
    let small = |der: &Vec<u8>| super::super::crypto::der::oid(der).map(|numbers| oid(&numbers));
    [
        ("Policies", list(policies.iter().map(dotted))),
        (
            "PolicyIdentifiers",
            Value::array(policies.iter().filter_map(small).collect()),
        ),
    ]
}

fn dotted(der: &[u8]) -> String {
    let numbers: Vec<String> = arcs(der).unwrap_or_default().iter().map(ToString::to_string).collect();
    numbers.join(".")
}

/// A certificate; `with_texts` adds OPA's list of its URIs as texts.
#[rustfmt::skip]
pub(super) fn certificate(certificate: &Certificate, with_texts: bool) -> Value {
    let known = &certificate.known;
    let (is_authority, longest) = known.basic.unwrap_or((false, 0));
    let count = |name: &'static str, zero: &'static str, count: Option<i64>| {
        [(name, count.unwrap_or(0).into()), (zero, (count == Some(0)).into())]
    };
    let mappings = known.mappings.as_deref().unwrap_or_default().iter().map(|(issuer, subject)| {
        object([("IssuerDomainPolicy", Value::string(dotted(issuer))), ("SubjectDomainPolicy", Value::string(dotted(subject)))])
    });
    let uris = |uris: &[Vec<u8>]| list(uris.iter().map(|uri| text(uri)));
    let (permitted, excluded) = (&known.constraints.permitted, &known.constraints.excluded);
    let mut entries = vec![
        ("Raw", bytes(certificate.raw)),
        ("RawTBSCertificate", bytes(certificate.signed)),
        ("RawSubject", bytes(certificate.raw_subject)),
        ("RawIssuer", bytes(certificate.raw_issuer)),
        ("Signature", bytes(&certificate.signature)),
        ("SignatureAlgorithm", (certificate.algorithm as i64).into()),
        ("Version", certificate.version.into()),
        ("SerialNumber", number(&certificate.serial)),
        ("Issuer", name(&certificate.issuer)),
        ("Subject", name(&certificate.subject)),
        ("NotBefore", Value::string(certificate.not_before.text())),
        ("NotAfter", Value::string(certificate.not_after.text())),
        ("KeyUsage", known.key_usage.into()),
        ("Extensions", extensions(&certificate.extensions)),
        ("ExtraExtensions", Value::Null),
        ("UnhandledCriticalExtensions", list(known.unhandled.iter().map(oid))),
        ("ExtKeyUsage", list(known.usages.iter().map(|usage| (*usage).into()))),
        ("UnknownExtKeyUsage", list(known.unknown_usages.iter().map(oid))),
        ("BasicConstraintsValid", known.basic.is_some().into()),
        ("IsCA", is_authority.into()),
        ("MaxPathLen", longest.into()),
        ("MaxPathLenZero", (known.basic.is_some() && longest == 0).into()),
        ("SubjectKeyId", optional(known.subject_key_id.as_deref())),
        ("AuthorityKeyId", optional(known.authority_key_id.as_deref())),
        ("OCSPServer", uris(&known.ocsp)),
        ("IssuingCertificateURL", uris(&known.issuers)),
        ("PermittedDNSDomainsCritical", known.constraints.critical.into()),
        ("PermittedDNSDomains", texts(&permitted.domains)),
        ("ExcludedDNSDomains", texts(&excluded.domains)),
        ("PermittedIPRanges", networks(&permitted.networks)),
        ("ExcludedIPRanges", networks(&excluded.networks)),
        ("PermittedEmailAddresses", texts(&permitted.emails)),
        ("ExcludedEmailAddresses", texts(&excluded.emails)),
        ("PermittedURIDomains", texts(&permitted.uri_domains)),
        ("ExcludedURIDomains", texts(&excluded.uri_domains)),
        ("CRLDistributionPoints", uris(known.revocation_lists.as_deref().unwrap_or_default())),
        ("PolicyMappings", list(mappings)),
    ];
    entries.extend(key(&certificate.key));
    entries.extend(names(&known.names));
    entries.extend(policies(known.policies.as_deref()));
    entries.extend(count("InhibitAnyPolicy", "InhibitAnyPolicyZero", known.inhibit_any_policy));
    entries.extend(count("InhibitPolicyMapping", "InhibitPolicyMappingZero", known.inhibit_policy_mapping));
    entries.extend(count("RequireExplicitPolicy", "RequireExplicitPolicyZero", known.require_explicit_policy));
    if with_texts {
        entries.push(("URIStrings", list(known.names.uris.iter().map(|url| Value::string(url.text())))));
    }
    Value::object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A request for a certificate.
pub(super) fn request(request: &Request) -> Value {
    let mut entries = vec![
        ("Raw", bytes(request.raw)),
        ("RawTBSCertificateRequest", bytes(request.signed)),
        ("RawSubject", bytes(request.raw_subject)),
        ("Version", request.version.into()),
        ("Signature", bytes(&request.signature)),
        ("SignatureAlgorithm", (request.algorithm as i64).into()),
        ("Subject", name(&request.subject)),
        ("Attributes", list(request.attributes.iter().cloned())),
        ("Extensions", extensions(&request.extensions)),
        ("ExtraExtensions", Value::Null),
    ];
    entries.extend(key(&request.key));
    entries.extend(names(&request.names));
    Value::object(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
}
