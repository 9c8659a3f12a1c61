//! A chart's directory: what it says of itself, and which of its files are parts of it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::finding::Problem;
use crate::input;
use crate::problem;
use kpolicy_parse::{Format, text};
use kpolicy_value::Value;

/// The file that makes a directory a chart.
pub const CHART: &str = "Chart.yaml";

/// The directories of a chart whose files are rendered or are values.
const DIRECTORIES: [&str; 4] = ["templates", "charts", "crds", "ci"];

/// The files of a chart beside its templates.
const FILES: [&str; 6] = [
    CHART,
    "Chart.lock",
    "requirements.yaml",
    "requirements.lock",
    "values.schema.json",
    ".helmignore",
];

/// The largest file of a chart that is read, in bytes; helm's own limit.
pub(super) const LARGEST: u64 = 5 << 20;

/// Whether a directory is a chart.
pub fn is_chart(directory: &Path) -> bool {
    directory.join(CHART).is_file()
}

/// Whether a name in the directory of a chart is a part of the chart, which is no document of its own.
pub fn is_part(name: &str, is_directory: bool) -> bool {
    let is_values = || {
        let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
        stem.is_some_and(|stem| stem.starts_with("values") || stem.ends_with("values"))
    };
    match is_directory {
        true => DIRECTORIES.contains(&name),
        false => FILES.contains(&name) || is_values(),
    }
}

/// A chart.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Its directory, as reports show it.
    pub path: String,
    /// Its name, which helm's output names its templates by.
    pub name: String,
    /// Whether it has only helpers for other charts.
    pub is_library: bool,
    dependencies: Vec<Dependency>,
}

/// A chart that another one needs.
#[derive(Clone, Debug)]
struct Dependency {
    name: String,
    /// The name that its templates have in helm's output.
    alias: Option<String>,
}

impl Chart {
    /// Reads the `Chart.yaml` of a directory.
    pub fn read(path: &str) -> Result<Self, Problem> {
        let file = Path::new(path).join(CHART);
        let document = document(&file)?;
        let text = |value: &Value, field: &str| value.field(field).and_then(Value::as_str).map(str::to_owned);
        let dependencies = document
            .field("dependencies")
            .and_then(Value::as_array)
            .unwrap_or_default();
        let Some(name) = text(&document, "name") else {
            let help = "add the key name, or read the chart as plain files with --no-render".to_owned();
            let message = format!("{} has no name", file.display());
            return Err(problem::of_file(&file.display().to_string(), "", message, Some(help)));
        };
        let dependency = |value: &Value| {
            Some(Dependency {
                name: text(value, "name")?,
                alias: text(value, "alias"),
            })
        };
        Ok(Self {
            path: path.to_owned(),
            name,
            is_library: text(&document, "type").as_deref() == Some("library"),
            dependencies: dependencies.iter().filter_map(dependency).collect(),
        })
    }

    /// The path of a file of the chart.
    pub fn file(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// The path of a template, given as helm names it. What is in a packed subchart has the path that it would have if
    /// that were unpacked.
    pub fn template(&self, source: &str) -> String {
        let within = source.split_once('/').map_or("", |(_, within)| within);
        let direct = self.file(within);
        if Path::new(&direct).is_file() {
            return direct;
        }
        let mut path = self.path.clone();
        let mut names = self.names();
        let mut rest = within;
        while let Some((name, below)) = rest.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
            let directory = names.get(name).cloned().unwrap_or_else(|| name.to_owned());
            path = join(&path, &format!("charts/{directory}"));
            names = Self::read(&path).map(|chart| chart.names()).unwrap_or_default();
            rest = below;
        }
        join(&path, rest)
    }

    /// The directories of subcharts, by the names that their templates have in helm's output.
    fn names(&self) -> HashMap<String, String> {
        let mut names = HashMap::new();
        for entry in fs::read_dir(self.file("charts")).into_iter().flatten().flatten() {
            let directory = entry.file_name().to_string_lossy().into_owned();
            if let Ok(subchart) = Self::read(&self.file(&format!("charts/{directory}"))) {
                let aliases = self
                    .dependencies
                    .iter()
                    .filter(|dependency| dependency.name == subchart.name);
                names.extend(aliases.filter_map(|dependency| Some((dependency.alias.clone()?, directory.clone()))));
                names.insert(subchart.name, directory);
            }
        }
        names
    }

    /// Rejects a chart whose dependencies are not beside it.
    pub fn check_dependencies(&self) -> Result<(), Problem> {
        let vendored: Vec<String> = fs::read_dir(self.file("charts"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        let by_name = self.names();
        let is_there = |name: &str| {
            let is_archive = |file: &String| {
                let version = file.strip_suffix(".tgz").and_then(|file| file.strip_prefix(name));
                version.is_some_and(|version| version.starts_with('-'))
            };
            by_name.contains_key(name) || vendored.iter().any(is_archive)
        };
        let missing = self.dependencies.iter().map(|dependency| dependency.name.as_str());
        let missing: Vec<&str> = missing.filter(|name| !is_there(name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!(
            "{} needs charts that are not in {}: {}",
            self.path,
            self.file("charts"),
            missing.join(", ")
        );
        let help = format!("run helm dependency build {}", self.path);
        Err(problem::of_file(&self.file(CHART), "", message, Some(help)))
    }
}

/// A path below a directory, as reports show it: without `./` before it.
fn join(directory: &str, name: &str) -> String {
    match directory.trim_end_matches('/') {
        "." | "" if !directory.starts_with('/') => name.to_owned(),
        directory => format!("{directory}/{name}"),
    }
}

/// The first document of a file of YAML.
pub(super) fn document(file: &Path) -> Result<Value, Problem> {
    let unreadable =
        |reason: &str| problem::of_path(file, reason, "fix it, or read the files as they are with --no-render");
    let bytes = input::read_file(file, LARGEST).map_err(|error| unreadable(&error.reason))?;
    let text = text::decode(bytes).map_err(|error| unreadable(&error.message))?;
    let nodes = Format::Yaml.parse(&text);
    let nodes = nodes.map_err(|error| problem::of_parse(&file.display().to_string(), &text, &error))?;
    Ok(nodes.into_iter().next().map_or(Value::Null, |node| node.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_chart_are_known_by_their_names() {
        for name in ["Chart.yaml", "values.yaml", "values-prod.yml", "prod-values.yaml"] {
            assert!(is_part(name, false), "{name}");
        }
        assert!(is_part("templates", true) && !is_part("templates", false));
        assert!(!is_part("deployment.yaml", false) && !is_part("k8s", true));
    }

    #[test]
    fn templates_of_subcharts_have_the_path_of_their_directory() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        };
        write(
            "Chart.yaml",
            "name: shop\ndependencies:\n- {name: redis, alias: cache}\n",
        );
        write("charts/redis-dir/Chart.yaml", "name: redis\n");
        write("charts/redis-dir/templates/a.yaml", "");
        write("charts/mysql-1.2.3.tgz", "");
        let path = root.path().to_string_lossy().into_owned();
        let chart = Chart::read(&path).expect("a chart");
        let template = |source: &str| chart.template(source).replace(&path, "");
        assert_eq!(
            template("shop/charts/cache/templates/a.yaml"),
            "/charts/redis-dir/templates/a.yaml"
        );
        assert_eq!(template("shop/templates/web.yaml"), "/templates/web.yaml");
        assert!(chart.check_dependencies().is_ok());
        write(
            "Chart.yaml",
            "name: shop\ndependencies: [{name: mysql}, {name: kafka}]\n",
        );
        let problem = Chart::read(&path)
            .expect("a chart")
            .check_dependencies()
            .expect_err("kafka is missing");
        assert!(problem.message.ends_with("/charts: kafka"), "{problem}");
    }
}
