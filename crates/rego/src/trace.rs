//! Tracing: an interface for programs that want to know how a value was found.
//!
//! A [`Tracer`] is told of every instruction, condition and rule of an evaluation. Beside each value it keeps a
//! [mark](Tracer::Mark), and beside each choice a [trail](Tracer::Trail). The machine moves marks wherever it moves
//! values, and restores the trail of a choice wherever it backtracks to it; what they hold is up to the tracer. So one
//! interface serves coverage (note each [`Site`]), traces (print each event) and provenance (marks are locations in
//! the input).
//!
//! The tracer is a type parameter of [`Evaluation`](crate::Evaluation). Without one, [`NoTracer`], marks and
//! trails have no size and every hook compiles to nothing. A tracer never changes a value, but with one the machine
//! takes no short cuts: it evaluates each clause by itself, and goes on after the first clause that gives a value.
//!
//! This tracer counts how often each part of a policy was evaluated:
//!
//! ```
//! use std::collections::HashMap;
//!
//! use kpolicy_rego::trace::{Site, Tracer};
//! use kpolicy_rego::{Dialect, Options, Program, Settings, Source, Value};
//!
//! #[derive(Debug, Default)]
//! struct Count(HashMap<Site, usize>);
//!
//! impl Tracer for Count {
//!     type Mark = ();
//!     type Trail = ();
//!     type FailureSet = ();
//!
//!     fn instruction(&mut self, at: Site) {
//!         *self.0.entry(at).or_default() += 1;
//!     }
//! }
//!
//! let text = "package main\n\nallow if input.admin";
//! let source = Source { text, dialect: Dialect::V1 };
//! let program = Program::compile(&[source], Options::default()).expect("the policy is valid");
//! let evaluation = program.evaluation(Value::object(vec![]), Settings::default());
//! let mut traced = evaluation.traced(Count::default(), Settings::default());
//! traced.set_input(Some(Value::object(vec![("admin".into(), Value::from(true))])));
//! assert_eq!(traced.evaluate(&["main", "allow"]), Ok(Some(Value::from(true))));
//! let evaluated = |site: &&Site| site.span.of(text) == "input.admin";
//! assert!(traced.tracer().0.keys().any(|site| evaluated(&site)));
//! ```

use std::fmt::Debug;

use std::sync::Arc;

use crate::core::LocalInfo;
pub use crate::plan::code::{Collect, RuleKind};
use kpolicy_value::Span;
use kpolicy_value::Value;

/// What observes an evaluation. Every hook has a default that does nothing.
pub trait Tracer: Debug {
    /// Whether it has hooks; only [`NoTracer`] has none.
    const TRACES: bool = true;
    /// Whether it is to see every way to a rule's value. Without, a rule ends where OPA ends it: with its first value.
    const EXHAUSTIVE: bool = true;
    /// Whether a clause whose guards on the input fail is left out before its body is evaluated. Without, every body is.
    const GUARDED: bool = true;
    /// What it knows of a value. The default is that of a constant of the policy.
    type Mark: Clone + Debug + Default + PartialEq;
    /// What it knows of the path to the current instruction. The default is the start of a clause.
    type Trail: Clone + Debug + Default;
    /// What it knows of what failed in a block.
    type FailureSet: Clone + Debug + Default;

    /// An instruction is about to be evaluated.
    fn instruction(&mut self, _at: Site) {}

    /// A statement begins, one that was written or one that was made for a part of it, or the machine goes back into it.
    fn statement(&mut self, _at: Site) {}

    /// An instruction gave a value.
    fn filled(&mut self, _at: Site, _value: &Value) {}

    /// An instruction failed: the machine backtracks. The variables are those of the clause.
    fn failed(&mut self, _at: Site, _variables: Variables<Self::Mark>) {}

    /// A case of a test is evaluated from here on: the keys of its value.
    fn test_case(&mut self, _at: Site, _case: &Value) {}

    /// The clause at hand is about to give a value: its variables.
    fn giving(&mut self, _variables: Variables<Self::Mark>) {}

    /// The clause at hand gives a value, or a member of its set. Branch 0 is the clause's own body, those after it its
    /// `else` branches.
    fn given(&mut self, _head: Site, _branch: usize, _value: &Value) {}

    /// A rule or function is asked for, with the operands of a call or the keys of the part that is wanted. If its value is
    /// not known yet, its evaluation begins; then [`known`](Self::known) or [`undefined`](Self::undefined) follows.
    fn called(&mut self, _at: Site, _rule: RuleRef, _operands: &[Marked<Self::Mark>]) {}

    /// The evaluation of a rule or function begins.
    fn enter(&mut self, _rule: RuleRef) {}

    /// A clause of the innermost rule begins, or the default; the site is its head.
    fn clause(&mut self, _head: Site) {}

    /// A clause of the innermost rule is ruled out by what it wants of the input: nothing of it is evaluated.
    fn excluded(&mut self, _head: Site) {}

    /// The evaluation of the innermost rule ends, with its value or undefined.
    fn leave(&mut self, _rule: RuleRef, _value: Option<&Value>) {}

    /// The evaluation was stopped by an error, and all marks and trails are gone.
    fn reset(&mut self) {}

    /// The mark of the input.
    fn input(&mut self) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of the part of a value under a key.
    fn part(&mut self, _of: MarkedRef<Self::Mark>, _key: &Value) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of a key of a value.
    fn key(&mut self, _of: MarkedRef<Self::Mark>, _key: &Value) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of the path from a value down to one of its parts.
    fn path(&mut self, _of: &Self::Mark, _to: &Self::Mark) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of a collection of these keys and values; only objects have keys. `failed` is what failed meanwhile.
    fn collection<'v>(
        &mut self,
        _collect: Collect,
        _items: impl Iterator<Item = (Option<MarkedRef<'v, Self::Mark>>, MarkedRef<'v, Self::Mark>)>,
        _failed: Self::FailureSet,
    ) -> Self::Mark
    where
        Self::Mark: 'v,
    {
        Self::Mark::default()
    }

    /// The mark of a value with another put at a path of names in it.
    fn replaced(&mut self, _of: MarkedRef<Self::Mark>, _path: &[Value], _by: MarkedRef<Self::Mark>) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of what a builtin made.
    fn builtin<'v>(
        &mut self,
        _at: Site,
        _name: &'static str,
        _operands: impl Iterator<Item = MarkedRef<'v, Self::Mark>>,
        _value: &Value,
    ) -> Self::Mark
    where
        Self::Mark: 'v,
    {
        Self::Mark::default()
    }

    /// The path to the current instruction.
    fn trail(&self) -> Self::Trail {
        Self::Trail::default()
    }

    /// Backtracks to an earlier path.
    fn restore(&mut self, _trail: &Self::Trail) {}

    /// A value was taken out of another, or out of the input, by a key that is `key`, or by a path.
    fn read(&mut self, _at: Site, _mark: &Self::Mark, _key: Option<MarkedRef<Self::Mark>>) {}

    /// A member of a collection, or a part of a value, was chosen; later another may be.
    fn chosen(&mut self, _at: Site, _of: &Self::Mark, _key: &Self::Mark, _mark: &Self::Mark) {}

    /// A condition was tried, and held or failed.
    fn tested(&mut self, _at: Site, _condition: Condition<Self::Mark>, _held: bool) {}

    /// A block or a rule begins in which failures are kept together.
    fn open(&mut self) {}

    /// The innermost one ends.
    fn close(&mut self) -> Self::FailureSet {
        Self::FailureSet::default()
    }

    /// A `not` holds: this failed in it.
    fn denied(&mut self, _at: Site, _failed: &Self::FailureSet) {}

    /// A `not` fails, since what is in it holds: its block ends.
    fn confirmed(&mut self, _at: Site) {}

    /// A clause produced a value: its mark with the path to it.
    fn produced(&mut self, _mark: Self::Mark) -> Self::Mark {
        Self::Mark::default()
    }

    /// A clause produced a value that an earlier one had produced: the mark of both.
    fn also(&mut self, known: Self::Mark, _other: Self::Mark) -> Self::Mark {
        known
    }

    /// A rule has a value: its mark. `failed` is what failed in clauses that produced nothing; `fallback` whether the
    /// value is that of a default or `else`.
    fn concluded(
        &mut self,
        _rule: RuleRef,
        _mark: Self::Mark,
        _failed: &Self::FailureSet,
        _fallback: bool,
    ) -> Self::Mark {
        Self::Mark::default()
    }

    /// A rule's value was asked for, and there is one.
    fn known(&mut self, _at: Site, _value: MarkedRef<Self::Mark>) {}

    /// A rule's value was asked for, and there is none.
    fn undefined(&mut self, _at: Site, _rule: RuleRef, _failed: &Self::FailureSet) {}
}

/// No tracer.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTracer;

impl Tracer for NoTracer {
    const TRACES: bool = false;
    type Mark = ();
    type Trail = ();
    type FailureSet = ();
}

/// The variables of a clause and what is in them.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'m, M> {
    locals: &'m [LocalInfo],
    slots: &'m [Marked<M>],
}

impl<'m, M> Variables<'m, M> {
    pub(crate) fn new(locals: &'m [LocalInfo], slots: &'m [Marked<M>]) -> Self {
        Self { locals, slots }
    }

    /// Each variable with what is in it. One that no instruction has filled yet has any value: the caller has to know
    /// which those are.
    pub fn iter(self) -> impl Iterator<Item = (&'m LocalInfo, &'m Value)> {
        self.locals.iter().zip(self.slots.iter().map(|slot| &slot.value))
    }

    /// As [`Self::iter`], with marks.
    pub fn marked(self) -> impl Iterator<Item = (&'m LocalInfo, &'m Marked<M>)> {
        self.locals.iter().zip(self.slots)
    }
}

/// A value with the tracer's mark.
#[derive(Clone, Debug)]
pub struct Marked<M> {
    /// The value.
    pub value: Value,
    /// Its mark.
    pub mark: M,
}

impl<M: Default> Marked<M> {
    /// A value with the mark of a constant.
    pub fn constant(value: Value) -> Self {
        Self {
            value,
            mark: M::default(),
        }
    }
}

impl<M> Marked<M> {
    /// The value and the mark by reference.
    pub fn as_ref(&self) -> MarkedRef<'_, M> {
        MarkedRef {
            value: &self.value,
            mark: Some(&self.mark),
        }
    }
}

/// A value with its mark, by reference.
#[derive(Debug)]
pub struct MarkedRef<'v, M> {
    /// The value.
    pub value: &'v Value,
    /// Its mark; none for a constant of the policy.
    pub mark: Option<&'v M>,
}

impl<M> Clone for MarkedRef<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for MarkedRef<'_, M> {}

/// A rule or function under evaluation.
#[derive(Clone, Copy, Debug)]
pub struct RuleRef<'p> {
    /// The path from `data` on.
    pub path: &'p [Arc<str>],
    /// What sort of document it is.
    pub kind: RuleKind,
}

/// The location of an instruction in the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The module, by its index among those compiled.
    pub module: usize,
    /// The range of bytes of the expression, term or head.
    pub span: Span,
}

/// What an instruction tested.
#[derive(Debug)]
pub enum Condition<'v, M> {
    /// Whether a value has something at a path.
    Has {
        /// The value.
        of: MarkedRef<'v, M>,
        /// The path.
        path: &'v [Value],
        /// Its first step, where that is not a constant.
        key: Option<MarkedRef<'v, M>>,
    },
    /// Whether two values are equal.
    Equal(MarkedRef<'v, M>, MarkedRef<'v, M>),
    /// Whether a value is not false.
    Truthy(MarkedRef<'v, M>),
    /// Whether a value is of a type or length, or none of some names.
    Shape(MarkedRef<'v, M>),
    /// Whether a collection has members.
    Members(MarkedRef<'v, M>),
    /// Whether a builtin has a value for these operands.
    Builtin(&'v [MarkedRef<'v, M>]),
}
