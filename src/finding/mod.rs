//! What a run found, as plain owned data: no colours, no parser types. Lines and columns are 1-based everywhere.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

mod location;
mod problem;
mod report;
pub mod skipped;

pub use location::{Confidence, Line, Location, STDIN, Step, path_text};
pub use problem::{NotConfigured, Problem, Unjudged, Unmatched};
pub use report::{Check, Counts, Order, Print, Report, Status, Verdict};
pub use skipped::{Reason, Skipped};

/// Which rule a finding comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `deny`, `deny_*`: fails the run.
    Deny,
    /// `violation`, `violation_*`: fails the run.
    Violation,
    /// `warn`, `warn_*`: fails the run on request.
    Warn,
}

impl Kind {
    /// The word that rules of this kind start with.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Violation => "violation",
            Self::Warn => "warn",
        }
    }

    /// Whether a finding of this kind fails the run by itself.
    pub fn fails(self) -> bool {
        self != Self::Warn
    }
}

/// How much a finding matters, from the policy's METADATA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To be mended before anything else.
    Critical,
    /// The default of `deny` and `violation`.
    High,
    /// The default of `warn`.
    Medium,
    /// Worth mending.
    Low,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The severity's name, as METADATA and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }

    /// The severity of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// A Kubernetes object, by what the cluster tells it from others.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty where it says none.
    pub namespace: String,
    /// Its name, or the start of the name that the cluster will complete; empty where it says neither.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// `Deployment shop/web`; what the object does not say is left out.
impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.kind)?;
        match (self.namespace.as_str(), self.name.as_str()) {
            ("", "") => Ok(()),
            ("", name) => write!(out, " {name}"),
            (namespace, name) => write!(out, " {namespace}/{name}"),
        }
    }
}

/// One violation of one rule at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Where it is.
    pub location: Location,
    /// Which sort of rule found it.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// The rule's id: `kubernetes/images/mutable_tag`, `main/deny_root`.
    pub rule: String,
    /// The package of the rule, without `data.`.
    pub namespace: String,
    /// The rule's name in its package.
    pub rule_name: String,
    /// What is wrong, as the policy words it.
    pub message: String,
    /// What else the policy said of it.
    pub metadata: Map<String, Json>,
    /// The place that the policy itself reported (`_loc`), as it reported it.
    pub reported_location: Option<Json>,
    /// What to do about it, from the policy's METADATA.
    pub remediation: Option<String>,
    /// The Kubernetes object that it is about, where it is about one.
    pub resource: Option<Resource>,
}

impl Finding {
    /// What the finding is known by from run to run: the rule, the object, the path in it and the message. It holds no
    /// line and no index of an item that has a name, so an edit elsewhere in the file leaves it as it is. Two findings of
    /// one file can have the same, where items have the same name.
    pub fn fingerprint(&self) -> String {
        let resource = self.resource.as_ref().map(ToString::to_string).unwrap_or_default();
        digest(&[
            &self.namespace,
            &self.rule_name,
            &resource,
            &self.location.lasting_path,
            &self.message,
        ])
    }

    /// What findings are sorted by: the place, then the rule and the message.
    fn order(&self) -> impl Ord + '_ {
        (&self.location, self.kind, &self.rule, &self.rule_name, &self.message)
    }
}

/// A digest of texts that no other texts have, in 32 hexadecimal digits.
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let bytes = hash.finalize();
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A rule that was set aside, with what it found.
#[derive(Clone, Debug, PartialEq)]
pub struct Waived {
    /// The file concerned.
    pub file: String,
    /// The rule's id.
    pub rule: String,
    /// The package of the rule.
    pub namespace: String,
    /// The rule's name in its package.
    pub rule_name: String,
    /// Why: of an `exception`, the query that held, in conftest's words.
    pub reason: String,
    /// What the rule found: nothing where there was nothing to set aside.
    pub findings: Vec<Finding>,
}

impl Waived {
    /// What they are sorted by: the rule, the reason, then the first finding.
    fn order(&self) -> impl Ord + '_ {
        let first = self.findings.first().map(Finding::order);
        (&self.file, &self.namespace, &self.rule_name, &self.reason, first)
    }
}

/// What a rule says of itself in METADATA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleInfo {
    /// What is wrong, in a few words.
    pub title: Option<String>,
    /// Why that matters.
    pub description: Option<String>,
    /// What to do about it.
    pub remediation: Option<String>,
    /// Where to read on.
    pub links: Vec<String>,
    /// How much its findings matter: of several rules under one id, the gravest.
    pub severity: Option<Severity>,
}
