use super::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kpolicy_value::Value;

fn data() -> Val {
    Val::of(&Value::object(vec![
        ("a".into(), "x".into()),
        ("n".into(), Value::Null),
    ]))
}

fn run(template: Template, data: Val) -> Result<String, Failure> {
    let out = template.execute(&mut Context::new(None), data)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn rendered(text: &str) -> Result<String, Failure> {
    run(Template::parse("t", text).map_err(Failure::Builtin)?, data())
}

/// Runs a test with the stack of a thread that evaluates.
fn on_a_large_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test);
    thread.expect("a thread").join().expect("the test ends well");
}

#[test]
fn missing_keys_give_what_the_option_says() {
    let with = |option| {
        let template = Template::parse("t", "{{.b}}{{.b.c}}").expect("it parses");
        run(template.missing_key(option), data())
    };
    assert_eq!(with(MissingKey::Invalid), Ok("<no value><no value>".to_owned()));
    let message = |at: usize, shown: &str, words: &str| {
        Err(Failure::Builtin(format!(
            "template: t:1:{at}: executing \"t\" at <{shown}>: {words}"
        )))
    };
    let nil = "nil pointer evaluating interface {}.c";
    assert_eq!(with(MissingKey::Zero), message(10, ".b.c", nil));
    let missing = "map has no entry for key \"b\"";
    assert_eq!(with(MissingKey::Error), message(2, ".b", missing));
}

#[test]
fn records_have_fields_and_a_text() {
    let name = Arc::new(Record {
        type_name: "url.URL",
        text: Some("https://a.example".to_owned()),
        fields: Vec::new(),
    });
    let section = Arc::new(Record {
        type_name: "document.Section",
        text: None,
        fields: vec![("Depth", Val::Int(2)), ("Ref", Val::Record(name))],
    });
    let sections = Val::Slice("document.Document", [Val::Record(section)].into());
    let run = |text: &str| run(Template::parse("t", text).expect("it parses"), sections.clone());
    let good = "{{range .}}{{.Depth}} {{.Ref}} {{printf \"%s|%v\" .Ref .}}{{end}}{{len .}}";
    assert_eq!(
        run(good),
        Ok("2 https://a.example https://a.example|{2 https://a.example}1".to_owned())
    );
    let error = "template: t:1:13: executing \"t\" at <.Title>: can't evaluate field Title in type document.Section";
    assert_eq!(
        run("{{range .}}{{.Title}}{{end}}"),
        Err(Failure::Builtin(error.to_owned()))
    );
}

#[test]
fn templates_that_call_themselves_without_end_are_stopped() {
    on_a_large_stack(|| {
        let endless = "{{define \"T\"}}{{if true}}{{(template)}}{{end}}{{end}}";
        assert!(Template::parse("t", endless).is_err());
        let endless = "{{define \"T\"}}{{if true}}{{with 1}}{{template \"T\"}}{{end}}{{end}}{{end}}{{template \"T\"}}";
        assert!(matches!(rendered(endless), Err(Failure::Limit(_))));
    });
}

#[test]
fn deep_templates_are_refused() {
    on_a_large_stack(|| {
        for (open, close) in [("{{if 1}}", "{{end}}"), ("{{define \"a\"}}", "{{end}}"), ("{{(", ")}}")] {
            let deep = open.repeat(100_000) + &close.repeat(100_000);
            assert!(Template::parse("t", &deep).is_err());
        }
        let parentheses = format!("{{{{{}1{}}}}}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(Template::parse("t", &parentheses).is_err());
        let parentheses = format!("{{{{{}1{}}}}}", "(".repeat(900), ")".repeat(900));
        assert_eq!(rendered(&parentheses), Ok("1".to_owned()));
        let chain = format!("{{{{if 0}}}}{}{{{{end}}}}", "{{else if 0}}".repeat(100_000));
        assert!(Template::parse("t", &chain).is_err());
    });
}

#[test]
fn long_loops_end_with_the_time_and_large_results_are_not_built() {
    let template = |text: &str| Template::parse("t", text).expect("it parses");
    let soon = Some(Instant::now() + Duration::from_millis(20));
    let endless = template("{{range 9000000000000000000}}{{end}}");
    let outcome = endless.execute(&mut Context::new(soon), Val::Nil);
    assert_eq!(outcome, Err(Failure::Timeout));
    for large in [
        "{{range 1000000000}}0123456789012345678901234567890123456789012345678901234567890123456789{{end}}",
        "{{$x := \"xxxxxxxx\"}}{{range 60}}{{$x = print $x $x}}{{end}}",
        "{{$x := \"xxxxxxxx\"}}{{range 60}}{{$x = printf \"%s%s\" $x $x}}{{end}}",
        "{{printf \"%1000000d%1000000d\" 1 2 | printf \"%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s%[1]s\"}}",
    ] {
        assert!(matches!(rendered(large), Err(Failure::Limit(_))), "{large}");
    }
}
