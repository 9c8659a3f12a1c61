//! Which standard streams were closed when the program started.
//!
//! Before `main`, Rust opens `/dev/null` in place of a standard stream that is closed, so that no other file takes its
//! number. A report that is written to a closed standard output then vanishes without an error. What was closed can only
//! be seen before that, by a function that the system runs before Rust starts, and to name such a function takes an
//! `unsafe` attribute. It is kept in a crate of its own, so that the others can forbid `unsafe`.

use std::sync::atomic::{AtomicBool, Ordering};

static STDIN: AtomicBool = AtomicBool::new(false);
static STDOUT: AtomicBool = AtomicBool::new(false);

/// Whether standard input was closed.
pub fn stdin_was_closed() -> bool {
    STDIN.load(Ordering::Relaxed)
}

/// Whether standard output was closed.
pub fn stdout_was_closed() -> bool {
    STDOUT.load(Ordering::Relaxed)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod start {
    use super::{Ordering, STDIN, STDOUT};

    // SAFETY: the section holds pointers to functions without arguments that the system calls before `main`; this one
    // calls nothing of Rust's runtime.
    #[used]
    #[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
    #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
    static AT_START: extern "C" fn() = look;

    extern "C" fn look() {
        STDIN.store(is_closed(libc::STDIN_FILENO), Ordering::Relaxed);
        STDOUT.store(is_closed(libc::STDOUT_FILENO), Ordering::Relaxed);
    }

    fn is_closed(stream: libc::c_int) -> bool {
        // SAFETY: it asks for the flags of a descriptor, whether or not that is open.
        unsafe { libc::fcntl(stream, libc::F_GETFD) == -1 }
    }
}
