//! What holds for every text, of whatever it is made.

use std::path::Path;
use std::time::Duration;

use kpolicy::finding::Problem;
use kpolicy::policy::{self, Request};
use kpolicy_parse::Format;
use kpolicy_parse::document::{Node, Span, Spans};
use kpolicy_value::Value;

use crate::common::loading::request;

/// A text is read the same way twice, every place lies within it, and what was read is JSON.
pub(crate) fn for_parser(format: Format, text: &str) {
    let parsed = format.parse(text);
    match &parsed {
        Ok(nodes) => {
            for node in nodes {
                beside(&node.value, &node.spans, text);
                reads_back(node);
            }
        }
        Err(error) => within(error.span, text),
    }
    let again = format.parse(text);
    assert_eq!(format!("{parsed:?}"), format!("{again:?}"), "read in two ways");
}

fn within(span: Span, text: &str) {
    let range = span.start as usize..span.end as usize;
    assert!(text.get(range).is_some(), "{span:?} is no range of the text");
}

/// The spans have the form of the value, as far as they go, and lie within the text.
fn beside(value: &Value, spans: &Spans, text: &str) {
    within(spans.key, text);
    within(spans.value, text);
    let Some(children) = spans.children.as_deref() else {
        return;
    };
    match value {
        Value::Array(items) => {
            assert_eq!(items.len(), children.len(), "each item has its spans");
            items
                .iter()
                .zip(children)
                .for_each(|(item, child)| beside(item, child, text));
        }
        Value::Object(object) => {
            assert_eq!(object.len(), children.len(), "each entry has its spans");
            object
                .iter()
                .zip(children)
                .for_each(|((_, item), child)| beside(item, child, text));
        }
        _ => assert!(children.is_empty(), "a scalar has no parts"),
    }
}

/// The value printed as JSON is the same value, unless it nests deeper than JSON is read.
fn reads_back(node: &Node) {
    let json = node.value.to_json().to_string();
    match Format::Json.parse(&json) {
        Ok(again) => assert_eq!(again[0].value, node.value, "printed as JSON it is another value"),
        Err(error) => assert!(error.message.contains("nest"), "{} is printed: {}", json, error.message),
    }
}

/// A policy is loaded, or each problem has its place in the text; twice the same.
pub(crate) fn for_policy(text: &str, folder: &Path) {
    let path = folder.join("policy.rego");
    std::fs::write(&path, text).expect("the folder can be written");
    let said = load(&path);
    for problem in &said {
        has_place(problem, text);
    }
    assert_eq!(format!("{said:?}"), format!("{:?}", load(&path)), "loaded in two ways");
}

/// The problems, or the warnings.
fn load(path: &Path) -> Vec<Problem> {
    let loaded = policy::load(Request {
        policy: &[path.to_owned()],
        timeout: Duration::from_secs(5),
        ..request()
    });
    match loaded {
        Ok(set) => set.warnings,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a word");
            problems
        }
    }
}

fn has_place(problem: &Problem, text: &str) {
    let mut parts = problem.place.rsplitn(3, ':');
    let column = parts.next().and_then(|part| part.parse::<usize>().ok());
    let line = parts.next().and_then(|part| part.parse::<usize>().ok());
    if let (Some(line), Some(column)) = (line, column) {
        let lines = text.split(['\n', '\r']).count();
        assert!(
            line >= 1 && line <= lines && column >= 1,
            "{} is no place of the text",
            problem.place
        );
    }
}
