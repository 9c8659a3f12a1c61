//! Gatekeeper's policies: ConstraintTemplates and constraints, evaluated as the cluster's webhook evaluates them.
//!
//! [`load`] makes a set of the objects below `--policy`; a [`evaluate::Reviewer`] evaluates documents with it.

use std::collections::HashMap;

use crate::finding::Problem;
use crate::policy::workloads::Workloads;
use crate::policy::{Rule, with_severities};
use crate::problem;
use crate::settings::waiver::SeverityOverride;
use crate::suggest::nearest;

pub mod cluster;
pub mod constraint;
pub mod evaluate;
pub mod expansion;
pub mod export;
mod labels;
pub mod manifest;
pub mod matching;
mod references;
pub mod review;
pub mod schema;
pub mod suite;
mod sync;
pub mod template;
pub mod written;

use cluster::{Applying, Cluster};
use constraint::{Constraint, excluded_namespaces};
use expansion::{Expand, Expansions};
use manifest::{Object, Role, objects_of};
use matching::Wildcard;
use template::{Compiling, Template};

/// A file that may hold objects of Gatekeeper.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The path as messages show it.
    pub path: String,
    /// The text.
    pub text: String,
}

/// Templates and constraints, ready to be evaluated. Threads share it.
pub struct Gatekeeper {
    /// The templates, each a program of its own.
    pub templates: Vec<Template>,
    /// The constraints, by kind and name.
    pub constraints: Vec<Constraint>,
    /// What the constraints that are enforced here are to reports.
    pub rules: Vec<Rule>,
    /// What is suspicious about the policies.
    pub warnings: Vec<Problem>,
    /// The constraint of each rule, by its index.
    enforced: Vec<usize>,
    /// The namespaces that are left alone.
    excluded: Vec<Wildcard>,
    /// What objects create.
    expansions: Expansions,
}

/// Loads the objects of Gatekeeper in these files; nothing where they hold none; or everything that is wrong with them.
pub fn load(manifests: &[Manifest], compiling: &Compiling) -> Result<Option<Gatekeeper>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut objects = Vec::new();
    for manifest in manifests {
        match objects_of(&manifest.path, &manifest.text) {
            Ok(found) => objects.extend(found),
            Err(problem) => problems.push(problem),
        }
    }
    objects.retain(|(role, _)| *role != Role::Suite);
    if objects.is_empty() {
        return if problems.is_empty() { Ok(None) } else { Err(problems) };
    }
    let set = Gatekeeper::of(objects, compiling, &mut problems);
    if problems.is_empty() {
        Ok(Some(set))
    } else {
        Err(problems)
    }
}

impl Gatekeeper {
    /// The set of one constraint, for a test of it.
    fn single(template: Template, constraint: Constraint, expansions: Expansions) -> Self {
        Self {
            templates: vec![template],
            constraints: vec![constraint],
            rules: Vec::new(),
            warnings: Vec::new(),
            enforced: Vec::new(),
            excluded: Vec::new(),
            expansions,
        }
    }

    fn of(objects: Vec<(Role, Object)>, compiling: &Compiling, problems: &mut Vec<Problem>) -> Self {
        let (mut templates, mut constraints, mut excluded) = (Vec::new(), Vec::new(), Vec::new());
        let (mut expansions, mut syncing) = (Vec::new(), Vec::new());
        for (role, object) in distinct(objects, problems) {
            match role {
                Role::Template => match Template::of(object, compiling) {
                    Ok(template) => templates.push(template),
                    Err(errors) => problems.extend(errors),
                },
                Role::Constraint => constraints.push(object),
                Role::Config => {
                    excluded.extend(excluded_namespaces(&object).iter().map(|name| Wildcard::of(name)));
                    syncing.push(object);
                }
                Role::Unsupported(what) => problems.push(unsupported(&object, what)),
                Role::Expansion => expansions.push(object),
                Role::SyncSet => syncing.push(object),
                Role::Suite => {}
            }
        }
        let mut set = Self {
            templates,
            constraints: Vec::new(),
            rules: Vec::new(),
            warnings: Vec::new(),
            enforced: Vec::new(),
            excluded,
            expansions: Expansions::default(),
        };
        match Expansions::given(&expansions) {
            Ok(expansions) => set.expansions = expansions,
            Err(errors) => problems.extend(errors),
        }
        // Of a template that is refused there is nothing to be said of its constraints.
        let is_whole = problems.is_empty();
        for object in constraints {
            let template = set.templates.iter().position(|template| template.kind == object.kind);
            match template.map(|at| Constraint::of(object.clone(), at, &set.templates[at])) {
                Some(Ok(constraint)) => set.constraints.push(constraint),
                Some(Err(errors)) => problems.extend(errors),
                None if is_whole => problems.push(set.without_template(&object)),
                None => {}
            }
        }
        set.constraints.sort_by_key(Constraint::rule_name);
        set.enforce(compiling.gator);
        set.warnings.extend(sync::warnings(&set.templates, &syncing));
        if problems.is_empty() && set.rules.is_empty() {
            problems.push(set.nothing());
        }
        set
    }

    /// Notes which constraints are enforced here.
    fn enforce(&mut self, gator: bool) {
        for (at, constraint) in self.constraints.iter().enumerate() {
            let action = match gator {
                true => constraint.enforcement.at_gator(),
                false => constraint.enforcement.here(),
            };
            match action {
                Some(action) => {
                    self.rules
                        .push(constraint.rule(&self.templates[constraint.template], action));
                    self.enforced.push(at);
                }
                None => {
                    let points = constraint.enforcement.points();
                    let message = format!(
                        "{} is not evaluated: it is enforced at {} only",
                        constraint.object.title(),
                        if points.is_empty() {
                            "no point".to_owned()
                        } else {
                            points.join(", ")
                        }
                    );
                    let help = "add gator.gatekeeper.sh to its enforcementPoints to evaluate it here";
                    let keys = ["spec", "scopedEnforcementActions"];
                    self.warnings.push(constraint.object.error_at(&keys, message, help));
                }
            }
        }
        for (at, template) in self.templates.iter().enumerate() {
            if !self.constraints.iter().any(|constraint| constraint.template == at) {
                let message = format!("no constraint uses {}: it is not evaluated", template.object.title());
                let help = format!("add a constraint of the kind {}", template.kind);
                self.warnings
                    .push(template.object.error_at(&["metadata", "name"], message, &help));
            }
        }
    }

    /// The policies with the severities of the settings.
    #[must_use]
    pub fn with_severities(mut self, severities: &[SeverityOverride]) -> Self {
        self.rules = with_severities(self.rules, severities);
        self
    }

    /// The policies with the expansions that are asked for.
    #[must_use]
    pub fn expanding(mut self, wanted: Option<Expand>, workloads: &Workloads) -> Self {
        self.expansions = self.expansions.chosen(wanted, workloads);
        self
    }

    /// Whether a constraint or template asks for more than the object at hand.
    pub fn needs_inventory(&self) -> bool {
        self.templates
            .iter()
            .any(|template| template.reads_inventory || template.reads_namespace)
            || self
                .constraints
                .iter()
                .any(|constraint| constraint.matching.asks_for_set())
    }

    /// The cluster that these policies are evaluated in.
    pub fn cluster(&self, applying: Applying, inventory: Option<&kpolicy_value::Value>) -> Cluster {
        Cluster::new(applying, inventory, self.excluded.clone())
    }

    /// The constraints, each with its template.
    pub fn listed(&self) -> impl Iterator<Item = (&Constraint, &Template)> {
        self.constraints
            .iter()
            .map(|constraint| (constraint, &self.templates[constraint.template]))
    }

    fn without_template(&self, object: &Object) -> Problem {
        let message = format!(
            "{} has no template: no ConstraintTemplate is of the kind {}",
            object.title(),
            object.kind
        );
        let near = nearest(
            &object.kind,
            self.templates.iter().map(|template| template.kind.as_str()),
        );
        let help = match near {
            Some(near) => format!("did you mean {near}?"),
            None => "name its file with --policy too".to_owned(),
        };
        object.error_at(&["kind"], message, &help)
    }

    /// Why nothing could ever be found.
    fn nothing(&self) -> Problem {
        match (self.constraints.is_empty(), self.templates.len()) {
            (true, 0) => problem::of_run(
                "the policies have no ConstraintTemplate and no constraint: they can never report a finding",
                "name the files of the templates and the constraints with --policy",
            ),
            (true, _) => problem::of_run(
                "the policies have ConstraintTemplates and no constraint: they can never report a finding",
                "name the files of the constraints with --policy too",
            ),
            (false, _) => problem::of_run(
                "every constraint is enforced elsewhere: nothing would be evaluated",
                "add gator.gatekeeper.sh to the enforcementPoints of those that are meant for a pipeline",
            ),
        }
    }
}

/// The objects without repetitions; two that differ and have one name are a problem.
fn distinct(objects: Vec<(Role, Object)>, problems: &mut Vec<Problem>) -> Vec<(Role, Object)> {
    let mut first: HashMap<(String, String, String), usize> = HashMap::new();
    let mut kept: Vec<(Role, Object)> = Vec::new();
    for (role, object) in objects {
        let key = (object.group.clone(), object.kind.clone(), object.name().to_owned());
        let before = match first.get(&key) {
            None => {
                first.insert(key, kept.len());
                kept.push((role, object));
                continue;
            }
            Some(at) => &kept[*at].1,
        };
        if before.value != object.value {
            let (path, line, _) = before.place();
            let message = format!(
                "{} is defined twice, with different content: first at {path}:{line}",
                object.title()
            );
            problems.push(object.error_at(&["metadata", "name"], message, "remove one of them, or rename it"));
        }
    }
    kept
}

fn unsupported(object: &Object, what: &str) -> Problem {
    let message = format!("{} is {what}, which is not supported", object.title());
    object.error_at(
        &["kind"],
        message,
        "leave it out of --policy; the other policies are evaluated without it",
    )
}
