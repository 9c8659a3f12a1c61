//! The built binary, run in a world that is the same everywhere.

use std::process::Command;

pub(crate) mod loading;
pub(crate) mod projects;
#[cfg(feature = "sharing")]
pub(crate) mod registry;

/// The built binary, in a clean environment.
pub(crate) fn kpolicy() -> Command {
    program(env!("CARGO_BIN_EXE_kpolicy"))
}

/// A program in an environment that holds the search path and a home without files, so that nothing depends on variables
/// and settings of whoever runs the tests.
pub(crate) fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/home"));
    command
}

/// Whether tests are to write what they otherwise compare with. `cargo xtask bless` asks for it.
pub(crate) fn bless() -> bool {
    std::env::var_os("BLESS").is_some()
}
