//! Every output over one recorded report, and over reports that are hard to write: held to the schemas of those who
//! read them, to what may stand in them, and to the samples of `docs/outputs.md` (`RECORD_OUTPUTS=1` writes those anew).

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use clap::ValueEnum;
use kpolicy::report::Style;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

mod common;
#[path = "common/projects.rs"]
mod projects;

use common::kpolicy;
use projects::project;

/// The project whose report is recorded: a critical, a high and a low finding, a waived one, a file that is broken.
const PROJECT: [(&str, &str); 4] = [
    ("policy/images.rego", include_str!("outputs/policy/images.rego")),
    ("policy/main.rego", include_str!("outputs/policy/main.rego")),
    ("deploy/web.yaml", include_str!("outputs/deploy/web.yaml")),
    ("deploy/broken.yaml", include_str!("outputs/deploy/broken.yaml")),
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
    if std::env::var_os("RECORD_OUTPUTS").is_some() {
        fs::write(path, written).expect("the page can be written");
    } else {
        assert_eq!(
            page, written,
            "RECORD_OUTPUTS=1 cargo test --test outputs writes it anew"
        );
    }
}

const WARNS: &str = "package main\n\nwarn contains \"b\" if input.b\n";

/// Five rules, one of each severity, that find a hundred faults each.
fn many() -> String {
    let severities = ["critical", "high", "medium", "low", "info"];
    let rule = |severity: &&str| {
        format!(
            "# METADATA\n# custom:\n#   severity: {severity}\ndeny_{severity} contains sprintf(\"%d\", [n]) if {{\n\tinput.b\n\tsome n in numbers.range(1, 100)\n}}\n\n"
        )
    };
    format!("package main\n\n{}", severities.iter().map(rule).collect::<String>())
}

/// Whatever could break out of a report or be taken for a command.
fn hostile() -> String {
    let mut text = "\n::set-output name=x::y\n  ::error::z\n##vso[task.setvariable variable=x]y\n##[error]q\n]]>\
        <script>alert(1)</script><img src=x onerror=alert(1)>\" ' & | \\| `a` ``` @team #1 [l](javascript:x) \
        # SKIP # TODO \u{1b}[31m\u{202e}evil\u{2028}\u{0}\u{7f}\u{fffe} 值 é\n- x\n"
        .to_owned();
    text.push_str(&"long ".repeat(20_000));
    text
}

/// Reports that are hard to write: a name, files, and the words after `test`.
fn hard() -> Vec<(&'static str, TempDir, Vec<&'static str>)> {
    let warns = ("policy/p.rego", WARNS);
    let evil = json!({"b": hostile()}).to_string();
    let says = "package main\n\ndeny contains {\"msg\": input.b, \"path\": [\"b\"]}\n\nexception contains [\"it\"] if input.b\n\nwarn_it contains input.b\n";
    let many = many();
    vec![
        ("nothing", project(&[warns, ("in.yaml", "c: 1\n")]), vec!["in.yaml"]),
        ("one", project(&[warns, ("in.yaml", "b: 1\n")]), vec!["in.yaml"]),
        (
            "many",
            project(&[("policy/p.rego", &many), ("in.yaml", "b: 1\n")]),
            vec!["in.yaml"],
        ),
        (
            "hostile",
            project(&[("policy/p.rego", says), ("a b ü#%.json", &evil)]),
            vec!["a b ü#%.json"],
        ),
        (
            "combined",
            project(&[
                (
                    "policy/p.rego",
                    "package main\n\ndeny contains \"all\" if count(input) == 2\n",
                ),
                ("a.yaml", "b: 1\n"),
                ("b.yaml", "b: 1\n"),
            ]),
            vec!["--combine", "a.yaml", "b.yaml"],
        ),
        ("stdin", project(&[warns]), vec!["-"]),
        (
            "errors",
            project(&[
                (
                    "policy/p.rego",
                    "package main\n\nwarn contains \"b\" if input.b\n\ndeny contains \"x\" if to_number(input.b)\n",
                ),
                ("in.yaml", "b: x\n"),
                ("bad.yaml", "a: [\n"),
            ]),
            vec!["in.yaml", "bad.yaml"],
        ),
        ("waived", project(&PROJECT), vec!["deploy"]),
        (
            "unjudged",
            project(&[
                (
                    "pod.yaml",
                    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n",
                ),
                ("values.yaml", "a: 1\n"),
            ]),
            vec!["--profile", "strict", "pod.yaml", "values.yaml"],
        ),
        (
            "unusable",
            project(&[
                ("policy/p.rego", "package main\n\ndeny contains\n"),
                ("in.yaml", "b: 1\n"),
            ]),
            vec!["in.yaml"],
        ),
    ]
}

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

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name);
    let text = fs::read_to_string(path).expect("the schema is there");
    jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema")
}

fn holds(schema: &jsonschema::Validator, document: &Json, case: &str) {
    let faults: Vec<String> = schema
        .iter_errors(document)
        .map(|fault| fault.to_string())
        .take(5)
        .collect();
    assert!(faults.is_empty(), "{case}: {faults:?}");
}

#[test]
fn machines_can_read_what_is_hard_to_write() {
    let (sarif, gitlab) = (schema("sarif-2.1.0.json"), schema("gitlab-codeclimate.json"));
    let own = schema("kpolicy-output.json");
    for (case, root, words) in hard() {
        written(root.path(), &words);
        let json = |style| serde_json::from_str::<Json>(&read(root.path(), style)).expect("JSON");
        let found = json(Style::Sarif);
        holds(&sarif, &found, case);
        let run = &found["runs"][0];
        let judged = run["invocations"][0]["executionSuccessful"].as_bool();
        assert_eq!(
            judged,
            Some(!matches!(case, "errors" | "waived" | "unusable")),
            "{case}"
        );
        let results = run["results"].as_array().expect("results");
        if case == "many" {
            assert_eq!(results.len(), 500);
            let scores: HashSet<String> = run["tool"]["driver"]["rules"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|rule| rule["properties"]["security-severity"].to_string())
                .collect();
            assert_eq!(scores.len(), 5, "{scores:?}");
        }
        let entries = json(Style::Gitlab);
        let entries = entries.as_array().expect("entries");
        entries.iter().for_each(|entry| holds(&gitlab, entry, case));
        let known: HashSet<&str> = entries
            .iter()
            .filter_map(|entry| entry["fingerprint"].as_str())
            .collect();
        assert_eq!(
            known.len(),
            entries.len(),
            "{case}: GitLab shows one entry of each fingerprint"
        );
        holds(&own, &json(Style::Json), case);
    }
}

/// GitHub refuses a file with more results: what is left out is the least grave, and told.
#[test]
fn sarif_holds_no_more_than_may_be_uploaded() {
    let policy = "package main\n\nwarn contains \"few\" if input.b\n\n\
        deny contains sprintf(\"%d\", [n]) if {\n\tsome n in numbers.range(1, input.b)\n}\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("most.yaml", "b: 24999\n"),
        ("more.yaml", "b: 25001\n"),
    ]);
    let run = |file: &str| -> Json {
        let (text, code) = printed(root.path(), &["test", "-o", "sarif", file]);
        assert_eq!(code, 1);
        serde_json::from_str::<Json>(&text).expect("JSON")["runs"][0].take()
    };
    let told = |run: &Json| run["invocations"][0]["toolExecutionNotifications"].clone();
    let of = |run: &Json, rule: &str| {
        let results = run["results"].as_array().expect("results").iter();
        results.filter(|result| result["ruleId"] == rule).count()
    };
    let all = run("most.yaml");
    assert_eq!(
        (of(&all, "main/deny"), of(&all, "main/warn"), told(&all)),
        (24_999, 1, json!([]))
    );
    let cut = run("more.yaml");
    assert_eq!((of(&cut, "main/deny"), of(&cut, "main/warn")), (25_000, 0));
    let text = "2 results left out, the least grave: a run may hold 25000";
    assert_eq!(told(&cut), json!([{"level": "warning", "message": {"text": text}}]));
}

/// Tells of what is not tried here; the tests' own macros would be silent.
fn skipped(lacking: &str) {
    writeln!(io::stderr(), "SKIPPED: {lacking} is not installed").expect("standard error is open");
}

#[test]
fn junit_is_of_jenkins_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/junit-10.xsd");
    if Command::new("xmllint").arg("--version").output().is_err() {
        skipped("xmllint");
        return;
    }
    for (case, root, words) in hard() {
        written(root.path(), &words);
        let checked = Command::new("xmllint")
            .args(["--noout", "--huge", "--nonet", "--schema"])
            .arg(&schema)
            .arg(root.path().join("out.junit"))
            .output()
            .expect("xmllint runs");
        assert!(
            checked.status.success(),
            "{case}: {}",
            String::from_utf8_lossy(&checked.stderr)
        );
    }
}

#[test]
fn nothing_breaks_out_of_an_output() {
    for (case, root, words) in hard() {
        written(root.path(), &words);
        for style in Style::value_variants() {
            let text = read(root.path(), *style);
            let place = format!("{case} in {}", name(*style));
            let raw = |character: char| {
                character.is_control() && !matches!(character, '\n' | '\t') || matches!(character, '\u{202e}')
            };
            assert!(!text.contains(raw), "{place}");
            let commands: Vec<&str> = text
                .lines()
                .filter(|line| line.trim_start().starts_with("::"))
                .collect();
            let own = |line: &&str| {
                ["::error ", "::warning ", "::notice "]
                    .iter()
                    .any(|word| line.starts_with(word))
            };
            assert!(
                commands.iter().all(|line| *style == Style::Github && own(line)),
                "{place}: {commands:?}"
            );
            assert!(commands.len() <= 30, "{place}: GitHub shows ten of each level");
            if *style != Style::Azuredevops {
                assert!(!text.contains("##vso[") && !text.contains("##["), "{place}");
            }
        }
        let html = read(root.path(), Style::Html);
        assert_eq!(
            (html.matches("<script").count(), html.contains("<img")),
            (1, false),
            "{case}"
        );
        assert!(read(root.path(), Style::Markdown).chars().count() <= 65_536, "{case}");
        let tap = read(root.path(), Style::Tap);
        let failed = |line: &&str| line.starts_with("not ok") && (line.contains(" # SKIP") || line.contains(" # TODO"));
        assert!(!tap.lines().any(|line| failed(&line)), "{case}");
        let points = tap
            .lines()
            .filter(|line| line.starts_with("ok ") || line.starts_with("not ok "))
            .count();
        assert!(tap.contains(&format!("\n1..{points}\n")), "{case}");
    }
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
fn the_output_suits_where_the_run_is() {
    let root = project(&[("policy/p.rego", WARNS), ("in.yaml", "b: 1\n")]);
    let summary = root.path().join("summary.md");
    fs::write(&summary, "before\n").expect("a file");
    let run = |variables: &[(&str, &str)], words: &[&str]| {
        let mut command = kpolicy();
        command.args(["test", "in.yaml"]).args(words).current_dir(root.path());
        let output = command.envs(variables.iter().copied()).output().expect("kpolicy runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().expect("a path")),
    ];
    let found = run(&github, &[]);
    assert!(
        found.starts_with("warn[main/warn]") && found.contains("\n::warning file=in.yaml,line=1"),
        "{found}"
    );
    let told = fs::read_to_string(&summary).expect("the summary");
    assert!(told.starts_with("before\n### kpolicy: passed, with findings"), "{told}");
    assert!(run(&[("TF_BUILD", "True")], &[]).contains("##vso[task.logissue type=warning"));
    assert_eq!(
        run(&github, &["-o", "text"]),
        run(&[], &[]),
        "what is asked for is all there is"
    );
    assert_eq!(fs::read_to_string(&summary).expect("the summary"), told);
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let root = project(&[("policy/p.rego", WARNS), ("in.yaml", "b: 1\n"), ("old.sarif", "old")]);
    let (text, code) = printed(
        root.path(),
        &["test", "-o", "compact", "-o", "sarif=old.sarif", "in.yaml"],
    );
    assert_eq!((text.as_str(), code), ("in.yaml:1:4: warn[main/warn] b\n", 0));
    assert!(
        fs::read_to_string(root.path().join("old.sarif"))
            .expect("it")
            .starts_with("{\n")
    );
    let names: Vec<_> = fs::read_dir(root.path())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    // A reader of the file alone learns that nothing was judged.
    assert_eq!(
        printed(root.path(), &["test", "-o", "sarif=old.sarif", "missing.yaml"]).1,
        2
    );
    assert!(
        fs::read_to_string(root.path().join("old.sarif"))
            .expect("it")
            .contains("\"executionSuccessful\": false")
    );
}

/// Names, files and pairs that make no sense, and a file that cannot be written.
#[test]
fn outputs_that_cannot_be_written_are_refused() {
    let root = project(&[("policy/p.rego", WARNS), ("in.yaml", "b: 1\n"), ("folder/x", "")]);
    let mut told = String::new();
    for words in [
        "-o sarif=no/such.sarif",
        "-o sarif=folder",
        "-o sarif=",
        "-o auto=x",
        "-o sarf=x",
        "-o json -o text",
        "-o json=x -o sarif=x",
        "-o sarif=/dev/full",
    ] {
        let output = kpolicy()
            .arg("test")
            .args(words.split(' '))
            .arg("in.yaml")
            .current_dir(root.path())
            .output()
            .expect("kpolicy runs");
        let code = output.status.code().unwrap_or(-1);
        told += &format!(
            "{words}\n{}exit code {code}\n\n",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    insta::assert_snapshot!("refused", told);
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

/// The page's script filters, also under the page's own rules for scripts.
#[test]
fn the_page_works_in_a_browser() {
    if Command::new("chromium").arg("--version").output().is_err() {
        skipped("chromium");
        return;
    }
    let root = project(&PROJECT);
    written(root.path(), &["deploy"]);
    let home = tempfile::tempdir().expect("a temporary folder");
    let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                 --disable-component-update --disable-sync --dump-dom";
    let page = fs::canonicalize(root.path().join("out.html")).expect("the page");
    let address = format!("file://{}", page.display());
    let shown = Command::new("chromium")
        .args(flags.split_whitespace())
        .arg(format!("--user-data-dir={}", home.path().display()))
        .arg(&address)
        .output()
        .expect("chromium runs");
    let shown = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.contains("3 of 3 shown"), "the script ran: {shown}");
    assert!(
        shown.contains("<form id=\"filters\">"),
        "the filters are shown where the script runs"
    );
    let raw = read(root.path(), Style::Html);
    assert!(
        raw.contains("<form id=\"filters\" hidden>"),
        "and are not where it does not"
    );
}
