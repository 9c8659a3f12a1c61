//! The user's own policies: where they come from and what they see.

use std::fs;

use super::{POLICY, project, run};

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
fn a_stream_gives_the_same_on_one_thread_and_on_many() {
    let documents: Vec<String> = (0..300)
        .map(|index| match index % 7 {
            0 => format!(
                "kind: Service\nmetadata: {{name: s{index}}}\nspec: {{selector: {{app: p{}}}}}\n",
                index + 1
            ),
            1 => format!(
                "kind: Pod\nmetadata: {{name: p{}}}\nspec: {{containers: [{{name: c, image: x}}]}}\n",
                index / 14
            ),
            _ => format!("kind: Other\nmetadata: {{name: o{index}}}\na: {index}\n"),
        })
        .collect();
    let stream = documents.join("---\n");
    let each =
        "package each\n\ndeny contains sprintf(\"a is %d\", [input.a]) if {\n\tprint(input.a)\n\tinput.a % 5 == 0\n}\n";
    let files = [("in.yaml", stream.as_str()), ("policy/each.rego", each)];
    let with_set = [
        files[0],
        files[1],
        ("policy/set.rego", WHOLE_SET),
        ("policy/lib/set.rego", LOOK_UP),
    ];
    for files in [files.as_slice(), &with_set] {
        let root = project(files);
        for output in ["text", "json", "stdout"] {
            let found = |jobs| {
                run(
                    root.path(),
                    &format!("test --show-skipped -o {output} --jobs {jobs} in.yaml"),
                )
            };
            let one = found(1);
            assert!(one.contains("a is 110"), "{one}");
            assert_eq!(one, found(4));
        }
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
    if cfg!(feature = "engine-regorus") {
        assert_eq!(run(root.path(), "test -o compact in --engine both"), found);
    }
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

#[test]
fn inspect_prints_plans_of_either_version() {
    let root = project(&[("old.rego", "package main\n\ndeny[msg] { msg := input.a }\n")]);
    insta::assert_snapshot!("inspect", run(root.path(), "inspect --plan old.rego"));
    insta::assert_snapshot!(
        "inspect_v0",
        run(root.path(), "inspect --plan --rego-version v0 old.rego")
    );
}

/// The file at hand is found in the program: by a name that is only known when the rule is evaluated, and by way of a
/// rule whose value holds for all documents otherwise.
#[test]
fn rules_see_the_file_at_hand_however_they_name_it() {
    let policy = "package main\n\nkey := concat(\"\", [\"conf\", \"test\"])\n\nhere := data[key].file.name\n\ndeny contains sprintf(\"this is %s\", [here]) if input.a\n";
    let files = [
        ("policy/p.rego", policy),
        ("one.yaml", "a: 1\n"),
        ("two.yaml", "a: 1\n"),
    ];
    let found = run(project(&files).path(), "test --jobs 1 -o compact one.yaml two.yaml");
    for name in ["one", "two"] {
        assert!(
            found.contains(&format!("deny[main/deny] this is {name}.yaml\n")),
            "{found}"
        );
    }
}

/// A builtin that is not allowed is refused once, in a branch that never runs too, and not where it is replaced.
#[test]
fn builtins_that_are_not_allowed_are_refused_unless_they_are_replaced() {
    let judged = |body: &str| {
        let policy = format!("package main\n\ndeny contains x if {{\n\t{body}\n}}\n");
        let root = project(&[("policy/p.rego", &policy), ("in.yaml", "a: 1\n")]);
        run(root.path(), "test -o compact in.yaml")
    };
    for body in ["false\n\tx := time.now_ns()", "x := time.now_ns()\n\ty := x\n\ty > 1"] {
        let found = judged(body);
        let lines = found.lines().filter(|line| line.starts_with("policy/p.rego:"));
        assert!(lines.count() == 1 && found.ends_with("--- exit code 2\n"), "{found}");
    }
    let found = judged("x := sprintf(\"%d\", [time.now_ns()]) with time.now_ns as 5");
    assert!(found.ends_with("--- exit code 1\n"), "{found}");
}
