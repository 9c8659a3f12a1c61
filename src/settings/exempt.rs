//! `[[exempt]]` and `[severity]` of the settings file: read, and every error reported at its location.

use jiff::civil::Date;

use super::file::{SettingsFile, article};
use super::unknown::suggestion;
use crate::exempt::Exemption;
use crate::finding::{Problem, Severity};
use crate::pattern::Pattern;
use crate::problem;
use crate::suggest::nearest;
use kpolicy_value::Value;

/// The keys of an exemption that hold patterns.
const PATTERNS: [&str; 6] = ["policy", "kind", "name", "namespace", "label", "file"];

/// A severity that is given to a policy.
#[derive(Clone, Debug)]
pub struct SeverityOverride {
    /// The policy's id.
    pub policy: Pattern,
    /// How much its findings matter.
    pub severity: Severity,
}

/// The exemptions in the value of the key `exempt`.
pub(super) fn exemptions(file: &SettingsFile, value: &Value, problems: &mut Vec<Problem>) -> Vec<Exemption> {
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

/// Reads one table.
struct Reader<'a> {
    file: &'a SettingsFile,
    path: Vec<Value>,
    table: &'a Value,
    errors: Vec<Problem>,
}

impl Reader<'_> {
    fn exemption(&mut self) -> Option<Exemption> {
        let Some(table) = self.table.as_object() else {
            let message = format!("exempt: expected a table, found {}", article(self.table));
            self.error(&[], message, Some("write [[exempt]]".to_owned()));
            return None;
        };
        for (key, _) in table.iter() {
            let name = key.key_text();
            let known = PATTERNS.into_iter().chain(["reason", "expires"]);
            if !known.clone().any(|known| known == name) {
                let location = self.file.at_key_path(&self.below(std::slice::from_ref(key)));
                let message = format!("exempt: unknown key {name}");
                let help = match nearest(&name, known.clone()) {
                    Some(_) => suggestion(&name, known),
                    None => format!("the keys are {}", known.collect::<Vec<_>>().join(", ")),
                };
                self.errors.push(problem::of_location(location, message, Some(help)));
            }
        }
        let [policy, kind, name, namespace, label, file] = PATTERNS.map(|key| self.patterns(key));
        if self.table.field("policy").is_none() {
            let help = "name the policies that it applies to: policy = \"kubernetes/images/mutable_tag\"".to_owned();
            self.error(&[], "exempt: missing key policy".to_owned(), Some(help));
        }
        let (reason, expires) = (self.reason(), self.expires());
        self.errors.is_empty().then(|| Exemption {
            policy,
            kind,
            name,
            namespace,
            label,
            file,
            reason,
            expires,
            location: self.file.at_path(&self.path),
        })
    }

    /// The patterns under a key: a text, or an array of strings that is not empty.
    fn patterns(&mut self, key: &str) -> Vec<Pattern> {
        let Some(value) = self.table.field(key) else {
            return Vec::new();
        };
        let texts: Vec<(Vec<Value>, &Value)> = match value.as_array() {
            Some(items) if !items.is_empty() => (0..)
                .zip(items)
                .map(|(index, item): (i64, &Value)| (vec![key.into(), index.into()], item))
                .collect(),
            _ => vec![(vec![key.into()], value)],
        };
        let mut patterns = Vec::new();
        for (path, value) in texts {
            let location = self.file.at_path(&self.below(&path));
            match value
                .as_str()
                .filter(|text| !text.is_empty())
                .map(|text| Pattern::new(text, location))
            {
                Some(Ok(pattern)) => patterns.push(pattern),
                Some(Err(wrong)) => {
                    let message = format!("exempt: {key}: {} is not a valid pattern: {wrong}", value.key_text());
                    self.error(&path, message, None);
                }
                None => {
                    let message =
                        format!("exempt: {key}: expected a string or an array of strings, none of them empty");
                    self.error(&path, message, None);
                }
            }
        }
        patterns
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
