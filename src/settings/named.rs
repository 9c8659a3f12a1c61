//! A name that was given for a setting, with what an error in it is reported with; what is traced, which is named so.

use std::fmt;

use crate::finding::{Location, Problem};
use crate::problem;
use crate::tracing::folded::Only;

/// A text that a setting names something by: an id, a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The text.
    pub text: String,
    /// What the user calls the setting: a flag, a variable or a key.
    pub setting: String,
    /// Where the text is in the settings file; nothing where it was not given there.
    pub location: Option<Location>,
}

impl Named {
    /// A text as a flag gives it.
    pub fn by_flag(setting: &str, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            setting: format!("--{setting}"),
            location: None,
        }
    }

    /// What is wrong with it, at its location.
    pub fn problem(&self, message: impl Into<String>, help: impl Into<String>) -> Problem {
        match &self.location {
            Some(location) => problem::of_location(location.clone(), message, Some(help.into())),
            None => problem::of_run(message, help),
        }
    }
}

/// The setting and the text, as messages name the two: `--library: images`.
impl fmt::Display for Named {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.setting, self.text)
    }
}

/// What of the evaluation of rules is traced.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Which rules, by their ids or the starts of these; all where none are named.
    pub rules: Vec<Named>,
    /// Whether every event is listed, as OPA does.
    pub full: bool,
    /// Whether only the rules of one outcome are traced.
    pub only: Option<Only>,
}
