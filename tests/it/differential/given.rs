//! Policies that are given, one a line in JSON: those that were found to differ, or written for a part of the language.
//! A case of `tests/opa/cases.jsonl` is such a line too; those that it marks as known to differ are left to
//! `tests/it/opa_cases.rs`.

use serde_json::{Value as Json, json};

use super::oracle::Oracle;
use super::{APART, difference, named};
use crate::generator::Request;

#[test]
#[ignore = "needs OPA: OPA_ORACLE and OPA_GIVEN"]
fn given_policies_give_what_opa_gives() {
    let (mut opa, path) = (Oracle::start(), named("OPA_GIVEN"));
    let lines = std::fs::read_to_string(path).expect("OPA_GIVEN can be read");
    let (mut judged, mut refused, mut known, mut shown) = (0, 0, 0, Vec::new());
    for (at, line) in lines.lines().enumerate() {
        let case: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("line {}: {error}", at + 1));
        if case.get("differs").is_some() {
            known += 1;
            continue;
        }
        let case = json!({
            "modules": case["modules"],
            "v0": case["v0"] == true,
            "strict": case["strict"] == true,
            "data": case.get("data").cloned().unwrap_or_else(|| json!({})),
            "input": case["input"],
            "queries": case.get("queries").cloned().unwrap_or_else(|| case.get("query").into_iter().cloned().collect()),
        });
        let request: Request = serde_json::from_value(case).unwrap_or_else(|error| panic!("line {}: {error}", at + 1));
        let Some(reply) = opa.ask(&request) else { continue };
        judged += 1;
        refused += usize::from(!reply.refused.is_empty());
        if let Some((kind, how)) = difference(&request, &reply)
            && !kind.starts_with(APART)
        {
            shown.push(format!("line {}: {kind}\n{how}", at + 1));
        }
    }
    assert!(judged > 0, "OPA_GIVEN has policies");
    println!("{judged} policies, {refused} of them refused by OPA; {known} known to differ");
    assert!(shown.is_empty(), "{} differ:\n{}", shown.len(), shown.join("\n\n"));
}
