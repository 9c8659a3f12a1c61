//! The engine beside OPA's own compliance suite: each case is the same, refused, or different.
//!
//! The suite is in OPA's Go module, below `v1/test/cases/testdata`; `OPA_CASES` names that folder. The test of the whole suite is
//! ignored unless it is asked for; `.ci/run` asks for it. `cargo xtask bless fidelity` writes the
//! table of docs/fidelity.md and the cases that every run judges, in tests/opa/compliance.jsonl.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kpolicy_parse::MAX_NODES;
use kpolicy_parse::yaml::{Schema, read};
use kpolicy_rego::Dialect;
use kpolicy_rego::Settings;
use kpolicy_rego::builtins::{Allowed, Net};
use kpolicy_rego::{Options, Program, Source};
use kpolicy_value::Value;
use serde_json::Value as Json;

use crate::common::bless;

/// How messages start that refuse what OPA has.
const REFUSED: &str = "kpolicy cannot evaluate ";

/// The cases that every run judges.
const SAMPLE: &str = "tests/opa/compliance.jsonl";
/// How many cases the whole suite has at least.
const FEWEST: usize = 4000;
/// How many of a group are kept there, and how long one may be.
const KEPT: usize = 3;
const LONGEST: usize = 2000;

/// What became of a case.
enum Verdict {
    Same,
    Refused(String),
    Different(String),
}

#[test]
#[ignore = "needs OPA's compliance suite: OPA_CASES"]
fn cases_of_the_compliance_suite_give_what_opa_gives() {
    let folder = std::env::var_os("OPA_CASES").expect("OPA_CASES names the folder of OPA's compliance suite");
    let folder = PathBuf::from(folder);
    let wanted = std::env::var("OPA_CASE").unwrap_or_default();
    let mut groups: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let (mut different, mut refused) = (Vec::new(), BTreeMap::<String, usize>::new());
    let mut sample: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (dialect, name) in [(Dialect::V1, "v1"), (Dialect::V0, "v0")] {
        for file in files(&folder.join(name)) {
            let group = file
                .parent()
                .and_then(Path::file_name)
                .expect("a group")
                .to_string_lossy();
            let text = fs::read_to_string(&file).expect("a case");
            let parsed = read(&text, Schema::Core, MAX_NODES).expect("the suite is YAML");
            let cases = parsed.documents[0].value.field("cases").expect("cases").to_json();
            for case in cases.as_array().expect("a list of cases") {
                let note = case["note"].as_str().unwrap_or_default();
                if !note.contains(&wanted) {
                    continue;
                }
                let counts = groups.entry(format!("{name}/{group}")).or_default();
                match judged(case, dialect) {
                    Verdict::Same => {
                        counts[0] += 1;
                        let line = serde_json::json!({"version": name, "case": case}).to_string();
                        sample.entry(group.to_string()).or_default().push(line);
                    }
                    Verdict::Refused(why) => {
                        counts[1] += 1;
                        *refused.entry(why).or_default() += 1;
                    }
                    Verdict::Different(how) => {
                        counts[2] += 1;
                        different.push(format!("{name} {note}: {how}"));
                    }
                }
            }
        }
    }
    let sum = |at: usize| groups.values().map(|counts| counts[at]).sum::<usize>();
    println!("same {}, refused {}, different {}", sum(0), sum(1), sum(2));
    let judged: usize = groups.values().flatten().sum();
    assert!(
        judged >= FEWEST || !wanted.is_empty(),
        "OPA_CASES has only {judged} cases"
    );
    if bless() && wanted.is_empty() {
        fs::write(SAMPLE, sampled(sample)).expect("the sample can be written");
        record(&tables(&groups, &refused));
    }
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
}

#[test]
fn the_sample_of_the_compliance_suite_gives_what_opa_gives() {
    let lines = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE)).expect("the sample is there");
    let wrong: Vec<String> = lines
        .lines()
        .filter_map(|line| {
            let kept: Json = serde_json::from_str(line).expect("a case is JSON");
            let dialect = if kept["version"] == "v0" {
                Dialect::V0
            } else {
                Dialect::V1
            };
            match judged(&kept["case"], dialect) {
                Verdict::Same => None,
                Verdict::Refused(how) | Verdict::Different(how) => Some(format!("{}: {how}", kept["case"]["note"])),
            }
        })
        .collect();
    assert!(lines.lines().count() >= 300, "the sample covers every group");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A few short cases of every group, spread over it.
fn sampled(groups: BTreeMap<String, Vec<String>>) -> String {
    let mut lines = String::new();
    for mut cases in groups.into_values() {
        cases.retain(|case| case.len() <= LONGEST);
        let step = cases.len().div_ceil(KEPT).max(1);
        for case in cases.iter().step_by(step) {
            lines.push_str(case);
            lines.push('\n');
        }
    }
    lines
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("the suite can be read").into_path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    found.sort();
    found
}

/// The table by group, and the one of why cases are refused.
fn tables(groups: &BTreeMap<String, [usize; 3]>, refused: &BTreeMap<String, usize>) -> String {
    let sum = |at: usize| groups.values().map(|counts| counts[at]).sum::<usize>();
    let mut table = format!(
        "| group | same | refused | different |\n| --- | --- | --- | --- |\n| all | {} | {} | {} |\n",
        sum(0),
        sum(1),
        sum(2)
    );
    for (group, [same, refused, different]) in groups {
        table.push_str(&format!("| {group} | {same} | {refused} | {different} |\n"));
    }
    table.push_str("\n| why refused | cases |\n| --- | --- |\n");
    for (why, count) in refused {
        table.push_str(&format!("| {why} | {count} |\n"));
    }
    table
}

/// Puts the tables in the place of those that docs/fidelity.md has.
fn record(tables: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/fidelity.md");
    let text = fs::read_to_string(&path).expect("the page is there");
    let start = text.find("| group | same |").expect("the page has a table by group");
    let last = start + text[start..].find("| why refused |").expect("a second table follows");
    let end = last + text[last..].find("\n\n").expect("text follows the tables") + 1;
    let page = format!("{}{tables}{}", &text[..start], &text[end..]);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join(ENGINE_README);
    let text = fs::read_to_string(&readme).expect("the engine has a README");
    let lines = text.lines().map(|line| match line.starts_with(SUITE) {
        true => figures(&page),
        false => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    fs::write(readme, text).expect("the README can be written");
    fs::write(path, page).expect("the page can be written");
}

/// The engine's README, and how its line about the compliance suite starts.
const ENGINE_README: &str = "crates/rego/README.md";
const SUITE: &str = "OPA's compliance suite: ";

/// What the page says of the whole suite, in one sentence.
fn figures(page: &str) -> String {
    let row = page
        .lines()
        .find_map(|line| line.strip_prefix("| all | "))
        .expect("the table has a row of all");
    let counts: Vec<usize> = row.split([' ', '|']).filter_map(|cell| cell.parse().ok()).collect();
    let [same, refused, different] = counts[..] else {
        panic!("{row}: three counts");
    };
    let all = same + refused + different;
    format!("{SUITE}{all} cases, {same} with OPA's result, {refused} rejected, {different} different.")
}

#[test]
fn the_readme_of_the_engine_has_the_figures_of_the_page() {
    let read = |file: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file);
    let (page, readme) = (read("docs/fidelity.md"), read(ENGINE_README));
    let wanted = figures(&page);
    assert!(
        readme.lines().any(|line| line == wanted),
        "{ENGINE_README} needs: {wanted}"
    );
}

/// Runs a case in a thread, so that a panic is a difference and not the end.
fn judged(case: &Json, dialect: Dialect) -> Verdict {
    let case = case.clone();
    let thread = std::thread::Builder::new()
        .stack_size(8 << 20)
        .spawn(move || judge(&case, dialect));
    thread
        .expect("a thread starts")
        .join()
        .unwrap_or_else(|_| Verdict::Different("it panicked".to_owned()))
}

fn judge(case: &Json, dialect: Dialect) -> Verdict {
    let query = case["query"].as_str().unwrap_or_default();
    let mut texts: Vec<String> = case["modules"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|module| module.as_str().map(str::to_owned))
        .collect();
    let names: Vec<String> = case["want_result"]
        .get(0)
        .and_then(Json::as_object)
        .map(|bindings| bindings.keys().cloned().collect())
        .unwrap_or_default();
    if direct(query).is_none() {
        texts.push(asking(query, &names, dialect, case));
    }
    let sources: Vec<Source> = texts.iter().map(|text| Source { text, dialect }).collect();
    let data = case
        .get("data")
        .map_or_else(|| Value::object(Vec::new()), Value::from_json);
    let error = case.get("want_error_code").or(case.get("want_error")).is_some();
    let program = match Program::compile(&sources, Options::default()) {
        Ok(program) => program,
        Err(faults) => return refusal(error, &faults[0].message),
    };
    let settings = Settings {
        time: Some(Duration::from_secs(20)),
        strict_builtins: case["strict_error"] == true,
        // Some of the suite's certificates are valid from the end of 2023, and others until 2031.
        now: Some(1_750_000_000_000_000_000),
        ..Settings::default()
    };
    let mut evaluation = program.evaluation(data, settings);
    evaluation.allow(Allowed {
        runtime: Some(Value::object(Vec::new())),
        random: true,
        net: Some(Arc::new(Net::any())),
    });
    let input = case.get("input").map(Value::from_json);
    evaluation.set_input(case["input_term"].as_str().map_or(input, term));
    let answer = match direct(query) {
        Some(path) => {
            let path: Vec<&str> = path.split('.').skip(1).collect();
            let value = evaluation.evaluate(&path);
            value.map(|value| value.map(|value| Value::set(vec![Value::object(vec![("x".into(), value)])])))
        }
        None => evaluation.evaluate(&["kpolicy_query", "found"]),
    };
    compare(case, error, answer.map_err(|error| error.message))
}

/// The value of a term.
fn term(text: &str) -> Option<Value> {
    let text = format!("package term\n\nvalue := {text}");
    let source = Source {
        text: &text,
        dialect: Dialect::V1,
    };
    let none = Value::object(Vec::new());
    let program = Program::compile(&[source], Options::default()).expect("an input term is a term");
    let value = program
        .evaluation(none, Settings::default())
        .evaluate(&["term", "value"]);
    value.expect("an input term has a value")
}

/// The path that a query asks for, where it does nothing else: `data.a.b = x`.
fn direct(query: &str) -> Option<&str> {
    let path = query.trim().strip_suffix(" = x")?;
    let plain = path
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_'));
    (plain && (path == "data" || path.starts_with("data."))).then_some(path)
}

/// A module that holds what the query binds.
fn asking(query: &str, names: &[String], dialect: Dialect, case: &Json) -> String {
    let bindings: Vec<String> = names.iter().map(|name| format!("\"{name}\": {name}")).collect();
    let bindings = format!("{{{}}}", bindings.join(", "));
    let imports = if case["experimental_keywords"] == true {
        "import future.keywords\n"
    } else {
        ""
    };
    match dialect {
        Dialect::V1 => format!("package kpolicy_query\n{imports}\nfound contains {bindings} if {{\n{query}\n}}"),
        Dialect::V0 => format!("package kpolicy_query\n{imports}\nfound[{bindings}] {{\n{query}\n}}"),
    }
}

fn refusal(error: bool, message: &str) -> Verdict {
    let reason = message.split(" (").next().unwrap_or(message);
    let of_opa = message
        .contains("test.sleep")
        .then_some("a builtin of OPA's tests alone");
    match of_opa.or(reason.strip_prefix(REFUSED)) {
        Some(what) => Verdict::Refused(what.to_owned()),
        None if error => Verdict::Same,
        None => Verdict::Different(format!("refused: {message}")),
    }
}

fn compare(case: &Json, error: bool, answer: Result<Option<Value>, String>) -> Verdict {
    let answer = match (answer, error) {
        (Err(_), true) => return Verdict::Same,
        (Err(message), false) if message.starts_with(REFUSED) => return refusal(false, &message),
        (Err(message), false) => return Verdict::Different(format!("an error: {message}")),
        (Ok(answer), true) => return Verdict::Different(format!("no error, but {}", shown(answer.as_ref()))),
        (Ok(answer), false) => answer,
    };
    let sorts = case["sort_bindings"] == true;
    let mut found: Vec<Json> = answer
        .as_ref()
        .and_then(|value| value.to_json().as_array().cloned())
        .unwrap_or_default();
    found.iter_mut().for_each(|bindings| sort(bindings, sorts));
    if let Some(defined) = case["want_defined"].as_bool() {
        return if defined != found.is_empty() {
            Verdict::Same
        } else {
            Verdict::Different(format!("defined should be {defined}"))
        };
    }
    let mut wanted: Vec<Json> = case["want_result"].as_array().cloned().unwrap_or_default();
    wanted.iter_mut().for_each(|bindings| sort(bindings, sorts));
    let text = |list: &[Json]| {
        let mut texts: Vec<String> = list.iter().map(|item| normal(item).to_string()).collect();
        texts.sort();
        texts.dedup();
        texts
    };
    if text(&found) == text(&wanted) {
        Verdict::Same
    } else {
        Verdict::Different(format!("{:?} instead of {:?}", text(&found), text(&wanted)))
    }
}

/// Sorts the lists that are bound, where the case takes them for sets.
fn sort(bindings: &mut Json, sorts: bool) {
    if let (true, Some(bindings)) = (sorts, bindings.as_object_mut()) {
        for value in bindings.values_mut() {
            if let Some(items) = value.as_array_mut() {
                items.sort_by_key(Json::to_string);
            }
        }
    }
}

/// The value with its keys sorted and its numbers in one notation.
fn normal(json: &Json) -> Json {
    match json {
        Json::Array(items) => items.iter().map(normal).collect(),
        Json::Object(entries) => {
            let sorted: BTreeMap<String, Json> = entries
                .iter()
                .map(|(key, value)| (key.clone(), normal(value)))
                .collect();
            sorted.into_iter().collect()
        }
        Json::Number(number) => {
            let text = number.to_string();
            let digits = text.split(['e', 'E']).next().unwrap_or_default();
            let digits = digits.bytes().filter(u8::is_ascii_digit).count();
            match text.parse::<f64>() {
                Ok(float) if digits < 16 => serde_json::json!(float),
                _ => json.clone(),
            }
        }
        other => other.clone(),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or("undefined".to_owned(), |value| value.to_json().to_string())
}
