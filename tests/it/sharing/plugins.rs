//! Plugins that are installed from elsewhere, and where they are named.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use tar::{Builder, Header};

use super::archives::gzip;
use super::{kpolicy, sample, serve};
use crate::common::registry::{Registry, digest};

const MANIFEST: &str = "name: hello\nversion: \"1\"\ndescription: Says it.\ncommand: $KPOLICY_PLUGIN_DIR/hello.sh\n";

/// A plugin in a tar.gz archive.
fn packed() -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, text, mode) in [
        ("plugin.yaml", MANIFEST, 0o644),
        ("hello.sh", "#!/bin/sh\necho \"says $*\"\n", 0o755),
    ] {
        let mut header = Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(mode);
        builder
            .append_data(&mut header, path, text.as_bytes())
            .expect("it is written");
    }
    gzip(&builder.into_inner().expect("it ends"))
}

fn run(root: &Path, words: &[&str]) -> Output {
    kpolicy()
        .current_dir(root)
        .env("HOME", root.join("home"))
        .env("PATH", "/usr/bin:/bin")
        .env("DOCKER_CONFIG", root.join("docker"))
        .args(words)
        .output()
        .expect("kpolicy runs")
}

#[track_caller]
fn works(root: &Path, words: &[&str]) -> String {
    let output = run(root, words);
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{words:?}: {}", text.concat());
    text.concat()
}

#[test]
fn a_plugin_is_installed_from_an_archive_and_from_a_registry() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    let archive = packed();
    serve(&registry, "hello.tar.gz", &archive);
    serve(&registry, &digest(&archive), &archive);
    let layer = json!({
        "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(&archive), "size": archive.len(),
    });
    let manifest = json!({ "schemaVersion": 2, "layers": [layer] }).to_string();
    serve(&registry, "v1", manifest.as_bytes());
    for source in [
        format!("http://{host}/hello.tar.gz"),
        format!("oci://{host}/plugins/hello:v1"),
    ] {
        let installed = works(root, &["plugin", "install", &source]);
        assert!(installed.starts_with("installed hello in "), "{installed}");
        assert_eq!(works(root, &["hello", "a", "--help"]), "says a --help\n");
        let help = works(root, &["--help"]);
        assert!(help.ends_with("Plugins:\n  hello  Says it.\n"), "{help}");
        works(root, &["plugin", "remove", "hello"]);
        assert!(!works(root, &["--help"]).contains("Plugins:"));
    }
}
