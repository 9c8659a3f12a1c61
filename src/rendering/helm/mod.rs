//! Helm charts: `helm template` renders them, and its output is split by the templates that it names.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::part::Place;
use super::program::{self, Failure, path_argument};
use super::{Part, Request};
use crate::finding::{Finding, Problem, RenderedBy};
use crate::problem;

mod chart;
mod environment;
mod stream;

pub use chart::{CHART, Chart, is_chart, is_part};
pub use environment::Environment;
use stream::Stream;

/// The program.
const PROGRAM: &str = "helm";

/// What to do without the program.
const INSTALL: &str = "install Helm (https://helm.sh/docs/intro/install/) or name the program with --helm; --no-render reads \
    charts as plain files";

/// The version of Kubernetes that charts are rendered for where the settings name none: the newest whose fields kpolicy
/// knows. Helm's own default depends on how it was built.
const KUBERNETES: &str = "1.37.0";

/// Helm, as it is installed here.
pub struct Helm<'a> {
    program: PathBuf,
    version: String,
    request: Request<'a>,
}

/// A chart as it was rendered in an environment.
#[derive(Debug)]
pub struct Rendering {
    chart: Chart,
    environment: Option<String>,
    version: String,
    kubernetes: String,
    values: Vec<String>,
    stream: Stream,
}

impl<'a> Helm<'a> {
    /// Looks for the program, where there are charts.
    pub fn start(charts: &[&str], request: Request<'a>) -> Result<Option<Self>, Problem> {
        if charts.is_empty() {
            return Ok(None);
        }
        let program = request.helm.cloned().unwrap_or_else(|| PathBuf::from(PROGRAM));
        let asked = ["version", "--template", "{{.Version}}"].map(OsString::from);
        match program::output(&program, &asked, request.limit) {
            Ok(version) => Ok(Some(Self {
                program,
                version: version.trim().to_owned(),
                request,
            })),
            Err(failure) => {
                let message = format!(
                    "the program {} {}, and these charts need it: {}",
                    program.display(),
                    failure.text(),
                    charts.join(", ")
                );
                Err(problem::of_run(message, INSTALL))
            }
        }
    }

    /// Renders a chart in each of its environments.
    pub fn chart(&self, path: &str) -> Vec<Result<Rendering, Problem>> {
        let chart = match Chart::read(path) {
            Ok(chart) => chart,
            Err(problem) => return vec![Err(problem)],
        };
        let environments = self.request.charts.iter().filter(|entry| entry.is_of(path));
        let mut environments: Vec<&Environment> = environments.collect();
        let default = Environment::default();
        if environments.is_empty() {
            environments.push(&default);
        }
        let names = environment::names(&environments);
        let rendered = environments.into_iter().zip(names);
        rendered
            .map(|(environment, name)| self.render(&chart, environment, name))
            .collect()
    }

    fn render(&self, chart: &Chart, environment: &Environment, name: Option<String>) -> Result<Rendering, Problem> {
        let rendering = |output: &str, values: &[PathBuf]| Rendering {
            chart: chart.clone(),
            environment: name.clone(),
            version: self.version.clone(),
            kubernetes: environment.kubernetes().to_owned(),
            values: values.iter().map(|path| path.display().to_string()).collect(),
            stream: Stream::of(output, &chart.name),
        };
        if chart.is_library {
            return Ok(rendering("", &[]));
        }
        chart.check_dependencies()?;
        let values = environment.value_files(chart)?;
        let mut arguments = environment.arguments(&values);
        arguments.push(path_argument(Path::new(&chart.path)));
        let output = program::output(&self.program, &arguments, self.request.limit);
        let output = output.map_err(|failure| failed(chart, &self.program, name.as_deref(), &failure))?;
        Ok(rendering(&output, &values))
    }
}

/// What helm said of a chart that it did not render.
fn failed(chart: &Chart, program: &Path, environment: Option<&str>, failure: &Failure) -> Problem {
    let text = failure.text();
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("Use --debug"));
    let words = lines.collect::<Vec<_>>().join(" ");
    let within = environment
        .map(|name| format!(" (environment {name})"))
        .unwrap_or_default();
    let message = format!("{} cannot render {}{within}: {words}", program.display(), chart.path);
    let help = "helm template shows the same error; values that the chart needs are given by [[helm]] in kpolicy.toml";
    problem::of_file(&chart.file("Chart.yaml"), "", message, Some(help.to_owned()))
}

impl Rendering {
    /// The parts by the files of the templates, in the order of the paths: path, text, and where its pieces are.
    pub(super) fn parts(&self) -> Vec<(String, String, Place)> {
        let mut parts: Vec<(String, String, Place)> = Vec::new();
        let mut by_source: HashMap<&str, usize> = HashMap::new();
        for (number, piece) in self.stream.pieces.iter().enumerate() {
            let at = *by_source.entry(&piece.source).or_insert_with(|| {
                let path = self.chart.template(&piece.source);
                parts.push((path, String::new(), Place::default()));
                parts.len() - 1
            });
            let (_, text, place) = &mut parts[at];
            if !text.is_empty() {
                text.push_str("---\n");
            }
            place.pieces.push((text.lines().count() + 1, number));
            for line in self.stream.lines(piece) {
                text.push_str(line);
                text.push('\n');
            }
        }
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        parts
    }

    /// What reports say of it.
    pub(super) fn rendered_by(&self) -> RenderedBy {
        let remark = match (self.chart.is_library, self.stream.pieces.is_empty()) {
            (true, _) => Some("it is a library chart, which has no objects of its own".to_owned()),
            (false, true) => Some("it has no objects".to_owned()),
            (false, false) => None,
        };
        RenderedBy {
            path: self.chart.path.clone(),
            program: PROGRAM.to_owned(),
            version: self.version.clone(),
            environment: self.environment.clone(),
            kubernetes: Some(self.kubernetes.clone()),
            values: self.values.clone(),
            remark,
        }
    }

    /// Gives findings the location in the template that they come from.
    pub(super) fn relocate(&self, findings: Vec<(&Part, &mut Finding)>) {
        for (part, finding) in findings {
            finding.environment.clone_from(&self.environment);
            let Some((piece, line)) = part.place.piece(finding.location.line) else {
                continue;
            };
            self.stream.relocate(piece, line, finding);
        }
    }
}
