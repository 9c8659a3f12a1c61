//! A run's outcome: what was evaluated, and what that concludes.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::{Finding, Input, Kind, Problem, RenderedBy, RuleInfo, Severity, Unevaluated, Waived, settle_identities};

/// What a run concluded; the numbers are public API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Judged, nothing at or above the failing level.
    Clean = 0,
    /// Judged, something at or above the failing level.
    Violations = 1,
    /// Error: usage, configuration, policy, parse or evaluation error, or nothing to evaluate.
    Unusable = 2,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// What a policy printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// The document that was evaluated, from 0, where its file holds several.
    pub document: Option<usize>,
    /// The text, after the policy's file and line: `policy/p.rego:4: text`.
    pub text: String,
}

/// What evaluating one file in one namespace gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// The file, or `Combined`.
    pub file: Input,
    /// The package whose rules were run.
    pub namespace: String,
    /// How many rules held.
    pub successes: usize,
    /// For each rule that applied to a document, by its id, whether it held on all of them; empty where nobody asked.
    pub held: BTreeMap<String, bool>,
    /// What was found; where the run compares with what was there before, only what is new.
    pub findings: Vec<Finding>,
    /// What was found and was there before: it fails no run.
    pub existing: Vec<Finding>,
    /// Which rules were waived.
    pub waived: Vec<Waived>,
    /// What the policies printed, in the order that they did.
    pub prints: Vec<Print>,
    /// How its rules were evaluated, where that was asked for: a text of several lines for each rule.
    pub traces: Vec<Print>,
}

impl Check {
    /// Takes in what the same package found in further documents of the file.
    pub fn absorb(&mut self, other: Self) {
        self.successes += other.successes;
        for (id, holds) in other.held {
            *self.held.entry(id).or_insert(true) &= holds;
        }
        self.findings.extend(other.findings);
        self.existing.extend(other.existing);
        self.waived.extend(other.waived);
        self.prints.extend(other.prints);
        self.traces.extend(other.traces);
    }

    /// All findings that are not waived, each with whether it is new where that is known.
    pub fn with_states(&self) -> Vec<(&Finding, State)> {
        let new = self.findings.iter().map(|finding| (finding, State::New));
        let existing = self.existing.iter().map(|finding| (finding, State::Existing));
        let mut all: Vec<(&Finding, State)> = new.chain(existing).collect();
        if !self.existing.is_empty() {
            all.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
        }
        all
    }

    /// The ids of the rules that applied to a document of the file and found nothing in it.
    pub fn passed(&self) -> impl Iterator<Item = &str> {
        let held = self.held.iter().filter(|(_, held)| **held);
        held.map(|(rule, _)| rule.as_str())
    }
}

/// Whether a finding was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not.
    New,
    /// It was.
    Existing,
}

impl State {
    /// The word that reports write.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
        }
    }
}

/// What a run was compared with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// What it was compared with: a reference with its commit, a directory, a baseline.
    pub with: Vec<String>,
    /// What was there before, and was evaluated again and not found.
    pub fixed: Vec<Finding>,
    /// The entries of the baseline that no finding is any more, in words.
    pub stale: Vec<String>,
}

/// How much was evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents that a policy is for.
    pub documents: usize,
    /// Files with such a document.
    pub files: usize,
    /// Rules run.
    pub rules: usize,
}

/// What the checks of a report are sorted by.
#[derive(Clone, Copy, Debug)]
pub enum Order<'a> {
    /// File, namespace, place.
    Place,
    /// As conftest: the namespaces as they were named, then the file; results as the rules gave them.
    Conftest(&'a [&'a str]),
}

impl Order<'_> {
    fn settle(self, checks: &mut [Check]) {
        match self {
            Self::Place => {
                for check in checks.iter_mut() {
                    for findings in [&mut check.findings, &mut check.existing] {
                        findings.sort_by(|a, b| a.order().cmp(&b.order()));
                        findings.dedup();
                    }
                    check.waived.sort_by(|a, b| a.order().cmp(&b.order()));
                }
                checks.sort_by(|a, b| (&a.file, &a.namespace).cmp(&(&b.file, &b.namespace)));
            }
            Self::Conftest(named) => {
                let rank = |name: &str| named.iter().position(|known| *known == name).unwrap_or(named.len());
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
        // The highest severity is the least.
        let is_severe = self.fail_level.is_none_or(|level| finding.severity <= level);
        is_severe && (finding.kind.fails() || self.fail_on_warn && finding.kind.can_fail())
    }
}

/// Settles what the findings of checks are known by.
pub fn settle_checks(checks: &mut [Check]) {
    for check in checks {
        // Setting a finding aside leaves what it and others are known by as it is.
        let waived = check.waived.iter_mut().flat_map(|waived| &mut waived.findings);
        settle_identities(check.findings.iter_mut().chain(&mut check.existing).chain(waived));
    }
}

/// A run's outcome, settled once: sorted, counted, with its status.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was evaluated, by file and namespace.
    pub checks: Vec<Check>,
    /// What could not be evaluated.
    pub problems: Vec<Problem>,
    /// What the rules that were run say of themselves, by their ids.
    pub rules: BTreeMap<String, RuleInfo>,
    /// How much was evaluated.
    pub counts: Counts,
    /// Which policies were not evaluated, and which files no policy applies to: they are no part of what held.
    pub unevaluated: Unevaluated,
    /// What it was compared with, where it was.
    pub comparison: Option<Comparison>,
    /// What programs rendered, sorted.
    pub rendered: Vec<RenderedBy>,
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
        settle_checks(&mut checks);
        Problem::settle(&mut problems);
        let mut report = Self {
            checks,
            problems,
            rules,
            counts,
            unevaluated: Unevaluated::default(),
            comparison: None,
            rendered: Vec::new(),
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

    /// The report with what took no part in the verdict.
    pub fn with_unevaluated(self, unevaluated: Unevaluated) -> Self {
        Self { unevaluated, ..self }
    }

    /// The report with what it was compared with.
    pub fn with_comparison(self, mut comparison: Option<Comparison>) -> Self {
        if let Some(comparison) = &mut comparison {
            comparison.fixed.sort_by(|a, b| a.order().cmp(&b.order()));
            settle_identities(comparison.fixed.iter_mut());
        }
        Self { comparison, ..self }
    }

    /// The report with what programs rendered.
    pub fn with_rendered(self, mut rendered: Vec<RenderedBy>) -> Self {
        rendered.sort();
        Self { rendered, ..self }
    }

    /// A run that these problems kept from evaluating anything.
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

    /// How many findings were there before.
    pub fn existing(&self) -> usize {
        self.checks.iter().map(|check| check.existing.len()).sum()
    }

    /// All findings, by check; where the run compares with what was there before, only those that are new.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(|check| &check.findings)
    }

    /// How many findings are of the rules that fail a run: `deny` and `violation`.
    pub fn failures(&self) -> usize {
        self.findings().filter(|finding| finding.kind.fails()).count()
    }

    /// How many findings are warnings.
    pub fn warnings(&self) -> usize {
        self.findings().filter(|finding| finding.kind == Kind::Warn).count()
    }

    /// How many findings are notes, which never fail the run.
    pub fn notes(&self) -> usize {
        self.findings().filter(|finding| finding.kind == Kind::Note).count()
    }

    /// How many rules were waived by an exception.
    pub fn waived(&self) -> usize {
        self.checks.iter().map(|check| check.waived.len()).sum()
    }

    /// How many rules held.
    pub fn successes(&self) -> usize {
        self.checks.iter().map(|check| check.successes).sum()
    }
}
