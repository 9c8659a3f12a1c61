//! `kpolicy init`: a commented settings file, a first policy, its test and examples, in an empty project.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::finding::{Problem, Status};
use crate::problem;

/// What is written, by path.
const STARTER: [(&str, &str); 6] = [
    ("kpolicy.toml", include_str!("starter/kpolicy.toml")),
    ("policy/replicas.rego", include_str!("starter/replicas.rego")),
    ("policy/replicas_test.rego", include_str!("starter/replicas_test.rego")),
    ("examples/main/deny/pass.yaml", include_str!("starter/pass.yaml")),
    ("examples/main/deny/fail.yaml", include_str!("starter/fail.yaml")),
    (
        "examples/main/deny/fail.expected.json",
        include_str!("starter/fail.expected.json"),
    ),
];

/// Writes the starter files below `folder`; where one is there already, nothing is written.
pub fn run(folder: &Path, out: &mut dyn Write) -> Result<Status, Error> {
    let present: Vec<Problem> = STARTER
        .iter()
        .map(|(path, _)| folder.join(path))
        .filter(|path| fs::symlink_metadata(path).is_ok())
        .map(|path| {
            problem::of_path(
                &path,
                "already exists: nothing was written",
                "move it away, or run kpolicy init in an empty directory",
            )
        })
        .collect();
    let policy = folder.join("policy");
    if policy.exists() && !policy.is_dir() {
        let help = "move it away, or run kpolicy init in an empty directory";
        return Err(Error::Problems(vec![problem::of_path(
            &policy,
            "is not a directory: nothing was written",
            help,
        )]));
    }
    if !present.is_empty() {
        return Err(Error::Problems(present));
    }
    for (path, text) in STARTER {
        write(&folder.join(path), text).map_err(|error| {
            let message = format!("cannot be written: {error}");
            Error::Problems(vec![problem::of_path(
                &folder.join(path),
                &message,
                "check the permissions of the directory",
            )])
        })?;
        writeln!(out, "wrote {path}").map_err(Error::Output)?;
    }
    writeln!(
        out,
        "\nThe built-in library runs in addition to your policies; remove `profile` from kpolicy.toml to turn it off."
    )
    .and_then(|()| writeln!(out, "\nTest your files with\n\n    kpolicy test PATH..."))
    .and_then(|()| {
        let proof = "kpolicy verify --require-proof";
        writeln!(
            out,
            "\nand your policies with their tests and examples with\n\n    {proof}"
        )
    })
    .and_then(|()| out.flush())
    .map_err(Error::Output)?;
    Ok(Status::Clean)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::File::create_new(path)?.write_all(text.as_bytes())
}
