//! Signatures, beside those that `opa build` 1.22.3 and cosign 2.6.5 made: tests/sharing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{POLICY, change, fails, read, sample, serve, told, works};
use crate::common::registry::{Registry, digest};

/// A file of tests/sharing.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sharing").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(fixture(name)).expect("the fixture is there")
}

/// A project with the keys in it.
fn with_keys() -> TempDir {
    let root = sample();
    for name in ["rsa.pem", "rsa.pub.pem", "ec.pem", "ec.pub.pem", "secret"] {
        fs::write(root.path().join(name), bytes(name)).expect("it is written");
    }
    root
}

#[test]
fn what_opa_signed_is_verified() {
    let root = with_keys();
    let root = root.path();
    for (algorithm, key) in [
        ("RS256", "rsa.pub.pem"),
        ("PS512", "rsa.pub.pem"),
        ("ES256", "ec.pub.pem"),
        ("HS256", "secret:secret"),
    ] {
        let bundle = fixture(&format!("opa-{algorithm}.tar.gz"));
        let bundle = bundle.display();
        works(root, &format!("pull {bundle} -p {algorithm} --verify-key {key}"));
        assert!(read(root, &format!("{algorithm}/data.json")).contains("12345678901234567890"));
        let line = format!("test -p got --update {bundle} --update-lock in.yaml --verify-key");
        let (code, text) = told(root, &format!("{line} {key}"));
        assert_eq!(code, Some(1), "{text}");
        for other in ["rsa.pub.pem", "ec.pub.pem", "secret:secret", "secret:rsa.pub.pem"] {
            if other != key {
                fails(root, &format!("{line} {other}"), "the signature is of another key");
            }
        }
    }
}

#[test]
fn what_is_pushed_signed_is_pulled_with_the_key_alone() {
    let (registry, root) = (Registry::start(), with_keys());
    let (host, root) = (&registry.host, root.path());
    for (layout, private, public) in [
        ("opa", "rsa.pem", "rsa.pub.pem"),
        ("conftest", "ec.pem", "ec.pub.pem"),
        ("opa", "secret:secret", "secret:secret"),
    ] {
        works(
            root,
            &format!("push {host}/a:v1 policy --layout {layout} --sign {private}"),
        );
        works(
            root,
            &format!("pull {host}/a:v1 -p {layout} --update-lock --verify-key {public}"),
        );
        assert_eq!(read(root, &format!("{layout}/deny.rego")), POLICY);
        let line = format!("test -p oci://{host}/a:v1 in.yaml --update-lock");
        let (code, text) = told(root, &format!("{line} --verify-key {public}"));
        assert_eq!(code, Some(1), "{text}");
        let other = if public == "ec.pub.pem" {
            "rsa.pub.pem"
        } else {
            "ec.pub.pem"
        };
        fails(root, &format!("{line} --verify-key {other}"), "another key");
        fails(root, &format!("{line} --offline --verify-key {other}"), "another key");
    }
    works(root, &format!("push {host}/b:v1 policy"));
    let line = format!("pull {host}/b:v1 -p got --verify-key ec.pub.pem");
    fails(root, &line, "is not signed\n  = help: sign it with kpolicy push --sign");
    assert!(!root.join("got").exists());
}

#[test]
fn files_that_were_changed_added_or_removed_are_found() {
    let (registry, root) = (Registry::start(), with_keys());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy --sign ec.pem"));
    works(root, &format!("pull {host}/a:v1 -p got"));
    let pull = "pull got -p copy --update-lock --verify-key ec.pub.pem";
    works(root, pull);
    fs::write(root.join("got/deny.rego"), "package main\n").expect("it is written");
    fails(root, pull, "the file deny.rego is not the one that was signed");
    fs::remove_file(root.join("got/deny.rego")).expect("it is removed");
    fails(root, pull, "the file deny.rego is signed and is not there");
    fs::write(root.join("got/deny.rego"), POLICY).expect("it is written");
    fs::write(root.join("got/added.rego"), "package main\n").expect("it is written");
    fails(root, pull, "the file added.rego is not signed");
}

#[test]
fn wrong_keys_say_what_is_needed() {
    let (registry, root) = (Registry::start(), with_keys());
    let (host, root) = (&registry.host, root.path());
    let push = format!("push {host}/a:v1 policy --sign");
    fails(root, &format!("{push} ec.pub.pem"), "name the private key with --sign");
    fails(root, &format!("{push} secret"), "secret:FILE");
    fails(root, &format!("{push} none.pem"), "cannot be read");
    assert!(registry.state.lock().expect("no panic").stored.is_empty());
    let pull = "pull policy -p got --verify-key";
    fails(root, &format!("{pull} ec.pem"), "name the public key with --verify-key");
    fails(root, &format!("{pull} secret"), "secret:FILE");
}

/// A registry with an artifact that cosign signed.
fn signed_by_cosign() -> Registry {
    let registry = Registry::start();
    let manifest = bytes("cosign/manifest.json");
    let tag = format!("{}.sig", digest(&manifest).replace(':', "-"));
    serve(&registry, "v1", &manifest);
    serve(&registry, &tag, &bytes("cosign/signature.json"));
    for blob in ["cosign/payload.json", "cosign/deny.rego"] {
        serve(&registry, &digest(&bytes(blob)), &bytes(blob));
    }
    registry
}

#[test]
fn what_cosign_signed_is_verified() {
    let (registry, root) = (signed_by_cosign(), with_keys());
    let (host, root) = (&registry.host, root.path());
    let key = fixture("cosign/cosign.pub.pem");
    let key = key.display();
    works(root, &format!("pull {host}/team/one:v1 -p got --verify-key {key}"));
    let line = format!("test -p oci://{host}/team/one:v1 in.yaml --verify-key");
    let (code, text) = told(root, &format!("{line} {key}"));
    assert_eq!(code, Some(1), "{text}");
    let (code, text) = told(root, &format!("{line} {key} --offline"));
    assert_eq!(code, Some(1), "{text}");
    fails(root, &format!("{line} ec.pub.pem"), "is of this key and artifact");
    // In the settings file, too.
    fs::write(root.join("kpolicy.toml"), "verify-key = \"ec.pub.pem\"\n").expect("it is written");
    fails(
        root,
        &format!("test -p oci://{host}/team/one:v1 in.yaml"),
        "is of this key and artifact",
    );
}

#[test]
fn a_signature_of_another_artifact_is_none() {
    let (registry, root) = (signed_by_cosign(), with_keys());
    let (host, root) = (&registry.host, root.path());
    let manifest = bytes("cosign/manifest.json");
    let signature = bytes("cosign/signature.json");
    // The same signature, beside another artifact.
    let other = [&manifest[..], b"\n"].concat();
    serve(&registry, "v1", &other);
    serve(
        &registry,
        &format!("{}.sig", digest(&other).replace(':', "-")),
        &signature,
    );
    let key = fixture("cosign/cosign.pub.pem");
    let pull = format!("pull {host}/team/one:v1 -p got --verify-key {}", key.display());
    fails(root, &pull, "is of this key and artifact");
    // None at all.
    change(&registry, |state| {
        state.stored.retain(|name, _| !name.ends_with(".sig"))
    });
    fails(root, &pull, "is not signed\n");
    assert!(!root.join("got").exists());
}

#[test]
#[ignore = "needs OPA: OPA"]
fn what_is_pushed_signed_is_verified_by_opa() {
    let opa = std::env::var_os("OPA").expect("OPA names the program");
    let (registry, root) = (Registry::start(), with_keys());
    let (host, root) = (&registry.host, root.path());
    fs::write(
        root.join("policy/sub/data.yaml"),
        "k: v\nn: 1.0\nm: 0x10\nl: [1, 2.50, ~, yes, 1e3]\n",
    )
    .expect("a file");
    for (algorithm, private, public) in [
        ("RS256", "rsa.pem", "rsa.pub.pem"),
        ("ES256", "ec.pem", "ec.pub.pem"),
        ("HS256", "secret:secret", "secret"),
    ] {
        works(root, &format!("push {host}/a:v1 policy --layout opa --sign {private}"));
        change(&registry, |state| {
            let bundle = state
                .stored
                .values()
                .find(|bytes| bytes.starts_with(b"\x1f\x8b"))
                .expect("a bundle");
            fs::write(root.join("bundle.tar.gz"), bundle).expect("it is written");
            state.stored.clear();
        });
        let private = private.trim_start_matches("secret:");
        let output = Command::new(&opa)
            .current_dir(root)
            .args([
                "build",
                "-b",
                "bundle.tar.gz",
                "-o",
                "built.tar.gz",
                "--signing-alg",
                algorithm,
            ])
            .args(["--verification-key", public, "--signing-key", private])
            .output()
            .expect("opa runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{algorithm}: {text}");
    }
}
