//! Credentials: where they come from, and who is given them.

use std::fs;
use std::os::unix::fs::symlink;

use super::{POLICY, change, fails, kpolicy, read, sample, serve, told, works};
use crate::common::registry::Registry;

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
fn a_token_that_has_expired_says_what_to_do() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    let auth = "dXNlcjpzZWNyZXQ="; // user:secret
    let settings = format!(r#"{{"auths": {{"{host}": {{"auth": "{auth}"}}}}}}"#);
    fs::write(root.join("docker/config.json"), settings).expect("it is written");
    change(&registry, |state| {
        state.guarded = true;
        state.expired = true;
    });
    fails(root, &format!("pull {host}/a:v1 -p got"), "docker login");
    assert!(!root.join("got").exists());
}

#[test]
fn a_helper_of_docker_is_asked() {
    let (registry, root) = (Registry::start(), sample());
    let (host, root) = (&registry.host, root.path());
    works(root, &format!("push {host}/a:v1 policy"));
    change(&registry, |state| state.guarded = true);
    // The program is the shell, which runs the file `get`: a program that was just written may be busy.
    fs::create_dir(root.join("bin")).expect("a folder");
    symlink("/bin/sh", root.join("bin/docker-credential-fake")).expect("a link");
    let helper = |text: &str| {
        fs::write(root.join("get"), format!("read server\n{text}\n")).expect("it is written");
    };
    let pull = |settings: &str| {
        fs::write(root.join("docker/config.json"), settings).expect("it is written");
        let output = kpolicy()
            .current_dir(root)
            .env("PATH", format!("{}/bin:/usr/bin:/bin", root.display()))
            .env("DOCKER_CONFIG", root.join("docker"))
            .args(["pull", &format!("{host}/a:v1"), "-p", "got"])
            .output()
            .expect("kpolicy runs");
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (output.status.code(), text.concat())
    };
    let of_store = r#"{"credsStore": "fake"}"#;
    let of_host = format!(r#"{{"credHelpers": {{"{host}": "fake"}}}}"#);
    helper(&format!(
        r#"[ "$server" = "{host}" ] && echo '{{"Username": "user", "Secret": "secret"}}'"#
    ));
    for settings in [of_store, &of_host] {
        let (code, text) = pull(settings);
        assert_eq!(code, Some(0), "{text}");
    }
    // What it says may be a password, and is shown nowhere.
    for (text, expected) in [
        ("echo 'hidden'", "did not answer in JSON"),
        ("echo 'hidden' >&2; exit 3", "docker-credential-fake failed"),
        (
            r#"echo '{"Username": "user", "Secret": "hidden"}'"#,
            "refuses the credentials",
        ),
        (
            "echo 'credentials not found in native keychain'; exit 1",
            "refuses the credentials",
        ),
    ] {
        helper(text);
        let (code, text) = pull(of_store);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(expected) && !text.contains("hidden"), "{text}");
    }
    let (_, text) = pull(r#"{"credsStore": "not/a/name"}"#);
    assert!(text.contains("is not the name of a program"), "{text}");
    let (_, text) = pull(r#"{"credsStore": "none"}"#);
    assert!(text.contains("docker-credential-none could not be run"), "{text}");
}

#[test]
fn another_host_is_not_given_credentials() {
    let (one, other, root) = (Registry::start(), Registry::start(), sample());
    let root = root.path();
    serve(&one, "sha256:one.rego", b"package one\n");
    serve(&other, "one.rego", b"package one\n");
    change(&one, |state| {
        state.redirect = Some(format!("http://{}/one.rego", other.host));
    });
    let line = format!("pull http://user:secret@{}/blobs/sha256:one.rego -p got", one.host);
    // The name of the file is that of the first address.
    let (_, text) = told(root, &line.replace("sha256:one", "one"));
    assert!(text.contains("404"), "{text}");
    change(&one, |state| {
        state.stored.insert("one.rego".to_owned(), b"x".to_vec());
    });
    works(root, &line.replace("sha256:one", "one"));
    assert_eq!(read(root, "got/one.rego"), "package one\n");
    change(&one, |state| {
        assert!(state.seen.iter().any(|seen| seen.starts_with("Basic ")))
    });
    change(&other, |state| assert_eq!(state.seen, [""]));
}
