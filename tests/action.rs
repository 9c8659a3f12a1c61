//! The action's own steps, run as a runner runs them: the release is a folder, made here of the binary under test.
#![cfg(unix)]
#![allow(clippy::print_stdout, reason = "a check that was skipped is seen")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A runner's folders, with a release of this binary in them.
struct Runner {
    folder: TempDir,
}

impl Runner {
    fn new() -> Self {
        let runner = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        for name in ["temp", "releases/download/v1.2.3", "bin"] {
            fs::create_dir_all(runner.path(name)).expect("folders");
        }
        let binary = runner.path("bin").join("kpolicy");
        fs::copy(env!("CARGO_BIN_EXE_kpolicy"), &binary).expect("the binary can be copied");
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Packs the release with the release workflow's own script.
    fn release(&self) {
        let packed = Command::new("bash")
            .arg(root().join("ci/release/pack.sh"))
            .arg(self.path("bin/kpolicy"))
            .arg("x86_64-unknown-linux-musl")
            .arg(self.path("releases/download/v1.2.3"))
            .output()
            .expect("bash runs");
        assert!(packed.status.success(), "{}", told(&packed));
    }

    fn archive(&self) -> PathBuf {
        self.path("releases/download/v1.2.3/kpolicy-x86_64-unknown-linux-musl.tar.gz")
    }

    /// Runs a script of the action with these variables beside the runner's own.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("bash")
            .arg(root().join("ci/action").join(script))
            .current_dir(root())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_PATH", self.path("github_path"))
            .env("GITHUB_OUTPUT", self.path("github_output"))
            .env_remove("GITHUB_ACTIONS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .env(
                "INSTALL_KPOLICY_FROM",
                format!("file://{}", self.path("releases").display()),
            )
            .envs(variables.iter().copied())
            .output()
            .expect("bash runs")
    }

    fn written(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_release_is_installed_where_its_checksum_is_right() {
    let runner = Runner::new();
    runner.release();
    for version in ["1.2.3", "v1.2.3"] {
        let output = runner.run("install.sh", &[("INSTALL_KPOLICY_VERSION", version)]);
        assert!(output.status.success(), "{}", told(&output));
    }
    let folder = runner.path("temp/kpolicy");
    for name in ["kpolicy", "LICENSE", "man/kpolicy-test.1", "completions/kpolicy.fish"] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    assert!(
        runner
            .written("github_path")
            .lines()
            .all(|line| Path::new(line) == folder)
    );
}

#[test]
fn what_is_not_the_release_is_not_installed() {
    let runner = Runner::new();
    runner.release();
    let wrong = "0".repeat(64);
    let refused: [(&[(&str, &str)], &str); 4] = [
        (
            &[("INSTALL_KPOLICY_VERSION", "1.2.3"), ("INSTALL_KPOLICY_SHA256", &wrong)],
            "it was not installed",
        ),
        (&[("INSTALL_KPOLICY_VERSION", "9.9.9")], "check the version"),
        (&[("INSTALL_KPOLICY_VERSION", "main")], "is no version"),
        (
            &[("INSTALL_KPOLICY_VERSION", "1.2.3"), ("RUNNER_ARCH", "RISCV")],
            "no kpolicy is released",
        ),
    ];
    for (variables, words) in refused {
        let output = runner.run("install.sh", variables);
        assert_eq!(output.status.code(), Some(2), "{variables:?}");
        assert!(told(&output).contains(words), "{variables:?}: {}", told(&output));
    }
    fs::write(runner.archive(), "something else").expect("the archive can be replaced");
    let output = runner.run("install.sh", &[("INSTALL_KPOLICY_VERSION", "1.2.3")]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(runner.written("github_path"), "");
}

/// What a step tells the next ones, without the runner's own folder.
fn outputs(runner: &Runner) -> String {
    let folder = runner.path("temp").display().to_string();
    runner.written("github_output").replace(&folder, "TEMP")
}

fn has_jq() -> bool {
    let found = Command::new("jq").arg("--version").output().is_ok();
    if !found {
        println!("SKIPPED: jq is not installed");
    }
    found
}

#[test]
fn the_step_tells_what_was_found() {
    if !has_jq() {
        return;
    }
    let runner = Runner::new();
    let inputs = [
        ("INPUT_PATHS", "examples/exceptions/pods.yaml\n\n"),
        ("INPUT_POLICY", "examples/exceptions/policy\n"),
        ("INPUT_OUTPUT", "compact"),
        ("INPUT_SARIF", "true"),
    ];
    let output = runner.run("run.sh", &inputs);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    insta::assert_snapshot!("action_outputs", outputs(&runner));
    assert!(runner.path("temp/kpolicy.sarif").is_file());
}

#[test]
fn a_step_that_could_not_judge_says_so() {
    if !has_jq() {
        return;
    }
    let runner = Runner::new();
    let output = runner.run(
        "run.sh",
        &[
            ("INPUT_PATHS", "no-such-folder"),
            ("INPUT_LIBRARY", "kubernetes/images"),
        ],
    );
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    insta::assert_snapshot!("action_outputs_of_an_error", outputs(&runner));
}
