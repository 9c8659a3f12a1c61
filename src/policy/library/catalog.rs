//! The catalog: what each policy of the library says of itself in METADATA, and its two examples.

use std::sync::LazyLock;

use super::embedded::outline;
use super::{Embedded, examples_of, modules, policy_id, suggestion};
use crate::finding::{Problem, Severity};
use crate::policy::module::address;
use crate::policy::parameter::Parameter;
use crate::problem;
use crate::settings::Profile;
use kpolicy_parse::Format;
use kpolicy_rego::syntax::tree::Scope;
use kpolicy_value::Value;

/// A policy of the library.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its id, such as `kubernetes/images/mutable_tag`.
    pub id: String,
    /// What it finds, in a few words.
    pub title: String,
    /// Why that matters, in paragraphs.
    pub description: String,
    /// How much its findings matter.
    pub severity: Severity,
    /// What to do about them.
    pub remediation: String,
    /// Where to read on.
    pub links: Vec<String>,
    /// The kinds of Kubernetes objects it is for; empty for any document.
    pub kinds: Vec<String>,
    /// The formats it is for, by name.
    pub formats: Vec<Format>,
    /// The profiles that it is in, by what it says itself.
    pub profiles: Vec<Profile>,
    /// The profiles that it only warns in: it reports what a reviewer should know, and fails no run.
    pub warns_in: Vec<Profile>,
    /// What it can be set by, sorted by name.
    pub parameters: Vec<Parameter>,
    /// An example that it finds something in.
    pub fails: Embedded,
    /// An example that it finds nothing in.
    pub passes: Embedded,
    /// The `kpolicy.toml` that both are evaluated with, where they need one.
    pub settings: Option<Embedded>,
    /// Its module.
    pub module: Embedded,
}

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let read = |module: Embedded| {
        let id = policy_id(module.path)?;
        Some(Policy::read(id, &module).expect("a test holds each policy of the library to its METADATA"))
    };
    modules().iter().copied().filter_map(read).collect()
});

/// Every policy of the library, sorted by id.
pub fn policies() -> &'static [Policy] {
    &POLICIES
}

/// The policy of an id, or the id that was most likely meant.
pub fn policy(id: &str) -> Result<&'static Policy, Problem> {
    let found = policies().iter().find(|policy| policy.id == id);
    found.ok_or_else(|| problem::of_run(format!("the built-in library has no policy {id}"), suggestion(id)))
}

impl Policy {
    /// A module as a policy; or what its METADATA lacks.
    pub(super) fn read(id: &str, module: &Embedded) -> Result<Self, String> {
        let mut blocks = outline(module).annotations.iter();
        let annotations = blocks.find(|block| block.scope == Scope::Package);
        let annotations = &annotations.ok_or("it has no METADATA")?.fields;
        let custom = annotations.field("custom").ok_or("it has no custom fields")?;
        let severity = text(custom, "severity")?;
        let examples = examples_of(id)?;
        Ok(Self {
            id: id.to_owned(),
            title: text(annotations, "title")?,
            description: text(annotations, "description")?,
            severity: Severity::of_name(&severity).ok_or(format!("{severity} is not a severity"))?,
            remediation: text(custom, "remediation")?,
            links: links(annotations)?,
            kinds: texts(custom, "kinds")?,
            formats: formats(custom)?,
            profiles: profiles(custom, "profiles")?,
            warns_in: match custom.field("warns_in") {
                Some(_) => profiles(custom, "warns_in")?,
                None => Vec::new(),
            },
            parameters: parameters(custom)?,
            fails: examples.fails,
            passes: examples.passes,
            settings: examples.settings,
            module: *module,
        })
    }

    /// Whether it is in a profile, be it to warn.
    pub fn is_in(&self, profile: Profile) -> bool {
        self.fails_in(profile) || self.warns_in.contains(&profile)
    }

    /// Whether its findings fail a run with a profile. The level `restricted` of the standard holds all of `baseline`.
    pub fn fails_in(&self, profile: Profile) -> bool {
        let within = match profile {
            Profile::Restricted => &[Profile::Restricted, Profile::Baseline][..],
            Profile::Default | Profile::Baseline | Profile::Strict => std::slice::from_ref(&profile),
        };
        within.iter().any(|profile| self.profiles.contains(profile))
    }

    /// The keys below `data.params` that its parameters are under: the id without its first part.
    pub fn params_path(&self) -> Vec<&str> {
        self.id.split('/').skip(1).collect()
    }
}

fn text(annotations: &Value, field: &str) -> Result<String, String> {
    let text = annotations.field(field).and_then(Value::as_str).map(str::trim);
    let text = text.filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or(format!("it has no {field}"))
}

fn texts(annotations: &Value, field: &str) -> Result<Vec<String>, String> {
    let items = annotations.field(field).and_then(Value::as_array);
    let items = items.ok_or(format!("it has no list of {field}"))?;
    let text = |item: &Value| {
        item.as_str()
            .map(str::to_owned)
            .ok_or(format!("{field} contains a value that is not a string"))
    };
    items.iter().map(text).collect()
}

fn links(annotations: &Value) -> Result<Vec<String>, String> {
    let items = annotations.field("related_resources").and_then(Value::as_array);
    let items = items.ok_or("it has no related_resources")?;
    let missing = || "a related resource has no address".to_owned();
    let read = |item: &Value| address(item).map(str::to_owned).ok_or_else(missing);
    items.iter().map(read).collect()
}

fn formats(custom: &Value) -> Result<Vec<Format>, String> {
    let names = texts(custom, "formats")?;
    if names.is_empty() {
        return Err("it has no format".to_owned());
    }
    let read = |name: String| Format::of_name(&name).ok_or_else(|| format!("{name} is not a format"));
    names.into_iter().map(read).collect()
}

fn profiles(custom: &Value, field: &str) -> Result<Vec<Profile>, String> {
    let read = |name: String| Profile::of_name(&name).ok_or(format!("{name} is not a profile"));
    texts(custom, field)?.into_iter().map(read).collect()
}

fn parameters(custom: &Value) -> Result<Vec<Parameter>, String> {
    let Some(declared) = custom.field("parameters") else {
        return Ok(Vec::new());
    };
    let declared = declared.as_object().ok_or("its parameters are not a table")?;
    let read = |(name, value): &(Value, Value)| Parameter::read(&name.key_text(), value);
    declared.iter().map(read).collect()
}
