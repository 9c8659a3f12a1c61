//! What watches an evaluation: beside each value it keeps a mark, beside the way to an instruction a trail.
//!
//! The machine moves marks wherever it moves values, and goes back to an earlier trail wherever it goes back to an
//! earlier choice. What a mark and a trail hold is the recorder's own affair. Without one, [`Silent`], both are empty:
//! the machine is then what it would be if it knew nothing of recorders.

use std::fmt::Debug;

use crate::plan::code::{Collect, RuleId, RuleKind};
use kpolicy_value::Span;
use kpolicy_value::Value;

/// A watcher of an evaluation.
pub(super) trait Recorder: Default + Debug {
    /// Whether there is anything to tell it.
    const RECORDS: bool = true;
    /// What it knows of a value. The default is that of a constant.
    type Mark: Clone + Debug + Default + PartialEq;
    /// What it knows of the way to the instruction at hand. The default is the start of a rule.
    type Trail: Clone + Debug + Default;
    /// What it knows of what failed in a block.
    type FailureSet: Clone + Debug + Default;

    /// The mark of the input.
    fn input(&mut self) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of the part of a value under a key.
    fn part(&mut self, _of: Seen<Self::Mark>, _key: &Value) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of a key of a value.
    fn key(&mut self, _of: Seen<Self::Mark>, _key: &Value) -> Self::Mark {
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
        _items: impl Iterator<Item = (Option<Seen<'v, Self::Mark>>, Seen<'v, Self::Mark>)>,
        _lack: Self::FailureSet,
    ) -> Self::Mark
    where
        Self::Mark: 'v,
    {
        Self::Mark::default()
    }

    /// The mark of a value with another put at a path of names in it.
    fn replaced(&mut self, _of: Seen<Self::Mark>, _path: &[Value], _by: Seen<Self::Mark>) -> Self::Mark {
        Self::Mark::default()
    }

    /// The mark of what a builtin made.
    fn builtin<'v>(
        &mut self,
        _at: Site,
        _name: &'static str,
        _operands: impl Iterator<Item = Seen<'v, Self::Mark>>,
        _value: &Value,
    ) -> Self::Mark
    where
        Self::Mark: 'v,
    {
        Self::Mark::default()
    }

    /// The way to the instruction at hand.
    fn trail(&self) -> Self::Trail {
        Self::Trail::default()
    }

    /// Goes back to an earlier way.
    fn back(&mut self, _trail: &Self::Trail) {}

    /// A value was taken out of another, or out of the input, by a key that is `key`, or by a path.
    fn read(&mut self, _at: Site, _mark: &Self::Mark, _key: Option<Seen<Self::Mark>>) {}

    /// A member of a collection, or a part of a value, was chosen; later another may be.
    fn chosen(&mut self, _at: Site, _of: &Self::Mark, _key: &Self::Mark, _mark: &Self::Mark) {}

    /// A condition was tried, and held or failed.
    fn tested(&mut self, _at: Site, _test: Test<Self::Mark>, _held: bool) {}

    /// A block or a rule begins in which failures are kept together.
    fn open(&mut self) {}

    /// The innermost one ends.
    fn close(&mut self) -> Self::FailureSet {
        Self::FailureSet::default()
    }

    /// A `not` holds: this failed in it.
    fn denied(&mut self, _at: Site, _lack: &Self::FailureSet) {}

    /// A `not` fails, since what is in it holds: its block ends.
    fn confirmed(&mut self, _at: Site) {}

    /// A rule's clause gave a value: its mark with the way to it.
    fn produced(&mut self, _mark: Self::Mark) -> Self::Mark {
        Self::Mark::default()
    }

    /// A rule's clause gave the value that another had given: the mark of both.
    fn also(&mut self, known: Self::Mark, _other: Self::Mark) -> Self::Mark {
        known
    }

    /// A rule has a value. `failed` is what failed in clauses that gave nothing; `fallback` whether the value counts
    /// because they did.
    fn concluded(
        &mut self,
        _kind: RuleKind,
        _mark: Self::Mark,
        _lack: &Self::FailureSet,
        _fallback: bool,
    ) -> Self::Mark {
        Self::Mark::default()
    }

    /// A rule's value was asked for, and there is one.
    fn known(&mut self, _at: Site, _value: Seen<Self::Mark>) {}

    /// A rule's value was asked for, and there is none.
    fn undefined(&mut self, _at: Site, _rule: RuleId, _lack: &Self::FailureSet) {}
}

/// No recorder.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Silent;

impl Recorder for Silent {
    const RECORDS: bool = false;
    type Mark = ();
    type Trail = ();
    type FailureSet = ();
}

/// A value with the recorder's mark.
#[derive(Clone, Debug)]
pub(super) struct Marked<M> {
    pub(super) value: Value,
    pub(super) mark: M,
}

impl<M: Default> Marked<M> {
    /// A value with the mark of a constant.
    pub(super) fn plain(value: Value) -> Self {
        Self {
            value,
            mark: M::default(),
        }
    }
}

impl<M> Marked<M> {
    /// The value as recorders see it.
    pub(super) fn seen(&self) -> Seen<'_, M> {
        Seen {
            value: &self.value,
            mark: Some(&self.mark),
        }
    }
}

/// A value as recorders see it.
#[derive(Debug)]
pub(super) struct Seen<'v, M> {
    pub(super) value: &'v Value,
    /// Its mark; none for a constant of the policy.
    pub(super) mark: Option<&'v M>,
}

impl<M> Clone for Seen<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Seen<'_, M> {}

/// An instruction's place in the policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Site {
    /// The module, by its index among those compiled.
    pub(super) module: usize,
    /// What the instruction was made for.
    pub(super) span: Span,
}

/// What an instruction tried.
#[derive(Debug)]
pub(super) enum Test<'v, M> {
    /// Whether a path leads anywhere from a value on; its first step is `key`, where that is not a constant.
    Has {
        of: Seen<'v, M>,
        path: &'v [Value],
        key: Option<Seen<'v, M>>,
    },
    /// Whether two values are equal.
    Equal(Seen<'v, M>, Seen<'v, M>),
    /// Whether a value is not false.
    Truthy(Seen<'v, M>),
    /// Whether a value is of a type or length, or none of some names.
    Shape(Seen<'v, M>),
    /// Whether a collection has members.
    Members(Seen<'v, M>),
    /// Whether a builtin has a value for these operands.
    Builtin(&'v [Seen<'v, M>]),
}
