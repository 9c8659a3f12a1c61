//! What the policies of the library say where values are not of the type that they should be of.

use std::collections::BTreeSet;
use std::path::Path;

use kpolicy::input::Source;
use kpolicy::policy::library::catalog::{Policy, policies};
use kpolicy::policy::{INVENTORY, PolicySet};
use kpolicy::reading::{self, Empty, Limits};
use kpolicy::{inventory, results};
use kpolicy_parse::Format;
use kpolicy_parse::document::Document;
use kpolicy_value::Value;
use serde_json::json;

use crate::common::loading::load;

/// Each value of the examples that fail is in turn a number, a fraction and a text, at one place or wherever it stands:
/// what policies then say is still a sentence, with no directive in it that was for another type, and no builtin fails.
#[test]
fn messages_are_sentences_whatever_types_they_meet() {
    let others = [Value::from(3_i64), Value::from_json(&json!(2.5)), Value::from("x")];
    let mut broken = BTreeSet::new();
    let mut met = 0;
    for policy in policies() {
        let set = load(policy, params(policy));
        let documents = documents(policy);
        let variants = others.iter().flat_map(|other| variants(&documents, other));
        for message in variants.flat_map(|documents| messages(&set, &documents)) {
            met += 1;
            if message.contains("%!") {
                broken.insert(format!("{}: {message}", policy.id));
            }
        }
    }
    assert!(met > 4_000, "{met}");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The documents with another value for each of theirs: there alone, and wherever the value stands.
fn variants(documents: &[Document], other: &Value) -> Vec<Vec<Document>> {
    let mut variants = Vec::new();
    let mut values = BTreeSet::new();
    let other = || other.clone();
    for (at, document) in documents.iter().enumerate() {
        let mut count = 0_usize;
        replaced(&document.value, &mut |leaf| {
            count += 1;
            values.insert(leaf.clone());
            None
        });
        for nth in 0..count {
            let mut left = nth;
            let mut here = |_: &Value| {
                let is_it = left == 0;
                left = left.wrapping_sub(1);
                is_it.then(other)
            };
            let mut variant = documents.to_vec();
            variant[at].value = replaced(&document.value, &mut here);
            variants.push(variant);
        }
    }
    for value in values {
        let mut variant = documents.to_vec();
        for document in &mut variant {
            document.value = replaced(&document.value, &mut |leaf| (*leaf == value).then(other));
        }
        variants.push(variant);
    }
    variants
}

/// The value with what stands for those of its parts that hold no other.
fn replaced(value: &Value, by: &mut impl FnMut(&Value) -> Option<Value>) -> Value {
    match value {
        Value::Array(items) => Value::array(items.iter().map(|item| replaced(item, by)).collect()),
        Value::Object(object) => {
            let entries = object.iter().map(|(key, value)| (key.clone(), replaced(value, by)));
            Value::object(entries.collect())
        }
        leaf => by(leaf).unwrap_or_else(|| leaf.clone()),
    }
}

/// The parameters that a policy's examples are judged with.
fn params(policy: &Policy) -> Value {
    let none = || Value::object(Vec::new());
    let Some(settings) = policy.settings else { return none() };
    let nodes = Format::Toml.parse(settings.text).expect("the settings are TOML");
    let params = nodes[0].value.field("params").cloned();
    Value::object(vec![("params".into(), params.unwrap_or_else(none))])
}

/// The documents of the example that a policy finds something in.
fn documents(policy: &Policy) -> Vec<Document> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/policies")
        .join(policy.fails.path);
    let format = Format::of_path(&path).expect("a format");
    let source = Source::file(path.display().to_string(), format);
    let limits = Limits {
        bytes: 1 << 20,
        nodes: 1 << 20,
    };
    reading::documents(
        reading::content(&source, limits, kpolicy_parse::Context::default()).expect("the example parses"),
        Empty::Dropped,
    )
}

/// What a policy says of these documents.
fn messages(set: &PolicySet, documents: &[Document]) -> Vec<String> {
    let mut worker = set.engine().worker();
    if set.needs_inventory {
        let all = inventory::build(std::iter::once(documents));
        worker.overlay(INVENTORY, all).expect("the whole set can be given");
    }
    let mut messages = Vec::new();
    for document in documents {
        worker.set_input(&document.value);
        for rule in &set.rules {
            let evaluated = worker.evaluate(&rule.query());
            match evaluated.error {
                None => {
                    let violations = evaluated
                        .value
                        .map(|value| results::violations(&value, false).expect("results"));
                    messages.extend(violations.into_iter().flatten().map(|violation| violation.message));
                }
                Some(error) => messages.push(format!("%! {} {:?}", error.message, error.place)),
            }
        }
    }
    messages
}
