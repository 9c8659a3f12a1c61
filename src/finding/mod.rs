//! What a run found, as plain owned data: no colours, no parser types. Lines and columns are 1-based everywhere.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

mod input;
mod location;
mod problem;
mod rendered;
mod report;
pub mod skipped;
mod subject;

pub use input::Input;
pub use location::{Confidence, Line, Location, Related, Step, path_text};
pub use problem::{NotConfigured, Problem, Unevaluated, Unmatched};
pub use rendered::RenderedBy;
pub use report::{Check, Counts, Order, Print, Report, Status, Verdict};
pub use skipped::{Reason, Skipped};
pub use subject::{Resource, Subject};

/// Which rule a finding comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `deny`, `deny_*`: fails the run.
    Deny,
    /// `violation`, `violation_*`: fails the run.
    Violation,
    /// `warn`, `warn_*`: fails the run on request.
    Warn,
    /// What a constraint of Gatekeeper finds that is tried out (`dryrun`): never fails the run.
    Note,
}

impl Kind {
    /// The word that rules of this kind start with.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Violation => "violation",
            Self::Warn => "warn",
            Self::Note => "note",
        }
    }

    /// Whether a finding of this kind fails the run by itself.
    pub fn fails(self) -> bool {
        matches!(self, Self::Deny | Self::Violation)
    }

    /// Whether a finding of this kind can fail the run on request.
    pub fn can_fail(self) -> bool {
        self != Self::Note
    }
}

/// How much a finding matters, from the policy's METADATA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To be fixed before anything else.
    Critical,
    /// The default of `deny` and `violation`.
    High,
    /// The default of `warn`.
    Medium,
    /// Worth fixing.
    Low,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Every severity, the most severe first.
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

/// One violation of one rule at one location.
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
    /// The location that the policy itself reported (`_loc`), as it reported it.
    pub reported_location: Option<Json>,
    /// What to do about it, from the policy's METADATA.
    pub remediation: Option<String>,
    /// What it is about, where that has a name.
    pub subject: Option<Subject>,
    /// Of several findings of one rule at one path of one file, all but the first by their message have a number here:
    /// which one of those with the same message it is, from 1. The report settles it.
    pub further: Option<usize>,
    /// The environment that its file was rendered for, where there are several or it has a name.
    pub environment: Option<String>,
    /// Further locations that belong to it: the line that was rendered, the value that was set.
    pub related: Vec<Related>,
}

impl Finding {
    /// The Kubernetes object that it is about, where it is about one.
    pub fn resource(&self) -> Option<&Resource> {
        match &self.subject {
            Some(Subject::Object { resource, .. }) => Some(resource),
            _ => None,
        }
    }

    /// What the finding is known by from run to run: the rule, what it is about and the path in it. It has no line, no
    /// index of an item that has a name, and no message, so it survives edits elsewhere and another version of an image.
    /// Only what else the rule finds at the same path is distinguished by its message.
    pub fn fingerprint(&self) -> String {
        let (rule, subject, path) = self.identity();
        let environment = self.environment.as_deref();
        let place: Vec<&str> = [self.namespace.as_str(), rule, &subject, path]
            .into_iter()
            .chain(environment)
            .collect();
        match self.further {
            None => digest(&place),
            Some(number) => digest(&[&place[..], &[&self.message, &number.to_string()]].concat()),
        }
    }

    /// The rule, what it is about and the path in it.
    fn identity(&self) -> (&str, String, &str) {
        let subject = self.subject.as_ref().map(Subject::identity).unwrap_or_default();
        (&self.rule_name, subject, &self.location.lasting_path)
    }

    /// What findings are sorted by: the location, then the rule and the message.
    fn order(&self) -> impl Ord + '_ {
        (
            &self.location,
            self.kind,
            &self.rule,
            &self.rule_name,
            &self.message,
            &self.environment,
        )
    }
}

/// Numbers the findings that one rule has at one path of one file, except the first of them by its message: its
/// fingerprint does not depend on whether there are others.
fn settle_identities<'a>(findings: impl Iterator<Item = &'a mut Finding>) {
    let mut paths: HashMap<(Input, String), Vec<&mut Finding>> = HashMap::new();
    for finding in findings {
        finding.further = None;
        let path = (finding.location.file.clone(), finding.fingerprint());
        paths.entry(path).or_default().push(finding);
    }
    for mut findings in paths.into_values() {
        findings.sort_by(|a, b| (&a.message, &a.location).cmp(&(&b.message, &b.location)));
        for at in 1..findings.len() {
            let before = &*findings[at - 1];
            let is_same = before.message == findings[at].message;
            findings[at].further = Some(before.further.filter(|_| is_same).unwrap_or(0) + 1);
        }
    }
}

/// A digest of strings that no other strings have, in 32 hexadecimal digits.
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let bytes = hash.finalize();
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A rule that was waived, with what it found.
#[derive(Clone, Debug, PartialEq)]
pub struct Waived {
    /// The file concerned.
    pub file: Input,
    /// The rule's id.
    pub rule: String,
    /// The package of the rule.
    pub namespace: String,
    /// The rule's name in its package.
    pub rule_name: String,
    /// Why: of an `exception`, the query that held, in conftest's words.
    pub reason: String,
    /// What the rule found: nothing where there was nothing to waive.
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
    /// How much its findings matter: of several rules under one id, the most severe.
    pub severity: Option<Severity>,
    /// Whether the profile takes it to warn only: outputs for people may say many of its findings in one line.
    pub advises: bool,
}
