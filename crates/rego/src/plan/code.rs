//! The plan: instructions over numbered slots.
//!
//! A clause's instructions run from the first to the last. One that fails goes back to the last choice that has
//! something left, and on from there; slots are only ever read after the instruction that filled them, so nothing has
//! to be undone. `docs/engine.md` shows the plan of each construct.

use std::sync::Arc;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::encoding;
use super::rules::Rules;
use crate::builtins::registry::{Builtin, Purity};
use crate::builtins::{self, Body};
use crate::core::LocalInfo;
use crate::trace::RuleRef;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// A place for a value in a clause's frame.
pub(crate) type Slot = u32;
/// The place of an instruction in its block.
pub(crate) type At = u32;
/// A rule, by its place in [`Plan::rules`].
pub(crate) type RuleId = u32;

/// A compiled program.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The rules: those of the policy, then those that stand for parts of them, then those for whole packages.
    pub rules: Rules,
    /// How many of the rules, the first, are the policy's own.
    pub own: usize,
    /// The node of every path that has rules at or below it; the first is `data` itself.
    pub nodes: Vec<Node>,
    /// Whether a constant of the policy has a number that is written oddly (`1.0`).
    pub non_canonical: bool,
    /// The directory of each module's file.
    pub directories: Vec<Arc<str>>,
}

/// A node of the tree of rules.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Node {
    /// The path from `data` on.
    pub path: Vec<Arc<str>>,
    /// The nodes below it, sorted by name.
    pub children: Vec<(Arc<str>, usize)>,
    /// The rule that stands here.
    pub rule: Option<RuleId>,
    /// The rule that gives the whole document below, rules and base together.
    pub whole: Option<RuleId>,
}

impl Node {
    /// The node below it of this name.
    pub(crate) fn child(&self, name: &str) -> Option<usize> {
        let found = self.children.binary_search_by(|(child, _)| (**child).cmp(name));
        found.ok().map(|at| self.children[at].1)
    }
}

/// A rule: all its clauses.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Rule {
    /// Its path from `data` on.
    pub path: Arc<[Arc<str>]>,
    /// What sort of document it is.
    pub kind: RuleKind,
    /// The clauses, the default apart.
    pub clauses: Vec<Clause>,
    /// The clause that counts where no other gives a value.
    pub default: Option<Clause>,
    /// Whether all clauses give the same constant: the first that holds decides.
    pub constant: bool,
    /// Whether its value can be another for another input.
    pub of_input: bool,
    /// Which clauses can hold for an input, where many are guarded by one path.
    pub index: Option<Index>,
    /// The same rule with clauses that start alike made one, where there are such. It has the same value where nothing
    /// fails and the order of clauses does not count.
    pub joined: Option<Box<Rule>>,
    /// What an object's value has whether or not a clause gives something.
    pub initial: Vec<InitialObject>,
    /// How many keys lead to what lies deepest in its value; a member of a set is a key. Of a part, how many keys are known,
    /// where those are all.
    pub depth: u32,
}

impl Rule {
    /// A rule without clauses.
    pub(crate) fn new(path: Arc<[Arc<str>]>, kind: RuleKind) -> Self {
        Self {
            path,
            kind,
            clauses: Vec::new(),
            default: None,
            constant: false,
            of_input: false,
            index: None,
            joined: None,
            initial: Vec::new(),
            depth: 0,
        }
    }

    /// The rule as tracers see it.
    pub(crate) fn to_ref(&self) -> RuleRef<'_> {
        RuleRef {
            path: &self.path,
            kind: self.kind,
        }
    }

    /// All instructions of its clauses.
    pub(crate) fn ops(&self) -> impl Iterator<Item = &Op> {
        let clauses = self.clauses.iter().chain(&self.default);
        let blocks = clauses.flat_map(|clause| &clause.branches);
        blocks.flat_map(|block| &block.code)
    }
}

/// The clauses of a rule by the value that the input has at a path, each list in their order.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Index {
    /// The path.
    pub path: Box<[Value]>,
    /// The clauses that can hold where this value is there: those that want it, and those that want none.
    #[serde(serialize_with = "encoding::sorted")]
    pub by_value: HashMap<Value, Box<[Candidate]>>,
    /// The clauses that can hold where another value is there, or nothing.
    pub others: Box<[Candidate]>,
    /// All of them.
    pub all: Box<[Candidate]>,
}

/// A clause that can hold as far as an index tells.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Candidate {
    /// The clause, by its index among those of its rule.
    pub clause: u32,
    /// Those of its guards that the index has not decided.
    pub guards: Box<[Guard]>,
}

impl Index {
    /// The clauses that can hold where this value is at the path.
    pub(crate) fn clauses(&self, value: Option<&Value>) -> &[Candidate] {
        match value {
            // OPA's index takes a collection for each of its members.
            Some(Value::Array(_) | Value::Set(_) | Value::Object(_)) => &self.all,
            Some(value) => self.by_value.get(value).unwrap_or(&self.others),
            None => &self.others,
        }
    }
}

/// A part of an object that is there without any value: it stands on the path to a rule whose head is constant.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct InitialObject {
    /// The way to it.
    pub path: Vec<Value>,
    /// Whether it is a set, and no object.
    pub set: bool,
}

/// What sort of document a rule is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum RuleKind {
    /// One value.
    Complete,
    /// A set.
    Set,
    /// An object whose keys are found by evaluation, its leaves values or sets.
    Object,
    /// A function of so many operands.
    Function(u32),
}

/// A clause: its branches are tried in order, and the first that gives a value is the clause's.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Clause {
    /// Its own body, then its `else` branches.
    pub branches: Vec<Block>,
    /// What of the input decides without evaluation that the clause gives nothing. Read off its only branch.
    pub guards: Vec<Guard>,
    /// How many of the first instructions only say again what the guards have said.
    pub skip: At,
    /// The module that it is in.
    pub module: usize,
    /// Its head.
    pub head: Span,
    /// The variables, for messages: slots after the parameters.
    pub locals: Vec<LocalInfo>,
}

/// A constant that the input must have at a path.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Guard {
    /// The path.
    pub path: Box<[Value]>,
    /// The constant.
    pub value: Value,
}

/// How a comprehension is kept for the next time.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Keep {
    /// The place where it is.
    pub place: u32,
    /// What it depends on: it is made anew where one of these has another value.
    pub of: Box<[Slot]>,
}

/// A part of a set's or object's value that lies under known keys.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Part {
    /// The rule that gives no more than that, as a function of the keys.
    pub rule: RuleId,
    /// The keys.
    pub keys: Box<[Operand]>,
}

/// The instructions of one body.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Block {
    /// The instructions.
    pub code: Vec<Op>,
    /// What each was made for.
    pub spans: Vec<Span>,
    /// The statements, by their first instructions, for tracers.
    pub statements: Vec<Start>,
    /// How many slots a frame has.
    pub slots: u32,
    /// How many of them, the first, hold operands of a function, or keys.
    pub parameters: u32,
}

/// Where a statement begins.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Start {
    /// Its first instruction; where it needs none, that of what follows.
    pub at: At,
    /// Where it, or what it was made for, was written.
    pub span: Span,
}

/// A value that an instruction takes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Operand {
    /// The value in a slot.
    Slot(Slot),
    /// A constant.
    Const(Value),
}

/// What a comprehension or a whole document collects.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Collect {
    /// An array.
    Array,
    /// A set.
    Set,
    /// An object; two values under one key are a conflict.
    Object,
}

/// A builtin's name and body.
#[derive(Clone, Copy)]
pub(crate) struct BuiltinRef {
    /// Its name.
    pub name: &'static str,
    /// Whether its value depends on its operands alone.
    pub is_pure: bool,
    /// What it does.
    pub body: Body,
    /// The module whose directory it is given as a further, first operand.
    pub placed: Option<usize>,
}

impl BuiltinRef {
    /// The builtin of a row.
    pub(super) fn of(row: &Builtin) -> Self {
        Self {
            name: row.name,
            is_pure: row.purity == Purity::Pure,
            body: row.body().unwrap_or(builtins::unavailable),
            placed: None,
        }
    }
}

impl PartialEq for BuiltinRef {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.placed == other.placed
    }
}

impl std::fmt::Debug for BuiltinRef {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name)
    }
}

/// A replacement.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Override {
    /// What is replaced.
    pub target: OverrideTarget,
    /// By what.
    pub value: OverrideValue,
}

/// What a replacement replaces.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum OverrideTarget {
    /// The input, or a part of it.
    Input(Arc<[Arc<str>]>),
    /// A document of `data`, or a part of it.
    Data(Arc<[Arc<str>]>),
    /// A function.
    Function(RuleId),
    /// A builtin.
    Builtin(BuiltinRef),
}

/// What a replacement puts in the place.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum OverrideValue {
    /// A value; of a function, what every call gives.
    Value(Operand),
    /// A rule's value, in the place of a function's, as it is where the function is called.
    Document(RuleId),
    /// A function.
    Function(RuleId),
    /// A builtin.
    Builtin(BuiltinRef),
}

/// An instruction. Those with `to` fill that slot; those that can fail go back to the last choice.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Op {
    /// Fails.
    Fail,
    /// Goes on at another instruction.
    Jump(At),
    /// Goes on at the first of these, later at each of the others.
    Fork(Box<[At]>),
    /// Takes over a value.
    Move { from: Operand, to: Slot },
    /// Makes an array.
    Array { items: Box<[Operand]>, to: Slot },
    /// Makes a set.
    Set { items: Box<[Operand]>, to: Slot },
    /// Makes an object.
    Object {
        entries: Box<[(Operand, Operand)]>,
        to: Slot,
    },
    /// The value at a constant path of the input; fails where there is none.
    Input { path: Box<[Value]>, to: Slot },
    /// The value at a constant path of the base documents; fails where there is none.
    Data { path: Box<[Value]>, to: Slot },
    /// The value at a constant path below a value; fails where there is none. Where it is `bare`, nothing but its truth
    /// counts, and the next instruction asks for that.
    Path {
        of: Operand,
        path: Box<[Value]>,
        to: Slot,
        bare: bool,
    },
    /// The value under a key; fails where there is none.
    Get { of: Operand, key: Operand, to: Slot },
    /// The value under a key of base documents, where a number and its text are one key, as in OPA's store.
    Stored { of: Operand, key: Operand, to: Slot },
    /// Every key and value in turn; fails where there are none.
    Scan { of: Operand, key: Slot, to: Slot },
    /// Every `[path, value]` below a value, and itself, in turn.
    Walk { of: Operand, to: Slot },
    /// Fails unless the two are equal.
    Equal(Operand, Operand),
    /// Fails where the value is false.
    Truthy(Operand),
    /// Fails unless the value is an array of so many items.
    ArrayOf { of: Operand, length: u32 },
    /// Fails unless the value is an object of so many entries.
    ObjectOf { of: Operand, length: u32 },
    /// Fails where no comprehension of this kind gives the value, as far as its type tells.
    MayBe { value: Operand, collect: Collect },
    /// Fails where the value is one of these names.
    NoneOf { value: Operand, names: Box<[Arc<str>]> },
    /// The value of a rule; fails where it is undefined. Where nothing but `part` of it is asked for, the rest may be missing.
    Rule {
        rule: RuleId,
        part: Option<Box<Part>>,
        to: Slot,
    },
    /// The whole document below a node of the tree, rules and base together.
    Whole { node: usize, to: Slot },
    /// The value of a function; fails where it is undefined. Where it is `bare`, nothing but its truth counts.
    Call {
        rule: RuleId,
        operands: Box<[Operand]>,
        to: Slot,
        bare: bool,
    },
    /// The value of a builtin; fails where it is undefined. Where it is `bare`, nothing but its truth counts, and the next
    /// instruction asks for that.
    Builtin {
        builtin: BuiltinRef,
        operands: Box<[Operand]>,
        to: Slot,
        bare: bool,
    },
    /// Writes the members of sets, the way `print` does.
    Print(Operand),
    /// Tells a tracer which case of a test is evaluated from here on.
    TestCase(Operand),
    /// The base document at a path with the rules' own over it.
    MergeBase { path: Arc<[Arc<str>]>, of: Slot, to: Slot },
    /// Collects what the instructions up to `end` yield, then goes on at `end`; where it is kept, not again for the same.
    Collect {
        collect: Collect,
        to: Slot,
        end: At,
        keep: Option<Box<Keep>>,
    },
    /// Gives a member, or a key and a value, to the innermost collection, and goes back for more.
    Yield { key: Option<Operand>, value: Operand },
    /// Goes on at `end` where the instructions up to it fail.
    Not { end: At },
    /// The instructions after the innermost `not` hold, so it fails.
    EndNot,
    /// Takes the first solution only of the instructions up to the next `EndOnce`.
    Once,
    /// One solution is enough: choices since `Once` are forgotten.
    EndOnce,
    /// Fails unless the value can be gone through.
    Iterable(Operand),
    /// Replaces documents and functions up to the next `EndWith`.
    With { overrides: Box<[Override]>, end: At },
    /// What follows sees what stood before the replacements.
    EndWith,
    /// Gives the rule's value, or the member of its set.
    Return(Operand),
    /// Gives a leaf of the rule's object: at this path a value, or a member of a set.
    Leaf {
        path: Box<[Operand]>,
        member: bool,
        value: Operand,
    },
}
