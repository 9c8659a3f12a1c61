//! The environments that charts are rendered for: the entries `[[helm]]` of the settings.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Chart, KUBERNETES};
use crate::finding::{Location, Problem};
use crate::input::identity;
use crate::locate::at_span;
use crate::problem;
use crate::rendering::program::path_argument;
use kpolicy_parse::document::Span;
use kpolicy_value::LineIndex;

/// One entry: a chart, and what it is rendered with.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The chart's directory, as seen from the working directory.
    pub chart: PathBuf,
    /// What reports call it.
    pub environment: Option<String>,
    /// The release's name.
    pub name: Option<String>,
    /// The release's namespace.
    pub namespace: Option<String>,
    /// The values files, each with its location in the settings, the strongest last.
    pub values: Vec<(String, Location)>,
    /// The directory of the settings file, that values files are in where the chart has none of this name.
    pub folder: PathBuf,
    /// Single values, as `--set-json` takes them.
    pub set: Vec<String>,
    /// The version of Kubernetes.
    pub kube_version: Option<String>,
    /// What the cluster offers beside Kubernetes' own interfaces.
    pub api_versions: Vec<String>,
}

impl Environment {
    /// The environment of a chart with these values files of its own.
    pub fn of_chart(chart: &Path, values: &[String]) -> Self {
        let nowhere = at_span("", Span::default(), &LineIndex::new(""));
        Self {
            chart: chart.to_owned(),
            values: values.iter().map(|file| (file.clone(), nowhere.clone())).collect(),
            ..Self::default()
        }
    }

    /// Whether it is an environment of the chart in a directory.
    pub fn is_of(&self, chart: &str) -> bool {
        identity(&self.chart) == identity(Path::new(chart))
    }

    /// The version of Kubernetes that the chart is rendered for.
    pub fn kubernetes(&self) -> &str {
        self.kube_version.as_deref().unwrap_or(KUBERNETES)
    }

    /// The values files, as seen from the working directory: in the chart, else beside the settings.
    pub fn value_files(&self, chart: &Chart) -> Result<Vec<PathBuf>, Problem> {
        let found = self.values.iter().map(|(file, location)| {
            let places = [PathBuf::from(chart.file(file)), self.folder.join(file)];
            places.into_iter().find(|path| path.is_file()).ok_or_else(|| {
                let message = format!("helm: there is no values file {file} in the chart or beside the settings");
                let help = format!("create {}, or correct the path", chart.file(file));
                problem::of_location(location.clone(), message, Some(help))
            })
        });
        found.collect()
    }

    /// The arguments of `helm` before the chart.
    pub fn arguments(&self, values: &[PathBuf]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["template".into()];
        arguments.extend(self.name.as_ref().map(OsString::from));
        arguments.push("--include-crds".into());
        let mut flag = |name: &str, value: OsString| {
            let mut argument = OsString::from(format!("--{name}="));
            argument.push(value);
            arguments.push(argument);
        };
        flag("kube-version", self.kubernetes().into());
        if let Some(namespace) = &self.namespace {
            flag("namespace", namespace.into());
        }
        self.api_versions
            .iter()
            .for_each(|version| flag("api-versions", version.into()));
        values.iter().for_each(|path| flag("values", path_argument(path)));
        self.set.iter().for_each(|value| flag("set-json", value.into()));
        arguments
    }
}

/// What reports call the environments of one chart: nothing where there is only one without a name.
pub(super) fn names(environments: &[&Environment]) -> Vec<Option<String>> {
    let name = |(number, entry): (usize, &&Environment)| {
        let files: Vec<&str> = entry.values.iter().map(|(file, _)| file.as_str()).collect();
        let derived = || match files.as_slice() {
            [] => format!("{}", number + 1),
            files => files.join(", "),
        };
        let several = environments.len() > 1;
        entry.environment.clone().or_else(|| several.then(derived))
    };
    environments.iter().enumerate().map(name).collect()
}
