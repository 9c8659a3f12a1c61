//! The tree that is written out: the syntax tree in the shape that OPA's own has, with OPA's locations.
//!
//! Where lines break depends on locations only, and OPA's are particular: a body of `else` without braces is all on
//! the row of its `else`, a clause of several bodies has its head where the body is.

use std::sync::Arc;

use super::source::Location;

pub(super) struct Module {
    pub(super) package: Package,
    pub(super) imports: Vec<Import>,
    pub(super) rules: Vec<Rule>,
}

pub(super) struct Package {
    pub(super) path: Vec<Term>,
    pub(super) location: Location,
}

#[derive(Clone)]
pub(super) struct Import {
    pub(super) path: Vec<Term>,
    pub(super) alias: Option<Arc<str>>,
    pub(super) location: Location,
    /// Whether it is not in the source.
    pub(super) added: bool,
}

#[derive(Clone)]
pub(super) struct Rule {
    pub(super) default: bool,
    pub(super) head: Head,
    /// Never empty: a rule without one has the body `true`.
    pub(super) body: Body,
    pub(super) branch: Option<Box<Rule>>,
    pub(super) location: Location,
}

#[derive(Clone)]
pub(super) struct Head {
    pub(super) is_else: bool,
    pub(super) path: Vec<Term>,
    pub(super) arguments: Vec<Term>,
    pub(super) key: Option<Term>,
    pub(super) value: Option<Term>,
    pub(super) assigned: bool,
    /// Whether the value, if it is `true`, is implied: OPA gave it the head's own location.
    pub(super) implied: bool,
    pub(super) location: Location,
}

pub(super) type Body = Vec<Expression>;

#[derive(Clone)]
pub(super) struct Expression {
    pub(super) negated: bool,
    pub(super) kind: Kind,
    pub(super) with: Vec<With>,
    pub(super) location: Location,
}

#[derive(Clone)]
pub(super) enum Kind {
    Term(Term),
    /// A function and its operands.
    Call(Vec<Term>),
    Some(Vec<Term>),
    /// `some … in …`: two or three operands.
    SomeIn(Vec<Term>),
    Every(Box<Every>),
    Not {
        body: Body,
        braces: bool,
    },
    Logic(Box<Logic>),
}

#[derive(Clone)]
pub(super) struct Every {
    pub(super) key: Option<Term>,
    pub(super) value: Term,
    pub(super) domain: Term,
    pub(super) body: Body,
}

/// `left and right`, `left or right`
#[derive(Clone)]
pub(super) struct Logic {
    pub(super) operator: &'static str,
    pub(super) left: Block,
    pub(super) right: Block,
}

#[derive(Clone)]
pub(super) struct Block {
    pub(super) body: Body,
    pub(super) braces: bool,
}

#[derive(Clone)]
pub(super) struct With {
    pub(super) target: Term,
    pub(super) value: Term,
    pub(super) location: Location,
}

#[derive(Clone)]
pub(super) struct Term {
    pub(super) value: Value,
    pub(super) location: Location,
}

#[derive(Clone)]
pub(super) enum Value {
    /// `null`, a boolean or a number, as it is written out.
    Scalar(Arc<str>),
    String(Arc<str>),
    Var(Arc<str>),
    /// `_`, by its number in the module.
    Wildcard(u32),
    /// A head and the way into it, which can be empty.
    Ref(Vec<Term>),
    Array(Vec<Term>),
    Set(Vec<Term>),
    Object(Vec<(Term, Term)>),
    ArrayComprehension(Box<Term>, Body),
    SetComprehension(Box<Term>, Body),
    ObjectComprehension(Box<Term>, Box<Term>, Body),
    /// A function and its operands.
    Call(Vec<Term>),
    Template {
        raw: bool,
        parts: Vec<Part>,
    },
}

#[derive(Clone)]
pub(super) enum Part {
    Text(Arc<str>, Location),
    /// A constant, which is written without its braces.
    Constant(Term),
    Expression(Expression),
}

impl Part {
    pub(super) fn location(&self) -> Location {
        match self {
            Self::Text(_, location) => *location,
            Self::Constant(term) => term.location,
            Self::Expression(expression) => expression.location,
        }
    }
}

impl Term {
    pub(super) fn is_true(&self) -> bool {
        matches!(&self.value, Value::Scalar(text) if &**text == "true")
    }

    /// Whether no variable is in it; `input` and `data` are none.
    pub(super) fn is_ground(&self) -> bool {
        let all = |terms: &[Self]| terms.iter().all(Self::is_ground);
        match &self.value {
            Value::Scalar(_) | Value::String(_) => true,
            Value::Var(_) | Value::Wildcard(_) | Value::Template { .. } => false,
            Value::Ref(path) => all(path.get(1..).unwrap_or_default()),
            Value::Array(items) | Value::Set(items) => all(items),
            Value::Call(terms) => all(terms.get(1..).unwrap_or_default()),
            Value::Object(entries) => entries.iter().all(|(key, value)| key.is_ground() && value.is_ground()),
            Value::ArrayComprehension(..) | Value::SetComprehension(..) | Value::ObjectComprehension(..) => false,
        }
    }
}

impl Expression {
    /// Whether it is a set that is not negated: in a body of one statement its braces would be the body's.
    pub(super) fn is_set(&self) -> bool {
        let kind = matches!(&self.kind, Kind::Term(term) if matches!(term.value, Value::Set(_)));
        kind && !self.negated
    }

    pub(super) fn is_logic(&self) -> bool {
        matches!(self.kind, Kind::Logic(_))
    }
}

impl Rule {
    /// Whether its body is `true` alone, which is not written.
    pub(super) fn is_constant(&self) -> bool {
        let [expression] = &self.body[..] else {
            return false;
        };
        let is_true = matches!(&expression.kind, Kind::Term(term) if term.is_true());
        is_true && !expression.negated && expression.with.is_empty() && self.branch.is_none()
    }
}
