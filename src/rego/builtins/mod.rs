//! Rego's builtin functions: what each takes and gives, and one file for each family of them.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Instant;

use super::number::ArithmeticError;
use crate::value::Value;
use cache::Cache;

mod aggregates;
mod arithmetic;
mod arrays;
mod bits;
mod cache;
mod comparison;
mod crypto;
mod glob;
mod graph;
mod ids;
mod json;
mod net;
mod objects;
mod operand;
mod regex;
mod semver;
mod sets;
pub mod signature;
pub mod sprintf;
mod strings;
mod time;
mod types;
mod units;

/// A family of builtins: names and bodies.
type Family = &'static [(&'static str, Body)];

/// Every family: a new builtin stands in one of these, or brings a new family here.
const FAMILIES: &[Family] = &[
    aggregates::FAMILY,
    arithmetic::FAMILY,
    arrays::FAMILY,
    bits::FAMILY,
    comparison::FAMILY,
    crypto::FAMILY,
    glob::FAMILY,
    graph::FAMILY,
    ids::FAMILY,
    json::FAMILY,
    net::FAMILY,
    objects::FAMILY,
    regex::FAMILY,
    semver::FAMILY,
    sets::FAMILY,
    strings::FAMILY,
    time::FAMILY,
    types::FAMILY,
    units::FAMILY,
];

static BODIES: LazyLock<HashMap<&'static str, Body>> =
    LazyLock::new(|| FAMILIES.iter().copied().flatten().copied().collect());

/// The body of a builtin; nothing for one that OPA has and kpolicy has not.
pub fn body(name: &str) -> Option<Body> {
    BODIES.get(name).copied()
}

/// What a builtin gives: a value, nothing where it is undefined, or why it failed.
pub type Answer = Result<Option<Value>, Failure>;

/// A builtin's body. Its operands are as many as its signature says.
pub type Body = fn(&mut Context, &[Value]) -> Answer;

/// Why a builtin has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An operand of a type or form that it does not take, in OPA's words without the builtin's name:
    /// `operand 1 must be string but got number`.
    Operand(String),
    /// Anything else that went wrong with these operands, in OPA's words without the builtin's name.
    Builtin(String),
    /// A limit of the evaluation was reached: never undefined, whatever the user allows of failing builtins.
    Limit(String),
}

impl From<ArithmeticError> for Failure {
    fn from(error: ArithmeticError) -> Self {
        match error {
            ArithmeticError::TooLarge => Self::Limit(error.to_string()),
            _ => Self::Builtin(error.to_string()),
        }
    }
}

/// What a builtin may use beyond its operands: the limits of the evaluation that it runs in, and what was
/// compiled before.
pub struct Context {
    deadline: Option<Instant>,
    /// The clock's time in nanoseconds since 1970, where policies may read it.
    pub(super) now: Option<i64>,
    steps: u32,
    patterns: Cache<regex::Pattern>,
    globs: Cache<regex::Pattern>,
}

/// How many steps of a builtin's loop pass between two looks at the clock.
const STEPS: u32 = 1024;

impl Context {
    /// A context whose builtins fail once `deadline` has passed.
    pub fn new(deadline: Option<Instant>) -> Self {
        Self {
            deadline,
            now: None,
            steps: 0,
            patterns: Cache::new(),
            globs: Cache::new(),
        }
    }

    /// Makes ready for another evaluation.
    pub fn restart(&mut self, deadline: Option<Instant>, now: Option<i64>) {
        self.deadline = deadline;
        self.now = now;
    }

    /// The time of the evaluation; a failure where policies may not know it.
    fn now(&self) -> Result<i64, Failure> {
        self.now
            .ok_or_else(|| Failure::Limit("the clock is not for policies unless it is allowed".to_owned()))
    }

    /// Counts one step of a loop, and fails where the time is up. To be called in every loop that can be long.
    pub fn step(&mut self) -> Result<(), Failure> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps % STEPS != 0 {
            return Ok(());
        }
        self.check_time()
    }

    /// Fails where the time is up.
    pub fn check_time(&self) -> Result<(), Failure> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => {
                Err(Failure::Limit("the evaluation took longer than it may".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Fails where a text or collection of `size` bytes is larger than a policy may build.
    pub fn check_size(&self, size: usize) -> Result<(), Failure> {
        if size > LARGEST {
            return Err(Failure::Limit(format!("a value of more than {LARGEST} bytes")));
        }
        Ok(())
    }

    /// Fails where a collection of `count` members is larger than a policy may build.
    pub fn check_members(&self, count: usize) -> Result<(), Failure> {
        self.check_size(count.saturating_mul(size_of::<Value>()))
    }
}

/// The largest value, in bytes, that a builtin builds.
const LARGEST: usize = 64 << 20;
