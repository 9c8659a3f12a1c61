//! Arguments in, exit code out; nothing else.

use std::io::{self, BufWriter};
use std::process::ExitCode;

/// The same on every system (docs/decisions.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let out = BufWriter::new(io::stdout().lock());
    kpolicy::run(std::env::args_os().collect(), Box::new(out), &mut io::stderr().lock())
}
