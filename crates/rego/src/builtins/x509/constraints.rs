//! Name constraints: for which names an authority may issue certificates.
//!
//! Follows Go's crypto/x509: constraints.go, and the functions of parser.go and verify.go that it uses.

use std::net::IpAddr;

use super::super::Failure;
use super::super::crypto::der::{Reader, tag};
use super::super::crypto::key::fault;
use super::super::encoding::uri::Url;
use super::certificate::{Certificate, Extension};

/// The constraints of a certificate.
#[derive(Debug, Default)]
pub(super) struct NameConstraints {
    pub(super) critical: bool,
    pub(super) permitted: Subtrees,
    pub(super) excluded: Subtrees,
}

/// Names, with all that are below them.
#[derive(Debug, Default)]
pub(super) struct Subtrees {
    pub(super) domains: Vec<String>,
    pub(super) networks: Vec<Network>,
    pub(super) emails: Vec<String>,
    pub(super) uri_domains: Vec<String>,
    /// Whether there are names of other kinds.
    others: bool,
}

/// A network: an address and a mask of as many bytes.
#[derive(Clone, Debug)]
pub(super) struct Network {
    pub(super) address: Vec<u8>,
    pub(super) mask: Vec<u8>,
}

impl NameConstraints {
    /// Reads the extension; whether all of it is understood. Follows Go: parseNameConstraintsExtension.
    pub(super) fn read(&mut self, extension: &Extension) -> Result<bool, Failure> {
        let read = || {
            let mut outer = Reader::new(extension.value);
            let mut both = outer.inner(tag::SEQUENCE)?;
            let permitted = both.optional(tag::constructed(0))?;
            let excluded = both.optional(tag::constructed(1))?;
            (outer.is_empty() && both.is_empty()).then_some((permitted, excluded))
        };
        let (permitted, excluded) = read().ok_or_else(|| fault("x509: invalid NameConstraints extension"))?;
        if [permitted, excluded].iter().flatten().all(Reader::is_empty) {
            return Err(fault("x509: empty name constraints extension"));
        }
        let subtrees = |reader: Option<Reader>| reader.map(Subtrees::read).transpose();
        self.permitted = subtrees(permitted)?.unwrap_or_default();
        self.excluded = subtrees(excluded)?.unwrap_or_default();
        self.critical = extension.critical;
        Ok(!self.permitted.others && !self.excluded.others)
    }
}

impl Subtrees {
    fn read(mut list: Reader) -> Result<Self, Failure> {
        let mut subtrees = Self::default();
        while !list.is_empty() {
            let base = list.inner(tag::SEQUENCE).and_then(|mut subtree| subtree.any());
            let base = base.ok_or_else(|| fault("x509: invalid NameConstraints extension"))?;
            match base.tag {
                _ if base.tag == tag::context(7) => subtrees.networks.push(Network::read(base.contents)?),
                _ if [1, 2, 6].map(tag::context).contains(&base.tag) => subtrees.text(base.tag, base.contents)?,
                _ => subtrees.others = true,
            }
        }
        Ok(subtrees)
    }

    fn text(&mut self, kind: u8, contents: &[u8]) -> Result<(), Failure> {
        let text = std::str::from_utf8(contents).ok().filter(|text| text.is_ascii());
        let text = text.ok_or_else(|| fault("x509: invalid constraint value: it must be ASCII"))?;
        let check = |valid: bool, what: &str| match valid {
            true => Ok(()),
            false => Err(fault(format!("x509: failed to parse {what} constraint {text:?}"))),
        };
        if kind == tag::context(2) {
            check(is_domain(text, true), "dnsName")?;
            self.domains.push(text.to_owned());
        } else if kind == tag::context(1) {
            let is_mailbox = text.contains('@') && Mailbox::parse(text).is_some();
            check(is_mailbox || !text.contains('@') && is_domain(text, true), "rfc822Name")?;
            self.emails.push(text.to_owned());
        } else {
            check(text.parse::<IpAddr>().is_err() && is_domain(text, true), "URI")?;
            self.uri_domains.push(text.to_owned());
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.domains.len() + self.networks.len() + self.emails.len() + self.uri_domains.len()
    }
}

impl Network {
    fn read(contents: &[u8]) -> Result<Self, Failure> {
        let length = contents.len();
        if length != 8 && length != 32 {
            return Err(fault(format!("x509: IP constraint contained value of length {length}")));
        }
        let (address, mask) = contents.split_at(length / 2);
        let ones: u32 = mask
            .iter()
            .take_while(|byte| **byte == 0xff)
            .count()
            .try_into()
            .unwrap_or(0);
        let rest = &mask[ones as usize..];
        let is_mask = match rest {
            [] => true,
            [first, zeros @ ..] => {
                first.leading_ones() + first.trailing_zeros() == 8 && zeros.iter().all(|byte| *byte == 0)
            }
        };
        if !is_mask {
            let shown: String = mask.iter().map(|byte| format!("{byte:02x}")).collect();
            return Err(fault(format!("x509: IP constraint contained invalid mask {shown}")));
        }
        Ok(Self {
            address: address.to_vec(),
            mask: mask.to_vec(),
        })
    }

    fn contains(&self, address: &[u8]) -> bool {
        let bits = self.address.iter().zip(&self.mask).zip(address);
        address.len() == self.address.len() && bits.into_iter().all(|((own, mask), byte)| own & mask == byte & mask)
    }
}

/// Whether a text is a domain, or a constraint on domains. Follows Go: domainNameValid.
pub(super) fn is_domain(text: &str, is_constraint: bool) -> bool {
    if text.is_empty() {
        return true;
    }
    let labels = match is_constraint {
        true => text.strip_prefix('.').unwrap_or(text),
        false => text,
    };
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|byte| (33..=126).contains(&byte));
    labels.split('.').all(is_label)
}

/// An address of electronic mail.
#[derive(Debug, PartialEq, Eq)]
struct Mailbox {
    local: Vec<u8>,
    domain: String,
}

impl Mailbox {
    /// Follows Go: parseRFC2821Mailbox.
    fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (local, rest) = match bytes.first()? {
            b'"' => quoted(&bytes[1..])?,
            _ => unquoted(bytes)?,
        };
        let domain = std::str::from_utf8(rest.strip_prefix(b"@")?).ok()?;
        let is_label = |label: &str| !label.is_empty() && label.bytes().all(|byte| (33..=126).contains(&byte));
        let valid = domain.is_empty() || domain.split('.').all(is_label);
        let domain = domain.to_ascii_lowercase();
        valid.then_some(Self { local, domain })
    }
}

fn quoted(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut local = Vec::new();
    let mut rest = bytes;
    loop {
        let (byte, behind) = rest.split_first()?;
        rest = behind;
        match byte {
            b'"' => return Some((local, rest)),
            b'\\' => {
                let (byte, behind) = rest.split_first()?;
                rest = behind;
                matches!(byte, 1..=9 | 11 | 12 | 14..=127).then(|| local.push(*byte))?;
            }
            1..=8 | 11 | 12 | 14..=33 | 35..=91 | 93..=127 => local.push(*byte),
            _ => return None,
        }
    }
}

fn unquoted(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut local = Vec::new();
    let mut rest = bytes;
    while let Some((byte, behind)) = rest.split_first() {
        if *byte == b'\\' {
            let (escaped, behind) = behind.split_first()?;
            local.push(*escaped);
            rest = behind;
        } else if byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(byte) {
            local.push(*byte);
            rest = behind;
        } else {
            break;
        }
    }
    let dots = |pair: &[u8]| pair == b"..";
    let wrong = local.is_empty() || local.starts_with(b".") || local.ends_with(b".") || local.windows(2).any(dots);
    (!wrong).then_some((local, rest))
}

/// Whether a domain is `constraint` or below it; behind a leading point only what is below it. Follows Go: dnsHasSuffix.
fn is_below(constraint: &str, domain: &str) -> bool {
    let Some(front) = domain.len().checked_sub(constraint.len()) else {
        return false;
    };
    let (before, end) = domain.as_bytes().split_at(front);
    let is_label = constraint.starts_with('.') || before.is_empty() || before.ends_with(b".");
    end.eq_ignore_ascii_case(constraint.as_bytes()) && is_label
}

/// Whether one of the constraints is about the domain. Follows Go: dnsConstraints.query.
fn any_domain(constraints: &[String], domain: &str, permitted: bool) -> bool {
    constraints.iter().any(|constraint| {
        let is_about = constraint.is_empty() || is_below(constraint, domain);
        // What is excluded are also wildcards that stand for the constraint itself.
        let parent = |name: &str| name.find('.').map(|at| name[at..].to_ascii_lowercase());
        let covers = || domain.starts_with('*') && parent(domain).is_some() && parent(domain) == parent(constraint);
        is_about || !permitted && covers()
    })
}

/// How many names are compared with constraints at most, for one certificate and the constraints of another.
const MOST_COMPARISONS: usize = 250_000;

/// Whether a chain's names are in its certificates' constraints; the leaf is first. Follows Go: checkChainConstraints.
pub(super) fn are_met(chain: &[&Certificate]) -> Result<bool, Failure> {
    for (at, certificate) in chain.iter().enumerate() {
        let above = chain[at + 1..].iter().map(|authority| &authority.known.constraints);
        let above = above.filter(|constraints| constraints.permitted.len() + constraints.excluded.len() > 0);
        let above: Vec<&NameConstraints> = above.collect();
        let has_names = certificate
            .extensions
            .iter()
            .any(|extension| *extension.id == [2, 5, 29, 17]);
        if above.is_empty() || !has_names {
            continue;
        }
        let Some(names) = Checked::of(certificate) else {
            return Ok(false);
        };
        for constraints in above {
            let comparisons = names.len() * (constraints.permitted.len() + constraints.excluded.len());
            if comparisons > MOST_COMPARISONS {
                let words = format!("more than {MOST_COMPARISONS} comparisons of names with constraints");
                return Err(Failure::Limit(words));
            }
            if !names.are_in(constraints) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The names of a certificate as constraints are applied to them.
struct Checked<'c> {
    domains: &'c [String],
    hosts: Vec<String>,
    mailboxes: Vec<Mailbox>,
    addresses: Vec<Vec<u8>>,
}

impl<'c> Checked<'c> {
    /// Nothing where a name has no form that constraints can be applied to.
    fn of(certificate: &'c Certificate) -> Option<Self> {
        let names = &certificate.known.names;
        let bytes = |address: &IpAddr| match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        Some(Self {
            domains: &names.domains,
            hosts: names.uris.iter().map(host).collect::<Option<_>>()?,
            mailboxes: names
                .emails
                .iter()
                .map(|email| Mailbox::parse(email))
                .collect::<Option<_>>()?,
            addresses: names.addresses.iter().map(bytes).collect(),
        })
    }

    fn len(&self) -> usize {
        self.domains.len() + self.hosts.len() + self.mailboxes.len() + self.addresses.len()
    }

    fn are_in(&self, constraints: &NameConstraints) -> bool {
        let (permitted, excluded) = (&constraints.permitted, &constraints.excluded);
        let networks = |networks: &[Network], address: &[u8]| networks.iter().any(|network| network.contains(address));
        let mailboxes = |emails: &[String], mailbox: &Mailbox, permitted| {
            let (exact, domains): (Vec<&String>, Vec<&String>) = emails.iter().partition(|email| email.contains('@'));
            let domains: Vec<String> = domains.into_iter().cloned().collect();
            let is_it = exact
                .iter()
                .any(|email| Mailbox::parse(email).as_ref() == Some(mailbox));
            is_it || any_domain(&domains, &mailbox.domain, permitted)
        };
        self.addresses.iter().all(|address| {
            (permitted.networks.is_empty() || networks(&permitted.networks, address))
                && !networks(&excluded.networks, address)
        }) && self.domains.iter().all(|domain| {
            is_domain(domain, false)
                && (permitted.domains.is_empty() || any_domain(&permitted.domains, domain, true))
                && !any_domain(&excluded.domains, domain, false)
        }) && self.hosts.iter().all(|host| {
            is_domain(host, false)
                && (permitted.uri_domains.is_empty() || any_domain(&permitted.uri_domains, host, true))
                && !any_domain(&excluded.uri_domains, host, false)
        }) && self.mailboxes.iter().all(|mailbox| {
            is_domain(&mailbox.domain, false)
                && (permitted.emails.is_empty() || mailboxes(&permitted.emails, mailbox, true))
                && !mailboxes(&excluded.emails, mailbox, false)
        })
    }
}

/// The host of a URI, which must be a name. Follows Go: parseURIs.
fn host(url: &Url) -> Option<String> {
    let host = String::from_utf8_lossy(url.host()).to_lowercase();
    let is_literal = host.starts_with('[');
    let name = match host.rsplit_once(':') {
        Some((name, _)) if !is_literal => name.to_owned(),
        _ => host,
    };
    (!name.is_empty() && !is_literal && name.parse::<IpAddr>().is_err()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_below_constraints_as_in_go() {
        assert!(is_below("example.com", "example.com") && is_below("example.com", "a.Example.com"));
        assert!(!is_below("example.com", "myexample.com") && !is_below("a.example.com", "example.com"));
        assert!(is_below(".example.com", "a.example.com") && !is_below(".example.com", "example.com"));
        let excluded = ["a.example.com".to_owned()];
        assert!(any_domain(&excluded, "*.example.com", false) && !any_domain(&excluded, "*.example.com", true));
    }

    #[test]
    fn mailboxes_are_read_as_go_reads_them() {
        for text in ["a@b.c", "a.b@c", "\"a b\"@c", "a\\@b@c"] {
            assert!(Mailbox::parse(text).is_some(), "{text}");
        }
        for text in ["", "a", ".a@b", "a..b@c", "a b@c", "a@b.", "\"a@c", "@c"] {
            assert!(Mailbox::parse(text).is_none(), "{text}");
        }
    }
}
