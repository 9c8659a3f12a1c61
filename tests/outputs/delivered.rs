//! Where outputs go: to the pipeline that the run is in, and to files.

use std::fs;

use super::{WARNS, kpolicy, printed, project};

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
    let root = project(&[("policy/p.rego", WARNS), ("in.yaml", "b: 1\n"), ("folder/x", "")]);
    let mut told = String::new();
    for words in [
        "-o sarif=no/such.sarif",
        "-o sarif=folder",
        "-o sarif=",
        "-o auto=x",
        "-o sarf=x",
        "-o json -o text",
        "-o json=x -o sarif=x",
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
