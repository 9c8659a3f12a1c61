//! What other systems know a finding by from run to run.

use std::collections::HashMap;

use crate::finding::{Finding, digest};

/// Gives each finding of a report an identity of its own, without line numbers, so that an edit above it leaves it be.
#[derive(Default)]
pub(super) struct Identities {
    counts: HashMap<String, usize>,
}

impl Identities {
    /// The identity of the next finding; of several that are alike, the later ones are counted.
    pub(super) fn of(&mut self, finding: &Finding, file: &str) -> String {
        let identity = digest(&[file, &finding.fingerprint()]);
        let count = self.counts.entry(identity.clone()).or_default();
        *count += 1;
        match *count {
            1 => identity,
            later => digest(&[&identity, &later.to_string()]),
        }
    }
}
