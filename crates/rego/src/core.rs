//! The core form of a program: what a syntax tree means once names are resolved and nesting is taken apart.
//!
//! - A name is a [`Local`], or a path from `data` or `input` on; imports are gone.
//! - `:=`, `some` and `some … in` are equations between terms.
//! - A call stands alone as a statement, its result in a variable of its own: `x := f(g(y))` is
//!   `g(y, t); f(t, u); x = u`.
//! - References and comprehensions inside other terms have been given variables of their own, so that an operand of a
//!   call, and a part of a collection, is a constant, a variable, or a collection of these.
//! - Statements are in an order in which every variable is bound before it is needed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::builtins::registry::Signature;
use super::syntax::tree::Dialect;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// A variable of one clause: its place in [`Clause::locals`].
pub type Local = u32;

/// What is known of a variable.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LocalInfo {
    /// Its name in the policy; for a generated one, nothing.
    pub name: Option<Arc<str>>,
    /// Where it was first written, or what it stands for.
    pub span: Span,
    /// Whether nothing declares it, so that to OPA it has its name from the policy still.
    pub free: bool,
    /// The builtin of its name that OPA's types take it for. Only the type checker asks, so that an encoding lacks it.
    #[serde(skip)]
    pub function: Option<&'static Signature>,
}

/// A program: all clauses of all modules.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The package of each module: it is a document even where it has no rule.
    pub packages: Vec<Vec<Arc<str>>>,
    /// The directory of each module's file.
    pub directories: Vec<Arc<str>>,
    /// The clauses, module by module, in the order that they were written.
    pub clauses: Vec<Clause>,
}

/// One clause of a rule.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The module that it is in, by its index among the modules compiled.
    pub module: usize,
    /// The dialect of the module.
    pub dialect: Dialect,
    /// The path of the rule from `data` on, without `data`, up to the first step that is not a string.
    pub path: Vec<Arc<str>>,
    /// The steps after the path: constants and variables. Empty for most rules.
    pub keys: Vec<Term>,
    /// What sort of document the clause defines.
    pub kind: Kind,
    /// Whether it is the rule's default.
    pub default: bool,
    /// What it gives, and when.
    pub branches: Vec<Branch>,
    /// The clause's variables.
    pub locals: Vec<LocalInfo>,
    /// Where the head was written.
    pub head: Span,
    /// Where the clause was written.
    pub span: Span,
}

/// What sort of document a clause defines.
#[derive(Clone, Debug)]
pub enum Kind {
    /// One value; below `keys`, where there are any.
    Complete,
    /// Members of a set; below `keys`, where there are any.
    Set,
    /// A function of these parameters: constants, variables, collections of these.
    Function(Vec<Term>),
}

/// A body and what it gives: a clause's own, and its `else` branches after it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The value, or for a set the member.
    pub value: Term,
    /// What must hold.
    pub body: Vec<Statement>,
    /// `true` and what it replaces, where the head took its place: nothing of it is evaluated, but OPA counts what it
    /// names among what the rule needs.
    pub replaced: Vec<Statement>,
    /// Where it was written.
    pub span: Span,
}

/// A statement of a body.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What must hold.
    pub kind: StatementKind,
    /// Whether it must not hold instead (`not` of the plain sort: of this one statement).
    pub negated: bool,
    /// What is replaced meanwhile; statements taken out of one share its list.
    pub with: Arc<[With]>,
    /// Whether the compiler made it, for a part of a statement that was written.
    pub generated: bool,
    /// Whether it was written with `:=`: its left side is then no input of its right side.
    pub assignment: bool,
    /// Where it, or what it was made for, was written.
    pub span: Span,
}

/// What a statement says.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// The term is defined, and not false.
    Holds(Term),
    /// Both are the same value; free variables on either side are bound to make it so.
    Equal(Term, Term),
    /// A call; one operand more than the function takes is what its result must match.
    Call(Callee, Vec<Term>),
    /// The body holds for every member of the domain.
    Every {
        /// The key's variable.
        key: Local,
        /// The member's variable.
        value: Local,
        /// A constant, a variable or a collection of these.
        domain: Term,
        /// What must hold.
        body: Vec<Statement>,
    },
    /// The body holds for no choice of its variables.
    Not(Operand),
    /// Both hold; nothing of theirs is bound outside.
    And(Operand, Operand),
    /// One of them holds; nothing of theirs is bound outside.
    Or(Operand, Operand),
}

/// A body inside a statement.
#[derive(Clone, Debug)]
pub struct Operand {
    /// The body.
    pub body: Vec<Statement>,
    /// Whether it is in braces, and so may have variables of its own.
    pub braces: bool,
}

/// What is called.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A builtin.
    Builtin(&'static Signature),
    /// A function of the program.
    Function {
        /// Its path from `data` on, without `data`.
        path: Arc<[Arc<str>]>,
        /// How many operands it takes.
        arity: usize,
    },
}

/// A replacement while a statement is evaluated.
#[derive(Clone, Debug)]
pub struct With {
    /// What is replaced.
    pub target: Target,
    /// By what.
    pub value: Replacement,
    /// Where it was written.
    pub span: Span,
}

/// What `with` replaces.
#[derive(Clone, Debug)]
pub enum Target {
    /// `input`, or a part of it.
    Input(Vec<Arc<str>>),
    /// `data`, or a part of it: a base document, a rule or a function.
    Data(Vec<Arc<str>>),
    /// A builtin.
    Builtin(&'static Signature),
}

/// What `with` puts in the place.
#[derive(Clone, Debug)]
pub enum Replacement {
    /// A value; in the place of a function, what every call of it gives.
    Value(Term),
    /// A document that rules define, in the place of a function. OPA finds its value where the function is called, so
    /// that it may have none, or another at each place.
    Document(Term),
    /// A function.
    Function(Callee),
}

impl Replacement {
    /// The term that gives the value.
    pub fn term(&self) -> Option<&Term> {
        match self {
            Self::Value(term) | Self::Document(term) => Some(term),
            Self::Function(_) => None,
        }
    }
}

/// A term.
#[derive(Clone, Debug)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// Where it was written.
    pub span: Span,
}

/// What a term is.
#[derive(Clone, Debug)]
pub enum TermKind {
    /// A value that holds no variable.
    Const(Value),
    /// A variable.
    Local(Local),
    /// A value and a way into it.
    Ref(Root, Vec<Term>),
    /// An array.
    Array(Vec<Term>),
    /// A set.
    Set(Vec<Term>),
    /// An object.
    Object(Vec<(Term, Term)>),
    /// A comprehension.
    Comprehension(Box<Comprehension>),
}

/// Where a reference starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// The document that is evaluated.
    Input,
    /// Base documents and rules.
    Data,
    /// A variable.
    Local(Local),
}

/// A comprehension.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// What it collects.
    pub head: Collected,
    /// What must hold.
    pub body: Vec<Statement>,
    /// Whether it only catches whether one term is defined: an operand of `print`, a part of a template string. Every
    /// variable of such a term must be bound outside.
    pub capture: bool,
}

/// What a comprehension collects.
#[derive(Clone, Debug)]
pub enum Collected {
    /// An array of these.
    Array(Term),
    /// A set of these.
    Set(Term),
    /// An object of these keys and values.
    Object(Term, Term),
}
