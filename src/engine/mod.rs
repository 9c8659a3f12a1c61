//! The engines that run Rego: one trait, one file for each.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use kpolicy_value::Value;

use crate::tracing::profile::Profile;
use crate::tracing::story::Story;

pub use crate::provenance::{Candidate, MemberLocations, Preference};

#[cfg(feature = "engine-regorus")]
pub mod both;
pub mod own;
#[cfg(feature = "engine-regorus")]
pub mod regorus;

/// What an engine compiles: modules, data and how to run them.
pub struct Program<'a> {
    /// The modules.
    pub modules: Vec<Module<'a>>,
    /// The base document `data`.
    pub data: Value,
    /// Whether a builtin that fails is an error, instead of undefined.
    pub strict_builtins: bool,
    /// How long one evaluation may take.
    pub timeout: Duration,
}

/// One module of a program.
pub struct Module<'a> {
    /// Its path, for messages.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whether it is written in Rego v0.
    pub v0: bool,
}

/// Why an engine cannot compile or evaluate, in its own words and with the location where it knows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineError {
    /// What sort of error it is.
    pub kind: ErrorKind,
    /// What is wrong.
    pub message: String,
    /// The module's path, line and column.
    pub place: Option<(String, usize, usize)>,
}

impl fmt::Display for EngineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl Error for EngineError {}

/// What sorts of errors are distinguished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The evaluation took longer than it may.
    Timeout,
    /// A builtin failed.
    Builtin,
    /// Another limit was reached.
    Limit,
    /// Rules give several values where there can be one.
    Conflict,
    /// The engine does not take the policy.
    Compile,
    /// Two engines gave different answers.
    Difference,
    /// The value of a rule is not what it should be.
    Value,
}

/// What a rule gives on an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluated {
    /// Its value; nothing where it is undefined, or could not be evaluated.
    pub value: Option<Value>,
    /// What failed. Where that is a builtin, the value has what the rule gives with the failed call undefined.
    pub error: Option<EngineError>,
}

impl From<EngineError> for Evaluated {
    fn from(error: EngineError) -> Self {
        Self {
            value: None,
            error: Some(error),
        }
    }
}

/// A compiled program. It is shared by threads; each takes a worker of its own.
pub trait Engine: Send + Sync {
    /// A worker of the program.
    fn worker(&self) -> Box<dyn Worker + '_>;
}

/// One thread's view of a compiled program.
pub trait Worker: Send {
    /// Puts a value over a top-level key of `data`, until it is put again.
    fn overlay(&mut self, key: &str, value: Value) -> Result<(), EngineError>;

    /// Sets the document that the next evaluations evaluate.
    fn set_input(&mut self, input: &Value);

    /// The value of a rule (`data.main.deny`) on the input, and what failed.
    fn evaluate(&mut self, rule: &str) -> Evaluated;

    /// The members of a rule's set on the input, each with its candidate locations in the input: for each way in which
    /// the rule produced it, the best first; nothing from an engine without locations. The rule is evaluated once more
    /// for this.
    fn locations(&mut self, rule: &str) -> Result<Vec<MemberLocations>, EngineError>;

    /// How a rule is evaluated on the input, clause by clause, and first of what is about a path of the input: nothing from an
    /// engine that cannot tell. The rule is evaluated once more for this.
    fn story(&mut self, _rule: &str, _about: Option<&[Value]>) -> Option<Story> {
        None
    }

    /// How a rule is evaluated on the input, a line for each event: nothing from an engine that cannot tell. The rule is
    /// evaluated once more for this.
    fn trace(&mut self, _rule: &str) -> Vec<String> {
        Vec::new()
    }

    /// Evaluates a rule once more, and counts what it costs.
    fn profile(&mut self, _rule: &str) {}

    /// What was counted since the last call.
    fn take_profile(&mut self) -> Profile {
        Profile::default()
    }

    /// What `print` wrote since the last call, each text after its `file:line: `.
    fn take_prints(&mut self) -> Vec<String>;
}
