//! Certificates, read as strictly as Go reads them.
//!
//! Follows Go's crypto/x509: parser.go.

use jiff::civil::DateTime;
use num_bigint::{BigInt, Sign};

use super::super::Failure;
use super::super::crypto::der::{Element, Oid, Reader, dotted, tag};
use super::super::crypto::key::{self, Algorithm, Kind, PublicKey, fault};
use super::extensions::Extensions;
use super::name::Name;
use super::signatures::SignatureAlgorithm;

/// A certificate; the parts that Go shows as bytes are parts of the input.
#[derive(Debug)]
pub(in crate::builtins) struct Certificate<'a> {
    pub(super) raw: &'a [u8],
    pub(super) signed: &'a [u8],
    pub(super) version: i64,
    pub(super) serial: BigInt,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) signature: Vec<u8>,
    pub(super) raw_issuer: &'a [u8],
    pub(super) issuer: Name,
    pub(super) raw_subject: &'a [u8],
    pub(super) subject: Name,
    pub(super) not_before: Time,
    pub(super) not_after: Time,
    pub(super) key: KeyInfo<'a>,
    pub(super) extensions: Vec<Extension<'a>>,
    /// What the extensions say.
    pub(super) known: Extensions,
}

/// A public key as it stands in a certificate or a request.
#[derive(Debug)]
pub(super) struct KeyInfo<'a> {
    pub(super) raw: &'a [u8],
    pub(super) kind: Option<Kind>,
    /// Nothing for one of a kind that Go does not know.
    pub(super) key: Option<PublicKey>,
}

/// An extension as it is written.
#[derive(Clone, Debug)]
pub(super) struct Extension<'a> {
    pub(super) id: Oid,
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

/// A moment, as it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    local: DateTime,
    /// Seconds east of Greenwich.
    offset: i64,
}

/// The certificates, one behind the other. Follows Go's crypto/x509: ParseCertificates.
pub(in crate::builtins) fn all(der: &[u8]) -> Result<Vec<Certificate<'_>>, Failure> {
    let mut certificates = Vec::new();
    let mut rest = der;
    while !rest.is_empty() {
        let certificate = first(rest)?;
        rest = &rest[certificate.raw.len()..];
        certificates.push(certificate);
    }
    Ok(certificates)
}

/// The certificate that the bytes are. Follows Go's crypto/x509: ParseCertificate.
pub(in crate::builtins) fn one(der: &[u8]) -> Result<Certificate<'_>, Failure> {
    let certificate = first(der)?;
    match certificate.raw.len() == der.len() {
        true => Ok(certificate),
        false => Err(fault("x509: trailing data")),
    }
}

/// The next element, or the words that it is not there.
fn expect<'a>(reader: &mut Reader<'a>, tag: u8, what: &str) -> Result<Element<'a>, Failure> {
    reader
        .element(tag)
        .ok_or_else(|| fault(format!("x509: malformed {what}")))
}

fn inner(element: Element<'_>) -> Reader<'_> {
    Reader::new(element.contents)
}

/// Follows Go's crypto/x509: parseCertificate.
fn first(der: &[u8]) -> Result<Certificate<'_>, Failure> {
    let whole = expect(&mut Reader::new(der), tag::SEQUENCE, "certificate")?;
    key::check_size(whole.whole)?;
    let mut outer = inner(whole);
    let signed = expect(&mut outer, tag::SEQUENCE, "tbs certificate")?;
    let mut tbs = inner(signed);
    let version = version(&mut tbs)?;
    let serial = tbs.integer().ok_or_else(|| fault("x509: malformed serial number"))?;
    if serial.sign() == Sign::Minus {
        return Err(fault("x509: negative serial number"));
    }
    let own = expect(&mut tbs, tag::SEQUENCE, "signature algorithm identifier")?;
    let algorithm = expect(&mut outer, tag::SEQUENCE, "algorithm identifier")?;
    if own.contents != algorithm.contents {
        return Err(fault(
            "x509: inner and outer signature algorithm identifiers don't match",
        ));
    }
    let algorithm = SignatureAlgorithm::of(&key::algorithm(inner(own))?);
    let issuer = expect(&mut tbs, tag::SEQUENCE, "issuer")?;
    let validity = expect(&mut tbs, tag::SEQUENCE, "validity")?;
    let issuer_name = Name::read(issuer.whole)?;
    let mut validity = inner(validity);
    let (not_before, not_after) = (Time::read(&mut validity)?, Time::read(&mut validity)?);
    let subject = expect(&mut tbs, tag::SEQUENCE, "issuer")?;
    let subject_name = Name::read(subject.whole)?;
    let key = key_info(expect(&mut tbs, tag::SEQUENCE, "spki")?)?;
    let extensions = match version {
        1 => Vec::new(),
        _ => behind_key(&mut tbs, version)?,
    };
    let signature = outer.bits().ok_or_else(|| fault("x509: malformed signature"))?;
    Ok(Certificate {
        raw: whole.whole,
        signed: signed.whole,
        version,
        serial,
        algorithm,
        signature: signature.right_aligned(),
        raw_issuer: issuer.whole,
        issuer: issuer_name,
        raw_subject: subject.whole,
        subject: subject_name,
        not_before,
        not_after,
        key,
        known: Extensions::read(&extensions)?,
        extensions,
    })
}

/// The version, counted from 1.
fn version(tbs: &mut Reader) -> Result<i64, Failure> {
    let malformed = || fault("x509: malformed version");
    let version = match tbs.optional(tag::constructed(0)).ok_or_else(malformed)? {
        None => 0,
        Some(mut version) => {
            let number = version.small(tag::INTEGER).ok_or_else(malformed)?;
            if !version.is_empty() || number < 0 {
                return Err(malformed());
            }
            number
        }
    };
    if version > 2 {
        return Err(fault("x509: invalid version"));
    }
    Ok(version + 1)
}

pub(super) fn key_info(element: Element<'_>) -> Result<KeyInfo<'_>, Failure> {
    let mut reader = inner(element);
    let algorithm = expect(&mut reader, tag::SEQUENCE, "public key algorithm identifier")?;
    let algorithm: Algorithm = key::algorithm(inner(algorithm))?;
    let bits = reader.bits().ok_or_else(|| fault("x509: malformed subjectPublicKey"))?;
    let kind = key::kind(&algorithm.oid);
    let key = kind
        .map(|_| key::public_of(&algorithm, &bits.right_aligned()))
        .transpose()?;
    Ok(KeyInfo {
        raw: element.whole,
        kind,
        key,
    })
}

/// What follows the public key: the extensions, behind two identifiers that nobody uses.
fn behind_key<'a>(tbs: &mut Reader<'a>, version: i64) -> Result<Vec<Extension<'a>>, Failure> {
    for (number, what) in [(1, "issuerUniqueID"), (2, "subjectUniqueID")] {
        let skipped = tbs.optional(tag::context(number));
        skipped.ok_or_else(|| fault(format!("x509: malformed {what}")))?;
    }
    if version < 3 {
        return Ok(Vec::new());
    }
    let malformed = || fault("x509: malformed extensions");
    let Some(mut outer) = tbs.optional(tag::constructed(3)).ok_or_else(malformed)? else {
        return Ok(Vec::new());
    };
    let mut list = outer.inner(tag::SEQUENCE).ok_or_else(malformed)?;
    let mut extensions: Vec<Extension> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    while !list.is_empty() {
        let extension = Extension::read(expect(&mut list, tag::SEQUENCE, "extension")?)?;
        if !seen.insert(extension.id.clone()) {
            let id = dotted(&extension.id);
            return Err(fault(format!(
                "x509: certificate contains duplicate extension with OID \"{id}\""
            )));
        }
        extensions.push(extension);
    }
    Ok(extensions)
}

impl<'a> Extension<'a> {
    pub(super) fn read(element: Element<'a>) -> Result<Self, Failure> {
        let mut reader = inner(element);
        let malformed = |what: &str| fault(format!("x509: malformed extension {what} field"));
        let id = reader.oid().ok_or_else(|| malformed("OID"))?;
        let critical = match reader.peeks(tag::BOOLEAN) {
            true => reader.boolean().ok_or_else(|| malformed("critical"))?,
            false => false,
        };
        let value = reader.contents(tag::OCTET_STRING).ok_or_else(|| malformed("value"))?;
        Ok(Self { id, critical, value })
    }
}

impl Time {
    /// Follows Go's crypto/x509: parseTime.
    fn read(reader: &mut Reader) -> Result<Self, Failure> {
        let of = |contents: Option<&[u8]>, years: usize, name: &str| {
            let text = contents.and_then(|contents| std::str::from_utf8(contents).ok());
            let time = text.and_then(|text| Self::parse(text, years));
            time.ok_or_else(|| fault(format!("x509: malformed {name}")))
        };
        if reader.peeks(tag::UTC_TIME) {
            of(reader.contents(tag::UTC_TIME), 2, "UTCTime")
        } else if reader.peeks(tag::GENERALIZED_TIME) {
            of(reader.contents(tag::GENERALIZED_TIME), 4, "GeneralizedTime")
        } else {
            Err(fault("x509: unsupported time format"))
        }
    }

    /// `YYMMDDhhmm[ss]Z` or, with four digits of the year, `YYYYMMDDhhmmssZ`; a zone can stand in for the `Z`.
    fn parse(text: &str, years: usize) -> Option<Self> {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, zone) = text.split_at(length);
        let (year, rest) = digits.split_at_checked(years)?;
        if rest.len() != 10 && (rest.len() != 8 || years == 4) {
            return None;
        }
        let mut year: i16 = year.parse().ok()?;
        if years == 2 {
            year += if year >= 50 { 1900 } else { 2000 };
        }
        let pair = |at: usize| -> Option<i8> { rest.get(at..at + 2).map_or(Some(0), |pair| pair.parse().ok()) };
        let local = DateTime::new(year, pair(0)?, pair(2)?, pair(4)?, pair(6)?, pair(8)?, 0).ok()?;
        let offset = match zone.as_bytes() {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) => {
                let hours: i64 = zone[1..3].parse().ok()?;
                let minutes: i64 = zone[3..5].parse().ok()?;
                let seconds = hours * 3600 + minutes * 60;
                // No offset is written `Z`.
                if hours > 23 || minutes > 59 || seconds == 0 {
                    return None;
                }
                if *sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        Some(Self { local, offset })
    }

    /// The nanoseconds since 1970.
    pub(super) fn nanoseconds(&self) -> i128 {
        let local = jiff::tz::TimeZone::UTC.to_timestamp(self.local);
        let local = local.map_or(0, |time| time.as_nanosecond());
        local - i128::from(self.offset) * 1_000_000_000
    }

    /// As Go writes it in JSON.
    pub(super) fn text(&self) -> String {
        let zone = match self.offset {
            0 => "Z".to_owned(),
            offset => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.abs() / 60;
                format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        };
        format!("{}{zone}", self.local.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn times_are_read_as_go_reads_them() {
        let text = |text: &str, years| Time::parse(text, years).map(|time| time.text());
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(text("500102030405Z", 2), is("1950-01-02T03:04:05Z"));
        assert_eq!(text("4901020304Z", 2), is("2049-01-02T03:04:00Z"));
        assert_eq!(text("490102030405+0130", 2), is("2049-01-02T03:04:05+01:30"));
        assert_eq!(text("20500102030405Z", 4), is("2050-01-02T03:04:05Z"));
        for wrong in [
            "490102030405",
            "490102030405+0000",
            "491302030405Z",
            "4901020304055Z",
            "49010203Z",
            "",
        ] {
            assert_eq!(text(wrong, 2), None, "{wrong}");
        }
        assert_eq!(text("205001020304Z", 4), None);
    }
}
