//! What a recorder keeps of an evaluation, in spans and values.

use std::collections::BTreeMap;

use super::parts::Snapshot;
use crate::provenance::Origin;
use kpolicy_rego::trace::Site;
use kpolicy_value::{Span, Value};

/// What was kept.
#[derive(Debug, Default)]
pub struct Recording {
    /// The rules and calls, in the order in which their evaluation began.
    pub evaluations: Vec<Evaluated>,
    /// How many there were beyond those.
    pub dropped: usize,
}

/// A rule, or a call of a function.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The path from `data` on.
    pub path: String,
    /// The operands of a call, or the keys of the part that was asked for.
    pub operands: Vec<Value>,
    /// What became of its clauses, and of `else` branches, in the order in which they were evaluated.
    pub clauses: Vec<Tried>,
    /// Its value; nothing where it is undefined.
    pub value: Option<Value>,
    /// Whether its evaluation came to an end, and was not stopped by an error.
    pub ended: bool,
}

/// What became of a clause.
#[derive(Clone, Debug)]
pub struct Tried {
    /// Its head.
    pub head: Site,
    /// 0 for its own body, then its `else` branches.
    pub branch: usize,
    /// The first ways that gave a value.
    pub gave: Vec<Way>,
    /// How many such ways there are.
    pub count: usize,
    /// The way that came furthest of those that failed.
    pub stopped: Option<Way>,
    /// How many ways failed at each statement; without one, in the head.
    pub stops: BTreeMap<Option<usize>, usize>,
}

/// A way through a body.
#[derive(Clone, Debug)]
pub struct Way {
    /// The statements that it came to, in the order in which they were evaluated: the last is the one that failed.
    pub reached: Vec<Reached>,
    /// How near it is to the part of the input that is wanted.
    pub nearness: usize,
    /// The values of variables and parts at its end.
    pub snapshot: Snapshot,
    /// How it ended.
    pub end: End,
}

/// A statement that a way came to.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The statement, by its index in the body; none for the head.
    pub statement: Option<usize>,
    /// The rules and functions that it asked for: where, and which evaluation gave the value.
    pub calls: Vec<(Span, usize)>,
    /// What failed last inside it: the reason why a `not` holds.
    pub denied: Option<(Span, Cause)>,
}

/// How a way ended.
#[derive(Clone, Debug)]
pub enum End {
    /// With a value: none as long as it is about to be given.
    Gave(Option<Value>),
    /// Its last statement failed, for this reason.
    Failed(Cause),
}

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A condition was false.
    False,
    /// What a reference names is not there.
    Missing(Option<Origin>),
    /// A collection that is gone through has no members.
    Empty,
    /// A builtin had no value for its operands.
    Builtin,
    /// A rule or function is undefined: this evaluation of it.
    Undefined(Option<usize>),
    /// What is in a `not` holds.
    Held,
    /// An error stopped the evaluation.
    Error,
}
