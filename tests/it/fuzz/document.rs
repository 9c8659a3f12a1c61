//! Documents changed part by part.

use serde_json::{Value as Json, json};

use crate::generator::choices::Choices;

/// How many kinds of odd values there are.
const ODD: usize = 16;

/// The document with some of its parts taken out, doubled, moved, or replaced by odd ones or by parts of others.
pub(crate) fn changed(mut document: Json, others: &[Json], choices: &mut Choices) -> Json {
    for _ in 0..choices.among(4) {
        let new = match choices.among(3) {
            0 => odd(choices),
            1 => part(&mut choices.pick(others).clone(), choices).clone(),
            _ => part(&mut document, choices).clone(),
        };
        change(part(&mut document, choices), new, choices);
    }
    document
}

/// Some part of the document, or the whole.
fn part<'d>(document: &'d mut Json, choices: &mut Choices) -> &'d mut Json {
    let count = match &*document {
        Json::Array(items) => items.len(),
        Json::Object(map) => map.len(),
        _ => 0,
    };
    if count == 0 || choices.once_in(5) {
        return document;
    }
    let at = choices.among(count);
    let child = match document {
        Json::Array(items) => items.get_mut(at),
        Json::Object(map) => map.values_mut().nth(at),
        _ => None,
    };
    part(child.expect("it is one of the parts"), choices)
}

fn change(part: &mut Json, new: Json, choices: &mut Choices) {
    match part {
        Json::Array(items) if !items.is_empty() => {
            let at = choices.among(items.len());
            match choices.among(5) {
                0 => {
                    items.remove(at);
                }
                1 => items.push(items[at].clone()),
                2 => items.insert(at, new),
                3 => *part = json!({"0": new}),
                _ => *part = new,
            }
        }
        Json::Object(map) if !map.is_empty() => {
            let key = map
                .keys()
                .nth(choices.among(map.len()))
                .cloned()
                .expect("it has entries");
            match choices.among(5) {
                0 => {
                    map.remove(&key);
                }
                1 => {
                    map.insert(choices.word(&["x", "", "a", "spec", "metadata", "0"]).to_owned(), new);
                }
                2 => {
                    let value = map.remove(&key).expect("it has the key");
                    map.insert(format!("{key}\u{301}"), value);
                }
                3 => *part = json!([new]),
                _ => *part = new,
            }
        }
        _ => *part = new,
    }
}

/// What no schema has.
fn odd(choices: &mut Choices) -> Json {
    let number = |text: &str| serde_json::from_str(text).expect("it is a number of JSON's");
    match choices.among(ODD) {
        0 => Json::Null,
        1 => json!(true),
        2 => json!(false),
        3 => json!(0),
        4 => json!(-1),
        5 => number("1.0"),
        6 => number("123456789012345678901234567890"),
        7 => number("1e999999999"),
        8 => number("-0.1e-400"),
        9 => json!(""),
        10 => json!("é\u{1F600}\u{0}"),
        11 => json!("%s:%d/${x}/*.[a-".repeat(200)),
        12 => json!([]),
        13 => json!({}),
        14 => (0..100).fold(json!("a"), |inner, _| json!([inner])),
        _ => (0..300).map(|number| json!(number % 7)).collect(),
    }
}
