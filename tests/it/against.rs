//! What is new, on real git repositories: `--against`, `--against-dir`, `--changed`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use crate::common::kpolicy;
use crate::common::projects::{Repository, project};

/// Images without a digest, one finding for each bad word, and Services of an app that no Deployment has.
const POLICY: &str = r#"package main

deny contains sprintf("%s runs %s", [c.name, c.image]) if {
	some c in input.spec.containers
	object.get(c, "image", "") != ""
	not contains(object.get(c, "image", ""), "@")
}

deny contains {"msg": sprintf("word %s", [word]), "path": ["words", i]} if {
	some i, word in input.words
	startswith(word.text, "bad")
}

deny_alone contains sprintf("%s has no Deployment", [input.metadata.name]) if {
	input.kind == "Service"
	every entries in data.inventory.objects.Deployment[_] {
		every entry in entries { entry.object.app != input.app }
	}
}
"#;

/// A repository with the policy and these files in its first commit.
fn repository(files: &[(&str, &str)]) -> Repository {
    let repository = Repository::new();
    repository.write(&[("policy/p.rego", POLICY)]).write(files).commit();
    repository
}

fn pod(name: &str, image: &str) -> String {
    format!(
        "kind: Pod\nmetadata: {{name: {name}}}\nspec:\n  restartPolicy: Never\n  hostname: {name}\n  containers:\n    - name: app\n      image: {image}\n"
    )
}

/// What a run says: its exit code, its findings, what it was compared with, and the notes.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    code: Option<i32>,
    new: Vec<String>,
    counts: String,
    notes: String,
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> Said {
    let mut child = kpolicy()
        .args(["test", "--output", "compact"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kpolicy starts");
    // A run that reads no standard input may have closed it.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("kpolicy ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (notes, new): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("kpolicy: note"));
    let compared = notes
        .iter()
        .find_map(|note| note.split_once("): ").or_else(|| note.split_once("base: ")));
    Said {
        code: output.status.code(),
        new: new.into_iter().map(str::to_owned).collect(),
        counts: compared.map_or_else(String::new, |(_, counts)| counts.to_owned()),
        notes: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn against(repository: &Repository, arguments: &[&str]) -> Said {
    let words = [&["--against", "main"], arguments].concat();
    run(repository.path(), &words, "")
}

/// Asserts how many findings are new, existing and fixed; gives those that are new.
fn counted(said: &Said, new: usize, existing: usize, fixed: usize) -> Vec<String> {
    let expected = format!("{new} new, {existing} existing, {fixed} fixed");
    assert_eq!(said.counts, expected, "{said:?}");
    assert_eq!(said.code, Some(i32::from(new > 0)), "{said:?}");
    said.new.clone()
}

#[test]
fn what_a_branch_did_not_break_is_existing() {
    let repository = repository(&[
        ("deploy/a.yaml", &pod("a", "app:1")),
        ("deploy/b.yaml", &pod("b", "app:1")),
    ]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    counted(&against(&repository, &["deploy"]), 0, 2, 0);
    // Another version, lines above, another order, another file name: also in the working tree alone.
    repository.write(&[("deploy/a.yaml", &format!("# line\n\n{}", pod("a", "app:2")))]);
    counted(&against(&repository, &["deploy"]), 0, 2, 0);
    repository.git(&["mv", "deploy/b.yaml", "deploy/c.yaml"]);
    let reordered = "spec:\n  containers:\n    - image: log@sha256:1\n      name: log\n    - image: app:1\n      name: app\n  restartPolicy: Never\n  hostname: b\nmetadata: {name: b}\nkind: Pod\n";
    repository.write(&[("deploy/c.yaml", reordered)]);
    counted(&against(&repository, &["deploy"]), 0, 2, 0);
    // An untracked file is a part of the head, and what is gone is fixed.
    fs::remove_file(repository.path().join("deploy/c.yaml")).expect("the file can be removed");
    repository.write(&[("deploy/new.yaml", &pod("d", "app:1"))]);
    let new = counted(&against(&repository, &["deploy"]), 1, 1, 1);
    assert_eq!(new, ["deploy/new.yaml:8:14: deny[main/deny] app runs app:1"]);
    // From a folder below the root, with another spelling of the paths.
    let below = run(
        &repository.path().join("deploy"),
        &["--against", "main", "--policy", "../policy", "./", "../deploy/new.yaml"],
        "",
    );
    assert_eq!(counted(&below, 1, 1, 1).len(), 1);
}

#[test]
fn objects_that_moved_are_followed_and_copies_are_not() {
    let two = format!("{}---\n{}", pod("a", "app:1"), pod("b", "app:1"));
    let repository = repository(&[("deploy/all.yaml", &two), ("deploy/c.yaml", &pod("c", "ok@sha256:1"))]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.write(&[
        ("deploy/all.yaml", &pod("a", "app:1")),
        (
            "deploy/c.yaml",
            &format!("{}---\n{}", pod("c", "ok@sha256:1"), pod("b", "app:2")),
        ),
    ]);
    counted(&against(&repository, &["deploy"]), 0, 2, 0);
    // The object is in both files: the second one is new.
    repository.write(&[("deploy/all.yaml", &two)]);
    counted(&against(&repository, &["deploy"]), 1, 2, 0);
    // Fixed in one file and broken in another that had the object all along: not moved.
    let overlays = self::repository(&[
        ("dev/web.yaml", &pod("web", "app@sha256:1")),
        ("prod/web.yaml", &pod("web", "app:1")),
    ]);
    overlays.git(&["switch", "--quiet", "--create", "branch"]);
    overlays.write(&[
        ("dev/web.yaml", &pod("web", "app:1")),
        ("prod/web.yaml", &pod("web", "app@sha256:1")),
    ]);
    assert!(counted(&against(&overlays, &["dev", "prod"]), 1, 0, 1)[0].starts_with("dev/web.yaml"));
}

#[test]
fn items_without_a_name_are_followed_and_duplicates_are_counted() {
    let words = |words: &[&str]| {
        let items: Vec<String> = words.iter().map(|word| format!("  - text: {word}\n")).collect();
        format!("kind: Words\nmetadata: {{name: w}}\nwords:\n{}", items.concat())
    };
    let repository = repository(&[("w.yaml", &words(&["bad", "worse", "bad"]))]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    let with = |list: &[&str]| {
        repository.write(&[("w.yaml", &words(list))]);
        against(&repository, &["w.yaml"])
    };
    counted(&with(&["good", "bad", "worse", "bad"]), 0, 2, 0);
    assert_eq!(counted(&with(&["bad", "bad", "bad"]), 1, 2, 0).len(), 1);
    counted(&with(&["bad"]), 0, 1, 1);
    // Another violation in the place of one that was there.
    counted(&with(&["good", "good", "good", "bad2"]), 1, 0, 2);
}

#[test]
fn the_base_is_the_merge_base() {
    let repository = repository(&[("a.yaml", &pod("a", "app@sha256:1"))]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.write(&[("b.yaml", &pod("b", "app:1"))]).commit();
    // Main goes on: what it fixes or breaks is not the branch's.
    repository.git(&["switch", "--quiet", "main"]);
    repository.write(&[("a.yaml", &pod("a", "app:1"))]).commit();
    repository.git(&["switch", "--quiet", "branch"]);
    counted(&against(&repository, &["."]), 1, 0, 0);
    // A merge of main into the branch brings what is there already.
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    counted(&against(&repository, &["."]), 1, 1, 0);
    let unknown = run(repository.path(), &["--against", "nowhere", "."], "");
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.notes.contains("nowhere is no commit of this repository"),
        "{}",
        unknown.notes
    );
    let outside = project(&[("a.yaml", "a: 1")]);
    fs::remove_dir(outside.path().join(".git")).expect("an empty folder");
    let outside = run(outside.path(), &["--against", "main", "."], "");
    assert!(outside.notes.contains("no git repository"), "{}", outside.notes);
}

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let repository = repository(&[("a.yaml", &pod("a", "app:1"))]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.write(&[("b.yaml", &pod("b", "app:1"))]).commit();
    repository.git(&["switch", "--quiet", "main"]);
    repository.write(&[("c.yaml", &pod("c", "app:1"))]).commit();
    let clone = Repository::cloned(
        repository.path(),
        &["--depth", "1", "--no-single-branch", "--branch", "branch"],
    );
    let said = run(clone.path(), &["--against", "origin/main", "."], "");
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.notes.contains("this clone is shallow"), "{}", said.notes);
    assert!(said.notes.contains("git fetch --unshallow"), "{}", said.notes);
    clone.git(&["fetch", "--quiet", "--unshallow"]);
    counted(&run(clone.path(), &["--against", "origin/main", "."], ""), 1, 1, 0);
}

#[test]
fn a_submodule_is_compared_with_its_commit() {
    let inner = Repository::new();
    inner.write(&[("x.yaml", &pod("x", "app:1"))]).commit();
    let repository = repository(&[("a.yaml", &pod("a", "app:1"))]);
    let url = format!("file://{}", inner.path().display());
    repository.git(&["submodule", "--quiet", "add", &url, "sub"]);
    repository.commit();
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    counted(&against(&repository, &["."]), 0, 2, 0);
    repository.write(&[("sub/y.yaml", &pod("y", "app:1"))]);
    assert_eq!(
        counted(&against(&repository, &["."]), 1, 2, 0),
        ["sub/y.yaml:8:14: deny[main/deny] app runs app:1"]
    );
}

#[test]
fn a_base_that_does_not_parse_hides_nothing() {
    let repository = repository(&[("a.yaml", "a: [\n"), ("b.yaml", &pod("b", "app:1"))]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.write(&[("a.yaml", &pod("a", "app:1"))]);
    let said = against(&repository, &["."]);
    counted(&said, 1, 1, 0);
    assert!(
        said.notes
            .contains("note: in the base, a.yaml:1:4: a.yaml does not parse"),
        "{}",
        said.notes
    );
    // A file of the head that does not parse is an error, whatever is new.
    repository.write(&[("b.yaml", "b: [\n")]);
    assert_eq!(against(&repository, &["."]).code, Some(2));
}

#[test]
fn a_new_policy_breaks_no_branch_unless_it_is_to() {
    let repository = Repository::new();
    let lax = "package main\n\ndeny contains \"never\" if input.never\n";
    repository
        .write(&[("policy/p.rego", lax), ("a.yaml", &pod("a", "app:1"))])
        .commit();
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.write(&[("policy/p.rego", POLICY)]);
    counted(&against(&repository, &["a.yaml"]), 0, 1, 0);
    counted(&against(&repository, &["a.yaml", "--new-policies-fail"]), 1, 0, 0);
    repository.commit().git(&["branch", "--quiet", "--force", "main"]);
    counted(&against(&repository, &["a.yaml", "--new-policies-fail"]), 0, 1, 0);
}

#[test]
fn a_base_without_policies_that_load_accounts_for_nothing() {
    let repository = Repository::new();
    repository.write(&[("a.yaml", &pod("a", "app:1"))]).commit();
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.write(&[("policy/p.rego", POLICY)]);
    let said = against(&repository, &["a.yaml", "--new-policies-fail"]);
    counted(&said, 1, 0, 0);
    assert!(said.notes.contains("cannot be loaded"), "{}", said.notes);
    repository.write(&[("policy/p.rego", "package main\n\ndeny contains \"x\" if {\n")]);
    repository.commit().git(&["branch", "--quiet", "--force", "main"]);
    repository.write(&[("policy/p.rego", POLICY)]);
    counted(&against(&repository, &["a.yaml", "--new-policies-fail"]), 1, 0, 0);
}

#[test]
fn a_file_that_imports_is_what_its_imports_are() {
    let document = "{ kind: 'Pod', metadata: { name: 'a' }, spec: { containers: (import 'lib/c.libsonnet') } }\n";
    let containers = |image: &str| format!("[{{ name: 'app', image: '{image}' }}]\n");
    let repository = repository(&[
        ("deploy/a.jsonnet", document),
        ("deploy/lib/c.libsonnet", &containers("app@sha256:1")),
        ("b.yaml", &pod("b", "app:1")),
        ("deploy/c.jsonnet", &document.replace("'a'", "'c'")),
    ]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    let paths = ["deploy/a.jsonnet", "b.yaml"];
    counted(&against(&repository, &paths), 0, 1, 0);
    let changed = |paths: &[&str]| run(repository.path(), &[&["--changed", "main"], paths].concat(), "");
    assert!(changed(&paths).notes.contains("no changed files to check"));
    // The text of the document is what it was.
    repository.write(&[("deploy/lib/c.libsonnet", &containers("app:1"))]);
    let said = against(&repository, &paths);
    counted(&said, 1, 1, 0);
    assert!(said.notes.contains("note: deploy/a.jsonnet is"), "{}", said.notes);
    assert_eq!(changed(&paths).code, Some(1));
    repository.commit().git(&["branch", "--quiet", "--force", "main"]);
    counted(&against(&repository, &paths), 0, 2, 0);
    // What it is read with may be what a file had before it changed.
    repository.write(&[("deploy/a.jsonnet", &format!("// changed\n{document}"))]);
    counted(&against(&repository, &paths), 1, 1, 0);
}

#[test]
fn what_is_rendered_is_what_it_is_rendered_from() {
    let output = |image: &str| format!("---\n# Source: shop/templates/a.yaml\n{}", pod("a", image));
    let helm = "#!/bin/sh\nif [ \"$1\" = version ]; then printf v3.99.0; else cat charts/shop/output.txt; fi\n";
    let repository = repository(&[
        ("charts/shop/Chart.yaml", "name: shop\nversion: 1.0.0\n"),
        ("charts/shop/templates/a.yaml", "{{ .Values }}\n"),
        ("charts/shop/output.txt", &output("app:1")),
        ("b.yaml", &pod("b", "app:1")),
        ("helm", helm),
    ]);
    let program = repository.path().join("helm");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("the program can be started");
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    let words = ["--helm", "./helm", "charts", "b.yaml"];
    counted(&against(&repository, &words), 0, 2, 0);
    let changed = |words: &[&str]| run(repository.path(), &[&["--changed", "main"], words].concat(), "");
    assert!(changed(&words).notes.contains("no changed files to check"));
    // A file that is not tracked may be a value or a template.
    repository.write(&[("charts/shop/more.txt", "")]);
    counted(&against(&repository, &words), 1, 1, 0);
    assert_eq!(changed(&words).code, Some(1));
    repository.commit().git(&["branch", "--quiet", "--force", "main"]);
    counted(&against(&repository, &words), 0, 2, 0);
    fs::remove_file(repository.path().join("charts/shop/more.txt")).expect("the file can be removed");
    counted(&against(&repository, &words), 1, 1, 0);
}

#[test]
fn rules_over_the_whole_set_see_the_set_as_it_was() {
    let service = "kind: Service\nmetadata: {name: web}\napp: web\n";
    let deployment = "kind: Deployment\nmetadata: {name: web}\napp: web\n";
    let repository = repository(&[
        ("service.yaml", service),
        ("deployment.yaml", deployment),
        ("other.yaml", &deployment.replace("web", "other")),
    ]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    counted(&against(&repository, &["."]), 0, 0, 0);
    // The Service did not change, and the change of another file breaks it.
    fs::remove_file(repository.path().join("deployment.yaml")).expect("the file can be removed");
    assert_eq!(
        counted(&against(&repository, &["."]), 1, 0, 0),
        ["service.yaml:3:6: deny[main/deny_alone] web has no Deployment"]
    );
    repository.commit().git(&["branch", "--quiet", "--force", "main"]);
    counted(&against(&repository, &["."]), 0, 1, 0);
    repository.write(&[("deployment.yaml", deployment)]);
    counted(&against(&repository, &["."]), 0, 0, 1);
}

#[test]
fn terraforms_configuration_is_seen_as_it_was() {
    let variable = |acl: &str| format!("variable \"acl\" {{\n  default = \"{acl}\"\n}}\n");
    let repository = Repository::new();
    repository
        .write(&[
            (
                "live/main.tf",
                "resource \"aws_s3_bucket\" \"a\" {\n  acl = var.acl\n}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = module.names.acl\n}\nmodule \"names\" {\n  source = \"../names\"\n}\n",
            ),
            ("live/variables.tf", &variable("private")),
            ("names/main.tf", "output \"acl\" {\n  value = \"private\"\n}\n"),
        ])
        .commit();
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    counted(&against(&repository, &["live"]), 0, 0, 0);
    // A finding is in a file that did not change: another file of the directory did, one that is not tested, or one of a
    // module that is elsewhere.
    let own = ["live/main.tf:2:9: deny[terraform/aws/s3_public_acl] aws_s3_bucket.a is open to others: public-read"];
    repository.write(&[("live/variables.tf", &variable("public-read"))]);
    assert_eq!(counted(&against(&repository, &["live"]), 1, 0, 0), own);
    repository.write(&[
        ("live/variables.tf", &variable("private")),
        ("live/terraform.tfvars", "acl = \"public-read\"\n"),
    ]);
    assert_eq!(counted(&against(&repository, &["live/main.tf"]), 1, 0, 0), own);
    let here = run(&repository.path().join("live"), &["--against", "main", "main.tf"], "");
    assert_eq!(counted(&here, 1, 0, 0).len(), 1);
    repository.commit().git(&["branch", "--quiet", "--force", "main"]);
    counted(&against(&repository, &["live"]), 0, 1, 0);
    repository.write(&[("names/main.tf", "output \"acl\" {\n  value = \"website\"\n}\n")]);
    assert_eq!(
        counted(&against(&repository, &["live"]), 1, 1, 0),
        ["live/main.tf:5:9: deny[terraform/aws/s3_public_acl] aws_s3_bucket.b is open to others: website"]
    );
    // What made it is gone.
    repository.write(&[("live/terraform.tfvars", "acl = \"private\"\n")]);
    counted(&against(&repository, &["live"]), 1, 0, 1);
}

#[test]
fn all_files_in_one_input_are_compared_as_one() {
    let policy = "package main\n\ndeny contains {\"msg\": file.contents.image, \"path\": [i, \"contents\", \"image\"]} if {\n\tsome i, file in input\n\tnot contains(file.contents.image, \"@\")\n}\n";
    let repository = Repository::new();
    repository
        .write(&[
            ("policy/p.rego", policy),
            ("a/b.yaml", "image: one\n"),
            ("a/c.yaml", "image: two\n"),
        ])
        .commit();
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    repository.write(&[("a/a.yaml", "image: three\n"), ("a/b.yaml", "image: one2\n")]);
    let new = counted(&against(&repository, &["--combine", "a"]), 1, 2, 0);
    assert_eq!(new, ["a/a.yaml:1:8: deny[main/deny] three"]);
}

#[test]
fn standard_input_has_a_base_if_it_has_a_name() {
    let repository = repository(&[("a.yaml", &pod("a", "app:1"))]);
    let words = ["--against", "main", "-"];
    counted(&run(repository.path(), &words, &pod("a", "app:2")), 1, 0, 0);
    let named = [&["--stdin-filename", "a.yaml"], &words[..]].concat();
    counted(&run(repository.path(), &named, &pod("a", "app:2")), 0, 1, 0);
}

#[test]
fn a_waiver_that_is_gone_or_expired_accounts_for_nothing() {
    let waived = |line: &str| pod("a", "app:1").replace("app:1", &format!("app:1 # {line}"));
    let settings = "[[exempt]]\npolicy = \"main\"\nname = \"b\"\nreason = \"known\"\n";
    let repository = repository(&[
        ("kpolicy.toml", settings),
        ("a.yaml", &waived("kpolicy: ignore[main/deny] known")),
        ("b.yaml", &pod("b", "app:1")),
    ]);
    repository.git(&["switch", "--quiet", "--create", "branch"]);
    counted(&against(&repository, &["."]), 0, 0, 0);
    repository.write(&[("a.yaml", &pod("a", "app:1"))]);
    counted(&against(&repository, &["."]), 1, 0, 0);
    repository.write(&[("a.yaml", &waived("kpolicy: ignore[main/deny] expires=2020-01-31 known"))]);
    counted(&against(&repository, &["."]), 1, 0, 0);
    // The exemption of the settings is gone, or has expired in a file that did not change.
    repository.write(&[
        ("a.yaml", &waived("kpolicy: ignore[main/deny] known")),
        ("kpolicy.toml", ""),
    ]);
    counted(&against(&repository, &["."]), 1, 0, 0);
    repository.write(&[("kpolicy.toml", &format!("{settings}expires = 2020-01-31\n"))]);
    repository.commit().git(&["branch", "--quiet", "--force", "main"]);
    counted(&against(&repository, &["."]), 1, 0, 0);
}

#[test]
fn a_directory_has_the_files_as_they_were() {
    let folder = project(&[
        ("policy/p.rego", POLICY),
        ("base/a.yaml", &pod("a", "app:1")),
        ("base/gone.yaml", &pod("gone", "app:1")),
        ("head/a.yaml", &pod("a", "app:2")),
        ("head/b.yaml", &pod("b", "app:2")),
        ("old/head/a.yaml", &pod("a", "app:1")),
    ]);
    let compared = |arguments: &[&str]| run(folder.path(), arguments, "");
    let said = compared(&["--against-dir", "base", "head"]);
    assert_eq!((said.code, said.new.len()), (Some(1), 1), "{said:?}");
    let json = kpolicy()
        .args(["test", "--against-dir", "base", "-o", "json", "head"])
        .current_dir(folder.path())
        .output()
        .expect("kpolicy runs");
    let entries: Vec<serde_json::Value> = serde_json::from_slice(&json.stdout).expect("JSON");
    let states: Vec<&str> = entries
        .iter()
        .flat_map(|entry| entry["failures"].as_array().into_iter().flatten())
        .filter_map(|failure| failure["state"].as_str())
        .collect();
    assert_eq!(states, ["existing", "new"]);
    assert!(
        entries
            .iter()
            .any(|entry| entry["fixed"][0]["location"]["file"] == "head/gone.yaml")
    );
    // A folder with the same paths stands for the working directory.
    assert_eq!(compared(&["--against-dir", "old", "head/a.yaml"]).code, Some(0));
    assert_eq!(compared(&["--against-dir", "nowhere", "head"]).code, Some(2));
    assert_eq!(
        compared(&["--against-dir", "base", "--against", "main", "head"]).code,
        Some(2)
    );
}

#[test]
fn only_changed_files_are_evaluated() {
    let service = "kind: Service\nmetadata: {name: web}\napp: web\n";
    let deployment = "kind: Deployment\nmetadata: {name: web}\napp: web\n";
    let repository = repository(&[
        ("a.yaml", &pod("a", "app:1")),
        ("service.yaml", service),
        ("deployment.yaml", deployment),
    ]);
    let changed = |arguments: &[&str]| run(repository.path(), &[&["--changed", "main"], arguments].concat(), "");
    let none = changed(&["."]);
    assert_eq!(none.code, Some(0));
    assert!(none.notes.contains("no changed files to check"), "{}", none.notes);
    // A file that is not tracked; and the unchanged Deployment is in the set.
    repository.write(&[
        ("b.yaml", &pod("b", "app:1")),
        ("service.yaml", &format!("{service}# changed\n")),
    ]);
    let said = changed(&["."]);
    assert_eq!(
        (said.code, said.new),
        (Some(1), vec!["b.yaml:8:14: deny[main/deny] app runs app:1".to_owned()])
    );
    // A deleted file is none to check.
    fs::remove_file(repository.path().join("b.yaml")).expect("the file can be removed");
    fs::remove_file(repository.path().join("a.yaml")).expect("the file can be removed");
    assert_eq!(changed(&["a.yaml"]).code, Some(0));
    assert_eq!(changed(&["missing.yaml"]).code, Some(2));
    // A part of the set that does not parse is an error only where the set matters.
    repository
        .write(&[("broken.yaml", "a: [\n")])
        .commit()
        .git(&["branch", "--quiet", "--force", "base"]);
    repository.write(&[("service.yaml", service)]);
    let with = |namespace: &str| run(repository.path(), &["--changed", "base", "-n", namespace, "."], "").code;
    assert_eq!(with("main"), Some(2));
    repository.write(&[("policy/own.rego", "package own\n\ndeny contains \"x\" if input.x\n")]);
    assert_eq!(with("own"), Some(0));
}
