//! The tokens of Rego: their kinds, and what a message calls them.

/// What a token is.
///
/// Words that are keywords only where they were imported have their keyword's kind here; the parser takes those that
/// are not for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// No token: what is wrong with it was noted by the lexer.
    Illegal,
    End,
    Name,

    Package,
    Import,
    As,
    Default,
    Else,
    Not,
    Some,
    With,
    Null,
    True,
    False,
    In,
    Every,
    Contains,
    If,
    And,
    Or,

    Number,
    String,
    RawString,
    /// A template's text up to the brace that opens an expression.
    TemplatePart,
    /// A template's last text.
    TemplateEnd,
    RawTemplatePart,
    RawTemplateEnd,

    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftParenthesis,
    RightParenthesis,
    Comma,
    Colon,
    Semicolon,
    Dot,

    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Ampersand,
    Pipe,
    Unify,
    Assign,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether blanks or a comment stand before it.
    pub(super) spaced: bool,
    /// Whether a newline stands before it.
    pub(super) on_new_line: bool,
}

impl Kind {
    /// The kind of a word.
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "package" => Self::Package,
            "import" => Self::Import,
            "as" => Self::As,
            "default" => Self::Default,
            "else" => Self::Else,
            "not" => Self::Not,
            "some" => Self::Some,
            "with" => Self::With,
            "null" => Self::Null,
            "true" => Self::True,
            "false" => Self::False,
            "in" => Self::In,
            "every" => Self::Every,
            "contains" => Self::Contains,
            "if" => Self::If,
            "and" => Self::And,
            "or" => Self::Or,
            _ => Self::Name,
        }
    }

    /// Whether it is a word that is a keyword.
    pub(super) fn is_keyword(self) -> bool {
        (Self::Package as u8..=Self::Or as u8).contains(&(self as u8))
    }

    /// The builtin after an infix operator, and how tightly it binds.
    pub(super) fn operator(self) -> Option<(&'static str, u8)> {
        Some(match self {
            Self::Equal => ("equal", 0),
            Self::NotEqual => ("neq", 0),
            Self::Less => ("lt", 0),
            Self::Greater => ("gt", 0),
            Self::LessOrEqual => ("lte", 0),
            Self::GreaterOrEqual => ("gte", 0),
            Self::Pipe => ("or", 1),
            Self::Ampersand => ("and", 2),
            Self::Plus => ("plus", 3),
            Self::Minus => ("minus", 3),
            Self::Star => ("mul", 4),
            Self::Slash => ("div", 4),
            Self::Percent => ("rem", 4),
            _ => return None,
        })
    }
}
