//! What is read, and as what.

use std::fs;
use std::process::Command;

use crate::common::program;

use super::{POLICY, project, run, run_with};

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
            found.contains("is not a regular file") && found.ends_with("--- exit code 2\n"),
            "{words}: {found}"
        );
    }
}

#[cfg(unix)]
fn link(root: &std::path::Path, target: &str, name: &str) {
    std::os::unix::fs::symlink(target, root.join(name)).expect("a link");
}

/// What was found, one file a line, and the exit code.
fn files_found(root: &std::path::Path, words: &str) -> String {
    let found = run(root, &format!("test -o compact {words}"));
    let (out, rest) = found.split_once("---\n").expect("a mark after standard output");
    let files: Vec<&str> = out.lines().filter_map(|line| line.split(':').next()).collect();
    format!("{} {}", files.join(" "), rest.lines().last().unwrap_or_default())
}

/// conftest follows links to directories, those that lead out of the tree too.
#[cfg(unix)]
#[test]
fn links_are_followed_and_each_real_file_is_evaluated_once() {
    let bad = "a: 2\n";
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("in/sub/s.yaml", bad),
        ("outside/o.yaml", bad),
        ("other/deep/d.yaml", bad),
        ("in/real.yaml", bad),
    ]);
    for (target, name) in [
        ("../outside", "in/one"),
        ("../outside", "in/two"),
        ("one", "in/chain"),
        ("..", "in/sub/up"),
        ("sub", "in/aaa"),
        ("real.yaml", "in/a.yaml"),
        ("../other", "in/other"),
    ] {
        link(root.path(), target, name);
    }
    // The chain leads to `outside` first; the real name of `sub` and of `real.yaml` counts.
    let all = "in/chain/o.yaml in/other/deep/d.yaml in/real.yaml in/sub/s.yaml --- exit code 1";
    assert_eq!(files_found(root.path(), "in"), all);
    assert_eq!(files_found(root.path(), "in in/two in/sub/up"), all);
    assert_eq!(
        files_found(root.path(), "in/two/*.yaml"),
        "in/two/o.yaml --- exit code 1"
    );
    // conftest shows where links lead to.
    assert_eq!(
        files_found(root.path(), "--compat conftest in"),
        "in/real.yaml in/sub/s.yaml other/deep/d.yaml outside/o.yaml --- exit code 1"
    );
    // A link may have any name, and what it leads to has one.
    link(root.path(), "../outside/o.yaml", "other/config");
    assert_eq!(
        files_found(root.path(), "other"),
        "other/config other/deep/d.yaml --- exit code 1"
    );
    link(root.path(), "nowhere", "other/lost");
    let found = run(root.path(), "test other");
    assert!(
        found.contains("other/lost is a dangling symbolic link") && found.ends_with("exit code 2\n"),
        "{found}"
    );
}

#[test]
fn a_walk_skips_what_nobody_edits_and_counts_it() {
    let bad = "a: 2\n";
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("in/a.yaml", bad),
        ("in/.git/b.yaml", bad),
        ("in/node_modules/x/c.yaml", bad),
        ("in/.terraform/modules/d.yaml", bad),
        ("in/notes.txt", "none"),
        ("in/kpolicy.toml", ""),
        ("in/vendor/e.yaml", bad),
    ]);
    let shown = run(root.path(), "test -o compact --show-skipped --ignore vendor in");
    insta::assert_snapshot!("show_skipped", shown);
    let counted = run(root.path(), "test in");
    let counted = counted
        .lines()
        .find(|line| line.contains(" in ") && line.contains("skipped"));
    insta::assert_snapshot!("counted_skipped", counted.unwrap_or_default());
    for named in [
        "in/.git",
        "in/node_modules",
        "in/.terraform",
        "in/node_modules/**",
        "**/node_modules/x/*.yaml",
    ] {
        let found = files_found(root.path(), named);
        assert!(found.ends_with(".yaml --- exit code 1"), "{named}: {found}");
    }
    assert_eq!(
        files_found(root.path(), "--compat conftest in"),
        "in/.git/b.yaml in/.terraform/modules/d.yaml in/a.yaml in/node_modules/x/c.yaml in/vendor/e.yaml --- exit code 1"
    );
}

#[test]
fn settings_ignore_globs_and_name_parsers() {
    let bad = "a: 2\n";
    let settings = "ignore = [\"vendor/\", \"gen/*.yaml\", \"!gen/keep.yaml\"]\n\n[parser]\n\"*.conf\" = \"yaml\"\n";
    let root = project(&[
        ("kpolicy.toml", settings),
        ("policy/p.rego", POLICY),
        ("in/vendor/a.yaml", bad),
        ("gen/b.yaml", bad),
        ("gen/keep.yaml", bad),
        ("in/c.conf", bad),
    ]);
    assert_eq!(
        files_found(root.path(), "in gen"),
        "gen/keep.yaml in/c.conf --- exit code 1"
    );
    assert_eq!(files_found(root.path(), "in/c.conf"), "in/c.conf --- exit code 1");
    // What is ignored is not evaluated where it is named either, and nothing to evaluate is an error.
    assert!(run(root.path(), "test gen/b.yaml").ends_with("exit code 2\n"));
    let wrong = "ignore = [\"{a\"]\n\n[parser]\n\"*.conf\" = \"yam\"\n";
    fs::write(root.path().join("kpolicy.toml"), wrong).expect("a file");
    insta::assert_snapshot!("wrong_globs", run(root.path(), "test in"));
}

#[test]
fn git_ignored_files_are_evaluated_unless_that_is_turned_off() {
    let bad = "a: 2\n";
    let root = project(&[
        ("policy/p.rego", POLICY),
        (".git/info/exclude", "excluded.yaml\n"),
        (".gitignore", "rendered/\n*.tmp.yaml\n"),
        ("in/.gitignore", "!keep.tmp.yaml\n"),
        ("in/a.tmp.yaml", bad),
        ("in/keep.tmp.yaml", bad),
        ("in/excluded.yaml", bad),
        ("in/rendered/b.yaml", bad),
    ]);
    assert!(
        files_found(root.path(), "in")
            .starts_with("in/a.tmp.yaml in/excluded.yaml in/keep.tmp.yaml in/rendered/b.yaml")
    );
    let respecting = |words: &str| files_found(root.path(), &format!("--respect-gitignore {words}"));
    assert_eq!(respecting("in"), "in/keep.tmp.yaml --- exit code 1");
    assert_eq!(
        respecting("in/a.tmp.yaml in/rendered"),
        "in/a.tmp.yaml in/rendered/b.yaml --- exit code 1"
    );
}

/// A directory `policy` and settings that cannot be used are never taken for missing.
#[cfg(unix)]
#[test]
fn a_policy_or_settings_path_that_cannot_be_used_is_an_error() {
    for name in ["policy", "kpolicy.toml", "conftest.toml"] {
        let root = project(&[("in.yaml", "kind: Pod\n")]);
        let path = root.path().join(name);
        let unusable = |what: &str| {
            let found = run(root.path(), "test in.yaml");
            assert!(found.ends_with("--- exit code 2\n"), "{what} {name}: {found}");
            assert!(found.contains(name), "{what} {name}: {found}");
        };
        link(root.path(), "nowhere", name);
        unusable("a dangling link");
        fs::remove_file(&path).expect("it is there");
        link(root.path(), name, name);
        unusable("a cycle of links");
        fs::remove_file(&path).expect("it is there");
        link(root.path(), "/dev/null", name);
        unusable("a device");
        fs::remove_file(&path).expect("it is there");
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .expect("mkfifo runs")
                .success()
        );
        unusable("a FIFO");
        fs::remove_file(&path).expect("it is there");
        fs::create_dir(&path).expect("a directory");
        unusable("an empty directory");
    }
}

#[test]
fn keys_that_are_there_twice_are_reported_at_both_places() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("twice.yaml", "a: 1\nb: &b {c: 1}\na: 2\nd:\n  <<: *b\n  c: 3\n"),
        ("twice.json", "{\"x\": 1,\n \"x\": 2}"),
        ("text.yaml", "just a text\n"),
    ]);
    insta::assert_snapshot!(
        "duplicate_keys",
        run(root.path(), "test -o compact twice.yaml twice.json text.yaml")
    );
}

#[test]
fn a_template_that_nobody_rendered_is_recognized() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("value.yaml", "a: {{ .Values.a }}\n"),
        ("if.yaml", "{{- if .Values.a }}\na: 1\n{{- end }}\n"),
        ("include.yaml", "a:\n  {{- include \"x\" . | nindent 2 }}\n"),
        ("object.json", "{\"a\": {{ a }}}"),
        ("quoted.yaml", "a: \"{{ x }}\"\nb: |\n  {{ y }}\nc: [\n"),
    ]);
    for (file, hinted) in [
        ("value.yaml", true),
        ("if.yaml", true),
        ("include.yaml", true),
        ("object.json", true),
        ("quoted.yaml", false),
    ] {
        let found = run(root.path(), &format!("test {file}"));
        assert_eq!(found.contains("render it first"), hinted, "{found}");
        assert!(found.ends_with("exit code 2\n"), "{found}");
    }
}

#[test]
fn a_file_is_refused_by_its_own_limits_and_never_by_those_of_others() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("many.json", &format!("[{}0]", "0,".repeat(200))),
        ("many.yaml", &format!("a: [{}]\n", "0,".repeat(200))),
        ("many.toml", &format!("a = [{}]\n", "0,".repeat(200))),
        ("many.tf", &format!("a = [{}]\n", "0,".repeat(200))),
        ("Dockerfile", &format!("FROM x\n{}", "RUN y\n".repeat(200))),
        (
            "alias.yaml",
            "a: &a [0,0,0,0,0,0,0,0,0,0]\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n",
        ),
        ("one.yaml", "a: 2\n"),
        ("two.yaml", "a: 2\n"),
    ]);
    for file in [
        "many.json",
        "many.yaml",
        "many.toml",
        "many.tf",
        "Dockerfile",
        "alias.yaml",
    ] {
        let found = run(root.path(), &format!("test --max-nodes 100 {file}"));
        assert!(
            found.contains("contains more than 100 values")
                && found.contains("--max-nodes")
                && found.ends_with("exit code 2\n"),
            "{found}"
        );
        assert!(!run(root.path(), &format!("test --max-nodes 10000 {file}")).contains("more than"));
    }
    let found = run(root.path(), "test -o compact --memory 1 --jobs 4 one.yaml two.yaml");
    assert!(
        found.starts_with("one.yaml") && found.contains("\ntwo.yaml") && found.ends_with("exit code 1\n"),
        "{found}"
    );
    let bomb: String = ('b'..='k')
        .zip('a'..)
        .map(|(name, inner)| format!("#   {name}: &{name} [{}*{inner}]\n", format!("*{inner},").repeat(9)))
        .collect();
    let policy = format!("# METADATA\n# custom:\n#   a: &a [x,x,x,x,x,x,x,x,x,x]\n{bomb}package main\n");
    fs::write(root.path().join("policy/p.rego"), policy).expect("a file");
    let found = run(root.path(), "test one.yaml");
    assert!(
        found.contains("aliases to an excessive degree") && found.ends_with("exit code 2\n"),
        "{found}"
    );
}

#[test]
fn threads_are_those_of_the_run_alone() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "a: 2\n")]);
    let variables = [("RAYON_NUM_THREADS", "nonsense"), ("RAYON_RS_NUM_CPUS", "100000")];
    let found = run_with(root.path(), "test -o compact in.yaml", "", &variables);
    assert_eq!(found, run(root.path(), "test -o compact in.yaml"));
}

/// A report that nobody can read is no success.
#[cfg(unix)]
#[test]
fn a_closed_standard_output_or_input_is_an_error() {
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", "c: 1\n")]);
    let code = |words: &str, redirection: &str| {
        let command = format!("exec {} {words} {redirection}", env!("CARGO_BIN_EXE_kpolicy"));
        let output = program("sh").args(["-c", &command]).current_dir(root.path()).output();
        output.expect("a shell").status.code()
    };
    for words in ["test in.yaml", "test -o json in.yaml", "parse in.yaml", "list"] {
        assert_eq!(code(words, ">&-"), Some(2), "{words}");
        assert_eq!(code(words, ">/dev/null"), Some(0), "{words}");
    }
    assert_eq!(code("test --quiet in.yaml", ">&-"), Some(0));
    assert_eq!(code("test in.yaml -", "<&-"), Some(2));
}

#[test]
fn documents_and_files_without_a_policy_are_counted_and_named() {
    let root = project(&[
        ("pods.yaml", super::BAD_POD),
        (
            "mixed.yaml",
            &format!("{}---\nkind: Gadget\napiVersion: v1\n", super::BAD_POD),
        ),
        ("none.yaml", "kind: Gadget\napiVersion: v1\n"),
    ]);
    let library = "test --library kubernetes/pod_security -o text";
    let found = run(
        root.path(),
        &format!("{library} --show-skipped pods.yaml mixed.yaml none.yaml"),
    );
    let lines: Vec<&str> = found
        .lines()
        .filter(|line| line.contains("skipped") || line.contains("no policy"))
        .collect();
    insta::assert_snapshot!("documents_without_a_policy", lines.join("\n"));
    assert!(run(root.path(), &format!("{library} none.yaml")).ends_with("exit code 2\n"));
}

#[test]
fn standard_input_has_the_name_that_it_is_given() {
    let root = project(&[("policy/p.rego", POLICY)]);
    let found = run_with(
        root.path(),
        "test -o compact --stdin-filename deploy.json -",
        "{\"a\": 2}",
        &[],
    );
    assert!(found.starts_with("deploy.json:1:7:"), "{found}");
    // conftest reads it as YAML whatever it is called.
    let found = run_with(
        root.path(),
        "test -o compact --compat conftest --stdin-filename x.tf -",
        "a: 2\n",
        &[],
    );
    assert!(found.starts_with("x.tf:1:4:"), "{found}");
}

#[test]
fn a_key_that_a_data_file_has_twice_is_reported() {
    let root = project(&[
        ("policy/p.rego", POLICY),
        ("data.yaml", "allowed: [a]\nallowed: [b]\n"),
        ("in.yaml", "c: 1\n"),
    ]);
    let found = run(root.path(), "test -d data.yaml in.yaml");
    assert!(
        found.contains("data.yaml:2:1") && found.contains("duplicate key allowed"),
        "{found}"
    );
}

#[test]
fn a_file_that_is_too_large_is_an_error_that_names_the_limit() {
    let large = format!("a: 1\n# {}\n", "x".repeat(2048));
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", &large), ("small.yaml", "a: 2\n")]);
    insta::assert_snapshot!(
        "too_large",
        run(root.path(), "test --max-file-size 1K in.yaml small.yaml")
    );
    let stdin = run_with(root.path(), "test --max-file-size 1K -", &large, &[]);
    assert!(
        stdin.contains("--max-file-size") && stdin.ends_with("exit code 2\n"),
        "{stdin}"
    );
    for enough in ["2060", "3K", "1M", "1G"] {
        let found = run(root.path(), &format!("test --max-file-size {enough} in.yaml"));
        assert!(found.ends_with("exit code 0\n"), "{enough}: {found}");
    }
    let least = run(
        root.path(),
        &format!("test --max-file-size {} in.yaml", large.len() - 1),
    );
    assert!(least.ends_with("exit code 2\n"), "{least}");
    let most = run(root.path(), &format!("test --max-file-size {} in.yaml", large.len()));
    assert!(most.ends_with("exit code 0\n"), "{most}");
}

#[test]
fn aliases_that_grow_a_file_are_refused_at_the_limit() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..7 {
        let before = level - 1;
        text.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![format!("*a{before}"); 10].join(", ")
        ));
    }
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", &text)]);
    insta::assert_snapshot!("aliases", run(root.path(), "test in.yaml"));
    let few = "a: &a [x, y]\nb: [*a, *a]\n";
    let root = project(&[("policy/p.rego", POLICY), ("in.yaml", few)]);
    let found = run(root.path(), "test --max-nodes 4 in.yaml");
    assert!(found.ends_with("exit code 2\n"), "{found}");
    let found = run(root.path(), "test --max-nodes 40 in.yaml");
    assert!(!found.ends_with("exit code 2\n"), "{found}");
}
