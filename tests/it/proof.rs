//! `kpolicy verify --require-proof`: each of its claims against what happens. A line is really removed, and the tests are
//! run: by kpolicy, and where `OPA` names it by OPA.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kpolicy_rego::Dialect;
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::{Body, ExpressionKind, Rule, TermKind};
use kpolicy_value::{LineIndex, Span};
use serde_json::Value as Json;

use crate::common::{kpolicy, program};

/// What tests do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Pass,
    Fail,
    Invalid,
}

type Judge = fn(&Path) -> Outcome;

fn by_kpolicy(root: &Path) -> Outcome {
    let output = run(kpolicy().args(["verify", "-o", "json"]).arg(root));
    match (output.status.code(), output.stdout.is_empty()) {
        (Some(0), _) => Outcome::Pass,
        (_, false) => Outcome::Fail,
        _ => Outcome::Invalid,
    }
}

fn by_opa(root: &Path) -> Outcome {
    let opa = std::env::var("OPA").unwrap_or_else(|_| "opa".to_owned());
    let output = run(program(&opa).args(["test", "-z"]).arg(root));
    match output.status.code() {
        Some(0) => Outcome::Pass,
        Some(2) => Outcome::Fail,
        _ => Outcome::Invalid,
    }
}

fn run(command: &mut Command) -> Output {
    command.output().expect("it starts")
}

/// The place of a claim: whether it is of a clause, line and column.
type Place = (bool, usize, usize);

/// Whether each claim of a file is proved.
fn claims(root: &Path, file: &Path) -> BTreeMap<Place, bool> {
    let output = run(kpolicy().args(["verify", "--require-proof", "-o", "json"]).arg(root));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let entries: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
    let of_file = |entry: &&Json| entry["location"]["file"].as_str() == file.to_str() && entry["proof"].is_object();
    let claim = |entry: &Json| {
        let number = |name: &str| entry["location"][name].as_u64().expect("a number") as usize;
        let place = (entry["proof"]["of"] == "clause", number("row"), number("col"));
        (place, entry["proof"]["proved"] == true)
    };
    entries.iter().filter(of_file).map(claim).collect()
}

/// A removal: its place, and the texts without it, the plainest first.
struct Removal {
    place: Place,
    texts: Vec<String>,
}

/// A text with ranges replaced.
fn with(text: &str, mut changes: Vec<(Span, String)>) -> String {
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for (span, by) in changes {
        text.replace_range(span.start as usize..span.end as usize, &by);
    }
    text
}

/// Everything that could be removed of a policy.
fn removals(text: &str) -> Vec<Removal> {
    let module = parse(text, Dialect::V1).expect("a policy");
    let lines = LineIndex::new(text);
    let mut found = Vec::new();
    for rule in module.rules.iter().filter(|rule| !rule.default) {
        let branches = rule.branches.iter().map(|branch| (branch.span, &branch.body));
        for (branch, (span, body)) in std::iter::once((rule.span, &rule.body)).chain(branches).enumerate() {
            let (line, column) = lines.position(span.start as usize);
            found.push(Removal {
                place: (true, line, column),
                texts: without_clause(text, rule, branch, span, body),
            });
            found.extend(without_statements(text, body, &lines));
        }
    }
    found
}

fn without_clause(text: &str, rule: &Rule, branch: usize, span: Span, body: &Body) -> Vec<String> {
    let mut texts = Vec::new();
    if rule.branches.is_empty() {
        texts.push(with(text, vec![(rule.span, String::new())]));
    }
    // A function is not removed where others call it, and a branch has others after it: it never holds then.
    let end = if branch == 0 && body.is_empty() {
        rule.head.span.end
    } else {
        span.end
    } as usize;
    texts.push(match body.first() {
        None => with(text, vec![(Span::new(end, end), " if false".to_owned())]),
        Some(first) if text[..first.span.start as usize].trim_end().ends_with('{') => {
            let at = first.span.start as usize;
            with(text, vec![(Span::new(at, at), "false\n".to_owned())])
        }
        Some(first) => with(
            text,
            vec![(first.span, format!("{{ false\n{} }}", first.span.of(text)))],
        ),
    });
    texts
}

fn without_statements(text: &str, body: &Body, lines: &LineIndex) -> Vec<Removal> {
    let removed = if body.len() == 1 { "true" } else { "" };
    let mut found = Vec::new();
    for statement in body {
        let is_no_condition = match &statement.kind {
            ExpressionKind::Some(_) => true,
            ExpressionKind::Term(term) => match &term.kind {
                TermKind::Bool(true) => true,
                TermKind::Call { function, .. } => {
                    matches!(&function.kind, TermKind::Var(name) if &**name == "print")
                }
                _ => false,
            },
            _ => false,
        };
        if is_no_condition {
            continue;
        }
        let (line, column) = lines.position(statement.span.start as usize);
        let cut = (statement.span, removed.to_owned());
        let declarations = body
            .iter()
            .filter(|other| matches!(other.kind, ExpressionKind::Some(_)));
        let declarations = declarations.map(|other| (other.span, String::new()));
        let mut texts = vec![with(text, vec![cut.clone()])];
        if body.iter().any(|other| matches!(other.kind, ExpressionKind::Some(_))) {
            texts.push(with(text, declarations.chain([cut]).collect()));
        }
        found.push(Removal {
            place: (false, line, column),
            texts,
        });
    }
    found
}

/// Removes each part of each policy below a directory, with every `step`th taken, and gives the claims that are false.
fn false_claims(root: &Path, step: usize, judge: Judge) -> (usize, Vec<String>) {
    let (mut tried, mut wrong) = (0, Vec::new());
    for file in policies(root) {
        let text = fs::read_to_string(&file).expect("a policy");
        let claims = claims(root, &file);
        for removal in removals(&text).into_iter().step_by(step) {
            let outcome = removal
                .texts
                .iter()
                .map(|without| {
                    fs::write(&file, without).expect("a file");
                    judge(root)
                })
                .find(|outcome| *outcome != Outcome::Invalid);
            let claimed = claims.get(&removal.place);
            // A constant is a value, and no claim is made of it.
            let is_constant = removal.place.0 && claimed.is_none();
            let expected = outcome.map(|outcome| outcome == Outcome::Fail);
            tried += 1;
            if expected.as_ref() != claimed && !is_constant {
                wrong.push(format!(
                    "{}:{:?}: claimed {claimed:?}, {outcome:?}",
                    file.display(),
                    removal.place
                ));
            }
        }
        fs::write(&file, text).expect("a file");
    }
    (tried, wrong)
}

/// The files of policies, without those of tests.
fn policies(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(root).expect("a directory") {
        let path = entry.expect("an entry").path();
        let is_policy = path.extension().is_some_and(|extension| extension == "rego");
        if path.is_dir() {
            found.extend(policies(&path));
        } else if is_policy && !path.to_string_lossy().ends_with("_test.rego") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copied(folders: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a directory");
    for folder in folders {
        copy(Path::new(folder), &root.path().join(folder));
    }
    root
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => _ = fs::copy(&path, target).expect("a copy"),
        }
    }
}

fn assert_no_false_claim(root: &Path, step: usize, judge: Judge) {
    let (tried, wrong) = false_claims(root, step, judge);
    assert!(tried > 10, "{tried} removals are no sample");
    assert!(
        wrong.is_empty(),
        "of {tried} claims {} are false:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn no_claim_is_false() {
    assert_no_false_claim(copied(&["tests/proof"]).path(), 1, by_kpolicy);
}

#[test]
#[ignore = "needs OPA"]
fn no_claim_is_false_for_opa() {
    assert_no_false_claim(copied(&["tests/proof"]).path(), 1, by_opa);
}
