//! Every builtin that depends on its operands alone, with random values of the types that it takes, and some of others.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::oracle::{Oracle, own};
use super::variable;
use crate::generator::Request;
use crate::generator::choices::{Choices, Random};
use kpolicy_rego::builtins::registry::{self, Builtin, Implementation, Purity};
use kpolicy_rego::types::Type;

/// How many calls of one builtin a policy has.
const CALLS: usize = 50;
/// How deep a value of any type nests.
const DEPTH: usize = 3;
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "16",
    "64",
    "255",
    "1.5",
    "-2.5",
    "1e3",
    "1700000000000000000",
    "9007199254740993",
    "0.1",
];
const STRINGS: [&str; 40] = [
    "",
    "a",
    "b",
    "abc",
    "ab,c",
    ",",
    " a b ",
    "é☺",
    "A",
    "%d %v",
    "%s",
    "1.2.3",
    "1.2.3-a",
    "10.0.0.0/8",
    "10.1.2.3",
    "::1/64",
    "^a+b$",
    "[a-c]",
    "(a)(b)?",
    "a*",
    "*.b",
    "{a,b}",
    "10Mi",
    "5m",
    "1h30m",
    "2006-01-02",
    "2024-02-29T01:02:03Z",
    "UTC",
    "Europe/Berlin",
    "{\"a\": [1, null]}",
    "a: [1, 2]\n",
    "YWJj",
    "616263",
    "a=1&b=%20",
    "/a/b",
    "https://a.b/c?d=e#f",
    "00000000-0000-4000-8000-000000000000",
    "{{ .a }}",
    "type T { a: Int }",
    "package p\nx := 1",
];

#[test]
#[ignore = "needs OPA: OPA_ORACLE"]
fn builtins_give_what_opa_gives() {
    let mut opa = Oracle::start();
    let mut random = Random(variable("SEED").unwrap_or(1).max(1) as u64);
    let calls = variable("CALLS").unwrap_or(CALLS);
    let only = std::env::var("BUILTIN").ok();
    let mut different: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut compared = 0;
    for builtin in registry::all().filter(|builtin| is_compared(builtin)) {
        if only.as_deref().is_some_and(|only| !builtin.name.starts_with(only)) {
            continue;
        }
        for _ in 0..calls.div_ceil(CALLS) {
            let mut choices = Choices::drawn(&mut random);
            let written: Vec<String> = (0..CALLS).map(|_| call(builtin, &mut choices)).collect();
            compared += written.len();
            for (call, mine, theirs) in answers(&mut opa, &written) {
                if mine != theirs {
                    let found = different.entry(builtin.name).or_default();
                    found.push(format!("{call}: {mine} | OPA: {theirs}"));
                }
            }
        }
    }
    let shown = different
        .iter()
        .map(|(name, all)| format!("{name}: {} differ\n  {}", all.len(), all[0]));
    println!("{compared} calls\n{}", shown.collect::<Vec<_>>().join("\n"));
    assert!(different.is_empty(), "{} builtins differ", different.len());
}

/// Each call with the engine's answer and OPA's. A call that OPA crashes on is left out.
fn answers(opa: &mut Oracle, calls: &[String]) -> Vec<(String, String, String)> {
    let request = request(calls);
    let theirs = opa.ask(&request);
    let Some(theirs) = theirs.filter(|reply| reply.refused != ["panic"]) else {
        let (left, right) = calls.split_at(calls.len() / 2);
        let is_alone = left.is_empty() || right.is_empty();
        if is_alone {
            return Vec::new();
        }
        return [left, right].iter().flat_map(|half| answers(opa, half)).collect();
    };
    let mine = own(&request);
    let refused = (theirs.message.as_str(), mine.message.as_str());
    assert_eq!(refused, ("", ""), "{:?}", request.modules);
    let both = mine.answers.into_iter().zip(theirs.answers);
    let all = calls.iter().zip(both);
    all.map(|(call, (mine, theirs))| (call.clone(), mine, theirs)).collect()
}

/// Not those that have no value, that are part of a statement, or that depend on what compiled before.
fn is_compared(builtin: &Builtin) -> bool {
    let is_called = !matches!(
        builtin.name,
        "eq" | "internal.template_string" | "regex.template_match" | "trace"
    );
    let is_function = matches!(builtin.implementation, Implementation::Function(_));
    is_called && is_function && builtin.purity == Purity::Pure && !builtin.deprecated
}

/// The operands come out of a function, so that the type checker does not know them.
fn request(calls: &[String]) -> Request {
    let rules = calls.iter().enumerate().map(|(at, call)| format!("r{at} := {call}\n"));
    Request {
        modules: vec![format!("package a\n\nid(x) := x\n\n{}", rules.collect::<String>())],
        data: json!({}),
        input: Json::Null,
        queries: (0..calls.len()).map(|at| format!("data.a.r{at}")).collect(),
        ..Request::default()
    }
}

fn call(builtin: &Builtin, choices: &mut Choices) -> String {
    let signature = registry::signature(builtin.name).expect("it is a builtin");
    let operands = signature.operands.iter().map(|operand| {
        let of = if choices.once_in(12) { &Type::Any } else { operand };
        format!("id({})", value(of, choices, DEPTH))
    });
    format!("{}({})", builtin.name, operands.collect::<Vec<_>>().join(", "))
}

/// A value of a type, as Rego writes it.
fn value(of: &Type, choices: &mut Choices, depth: usize) -> String {
    let several = |of: &Type, choices: &mut Choices| -> Vec<String> {
        let count = if depth == 0 { 0 } else { choices.among(4) };
        (0..count).map(|_| value(of, choices, depth - 1)).collect()
    };
    match of {
        Type::Null => "null".to_owned(),
        Type::Boolean => choices.word(&["true", "false"]).to_owned(),
        Type::Number => choices.word(&NUMBERS).to_owned(),
        Type::String => json!(choices.word(&STRINGS)).to_string(),
        Type::Array(array) => {
            let first = array.first.iter().map(|item| value(item, choices, depth));
            let mut items: Vec<String> = first.collect();
            if array.rest.is_known() {
                items.extend(several(&array.rest, choices));
            }
            format!("[{}]", items.join(", "))
        }
        Type::Set(set) => match several(&set.of, choices) {
            members if members.is_empty() => "set()".to_owned(),
            members => format!("{{{}}}", members.join(", ")),
        },
        Type::Object(object) => {
            let mut entries: BTreeMap<String, String> = BTreeMap::new();
            for (key, of) in &object.known {
                if !choices.once_in(4) {
                    entries.insert(
                        kpolicy_rego::to_rego_text(key),
                        value(of, choices, depth.saturating_sub(1)),
                    );
                }
            }
            if let Some((keys, values)) = &object.others {
                for key in several(keys, choices) {
                    let entry = value(values, choices, depth.saturating_sub(1));
                    entries.insert(key, entry);
                }
            }
            let entries = entries.iter().map(|(key, value)| format!("{key}: {value}"));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Type::OneOf(one_of) => {
            let of = choices.pick(&one_of.types).clone();
            value(&of, choices, depth)
        }
        Type::Any | Type::Unknown | Type::Function(_) => {
            let any = |parts: &str| -> Type { anything(parts) };
            let parts = choices.word(&[
                "null", "boolean", "number", "string", "string", "array", "object", "set",
            ]);
            value(&any(parts), choices, depth)
        }
    }
}

fn anything(name: &str) -> Type {
    match name {
        "null" => Type::Null,
        "boolean" => Type::Boolean,
        "number" => Type::Number,
        "string" => Type::String,
        "array" => Type::array(Vec::new(), Type::Any),
        "object" => Type::object(Vec::new(), Some((Type::String, Type::Any))),
        _ => Type::set(Type::Any),
    }
}
