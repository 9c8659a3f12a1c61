use std::time::{Duration, Instant};

use super::*;

const SCHEMA: &str = "type Query { a: Query b(x: [I]): Int } input I { i: I j: Int }";

fn valid(context: &mut Context, query: &str) -> Answer {
    is_valid(context, &[&query.into(), &SCHEMA.into()])
}

/// Runs a test with the stack of a thread that evaluates.
fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(128 << 20).spawn(test);
    thread.expect("a thread").join().expect("the test ends well");
}

#[test]
fn deep_documents_are_rejected() {
    on_a_large_stack(|| {
        for (open, close) in [("{ a ", "}"), ("{ b(x: ", ")}"), ("[", "]"), ("{i: ", "}")] {
            let deep = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
            assert_eq!(valid(&mut Context::new(None), &deep), Ok(Some(false.into())));
        }
        let types = format!("type Query {{ a: {}Int{} }}", "[".repeat(100_000), "]".repeat(100_000));
        let answer = schema_is_valid(&mut Context::new(None), &[&Value::string(types)]);
        assert_eq!(answer, Ok(Some(false.into())));
        let good = format!("{}b{}", "{ a ".repeat(900), "}".repeat(900)).replace("a b", "a { b }");
        assert_eq!(valid(&mut Context::new(None), &good), Ok(Some(true.into())));
    });
}

#[test]
fn long_chains_reach_a_limit() {
    on_a_large_stack(|| {
        let chain: String = (0..5000)
            .map(|at| format!("fragment F{at} on Query {{ a {{ ...F{} }} }} ", at + 1))
            .collect();
        let query = format!("{{ ...F0 }} {chain} fragment F5000 on Query {{ a {{ b }} }}");
        let answer = valid(&mut Context::new(None), &query);
        assert!(matches!(answer, Err(Failure::Limit(_))), "{answer:?}");
        let inputs: String = (0..5000)
            .map(|at| format!("input I{at} {{ f: I{}! }} ", at + 1))
            .collect();
        let schema = format!("type Query {{ a: Int }} {inputs} input I5000 {{ f: Int }}");
        let answer = schema_is_valid(&mut Context::new(None), &[&Value::string(schema)]);
        assert!(matches!(answer, Err(Failure::Limit(_))), "{answer:?}");
    });
}

#[test]
fn fragments_that_spread_each_other_end() {
    on_a_large_stack(|| {
        let cycle = "{ ...A } fragment A on Query { a { ...B a { ...A } } } fragment B on Query { a { ...A ...B } }";
        assert_eq!(valid(&mut Context::new(None), cycle), Ok(Some(false.into())));
        let doubled: String = (0..60)
            .map(|at| format!("fragment F{at} on Query {{ a {{ ...F{0} }} a {{ ...F{0} }} }} ", at + 1))
            .collect();
        let query = format!("{{ ...F0 }} {doubled} fragment F60 on Query {{ b }}");
        let soon = Some(Instant::now() + Duration::from_secs(5));
        assert_eq!(valid(&mut Context::new(soon), &query), Ok(Some(true.into())));
    });
}

#[test]
fn a_comparison_of_many_fields_ends_with_the_time() {
    on_a_large_stack(|| {
        let query = format!("{{ {} }}", "a { b } ".repeat(20_000));
        let soon = Some(Instant::now() + Duration::from_millis(50));
        assert_eq!(valid(&mut Context::new(soon), &query), Err(Failure::Timeout));
    });
}
