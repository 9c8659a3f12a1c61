//! `[[helm]]` of the settings file: the environments that charts are rendered for.

use std::path::Path;

use super::file::{SettingsFile, article};
use super::unknown::suggestion;
use crate::finding::{Location, Problem};
use crate::problem;
use crate::rendering::helm::{Environment, is_chart};
use crate::suggest::nearest;
use kpolicy_value::Value;

/// The keys of an entry.
const KEYS: [&str; 8] = [
    "chart",
    "environment",
    "name",
    "namespace",
    "values",
    "set",
    "kube-version",
    "api-versions",
];

/// The entries in the value of the key `helm`.
pub(super) fn environments(
    file: &SettingsFile,
    value: &Value,
    start: &Path,
    problems: &mut Vec<Problem>,
) -> Vec<Environment> {
    let root = Value::from("helm");
    let Some(items) = value.as_array() else {
        let message = format!("helm: expected an array of tables, found {}", article(value));
        let location = file.at_path(&[root]);
        problems.push(problem::of_location(
            location,
            message,
            Some("write [[helm]]".to_owned()),
        ));
        return Vec::new();
    };
    let mut environments = Vec::new();
    for (index, item) in (0i64..).zip(items) {
        let mut reader = Reader {
            file,
            path: vec![root.clone(), index.into()],
            table: item,
            errors: Vec::new(),
        };
        let environment = reader.environment(start);
        if reader.errors.is_empty() {
            environments.push(environment);
        }
        problems.append(&mut reader.errors);
    }
    environments
}

/// Reads one table.
struct Reader<'a> {
    file: &'a SettingsFile,
    path: Vec<Value>,
    table: &'a Value,
    errors: Vec<Problem>,
}

impl Reader<'_> {
    fn environment(&mut self, start: &Path) -> Environment {
        let Some(table) = self.table.as_object() else {
            let message = format!("helm: expected a table, found {}", article(self.table));
            self.error(&[], message, Some("write [[helm]]".to_owned()));
            return Environment::default();
        };
        for (key, _) in table.iter() {
            let name = key.key_text();
            if !KEYS.contains(&name.as_str()) {
                let path: Vec<Value> = self.path.iter().chain([key]).cloned().collect();
                let help = match nearest(&name, KEYS) {
                    Some(_) => suggestion(&name, KEYS.into_iter()),
                    None => format!("the keys are {}", KEYS.join(", ")),
                };
                let location = self.file.at_key_path(&path);
                let message = format!("helm: unknown key {name}");
                self.errors.push(problem::of_location(location, message, Some(help)));
            }
        }
        let chart = self.file.folder.join(self.text("chart").unwrap_or_default());
        if self.table.field("chart").is_none() {
            let help = "name the directory of a chart: chart = \"charts/shop\"".to_owned();
            self.error(&[], "helm: missing key chart".to_owned(), Some(help));
        } else if self.errors.is_empty() && !is_chart(&start.join(&chart)) {
            let message = format!("helm: chart: {} has no Chart.yaml", chart.display());
            let help = "name the directory of a chart, relative to this file".to_owned();
            self.error(&["chart".into()], message, Some(help));
        }
        Environment {
            chart,
            environment: self.text("environment"),
            name: self.text("name"),
            namespace: self.text("namespace"),
            values: self.texts("values"),
            folder: self.file.folder.clone(),
            set: self.set(),
            kube_version: self.text("kube-version"),
            api_versions: self.texts("api-versions").into_iter().map(|(text, _)| text).collect(),
        }
    }

    /// The text of a key.
    fn text(&mut self, key: &str) -> Option<String> {
        let value = self.table.field(key)?;
        let text = value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            let message = format!(
                "helm: {key}: expected a string that is not empty, found {}",
                article(value)
            );
            self.error(&[key.into()], message, None);
        }
        text.map(str::to_owned)
    }

    /// The texts of a key: one, or an array of them.
    fn texts(&mut self, key: &str) -> Vec<(String, Location)> {
        let Some(value) = self.table.field(key) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            let location = self.at(&[key.into()]);
            return self.text(key).map(|text| (text, location)).into_iter().collect();
        };
        let mut texts = Vec::new();
        for (index, item) in (0i64..).zip(items) {
            let path = [key.into(), index.into()];
            match item.as_str().filter(|text| !text.is_empty()) {
                Some(text) => texts.push((text.to_owned(), self.at(&path))),
                None => {
                    let message = format!(
                        "helm: {key}: expected a string that is not empty, found {}",
                        article(item)
                    );
                    self.error(&path, message, None);
                }
            }
        }
        texts
    }

    /// The values of `set`, as helm takes them: `image.tag="1.2"`.
    fn set(&mut self) -> Vec<String> {
        let Some(value) = self.table.field("set") else {
            return Vec::new();
        };
        let Some(table) = value.as_object() else {
            let message = format!("helm: set: expected a table, found {}", article(value));
            let help = "write set = { \"image.tag\" = \"1.2\" }".to_owned();
            self.error(&["set".into()], message, Some(help));
            return Vec::new();
        };
        let written = |(key, value): &(Value, Value)| format!("{}={}", key.key_text(), value.to_json());
        table.iter().map(written).collect()
    }

    fn at(&self, path: &[Value]) -> Location {
        self.file.at_path(&[&self.path, path].concat())
    }

    fn error(&mut self, path: &[Value], message: String, help: Option<String>) {
        let location = self.at(path);
        self.errors.push(problem::of_location(location, message, help));
    }
}
