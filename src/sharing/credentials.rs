//! The credentials for registries that docker keeps: in its settings file, or by programs that it names there.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine;
use serde_json::Value as Json;

use super::fault;
use crate::finding::Problem;

/// How long a program may take to give credentials.
const LONGEST: Duration = Duration::from_secs(30);
/// What Docker Hub is called in docker's settings.
const HUB: &str = "https://index.docker.io/v1/";

/// What a registry accepts. It has no `Debug`, so that no message has it.
#[derive(Clone)]
pub(super) enum Credentials {
    /// A name and a password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A token that others are given for.
    Identity(String),
}

/// The credentials for a registry, where there are any.
pub(super) fn of_registry(registry: &str) -> Result<Option<Credentials>, Problem> {
    let Some(path) = settings_file() else {
        return Ok(None);
    };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(fault(
                format!("{} cannot be read: {error}", path.display()),
                "make it readable, or set DOCKER_CONFIG to another directory",
            ));
        }
    };
    let settings: Json = serde_json::from_slice(&text).map_err(|error| {
        fault(
            format!("{} is not valid JSON at line {}", path.display(), error.line()),
            "correct it, or log in again with docker login",
        )
    })?;
    let names = names(registry);
    let helper = names.iter().find_map(|name| settings["credHelpers"][name].as_str());
    if let Some(helper) = helper {
        return of_program(helper, &names[0]);
    }
    if let Some(found) = names
        .iter()
        .find_map(|name| settings["auths"].get(name))
        .and_then(written)
    {
        return Ok(Some(found));
    }
    match settings["credsStore"].as_str() {
        Some(store) if !store.is_empty() => of_program(store, &names[0]),
        _ => Ok(None),
    }
}

/// The names under which docker may keep the credentials of a registry.
fn names(registry: &str) -> Vec<String> {
    match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => vec![HUB.to_owned(), "docker.io".to_owned()],
        host => vec![
            host.to_owned(),
            format!("https://{host}"),
            format!("http://{host}"),
            format!("https://{host}/v2/"),
        ],
    }
}

fn settings_file() -> Option<PathBuf> {
    let folder = match std::env::var_os("DOCKER_CONFIG") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => std::env::home_dir()?.join(".docker"),
    };
    Some(folder.join("config.json"))
}

/// The credentials that stand in the settings.
fn written(entry: &Json) -> Option<Credentials> {
    let text = |name: &str| entry[name].as_str().filter(|text| !text.is_empty());
    if let Some(token) = text("identitytoken") {
        return Some(Credentials::Identity(token.to_owned()));
    }
    if let (Some(user), Some(password)) = (text("username"), text("password")) {
        return Some(Credentials::Password {
            user: user.to_owned(),
            password: password.to_owned(),
        });
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(text("auth")?.trim())
        .ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    let (user, password) = pair.trim_end_matches('\0').split_once(':')?;
    Some(Credentials::Password {
        user: user.to_owned(),
        password: password.to_owned(),
    })
}

/// The credentials that a program gives. Its words are in no message: they may be the credentials.
fn of_program(helper: &str, server: &str) -> Result<Option<Credentials>, Problem> {
    let wrong = |why: &str| {
        fault(
            format!("docker-credential-{helper} {why}"),
            "install the program, or log in again with docker login",
        )
    };
    if helper.contains(['/', '\\']) {
        return Err(wrong("is not the name of a program"));
    }
    let mut child = Command::new(format!("docker-credential-{helper}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| wrong(&format!("could not be run: {error}")))?;
    if let Some(mut input) = child.stdin.take() {
        // A program that does not read says so by its exit code.
        let _ = input.write_all(server.as_bytes());
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver
        .recv_timeout(LONGEST)
        .map_err(|_| wrong("took too long"))?
        .map_err(|_| wrong("could not be read"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stdout);
        // The words of docker's programs for a server that they do not know.
        return match words.contains("credentials not found") {
            true => Ok(None),
            false => Err(wrong(&format!("failed: {}", output.status))),
        };
    }
    let answer: Json = serde_json::from_slice(&output.stdout).map_err(|_| wrong("did not answer in JSON"))?;
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Ok(Some(match text("Username") {
        user if user == "<token>" => Credentials::Identity(text("Secret")),
        user => Credentials::Password {
            user,
            password: text("Secret"),
        },
    }))
}
