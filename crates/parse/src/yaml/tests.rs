//! What is underlined for each way to write a value, and what is said of mistakes.

use super::Schema;
use crate::document::{Node, Spans};
use crate::{Format, MAX_NODES, ParseError, Parsed};
use kpolicy_value::Value;

fn parse(text: &str) -> Result<Vec<Node>, ParseError> {
    Format::Yaml.parse(text)
}

fn read(text: &str, schema: Schema) -> Result<Parsed, ParseError> {
    super::read(text, schema, MAX_NODES)
}

/// Each value of a text in the order of its keys: path, text of its key, text of the value.
fn shown(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, node) in parse(text).expect("YAML").iter().enumerate() {
        show(&index.to_string(), &node.value, &node.spans, text, &mut lines);
    }
    lines
}

fn show(path: &str, value: &Value, spans: &Spans, text: &str, lines: &mut Vec<String>) {
    let slice = |span: crate::document::Span| &text[span.start as usize..span.end as usize];
    lines.push(format!("{path}: {:?} {:?}", slice(spans.key), slice(spans.value)));
    let children = spans.children.as_deref().unwrap_or_default();
    let names: Vec<String> = match value {
        Value::Object(object) => object.iter().map(|(key, _)| key.key_text()).collect(),
        _ => (0..children.len()).map(|at| at.to_string()).collect(),
    };
    for (name, child) in names.iter().zip(children) {
        let part = match (value, name.parse::<usize>()) {
            (Value::Array(items), Ok(at)) => &items[at],
            _ => value.field(name).expect("its own key"),
        };
        show(&format!("{path}.{name}"), part, child, text, lines);
    }
}

/// The lines of a text below its document as a whole.
fn parts(text: &str) -> Vec<String> {
    shown(text).split_off(1)
}

#[test]
fn blocks_end_with_their_last_part() {
    assert_eq!(
        shown("a:\n  b: 1 # c\n# d\n\ne: 2\n"),
        [
            r#"0: "" "a:\n  b: 1 # c\n# d\n\ne: 2""#,
            r#"0.a: "a" "b: 1""#,
            r#"0.a.b: "b" "1""#,
            r#"0.e: "e" "2""#,
        ]
    );
}

#[test]
fn lists_start_at_their_first_dash() {
    assert_eq!(
        parts("a:\n- x\n- 'y'\n"),
        [r#"0.a: "a" "- x\n- 'y'""#, r#"0.a.0: "" "x""#, r#"0.a.1: "" "'y'""#]
    );
}

#[test]
fn an_alias_is_itself_and_its_parts_are_in_the_definition() {
    assert_eq!(
        parts("a: &x {b: 1}\nc: *x\n"),
        [
            r#"0.a: "a" "{b: 1}""#,
            r#"0.a.b: "b" "1""#,
            r#"0.c: "c" "*x""#,
            r#"0.c.b: "b" "1""#
        ]
    );
}

#[test]
fn merged_entries_are_in_the_definition_and_own_ones_where_they_are_written() {
    let merged = [r#"0.a: "a" "{b: 1, c: 2}""#, r#"0.a.b: "b" "1""#, r#"0.a.c: "c" "2""#];
    let text = "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n";
    assert_eq!(parts(text)[..3], merged);
    assert_eq!(parts(text)[4..], [r#"0.d.b: "b" "1""#, r#"0.d.c: "c" "3""#]);
    let tagged = "a: &x {b: 1, c: 2}\nd: {!!merge <<: *x, c: 3}\n";
    assert_eq!(parts(tagged)[4..], [r#"0.d.b: "b" "1""#, r#"0.d.c: "c" "3""#]);
}

#[test]
fn block_scalars_start_at_their_mark_and_end_with_their_text() {
    assert_eq!(
        parts("a: |- # c\n  x\n  y\n\nb: >+\n  z\n\n\nc: 1\n"),
        [
            r#"0.a: "a" "|- # c\n  x\n  y""#,
            r#"0.b: "b" ">+\n  z""#,
            r#"0.c: "c" "1""#
        ]
    );
}

#[test]
fn flow_collections_have_their_brackets() {
    assert_eq!(
        parts("a: [ 1,\n  {b: \"x\"} ] # c\n"),
        [
            r#"0.a: "a" "[ 1,\n  {b: \"x\"} ]""#,
            r#"0.a.0: "" "1""#,
            r#"0.a.1: "" "{b: \"x\"}""#,
            r#"0.a.1.b: "b" "\"x\"""#,
        ]
    );
}

#[test]
fn keys_behind_a_question_mark_are_keys() {
    assert_eq!(
        parts("? 'a b'\n: 1\n? c\n"),
        [r#"0.a b: "'a b'" "1""#, r#"0.c: "c" """#]
    );
}

#[test]
fn an_empty_value_is_empty_behind_its_key() {
    let text = "a:\nb: {c: , d}\n";
    assert_eq!(
        parts(text),
        [
            r#"0.a: "a" """#,
            r#"0.b: "b" "{c: , d}""#,
            r#"0.b.c: "c" """#,
            r#"0.b.d: "d" """#
        ]
    );
}

#[test]
fn each_document_has_its_own_places() {
    assert_eq!(
        shown("%YAML 1.2\n---\na: é\n--- # two\n- b\n...\n---\n"),
        [
            r#"0: "" "a: é""#,
            r#"0.a: "a" "é""#,
            r#"1: "" "- b""#,
            r#"1.0: "" "b""#,
            r#"2: "" """#
        ]
    );
}

#[test]
fn the_later_of_two_keys_has_the_place() {
    assert_eq!(parts("a: 1\na: 2\n"), [r#"0.a: "a" "2""#]);
    let nodes = parse("a: 1\na: 2\n").expect("YAML");
    let place = nodes[0].spans.children.as_deref().expect("an entry")[0].value;
    assert_eq!((place.start, place.end), (8, 9));
}

#[test]
fn an_alias_of_nothing_is_wrong_as_a_whole() {
    let text = "a: [*nothing, 1]\n";
    let error = parse(text).expect_err("no such anchor");
    assert_eq!(&text[error.span.start as usize..error.span.end as usize], "*nothing");
}

#[test]
fn control_characters_are_refused_and_other_scripts_read() {
    for (text, at) in [("a: \u{1}\n", 3..4), ("a: é\u{9f}\n", 5..7), ("a: \u{7f}\n", 3..4)] {
        let error = parse(text).expect_err("a control character");
        assert_eq!(error.span.start as usize..error.span.end as usize, at);
    }
    assert!(parse("a: \u{1F600}\u{85}\n").is_ok());
}

/// What is said of a text: the message, the next step, and what is underlined.
fn said(text: &str) -> (String, String, &str) {
    let error = parse(text).expect_err("a mistake");
    let span = error.span.start as usize..error.span.end as usize;
    (error.message, error.help.unwrap_or_default().into_string(), &text[span])
}

#[test]
fn mistakes_are_told_with_what_to_write() {
    let tab = "replace it with spaces; YAML allows no tabs there";
    let cases = [
        ("a:\n\tb: 1\n", "a tab is used for indentation", tab, "\t"),
        ("a: 1\nb:\n  c: 1\n\td: 2\n", "a tab is used for indentation", tab, "\t"),
        ("a: @b # c\n", "a value cannot start with `@`", "quote it: '@b'", "@"),
        ("a: %b\n", "a value cannot start with `%`", "quote it: '%b'", "%"),
        (
            "a: `it's`\n",
            "a value cannot start with ```",
            "quote it: '`it''s`'",
            "`",
        ),
        (
            "host: *.example.com\n",
            "`*` starts an alias, but no name of letters, digits, `-` and `_` follows",
            "to write the text itself, quote it: '*.example.com'",
            "*.example.com",
        ),
        (
            "a: *b\n",
            "unknown anchor: no `&b` precedes this alias",
            "define it with `&b` in the same document, or quote the text: '*b'",
            "*b",
        ),
        (
            "message: error: it broke\n",
            "`: ` within a value starts a mapping, which is not allowed here",
            "quote the value: 'error: it broke'",
            ":",
        ),
        (
            "a:\n  - b\n - c\n",
            "the mapping that starts on line 1 continues with a key or ends, but `- c` follows",
            "indent all items of the list alike, below their key",
            "-",
        ),
        (
            "a: 'b\nc: d\n",
            "the quote ' that opens here is not closed by line 2",
            "close it with '; within the text, write ' as ''",
            "'",
        ),
        (
            "a: [b,\n  c\n",
            "the bracket [ that opens here is not closed by line 2",
            "close it with ], or quote the text that starts with [",
            "[",
        ),
        (
            "a: {b: 1\n",
            "the bracket { that opens here is not closed by line 1",
            "close it with }, or quote the text that starts with {",
            "{",
        ),
        (
            "a: {{ .Values.a }}\n",
            "a sequence or mapping cannot be a key",
            "the text contains `{{` outside of quotes, as templates do: render it first (helm template, kustomize build), or quote the value",
            "{ .Values.a }",
        ),
        (
            "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n",
            "the file contains an unresolved merge conflict",
            "resolve it: keep one side, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`",
            "<<<<<<< HEAD",
        ),
        (
            "a: 1\nb:2\n",
            "expected a key, but no `: ` follows `b:2`",
            "write a space after the colon: `b: 2`",
            "b:2",
        ),
    ];
    for (text, message, help, underlined) in cases {
        assert_eq!(said(text), (message.to_owned(), help.to_owned(), underlined), "{text}");
    }
}

#[test]
fn what_is_read_otherwise_than_it_seems_is_noted() {
    let noted = |text: &str| {
        let parsed = read(text, Schema::Kubernetes).expect("YAML");
        let place = |span: crate::document::Span| format!("{}..{}", span.start, span.end);
        let duplicates = parsed.duplicates.into_iter();
        let told = duplicates.map(|(earlier, later)| format!("{} {}", place(earlier), place(later)));
        told.chain(parsed.unread.into_iter().map(place)).collect::<Vec<_>>()
    };
    assert_eq!(
        noted("a: 1\nb: {c: 1, \"c\": 2}\na: 3\na: 4\n"),
        ["9..10 15..18", "0..1 23..24", "23..24 28..29"]
    );
    assert!(noted("a: &x {b: 1}\nc: {<<: *x, b: 2}\nd: {b: 1, <<: *x}\n").is_empty());
    assert_eq!(noted("  a: 1\nb: 2\n"), ["7..7"]);
    assert_eq!(noted("a: 1\n...\nb\n---\nc: 1\n"), ["9..10"]);
}

#[test]
fn scalars_are_those_of_the_schema() {
    let value = |text: &str, schema| {
        let mut documents = read(text, schema).expect("YAML").documents;
        documents.remove(0).value.to_json().to_string()
    };
    let text = "[yes, on, n, true, 0o17, 010, 1_000, .inf-, 0b11, \"1\", ~]";
    assert_eq!(
        value(text, Schema::Kubernetes),
        r#"[true,true,false,true,15,8,1000,".inf-",3,"1",null]"#
    );
    assert_eq!(
        value(text, Schema::Core),
        r#"["yes","on","n",true,15,8,1000,".inf-",3,"1",null]"#
    );
    let merged = "x: &x {a: 1, b: 1}\ny: &y {b: 2}\nz: {b: 3, <<: *x}\nw: {<<: *x, <<: *y}\n";
    assert!(value(merged, Schema::Kubernetes).contains(r#""w":{"a":1,"b":2}"#));
    assert!(value(merged, Schema::Kubernetes).contains(r#""z":{"a":1,"b":1}"#));
    assert!(value(merged, Schema::Core).contains(r#""w":{"a":1,"b":1}"#));
    assert!(value(merged, Schema::Core).contains(r#""z":{"a":1,"b":3}"#));
    assert!(read("  a: 1\nb: 2\n", Schema::Core).is_err());
    assert!(read("[a: 1 # x", Schema::Core).is_err());
    assert!(read("%YAML 1.2\n---\na: 1\n", Schema::Core).is_err());
}

#[test]
fn what_json_has_not_counts_only_where_it_stays() {
    assert!(parse("a: .inf\n").is_err());
    assert!(parse("a: &x .nan\nb: *x\na: 1\n").is_err());
    assert!(parse("~: 1\n").is_err());
    assert_eq!(parts("a: .inf\na: 1\n"), [r#"0.a: "a" "1""#]);
    assert_eq!(parts("a: {~: 1}\na: 1\n"), [r#"0.a: "a" "1""#]);
    assert_eq!(parts("456789.125: 1\n"), [r#"0.456789.12: "456789.125" "1""#]);
    assert_eq!(parts(".inf: 1\n"), [r#"0..inf: ".inf" "1""#]);
}

#[test]
fn a_thousand_levels_are_read_without_recursion() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(900)).is_ok());
    assert!(parse(&nested(1001)).is_err());
    assert!(parse(&"- ".repeat(5000)).is_err());
    assert!(parse(&"{a: ".repeat(100_000)).is_err());
}
