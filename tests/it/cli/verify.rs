//! `kpolicy verify`: which rules are tests, what passes, and what a failure shows. The outcomes are those of `opa test`.

use insta::assert_snapshot;

use super::{project, run};

const MAIN: &str = r#"package main

deny contains msg if {
	some container in input.spec.containers
	endswith(container.image, ":latest")
	msg := sprintf("%s is mutable", [container.name])
}

port := 1 if input.a

port := 2 if input.b

fetched := http.send({"url": "http://localhost", "method": "GET"}).body
"#;

const TESTS: &str = r#"package main_test

import data.main

pod := {"spec": {"containers": [{"name": "web", "image": "nginx:latest"}]}}

test_denies if count(main.deny) == 1 with input as pod

test_lists if {
	expected := {"web is mutable", "db is mutable"}
	main.deny == expected with input as pod
	expected == set()
}

test_twice if true

test_twice if 1 == 2

todo_test_later if true

test_prints if {
	print("the input is", input.x)
	main.port == 1 with input as {"b": true}
}

test_conflict if main.port == 1 with input as {"a": true, "b": true}

test_by_case[case.note] if {
	some case in [{"note": "small", "a": 1, "b": 1}, {"note": "large", "a": 1, "b": 2}]
	case.a == case.b
}

test_nested[kind][name] if {
	some [kind, name, held] in [["pod", "a", true], ["pod", "b", false], ["job", "c", true]]
	held
}

test_mocked if main.fetched == "ok" with http.send as {"body": "ok"}

test_a_number := 1

test_text if sprintf("%s:%d", ["nginx", 1]) == "nginx:2"
"#;

fn suite() -> tempfile::TempDir {
    project(&[("policy/main.rego", MAIN), ("policy/main_test.rego", TESTS)])
}

#[test]
fn a_failure_shows_the_statement_and_its_values() {
    assert_snapshot!(run(suite().path(), "verify"));
}

#[test]
fn values_stand_below_the_parts_of_a_statement() {
    let root = suite();
    assert_snapshot!(run(
        root.path(),
        "verify --var-values --run main_test.test_(lists|by_case)"
    ));
}

#[test]
fn json_has_the_shape_of_opa_test() {
    let found = run(
        suite().path(),
        "verify -o json --run test_(by_case|denies|text|conflict)|later",
    );
    let duration = regex::Regex::new("\"duration\": [0-9]+").expect("a regular expression");
    assert_snapshot!(duration.replace_all(&found, "\"duration\": 1"));
}

#[test]
fn every_output_names_the_tests() {
    let root = suite();
    let selection = "--run test_(denies|text|conflict)|later";
    let outputs = ["stdout", "tap", "table", "junit", "github", "azuredevops"];
    let printed = outputs.map(|output| {
        let found = run(root.path(), &format!("verify -o {output} {selection}"));
        format!("# {output}\n{found}")
    });
    assert_snapshot!(printed.join("\n"));
}

#[test]
fn exit_codes_tell_failures_from_errors() {
    let root = suite();
    let code = |words: &str| {
        let found = run(root.path(), words);
        found.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(code("verify --run test_denies"), "--- exit code 0");
    assert_eq!(code("verify --run later"), "--- exit code 0");
    assert_eq!(code("verify --run test_text"), "--- exit code 1");
    assert_eq!(code("verify --run test_conflict"), "--- exit code 2");
    assert_eq!(code("verify --compat conftest --run test_conflict"), "--- exit code 1");
    assert_eq!(code("verify --run none_is_called_so"), "--- exit code 2");
    assert_eq!(code("verify --run none_is_called_so --allow-empty"), "--- exit code 0");
    assert_eq!(code("verify -n other --compat conftest"), "--- exit code 0");
    assert_eq!(code("verify --run ("), "--- exit code 2");
    assert_eq!(code("verify -o html"), "--- exit code 2");
    // Without --quiet it says how many passed.
    assert_eq!(
        run(root.path(), "verify --quiet --run test_denies"),
        "---\n--- exit code 0\n"
    );
}

#[test]
fn data_comes_from_the_settings_and_from_beside_the_policies() {
    let root = project(&[
        (
            "policy/a_test.rego",
            "package a_test\n\ntest_limit if data.limits.most == 3\n",
        ),
        ("policy/limits/limits.yaml", "most: 3\n"),
    ]);
    let last = |words: &str| {
        let found = run(root.path(), words);
        found.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(last("verify"), "--- exit code 1");
    assert_eq!(last("verify --opa-data"), "--- exit code 0");
    assert_eq!(last("verify -d policy"), "--- exit code 0");
    // Paths are policies, as for `opa test`.
    assert_eq!(last("verify policy/a_test.rego -d policy"), "--- exit code 0");
}

#[test]
fn what_needs_leave_is_an_error_of_the_test() {
    let tests = "package a_test\n\ntest_mocked if time.now_ns() == 5 with time.now_ns as 5\n\ntest_clock if time.now_ns() > 0\n";
    let root = project(&[("policy/a_test.rego", tests)]);
    assert_snapshot!(run(root.path(), "verify"));
    let found = run(root.path(), "verify --allow clock");
    assert!(found.ends_with("--- exit code 0\n"), "{found}");
}

#[test]
fn coverage_names_what_no_test_evaluates() {
    let tests = "package main_test\n\nimport data.main\n\ntest_port if main.port == 1 with input as {\"a\": true}\n";
    let root = project(&[("policy/main.rego", MAIN), ("policy/main_test.rego", tests)]);
    let forms = ["text", "json", "lcov"];
    let printed = forms.map(|form| run(root.path(), &format!("verify --coverage={form}")));
    assert_snapshot!(printed.join("\n"));
    let found = run(root.path(), "verify --min-coverage 90");
    assert!(found.contains("below --min-coverage 90\n--- exit code 1"), "{found}");
    let found = run(root.path(), "verify --threshold 10 --coverage=html=page.html");
    assert!(found.ends_with("--- exit code 0\n"), "{found}");
    let page = std::fs::read_to_string(root.path().join("page.html")).expect("a page");
    assert!(
        page.contains("<span class=\"line missed\" title=\"missed\"><b>5</b>"),
        "{page}"
    );
    // A failed test leaves coverage unsaid.
    let root = suite();
    let found = run(root.path(), "verify --coverage=json --run test_text");
    assert!(
        found.contains("FAIL data.main_test.test_text") && !found.contains("not_covered"),
        "{found}"
    );
}

#[test]
fn a_report_lists_every_test_and_traces_those_that_fail() {
    let root = suite();
    let selection = "--run main_test.test_(denies|lists|prints)|later";
    let printed = ["fails", "full"].map(|detail| run(root.path(), &format!("verify --report {detail} {selection}")));
    assert_snapshot!(printed.join("\n"));
    let found = run(root.path(), "verify --trace --run test_denies");
    assert!(
        found.starts_with("TRACES\n") && found.contains("| | Exit data.main.deny"),
        "{found}"
    );
    let found = run(root.path(), "verify --report full -o json");
    assert!(found.ends_with("--- exit code 2\n"), "{found}");
}

#[test]
fn a_trace_shows_how_rules_were_evaluated() {
    let root = project(&[
        (
            "policy/main.rego",
            &MAIN[..MAIN.find("fetched").expect("the last rule")],
        ),
        (
            "in.yaml",
            "spec:\n  containers: [{name: a, image: 'x:latest'}, {name: b, image: 'x:1'}]\n",
        ),
    ]);
    assert_snapshot!(run(root.path(), "test -o compact --trace=full in.yaml"));
    let found = run(root.path(), "test -o compact --trace-rule other in.yaml");
    assert!(!found.contains("trace:"), "{found}");
    run(
        root.path(),
        "test -o compact --trace=full --trace-file trace.txt in.yaml",
    );
    let trace = std::fs::read_to_string(root.path().join("trace.txt")).expect("a trace");
    assert!(trace.starts_with("trace: in.yaml\n  query:1 "), "{trace}");
}

#[test]
fn policies_and_tests_parse_configuration() {
    let tests = r#"package main_test

test_text if parse_config("hcl2", "a = 1").a == 1

test_stream if parse_config("yaml", "a: 1\n---\na: 2\n")[1].a == 2

test_file if parse_config_file("inputs/pod.yaml").kind == "Pod"

test_above if parse_config_file("../outside.yaml").a == 1

test_files if {
	some file in parse_combined_config_files(["inputs/pod.yaml", "../outside.yaml"])
	file.path == "policy/inputs/pod.yaml"
	file.contents.kind == "Pod"
}

test_missing if not parse_config_file("inputs/none.yaml")

test_format if not parse_config("nothing", "a")

test_elsewhere if parse_config_file("../../outside.yaml")

read(path) := object.union({}, {"path": path})

test_replaced if parse_config_file("none.yaml").path == "none.yaml" with parse_config_file as read

test_replacing if object.get(read("inputs/pod.yaml"), "kind", "") == "Pod" with read as parse_config_file
"#;
    let root = project(&[
        ("here/policy/main_test.rego", tests),
        ("here/policy/inputs/pod.yaml", "kind: Pod\n"),
        ("here/outside.yaml", "a: 1\n"),
        ("outside.yaml", "a: 1\n"),
    ]);
    assert_snapshot!(run(&root.path().join("here"), "verify -o tap"));
}

#[test]
fn tests_ask_the_hosts_that_are_allowed() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let policy = format!(
        "package main_test\n\ntest_refused if {{\n\tanswer := http.send({{\"method\": \"get\", \"url\": \"http://127.0.0.1:{port}/\", \"raise_error\": false}})\n\tanswer.status_code == 0\n}}\n"
    );
    let root = project(&[("policy/p_test.rego", &policy)]);
    for (allow, passes) in [
        ("", false),
        (" --allow net=127.0.0.2", false),
        (" --allow net=127.0.0.1", true),
        (" --allow net", true),
    ] {
        let found = run(root.path(), &format!("verify{allow}"));
        assert_eq!(found.ends_with("--- exit code 0\n"), passes, "{allow}: {found}");
    }
}

const PROVED: &str = r#"package main

deny contains "a Service is public" if {
	input.kind == "Service"
	input.public
}

warn contains "never" if input.never

size := "large" if {
	input.size > 10
	is_number(input.size)
} else := "small"
"#;

const PROVING: &str = r#"package main_test

import data.main

test_denies if main.deny == {"a Service is public"} with input as {"kind": "Service", "public": true}

test_allows if main.deny == set() with input as {"kind": "Service"}

test_large if main.size == "large" with input.size as 11

test_small if main.size == "small" with input.size as 10
"#;

#[test]
fn what_no_test_would_notice_is_listed() {
    let root = project(&[("policy/main.rego", PROVED), ("policy/main_test.rego", PROVING)]);
    assert_snapshot!(run(root.path(), "verify --require-proof"));
}

#[test]
fn what_no_test_would_notice_is_in_every_output() {
    let root = project(&[("policy/main.rego", PROVED), ("policy/main_test.rego", PROVING)]);
    let outputs = [
        "stdout",
        "tap",
        "table",
        "junit",
        "github",
        "gitlab",
        "azuredevops",
        "json",
    ];
    let printed = outputs.map(|output| {
        let found = run(root.path(), &format!("verify --require-proof -o {output}"));
        format!("# {output}\n{found}")
    });
    let duration = regex::Regex::new("\"duration\": [0-9]+").expect("a regular expression");
    assert_snapshot!(duration.replace_all(&printed.join("\n"), "\"duration\": 1"));
}

#[test]
fn a_share_of_proof_suffices_where_that_is_asked_for() {
    let root = project(&[("policy/main.rego", PROVED), ("policy/main_test.rego", PROVING)]);
    let code = |words: &str| {
        let found = run(root.path(), words);
        found.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(code("verify --min-proof 50"), "--- exit code 0");
    assert_eq!(code("verify --min-proof 90"), "--- exit code 1");
    assert_eq!(code("verify --min-proof 90 --run nothing"), "--- exit code 2");
}

const EXAMPLES: [(&str, &str); 9] = [
    (
        "policy/main.rego",
        "package main\n\ndeny contains msg if {\n\tsome name, kind in input.kinds\n\tkind == \"bad\"\n\tmsg := sprintf(\"%s is bad\", [name])\n}\n\nallowed if not input.forbidden\n",
    ),
    ("examples/main/deny/pass.yaml", "kinds: {a: good}\n---\nkinds: {}\n"),
    ("examples/main/deny/pass_wrong.toml", "[kinds]\nc = \"bad\"\n"),
    (
        "examples/main/deny/fail.json",
        "{\"kinds\": {\"a\": \"bad\", \"b\": \"bad\"}}",
    ),
    ("examples/main/deny/fail.expected.json", "[\"b is bad\", \"a is bad\"]"),
    ("examples/main/deny/fail_none.hcl", "kinds = { a = \"good\" }\n"),
    ("examples/main/deny/fail_other.yaml", "kinds: {a: bad}\n"),
    ("examples/main/deny/fail_other.expected.json", "[\"b is bad\"]"),
    ("examples/unrelated/pass.txt", "not an example of a policy"),
];

#[test]
fn examples_are_tests() {
    let root = project(&EXAMPLES);
    assert_snapshot!(run(root.path(), "verify"));
    // A file is named as tests are, and conftest has no examples.
    assert_eq!(
        run(root.path(), "verify --run deny/(pass|fail).(yaml|json)"),
        "2 tests: 2 passed\n---\n--- exit code 0\n"
    );
    assert!(run(root.path(), "verify --compat conftest").contains("0 tests"));
}

#[test]
fn examples_prove_and_cover_policies() {
    let root = project(&EXAMPLES[..2]);
    assert_snapshot!(run(root.path(), "verify --require-proof"));
    let root = project(&[EXAMPLES[0], EXAMPLES[1], EXAMPLES[3], EXAMPLES[4]]);
    assert_snapshot!(
        "examples_prove_a_rule",
        run(root.path(), "verify --require-proof --coverage")
    );
}

#[test]
fn an_example_for_no_rule_is_an_error() {
    let files = [
        EXAMPLES[0],
        ("examples/main/denny/pass.yaml", "a: 1\n"),
        ("examples/main/deny/pass.unknown", "a: 1\n"),
        ("examples/main/deny/pass_empty.yaml", "# nothing\n"),
        ("examples/main/deny/pass_bad.json", "{"),
        ("examples/main/deny/fail_gone.expected.json", "[]"),
    ];
    assert_snapshot!(run(project(&files).path(), "verify"));
}
