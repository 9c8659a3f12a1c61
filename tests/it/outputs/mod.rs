//! Every output over one recorded report, and over reports that are hard to write: held to the schemas of those who
//! read them, to what may stand in them, and to the samples of `docs/outputs.md` (`cargo xtask bless outputs` writes those).

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use clap::ValueEnum;
use kpolicy::report::Style;
use serde_json::Value as Json;

mod delivered;
mod hard;
mod readers;

use crate::common::projects::project;
use crate::common::{bless, kpolicy};

/// The project whose report is recorded: a critical, a high and a low finding, a waived one, a file that is broken.
const PROJECT: [(&str, &str); 4] = [
    ("policy/images.rego", include_str!("policy/images.rego")),
    ("policy/main.rego", include_str!("policy/main.rego")),
    ("deploy/web.yaml", include_str!("deploy/web.yaml")),
    ("deploy/broken.yaml", include_str!("deploy/broken.yaml")),
];

fn name(style: Style) -> String {
    let value = style.to_possible_value().expect("every style has a name");
    value.get_name().to_owned()
}

/// What a run prints, and its exit code.
fn printed(root: &Path, words: &[&str]) -> (String, i32) {
    let output = kpolicy().args(words).current_dir(root).output().expect("kpolicy runs");
    let text = String::from_utf8(output.stdout).expect("reports are UTF-8");
    // A new version is no difference.
    let text = text.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"VERSION\"");
    let text = text.replace(concat!("kpolicy ", env!("CARGO_PKG_VERSION")), "kpolicy VERSION");
    (text, output.status.code().unwrap_or(-1))
}

#[test]
fn every_output_tells_of_the_recorded_report() {
    let root = project(&PROJECT);
    for style in Style::value_variants() {
        let name = name(*style);
        let (text, code) = printed(root.path(), &["test", "-o", &name, "deploy"]);
        assert_eq!(code, 2, "{name}: the broken file is told of by the exit code");
        assert_eq!(
            printed(root.path(), &["test", "-o", &name, "deploy", "-j", "1"]).0,
            text,
            "{name}"
        );
        insta::assert_snapshot!(name.as_str(), text);
    }
    let (text, _) = printed(root.path(), &["test", "--explain", "deploy"]);
    insta::assert_snapshot!("explain", text);
}

#[test]
fn conftests_ways_are_kept_to_the_letter() {
    let root = project(&PROJECT);
    for name in ["table", "tap", "junit", "azuredevops"] {
        let words = [
            "test",
            "--compat",
            "conftest",
            "-n",
            "main",
            "-n",
            "images",
            "-o",
            name,
            "deploy/web.yaml",
        ];
        let (text, code) = printed(root.path(), &words);
        assert_eq!(code, 1);
        insta::assert_snapshot!(format!("conftest_{name}"), text);
    }
    let words = ["test", "-o", "junit", "--junit-hide-message", "deploy/web.yaml"];
    assert!(!printed(root.path(), &words).0.contains("name=\"deploy/web.yaml - "));
}

/// The samples in the documentation are what the recorded report is written as.
#[test]
fn the_samples_of_the_documentation_are_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/outputs.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let root = project(&PROJECT);
    let mut written = page.clone();
    for style in Style::value_variants().iter().filter(|style| **style != Style::Html) {
        let name = name(*style);
        let (text, _) = printed(root.path(), &["test", "-o", &name, "deploy"]);
        let (before, rest) = written
            .split_once(&format!("<!-- sample: {name} -->\n"))
            .unwrap_or_else(|| panic!("docs/outputs.md has no sample of {name}"));
        let (_, after) = rest.split_once("\n~~~~\n").expect("the sample ends");
        let text = text.trim_end();
        written = format!("{before}<!-- sample: {name} -->\n~~~~text\n{text}\n~~~~\n{after}");
    }
    if bless() {
        fs::write(path, written).expect("the page can be written");
    } else {
        assert_eq!(page, written, "`cargo xtask bless outputs` writes it");
    }
}

const WARNS: &str = "package main\n\nwarn contains \"b\" if input.b\n";

/// The run with every output in a file of its own.
fn written(root: &Path, words: &[&str]) {
    let outputs = Style::value_variants()
        .iter()
        .map(|style| format!("--output={0}=out.{0}", name(*style)));
    let mut child = kpolicy()
        .arg("test")
        .args(words)
        .args(outputs)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("kpolicy starts");
    child.stdin.take().expect("a pipe").write_all(b"b: 1\n").ok();
    child.wait().expect("kpolicy ends");
}

fn read(root: &Path, style: Style) -> String {
    fs::read_to_string(root.join(format!("out.{}", name(style)))).expect("the output is written")
}

/// An identity survives an edit above; two findings that are alike have two.
#[test]
fn identities_outlive_edits_above() {
    let policy = "package main\n\ndeny contains {\"msg\": \"no\", \"path\": [k]} if some k, 1 in input\n";
    let root = project(&[("policy/p.rego", policy), ("in.yaml", "a: 1\nb: 1\n")]);
    let identities = || -> Vec<String> {
        let (text, _) = printed(root.path(), &["test", "-o", "gitlab", "in.yaml"]);
        let entries: Json = serde_json::from_str(&text).expect("JSON");
        entries
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| entry["fingerprint"].to_string())
            .collect()
    };
    let before = identities();
    fs::write(root.path().join("in.yaml"), "# a line\n\na: 1\nc: 0\nb: 1\n").expect("a file");
    assert_eq!(before, identities());
    assert_ne!(before[0], before[1]);
}

#[test]
fn the_level_lets_the_less_grave_pass_and_tells_of_it() {
    let root = project(&PROJECT);
    let run = |words: &str| {
        let words: Vec<&str> = words.split_whitespace().chain(["deploy/web.yaml"]).collect();
        let (text, code) = printed(root.path(), &words);
        (text.lines().last().unwrap_or_default().to_owned(), code)
    };
    assert_eq!(run("test --fail-level critical").1, 1);
    assert_eq!(run("test -n main --fail-level critical").1, 0);
    assert_eq!(run("test -n main --fail-level high").1, 1);
    // A warning fails only where warnings do, and then from its level on.
    assert_eq!(run("test -n main --fail-level low --fail-on-warn").1, 1);
    assert_eq!(run("test -n main --fail-level critical --fail-on-warn").1, 0);
    let (line, _) = run("test -n main --fail-level critical");
    assert!(line.ends_with("2 below --fail-level critical"), "{line}");
    let (line, _) = run("test -n main --fail-level critical -o github");
    assert!(!line.contains("::error"), "{line}");
}
