//! Policies that are pulled and pushed, over a registry and a server on this machine.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::common::kpolicy;
use crate::common::projects::{Repository, project};
use crate::common::registry::{Registry, digest};

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
fn only_what_is_locked_is_used() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    works(root, &format!("pull {host}/a:v1 -p got"));
    let locked = read(root, "kpolicy.lock");
    fs::write(root.join("policy/deny.rego"), POLICY.replace("no name", "changed")).expect("it is written");
    works(root, &format!("push {host}/a:v1 policy"));
    fails(
        root,
        &format!("pull oci://{host}/a:v1 -p got"),
        "kpolicy.lock has sha256:",
    );
    fails(root, &format!("test -p oci://{host}/a:v1 in.yaml"), "--update-lock");
    fails(
        root,
        &format!("test --update oci://{host}/a:v1 -p got in.yaml"),
        "--update-lock",
    );
    assert_eq!(read(root, "got/deny.rego"), POLICY);
    assert_eq!(read(root, "kpolicy.lock"), locked);
    let (code, text) = told(
        root,
        &format!("test --update oci://{host}/a:v1 -p got in.yaml --update-lock"),
    );
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("changed"), "{text}");
    assert_ne!(read(root, "kpolicy.lock"), locked);
    works(root, &format!("pull oci://{host}/a:v1 -p got"));
}

#[test]
fn credentials_are_used_and_never_shown() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    registry.state.lock().expect("no panic").guarded = true;
    fails(root, &format!("push {host}/a policy"), "docker login");
    let log_in = |pair: &str| {
        use base64::Engine;
        let auth = base64::engine::general_purpose::STANDARD.encode(pair);
        let text = format!(r#"{{"auths": {{"{host}": {{"auth": "{auth}"}}}}}}"#);
        fs::write(root.join("docker/config.json"), text).expect("it is written");
    };
    log_in("user:expired-password");
    let (code, text) = told(root, &format!("push {host}/a policy"));
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("refuses the credentials") && !text.contains("expired-password"),
        "{text}"
    );
    log_in("user:secret");
    works(root, &format!("push {host}/a policy"));
    works(root, &format!("pull {host}/a -p got"));
    assert_eq!(read(root, "got/deny.rego"), POLICY);
}

#[test]
fn what_is_broken_or_hostile_changes_no_file() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    let pull = format!("pull {host}/a:v1 -p got");
    let change = |change: &dyn Fn(&mut crate::common::registry::State)| {
        change(&mut registry.state.lock().expect("no panic"));
    };
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
