//! The built binary, run in a world that is the same everywhere.

use std::process::Command;

pub(crate) mod loading;
pub(crate) mod projects;

/// Variables by which kpolicy, or a library of its, knows where it runs.
const TELLING: [&str; 5] = [
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "TF_BUILD",
    "NO_COLOR",
    "FORCE_HYPERLINK",
];

/// The built binary, started without what tells where the tests run.
pub(crate) fn kpolicy() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kpolicy"));
    for variable in TELLING {
        command.env_remove(variable);
    }
    command
}

/// Whether tests are to write what they otherwise compare with. `cargo xtask bless` asks for it.
pub(crate) fn bless() -> bool {
    std::env::var_os("BLESS").is_some()
}
