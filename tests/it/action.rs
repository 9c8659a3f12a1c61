//! The action's own steps, run as a runner runs them. The release is a folder, made here of the binary under test; `gh` is a script
//! that records how it was called.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::json;
use tempfile::TempDir;

use crate::common::projects::empty;
use crate::common::{kpolicy, program};

/// The release's folder below the server's address.
const RELEASE: &str = "server/owner/kpolicy/releases/download/v1.2.3";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A runner's folders, with a release of this binary in them.
struct Runner {
    folder: TempDir,
}

impl Runner {
    fn new() -> Self {
        let runner = Self { folder: empty() };
        for name in ["temp", RELEASE, "bin"] {
            fs::create_dir_all(runner.path(name)).expect("folders");
        }
        let binary = runner.path("bin").join("kpolicy");
        fs::copy(env!("CARGO_BIN_EXE_kpolicy"), &binary).expect("the binary can be copied");
        runner.program("gh", &format!("echo \"$@\" >>{}", runner.path("gh_calls").display()));
        runner
    }

    /// Puts a program on the PATH.
    fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the program can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the program can be started");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Packs the release with the release workflow's own script.
    fn release(&self) {
        let packed = program("bash")
            .arg(root().join("ci/release/pack.sh"))
            .arg(self.path("bin/kpolicy"))
            .arg("x86_64-unknown-linux-musl")
            .arg(self.path(RELEASE))
            .output()
            .expect("bash runs");
        assert!(packed.status.success(), "{}", told(&packed));
    }

    fn archive(&self) -> PathBuf {
        self.path(RELEASE).join("kpolicy-x86_64-unknown-linux-musl.tar.gz")
    }

    /// Runs a script of the action with these variables beside the runner's own.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        program("bash")
            .arg(root().join("ci/action").join(script))
            .current_dir(root())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_PATH", self.path("github_path"))
            .env("GITHUB_OUTPUT", self.path("github_output"))
            .env("GITHUB_SERVER_URL", format!("file://{}", self.path("server").display()))
            .env("ACTION_REPOSITORY", "owner/kpolicy")
            .env("GITHUB_REPOSITORY", "caller/project")
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
fn a_release_is_installed_if_its_checksum_and_its_attestation_are_right() {
    let runner = Runner::new();
    runner.release();
    for version in ["1.2.3", "v1.2.3"] {
        let output = runner.run("install.sh", &[("INSTALL_VERSION", version)]);
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
    let call = format!(
        "attestation verify {}/kpolicy-x86_64-unknown-linux-musl.tar.gz --repo owner/kpolicy --signer-workflow \
         owner/kpolicy/.github/workflows/release.yml --deny-self-hosted-runners --source-ref refs/tags/v1.2.3\n",
        folder.display()
    );
    assert_eq!(runner.written("gh_calls"), call.repeat(2));
}

#[test]
fn a_pinned_archive_is_installed_without_an_attestation_if_that_is_asked_for() {
    let runner = Runner::new();
    runner.release();
    let checksums = fs::read_to_string(format!("{}.sha256", runner.archive().display())).expect("the checksum");
    let checksum = checksums.split(' ').next().expect("a checksum");
    let output = runner.run(
        "install.sh",
        &[
            ("INSTALL_VERSION", "1.2.3"),
            ("INSTALL_SHA256", checksum),
            ("INSTALL_VERIFY", "false"),
        ],
    );
    assert!(output.status.success(), "{}", told(&output));
    assert_eq!(runner.written("gh_calls"), "");
}

#[test]
fn what_is_not_the_release_is_not_installed() {
    let runner = Runner::new();
    runner.release();
    let wrong = "0".repeat(64);
    let refused: [(&[(&str, &str)], &str); 8] = [
        (
            &[("INSTALL_VERSION", "1.2.3"), ("INSTALL_SHA256", &wrong)],
            "it was not installed",
        ),
        (&[("INSTALL_VERSION", "9.9.9")], "check the version"),
        (&[("INSTALL_VERSION", "main")], "is not a version"),
        (
            &[("INSTALL_VERSION", "1.2.3"), ("RUNNER_ARCH", "RISCV")],
            "no kpolicy is released",
        ),
        // The caller's repository has no releases of kpolicy.
        (
            &[("INSTALL_VERSION", "1.2.3"), ("ACTION_REPOSITORY", "")],
            "set repository to OWNER/NAME",
        ),
        (
            &[("INSTALL_VERSION", "1.2.3"), ("INSTALL_REPOSITORY", "other/fork")],
            "cannot download",
        ),
        (
            &[("INSTALL_VERSION", "1.2.3"), ("INSTALL_VERIFY", "false")],
            "sha256 must be set",
        ),
        (
            &[("INSTALL_VERSION", "1.2.3"), ("INSTALL_VERIFY", "no")],
            "set true or false",
        ),
    ];
    for (variables, words) in refused {
        let output = runner.run("install.sh", variables);
        assert_eq!(output.status.code(), Some(2), "{variables:?}");
        assert!(told(&output).contains(words), "{variables:?}: {}", told(&output));
    }
    runner.program("gh", "exit 1");
    let output = runner.run("install.sh", &[("INSTALL_VERSION", "1.2.3")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("attestation"), "{}", told(&output));
    fs::write(runner.archive(), "something else").expect("the archive can be replaced");
    let output = runner.run("install.sh", &[("INSTALL_VERSION", "1.2.3")]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(runner.written("github_path"), "");
}

/// What a step tells the next ones, without the runner's own folder.
fn outputs(runner: &Runner) -> String {
    let folder = runner.path("temp").display().to_string();
    runner.written("github_output").replace(&folder, "TEMP")
}

/// The inputs of the action's definition.
fn inputs() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("action.yml")).expect("the action is there");
    let lines = text.lines().skip_while(|line| *line != "inputs:").skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with(' '));
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    names
        .filter(|name| !name.starts_with([' ', '#']))
        .map(str::to_owned)
        .collect()
}

/// The flags that the help of `kpolicy test` lists.
fn flags() -> BTreeSet<String> {
    let output = kpolicy().args(["test", "--help"]).output().expect("kpolicy runs");
    let help = String::from_utf8(output.stdout).expect("the help is text");
    let names = help.lines().filter_map(|line| {
        let line = line.trim_start();
        let flag = line.split_once(", --").filter(|(short, _)| short.len() == 2);
        let name = flag.map_or_else(|| line.strip_prefix("--"), |(_, name)| Some(name))?;
        name.split([' ', '[', '=']).next()
    });
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_setting_is_an_input_and_every_other_input_is_known_to_the_script() {
    let (inputs, mut flags) = (inputs(), flags());
    // It is for people at a terminal.
    assert!(flags.remove("watch"));
    assert!(flags.len() > 30, "{flags:?}");
    let missing: Vec<&String> = flags.difference(&inputs).collect();
    assert!(missing.is_empty(), "action.yml has no input {missing:?}");
    let script = fs::read_to_string(root().join("ci/action/run.sh")).expect("the script is there");
    let list = script.split_once("[\"paths\"").expect("the list of inputs").1;
    let list = format!("\"paths\"{}", list.split(']').next().unwrap_or_default());
    let own: BTreeSet<String> = list.split(", ").map(|name| name.trim_matches('"').to_owned()).collect();
    let others: BTreeSet<String> = inputs.difference(&flags).cloned().collect();
    assert_eq!(own, others, "inputs that are not settings");
}

#[test]
#[ignore = "needs jq"]
fn the_step_tells_what_was_found() {
    let runner = Runner::new();
    let inputs = json!({
        "paths": "examples/exceptions/pods.yaml\n\n",
        "policy": "examples/exceptions/policy\n",
        "output": "compact",
        "upload-sarif": "true",
        "fail-on-warn": "",
        "version": "latest",
        "github-token": "secret",
    });
    let output = runner.run("run.sh", &[("INPUTS", &inputs.to_string())]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    insta::assert_snapshot!("action_outputs", outputs(&runner));
    assert!(runner.path("temp/kpolicy.sarif").is_file());
}

#[test]
#[ignore = "needs jq"]
fn settings_of_one_and_of_several_lines_reach_kpolicy() {
    let runner = Runner::new();
    let arguments = runner.path("arguments");
    runner.program("kpolicy", &format!("printf '%s\\n' \"$@\" >{}", arguments.display()));
    let inputs = json!({
        "paths": "a b\nc*\r\n",
        "data": "one\r\n\n  \ntwo words\n",
        "no-fail": "true",
        "timeout": "5",
        "sha256": "abc",
    });
    let output = runner.run("run.sh", &[("INPUTS", &inputs.to_string())]);
    assert!(output.status.success(), "{}", told(&output));
    let json = format!("--output=json={}", runner.path("temp/kpolicy.json").display());
    let words = [
        "test",
        "--data=one",
        "--data=two words",
        "--no-fail=true",
        "--timeout=5",
        &json,
        "--",
        "a b",
        "c*",
    ];
    assert_eq!(runner.written("arguments").lines().collect::<Vec<_>>(), words);
}

#[test]
#[ignore = "needs jq"]
fn a_step_that_could_not_evaluate_says_so() {
    let runner = Runner::new();
    let inputs = json!({"paths": "no-such-folder", "library": "kubernetes/images"});
    let output = runner.run("run.sh", &[("INPUTS", &inputs.to_string())]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    insta::assert_snapshot!("action_outputs_of_an_error", outputs(&runner));
}
