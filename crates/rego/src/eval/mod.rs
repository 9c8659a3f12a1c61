//! The machine that runs a plan: frames, choices and slots of its own, so that no policy can exhaust the thread's stack.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::builtins::{Allowed, Failure};
use super::plan::code::{Plan, RuleKind};
use super::plan::dependence::readers;
use super::text::to_rego_text;
use crate::trace::{Marked, NoTracer, Site, Tracer};
use kpolicy_value::Span;
use kpolicy_value::Value;

mod back;
mod blocks;
mod calls;
mod choice;
mod documents;
mod frames;
mod leaves;
mod machine;
mod scope;
mod unwind;
mod values;

use machine::Machine;

/// What an evaluation may use, and how it takes builtins that fail.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long the value of one rule may take.
    pub time: Option<Duration>,
    /// How many bytes, about, the values that an evaluation makes may have.
    pub memory: usize,
    /// Whether a builtin that fails is an error, instead of undefined.
    pub strict_builtins: bool,
    /// The time of the clock, in nanoseconds since 1970, where policies may read it.
    pub now: Option<i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time: None,
            memory: 1 << 30,
            strict_builtins: true,
            now: None,
        }
    }
}

/// Why a rule has no value, and is not undefined either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// The class of error.
    pub code: EvalErrorCode,
    /// What is wrong.
    pub message: String,
    /// The module, by its index among those compiled.
    pub module: usize,
    /// Where.
    pub span: Span,
    /// The two values that a rule or function gave, where that is what is wrong.
    pub values: Vec<ConflictingValue>,
}

impl fmt::Display for EvalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code.name(), self.message)
    }
}

impl Error for EvalError {}

/// One of two values where there can only be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictingValue {
    /// The value as Rego writes it, its start where it is long.
    pub value: String,
    /// The module that gave it, by its index among those compiled.
    pub module: usize,
    /// Where that was.
    pub span: Span,
}

impl ConflictingValue {
    /// The most characters of a value that are reported.
    const MAX_SHOWN: usize = 80;

    fn new(value: &Value, Site { module, span }: Site) -> Self {
        let text = to_rego_text(value);
        let value = match text.char_indices().nth(Self::MAX_SHOWN) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text,
        };
        Self { value, module, span }
    }
}

/// The classes of errors of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalErrorCode {
    /// A builtin does not take such operands.
    Type,
    /// A builtin failed.
    Builtin,
    /// Rules give several values where there can be one.
    Conflict,
    /// A rule needs its own value.
    Internal,
    /// The time was up.
    Timeout,
    /// Another limit was reached.
    Limit,
    /// Clauses that were joined are to be evaluated each by itself, since their order counts. It never leaves this module.
    Order,
}

impl EvalErrorCode {
    /// The name that OPA gives the class.
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "eval_type_error",
            Self::Builtin => "eval_builtin_error",
            Self::Conflict => "eval_conflict_error",
            Self::Internal | Self::Order => "eval_internal_error",
            Self::Timeout | Self::Limit => "eval_cancel_error",
        }
    }

    /// Whether the evaluation was stopped.
    fn is_limit(self) -> bool {
        matches!(self, Self::Timeout | Self::Limit)
    }

    /// Whether a builtin failed, so that the rest can be evaluated with its call undefined.
    fn is_builtin(self) -> bool {
        matches!(self, Self::Type | Self::Builtin)
    }
}

/// An error on its way out: boxed, so that what an instruction comes to fits in registers.
type Raised = Box<EvalError>;

/// What a `print` wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// The text.
    pub text: String,
    /// The module of the `print`, by its index among those compiled.
    pub module: usize,
    /// Where the `print` stands.
    pub span: Span,
}

/// What a path asks for: to be got from [`Evaluation::query`], and answered by evaluations of the same program.
#[derive(Clone, Debug)]
pub enum Query {
    /// The value of a rule, or what is at a path inside it.
    Rule(u32, Vec<String>),
    /// The base document at a path.
    Base(Vec<String>),
    /// Nothing that has a value.
    Nothing,
}

/// The evaluation of rules on one input after another, observed by a tracer where there is one.
pub struct Evaluation<'p, T: Tracer = NoTracer> {
    plan: &'p Plan,
    settings: Settings,
    machine: Machine<'p, T>,
    data: Value,
    input: Option<Value>,
    allowed: Allowed,
    /// The rules that read the base document under a key which was replaced before.
    readers: HashMap<String, Vec<bool>>,
}

impl<'p> Evaluation<'p> {
    /// An evaluation without input, over this base document.
    pub(crate) fn new(plan: &'p Plan, data: Value, settings: Settings) -> Self {
        Self::with_tracer(plan, data, settings, NoTracer)
    }
}

impl<'p, T: Tracer> Evaluation<'p, T> {
    fn with_tracer(plan: &'p Plan, data: Value, settings: Settings, tracer: T) -> Self {
        Self {
            plan,
            settings,
            machine: Machine::new(plan, data.clone(), settings, tracer),
            data,
            input: None,
            allowed: Allowed::default(),
            readers: HashMap::new(),
        }
    }

    /// Another evaluation of the same program, data and input, which this tracer observes.
    pub fn traced<U: Tracer>(&self, tracer: U, settings: Settings) -> Evaluation<'p, U> {
        let mut traced = Evaluation::with_tracer(self.plan, self.data.clone(), settings, tracer);
        traced.set_input(self.input.clone());
        traced.allow(self.allowed.clone());
        traced
    }

    /// As [`Self::traced`], without evaluating again what holds for every input: the tracer sees values of such rules, and
    /// nothing of what led to them.
    pub fn traced_in_input<U: Tracer>(&self, tracer: U, settings: Settings) -> Evaluation<'p, U> {
        let mut traced = self.traced(tracer, settings);
        traced.machine.know_lasting_of(&self.machine);
        traced
    }

    /// The tracer.
    pub fn tracer(&self) -> &T {
        &self.machine.tracer
    }

    /// The tracer, to be changed.
    pub fn tracer_mut(&mut self) -> &mut T {
        &mut self.machine.tracer
    }

    /// Sets the input of the evaluations that follow, or none. Values of rules on the last one are forgotten.
    pub fn set_input(&mut self, input: Option<Value>) {
        self.input.clone_from(&input);
        self.machine.set_input(input);
    }

    /// Replaces a value of the base document `data`, under a key at its top. Values of rules that read it are forgotten.
    pub fn set_data(&mut self, key: &str, value: Value) {
        self.data = scope::put(Some(&self.data), &[key.into()], value);
        if !self.machine.knows_lasting() {
            // Nothing is to be forgotten, and so no rule is looked at.
            return self.machine.set_data(self.data.clone(), &[]);
        }
        if !self.readers.contains_key(key) {
            self.readers.insert(key.to_owned(), readers(self.plan, key));
        }
        self.machine.set_data(self.data.clone(), &self.readers[key]);
    }

    /// The value at a path from `data` on: a rule's, or that of a whole package; nothing where it is undefined.
    ///
    /// # Errors
    /// ConflictingValue values, a failing builtin where that is an error, and limits that are reached.
    pub fn evaluate(&mut self, path: &[&str]) -> Result<Option<Value>, EvalError> {
        self.answer(&self.query(path))
    }

    /// What a path from `data` on asks for, so that it need not be looked up for each input.
    pub fn query(&self, path: &[&str]) -> Query {
        let names = |path: &[&str]| path.iter().map(|name| (*name).to_owned()).collect();
        let mut node = 0;
        for (at, name) in path.iter().enumerate() {
            let known = &self.plan.nodes[node];
            if let Some(rule) = known.rule {
                return Query::Rule(rule, names(&path[at..]));
            }
            match known.child(name) {
                Some(child) => node = child,
                None => return Query::Base(names(path)),
            }
        }
        let known = &self.plan.nodes[node];
        match known.rule.or(known.whole) {
            Some(rule) if !matches!(self.plan.rules[rule as usize].kind, RuleKind::Function(_)) => {
                Query::Rule(rule, Vec::new())
            }
            _ => Query::Nothing,
        }
    }

    /// The value that is asked for; nothing where it is undefined.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn answer(&mut self, query: &Query) -> Result<Option<Value>, EvalError> {
        self.start();
        match query {
            Query::Rule(rule, below) => {
                let value = self.machine.rule(*rule).map_err(|raised| *raised)?;
                Ok(value.and_then(|value| scope::find(&value.value, below).cloned()))
            }
            Query::Base(path) => Ok(self.machine.base(path)),
            Query::Nothing => Ok(None),
        }
    }

    /// As [`Self::answer`], with the tracer's mark of the value.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn answer_marked(&mut self, query: &Query) -> Result<Option<Marked<T::Mark>>, EvalError> {
        let Query::Rule(rule, below) = query else {
            return Ok(self.answer(query)?.map(Marked::constant));
        };
        self.start();
        let mut found = self.machine.rule(*rule).map_err(|raised| *raised)?;
        for name in below {
            let key = Value::from(name.as_str());
            found = found.and_then(|of| {
                let value = of.value.get(&key)?.clone();
                let mark = self.machine.tracer.part(of.as_ref(), &key);
                Some(Marked { value, mark })
            });
        }
        Ok(found)
    }

    fn start(&mut self) {
        self.machine.start(self.settings.time.map(|time| Instant::now() + time));
    }

    /// As [`Self::answer`], but where a builtin fails, its error stands beside what the rule gives without that call:
    /// with the call undefined, as OPA evaluates it and lists the error.
    pub fn answer_despite_failures(&mut self, query: &Query) -> (Option<Value>, Option<EvalError>) {
        let printed = self.machine.printed();
        let error = match self.answer(query) {
            Ok(value) => return (value, None),
            Err(error) => error,
        };
        if !error.code.is_builtin() {
            return (None, Some(error));
        }
        // What the failed evaluation printed is printed once more.
        self.machine.forget_prints(printed);
        self.machine.be_strict(false);
        let rest = self.answer(query);
        self.machine.be_strict(self.settings.strict_builtins);
        (rest.ok().flatten(), Some(error))
    }

    /// Lets the builtins that follow use this beside their operands.
    pub fn allow(&mut self, allowed: Allowed) {
        self.machine.context.allow(allowed.clone());
        self.allowed = allowed;
    }

    /// What `print` wrote since the last call.
    pub fn take_prints(&mut self) -> Vec<Print> {
        self.machine.take_prints()
    }
}

/// A builtin's failure by its class.
fn code_of(failure: &Failure) -> EvalErrorCode {
    match failure {
        Failure::Operand(_) => EvalErrorCode::Type,
        Failure::Builtin(_) => EvalErrorCode::Builtin,
        Failure::Timeout => EvalErrorCode::Timeout,
        Failure::Limit(_) => EvalErrorCode::Limit,
    }
}

/// A path of names.
type Path = Arc<[Arc<str>]>;
