//! Runs Suites: each case is a test of its own, with its object reviewed as `gator verify` does.

use std::path::Path;
use std::time::{Duration, Instant};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Assertion, Case, Count, Filter, Suite, Test};
use crate::finding::{Location, Problem};
use crate::input;
use crate::inventory;
use crate::problem;
use crate::verify::result::{Failure, Outcome, TestError, TestResult};
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

use super::super::Gatekeeper;
use super::super::cluster::{Applying, Cluster};
use super::super::constraint::Constraint;
use super::super::evaluate::{Reviewer, matches, rejection};
use super::super::expansion::Expansions;
use super::super::manifest::{Object, Role, documents, objects_of};
use super::super::matching::Source;
use super::super::review::{self, Operation, Review};
use super::super::template::{Compiling, Template};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// The fields of an AdmissionReview's request.
const REQUEST: [&str; 15] = [
    "uid",
    "kind",
    "resource",
    "subResource",
    "requestKind",
    "requestResource",
    "requestSubResource",
    "name",
    "namespace",
    "operation",
    "userInfo",
    "object",
    "oldObject",
    "dryRun",
    "options",
];

/// Runs the tests and cases that the filter has; their results in the order of the files.
pub fn run(suites: &[Suite], filter: &Filter, compiling: &Compiling) -> Vec<TestResult> {
    let tests: Vec<(&Suite, &Test)> = suites
        .iter()
        .flat_map(|suite| suite.tests.iter().map(move |test| (suite, test)))
        .collect();
    let results = tests.into_par_iter().map(|(suite, test)| {
        Runner {
            suite,
            test,
            filter,
            compiling,
        }
        .results()
    });
    results.collect::<Vec<_>>().into_iter().flatten().collect()
}

struct Runner<'s> {
    suite: &'s Suite,
    test: &'s Test,
    filter: &'s Filter,
    compiling: &'s Compiling,
}

/// Why a constraint cannot be used.
enum Refused {
    /// It breaks the schema of its template.
    Schema(Vec<Problem>),
    /// Anything else.
    Other(Vec<Problem>),
}

impl Runner<'_> {
    fn results(&self) -> Vec<TestResult> {
        let test = self.test;
        let cases = || {
            test.cases
                .iter()
                .filter(|case| self.filter.has(&test.name, Some(&case.name)))
        };
        if test.cases.is_empty() && !self.filter.has(&test.name, None) {
            return Vec::new();
        }
        if self.suite.skip || test.skip {
            return match test.cases.is_empty() {
                true => vec![self.result(None, Outcome::Skipped, Duration::ZERO)],
                false => cases()
                    .map(|case| self.result(Some(case), Outcome::Skipped, Duration::ZERO))
                    .collect(),
            };
        }
        let chosen: Vec<&Case> = cases().collect();
        if chosen.is_empty() && !test.invalid {
            return Vec::new();
        }
        let started = Instant::now();
        let set = self.set();
        if test.invalid {
            return vec![self.invalid(set, started.elapsed())];
        }
        match set {
            Ok(set) => chosen.into_iter().map(|case| self.case(&set, case)).collect(),
            Err(Refused::Schema(problems) | Refused::Other(problems)) => {
                vec![self.result(None, self.error(&problems), started.elapsed())]
            }
        }
    }

    /// A test that a constraint breaks the schema.
    fn invalid(&self, set: Result<Gatekeeper, Refused>, duration: Duration) -> TestResult {
        match set {
            Err(Refused::Schema(_)) => self.result(None, Outcome::Passed, duration),
            Err(Refused::Other(problems)) => self.result(None, self.error(&problems), duration),
            Ok(_) => {
                let mut result = self.result(None, Outcome::Failed, duration);
                let said = "expected a constraint that breaks the schema of its template, and it does not";
                result
                    .failures
                    .push(failure(&self.test.location, vec![said.to_owned()]));
                result
            }
        }
    }

    /// The template, the constraint and the expansions.
    fn set(&self) -> Result<Gatekeeper, Refused> {
        let other = |problem: Problem| Refused::Other(vec![problem]);
        let template = self
            .object(&self.test.template, Role::Template, "ConstraintTemplate")
            .map_err(other)?;
        let template = Template::of(template, self.compiling).map_err(Refused::Other)?;
        let object = self
            .object(&self.test.constraint, Role::Constraint, "constraint")
            .map_err(other)?;
        if object.kind != template.kind {
            let message = format!(
                "{} is of another kind than its template, {}",
                object.title(),
                template.kind
            );
            return Err(other(object.error_at(
                &["kind"],
                message,
                "name the constraint's own template",
            )));
        }
        let faults = template.schema.faults(&object.value);
        // A field that the schema does not have is another error, as in gator.
        let breaks_schema = faults.iter().any(|fault| !fault.unknown);
        let constraint = Constraint::of(object, 0, &template).map_err(|problems| match breaks_schema {
            true => Refused::Schema(problems),
            false => Refused::Other(problems),
        })?;
        let expansions = match &self.test.expansion {
            None => Vec::new(),
            Some(path) => {
                let found = objects_at(path).map_err(|problem| other(self.named(problem)))?;
                let is_expansion = |(role, object): (Role, Object)| (role == Role::Expansion).then_some(object);
                found.into_iter().filter_map(is_expansion).collect()
            }
        };
        if expansions.is_empty()
            && let Some(path) = &self.test.expansion
        {
            return Err(other(problem::of_path(
                path,
                "has no ExpansionTemplate",
                "name a file that has one",
            )));
        }
        let expansions = Expansions::given(&expansions).map_err(Refused::Other)?;
        Ok(Gatekeeper::single(template, constraint, expansions))
    }

    /// The one object of a role in a file.
    fn object(&self, path: &Path, wanted: Role, called: &str) -> Result<Object, Problem> {
        let found = objects_at(path).map_err(|problem| self.named(problem))?;
        let mut fitting = found.into_iter().filter(|(role, _)| *role == wanted);
        match (fitting.next(), fitting.next()) {
            (Some((_, object)), None) => Ok(object),
            (None, _) => Err(problem::of_path(
                path,
                &format!("has no {called}"),
                "name a file that has one",
            )),
            (Some(_), Some(_)) => Err(problem::of_path(
                path,
                &format!("has more than one {called}"),
                "name a file with one",
            )),
        }
    }

    /// A problem of a file that the test names.
    fn named(&self, problem: Problem) -> Problem {
        match &problem.excerpt {
            Some(_) => problem,
            None => problem::of_location(self.test.location.clone(), problem.message, problem.help),
        }
    }

    fn case(&self, set: &Gatekeeper, case: &Case) -> TestResult {
        if case.skip {
            return self.result(Some(case), Outcome::Skipped, Duration::ZERO);
        }
        let started = Instant::now();
        let found = self.messages(set, case);
        let duration = started.elapsed();
        match found {
            Err(problem) => self.result(Some(case), self.error(&[problem]), duration),
            Ok((messages, printed)) => {
                let failures: Vec<Failure> = case
                    .assertions
                    .iter()
                    .filter_map(|assertion| assertion.failure(&messages))
                    .collect();
                let outcome = if failures.is_empty() {
                    Outcome::Passed
                } else {
                    Outcome::Failed
                };
                TestResult {
                    failures,
                    printed: printed.into_iter().map(|line| line + "\n").collect(),
                    ..self.result(Some(case), outcome, duration)
                }
            }
        }
    }

    /// The messages of the violations of a case, and what was printed.
    fn messages(&self, set: &Gatekeeper, case: &Case) -> Result<(Vec<String>, Vec<String>), Problem> {
        let in_case = |problem: Problem| match &problem.excerpt {
            Some(_) => problem,
            None => problem::of_location(case.location.clone(), problem.message, problem.help),
        };
        let object = documents_at(&case.object).map_err(in_case)?;
        let [document] = object.as_slice() else {
            let message = format!("has {} objects, and a case has one", object.len());
            return Err(in_case(problem::of_path(
                &case.object,
                &message,
                "name a file with one object",
            )));
        };
        check_object(document)?;
        let mut files = Vec::new();
        for path in &case.inventory {
            files.push(documents_at(path).map_err(in_case)?);
        }
        let inventory = inventory::build(files.iter().map(Vec::as_slice));
        let applying = Applying {
            operation: Operation::None,
            namespace: None,
            gator: false,
        };
        let cluster = Cluster::new(applying, Some(&inventory), Vec::new());
        let constraint = &set.constraints[0];
        if constraint.enforcement.at_gator().is_none() {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut reviewer = Reviewer::new(set, &cluster);
        let (mut messages, mut printed) = (Vec::new(), Vec::new());
        let mut review = |review: &Review| {
            match matches(constraint, review) {
                Ok(false) => return Ok(Vec::new()),
                Ok(true) => {}
                Err(_) => return Ok(vec![rejection(review)]),
            }
            let results = reviewer.results(constraint, review);
            printed.extend(results.prints);
            match results.problem {
                Some(problem) => Err(problem),
                None => Ok(results.found.into_iter().map(|found| found.message).collect::<Vec<_>>()),
            }
        };
        for original in review::reviews(document, &cluster) {
            messages.extend(review(&original)?);
            let is_request = review::request(&document.value).is_some();
            let object = original.objects.first().filter(|_| !is_request);
            let generated = object.map_or(Ok(Vec::new()), |object| set.expansions.of(object));
            let unexpanded = |message| in_case(problem::of_run(message, "change the ExpansionTemplate or the object"));
            for generated in generated.map_err(unexpanded)? {
                let origin = original.origin.of_generated(&generated);
                let object = generated.object.clone();
                let found = review(&review::of_object(object, origin, Source::Generated, &cluster))?;
                messages.extend(found.iter().map(|message| generated.implied(message)));
            }
        }
        Ok((messages, printed))
    }

    fn result(&self, case: Option<&Case>, outcome: Outcome, duration: Duration) -> TestResult {
        let name = match case {
            Some(case) => format!("{}/{}", self.test.name, case.name),
            None => self.test.name.clone(),
        };
        TestResult {
            location: case.map_or(&self.test.location, |case| &case.location).clone(),
            package: self.suite.path.clone(),
            name,
            outcome,
            duration,
            printed: String::new(),
            cases: None,
            value: None,
            trace: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// What could not be evaluated, at its first location.
    fn error(&self, problems: &[Problem]) -> Outcome {
        let located = problems.iter().find_map(|problem| problem.excerpt.as_deref());
        let texts = problems.iter().map(|problem| match &problem.help {
            Some(help) => format!("{} ({help})", problem.message),
            None => problem.message.clone(),
        });
        Outcome::Error(Box::new(TestError {
            code: "suite_error",
            message: texts.collect::<Vec<_>>().join("; "),
            values: Vec::new(),
            location: located.unwrap_or(&self.test.location).clone(),
        }))
    }
}

impl Assertion {
    /// How these messages differ from what is to be found.
    fn failure(&self, messages: &[String]) -> Option<Failure> {
        let is_meant = |message: &&String| self.message.as_ref().is_none_or(|regex| regex.is_match(message));
        let found = messages.iter().filter(is_meant).count();
        let holds = match self.violations {
            Count::Some => found > 0,
            Count::None => found == 0,
            Count::Exactly(count) => found == count,
        };
        if holds {
            return None;
        }
        let wanted = match self.violations {
            Count::Some => "at least one violation".to_owned(),
            Count::None => "no violation".to_owned(),
            Count::Exactly(1) => "one violation".to_owned(),
            Count::Exactly(count) => format!("{count} violations"),
        };
        let meant = self
            .message
            .as_ref()
            .map(|regex| format!(" that matches {regex}"))
            .unwrap_or_default();
        let mut said = vec![format!("expected {wanted}{meant}, found {found}")];
        said.extend(messages.iter().map(|message| format!("found: {message}")));
        Some(failure(&self.location, said))
    }
}

fn failure(location: &Location, said: Vec<String>) -> Failure {
    Failure {
        case: None,
        location: location.clone(),
        text: said.first().cloned().unwrap_or_default(),
        parts: Vec::new(),
        difference: said,
    }
}

fn text_at(path: &Path) -> Result<String, Problem> {
    let help = "correct the path: it is relative to the Suite";
    let bytes = input::read_file(path, LARGEST).map_err(|error| problem::of_path(path, &error.reason, help))?;
    kpolicy_parse::text::decode(bytes).map_err(|error| problem::of_path(path, &error.message, "save it as UTF-8"))
}

fn objects_at(path: &Path) -> Result<Vec<(Role, Object)>, Problem> {
    objects_of(&path.display().to_string(), &text_at(path)?)
}

fn documents_at(path: &Path) -> Result<Vec<Document>, Problem> {
    documents(&path.display().to_string(), &text_at(path)?)
}

/// What is wrong with the object of a case, which may be an AdmissionReview.
fn check_object(document: &Document) -> Result<(), Problem> {
    let value = &document.value;
    let error = |path: &[Value], message: &str, help: &str| {
        let location = crate::locate::locate(document, &crate::locate::Target::of(path));
        Err(problem::of_location(location, message, Some(help.to_owned())))
    };
    let says = |value: &Value, name: &str| value.field(name).and_then(Value::as_str).is_some();
    // gator takes an object without a version.
    if !says(value, "kind") {
        return error(&[], "the object has no kind", "write kind: and apiVersion:");
    }
    let is_review = value.field("kind").and_then(Value::as_str) == Some("AdmissionReview");
    let Some(request) = value.field("request") else {
        let help = "write request: with an object";
        return if is_review {
            error(&[], "the AdmissionReview has no request", help)
        } else {
            Ok(())
        };
    };
    if !is_review {
        return Ok(());
    }
    let fields = request.as_object().into_iter().flat_map(|request| request.iter());
    for (key, _) in fields {
        if !key.as_str().is_some_and(|key| REQUEST.contains(&key)) {
            let message = format!("unknown field {} of a request", key.key_text());
            return error(&["request".into(), key.clone()], &message, "remove it");
        }
    }
    let is_object = |name: &str| request.field(name).is_some_and(|value| value.as_object().is_some());
    let is_deletion = request.field("operation").and_then(Value::as_str) == Some("DELETE");
    let path = ["request".into()];
    if is_deletion && !is_object("oldObject") {
        return error(&path, "the request deletes and has no oldObject", "write oldObject");
    }
    if !is_object("object") && !is_object("oldObject") {
        return error(&path, "the request has neither object nor oldObject", "write object");
    }
    for name in ["object", "oldObject"] {
        if let Some(object) = request.field(name).filter(|value| value.as_object().is_some())
            && !(says(object, "apiVersion") && says(object, "kind"))
        {
            return error(
                &["request".into(), name.into()],
                "the object has no apiVersion and kind",
                "write both",
            );
        }
    }
    Ok(())
}
