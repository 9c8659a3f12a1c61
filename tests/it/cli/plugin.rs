//! Plugins: installed ones, programs on the search path, and how they are run.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::{project, run_with};
use crate::common::program;
use crate::common::projects::Repository;

const MANIFEST: &str = "name: \"hello\"\nversion: \"0.1.0\"\nusage: kpolicy hello [WORD]\ndescription: |-\n  Says it.\n\
                        command: $CONFTEST_PLUGIN_DIR/hello.sh first\n";

const SCRIPT: &str = "#!/bin/sh\necho \"words: $*\"\necho \"same: $([ \"$KPOLICY_PLUGIN_DIR\" = \"$CONFTEST_PLUGIN_DIR\" ] && echo yes)\"\ncat\nexit 3\n";

/// Writes a program.
fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be started");
}

/// A folder with a plugin, a home whose name has a space, and a directory of programs.
fn world() -> TempDir {
    let root = project(&[
        ("plugins/hello/plugin.yaml", MANIFEST),
        ("home dir/x", ""),
        ("bin/x", ""),
    ]);
    script(&root.path().join("plugins/hello/hello.sh"), SCRIPT);
    root
}

/// Runs kpolicy in that world; the folder is `ROOT` in what it prints.
fn run(root: &Path, words: &str, stdin: &str) -> String {
    let shown = root.display().to_string();
    let (home, path) = (format!("{shown}/home dir"), format!("{shown}/bin:/usr/bin:/bin"));
    let variables = [("HOME", home.as_str()), ("PATH", &path), ("XDG_DATA_DIRS", "/nowhere")];
    run_with(root, words, stdin, &variables).replace(&shown, "ROOT")
}

#[test]
fn a_plugin_is_installed_called_listed_and_removed() {
    let root = world();
    let root = root.path();
    let at = "ROOT/home dir/.local/share/kpolicy/plugins/hello";
    let installed = run(root, "plugin install plugins/hello", "");
    assert_eq!(installed, format!("installed hello in {at}\n---\n--- exit code 0\n"));
    // What it was installed from is of no more use. Its arguments are its own, also those that kpolicy knows.
    fs::remove_dir_all(root.join("plugins")).expect("it can be removed");
    let called = run(root, "hello --help -p a", "input\n");
    assert_eq!(
        called,
        "words: first --help -p a\nsame: yes\ninput\n---\n--- exit code 3\n"
    );
    let listed = run(root, "plugin list", "");
    assert_eq!(listed, format!("hello  0.1.0  {at}\n---\n--- exit code 0\n"));
    let listed = run(root, "plugin list -o json", "");
    assert!(listed.contains("\"usage\": \"kpolicy hello [WORD]\""), "{listed}");
    let removed = run(root, "plugin remove hello", "");
    assert_eq!(removed, format!("removed {at}\n---\n--- exit code 0\n"));
    let gone = run(root, "hello", "");
    assert!(
        gone.contains("unrecognized subcommand 'hello'") && gone.ends_with("exit code 2\n"),
        "{gone}"
    );
}

#[test]
fn installing_again_replaces_the_plugin_and_a_refused_one_changes_nothing() {
    let root = world();
    let root = root.path();
    run(root, "plugin install plugins/hello", "");
    script(&root.join("plugins/hello/hello.sh"), "#!/bin/sh\necho new\n");
    run(root, "plugin install file://plugins/hello", "");
    assert_eq!(run(root, "hello", ""), "new\n---\n--- exit code 0\n");
    symlink("/etc/passwd", root.join("plugins/hello/link")).expect("a link");
    let refused = run(root, "plugin install plugins/hello", "");
    assert!(
        refused.contains("plugins/hello/link is a link") && refused.ends_with("exit code 2\n"),
        "{refused}"
    );
    assert_eq!(run(root, "hello", ""), "new\n---\n--- exit code 0\n");
    let plugins = root.join("home dir/.local/share/kpolicy/plugins");
    assert_eq!(fs::read_dir(plugins).expect("a directory").count(), 1);
}

#[test]
fn a_program_on_the_search_path_is_a_command() {
    let root = world();
    let root = root.path();
    script(
        &root.join("bin/kpolicy-there"),
        "#!/bin/sh\necho \"$#: $1\"\nkill -TERM $$\n",
    );
    assert_eq!(run(root, "there a b", ""), "2: a\n---\n--- exit code 143\n");
    assert_eq!(
        run(root, "plugin list", ""),
        "there    ROOT/bin/kpolicy-there\n---\n--- exit code 0\n"
    );
    let kept = run(root, "plugin remove there", "");
    assert!(
        kept.contains("there is a program on the search path: ROOT/bin/kpolicy-there"),
        "{kept}"
    );
    // A command of kpolicy is never another program.
    script(&root.join("bin/kpolicy-parse"), "#!/bin/sh\necho wrong\n");
    assert!(!run(root, "parse bin/x", "").contains("wrong"));
}

#[test]
fn wrong_plugins_are_refused() {
    for (text, message) in [
        ("name: test\ncommand: x\n", "test is a command of kpolicy"),
        ("name: ../x\ncommand: x\n", "plugin.yaml has no field name with letters"),
        ("name: x\n", "plugin.yaml has no field command"),
        (
            "name: x\ncommand: 1\n",
            "plugin.yaml has a field command that is not a string",
        ),
        ("name: [\n", "plugin.yaml does not parse"),
        ("", "plugin.yaml has no fields"),
        ("- x\n", "plugin.yaml is not an object"),
    ] {
        let root = world();
        fs::write(root.path().join("plugins/hello/plugin.yaml"), text).expect("a file");
        let refused = run(root.path(), "plugin install plugins/hello", "");
        assert!(
            refused.contains(message) && refused.ends_with("exit code 2\n"),
            "{text}: {refused}"
        );
        assert!(!root.path().join("home dir/.local/share/kpolicy/plugins/hello").exists());
    }
    let root = world();
    for (words, message) in [
        ("plugin install nowhere", "nowhere/plugin.yaml"),
        (
            "plugin install s3::https://example.com/x",
            "addresses that begin with s3 are not supported",
        ),
        ("plugin remove ../x", "no plugin ../x is installed"),
    ] {
        let refused = run(root.path(), words, "");
        assert!(
            refused.contains(message) && refused.ends_with("exit code 2\n"),
            "{words}: {refused}"
        );
    }
}

/// A plugin calls kpolicy again: the variables that it gets are no unknown settings. One that lost its program says so.
#[test]
fn a_plugin_may_call_kpolicy() {
    let root = world();
    let root = root.path();
    let kpolicy = env!("CARGO_BIN_EXE_kpolicy");
    script(
        &root.join("plugins/hello/hello.sh"),
        &format!("#!/bin/sh\nexec {kpolicy} test -p policy in.yaml\n"),
    );
    fs::create_dir(root.join("policy")).expect("a folder");
    fs::write(root.join("policy/p.rego"), super::POLICY).expect("a file");
    fs::write(root.join("in.yaml"), "a: 2\n").expect("a file");
    run(root, "plugin install plugins/hello", "");
    let called = run(root, "hello", "");
    assert!(
        called.contains("a is 2") && called.ends_with("exit code 1\n"),
        "{called}"
    );
    fs::remove_file(root.join("home dir/.local/share/kpolicy/plugins/hello/hello.sh")).expect("a file");
    let broken = run(root, "hello", "");
    assert!(
        broken.contains("the plugin hello could not be run") && broken.ends_with("exit code 2\n"),
        "{broken}"
    );
}

/// What is downloaded keeps its programs.
#[test]
fn a_plugin_is_installed_from_a_repository() {
    let root = world();
    let repository = Repository::new();
    repository.write(&[("plugins/hello/plugin.yaml", MANIFEST)]);
    script(&repository.path().join("plugins/hello/hello.sh"), SCRIPT);
    repository.commit();
    let address = format!("git::file://{}//plugins/hello", repository.path().display());
    let installed = run(root.path(), &format!("plugin install {address}"), "");
    assert!(
        installed.starts_with("installed hello in") && installed.ends_with("exit code 0\n"),
        "{installed}"
    );
    assert!(run(root.path(), "hello a", "").starts_with("words: first a\n"));
}

/// Under conftest's name plugins are where conftest has them, and kpolicy calls those that conftest installed.
#[test]
fn plugins_of_conftest_are_used() {
    let root = world();
    let root = root.path();
    fs::copy(env!("CARGO_BIN_EXE_kpolicy"), root.join("bin/conftest")).expect("it can be copied");
    let conftest = |words: &[&str]| {
        let output = program(&root.join("bin/conftest").display().to_string())
            .args(words)
            .current_dir(root)
            .env("HOME", root.join("home dir"))
            .env("XDG_DATA_DIRS", "/nowhere")
            .output()
            .expect("it runs");
        (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            output.status.code(),
        )
    };
    assert_eq!(conftest(&["plugin", "install", "plugins/hello"]).1, Some(0));
    assert!(root.join("home dir/.conftest/plugins/hello/hello.sh").is_file());
    let called = conftest(&["hello", "a"]);
    assert_eq!(called, ("words: first a\nsame: yes\n".to_owned(), Some(3)));
    assert!(run(root, "hello", "").starts_with("words: first\n"));
}

#[test]
fn what_a_plugin_says_of_itself_reaches_no_terminal_raw() {
    let root = world();
    let root = root.path();
    let manifest = MANIFEST.replace("0.1.0", "\\e[2J");
    fs::write(root.join("plugins/hello/plugin.yaml"), manifest).expect("a file");
    run(root, "plugin install plugins/hello", "");
    let listed = run(root, "plugin list", "");
    assert!(listed.contains("[2J") && !listed.contains('\u{1b}'), "{listed:?}");
}
