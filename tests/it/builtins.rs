//! Every line of tests/opa/builtins/*.jsonl is a call of a builtin and what OPA makes of it: its value, that it is
//! undefined, its error, or that it `fails` with words that are those of a library of Go. Sets are written `{"$set": […]}`, objects with keys that are no strings
//! `{"$object": [[key, value], …]}`, strings that are not UTF-8 `{"$bytes": "hexadecimal digits"}`. `at` is a path into the
//! value, where only what is there was kept.

use std::{fs, path::Path};

use kpolicy_parse::Format;
use kpolicy_rego::builtins::{Answer, Context, Failure, body};
use kpolicy_value::Value;

#[test]
fn every_builtin_gives_what_opa_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opa/builtins");
    let mut wrong = Vec::new();
    for file in fs::read_dir(folder).expect("the folder is there") {
        let path = file.expect("the folder can be read").path();
        let lines = fs::read_to_string(&path).expect("the file can be read");
        wrong.extend(lines.lines().filter_map(difference));
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The line and what came instead, where that is not what OPA gives.
fn difference(line: &str) -> Option<String> {
    // serde_json would write some numbers anew.
    let case = &Format::Json.parse(line).expect("a line is JSON")[0].value;
    let name = case.field("call").and_then(Value::as_str).expect("a call has a name");
    let operands = case.field("operands").and_then(Value::as_array).expect("operands");
    let operands: Vec<Value> = operands.iter().map(decoded).collect();
    let operands: Vec<&Value> = operands.iter().collect();
    let want = case.field("gives").expect("a call gives something");
    let Some(body) = body(name) else {
        return Some(format!("there is no {name}"));
    };
    let mut context = Context::new(None);
    context.restart(None, Some(1_700_000_000_123_456_789));
    context.set_runtime(Value::object(Vec::new()));
    let mut answer = body(&mut context, &operands);
    for step in case.field("at").and_then(Value::as_array).unwrap_or_default() {
        answer = answer.map(|value| value.and_then(|value| value.get(step).cloned()));
    }
    if is(&answer, want) {
        return None;
    }
    Some(format!("{line}\n  got {answer:?}"))
}

fn is(answer: &Answer, want: &Value) -> bool {
    match answer {
        Ok(Some(value)) => want
            .field("value")
            .is_some_and(|want| texts(&decoded(want)) == texts(value)),
        Ok(None) => want.field("undefined").is_some(),
        Err(Failure::Operand(words) | Failure::Builtin(words)) => {
            want.field("fails").is_some() || want.field("error") == Some(&words.as_str().into())
        }
        Err(Failure::Timeout | Failure::Limit(_)) => false,
    }
}

/// A value with the texts of its numbers; a document's `-0` is read as `0`.
fn texts(value: &Value) -> String {
    format!("{value:?}").replace("Text(\"-0\")", "Int(0)")
}

/// The value that a line's JSON stands for.
fn decoded(value: &Value) -> Value {
    if let Some(members) = value.field("$set").and_then(Value::as_array) {
        return Value::set(members.iter().map(decoded).collect());
    }
    if let Some(digits) = value.field("$bytes").and_then(Value::as_str) {
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
        return Value::bytes((0..digits.len()).step_by(2).map(byte).collect());
    }
    if let Some(entries) = value.field("$object").and_then(Value::as_array) {
        let entry = |entry: &Value| {
            let pair = entry.as_array().expect("an entry is a pair");
            (decoded(&pair[0]), decoded(&pair[1]))
        };
        return Value::object(entries.iter().map(entry).collect());
    }
    match value {
        Value::Array(items) => Value::array(items.iter().map(decoded).collect()),
        Value::Object(object) => Value::object(
            object
                .iter()
                .map(|(key, value)| (key.clone(), decoded(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}
