//! What other programs render: Helm charts and Kustomize overlays become sources, and findings in what was rendered get
//! the location that a person edits.
//!
//! What the program gives is what is evaluated. Where a line of it comes from is asked only once there is something to
//! report ([`Renderings::relocate`]).

use std::path::PathBuf;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::finding::{Check, Finding, Problem, RenderedBy};
use crate::input::Source;
use kpolicy_parse::Format;

pub mod helm;
mod part;
pub mod program;

pub use part::{Part, Place};

/// The programs that render.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// Helm, of charts.
    Helm,
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
}

/// What rendering depends on.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The program helm, where it is named.
    pub helm: Option<&'a PathBuf>,
    /// What the settings say of charts.
    pub charts: &'a [helm::Environment],
    /// The most bytes that a program may write.
    pub limit: u64,
}

/// All that was rendered in a run.
#[derive(Debug, Default)]
pub struct Renderings {
    charts: Vec<helm::Rendering>,
    parts: Vec<Part>,
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
    /// What could not be rendered.
    pub problems: Vec<Problem>,
}

/// Renders these directories.
pub fn render(targets: &[Target], request: Request) -> Outcome {
    let mut outcome = Outcome::default();
    let charts: Vec<&str> = targets.iter().map(|target| target.path.as_str()).collect();
    let rendered = match helm::Helm::start(&charts, request) {
        Ok(None) => return outcome,
        Ok(Some(helm)) => charts.par_iter().flat_map_iter(|chart| helm.chart(chart)).collect(),
        Err(problem) => vec![Err(problem)],
    };
    for rendered in rendered {
        match rendered {
            Ok(rendering) => outcome.add(rendering),
            Err(problem) => outcome.problems.push(problem),
        }
    }
    outcome
}

impl Outcome {
    fn add(&mut self, rendering: helm::Rendering) {
        let number = self.renderings.charts.len();
        for (path, text, place) in rendering.parts() {
            let part = self.renderings.parts.len();
            let text = text.into();
            self.sources.push(Source {
                rendered: Some(Rendered { text, part }),
                ..Source::file(path, Format::Yaml)
            });
            self.renderings.parts.push(Part {
                rendering: number,
                place,
            });
        }
        self.rendered_by.push(rendering.rendered_by());
        self.renderings.charts.push(rendering);
    }
}

impl Renderings {
    /// Gives findings in what was rendered the location of what it was rendered from. Programs are run once more for
    /// this, and only for what has findings.
    pub fn relocate(&self, checks: &mut [Check]) {
        let findings = checks.iter_mut().flat_map(|check| {
            let waived = check.waived.iter_mut().flat_map(|waived| &mut waived.findings);
            check.findings.iter_mut().chain(waived)
        });
        let mut by_chart: Vec<Vec<(&Part, &mut Finding)>> = self.charts.iter().map(|_| Vec::new()).collect();
        for finding in findings {
            if let Some(part) = finding.location.rendered.and_then(|part| self.parts.get(part)) {
                by_chart[part.rendering].push((part, finding));
            }
        }
        let pairs: Vec<_> = self.charts.iter().zip(by_chart).collect();
        pairs
            .into_par_iter()
            .filter(|(_, findings)| !findings.is_empty())
            .for_each(|(chart, findings)| chart.relocate(findings));
    }
}
