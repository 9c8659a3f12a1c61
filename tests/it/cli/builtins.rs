//! What policies may call: `inspect --builtins`, `--capabilities` and `--allow net`.

use super::{project, run};

const CALLS: &str = "package main\n\ndeny contains msg if {\n\tcount(input.a) > 0\n\tmsg := upper(\"bad\")\n}\n";

#[test]
fn builtins_are_listed_with_what_they_need() {
    let root = project(&[]);
    let text = run(root.path(), "inspect --builtins");
    for line in [
        "count(string | array[any] | object{[any]: any} | set[any]) -> number\n",
        "time.now_ns() -> number [--allow clock]\n",
        "plus(number, number) -> number [written +]\n",
        "any(array[any] | set[any]) -> boolean [deprecated]\n",
    ] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    let json = run(root.path(), "inspect --builtins -o json");
    let start = json.find("[\n").expect("a list is printed");
    let end = json.rfind(']').expect("a list ends");
    let listed: serde_json::Value = serde_json::from_str(&json[start..=end]).expect("it is JSON");
    let all = listed.as_array().expect("it is a list");
    assert!(all.len() > 200);
    let now = all.iter().find(|builtin| builtin["name"] == "time.now_ns");
    assert_eq!(now.expect("it is listed")["needs"], "clock");
    insta::assert_snapshot!("inspect_nothing", run(root.path(), "inspect"));
    insta::assert_snapshot!(
        "inspect_builtins_of_paths",
        run(root.path(), "inspect --builtins policy")
    );
}

#[test]
fn capabilities_restrict_what_policies_call() {
    let full = r#"{"builtins": [{"name": "count"}, {"name": "gt"}, {"name": "upper"}], "features": ["rego_v1"]}"#;
    let root = project(&[
        ("policy/p.rego", CALLS),
        ("in.yaml", "a: [1]\n"),
        ("full.json", full),
        ("few.json", &full.replace("\"upper\"", "\"lower\"")),
        ("v0.json", &full.replace("\"rego_v1\"", "")),
        ("broken.json", "{\"builtins\": 1}"),
    ]);
    let run = |file: &str| run(root.path(), &format!("test -o compact --capabilities {file} in.yaml"));
    insta::assert_snapshot!("capabilities_full", run("full.json"));
    insta::assert_snapshot!("capabilities_few", run("few.json"));
    insta::assert_snapshot!("capabilities_v0", run("v0.json"));
    insta::assert_snapshot!("capabilities_broken", run("broken.json"));
    insta::assert_snapshot!("capabilities_none", run("none.json"));
}

#[test]
fn capabilities_restrict_keywords_and_templates() {
    let policy = "package main\n\nimport future.keywords.not\n\ndeny contains $\"a {input.a}\"\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("in.yaml", "a: [1]\n"),
        (
            "c.json",
            r#"{"builtins": [], "features": ["rego_v1"], "future_keywords": []}"#,
        ),
    ]);
    insta::assert_snapshot!(
        "capabilities_keywords",
        run(root.path(), "test -o compact --capabilities c.json in.yaml")
    );
}

#[test]
fn hosts_of_the_network_are_checked() {
    let root = project(&[("policy/p.rego", CALLS), ("in.yaml", "a: [1]\n")]);
    for right in ["net", "net=example.org", "net=example.org:8443,clock", "random"] {
        let found = run(root.path(), &format!("test -o compact --allow {right} in.yaml"));
        assert!(found.contains("BAD"), "{right}: {found}");
    }
    let wrong = |allow: &str| run(root.path(), &format!("test -o compact --allow {allow} in.yaml"));
    insta::assert_snapshot!("allow_url", wrong("net=https://example.org"));
    insta::assert_snapshot!("allow_clok", wrong("clok"));
}
