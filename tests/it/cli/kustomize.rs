//! Kustomize overlays, with a program in place of kustomize, and with kustomize itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::{POLICY, run};
use crate::common::projects::project;

/// A project with a base and two overlays, and with a program `kustomize` that builds what this script writes.
fn overlays(files: &[(&str, &str)], script: &str) -> TempDir {
    let usual = [
        ("policy/p.rego", POLICY),
        ("k/base/kustomization.yaml", "resources:\n- web.yaml\n"),
        (
            "k/base/web.yaml",
            "apiVersion: v1\nkind: Web\nmetadata:\n  name: web\na: 2\n",
        ),
        ("k/base/plain.yaml", "a: 5\n"),
        (
            "k/prod/kustomization.yaml",
            "resources:\n- ../base\npatches:\n- path: p.yaml\n  target: {kind: Web}\n",
        ),
        ("k/prod/p.yaml", "- op: add\n  path: /b\n  value: 1\n"),
        ("k/test/kustomization.yaml", "resources: [../base]\n"),
    ];
    let root = project(&[&usual[..], files].concat());
    let program = root.path().join("kustomize");
    let script = format!("#!/bin/sh\nif [ \"$1\" = version ]; then echo v5.99.0; exit; fi\n{script}\n");
    fs::write(&program, script).expect("the program can be written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("the program can be started");
    root
}

#[test]
fn overlays_are_built_and_not_the_base() {
    let root = overlays(&[], "case $2 in ./k/*) echo 'b: 1';; esac");
    insta::assert_snapshot!("overlays", run(root.path(), "test --kustomize ./kustomize k"));
    let chosen = run(root.path(), "test --kustomize ./kustomize --overlay k/test k");
    assert!(
        chosen.contains("k/test was rendered by") && !chosen.contains("k/prod was"),
        "{chosen}"
    );
    let plain = run(root.path(), "test --no-render -o compact k");
    assert!(plain.contains("k/base/web.yaml:5:4: deny[main/deny] a is 2"), "{plain}");
}

/// What belongs to an overlay that is not built, to a component that none uses, or to kustomizations that use each other,
/// is a file like any other.
#[test]
fn what_is_not_built_is_evaluated_as_it_is() {
    let files = [
        ("k/prod/kustomization.yaml", "resources: [../base, extra.yaml]\n"),
        ("k/prod/extra.yaml", "a: 3\n"),
        ("k/part/kustomization.yaml", "kind: Component\nresources: [part.yaml]\n"),
        ("k/part/part.yaml", "a: 4\n"),
        ("k/one/kustomization.yaml", "resources: [../two, one.yaml]\n"),
        ("k/one/one.yaml", "a: 6\n"),
        ("k/two/kustomization.yaml", "resources: [../one]\n"),
    ];
    let root = overlays(&files, "echo 'b: 1'");
    let found = run(
        root.path(),
        "test -o compact --kustomize ./kustomize --overlay k/test k",
    );
    for (file, value) in [("prod/extra", 3), ("part/part", 4), ("one/one", 6)] {
        assert!(
            found.contains(&format!("k/{file}.yaml:1:4: deny[main/deny] a is {value}")),
            "{found}"
        );
    }
    assert!(!found.contains("k/base/web.yaml"), "{found}");
    let mistaken = run(root.path(), "test --kustomize ./kustomize --overlay k/tset k/test");
    assert!(
        mistaken.contains("k/tset is no kustomization of this run") && mistaken.ends_with("exit code 2\n"),
        "{mistaken}"
    );
}

#[test]
fn what_cannot_be_built_is_an_error() {
    let root = overlays(&[], "echo 'Error: no such file' >&2; exit 1");
    insta::assert_snapshot!(
        "kustomize_fails",
        run(root.path(), "test --kustomize ./kustomize k/test")
    );
    insta::assert_snapshot!("kustomize_is_missing", run(root.path(), "test --kustomize ./no-such k"));
    let remote = "resources:\n- https://example.com/base?ref=v1\n";
    let root = overlays(&[("k/far/kustomization.yaml", remote)], "exit 1");
    insta::assert_snapshot!("remote_bases", run(root.path(), "test --kustomize ./kustomize k/far"));
}

#[test]
#[ignore = "needs kustomize"]
fn findings_are_in_the_resource_or_at_the_patch() {
    let root = overlays(&[], "exit 1");
    let found = run(root.path(), "test k/base k/prod");
    for expected in [
        "k/base/web.yaml:5:4\n",
        "k/prod/kustomization.yaml:4:9\n",
        "the patch sets it at k/prod/p.yaml:2",
    ] {
        assert!(found.contains(expected), "{expected}: {found}");
    }
}
