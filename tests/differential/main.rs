//! The engine beside OPA on policies that nobody wrote: random well-formed ones, and mutated ones.
//!
//! OPA is a small program that is built in the folder of its module, and asked line by line:
//!
//!     here=$PWD; cd $(go mod download -json github.com/open-policy-agent/opa@v1.20.2 | jq -r .Dir)
//!     go build -mod=mod -o $here/target/oracle $here/tests/differential/oracle.go; cd $here
//!     OPA_ORACLE=target/oracle CASES=100000 SEED=7 cargo test --test differential random
//!
//! Without `OPA_ORACLE` the tests say that they were skipped. What differs is made small and printed as a line for
//! `tests/opa/cases.jsonl`.

#![allow(clippy::print_stdout)]

mod formats;
#[path = "../generator/mod.rs"]
mod generator;
mod mutated;
mod oracle;
mod suites;

use generator::Request;
use generator::choices::{Choices, Random, shrink};
use oracle::{Oracle, Reply, own};

/// What the ways of differing start with that are counted and are no failure: docs/fidelity.md tells of them.
const APART: &str = "apart: ";
/// How many differences end a run.
const MOST: usize = 8;

#[test]
fn random_policies_give_what_opa_gives() {
    let Some(mut opa) = Oracle::start() else {
        println!("SKIPPED: OPA_ORACLE does not name the program that answers for OPA");
        return;
    };
    let mut random = Random(variable("SEED").unwrap_or(1).max(1) as u64);
    let (mut refused, mut shown, mut told) = (0, Vec::new(), Vec::new());
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
        if !known.insert(kind.0.clone()) {
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
        let list = if kind.0.starts_with("refused ") {
            &mut told
        } else {
            &mut shown
        };
        list.push(format!("{how}\n{}", serde_json::to_string(&request).expect("JSON")));
        if shown.len() >= MOST {
            break;
        }
    }
    println!("{cases} policies, {refused} of them refused by both; answers: {kinds:?}");
    told.iter().for_each(|case: &String| println!("{case}\n"));
    assert!(shown.is_empty(), "{} differ:\n{}", shown.len(), shown.join("\n\n"));
}

/// How the engine's reply differs from OPA's: in which way, and in detail.
fn difference(request: &Request, opa: &Reply) -> Option<(String, String)> {
    let mine = std::panic::catch_unwind(|| own(request)).unwrap_or_else(|_| Reply {
        refused: vec!["panic".to_owned()],
        ..Reply::default()
    });
    if mine.message.contains("kpolicy cannot evaluate") {
        return None;
    }
    // One fault under two classes: OPA takes it for the one where it stands in a template string.
    let undeclared = |reply: &Reply| reply.message.contains("is undeclared");
    let unsafe_too = mine.refused.iter().any(|class| class == "rego_unsafe_var_error");
    if undeclared(opa) && unsafe_too {
        return None;
    }
    let modules = request.modules.join("\n----\n");
    let told = |how: String| format!("{modules}\n{how}");
    match (opa.refused.is_empty(), mine.refused.is_empty()) {
        (true, true) => {}
        (false, false) if opa.refused.iter().any(|class| mine.refused.contains(class)) => return None,
        _ => {
            let class = |reply: &Reply| reply.refused.first().cloned().unwrap_or_default();
            let both = !mine.refused.is_empty() && !opa.refused.is_empty();
            // OPA lets a variable pass that it finds unbound when it evaluates, and is strict in template strings.
            let stricter = class(&mine) == "rego_unsafe_var_error" && class(opa).is_empty();
            let laxer = undeclared(opa) && request.modules.iter().any(|text| text.contains(" with "));
            // OPA takes the first lines of a METADATA block that is no YAML.
            let metadata = mine.message.contains("METADATA block is no YAML");
            let apart = if both || stricter || laxer || metadata {
                APART
            } else {
                ""
            };
            let kind = format!("{apart}refused as {:?}, by OPA as {:?}", class(&mine), class(opa));
            return Some((kind, told(format!("refused: {} | OPA: {}", mine.message, opa.message))));
        }
    }
    let pairs = mine.answers.iter().zip(&opa.answers).zip(&request.queries);
    let different = pairs
        // An internal error of OPA's is no answer.
        .filter(|((mine, opa), _)| mine != opa && !matches!(opa.as_str(), "eval_cancel_error" | "eval_internal_error"))
        .map(|((mine, opa), query)| (kind(mine, opa), told(format!("{query}: {mine} | OPA: {opa}"))));
    different.min_by_key(|(kind, _)| kind.starts_with(APART))
}

/// The way in which two answers differ.
fn kind(mine: &str, opa: &str) -> String {
    let class = |answer: &str| answer.split(' ').next().unwrap_or_default().to_owned();
    format!("{} {}", class(mine), class(opa))
}

fn variable(name: &str) -> Option<usize> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
}
