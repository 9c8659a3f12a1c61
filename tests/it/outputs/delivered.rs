//! Where outputs go: to the pipeline that the run is in, and to files.

use std::fs;

use clap::ValueEnum;
use kpolicy::report::Style;

use super::{WARNS, kpolicy, name, printed, project};

#[test]
fn the_output_suits_where_the_run_is() {
    let root = project(&[("policy/p.rego", WARNS), ("in.yaml", "b: 1\n")]);
    let summary = root.path().join("summary.md");
    fs::write(&summary, "before\n").expect("a file");
    let run = |variables: &[(&str, &str)], words: &[&str]| {
        let mut command = kpolicy();
        command.args(["test", "in.yaml"]).args(words).current_dir(root.path());
        let output = command.envs(variables.iter().copied()).output().expect("kpolicy runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().expect("a path")),
    ];
    let found = run(&github, &[]);
    assert!(
        found.starts_with("warn[main/warn]") && found.contains("\n::warning file=in.yaml,line=1"),
        "{found}"
    );
    let told = fs::read_to_string(&summary).expect("the summary");
    assert!(told.starts_with("before\n### kpolicy: passed, with findings"), "{told}");
    assert!(run(&[("TF_BUILD", "True")], &[]).contains("##vso[task.logissue type=warning"));
    assert_eq!(
        run(&github, &["-o", "text"]),
        run(&[], &[]),
        "what is asked for is all there is"
    );
    assert_eq!(fs::read_to_string(&summary).expect("the summary"), told);
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let root = project(&[("policy/p.rego", WARNS), ("in.yaml", "b: 1\n"), ("old.sarif", "old")]);
    let (text, code) = printed(
        root.path(),
        &["test", "-o", "compact", "-o", "sarif=old.sarif", "in.yaml"],
    );
    assert_eq!((text.as_str(), code), ("in.yaml:1:4: warn[main/warn] b\n", 0));
    assert!(
        fs::read_to_string(root.path().join("old.sarif"))
            .expect("it")
            .starts_with("{\n")
    );
    let names: Vec<_> = fs::read_dir(root.path())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name())
        .filter(|name| name != ".git")
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    // A reader of the file alone learns that nothing was judged.
    assert_eq!(
        printed(root.path(), &["test", "-o", "sarif=old.sarif", "missing.yaml"]).1,
        2
    );
    assert!(
        fs::read_to_string(root.path().join("old.sarif"))
            .expect("it")
            .contains("\"executionSuccessful\": false")
    );
}

/// Names, files and pairs that make no sense, and a file that cannot be written.
#[test]
fn outputs_that_cannot_be_written_are_refused() {
    let root = project(&[
        ("policy/p.rego", WARNS),
        ("in.yaml", "b: 1\n"),
        ("folder/x", ""),
        ("data.json", "{}"),
        ("kpolicy.toml", ""),
    ]);
    let mut told = String::new();
    for words in [
        "-o sarif=no/such.sarif",
        "-o sarif=folder",
        "-o sarif=",
        "-o auto=x",
        "-o sarf=x",
        "-o json -o text",
        "-o json=x -o sarif=x",
        "-o json=x -o sarif=./x",
        "-o sarif=x -o sarif=folder/../x",
        "-o sarif=in.yaml",
        "-o sarif=policy/p.rego",
        "-o sarif=policy/../policy/p.rego -p policy/p.rego",
        "-o sarif=data.json -d data.json",
        "-o sarif=kpolicy.toml",
        "-o text -o sarif=-",
        "-o sarif=/dev/full",
    ] {
        let output = kpolicy()
            .arg("test")
            .args(words.split(' '))
            .arg("in.yaml")
            .current_dir(root.path())
            .output()
            .expect("kpolicy runs");
        let code = output.status.code().unwrap_or(-1);
        told += &format!(
            "{words}\n{}exit code {code}\n\n",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    insta::assert_snapshot!("refused", told);
}

/// A walk skips what the run writes, also as data, and standard output has the name `-`.
#[test]
fn a_walk_skips_what_the_run_writes() {
    let root = project(&[
        ("policy/p.rego", WARNS),
        ("all/in.yaml", "b: 1\n"),
        ("data/a.json", "{}"),
    ]);
    let words = [
        "test",
        "-d",
        "data",
        "-o",
        "text",
        "-o",
        "json=all/new/../out.json",
        "-o",
        "sarif=data/out.json",
        "all",
    ];
    fs::create_dir(root.path().join("all/new")).expect("a directory");
    for skipped in [0, 1, 1] {
        let (text, code) = printed(root.path(), &words);
        let line = text.lines().last().unwrap_or_default();
        let counted = match skipped {
            0 => "1 warning, 0 waived, 0 files skipped",
            _ => "1 warning, 0 waived, 1 file skipped (1 output of this run)",
        };
        assert!(code == 0 && line.ends_with(counted), "{text}");
    }
    let (dash, code) = printed(
        root.path(),
        &["test", "-d", "data/a.json", "-o", "json=-", "all/in.yaml"],
    );
    let plain = printed(root.path(), &["test", "-d", "data/a.json", "-o", "json", "all/in.yaml"]);
    assert_eq!((dash, code), plain);
}

/// A file keeps its permissions, and its directory has no other file after a signal.
#[cfg(unix)]
#[test]
fn signals_leave_no_temporary_file() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    let policy =
        "package main\n\nwarn contains sprintf(\"%d\", [n]) if {\n\tinput.b\n\tsome n in numbers.range(1, 20000)\n}\n";
    let root = project(&[
        ("policy/p.rego", policy),
        ("in.yaml", "b: 1\n"),
        ("out/report.html", "old"),
    ]);
    let report = root.path().join("out/report.html");
    fs::set_permissions(&report, fs::Permissions::from_mode(0o600)).expect("permissions");
    let files = || fs::read_dir(root.path().join("out")).expect("a directory").count();
    for signal in ["INT", "TERM"] {
        let mut child = kpolicy()
            .args(["test", "-o", "html=out/report.html", "in.yaml"])
            .current_dir(root.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("kpolicy starts");
        while files() == 1 {
            assert_eq!(child.try_wait().expect("kpolicy is there"), None, "it is still writing");
            std::thread::yield_now();
        }
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.expect("kill runs").success());
        let status = child.wait().expect("kpolicy ends");
        let number = if signal == "INT" { 2 } else { 15 };
        assert_eq!(
            status.signal(),
            Some(number),
            "{status}: the signal ends the process as ever"
        );
        assert_eq!(files(), 1);
        assert_eq!(fs::read_to_string(&report).expect("the report"), "old");
    }
    let (_, code) = printed(root.path(), &["test", "-o", "html=out/report.html", "in.yaml"]);
    let mode = fs::metadata(&report).expect("the report").permissions().mode();
    assert_eq!((code, mode & 0o777, files()), (0, 0o600, 1));
}

/// What could not be evaluated reaches who reads standard output, and who reads standard error, whatever is wrong.
#[test]
fn errors_reach_people_and_machines() {
    let broken = "package main\n\ndeny contains\n";
    let files = [
        ("policy/p.rego", WARNS),
        ("broken.rego", broken),
        ("in.yaml", "b: 1\n"),
        ("bad.yaml", "a: [\n"),
        ("wrong.toml", "fail-on-wrn = true\n"),
    ];
    let root = project(&files);
    let cases = [
        ("policy", "-p broken.rego in.yaml"),
        ("settings", "--config wrong.toml in.yaml"),
        ("data", "-d bad.yaml in.yaml"),
        ("parse", "bad.yaml"),
        ("input", "missing.yaml"),
        ("usage", "--such in.yaml"),
        ("nothing", "--allow-empty=false"),
    ];
    let mut told = String::new();
    for (case, words) in cases {
        for style in Style::value_variants() {
            let name = name(*style);
            let output = kpolicy()
                .args(["test", "-o", &name])
                .args(words.split(' '))
                .current_dir(root.path())
                .output()
                .expect("kpolicy runs");
            let out = String::from_utf8_lossy(&output.stdout);
            let err = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{case} as {name}");
            if style.is_for_people() {
                assert!(
                    err.contains("error") || out.contains("err"),
                    "{case} as {name}: {out}{err}"
                );
            } else {
                assert!(err.contains("error: "), "{case} as {name}: {err}");
                assert!(!out.is_empty(), "{case} as {name}");
            }
            if matches!(style, Style::Github | Style::Compact) {
                told += &format!("{case}\n{out}\n");
            }
        }
    }
    insta::assert_snapshot!("errors", told);
    let summary = root.path().join("summary.md");
    let mut command = kpolicy();
    command
        .args(["test", "-p", "broken.rego", "in.yaml"])
        .current_dir(root.path());
    command.envs([("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "summary.md")]);
    let output = command.output().expect("kpolicy runs");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("::error file=broken.rego,line=4,"));
    let told = fs::read_to_string(summary).expect("the summary");
    assert!(told.starts_with("### kpolicy: could not evaluate everything"), "{told}");
}
