//! How strongly operators bind, and the nodes that they make. Follows groovy-parser-go parser/expr.go: infixInfo.

use super::token::Kind;

pub(super) const ASSIGNMENT: u8 = 2;
pub(super) const TERNARY: u8 = 4;
pub(super) const RANGE: u8 = 26;
pub(super) const UNARY: u8 = 34;
pub(super) const CALL: u8 = 40;

/// An operator after an operand: its strength, that of its right operand, and its node.
pub(super) fn infix(kind: Kind) -> Option<(u8, u8, &'static str)> {
    Some(match kind {
        Kind::Assign
        | Kind::PlusAssign
        | Kind::MinusAssign
        | Kind::StarAssign
        | Kind::DivAssign
        | Kind::ModAssign
        | Kind::PowerAssign
        | Kind::BitwiseAndAssign
        | Kind::BitwiseOrAssign
        | Kind::BitwiseXorAssign
        | Kind::LeftShiftAssign
        | Kind::RightShiftAssign
        | Kind::UnsignedRightShiftAssign
        | Kind::ElvisAssign => (ASSIGNMENT, ASSIGNMENT - 1, "AssignExpr"),
        Kind::Question => (TERNARY, 0, "TernaryExpr"),
        Kind::Elvis => (6, 5, "ElvisExpr"),
        Kind::Implication => (8, 8, "BinaryExpr"),
        Kind::Or => (10, 10, "BinaryExpr"),
        Kind::And => (12, 12, "BinaryExpr"),
        Kind::BitwiseOr => (14, 14, "BinaryExpr"),
        Kind::BitwiseXor => (16, 16, "BinaryExpr"),
        Kind::BitwiseAnd => (18, 18, "BinaryExpr"),
        Kind::Equal
        | Kind::NotEqual
        | Kind::Spaceship
        | Kind::IdentityEqual
        | Kind::IdentityNotEqual
        | Kind::Regex
        | Kind::Match => (20, 20, "BinaryExpr"),
        Kind::Lt | Kind::Gt | Kind::LtEqual | Kind::GtEqual | Kind::KwIn | Kind::NotIn => (22, 22, "BinaryExpr"),
        Kind::KwInstanceof | Kind::NotInstanceof => (22, 22, "InstanceofExpr"),
        Kind::KwAs => (22, 22, "CastExpr"),
        Kind::LeftShift | Kind::RightShift | Kind::UnsignedRightShift => (24, 24, "BinaryExpr"),
        Kind::Range | Kind::HalfOpenRight | Kind::HalfOpenLeft | Kind::FullOpen => (RANGE, RANGE, "RangeExpr"),
        Kind::Plus | Kind::Minus => (28, 28, "BinaryExpr"),
        Kind::Star | Kind::Div | Kind::Mod => (30, 30, "BinaryExpr"),
        Kind::Power => (32, 31, "BinaryExpr"),
        Kind::Inc | Kind::Dec => (36, 36, "PostfixExpr"),
        Kind::Dot => (38, 38, "PropertyExpr"),
        Kind::SafeNav => (38, 38, "SafeNavExpr"),
        Kind::Spread => (38, 38, "SpreadPropertyExpr"),
        Kind::MethodPointer => (38, 38, "MethodPointerExpr"),
        Kind::FieldAccess => (38, 38, "FieldAccessExpr"),
        Kind::MethodRef => (38, 38, "MethodRefExpr"),
        Kind::LParen | Kind::LBrace => (CALL, 0, "CallExpr"),
        Kind::LBrack | Kind::SafeIndex => (CALL, 0, "IndexExpr"),
        _ => return None,
    })
}
