//! `kpolicy inspect`: shows how policies are compiled, and the builtins that they can call.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::finding::Status;
use crate::policy;
use crate::settings::Allow;
use kpolicy_rego::builtins::registry::{self, Builtin, Implementation};

/// Prints the plan of the policies named, or the builtins.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let written = if matches.get_flag("builtins") {
        let is_json = matches
            .get_one::<String>("output")
            .is_some_and(|output| output == "json");
        builtins(is_json, out)
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
