//! The built binary on small projects: what it prints and how it exits.

use std::path::Path;
use std::process::Stdio;

mod authors;
mod builtins;
#[cfg(unix)]
mod charts;
mod check;
mod conftest;
mod doc;
mod eval;
mod fmt;
mod gaps;
mod gatekeeper;
mod input;
#[cfg(unix)]
mod kustomize;
mod library;
#[cfg(unix)]
mod plugin;
mod policies;
mod references;
mod schemas;
mod settings;
mod shown;
mod terraform;
mod tracing;
mod verdicts;
mod verify;
mod watch;
mod why;

use crate::common::kpolicy;
use crate::common::projects::project;

const POLICY: &str = "package main\n\ndeny contains {\"msg\": msg, \"path\": [\"a\"]} if {\n\tinput.a > 1\n\tmsg := sprintf(\"a is %d\", [input.a])\n}\n\nwarn contains \"b is there\" if input.b\n";

const BAD_POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web, securityContext: {privileged: true}}]}\n";

/// Runs kpolicy there with these words: standard output, standard error and the exit code, as one text.
fn run(root: &Path, words: &str) -> String {
    run_with(root, words, "", &[])
}

fn run_with(root: &Path, words: &str, stdin: &str, variables: &[(&str, &str)]) -> String {
    let mut command = kpolicy();
    command
        .args(words.split_whitespace())
        .current_dir(root)
        .envs(variables.iter().copied());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kpolicy starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), stdin.as_bytes()).ok();
    let output = child.wait_with_output().expect("kpolicy ends");
    let code = output.status.code().map_or("none".to_owned(), |code| code.to_string());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}---\n{}--- exit code {code}\n",
        text(&output.stdout),
        text(&output.stderr)
    )
}
