//! The syntax tree of Jsonnet, with what is only another notation already written in the plain one.

use std::rc::Rc;

use crate::document::Span;

/// A name of a variable; equal names have equal numbers.
pub(super) type Symbol = u32;

/// A shared expression: thunks hold it while its file is evaluated.
pub(super) type E = Rc<Expr>;

/// A span in one of the files of an evaluation; file 0 is the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct At {
    pub(super) file: u32,
    pub(super) span: Span,
}

impl At {
    pub(super) fn to(self, other: Self) -> Self {
        Self {
            file: self.file,
            span: self.span.to(other.span),
        }
    }
}

#[derive(Debug)]
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) at: At,
    /// How deep the tree below is, which bounds every walk over it.
    pub(super) depth: u32,
}

#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(f64),
    String(Rc<str>),
    SelfObject,
    Dollar,
    Array(Vec<E>),
    ArrayComprehension(E, Rc<[Clause]>),
    Object(Rc<ObjectBody>),
    Index(E, E),
    Slice(E, [Option<E>; 3]),
    SuperIndex(E),
    InSuper(E),
    Call(Call),
    Variable(Symbol),
    Local(Rc<[Bind]>, E),
    If(E, E, Option<E>),
    Binary(Binary, E, E),
    Unary(Unary, E),
    Function(Rc<Lambda>),
    Assert(Rc<Assertion>, E),
    Import(Import, Rc<str>),
    Error(E),
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) target: E,
    pub(super) arguments: Vec<(Option<Symbol>, E)>,
    pub(super) is_tailstrict: bool,
}

#[derive(Debug)]
pub(super) struct Bind {
    pub(super) name: Symbol,
    pub(super) at: At,
    pub(super) value: E,
}

#[derive(Debug)]
pub(super) struct Lambda {
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: E,
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: Symbol,
    pub(super) text: Rc<str>,
    pub(super) default: Option<E>,
}

#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) condition: E,
    pub(super) message: Option<E>,
}

/// A part of a comprehension.
#[derive(Debug)]
pub(super) enum Clause {
    For(Symbol, E),
    If(E),
}

#[derive(Debug)]
pub(super) struct ObjectBody {
    pub(super) locals: Rc<[Bind]>,
    pub(super) asserts: Vec<Rc<Assertion>>,
    pub(super) fields: Vec<FieldTree>,
    /// The clauses of an object comprehension, which has one field.
    pub(super) clauses: Option<Rc<[Clause]>>,
}

#[derive(Debug)]
pub(super) struct FieldTree {
    pub(super) name: FieldName,
    pub(super) name_at: At,
    pub(super) is_plus: bool,
    pub(super) visibility: Visibility,
    pub(super) value: E,
}

#[derive(Debug)]
pub(super) enum FieldName {
    Fixed(Rc<str>),
    Computed(E),
}

/// `:`, `::` and `:::`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visibility {
    Inherited,
    Hidden,
    Forced,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Import {
    Code,
    String,
    Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Minus,
    Plus,
    BitNot,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    /// The operator that is written so.
    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "||" => Self::Or,
            "&&" => Self::And,
            "|" => Self::BitOr,
            "^" => Self::BitXor,
            "&" => Self::BitAnd,
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "in" => Self::In,
            "<<" => Self::ShiftLeft,
            ">>" => Self::ShiftRight,
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Remainder,
            _ => return None,
        })
    }

    /// How strongly it binds; all operators are left associative.
    pub(super) fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::BitOr => 3,
            Self::BitXor => 4,
            Self::BitAnd => 5,
            Self::Equal | Self::Unequal => 6,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual | Self::In => 7,
            Self::ShiftLeft | Self::ShiftRight => 8,
            Self::Add | Self::Subtract => 9,
            Self::Multiply | Self::Divide | Self::Remainder => 10,
        }
    }
}
