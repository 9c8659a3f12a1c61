//! Rego's builtin functions: what each takes and gives, and one file for each family of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::number::ArithmeticError;
use cache::Cache;
use kpolicy_value::Value;
use registry::Family;

pub use allowed::{Allowed, Host, Net};
pub use available::Available;
#[cfg(feature = "crypto")]
pub use jwt::key::Key;

mod aggregates;
mod allowed;
mod arithmetic;
mod arrays;
mod available;
mod aws;
mod bits;
mod cache;
mod comparison;
mod compiled;
mod crypto;
mod encoding;
mod glob;
mod graph;
mod graphql;
mod http;
mod http_request;
mod ids;
mod json;
mod jwt;
mod net;
mod objects;
mod operand;
mod regex;
pub mod registry;
mod rego;
mod render;
mod schema;
pub(crate) use schema::type_of as type_of_schema;
mod semver;
mod sets;
pub mod sprintf;
mod strings;
mod time;
mod types;
mod units;
mod x509;
mod yaml;

/// Every family: a new builtin is in one of these, or brings a new family here.
const FAMILIES: &[Family] = &[
    aggregates::FAMILY,
    arithmetic::FAMILY,
    arrays::FAMILY,
    aws::FAMILY,
    bits::FAMILY,
    comparison::FAMILY,
    compiled::FAMILY,
    crypto::FAMILY,
    encoding::FAMILY,
    glob::FAMILY,
    graph::FAMILY,
    graphql::FAMILY,
    http::FAMILY,
    ids::FAMILY,
    json::FAMILY,
    jwt::FAMILY,
    net::FAMILY,
    objects::FAMILY,
    regex::FAMILY,
    rego::FAMILY,
    render::FAMILY,
    schema::FAMILY,
    semver::FAMILY,
    sets::FAMILY,
    strings::FAMILY,
    time::FAMILY,
    types::FAMILY,
    units::FAMILY,
    x509::FAMILY,
    yaml::FAMILY,
];

/// The function of a builtin; nothing for one that has none.
pub fn body(name: &str) -> Option<Body> {
    registry::builtin(name)?.body()
}

/// The body of a builtin that OPA has and kpolicy has not, where every call of it is replaced.
pub fn unavailable(_: &mut Context, _: Operands) -> Answer {
    Err(Failure::Limit("kpolicy does not have this builtin".to_owned()))
}

/// What a builtin gives: a value, nothing where it is undefined, or why it failed.
pub type Answer = Result<Option<Value>, Failure>;

/// A builtin's body. Its operands are as many as its signature says.
pub type Body = fn(&mut Context, Operands) -> Answer;

/// The operands of a call, as many as the signature of its builtin says.
pub type Operands<'v> = &'v [&'v Value];

/// Why a builtin has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An operand of a type or form that it does not take, in OPA's words without the builtin's name:
    /// `operand 1 must be string but got number`.
    Operand(String),
    /// Anything else that went wrong with these operands, in OPA's words without the builtin's name.
    Builtin(String),
    /// The time of the evaluation is up: never undefined, whatever the user allows of failing builtins.
    Timeout,
    /// Another limit of the evaluation was reached: never undefined either.
    Limit(String),
}

/// What a timeout is called.
pub const OUT_OF_TIME: &str = "evaluation timed out";

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operand(message) | Self::Builtin(message) | Self::Limit(message) => out.write_str(message),
            Self::Timeout => out.write_str(OUT_OF_TIME),
        }
    }
}

impl std::error::Error for Failure {}

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
    now: Option<i64>,
    allowed: Allowed,
    /// What was drawn in this evaluation, by the builtin and its operands.
    drawn: BTreeMap<(&'static str, Vec<Value>), Value>,
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
            allowed: Allowed::default(),
            drawn: BTreeMap::new(),
            steps: 0,
            patterns: Cache::new(),
            globs: Cache::new(),
        }
    }

    /// Makes ready for another evaluation.
    pub fn restart(&mut self, deadline: Option<Instant>, now: Option<i64>) {
        self.deadline = deadline;
        self.now = now;
        self.drawn.clear();
    }

    /// Lets builtins use this beside their operands.
    pub fn allow(&mut self, allowed: Allowed) {
        self.allowed = allowed;
    }

    /// The time of the evaluation; a failure where policies may not know it.
    fn now(&self) -> Result<i64, Failure> {
        self.now
            .ok_or_else(|| Failure::Limit("the clock is not for policies unless it is allowed".to_owned()))
    }

    /// What is known of the process; a failure where policies may not know it.
    fn runtime(&self) -> Result<Value, Failure> {
        let runtime = self.allowed.runtime.clone();
        runtime.ok_or_else(|| Failure::Limit("the environment is not for policies unless it is allowed".to_owned()))
    }

    /// The network; a failure where policies may not use it.
    pub fn net(&self) -> Result<Arc<Net>, Failure> {
        let net = self.allowed.net.clone();
        net.ok_or_else(|| Failure::Limit("the network is not for policies unless it is allowed".to_owned()))
    }

    /// What a builtin draws at random: the same for the same operands until the evaluation ends.
    fn drawn(&mut self, builtin: &'static str, operands: Operands, draw: impl FnOnce() -> Answer) -> Answer {
        if !self.allowed.random {
            let message = "random numbers are not for policies unless they are allowed";
            return Err(Failure::Limit(message.to_owned()));
        }
        let key = (builtin, operands.iter().copied().cloned().collect::<Vec<_>>());
        if let Some(drawn) = self.drawn.get(&key) {
            return Ok(Some(drawn.clone()));
        }
        let drawn = draw()?;
        if let Some(drawn) = &drawn {
            self.drawn.insert(key, drawn.clone());
        }
        Ok(drawn)
    }

    /// Counts one step of a loop, and fails where the time is up. To be called in every loop that can be long.
    pub fn step(&mut self) -> Result<(), Failure> {
        self.steps = self.steps.wrapping_add(1);
        if !self.steps.is_multiple_of(STEPS) {
            return Ok(());
        }
        self.check_time()
    }

    /// Fails where the time is up.
    pub fn check_time(&self) -> Result<(), Failure> {
        before(self.deadline)
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

/// Fails where a time has passed.
fn before(deadline: Option<Instant>) -> Result<(), Failure> {
    match deadline {
        Some(deadline) if Instant::now() >= deadline => Err(Failure::Timeout),
        _ => Ok(()),
    }
}

/// The largest value, in bytes, that a builtin builds.
const LARGEST: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use kpolicy_value::Number;

    fn number(text: &str) -> Value {
        Value::Number(Number::parse(text).expect("a number"))
    }

    fn call(context: &mut Context, name: &str, operands: &[Value]) -> Answer {
        let operands: Vec<&Value> = operands.iter().collect();
        body(name).expect("kpolicy has it")(context, &operands)
    }

    fn is_limited(name: &str, operands: &[Value]) -> bool {
        matches!(call(&mut Context::new(None), name, operands), Err(Failure::Limit(_)))
    }

    #[test]
    fn what_would_be_too_large_is_not_built() {
        let (one, many) = (number("1"), number("30000000"));
        assert!(is_limited("numbers.range", &[one.clone(), many.clone()]));
        assert!(is_limited("numbers.range", &[one.clone(), number("1e1000")]));
        assert!(is_limited("plus", &[one.clone(), number("1e1000000000")]));
        assert!(is_limited("bits.lsh", &[one, many]));
        assert!(is_limited("net.cidr_expand", &["0.0.0.0/0".into()]));
        assert!(is_limited("net.cidr_expand", &["::/0".into()]));
        let entries = (0..10_000i64).map(|key| (key.into(), Value::Null));
        let object = Value::object(entries.collect());
        assert!(is_limited("object.union_n", &[Value::array(vec![object; 1000])]));
    }

    #[test]
    fn a_long_loop_ends_with_the_time() {
        let mut context = Context::new(Some(Instant::now()));
        let answer = call(&mut context, "numbers.range", &[number("1"), number("100000")]);
        assert!(matches!(answer, Err(Failure::Timeout)), "{answer:?}");
    }

    #[test]
    fn a_search_that_could_be_long_ends_with_the_time_and_finds_what_a_short_one_does() {
        let soon = |milliseconds| Some(Instant::now() + std::time::Duration::from_millis(milliseconds));
        let (stars, long) = ("*a".repeat(5000), "a".repeat(2 << 20));
        let operands = [Value::from(&*stars), Value::array(Vec::new()), Value::from(&*long)];
        let answer = call(&mut Context::new(soon(20)), "glob.match", &operands);
        assert!(matches!(answer, Err(Failure::Timeout)), "{answer:?}");
        let text = "aébb".repeat(100_000);
        let operands = ["(a)|(é)".into(), Value::from(&*text), (-1i64).into()];
        let name = "regex.find_all_string_submatch_n";
        let on_its_own = call(&mut Context::new(soon(60_000)), name, &operands);
        assert_eq!(on_its_own, call(&mut Context::new(None), name, &operands));
        let found = on_its_own.expect("it is found in time").expect("it is defined");
        assert_eq!(found.as_array().map(<[Value]>::len), Some(200_000));
    }

    #[test]
    fn the_clock_and_the_zone_of_the_machine_are_not_for_policies() {
        assert!(is_limited("time.now_ns", &[]));
        assert!(is_limited(
            "time.date",
            &[Value::array(vec![number("0"), "Local".into()])]
        ));
        let mut context = Context::new(None);
        context.restart(None, Some(5));
        assert_eq!(call(&mut context, "time.now_ns", &[]), Ok(Some(5i64.into())));
    }
}
