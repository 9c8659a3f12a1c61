//! What `kpolicy.lock` has is what is used.

use std::fs;

use super::{POLICY, fails, read, run, sample, serve, told, works};
use crate::common::registry::Registry;

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
fn files_that_were_pulled_are_those_that_are_used() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    works(root, &format!("pull {host}/a:v1 -p got"));
    let (code, text) = told(root, "test -p got in.yaml");
    assert_eq!(code, Some(1), "{text}");
    // A policy that allows more, and one that is not there any more.
    let remedy = "got/deny.rego is not the file of oci://";
    fs::write(root.join("got/deny.rego"), "package main\n").expect("it is written");
    fails(root, "test -p got in.yaml", remedy);
    fails(root, "test -p got/deny.rego in.yaml", remedy);
    fails(root, "check -p ./got/", remedy);
    fs::remove_file(root.join("got/deny.rego")).expect("it is removed");
    fails(root, "test -p got in.yaml", remedy);
    // Others are not meant.
    let (code, text) = told(root, "test -p policy in.yaml");
    assert_eq!(code, Some(1), "{text}");
    works(root, &format!("pull {host}/a:v1 -p got"));
    let (code, text) = told(root, "test -p got in.yaml");
    assert_eq!(code, Some(1), "{text}");
}

#[test]
fn a_run_uses_only_addresses_that_are_locked() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    let pushed = works(root, &format!("push {host}/a:v1 policy"));
    works(root, &format!("push {host}/a:v2 policy"));
    works(root, &format!("pull {host}/a:v1 -p got"));
    let other = format!("test -p oci://{host}/a:v2 in.yaml");
    fails(root, &other, "is not in kpolicy.lock");
    fails(
        root,
        &format!("test --update oci://{host}/a:v2 -p policy in.yaml"),
        "is not in kpolicy.lock",
    );
    let (_, digest) = pushed.trim().split_once('@').expect("a digest");
    let (code, text) = told(root, &format!("test -p oci://{host}/a@{digest} in.yaml"));
    assert_eq!(code, Some(1), "{text}");
    let (code, text) = told(root, &format!("{other} --update-lock"));
    assert_eq!(code, Some(1), "{text}");
    assert!(read(root, "kpolicy.lock").contains("a:v2"));
}

#[test]
fn the_lockfile_counts_in_directories_below() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    works(root, &format!("pull {host}/a:v1 -p got"));
    fs::create_dir(root.join("below")).expect("a folder");
    fs::write(root.join("got/deny.rego"), "package main\n").expect("it is written");
    let output = run(&root.join("below"), "test -p ../got ../in.yaml");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("kpolicy.lock has"));
}

#[test]
fn a_lockfile_that_says_two_things_is_refused() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    works(root, &format!("pull {host}/a:v1 -p got"));
    let line = format!("test -p oci://{host}/a:v1 in.yaml");
    let locked = read(root, "kpolicy.lock");
    // Another way to write the address is the same address.
    let other = locked.replace("oci://", "").replace("sha256:", "sha256:0");
    fs::write(root.join("kpolicy.lock"), other).expect("it is written");
    fails(root, &line, "kpolicy.lock has sha256:0");
    let (_, source) = locked.split_once("[[source]]").expect("a source");
    fs::write(root.join("kpolicy.lock"), format!("{locked}\n[[source]]{source}")).expect("it is written");
    fails(root, &line, "twice");
}

#[test]
fn tokens_in_addresses_are_neither_written_nor_shown() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    serve(&registry, "one.rego", b"package one\n");
    let text = works(
        root,
        &format!("pull http://user:hidden@{host}/one.rego?v=1&access_token=hidden -p got"),
    );
    let locked = read(root, "kpolicy.lock");
    assert!(!text.contains("hidden") && !locked.contains("hidden"), "{text}{locked}");
    let (_, text) = told(
        root,
        &format!("pull http://user:hidden@{host}/none.rego?access_token=hidden -p got"),
    );
    assert!(text.contains("status 404") && !text.contains("hidden"), "{text}");
}

#[test]
fn a_source_does_not_replace_the_files_of_another() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    works(root, &format!("pull {host}/a:v1 -p got"));
    let later = POLICY.replace("no name", "later");
    fs::write(root.join("policy/deny.rego"), &later).expect("it is written");
    works(root, &format!("push {host}/b:v2 policy"));
    let pull = format!("pull {host}/b:v2 -p got");
    fails(root, &pull, "would replace the file of oci://");
    assert_eq!(read(root, "got/deny.rego"), POLICY);
    works(root, &format!("{pull} --update-lock"));
    assert_eq!(read(root, "got/deny.rego"), later);
    let (code, text) = told(root, "test -p got in.yaml");
    assert_eq!(code, Some(1), "{text}");
}
