//! `--watch`: runs again on changes. Lines of standard input stand for the changes, so that no test waits for a clock.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::project;
use crate::common::kpolicy;

const POLICY: &str = "package main\n\ndeny contains msg if {\n\tsome name in input.names\n\tstartswith(name, \"x\")\n\tmsg := sprintf(\"%s is a bad name\", [name])\n}\n";

/// The line that ends what a run prints.
const END: &str = "watching for changes (Ctrl-C ends)";

/// A kpolicy that watches.
struct Watching {
    child: Child,
    stdin: ChildStdin,
    lines: BufReader<ChildStdout>,
}

impl Watching {
    fn start(root: &Path, words: &str) -> Self {
        let mut command = kpolicy();
        command.args(words.split_whitespace()).current_dir(root);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("kpolicy starts");
        let stdin = child.stdin.take().expect("a pipe");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, stdin, lines }
    }

    /// What the next run prints.
    fn printed(&mut self) -> String {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            let count = self.lines.read_line(&mut line).expect("text");
            if count == 0 || line.trim_end() == END {
                return text;
            }
            text.push_str(&line);
        }
    }

    /// What is printed after a change.
    fn after_change(&mut self) -> String {
        self.stdin.write_all(b"\n").expect("kpolicy reads");
        self.printed()
    }

    /// The exit code once the changes end.
    fn end(mut self) -> Option<i32> {
        drop(self.stdin);
        self.child.wait().expect("kpolicy ends").code()
    }
}

#[test]
fn a_run_follows_each_change_and_says_what_changed() {
    let root = project(&[
        ("policy/main.rego", POLICY),
        ("in/a.yaml", "names: [x1, b]\n"),
        ("in/b.yaml", "names: [x2]\n"),
    ]);
    let path = |name: &str| root.path().join(name);
    let write = |name: &str, text: &str| fs::write(path(name), text).expect("a file");
    let mut watching = Watching::start(root.path(), "test --watch=stdin -o compact in");
    let first = watching.printed();
    assert!(
        first.contains("x1 is a bad name") && first.contains("x2 is a bad name"),
        "{first}"
    );
    assert!(!first.contains("since the last run"), "{first}");

    write("in/a.yaml", "names: [b, x3]\n# longer\n");
    let found = watching.after_change();
    let told = "since the last run: 1 new, 1 gone\n  + in/a.yaml:1: deny[main/deny] x3 is a bad name\n  \
                - in/a.yaml:1: deny[main/deny] x1 is a bad name\n";
    assert!(found.ends_with(told) && found.contains("x2 is a bad name"), "{found}");

    // A syntax error is told, and the next run compares with the last one that evaluated something.
    write("policy/main.rego", "package main\n\ndeny contains\n");
    let found = watching.after_change();
    assert!(
        found.contains("policy/main.rego:4:1") && !found.contains("since the last run"),
        "{found}"
    );
    write("policy/main.rego", &POLICY.replace("\"x\"", "\"b\""));
    let found = watching.after_change();
    assert!(
        found.contains("since the last run: 1 new, 2 gone\n  + in/a.yaml:1: deny[main/deny] b is a bad name"),
        "{found}"
    );

    // Directories may go and come back.
    fs::remove_dir_all(path("in")).expect("it is removed");
    let found = watching.after_change();
    assert!(found.contains("error"), "{found}");
    fs::create_dir(path("in")).expect("a directory");
    write("in/c.yaml", "names: [c]\n");
    let found = watching.after_change();
    assert!(found.contains("since the last run: 0 new, 1 gone"), "{found}");
    assert_eq!(watching.end(), Some(0));
}

#[test]
fn the_exit_code_is_that_of_the_last_run() {
    let root = project(&[("policy/main.rego", POLICY), ("in.yaml", "names: [x1]\n")]);
    let mut watching = Watching::start(root.path(), "test --watch=stdin in.yaml");
    watching.printed();
    assert_eq!(watching.end(), Some(1));
}

#[test]
fn verify_follows_changes_too() {
    let test = |expected: &str| {
        format!(
            "package main_test\n\ntest_name if count(data.main.deny) == {expected} with input as {{\"names\": [\"x\"]}}\n"
        )
    };
    let root = project(&[("policy/main.rego", POLICY), ("policy/main_test.rego", &test("1"))]);
    let mut watching = Watching::start(root.path(), "verify --watch=stdin");
    let found = watching.printed();
    assert!(found.contains("1 passed"), "{found}");
    fs::write(root.path().join("policy/main_test.rego"), test("1 + 1")).expect("a file");
    let found = watching.after_change();
    assert!(
        found.ends_with(
            "since the last run: 1 new, 0 gone\n  + FAIL data.main_test.test_name (policy/main_test.rego:3)\n"
        ),
        "{found}"
    );
    assert_eq!(watching.end(), Some(1));
}
