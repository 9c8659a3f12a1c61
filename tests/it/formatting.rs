//! `kpolicy fmt` beside `opa fmt`: recorded answers, and where OPA is at hand, every policy of this repository.
//!
//! `tests/opa/fmt/input` has the texts, and `v0`, `v1` and `v0v1` what OPA 1.22.3 made of them: `opa fmt
//! --v0-compatible`, `opa fmt` and `opa fmt --v0-v1`. Where there is no answer OPA refused the text. With `OPA` set to
//! the program, the ignored test writes nothing and compares.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kpolicy_rego::Dialect;
use kpolicy_rego::format::{Options, Target, format};
use walkdir::WalkDir;

/// The ways to format, by the names of their folders.
const MODES: [(&str, &[&str], Options); 3] = [
    (
        "v0",
        &["--v0-compatible"],
        Options {
            dialect: Dialect::V0,
            target: Target::V0,
        },
    ),
    (
        "v1",
        &[],
        Options {
            dialect: Dialect::V1,
            target: Target::V1,
        },
    ),
    (
        "v0v1",
        &["--v0-v1"],
        Options {
            dialect: Dialect::V0,
            target: Target::V0AndV1,
        },
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn policies(folder: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let is_policy = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rego");
    entries.map(walkdir::DirEntry::into_path).filter(is_policy).collect()
}

#[test]
fn texts_are_formatted_as_opa_formats_them() {
    let folder = root().join("tests/opa/fmt");
    let inputs = policies(&folder.join("input"));
    assert!(inputs.len() >= 6, "{inputs:?}");
    for path in inputs {
        let text = fs::read_to_string(&path).expect("the text is there");
        let name = path.file_name().expect("a file has a name");
        for (mode, _, options) in MODES {
            let wanted = fs::read_to_string(folder.join(mode).join(name)).ok();
            let found = format(&text, options);
            if let (Some(wanted), Ok(found)) = (&wanted, &found) {
                assert_eq!(found, wanted, "{} as {mode}", path.display());
            }
            assert_eq!(
                wanted.is_some(),
                found.is_ok(),
                "{} as {mode}: {found:?}",
                path.display()
            );
        }
    }
}

#[test]
fn what_is_formatted_stays_as_it_is() {
    for (mode, _, options) in MODES {
        for path in policies(&root().join("tests/opa/fmt").join(mode)) {
            let text = fs::read_to_string(&path).expect("the text is there");
            assert_eq!(format(&text, options).as_ref(), Ok(&text), "{}", path.display());
        }
    }
}

#[test]
fn policies_of_the_library_are_formatted() {
    for path in policies(&root().join("policy")) {
        let text = fs::read_to_string(&path).expect("the text is there");
        assert_eq!(format(&text, MODES[1].2).as_ref(), Ok(&text), "{}", path.display());
    }
}

#[test]
fn a_text_that_opa_would_damage_is_refused() {
    let lost_comment = "package a\n\np if {\n\tsome a, b in {\n\t\t# lost\n\t\t1,\n\t}\n}\n";
    let lost_replacement =
        "package a\n\np if {\n\tq == f(g({\"x\": [{\n\t\t# c\n\t\t\"y\": 1}]})) with input as x\n}\n";
    for (text, lost) in [
        (lost_comment, "this comment"),
        (lost_replacement, "a part of a statement"),
    ] {
        let errors = format(text, MODES[1].2).expect_err("OPA loses something");
        assert!(errors[0].message.contains(lost), "{}", errors[0].message);
    }
}

#[test]
fn hostile_texts_end_soon() {
    let deep = format!("package a\n\np := {}1{}\n", "[\n".repeat(300), "]".repeat(300));
    let wide = format!("package a\n\np := [{}]\n", "{\"a\": [1, # b\n2]},\n".repeat(3000));
    let check = move || {
        for text in [deep, wide] {
            let formatted = format(&text, MODES[1].2).expect("the text is Rego");
            assert_eq!(format(&formatted, MODES[1].2).as_ref(), Ok(&formatted));
        }
    };
    // The stack that a thread of the program has at least.
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(check);
    thread.expect("a thread starts").join().expect("no overflow");
}

#[test]
#[ignore = "needs OPA: OPA"]
fn policies_at_hand_are_formatted_as_opa_formats_them() {
    let opa = std::env::var_os("OPA").expect("OPA names the program");
    let mut different = Vec::new();
    for folder in ["policy", "examples", "src/command/starter", "tests/opa/fmt/input"] {
        for path in policies(&root().join(folder)) {
            let text = fs::read_to_string(&path).expect("the text is there");
            for (mode, flags, options) in MODES {
                if opa_fmt(&opa, flags, &path) != format(&text, options).ok() {
                    different.push(format!("{} as {mode}", path.display()));
                }
            }
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}

/// What `opa fmt` makes of a file, unless it refuses it.
fn opa_fmt(opa: &OsString, flags: &[&str], path: &Path) -> Option<String> {
    let output = Command::new(opa)
        .arg("fmt")
        .args(flags)
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .expect("OPA runs");
    let text = String::from_utf8(output.stdout).expect("Rego is UTF-8");
    output.status.success().then_some(text)
}
