//! `kpolicy list`: prints the policies of the library, one line for each, or what it is for and can be set by; or the
//! lints.

use std::io::Write;

use clap::ArgMatches;
use serde_json::{Value as Json, json};

use crate::cli::ListStyle;
use crate::error::Error;
use crate::finding::Status;
use crate::pattern::is_below;
use crate::policy::library::catalog::{Policy, policies};
use crate::policy::library::page::{self, fill};
use crate::policy::library::suggestion;
use crate::policy::lints::{LINTS, Lint};
use crate::policy::parameter::Parameter;
use crate::problem;
use crate::settings::Profile;

/// How wide the list is.
const WIDTH: usize = 80;

/// Prints the list.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    if matches.get_flag("lints") {
        return lints(matches, out);
    }
    let profile = matches.get_one::<Profile>("profile");
    let prefix = matches.get_one::<String>("prefix");
    if let Some(prefix) = prefix.filter(|prefix| !policies().iter().any(|policy| is_below(&policy.id, prefix))) {
        let message = format!("{prefix} matches no built-in policy");
        return Err(Error::Problems(vec![problem::of_run(message, suggestion(prefix))]));
    }
    let wanted = |policy: &&Policy| {
        profile.is_none_or(|profile| policy.is_in(*profile)) && prefix.is_none_or(|prefix| is_below(&policy.id, prefix))
    };
    let all: Vec<&Policy> = policies().iter().filter(wanted).collect();
    let text = match matches.get_one::<ListStyle>("output").copied().unwrap_or_default() {
        ListStyle::Text if matches.get_flag("long") => {
            all.iter().map(|policy| text(policy)).collect::<Vec<_>>().join("\n")
        }
        ListStyle::Text => lines(&all),
        ListStyle::Json => format!("{:#}\n", all.iter().map(|policy| json(policy)).collect::<Json>()),
    };
    write!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    Ok(Status::Clean)
}

/// Prints the lints.
fn lints(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let json =
        |lint: &Lint| json!({"id": lint.id, "title": lint.title, "level": lint.level.name(), "regal": lint.regal});
    let width = LINTS.iter().map(|lint| lint.id.len()).max().unwrap_or_default();
    let line = |lint: &Lint| format!("{:width$}  {:8}  {}\n", lint.id, lint.level.name(), lint.title);
    let text = match matches.get_one::<ListStyle>("output").copied().unwrap_or_default() {
        ListStyle::Text => LINTS.iter().map(line).collect(),
        ListStyle::Json => format!("{:#}\n", LINTS.iter().map(json).collect::<Json>()),
    };
    write!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    Ok(Status::Clean)
}

/// One line for each policy: the id, the severity, and what it finds.
fn lines(all: &[&Policy]) -> String {
    let width = all.iter().map(|policy| policy.id.len()).max().unwrap_or_default();
    let line = |policy: &&Policy| {
        let (id, severity, title) = (&policy.id, policy.severity.name(), &policy.title);
        format!("{id:width$}  {severity:8}  {title}\n")
    };
    all.iter().map(line).collect()
}

fn text(policy: &Policy) -> String {
    let mut text = format!("{} ({})\n", policy.id, policy.severity.name());
    text += &fill(&policy.title, "  ", "  ", WIDTH);
    if !policy.kinds.is_empty() {
        text += &fill(&policy.kinds.join(", "), "  kinds: ", "    ", WIDTH);
    }
    if !policy.profiles.is_empty() {
        let profiles = page::joined(&policy.profiles, |profile| profile.name().to_owned());
        text += &fill(&profiles, "  profiles: ", "    ", WIDTH);
    }
    if !policy.warns_in.is_empty() {
        let profiles = page::joined(&policy.warns_in, |profile| profile.name().to_owned());
        text += &fill(&profiles, "  warns in: ", "    ", WIDTH);
    }
    for parameter in &policy.parameters {
        let (name, kind, default) = (&parameter.name, &parameter.kind, page::default(parameter));
        let line = format!("{name}, {kind}, {default}: {}", parameter.description);
        text += &fill(&line, "  parameter ", "    ", WIDTH);
    }
    text
}

fn json(policy: &Policy) -> Json {
    json!({
        "id": policy.id,
        "title": policy.title,
        "severity": policy.severity.name(),
        "kinds": policy.kinds,
        "formats": policy.formats.iter().map(|format| format.name()).collect::<Json>(),
        "profiles": policy.profiles.iter().map(|profile| profile.name()).collect::<Json>(),
        "warns_in": policy.warns_in.iter().map(|profile| profile.name()).collect::<Json>(),
        "parameters": policy.parameters.iter().map(parameter).collect::<Json>(),
    })
}

fn parameter(parameter: &Parameter) -> Json {
    let mut json = json!({
        "name": parameter.name,
        "type": parameter.kind.to_string(),
        "description": parameter.description,
        "required": parameter.required,
    });
    if let Some(default) = &parameter.default {
        json["default"] = default.to_json();
    }
    json
}
