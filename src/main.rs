//! Arguments in, exit code out; nothing else.

use std::io::{self, BufWriter};
use std::process::ExitCode;

fn main() -> ExitCode {
    let out = BufWriter::new(io::stdout().lock());
    kpolicy::run(std::env::args_os().collect(), Box::new(out), &mut io::stderr().lock())
}
