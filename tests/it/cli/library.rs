//! The built-in library: what of it judges, and what is told of the rest.

use std::fs;

use super::{BAD_POD, project, run};

#[test]
fn where_there_is_no_policy_the_library_judges_and_says_so() {
    let pod = "kind: Pod\nspec: {containers: [{name: web, securityContext: {privileged: true}}]}\n";
    let root = project(&[("in.yaml", pod)]);
    let found = run(root.path(), "test -o compact in.yaml");
    let finding = "in.yaml:2:63: deny[kubernetes/pod_security/baseline/privileged] container web is privileged\n";
    let notice = "---\nno policy directory here: using the built-in library, profile default \
                  (kpolicy init creates a policy of your own)\n--- exit code 1\n";
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
fn many_warnings_of_one_policy_are_one_line_of_text() {
    let root = project(&[]);
    let pods = ["a", "b", "c"].map(|name| format!("{}\n---\n", BAD_POD.replace("name: ", &format!("name: {name}-"))));
    fs::write(root.path().join("many.yaml"), pods.concat()).expect("a file");
    insta::assert_snapshot!(
        "many_warnings",
        run(
            root.path(),
            "test many.yaml --library kubernetes/images --profile default"
        )
    );
}

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
    assert!(
        !usual.contains(&"kubernetes/resources/cpu_limit".to_owned()),
        "{usual:?}"
    );
    assert_eq!(rules("--profile default"), usual);
    let strict = rules("--profile strict");
    assert!(
        strict.contains(&"kubernetes/resources/cpu_limit".to_owned()),
        "{strict:?}"
    );
    let beside = rules("--profile default --library kubernetes/resources/cpu_limit");
    assert!(
        beside.contains(&"kubernetes/resources/cpu_limit".to_owned()) && beside.len() > usual.len(),
        "{beside:?}"
    );
    assert_eq!(
        rules("--library kubernetes/resources/cpu_limit"),
        ["kubernetes/resources/cpu_limit"]
    );
    let settings = |text: &str| fs::write(root.path().join("kpolicy.toml"), text).expect("a file");
    settings("[profiles]\ndefault = [\"kubernetes/resources/cpu_limit\"]\n");
    assert_eq!(rules(""), beside);
    settings("[profiles]\ndefault = [\"kubernetes/resources/cpu_limits\"]\nusual = []\nstrict = 1\n");
    insta::assert_snapshot!("refused_additions", run(root.path(), "test in.yaml"));
    settings("profile = [\"default\", \"stict\"]\n");
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
        ("in/notes.yaml", "name: a\n"),
        ("in/d.json", "[1]"),
        ("in/c.toml", "a = 1\n"),
    ]);
    let words = "test --library kubernetes/pod_security/baseline/privileged";
    insta::assert_snapshot!("unmatched_files", run(root.path(), &format!("{words} in")));
    for style in ["compact", "junit"] {
        let found = run(root.path(), &format!("{words} -o {style} in/notes.yaml in/pod.yaml"));
        insta::assert_snapshot!(format!("unmatched_files_{style}"), found);
    }
    insta::assert_snapshot!(
        "unmatched_files_json",
        run(root.path(), &format!("{words} -o json in/pod.yaml in/d.json"))
    );
    assert!(!run(root.path(), &format!("{words} in/pod.yaml")).contains("no policy is for"));
    // A rule about all files together sees each of them.
    let policy = "# METADATA\n# custom:\n#   kinds: [Pod]\npackage main\n\n\
        deny contains \"few\" if count(input) < 2\n";
    fs::create_dir(root.path().join("own")).expect("a folder");
    fs::write(root.path().join("own/p.rego"), policy).expect("a policy");
    let combined = run(root.path(), "test --combine -p own in/pod.yaml in/notes.yaml");
    assert!(
        !combined.contains("no policy is for") && combined.ends_with("exit code 0\n"),
        "{combined}"
    );
}

#[test]
fn objects_of_kubernetes_in_jsonnet_and_cue_are_evaluated() {
    let pod = "apiVersion: \"v1\", kind: \"Pod\", metadata: {name: \"x\"}, spec: {containers: [{name: \"a\", image: \"r/x:1\", securityContext: {privileged: true}}]}";
    let jsonnet = format!("{{{pod}}}\n");
    let root = project(&[
        ("in/good.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"),
        ("in/pod.jsonnet", &jsonnet),
        ("in/pod.cue", &jsonnet),
    ]);
    let found = run(root.path(), "test --profile baseline -o compact in");
    for file in ["in/pod.jsonnet:1:", "in/pod.cue:1:"] {
        assert!(found.contains(file), "{found}");
    }
    assert!(found.ends_with("--- exit code 1\n"), "{found}");
}
