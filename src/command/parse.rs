//! `kpolicy parse`: prints what a policy would see, in conftest's shape.

use std::io::Write;

use serde_json::{Map, Value as Json, json};

use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::input::{self, Source};
use crate::reading;
use crate::rendering;
use crate::settings::Settings;

/// Prints the documents of the sources: one source's value alone, several by their paths, or combined.
pub fn run(settings: &Settings, out: &mut dyn Write) -> Result<Status, Error> {
    let mut found = input::discover(&settings.paths, settings.selection());
    let rendered = rendering::render(&found.rendered, settings.rendering());
    found.sources.retain(|source| !rendered.uses(source));
    found.sources.extend(rendered.sources);
    let mut problems = found.problems;
    problems.extend(rendered.problems);
    let mut parsed: Vec<(String, Json)> = Vec::new();
    for source in &found.sources {
        match value(source, settings) {
            Ok(json) => parsed.push((source.path.clone(), json)),
            Err(problem) => problems.push(problem),
        }
    }
    if parsed.is_empty() && problems.is_empty() {
        return Err(Error::nothing_to_judge(&found.skipped, settings.ignore.is_some()));
    }
    if !parsed.is_empty() {
        let json = if settings.combine {
            combined(parsed)
        } else {
            side_by_side(parsed)
        };
        writeln!(out, "{json:#}").map_err(Error::Output)?;
    }
    if problems.is_empty() {
        Ok(Status::Clean)
    } else {
        Err(Error::Problems(problems))
    }
}

fn value(source: &Source, settings: &Settings) -> Result<Json, Problem> {
    reading::content(source, settings.limits(), settings.context())
        .map(|content| reading::whole(content.nodes).to_json())
}

fn side_by_side(mut parsed: Vec<(String, Json)>) -> Json {
    if parsed.len() == 1 {
        return parsed.remove(0).1;
    }
    parsed.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(parsed.into_iter().collect::<Map<_, _>>())
}

fn combined(mut parsed: Vec<(String, Json)>) -> Json {
    parsed.sort_by(|a, b| a.0.cmp(&b.0));
    let entry = |path: &str, contents: Json| json!({"path": path, "contents": contents});
    parsed
        .into_iter()
        .flat_map(|(path, value)| match value {
            Json::Array(items) => items.into_iter().map(|item| entry(&path, item)).collect(),
            other => vec![entry(&path, other)],
        })
        .collect()
}
