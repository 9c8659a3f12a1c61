//! Arguments in, exit code out; nothing else.

use std::io::{self, BufWriter};
use std::process::ExitCode;

/// musl's own allocator takes one lock for all threads: with it a run takes more than three times as long.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let out = BufWriter::new(io::stdout().lock());
    kpolicy::run(std::env::args_os().collect(), Box::new(out), &mut io::stderr().lock())
}
