//! `[[exempt]]`, `[waivers]` and `[severity]` of the settings file: read, and every error reported at its location.

use jiff::civil::Date;

use super::file::{SettingsFile, article};
use super::unknown::suggestion;
use crate::finding::{Location, Problem, Severity, WaiverSource};
use crate::pattern::{Pattern, Wildcard};
use crate::problem;
use crate::suggest::nearest;
use crate::waiver::{Conditions, Scope, Waiver};
use kpolicy_value::Value;

/// The keys of an exemption.
const KEYS: [&str; 14] = [
    "policy",
    "kind",
    "name",
    "namespace",
    "label",
    "container",
    "file",
    "message",
    "path",
    "resource",
    "reason",
    "expires",
    "owner",
    "ticket",
];

/// What a waiver can be required to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// The last day on which it holds.
    Expires,
    /// Who answers for it.
    Owner,
    /// Where it was decided.
    Ticket,
}

impl Requirement {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Expires, Self::Owner, Self::Ticket];

    /// The key that it is about.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expires => "expires",
            Self::Owner => "owner",
            Self::Ticket => "ticket",
        }
    }

    /// Whether a waiver says it.
    pub fn is_met(self, waiver: &Waiver) -> bool {
        match self {
            Self::Expires => waiver.expires.is_some(),
            Self::Owner => waiver.owner.is_some(),
            Self::Ticket => waiver.ticket.is_some(),
        }
    }
}

/// What the settings say of waivers: `[waivers]`.
#[derive(Clone, Debug, Default)]
pub struct Governance {
    /// The policies that nothing in a file waives.
    pub forbid: Vec<Pattern>,
    /// What each waiver has to say.
    pub require: Vec<Requirement>,
}

/// A severity that is given to a policy.
#[derive(Clone, Debug)]
pub struct SeverityOverride {
    /// The policy's id.
    pub policy: Pattern,
    /// How much its findings matter.
    pub severity: Severity,
}

/// The exemptions in the value of the key `exempt`.
pub(super) fn exemptions(file: &SettingsFile, value: &Value, problems: &mut Vec<Problem>) -> Vec<Waiver> {
    let key = || vec![Value::from("exempt")];
    let Some(items) = value.as_array() else {
        let message = format!("exempt: expected an array of tables, found {}", article(value));
        problems.push(problem::of_location(
            file.at_path(&key()),
            message,
            Some("write [[exempt]]".to_owned()),
        ));
        return Vec::new();
    };
    let read = |(index, item): (i64, &Value)| {
        let mut reader = Reader {
            file,
            path: [key(), vec![index.into()]].concat(),
            table: item,
            errors: Vec::new(),
        };
        let exemption = reader.exemption();
        problems.append(&mut reader.errors);
        exemption
    };
    (0..).zip(items).filter_map(read).collect()
}

/// The severities in the value of the key `severity`.
pub(super) fn severities(file: &SettingsFile, value: &Value, problems: &mut Vec<Problem>) -> Vec<SeverityOverride> {
    let root = Value::from("severity");
    let Some(table) = value.as_object() else {
        let message = format!("severity: expected a table, found {}", article(value));
        let help = "write [severity], and under it \"<policy id>\" = \"high\"".to_owned();
        problems.push(problem::of_location(file.at_path(&[root]), message, Some(help)));
        return Vec::new();
    };
    let mut graded = Vec::new();
    for (key, value) in table.iter() {
        let path = [root.clone(), key.clone()];
        let severity = value.as_str().and_then(Severity::of_name);
        let pattern = Pattern::new(&key.key_text(), file.at_key_path(&path));
        match (severity, pattern) {
            (Some(severity), Ok(policy)) => graded.push(SeverityOverride { policy, severity }),
            (None, _) => {
                let known = Severity::ALL.map(Severity::name);
                let near = value.as_str().and_then(|word| nearest(word, known));
                let message = format!(
                    "severity of {}: {} is not one of {}",
                    key.key_text(),
                    value.to_json(),
                    known.join(", ")
                );
                let help = near.map(|word| format!("did you mean {word}?"));
                problems.push(problem::of_location(file.at_path(&path), message, help));
            }
            (_, Err(wrong)) => {
                let message = format!("severity: {} is not a valid pattern: {wrong}", key.key_text());
                problems.push(problem::of_location(file.at_key_path(&path), message, None));
            }
        }
    }
    graded
}

/// What the settings say of waivers, in the value of the key `waivers`.
pub(super) fn governance(file: &SettingsFile, value: &Value, problems: &mut Vec<Problem>) -> Governance {
    let root = Value::from("waivers");
    let mut governance = Governance::default();
    let Some(table) = value.as_object() else {
        let message = format!("waivers: expected a table, found {}", article(value));
        let help = "write [waivers], and under it forbid = [\"kubernetes/pod_security\"]".to_owned();
        problems.push(problem::of_location(file.at_path(&[root]), message, Some(help)));
        return governance;
    };
    for (key, value) in table.iter() {
        let path = [root.clone(), key.clone()];
        let name = key.key_text();
        if !matches!(name.as_str(), "forbid" | "require") {
            let message = format!("waivers: unknown key {name}");
            let help = "the keys are forbid, require".to_owned();
            problems.push(problem::of_location(file.at_key_path(&path), message, Some(help)));
            continue;
        }
        let one = std::slice::from_ref(value);
        for (at, item) in (0i64..).zip(value.as_array().unwrap_or(one)) {
            let location = match value.as_array() {
                Some(_) => file.at_path(&[root.clone(), key.clone(), at.into()]),
                None => file.at_path(&path),
            };
            if let Err((message, help)) = governance.take(&name, item, location.clone()) {
                problems.push(problem::of_location(
                    location,
                    format!("waivers: {name}: {message}"),
                    help,
                ));
            }
        }
    }
    governance
}

impl Governance {
    /// Takes an item of a key, or gives what is wrong with it and what to do.
    fn take(&mut self, key: &str, item: &Value, location: Location) -> Result<(), (String, Option<String>)> {
        let Some(text) = item.as_str().filter(|text| !text.is_empty()) else {
            return Err((format!("expected a string, found {}", article(item)), None));
        };
        if key == "forbid" {
            let pattern = Pattern::new(text, location);
            let pattern = pattern.map_err(|wrong| (format!("{text} is not a valid pattern: {wrong}"), None))?;
            self.forbid.push(pattern);
            return Ok(());
        }
        let known = Requirement::ALL.map(Requirement::name);
        match Requirement::ALL.into_iter().find(|known| known.name() == text) {
            Some(requirement) => self.require.push(requirement),
            None => return Err((format!("{text} is not one of {}", known.join(", ")), None)),
        }
        Ok(())
    }

    /// What a waiver has to say and does not.
    pub fn missing(&self, waiver: &Waiver) -> Option<Requirement> {
        let mut required = self.require.iter().copied();
        required.find(|required| !required.is_met(waiver))
    }
}

/// A problem for each exemption that does not say what it has to.
pub(super) fn incomplete(exemptions: &[Waiver], governance: &Governance) -> Vec<Problem> {
    let incomplete = exemptions.iter().filter_map(|waiver| {
        let missing = governance.missing(waiver)?.name();
        let help = format!("add {missing}: [waivers] requires it of every waiver");
        let message = format!("exempt: missing key {missing}");
        Some(problem::of_location(waiver.location.clone(), message, Some(help)))
    });
    incomplete.collect()
}

/// Reads one table.
struct Reader<'a> {
    file: &'a SettingsFile,
    path: Vec<Value>,
    table: &'a Value,
    errors: Vec<Problem>,
}

impl Reader<'_> {
    fn exemption(&mut self) -> Option<Waiver> {
        let Some(table) = self.table.as_object() else {
            let message = format!("exempt: expected a table, found {}", article(self.table));
            self.error(&[], message, Some("write [[exempt]]".to_owned()));
            return None;
        };
        for (key, _) in table.iter() {
            let name = key.key_text();
            if !KEYS.contains(&name.as_str()) {
                let location = self.file.at_key_path(&self.below(std::slice::from_ref(key)));
                let message = format!("exempt: unknown key {name}");
                let help = match nearest(&name, KEYS) {
                    Some(_) => suggestion(&name, KEYS.into_iter()),
                    None => format!("the keys are {}", KEYS.join(", ")),
                };
                self.errors.push(problem::of_location(location, message, Some(help)));
            }
        }
        if self.table.field("policy").is_none() {
            let help = "name the policies that it applies to: policy = \"kubernetes/images/mutable_tag\"".to_owned();
            self.error(&[], "exempt: missing key policy".to_owned(), Some(help));
        }
        let policy = self.patterns("policy");
        let conditions = Conditions {
            kind: self.patterns("kind"),
            name: self.patterns("name"),
            namespace: self.patterns("namespace"),
            label: self.patterns("label"),
            container: self.patterns("container"),
            file: self.patterns("file"),
            message: self.wildcards("message"),
            path: self.wildcards("path"),
            resource: self.wildcards("resource"),
        };
        let (reason, expires) = (self.reason(), self.expires());
        let (owner, ticket) = (self.line("owner"), self.line("ticket"));
        self.errors.is_empty().then(|| Waiver {
            source: WaiverSource::Settings,
            policy,
            scope: Scope::Matching(Box::new(conditions)),
            reason,
            expires,
            owner,
            ticket,
            location: self.file.at_path(&self.path),
        })
    }

    /// The patterns under a key.
    fn patterns(&mut self, key: &str) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for (path, text, location) in self.texts(key) {
            match Pattern::new(&text, location) {
                Ok(pattern) => patterns.push(pattern),
                Err(wrong) => {
                    let message = format!("exempt: {key}: {text} is not a valid pattern: {wrong}");
                    self.error(&path, message, None);
                }
            }
        }
        patterns
    }

    /// The strings with stars under a key.
    fn wildcards(&mut self, key: &str) -> Vec<Wildcard> {
        let texts = self.texts(key).into_iter();
        texts.map(|(_, text, _)| Wildcard::new(&text)).collect()
    }

    /// The strings under a key: one, or an array that is not empty; each with its path and its location.
    fn texts(&mut self, key: &str) -> Vec<(Vec<Value>, String, Location)> {
        let Some(value) = self.table.field(key) else {
            return Vec::new();
        };
        let items: Vec<(Vec<Value>, &Value)> = match value.as_array() {
            Some(items) if !items.is_empty() => (0..)
                .zip(items)
                .map(|(index, item): (i64, &Value)| (vec![key.into(), index.into()], item))
                .collect(),
            _ => vec![(vec![key.into()], value)],
        };
        let mut texts = Vec::new();
        for (path, item) in items {
            match item.as_str().filter(|text| !text.is_empty()) {
                Some(text) => {
                    let location = self.file.at_path(&self.below(&path));
                    texts.push((path, text.to_owned(), location));
                }
                None => {
                    let message =
                        format!("exempt: {key}: expected a string or an array of strings, none of them empty");
                    self.error(&path, message, None);
                }
            }
        }
        texts
    }

    /// The string under a key, where it is there.
    fn line(&mut self, key: &str) -> Option<String> {
        let value = self.table.field(key)?;
        let text = value.as_str().map(str::trim).filter(|text| !text.is_empty());
        if text.is_none() {
            self.error(
                &[key.into()],
                format!("exempt: {key}: expected a string that is not empty"),
                None,
            );
        }
        text.map(str::to_owned)
    }

    fn reason(&mut self) -> String {
        let value = self.table.field("reason");
        let text = value
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty());
        if text.is_none() {
            let path: &[Value] = if value.is_some() { &["reason".into()] } else { &[] };
            let help = "give a reason for readers of the report: reason = \"…\"".to_owned();
            self.error(path, "exempt: missing key reason".to_owned(), Some(help));
        }
        text.unwrap_or_default().to_owned()
    }

    fn expires(&mut self) -> Option<Date> {
        let value = self.table.field("expires")?;
        // A date of TOML is read as a moment.
        let date = value.as_str().and_then(|text| text.split('T').next()?.parse().ok());
        if date.is_none() {
            let message = format!("exempt: expires: {} is not a date", value.to_json());
            self.error(&["expires".into()], message, Some("write it as 2027-01-31".to_owned()));
        }
        date
    }

    fn below(&self, path: &[Value]) -> Vec<Value> {
        [&self.path, path].concat()
    }

    fn error(&mut self, path: &[Value], message: String, help: Option<String>) {
        let location = self.file.at_path(&self.below(path));
        self.errors.push(problem::of_location(location, message, help));
    }
}
