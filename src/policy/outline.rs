//! A module as a policy set sees it: what it declares, what it calls, what it says of itself.

use crate::document::Span;
use crate::value::Value;

mod annotation;
mod read;

pub(super) use annotation::of_package as annotations_of_package;

/// Why a module has no outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do, where that is known.
    pub help: Option<String>,
}

/// The outline of one module.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    /// The package's path, without `data`.
    pub package: Vec<String>,

    /// The rules, each clause by itself.
    pub rules: Vec<RuleOutline>,
    /// Every call by a name, in rules and their bodies.
    pub calls: Vec<Call>,
    /// Annotations of the package.
    pub annotations: Option<Value>,
}

/// One clause of a rule.
#[derive(Clone, Debug)]
pub(super) struct RuleOutline {
    /// The rule's path below the package: one name, or several where the head is a reference.
    pub path: Vec<String>,
    /// Where the head stands.
    pub span: Span,
    /// What sort of document the clause defines.
    pub shape: Shape,
    /// Annotations of the clause, or of all clauses of the rule.
    pub annotations: Option<Value>,
    /// The paths, from `data` on, that the clause may refer to: what recursion is found by.
    pub references: Vec<Vec<String>>,
}

/// What sort of document a clause defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A set (`contains`).
    Set,
    /// An object by its keys.
    Object,
    /// A value; the type of the value where the head states a literal.
    Complete(Option<&'static str>),
    /// A function of some arguments.
    Function,
}

/// A call by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The name as it resolves without the package's own rules: a builtin's (`io.jwt.decode`), or from `data` on.
    pub name: String,
    /// What the name means if the package has such a rule, from `data` on.
    pub local: String,
    /// How many arguments it is given.
    pub arguments: usize,
    /// Where the call stands.
    pub span: Span,
}
