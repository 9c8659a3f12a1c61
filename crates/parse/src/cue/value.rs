//! What CUE computes with.

use std::cmp::Ordering;
use std::rc::Rc;

use regex::Regex;

/// The number of a vertex.
pub(super) type VertexId = usize;

/// A value without fields of its own; structs and lists are kept in their vertex.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// Any value.
    Top,
    Null,
    Bool(bool),
    Number(Num),
    String(Rc<str>),
    Bytes(Rc<[u8]>),
    /// A type with bounds.
    Type(Types, Rc<[Bound]>),
    Struct,
    List,
    /// One of several, each with a mark of a default.
    Choice(Rc<[(VertexId, bool)]>),
}

/// A number: exact while it is an integer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Num {
    Int(i128),
    Float(f64),
}

impl Num {
    pub(super) fn as_f64(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(&b),
            (a, b) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        }
    }

    /// Its text in a string.
    pub(super) fn text(self) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::Float(number) if number == number.trunc() && number.abs() < 1e15 => format!("{number:.1}"),
            Self::Float(number) => format!("{number}"),
        }
    }
}

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(pub(super) u16);

impl Types {
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOL: Self = Self(2);
    pub(super) const INT: Self = Self(4);
    pub(super) const FLOAT: Self = Self(8);
    pub(super) const NUMBER: Self = Self(12);
    pub(super) const STRING: Self = Self(16);
    pub(super) const BYTES: Self = Self(32);
    pub(super) const STRUCT: Self = Self(64);
    pub(super) const LIST: Self = Self(128);
    pub(super) const ALL: Self = Self(255);

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A bound of a value.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// An operator and what it compares with.
    Compare(&'static str, Val),
    Match(Rc<Regex>, bool),
    /// A length in runes, or in items.
    Length(&'static str, usize),
}

impl Val {
    /// The types that it may have.
    pub(super) fn types(&self) -> Types {
        match self {
            Self::Top | Self::Choice(_) => Types::ALL,
            Self::Null => Types::NULL,
            Self::Bool(_) => Types::BOOL,
            Self::Number(Num::Int(_)) => Types::INT,
            Self::Number(Num::Float(_)) => Types::FLOAT,
            Self::String(_) => Types::STRING,
            Self::Bytes(_) => Types::BYTES,
            Self::Type(types, _) => *types,
            Self::Struct => Types::STRUCT,
            Self::List => Types::LIST,
        }
    }

    /// A short text for messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Top => "_".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Bool(flag) => flag.to_string(),
            Self::Number(number) => number.text(),
            Self::String(text) => format!("{text:?}"),
            Self::Bytes(_) => "bytes".to_owned(),
            Self::Struct => "a struct".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Choice(_) => "one of several values".to_owned(),
            Self::Type(types, bounds) => {
                let name = match *types {
                    Types::NULL => "null",
                    Types::BOOL => "bool",
                    Types::INT => "int",
                    Types::FLOAT => "float",
                    Types::NUMBER => "number",
                    Types::STRING => "string",
                    Types::BYTES => "bytes",
                    _ => "_",
                };
                match bounds.first() {
                    Some(Bound::Compare(operator, value)) => format!("{operator}{}", value.shown()),
                    Some(Bound::Match(pattern, true)) => format!("=~{:?}", pattern.as_str()),
                    Some(Bound::Match(pattern, false)) => format!("!~{:?}", pattern.as_str()),
                    Some(Bound::Length(..)) | None => name.to_owned(),
                }
            }
        }
    }

    /// Whether it is a value of JSON, and not only a type.
    pub(super) fn is_concrete(&self) -> bool {
        !matches!(self, Self::Top | Self::Type(..) | Self::Choice(_))
    }

    /// How two values of one type compare.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.compare(*b)),
            (Self::String(a), Self::String(b)) => Some(a.cmp(b)),
            (Self::Bytes(a), Self::Bytes(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// Whether two scalars are equal, whatever their types.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            _ => self.compare(other).is_some_and(Ordering::is_eq),
        }
    }

    /// What both values are; none if nothing is.
    pub(super) fn unify(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Top, value) | (value, Self::Top) => Some(value.clone()),
            (Self::Type(a, left), Self::Type(b, right)) => {
                let types = a.and(*b);
                let bounds: Rc<[Bound]> = left.iter().chain(right.iter()).cloned().collect();
                (!types.is_empty()).then_some(Self::Type(types, bounds))
            }
            (Self::Type(types, bounds), value) | (value, Self::Type(types, bounds)) => {
                let fits = !types.and(value.types()).is_empty() && bounds.iter().all(|bound| bound.holds(value));
                fits.then(|| value.clone())
            }
            (Self::Struct, Self::Struct) => Some(Self::Struct),
            (Self::List, Self::List) => Some(Self::List),
            (a, b) => (a.types() == b.types() && a.equals(b)).then(|| a.clone()),
        }
    }
}

impl Bound {
    pub(super) fn holds(&self, value: &Val) -> bool {
        match self {
            Self::Compare("!=", other) => !value.equals(other),
            Self::Compare("==", other) => value.equals(other),
            Self::Compare(operator, other) => value.compare(other).is_some_and(|order| holds(operator, order)),
            Self::Match(pattern, wanted) => match value {
                Val::String(text) => pattern.is_match(text) == *wanted,
                _ => false,
            },
            Self::Length(operator, length) => match value {
                Val::String(text) => holds(operator, text.chars().count().cmp(length)),
                _ => true,
            },
        }
    }
}

/// Whether an order is one that an operator of comparison asks for.
pub(super) fn holds(operator: &str, order: Ordering) -> bool {
    match operator {
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        "==" => order.is_eq(),
        _ => order.is_ne(),
    }
}
