//! What could leave something unevaluated in silence: data that nobody gives, rules that never fire, kinds that no
//! policy reads, fields that Kubernetes drops.

use super::{BAD_POD, POLICY, project, run};

const LIMITED: &str = "package main\n\nimport data.allowed\n\ndeny contains \"not allowed\" if {\n\tname := input.name\n\tnot name in allowed\n}\n";

#[test]
fn data_that_nobody_provides_is_told() {
    let file = ("in.yaml", "name: a\n");
    let root = project(&[("policy/p.rego", LIMITED), file, ("data.yaml", "allowed: [a]\n")]);
    insta::assert_snapshot!("undefined_data", run(root.path(), "test -o compact in.yaml"));
    insta::assert_snapshot!("undefined_data_strict", run(root.path(), "test --strict in.yaml"));
    let quiet = |words: &str| {
        let found = run(root.path(), words);
        assert!(!found.contains("undefined"), "{words}: {found}");
    };
    quiet("test -o compact -d data.yaml --strict in.yaml");
    quiet("test -o compact --allow-undefined-data data.allowed --strict in.yaml");
    quiet("test -o compact --allow-undefined-data allowed in.yaml");
}

#[test]
fn data_that_may_be_missing_is_not_told() {
    for policy in [
        "package main\n\ndeny contains \"x\" if input.name == \"b\" with data.denied as []\n",
        "package main\n\ndefault denied := []\n\ndenied := data.denied\n\ndeny contains \"x\" if input.name in denied\n",
        "package main\n\ndenied contains name if some name in data.denied\n\ndeny contains \"x\" if input.name in denied with data.denied as [\"b\"]\n",
        "package main\n\ndeny contains \"x\" if input.name == data.main.names[_]\n\nnames := [\"b\"]\n",
        "package main\n\ndeny contains data.conftest.file.name if input.name == \"b\"\n",
        "package main\n\ndeny contains \"x\" if some name in data.inventory.objects.Pod; input.name == name\n",
    ] {
        let policy = policy.replace(
            "if some name in data.inventory.objects.Pod; input.name == name",
            "if {\n\tsome name in data.inventory.objects.Pod\n\tinput.name == name\n}",
        );
        let root = project(&[("policy/p.rego", &policy), ("in.yaml", "name: a\n")]);
        let found = run(root.path(), "test --strict in.yaml");
        assert!(
            !found.contains("undefined:") && found.ends_with("exit code 0\n"),
            "{policy}: {found}"
        );
    }
}

#[test]
fn a_part_of_data_that_is_missing_is_told_with_its_whole_name() {
    let policy = "package main\n\ndeny contains \"x\" if not data.names.allowed[input.name]\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("in.yaml", "name: a\n"),
        ("d.yaml", "names: {alowed: [a]}\n"),
    ]);
    let found = run(root.path(), "test -o compact -d d.yaml in.yaml");
    assert!(
        found.contains("data.names.allowed is undefined: no --data file provides it"),
        "{found}"
    );
}

#[test]
fn data_files_that_differ_below_the_top_are_refused() {
    let policy = "package main\n\ndeny contains \"x\" if data.x.y == input.a\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("in.yaml", "a: 1\n"),
        ("a.json", "{\"x\": {\"y\": 1}}\n"),
        ("b.yaml", "x: {y: 2}\n"),
        ("c.yaml", "x: {y: 1, z: 1}\n"),
    ]);
    insta::assert_snapshot!("data_conflict", run(root.path(), "test -d a.json -d b.yaml in.yaml"));
    let found = run(root.path(), "test -o compact -d a.json -d c.yaml in.yaml");
    assert!(found.ends_with("exit code 1\n"), "{found}");
}

#[test]
fn a_rule_for_single_documents_is_told_with_combine() {
    let single = "package main\n\ndeny contains \"x\" if {\n\tis_pod\n\tinput.spec.hostNetwork\n}\n\nis_pod if input.kind == \"Pod\"\n\nwarn contains \"y\" if {\n\tsome file in input\n\tfile.contents.kind == \"Pod\"\n}\n\nviolation contains \"z\" if input.kind == \"Pod\"\n\nviolation contains \"z\" if input[_].contents.kind == \"Job\"\n";
    let root = project(&[("policy/p.rego", single), ("in.yaml", BAD_POD)]);
    insta::assert_snapshot!("combine_never", run(root.path(), "test -o compact --combine in.yaml"));
    let strict = run(root.path(), "test --combine --strict in.yaml");
    assert!(strict.ends_with("exit code 2\n"), "{strict}");
    let apart = run(root.path(), "test --strict in.yaml");
    assert!(!apart.contains("never fires"), "{apart}");
}

#[test]
fn an_exception_for_a_rule_that_is_none_is_told() {
    let policy = |exception: &str| format!("package main\n\ndeny_root contains \"x\" if input.a\n\n{exception}\n");
    let told = |exception: &str| {
        let root = project(&[
            ("policy/p.rego", &policy(exception)),
            ("in.yaml", "a: 1\nnames: [rot]\n"),
        ]);
        let found = run(root.path(), "test -o compact in.yaml");
        let warnings = found
            .lines()
            .filter(|line| line.contains("exception names") || line.contains("help"));
        warnings.map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(
        "exceptions_of_no_rule",
        [
            told("exception contains rules if {\n\tinput.a\n\trules := [\"rot\"]\n}"),
            told("exception contains [\"deny_root\"] if input.a == 2"),
            told("exception contains rules if rules := input.names"),
        ]
        .join("\n\n")
    );
    assert_eq!(told("exception contains [\"root\"] if input.a"), "");
    assert_eq!(
        told("exception contains [\"\"] if input.a\n\ndeny contains \"y\" if input.b"),
        ""
    );
}

#[test]
fn policies_of_version_0_are_told_in_one_line() {
    let old = "package main\n\ndeny[msg] {\n\tinput.a > 1\n\tmsg := \"x\"\n}\n\nwarn[msg] {\n\tmsg := \"y\"\n}\n";
    let root = project(&[
        ("policy/a.rego", old),
        ("policy/b.rego", &old.replace("main", "other")),
        ("in.yaml", "a: 2\n"),
    ]);
    insta::assert_snapshot!("version_0", run(root.path(), "test in.yaml"));
    assert!(run(root.path(), "test --rego-version v0 in.yaml").ends_with("exit code 1\n"));
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "a: 2\n")]);
    insta::assert_snapshot!("version_1", run(root.path(), "test --rego-version v0 in.yaml"));
}

#[test]
fn terraform_policies_are_for_terraform_alone() {
    let none = [
        "package.json",
        "tsconfig.json",
        "list.json",
        "a.tfvars",
        "terragrunt.hcl",
    ];
    let root = project(&[
        ("package.json", "{\"name\": \"a\", \"main\": \"a.js\"}"),
        ("tsconfig.json", "{\"compilerOptions\": {\"strict\": true}}"),
        ("list.json", "[\"a\"]"),
        ("a.tfvars", "region = \"eu\"\n"),
        ("terragrunt.hcl", "inputs = {\n  a = 1\n}\n"),
        ("main.tf", "resource \"aws_s3_bucket\" \"a\" {}\n"),
        ("main.tf.json", "{\"variable\": {\"a\": {}}}"),
        (
            "plan.json",
            "{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.0\", \"planned_values\": {}}",
        ),
    ]);
    for file in none {
        let found = run(root.path(), &format!("test {file}"));
        assert!(found.ends_with("exit code 2\n"), "{file}: {found}");
    }
    for file in ["main.tf", "main.tf.json", "plan.json"] {
        let found = run(root.path(), &format!("test {file}"));
        assert!(found.ends_with("exit code 0\n"), "{file}: {found}");
    }
}

const ROLLOUT: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: web, image: web, securityContext: {privileged: true}}\n";

#[test]
fn kinds_that_create_pods_are_judged_and_others_are_told() {
    let fleet = ROLLOUT
        .replace("argoproj.io/v1alpha1", "x.example/v1")
        .replace("Rollout", "Fleet");
    let root = project(&[
        ("rollout.yaml", ROLLOUT),
        ("fleet.yaml", &fleet),
        (
            "fleet.toml",
            "[pod-templates]\n\"Fleet.x.example\" = \"spec.template\"\n",
        ),
        ("wrong.toml", "[pod-templates]\nFleet = 1\nOther = \"spec..x\"\n"),
        (
            "own.rego",
            "# METADATA\n# custom:\n#   kinds: [Fleet]\npackage own\n\ndeny contains \"x\" if input.x\n",
        ),
    ]);
    let library = "test --library kubernetes/pod_security/baseline/privileged -o compact";
    let judged = run(root.path(), &format!("{library} rollout.yaml"));
    assert!(
        judged.starts_with("rollout.yaml:8:63: deny[kubernetes/pod_security/baseline/privileged]"),
        "{judged}"
    );
    insta::assert_snapshot!(
        "unread_template",
        run(root.path(), &format!("{library} rollout.yaml fleet.yaml"))
    );
    let given = run(root.path(), &format!("{library} --config fleet.toml fleet.yaml"));
    assert!(
        given.starts_with("fleet.yaml:8:63: deny") && !given.contains("no policy reads"),
        "{given}"
    );
    insta::assert_snapshot!(
        "wrong_templates",
        run(root.path(), &format!("{library} --config wrong.toml fleet.yaml"))
    );
    let own = run(root.path(), &format!("{library} -p own.rego fleet.yaml"));
    assert!(!own.contains("no policy reads"), "{own}");
    let without = run(root.path(), "test -p own.rego fleet.yaml");
    assert!(!without.contains("no policy reads"), "{without}");
}

#[test]
fn fields_that_kubernetes_does_not_have_are_told() {
    let misspelt = BAD_POD.replace("securityContext", "securityContexts");
    let root = project(&[("pod.yaml", &misspelt), ("policy/p.rego", POLICY)]);
    insta::assert_snapshot!("unknown_field", run(root.path(), "test -o compact pod.yaml"));
    insta::assert_snapshot!(
        "unknown_field_strict",
        run(root.path(), "test -o compact --strict-fields pod.yaml")
    );
    let compat = run(root.path(), "test --compat conftest pod.yaml");
    assert!(!compat.contains("unknown field"), "{compat}");
}

const BY_KIND: &str = "# METADATA\n# scope: package\n# custom:\n#   kinds: [Pod]\npackage team.pods\n\ndeny contains \"x\" if input.spec.x\n";

#[test]
fn a_required_policy_has_to_evaluate_a_document() {
    let other = "package team.pods\n\nwarn contains \"y\" if input.spec.y\n";
    let kinds = "package team.jobs\n\nimport data.lib\n\ndeny contains \"x\" if {\n\tlib.is_job\n\tinput.x\n}\n";
    let lib = "package lib\n\nis_job if input.kind in {\"Job\", \"CronJob\"}\n";
    let root = project(&[
        ("policy/a.rego", BY_KIND),
        ("policy/b.rego", other),
        ("policy/c.rego", kinds),
        ("policy/lib.rego", lib),
        ("pod.yaml", BAD_POD),
        ("service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"),
    ]);
    let code = |words: &str| {
        let found = run(root.path(), &format!("test -o compact {words}"));
        (found.chars().rev().nth(1), found)
    };
    for (words, wanted) in [
        ("--require-match team/pods pod.yaml", '0'),
        ("--require-match team pod.yaml", '0'),
        ("--require-match team/pods/warn pod.yaml", '0'),
        ("--require-match team/pods/warn service.yaml", '2'),
        ("--require-match team/jobs pod.yaml", '2'),
        ("--require-match team/pods --require-match team/jobs pod.yaml", '2'),
    ] {
        let (found, text) = code(words);
        assert_eq!(found, Some(wanted), "{words}: {text}");
    }
    insta::assert_snapshot!("required", run(root.path(), "test --require-match team/jobs pod.yaml"));
}

#[test]
fn a_started_project_keeps_the_library() {
    let root = project(&[]);
    run(root.path(), "init");
    std::fs::write(root.path().join("pod.yaml"), BAD_POD).expect("a file");
    let found = run(root.path(), "test -o compact pod.yaml");
    assert!(found.contains("kubernetes/pod_security/baseline/privileged"), "{found}");
}
