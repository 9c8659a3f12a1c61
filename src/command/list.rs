//! `kpolicy list`: prints the policies of the library, what they are for and what they can be set by.

use std::io::Write;

use clap::ArgMatches;
use serde_json::{Value as Json, json};

use crate::cli::ListStyle;
use crate::error::Error;
use crate::finding::Status;
use crate::policy::library::catalog::{Policy, policies};
use crate::policy::library::page::{self, fill};
use crate::policy::parameter::Parameter;
use crate::settings::Profile;

/// How wide the list is.
const WIDTH: usize = 80;

/// Prints the list.
pub fn run(matches: &ArgMatches, out: &mut dyn Write) -> Result<Status, Error> {
    let profile = matches.get_one::<Profile>("profile");
    let wanted = |policy: &&Policy| profile.is_none_or(|profile| policy.is_in(*profile));
    let all: Vec<&Policy> = policies().iter().filter(wanted).collect();
    let text = match matches.get_one::<ListStyle>("output").copied().unwrap_or_default() {
        ListStyle::Text => all.iter().map(|policy| text(policy)).collect::<Vec<_>>().join("\n"),
        ListStyle::Json => format!("{:#}\n", all.iter().map(|policy| json(policy)).collect::<Json>()),
    };
    write!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(Error::Output)?;
    Ok(Status::Clean)
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
