//! The words that a text of HCL is made of.

use crate::document::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Identifier,
    Number,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    /// The quote before a quoted text.
    OpenQuote,
    /// The quote after it.
    CloseQuote,
    /// `<<WORD` or `<<-WORD` with the end of its line.
    OpenHeredoc,
    /// The closing word with the blanks around it.
    CloseHeredoc,
    /// A piece of a quoted text, its escapes unread.
    QuotedText,
    /// A piece of a heredoc, at most to the end of its line.
    HeredocText,
    /// `${` or `${~`.
    Interpolation,
    /// `%{` or `%{~`.
    Directive,
    /// The `}` or `~}` after an interpolation or directive.
    CloseTemplate,
    /// An end of line, or a comment that ends with one.
    Newline,
    Dot,
    Comma,
    Colon,
    DoubleColon,
    Question,
    Equals,
    Arrow,
    Ellipsis,
    Minus,
    Bang,
    Star,
    /// An operator between two operands that has no other use.
    Operator,
    /// A line end within a quoted text.
    QuotedNewline,
    /// What HCL does not know.
    Invalid,
    End,
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

impl Kind {
    /// Whether an operand can stand on either side.
    pub(super) fn is_binary(self) -> bool {
        matches!(self, Self::Minus | Self::Star | Self::Operator)
    }
}
