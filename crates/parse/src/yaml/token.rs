//! Tokens: what the scanner finds and the parser puts together.

use kpolicy_value::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The end of the text.
    End,
    /// `%YAML 1.1`.
    Version,
    /// `%TAG !handle! prefix`.
    TagDirective,
    /// `---`
    DocumentStart,
    /// `...`
    DocumentEnd,
    /// A list in a block starts.
    SequenceStart,
    /// A mapping in a block starts.
    MappingStart,
    /// A block ends.
    BlockEnd,
    /// `[`
    OpenSequence,
    /// `]`
    CloseSequence,
    /// `{`
    OpenMapping,
    /// `}`
    CloseMapping,
    /// `- `
    Entry,
    /// `,`
    Comma,
    /// A key follows.
    Key,
    /// `: `
    Value,
    /// `*name`
    Alias,
    /// `&name`
    Anchor,
    /// `!tag`
    Tag,
    /// A scalar.
    Scalar(Style),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes.
    Plain,
    /// In quotes.
    Quoted,
    /// After `|` or `>`.
    Block,
}

/// Where a token's text is: a range of the text that is read, or of what the scanner wrote.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) written: bool,
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it stands.
    pub(super) span: Span,
    /// The text of a scalar, the name of an anchor or alias, the suffix of a tag, the prefix of a directive.
    pub(super) text: Held,
    /// Where the handle of a tag ends, which starts where the token does; the version of `%YAML` is 10 × major + minor.
    pub(super) extra: u32,
}

impl Token {
    /// A token without a text.
    pub(super) fn bare(kind: Kind, start: usize, end: usize) -> Self {
        Self {
            kind,
            span: span(start, end),
            text: Held::default(),
            extra: 0,
        }
    }
}

/// A range of the text. Text over 4 GiB is refused before it is scanned.
#[allow(clippy::cast_possible_truncation)]
#[inline]
pub(super) fn span(start: usize, end: usize) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
    }
}
