//! `--watch`: runs again when a file changes, and says what changed since the last run.
//!
//! [`run`] is the loop. Where changes come from is a [`Source`]: the file system or standard input (`source`). What is kept
//! from run to run, so that only what a change touches is evaluated again, is in `kept`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use crate::finding::Problem;
use crate::problem;

mod kept;
mod source;

pub use kept::Kept;
use source::{Files, Lines};

/// How long nothing may change before the next run: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(40);
/// How many rounds of changes are waited for at most.
const ROUNDS: usize = 10;
/// How many changes are listed.
const LISTED: usize = 20;

/// What tells that something may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WatchStyle {
    /// The file system.
    Files,
    /// Lines of standard input.
    Stdin,
}

/// The source of a style.
///
/// # Errors
/// The system does not let files be watched.
pub fn source(style: WatchStyle) -> Result<Box<dyn Source>, Problem> {
    match style {
        WatchStyle::Stdin => Ok(Box::new(Lines::new())),
        WatchStyle::Files => match Files::new() {
            Ok(files) => Ok(Box::new(files)),
            Err(error) => Err(problem::of_run(
                format!("--watch: files cannot be watched: {error}"),
                "run kpolicy with --watch=stdin, and write a line to it for each change",
            )),
        },
    }
}

/// What one run prints, to standard output and standard error together.
#[derive(Clone, Debug, Default)]
pub struct Screen(Rc<RefCell<Vec<u8>>>);

impl Screen {
    /// What was printed.
    pub fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Screen {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What happened while the loop waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Something changed.
    Changed,
    /// Nothing did for as long as was waited.
    Quiet,
    /// The user ended the run.
    Stopped,
}

/// Where changes come from.
pub trait Source {
    /// Looks at these paths from now on, also at those that do not exist yet.
    fn look_at(&mut self, paths: &[PathBuf]);

    /// Waits for a change; no longer than this, where it is given.
    fn wait(&mut self, most: Option<Duration>) -> Wake;
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: ExitCode,
    /// What it printed.
    pub text: Vec<u8>,
    /// What it found, a line for each by what it is known by from run to run; nothing where it could not be evaluated.
    pub found: Option<BTreeMap<String, String>>,
    /// What to look at for changes.
    pub paths: Vec<PathBuf>,
}

/// Runs `once`, and again whenever something changed, until the user ends it: the exit code is that of the last run.
/// `once` gives nothing where nothing that it depends on has changed.
///
/// # Errors
/// What was printed could not be written.
pub fn run(
    source: &mut dyn Source,
    out: &mut dyn Write,
    clears: bool,
    mut once: impl FnMut() -> Option<Ran>,
) -> io::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    let mut before: Option<BTreeMap<String, String>> = None;
    loop {
        if let Some(ran) = once() {
            source.look_at(&ran.paths);
            if clears {
                // The screen and what was scrolled off it.
                out.write_all(b"\x1b[2J\x1b[3J\x1b[H")?;
            }
            out.write_all(&ran.text)?;
            if let Some(found) = ran.found {
                if let Some(before) = &before {
                    write_changes(before, &found, out)?;
                }
                before = Some(found);
            }
            writeln!(out, "watching for changes (Ctrl-C ends)")?;
            out.flush()?;
            code = ran.code;
        }
        if !changed(source) {
            return Ok(code);
        }
    }
}

/// Waits for changes to end; whether there are any, and the user has not ended the run.
fn changed(source: &mut dyn Source) -> bool {
    match source.wait(None) {
        Wake::Stopped => return false,
        Wake::Changed | Wake::Quiet => {}
    }
    for _ in 0..ROUNDS {
        match source.wait(Some(QUIET)) {
            Wake::Stopped => return false,
            Wake::Quiet => return true,
            Wake::Changed => {}
        }
    }
    true
}

/// Writes what appeared and what disappeared.
fn write_changes(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let only = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| -> Vec<String> {
        let only = a.iter().filter(|(key, _)| !b.contains_key(*key));
        only.map(|(_, line)| line.clone()).collect()
    };
    let (gone, new) = (only(before, now), only(now, before));
    if gone.is_empty() && new.is_empty() {
        return writeln!(out, "since the last run: no change");
    }
    writeln!(out, "since the last run: {} new, {} gone", new.len(), gone.len())?;
    for (sign, lines) in [("+", new), ("-", gone)] {
        for line in lines.iter().take(LISTED) {
            writeln!(out, "  {sign} {line}")?;
        }
        if lines.len() > LISTED {
            writeln!(out, "  {sign} … and {} more", lines.len() - LISTED)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes as a test says them.
    struct Script {
        left: Vec<Wake>,
        looked_at: Vec<PathBuf>,
    }

    impl Source for Script {
        fn look_at(&mut self, paths: &[PathBuf]) {
            self.looked_at = paths.to_vec();
        }

        fn wait(&mut self, _most: Option<Duration>) -> Wake {
            match self.left.is_empty() {
                true => Wake::Stopped,
                false => self.left.remove(0),
            }
        }
    }

    fn ran(code: u8, found: Option<&[&str]>) -> Ran {
        let lines = |lines: &[&str]| lines.iter().map(|line| ((*line).into(), (*line).into())).collect();
        Ran {
            code: ExitCode::from(code),
            text: format!("run with {code}\n").into_bytes(),
            found: found.map(lines),
            paths: vec!["policy".into()],
        }
    }

    /// What is printed for these runs after these events, and how many runs there were.
    fn printed(events: &[Wake], runs: Vec<Option<Ran>>) -> (String, usize, ExitCode) {
        let mut source = Script {
            left: events.to_vec(),
            looked_at: Vec::new(),
        };
        let (mut out, mut count) = (Vec::new(), 0);
        let mut runs = runs.into_iter();
        let code = run(&mut source, &mut out, false, || {
            count += 1;
            runs.next().flatten()
        });
        assert_eq!(source.looked_at, [PathBuf::from("policy")]);
        let code = code.expect("a vector takes everything");
        (String::from_utf8(out).expect("text"), count, code)
    }

    #[test]
    fn changes_that_follow_each_other_are_one_run() {
        use Wake::{Changed, Quiet};
        let runs = || {
            vec![
                Some(ran(0, Some(&[]))),
                Some(ran(0, Some(&[]))),
                Some(ran(0, Some(&[]))),
            ]
        };
        assert_eq!(printed(&[], runs()).1, 1);
        assert_eq!(printed(&[Changed, Changed, Changed, Quiet], runs()).1, 2);
        assert_eq!(printed(&[Changed, Quiet, Changed, Changed, Quiet], runs()).1, 3);
        // Changes without end do not keep it from running.
        assert_eq!(printed(&[Changed; ROUNDS + 1], runs()).1, 2);
    }

    #[test]
    fn what_appeared_and_disappeared_is_told() {
        use Wake::{Changed, Quiet};
        let events = [Changed, Quiet, Changed, Quiet, Changed, Quiet, Changed, Quiet];
        let runs = vec![
            Some(ran(1, Some(&["a", "b"]))),
            Some(ran(1, Some(&["b", "c"]))),
            // A syntax error says nothing of findings, and nothing changed since is no run.
            Some(ran(2, None)),
            None,
            Some(ran(1, Some(&["b"]))),
        ];
        let (text, count, code) = printed(&events, runs);
        assert_eq!(count, 5);
        let watching = "watching for changes (Ctrl-C ends)\n";
        let expected = [
            "run with 1\n",
            watching,
            "run with 1\nsince the last run: 1 new, 1 gone\n  + c\n  - a\n",
            watching,
            "run with 2\n",
            watching,
            "run with 1\nsince the last run: 0 new, 1 gone\n  - c\n",
            watching,
        ];
        assert_eq!(text, expected.concat());
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(1)));
    }
}
