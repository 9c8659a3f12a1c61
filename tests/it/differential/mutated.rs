//! Mutated policies: what OPA refuses must be refused, and what it takes must be taken.
//!
//! `OPA_SEEDS` names folders of policies, with `:` between them; the modules of a folder are one seed. Every seed is judged as
//! it is, with and without `--strict`, then with some words taken out, doubled, swapped or replaced by words of others.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use walkdir::WalkDir;

use super::oracle::Oracle;
use super::{APART, MOST, difference, keep, named, variable};
use crate::generator::choices::{Choices, Random};
use crate::generator::{Request, words};

/// How many words of a policy are changed at most.
const CHANGES: usize = 3;

#[test]
#[ignore = "needs OPA: OPA_ORACLE and OPA_SEEDS"]
fn mutated_policies_are_refused_where_opa_refuses_them() {
    let (mut opa, folders) = (Oracle::start(), named("OPA_SEEDS"));
    let seeds = seeds(&folders, &mut opa);
    assert!(!seeds.is_empty(), "OPA_SEEDS has policies that OPA takes");
    let mut random = Random(variable("SEED").unwrap_or(1).max(1) as u64);
    let mut counts = BTreeMap::<String, usize>::new();
    let mut different = BTreeMap::<String, Vec<String>>::new();
    let cases = variable("CASES").unwrap_or(1000);
    for at in 0..2 * seeds.len() + cases {
        let whole = at < 2 * seeds.len();
        let mut request = match whole {
            true => seeds[at / 2].clone(),
            false => mutated(&seeds, &mut random),
        };
        request.strict = at % 2 == 1;
        let Some(reply) = opa.ask(&request) else {
            *counts.entry("OPA crashed".to_owned()).or_default() += 1;
            continue;
        };
        let sort = format!(
            "{} {}, OPA: {}",
            if whole { "seed" } else { "mutated" },
            if request.strict { "strict" } else { "" },
            reply.refused.first().map_or("taken", String::as_str)
        );
        *counts.entry(sort).or_default() += 1;
        let Some((kind, how)) = difference(&request, &reply) else {
            continue;
        };
        *counts.entry(format!("DIFFERENT {kind}")).or_default() += 1;
        if !kind.starts_with(APART) {
            keep(&request);
            different.entry(kind).or_default().push(how);
        }
    }
    for (sort, count) in &counts {
        println!("{sort}: {count}");
    }
    let shown: Vec<String> = different
        .into_values()
        .flat_map(|all| all.into_iter().take(MOST))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n=====\n"));
}

/// The modules of each folder, or of one file where OPA does not take them together.
fn seeds(folders: &std::ffi::OsStr, opa: &mut Oracle) -> Vec<Request> {
    let mut found = Vec::new();
    let inner = std::env::split_paths(folders).flat_map(|folder| WalkDir::new(folder).sort_by_file_name());
    for folder in inner.filter_map(Result::ok).filter(|entry| entry.file_type().is_dir()) {
        let files = WalkDir::new(folder.path()).max_depth(1).sort_by_file_name();
        let texts: Vec<String> = files
            .into_iter()
            .filter_map(Result::ok)
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "rego"))
            .filter_map(|file| std::fs::read_to_string(file.path()).ok())
            .collect();
        let mut takes = |modules: Vec<String>| {
            [false, true].into_iter().find_map(|v0| {
                let request = Request {
                    modules: modules.clone(),
                    v0,
                    data: json!({}),
                    input: Json::Null,
                    ..Request::default()
                };
                let reply = opa.ask(&request)?;
                (reply.refused.is_empty() && !modules.is_empty()).then_some(request)
            })
        };
        match takes(texts.clone()) {
            Some(request) => found.push(request),
            None => found.extend(texts.into_iter().filter_map(|text| takes(vec![text]))),
        }
    }
    found
}

/// A seed with some changes in one of its modules.
fn mutated(seeds: &[Request], random: &mut Random) -> Request {
    let mut choices = Choices::drawn(random);
    let mut request = choices.pick(seeds).clone();
    let others = choices.pick(seeds);
    let other = choices.pick::<String>(&others.modules);
    let module = choices.among(request.modules.len());
    request.modules[module] = words::changed(&request.modules[module], other, CHANGES, &mut choices);
    request
}
