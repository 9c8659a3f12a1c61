//! The engine beside OPA on policies that nobody wrote: random well-formed ones, and mutated ones.
//!
//! OPA is a small program that is built in the folder of its module, and asked line by line:
//!
//!     cargo xtask oracle
//!     OPA_ORACLE=target/oracle CASES=100000 SEED=7 cargo test --test it differential::random -- --ignored
//!
//! The tests are ignored unless they are asked for, since they need OPA; `.ci/run` asks for them. What differs is made small and printed as a line for
//! `tests/opa/cases.jsonl`. `OPA_FOUND` names a file that every policy that differs is added to as it is; `OPA_GIVEN` one
//! whose policies are judged again, once the engine has been mended.

mod calls;
mod formats;
mod given;
mod mutated;
mod oracle;
mod suites;
mod yaml;

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;

use crate::generator::choices::{Choices, Random, shrink};
use crate::generator::{self, Request};
use oracle::{Oracle, Reply, own};

/// What the ways of differing start with that are counted and are no failure: docs/fidelity.md tells of them.
const APART: &str = "apart: ";
/// How many differences are made small and shown.
const MOST: usize = 8;

#[test]
#[ignore = "needs OPA: OPA_ORACLE"]
fn random_policies_give_what_opa_gives() {
    let mut opa = Oracle::start();
    let mut random = Random(variable("SEED").unwrap_or(1).max(1) as u64);
    let (mut refused, mut shown) = (0, Vec::new());
    let cases = variable("CASES").unwrap_or(1000);
    let mut known = std::collections::BTreeSet::new();
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for _ in 0..cases {
        let mut choices = Choices::drawn(&mut random);
        let request = generator::policy(&mut choices);
        let made = choices.into_made();
        let Some(reply) = opa.ask(&request) else {
            *kinds.entry("OPA crashed".to_owned()).or_default() += 1;
            continue;
        };
        refused += usize::from(!reply.refused.is_empty());
        for word in reply.refused.first().into_iter().chain(&reply.answers) {
            let word = if word.starts_with('=') { "value" } else { word };
            *kinds.entry(word.to_owned()).or_default() += 1;
        }
        let Some(kind) = difference(&request, &reply) else {
            continue;
        };
        if kind.0.starts_with(APART) {
            *kinds.entry(kind.0).or_default() += 1;
            continue;
        }
        *kinds.entry(format!("DIFFERENT {}", kind.0)).or_default() += 1;
        keep(&request);
        if shown.len() >= MOST || !known.insert(kind.0.clone()) {
            continue;
        }
        let small = shrink(made, |choices| {
            let request = generator::policy(&mut Choices::given(choices));
            let reply = opa.ask(&request);
            let other = reply.and_then(|reply| difference(&request, &reply));
            other.is_some_and(|other| other.0 == kind.0)
        });
        let request = generator::policy(&mut Choices::given(&small));
        let reply = opa.ask(&request);
        let again = reply.and_then(|reply| difference(&request, &reply));
        let how = again.map_or_else(|| kind.1.clone(), |(_, how)| how);
        shown.push(format!("{how}\n{}", serde_json::to_string(&request).expect("JSON")));
    }
    println!("{cases} policies, {refused} of them refused by both; answers: {kinds:?}");
    assert!(shown.is_empty(), "{} differ:\n{}", shown.len(), shown.join("\n\n"));
}

/// How the engine's reply differs from OPA's: in which way, and in detail.
fn difference(request: &Request, opa: &Reply) -> Option<(String, String)> {
    let mine = std::panic::catch_unwind(|| own(request)).unwrap_or_else(|_| Reply {
        refused: vec!["panic".to_owned()],
        ..Reply::default()
    });
    if mine.message.contains("kpolicy cannot evaluate the builtin") {
        return None;
    }
    if opa.refused.is_empty() && !mine.refused.is_empty() && mine.message.lines().all(is_left_open) {
        return Some((format!("{APART}refused for a variable without a value"), mine.message));
    }
    let modules = request.modules.join("\n----\n");
    let told = |how: String| format!("{modules}\n{how}");
    match (opa.refused.is_empty(), mine.refused.is_empty()) {
        (true, true) => {}
        (false, false) if opa.refused.iter().any(|class| mine.refused.contains(class)) => return None,
        _ => {
            // Where both refuse, OPA may look for another class of fault first.
            let both = !mine.refused.is_empty() && !opa.refused.is_empty();
            let apart = if both { APART } else { "" };
            let (mine_as, opa_as) = (sort(&mine, both), sort(opa, both));
            let kind = format!("{apart}refused as {mine_as:?}, by OPA as {opa_as:?}");
            return Some((kind, told(format!("refused: {} | OPA: {}", mine.message, opa.message))));
        }
    }
    let pairs = mine.answers.iter().zip(&opa.answers).zip(&request.queries);
    let different = pairs
        // An internal error of OPA's is no answer.
        .filter(|((mine, opa), _)| mine != opa && !matches!(opa.as_str(), "eval_cancel_error" | "eval_internal_error"))
        .map(|((mine, opa), query)| (kind(mine, opa, &modules), told(format!("{query}: {mine} | OPA: {opa}"))));
    different.min_by_key(|(kind, _)| kind.starts_with(APART))
}

/// Whether a fault is of a variable that has no value where it is needed: OPA's builtins compare and print it as such.
fn is_left_open(fault: &str) -> bool {
    fault.contains("kpolicy cannot evaluate a variable before it has a value")
        || fault.contains("kpolicy cannot evaluate an equation between variables that have no value")
}

/// The class of what is refused; where only one refuses, with its message, so that every sort of it is shown.
fn sort(reply: &Reply, class_alone: bool) -> String {
    let class = reply.refused.first().cloned().unwrap_or_default();
    if class_alone || class.is_empty() {
        return class;
    }
    let fault = reply.message.rsplit(&class).next().unwrap_or_default();
    let words = fault.lines().next().unwrap_or_default().split(' ');
    let plain = words.filter(|word| !word.contains(|letter: char| letter.is_ascii_digit() || ".[]_".contains(letter)));
    format!("{class}{}", plain.collect::<Vec<_>>().join(" "))
}

/// Adds a policy that differs to the file that `OPA_FOUND` names.
fn keep(request: &Request) {
    let Some(path) = std::env::var_os("OPA_FOUND") else {
        return;
    };
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .expect("OPA_FOUND can be written");
    let line = serde_json::to_string(request).expect("a request is JSON");
    writeln!(file, "{line}").expect("OPA_FOUND can be written");
}

/// The way in which two answers differ. Where a rule has several values out of a `walk`, OPA stops at the first if its
/// reference is content with that.
fn kind(mine: &str, opa: &str, modules: &str) -> String {
    if mine == "eval_conflict_error" && modules.contains("walk(") {
        return format!("{APART}a conflict behind a walk");
    }
    let class = |answer: &str| answer.split(' ').next().unwrap_or_default().to_owned();
    format!("{} {}", class(mine), class(opa))
}

/// The folders or the file that a variable names.
fn named(name: &str) -> OsString {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("{name} is not set: the first lines of tests/it/differential tell what it names"))
}

fn variable(name: &str) -> Option<usize> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
}
