//! What other systems know a finding by from run to run.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::finding::Finding;

/// Gives each finding of a report an identity of its own, without line numbers, so that an edit above it leaves it be.
#[derive(Default)]
pub(super) struct Identities {
    given: HashMap<String, usize>,
}

impl Identities {
    /// The identity of the next finding; of several that are alike, the later ones are counted.
    pub(super) fn of(&mut self, finding: &Finding, file: &str) -> String {
        let identity = digest(&[file, &fingerprint(finding)]);
        let count = self.given.entry(identity.clone()).or_default();
        *count += 1;
        match *count {
            1 => identity,
            later => digest(&[&identity, &later.to_string()]),
        }
    }
}

/// The namespace, the rule, the object, the path in it, and the message.
fn fingerprint(finding: &Finding) -> String {
    let resource = finding.resource.as_ref().map(ToString::to_string).unwrap_or_default();
    digest(&[
        &finding.namespace,
        &finding.rule_name,
        &resource,
        &finding.location.path_text,
        &finding.message,
    ])
}

/// A digest of texts that no other texts have.
pub(super) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
