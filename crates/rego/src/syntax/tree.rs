//! The syntax tree of a module: what was written, with the place of every part.
//!
//! It keeps the shape of OPA's own tree where that decides what a policy means: an operator is a call of the builtin
//! after it (`a + b` calls `plus`), marked as infix.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use kpolicy_value::Span;
use kpolicy_value::{Number, Value};

/// Which Rego a module is written in.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Dialect {
    /// The language since OPA 1.0, where `if` and `contains` are keywords.
    V1,
    /// The language before it.
    V0,
}

/// A module: a file of policy.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Module {
    /// The package that its rules are in.
    pub package: Package,
    /// Its imports, in order, those of keywords too.
    pub imports: Vec<Import>,
    /// Its rules, each clause by itself, in order.
    pub rules: Vec<Rule>,
    /// Its comments, in order.
    pub comments: Vec<Comment>,
    /// The objects that repeat a key, by the offset of their brace: all their entries, as they were written.
    pub repeating: BTreeMap<u32, Vec<(Term, Term)>>,
    /// Its `# METADATA` blocks, in order.
    pub annotations: Vec<Annotations>,
    /// The dialect that its own text settles on: v1 also where a v0 module says `import rego.v1` or `rego.v2`.
    pub dialect: Dialect,
    /// The directory of its file, for builtins that read files beside it: empty, unless a caller says which.
    pub directory: Arc<str>,
}

impl Module {
    /// What the module declares, and its METADATA: without the bodies of its rules and without its comments.
    #[must_use]
    pub fn outline(&self) -> Self {
        let rules = self.rules.iter().map(|rule| Rule {
            default: rule.default,
            head: rule.head.clone(),
            has_if: rule.has_if,
            body: Body::new(),
            branches: Vec::new(),
            span: rule.span,
        });
        Self {
            package: self.package.clone(),
            imports: self.imports.clone(),
            rules: rules.collect(),
            comments: Vec::new(),
            repeating: BTreeMap::new(),
            annotations: self.annotations.clone(),
            dialect: self.dialect,
            directory: self.directory.clone(),
        }
    }
}

/// A package declaration.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Package {
    /// The path without `data`.
    pub path: Vec<Arc<str>>,
    /// From `package` to the end of the path.
    pub span: Span,
}

/// An import.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Import {
    /// What is imported: a reference whose head is `data`, `input`, `rego` or `future`, or one of these alone.
    pub path: Vec<Arc<str>>,
    /// The name given with `as`.
    pub alias: Option<Name>,
    /// From `import` to its end.
    pub span: Span,
}

impl Import {
    /// The version of Rego that it asks for; nothing for an import of anything else.
    pub fn rego_version(&self) -> Option<RegoVersion> {
        match &*self.path {
            [root, version] if &**root == "rego" => match &**version {
                "v1" => Some(RegoVersion::V1),
                "v2" => Some(RegoVersion::V2),
                _ => None,
            },
            _ => None,
        }
    }
}

/// What `import rego.…` asks for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum RegoVersion {
    /// The language since OPA 1.0.
    V1,
    /// That with all keywords of `future.keywords`.
    V2,
}

/// A name and where it was written.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Name {
    /// The name.
    pub text: Arc<str>,
    /// Where.
    pub span: Span,
}

/// A comment.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Comment {
    /// What follows the `#`, to the end of the line.
    pub text: Arc<str>,
    /// The comment with its `#`.
    pub span: Span,
}

/// A `# METADATA` block.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Annotations {
    /// What the block is about.
    pub scope: Scope,
    /// The rule that follows it, by its place in `Module::rules`; `None` where the package follows.
    pub rule: Option<usize>,
    /// The block's fields, as its YAML has them, `scope` among them where it was written.
    pub fields: Value,
    /// The lines of the block.
    pub span: Span,
}

/// What a `# METADATA` block is about.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Scope {
    /// One clause.
    Rule,
    /// All clauses of the rule.
    Document,
    /// The package, in this file.
    Package,
    /// The package and those below it.
    Subpackages,
}

/// A rule's clause.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Rule {
    /// Whether it states the value for when no other clause has one.
    pub default: bool,
    /// What it defines.
    pub head: Head,
    /// Whether `if` stands before the body.
    pub has_if: bool,
    /// What must hold; empty where no body was written.
    pub body: Body,
    /// The `else` branches, in order.
    pub branches: Vec<Else>,
    /// The whole clause.
    pub span: Span,
}

/// What a clause defines.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Head {
    /// The rule's path below the package: the first step is a string, its name.
    pub path: Vec<Step>,
    /// The arguments, where it is a function.
    pub arguments: Option<Vec<Term>>,
    /// The member, where the rule is a set (`contains key`, and v0's `name[key]`).
    pub key: Option<Term>,
    /// The value, where one was written.
    pub value: Option<Term>,
    /// Whether the value was written after `:=`.
    pub assigned: bool,
    /// The head, from the name to the end of its value.
    pub span: Span,
}

/// An `else` branch.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Else {
    /// The value, where one was written.
    pub value: Option<Term>,
    /// Whether the value was written after `:=`.
    pub assigned: bool,
    /// What must hold; empty where no body was written.
    pub body: Body,
    /// From `else` to its end.
    pub span: Span,
}

/// Expressions that must all hold.
pub type Body = Vec<Expression>;

/// One statement of a body.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Expression {
    /// Whether `not` stands before it, in a file without `future.keywords.not`.
    pub negated: bool,
    /// What it says.
    pub kind: ExpressionKind,
    /// What is replaced while it is evaluated.
    pub with: Vec<With>,
    /// The whole statement.
    pub span: Span,
}

/// What a statement says.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum ExpressionKind {
    /// A term that must be defined and not false: a value, a reference, a call; `=` calls `eq`, `:=` calls `assign`.
    Term(Term),
    /// `some x, y`
    Some(Vec<Name>),
    /// `some value in collection`, `some key, value in collection`
    SomeIn {
        /// What the key must match.
        key: Option<Term>,
        /// What the member must match.
        value: Term,
        /// What is gone through.
        collection: Term,
    },
    /// `every key, value in domain { body }`
    Every {
        /// The key's name.
        key: Option<Term>,
        /// The member's name.
        value: Term,
        /// What is gone through.
        domain: Term,
        /// What must hold for each.
        body: Body,
    },
    /// `not` as `future.keywords.not` has it: of a whole body, or of one statement.
    Not(Block),
    /// `left and right`
    And(Block, Block),
    /// `left or right`
    Or(Block, Block),
}

/// An operand of `not`, `and` or `or`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Block {
    /// What it holds.
    pub body: Body,
    /// Whether it is in braces.
    pub braces: bool,
}

/// A replacement: `with target as value`
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct With {
    /// What is replaced.
    pub target: Term,
    /// By what.
    pub value: Term,
    /// From `with` to its end.
    pub span: Span,
}

/// A term: whatever stands for a value.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// Where it was written; an infix call covers its operands.
    pub span: Span,
}

impl Term {
    /// Whether it is a constant that is not a collection.
    pub fn is_scalar(&self) -> bool {
        matches!(
            self.kind,
            TermKind::Null | TermKind::Bool(_) | TermKind::Number(_) | TermKind::String(_)
        )
    }

    /// Whether the two are written alike, wherever they stand: scalars, names, references, calls and lists of these.
    pub fn is_like(&self, other: &Self) -> bool {
        let all = |a: &[Self], b: &[Self]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_like(b));
        match (&self.kind, &other.kind) {
            (TermKind::Null, TermKind::Null) => true,
            (TermKind::Bool(a), TermKind::Bool(b)) => a == b,
            (TermKind::Number(a), TermKind::Number(b)) => a == b,
            (TermKind::String(a), TermKind::String(b)) => a == b,
            (TermKind::Var(a), TermKind::Var(b)) => a == b && &**a != "_",
            (TermKind::Ref { head: a, steps: c }, TermKind::Ref { head: b, steps: d }) => {
                let mut pairs = c.iter().zip(d);
                a.is_like(b) && c.len() == d.len() && pairs.all(|(c, d)| c.term.is_like(&d.term))
            }
            (TermKind::Array(a), TermKind::Array(b)) => all(a, b),
            (
                TermKind::Call {
                    function: a,
                    arguments: c,
                    ..
                },
                TermKind::Call {
                    function: b,
                    arguments: d,
                    ..
                },
            ) => a.is_like(b) && all(c, d),
            _ => false,
        }
    }
}

/// What a term is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum TermKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as it was written.
    Number(Number),
    /// A text, raw or quoted.
    String(Arc<str>),
    /// A variable; every `_` is its own.
    Var(Arc<str>),
    /// A value and the way into it: `input.a[x]`
    Ref {
        /// A variable, a call, a collection or a comprehension.
        head: Box<Term>,
        /// The way into it; never empty.
        steps: Vec<Step>,
    },
    /// `[a, b]`
    Array(Vec<Term>),
    /// `{a, b}`; the empty set is the call `set()`, kept here as no members.
    Set(Vec<Term>),
    /// `{k: v}`; no two keys are written alike: of entries that repeat a key, the first key and the last value.
    Object(Vec<(Term, Term)>),
    /// `[term | body]`
    ArrayComprehension(Box<Term>, Body),
    /// `{term | body}`
    SetComprehension(Box<Term>, Body),
    /// `{key: value | body}`
    ObjectComprehension(Box<Term>, Box<Term>, Body),
    /// `function(arguments)`, and every operator.
    Call {
        /// A variable, or a reference of strings alone: `count`, `data.lib.f`; an operator's is its builtin's name.
        function: Box<Term>,
        /// The operands.
        arguments: Vec<Term>,
        /// Whether it was written as an operator.
        infix: bool,
    },
    /// `$"text {term}"`
    Template(Vec<TemplatePart>),
}

/// A step into a value.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Step {
    /// What is looked up, or bound; a string where it was written after a dot.
    pub term: Term,
    /// Whether it was written after a dot.
    pub dot: bool,
}

/// A part of a template string.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum TemplatePart {
    /// Text, its escapes read.
    Text(Arc<str>),
    /// What is in braces.
    Expression(Box<Expression>),
}
