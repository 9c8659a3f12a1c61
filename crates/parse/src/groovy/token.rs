//! The tokens of Groovy 2.4, by the names that conftest gives them.

use crate::document::Span;

/// Declares the kinds with their names, and which of them are keywords.
macro_rules! kinds {
    ($($kind:ident)* ; $($keyword:ident = $text:literal)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            $($kind,)*
            $($keyword,)*
        }

        impl Kind {
            /// Its name in the document.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)*
                    $(Self::$keyword => stringify!($keyword),)*
                }
            }

            /// The keyword of this text.
            pub(super) fn keyword(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$keyword),)*
                    _ => None,
                }
            }

            pub(super) fn is_keyword(self) -> bool {
                matches!(self, $(Self::$keyword)|*)
            }
        }
    };
}

kinds! {
    IntLiteral FloatLiteral StringLiteral GStringBegin GStringPart GStringEnd GStringFull NullLiteral BoolLiteral
    SlashyStringLit DollarSlashyStringLit Identifier CapitalizedIdentifier
    Plus Minus Star Div Mod Power Assign Equal NotEqual Lt Gt LtEqual GtEqual Spaceship IdentityEqual IdentityNotEqual
    And Or Not BitwiseAnd BitwiseOr BitwiseXor BitwiseNot LeftShift RightShift UnsignedRightShift
    PlusAssign MinusAssign StarAssign DivAssign ModAssign PowerAssign BitwiseAndAssign BitwiseOrAssign BitwiseXorAssign
    LeftShiftAssign RightShiftAssign UnsignedRightShiftAssign
    SafeNav NullSafe Spread MethodPointer FieldAccess Elvis Range HalfOpenRight HalfOpenLeft FullOpen Regex Match
    Arrow Inc Dec MethodRef Question SafeIndex ElvisAssign Implication NotIn NotInstanceof
    LParen RParen LBrace RBrace LBrack RBrack Dot Comma Semi Colon At Ellipsis
    Semicolon Eof
    ;
    KwAs = "as" KwAssert = "assert" KwBreak = "break" KwCase = "case" KwCatch = "catch" KwClass = "class"
    KwContinue = "continue" KwDef = "def" KwDefault = "default" KwDo = "do" KwElse = "else" KwEnum = "enum"
    KwExtends = "extends" KwFinal = "final" KwFinally = "finally" KwFor = "for" KwIf = "if"
    KwImplements = "implements" KwImport = "import" KwIn = "in" KwInstanceof = "instanceof"
    KwInterface = "interface" KwNew = "new" KwPackage = "package" KwReturn = "return" KwStatic = "static"
    KwSuper = "super" KwSwitch = "switch" KwThis = "this" KwThrow = "throw" KwThrows = "throws" KwTrait = "trait"
    KwTry = "try" KwWhile = "while" KwAbstract = "abstract" KwNative = "native" KwPrivate = "private"
    KwProtected = "protected" KwPublic = "public" KwSynchronized = "synchronized" KwTransient = "transient"
    KwVolatile = "volatile" KwStrictfp = "strictfp" KwThreadsafe = "threadsafe" KwVoid = "void"
    KwBoolean = "boolean" KwByte = "byte" KwChar = "char" KwShort = "short" KwInt = "int" KwLong = "long"
    KwFloat = "float" KwDouble = "double"
}

/// A token; one that a line break stands for is empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// Operators, the longest first.
pub(super) const OPERATORS: &[(&str, Kind)] = &[
    (">>>=", Kind::UnsignedRightShiftAssign),
    ("<..<", Kind::FullOpen),
    ("<..", Kind::HalfOpenLeft),
    ("**=", Kind::PowerAssign),
    ("==>", Kind::Implication),
    ("==~", Kind::Match),
    ("===", Kind::IdentityEqual),
    ("!==", Kind::IdentityNotEqual),
    ("<=>", Kind::Spaceship),
    ("<<=", Kind::LeftShiftAssign),
    (">>>", Kind::UnsignedRightShift),
    (">>=", Kind::RightShiftAssign),
    ("??.", Kind::NullSafe),
    ("...", Kind::Ellipsis),
    ("..<", Kind::HalfOpenRight),
    ("+=", Kind::PlusAssign),
    ("++", Kind::Inc),
    ("->", Kind::Arrow),
    ("-=", Kind::MinusAssign),
    ("--", Kind::Dec),
    ("**", Kind::Power),
    ("*.", Kind::Spread),
    ("*=", Kind::StarAssign),
    ("/=", Kind::DivAssign),
    ("%=", Kind::ModAssign),
    ("==", Kind::Equal),
    ("=~", Kind::Regex),
    ("!=", Kind::NotEqual),
    ("<=", Kind::LtEqual),
    ("<<", Kind::LeftShift),
    (">>", Kind::RightShift),
    (">=", Kind::GtEqual),
    ("&&", Kind::And),
    ("&=", Kind::BitwiseAndAssign),
    ("||", Kind::Or),
    ("|=", Kind::BitwiseOrAssign),
    ("^=", Kind::BitwiseXorAssign),
    ("?:", Kind::Elvis),
    ("?.", Kind::SafeNav),
    ("?[", Kind::SafeIndex),
    ("?=", Kind::ElvisAssign),
    ("..", Kind::Range),
    (".@", Kind::FieldAccess),
    (".&", Kind::MethodPointer),
    ("::", Kind::MethodRef),
    ("+", Kind::Plus),
    ("-", Kind::Minus),
    ("*", Kind::Star),
    ("/", Kind::Div),
    ("%", Kind::Mod),
    ("=", Kind::Assign),
    ("!", Kind::Not),
    ("<", Kind::Lt),
    (">", Kind::Gt),
    ("&", Kind::BitwiseAnd),
    ("|", Kind::BitwiseOr),
    ("^", Kind::BitwiseXor),
    ("~", Kind::BitwiseNot),
    ("?", Kind::Question),
    (".", Kind::Dot),
    (":", Kind::Colon),
    ("(", Kind::LParen),
    (")", Kind::RParen),
    ("{", Kind::LBrace),
    ("}", Kind::RBrace),
    ("[", Kind::LBrack),
    ("]", Kind::RBrack),
    (",", Kind::Comma),
    (";", Kind::Semi),
    ("@", Kind::At),
];

impl Kind {
    /// Whether a line break after it can end a statement.
    pub(super) fn ends_statement(self) -> bool {
        matches!(
            self,
            Self::Identifier
                | Self::CapitalizedIdentifier
                | Self::IntLiteral
                | Self::FloatLiteral
                | Self::StringLiteral
                | Self::GStringEnd
                | Self::GStringFull
                | Self::NullLiteral
                | Self::BoolLiteral
                | Self::SlashyStringLit
                | Self::DollarSlashyStringLit
                | Self::KwBreak
                | Self::KwContinue
                | Self::KwReturn
                | Self::KwThis
                | Self::KwSuper
                | Self::Inc
                | Self::Dec
                | Self::RParen
                | Self::RBrack
                | Self::RBrace
        )
    }

    /// Whether `/` after it begins a string.
    pub(super) fn precedes_slashy(self) -> bool {
        let is_word = matches!(
            self,
            Self::KwReturn
                | Self::KwIf
                | Self::KwWhile
                | Self::KwFor
                | Self::KwCase
                | Self::KwIn
                | Self::KwAssert
                | Self::KwThrow
                | Self::KwNew
                | Self::KwDef
                | Self::KwElse
                | Self::KwDo
                | Self::KwSwitch
        );
        let is_value = matches!(
            self,
            Self::RParen
                | Self::RBrack
                | Self::RBrace
                | Self::Inc
                | Self::Dec
                | Self::SafeIndex
                | Self::Ellipsis
                | Self::Eof
                | Self::IntLiteral
                | Self::FloatLiteral
                | Self::StringLiteral
                | Self::GStringBegin
                | Self::GStringPart
                | Self::GStringEnd
                | Self::GStringFull
                | Self::NullLiteral
                | Self::BoolLiteral
                | Self::SlashyStringLit
                | Self::DollarSlashyStringLit
                | Self::Identifier
                | Self::CapitalizedIdentifier
        );
        is_word || !(self.is_keyword() || is_value)
    }

    pub(super) fn is_name(self) -> bool {
        matches!(self, Self::Identifier | Self::CapitalizedIdentifier)
    }

    /// The name of a primitive type.
    pub(super) fn is_primitive(self) -> bool {
        matches!(
            self,
            Self::KwVoid
                | Self::KwBoolean
                | Self::KwByte
                | Self::KwChar
                | Self::KwShort
                | Self::KwInt
                | Self::KwLong
                | Self::KwFloat
                | Self::KwDouble
        )
    }

    pub(super) fn is_modifier(self) -> bool {
        matches!(
            self,
            Self::KwPublic
                | Self::KwPrivate
                | Self::KwProtected
                | Self::KwStatic
                | Self::KwAbstract
                | Self::KwFinal
                | Self::KwNative
                | Self::KwSynchronized
                | Self::KwTransient
                | Self::KwVolatile
                | Self::KwStrictfp
                | Self::KwThreadsafe
        )
    }

    pub(super) fn is_class_like(self) -> bool {
        matches!(self, Self::KwClass | Self::KwInterface | Self::KwEnum | Self::KwTrait)
    }

    /// A literal without interpolation.
    pub(super) fn is_plain_string(self) -> bool {
        matches!(
            self,
            Self::StringLiteral | Self::GStringFull | Self::SlashyStringLit | Self::DollarSlashyStringLit
        )
    }

    pub(super) fn is_separator(self) -> bool {
        matches!(self, Self::Semi | Self::Semicolon)
    }

    pub(super) fn starts_expression(self) -> bool {
        self.is_name()
            || self.is_plain_string()
            || self.is_primitive()
            || matches!(
                self,
                Self::IntLiteral
                    | Self::FloatLiteral
                    | Self::GStringBegin
                    | Self::BoolLiteral
                    | Self::NullLiteral
                    | Self::KwThis
                    | Self::KwSuper
                    | Self::KwNew
                    | Self::KwSwitch
                    | Self::LParen
                    | Self::LBrack
                    | Self::LBrace
                    | Self::Plus
                    | Self::Minus
                    | Self::Star
                    | Self::Not
                    | Self::BitwiseNot
                    | Self::Inc
                    | Self::Dec
                    | Self::At
                    | Self::HalfOpenLeft
                    | Self::FullOpen
            )
    }

    /// Whether it can begin the argument of a call without parentheses.
    pub(super) fn starts_argument(self) -> bool {
        self.is_name()
            || self.is_plain_string()
            || matches!(
                self,
                Self::GStringBegin
                    | Self::IntLiteral
                    | Self::FloatLiteral
                    | Self::BoolLiteral
                    | Self::NullLiteral
                    | Self::LParen
                    | Self::LBrack
                    | Self::KwNew
                    | Self::KwThis
                    | Self::KwSuper
                    | Self::BitwiseNot
            )
    }
}
