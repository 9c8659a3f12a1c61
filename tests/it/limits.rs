//! Policies and documents that would take all memory, all time or the whole stack: each is judged, or refused by name.

use std::fmt::Write;

use crate::common::kpolicy;
use crate::common::projects::project;

/// The first line that is said of a policy that judges a document.
fn said(policy: &str, document: &str) -> String {
    let folder = project(&[("policy.rego", policy), ("input.json", document)]);
    let output = kpolicy()
        .args(["test", "--timeout", "100", "--policy", "policy.rego", "input.json"])
        .current_dir(folder.path())
        .output()
        .expect("kpolicy runs");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
    format!("{:?} {line}", output.status.code())
}

/// Rules that each use the one before them: `{}` stands for their names.
fn chain(first: &str, each: &str, length: usize) -> String {
    let mut text = format!("package main\n\nr0 := {first}\n\n");
    for at in 1..=length {
        let value = each.replace("{}", &format!("r{}", at - 1));
        writeln!(text, "r{at} := {value}\n").expect("a text can be written to");
    }
    text
}

fn deny(rules: &str, body: &str) -> String {
    format!("{rules}\ndeny contains msg if {{\n\tinput.a\n\t{body}\n}}\n")
}

#[test]
fn values_that_are_too_large_to_work_with_are_refused_and_others_are_not() {
    let doubled = chain("[1]", "[{}, {}]", 30);
    let twice = chain("{\"a\": 1}", "{\"a\": {}, \"b\": {}}", 30);
    let cases = [
        (
            "doubled until it is too large",
            deny(&doubled, "count(r30) == 1\n\tmsg := \"x\""),
        ),
        (
            "a result that is too large",
            deny(&doubled, "msg := {\"msg\": \"x\", \"all\": r25}"),
        ),
        (
            "an order that is known at once",
            deny(&doubled, "r28 <= r28\n\tr28 == r28\n\tmsg := \"x\""),
        ),
        ("its text", deny(&doubled, "msg := sprintf(\"%v\", [r28])")),
        ("its text in a template", deny(&doubled, "msg := $\"{r28}\"")),
        ("its text printed", deny(&doubled, "print(r28)\n\tmsg := \"x\"")),
        ("its JSON", deny(&doubled, "msg := json.marshal(r28)")),
        (
            "a union of what is doubled",
            deny(
                &twice,
                "count(object.union(r25, object.union(r25, {\"y\": 1}))) == 1\n\tmsg := \"x\"",
            ),
        ),
        (
            "nested by a chain of rules",
            deny(&chain("1", "[{}]", 2500), "msg := {\"msg\": \"x\", \"all\": r2500}"),
        ),
        (
            "nested within limits",
            deny(&chain("1", "[{}]", 500), "r500[0][0]\n\tmsg := \"x\""),
        ),
        (
            "an input put into itself",
            deny(
                "package main\n\nr0 if input.a",
                "r0 with input.a as input with input.b as input with input.c as input\n\tmsg := \"x\"",
            ),
        ),
        (
            "copies of a document in itself",
            deny(
                "package main\n",
                "ops := [{\"op\": \"copy\", \"from\": \"\", \"path\": sprintf(\"/%d\", [i])} | some i in numbers.range(1, 60)]\n\t\
                 msg := {\"msg\": \"x\", \"all\": json.patch({}, ops)}",
            ),
        ),
    ];
    let told = cases.map(|(name, policy)| format!("{name}: {}", said(&policy, "{\"a\": 1}")));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_length_of_a_file_is_no_depth() {
    let mut functions = "package main\n\nf0(x) := x\n".to_owned();
    for at in 1..=1000 {
        writeln!(functions, "f{at}(x) := f{}(x) + 1", at - 1).expect("a text can be written to");
    }
    let long = format!("package a{}\n\ndeny contains \"x\" if input.a\n", ".a".repeat(50_000));
    let rule = format!("package main\n\na{} := 1\n", ".a".repeat(50_000));
    let told = [
        said(&deny(&functions, "msg := sprintf(\"%d\", [f1000(0)])"), "{\"a\": 1}"),
        said(&long, "{\"a\": 1}"),
        said(&rule, "{\"a\": 1}"),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

/// Statements in statements are checked again for each around them, as in OPA, and yet not without end.
#[test]
fn a_million_prints_and_templates_in_templates_stay_within_the_timeout() {
    let template = (0..80).fold("input.a".to_owned(), |inner, _| format!("$\"a{{{inner}}}\""));
    let templates = deny("package main\n", &format!("count({template}) > 1\n\tmsg := \"x\""));
    let prints = deny(
        "package main\n",
        "some i in numbers.range(1, 1000000)\n\tprint(\"line\", i)\n\ti > 1000000\n\tmsg := \"x\"",
    );
    insta::assert_snapshot!(said(&templates, "{\"a\": 1}"));
    // How many prints a debug build makes in the time depends on the machine.
    let told = said(&prints, "{\"a\": 1}");
    let ends = told.starts_with("Some(0)") || told.ends_with("it took longer than it may");
    assert!(ends, "{told}");
}
