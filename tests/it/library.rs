//! The built-in library: its examples are judged, its pages are those that it generates, its defaults are those that
//! METADATA states.
//!
//! `cargo xtask bless library` writes the pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kpolicy::policy::library::catalog::{Policy, policies};
use kpolicy::policy::library::page;
use kpolicy::policy::parameter::Type;
use kpolicy_value::Value;
use serde_json::{Value as Json, json};

use crate::common::loading::load;
use crate::common::{bless, kpolicy};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rules that find something in an example, by kpolicy's own report, and the exit code.
fn judge(policy: &Policy, example: &str) -> (Vec<String>, Option<i32>) {
    let folder = Path::new("examples/policies");
    let settings = policy
        .settings
        .map(|file| format!("--config={}", folder.join(file.path).display()));
    let output = kpolicy()
        .args(["test", "--library", &policy.id, "-o", "json"])
        .args(settings)
        .arg(folder.join(example))
        .current_dir(root())
        .output()
        .expect("kpolicy runs");
    let report: Json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let checks = report.as_array().map(Vec::as_slice).unwrap_or_default();
    let results = checks
        .iter()
        .flat_map(|check| ["failures", "warnings"].map(|field| check[field].as_array()));
    let rules = results.flatten().flatten().map(|result| result["rule"].to_string());
    (rules.collect(), output.status.code())
}

#[test]
fn each_policy_finds_something_in_its_failing_example_and_nothing_in_the_passing_one() {
    assert!(policies().len() >= 100, "the library has its policies");
    for policy in policies() {
        let (rules, code) = judge(policy, policy.fails.path);
        let own = format!("{:?}", policy.id);
        assert!(
            code == Some(1) && !rules.is_empty() && rules.iter().all(|rule| *rule == own),
            "{own}: {rules:?}"
        );
        assert_eq!(judge(policy, policy.passes.path), (Vec::new(), Some(0)), "{own}");
    }
}

#[test]
fn the_list_names_every_policy_with_what_it_is_for_and_set_by() {
    let list = |arguments: &[&str]| {
        let output = kpolicy().args(arguments).output();
        String::from_utf8(output.expect("kpolicy runs").stdout).expect("UTF-8")
    };
    let short = list(&["list", "kubernetes/host"]);
    assert!(short.lines().count() >= 5 && short.lines().all(|line| line.starts_with("kubernetes/host/")));
    insta::assert_snapshot!("list_short", short);
    let text = list(&["list", "--long"]);
    let json: Json = serde_json::from_str(&list(&["list", "--output", "json"])).expect("JSON");
    let ids = |list: &Json| -> Vec<String> {
        let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| entry["id"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let all: Vec<String> = policies().iter().map(|policy| policy.id.clone()).collect();
    assert_eq!(ids(&json), all);
    assert!(
        all.iter()
            .all(|id| text.lines().any(|line| line.starts_with(&format!("{id} ("))))
    );
    let limits = all
        .iter()
        .position(|id| id == "kubernetes/resources/limits")
        .expect("the policy");
    insta::assert_snapshot!("list_json", format!("{:#}", json[limits]));
    let entries: Vec<&str> = text.split("\n\n").collect();
    insta::assert_snapshot!("list_text", entries[limits]);
}

/// The examples that lie in a folder of no policy would be judged by nobody.
#[test]
fn every_example_belongs_to_a_policy() {
    let folder = root().join("examples/policies");
    let known: Vec<PathBuf> = policies()
        .iter()
        .flat_map(|policy| [Some(policy.fails), Some(policy.passes), policy.settings])
        .flatten()
        .map(|example| folder.join(example.path))
        .collect();
    for file in below(&folder) {
        let of_topic = file.parent() == Some(&folder);
        assert!(
            of_topic || known.contains(&file),
            "{} belongs to no policy",
            file.display()
        );
    }
}

#[test]
fn the_pages_are_those_that_the_library_generates() {
    let folder = root().join("docs/policies");
    let all = policies();
    let mut pages: BTreeMap<PathBuf, String> = all
        .iter()
        .map(|policy| (folder.join(format!("{}.md", policy.id)), page::markdown(policy)))
        .collect();
    pages.insert(folder.join("README.md"), page::index(all));
    // Beside the index there may be pages that people write; below the folders there are generated ones only.
    let stale = below(&folder)
        .into_iter()
        .filter(|file| file.parent() != Some(&folder) && !pages.contains_key(file));
    let stale: Vec<PathBuf> = stale.collect();
    if bless() {
        for (path, text) in &pages {
            fs::create_dir_all(path.parent().expect("a page lies in a folder")).expect("the folder can be made");
            fs::write(path, text).expect("the page can be written");
        }
        stale
            .iter()
            .for_each(|path| fs::remove_file(path).expect("the page can be removed"));
        return;
    }
    let advice = "`cargo xtask bless library` writes the pages";
    assert!(stale.is_empty(), "{stale:?} are pages of no policy: {advice}");
    for (path, text) in pages {
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is stale: {advice}", path.display());
    }
}

/// A parameter is a rule of its name in the policy: it has METADATA's default, and takes what is given.
#[test]
fn parameters_are_wired_as_metadata_says() {
    for policy in policies() {
        let needed = || policy.parameters.iter().filter(|parameter| parameter.required);
        for parameter in &policy.parameters {
            let rule = format!("data.kpolicy.{}.{}", policy.id.replace('/', "."), parameter.name);
            let value = |given: Option<&Json>| {
                let mut params: BTreeMap<&str, Json> = needed()
                    .map(|parameter| (parameter.name.as_str(), sample(&parameter.kind, None)))
                    .collect();
                params.extend(given.map(|given| (parameter.name.as_str(), given.clone())));
                let keys = policy.params_path().into_iter().rev();
                let params = keys.fold(json!(params), |value, key| json!({ key: value }));
                let set = load(policy, Value::from_json(&json!({ "params": params })));
                let mut worker = set.engine().worker();
                worker.set_input(&Value::object(Vec::new()));
                let evaluated = worker.evaluate(&rule);
                assert_eq!(evaluated.error, None, "{rule}");
                evaluated.value
            };
            if !parameter.required {
                assert_eq!(value(None), parameter.default, "{rule}");
            }
            let given = sample(&parameter.kind, parameter.default.as_ref());
            assert_eq!(value(Some(&given)), Some(Value::from_json(&given)), "{rule}");
        }
    }
}

/// A value of a type, other than the default.
fn sample(kind: &Type, default: Option<&Value>) -> Json {
    let part = |of: &Option<Box<Type>>| sample(of.as_deref().unwrap_or(&Type::String), None);
    match kind {
        Type::Boolean => (default != Some(&Value::Bool(true))).into(),
        Type::Integer | Type::Number => 4711.into(),
        Type::String => "given".into(),
        Type::Array(of) => json!([part(of)]),
        Type::Object(of) => json!({"given": part(of)}),
    }
}

/// The files below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths
        .flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] })
        .collect()
}
