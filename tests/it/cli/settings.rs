//! Flags, variables and settings files, and what is wrong with them.

use std::fs;

use super::{BAD_POD, POLICY, kpolicy, project, run, run_with};

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

/// Where the file names what is not there, it is shown where.
#[test]
fn a_name_that_is_none_is_told_at_its_place_in_the_file() {
    let settings = "policy = \"p\"\nnamespace = [\n  \"main\",\n  \"maim\",\n]\n";
    let root = project(&[
        ("p/p.rego", POLICY),
        ("in.yaml", "a: 1\n"),
        ("kpolicy.toml", settings),
        ("match.toml", "policy = \"p\"\nrequire-match = \"main/dney\"\n"),
        ("lacking.toml", "library = \"kubernetes/images/allowed_registries\"\n"),
    ]);
    let told = [
        "test in.yaml",
        "test -c match.toml in.yaml",
        "test -c lacking.toml in.yaml",
    ];
    let told = told.map(|words| run(root.path(), words)).concat();
    insta::assert_snapshot!("refused_names_at_their_places", told);
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

/// The version names the second engine where there is one.
#[test]
fn the_version_names_the_engines_that_are_built_in() {
    let root = project(&[]);
    let version = run(root.path(), "--version");
    assert_eq!(
        version.contains("regorus"),
        cfg!(feature = "engine-regorus"),
        "{version}"
    );
}

/// Without the second engine, asking for it is an error that says how to get it.
#[cfg(not(feature = "engine-regorus"))]
#[test]
fn an_engine_that_is_not_built_in_is_an_error() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("in.yaml", "a: 2\n"),
        ("kpolicy.toml", "engine = \"regorus\"\n"),
    ]);
    for (words, location) in [
        ("test in.yaml", "kpolicy.toml:1:"),
        ("test --engine both in.yaml", "--engine"),
    ] {
        let found = run(root.path(), words);
        assert!(
            found.contains("does not have the engine regorus") && found.contains(location),
            "{found}"
        );
        assert!(
            found.contains("engine-regorus") && found.ends_with("exit code 2\n"),
            "{found}"
        );
    }
    assert!(run(root.path(), "test --engine own in.yaml").ends_with("exit code 1\n"));
}
