//! Expressions, as far as a document shows them: what stays text is known by its place alone.

use std::borrow::Cow;

use crate::document::Span;

/// An expression and its place.
pub(super) struct Expression<'a> {
    pub(super) shape: Shape<'a>,
    pub(super) span: Span,
}

/// What an expression is.
pub(super) enum Shape<'a> {
    Literal(Literal),
    /// A sign before a literal.
    Signed(Sign, Literal, Span),
    /// A name, and steps from it that are known beforehand: `a.b[0]`.
    Traversal,
    Tuple(Vec<Expression<'a>>),
    Object(Vec<(Expression<'a>, Expression<'a>)>),
    /// A quoted text or heredoc.
    Template(Vec<Part<'a>>),
    /// A template that is nothing but `${e}`.
    Wrapped(Box<Expression<'a>>),
    Conditional(Box<Conditional<'a>>),
    /// All that stays text.
    Other,
}

/// A value that was written as such.
#[derive(Clone, Copy)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number,
}

/// The sign before a literal.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    Minus,
    Not,
}

/// `condition ? held : other`.
pub(super) struct Conditional<'a> {
    pub(super) condition: Span,
    pub(super) held: Expression<'a>,
    pub(super) other: Expression<'a>,
}

/// A part of a template; directives are balanced.
pub(super) enum Part<'a> {
    Text(Cow<'a, str>),
    Interpolation(Expression<'a>),
    If(Span),
    For {
        key: Option<Span>,
        value: Span,
        collection: Span,
    },
    Else,
    EndIf,
    EndFor,
}

impl Expression<'_> {
    /// Whether the expression, as an index, is known beforehand.
    pub(super) fn is_constant(&self) -> bool {
        match &self.shape {
            Shape::Literal(_) => true,
            Shape::Template(parts) => matches!(parts.as_slice(), [Part::Text(_)]),
            _ => false,
        }
    }
}
