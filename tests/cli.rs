//! The built binary on small projects: what it prints and how it exits.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

mod common;
#[path = "common/projects.rs"]
mod projects;

use common::kpolicy;
use projects::project;

/// Runs kpolicy there with these words: standard output, standard error and the exit code, as one text.
fn run(root: &Path, words: &str) -> String {
    run_with(root, words, "", &[])
}

fn run_with(root: &Path, words: &str, stdin: &str, variables: &[(&str, &str)]) -> String {
    let mut command = kpolicy();
    command
        .args(words.split_whitespace())
        .current_dir(root)
        .envs(variables.iter().copied());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kpolicy starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), stdin.as_bytes()).ok();
    let output = child.wait_with_output().expect("kpolicy ends");
    let code = output.status.code().map_or("none".to_owned(), |code| code.to_string());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}---\n{}--- exit code {code}\n",
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// A name, the project's files, and the command.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

const POLICY: &str = "package main\n\ndeny contains {\"msg\": msg, \"path\": [\"a\"]} if {\n\tinput.a > 1\n\tmsg := sprintf(\"a is %d\", [input.a])\n}\n\nwarn contains \"b is there\" if input.b\n";

#[test]
fn a_finding_is_shown_at_its_place() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "b: true\na: 2\n---\na: 1\n")]);
    insta::assert_snapshot!("text", run(root.path(), "test in.yaml"));
    insta::assert_snapshot!("compact", run(root.path(), "test -o compact in.yaml"));
    insta::assert_snapshot!("stdout", run(root.path(), "test -o stdout in.yaml"));
    insta::assert_snapshot!("json", run(root.path(), "test -o json in.yaml"));
}

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

/// Each of these could be mistaken for a clean run.
#[test]
fn what_cannot_be_judged_is_never_clean() {
    let policy = ("policy/p.rego", POLICY);
    let good = ("in.yaml", "c: 1\n");
    let cases: &[Case] = &[
        ("no_input", &[policy], "test"),
        ("no_files_in_folder", &[policy, ("sub/notes.txt", "")], "test sub"),
        ("missing_file", &[policy], "test missing.yaml"),
        ("unknown_ending", &[policy, ("x.foo", "")], "test x.foo"),
        (
            "only_comments",
            &[policy, ("in.yaml", "# nothing\n---\n# here\n")],
            "test in.yaml",
        ),
        (
            "only_comments_of_terraform",
            &[policy, ("m.tf", "# later\n")],
            "test m.tf",
        ),
        ("all_ignored", &[policy, good], "test --ignore yaml in.yaml"),
        (
            "namespace_of_the_library",
            &[good],
            "test --library kubernetes -n main in.yaml",
        ),
        (
            "input_does_not_parse",
            &[policy, good, ("bad.yaml", "a: [\n")],
            "test in.yaml bad.yaml",
        ),
        ("empty_policy_folder", &[("policy/notes.txt", ""), good], "test in.yaml"),
        (
            "no_rule",
            &[("policy/p.rego", "package main\n\nallow := true\n"), good],
            "test in.yaml",
        ),
        (
            "faults_of_every_file",
            &[
                ("policy/a.rego", "package a\n\ndeny contains\n"),
                ("policy/b.rego", "package b\n\nx := [\n"),
                good,
            ],
            "test in.yaml",
        ),
        (
            "rule_without_contains",
            &[("policy/p.rego", "package main\n\ndeny if input.a\n"), good],
            "test in.yaml",
        ),
        (
            "unknown_builtin",
            &[
                (
                    "policy/p.rego",
                    "package main\n\ndeny contains \"x\" if {\n\tfalse\n\tstartwith(input.a, \"x\")\n}\n",
                ),
                good,
            ],
            "test in.yaml",
        ),
        (
            "lacking_builtin",
            &[
                (
                    "policy/p.rego",
                    "package main\n\ndeny contains \"x\" if io.jwt.decode(input.a)\n",
                ),
                good,
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
                good,
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
                good,
            ],
            "test in.yaml",
        ),
        ("unknown_namespace", &[policy, good], "test -n main -n mian in.yaml"),
        ("unknown_library_id", &[good], "test --library kubernetes/image in.yaml"),
        (
            "result_without_msg",
            &[
                ("policy/p.rego", "package main\n\ndeny contains {\"message\": \"x\"}\n"),
                good,
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
            &[policy, good, ("d.json", "{\"main\": {\"deny\": []}}")],
            "test -d d.json in.yaml",
        ),
        (
            "data_clash",
            &[policy, good, ("d/a.json", "{\"x\": 1}"), ("d/b.json", "{\"x\": 2}")],
            "test -d d in.yaml",
        ),
        (
            "data_above_rule",
            &[policy, good, ("d.yaml", "main: 3\n")],
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
                good,
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
                good,
                (
                    "kpolicy.toml",
                    "params.resources.limits.resources = [\"cpu\", 3]\nparams.resources.limit.resources = []\nparams.metadata = 1\n",
                ),
            ],
            "test --library kubernetes in.yaml",
        ),
        (
            "unfit_parameter_of_data",
            &[good, ("d.yaml", "params: {resources: {limits: {resorces: [cpu]}}}\n")],
            "test --library kubernetes -d d.yaml in.yaml",
        ),
        ("unknown_policy_explained", &[], "explain kubernetes/image/mutable_tag"),
        ("unknown_last_part_explained", &[], "explain run_as_rot"),
        ("stranger_explained", &[], "explain zzz"),
        ("unknown_output", &[policy, good], "test -o jsn in.yaml"),
        (
            "unknown_setting",
            &[
                policy,
                good,
                (
                    "kpolicy.toml",
                    "fail-on-warm = true\nquiet = 3\noutput = \"txt\"\nallow = [\"clock\", \"clok\"]\npolicy = [\"p\", 3]\n",
                ),
            ],
            "test in.yaml",
        ),
    ];
    for (name, files, words) in cases {
        let root = project(files);
        let found = run(root.path(), words);
        assert!(found.ends_with("--- exit code 2\n"), "{name}: {found}");
        insta::assert_snapshot!(format!("refused_{name}"), found);
    }
}

#[test]
fn an_empty_message_is_a_violation() {
    let root = project(&[
        ("policy/p.rego", "package main\n\ndeny contains \"\"\n"),
        ("in.yaml", "a: 1\n"),
    ]);
    insta::assert_snapshot!("empty_message", run(root.path(), "test in.yaml"));
}

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

#[test]
fn a_blank_file_is_judged_beside_others_and_is_nothing_alone() {
    let policy = "package main\n\ndeny contains \"no version\" if not input.terraform\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("blank.tf", "# later\n"),
        ("good.tf", "terraform {}\n"),
    ]);
    let found = run(root.path(), "test -o compact blank.tf good.tf");
    assert!(
        found.starts_with("blank.tf:") && found.ends_with("--- exit code 1\n"),
        "{found}"
    );
    assert!(run(root.path(), "test --combine blank.tf").ends_with("--- exit code 2\n"));
}

#[test]
fn a_message_reaches_no_terminal_raw() {
    let policy = "package main\n\ndeny contains \"a\\nb\\u001b[31mc\"\n";
    let root = project(&[("policy/p.rego", policy), ("in.yaml", "a: 1\n")]);
    insta::assert_snapshot!("hostile_compact", run(root.path(), "test -o compact in.yaml"));
    insta::assert_snapshot!("hostile_text", run(root.path(), "test in.yaml"));
}

#[test]
fn settings_come_from_flag_environment_and_file_in_this_order() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("in.yaml", "a: 2\n"),
        ("kpolicy.toml", "output = \"json\"\n"),
    ]);
    let starts = |found: &str, words: &str| assert!(found.starts_with(words), "{found}");
    starts(&run(root.path(), "test in.yaml"), "[");
    starts(
        &run_with(root.path(), "test in.yaml", "", &[("KPOLICY_OUTPUT", "compact")]),
        "in.yaml:1:4: deny",
    );
    starts(
        &run_with(
            root.path(),
            "test -o stdout in.yaml",
            "",
            &[("KPOLICY_OUTPUT", "compact")],
        ),
        "FAIL - in.yaml",
    );
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
fn standard_input_is_yaml_unless_said_otherwise() {
    let root = project(&[("policy/p.rego", POLICY)]);
    insta::assert_snapshot!("stdin", run_with(root.path(), "test -o compact -", "a: 2\n", &[]));
    assert!(run_with(root.path(), "test --parser json -", "{\"a\": 2}", &[]).ends_with("--- exit code 1\n"));
}

#[test]
fn windows_made_files_are_judged_alike() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("plain.yaml", "b: 1\na: 2\n"),
        ("bom.yaml", "\u{feff}b: 1\r\na: 2\r\n"),
    ]);
    let wide: Vec<u8> = "\u{feff}b: 1\r\na: 2\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    fs::write(root.path().join("wide.yaml"), wide).expect("a file");
    for file in ["plain.yaml", "bom.yaml", "wide.yaml"] {
        let found = run(root.path(), &format!("test -o compact {file}"));
        assert!(
            found.contains(&format!("{file}:2:4: deny[main/deny] a is 2")),
            "{found}"
        );
    }
}

#[test]
fn parse_prints_conftests_shape() {
    let root = project(&[("one.json", "{\"a\": [1]}"), ("two.yaml", "a: 1\n---\nb: 2\n")]);
    insta::assert_snapshot!("parse_one", run(root.path(), "parse one.json"));
    insta::assert_snapshot!("parse_two", run(root.path(), "parse one.json two.yaml"));
    insta::assert_snapshot!("parse_combined", run(root.path(), "parse --combine one.json two.yaml"));
}

#[test]
fn init_starts_a_project_and_overwrites_nothing() {
    let root = project(&[]);
    insta::assert_snapshot!("init", run(root.path(), "init"));
    insta::assert_snapshot!("init_again", run(root.path(), "init"));
    fs::write(
        root.path().join("in.yaml"),
        "kind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1}\n",
    )
    .expect("a file");
    insta::assert_snapshot!("init_judges", run(root.path(), "test in.yaml"));
}

#[test]
fn where_there_is_no_policy_the_library_judges_and_says_so() {
    let pod = "kind: Pod\nspec: {containers: [{name: web, securityContext: {privileged: true}}]}\n";
    let root = project(&[("in.yaml", pod)]);
    let found = run(root.path(), "test -o compact in.yaml");
    let finding = "in.yaml:2:63: deny[kubernetes/pod_security/baseline/privileged] container web is privileged\n";
    let notice = "---\nno policy folder here: judging with the built-in library, profile default \
                  (kpolicy init starts policies of your own)\n--- exit code 1\n";
    assert!(found.contains(finding) && found.ends_with(notice), "{found}");
}

#[test]
fn parameters_reach_the_policies_that_take_them() {
    let own = "package main\n\nimport data.params.shop\n\ndeny contains \"closed\" if input.a in shop.closed\n";
    let pod = "a: 1\nkind: Pod\nspec: {containers: [{name: web}]}\n";
    let taken = "params.shop.closed = [1]\nparams.resources.limits.resources = [\"memory\"]\n";
    let root = project(&[("p/p.rego", own), ("in.yaml", pod), ("kpolicy.toml", taken)]);
    let found = run(
        root.path(),
        "test -o compact -p p --library kubernetes/resources in.yaml",
    );
    insta::assert_snapshot!("parameters", found);
    // What the user's own policy refers to is taken, and nothing beside it.
    fs::write(root.path().join("kpolicy.toml"), "params.shop.close = [1]\n").expect("a file");
    insta::assert_snapshot!("parameters_untaken", run(root.path(), "test -p p in.yaml"));
}

#[test]
fn data_named_params_is_the_users_own_without_the_library() {
    let own = "package main\n\ndeny contains \"x\" if input.a == 1\n";
    let root = project(&[
        ("p/p.rego", own),
        ("in.yaml", "a: 2\n"),
        ("d.yaml", "params: {unread: 1}\n"),
    ]);
    assert!(run(root.path(), "test -p p -d d.yaml in.yaml").ends_with("--- exit code 0\n"));
}

#[test]
fn a_policy_of_the_library_is_explained() {
    let root = project(&[]);
    insta::assert_snapshot!("explain", run(root.path(), "explain kubernetes/resources/limits"));
}

#[test]
fn help_says_everything() {
    let root = project(&[]);
    insta::assert_snapshot!("help", run(root.path(), "--help"));
    insta::assert_snapshot!("help_test", run(root.path(), "test --help"));
    insta::assert_snapshot!("help_parse", run(root.path(), "parse --help"));
    insta::assert_snapshot!("help_list", run(root.path(), "list --help"));
    insta::assert_snapshot!("help_explain", run(root.path(), "explain --help"));
}

#[test]
fn two_runs_print_the_same_with_one_job_or_many() {
    let files: Vec<(String, String)> = (0..40)
        .map(|index| (format!("in/{index}.yaml"), format!("a: {index}\nb: 1\n")))
        .collect();
    let mut all: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    all.push(("policy/p.rego", POLICY));
    let root = project(&all);
    assert_eq!(
        run(root.path(), "test --jobs 1 in"),
        run(root.path(), "test --jobs 8 in")
    );
}

#[test]
fn the_stronger_of_two_settings_about_one_thing_wins() {
    let other = "package other\n\ndeny contains \"always\"\n";
    let files = [
        ("policy/p.rego", POLICY),
        ("policy/o.rego", other),
        ("in.yaml", "c: 1\n"),
    ];
    let root = project(
        &[
            &files[..],
            &[("kpolicy.toml", "all-namespaces = true\nno-color = true\n")],
        ]
        .concat(),
    );
    assert!(run(root.path(), "test -n main in.yaml").ends_with("--- exit code 0\n"));
    assert!(run(root.path(), "test in.yaml").ends_with("--- exit code 1\n"));
    assert!(run(root.path(), "test --color always in.yaml").contains("\u{1b}["));
}

#[test]
fn a_settings_file_of_kpolicys_own_goes_before_any_of_conftests() {
    let files = [
        ("kpolicy.toml", "fail-on-warn = true\npolicy = \"policy\"\n"),
        ("sub/conftest.toml", "no-fail = true\n"),
        ("policy/p.rego", POLICY),
        ("sub/in.yaml", "b: 1\n"),
    ];
    let root = project(&files);
    let found = run(&root.path().join("sub"), "test in.yaml");
    assert!(
        found.ends_with("--- exit code 1\n") && !found.contains("conftest.toml"),
        "{found}"
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "b: 1\n")]);
    let output = kpolicy()
        .args(["test", "in.yaml"])
        .current_dir(root.path())
        .env("KPOLICY_FAIL_ON_WARN", std::ffi::OsStr::from_bytes(b"tru\xff"))
        .output()
        .expect("kpolicy runs");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn too_many_jobs_are_refused_and_init_starts_whole_or_not_at_all() {
    let root = project(&[("policy", "a file"), ("in.yaml", "c: 1\n")]);
    assert!(run(root.path(), "init").ends_with("--- exit code 2\n"));
    assert!(!root.path().join("kpolicy.toml").exists());
    assert!(run(root.path(), "test --jobs 100000000 --library kubernetes in.yaml").ends_with("--- exit code 2\n"));
    assert!(run(root.path(), "test --compat conftest --jobs 0 in.yaml").ends_with("--- exit code 1\n"));
}

#[test]
fn a_typed_list_is_judged_like_its_items() {
    let list =
        "kind: PodList\nitems:\n  - metadata: {name: web}\n    spec: {containers: [{name: web, image: nginx}]}\n";
    let root = project(&[("in.yaml", list)]);
    let found = run(root.path(), "test --library kubernetes/images -o compact in.yaml");
    assert!(
        found.starts_with("in.yaml:4:") && found.ends_with("--- exit code 1\n"),
        "{found}"
    );
}

#[test]
fn a_long_chain_of_rules_is_judged_and_never_aborts() {
    let chain = |length: usize| {
        let links: String = (0..length)
            .map(|index| format!("r{index} := r{}\n\n", index + 1))
            .collect();
        format!("package main\n\ndeny contains \"end\" if r0 == 1\n\n{links}r{length} := 1\n")
    };
    for length in [1_000, 20_000] {
        let root = project(&[("policy/p.rego", &chain(length)), ("in.yaml", "a: 1\n")]);
        let found = run(root.path(), "test -o compact in.yaml");
        assert!(found.ends_with("--- exit code 1\n"), "{length}: {found}");
    }
}

#[cfg(unix)]
#[test]
fn a_policy_that_cannot_be_read_is_not_passed_over() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "c: 1\n")]);
    std::os::unix::fs::symlink("nowhere", root.path().join("policy/lost.rego")).expect("a link");
    assert!(run(root.path(), "test in.yaml").ends_with("--- exit code 2\n"));
}

#[cfg(unix)]
#[test]
fn what_is_linked_into_the_policies_is_judged_with_once() {
    let policy = ("elsewhere/p.rego", POLICY);
    let root = project(&[policy, ("policy/q.rego", "package other\n"), ("in.yaml", "a: 2\n")]);
    for name in ["policy/one", "policy/two"] {
        std::os::unix::fs::symlink("../elsewhere", root.path().join(name)).expect("a link");
    }
    let found = run(root.path(), "test -o compact in.yaml");
    assert!(
        found.starts_with("in.yaml:1:4: deny[main/deny] a is 2\n---\n"),
        "{found}"
    );
}

/// A pipe that nobody writes to would be waited for without end.
#[cfg(unix)]
#[test]
fn a_pipe_is_refused_wherever_a_file_is_wanted() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "c: 1\n")]);
    for name in ["pipe.yaml", "pipe.rego", "pipe.toml"] {
        let made = Command::new("mkfifo").arg(root.path().join(name)).status();
        assert!(made.expect("mkfifo runs").success());
    }
    for words in [
        "test pipe.yaml",
        "test -d pipe.yaml in.yaml",
        "test -p pipe.rego in.yaml",
        "test --config pipe.toml in.yaml",
        "parse pipe.yaml",
    ] {
        let found = run(root.path(), words);
        assert!(
            found.contains("is no regular file") && found.ends_with("--- exit code 2\n"),
            "{words}: {found}"
        );
    }
}

#[test]
fn what_policies_print_is_shown_with_its_place_and_document() {
    let policy = "package main\n\ndeny contains \"x\" if {\n\tprint(\"a is\", input.a, \"and \\u001b[31m\", input.b)\n\tinput.a > 1\n}\n";
    let files: Vec<String> = (0..20).map(|index| format!("in/{index:02}.yaml")).collect();
    let mut all: Vec<(&str, &str)> = files.iter().map(|name| (name.as_str(), "a: 1\n")).collect();
    all.push(("policy/p.rego", policy));
    all.push(("two.yaml", "a: 1\n---\na: 2\n"));
    let root = project(&all);
    insta::assert_snapshot!("print", run(root.path(), "test two.yaml in/00.yaml"));
    insta::assert_snapshot!("print_stdout", run(root.path(), "test -o stdout two.yaml"));
    let one = run(root.path(), "test --jobs 1 in");
    assert_eq!(one.matches("print: ").count(), 20);
    assert_eq!(one, run(root.path(), "test --jobs 8 in"));
}

#[test]
fn what_only_conftest_has_is_told_so_by_name() {
    let files = [("policy/p.rego", POLICY), ("in.yaml", "a: 2\n")];
    let root = project(&[&files[..], &[("conftest.toml", "trace = true\n")]].concat());
    insta::assert_snapshot!("conftest_only_key", run(root.path(), "test in.yaml"));
    insta::assert_snapshot!("conftest_only_flag", run(root.path(), "test --update x in.yaml"));
    insta::assert_snapshot!("conftest_only_command", run(root.path(), "verify --policy policy"));
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

#[cfg(unix)]
#[test]
fn a_file_name_reaches_no_terminal_raw_and_breaks_no_line() {
    let name = "ev\u{1b}[31m\nil.yaml";
    let root = project(&[("policy/p.rego", POLICY), (&format!("in/{name}"), "a: [\n")]);
    fs::write(root.path().join("in/good.yaml"), "a: 2\n").expect("a file");
    for style in ["text", "compact", "stdout"] {
        let found = run(root.path(), &format!("test -o {style} in"));
        assert!(
            !found.contains('\u{1b}') && !found.contains("\nil.yaml"),
            "{style}: {found}"
        );
        assert!(
            found.contains("ev\\u{1b}[31m\\nil.yaml does not parse"),
            "{style}: {found}"
        );
    }
}

const WHOLE_SET: &str = "package main\n\nimport data.lib.set\n\ndeny contains {\"msg\": msg, \"path\": [\"metadata\", \"name\"]} if {\n\tinput.kind == \"Service\"\n\tname := input.spec.selector.app\n\tnot set.has(name)\n\tmsg := sprintf(\"no pod %s in %v\", [name, set.places])\n}\n";
const LOOK_UP: &str = "package lib.set\n\nhas(name) if data.inventory.objects.Pod[\"default\"][name]\n\nplaces := [sprintf(\"%s:%d\", [entry.file, entry.line]) | some entries in data.inventory.objects.Pod[\"default\"]; some entry in entries]\n";

#[test]
fn rules_see_the_whole_set() {
    let service = |app: &str| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: {app}}}\nspec: {{selector: {{app: {app}}}}}\n")
    };
    let (web, lost) = (service("web"), service("lost"));
    let pods = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: web}\n- kind: Pod\n  metadata: {name: api, namespace: other}\n";
    let root = project(&[
        ("policy/p.rego", WHOLE_SET),
        ("policy/lib.rego", LOOK_UP),
        ("in/web.yaml", &web),
        ("in/lost.yaml", &lost),
        ("in/pods.yaml", pods),
        (
            "data.yaml",
            "inventory: {objects: {Pod: {default: {lost: [{file: x, line: 1}]}}}}\n",
        ),
    ]);
    let found = run(root.path(), "test -o compact in");
    insta::assert_snapshot!("whole_set", found);
    assert_eq!(run(root.path(), "test -o compact in -j 1"), found);
    assert_eq!(run(root.path(), "test -o compact in --engine both"), found);
    insta::assert_snapshot!("whole_set_of_data", run(root.path(), "test -o compact -d data.yaml in"));
    insta::assert_snapshot!(
        "refused_whole_set_of_data",
        run(root.path(), "test --strict -d data.yaml in")
    );
}

#[test]
fn rules_about_all_files_together_see_the_whole_set_too() {
    let policy = "package main\n\ndeny contains {\"msg\": \"alone\", \"path\": [at, \"contents\"]} if {\n\tsome at, file in input\n\tcount(data.inventory.objects[file.contents.kind]) == 1\n}\n";
    let object = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    let root = project(&[("policy/p.rego", policy), ("a.yaml", object)]);
    insta::assert_snapshot!(
        "whole_set_combined",
        run(root.path(), "test -o compact --combine a.yaml")
    );
}

const BAD_POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web, securityContext: {privileged: true}}]}\n";

#[test]
fn profiles_choose_policies_of_the_library() {
    let root = project(&[("in.yaml", BAD_POD), ("Dockerfile", "FROM scratch\nUSER 1\n")]);
    let rules = |words: &str| {
        let found = run(root.path(), &format!("test -o compact in.yaml {words}"));
        let rules = found
            .lines()
            .filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned()));
        let mut rules: Vec<String> = rules.collect();
        rules.dedup();
        rules
    };
    let usual = rules("");
    assert!(
        usual.contains(&"kubernetes/pod_security/baseline/privileged".to_owned()),
        "{usual:?}"
    );
    assert!(!usual.contains(&"kubernetes/resources/limits".to_owned()), "{usual:?}");
    assert_eq!(rules("--profile default"), usual);
    let strict = rules("--profile strict");
    assert!(strict.contains(&"kubernetes/resources/limits".to_owned()), "{strict:?}");
    let beside = rules("--profile default --library kubernetes/resources/limits");
    assert!(
        beside.contains(&"kubernetes/resources/limits".to_owned()) && beside.len() > usual.len(),
        "{beside:?}"
    );
    assert_eq!(
        rules("--library kubernetes/resources/limits"),
        ["kubernetes/resources/limits"]
    );
    fs::write(root.path().join("kpolicy.toml"), "profile = [\"default\", \"stict\"]\n").expect("a file");
    insta::assert_snapshot!("refused_unknown_profile", run(root.path(), "test in.yaml"));
}

#[test]
fn policies_that_judged_nothing_are_told_and_can_be_required() {
    let root = project(&[("in.yaml", BAD_POD), ("Dockerfile", "FROM scratch\nUSER 1\n")]);
    let both = "test --library kubernetes/pod_security/baseline/privileged,docker/user/root";
    insta::assert_snapshot!("vacuous", run(root.path(), &format!("{both} Dockerfile")));
    insta::assert_snapshot!("vacuous_json", run(root.path(), &format!("{both} -o json Dockerfile")));
    let required = format!("{both} --require-match kubernetes/pod_security/baseline");
    insta::assert_snapshot!("refused_vacuous", run(root.path(), &format!("{required} Dockerfile")));
    assert!(run(root.path(), &format!("{required} Dockerfile in.yaml")).ends_with("exit code 1\n"));
    let wrong = format!("{both} --require-match kubernetes/pod_security/baseline/privilege in.yaml");
    insta::assert_snapshot!("refused_unknown_required", run(root.path(), &wrong));
    insta::assert_snapshot!(
        "refused_combined_library",
        run(root.path(), &format!("{both} --combine in.yaml"))
    );
}

/// A file that nothing looks at stands beside others that are judged.
#[test]
fn files_that_no_policy_is_for_are_named() {
    let root = project(&[
        ("in/pod.yaml", BAD_POD),
        ("in/values.yaml", "a: 1\n---\nb: 2\n"),
        ("in/blank.yaml", "# later\n"),
        ("in/Chart.yaml", "name: a\n"),
        ("in/d.json", "[1]"),
        ("in/c.toml", "a = 1\n"),
    ]);
    let words = "test --library kubernetes/pod_security/baseline/privileged";
    insta::assert_snapshot!("unmatched_files", run(root.path(), &format!("{words} in")));
    insta::assert_snapshot!(
        "unmatched_files_json",
        run(root.path(), &format!("{words} -o json in/pod.yaml in/d.json"))
    );
    assert!(!run(root.path(), &format!("{words} in/pod.yaml")).contains("no policy is for"));
}

const SETTINGS: &str = r#"library = ["kubernetes/pod_security/baseline/privileged", "kubernetes/images/mutable_tag"]

[severity]
"kubernetes/pod_security/baseline" = "low"

[[exempt]]
policy = "kubernetes/pod_security/baseline/*"
kind = "Pod"
name = ["api", "w*"]
label = "app"
file = "in"
reason = "it loads a driver"

[[exempt]]
policy = "kubernetes/images"
namespace = "other"
reason = "never"

[[exempt]]
policy = "kubernetes/images"
reason = "until then"
expires = 2020-02-29
"#;

#[test]
fn what_the_settings_set_aside_is_told_as_waived() {
    let pod = |name: &str, labels: &str| {
        let container = "{name: web, image: web, securityContext: {privileged: true}}";
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{{labels}}}}}\nspec: {{containers: [{container}]}}\n---\n"
        )
    };
    let pods = [pod("web", "app: web"), pod("web", "tier: web"), pod("db", "app: db")].concat();
    let root = project(&[("kpolicy.toml", SETTINGS), ("in/pods.yaml", &pods)]);
    insta::assert_snapshot!("exempt", run(root.path(), "test -o json in"));
    let told = run(root.path(), "test -o compact in");
    assert!(
        told.contains("expired on 2020-02-29") && told.contains("sets nothing aside"),
        "{told}"
    );
    assert!(!run(root.path(), "test -o compact --quiet in").contains("exemption"));
}

#[test]
fn every_fault_of_exemptions_and_severities_is_told_at_its_place() {
    let faults = "severity = 3\n\n[[exempt]]\npolicy = [\"a/[\", 1]\nreason = \" \"\nexpires = \"soon\"\nnames = \"x\"\n\n[[exempt]]\nkind = \"\"\n";
    let unknown = "[severity]\n\"docker/user/rot\" = \"high\"\n\n[[exempt]]\npolicy = \"docker/usr/*\"\nreason = \"x\"\n\n[params.resources.limits]\nresources = 1\n";
    let root = project(&[("faults.toml", faults), ("unknown.toml", unknown), ("in.yaml", BAD_POD)]);
    insta::assert_snapshot!("refused_exemptions", run(root.path(), "test -c faults.toml in.yaml"));
    insta::assert_snapshot!("refused_unknown_ids", run(root.path(), "test -c unknown.toml in.yaml"));
}

/// A user mends the file once.
#[test]
fn faults_of_settings_and_of_what_they_name_are_told_in_one_run() {
    let faults = "library = [\"kubernetes/nope\"]\nquite = true\njobs = 0\n\n[severity]\n\"docker/user/rot\" = \"high\"\n\
                  \"docker/user/root\" = \"hihg\"\n\n[[exempt]]\npolicy = \"main/dney\"\nreason = \"x\"\n\n\
                  [params.resources.limits]\nresources = 1\n";
    let broken = "package broken\n\ndeny contains\n";
    let root = project(&[
        ("p/p.rego", POLICY),
        ("broken/p.rego", broken),
        ("in.yaml", BAD_POD),
        ("all.toml", faults),
    ]);
    insta::assert_snapshot!("refused_in_one_run", run(root.path(), "test -c all.toml -p p in.yaml"));
    insta::assert_snapshot!(
        "refused_in_one_run_with_the_policies",
        run(root.path(), "test -c all.toml -p broken in.yaml")
    );
    // Which ids there are is not known where the policies are what is at fault.
    for line in ["polcy = \"p\"", "data = 1", "rego-version = \"v3\""] {
        let text = format!("{line}\n[severity]\n\"other/deny\" = \"high\"\n");
        fs::write(root.path().join("kpolicy.toml"), text).expect("a file");
        let found = run(root.path(), "test in.yaml");
        assert!(
            !found.contains("no policy has the id") && found.ends_with("exit code 2\n"),
            "{found}"
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
