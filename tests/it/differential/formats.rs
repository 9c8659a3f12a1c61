//! Random calls of `sprintf` and random arithmetic: the texts that OPA makes of them.

use serde_json::{Value as Json, json};

use super::oracle::{Oracle, own};
use super::variable;
use crate::generator::Request;
use crate::generator::choices::{Choices, Random};

/// How many calls a policy has.
const CALLS: usize = 50;
const FLAGS: [&str; 8] = ["", "", "", "+", "-", "#", "0", " "];
const WIDTHS: [&str; 6] = ["", "", "1", "7", "12", "*"];
const PRECISIONS: [&str; 6] = ["", "", ".", ".0", ".3", ".10"];
const VERBS: [&str; 20] = [
    "v", "s", "d", "q", "t", "x", "X", "o", "O", "b", "c", "U", "e", "E", "f", "F", "g", "G", "T", "%",
];
const VALUES: [&str; 32] = [
    "0",
    "1",
    "-1",
    "7",
    "65",
    "255",
    "1024",
    "9007199254740993",
    "123456789012345678901234567890",
    "0.1",
    "-2.5",
    "3.0",
    "1e3",
    "1e21",
    "1e-7",
    "12345.678901234567",
    "\"\"",
    "\"a\"",
    "\"häß\"",
    "\"a\\nb\"",
    "\"日本\"",
    "true",
    "false",
    "null",
    "[]",
    "[1, \"a\"]",
    "{}",
    "{\"a\": 1.50}",
    "set()",
    "{1, \"x\"}",
    "{\"k\": [null, {2}]}",
    "[[1e2]]",
];

#[test]
#[ignore = "needs OPA: OPA_ORACLE"]
fn formats_and_numbers_print_as_in_opa() {
    let mut opa = Oracle::start();
    let mut random = Random(variable("SEED").unwrap_or(1).max(1) as u64);
    let cases = variable("CASES").unwrap_or(1000);
    let mut different = Vec::new();
    for _ in 0..cases.div_ceil(CALLS) {
        let mut choices = Choices::drawn(&mut random);
        let calls: Vec<String> = (0..CALLS).map(|_| call(&mut choices)).collect();
        let rules = calls.iter().enumerate().map(|(at, call)| format!("r{at} := {call}\n"));
        let request = Request {
            modules: vec![format!("package a\n\n{}", rules.collect::<String>())],
            data: json!({}),
            input: Json::Null,
            queries: (0..CALLS).map(|at| format!("data.a.r{at}")).collect(),
            ..Request::default()
        };
        let theirs = opa.ask(&request).expect("OPA answers");
        let mine = own(&request);
        assert_eq!(
            (theirs.message.as_str(), mine.message.as_str()),
            ("", ""),
            "{:?}",
            request.modules
        );
        for ((mine, theirs), call) in mine.answers.iter().zip(&theirs.answers).zip(&calls) {
            if mine != theirs {
                different.push(format!("{call}: {mine} | OPA: {theirs}"));
            }
        }
    }
    println!("{cases} calls, {} differ", different.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

fn call(choices: &mut Choices) -> String {
    if choices.once_in(5) {
        let numbers = &VALUES[..16];
        let sign = choices.word(&["+", "-", "*", "/", "%"]);
        let (a, b) = (choices.word(numbers), choices.word(numbers));
        return format!("sprintf(\"%v\", [x]) if {{ x := json.unmarshal(\"{a}\") {sign} json.unmarshal(\"{b}\") }}");
    }
    let verbs = 1 + choices.among(3);
    let mut format = String::new();
    for _ in 0..verbs {
        let index = choices.word(&["", "", "", "", "", "", "", "[1]", "[2]", "[3]"]);
        format.push_str(choices.word(&["", "a", " ", "ä"]));
        format.push('%');
        for part in [
            FLAGS.as_slice(),
            FLAGS.as_slice(),
            WIDTHS.as_slice(),
            PRECISIONS.as_slice(),
            &[index],
        ] {
            format.push_str(choices.word(part));
        }
        format.push_str(choices.word(&VERBS));
    }
    let count = match choices.among(8) {
        6 => verbs - 1,
        7 => verbs + 1,
        _ => verbs + format.matches('*').count(),
    };
    let operands: Vec<&str> = (0..count).map(|_| choices.word(&VALUES)).collect();
    format!("sprintf(\"{format}\", [{}])", operands.join(", "))
}
