//! The syntax tree of CUE.

use std::rc::Rc;

use crate::document::Span;

pub(super) type E = Rc<Expr>;

#[derive(Debug)]
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// `_`
    Top,
    /// `_|_`
    Bottom,
    Null,
    Bool(bool),
    /// A number as a decimal; whether it is an integer.
    Number(String, bool),
    String(Vec<Part>),
    Bytes(Vec<Part>),
    Name(Rc<str>),
    Select(E, Rc<str>),
    Index(E, E),
    Call(E, Vec<E>),
    Unary(&'static str, E),
    Binary(&'static str, E, E),
    Struct(Rc<Struct>),
    List(Vec<Item>),
}

/// A part of a string.
#[derive(Debug)]
pub(super) enum Part {
    Text(Vec<u8>),
    Value(E),
}

#[derive(Debug)]
pub(super) enum Item {
    Value(E),
    /// `...` with the type of further items.
    Open(Option<E>),
    Comprehension(Rc<Comprehension>),
}

#[derive(Debug, Default)]
pub(super) struct Struct {
    pub(super) declarations: Vec<Declaration>,
}

#[derive(Debug)]
pub(super) enum Declaration {
    Field(Field),
    Let(Rc<str>, E),
    Embedded(E),
    Comprehension(Rc<Comprehension>),
    /// `...`
    Open,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) label: Label,
    pub(super) label_span: Span,
    pub(super) need: Need,
    pub(super) value: E,
}

#[derive(Debug)]
pub(super) enum Label {
    /// A name that other fields can refer to.
    Name(Rc<str>),
    /// A string.
    Fixed(Rc<str>),
    /// `(expression)` or a string with interpolation.
    Computed(E),
    /// `[pattern]`
    Pattern(E),
}

/// Whether a field is there: `a`, `a?` and `a!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Regular,
    Required,
    Optional,
}

#[derive(Debug)]
pub(super) struct Comprehension {
    pub(super) clauses: Vec<Clause>,
    pub(super) value: E,
}

#[derive(Debug)]
pub(super) enum Clause {
    For(Option<Rc<str>>, Rc<str>, E),
    If(E),
    Let(Rc<str>, E),
}

/// A file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) imports: Vec<Import>,
    pub(super) root: E,
}

/// An import of a package.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) name: Rc<str>,
    pub(super) path: Rc<str>,
    pub(super) span: Span,
}
