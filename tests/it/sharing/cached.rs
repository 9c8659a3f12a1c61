//! The cache of artifacts: what is in it is used only as long as it is what it was.

use std::fs;
use std::path::{Path, PathBuf};

use super::{POLICY, change, fails, sample, told, works};
use crate::common::registry::Registry;

/// The files below a directory.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| below(entry.path())).collect()
}

#[test]
fn files_of_the_cache_that_were_changed_or_removed_are_not_used() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    let line = format!("test -p oci://{host}/a:v1 in.yaml -o compact");
    let finds = |line: &str| {
        let (code, text) = told(root, line);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("no name"), "{text}");
    };
    finds(&line);
    let kept = files(&root.join("cache/kpolicy/policies/content"));
    let policy = kept.iter().find(|path| path.ends_with("deny.rego")).expect("a policy");
    for line in [&line, &format!("{line} --offline")] {
        fs::write(policy, "package main\n").expect("it is written");
        finds(line);
        fs::remove_file(policy).expect("it is removed");
        finds(line);
        let added = policy.with_file_name("added.rego");
        fs::write(&added, "package main\n\ndeny contains \"added\"\n").expect("it is written");
        finds(line);
        assert!(!added.exists());
    }
    // Without the network and without what was downloaded there is nothing to use.
    for blob in files(&root.join("cache/kpolicy/policies/blobs")) {
        if fs::read(&blob).expect("a file") == POLICY.as_bytes() {
            fs::write(&blob, "package main\n").expect("it is written");
        }
    }
    fails(root, &format!("{line} --offline"), "not in the cache");
    finds(&line);
}

#[test]
fn without_the_network_what_is_locked_is_used() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    let line = format!("test -p oci://{host}/a:v1 in.yaml");
    works(root, &format!("push {host}/a:v1 policy"));
    let (code, text) = told(root, &format!("{line} --update-lock"));
    assert_eq!(code, Some(1), "{text}");
    // Another project uses what the tag is later.
    let locked = fs::read(root.join("kpolicy.lock")).expect("a lockfile");
    fs::remove_file(root.join("kpolicy.lock")).expect("it is removed");
    fs::write(root.join("policy/deny.rego"), POLICY.replace("no name", "later")).expect("it is written");
    works(root, &format!("push {host}/a:v1 policy"));
    let (_, text) = told(root, &line);
    assert!(text.contains("later"), "{text}");
    fs::write(root.join("kpolicy.lock"), locked).expect("it is written");
    change(&registry, |state| state.stored.clear());
    let (_, text) = told(root, &format!("{line} --offline"));
    assert!(text.contains("no name"), "{text}");
}

#[test]
fn what_is_named_by_its_digest_is_that_whatever_the_cache_says() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    let pushed = works(root, &format!("push {host}/a:v1 policy"));
    let (_, first) = pushed.trim_end().rsplit_once('@').expect("a digest");
    fs::write(root.join("policy/deny.rego"), POLICY.replace("no name", "later")).expect("it is written");
    let pushed = works(root, &format!("push {host}/a:v2 policy"));
    let (_, second) = pushed.trim_end().rsplit_once('@').expect("a digest");
    let line = format!("test -p oci://{host}/a@{first} in.yaml");
    told(root, &line);
    told(root, &format!("test -p oci://{host}/a:v2 in.yaml"));
    for noted in files(&root.join("cache/kpolicy/policies/addresses")) {
        fs::write(noted, second).expect("it is written");
    }
    let (code, text) = told(root, &format!("{line} --offline"));
    assert!(code == Some(1) && text.contains("no name"), "{text}");
}

#[test]
fn artifacts_of_a_registry_are_compared() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    fs::write(
        root.join("policy/deny.rego"),
        format!("{POLICY}\nwarn contains \"later\"\n"),
    )
    .expect("it is written");
    works(root, &format!("push {host}/a:v2 policy"));
    let line = format!("diff-policies oci://{host}/a:v1 oci://{host}/a:v2 in.yaml");
    let text = works(root, &line);
    assert!(
        text.contains("1 appear, 0 disappear") && text.contains("later"),
        "{text}"
    );
    assert_eq!(works(root, &format!("{line} --offline")), text);
    fails(
        root,
        &format!("diff-policies oci://{host}/a:none policy in.yaml"),
        "has no a with none",
    );
}
