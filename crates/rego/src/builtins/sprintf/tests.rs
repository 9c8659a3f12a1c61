//! Every line of `cases.jsonl` is a format, its arguments and what OPA makes of them; see tests/opa/expect.rego.
//!
//! Exponents are all written `e+3` or `e-3`, because serde_json would rewrite them to that.

use super::*;

#[test]
fn the_text_is_opas() {
    let mut wrong = Vec::new();
    for line in include_str!("cases.jsonl").lines() {
        let case = Value::from_json(&serde_json::from_str(line).expect("a case is JSON"));
        let text = |name| case.field(name).and_then(Value::as_str).expect("a case has this text");
        let args = case
            .field("args")
            .and_then(Value::as_array)
            .expect("a case has arguments");
        let got = sprintf(text("format").as_bytes(), args);
        let got = got.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        if got.as_deref() != Ok(text("want")) {
            wrong.push(format!("{line}\n  got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_cannot_be_reproduced_or_held_is_refused() {
    let large = Value::from_json(&serde_json::from_str("123456789012345678901234567890").expect("a number"));
    assert_eq!(sprintf(b"%p", &[large]), Err(SprintfError::Address));
    let wide = "%1000000[1]d".repeat(100);
    assert_eq!(sprintf(wide.as_bytes(), &[1i64.into()]), Err(SprintfError::TooLong));
}

#[test]
fn composites_become_their_text() {
    let set = Value::set(vec!["b".into(), "a".into()]);
    assert_eq!(
        sprintf(b"%v %s|%q", &[set.clone(), Value::Null, set]).as_deref(),
        Ok(br#"{"a", "b"} null|"{\"a\", \"b\"}""#.as_slice())
    );
}
