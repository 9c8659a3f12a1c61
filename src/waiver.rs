//! Waivers: findings that somebody accepted, with a reason. There is one mechanism, and several places to write one: the
//! settings, comments and annotations. What is waived is reported as waived, and a waiver that waives nothing is
//! reported too.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::finding::{Check, Finding, Input, Location, Resource, Step, Subject, Waived, WaiverSource};
use crate::pattern::{Pattern, Wildcard};
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

pub mod foreign;
pub mod inline;

/// A waiver: findings of some rules, in a part of the input.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Where it was written.
    pub source: WaiverSource,
    /// Which policies, by their ids.
    pub policy: Vec<Pattern>,
    /// Which findings of theirs.
    pub scope: Scope,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// Where it is.
    pub location: Location,
}

/// Which findings a waiver is for.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Those that fit all conditions of the settings.
    Matching(Box<Conditions>),
    /// Those on a line of a file.
    Line(Input, usize),
    /// Those of a file.
    File(Input),
    /// Those at a path of a document of a file, or below it.
    Below(Input, usize, Vec<Step>),
}

/// The conditions of an exemption: of each list one has to fit, and an empty one says nothing.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// Which kinds of objects.
    pub kind: Vec<Pattern>,
    /// Which names of objects.
    pub name: Vec<Pattern>,
    /// Which namespaces, as objects say them themselves.
    pub namespace: Vec<Pattern>,
    /// Which labels of objects, `key` or `key=value`.
    pub label: Vec<Pattern>,
    /// Which containers, by their names.
    pub container: Vec<Pattern>,
    /// Which files.
    pub file: Vec<Pattern>,
    /// Which messages.
    pub message: Vec<Wildcard>,
    /// Which paths in the document.
    pub path: Vec<Wildcard>,
    /// Which parts of Terraform, by their addresses.
    pub resource: Vec<Wildcard>,
}

impl Waiver {
    /// Whether it holds on a day.
    pub fn holds_on(&self, today: Date) -> bool {
        self.expires.is_none_or(|last| today <= last)
    }

    /// Whether it is for a finding, on whatever day.
    pub fn fits(&self, finding: &Finding) -> bool {
        self.policy.iter().any(|pattern| pattern.fits_path(&finding.rule)) && self.scope.has(finding)
    }

    /// Whether the finding's own file says it, and not the settings.
    pub fn is_inline(&self) -> bool {
        self.source != WaiverSource::Settings
    }

    /// The file whose findings it is for, where it is for those of one.
    fn file(&self) -> Option<&Input> {
        match &self.scope {
            Scope::Matching(_) => None,
            Scope::Line(file, _) | Scope::File(file) | Scope::Below(file, ..) => Some(file),
        }
    }
}

impl Scope {
    fn has(&self, finding: &Finding) -> bool {
        let place = &finding.location;
        match self {
            Self::Matching(conditions) => conditions.fit(finding),
            Self::Line(file, line) => place.file == *file && place.line == *line,
            Self::File(file) => place.file == *file,
            Self::Below(file, document, path) => {
                place.file == *file && place.document == *document && place.path.starts_with(path)
            }
        }
    }
}

impl Conditions {
    fn fit(&self, finding: &Finding) -> bool {
        let of_object = |patterns: &[Pattern], text: fn(&Resource) -> &str| {
            let object = finding.resource();
            any(patterns, |pattern| {
                object.is_some_and(|object| pattern.fits(text(object)))
            })
        };
        let labelled = |pattern: &Pattern| {
            let labels = finding.resource().into_iter().flat_map(|object| &object.labels);
            labels.into_iter().any(|(key, value)| {
                if pattern.text.contains('=') {
                    pattern.fits(&format!("{key}={value}"))
                } else {
                    pattern.fits(key)
                }
            })
        };
        let (container, address) = match &finding.subject {
            Some(Subject::Object { container, .. }) => (container.as_deref(), None),
            Some(Subject::Terraform { address, .. }) => (None, Some(address)),
            Some(Subject::Instruction { .. }) | None => (None, None),
        };
        let place = &finding.location;
        of_object(&self.kind, |object| &object.kind)
            && of_object(&self.name, |object| &object.name)
            && of_object(&self.namespace, |object| &object.namespace)
            && any(&self.label, labelled)
            && any(&self.container, |pattern| {
                container.is_some_and(|name| pattern.fits(name))
            })
            && any(&self.file, |pattern| pattern.fits_path(&place.file))
            && any(&self.message, |wanted| wanted.fits(&finding.message))
            && any(&self.path, |wanted| {
                wanted.fits_start(&place.path_text) || wanted.fits_start(&place.lasting_path)
            })
            && any(&self.resource, |wanted| {
                address.is_some_and(|address| wanted.fits_start(address))
            })
    }
}

/// The annotations of what is in a document, at whatever depth, each with the path of its object.
fn annotated(document: &Document) -> Vec<(Vec<Value>, &Value)> {
    let mut found = Vec::new();
    let mut left: Vec<(Vec<Value>, &Value)> = vec![(Vec::new(), &document.value)];
    while let Some((path, value)) = left.pop() {
        let below = |step: Value| [&path[..], &[step]].concat();
        match value {
            Value::Array(items) => {
                let items = (0i64..).zip(items.iter());
                left.extend(items.map(|(at, item)| (below(at.into()), item)));
            }
            Value::Object(entries) => {
                left.extend(entries.iter().map(|(key, value)| (below(key.clone()), value)));
            }
            _ => {}
        }
        let metadata = value.field("metadata");
        if let Some(said) = metadata.and_then(|metadata| metadata.field("annotations")) {
            found.push((path, said));
        }
    }
    found
}

/// Whether one of these fits, or there are none.
fn any<T>(patterns: &[T], fits: impl Fn(&T) -> bool) -> bool {
    patterns.is_empty() || patterns.iter().any(fits)
}

/// What the waivers of a run are for, by file, so that a finding meets only those that may be for it.
pub struct Waivers<'a> {
    all: &'a [Waiver],
    /// Rules that nothing in a file waives.
    forbidden: &'a [Pattern],
    /// The index of the first among the waivers of the run.
    first: usize,
    general: Vec<usize>,
    by_file: HashMap<&'a Input, Vec<usize>>,
}

/// What became of a waiver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// How many findings it waives.
    pub waived: usize,
    /// How many findings it is for and does not waive, since the settings forbid it.
    pub forbidden: usize,
    /// How many findings it was for while it held.
    pub expired: usize,
}

impl<'a> Waivers<'a> {
    /// These waivers, of which those in files do not hold for rules that fit `forbidden`.
    pub fn new(all: &'a [Waiver], forbidden: &'a [Pattern]) -> Self {
        let mut general = Vec::new();
        let mut by_file: HashMap<&Input, Vec<usize>> = HashMap::new();
        for (at, waiver) in all.iter().enumerate() {
            match waiver.file() {
                Some(file) => by_file.entry(file).or_default().push(at),
                None => general.push(at),
            }
        }
        Self {
            all,
            forbidden,
            first: 0,
            general,
            by_file,
        }
    }

    /// The same waivers, of which the first has this index among those of the run.
    pub fn from(self, first: usize) -> Self {
        Self { first, ..self }
    }

    /// Makes the findings that are waived on a day waived ones; gives what became of each waiver. Of several that are for
    /// a finding the first counts, those in its file before those of the settings.
    pub fn apply(&self, checks: &mut [Check], today: Date) -> Vec<Use> {
        let mut uses = vec![Use::default(); self.all.len()];
        if self.all.is_empty() {
            return uses;
        }
        for check in checks {
            for finding in std::mem::take(&mut check.findings) {
                match self.first(&finding, today, &mut uses) {
                    Some(at) => check.waived.push(self.waived(check.file.clone(), at, finding)),
                    None => check.findings.push(finding),
                }
            }
        }
        uses
    }

    fn first(&self, finding: &Finding, today: Date, uses: &mut [Use]) -> Option<usize> {
        for at in self.of(finding) {
            let waiver = &self.all[at];
            if !waiver.fits(finding) {
                continue;
            }
            if self.forbids(waiver, finding) {
                uses[at].forbidden += 1;
            } else if !waiver.holds_on(today) {
                uses[at].expired += 1;
            } else {
                uses[at].waived += 1;
                return Some(at);
            }
        }
        None
    }

    /// Whether a finding is waived, on whatever day.
    pub fn ever(&self, finding: &Finding) -> bool {
        let mut fitting = self.of(finding).map(|at| &self.all[at]);
        fitting.any(|waiver| waiver.fits(finding) && !self.forbids(waiver, finding))
    }

    fn of(&self, finding: &Finding) -> impl Iterator<Item = usize> + use<'a, '_> {
        let of_file = self.by_file.get(&finding.location.file);
        of_file.into_iter().flatten().chain(&self.general).copied()
    }

    fn forbids(&self, waiver: &Waiver, finding: &Finding) -> bool {
        waiver.is_inline() && self.forbidden.iter().any(|pattern| pattern.fits_path(&finding.rule))
    }

    fn waived(&self, file: Input, at: usize, finding: Finding) -> Waived {
        let waiver = &self.all[at];
        Waived {
            file,
            rule: finding.rule.clone(),
            namespace: finding.namespace.clone(),
            rule_name: finding.rule_name.clone(),
            reason: waiver.reason.clone(),
            source: waiver.source,
            waiver: Some(self.first + at),
            findings: vec![finding],
        }
    }
}
