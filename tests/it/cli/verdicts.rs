//! Exit codes, and that nothing that was not judged is clean.

use std::fs;

use super::{POLICY, kpolicy, project, run};

#[test]
fn verdicts_follow_their_flags() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("warn.yaml", "b: true\n"),
        ("good.yaml", "c: 1\n"),
        ("bad.yaml", "a: 2\n"),
    ]);
    let code = |words: &str| {
        run(root.path(), words)
            .lines()
            .last()
            .map(str::to_owned)
            .unwrap_or_default()
    };
    assert_eq!(code("test good.yaml"), "--- exit code 0");
    assert_eq!(code("test warn.yaml"), "--- exit code 0");
    assert_eq!(code("test --fail-on-warn warn.yaml"), "--- exit code 1");
    assert_eq!(code("test bad.yaml"), "--- exit code 1");
    assert_eq!(code("test --no-fail bad.yaml"), "--- exit code 0");
    let found = run(root.path(), "test -o compact --max-findings 1 warn.yaml bad.yaml");
    assert!(found.contains("kpolicy: note 1 more (--max-findings 1)"), "{found}");
    assert_eq!(code("test --no-fail missing.yaml"), "--- exit code 2");
    assert_eq!(code("test --compat conftest missing.yaml"), "--- exit code 1");
    assert_eq!(
        code("test --compat conftest --fail-on-warn warn.yaml"),
        "--- exit code 1"
    );
    assert_eq!(
        code("test --compat conftest --fail-on-warn bad.yaml"),
        "--- exit code 2"
    );
}

/// A name, the project's files, and the command.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

const RULES: (&str, &str) = ("policy/p.rego", POLICY);
const GOOD: (&str, &str) = ("in.yaml", "c: 1\n");

/// Each of these could be mistaken for a clean run.
const UNJUDGED: &[Case] = &[
    ("no_input", &[RULES], "test"),
    ("no_files_in_folder", &[RULES, ("sub/notes.txt", "")], "test sub"),
    ("missing_file", &[RULES], "test missing.yaml"),
    ("unknown_ending", &[RULES, ("x.foo", "")], "test x.foo"),
    (
        "only_comments",
        &[RULES, ("in.yaml", "# nothing\n---\n# here\n")],
        "test in.yaml",
    ),
    (
        "only_comments_of_terraform",
        &[RULES, ("m.tf", "# later\n")],
        "test m.tf",
    ),
    ("all_ignored", &[RULES, GOOD], "test --ignore yaml in.yaml"),
    (
        "namespace_of_the_library",
        &[GOOD],
        "test --library kubernetes -n main in.yaml",
    ),
    (
        "input_does_not_parse",
        &[RULES, GOOD, ("bad.yaml", "a: [\n")],
        "test in.yaml bad.yaml",
    ),
    ("empty_policy_folder", &[("policy/notes.txt", ""), GOOD], "test in.yaml"),
    (
        "no_rule",
        &[("policy/p.rego", "package main\n\nallow := true\n"), GOOD],
        "test in.yaml",
    ),
    (
        "faults_of_every_file",
        &[
            ("policy/a.rego", "package a\n\ndeny contains\n"),
            ("policy/b.rego", "package b\n\nx := [\n"),
            GOOD,
        ],
        "test in.yaml",
    ),
    (
        "rule_without_contains",
        &[("policy/p.rego", "package main\n\ndeny if input.a\n"), GOOD],
        "test in.yaml",
    ),
    (
        "unknown_builtin",
        &[
            (
                "policy/p.rego",
                "package main\n\ndeny contains \"x\" if {\n\tfalse\n\tstartwith(input.a, \"x\")\n}\n",
            ),
            GOOD,
        ],
        "test in.yaml",
    ),
    (
        "builtin_named_as_a_variable",
        &[
            (
                "policy/p.rego",
                "package main\n\ndeny contains \"x\" if {\n\t[gt, _] = input.a\n\tlt(1, 2) with lt as gt\n}\n",
            ),
            GOOD,
        ],
        "test in.yaml",
    ),
    (
        "clock",
        &[
            (
                "policy/p.rego",
                "package main\n\ndeny contains \"x\" if time.now_ns() > 0\n",
            ),
            GOOD,
        ],
        "test in.yaml",
    ),
    (
        "env",
        &[
            (
                "policy/p.rego",
                "package main\n\ndeny contains \"x\" if opa.runtime().env.CI == input.ci\n",
            ),
            GOOD,
        ],
        "test in.yaml",
    ),
    (
        "recursion",
        &[
            (
                "policy/p.rego",
                "package main\n\nf(x) := f(x - 1)\n\ndeny contains \"x\" if f(input.c)\n",
            ),
            GOOD,
        ],
        "test in.yaml",
    ),
    ("unknown_namespace", &[RULES, GOOD], "test -n main -n mian in.yaml"),
    ("unknown_library_id", &[GOOD], "test --library kubernetes/image in.yaml"),
    (
        "result_without_msg",
        &[
            ("policy/p.rego", "package main\n\ndeny contains {\"message\": \"x\"}\n"),
            GOOD,
        ],
        "test in.yaml",
    ),
    (
        "builtin_fails",
        &[
            (
                "policy/p.rego",
                "package main\n\ndeny contains \"x\" if to_number(input.c) > 1\n",
            ),
            ("in.yaml", "c: x\n"),
        ],
        "test in.yaml",
    ),
    (
        "data_shadows_rule",
        &[RULES, GOOD, ("d.json", "{\"main\": {\"deny\": []}}")],
        "test -d d.json in.yaml",
    ),
    (
        "data_clash",
        &[RULES, GOOD, ("d/a.json", "{\"x\": 1}"), ("d/b.json", "{\"x\": 2}")],
        "test -d d in.yaml",
    ),
    (
        "data_above_rule",
        &[RULES, GOOD, ("d.yaml", "main: 3\n")],
        "test -d d.yaml in.yaml",
    ),
    (
        "two_values",
        &[
            (
                "policy/p.rego",
                "package main\n\nx := 1 if input.c\n\nx := 2 if input.c\n\ndeny contains \"x\" if x == 1\n",
            ),
            ("in.yaml", "a: 1\n---\nc: 1\n"),
        ],
        "test in.yaml",
    ),
    (
        "time_limit",
        &[
            (
                "policy/p.rego",
                "package main\n\ndeny contains \"x\" if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j < 0\n}\n",
            ),
            GOOD,
        ],
        "test --timeout 0.05 in.yaml",
    ),
    (
        "nothing_for_the_library",
        &[("in.yaml", "kind: Unheard\n")],
        "test --library kubernetes/pod_security/baseline/privileged in.yaml",
    ),
    (
        "unfit_parameters",
        &[
            GOOD,
            (
                "kpolicy.toml",
                "params.resources.limits.resources = [\"cpu\", 3]\nparams.resources.limit.resources = []\nparams.metadata = 1\n",
            ),
        ],
        "test --library kubernetes in.yaml",
    ),
    (
        "unfit_parameter_of_data",
        &[GOOD, ("d.yaml", "params: {resources: {limits: {resorces: [cpu]}}}\n")],
        "test --library kubernetes -d d.yaml in.yaml",
    ),
    ("unknown_policy_explained", &[], "explain kubernetes/image/mutable_tag"),
    ("unknown_last_part_explained", &[], "explain run_as_rot"),
    ("stranger_explained", &[], "explain zzz"),
    ("unknown_output", &[RULES, GOOD], "test -o jsn in.yaml"),
    (
        "unknown_setting",
        &[
            RULES,
            GOOD,
            (
                "kpolicy.toml",
                "fail-on-warm = true\nquiet = 3\noutput = \"txt\"\nallow = [\"clock\", \"clok\"]\npolicy = [\"p\", 3]\n",
            ),
        ],
        "test in.yaml",
    ),
];

#[test]
fn what_cannot_be_judged_is_never_clean() {
    for (name, files, words) in UNJUDGED {
        let root = project(files);
        let found = run(root.path(), words);
        assert!(found.ends_with("--- exit code 2\n"), "{name}: {found}");
        insta::assert_snapshot!(format!("refused_{name}"), found);
    }
}

#[test]
fn a_builtin_that_fails_takes_nothing_from_what_is_found_without_it() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\ndeny contains msg if {\n\tsome c in input.containers\n\tto_number(c.cpu) > 2\n\tmsg := \
             sprintf(\"%s uses too much\", [c.name])\n}\n\ndeny contains msg if {\n\tsome c in \
             input.containers\n\tendswith(c.image, \":latest\")\n\tprint(\"seen\", c.name)\n\tmsg := sprintf(\"%s is latest\", \
             [c.name])\n}\n\nexception contains [\"a\"] if to_number(input.x)\n\nwarn contains \"w\" if input.containers\n",
        ),
        (
            "in.yaml",
            "x: q\ncontainers:\n- {name: a, cpu: \"3\", image: \"x:latest\"}\n- {name: b, cpu: 500m, image: y}\n- {name: c, cpu: \"9\", image: \"z:latest\"}\n",
        ),
    ]);
    insta::assert_snapshot!(
        "builtin_fails_beside_others",
        run(root.path(), "test -o compact in.yaml")
    );
    let lenient = run(root.path(), "test -o compact --builtin-errors undefined in.yaml");
    assert!(
        lenient.contains("c uses too much") && lenient.ends_with("exit code 1\n"),
        "{lenient}"
    );
}

#[test]
fn a_limit_is_known_by_its_type() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\ndeny contains \"x\" if to_number(input.a)\n\nwarn contains \"w\" if input.b\n",
        ),
        ("one.yaml", "a: exceeded time limit\n"),
        ("two.yaml", "a: the engines differ\n"),
    ]);
    insta::assert_snapshot!("words_of_limits", run(root.path(), "test -o compact one.yaml two.yaml"));
}

/// A certificate is bytes: none of its rule's findings is lost for that.
#[test]
fn strings_hold_any_bytes() {
    let root = project(&[
        (
            "policy/p.rego",
            "package main\n\ndeny contains msg if {\n\tsome name, encoded in input.data\n\tkey := base64.decode(encoded)\n\t\
             contains(key, \"KEY\")\n\tmsg := sprintf(\"%s holds %d characters: %s\", [name, count(key), key])\n}\n\ndeny \
             contains \"not a certificate\" if not startswith(base64.decode(input.data.crt), base64.decode(\"MII=\"))\n",
        ),
        ("in.yaml", "data:\n  crt: MIID/kLCqYA=\n  der: MP9LRVn+\n  text: S0VZ\n"),
    ]);
    insta::assert_snapshot!("bytes", run(root.path(), "test -o compact in.yaml"));
}

#[test]
fn an_empty_message_is_a_violation() {
    let root = project(&[
        ("policy/p.rego", "package main\n\ndeny contains \"\"\n"),
        ("in.yaml", "a: 1\n"),
    ]);
    insta::assert_snapshot!("empty_message", run(root.path(), "test in.yaml"));
}

/// A full disk takes what is written into a buffer and loses it when the buffer is emptied.
#[cfg(target_os = "linux")]
#[test]
fn output_that_is_lost_is_never_a_success() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "c: 1\n")]);
    for words in [
        "test in.yaml",
        "test -o json in.yaml",
        "parse in.yaml",
        "completions bash",
        "--help",
        "--version",
        "init",
    ] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("a full disk");
        let output = kpolicy()
            .args(words.split_whitespace())
            .current_dir(root.path())
            .stdout(full)
            .output()
            .expect("kpolicy runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}: {said}");
        assert!(
            said.starts_with("error: the output could not be written"),
            "{words}: {said}"
        );
    }
}

#[test]
fn a_run_without_any_policy_says_so() {
    let root = project(&[("in.yaml", "a: 1\n")]);
    insta::assert_snapshot!(
        "no_policy_as_conftest",
        run(root.path(), "test --compat conftest in.yaml")
    );
}
