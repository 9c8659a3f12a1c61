//! Helm charts: `helm template` renders them, and its output is split by the templates that it names.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::part::Place;
use super::program::{self, Failure, path_argument};
use super::{Located, Part, Request};
use crate::finding::{Problem, RenderedBy};
use crate::problem;

mod align;
mod chart;
mod coverage;
mod environment;
mod instrument;
mod marks;
mod place;
mod stream;
mod template;
mod underline;
mod values;

pub use chart::{CHART, Chart, is_chart, is_part};
pub use coverage::Coverage;
pub use environment::Environment;
use marks::Origin;
use place::Finder;
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
    values: Vec<PathBuf>,
    stream: Stream,
    command: Command,
}

/// How a chart was rendered: the program, its arguments, and the limit of its output.
#[derive(Clone, Debug, Default)]
struct Command {
    program: PathBuf,
    arguments: Vec<OsString>,
    limit: u64,
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
        let mut rendering = Rendering {
            chart: chart.clone(),
            environment: name,
            version: self.version.clone(),
            kubernetes: environment.kubernetes().to_owned(),
            values: Vec::new(),
            stream: Stream::default(),
            command: Command::default(),
        };
        if chart.is_library {
            return Ok(rendering);
        }
        chart.check_dependencies()?;
        rendering.values = environment.value_files(chart)?;
        let mut arguments = environment.arguments(&rendering.values);
        arguments.push(path_argument(Path::new(&chart.path)));
        rendering.command = Command {
            program: self.program.clone(),
            arguments,
            limit: self.request.limit,
        };
        let output = rendering.command.run(&rendering.command.arguments);
        let output = output.map_err(|failure| rendering.failed(&failure))?;
        rendering.stream = Stream::of(&output, &chart.name);
        Ok(rendering)
    }
}

impl Command {
    fn run(&self, arguments: &[OsString]) -> Result<String, Failure> {
        program::output(&self.program, arguments, self.limit)
    }
}

impl Rendering {
    /// What helm said of the chart that it did not render.
    fn failed(&self, failure: &Failure) -> Problem {
        let (chart, text) = (&self.chart, failure.text());
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("Use --debug"));
        let words = lines.collect::<Vec<_>>().join(" ");
        let within = self.environment.as_ref().map(|name| format!(" (environment {name})"));
        let (within, program) = (within.unwrap_or_default(), self.command.program.display());
        let message = format!("{program} cannot render {}{within}: {words}", chart.path);
        let help =
            "helm template shows the same error; values that the chart needs are given by [[helm]] in kpolicy.toml";
        problem::of_file(&chart.file("Chart.yaml"), "", message, Some(help.to_owned()))
    }

    /// The parts by the files of the templates, in the order of the paths: path, text, and where its pieces are.
    pub(super) fn parts(&self) -> Vec<(String, String, Place)> {
        let mut parts: Vec<(String, String, Place)> = Vec::new();
        // How many lines each part has.
        let mut counts: Vec<usize> = Vec::new();
        let mut by_source: HashMap<&str, usize> = HashMap::new();
        for (number, piece) in self.stream.pieces.iter().enumerate() {
            let at = *by_source.entry(&piece.source).or_insert_with(|| {
                let path = self.chart.template(&piece.source);
                parts.push((path, String::new(), Place::default()));
                counts.push(0);
                parts.len() - 1
            });
            let (_, text, place) = &mut parts[at];
            let count = &mut counts[at];
            if !text.is_empty() {
                text.push_str("---\n");
                *count += 1;
            }
            place.pieces.push((*count + 1, number));
            for line in self.stream.lines(piece) {
                text.push_str(line);
                text.push('\n');
                *count += 1;
            }
        }
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        parts
    }

    /// The chart's directory and the values files.
    pub(super) fn inputs(&self) -> Vec<PathBuf> {
        let values = self.values.iter().cloned();
        std::iter::once(PathBuf::from(&self.chart.path)).chain(values).collect()
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
            values: self.values.iter().map(|path| path.display().to_string()).collect(),
            is_empty: remark.is_some(),
            remark,
        }
    }

    /// Gives what was found the location in the template that it comes from. The chart is rendered with marks for this.
    pub(super) fn relocate(&self, found: Vec<(&Part, Located)>) {
        let mut finder = Finder::new(&self.chart, &self.values, &self.stream, self.origins());
        for (part, mut located) in found {
            if let Some((piece, line)) = part.place.piece(located.location().line) {
                let (location, related) = finder.relocate(piece, line, located.location());
                located.settle(location, related, self.environment.as_deref());
            }
        }
    }

    /// Where the lines of each piece come from; nothing where the chart cannot be rendered with marks.
    fn origins(&self) -> Option<Vec<Vec<Option<Origin>>>> {
        let chart = Path::new(&self.chart.path);
        let render = |copy: &Path| self.command.run(&marks::arguments(&self.command.arguments, copy));
        let template = |source: &str| {
            let file = self.chart.template(source);
            let below = Path::new(&file).strip_prefix(chart);
            below.map_or_else(|_| PathBuf::from(&file), Path::to_owned)
        };
        marks::origins(chart, &self.chart.name, &self.stream, &render, &template).ok()
    }
}
