//! What a run found, as plain owned data: no colours, no parser types. Lines and columns are 1-based everywhere.

use std::collections::BTreeMap;
use std::fmt;
use std::process::ExitCode;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

/// What a run concluded; the numbers are public API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Judged, nothing at or above the failing level.
    Clean = 0,
    /// Judged, something at or above the failing level.
    Violations = 1,
    /// Could not judge: usage, configuration, policy, parse or evaluation error, or nothing to judge.
    Unusable = 2,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

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

/// How surely a location is the place at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The value at fault.
    Exact,
    /// Its nearest existing parent.
    Near,
    /// Only the document is known.
    Document,
}

impl Confidence {
    /// The word that reports write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Near => "near",
            Self::Document => "document",
        }
    }
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file's path as it was given; `-` is standard input.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column, in characters.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_column: usize,
    /// The document's position in its file, from 0.
    pub document: usize,
    /// The path into the document, readable: `spec.containers[0].image`.
    pub path_text: String,
    /// How surely this is the place.
    pub confidence: Confidence,
    /// The lines around the place.
    pub excerpt: Vec<Line>,
    /// The path into the document: keys and indexes.
    pub path: Vec<Step>,
    /// How many of the path's last steps are missing from the document.
    pub missing: usize,
    /// The path with items by their name where they have one: `spec.containers[web].image`. It outlives reordering.
    pub lasting_path: String,
}

impl Location {
    /// What is missing at the place, as people write it: `resources.limits`.
    pub fn missing_text(&self) -> Option<String> {
        let missing = self.path.get(self.path.len().checked_sub(self.missing)?..)?;
        matches!(missing.first(), Some(Step::Key(_))).then(|| path_text(missing))
    }
}

/// A path as people write it: `spec.containers[0].image`, odd keys in brackets.
pub fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) if is_plain(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Key(key) => text.push_str(&format!("[{}]", Json::from(key.as_str()))),
        }
    }
    text
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))
}

/// A line of a file, shown around a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Its number.
    pub number: usize,
    /// Its text without the line break.
    pub text: String,
}

/// A step of a path: a key of an object, or an index of an array.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An index.
    Index(usize),
    /// A key.
    Key(String),
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

/// What a policy printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// The document that was judged, from 0, where its file holds several.
    pub document: Option<usize>,
    /// The text, after the policy's file and line: `policy/p.rego:4: text`.
    pub text: String,
}

/// What judging one file in one namespace gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// The file, or `Combined`.
    pub file: String,
    /// The package whose rules were run.
    pub namespace: String,
    /// How many rules held.
    pub successes: usize,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Which rules were set aside.
    pub waived: Vec<Waived>,
    /// What the policies printed, in the order that they did.
    pub prints: Vec<Print>,
}

/// Something that could not be judged, with its next step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where: `file:line:col`, as far as known.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The range at fault with the lines around it, where there is a text to show.
    pub excerpt: Option<Box<Location>>,
}

impl Problem {
    /// Puts problems in the order of their files and places; what is said twice is left out.
    pub fn settle(problems: &mut Vec<Self>) {
        problems.sort_by(|a, b| a.order().cmp(&b.order()));
        problems.dedup();
    }

    fn order(&self) -> impl Ord + '_ {
        let at = self.excerpt.as_deref();
        let file = at.map_or(&self.place, |at| &at.file);
        (file, at.map(|at| (at.line, at.column)), &self.place, &self.message)
    }
}

/// A policy that was chosen and not run, since it lacks a parameter that it cannot do without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotConfigured {
    /// The policy's id.
    pub policy: String,
    /// The parameters that it lacks, such as `params.images.signed.digests`.
    pub parameters: Vec<String>,
}

/// Which of the chosen policies judged nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unjudged {
    /// Those that lack a parameter, sorted by id.
    pub not_configured: Vec<NotConfigured>,
    /// The ids of those that no document was of a kind or format for, sorted.
    pub vacuous: Vec<String>,
}

/// How much was judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents judged.
    pub documents: usize,
    /// Files judged.
    pub files: usize,
    /// Rules run.
    pub rules: usize,
    /// Files passed over, since no parser knows them.
    pub skipped: usize,
}

/// What the checks of a report are sorted by.
#[derive(Clone, Copy, Debug)]
pub enum Order<'a> {
    /// File, namespace, place.
    Place,
    /// As conftest: the namespaces as they were named, then the file; results as the rules gave them.
    Conftest(&'a [String]),
}

impl Order<'_> {
    fn settle(self, checks: &mut [Check]) {
        match self {
            Self::Place => {
                for check in checks.iter_mut() {
                    check.findings.sort_by(|a, b| a.order().cmp(&b.order()));
                    check.findings.dedup();
                    check.waived.sort_by(|a, b| a.order().cmp(&b.order()));
                }
                checks.sort_by(|a, b| (&a.file, &a.namespace).cmp(&(&b.file, &b.namespace)));
            }
            Self::Conftest(named) => {
                let rank = |name: &str| named.iter().position(|known| known == name).unwrap_or(named.len());
                checks.sort_by_key(|check| (rank(&check.namespace), check.namespace.clone(), check.file.clone()));
            }
        }
    }
}

/// What makes a run fail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verdict {
    /// Warnings fail the run too.
    pub fail_on_warn: bool,
    /// The lowest severity that fails the run; `None` where any does.
    pub fail_level: Option<Severity>,
    /// Nothing that was found fails the run.
    pub no_fail: bool,
}

impl Verdict {
    /// Whether a finding fails the run, as far as `no_fail` does not forgive it.
    ///
    /// The rule's kind decides whether it can; the level only lets the less grave pass.
    pub fn fails(self, finding: &Finding) -> bool {
        // The gravest severity is the least.
        let grave = self.fail_level.is_none_or(|level| finding.severity <= level);
        grave && (finding.kind.fails() || self.fail_on_warn)
    }
}

/// A run's outcome, settled once: sorted, counted, with its status.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was judged, by file and namespace.
    pub checks: Vec<Check>,
    /// What could not be judged.
    pub problems: Vec<Problem>,
    /// What the rules that were run say of themselves, by their ids.
    pub rules: BTreeMap<String, RuleInfo>,
    /// How much was judged.
    pub counts: Counts,
    /// Which policies judged nothing: they are no part of what held.
    pub unjudged: Unjudged,
    /// What made the run fail.
    pub verdict: Verdict,
    /// What the run concluded.
    pub status: Status,
}

impl Report {
    /// A report of these checks and problems: sorted, duplicates dropped.
    pub fn new(
        mut checks: Vec<Check>,
        mut problems: Vec<Problem>,
        rules: BTreeMap<String, RuleInfo>,
        counts: Counts,
        order: Order,
        verdict: Verdict,
    ) -> Self {
        order.settle(&mut checks);
        Problem::settle(&mut problems);
        let mut report = Self {
            checks,
            problems,
            rules,
            counts,
            unjudged: Unjudged::default(),
            verdict,
            status: Status::Unusable,
        };
        if report.problems.is_empty() {
            report.status = if report.has_failed() && !verdict.no_fail {
                Status::Violations
            } else {
                Status::Clean
            };
        }
        report
    }

    /// The report with the policies that judged nothing.
    pub fn with_unjudged(self, unjudged: Unjudged) -> Self {
        Self { unjudged, ..self }
    }

    /// A run that these problems kept from judging anything.
    pub fn unusable(problems: Vec<Problem>, verdict: Verdict) -> Self {
        Self::new(
            Vec::new(),
            problems,
            BTreeMap::new(),
            Counts::default(),
            Order::Place,
            verdict,
        )
    }

    /// Whether this finding fails the run, whatever `--no-fail` forgives.
    pub fn fails(&self, finding: &Finding) -> bool {
        self.verdict.fails(finding)
    }

    /// Whether any finding fails the run, whatever `--no-fail` forgives.
    pub fn has_failed(&self) -> bool {
        self.findings().any(|finding| self.fails(finding))
    }

    /// How many failures and warnings the failing level lets pass.
    pub fn below_level(&self) -> usize {
        let level = self.verdict.fail_level;
        self.findings()
            .filter(|finding| level.is_some_and(|level| finding.severity > level))
            .count()
    }

    /// Whether rules of the failing kinds found something at or above the failing level.
    pub fn has_failures(&self) -> bool {
        self.findings()
            .any(|finding| finding.kind.fails() && self.fails(finding))
    }

    /// All findings, by check.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(|check| &check.findings)
    }

    /// How many findings are of the rules that fail a run: `deny` and `violation`.
    pub fn failures(&self) -> usize {
        self.findings().filter(|finding| finding.kind.fails()).count()
    }

    /// How many findings are warnings.
    pub fn warnings(&self) -> usize {
        self.findings().filter(|finding| !finding.kind.fails()).count()
    }

    /// How many rules were set aside by an exception.
    pub fn waived(&self) -> usize {
        self.checks.iter().map(|check| check.waived.len()).sum()
    }

    /// How many rules held.
    pub fn successes(&self) -> usize {
        self.checks.iter().map(|check| check.successes).sum()
    }
}
