//! Terraform's configuration, evaluated as far as it is known (`resolve`); and plans (`terraform show -json`): what is
//! planned for the resource that a finding is about, and where its configuration sets the value.
//!
//! A finding in a plan has the path of a value in one large document. Its resource's address leads through
//! `configuration.root_module` to the module that holds the resource, and from there to the `.tf` file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::{Confidence, Finding, Input, Line, Location, Problem, Related, Step, Subject};
use crate::locate::{Target, locate};
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

mod configuration;
mod files;
mod plan;
mod references;
mod resolve;

use configuration::Configuration;
pub use files::Reader;
use plan::Plan;
pub use resolve::Resolved;

/// Characters of a line beyond which a value is shown instead of the line: plans are written in one line.
const LONG_LINE: usize = 400;

/// Completes the findings of a document if it is a plan: the planned action, what is known only after the plan was
/// applied, and the location in the configuration below `root`, by default the plan's own directory.
///
/// Gives a problem for each file of the configuration that could not be read: the findings stay in the plan then.
pub fn complete<'f>(
    document: &Document,
    root: Option<&Path>,
    findings: impl Iterator<Item = &'f mut Finding>,
) -> Vec<Problem> {
    let mut findings = findings.peekable();
    let plan = findings.peek().and_then(|_| Plan::of(&document.value));
    let Some(plan) = plan else { return Vec::new() };
    let mut configuration = Configuration::new(root_of(document, root));
    for finding in findings.filter(|finding| finding.location.document == document.index) {
        finish(finding, &plan, document, &mut configuration);
    }
    configuration.problems()
}

/// The directory of the plan's configuration.
fn root_of(document: &Document, root: Option<&Path>) -> PathBuf {
    let beside = || Path::new(&document.file.path).parent().map(Path::to_owned);
    root.map(Path::to_owned).or_else(beside).unwrap_or_default()
}

fn finish(finding: &mut Finding, plan: &Plan, document: &Document, configuration: &mut Configuration) {
    let path: Vec<Value> = finding.location.path.iter().map(value_of).collect();
    let Some(planned) = plan.at(&path) else {
        shorten(&mut finding.location, document, &path);
        return;
    };
    finding.subject = Some(Subject::Terraform {
        address: planned.address.to_owned(),
        action: planned.action.clone(),
    });
    match planned.is_sensitive {
        true => finding.location.excerpt.clear(),
        false => shorten(&mut finding.location, document, &path),
    }
    let mut in_plan = Related {
        message: "planned value".to_owned(),
        location: finding.location.clone(),
        is_rendered: false,
    };
    if planned.is_unknown {
        finding.location.missing = 0;
        in_plan.message = format!("{} is known only after apply", planned.attribute_text());
        in_plan.location.excerpt.clear();
    }
    let declared = configuration.declaration(plan, &planned);
    if declared.is_some() || planned.is_unknown {
        finding.related.insert(0, in_plan);
    }
    let Some(declared) = declared else { return };
    finding
        .related
        .extend(configuration.arguments(plan, &planned, &declared.variables));
    // The path stays that of the plan: it identifies the finding, and tools look it up there.
    let location = &finding.location;
    finding.location = Location {
        path: location.path.clone(),
        path_text: location.path_text.clone(),
        lasting_path: location.lasting_path.clone(),
        document: location.document,
        ..declared.location
    };
}

/// A step of a path as a value.
pub fn value_of(step: &Step) -> Value {
    match step {
        Step::Key(key) => key.as_str().into(),
        Step::Index(index) => Value::from_json(&(*index).into()),
    }
}

/// Shows the value in the place of a long line.
fn shorten(location: &mut Location, document: &Document, path: &[Value]) {
    let lines = document.file.lines();
    if lines.line(location.line).len() < LONG_LINE {
        return;
    }
    let found = document.find(path);
    // What does not fit is not written out to be cut: it can be the whole plan.
    if found.value.extent().parts as usize > LONG_LINE {
        return;
    }
    let key = path[..found.depth].last().filter(|step| step.as_str().is_some());
    let key = key.map(|step| format!("{}: ", step.to_json()));
    let text = format!("{}{}", key.unwrap_or_default(), found.value.to_json());
    location.excerpt = vec![Line {
        number: location.line,
        skipped: location.column.saturating_sub(1),
        text: text.chars().take(LONG_LINE).collect(),
    }];
    if location.end_line == location.line {
        location.end_column = location.column + text.chars().count();
    }
}

/// The location of a target in a file of the configuration.
fn in_file(document: &Document, target: &Target, confidence: Confidence) -> Location {
    Location {
        confidence,
        file: Input::File(document.file.path.clone()),
        ..locate(document, target)
    }
}

/// A file of the configuration that was parsed.
type Parsed = Arc<Document>;
