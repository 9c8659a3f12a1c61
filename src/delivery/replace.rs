//! A file written whole or not at all: beside it first, then over it. What is beside it is removed whatever ends the
//! run, also a signal.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The temporary files that there are now. Whoever creates, renames or removes one holds the lock, so that a signal
/// finds each of them.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn temporary() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes a file whole or not at all.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A link is followed, so that it stays one.
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&real).ok();
    if is_of_system(path) || old.as_ref().is_some_and(|found| !found.is_file()) {
        // A pipe, a device or an open file (`/dev/stderr`) is written to, never replaced.
        let mut out = BufWriter::new(OpenOptions::new().append(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    let (aside, file) = beside(&real)?;
    let done = filled(file, old, write).and_then(|()| {
        let mut temporary = temporary();
        fs::rename(aside.path(), &real)?;
        temporary.retain(|other| other != aside.path());
        Ok(())
    });
    // What went wrong leaves nothing after.
    drop(aside);
    done
}

/// Whether a path leads to what the system has open, and not to a file of a name.
fn is_of_system(path: &Path) -> bool {
    path.starts_with("/dev") || path.starts_with("/proc")
}

/// Writes a temporary file, which keeps the permissions of the file that it will replace.
fn filled(
    file: File,
    old: Option<fs::Metadata>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(old) = old {
        file.set_permissions(old.permissions())?;
    }
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.flush()
}

/// A temporary file's path. What has not become another file by the end is removed.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let mut temporary = temporary();
        if let Some(at) = temporary.iter().position(|other| *other == self.0) {
            temporary.swap_remove(at);
            // It is of no use to anybody; what went wrong is reported already.
            let _ = fs::remove_file(&self.0);
        }
    }
}

/// A new file in the same directory, so that it can be moved in one step.
fn beside(path: &Path) -> io::Result<(TemporaryFile, File)> {
    remove_on_signals();
    let mut last = None;
    for attempt in 0..100 {
        // Its name is short, where the file's own may be as long as names can be.
        let aside = path.with_file_name(format!(".kpolicy-{}-{attempt}.tmp", std::process::id()));
        let mut temporary = temporary();
        match OpenOptions::new().write(true).create_new(true).open(&aside) {
            Ok(file) => {
                temporary.push(aside.clone());
                return Ok((TemporaryFile(aside), file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.expect("every attempt failed"))
}

/// Has temporary files removed before a signal ends the process, as it would have without this.
#[cfg(unix)]
fn remove_on_signals() {
    use std::sync::{Once, mpsc};
    use std::thread;

    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let (ready, wait) = mpsc::channel();
        // Where no thread can be started, signals end the process as ever.
        let started = thread::Builder::new()
            .name("signals".to_owned())
            .spawn(|| await_signals(ready));
        if started.is_ok() {
            // It ends where the thread is ready, or has ended.
            let _ = wait.recv();
        }
    });
}

#[cfg(unix)]
fn await_signals(ready: std::sync::mpsc::Sender<()>) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else {
        return;
    };
    let _ = ready.send(());
    if let Some(signal) = signals.forever().next() {
        // Held to the end, so that no further file is created.
        let temporary = temporary();
        for path in temporary.iter() {
            let _ = fs::remove_file(path);
        }
        let _ = emulate_default_handler(signal);
    }
}

/// Where there are no signals, nothing is to be done about them.
#[cfg(not(unix))]
fn remove_on_signals() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_written_stays_as_it_was() {
        let root = tempfile::tempdir().expect("a temporary directory");
        let path = root.path().join("report.json");
        fs::write(&path, "old").expect("a file");
        let failed = replace(&path, |out| {
            out.write_all(b"new")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
        assert_eq!(fs::read_to_string(&path).expect("a file"), "old");
        assert_eq!(fs::read_dir(root.path()).expect("a directory").count(), 1);
    }
}
