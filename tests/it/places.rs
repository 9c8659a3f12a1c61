//! The labelled set of places: policies that say nothing of where, and inputs in which what a reader should see
//! underlined is marked. docs/places.md tells how a case is written and what the marks mean.
//!
//! `PLACES_REPORT=1 cargo test --test it places::` prints the table and each case that is not exact, and
//! `cargo xtask bless places` writes the table into docs/places.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;

use rayon::iter::Either;
use rayon::prelude::*;
use serde_json::Value as Json;

use crate::common::projects::project;
use crate::common::{bless, kpolicy};

/// The page with the table.
const PAGE: &str = "docs/places.md";

/// How many cases there are at least.
const FEWEST: usize = 422;

/// One policy with its inputs and what should be underlined in them.
struct Case {
    format: String,
    idiom: String,
    name: String,
    arguments: Vec<String>,
    /// What the paths of places marked as near must end with.
    missing: Option<String>,
    /// Whether the confidence is compared.
    judges_confidence: bool,
    /// What is known to be wrong with its location; `exact` where nothing is.
    known: String,
    /// Name and text, without marks, in the order of the file.
    files: Vec<(String, String)>,
    marked: BTreeSet<Mark>,
}

/// A range of an input file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    file: String,
    start: (u64, u64),
    end: (u64, u64),
    confidence: String,
}

/// A place of a finding, as the JSON report tells it.
#[derive(Debug, PartialEq)]
struct Found {
    place: Mark,
    path: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Score {
    Exact,
    RightLine,
    Wrong,
}

struct Outcome {
    score: Score,
    honest: bool,
    told: String,
}

/// What a case's location is unless its setting `known` says otherwise.
const EXACT: &str = "exact";

impl Outcome {
    /// The outcome as the setting `known` names it.
    fn verdict(&self) -> &'static str {
        match self.score {
            Score::Exact if self.honest => EXACT,
            Score::Exact => "exact, but not the confidence or the missing field",
            Score::RightLine => "right line",
            Score::Wrong => "wrong",
        }
    }
}

#[test]
fn what_is_marked_is_underlined() {
    let cases = cases();
    let (results, faults): (Vec<_>, Vec<_>) = cases.par_iter().map(judge).partition_map(|judged| match judged {
        Ok(outcome) => Either::Left(outcome),
        Err(fault) => Either::Right(fault),
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let table = table(&cases, &results);
    let report = format!("{table}\n{}", told(&cases, &results));
    if bless() {
        record(&table);
    }
    if std::env::var_os("PLACES_REPORT").is_some() {
        std::io::stderr().write_all(report.as_bytes()).expect("standard error");
    }
    assert!(cases.len() >= FEWEST, "{} cases", cases.len());
    assert_eq!(table, recorded_table(), "docs/places.md: cargo xtask bless places");
    let as_known = |(case, outcome): (&Case, &Outcome)| case.known == outcome.verdict();
    assert!(cases.iter().zip(&results).all(as_known), "{report}");
}

#[test]
fn each_case_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for case in cases() {
        let name = format!("{}: {}", case.format, case.name);
        assert!(names.insert(name.clone()), "two cases are called {name}");
    }
}

/// All cases, by format, idiom and place in their file.
fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/places");
    let mut files: Vec<_> = walkdir::WalkDir::new(root)
        .into_iter()
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "case"))
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("a readable case");
        let part = |part: Option<&std::ffi::OsStr>| part.expect("a name").to_string_lossy().into_owned();
        let (format, idiom) = (part(path.parent().and_then(Path::file_name)), part(path.file_stem()));
        let mut blocks = split(&text, "==== ");
        blocks.remove(0);
        let cases = blocks
            .into_iter()
            .map(|(name, block)| case(&format, &idiom, &name, &block));
        cases.collect::<Vec<Case>>()
    };
    files.iter().flat_map(read).collect()
}

/// The text before the first line that starts with `sign`, under an empty name, and what follows each such line.
fn split(text: &str, sign: &str) -> Vec<(String, String)> {
    let mut parts = vec![(String::new(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(sign) {
            Some(name) => parts.push((name.trim().to_owned(), String::new())),
            None => parts.last_mut().expect("it starts with one").1.push_str(line),
        }
    }
    parts
}

fn case(format: &str, idiom: &str, name: &str, block: &str) -> Case {
    let mut parts = split(block, "---- ").into_iter();
    let (_, settings) = parts.next().expect("it starts with one");
    let mut case = Case {
        format: format.to_owned(),
        idiom: idiom.to_owned(),
        name: name.to_owned(),
        arguments: Vec::new(),
        missing: None,
        judges_confidence: true,
        known: EXACT.to_owned(),
        files: Vec::new(),
        marked: BTreeSet::new(),
    };
    for line in settings.lines().filter(|line| !line.trim().is_empty()) {
        match line.split_once(": ") {
            Some(("args", value)) => case.arguments = value.split_whitespace().map(str::to_owned).collect(),
            Some(("missing", value)) => case.missing = Some(value.to_owned()),
            Some(("confidence", "any")) => case.judges_confidence = false,
            Some(("known", value)) => case.known = value.to_owned(),
            _ => panic!("{format}/{idiom}: {name}: no setting of a case: {line}"),
        }
    }
    for (file, text) in parts {
        let (text, marks) = unmark(&file, &text);
        case.marked.extend(marks);
        case.files.push((file, text));
    }
    assert!(!case.marked.is_empty(), "{format}/{idiom}: {name} marks nothing");
    case
}

/// The text without its marks, and the ranges that they stood around.
fn unmark(file: &str, text: &str) -> (String, Vec<Mark>) {
    let (mut plain, mut marks, mut open) = (String::new(), Vec::new(), Vec::new());
    let (mut line, mut column) = (1, 1);
    for character in text.chars() {
        match character {
            '«' | '‹' | '⟦' => open.push(((line, column), character)),
            '»' | '›' | '⟧' => {
                let (start, sign) = open.pop().expect("a mark is opened before it is closed");
                let confidence = match (sign, character) {
                    ('«', '»') => "exact",
                    ('‹', '›') => "near",
                    ('⟦', '⟧') => "document",
                    _ => panic!("{file}: {sign} is closed by {character}"),
                };
                marks.push(Mark {
                    file: file.to_owned(),
                    start,
                    end: (line, column),
                    confidence: confidence.to_owned(),
                });
            }
            _ => {
                plain.push(character);
                (line, column) = if character == '\n' {
                    (line + 1, 1)
                } else {
                    (line, column + 1)
                };
            }
        }
    }
    assert!(open.is_empty(), "{file}: a mark is not closed");
    (plain, marks)
}

/// Runs a case with one job and with two, and compares what is found with what is marked. A case that is no test, as
/// its policy does not load or finds less than is marked, is an error.
fn judge(case: &Case) -> Result<Outcome, String> {
    let mut files = Vec::new();
    let mut words = vec!["test".to_owned(), "-o".to_owned(), "json".to_owned()];
    words.extend(case.arguments.iter().cloned());
    words.extend(["--policy".to_owned(), "policy".to_owned()]);
    for (name, text) in &case.files {
        let at = if name.ends_with(".rego") {
            format!("policy/{name}")
        } else {
            name.clone()
        };
        if name.starts_with("data.") {
            words.push("--data".to_owned());
        }
        if !name.ends_with(".rego") {
            words.push(name.clone());
        }
        files.push((at, text.as_str()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let root = project(&files);
    let run = |jobs: &str| {
        let mut command = kpolicy();
        command.args(&words).args(["--jobs", jobs]).current_dir(root.path());
        command.output().expect("kpolicy runs")
    };
    let (one, two) = (run("1"), run("2"));
    let text = String::from_utf8_lossy(&one.stdout);
    let fault = |what: &str| {
        let complaint = String::from_utf8_lossy(&one.stderr);
        Err(format!(
            "{}/{}: {}: {what}:\n{text}{complaint}",
            case.format, case.idiom, case.name
        ))
    };
    if !matches!(one.status.code(), Some(0 | 1)) {
        return fault("it cannot be judged");
    }
    if one.stdout != two.stdout {
        return fault("one job and two print different bytes");
    }
    let found = found(&serde_json::from_str(&text).expect("the report is JSON"));
    if found.len() < case.marked.len() {
        return fault("there are fewer findings than marks");
    }
    Ok(score(case, &found))
}

fn found(report: &Json) -> Vec<Found> {
    let entries = report.as_array().expect("an array").iter();
    let results = entries.flat_map(|entry| ["failures", "warnings"].map(|kind| entry.get(kind)));
    let findings = results
        .flatten()
        .flat_map(|results| results.as_array().expect("an array"));
    let place = |finding: &Json| {
        let at = &finding["location"];
        let number = |name: &str| at[name].as_u64().expect("a number");
        let text = |name: &str| at[name].as_str().expect("a string").to_owned();
        Found {
            path: text("path_text"),
            place: Mark {
                file: text("file"),
                start: (number("line"), number("column")),
                end: (number("end_line"), number("end_column")),
                confidence: text("confidence"),
            },
        }
    };
    findings.map(place).collect()
}

fn score(case: &Case, found: &[Found]) -> Outcome {
    let places: BTreeSet<Mark> = found.iter().map(|found| found.place.clone()).collect();
    let ranges = |places: &BTreeSet<Mark>| -> BTreeSet<_> {
        places
            .iter()
            .map(|place| (place.file.clone(), place.start, place.end))
            .collect()
    };
    let lines = |places: &BTreeSet<Mark>| -> BTreeSet<_> {
        places.iter().map(|place| (place.file.clone(), place.start.0)).collect()
    };
    let score = if ranges(&places) == ranges(&case.marked) {
        Score::Exact
    } else if lines(&places) == lines(&case.marked) {
        Score::RightLine
    } else {
        Score::Wrong
    };
    let names_missing = case.missing.as_ref().is_none_or(|missing| {
        let mut near = found.iter().filter(|found| found.place.confidence == "near");
        near.all(|found| found.path.ends_with(missing))
    });
    let honest = names_missing && (!case.judges_confidence || places == case.marked);
    let told = if score == Score::Exact && honest {
        String::new()
    } else {
        tell(case, found)
    };
    Outcome { score, honest, told }
}

/// What was marked and what was found, with the texts underlined.
fn tell(case: &Case, found: &[Found]) -> String {
    let mut told = String::new();
    for mark in &case.marked {
        writeln!(told, "    marked {}", shown(case, mark)).expect("a string");
    }
    for found in found {
        writeln!(told, "    found  {} path {}", shown(case, &found.place), found.path).expect("a string");
    }
    told
}

fn shown(case: &Case, mark: &Mark) -> String {
    let text = case
        .files
        .iter()
        .find(|(name, _)| *name == mark.file)
        .map(|(_, text)| text.as_str());
    let line = text.and_then(|text| text.lines().nth(usize::try_from(mark.start.0).ok()? - 1));
    let (start, end) = (mark.start, mark.end);
    let until = if end.0 == start.0 { end.1 } else { u64::MAX };
    let columns = (1..).zip(line.unwrap_or_default().chars());
    let underlined: String = columns
        .filter(|(column, _)| (start.1..until).contains(column))
        .map(|(_, character)| character)
        .collect();
    format!(
        "{}:{}:{} to {}:{} `{underlined}` {}",
        mark.file, start.0, start.1, end.0, end.1, mark.confidence
    )
}

/// The scores by format and idiom.
fn table(cases: &[Case], results: &[Outcome]) -> String {
    let mut by_idiom: BTreeMap<(&str, &str), Vec<&Outcome>> = BTreeMap::new();
    for (case, result) in cases.iter().zip(results) {
        by_idiom.entry((&case.format, &case.idiom)).or_default().push(result);
        by_idiom.entry((&case.format, "")).or_default().push(result);
        by_idiom.entry(("", "")).or_default().push(result);
    }
    let mut text = String::from(
        "| format | idiom | cases | exact | right line | wrong |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for ((format, idiom), results) in by_idiom {
        let count = |score: Score| results.iter().filter(|result| result.score == score).count();
        let named = |name| {
            if str::is_empty(name) {
                "all".to_owned()
            } else {
                name.replace('_', " ")
            }
        };
        let (format, idiom, all) = (named(format), named(idiom), results.len());
        let (exact, line, wrong) = (count(Score::Exact), count(Score::RightLine), count(Score::Wrong));
        writeln!(text, "| {format} | {idiom} | {all} | {exact} | {line} | {wrong} |").expect("a string");
    }
    text
}

/// The page that has the table, and where the table is in it.
fn page() -> (String, Range<usize>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let text = fs::read_to_string(&path).expect("the page is there");
    let start = text.find("| format | idiom |").expect("the page has a table");
    let end = start + text[start..].find("\n\n").expect("text follows the table") + 1;
    (text, start..end)
}

fn recorded_table() -> String {
    let (text, range) = page();
    text[range].to_owned()
}

/// Puts the table in the place of the one that the page has.
fn record(table: &str) {
    let (mut text, range) = page();
    text.replace_range(range, table);
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE), text).expect("the page can be written");
}

/// The cases that are not as marked.
fn told(cases: &[Case], results: &[Outcome]) -> String {
    let exact = results.iter().filter(|result| result.score == Score::Exact);
    let (honest, dishonest): (Vec<_>, Vec<_>) = exact.partition(|result| result.honest);
    let (honest, of) = (honest.len(), honest.len() + dishonest.len());
    let mut text = format!("confidence and missing field are right in {honest} of {of} exact cases\n\n");
    for (case, result) in cases.iter().zip(results).filter(|(_, result)| !result.told.is_empty()) {
        let verdict = result.verdict();
        let Case {
            format, idiom, name, ..
        } = case;
        writeln!(text, "{format}/{idiom}: {name}: {verdict}\n{}", result.told.trim_end()).expect("a string");
    }
    text
}
