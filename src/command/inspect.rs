//! `kpolicy inspect`: shows how policies are compiled, the constraints of Gatekeeper, and the builtins that policies can
//! call.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::finding::Status;
use crate::gatekeeper::Gatekeeper;
use crate::gatekeeper::constraint::Constraint;
use crate::gatekeeper::template::Template;
use crate::policy;
use crate::report;
use crate::settings::Allow;
use kpolicy_rego::Dialect;
use kpolicy_rego::builtins::registry::{self, Builtin, Implementation};

/// Prints the plan of the policies named, or the builtins.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let is_json = matches
        .get_one::<String>("output")
        .is_some_and(|output| output == "json");
    let written = if matches.get_flag("builtins") {
        builtins(is_json, out)
    } else if let Some(paths) = matches.get_many::<String>("policy") {
        let paths: Vec<PathBuf> = paths.map(PathBuf::from).collect();
        constraints(&policy::of_gatekeeper(&paths).map_err(Error::Problems)?, is_json, out)
    } else {
        write!(out, "{}", plan(matches)?)
    };
    written.and_then(|()| out.flush()).map_err(Error::Output)?;
    Ok(Status::Clean)
}

fn plan(matches: &ArgMatches) -> Result<String, Error> {
    let paths: Vec<PathBuf> = matches
        .get_many::<String>("paths")
        .into_iter()
        .flatten()
        .map(PathBuf::from)
        .collect();
    let v0 = matches
        .get_one::<String>("rego-version")
        .is_some_and(|version| version == "v0");
    policy::plan(&paths, v0).map_err(Error::Problems)
}

/// Prints the constraints: what a violation means, the template with its engine, and which objects it is for.
fn constraints(set: &Gatekeeper, is_json: bool, out: &mut dyn Write) -> io::Result<()> {
    if is_json {
        let all: Vec<Json> = set
            .listed()
            .map(|(constraint, template)| listed(constraint, template))
            .collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        return writeln!(out);
    }
    for (constraint, template) in set.listed() {
        let (file, line, _) = constraint.object.place();
        writeln!(out, "{} [{}]", constraint.id(), action(constraint))?;
        writeln!(out, "    constraint: {}", report::line(&format!("{file}:{line}")))?;
        let (file, line, _) = template.object.place();
        let template = format!("{}, {} at {file}:{line}", template.object.name(), engine(template));
        writeln!(out, "    template: {}", report::line(&template))?;
        let matching = constraint.matching.described();
        let matching = if matching.is_empty() {
            "every object".to_owned()
        } else {
            matching.join("; ")
        };
        writeln!(out, "    match: {}", report::line(&matching))?;
    }
    Ok(())
}

fn listed(constraint: &Constraint, template: &Template) -> Json {
    let at = |(file, line, _): (String, usize, usize)| json!({"file": file, "line": line});
    json!({
        "rule": constraint.id(),
        "action": action(constraint),
        "location": at(constraint.object.place()),
        "template": {
            "name": template.object.name(),
            "engine": engine(template),
            "location": at(template.object.place()),
        },
        "match": constraint.object.at(&["spec", "match"]).map(kpolicy_value::Value::to_json),
        "parameters": constraint.parameters.to_json(),
    })
}

/// What a violation means here.
fn action(constraint: &Constraint) -> String {
    match constraint.enforcement.here() {
        Some(action) => action.name().to_owned(),
        None => format!("only at {}", constraint.enforcement.points().join(", ")),
    }
}

/// The engine that evaluates a template.
fn engine(template: &Template) -> &'static str {
    match (template.dialect, template.has_cel) {
        (Dialect::V0, false) => "Rego v0",
        (Dialect::V1, false) => "Rego v1",
        (Dialect::V0, true) => "Rego v0 (its CEL is not used)",
        (Dialect::V1, true) => "Rego v1 (its CEL is not used)",
    }
}

fn builtins(is_json: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut all: Vec<&Builtin> = registry::all().collect();
    all.sort_by_key(|builtin| builtin.name);
    if is_json {
        let all: Vec<Json> = all.into_iter().map(described).collect();
        serde_json::to_writer_pretty(&mut *out, &all)?;
        return writeln!(out);
    }
    for builtin in all {
        writeln!(out, "{}{}{}", builtin.name, builtin.types, marks(builtin))?;
        writeln!(out, "    {}", builtin.summary)?;
    }
    Ok(())
}

/// What a caller has to know of a builtin, in brackets.
fn marks(builtin: &Builtin) -> String {
    let needs = builtin
        .needed()
        .map(|needed| format!("--allow {}", Allow::of(needed).name()));
    let infix = builtin.infix.map(|operator| format!("written {operator}"));
    let deprecated = builtin.deprecated.then(|| "deprecated".to_owned());
    let missing = is_missing(builtin).then(|| "not implemented".to_owned());
    let all: Vec<String> = [needs, infix, deprecated, missing].into_iter().flatten().collect();
    match all.is_empty() {
        true => String::new(),
        false => format!(" [{}]", all.join(", ")),
    }
}

fn described(builtin: &Builtin) -> Json {
    json!({
        "name": builtin.name,
        "types": builtin.types,
        "description": builtin.summary,
        "needs": builtin.needed().map(|needed| Allow::of(needed).name()),
        "infix": builtin.infix,
        "deprecated": builtin.deprecated,
        "implemented": !is_missing(builtin),
    })
}

fn is_missing(builtin: &Builtin) -> bool {
    matches!(builtin.implementation, Implementation::Missing)
}
