//! Constraints: which template they use, with which parameters, for which objects, and what a violation means.

use crate::finding::{Kind, Problem, RuleInfo, Severity};
use crate::policy::Rule;
use kpolicy_value::Value;

use super::manifest::Object;
use super::matching::{Match, texts};
use super::schema::Fault;
use super::template::Template;

/// The package that reports give for the rules of constraints.
pub const NAMESPACE: &str = "gatekeeper";

/// What a violation means, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The request is denied.
    Deny,
    /// The request is admitted with a warning.
    Warn,
    /// The request is admitted; only the audit tells.
    Dryrun,
}

impl Action {
    /// The action of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "deny" => Some(Self::Deny),
            "warn" => Some(Self::Warn),
            "dryrun" => Some(Self::Dryrun),
            _ => None,
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Warn => "warn",
            Self::Dryrun => "dryrun",
        }
    }

    /// The kind of the findings.
    pub fn kind(self) -> Kind {
        match self {
            Self::Deny => Kind::Deny,
            Self::Warn => Kind::Warn,
            Self::Dryrun => Kind::Note,
        }
    }

    /// How much the findings matter, unless something else is said.
    pub fn severity(self) -> Severity {
        match self {
            Self::Deny => Severity::High,
            Self::Warn => Severity::Medium,
            Self::Dryrun => Severity::Info,
        }
    }
}

/// What a violation of a constraint means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// The same everywhere.
    Everywhere(Action),
    /// Something at each of these points.
    Scoped(Vec<(String, Action)>),
}

impl Enforcement {
    /// What a violation means at the point of gator, or for all points; nothing where neither is named.
    pub fn at_gator(&self) -> Option<Action> {
        self.at(&["gator.gatekeeper.sh", "*"])
    }

    /// What a violation means in a pipeline: what it means at the point of gator, or else at the webhook's, whose answer
    /// a pipeline gives in advance.
    pub fn here(&self) -> Option<Action> {
        self.at_gator().or_else(|| self.at(&["validation.gatekeeper.sh"]))
    }

    fn at(&self, wanted: &[&str]) -> Option<Action> {
        match self {
            Self::Everywhere(action) => Some(*action),
            Self::Scoped(points) => {
                let fitting = points.iter().filter(|(name, _)| wanted.contains(&name.as_str()));
                fitting.map(|(_, action)| *action).min()
            }
        }
    }

    /// The points that are named.
    pub fn points(&self) -> Vec<&str> {
        match self {
            Self::Everywhere(_) => Vec::new(),
            Self::Scoped(points) => points.iter().map(|(name, _)| name.as_str()).collect(),
        }
    }
}

/// A constraint.
#[derive(Debug)]
pub struct Constraint {
    /// The object, with the defaults of its schema.
    pub object: Object,
    /// The template, by its index.
    pub template: usize,
    /// Which objects it is for.
    pub matching: Match,
    /// `spec.parameters`.
    pub parameters: Value,
    /// What a violation means, and where.
    pub enforcement: Enforcement,
}

impl Constraint {
    /// The constraint that an object is; or everything that is wrong with it.
    pub fn of(object: Object, at: usize, template: &Template) -> Result<Self, Vec<Problem>> {
        if !["v1beta1", "v1alpha1"].contains(&object.version.as_str()) {
            let message = format!("{} is of the unknown version {}", object.title(), object.version);
            let help = "use constraints.gatekeeper.sh/v1beta1";
            return Err(vec![object.error_at(&["apiVersion"], message, help)]);
        }
        if let Some(message) = unfit_name(object.name()) {
            let help = "use lower-case letters, digits, - and ., 63 characters at most";
            return Err(vec![object.error_at(&["metadata", "name"], message, help)]);
        }
        let faults = template.schema.faults(&object.value);
        if !faults.is_empty() {
            return Err(faults
                .into_iter()
                .map(|fault| of_fault(&object, template, fault))
                .collect());
        }
        let value = template.schema.defaulted(&object.value);
        let object = Object { value, ..object };
        let matching = Match::of(object.at(&["spec", "match"])).map_err(|(path, message)| {
            let path = [vec!["spec".into(), "match".into()], path].concat();
            vec![object.error(&path, message, None)]
        })?;
        let enforcement = enforcement(&object).map_err(|problem| vec![problem])?;
        let parameters = object.at(&["spec", "parameters"]).cloned();
        Ok(Self {
            template: at,
            matching,
            parameters: parameters.unwrap_or_else(|| Value::object(Vec::new())),
            enforcement,
            object,
        })
    }

    /// Its name in reports: the kind and the name.
    pub fn rule_name(&self) -> String {
        format!("{}/{}", self.object.kind, self.object.name())
    }

    /// Its ID in reports.
    pub fn id(&self) -> String {
        format!("{NAMESPACE}/{}", self.rule_name())
    }

    /// The rule that it is to reports, where it is enforced.
    pub fn rule(&self, template: &Template, action: Action) -> Rule {
        let said = |name: &str| {
            let found = self
                .object
                .annotation(name)
                .or_else(|| template.object.annotation(name));
            found.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let severity = said("severity").and_then(|name| Severity::of_name(&name.to_lowercase()));
        Rule {
            reads_inventory: false,
            reads_configuration: false,
            namespace: NAMESPACE.to_owned(),
            name: self.rule_name(),
            kind: action.kind(),
            clauses: 1,
            id: self.id(),
            severity: severity.unwrap_or(action.severity()),
            info: RuleInfo {
                title: said("title"),
                description: said("description"),
                remediation: said("remediation"),
                ..RuleInfo::default()
            },
            place: Some(self.object.place()),
            embedded: false,
            kinds: Vec::new(),
            conditions: None,
            formats: Vec::new(),
        }
    }
}

/// What is wrong with a name that has to be a DNS subdomain.
fn unfit_name(name: &str) -> Option<String> {
    let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let is_label = |label: &str| {
        label.starts_with(letter) && label.ends_with(letter) && label.chars().all(|each| letter(each) || each == '-')
    };
    match name {
        "" => Some("the constraint has no name".to_owned()),
        name if name.split('.').all(is_label) => None,
        name => Some(format!("{name:?} is not a valid name of a constraint")),
    }
}

fn of_fault(object: &Object, template: &Template, fault: Fault) -> Problem {
    let mut path = String::new();
    for step in &fault.path {
        match step {
            Value::String(name) if path.is_empty() => path.push_str(&name.to_str()),
            Value::String(name) => path.push_str(&format!(".{name}")),
            step => path.push_str(&format!("[{}]", step.key_text())),
        }
    }
    let (file, line, _) = template.object.place();
    let help = match fault.unknown {
        true => format!("the schema of its template is at {file}:{line}: remove the field or add it there"),
        false => format!("the schema of its template is at {file}:{line}"),
    };
    let message = format!("{}: {path} {}", object.title(), fault.message);
    object.error(&fault.path, message, Some(help))
}

/// What `enforcementAction` and `scopedEnforcementActions` say.
fn enforcement(object: &Object) -> Result<Enforcement, Problem> {
    const KEYS: [&str; 2] = ["spec", "enforcementAction"];
    const SCOPED: [&str; 2] = ["spec", "scopedEnforcementActions"];
    let name = object.text(&KEYS).unwrap_or("deny");
    if name != "scoped" {
        let action = Action::of_name(name).ok_or_else(|| {
            let message = format!("{}: {name:?} is not an enforcementAction", object.title());
            object.error_at(&KEYS, message, "use deny, warn, dryrun or scoped")
        })?;
        return Ok(Enforcement::Everywhere(action));
    }
    let Some(all) = object.at(&SCOPED).and_then(Value::as_array) else {
        let message = format!("{} is scoped and has no scopedEnforcementActions", object.title());
        return Err(object.error_at(
            &KEYS,
            message,
            "write spec.scopedEnforcementActions, or another enforcementAction",
        ));
    };
    let mut points: Vec<(String, Action)> = Vec::new();
    for scoped in all {
        let name = scoped.field("action").and_then(Value::as_str).unwrap_or_default();
        let action = Action::of_name(name).ok_or_else(|| {
            let message = format!("{}: {name:?} is not an action", object.title());
            object.error_at(&SCOPED, message, "use deny, warn or dryrun")
        })?;
        let named = scoped
            .field("enforcementPoints")
            .and_then(Value::as_array)
            .unwrap_or_default();
        let names = named
            .iter()
            .filter_map(|point| point.field("name").and_then(Value::as_str));
        points.extend(names.map(|name| (name.to_owned(), action)));
    }
    Ok(Enforcement::Scoped(points))
}

/// The namespaces that a Config excludes from the webhook.
pub fn excluded_namespaces(config: &Object) -> Vec<String> {
    let entries = config
        .at(&["spec", "match"])
        .and_then(Value::as_array)
        .unwrap_or_default();
    let is_of_webhook = |entry: &&Value| {
        let processes = texts(entry, "processes");
        processes
            .iter()
            .any(|process| matches!(process.as_str(), "*" | "webhook"))
    };
    let webhook = entries.iter().filter(is_of_webhook);
    webhook.flat_map(|entry| texts(entry, "excludedNamespaces")).collect()
}
