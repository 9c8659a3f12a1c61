//! Tasks of development that take more than one command: `cargo xtask bless` and `cargo xtask oracle`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;

/// The release of OPA whose answers count.
const OPA: &str = concat!(
    "github.com/open-policy-agent/opa@v",
    include_str!("../../crates/rego/src/opa-version.txt")
);
/// The release of Kubernetes whose reading of YAML counts.
const KUBERNETES: &str = "k8s.io/apimachinery@v0.37.2";
/// The programs that answer for them: the module that one is built in, its source, and its name below `target`.
const ORACLES: [(&str, &str, &str); 2] = [(OPA, "oracle.go", "oracle"), (KUBERNETES, "yaml.go", "yaml-oracle")];
/// Ignored tests that record something, by how their names start: each needs a program that not everyone has.
const IGNORED: [(&str, &str); 2] = [("action::", "jq"), ("fidelity::", "go")];

/// Tasks of kpolicy's own development.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Rewrite everything that tests record: snapshots, pages, samples, tables
    Bless {
        /// Run only the tests whose names contain one of these words
        names: Vec<String>,
    },
    /// Build the programs that answer for OPA and Kubernetes in tests/it/differential
    Oracle,
}

fn main() -> Result<()> {
    match Task::parse() {
        Task::Bless { names } => bless(&names),
        Task::Oracle => oracles(),
    }
}

/// The root of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the workspace")
}

/// Runs the tests with everything that they record rewritten. The difference is for a person to read.
fn bless(names: &[String]) -> Result<()> {
    let all = run(tests().args(["--workspace", "--no-fail-fast", "--"]).args(names));
    let ignored = bless_ignored(names);
    all.and(ignored)
}

/// Runs those of the ignored tests that record something too.
fn bless_ignored(names: &[String]) -> Result<()> {
    for (start, needs) in IGNORED {
        if !names.is_empty()
            && !names
                .iter()
                .any(|name| name.contains(start) || start.contains(name.as_str()))
        {
            continue;
        }
        if Command::new(needs).arg("help").output().is_err() {
            eprintln!("SKIPPED: what the ignored tests of {start} record, since {needs} is not installed");
            continue;
        }
        let mut command = tests();
        if start == "fidelity::" && env::var_os("OPA_CASES").is_none() {
            command.env("OPA_CASES", module(OPA)?.join("v1/test/cases/testdata"));
        }
        run(command.args(["--test", "it", start, "--", "--ignored"]))?;
    }
    Ok(())
}

/// `cargo test` of the workspace, told to record.
fn tests() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root())
        .arg("test")
        .env("BLESS", "1")
        .env("INSTA_UPDATE", "always");
    command
}

/// Builds each oracle within the module whose answers it gives, so that it uses exactly the packages which that needs.
fn oracles() -> Result<()> {
    for (name, source, program) in ORACLES {
        let program = root().join("target").join(program);
        let source = root().join("tests/it/differential").join(source);
        run(Command::new("go")
            .current_dir(module(name)?)
            .args(["build", "-mod=mod", "-o"])
            .args([&program, &source]))?;
        println!("{}", program.display());
    }
    Ok(())
}

/// The folder of a Go module, downloaded if it is not there.
fn module(name: &str) -> Result<PathBuf> {
    let output = Command::new("go")
        .args(["mod", "download", "-json", name])
        .output()
        .context("go is not installed")?;
    ensure!(
        output.status.success(),
        "go mod download {name} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).context("go's answer is not JSON")?;
    let folder = answer["Dir"].as_str().context("go named no folder")?;
    Ok(folder.into())
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?} did not start"))?;
    if !status.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}
