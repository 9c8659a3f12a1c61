//! What other programs render: Helm charts and Kustomize overlays become sources, and findings in what was rendered get
//! the location that a person edits.
//!
//! What the program gives is what is evaluated. Where a line of it comes from is asked only once there is something to
//! report ([`Renderings::relocate`]).

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::finding::{Check, Finding, Location, Problem, Related, RenderedBy};
use crate::input::{Source, identity};
use crate::threads::on_pool;
use kpolicy_parse::Format;

pub mod helm;
pub mod kustomize;
mod part;
pub mod program;

pub use part::{Part, Place};

/// The programs that render.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// Helm, of charts.
    Helm,
    /// Kustomize, of kustomizations.
    Kustomize,
}

/// A directory that a program renders.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// What renders it.
    pub tool: Tool,
    /// The directory, as reports show it.
    pub path: String,
}

/// The text of a source that a program rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: Arc<str>,
    /// The number of its part among those of the run.
    pub part: usize,
    /// The files and directories that it was rendered from.
    pub inputs: Arc<[PathBuf]>,
}

/// What rendering depends on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The program helm, where it is named.
    pub helm: Option<&'a PathBuf>,
    /// The program kustomize or kubectl, where it is named.
    pub kustomize: Option<&'a PathBuf>,
    /// The kustomizations that are built; where there are none, those that no other one uses.
    pub overlays: &'a [PathBuf],
    /// Whether the network may be used.
    pub net: bool,
    /// What the settings say of charts.
    pub charts: &'a [helm::Environment],
    /// The most bytes that a program may write.
    pub limit: u64,
    /// How many programs run at a time; as many as there are cores where nothing is said.
    pub jobs: Option<usize>,
}

/// All that was rendered in a run.
#[derive(Debug, Default)]
pub struct Renderings {
    rendered: Vec<Rendering>,
    parts: Vec<Part>,
    jobs: Option<usize>,
}

/// A directory that was rendered.
#[derive(Debug)]
enum Rendering {
    Helm(helm::Rendering),
    Kustomize(kustomize::Rendering),
}

/// What rendering gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was rendered, to find locations with.
    pub renderings: Renderings,
    /// The sources, one for each template and environment.
    pub sources: Vec<Source>,
    /// What was rendered and how, for the report.
    pub rendered_by: Vec<RenderedBy>,
    /// The real paths of the files that kustomizations name: they are no documents of their own.
    pub used: HashSet<PathBuf>,
    /// What could not be rendered.
    pub problems: Vec<Problem>,
}

/// Renders these directories.
pub fn render(targets: &[Target], request: Request) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.renderings.jobs = request.jobs;
    let of = |tool: Tool| -> Vec<&str> {
        let targets = targets.iter().filter(|target| target.tool == tool);
        targets.map(|target| target.path.as_str()).collect()
    };
    let charts = of(Tool::Helm);
    let rendered: Vec<_> = match helm::Helm::start(&charts, request) {
        Ok(None) => Vec::new(),
        Ok(Some(helm)) => {
            let render = || charts.par_iter().flat_map_iter(|chart| helm.chart(chart)).collect();
            on_pool(request.jobs, render)
        }
        Err(problem) => vec![Err(problem)],
    };
    for rendered in rendered {
        outcome.add(rendered.map(Rendering::Helm));
    }
    let selected = kustomize::select(&of(Tool::Kustomize), request.overlays);
    outcome.problems.extend(selected.problems);
    outcome.used = selected.used;
    let roots = selected.roots;
    let rendered: Vec<_> = match kustomize::Kustomize::start(&roots, request) {
        Ok(None) => Vec::new(),
        Ok(Some(kustomize)) => {
            let roots = roots.par_iter();
            on_pool(request.jobs, || {
                roots.map(|(root, others)| kustomize.build(root, others)).collect()
            })
        }
        Err(problem) => vec![Err(problem)],
    };
    for rendered in rendered {
        outcome.add(rendered.map(Rendering::Kustomize));
    }
    outcome
}

impl Outcome {
    /// Whether a source is a file that a kustomization names.
    pub fn uses(&self, source: &Source) -> bool {
        !self.used.is_empty() && !source.stdin && self.used.contains(&identity(Path::new(&source.path)))
    }

    fn add(&mut self, rendered: Result<Rendering, Problem>) {
        let rendering = match rendered {
            Ok(rendering) => rendering,
            Err(problem) => return self.problems.push(problem),
        };
        let number = self.renderings.rendered.len();
        let (parts, inputs, rendered_by) = match &rendering {
            Rendering::Helm(chart) => (chart.parts(), chart.inputs(), chart.rendered_by()),
            Rendering::Kustomize(built) => (vec![built.part()], built.inputs(), built.rendered_by()),
        };
        let inputs: Arc<[PathBuf]> = inputs.into();
        for (path, text, place) in parts {
            let part = self.renderings.parts.len();
            let text: Arc<str> = text.into();
            self.sources.push(Source {
                size: text.len() as u64,
                rendered: Some(Rendered {
                    text,
                    part,
                    inputs: inputs.clone(),
                }),
                ..Source::file(path, Format::Yaml)
            });
            self.renderings.parts.push(Part {
                rendering: number,
                place,
            });
        }
        self.rendered_by.push(rendered_by);
        self.renderings.rendered.push(rendering);
    }
}

/// Something in what was rendered, that is to get a location in a file.
pub(crate) enum Located<'a> {
    /// A finding.
    Finding(&'a mut Finding),
    /// A problem or warning with its lines.
    Problem(&'a mut Problem, Location),
}

impl Located<'_> {
    /// Its location in what was rendered.
    pub(crate) fn location(&self) -> &Location {
        match self {
            Self::Finding(finding) => &finding.location,
            Self::Problem(_, location) => location,
        }
    }

    /// Gives it its location in a file, and further ones.
    pub(crate) fn settle(&mut self, location: Location, related: Vec<Related>, environment: Option<&str>) {
        match self {
            Self::Finding(finding) => {
                finding.location = location;
                finding.related = related;
                finding.environment = environment.map(str::to_owned);
            }
            Self::Problem(problem, _) => {
                problem.place = format!("{}:{}:{}", location.file, location.line, location.column);
                problem.file = Some(location.file.clone());
                problem.excerpt = Some(Box::new(location));
            }
        }
    }
}

impl Renderings {
    /// Gives what was found in what was rendered the location of what it was rendered from. Programs are run once more for
    /// this, and only for what has something to report.
    pub fn relocate(&self, checks: &mut [Check], problems: [&mut [Problem]; 2]) {
        let findings = checks.iter_mut().flat_map(|check| {
            let waived = check.waived.iter_mut().flat_map(|waived| &mut waived.findings);
            check.findings.iter_mut().chain(waived)
        });
        let problems = problems.into_iter().flatten().filter_map(|problem| {
            let location = problem.excerpt.as_deref()?.clone();
            Some(Located::Problem(problem, location))
        });
        let mut found: Vec<Vec<(&Part, Located)>> = self.rendered.iter().map(|_| Vec::new()).collect();
        for located in findings.map(Located::Finding).chain(problems) {
            if let Some(part) = located.location().rendered.and_then(|part| self.parts.get(part)) {
                found[part.rendering].push((part, located));
            }
        }
        let pairs: Vec<_> = self.rendered.iter().zip(found).collect();
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, found)| !found.is_empty()).collect();
        if pairs.is_empty() {
            return;
        }
        let relocate = |(rendering, found): (&Rendering, Vec<(&Part, Located)>)| match rendering {
            Rendering::Helm(chart) => chart.relocate(found),
            Rendering::Kustomize(built) => built.relocate(found),
        };
        on_pool(self.jobs, || pairs.into_par_iter().for_each(relocate));
    }
}
