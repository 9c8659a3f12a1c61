//! Other programs, started without a shell: with a small environment, a limit of time and a limit of output.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may run.
const LONGEST: Duration = Duration::from_secs(120);

/// How often a program that has closed its output is asked whether it has ended.
const POLL: Duration = Duration::from_millis(5);

/// How much of what a program says is wrong is kept, in bytes.
const MOST_WORDS: u64 = 64 << 10;

/// The variables that a program sees: where programs, its own files and temporary files are, and nothing else.
const ENVIRONMENT: &[&str] = &[
    "PATH",
    "HOME",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    // Windows.
    "SYSTEMROOT",
    "PATHEXT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
];

/// Why a program gave nothing.
#[derive(Debug)]
pub enum Failure {
    /// There is no such program.
    Missing,
    /// It could not be started or read.
    Io(io::Error),
    /// It did not end within its time.
    TimedOut,
    /// It wrote more than so many bytes.
    TooLong(u64),
    /// It failed, and said this.
    Failed(String),
    /// What it wrote is not UTF-8.
    NotText,
}

impl Failure {
    /// What went wrong, in words that stand after the program's name.
    pub fn text(&self) -> String {
        match self {
            Self::Missing => "was not found".to_owned(),
            Self::Io(error) => format!("could not be run: {error}"),
            Self::TimedOut => format!("did not end within {} s", LONGEST.as_secs()),
            Self::TooLong(limit) => format!("wrote more than {limit} bytes"),
            Self::Failed(words) => format!("failed: {words}"),
            Self::NotText => "wrote something that is not UTF-8".to_owned(),
        }
    }
}

/// Runs a program to its end and gives what it wrote, up to `limit` bytes.
pub fn output(program: &Path, arguments: &[OsString], limit: u64) -> Result<String, Failure> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(
            ENVIRONMENT
                .iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::Missing,
        _ => Failure::Io(error),
    })?;
    let deadline = Instant::now() + LONGEST;
    let written = reader(child.stdout.take(), limit);
    let words = reader(child.stderr.take(), MOST_WORDS);
    let ended = finish(&mut child, &written, &words, deadline, limit);
    if ended.is_err() {
        // It is of no use any more; that it has ended in the meantime is no error.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (status, written, words) = ended?;
    if !status.success() {
        return Err(Failure::Failed(said(&words, status)));
    }
    String::from_utf8(written).map_err(|_| Failure::NotText)
}

/// What a program wrote, what it said is wrong, and how it ended.
type Ended = (ExitStatus, Vec<u8>, Vec<u8>);

fn finish(
    child: &mut Child,
    written: &Receiver<io::Result<Vec<u8>>>,
    words: &Receiver<io::Result<Vec<u8>>>,
    deadline: Instant,
    limit: u64,
) -> Result<Ended, Failure> {
    let written = receive(written, deadline)?;
    if written.len() as u64 > limit {
        return Err(Failure::TooLong(limit));
    }
    let words = receive(words, deadline)?;
    loop {
        if let Some(status) = child.try_wait().map_err(Failure::Io)? {
            return Ok((status, written, words));
        }
        if Instant::now() >= deadline {
            return Err(Failure::TimedOut);
        }
        thread::sleep(POLL);
    }
}

/// Reads a stream on a thread of its own, so that a program never waits for the other stream to be read.
fn reader(stream: Option<impl Read + Send + 'static>, limit: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.map_or(Ok(0), |stream| stream.take(limit + 1).read_to_end(&mut bytes));
        // Nobody listens any more after the limit of time.
        let _ = sender.send(read.map(|_| bytes));
    });
    receiver
}

fn receive(stream: &Receiver<io::Result<Vec<u8>>>, deadline: Instant) -> Result<Vec<u8>, Failure> {
    let left = deadline.saturating_duration_since(Instant::now());
    match stream.recv_timeout(left) {
        Ok(read) => read.map_err(Failure::Io),
        Err(RecvTimeoutError::Timeout) => Err(Failure::TimedOut),
        Err(RecvTimeoutError::Disconnected) => Err(Failure::Io(io::ErrorKind::UnexpectedEof.into())),
    }
}

/// A program's own words, or how it ended where it said nothing.
fn said(words: &[u8], status: ExitStatus) -> String {
    let words = String::from_utf8_lossy(words);
    match words.trim().trim_start_matches("Error: ") {
        "" => status.to_string(),
        words => words.to_owned(),
    }
}

/// Whether a program is there: a path to a file, or a name that a directory of the search path has.
pub fn is_there(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = std::env::split_paths(&path).flat_map(|folder| {
        let bare: PathBuf = folder.join(program);
        [bare.with_extension("exe"), bare]
    });
    candidates.any(|candidate| candidate.is_file())
}

/// A path as an argument, that no program takes for a flag or for a name: with `./` before it where it is relative.
pub fn path_argument(path: &Path) -> OsString {
    if path.is_absolute() {
        path.as_os_str().to_owned()
    } else {
        Path::new(".").join(path).into_os_string()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit: u64) -> Result<String, Failure> {
        output(Path::new("/bin/sh"), &["-c".into(), script.into()], limit)
    }

    #[test]
    fn a_program_sees_little_of_the_environment() {
        let seen = shell("env | cut -d= -f1 | sort", 10_000).expect("it runs");
        let known = |name: &str| ENVIRONMENT.contains(&name) || matches!(name, "PWD" | "_" | "SHLVL" | "OLDPWD");
        assert!(seen.lines().all(known), "{seen}");
    }

    #[test]
    fn what_a_program_writes_is_limited() {
        assert_eq!(shell("printf abc", 3).expect("it runs"), "abc");
        assert!(matches!(shell("printf abcd", 3), Err(Failure::TooLong(3))));
        // It never ends by itself.
        assert!(matches!(shell("yes", 1000), Err(Failure::TooLong(1000))));
    }

    #[test]
    fn a_failure_has_the_words_of_the_program() {
        let failed = shell("echo 'Error: no such chart' >&2; exit 3", 1000).expect_err("it fails");
        assert_eq!(failed.text(), "failed: no such chart");
        let silent = shell("exit 3", 1000).expect_err("it fails");
        assert_eq!(silent.text(), "failed: exit status: 3");
        let missing = output(Path::new("/no/such/program"), &[], 1).expect_err("there is none");
        assert_eq!(missing.text(), "was not found");
    }
}
