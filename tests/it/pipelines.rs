//! The commands in `docs/ci` and in `.pre-commit-hooks.yaml` are ones that kpolicy takes: each is run on a small project.

use std::fs;
use std::path::Path;

use crate::common::projects::project;
use crate::common::{kpolicy, program};

/// A Deployment that the library finds fault with.
const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: nginx:latest\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a command line of kpolicy in a new project; the exit code and what was written beside the project.
fn run(words: &[&str]) -> (Option<i32>, Vec<String>) {
    let project = project(&[("deploy/web.yaml", DEPLOYMENT), ("notes.txt", "no configuration")]);
    let output = kpolicy()
        .args(words)
        .current_dir(project.path())
        .output()
        .expect("kpolicy runs");
    let entries = fs::read_dir(project.path()).expect("the project is there").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut written: Vec<String> = names
        .filter(|name| !["deploy", "notes.txt", ".git"].contains(&name.as_str()))
        .collect();
    written.sort();
    (output.status.code(), written)
}

/// The commands of a file: what stands behind `kpolicy test` up to the end of its line or quote.
fn commands(file: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(file)).expect("the file is there");
    let tails = text.lines().filter_map(|line| line.split_once("kpolicy test"));
    let commands = tails.map(|(_, tail)| tail.split('\'').next().unwrap_or_default());
    commands.map(|tail| format!("test{tail}")).collect()
}

#[test]
fn the_commands_for_pipelines_judge_and_write_their_reports() {
    let cases: [(&str, &[&str]); 3] = [
        ("docs/ci/gitlab-ci.yml", &["gl-code-quality-report.json", "kpolicy.xml"]),
        ("docs/ci/azure-pipelines.yml", &["kpolicy.xml"]),
        ("docs/ci/Jenkinsfile", &["kpolicy.xml"]),
    ];
    for (file, reports) in cases {
        let text = fs::read_to_string(root().join(file)).expect("the file is there");
        // A variable of that start is a setting: one that is none is refused.
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("KPOLICY_")),
            "{file}"
        );
        let commands = commands(file);
        assert_eq!(commands.len(), 1, "{file}");
        let command = commands[0]
            .replace("$CONFIG_PATHS", "deploy")
            .replace("$(Build.ArtifactStagingDirectory)/", "");
        let words: Vec<&str> = command.split_whitespace().collect();
        assert_eq!(
            run(&words),
            (Some(1), reports.iter().map(ToString::to_string).collect()),
            "{file}"
        );
    }
}

#[test]
fn the_hooks_for_policies_fail_where_the_policies_are_wrong() {
    let policy = "package main\n\ndeny contains \"latest\" if endswith(input.image, \":latest\")\n";
    let test = "package main_test\n\nimport data.main\n\ntest_latest if count(main.deny) == 1 with input as {\"image\": \"a:latest\"}\n";
    let text = text(".pre-commit-hooks.yaml");
    let entry = |id: &str| {
        let (_, hook) = text.split_once(&format!("- id: {id}\n")).expect("the hook is there");
        let entry = hook
            .lines()
            .find_map(|line| line.trim().strip_prefix("entry: kpolicy "));
        entry.expect("it has an entry").to_owned()
    };
    let code = |id: &str, policy: &str| {
        let project = project(&[("policy/p.rego", policy), ("policy/p_test.rego", test)]);
        let words = entry(id);
        let output = kpolicy().args(words.split(' ')).current_dir(project.path()).output();
        output.expect("kpolicy runs").status.code()
    };
    assert_eq!(code("kpolicy-verify", policy), Some(0));
    assert_eq!(
        code("kpolicy-verify", "package main\n\ndeny contains 1 if input.x\n"),
        Some(1)
    );
    assert_eq!(code("kpolicy-check", policy), Some(0));
    let linted = format!("{policy}\ndeny contains 1 if not startswith(input.image, \"r/\")\n");
    assert_eq!(code("kpolicy-check", &linted), Some(1));
}

/// The text of a file of the repository.
fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("the file is there")
}

#[test]
fn the_image_and_the_readme_name_the_oldest_supported_rust() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert_eq!(version.split('.').count(), 3, "rust-version names one toolchain");
    let (minor, _) = version.rsplit_once('.').expect("a version");
    assert!(text("docs/ci/Dockerfile").contains(&format!("FROM rust:{version}-alpine AS build\n")));
    assert!(text("README.md").contains(&format!("({minor} or newer)")));
}

#[test]
fn the_changes_of_the_version_are_the_notes_of_its_release() {
    let notes = |version: &str| {
        let mut command = program("bash");
        command.arg(root().join("ci/release/notes.sh")).arg(version);
        command.output().expect("bash runs")
    };
    let output = notes(env!("CARGO_PKG_VERSION"));
    let printed = String::from_utf8(output.stdout).expect("the notes are text");
    assert!(output.status.success() && printed.contains("\n- "), "{printed}");
    assert!(!printed.contains("## "), "{printed}");
    assert_eq!(notes("999.0.0").status.code(), Some(1));
}

/// An action or image by a name that can move is another one tomorrow.
#[test]
fn workflows_name_actions_by_commit() {
    let folder = fs::read_dir(root().join(".github/workflows")).expect("the workflows are there");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    files.push(root().join("action.yml"));
    let mut pinned = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("a workflow is text");
        let uses = text.lines().filter_map(|line| line.split_once("uses: "));
        for (_, action) in uses.filter(|(_, action)| !action.starts_with("./")) {
            let commit = action.split_once('@').and_then(|(_, rest)| rest.split_once(" # v"));
            let hex = |text: &str| text.len() == 40 && text.chars().all(|letter| letter.is_ascii_hexdigit());
            assert!(
                commit.is_some_and(|(commit, _)| hex(commit)),
                "{}: {action}",
                file.display()
            );
            pinned += 1;
        }
    }
    assert!(pinned > 10, "{pinned}");
}

#[test]
fn the_hook_judges_what_a_parser_knows_and_passes_over_the_rest() {
    let entries = commands(".pre-commit-hooks.yaml");
    // The hooks are the same but for how kpolicy comes to the machine.
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0], entries[1]);
    let hook = |files: &[&str]| {
        let words: Vec<&str> = entries[0].split_whitespace().chain(files.iter().copied()).collect();
        run(&words).0
    };
    assert_eq!(hook(&["deploy/web.yaml", "notes.txt"]), Some(1));
    assert_eq!(hook(&["notes.txt"]), Some(0));
    assert_eq!(hook(&["missing.txt"]), Some(2));
}
