//! Every line of `cases.jsonl` is an operation, its operands and OPA's result; see tests/opa/expect.rego.

use super::*;
use kpolicy_value::Value;

fn compute_case(op: &str, args: &[Number]) -> Outcome {
    match (op, args) {
        ("plus", [a, b]) => plus(a, b),
        ("minus", [a, b]) => minus(a, b),
        ("times", [a, b]) => times(a, b),
        ("divide", [a, b]) => divide(a, b),
        ("rem", [a, b]) => rem(a, b),
        ("abs", [a]) => abs(a),
        ("ceil", [a]) => ceil(a),
        ("floor", [a]) => floor(a),
        ("round", [a]) => round(a),
        _ => panic!("no operation {op} on {} numbers", args.len()),
    }
}

#[test]
fn the_result_is_opas() {
    let mut wrong = Vec::new();
    for line in include_str!("cases.jsonl").lines() {
        let case = Value::from_json(&serde_json::from_str(line).expect("a case is JSON"));
        let args = case
            .field("args")
            .and_then(Value::as_array)
            .expect("a case has operands");
        let args: Vec<Number> = args
            .iter()
            .map(|arg| match arg {
                Value::Number(number) => number.clone(),
                other => panic!("{other:?} is no number"),
            })
            .collect();
        let op = case
            .field("op")
            .and_then(Value::as_str)
            .expect("a case has an operation");
        let got = compute_case(op, &args).ok().map(|number| number.to_string());
        if got.as_deref() != case.field("want").and_then(Value::as_str) {
            wrong.push(format!("{line}\n  got {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn faults_are_told_apart() {
    let number = |text| Number::parse(text).expect("a number");
    assert_eq!(
        divide(&number("0"), &number("-0.0")),
        Err(ArithmeticError::DivideByZero)
    );
    assert_eq!(rem(&number("1"), &number("0e5")), Err(ArithmeticError::ModuloByZero));
    assert_eq!(rem(&number("1.5"), &number("0")), Err(ArithmeticError::ModuloOnFloat));
    for huge in ["1e999999999", "-1e-99999999999999999999", "1e100001"] {
        assert_eq!(plus(&number(huge), &number("0.5")), Err(ArithmeticError::TooLarge));
        assert_eq!(round(&number(huge)), Err(ArithmeticError::TooLarge));
    }
    let large = number("1e90000");
    assert_eq!(
        times(&large, &large).and_then(|square| times(&square, &square)),
        Err(ArithmeticError::TooLarge)
    );
}
