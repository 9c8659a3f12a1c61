//! The inputs that checks, findings and problems are about.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

/// What a finding, a check or a problem is about. It is ordered, and dereferences to, what conftest and kpolicy write for
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A file, by its path as it was given.
    File(String),
    /// Standard input without a name of its own.
    Stdin,
    /// All files in one document, with `--combine`.
    Combined,
}

impl Input {
    /// What is written for standard input, and names it on the command line.
    pub const STDIN: &str = "-";

    /// The input that a path of the command line names.
    pub fn of_path(path: &str) -> Self {
        match path {
            Self::STDIN => Self::Stdin,
            path => Self::File(path.to_owned()),
        }
    }

    /// The path of a file.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File(path) => Some(path),
            Self::Stdin | Self::Combined => None,
        }
    }

    /// What is written for it: a path, `-` or `Combined`.
    pub fn as_str(&self) -> &str {
        self
    }
}

impl Default for Input {
    fn default() -> Self {
        Self::File(String::new())
    }
}

impl Deref for Input {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::File(path) => path,
            Self::Stdin => Self::STDIN,
            Self::Combined => "Combined",
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self)
    }
}

impl Ord for Input {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |input: &Self| match input {
            Self::File(_) => 0,
            Self::Stdin => 1,
            Self::Combined => 2,
        };
        (**self).cmp(other).then_with(|| rank(self).cmp(&rank(other)))
    }
}

impl PartialOrd for Input {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_name_is_not_all_files() {
        assert_eq!(Input::of_path("-"), Input::Stdin);
        let file = Input::of_path("Combined");
        assert_eq!(file.path(), Some("Combined"));
        assert_ne!(file, Input::Combined);
        assert!(file < Input::Combined);
    }
}
