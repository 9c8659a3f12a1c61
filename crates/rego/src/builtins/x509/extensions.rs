//! What the extensions of a certificate say.
//!
//! Follows Go's crypto/x509: parser.go: processExtensions.

use std::net::IpAddr;

use super::super::Failure;
use super::super::crypto::der::{Oid, Reader, tag};
use super::super::crypto::key::fault;
use super::super::encoding::uri::Url;
use super::certificate::Extension;
use super::constraints::{NameConstraints, is_domain};

/// What the extensions say that Go knows, with Go's names in JSON.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) key_usage: i64,
    /// Whether it is an authority, and how many authorities may stand between it and a certificate.
    pub(super) basic: Option<(bool, i64)>,
    pub(super) names: Names,
    pub(super) constraints: NameConstraints,
    pub(super) revocation_lists: Option<Vec<Vec<u8>>>,
    pub(super) authority_key_id: Option<Vec<u8>>,
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) require_explicit_policy: Option<i64>,
    pub(super) inhibit_policy_mapping: Option<i64>,
    pub(super) inhibit_any_policy: Option<i64>,
    pub(super) policies: Option<Vec<Vec<u8>>>,
    pub(super) mappings: Option<Vec<(Vec<u8>, Vec<u8>)>>,
    pub(super) usages: Vec<i64>,
    pub(super) unknown_usages: Vec<Oid>,
    pub(super) ocsp: Vec<Vec<u8>>,
    pub(super) issuers: Vec<Vec<u8>>,
    /// Those that are critical and that Go does not understand.
    pub(super) unhandled: Vec<Oid>,
}

/// For whom a certificate is.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) domains: Vec<String>,
    pub(super) emails: Vec<String>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) uris: Vec<Url>,
}

/// The usages of a key, in the order of Go's numbers.
pub(super) const USAGES: &[&[u32]] = &[
    &[2, 5, 29, 37, 0],
    &[1, 3, 6, 1, 5, 5, 7, 3, 1],
    &[1, 3, 6, 1, 5, 5, 7, 3, 2],
    &[1, 3, 6, 1, 5, 5, 7, 3, 3],
    &[1, 3, 6, 1, 5, 5, 7, 3, 4],
    &[1, 3, 6, 1, 5, 5, 7, 3, 5],
    &[1, 3, 6, 1, 5, 5, 7, 3, 6],
    &[1, 3, 6, 1, 5, 5, 7, 3, 7],
    &[1, 3, 6, 1, 5, 5, 7, 3, 8],
    &[1, 3, 6, 1, 5, 5, 7, 3, 9],
    &[1, 3, 6, 1, 4, 1, 311, 10, 3, 3],
    &[2, 16, 840, 1, 113_730, 4, 1],
    &[1, 3, 6, 1, 4, 1, 311, 2, 1, 22],
    &[1, 3, 6, 1, 4, 1, 311, 61, 1, 1],
];

const AUTHORITY_INFO: &[u32] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];

fn invalid(what: &str) -> Failure {
    fault(format!("x509: invalid {what}"))
}

impl Extensions {
    pub(super) fn read(extensions: &[Extension]) -> Result<Self, Failure> {
        let mut known = Self::default();
        for extension in extensions {
            let handled = match &*extension.id {
                [2, 5, 29, number] => known.standard(*number, extension)?,
                AUTHORITY_INFO => {
                    if extension.critical {
                        return Err(fault("x509: authority info access incorrectly marked critical"));
                    }
                    known.authority_info(Reader::new(extension.value))?;
                    true
                }
                _ => false,
            };
            if !handled && extension.critical {
                known.unhandled.push(extension.id.clone());
            }
        }
        Ok(known)
    }

    /// Reads the extension `2.5.29.number`; whether Go understands it.
    fn standard(&mut self, number: u32, extension: &Extension) -> Result<bool, Failure> {
        let mut value = Reader::new(extension.value);
        match number {
            14 => {
                if extension.critical {
                    return Err(fault("x509: subject key identifier incorrectly marked critical"));
                }
                let id = value.contents(tag::OCTET_STRING);
                self.subject_key_id = Some(id.ok_or_else(|| invalid("subject key identifier"))?.to_vec());
            }
            15 => {
                let bits = value.bits().ok_or_else(|| invalid("key usage"))?;
                self.key_usage = (0..9).filter(|at| bits.at(*at)).map(|at| 1 << at).sum();
            }
            17 => {
                self.names = Names::read(value)?;
                return Ok(!self.names.is_empty());
            }
            19 => self.basic = Some(basic(value).ok_or_else(|| invalid("basic constraints"))?),
            30 => return self.constraints.read(extension),
            31 => self.revocation_lists(value)?,
            32 => self.policies = Some(policies(value).ok_or_else(|| invalid("certificate policies"))?),
            33 => self.mappings = Some(mappings(value).ok_or_else(|| invalid("policy mappings extension"))?),
            35 => self.authority_key_id = authority_key_id(extension)?,
            36 => self
                .policy_constraints(value)
                .ok_or_else(|| invalid("policy constraints extension"))?,
            37 => self.usages(value).ok_or_else(|| invalid("extended key usages"))?,
            54 => {
                let count = value.small(tag::INTEGER);
                self.inhibit_any_policy = Some(count.ok_or_else(|| invalid("inhibit any policy extension"))?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn revocation_lists(&mut self, mut value: Reader) -> Result<(), Failure> {
        let mut list = value
            .inner(tag::SEQUENCE)
            .ok_or_else(|| invalid("CRL distribution points"))?;
        let broken = || invalid("CRL distribution point");
        while !list.is_empty() {
            let mut point = list.inner(tag::SEQUENCE).ok_or_else(broken)?;
            let Some(mut name) = point.optional(tag::constructed(0)).ok_or_else(broken)? else {
                continue;
            };
            let mut names = name.inner(tag::constructed(0)).ok_or_else(broken)?;
            while names.peeks(tag::context(6)) {
                let uri = names.contents(tag::context(6)).ok_or_else(broken)?;
                self.revocation_lists.get_or_insert_default().push(uri.to_vec());
            }
        }
        Ok(())
    }

    fn authority_info(&mut self, mut value: Reader) -> Result<(), Failure> {
        let broken = || invalid("authority info access");
        let mut list = value.inner(tag::SEQUENCE).ok_or_else(broken)?;
        while !list.is_empty() {
            let mut access = list.inner(tag::SEQUENCE).ok_or_else(broken)?;
            let method = access.oid().ok_or_else(broken)?;
            if !access.peeks(tag::context(6)) {
                continue;
            }
            let uri = access.contents(tag::context(6)).ok_or_else(broken)?;
            match &*method {
                [1, 3, 6, 1, 5, 5, 7, 48, 1] => self.ocsp.push(uri.to_vec()),
                [1, 3, 6, 1, 5, 5, 7, 48, 2] => self.issuers.push(uri.to_vec()),
                _ => {}
            }
        }
        Ok(())
    }

    fn policy_constraints(&mut self, mut value: Reader) -> Option<()> {
        let mut value = value.inner(tag::SEQUENCE)?;
        if value.peeks(tag::context(0)) {
            self.require_explicit_policy = Some(value.small(tag::context(0))?);
        }
        if value.peeks(tag::context(1)) {
            self.inhibit_policy_mapping = Some(value.small(tag::context(1))?);
        }
        Some(())
    }

    fn usages(&mut self, mut value: Reader) -> Option<()> {
        let mut list = value.inner(tag::SEQUENCE)?;
        while !list.is_empty() {
            let usage = list.oid()?;
            match USAGES.iter().zip(0..).find(|(known, _)| ***known == *usage) {
                Some((_, number)) => self.usages.push(number),
                None => self.unknown_usages.push(usage),
            }
        }
        Some(())
    }
}

fn basic(mut value: Reader) -> Option<(bool, i64)> {
    let mut value = value.inner(tag::SEQUENCE)?;
    let is_authority = if value.peeks(tag::BOOLEAN) {
        value.boolean()?
    } else {
        false
    };
    let longest = match value.peeks(tag::INTEGER) {
        true => value.small(tag::INTEGER).filter(|longest| *longest >= 0)?,
        false => -1,
    };
    Some((is_authority, longest))
}

fn policies(mut value: Reader) -> Option<Vec<Vec<u8>>> {
    let mut list = value.inner(tag::SEQUENCE)?;
    let mut policies = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while !list.is_empty() {
        let policy = list.inner(tag::SEQUENCE)?.contents(tag::OID)?;
        if !seen.insert(policy) || arcs(policy).is_none() {
            return None;
        }
        policies.push(policy.to_vec());
    }
    Some(policies)
}

fn mappings(mut value: Reader) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut list = value.inner(tag::SEQUENCE)?;
    let mut mappings = Vec::new();
    while !list.is_empty() {
        let mut mapping = list.inner(tag::SEQUENCE)?;
        let (issuer, subject) = (mapping.contents(tag::OID)?, mapping.contents(tag::OID)?);
        mappings.push((issuer.to_vec(), subject.to_vec()));
    }
    Some(mappings)
}

/// The numbers of an identifier whose numbers can have any size. Follows Go's crypto/x509: OID.
pub(super) fn arcs(der: &[u8]) -> Option<Vec<num_bigint::BigUint>> {
    use num_bigint::BigUint;
    let mut arcs = Vec::new();
    let mut rest = der;
    while !rest.is_empty() {
        let length = rest.iter().position(|byte| byte & 0x80 == 0)? + 1;
        if rest[0] == 0x80 {
            return None;
        }
        let bits: Vec<u8> = rest[..length].iter().map(|byte| byte & 0x7f).collect();
        let number = BigUint::from_radix_be(&bits, 128)?;
        if arcs.is_empty() {
            let first = (&number / 40u8).min(BigUint::from(2u8));
            arcs.extend([first.clone(), number - first * 40u8]);
        } else {
            arcs.push(number);
        }
        rest = &rest[length..];
    }
    (!arcs.is_empty()).then_some(arcs)
}

fn authority_key_id(extension: &Extension) -> Result<Option<Vec<u8>>, Failure> {
    if extension.critical {
        return Err(fault("x509: authority key identifier incorrectly marked critical"));
    }
    let read = || {
        let mut id = Reader::new(extension.value).inner(tag::SEQUENCE)?;
        match id.peeks(tag::context(0)) {
            true => Some(Some(id.contents(tag::context(0))?.to_vec())),
            false => Some(None),
        }
    };
    read().ok_or_else(|| invalid("authority key identifier"))
}

impl Names {
    /// Follows Go's crypto/x509: parseSANExtension.
    pub(super) fn read(mut value: Reader) -> Result<Self, Failure> {
        let mut names = Self::default();
        let list = value.inner(tag::SEQUENCE);
        let mut list = list.ok_or_else(|| invalid("subject alternative names"))?;
        while !list.is_empty() {
            let name = list.any().ok_or_else(|| invalid("subject alternative name"))?;
            let text = |what: &str| {
                let text = std::str::from_utf8(name.contents).ok().filter(|text| text.is_ascii());
                let text = text.map(str::to_owned);
                text.ok_or_else(|| fault(format!("x509: SAN {what} is malformed")))
            };
            match name.tag ^ 0x80 {
                1 => names.emails.push(text("rfc822Name")?),
                2 => names.domains.push(text("dNSName")?),
                6 => names.uris.push(uri(&text("uniformResourceIdentifier")?)?),
                7 => {
                    let address = <[u8; 4]>::try_from(name.contents).map(IpAddr::from);
                    let address = address.or_else(|_| <[u8; 16]>::try_from(name.contents).map(IpAddr::from));
                    let length = name.contents.len();
                    let words = |_| fault(format!("x509: cannot parse IP address of length {length}"));
                    names.addresses.push(address.map_err(words)?);
                }
                _ => {}
            }
        }
        Ok(names)
    }

    fn is_empty(&self) -> bool {
        self.domains.is_empty() && self.emails.is_empty() && self.addresses.is_empty() && self.uris.is_empty()
    }
}

fn uri(text: &str) -> Result<Url, Failure> {
    let cannot = |why: &str| fault(format!("x509: cannot parse URI {text:?}: {why}"));
    let url = Url::parse(text).map_err(|words| cannot(&words))?;
    let host = String::from_utf8_lossy(url.host());
    if !host.is_empty() && !is_domain(&host, false) {
        return Err(cannot("invalid domain"));
    }
    Ok(url)
}
