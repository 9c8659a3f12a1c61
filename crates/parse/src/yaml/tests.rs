//! What is underlined for each way to write a value.

use crate::document::{Node, Spans};
use crate::{MAX_NODES, Meter, ParseError};
use kpolicy_value::Value;

fn parse(text: &str) -> Result<Vec<Node>, ParseError> {
    super::parse(text, Meter::new(MAX_NODES)).map(|parsed| parsed.documents)
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
