//! Expansion: the objects that a workload creates, which constraints for pods are for. Given by ExpansionTemplates, or
//! for the kinds that create pods by the library's table of them.
//!
//! Follows gatekeeper v3.23 pkg/expansion/system.go: Expand.

use crate::finding::Problem;
use crate::policy::workloads::Workloads;
use kpolicy_value::Value;

use super::constraint::Action;
use super::manifest::Object;
use super::matching::texts;
use super::schema::put;

/// How deep what was expanded is expanded again.
const DEPTH: usize = 30;

/// Where expansions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expand {
    /// From the kinds that are known to create pods.
    Builtin,
    /// From ExpansionTemplates.
    Given,
    /// From nowhere.
    Off,
}

/// The expansions of a run.
#[derive(Clone, Debug, Default)]
pub struct Expansions {
    given: Vec<Expansion>,
    workloads: Option<Workloads>,
}

/// An ExpansionTemplate.
#[derive(Clone, Debug)]
struct Expansion {
    name: String,
    apply_to: Vec<ApplyTo>,
    source: Vec<String>,
    group: String,
    version: String,
    kind: String,
    action: Option<Action>,
}

/// Groups, versions and kinds: each is named, without wildcards.
#[derive(Clone, Debug)]
struct ApplyTo {
    groups: Vec<String>,
    versions: Vec<String>,
    kinds: Vec<String>,
}

/// An object that another one creates.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The object.
    pub object: Value,
    /// What leads to its parts in the object that creates it.
    pub source: Vec<Value>,
    /// Whether what is there is the spec of the object alone.
    pub spec_only: bool,
    /// What implies it: the name of the ExpansionTemplate, or the kind that creates it.
    pub implied_by: String,
    /// The action of its violations, where that is not the constraint's.
    pub action: Option<Action>,
}

impl Generated {
    /// A message of a violation, with what implies it.
    pub fn implied(&self, message: &str) -> String {
        format!("[Implied by {}] {message}", self.implied_by)
    }
}

impl Expansions {
    /// The expansions of these ExpansionTemplates; or everything that is wrong with them.
    pub fn given(templates: &[Object]) -> Result<Self, Vec<Problem>> {
        let (mut given, mut problems) = (Vec::new(), Vec::new());
        for object in templates {
            match Expansion::of(object) {
                Ok(expansion) => given.push(expansion),
                Err(problem) => problems.push(problem),
            }
        }
        given.sort_by(|a: &Expansion, b: &Expansion| a.name.cmp(&b.name));
        let expansions = Self { given, workloads: None };
        if problems.is_empty() {
            Ok(expansions)
        } else {
            Err(problems)
        }
    }

    /// The expansions that are asked for; where nothing is, those that are given, or else the built-in ones.
    #[must_use]
    pub fn chosen(mut self, wanted: Option<Expand>, workloads: &Workloads) -> Self {
        let wanted = wanted.unwrap_or(match self.given.is_empty() {
            true => Expand::Builtin,
            false => Expand::Given,
        });
        match wanted {
            Expand::Given => {}
            Expand::Off => self.given.clear(),
            Expand::Builtin => {
                self.given.clear();
                self.workloads = Some(workloads.clone());
            }
        }
        self
    }

    /// What an object creates, also by way of other objects.
    ///
    /// # Errors
    /// Where an ExpansionTemplate finds no source in it.
    pub fn of(&self, object: &Value) -> Result<Vec<Generated>, String> {
        let mut found = Vec::new();
        if let Some(workloads) = &self.workloads {
            found.extend(pods(object, workloads));
        }
        self.expand(object, &[], 0, &mut found)?;
        Ok(found)
    }

    fn expand(&self, object: &Value, below: &[Value], depth: usize, found: &mut Vec<Generated>) -> Result<(), String> {
        if depth >= DEPTH {
            return Err(format!("objects are expanded more than {DEPTH} times"));
        }
        let api_version = text(object, "apiVersion");
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let kind = text(object, "kind");
        for expansion in self
            .given
            .iter()
            .filter(|expansion| expansion.applies_to(group, version, kind))
        {
            let mut generated = expansion.expanded(object)?;
            generated.source = [below, &generated.source].concat();
            self.expand(&generated.object, &generated.source, depth + 1, found)?;
            found.push(generated);
        }
        Ok(())
    }
}

impl Expansion {
    fn of(object: &Object) -> Result<Self, Problem> {
        let text = |keys: &[&str]| object.text(keys).unwrap_or_default().to_owned();
        let refuse = |keys: &[&str], message: &str, help: &str| {
            Err(object.error_at(keys, format!("{}: {message}", object.title()), help))
        };
        let apply_to = object
            .at(&["spec", "applyTo"])
            .and_then(Value::as_array)
            .unwrap_or_default();
        let of_entry = |entry: &Value| ApplyTo {
            groups: texts(entry, "groups"),
            versions: texts(entry, "versions"),
            kinds: texts(entry, "kinds"),
        };
        let action = match object
            .text(&["spec", "enforcementAction"])
            .filter(|name| !name.is_empty())
        {
            None => None,
            Some(name) => match Action::of_name(name) {
                Some(action) => Some(action),
                None => {
                    return refuse(
                        &["spec", "enforcementAction"],
                        "is not an action",
                        "use deny, warn or dryrun",
                    );
                }
            },
        };
        let generated = |name: &str| text(&["spec", "generatedGVK", name]);
        let expansion = Self {
            name: object.name().to_owned(),
            apply_to: apply_to.iter().map(of_entry).collect(),
            source: text(&["spec", "templateSource"])
                .split('.')
                .map(str::to_owned)
                .collect(),
            group: generated("group"),
            version: generated("version"),
            kind: generated("kind"),
            action,
        };
        if expansion.name.is_empty() || expansion.name.len() >= 64 {
            return refuse(
                &["metadata", "name"],
                "the name has to have 1 to 63 characters",
                "change metadata.name",
            );
        }
        if text(&["spec", "templateSource"]).is_empty() {
            return refuse(
                &["spec"],
                "there is no templateSource",
                "write templateSource: spec.template",
            );
        }
        if expansion.kind.is_empty() && expansion.version.is_empty() {
            return refuse(
                &["spec"],
                "there is no generatedGVK",
                "write the group, version and kind of what is created",
            );
        }
        if expansion.apply_to.is_empty() {
            return refuse(
                &["spec"],
                "there is no applyTo",
                "write the groups, versions and kinds that it is for",
            );
        }
        if expansion.applies_to(&expansion.group, &expansion.version, &expansion.kind) {
            return refuse(
                &["spec", "applyTo"],
                "it applies to what it creates",
                "remove that kind from applyTo",
            );
        }
        Ok(expansion)
    }

    fn applies_to(&self, group: &str, version: &str, kind: &str) -> bool {
        let has = |names: &[String], name: &str| names.iter().any(|known| known == name);
        self.apply_to
            .iter()
            .any(|to| has(&to.groups, group) && has(&to.versions, version) && has(&to.kinds, kind))
    }

    fn expanded(&self, object: &Value) -> Result<Generated, String> {
        let found = self.source.iter().try_fold(object, |value, key| value.field(key));
        let Some(source) = found.filter(|source| source.as_object().is_some()) else {
            return Err(format!(
                "ExpansionTemplate {} finds no object at {} in {} {}",
                self.name,
                self.source.join("."),
                text(object, "kind"),
                name(object)
            ));
        };
        let api_version = match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        };
        Ok(Generated {
            object: created(source, object, &api_version, &self.kind),
            source: self.source.iter().map(|key| Value::from(key.as_str())).collect(),
            spec_only: false,
            implied_by: self.name.clone(),
            action: self.action,
        })
    }
}

/// The object that another one creates from a part of itself.
fn created(source: &Value, parent: &Value, api_version: &str, kind: &str) -> Value {
    let empty = Value::object(Vec::new());
    let own = source
        .field("metadata")
        .filter(|metadata| metadata.as_object().is_some());
    let mut metadata = own.unwrap_or(&empty).clone();
    if let Some(namespace) = parent
        .field("metadata")
        .and_then(|metadata| metadata.field("namespace"))
    {
        metadata = put(&metadata, "namespace", namespace.clone());
    }
    let separator = if kind.is_empty() { "" } else { "-" };
    let new_name = format!("{}{separator}{kind}", name(parent)).to_lowercase();
    metadata = put(&metadata, "name", new_name.as_str().into());
    let parent_texts = [text(parent, "apiVersion"), text(parent, "kind"), name(parent)];
    if parent_texts.iter().all(|text| !text.is_empty()) {
        let names = ["apiVersion", "kind", "name"].into_iter().zip(parent_texts);
        let entries = names.chain([("uid", "")]).map(|(key, text)| (key.into(), text.into()));
        let owner = Value::object(entries.collect());
        let owners = metadata
            .field("ownerReferences")
            .and_then(Value::as_array)
            .unwrap_or_default();
        let owners = Value::array(owners.iter().cloned().chain([owner]).collect());
        metadata = put(&metadata, "ownerReferences", owners);
    }
    let object = put(source, "metadata", metadata);
    let object = put(&object, "apiVersion", api_version.into());
    put(&object, "kind", kind.into())
}

/// The pods that an object of a known kind creates.
fn pods(object: &Value, workloads: &Workloads) -> Vec<Generated> {
    let found = workloads.templates(object).into_iter();
    found
        .filter_map(|(path, template)| {
            let is_object = |value: &&Value| value.as_object().is_some();
            let spec_only = template.field("spec").filter(is_object).is_none();
            if spec_only && template.field("containers").is_none() {
                return None;
            }
            let source = match spec_only {
                true => Value::object(vec![("spec".into(), template.clone())]),
                false => template.clone(),
            };
            Some(Generated {
                object: created(&source, object, "v1", "Pod"),
                source: path,
                spec_only,
                implied_by: text(object, "kind").to_owned(),
                action: None,
            })
        })
        .collect()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.field(field).and_then(Value::as_str).unwrap_or_default()
}

fn name(object: &Value) -> &str {
    object.field("metadata").map_or("", |metadata| text(metadata, "name"))
}
