//! `junit`: a suite for each file, a case for each test.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::proof;
use crate::report::Options;
use crate::report::junit::{Case, Outcome as Told, Suite, write};
use crate::verify::result::{Failure, Outcome, TestResult, Verified};

/// Writes the results as JUnit's XML.
pub(super) fn render(verified: &Verified, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<(&str, &str), Suite> = BTreeMap::new();
    for result in &verified.results {
        let (file, package) = (result.location.file.as_str(), result.package.as_str());
        let suite = suites.entry((file, package)).or_insert_with(|| Suite {
            name: package.to_owned(),
            file: file.to_owned(),
            cases: Vec::new(),
        });
        let name = if options.junit_hide_message {
            file.to_owned()
        } else {
            result.name.clone()
        };
        let outcome = outcome(result);
        suite.cases.push(Case { name, outcome });
    }
    for claim in proof::failing(verified) {
        let (file, package) = (claim.location.file.as_str(), claim.package.as_str());
        let suite = suites.entry((file, package)).or_insert_with(|| Suite {
            name: package.to_owned(),
            file: file.to_owned(),
            cases: Vec::new(),
        });
        let place = format!("{file}:{}:{}", claim.location.line, claim.location.column);
        suite.cases.push(Case {
            name: proof::name(claim),
            outcome: Told::Failed(proof::message(claim), "proof".to_owned(), place),
        });
    }
    write(suites.values(), out)
}

fn outcome(result: &TestResult) -> Told {
    match &result.outcome {
        Outcome::Passed => Told::Passed,
        Outcome::Skipped => Told::Skipped("its name starts with todo_test_".to_owned()),
        Outcome::Error(error) => {
            let place = &error.location;
            let text = format!("{}:{}:{}", place.file, place.line, place.column);
            Told::Error(error.text(), text)
        }
        Outcome::Failed => {
            let texts: Vec<String> = result.failures.iter().map(text).collect();
            Told::Failed(super::message(result), "test".to_owned(), texts.join("\n"))
        }
    }
}

/// The statement that failed, where it is, and the values of its parts.
fn text(failure: &Failure) -> String {
    let place = &failure.location;
    let parts = failure.parts.iter().map(|part| match &part.value {
        Some(value) => format!("\n{}: {value}", part.text),
        None => format!("\n{} is undefined", part.text),
    });
    let differences = failure.difference.iter().map(|difference| format!("\n{difference}"));
    let notes: String = parts.chain(differences).collect();
    format!(
        "{}:{}:{}\n{}{notes}",
        place.file, place.line, place.column, failure.text
    )
}
