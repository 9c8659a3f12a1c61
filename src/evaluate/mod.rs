//! Documents through rules: one evaluator per thread, findings with their locations out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::engine::{Candidate, EngineError, ErrorKind, Evaluated, Worker};
use crate::finding::{Check, Finding, Input, Print, Problem, Waived, WaiverSource};
use crate::gatekeeper::cluster::Cluster;
use crate::gatekeeper::evaluate::{Reviewed, Reviewer};
use crate::pattern::is_below;
use crate::placing::Places;
use crate::policy::{CONFIGURATION, INVENTORY, PolicySet, Rule, exceptions};
use crate::problem;
use crate::results::{self, NotResults, Violation};
use crate::settings::Trace;
use crate::subject::Subject;
use crate::terraform::{self, Resolved};
use crate::tracing::folded;
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

mod explained;
mod outcome;

pub use explained::Explained;
pub use outcome::{Outcome, Read};

/// One thread's evaluator.
pub struct Evaluator<'a> {
    policies: &'a PolicySet,
    worker: Box<dyn Worker + 'a>,
    /// The constraints of Gatekeeper, where there are some.
    reviewer: Option<Reviewer<'a>>,
    /// The whole set, until the worker has it.
    inventory: Option<Value>,
    /// Whether only rules are run that read the whole set.
    whole_set_only: bool,
    /// The directory of the configuration of Terraform's plans, where it is not the plan's own.
    terraform_root: Option<&'a Path>,
    /// Terraform's configurations among the sources.
    configurations: Option<&'a Resolved>,
    /// Whether policies were told of one.
    has_configuration: bool,
}

impl<'a> Evaluator<'a> {
    /// An evaluator of these policies, with the whole set where they read it, and the cluster that constraints of
    /// Gatekeeper are evaluated in.
    pub fn new(policies: &'a PolicySet, inventory: Option<&Value>, cluster: Option<&'a Cluster>) -> Self {
        let reviewer = policies.gatekeeper.as_ref().zip(cluster);
        Self {
            policies,
            worker: policies.engine().worker(),
            reviewer: reviewer.map(|(gatekeeper, cluster)| Reviewer::new(gatekeeper, cluster)),
            inventory: inventory.filter(|_| policies.needs_inventory).cloned(),
            whole_set_only: false,
            terraform_root: None,
            configurations: None,
            has_configuration: false,
        }
    }

    /// Evaluates the documents of one source, one by one, with the rules alone that read the whole set.
    pub fn source_in_set(&mut self, read: Read) -> Outcome {
        self.whole_set_only = true;
        let outcome = self.source(Ok(read));
        self.whole_set_only = false;
        outcome
    }

    /// The evaluator with the directory of the configuration of Terraform's plans.
    #[must_use]
    pub fn with_terraform_root(self, terraform_root: Option<&'a Path>) -> Self {
        Self { terraform_root, ..self }
    }

    /// The evaluator with Terraform's configurations, where policies read them.
    #[must_use]
    pub fn with_configurations(self, configurations: Option<&'a Resolved>) -> Self {
        Self {
            configurations: configurations.filter(|_| self.policies.reads_configuration()),
            ..self
        }
    }

    /// Evaluates the documents of one source, one by one.
    pub fn source(&mut self, read: Result<Read, Problem>) -> Outcome {
        let mut read = match read {
            Ok(read) => read,
            Err(problem) => return Outcome::of_problem(problem),
        };
        let mut outcome = Outcome {
            warnings: std::mem::take(&mut read.warnings),
            ..Outcome::default()
        };
        let subjects = self.subjects(&read);
        let reviewed = self.reviewed(&read);
        let constraints = matched_constraints(&reviewed);
        let matchable = self.rules(read.format, |rule| {
            subjects.iter().any(|subject| rule.can_match(subject))
        });
        let matched = self.matched(read.format, &subjects);
        outcome.count(
            &read,
            &[matched, constraints.clone()].concat(),
            &[matchable, constraints].concat(),
        );
        for (at, (document, subject)) in read.documents.iter().zip(&subjects).enumerate() {
            let is_matched = self.matched(read.format, std::slice::from_ref(subject)).contains(&true)
                || reviewed
                    .get(at)
                    .is_some_and(|reviewed| reviewed.matched.contains(&true));
            if !is_matched {
                outcome.note_unmatched(&read, document, &subject.kinds);
            }
        }
        if read.documents.is_empty() {
            return outcome;
        }
        if let Err(problem) = self.set_context(&read.path) {
            outcome.problems.push(problem);
            return outcome;
        }
        let mut checks = self.checks(Input::of_path(&read.path), Some(read.format));
        for (document, subject) in read.documents.iter().zip(&subjects) {
            let places = places(&read, document);
            self.document(&document.value, Some(subject), &places, &mut checks, &mut outcome);
        }
        // A namespace without a rule for these documents is reported where it found something all the same.
        let is_for = |rule: &Rule| subjects.iter().any(|subject| rule.is_for(subject));
        let mut is_told = self.namespaces(Some(read.format)).map(|rules| rules.iter().any(is_for));
        checks.retain(|check| is_told.next() == Some(true) || has_output(check));
        outcome.checks = checks;
        self.complete_plans(&read, &mut outcome);
        self.complete_configuration(&read, &mut outcome);
        outcome.add_reviewed(Input::of_path(&read.path), reviewed);
        outcome
    }

    /// Completes the findings in plans of Terraform; conftest says what is in the plan alone.
    fn complete_plans(&self, read: &Read, outcome: &mut Outcome) {
        if self.policies.conftest || !matches!(read.format, Format::Json | Format::Jsonc) {
            return;
        }
        for document in &read.documents {
            let findings = outcome.checks.iter_mut().flat_map(|check| &mut check.findings);
            let warnings = terraform::complete(document, self.terraform_root, findings);
            outcome.warnings.extend(warnings);
        }
    }

    /// Names where the values are set that findings in configuration of Terraform are about.
    fn complete_configuration(&self, read: &Read, outcome: &mut Outcome) {
        let Some(configurations) = self.configurations.filter(|_| self.has_configuration) else {
            return;
        };
        for document in &read.documents {
            let findings = outcome.checks.iter_mut().flat_map(|check| &mut check.findings);
            for finding in findings.filter(|finding| finding.location.document == document.index) {
                let path: Vec<Value> = finding.location.path.iter().map(terraform::value_of).collect();
                finding.related.extend(configurations.related(document, &path));
            }
        }
    }

    /// What constraints of Gatekeeper give for each document of a source.
    fn reviewed(&mut self, read: &Read) -> Vec<Reviewed> {
        let is_left_out = self.whole_set_only && !self.policies.constraints_need_set();
        let Some(reviewer) = self.reviewer.as_mut().filter(|_| !is_left_out) else {
            return Vec::new();
        };
        let documents = read.documents.iter();
        documents
            .map(|document| reviewer.document(document, &places(read, document)))
            .collect()
    }

    /// Evaluates all sources in one input, `[{path, contents}]`.
    pub fn combined(&mut self, sources: Vec<Result<Read, Problem>>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut documents: Vec<Document> = Vec::new();
        for source in sources {
            match source {
                Ok(mut read) => {
                    outcome.warnings.append(&mut read.warnings);
                    let matched = self.matched(read.format, &self.subjects(&read));
                    // No array meets a condition on `input.kind`.
                    let matchable = self.rules(read.format, |rule| rule.conditions.is_none());
                    outcome.count(&read, &matched, &matchable);
                    documents.extend(read.documents);
                }
                Err(problem) => outcome.problems.push(problem),
            }
        }
        // Every rule that is run sees all of them.
        outcome.unmatched.clear();
        if documents.is_empty() {
            return outcome;
        }
        if let Err(problem) = self.set_context(&Input::Combined) {
            outcome.problems.push(problem);
            return outcome;
        }
        let entry = |document: &Document| {
            let path = Value::from(document.file.path.as_str());
            Value::object(vec![("path".into(), path), ("contents".into(), document.value.clone())])
        };
        let input = Value::array(documents.iter().map(entry).collect());
        let places = Places {
            documents: &documents,
            format: None,
            combined: true,
            number: None,
        };
        let mut checks = self.checks(Input::Combined, None);
        self.document(&input, None, &places, &mut checks, &mut outcome);
        outcome.checks = checks;
        outcome
    }

    /// The rules for a format, by namespace: several documents in one input meet them all.
    fn namespaces(&self, format: Option<Format>) -> impl Iterator<Item = &'a [Rule]> + use<'a> {
        let namespaces = self.policies.rules.chunk_by(|a, b| a.namespace == b.namespace);
        let whole_set_only = self.whole_set_only;
        namespaces.filter(move |rules| rules.iter().any(|rule| is_run(rule, format, whole_set_only)))
    }

    /// An empty check for each namespace that has rules for the format.
    fn checks(&self, file: Input, format: Option<Format>) -> Vec<Check> {
        let empty = |rules: &[Rule]| Check {
            file: file.clone(),
            namespace: rules[0].namespace.clone(),
            ..Check::default()
        };
        self.namespaces(format).map(empty).collect()
    }

    /// Tells policies the whole set, Terraform's configuration around the file, and, as conftest does, the file at hand in `data.conftest.file`.
    fn set_context(&mut self, path: &str) -> Result<(), Problem> {
        if let Some(inventory) = self.inventory.take() {
            let result = self.worker.overlay(INVENTORY, inventory);
            result.map_err(|error| self.policies.problem(&error))?;
        }
        if let Some(configurations) = self.configurations {
            let view = configurations.view(path);
            let is_told = self.has_configuration || view != Value::Null;
            self.has_configuration = view != Value::Null;
            if is_told {
                let result = self.worker.overlay(CONFIGURATION, view);
                result.map_err(|error| self.policies.problem(&error))?;
            }
        }
        if !self.policies.reads_file_info {
            return Ok(());
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        let text = |part: Option<&Path>| {
            Value::from(
                part.map(|part| part.to_string_lossy().into_owned())
                    .unwrap_or_default()
                    .as_str(),
            )
        };
        let file = Value::object(vec![
            ("name".into(), text(absolute.file_name().map(Path::new))),
            ("dir".into(), text(absolute.parent())),
        ]);
        let result = self
            .worker
            .overlay("conftest", Value::object(vec![("file".into(), file)]));
        result.map_err(|error| self.policies.problem(&error))
    }

    /// One input through all rules. `checks` has an entry for each namespace, in the order of the rules. Those that are
    /// not for its subject do not count among what held.
    fn document(
        &mut self,
        input: &Value,
        subject: Option<&Subject>,
        places: &Places,
        checks: &mut [Check],
        outcome: &mut Outcome,
    ) {
        self.worker.set_input(input);
        for (check, rules) in checks.iter_mut().zip(self.namespaces(places.format)) {
            let exception = self.exception(&check.namespace);
            check.prints.extend(self.prints(places));
            if let Some(error) = exception.error {
                let kept = error.kind == ErrorKind::Builtin;
                let query = format!("data.{}.exception", check.namespace);
                let problem = self.failed(Failure::Engine(error), &query, None, places);
                outcome.problems.push(problem);
                if !kept {
                    continue;
                }
            }
            let exception = exception.value;
            outcome
                .warnings
                .extend(self.unknown_exception(exception.as_ref(), &check.namespace));
            let before = check.findings.len() + check.waived.len();
            let (mut clauses, mut held) = (0, 0);
            let whole_set_only = self.whole_set_only;
            for rule in rules.iter().filter(|rule| is_run(rule, places.format, whole_set_only)) {
                let (violations, failures) = self.rule(rule);
                check.prints.extend(self.prints(places));
                check.traces.extend(self.trace(rule, places));
                if self.policies.profiled {
                    self.worker.profile(&rule.query());
                }
                let named = exception.as_ref();
                let waived = named.map_or(0, |value| results::exceptions(value, &rule.name));
                let has_held = failures.is_empty() && violations.is_empty() && waived == 0;
                let applies = subject.is_none_or(|subject| rule.is_for(subject));
                if !failures.is_empty() {
                    clauses += violations.len();
                } else if applies {
                    clauses += rule.clauses;
                    held += usize::from(has_held);
                }
                if self.policies.names_passed && (applies || !has_held) {
                    *check.held.entry(rule.id.clone()).or_insert(true) &= has_held;
                }
                for failure in failures {
                    let problem = self.failed(failure, &rule.query(), Some(rule), places);
                    outcome.problems.push(problem);
                }
                let found = self.findings(rule, violations, places);
                if waived > 0 {
                    check.waived.extend(waivers(rule, &check.file, found, waived));
                } else {
                    check.findings.extend(found);
                }
            }
            let results = check.findings.len() + check.waived.len() - before + held;
            check.successes += held + clauses.saturating_sub(results);
        }
        if self.policies.profiled {
            outcome.profile.add(self.worker.take_profile());
        }
    }

    /// The violations of a rule at their locations.
    fn findings(&mut self, rule: &Rule, violations: Vec<Violation>, places: &Places) -> Vec<Finding> {
        let located = self.locations(rule, &violations);
        let found = violations.into_iter().map(|violation| {
            let derivations = located.get(&violation.result).map_or(&[][..], Vec::as_slice);
            places.finding(rule, violation, derivations)
        });
        found.collect()
    }

    /// What was printed since this was last asked.
    fn prints(&mut self, places: &Places) -> Vec<Print> {
        let document = places.number;
        let texts = self.worker.take_prints().into_iter();
        texts.map(|text| Print { document, text }).collect()
    }

    /// How a rule was evaluated, where that was asked for.
    fn trace(&mut self, rule: &Rule, places: &Places) -> Option<Print> {
        let traced = self.policies.traced.as_ref()?;
        let is_meant = traced.rules.is_empty() || traced.rules.iter().any(|id| is_below(&rule.id, &id.text));
        if !is_meant {
            return None;
        }
        let story = match traced {
            Trace {
                full: true, only: None, ..
            } => None,
            _ => self.worker.story(&rule.query(), None),
        };
        if let (Some(only), Some(story)) = (traced.only, &story)
            && !only.takes(story)
        {
            return None;
        }
        let lines = match story {
            Some(story) if !traced.full => folded::lines(&story, &rule.id),
            _ => self.worker.trace(&rule.query()),
        };
        Some(Print {
            document: places.number,
            text: lines.join("\n"),
        })
    }

    fn exception(&mut self, namespace: &str) -> Evaluated {
        if self.policies.excepting.iter().any(|known| known == namespace) {
            self.worker.evaluate(&format!("data.{namespace}.exception"))
        } else {
            Evaluated::default()
        }
    }

    /// A warning where an `exception` gave a name that no rule of its namespace has.
    fn unknown_exception(&self, exception: Option<&Value>, namespace: &str) -> Option<Problem> {
        let given = exceptions::texts(exception?);
        let mut namespaces = self.policies.rules.chunk_by(|a, b| a.namespace == b.namespace);
        let rules = namespaces.find(|rules| rules[0].namespace == *namespace)?;
        let (message, help) = exceptions::unknown_in(&given, rules)?;
        // Of a name that is written out, the policy itself was warned of.
        let is_told = self.policies.warnings.iter().any(|warning| warning.message == message);
        (!is_told).then(|| problem::of_run(message, help))
    }

    /// The violations of a rule, and what failed: where that is a builtin, the violations that do not need it stand.
    fn rule(&mut self, rule: &Rule) -> (Vec<Violation>, Vec<Failure>) {
        let Evaluated { value, error } = self.worker.evaluate(&rule.query());
        let mut failures: Vec<Failure> = error.map(Failure::Engine).into_iter().collect();
        let found = value.map(|value| results::violations(&value, self.policies.conftest));
        match found {
            Some(Ok(violations)) => (violations, failures),
            Some(Err(message)) => {
                failures.push(Failure::Result(message));
                (Vec::new(), failures)
            }
            None => (Vec::new(), failures),
        }
    }

    /// The locations that speak for each violation, where the policy does not say itself where it is. A rule that cannot
    /// be evaluated once more within its limits has none: its violations stand, at their document.
    fn locations(&mut self, rule: &Rule, violations: &[Violation]) -> HashMap<Value, Vec<Vec<Candidate>>> {
        if violations.iter().all(Violation::has_location) {
            return HashMap::new();
        }
        let found = self.worker.locations(&rule.query());
        found.map_or_else(|_| HashMap::new(), HashMap::from_iter)
    }

    /// An evaluation that failed, with the document that it failed on.
    fn failed(&self, failure: Failure, query: &str, rule: Option<&Rule>, places: &Places) -> Problem {
        let at_rule = |kind: ErrorKind, message: String| EngineError {
            kind,
            message,
            place: rule.and_then(|rule| rule.place.clone()),
        };
        let (error, help) = match failure {
            Failure::Engine(error) => match error.kind {
                ErrorKind::Timeout => (
                    at_rule(
                        error.kind,
                        format!("evaluation timed out after {}s", self.policies.timeout.as_secs_f64()),
                    ),
                    "make the rule cheaper, or raise --timeout",
                ),
                ErrorKind::Difference => (
                    at_rule(error.kind, error.message),
                    "engine own gives the result of OPA; write the rule so that both engines agree, or use one engine",
                ),
                ErrorKind::Builtin => (
                    self.of_builtin(error),
                    "fix the policy, or treat builtin errors as undefined with --builtin-errors undefined",
                ),
                ErrorKind::Limit | ErrorKind::Conflict | ErrorKind::Compile | ErrorKind::Value => {
                    (error, "fix the policy")
                }
            },
            Failure::Result(error) => (
                at_rule(ErrorKind::Value, error.to_string()),
                "make every result a string, or an object with a string in `msg`",
            ),
        };
        let problem = self.policies.problem(&error);
        Problem {
            message: format!("{query} failed on {}: {}", places.name(), problem.message),
            help: Some(help.to_owned()),
            ..problem
        }
    }

    /// An error of a builtin, in the words that conftest's users look for where its behavior is asked for.
    fn of_builtin(&self, error: EngineError) -> EngineError {
        if !self.policies.conftest {
            return error;
        }
        EngineError {
            message: format!("built-in error: {}", error.message),
            ..error
        }
    }

    /// For each rule, whether it is for the format and for one of the documents, given by their subjects.
    fn matched(&self, format: Format, subjects: &[Subject]) -> Vec<bool> {
        self.rules(format, |rule| subjects.iter().any(|subject| rule.is_for(subject)))
    }

    /// For each rule, whether it is for the format and something holds of it.
    fn rules(&self, format: Format, holds: impl Fn(&Rule) -> bool) -> Vec<bool> {
        let both = |rule: &Rule| rule.is_for_format(format) && holds(rule);
        self.policies.rules.iter().map(both).collect()
    }

    /// What each document of a source is about.
    fn subjects<'r>(&self, read: &'r Read) -> Vec<Subject<'r>> {
        let workloads = &self.policies.workloads;
        let documents = read.documents.iter();
        documents
            .map(|document| Subject::of(document, read.format, workloads))
            .collect()
    }
}

/// A document of a source, to find locations in.
fn places<'d>(read: &Read, document: &'d Document) -> Places<'d> {
    Places {
        documents: std::slice::from_ref(document),
        format: Some(read.format),
        combined: false,
        number: read.is_stream.then_some(document.index),
    }
}

/// For each constraint, whether it is for one of the documents.
fn matched_constraints(reviewed: &[Reviewed]) -> Vec<bool> {
    let Some(first) = reviewed.first() else {
        return Vec::new();
    };
    let is_matched = |at: usize| reviewed.iter().any(|reviewed| reviewed.matched[at]);
    (0..first.matched.len()).map(is_matched).collect()
}

/// Whether something was found, waived or printed.
fn has_output(check: &Check) -> bool {
    !(check.findings.is_empty() && check.waived.is_empty() && check.prints.is_empty() && check.traces.is_empty())
}

/// Whether a rule is run on documents of a format; on several in one input every rule is.
fn is_run(rule: &Rule, format: Option<Format>, whole_set_only: bool) -> bool {
    format.is_none_or(|format| rule.is_for_format(format)) && (rule.depends_on_others() || !whole_set_only)
}

/// So many times as an `exception` names a rule it is waived, as conftest counts; the first time with what it found.
fn waivers(rule: &Rule, file: &Input, found: Vec<Finding>, times: usize) -> impl Iterator<Item = Waived> {
    let waived = waiver(rule, file);
    let further = std::iter::repeat_n(waived.clone(), times - 1);
    std::iter::once(Waived {
        findings: found,
        ..waived
    })
    .chain(further)
}

fn waiver(rule: &Rule, file: &Input) -> Waived {
    let reason = format!(
        "data.{}.exception[_][_] == {:?}",
        rule.namespace,
        results::excepted_name(&rule.name)
    );
    Waived {
        file: file.clone(),
        rule: rule.id.clone(),
        namespace: rule.namespace.clone(),
        rule_name: rule.name.clone(),
        reason,
        source: WaiverSource::Exception,
        waiver: None,
        findings: Vec::new(),
    }
}

/// Why a rule has no results.
enum Failure {
    /// The engine could not evaluate it.
    Engine(EngineError),
    /// Its value holds something that is not a result.
    Result(NotResults),
}
