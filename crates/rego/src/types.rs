//! The types that OPA gives terms, as far as policies are checked by them.
//!
//! Parts are shared, and a type that would be deeper or larger than any policy needs is any value: rules built on rules
//! double a type at every step, and nothing may take longer for it.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::builtins::registry::split;
use kpolicy_value::Value;

/// A type.
#[derive(Clone, Debug)]
pub enum Type {
    /// Nothing is known yet, or there is none.
    Unknown,
    /// `null`
    Null,
    /// A boolean.
    Boolean,
    /// A number.
    Number,
    /// A text.
    String,
    /// An array.
    Array(Arc<Array>),
    /// An object.
    Object(Arc<Object>),
    /// A set of members of this type.
    Set(Arc<Set>),
    /// Any value at all.
    Any,
    /// One of these: at least two, sorted and distinct.
    OneOf(Arc<OneOf>),
    /// A function.
    Function(Arc<Function>),
}

/// The types of an array's first items, and of all further ones where there can be any.
#[derive(Debug)]
pub struct Array {
    /// The first items.
    pub first: Vec<Type>,
    /// All further ones.
    pub rest: Type,
    values: OnceLock<Type>,
    measure: Measure,
}

/// The types under known keys, sorted by them, and of other keys and values where there can be any.
#[derive(Debug)]
pub struct Object {
    /// The known keys.
    pub known: Vec<(Value, Type)>,
    /// The others.
    pub others: Option<(Type, Type)>,
    keys: OnceLock<Type>,
    values: OnceLock<Type>,
    measure: Measure,
}

/// The type of a set's members.
#[derive(Debug)]
pub struct Set {
    /// The members.
    pub of: Type,
    measure: Measure,
}

/// Alternatives.
#[derive(Debug)]
pub struct OneOf {
    /// The alternatives, sorted and distinct.
    pub types: Vec<Type>,
    measure: Measure,
}

/// What a function takes and gives.
#[derive(Debug)]
pub struct Function {
    /// What it takes.
    pub operands: Vec<Type>,
    /// Any number of further operands.
    pub variadic: Type,
    /// What it gives.
    pub result: Type,
    measure: Measure,
}

/// How large a type is, and whether a part of it is unknown.
#[derive(Clone, Copy, Debug)]
struct Measure {
    depth: u32,
    size: u32,
    unknown: bool,
}

/// The deepest type that is reported from any value.
const DEEPEST: u32 = 128;
/// The most parts of a type that is reported from any value.
const LARGEST: u32 = 1 << 16;

impl Measure {
    fn of<'a>(parts: impl Iterator<Item = &'a Type>) -> Self {
        let start = Self {
            depth: 1,
            size: 1,
            unknown: false,
        };
        parts.map(Type::measure).fold(start, |sum, part| Self {
            depth: sum.depth.max(part.depth + 1),
            size: sum.size.saturating_add(part.size),
            unknown: sum.unknown || part.unknown,
        })
    }

    fn fits(self) -> bool {
        self.depth <= DEEPEST && self.size <= LARGEST
    }
}

impl Type {
    /// An array of these items, and of others of one type.
    pub fn array(first: Vec<Self>, rest: Self) -> Self {
        let mut measure = Measure::of(first.iter().chain([&rest]));
        // No type of further items means that there are none.
        measure.unknown = first.iter().any(Self::is_unknown) || (rest.is_known() && rest.is_unknown());
        match measure.fits() {
            true => Self::Array(Arc::new(Array {
                first,
                rest,
                values: OnceLock::new(),
                measure,
            })),
            false => Self::Any,
        }
    }

    /// An object of these entries, and of others of one type.
    pub fn object(mut known: Vec<(Value, Self)>, others: Option<(Self, Self)>) -> Self {
        for (key, _) in &mut known {
            if let Some(as_json) = as_json(key) {
                *key = as_json;
            }
        }
        if !known.is_sorted_by(|a, b| a.0 < b.0) {
            known.sort_by(|a, b| a.0.cmp(&b.0));
        }
        let parts = known.iter().map(|(_, value)| value);
        let measure = Measure::of(parts.chain(others.iter().flat_map(|(key, value)| [key, value])));
        match measure.fits() {
            true => Self::Object(Arc::new(Object {
                known,
                others,
                keys: OnceLock::new(),
                values: OnceLock::new(),
                measure,
            })),
            false => Self::Any,
        }
    }

    /// A set of such members.
    pub fn set(of: Self) -> Self {
        let measure = Measure::of([&of].into_iter());
        match measure.fits() {
            true => Self::Set(Arc::new(Set { of, measure })),
            false => Self::Any,
        }
    }

    /// A function.
    pub fn function(operands: Vec<Self>, variadic: Self, result: Self) -> Self {
        let measure = Measure::of(
            operands
                .iter()
                .chain([&result])
                .chain(Some(&variadic).filter(|of| of.is_known())),
        );
        Self::Function(Arc::new(Function {
            operands,
            variadic,
            result,
            measure,
        }))
    }

    /// One of these types.
    pub fn union(types: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for each in types {
            match each {
                Self::Unknown => {}
                Self::Any => return Self::Any,
                Self::OneOf(alternatives) => all.extend(alternatives.types.iter().cloned()),
                Self::Function(_) => return Self::Unknown,
                other => all.push(other),
            }
        }
        all.sort();
        all.dedup();
        match all.len() {
            0 => Self::Unknown,
            1 => all.remove(0),
            _ => {
                let measure = Measure::of(all.iter());
                match measure.fits() {
                    true => Self::OneOf(Arc::new(OneOf { types: all, measure })),
                    false => Self::Any,
                }
            }
        }
    }

    /// One of these types, one after the other: what comes before a function, and the function, is forgotten.
    fn one_after_the_other(types: impl Iterator<Item = Self>) -> Self {
        let types: Vec<Self> = types.collect();
        match types.iter().any(|of| matches!(of, Self::Function(_))) {
            true => types.iter().fold(Self::Unknown, |all, of| all.or(of)),
            false => Self::union(types),
        }
    }

    /// This type or the other.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Unknown, other) => other.clone(),
            (this, Self::Unknown) => this.clone(),
            (Self::Function(a), Self::Function(b)) => a.union(b),
            (Self::Function(_), _) | (_, Self::Function(_)) => Self::Unknown,
            (this, other) => Self::union([this.clone(), other.clone()]),
        }
    }

    /// The type of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(items) => Self::array(items.iter().map(Self::of).collect(), Self::Unknown),
            Value::Object(object) => {
                let known = object.iter().map(|(key, value)| (key.clone(), Self::of(value)));
                Self::object(known.collect(), None)
            }
            Value::Set(set) => Self::set(Self::union(set.iter().map(Self::of))),
        }
    }

    /// Whether it is the type of a collection that can hold nothing: `[]`, `{}`, `set()`.
    ///
    /// Follows OPA v1.22 ast/check.go: isEmptyCollectionType.
    pub fn is_empty_collection(&self) -> bool {
        match self {
            Self::Array(array) => array.first.is_empty() && !array.rest.is_known(),
            Self::Object(object) => object.known.is_empty() && object.others.is_none(),
            Self::Set(set) => !set.of.is_known(),
            _ => false,
        }
    }

    /// The type with any value in the place of every empty collection in it.
    ///
    /// Follows OPA v1.22 ast/check.go: relaxEmptyCollections.
    #[must_use]
    pub fn relaxed(&self) -> Self {
        if self.is_empty_collection() {
            return Self::Any;
        }
        match self {
            Self::Array(array) => {
                let first = array.first.iter().map(Self::relaxed).collect();
                Self::array(first, array.rest.relaxed())
            }
            Self::Object(object) => {
                let known = object.known.iter().map(|(key, of)| (key.clone(), of.relaxed()));
                let others = object.others.as_ref().map(|(key, of)| (key.clone(), of.relaxed()));
                Self::object(known.collect(), others)
            }
            Self::Set(set) => Self::set(set.of.relaxed()),
            Self::OneOf(one_of) => Self::union(one_of.types.iter().map(Self::relaxed)),
            other => other.clone(),
        }
    }

    /// Whether anything is said.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// Whether it, or a part of it, is unknown.
    pub fn is_unknown(&self) -> bool {
        self.measure().unknown
    }

    fn measure(&self) -> Measure {
        match self {
            Self::Array(array) => array.measure,
            Self::Object(object) => object.measure,
            Self::Set(set) => set.measure,
            Self::Function(function) => function.measure,
            Self::OneOf(one_of) => Measure {
                unknown: false,
                ..one_of.measure
            },
            Self::Unknown => Measure {
                depth: 1,
                size: 1,
                unknown: true,
            },
            _ => Measure {
                depth: 1,
                size: 1,
                unknown: false,
            },
        }
    }

    /// The type of what looks into a value of this type.
    pub fn keys(&self) -> Self {
        match self {
            Self::Array(_) => Self::Number,
            Self::Object(object) => object
                .keys
                .get_or_init(|| {
                    let known = object.known.iter().map(|(key, _)| Self::of(key));
                    Self::union(known.chain(object.others.iter().map(|(key, _)| key.clone())))
                })
                .clone(),
            Self::Set(set) => set.of.clone(),
            Self::Any => Self::Any,
            Self::OneOf(one_of) => Self::union(one_of.types.iter().map(Self::keys)),
            _ => Self::Unknown,
        }
    }

    /// The type of what a value of this type holds.
    pub fn values(&self) -> Self {
        match self {
            Self::Array(array) => array
                .values
                .get_or_init(|| Self::union(array.first.iter().chain([&array.rest]).cloned()))
                .clone(),
            Self::Object(object) => object
                .values
                .get_or_init(|| {
                    let known = object.known.iter().map(|(_, value)| value.clone());
                    Self::one_after_the_other(known.chain(object.others.iter().map(|(_, value)| value.clone())))
                })
                .clone(),
            Self::Set(set) => set.of.clone(),
            Self::Any => Self::Any,
            Self::OneOf(one_of) => Self::one_after_the_other(one_of.types.iter().map(Self::values)),
            _ => Self::Unknown,
        }
    }

    /// The type of what a value of this type holds under `key`.
    pub fn select(&self, key: &Value) -> Self {
        match self {
            Self::Array(array) => match key {
                // Only digits are an index to OPA's types: `1e3` is none.
                Value::Number(number) => {
                    let at = number.to_string().parse();
                    at.map_or(Self::Unknown, |at| array.select(at))
                }
                _ => Self::Unknown,
            },
            Self::Object(object) => object.select(key),
            Self::Set(set) => {
                let of = Self::of(key);
                match &set.of {
                    Self::Any => of,
                    Self::OneOf(one_of) if one_of.types.binary_search(&of).is_ok() => of,
                    other if *other == of => of,
                    _ => Self::Unknown,
                }
            }
            Self::Any => Self::Any,
            Self::OneOf(one_of) => Self::one_after_the_other(one_of.types.iter().map(|each| each.select(key))),
            _ => Self::Unknown,
        }
    }

    /// Where the type stands among the others, as OPA sorts them.
    fn rank(&self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Null => 1,
            Self::Boolean => 2,
            Self::Number => 3,
            Self::String => 4,
            Self::Array(_) => 5,
            Self::Object(_) => 6,
            Self::Set(_) => 7,
            Self::Any => 8,
            Self::OneOf(_) => 9,
            Self::Function(_) => 10,
        }
    }

    /// Reads a type of `signatures.txt`, which is part of the program and known to be well formed.
    pub(crate) fn read(text: &str) -> Self {
        let alternatives = alternatives(text);
        if alternatives.len() > 1 {
            return Self::union(alternatives.into_iter().map(Self::read));
        }
        let inside = |open: &str| text.strip_prefix(open).map(|rest| &rest[..rest.len() - 1]);
        if let Some(items) = inside("array[") {
            return Self::array(Vec::new(), Self::read(items));
        }
        if let Some(items) = inside("array<") {
            return Self::array(split(items).into_iter().map(Self::read).collect(), Self::Unknown);
        }
        if let Some(members) = inside("set[") {
            return Self::set(Self::read(members));
        }
        if let Some(entries) = inside("object{") {
            return Self::read_object(entries);
        }
        match text {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "number" => Self::Number,
            "string" => Self::String,
            "any" => Self::Any,
            other => unreachable!("{other} is not a type of the registry of builtins"),
        }
    }

    fn read_object(entries: &str) -> Self {
        let (mut known, mut others) = (Vec::new(), None);
        for entry in split(entries) {
            let (key, value) = entry.split_once(": ").expect("an entry has a key and a type");
            match key.strip_prefix('[').and_then(|key| key.strip_suffix(']')) {
                Some(key) => others = Some((Self::read(key), Self::read(value))),
                None => known.push((Value::from(key.trim_matches('"')), Self::read(value))),
            }
        }
        Self::object(known, others)
    }
}

/// A collection as JSON; nothing for another value. The types of OPA know the keys of objects as JSON: a set is an array
/// there, so that a reference by a set never fits.
///
/// Follows OPA v1.22 ast/env.go: GetByValue, types.NewStaticProperty.
fn as_json(value: &Value) -> Option<Value> {
    let item = |value: &Value| as_json(value).unwrap_or_else(|| value.clone());
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        Value::Array(items) => Some(Value::array(items.iter().map(item).collect())),
        Value::Set(members) => Some(Value::array(members.iter().map(item).collect())),
        Value::Object(object) => {
            let name = |key: &Value| match key {
                Value::String(_) => key.clone(),
                _ => Value::from(item(key).to_json().to_string().as_str()),
            };
            let entries = object.iter().map(|(key, value)| (name(key), item(value)));
            Some(Value::object(entries.collect()))
        }
    }
}

impl Array {
    /// The type of the item at a place.
    pub fn select(&self, at: i64) -> Type {
        match usize::try_from(at) {
            Ok(at) => self.first.get(at).unwrap_or(&self.rest).clone(),
            Err(_) => Type::Unknown,
        }
    }
}

impl Object {
    /// The type under a key.
    pub fn select(&self, key: &Value) -> Type {
        let as_json = as_json(key);
        let key = as_json.as_ref().unwrap_or(key);
        if let Ok(at) = self.known.binary_search_by(|(known, _)| known.cmp(key)) {
            return self.known[at].1.clone();
        }
        match &self.others {
            Some((keys, values)) if keys.contains(&Type::of(key)) => values.clone(),
            _ => Type::Unknown,
        }
    }
}

impl Type {
    /// Whether every value of the other type is, by name, one of this type.
    fn contains(&self, other: &Self) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(one_of) => one_of.types.binary_search(other).is_ok(),
            this => this == other,
        }
    }
}

impl Function {
    /// A function of as many operands that takes and gives what either does.
    fn union(&self, other: &Self) -> Type {
        // Functions of unlike arity are still a function to what comes after them.
        if self.operands.len() != other.operands.len() {
            return Type::function(self.operands.clone(), self.variadic.clone(), self.result.clone());
        }
        let operands = self.operands.iter().zip(&other.operands).map(|(a, b)| a.or(b));
        Type::function(
            operands.collect(),
            self.variadic.or(&other.variadic),
            self.result.or(&other.result),
        )
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Type {}

impl PartialOrd for Type {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Type {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Array(a), Self::Array(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Self::Array(a), Self::Array(b)) => a.rest.cmp(&b.rest).then_with(|| a.first.cmp(&b.first)),
            (Self::Object(a), Self::Object(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Self::Object(a), Self::Object(b)) => a.others.cmp(&b.others).then_with(|| a.known.cmp(&b.known)),
            (Self::Set(a), Self::Set(b)) => a.of.cmp(&b.of),
            (Self::OneOf(a), Self::OneOf(b)) if Arc::ptr_eq(a, b) => Ordering::Equal,
            (Self::OneOf(a), Self::OneOf(b)) => a.types.cmp(&b.types),
            (Self::Function(a), Self::Function(b)) => {
                (a.operands.len(), &a.operands, &a.result).cmp(&(b.operands.len(), &b.operands, &b.result))
            }
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

/// The alternatives of a type, at bars outside brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' | b'<' => depth += 1,
            b']' | b'}' | b'>' => depth -= 1,
            b'|' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// Types as OPA lists them.
pub fn list(types: &[Type]) -> String {
    types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => out.write_str("???"),
            Self::Null => out.write_str("null"),
            Self::Boolean => out.write_str("boolean"),
            Self::Number => out.write_str("number"),
            Self::String => out.write_str("string"),
            Self::Array(array) => {
                out.write_str("array")?;
                if !array.first.is_empty() {
                    write!(out, "<{}>", list(&array.first))?;
                }
                match array.rest.is_known() {
                    true => write!(out, "[{}]", array.rest),
                    false => Ok(()),
                }
            }
            Self::Object(object) => object.fmt(out),
            Self::Set(set) if !set.of.is_known() => out.write_str("set"),
            Self::Set(set) => write!(out, "set[{}]", set.of),
            Self::Any => out.write_str("any"),
            Self::OneOf(one_of) => write!(out, "any<{}>", list(&one_of.types)),
            Self::Function(function) => write!(out, "({}) => {}", list(&function.operands), function.result),
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("object")?;
        if !self.known.is_empty() {
            let known = self
                .known
                .iter()
                .map(|(key, value)| format!("{}: {value}", key.key_text()));
            write!(out, "<{}>", known.collect::<Vec<_>>().join(", "))?;
        }
        match &self.others {
            Some((key, value)) => write!(out, "[{key}: {value}]"),
            None => Ok(()),
        }
    }
}
