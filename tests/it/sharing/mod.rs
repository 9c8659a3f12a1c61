//! Policies that are pulled and pushed, over a registry and a server on this machine.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::common::kpolicy;
use crate::common::projects::{Repository, project};
use crate::common::registry::{Registry, State, digest};

mod archives;
mod cached;
mod credentials;
mod locked;
mod plugins;
mod signed;

const POLICY: &str = "# METADATA\n# title: Names\n# custom:\n#   id: names\npackage main\n\ndeny contains \"no name\" if not input.name\n";

fn sample() -> TempDir {
    project(&[
        ("policy/deny.rego", POLICY),
        ("policy/sub/data.yaml", "a: 1\n"),
        ("policy/notes.txt", "not shared\n"),
        ("in.yaml", "kind: Pod\n"),
        ("docker/config.json", r#"{"auths": {}}"#),
    ])
}

/// Runs kpolicy in a folder, with a cache and docker's settings in it.
fn run(root: &Path, line: &str) -> Output {
    kpolicy()
        .current_dir(root)
        .env("XDG_CACHE_HOME", root.join("cache"))
        .env("DOCKER_CONFIG", root.join("docker"))
        .args(line.split_whitespace())
        .output()
        .expect("kpolicy runs")
}

/// What kpolicy says, and its exit code.
fn told(root: &Path, line: &str) -> (Option<i32>, String) {
    let output = run(root, line);
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), text.concat())
}

#[track_caller]
fn works(root: &Path, line: &str) -> String {
    let (code, text) = told(root, line);
    assert_eq!(code, Some(0), "{line}: {text}");
    text
}

#[track_caller]
fn fails(root: &Path, line: &str, with: &str) {
    let (code, text) = told(root, line);
    assert_eq!(code, Some(2), "{line}: {text}");
    assert!(text.contains(with), "{line}: {text}");
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_default()
}

/// Changes what a registry has or does.
fn change(registry: &Registry, change: impl FnOnce(&mut State)) {
    change(&mut registry.state.lock().expect("no panic"));
}

/// Has a registry serve a file.
fn serve(registry: &Registry, name: &str, bytes: &[u8]) {
    change(registry, |state| {
        state.stored.insert(name.to_owned(), bytes.to_vec());
    });
}

#[test]
fn what_is_pushed_is_pulled_as_it_was() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    for layout in ["conftest", "opa"] {
        let pushed = works(
            root,
            &format!("push oci://{host}/team/{layout}:v1 policy --layout {layout}"),
        );
        assert!(
            pushed.starts_with(&format!("{host}/team/{layout}:v1@sha256:")),
            "{pushed}"
        );
        works(root, &format!("pull {host}/team/{layout}:v1 -p {layout}"));
        assert_eq!(read(root, &format!("{layout}/deny.rego")), POLICY);
        assert_eq!(read(root, &format!("{layout}/sub/data.yaml")), "a: 1\n");
        assert!(!root.join(layout).join("notes.txt").exists());
    }
    assert!(read(root, "kpolicy.lock").contains("digest = \"sha256:"));
    let listed: Vec<_> = fs::read_dir(root)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert!(
        listed
            .iter()
            .all(|name| !name.to_string_lossy().starts_with(".kpolicy")),
        "{listed:?}"
    );
}

#[test]
fn what_does_not_compile_is_not_pushed() {
    let (registry, root) = (
        Registry::start(),
        project(&[("policy/a.rego", "package a\n\np if nothing(1)\n")]),
    );
    fails(root.path(), &format!("push {}/a", registry.host), "a.rego:3");
    assert!(registry.state.lock().expect("no panic").stored.is_empty());
}

#[test]
fn policies_of_a_registry_are_evaluated_and_kept() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    fs::remove_dir_all(root.join("policy")).expect("it is removed");
    let line = format!("test -p oci://{host}/a:v1 in.yaml -o compact");
    fails(root, &format!("{line} --offline"), "not in the cache");
    let (code, text) = told(root, &line);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no name"), "{text}");
    // From here on no registry is needed.
    registry.state.lock().expect("no panic").stored.clear();
    let (code, text) = told(root, &format!("{line} --offline"));
    assert_eq!(code, Some(1), "{text}");
    fails(root, &line, "has no a with v1");
}

#[test]
fn what_is_broken_or_hostile_changes_no_file() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    let pull = format!("pull {host}/a:v1 -p got");
    let change = |with: &dyn Fn(&mut State)| change(&registry, with);
    // A download that is interrupted.
    change(&|state| state.cuts = true);
    fails(root, &pull, host);
    change(&|state| state.cuts = false);
    // Redirections to files, and to addresses that are none.
    for target in ["file:///etc/passwd", "ftp://127.0.0.1/x"] {
        change(&|state| state.redirect = Some(target.to_owned()));
        fails(root, &pull, "only http and https");
    }
    change(&|state| state.redirect = None);
    // Another content than the manifest says.
    change(&|state| {
        let other = POLICY.replace("no name", "bad one");
        state.stored.insert(digest(POLICY.as_bytes()), other.into_bytes());
    });
    fails(root, &pull, "was asked for");
    // A file that would be elsewhere.
    change(&|state| {
        state
            .stored
            .insert(digest(POLICY.as_bytes()), POLICY.as_bytes().to_vec());
        let manifest = String::from_utf8(state.stored["v1"].clone()).expect("text");
        state.stored.insert(
            "v1".to_owned(),
            manifest.replace("deny.rego", "../evil.rego").into_bytes(),
        );
    });
    fails(root, &pull, "outside of its directory");
    assert!(!root.join("got").exists() && !root.join("evil.rego").exists());
    assert!(!root.join("kpolicy.lock").exists());
}

#[test]
fn files_archives_and_repositories_are_pulled() {
    let root = sample();
    let root = root.path();
    works(root, &format!("pull file://{}/policy/deny.rego -p one", root.display()));
    assert_eq!(read(root, "one/deny.rego"), POLICY);
    fs::write(root.join("one/deny.rego"), "package other\n").expect("it is written");
    fails(
        root,
        &format!("pull file://{}/policy/deny.rego -p one", root.display()),
        "already exists",
    );
    works(root, &format!("pull file://{}/policy//sub -p two", root.display()));
    assert_eq!(read(root, "two/data.yaml"), "a: 1\n");
    let repository = Repository::new();
    fs::create_dir(repository.path().join("rules")).expect("a folder");
    fs::write(repository.path().join("rules/deny.rego"), POLICY).expect("it is written");
    repository.git(&["add", "."]);
    repository.git(&[
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.com",
        "commit",
        "--quiet",
        "-m",
        "a",
    ]);
    repository.git(&["tag", "v1"]);
    let url = format!("git::file://{}", repository.path().display());
    works(root, &format!("pull {url}//rules?ref=v1 -p three"));
    assert_eq!(read(root, "three/deny.rego"), POLICY);
    assert!(read(root, "kpolicy.lock").contains("digest = \"commit:"));
    fails(root, &format!("pull {url}?ref=none -p four"), "git fetch");
    assert!(!root.join("four").exists());
}

#[test]
fn of_several_sources_all_are_written_or_none() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    serve(&registry, "one.rego", b"package one\n");
    serve(&registry, "deny.rego", b"package other\n");
    let (one, deny) = (format!("http://{host}/one.rego"), format!("http://{host}/deny.rego"));
    fails(root, &format!("pull {one} {deny}"), "already exists");
    fails(root, &format!("pull {one} http://{host}/none.rego"), "status 404");
    fails(
        root,
        &format!("test in.yaml --update {one} --update http://{host}/none.rego"),
        "status 404",
    );
    assert!(!root.join("policy/one.rego").exists() && !root.join("kpolicy.lock").exists());
    assert_eq!(read(root, "policy/deny.rego"), POLICY);
    fs::remove_file(root.join("policy/deny.rego")).expect("it is removed");
    works(root, &format!("pull {one} {deny}"));
    assert_eq!(read(root, "policy/deny.rego"), "package other\n");
}

#[test]
fn a_source_without_files_is_an_error() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    serve(&registry, "empty.tar", &[0; 1024]);
    serve(&registry, "", b"a list of files");
    fs::create_dir(root.join("empty")).expect("a folder");
    for source in [format!("http://{host}/empty.tar"), "empty".to_owned()] {
        fails(root, &format!("pull {source} -p got"), "has no files");
    }
    fails(root, &format!("pull http://{host}/folder/ -p got"), "names no file");
}

#[test]
fn attributes_of_a_repository_leave_no_file_out() {
    let root = sample();
    let root = root.path();
    let repository = Repository::new();
    fs::write(repository.path().join("deny.rego"), POLICY).expect("it is written");
    fs::write(repository.path().join(".gitattributes"), "*.rego export-ignore\n").expect("it is written");
    repository.git(&["add", "."]);
    let author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    repository.git(&[&author[..], &["commit", "--quiet", "-m", "a"]].concat());
    works(
        root,
        &format!("pull git::file://{} -p got", repository.path().display()),
    );
    assert_eq!(read(root, "got/deny.rego"), POLICY);
}

#[test]
fn a_file_that_oras_pushed_is_a_file() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    change(&registry, |state| {
        let manifest = String::from_utf8(state.stored["v1"].clone()).expect("text");
        let policy = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego";
        let tar = manifest.replace(policy, "application/vnd.oci.image.layer.v1.tar");
        state.stored.insert("v1".to_owned(), tar.into_bytes());
    });
    works(root, &format!("pull {host}/a:v1 -p got"));
    assert_eq!(read(root, "got/deny.rego"), POLICY);
}
