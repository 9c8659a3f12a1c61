//! Every line of tests/opa/builtins/*.jsonl is a call of a builtin and what OPA makes of it: its value, that it is
//! undefined, its error, or that it `fails` with words that are those of a library of Go. Sets are written `{"$set": […]}`, objects with keys that are no strings
//! `{"$object": [[key, value], …]}`, strings that are not UTF-8 `{"$bytes": "hexadecimal digits"}`. `at` is a path into the
//! value, where only what is there was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::{fs, path::Path};

use kpolicy_parse::Format;
use kpolicy_rego::builtins::registry::{self, Builtin};
use kpolicy_rego::builtins::{Allowed, Answer, Context, Failure, body};
use kpolicy_value::Value;
use serde_json::Value as Json;

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
    context.allow(Allowed {
        runtime: Some(Value::object(Vec::new())),
        ..Allowed::default()
    });
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

/// Where kpolicy differs in what depends on more than the operands: OPA fetches the schemas that a schema refers to, it
/// signs with random numbers, and it does not say that the validity of certificates depends on the time.
const OTHERWISE: [&str; 5] = [
    "json.match_schema",
    "json.verify_schema",
    "io.jwt.encode_sign",
    "io.jwt.encode_sign_raw",
    "crypto.x509.parse_and_verify_certificates",
];

/// `opa capabilities --current` writes tests/opa/capabilities.json.
#[test]
fn the_registry_has_the_names_and_types_of_opas_capabilities() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opa/capabilities.json");
    let text = fs::read_to_string(path).expect("the capabilities are there");
    let capabilities: Json = serde_json::from_str(&text).expect("they are JSON");
    let builtins = capabilities["builtins"].as_array().expect("they list builtins");
    let theirs: BTreeMap<&str, String> = builtins
        .iter()
        .map(|builtin| (builtin["name"].as_str().expect("a name"), theirs(builtin)))
        .collect();
    let ours: BTreeMap<&str, String> = registry::all().map(|builtin| (builtin.name, ours(builtin))).collect();
    assert!(theirs.len() > 200, "OPA has many builtins");
    let differs = |name: &&str| ours.get(name) != theirs.get(name);
    let names: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().filter(differs).collect();
    let told = |name: &&str| format!("{name}: {:?} is {:?} in OPA", ours.get(name), theirs.get(name));
    assert!(
        names.is_empty(),
        "{}",
        names.iter().map(told).collect::<Vec<_>>().join("\n")
    );
}

/// What a row says of a builtin, in one line.
fn ours(builtin: &Builtin) -> String {
    let depends = builtin.needed().is_some();
    let infix = builtin.infix.unwrap_or_default();
    marked(builtin.types, [builtin.deprecated, builtin.relation, depends], infix)
}

/// What OPA says of a builtin, in the same line.
fn theirs(builtin: &Json) -> String {
    let declared = &builtin["decl"];
    let mut operands: Vec<String> = listed(&declared["args"]).map(typed).collect();
    operands.extend(declared.get("variadic").map(|further| typed(further) + "..."));
    let result = declared.get("result").map(|result| format!(" -> {}", typed(result)));
    let types = format!("({}){}", operands.join(", "), result.unwrap_or_default());
    let otherwise = OTHERWISE.iter().any(|name| builtin["name"] == *name);
    let depends = (builtin["nondeterministic"] == true) != otherwise;
    let marks = [builtin["deprecated"] == true, builtin["relation"] == true, depends];
    marked(&types, marks, builtin["infix"].as_str().unwrap_or_default())
}

fn marked(types: &str, [deprecated, relation, depends]: [bool; 3], infix: &str) -> String {
    format!("{types} deprecated {deprecated}, relation {relation}, depends {depends}, infix {infix}")
}

fn listed(types: &Json) -> impl Iterator<Item = &Json> {
    types.as_array().into_iter().flatten()
}

/// A type of OPA's capabilities as the registry writes it.
fn typed(of: &Json) -> String {
    let joined = |types: &Json, by: &str| listed(types).map(typed).collect::<Vec<_>>().join(by);
    match of["type"].as_str().expect("a type has a name") {
        "any" if of.get("of").is_some() => joined(&of["of"], " | "),
        "array" if of.get("static").is_some() => format!("array<{}>", joined(&of["static"], ", ")),
        "array" => format!("array[{}]", typed(&of["dynamic"])),
        "set" => format!("set[{}]", typed(&of["of"])),
        "object" => {
            let known = listed(&of["static"]).map(|entry| format!("{}: {}", entry["key"], typed(&entry["value"])));
            let others = of.get("dynamic").into_iter();
            let others = others.map(|entry| format!("[{}]: {}", typed(&entry["key"]), typed(&entry["value"])));
            format!("object{{{}}}", known.chain(others).collect::<Vec<_>>().join(", "))
        }
        name => name.to_owned(),
    }
}
