//! Expressions, as far as a document shows them: what stays text is known by its place alone, unless the parser was
//! asked for whole expressions.

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
    /// All that stays text; what it is, where whole expressions are asked for.
    Other(Option<Box<Deep<'a>>>),
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
    pub(super) condition: Expression<'a>,
    pub(super) held: Expression<'a>,
    pub(super) other: Expression<'a>,
}

/// A part of a template; directives are balanced.
pub(super) enum Part<'a> {
    Text(Cow<'a, str>),
    Interpolation(Expression<'a>),
    If(Expression<'a>),
    For(Box<LoopHead<'a>>),
    Else,
    EndIf,
    EndFor,
}

/// `key, value in collection`.
pub(super) struct LoopHead<'a> {
    pub(super) key: Option<Span>,
    pub(super) value: Span,
    pub(super) collection: Expression<'a>,
}

/// What an expression is that stays text in a document.
pub(super) enum Deep<'a> {
    /// Operands with operators between them, in the order of the text.
    Operation(Vec<Expression<'a>>, Vec<Span>),
    /// Signs before an operand.
    Signed(Vec<Sign>, Expression<'a>),
    Parenthesis(Expression<'a>),
    Call {
        name: Span,
        arguments: Vec<Expression<'a>>,
        /// Whether the last argument is followed by `...`.
        is_expanded: bool,
    },
    Steps(Expression<'a>, Vec<Step<'a>>),
    For {
        head: LoopHead<'a>,
        key: Option<Expression<'a>>,
        value: Expression<'a>,
        /// Whether values of the same key are grouped.
        is_grouped: bool,
        condition: Option<Expression<'a>>,
    },
}

/// A step from a value.
pub(super) enum Step<'a> {
    /// `.name`, `.0`.
    Attribute(Span),
    Index(Expression<'a>),
    /// `.*` with the attributes after it.
    AttributeSplat(Vec<Span>),
    /// `[*]`.
    Splat,
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
