//! The Rego tests of public policies: the same pass and fail as OPA has it.
//!
//! `OPA_TESTS` names folders, with `:` between them. A folder is judged as a whole; of one that OPA does not take as a
//! whole each folder in it. Two tests of one name are two, as `opa test` counts them.

use std::path::{Path, PathBuf};

use kpolicy_parse::Format;
use kpolicy_rego::syntax::parse;
use kpolicy_rego::syntax::tree::{Dialect, TermKind};
use serde_json::{Value as Json, json};
use walkdir::WalkDir;

use super::named;
use super::oracle::{Oracle, own};
use crate::generator::Request;

/// What became of a folder's tests.
#[derive(Debug, Default)]
struct Counts {
    same: usize,
    passed: usize,
    refused: Vec<String>,
    different: Vec<String>,
}

#[test]
#[ignore = "needs OPA: OPA_ORACLE and OPA_TESTS"]
fn tests_of_public_policies_pass_and_fail_as_in_opa() {
    let (mut opa, folders) = (Oracle::start(), named("OPA_TESTS"));
    let (mut different, mut judged) = (Vec::new(), 0);
    for folder in std::env::split_paths(&folders) {
        let mut counts = Counts::default();
        descend(&folder, &mut opa, &mut counts);
        let Counts { same, passed, .. } = counts;
        let (refused, wrong) = (counts.refused.len(), counts.different.len());
        println!(
            "{}: {same} the same, {passed} of them passed; refused {refused}, different {wrong}",
            folder.display()
        );
        counts.refused.iter().for_each(|why| println!("  refused: {why}"));
        different.append(&mut counts.different);
        judged += same;
    }
    assert!(judged > 0 || !different.is_empty(), "OPA_TESTS has tests");
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Judges the tests below a folder; whether OPA takes it as a whole.
fn judge(folder: &Path, opa: &mut Oracle, counts: &mut Counts) -> bool {
    let modules = texts(folder);
    for v0 in [false, true] {
        let queries = tests(&modules, if v0 { Dialect::V0 } else { Dialect::V1 });
        let request = Request {
            modules: modules.clone(),
            v0,
            data: data(folder),
            queries,
            ..Request::default()
        };
        let Some(theirs) = opa.ask(&request).filter(|reply| reply.refused.is_empty()) else {
            continue;
        };
        let mine = own(&request);
        if !mine.refused.is_empty() {
            counts.refused.push(format!("{}: {}", folder.display(), mine.message));
            return true;
        }
        for ((mine, theirs), test) in mine.answers.iter().zip(&theirs.answers).zip(&request.queries) {
            if mine == theirs {
                counts.same += 1;
                counts.passed += usize::from(mine == "= true");
            } else {
                let how = format!("{} {test}: {mine} | OPA: {theirs}", folder.display());
                counts.different.push(how);
            }
        }
        return true;
    }
    false
}

/// Judges a folder as a whole, or else each of those in it.
fn descend(folder: &Path, opa: &mut Oracle, counts: &mut Counts) {
    if with_ending(folder, &["rego"]).is_empty() || judge(folder, opa, counts) {
        return;
    }
    let mut inner: Vec<PathBuf> = WalkDir::new(folder)
        .min_depth(1)
        .max_depth(1)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.is_dir())
        .collect();
    inner.sort();
    if inner.is_empty() {
        counts
            .refused
            .push(format!("{}: OPA does not take it", folder.display()));
    }
    inner.iter().for_each(|inner| descend(inner, opa, counts));
}

fn texts(folder: &Path) -> Vec<String> {
    with_ending(folder, &["rego"])
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a module is a text"))
        .collect()
}

fn with_ending(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter();
    files
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let ending = path.extension().unwrap_or_default();
            path.is_file() && endings.iter().any(|wanted| ending == *wanted)
        })
        .collect()
}

/// The documents of files named `data`, each below the path of its folder, as OPA has it.
fn data(folder: &Path) -> Json {
    let mut whole = json!({});
    for path in with_ending(folder, &["json", "yaml", "yml"]) {
        if path.file_stem().is_none_or(|stem| stem != "data") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("data is a text");
        let Ok(nodes) = Format::Yaml.parse(&text) else { continue };
        let [node] = nodes.as_slice() else { continue };
        let below = path.parent().and_then(|parent| parent.strip_prefix(folder).ok());
        let mut at = &mut whole;
        for name in below.into_iter().flatten() {
            at = &mut at[name.to_string_lossy().as_ref()];
        }
        if let Json::Object(entries) = node.value.to_json() {
            for (key, value) in entries {
                at[key] = value;
            }
        }
    }
    whole
}

/// The paths of the tests, as often as they are written.
fn tests(modules: &[String], dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    for module in modules.iter().filter_map(|text| parse(text, dialect).ok()) {
        let package = module.package.path.join(".");
        for rule in &module.rules {
            let [step] = rule.head.path.as_slice() else { continue };
            if let TermKind::String(name) = &step.term.kind
                && name.starts_with("test_")
                && rule.head.arguments.is_none()
            {
                found.push(format!("data.{package}.{name}"));
            }
        }
    }
    found
}
