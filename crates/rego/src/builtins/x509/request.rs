//! Requests for certificates.
//!
//! Follows Go's crypto/x509: ParseCertificateRequest, which reads with `encoding/asn1`.

use super::super::Failure;
use super::super::crypto::der::{Element, Reader, tag};
use super::super::crypto::key::{self, fault};
use super::certificate::{Extension, KeyInfo, key_info};
use super::extensions::Names;
use super::name::{Name, text};
use super::signatures::SignatureAlgorithm;
use super::value;
use kpolicy_value::Value;

/// A request; the parts that Go shows as bytes are parts of the input.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) raw: &'a [u8],
    pub(super) signed: &'a [u8],
    pub(super) version: i64,
    pub(super) raw_subject: &'a [u8],
    pub(super) subject: Name,
    pub(super) key: KeyInfo<'a>,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signature: Vec<u8>,
    /// Those that Go can read as pairs, as values.
    pub(super) attributes: Vec<Value>,
    pub(super) extensions: Vec<Extension<'a>>,
    pub(super) names: Names,
}

const EXTENSIONS: &[u32] = &[1, 2, 840, 113_549, 1, 9, 14];

fn broken() -> Failure {
    fault("asn1: structure error: not a certificate request")
}

impl<'a> Request<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, Failure> {
        key::check_size(der)?;
        let mut outer = Reader::new(der);
        if outer.is_empty() {
            return Err(fault("asn1: syntax error: sequence truncated"));
        }
        let whole = outer.element(tag::SEQUENCE).ok_or_else(broken)?;
        if !outer.is_empty() {
            return Err(fault("asn1: syntax error: trailing data"));
        }
        let mut parts = Reader::new(whole.contents);
        let signed = parts.element(tag::SEQUENCE).ok_or_else(broken)?;
        let algorithm = parts.inner(tag::SEQUENCE).ok_or_else(broken)?;
        let signature = parts.bits().ok_or_else(broken)?;
        let mut info = Reader::new(signed.contents);
        let version = info.small(tag::INTEGER).ok_or_else(broken)?;
        let subject = info.any().ok_or_else(broken)?;
        let key = info.element(tag::SEQUENCE).ok_or_else(broken)?;
        let attributes = info.inner(tag::constructed(0)).ok_or_else(broken)?;
        let extensions = extensions(attributes)?;
        let alternative = |extension: &&Extension| *extension.id == [2, 5, 29, 17];
        let names = extensions
            .iter()
            .rfind(alternative)
            .map(|extension| Names::read(Reader::new(extension.value)));
        Ok(Self {
            raw: whole.whole,
            signed: signed.whole,
            version,
            raw_subject: subject.whole,
            key: key_info(key)?,
            subject: Name::read(subject.whole)?,
            algorithm: SignatureAlgorithm::of(&key::algorithm(algorithm)?),
            signature: signature.right_aligned(),
            attributes: pairs(attributes),
            names: names.transpose()?.unwrap_or_default(),
            extensions,
        })
    }
}

/// The extensions that are asked for. Attributes of another form are passed over, as Go does.
fn extensions(mut attributes: Reader<'_>) -> Result<Vec<Extension<'_>>, Failure> {
    let mut extensions: Vec<Extension> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while !attributes.is_empty() {
        let attribute = attributes.any().ok_or_else(broken)?;
        let mut parts = Reader::new(attribute.contents);
        let Some(list) = requested(attribute, &mut parts) else {
            continue;
        };
        let mut list = Reader::new(list.contents);
        while !list.is_empty() {
            let extension = Extension::read(list.element(tag::SEQUENCE).ok_or_else(broken)?)?;
            if !seen.insert(extension.id.clone()) {
                return Err(fault(
                    "x509: certificate request contains duplicate requested extensions",
                ));
            }
            extensions.push(extension);
        }
    }
    Ok(extensions)
}

fn requested<'a>(attribute: Element, parts: &mut Reader<'a>) -> Option<Element<'a>> {
    let is_request = attribute.tag == tag::SEQUENCE && *parts.oid()? == *EXTENSIONS;
    let mut values = parts.inner(tag::SET).filter(|_| is_request)?;
    values.element(tag::SEQUENCE)
}

/// The attributes that are sets of lists of pairs of an identifier and a value.
fn pairs(mut attributes: Reader) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some(attribute) = attributes.element(tag::SEQUENCE) {
        found.extend(pair_sets(Reader::new(attribute.contents)));
    }
    found
}

fn pair_sets(mut attribute: Reader) -> Option<Value> {
    let id = attribute.oid()?;
    let mut set = attribute.inner(tag::SET)?;
    let mut lists = Vec::new();
    while !set.is_empty() {
        let mut list = set.inner(tag::SEQUENCE)?;
        let mut pairs = Vec::new();
        while !list.is_empty() {
            let mut pair = list.inner(tag::SEQUENCE)?;
            pairs.push(described(&pair.oid()?, any(pair.any()?)?));
        }
        lists.push(Value::array(pairs));
    }
    Some(described(&id, Value::array(lists)))
}

fn described(id: &Vec<u32>, value: Value) -> Value {
    Value::object(vec![("Type".into(), value::oid(id)), ("Value".into(), value)])
}

/// An element of any type, as Go's `encoding/asn1` reads it into an interface; null for types that it does not know.
fn any(element: Element) -> Option<Value> {
    let mut reader = Reader::new(element.whole);
    match element.tag {
        tag::BOOLEAN => reader.boolean().map(Value::from),
        tag::INTEGER => reader.small(tag::INTEGER).map(Value::from),
        tag::OID => reader.oid().map(|id| value::oid(&id)),
        tag::OCTET_STRING => Some(value::bytes(element.contents)),
        tag::UTF8_STRING
        | tag::NUMERIC_STRING
        | tag::PRINTABLE_STRING
        | tag::T61_STRING
        | tag::IA5_STRING
        | tag::BMP_STRING => text(element).ok().map(Value::string),
        _ => Some(Value::Null),
    }
}
