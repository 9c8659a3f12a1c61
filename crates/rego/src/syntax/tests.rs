use super::parse;
use super::tree::{Dialect, ExpressionKind, Module, Scope, TermKind};

const ALL: &str = "import future.keywords\n";

fn module(text: &str, dialect: Dialect) -> Module {
    let text = format!("package a\n{text}");
    parse(&text, dialect).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

/// The errors of a v1 file, each with the text it points at and its help.
fn errors(text: &str) -> String {
    let text = format!("package a\n{text}");
    let errors = parse(&text, Dialect::V1).err().unwrap_or_default();
    let line = |error: &super::SyntaxError| {
        let help = error.help.as_deref().unwrap_or("-");
        format!("{:?}: {} ({help})", error.span.of(&text), error.message)
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_form_of_a_rule_is_read() {
    for text in [
        "default p",
        "default f(_) := 1",
        "f() := 1",
        "f(x)",
        "x + 1 := 2",
        "eq(p, 1)",
        "p if {true} {false}",
        "p [x] := 1 if x := 2",
        "p contains 1",
        "p.q[r].s contains x if x := r",
        "p := 1 if { false } else := 2 if { true } else := 3",
        "p := [(x * 2) | some x in xs]",
        "p := [a | b, c]",
        "p if { every k, v in xs { k > v } }",
        "p if input.if.contains with input as 1 with data.x as 2",
        "p := $\"a{input.x}b\"",
        "p := $`a{[$\"{1}\"]}\n`",
    ] {
        module(text, Dialect::V1);
    }
}

#[test]
fn v0_reads_its_own_forms_and_what_it_imports() {
    for text in [
        "p[x] { x = 1 }",
        "p { true } { false }",
        "p = 1 { false } else = 2 { true }",
        "import future.keywords.not\np { not { false } }",
        "import future.keywords\np if { a and b or c }",
        "import rego.v2\np if { a and not { b; c } or c }",
    ] {
        module(text, Dialect::V0);
    }
    assert_eq!(module("p { true } { false }", Dialect::V0).rules.len(), 2);
    assert_eq!(module("import rego.v1\np if true", Dialect::V0).dialect, Dialect::V1);
    assert!(parse("package a\nimport rego.v1\np { true }", Dialect::V0).is_err());
    assert!(parse("package a\np := $\"\"", Dialect::V0).is_err());
}

#[test]
fn a_pipe_is_a_comprehension_where_one_can_be_read() {
    let value = |text: &str| {
        module(text, Dialect::V1)
            .rules
            .remove(0)
            .head
            .value
            .expect("it was written")
            .kind
    };
    assert!(matches!(value("p := {a | b}"), TermKind::SetComprehension(..)));
    assert!(matches!(value("p := {a | b, c}"), TermKind::Set(members) if members.len() == 2));
    assert!(matches!(value("p := {a: b | c, d: e}"), TermKind::Object(entries) if entries.len() == 2));
    assert!(matches!(value("p := {a: b | c}"), TermKind::ObjectComprehension(..)));
}

#[test]
fn and_binds_tighter_than_or() {
    let module = module(&format!("{ALL}p if {{ a or b and not {{ c }} }}"), Dialect::V1);
    let ExpressionKind::Or(_, right) = &module.rules[0].body[0].kind else {
        panic!("{:?}", module.rules[0].body);
    };
    assert!(matches!(right.body[0].kind, ExpressionKind::And(..)));
}

#[test]
fn escapes_are_read_as_json_has_them() {
    let module = module(r#"p := "\u00e9\ud83d\ude00\ud800\/\n""#, Dialect::V1);
    let value = module.rules[0].head.value.as_ref().expect("it was written");
    assert!(matches!(&value.kind, TermKind::String(text) if &**text == "é😀\u{fffd}/\n"));
}

#[test]
fn metadata_belongs_to_what_follows_it() {
    let text = "# METADATA\n# title: 5\n# entrypoint: true\np := 1\n# METADATA\n# scope: rule\nq := 2\n";
    let annotations = module(text, Dialect::V1).annotations;
    let found: Vec<_> = annotations.iter().map(|block| (block.scope, block.rule)).collect();
    assert_eq!(found, [(Scope::Document, Some(0)), (Scope::Rule, Some(1))]);
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    insta::assert_snapshot!(errors("p { x }\n\nq if {\n\tx = = 1\n}\n\nr := )\n\ns[x] { x := 1 }\n"));
}

#[test]
fn usual_mistakes_have_a_next_step() {
    let usual = [
        "p if {\n\tx\n\nq := 1",
        "p := \"\\d\"",
        "p := \"a",
        "p if { !x }",
        "p if { a b }",
        "p := {k: v * 2 | some k, v in x}",
        "default p := x",
        "p := 1 if { true } else { true }",
        "import foo",
        "p := 01",
        "p := $\"{not x}\"",
        "count(x)",
    ];
    insta::assert_snapshot!(usual.map(errors).join("\n"));
}

#[test]
fn faults_of_metadata_are_told() {
    let blocks = [
        "title: [a",
        "scope: foo",
        "scope: package",
        "authors: [{}]",
        "schemas: [input: x]",
    ];
    let found = blocks.map(|block| errors(&format!("# METADATA\n# {block}\np := 1")));
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn what_nests_too_deep_is_refused_on_a_small_stack() {
    let nested = |open: &str, close: &str| {
        format!(
            "package a\n{ALL}p if {{{}1{}}}",
            open.repeat(10_000),
            close.repeat(10_000)
        )
    };
    let texts = [
        nested("[", "]"),
        nested("{", "}"),
        nested("(", ")"),
        nested("[x | x := ", "]"),
        nested("not { ", "}"),
        nested("(not ", " and true)"),
        nested("every x in xs { ", "}"),
        nested("$\"{", "}\""),
        nested("[a | ", ", b]"),
        nested("1 + ", ""),
    ];
    let parsing = move || texts.map(|text| parse(&text, Dialect::V1).is_err());
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let refused = small
        .spawn(parsing)
        .expect("a thread starts")
        .join()
        .expect("no overflow");
    assert_eq!(refused, [true; 10]);
}
