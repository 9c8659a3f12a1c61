use std::time::{Duration, Instant};

use super::*;
use kpolicy_parse::Format;

fn value(json: &str) -> Value {
    Format::Json.parse(json).expect("it is JSON")[0].value.clone()
}

fn matched(context: &mut Context, document: &str, schema: &str) -> Answer {
    match_schema(context, &[&value(document), &value(schema)])
}

/// Runs a test with the stack of a thread that evaluates.
fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test);
    thread.expect("a thread").join().expect("the test ends well");
}

#[test]
fn schemas_that_only_refer_to_themselves_are_stopped() {
    on_a_large_stack(|| {
        for schema in [
            r##"{"$ref": "#"}"##,
            r##"{"allOf": [{"$ref": "#"}]}"##,
            r##"{"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}, "$ref": "#/definitions/a"}"##,
            r##"{"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "not": {"$ref": "#"}}"##,
        ] {
            let answer = matched(&mut Context::new(None), "{}", schema);
            assert!(matches!(answer, Err(Failure::Limit(_))), "{schema}: {answer:?}");
        }
    });
}

#[test]
fn deep_schemas_documents_and_chains_of_references_are_refused() {
    on_a_large_stack(|| {
        let chain = (0..5000).map(|at| format!("\"d{at}\": {{\"$ref\": \"#/definitions/d{}\"}}", at + 1));
        let chain: Vec<String> = chain.chain(["\"d5000\": {}".to_owned()]).collect();
        let chain = format!(
            "{{\"definitions\": {{{}}}, \"$ref\": \"#/definitions/d0\"}}",
            chain.join(",")
        );
        let answer = matched(&mut Context::new(None), "{}", &chain);
        assert!(matches!(answer, Err(Failure::Limit(_))), "{answer:?}");
        let deep = "[".repeat(2000) + &"]".repeat(2000);
        let operands = [Value::string(deep), Value::object(Vec::new())];
        let answer = match_schema(&mut Context::new(None), &[&operands[0], &operands[1]]);
        assert!(matches!(answer, Err(Failure::Limit(_))), "{answer:?}");
    });
}

#[test]
fn schemas_that_branch_without_end_are_stopped_by_the_time() {
    let level = |at: usize| {
        let next = format!("{{\"$ref\": \"#/definitions/d{}\"}}", at + 1);
        format!("\"d{at}\": {{\"anyOf\": [{next}, {next}]}}")
    };
    let mut levels: Vec<String> = (0..60).map(level).collect();
    levels.push("\"d60\": false".to_owned());
    let schema = format!(
        "{{\"definitions\": {{{}}}, \"$ref\": \"#/definitions/d0\"}}",
        levels.join(",")
    );
    on_a_large_stack(move || {
        let soon = Some(Instant::now() + Duration::from_millis(50));
        let answer = matched(&mut Context::new(soon), "{}", &schema);
        assert!(
            matches!(answer, Err(Failure::Timeout | Failure::Limit(_))),
            "{answer:?}"
        );
    });
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let verified = |reference: &str| {
        let schema = value(&format!("{{\"$ref\": \"{reference}\"}}"));
        let answer = verify_schema(&mut Context::new(None), &[&schema]).expect("it has an answer");
        let answer = answer.expect("it is defined");
        answer.as_array().expect("a pair")[1]
            .as_str()
            .expect("an error")
            .to_owned()
    };
    assert_eq!(
        verified("http://localhost:1/schema.json#/a"),
        "jsonschema: remote reference loading disabled: http://localhost:1/schema.json#/a"
    );
    assert_eq!(
        verified("file:///etc/passwd"),
        "jsonschema: file reference loading disabled: file:///etc/passwd"
    );
}

#[test]
fn doubles_are_written_as_go_writes_them() {
    let text = |number: &str| double(&Number::parse(number).expect("a number")).map(|number| number.to_string());
    for (number, expected) in [
        ("1.0", "1"),
        ("-0.0", "-0"),
        ("0.1", "0.1"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("1.5e300", "1.5e+300"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("9007199254740993", "9007199254740992"),
    ] {
        assert_eq!(text(number).as_deref(), Ok(expected));
    }
    assert!(text("1e400").is_err());
}
