//! `json`: what `opa test --format json` writes, with the ends of ranges and the statements that failed; and what
//! `conftest verify --output json` writes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json, json};

use super::proof;
use crate::finding::Location;
use crate::report::write_json;
use crate::verify::result::{Case, Failure, Outcome, Part, TestResult, Verified};

/// Writes an array with an object for each test.
pub(super) fn render(verified: &Verified, out: &mut dyn Write) -> io::Result<()> {
    let mut entries: Vec<Json> = verified.results.iter().map(result).collect();
    if let Some(proved) = &verified.proof {
        let claims = proved.proof.claims.iter();
        entries.extend(claims.map(|claim| proof::json(claim, !proved.suffices())));
    }
    write_json(&Json::Array(entries), out)
}

fn result(result: &TestResult) -> Json {
    let mut entry = Map::new();
    entry.insert("location".into(), location(&result.location));
    entry.insert("package".into(), result.package.as_str().into());
    entry.insert("name".into(), result.name.as_str().into());
    match &result.outcome {
        Outcome::Passed => {}
        Outcome::Failed => _ = entry.insert("fail".into(), true.into()),
        Outcome::Skipped => _ = entry.insert("skip".into(), true.into()),
        Outcome::Error(error) => {
            let error = json!({
                "code": error.code, "message": error.message, "values": error.values,
                "location": location(&error.location),
            });
            entry.insert("error".into(), error);
        }
    }
    let nanoseconds = u64::try_from(result.duration.as_nanos()).unwrap_or(u64::MAX);
    entry.insert("duration".into(), nanoseconds.into());
    if !result.printed.is_empty() {
        entry.insert("output".into(), BASE64_STANDARD.encode(&result.printed).into());
    }
    if let Some(cases) = &result.cases {
        entry.insert("sub_results".into(), sub_results(cases));
    }
    if !result.failures.is_empty() {
        entry.insert("failures".into(), result.failures.iter().map(failure).collect());
    }
    Json::Object(entry)
}

/// The cases of a test, as OPA calls them.
fn sub_results(cases: &BTreeMap<String, Case>) -> Json {
    let entries = cases.iter().map(|(name, case)| {
        let mut entry = json!({"name": name});
        if case.failed {
            entry["fail"] = true.into();
        }
        if !case.cases.is_empty() {
            entry["sub_results"] = sub_results(&case.cases);
        }
        (name.clone(), entry)
    });
    Json::Object(entries.collect())
}

fn failure(failure: &Failure) -> Json {
    let part = |part: &Part| json!({"text": part.text, "value": part.value});
    let mut entry = json!({
        "location": location(&failure.location),
        "text": failure.text,
        "values": failure.parts.iter().map(part).collect::<Json>(),
    });
    if let Some(case) = &failure.case {
        entry["case"] = case.as_str().into();
    }
    if !failure.difference.is_empty() {
        entry["difference"] = failure.difference.iter().map(String::as_str).collect();
    }
    entry
}

pub(super) fn location(place: &Location) -> Json {
    json!({
        "file": place.file.as_str(), "row": place.line, "col": place.column,
        "end": {"row": place.end_line, "col": place.end_column},
    })
}

/// Writes an array with an object for each test, in conftest's words.
pub(super) fn conftest(verified: &Verified, out: &mut dyn Write) -> io::Result<()> {
    let entry = |result: &TestResult| {
        let mut entry = json!({"filename": result.location.file.as_str(), "namespace": "", "successes": 0});
        let message = json!([{"msg": result.full_name()}]);
        match result.outcome {
            Outcome::Passed => entry["successes"] = 1.into(),
            Outcome::Skipped => entry["skipped"] = message,
            Outcome::Failed | Outcome::Error(_) => entry["failures"] = message,
        }
        entry
    };
    let claims = proof::failing(verified).map(|claim| {
        let message = json!([{"msg": format!("{}: {}", claim.full_name(), proof::message(claim))}]);
        json!({"filename": claim.location.file.as_str(), "namespace": "", "successes": 0, "failures": message})
    });
    write_json(&verified.results.iter().map(entry).chain(claims).collect(), out)
}
