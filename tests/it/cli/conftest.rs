//! What conftest has and how it behaves: its ways, its flags, its files.

use super::{POLICY, project, run, run_with};

/// What the real conftest prints and returns for the same project.
#[test]
fn compat_orders_quietens_and_exits_as_conftest() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\nwarn contains \"w\" if input.b\n\ndeny_z contains \"z\" if input.a\n\ndeny_a contains m if {\n\tinput.a\n\tsome m in [\"2\", \"1\"]\n}\n",
        ),
        (
            "policy/a.rego",
            "package alpha\n\ndeny contains \"none\" if not input.a\n",
        ),
        ("one.yaml", "a: 1\n---\n"),
        ("two.yaml", "a: 1\nb: 1\n"),
        ("warn.yaml", "b: 1\n"),
    ]);
    let stdout = |words: &str| {
        let found = run(root.path(), &format!("test --compat conftest {words}"));
        let (out, rest) = found.split_once("---\n").expect("a mark after standard output");
        (out.to_owned(), rest.lines().last().unwrap_or_default().to_owned())
    };
    let (out, code) = stdout("-n main -n alpha two.yaml ./one.yaml");
    assert_eq!(
        out,
        "FAIL - ./one.yaml - main - z\nFAIL - ./one.yaml - main - 1\nFAIL - ./one.yaml - main - 2\n\
         WARN - two.yaml - main - w\nFAIL - two.yaml - main - z\nFAIL - two.yaml - main - 1\n\
         FAIL - two.yaml - main - 2\nFAIL - ./one.yaml - alpha - none\n\n\
         14 tests, 6 passed, 1 warning, 7 failures, 0 exceptions\n"
    );
    assert_eq!(code, "--- exit code 1");
    assert_eq!(
        stdout("--quiet warn.yaml"),
        (String::new(), "--- exit code 0".to_owned())
    );
    let (out, code) = stdout("--quiet --fail-on-warn warn.yaml");
    assert!(out.starts_with("WARN - warn.yaml - main - w\n"), "{out}");
    assert_eq!(code, "--- exit code 1");
    assert_eq!(stdout("--nope warn.yaml").1, "--- exit code 1");
    // Of a flag that is given twice the last holds.
    assert_eq!(
        stdout("--quiet --quiet=false -o json -o compact warn.yaml").0,
        "warn.yaml:1:4: warn[main/warn] w\n"
    );
}

/// The clock, the environment, and rules that find nothing since they are booleans: the real conftest takes them all.
#[test]
fn compat_allows_what_conftest_allows() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\ndeny if input.a\n\nviolation := false if input.a\n\nwarn contains msg if {\n\tinput.a\n\ttime.now_ns() > 0\n\t\
             runtime := opa.runtime()\n\tmsg := sprintf(\"%s %s %v\", [runtime.env.FOO_OF_THE_TEST, runtime.version, \
             object.keys(runtime)])\n}\n",
        ),
        ("in.yaml", "a: 1\n"),
    ]);
    let variables = [("FOO_OF_THE_TEST", "bar")];
    let run = |words: &str| run_with(root.path(), words, "", &variables);
    insta::assert_snapshot!("compat_allows", run("test --compat conftest --strict in.yaml"));
    insta::assert_snapshot!("default_rejects", run("test -o compact in.yaml"));
    // What is named there is all that is allowed.
    let clock = run("test -o compact --compat conftest --allow clock in.yaml");
    assert!(
        clock.contains("opa.runtime") && !clock.contains("time.now_ns makes"),
        "{clock}"
    );
}

/// What the real conftest takes, and which packages it runs.
#[test]
fn flags_stand_before_the_command_as_for_conftest() {
    let root = project(&[
        ("rules/p.rego", POLICY),
        ("in.yaml", "a: 2\n"),
        ("my.toml", "policy = \"rules\"\n"),
    ]);
    let found = run(root.path(), "-c my.toml -o compact test in.yaml");
    assert_eq!(found, run(root.path(), "test -c my.toml -o compact in.yaml"));
    assert!(found.contains("a is 2") && found.ends_with("exit code 1\n"), "{found}");
}

#[test]
fn a_namespace_is_chosen_among_the_users_own_whatever_it_is_called() {
    let policy = |package: &str| format!("package {package}\n\ndeny contains \"{package}\" if input.a\n");
    let (main, own) = (policy("main"), policy("kpolicy.own.rules"));
    let root = project(&[
        ("policy/main.rego", &main),
        ("policy/own.rego", &own),
        ("in.yaml", "a: 2\nkind: Pod\nspec: {hostNetwork: true}\n"),
    ]);
    let rules = |words: &str| {
        let found = run(root.path(), &format!("test -p policy -o stdout in.yaml {words}"));
        let failures = found.lines().filter_map(|line| line.strip_prefix("FAIL - in.yaml - "));
        let names = failures.filter_map(|line| line.split(' ').next().map(str::to_owned));
        names.collect::<Vec<_>>()
    };
    assert_eq!(rules(""), ["kpolicy.own.rules", "main"]);
    assert_eq!(rules("-n main"), ["main"]);
    assert_eq!(rules("-n kpolicy.own.*"), ["kpolicy.own.rules"]);
    assert_eq!(rules("--compat conftest"), ["main"]);
    // The library is chosen by ids.
    let id = "pod_security.baseline.host_namespaces";
    let beside = format!("-n main --library kubernetes/{}", id.replace('.', "/"));
    assert_eq!(rules(&beside), [format!("kpolicy.kubernetes.{id}"), "main".to_owned()]);
    let of_library = run(
        root.path(),
        "test --library kubernetes/images -n kpolicy.kubernetes.images.* in.yaml",
    );
    insta::assert_snapshot!("refused_namespace_of_the_library_alone", of_library);
}

/// conftest evaluates nothing and passes; the warning says so.
#[test]
fn an_unknown_namespace_is_a_warning_where_conftest_is_asked_for() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "a: 2\n")]);
    let found = run(root.path(), "test --compat conftest -n notpresent in.yaml");
    insta::assert_snapshot!("unknown_namespace", found);
    assert!(run(root.path(), "test --compat conftest -n main -n notpresent in.yaml").ends_with("exit code 1\n"));
    assert!(run(root.path(), "test -n notpresent in.yaml").ends_with("exit code 2\n"));
}

#[test]
fn a_conftest_file_is_read_with_a_word() {
    let root = project(&[
        ("rules/p.rego", POLICY),
        ("in.yaml", "a: 2\n"),
        ("conftest.toml", "policy = \"rules\"\n"),
    ]);
    insta::assert_snapshot!("conftest_toml", run(root.path(), "test -o compact in.yaml"));
}

#[test]
fn what_only_conftest_has_is_told_so_by_name() {
    let files = [("policy/p.rego", POLICY), ("in.yaml", "a: 2\n")];
    let root = project(&[&files[..], &[("conftest.toml", "var-values = true\n")]].concat());
    insta::assert_snapshot!("conftest_only_key", run(root.path(), "test in.yaml"));
    insta::assert_snapshot!("conftest_only_flag", run(root.path(), "test --report full in.yaml"));
    insta::assert_snapshot!("conftest_only_command", run(root.path(), "reformat a b"));
}

#[test]
fn conftests_variables_hold_where_its_ways_do() {
    let root = project(&[("rules/p.rego", POLICY), ("in.yaml", "a: 2\n")]);
    let found = |words: &str, variables: &[(&str, &str)]| super::run_with(root.path(), words, "", variables);
    let policy = ("CONFTEST_POLICY", "rules");
    assert!(found("test --compat conftest in.yaml", &[policy]).contains("a is 2"));
    assert!(found("test in.yaml", &[("KPOLICY_COMPAT", "conftest"), policy]).contains("a is 2"));
    assert!(!found("test in.yaml", &[policy]).contains("a is 2"));
    // kpolicy's own variable is stronger, and a flag is stronger than both.
    let both = [("CONFTEST_OUTPUT", "json"), ("KPOLICY_OUTPUT", "compact"), policy];
    assert!(found("test --compat conftest in.yaml", &both).starts_with("in.yaml:1:4"));
    assert!(found("test --compat conftest -o tap in.yaml", &both).contains("not ok"));
    let compat = "test --compat conftest -o compact in.yaml";
    for (variable, value, works) in [
        ("CONFTEST_VERSION", "0.71.1", true),
        ("CONFTEST_TRACE", "false", true),
        ("CONFTEST_TRACE", "true", true),
        ("CONFTEST_NO_FAIL", "maybe", false),
        ("CONFTEST_IGNORE", "", true),
        ("CONFTEST_QUIET", "t", true),
    ] {
        let found = found(compat, &[policy, (variable, value)]);
        assert_eq!(found.contains("a is 2"), works, "{variable}={value}: {found}");
    }
    let empty = [("KPOLICY_POLICY", ","), ("KPOLICY_OUTPUT", "compact")];
    assert!(found("test in.yaml", &empty).ends_with("exit code 2\n"));
}

#[test]
fn policies_are_named_by_file_urls_too() {
    let root = project(&[("my rules/p.rego", POLICY), ("in.yaml", "a: 2\n")]);
    let url = format!("file://{}/my%20rules", root.path().display());
    assert!(run(root.path(), &format!("test -o compact -p {url} in.yaml")).contains("a is 2"));
    assert!(
        run(root.path(), "test -p https://example.com/x in.yaml").contains("only file:// and oci:// are supported")
    );
    let accepted = run(
        root.path(),
        &format!("test --github-hide-passed -o github -p {url} in.yaml"),
    );
    assert!(accepted.contains("::error file=in.yaml"), "{accepted}");
}

#[test]
fn an_error_of_a_builtin_is_in_conftests_words() {
    let policy = "package main\n\ndeny contains \"x\" if to_number(input.name) == 1\n";
    let root = project(&[("policy/p.rego", policy), ("in.yaml", "name: x\n")]);
    let words = "test --compat conftest --show-builtin-errors in.yaml";
    let found = run(root.path(), words);
    assert!(
        found.contains("built-in error: ") && found.ends_with("--- exit code 1\n"),
        "{found}"
    );
    let found = run(root.path(), "test in.yaml");
    assert!(!found.contains("built-in error: "), "{found}");
}
