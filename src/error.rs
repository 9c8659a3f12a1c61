//! What stops a run. Each error names the thing and the next step, and is exit code 2.

use std::fmt;
use std::io;

use crate::finding::{Problem, Skipped, skipped};
use crate::problem;

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Error {
    /// What is wrong with settings, policies, data or input, each with its location.
    Problems(Vec<Problem>),
    /// The report could not be written.
    Output(io::Error),
    /// All was evaluated, and parts of the report could not be written.
    Undelivered(Vec<Problem>),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(error) => write!(out, "the output could not be written: {error}"),
            Self::Problems(problems) | Self::Undelivered(problems) => {
                for (at, problem) in problems.iter().enumerate() {
                    let separator = if at == 0 { "" } else { "\n" };
                    write!(out, "{separator}{problem}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// Nothing was named, or nothing of what was named is anything that a parser knows.
    pub fn nothing_to_judge(skipped: &[Skipped], ignoring: bool) -> Self {
        let passed_over = match skipped::counted(skipped) {
            counted if counted.is_empty() => String::new(),
            counted => format!(" (skipped: {counted})"),
        };
        let help = if ignoring {
            "name files, directories or globs that are not ignored, or `-` for standard input"
        } else {
            "name files, directories or globs to test, or `-` for standard input"
        };
        Self::Problems(vec![problem::of_run(
            format!("there is no input file{passed_over}"),
            help,
        )])
    }
}
