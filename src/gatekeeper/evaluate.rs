//! Documents through constraints: one reviewer per thread.

use std::collections::{BTreeSet, HashMap};

use crate::engine::{Candidate, EngineError, ErrorKind, Worker};
use crate::finding::{Finding, Print, Problem};
use crate::locate::{Target, locate};
use crate::placing::Places;
use crate::policy::Rule;
use crate::problem;
use crate::results::Violation;
use kpolicy_parse::document::Document;
use kpolicy_value::{LineIndex, Span, Value};

use super::Gatekeeper;
use super::cluster::Cluster;
use super::constraint::Constraint;
use super::expansion::Generated;
use super::matching::{Source, Unknown};
use super::review::{self, Review};
use super::template::QUERY;

/// What gator says of an object whose Namespace is not known, which a `namespaceSelector` asks for.
pub(super) fn rejection(review: &Review) -> String {
    format!(
        "unable to match constraints: error matching the requested object: {} :failed to run Match criteria: \
         namespace selector for namespace-scoped object but missing Namespace",
        review.name()
    )
}

/// One thread's evaluations of the templates.
pub struct Reviewer<'a> {
    set: &'a Gatekeeper,
    cluster: &'a Cluster,
    /// The evaluation of each template, once it was needed.
    workers: Vec<Option<Box<dyn Worker + 'a>>>,
}

/// What the constraints gave for a document.
#[derive(Debug, Default)]
pub struct Reviewed {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be evaluated.
    pub problems: Vec<Problem>,
    /// What the templates printed.
    pub prints: Vec<Print>,
    /// For each constraint that is enforced here, whether it is for one of the objects.
    pub matched: Vec<bool>,
    /// How often a constraint was for an object and found nothing.
    pub successes: usize,
}

/// What a template gives for an object.
#[derive(Default)]
pub(super) struct Results {
    /// Its results.
    pub(super) found: Vec<Found>,
    /// Why there are none, where it could not be evaluated.
    pub(super) problem: Option<Problem>,
    /// What it printed.
    pub(super) prints: Vec<String>,
}

/// A result of a template.
pub(super) struct Found {
    /// What is wrong.
    pub(super) message: String,
    details: Option<Value>,
    /// The members of the template's set that say so.
    members: Vec<Value>,
}

impl<'a> Reviewer<'a> {
    /// A reviewer of these constraints in this cluster.
    pub fn new(set: &'a Gatekeeper, cluster: &'a Cluster) -> Self {
        Self {
            set,
            cluster,
            workers: set.templates.iter().map(|_| None).collect(),
        }
    }

    /// Reviews each object of a document, and what these objects create.
    pub fn document(&mut self, document: &Document, places: &Places) -> Reviewed {
        let mut reviewed = Reviewed {
            matched: vec![false; self.set.rules.len()],
            ..Reviewed::default()
        };
        for review in review::reviews(document, self.cluster) {
            self.review(&review, None, places, &mut reviewed);
            match review.objects.first().map(|object| self.set.expansions.of(object)) {
                None => {}
                Some(Ok(all)) => {
                    for generated in all {
                        let origin = review.origin.of_generated(&generated);
                        let object = generated.object.clone();
                        let review = review::of_object(object, origin, Source::Generated, self.cluster);
                        self.review(&review, Some(&generated), places, &mut reviewed);
                    }
                }
                Some(Err(message)) => reviewed.problems.push(unexpanded(document, &review, message)),
            }
        }
        reviewed
    }

    /// Reviews an object, which another one may have created.
    fn review(&mut self, review: &Review, generated: Option<&Generated>, places: &Places, reviewed: &mut Reviewed) {
        if self.is_excluded(review) {
            return;
        }
        for at in 0..self.set.rules.len() {
            let (rule, constraint) = self.set.enforced(at);
            match self.is_for(constraint, review) {
                Ok(false) => {}
                Ok(true) => {
                    reviewed.matched[at] = true;
                    self.constraint(rule, constraint, review, generated, places, reviewed);
                }
                Err(Unknown::Namespace) if self.cluster.is_gator() => {
                    reviewed.matched[at] = true;
                    let found = vec![Found::of_message(&rejection(review))];
                    report(rule, found, &HashMap::new(), (review, generated), places, reviewed);
                }
                Err(Unknown::Namespace) => {
                    reviewed.matched[at] = true;
                    reviewed
                        .problems
                        .push(unknown_namespace(rule, constraint, review, places));
                }
            }
        }
    }

    /// Whether the Config leaves the object's namespace alone.
    fn is_excluded(&self, review: &Review) -> bool {
        let is_namespace = review.candidates().any(|candidate| candidate.is_namespace());
        let namespace = match is_namespace {
            true => Some(review.name()),
            false => review.namespace.as_deref(),
        };
        namespace.is_some_and(|namespace| self.cluster.excludes(namespace))
    }

    /// Whether a constraint is for an object under review, and its template for the operation.
    fn is_for(&self, constraint: &Constraint, review: &Review) -> Result<bool, Unknown> {
        let operations = &self.set.templates[constraint.template].operations;
        let is_for_operation = operations.is_empty()
            || review.operation.is_empty()
            || operations
                .iter()
                .any(|known| known == "*" || *known == review.operation);
        Ok(is_for_operation && matches(constraint, review)?)
    }

    /// The evaluation of a template.
    fn worker(&mut self, at: usize) -> &mut (dyn Worker + 'a) {
        let template = &self.set.templates[at];
        let cluster = self.cluster;
        let worker = self.workers[at].get_or_insert_with(|| {
            let mut worker = template.engine().worker();
            if template.reads_inventory {
                // The own engine takes any value.
                let _ = worker.overlay("inventory", cluster.inventory());
            }
            worker
        });
        worker.as_mut()
    }

    /// What a template gives for an object under review.
    pub(super) fn results(&mut self, constraint: &Constraint, review: &Review) -> Results {
        let input = Value::object(vec![
            ("review".into(), review.value.clone()),
            ("parameters".into(), constraint.parameters.clone()),
        ]);
        let worker = self.worker(constraint.template);
        worker.set_input(&input);
        let evaluated = worker.evaluate(QUERY);
        let mut results = Results {
            prints: worker.take_prints(),
            ..Results::default()
        };
        if let Some(error) = evaluated.error {
            if self.cluster.is_gator() && error.kind == ErrorKind::Conflict {
                results.found = vec![Found::of_message(&error.message)];
                return results;
            }
            let problem = self.set.problem(&error);
            results.problem = Some(with_help(problem, help(&error)));
            return results;
        }
        match evaluated.value.map_or(Ok(Vec::new()), |value| found(&value)) {
            Ok(found) => results.found = found,
            Err(message) => {
                let template = &self.set.templates[constraint.template].object;
                let help = "make every result of violation an object with a string in `msg`";
                results.problem = Some(template.error_at(&["metadata", "name"], message, help));
            }
        }
        results
    }

    fn constraint(
        &mut self,
        rule: &Rule,
        constraint: &Constraint,
        review: &Review,
        generated: Option<&Generated>,
        places: &Places,
        reviewed: &mut Reviewed,
    ) {
        let Results { found, problem, prints } = self.results(constraint, review);
        let prints = prints.into_iter().map(|text| Print {
            document: places.number,
            text,
        });
        reviewed.prints.extend(prints);
        reviewed.successes += usize::from(found.is_empty() && problem.is_none());
        reviewed
            .problems
            .extend(problem.map(|problem| failed(rule, review, places, problem)));
        if found.is_empty() {
            return;
        }
        // Where they cannot be had within the limits, the findings are at their object.
        let locations = self.worker(constraint.template).locations(QUERY).unwrap_or_default();
        let locations: HashMap<Value, Vec<Vec<Candidate>>> = locations.into_iter().collect();
        report(rule, found, &locations, (review, generated), places, reviewed);
    }
}

impl Found {
    /// A result that no template gave: gator makes one of what keeps it from evaluating.
    fn of_message(message: &str) -> Self {
        Self {
            message: message.to_owned(),
            details: None,
            members: Vec::new(),
        }
    }
}

/// Adds the findings of results for an object, which another one may have created, given where each result comes from.
fn report(
    rule: &Rule,
    results: Vec<Found>,
    locations: &HashMap<Value, Vec<Vec<Candidate>>>,
    (review, generated): (&Review, Option<&Generated>),
    places: &Places,
    reviewed: &mut Reviewed,
) {
    let action = generated.and_then(|generated| generated.action);
    let overridden = action.map(|action| Rule {
        kind: action.kind(),
        severity: action.severity(),
        ..rule.clone()
    });
    let rule = overridden.as_ref().unwrap_or(rule);
    for mut result in results {
        let of_members = result.members.iter().filter_map(|member| locations.get(member));
        let derivations: Vec<_> = of_members.flatten().cloned().collect();
        let derivations = review.origin.candidates(&derivations);
        if let Some(generated) = generated {
            result.message = generated.implied(&result.message);
        }
        reviewed
            .findings
            .push(places.finding(rule, violation(result), &derivations));
    }
}

/// Whether a constraint's `match` fits an object under review, or the one before it.
pub(super) fn matches(constraint: &Constraint, review: &Review) -> Result<bool, Unknown> {
    for candidate in review.candidates() {
        if constraint.matching.is_for(&candidate)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What to do about an evaluation that failed.
fn help(error: &EngineError) -> &'static str {
    match error.kind {
        ErrorKind::Timeout => "make the template cheaper, or raise --timeout",
        _ => "fix the template",
    }
}

impl Gatekeeper {
    /// An engine's error as a problem, at the line of the file that holds the template.
    pub fn problem(&self, error: &EngineError) -> Problem {
        let Some((path, row, column)) = &error.place else {
            return problem::of_run(error.message.clone(), "fix the template");
        };
        let objects = self.templates.iter().map(|template| &template.object.document.file);
        match objects.into_iter().find(|file| file.path == *path) {
            None => problem::of_file(path, &format!(":{row}:{column}"), error.message.clone(), None),
            Some(file) => {
                let lines = LineIndex::new(&file.text);
                let start = lines.offset(*row, *column);
                problem::of_span(path, &lines, Span::new(start, start), error.message.clone(), None)
            }
        }
    }

    /// The problem that a constraint is for none of the objects.
    pub fn unused(&self, at: usize) -> Problem {
        let (rule, constraint) = self.enforced(at);
        let message = format!("{} does not apply to any object", rule.id);
        let help = "correct its match, or remove --strict if this is expected";
        constraint.object.error_at(&["metadata", "name"], message, help)
    }

    /// A constraint that is enforced here, with its rule.
    pub fn enforced(&self, at: usize) -> (&Rule, &Constraint) {
        (&self.rules[at], &self.constraints[self.enforced[at]])
    }
}

fn violation(found: Found) -> Violation {
    let details = found
        .details
        .filter(|details| details.as_object().is_none_or(|object| !object.is_empty()));
    Violation {
        result: Value::Null,
        message: found.message,
        path: None,
        reported: None,
        metadata: details
            .map(|details| ("details".to_owned(), details.to_json()))
            .into_iter()
            .collect(),
    }
}

/// The results that a template's value holds: by message and details each once, as Gatekeeper has them; other fields of
/// a result mean nothing.
fn found(value: &Value) -> Result<Vec<Found>, String> {
    let members: Vec<&Value> = match value {
        Value::Set(members) => members.iter().collect(),
        Value::Array(items) => items.iter().collect(),
        Value::Object(object) => object.iter().map(|(_, value)| value).collect(),
        other => return Err(format!("violation is no set of results, but a {}", other.type_name())),
    };
    let mut order: BTreeSet<(String, Value)> = BTreeSet::new();
    let mut found: HashMap<(String, Value), Vec<Value>> = HashMap::new();
    for member in members {
        let message = member.field("msg").and_then(Value::text);
        let Some(message) = message else {
            return Err(format!("a result has no string in `msg`: {}", member.to_json()));
        };
        let details = member
            .field("details")
            .cloned()
            .unwrap_or_else(|| Value::object(Vec::new()));
        let key = (message.into_owned(), details);
        order.insert(key.clone());
        found.entry(key).or_default().push(member.clone());
    }
    let of_key = |key: (String, Value)| {
        let members = found.remove(&key).unwrap_or_default();
        Found {
            message: key.0,
            details: Some(key.1),
            members,
        }
    };
    Ok(order.into_iter().map(of_key).collect())
}

fn with_help(problem: Problem, help: &str) -> Problem {
    Problem {
        help: Some(help.to_owned()),
        ..problem
    }
}

/// A constraint that could not be evaluated on an object.
fn failed(rule: &Rule, review: &Review, places: &Places, problem: Problem) -> Problem {
    let object = format!("{} {}", review.kind, review.name());
    Problem {
        message: format!(
            "{} failed on {object} in {}: {}",
            rule.id,
            places.name(),
            problem.message
        ),
        ..problem
    }
}

/// An object that could not be expanded.
fn unexpanded(document: &Document, review: &Review, message: String) -> Problem {
    let location = locate(document, &Target::of(&review.origin.object));
    let help = "change its templateSource or applyTo, or use --expand off";
    problem::of_location(location, message, Some(help.to_owned()))
}

fn unknown_namespace(rule: &Rule, constraint: &Constraint, review: &Review, places: &Places) -> Problem {
    let namespace = review.namespace.as_deref().unwrap_or_default();
    let message = format!(
        "{} could not be evaluated on {} {} in {}: its namespaceSelector needs the Namespace {namespace}, which is not known",
        rule.id,
        review.kind,
        review.name(),
        places.name(),
    );
    let help = format!("add the Namespace {namespace} to the files, or name a directory that has it with --inventory");
    constraint
        .object
        .error_at(&["spec", "match", "namespaceSelector"], message, &help)
}
