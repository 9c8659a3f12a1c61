//! Whether certificates make a chain from a root to a leaf.
//!
//! Follows Go's crypto/x509: verify.go.

use std::net::IpAddr;

use super::super::{Context, Failure};
use super::certificate::Certificate;
use super::constraints;

/// How a chain is verified.
#[derive(Debug)]
pub(super) struct Options {
    /// The name that the leaf must be for; empty for any.
    pub(super) name: String,
    /// The time, in nanoseconds since 1970.
    pub(super) time: i128,
    /// The usages of which one must be allowed, by Go's numbers.
    pub(super) usages: Vec<i64>,
}

/// How many signatures are checked at most.
const MOST_SIGNATURES: usize = 100;
/// How many candidates of chains are kept at most.
const MOST_CHAINS: usize = 1000;
/// The usage that stands for all.
const ANY: i64 = 0;
/// The usage that is asked for if none is: that of servers.
const SERVER: i64 = 1;

/// The chain from the last certificate, the leaf, to the first, the root, through those between; nothing if there is none.
///
/// Follows Go's crypto/x509: Certificate.Verify.
pub(super) fn verify<'c, 'a>(
    context: &Context,
    certificates: &'c [Certificate<'a>],
    options: &Options,
) -> Result<Option<Vec<&'c Certificate<'a>>>, Failure> {
    let [root, intermediates @ .., leaf] = certificates else {
        return Ok(None);
    };
    if !is_valid(leaf, &[], options) || !options.name.is_empty() && !is_for(leaf, &options.name) {
        return Ok(None);
    }
    let mut search = Search {
        context,
        root,
        intermediates,
        options,
        signatures: 0,
        chains: Vec::new(),
    };
    if root.raw == leaf.raw {
        search.chains.push(vec![leaf]);
    } else {
        search.extend(&[leaf])?;
    }
    for chain in search.chains {
        if has_policy_constraints(&chain) {
            let words = "kpolicy does not verify chains with policy constraints or policy mappings";
            return Err(Failure::Limit(words.to_owned()));
        }
        let usages = &options.usages;
        if (usages.contains(&ANY) || allows(&chain, usages)) && constraints::are_met(&chain)? {
            return Ok(Some(chain));
        }
    }
    Ok(None)
}

struct Search<'s, 'c, 'a> {
    context: &'s Context,
    root: &'c Certificate<'a>,
    intermediates: &'c [Certificate<'a>],
    options: &'s Options,
    signatures: usize,
    chains: Vec<Vec<&'c Certificate<'a>>>,
}

impl<'c, 'a> Search<'_, 'c, 'a> {
    /// Finds the chains that begin with this one. A chain is no longer than there are certificates, and every step counts
    /// as a signature. Follows Go's crypto/x509: buildChains.
    fn extend(&mut self, chain: &[&'c Certificate<'a>]) -> Result<(), Failure> {
        let child = *chain.last().expect("a chain has a leaf");
        let mut parents: Vec<(&'c Certificate<'a>, bool)> = Vec::new();
        parents.extend(issuers(child, std::slice::from_ref(self.root)).map(|parent| (parent, true)));
        parents.extend(issuers(child, self.intermediates).map(|parent| (parent, false)));
        for (parent, is_root) in parents {
            self.signatures += 1;
            if self.signatures > MOST_SIGNATURES || self.chains.len() > MOST_CHAINS {
                return Ok(());
            }
            self.context.check_time()?;
            if is_in(parent, chain) || !signed(child, parent)? || !is_valid(parent, chain, self.options) {
                continue;
            }
            if !is_root && !parent.known.basic.is_some_and(|(is_authority, _)| is_authority) {
                continue;
            }
            let longer = [chain, &[parent]].concat();
            match is_root {
                true => self.chains.push(longer),
                false => self.extend(&longer)?,
            }
        }
        Ok(())
    }
}

/// Those that may have issued a certificate, the most plausible first. Follows Go's crypto/x509: findPotentialParents.
fn issuers<'c, 'a>(
    child: &Certificate,
    pool: &'c [Certificate<'a>],
) -> impl Iterator<Item = &'c Certificate<'a>> + use<'c, 'a> {
    let wanted = child.known.authority_key_id.as_deref().unwrap_or_default();
    let rank = |parent: &&Certificate| {
        let own = parent.known.subject_key_id.as_deref().unwrap_or_default();
        match own == wanted {
            true => 0,
            false if own.is_empty() || wanted.is_empty() => 1,
            false => 2,
        }
    };
    let mut found: Vec<&Certificate> = Vec::new();
    for parent in pool.iter().filter(|parent| parent.raw_subject == child.raw_issuer) {
        // A pool has each certificate once.
        if !found.iter().any(|known| known.raw == parent.raw) {
            found.push(parent);
        }
    }
    found.sort_by_key(rank);
    found.into_iter()
}

/// Whether a certificate, or another one for the same subject and key, is in a chain. Follows Go: alreadyInChain.
fn is_in(candidate: &Certificate, chain: &[&Certificate]) -> bool {
    fn alternative<'a>(certificate: &Certificate<'a>) -> Option<&'a [u8]> {
        let mut extensions = certificate.extensions.iter();
        extensions
            .find(|extension| *extension.id == [2, 5, 29, 17])
            .map(|extension| extension.value)
    }
    for certificate in chain {
        if candidate.raw_subject != certificate.raw_subject || candidate.key.raw != certificate.key.raw {
            continue;
        }
        match (alternative(candidate), alternative(certificate)) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other => return true,
            (Some(_), Some(_)) => {}
            _ => return false,
        }
    }
    false
}

/// Whether `parent` may sign certificates and signed this one. Follows Go: CheckSignatureFrom.
fn signed(child: &Certificate, parent: &Certificate) -> Result<bool, Failure> {
    const SIGNS_CERTIFICATES: i64 = 1 << 5;
    let may = match parent.known.basic {
        None => parent.version != 3,
        Some((is_authority, _)) => is_authority,
    };
    let usage = parent.known.key_usage;
    if !may || usage != 0 && usage & SIGNS_CERTIFICATES == 0 {
        return Ok(false);
    }
    match &parent.key.key {
        Some(key) => child.algorithm.verifies(key, child.signed, &child.signature),
        None => Ok(false),
    }
}

/// Whether a certificate is valid as the next one of a chain. Follows Go: isValid.
fn is_valid(certificate: &Certificate, chain: &[&Certificate], options: &Options) -> bool {
    let known = &certificate.known;
    let between = i64::try_from(chain.len()).unwrap_or(i64::MAX) - 1;
    let too_long = known
        .basic
        .is_some_and(|(_, longest)| longest >= 0 && between > longest);
    let (from, to) = (
        certificate.not_before.nanoseconds(),
        certificate.not_after.nanoseconds(),
    );
    known.unhandled.is_empty() && (from..=to).contains(&options.time) && !too_long
}

/// Follows Go: policiesValid, for chains to which it has nothing to apply.
fn has_policy_constraints(chain: &[&Certificate]) -> bool {
    chain.len() > 1
        && chain[..chain.len() - 1].iter().any(|certificate| {
            let known = &certificate.known;
            known.require_explicit_policy.is_some() || known.mappings.is_some()
        })
}

/// Whether every certificate of a chain allows one of the usages. Follows Go: checkChainForKeyUsage.
fn allows(chain: &[&Certificate], usages: &[i64]) -> bool {
    let mut left = if usages.is_empty() {
        vec![SERVER]
    } else {
        usages.to_vec()
    };
    for certificate in chain.iter().rev() {
        let known = &certificate.known;
        if known.usages.is_empty() && known.unknown_usages.is_empty() || known.usages.contains(&ANY) {
            continue;
        }
        left.retain(|usage| known.usages.contains(usage));
        if left.is_empty() {
            return false;
        }
    }
    true
}

/// Whether a certificate is for a host. Follows Go: VerifyHostname.
fn is_for(certificate: &Certificate, name: &str) -> bool {
    let names = &certificate.known.names;
    let bare = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(name);
    if let Ok(address) = bare.parse::<IpAddr>() {
        let plain = |address: &IpAddr| address.to_canonical();
        return names.addresses.iter().any(|own| plain(own) == plain(&address));
    }
    let name = name.to_ascii_lowercase();
    let host = name.strip_suffix('.').unwrap_or(&name);
    names.domains.iter().any(|pattern| {
        let pattern = pattern.to_ascii_lowercase();
        match is_host(host, false) && is_host(&pattern, true) {
            true => matches(&pattern, host),
            false => !matches!(&*pattern, "" | ".") && pattern == name,
        }
    })
}

fn is_host(host: &str, is_pattern: bool) -> bool {
    let is_label = |(at, label): (usize, &str)| {
        let is_letter =
            |(at, byte): (usize, u8)| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' && at > 0;
        is_pattern && at == 0 && label == "*" || !label.is_empty() && label.bytes().enumerate().all(is_letter)
    };
    host != "*" && host.split('.').enumerate().all(is_label)
}

fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    let alike = |(at, (pattern, host)): (usize, (&&str, &&str))| at == 0 && *pattern == "*" || pattern == host;
    pattern.len() == host.len() && pattern.iter().zip(&host).enumerate().all(alike)
}
