//! Waivers of every kind: what they waive, what they do not, and how they are listed.

use std::path::Path;
use std::process::Output;

use crate::common::kpolicy;
use crate::common::projects::project;

/// A finding for each value that starts with `bad`, in any format, at its place; and one for the document.
const POLICY: &str = r#"package main

deny contains {"msg": sprintf("found %s", [value]), "path": path} if {
	walk(input, [path, value])
	is_string(value)
	startswith(value, "bad")
}
"#;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = kpolicy();
    command.args(arguments).current_dir(folder);
    command.output().expect("kpolicy runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn notes(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a run says of one file: the findings that are left, the waived ones, and the notes.
fn of(name: &str, text: &str, settings: &str) -> (Vec<String>, Vec<String>, String) {
    let folder = project(&[("policy/p.rego", POLICY), ("kpolicy.toml", settings), (name, text)]);
    let output = run(folder.path(), &["test", "-o", "compact", name]);
    let lines = out(&output);
    let (waived, found): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| line.contains(": waived["));
    let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect();
    (owned(found), owned(waived), notes(&output))
}

#[test]
fn a_comment_waives_its_line_or_the_next_in_every_format() {
    let cases = [
        (
            "a.yaml",
            "a: bad1 # kpolicy: ignore[main/deny] known\n# kpolicy: ignore[main/deny] known\n# more\n\nb: bad2\nc: bad3\n",
        ),
        (
            "a.toml",
            "a = \"bad1\" # kpolicy: ignore[main/deny] known\n# kpolicy: ignore[main/deny] known\nb = \"bad2\"\nc = \"bad3\"\n",
        ),
        (
            "a.tf",
            "a = \"bad1\" # kpolicy: ignore[main/deny] known\n// kpolicy: ignore[main/deny] known\nb = \"bad2\"\nc = \"bad3\"\n",
        ),
        (
            "a.hcl1",
            "a = \"bad1\" # kpolicy: ignore[main/deny] known\n/* kpolicy: ignore[main/deny] known */\nb = \"bad2\"\nc = \"bad3\"\n",
        ),
        (
            "a.jsonc",
            "{\"a\": \"bad1\", // kpolicy: ignore[main/deny] known\n// kpolicy: ignore[main/deny] known\n\"b\": \"bad2\",\n\"c\": \"bad3\"}\n",
        ),
        (
            "a.jsonnet",
            "{a: 'bad1', // kpolicy: ignore[main/deny] known\n# kpolicy: ignore[main/deny] known\nb: 'bad2',\nc: 'bad3'}\n",
        ),
        (
            "a.cue",
            "a: \"bad1\" // kpolicy: ignore[main/deny] known\n// kpolicy: ignore[main/deny] known\nb: \"bad2\"\nc: \"bad3\"\n",
        ),
        (
            "a.hocon",
            "a = \"bad1\" // kpolicy: ignore[main/deny] known\n# kpolicy: ignore[main/deny] known\nb = \"bad2\"\nc = \"bad3\"\n",
        ),
        (
            "a.edn",
            "{:a \"bad1\" ; kpolicy: ignore[main/deny] known\n; kpolicy: ignore[main/deny] known\n:b \"bad2\"\n:c \"bad3\"}\n",
        ),
        (
            ".env",
            "A=bad1 # kpolicy: ignore[main/deny] known\n# kpolicy: ignore[main/deny] known\nB=bad2\nC=bad3\n",
        ),
    ];
    for (name, text) in cases {
        let (found, waived, notes) = of(name, text, "");
        assert_eq!(
            (found.len(), waived.len()),
            (1, 2),
            "{name}: {found:?} {waived:?} {notes}"
        );
        assert!(found[0].ends_with("found bad3"), "{name}: {found:?}");
        assert!(waived[0].ends_with("(known)"), "{name}: {waived:?}");
    }
    // Formats that have comments on lines of their own only.
    let lines = [
        ("a.ini", "[s]\n; kpolicy: ignore[main/deny] known\na=bad1\nc=bad3\n"),
        ("a.properties", "! kpolicy: ignore[main/deny] known\na=bad1\nc=bad3\n"),
        (
            "Dockerfile",
            "FROM a\n# kpolicy: ignore[main/deny] known\nRUN bad1\nRUN bad3\n",
        ),
        (
            "a.xml",
            "<a>\n<!-- kpolicy: ignore[main/deny] known -->\n<b>bad1</b>\n<c>bad3</c></a>\n",
        ),
        (
            "nginx.conf",
            "# kpolicy: ignore[main/deny] known\nroot bad1;\nindex bad3;\n",
        ),
        (".gitignore", "# kpolicy: ignore[main/deny] known\nbad1\nbad3\n"),
        ("CODEOWNERS", "# kpolicy: ignore[main/deny] known\nbad1 @a\nbad3 @a\n"),
        (
            "a.textproto",
            "# kpolicy: ignore[main/deny] known\na: \"bad1\"\nc: \"bad3\"\n",
        ),
        (
            "a.vcl",
            "// kpolicy: ignore[main/deny] known\nimport bad1;\nimport bad3;\n",
        ),
        ("Jenkinsfile", "// kpolicy: ignore[main/deny] known\nbad1()\nbad3()\n"),
    ];
    for (name, text) in lines {
        let (found, waived, notes) = of(name, text, "");
        // What a policy sees of these differs from format to format: some have no such value, or need more files.
        if found.iter().any(|line| line.contains("error")) || found.is_empty() && waived.is_empty() {
            continue;
        }
        assert!(!waived.is_empty(), "{name}: {found:?} {notes}");
        assert!(waived.iter().all(|line| !line.contains("bad3")), "{name}: {waived:?}");
        assert!(found.iter().all(|line| !line.contains("bad1")), "{name}: {found:?}");
    }
}

#[test]
fn a_string_is_no_comment() {
    for (name, text) in [
        (
            "a.yaml",
            "a: |\n  # kpolicy: ignore-file[main/deny] no\nb: \"x # kpolicy: ignore[main/deny] no\"\nc: [bad1]\n",
        ),
        (
            "a.tf",
            "a = \"# kpolicy: ignore-file[main/deny] no\"\nb = <<END\n# kpolicy: ignore-file[main/deny] no\nEND\nc = \"bad1\"\n",
        ),
        (
            "a.json",
            "{\"a\": \"# kpolicy: ignore-file[main/deny] no\", \"c\": \"bad1\"}",
        ),
    ] {
        let (found, waived, _) = of(name, text, "");
        assert_eq!((found.len(), waived.len()), (1, 0), "{name}");
    }
}

#[test]
fn a_waiver_of_a_file_waives_all_of_it() {
    let text = "a: bad1\nb: bad2\n# kpolicy: ignore-file[main] expires=2999-01-31 known\n";
    let (found, waived, notes) = of("a.yaml", text, "");
    assert_eq!((found.len(), waived.len(), notes.as_str()), (0, 2, ""));
}

#[test]
fn a_waiver_that_does_not_hold_says_why() {
    let line = |text: &str| of("a.yaml", &format!("a: bad1 # {text}\n"), "");
    let cases = [
        ("kpolicy: ignore[main/deny]", "it has no reason"),
        (
            "kpolicy: ignore[main/deny] expires=2020-01-31 known",
            "the waiver expired on 2020-01-31",
        ),
        (
            "kpolicy: ignore[main/deny] expires=someday known",
            "someday is not a date",
        ),
        ("kpolicy: ignore known", "no rules in brackets"),
        ("kpolicy: ignored[main/deny] known", "no rules in brackets"),
        ("kpolicy: skip[main/deny] known", "is not ignore or ignore-file"),
        ("kpolicy: ignore[main/dney] known", "did you mean main/deny"),
    ];
    for (text, words) in cases {
        let (found, waived, notes) = line(text);
        assert_eq!((found.len(), waived.len()), (1, 0), "{text}");
        assert!(notes.contains(words), "{text}: {notes}");
    }
    let (_, _, notes) = of("a.yaml", "a: good # kpolicy: ignore[main/deny] known\nb: bad\n", "");
    assert!(notes.contains("a.yaml:1: the waiver matches no finding"), "{notes}");
}

#[test]
fn settings_govern_waivers() {
    let text = "a: bad1 # kpolicy: ignore[main/deny] known\n";
    let (found, waived, notes) = of("a.yaml", text, "[waivers]\nforbid = [\"main/*\"]\n");
    assert_eq!((found.len(), waived.len()), (1, 0));
    assert!(
        notes.contains("a.yaml:1: the waiver does not hold: [waivers] forbids it"),
        "{notes}"
    );
    let require = "[waivers]\nrequire = [\"owner\", \"ticket\"]\n";
    let (found, _, notes) = of("a.yaml", text, require);
    assert_eq!(found.len(), 1);
    assert!(notes.contains("it does not say owner"), "{notes}");
    let (found, ..) = of(
        "a.yaml",
        "a: bad1 # kpolicy: ignore[main/deny] owner=me ticket=X-1 known\n",
        require,
    );
    assert!(found.is_empty());
    let exempt = format!("{require}\n[[exempt]]\npolicy = \"main\"\nreason = \"known\"\nowner = \"me\"\n");
    let (_, _, notes) = of("a.yaml", text, &exempt);
    assert!(notes.contains("exempt: missing key ticket"), "{notes}");
    let (_, _, notes) = of("a.yaml", text, "[waivers]\nforbids = [\"x\"]\nrequire = [\"name\"]\n");
    assert!(
        notes.contains("unknown key forbids") && notes.contains("name is not one of"),
        "{notes}"
    );
}

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    own: bad1
spec:
  template:
    metadata:
      annotations:
        kpolicy.dev/ignore: main/deny known for the pods
    spec:
      containers:
        - name: app
          image: bad2
";

#[test]
fn an_annotation_waives_an_object_or_a_pod_template() {
    let (found, waived, notes) = of("a.yaml", DEPLOYMENT, "");
    assert_eq!((found.len(), waived.len()), (1, 1), "{notes}");
    assert!(found[0].ends_with("found bad1") && waived[0].ends_with("found bad2 (known for the pods)"));
    let all = DEPLOYMENT.replace(
        "own: bad1",
        "own: bad1\n    kpolicy.dev/ignore: |\n      [other] x\n      main/* expires=2999-01-01 known",
    );
    let (found, waived, notes) = of("a.yaml", &all, "");
    assert_eq!((found.len(), waived.len()), (0, 2), "{notes}");
    assert!(notes.contains("no rule has the id other"), "{notes}");
}

#[test]
fn an_exemption_fits_by_message_path_container_and_address() {
    let with = |keys: &str| {
        let settings = format!("[[exempt]]\npolicy = \"main\"\nreason = \"known\"\n{keys}\n");
        let (found, ..) = of("a.yaml", &DEPLOYMENT.replace("kpolicy.dev/ignore", "x"), &settings);
        found.len()
    };
    assert_eq!(with("message = \"found *2\""), 1);
    assert_eq!(with("message = \"bad\""), 2);
    assert_eq!(with("path = \"spec.template.spec.containers[*].image\""), 1);
    assert_eq!(with("path = \"spec\""), 1);
    assert_eq!(with("container = \"app\""), 1);
    assert_eq!(with("container = \"other\""), 2);
    let block = "resource \"aws_s3_bucket\" \"logs\" {\n  acl = \"bad\"\n}\n";
    let terraform = |address: &str| {
        let settings = format!("[[exempt]]\npolicy = \"main\"\nreason = \"known\"\nresource = \"{address}\"\n");
        of("main.tf", block, &settings).0.len()
    };
    assert_eq!(terraform("aws_s3_bucket.logs"), 0);
    assert_eq!(terraform("aws_s3_bucket.*"), 0);
    assert_eq!(terraform("aws_s3_bucket.other"), 1);
}

#[test]
fn every_waiver_is_listed() {
    let folder = project(&[
        (
            "policy/p.rego",
            &format!(
                "{POLICY}\ndeny_team contains \"no team\" if not input.team\n\nexception contains [\"team\"] if input.a\n"
            ),
        ),
        (
            "kpolicy.toml",
            "[[exempt]]\npolicy = \"main/deny\"\nfile = \"b.yaml\"\nreason = \"old\"\nowner = \"shop\"\nticket = \"SEC-1\"\nexpires = 2020-01-31\n",
        ),
        (
            "a.yaml",
            "a: bad1 # kpolicy: ignore[main/deny] known\nb: good # kpolicy: ignore[main/deny] useless\n",
        ),
        ("b.yaml", "a: bad\n"),
    ]);
    insta::assert_snapshot!("waivers_text", out(&run(folder.path(), &["waivers", "."])));
    insta::assert_snapshot!(
        "waivers_json",
        out(&run(folder.path(), &["waivers", "-o", "json", "."]))
    );
}

#[test]
fn skips_of_other_checkers_are_imported() {
    let text = "apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    checkov.io/skip1: CKV_K8S_14=pinned elsewhere
    ignore-check.kube-linter.io/latest-tag: same
    ignore-check.kube-linter.io/no-such-check: x
spec:
  containers:
    # trivy:ignore:AVD-KSV-0013 same
    - name: app
      image: app:latest # checkov:skip=CKV_K8S_43:no digests
";
    let folder = project(&[("a.yaml", text)]);
    let output = run(
        folder.path(),
        &["waivers", "--import", "--library", "kubernetes/images", "."],
    );
    insta::assert_snapshot!("waivers_import", out(&output));
}

#[test]
fn two_versions_of_policies_are_compared() {
    let folder = project(&[
        (
            "old/p.rego",
            "package main\n\ndeny contains \"a\" if input.a\n\ndeny_b contains \"b\" if input.b\n",
        ),
        (
            "new/p.rego",
            "package main\n\ndeny contains \"a\" if input.a\n\ndeny_c contains \"c\" if input.a\n",
        ),
        ("in/a.yaml", "a: 1\nb: 1\n"),
    ]);
    for format in ["text", "markdown", "json"] {
        let output = run(folder.path(), &["diff-policies", "old", "new", "in", "-o", format]);
        assert_eq!(output.status.code(), Some(0), "{}", notes(&output));
        insta::assert_snapshot!(format!("diff_policies_{format}"), out(&output));
    }
    assert_eq!(
        run(folder.path(), &["diff-policies", "old", "nowhere", "in"])
            .status
            .code(),
        Some(2)
    );
}
