//! Arguments in, exit code out; nothing else.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// The same on every system (docs/decisions.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let out: Box<dyn Write> = if kpolicy_stdio::stdout_was_closed() {
        Box::new(Closed)
    } else {
        Box::new(BufWriter::new(io::stdout().lock()))
    };
    kpolicy::run(std::env::args_os().collect(), out, &mut io::stderr().lock())
}

/// A standard output that was closed when the program started: nothing can be written to it.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("it is closed"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
