//! The predefined functions of templates.
//!
//! Follows Go 1.26 text/template/funcs.go

use std::cmp::Ordering;

use super::value::Val;
use crate::builtins::sprintf::{SprintfError, printf};
use crate::builtins::{Context, Failure};
use kpolicy_value::{Array, Str, Value};

/// A predefined function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    And,
    Call,
    Eq,
    Ge,
    Gt,
    Html,
    Index,
    Js,
    Le,
    Len,
    Lt,
    Ne,
    Not,
    Or,
    Print,
    Printf,
    Println,
    Slice,
    Urlquery,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// `reflect.Value`.
    Value,
    /// `interface {}`.
    Any,
    /// `string`.
    String,
}

const ALL: &[(&str, Function)] = &[
    ("and", Function::And),
    ("call", Function::Call),
    ("eq", Function::Eq),
    ("ge", Function::Ge),
    ("gt", Function::Gt),
    ("html", Function::Html),
    ("index", Function::Index),
    ("js", Function::Js),
    ("le", Function::Le),
    ("len", Function::Len),
    ("lt", Function::Lt),
    ("ne", Function::Ne),
    ("not", Function::Not),
    ("or", Function::Or),
    ("print", Function::Print),
    ("printf", Function::Printf),
    ("println", Function::Println),
    ("slice", Function::Slice),
    ("urlquery", Function::Urlquery),
];

/// Why a call has no value.
pub(super) enum Trouble {
    /// In Go's words.
    Error(String),
    /// A limit of the evaluation.
    Limit(Failure),
}

impl From<String> for Trouble {
    fn from(message: String) -> Self {
        Self::Error(message)
    }
}

impl From<&str> for Trouble {
    fn from(message: &str) -> Self {
        Self::Error(message.to_owned())
    }
}

type Outcome<T> = Result<T, Trouble>;

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        ALL.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, function)| *function)
    }

    pub(super) fn name(self) -> &'static str {
        let entry = ALL.iter().find(|(_, function)| *function == self);
        entry.map_or("", |(name, _)| name)
    }

    /// How many parameters it has that are always given, and whether more may follow.
    pub(super) fn arity(self) -> (usize, bool) {
        match self {
            Self::Len | Self::Not => (1, false),
            Self::Ge | Self::Gt | Self::Le | Self::Lt | Self::Ne => (2, false),
            Self::Html | Self::Js | Self::Urlquery | Self::Print | Self::Println => (0, true),
            Self::And | Self::Or | Self::Call | Self::Eq | Self::Index | Self::Slice | Self::Printf => (1, true),
        }
    }

    pub(super) fn parameter(self, at: usize) -> Parameter {
        match self {
            Self::Printf if at == 0 => Parameter::String,
            Self::Html | Self::Js | Self::Urlquery | Self::Print | Self::Println | Self::Printf => Parameter::Any,
            _ => Parameter::Value,
        }
    }

    /// The value of a call, whose first argument is written like `callee`; `and` and `or` are the executor's.
    pub(super) fn call(self, context: &mut Context, callee: &str, arguments: &[Val]) -> Outcome<Val> {
        let compare = |test: fn(&Val, &Val) -> Outcome<bool>| test(&arguments[0], &arguments[1]).map(Val::Bool);
        match self {
            Self::And | Self::Or => Err("and and or are executed lazily".into()),
            Self::Call => call(callee, &arguments[0]),
            Self::Eq => equal_to_any(&arguments[0], &arguments[1..]).map(Val::Bool),
            Self::Ne => compare(|a, b| Ok(!equal(a, b)?)),
            Self::Lt => compare(less),
            Self::Le => compare(less_or_equal),
            Self::Gt => compare(|a, b| Ok(!less_or_equal(a, b)?)),
            Self::Ge => compare(|a, b| Ok(!less(a, b)?)),
            Self::Not => Ok(Val::Bool(!arguments[0].is_true())),
            Self::Len => length(&arguments[0]),
            Self::Index => index(&arguments[0], &arguments[1..]),
            Self::Slice => slice(&arguments[0], &arguments[1..]),
            Self::Print => text(context, sprint(context, arguments, false)?),
            Self::Println => {
                let mut out = Vec::new();
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        out.push(b' ');
                    }
                    check(context, out.len() + argument.weight())?;
                    argument.print_plain(&mut out);
                }
                out.push(b'\n');
                text(context, out)
            }
            Self::Printf => {
                let format = arguments[0].bytes().unwrap_or_default();
                check(context, arguments[1..].iter().map(Val::weight).sum())?;
                match printf(format, &arguments[1..], format.len()) {
                    Ok(out) => text(context, out),
                    Err(error @ (SprintfError::Address | SprintfError::TooLong)) => {
                        Err(Trouble::Limit(Failure::Limit(error.to_string())))
                    }
                }
            }
            Self::Html => text(context, html(&sprint(context, arguments, true)?)),
            Self::Js => text(context, js(&sprint(context, arguments, true)?)),
            Self::Urlquery => text(context, query(&sprint(context, arguments, true)?)),
        }
    }
}

fn check(context: &Context, size: usize) -> Outcome<()> {
    context.check_size(size).map_err(Trouble::Limit)
}

fn text(context: &Context, bytes: Vec<u8>) -> Outcome<Val> {
    check(context, bytes.len())?;
    Ok(Val::Str(Str::from_bytes(bytes)))
}

/// As `fmt.Sprint`: a space between two that are no strings. To `escape`, nil is no value.
fn sprint(context: &Context, arguments: &[Val], escape: bool) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    let mut after_text = true;
    for argument in arguments {
        let is_text = argument.bytes().is_some() || (escape && argument.is_nil());
        if !is_text && !after_text {
            out.push(b' ');
        }
        after_text = is_text;
        check(context, out.len() + argument.weight())?;
        match argument {
            Val::Invalid | Val::Nil if escape => out.extend_from_slice(b"<no value>"),
            _ => argument.print_plain(&mut out),
        }
    }
    Ok(out)
}

fn call(callee: &str, function: &Val) -> Outcome<Val> {
    match function {
        Val::Invalid | Val::Nil => Err("call of nil".into()),
        other => Err(format!("non-function {callee} of type {}", other.type_name()).into()),
    }
}

/// The kinds that compare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    None,
    Bool,
    Int,
    Uint,
    Float,
    String,
}

fn kind(value: &Val) -> Kind {
    match value {
        Val::Bool(_) => Kind::Bool,
        Val::Int(_) => Kind::Int,
        Val::Byte(_) => Kind::Uint,
        Val::Float(_) => Kind::Float,
        Val::Str(_) | Val::Number(_) => Kind::String,
        Val::Invalid | Val::Nil | Val::List(_) | Val::Map(_) | Val::Slice(..) | Val::Record(_) => Kind::None,
    }
}

fn incompatible(a: &Val, b: &Val) -> Trouble {
    format!(
        "incompatible types for comparison: {} and {}",
        a.type_name(),
        b.type_name()
    )
    .into()
}

/// How two values of one kind compare, or two integers.
fn order(a: &Val, b: &Val) -> Option<Ordering> {
    match (a, b) {
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Byte(a), Val::Byte(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::Byte(b)) => Some(a.cmp(&i64::from(*b))),
        (Val::Byte(a), Val::Int(b)) => Some(i64::from(*a).cmp(b)),
        (Val::Float(a), Val::Float(b)) => a.partial_cmp(b),
        _ => Some(a.bytes()?.cmp(b.bytes()?)),
    }
}

fn equal_to_any(value: &Val, others: &[Val]) -> Outcome<bool> {
    if others.is_empty() {
        return Err("missing argument for comparison".into());
    }
    for other in others {
        if equal(value, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(a: &Val, b: &Val) -> Outcome<bool> {
    if let Some(order) = order(a, b) {
        return Ok(order.is_eq());
    }
    if a.is_nil() || b.is_nil() {
        return Ok(a.is_nil() == b.is_nil());
    }
    if kind(a) != kind(b) {
        return Err(incompatible(a, b));
    }
    if a.type_name() != b.type_name() && std::mem::discriminant(a) != std::mem::discriminant(b) {
        let shown = format!("{}: {}, {}: {}", a.as_text(), a.type_name(), b.type_name(), b.plain());
        return Err(format!("non-comparable types {shown}").into());
    }
    Err(format!("non-comparable type {}: {}", b.as_text(), b.type_name()).into())
}

fn less(a: &Val, b: &Val) -> Outcome<bool> {
    let bad = || Trouble::from("invalid type for comparison");
    if kind(a) == Kind::None || kind(b) == Kind::None {
        return Err(bad());
    }
    match order(a, b) {
        Some(_) if kind(a) == Kind::Bool => Err(bad()),
        Some(order) => Ok(order.is_lt()),
        None if kind(a) == kind(b) => Ok(false),
        None => Err(incompatible(a, b)),
    }
}

fn less_or_equal(a: &Val, b: &Val) -> Outcome<bool> {
    Ok(less(a, b)? || equal(a, b)?)
}

fn length(value: &Val) -> Outcome<Val> {
    if let Some(length) = value.length() {
        return Ok(Val::Int(i64::try_from(length).unwrap_or(i64::MAX)));
    }
    Err(match value {
        Val::Nil => "len of nil pointer".into(),
        Val::Invalid => "reflect: call of reflect.Value.Type on zero Value".into(),
        other => format!("len of type {}", other.type_name()).into(),
    })
}

/// An index as a number up to `limit`.
fn position(index: &Val, limit: usize) -> Outcome<usize> {
    let number = match index {
        Val::Int(number) => *number,
        Val::Byte(byte) => i64::from(*byte),
        Val::Invalid | Val::Nil => return Err("cannot index slice/array with nil".into()),
        other => return Err(format!("cannot index slice/array with type {}", other.type_name()).into()),
    };
    let at = usize::try_from(number).ok().filter(|at| *at <= limit);
    at.ok_or_else(|| format!("index out of range: {number}").into())
}

fn index(value: &Val, indexes: &[Val]) -> Outcome<Val> {
    if value.is_nil() {
        return Err("index of untyped nil".into());
    }
    let mut item = value.clone();
    for index in indexes {
        item = match &item {
            Val::Invalid | Val::Nil => return Err("index of nil pointer".into()),
            Val::Map(object) => match index {
                Val::Str(key) => object.under(key.as_bytes()).map_or(Val::Nil, Val::of),
                Val::Invalid | Val::Nil => return Err("value is nil; should be of type string".into()),
                other => return Err(format!("value has type {}; should be string", other.type_name()).into()),
            },
            other => {
                let Some(length) = other.length() else {
                    return Err(format!("can't index item of type {}", other.type_name()).into());
                };
                let at = position(index, length)?;
                let found = match other.bytes() {
                    Some(bytes) => bytes.get(at).copied().map(Val::Byte),
                    None => other.elements().and_then(|elements| elements.get(at)),
                };
                let kind = if other.bytes().is_some() { "string" } else { "slice" };
                found.ok_or_else(|| format!("reflect: {kind} index out of range"))?
            }
        };
    }
    Ok(item)
}

fn slice(value: &Val, indexes: &[Val]) -> Outcome<Val> {
    if value.is_nil() {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let length = match value {
        Val::Map(_) => None,
        other => other.length(),
    };
    let Some(length) = length else {
        return Err(format!("can't slice item of type {}", value.type_name()).into());
    };
    if value.bytes().is_some() && indexes.len() == 3 {
        return Err("cannot 3-index slice a string".into());
    }
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length)?;
    }
    let [start, end, capacity] = bounds;
    if start > end {
        return Err(format!("invalid slice index: {start} > {end}").into());
    }
    if end > capacity {
        return Err(format!("invalid slice index: {end} > {capacity}").into());
    }
    Ok(match value {
        Val::Str(text) => Val::Str(Str::from_bytes(text.as_bytes()[start..end].to_vec())),
        Val::Number(text) => Val::Number(Str::from_bytes(text.as_bytes()[start..end].to_vec())),
        Val::List(items) => Val::List(part(items, start, end)),
        Val::Slice(name, items) => Val::Slice(name, items[start..end].into()),
        other => other.clone(),
    })
}

fn part(items: &Array, start: usize, end: usize) -> Array {
    let part: Vec<Value> = items.iter().skip(start).take(end - start).cloned().collect();
    part.into()
}

fn html(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(*byte),
        }
    }
    out
}

fn js(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut escape = |character: char, raw: &[u8]| match character {
        '\\' => out.extend_from_slice(b"\\\\"),
        '\'' => out.extend_from_slice(b"\\'"),
        '"' => out.extend_from_slice(b"\\\""),
        '<' | '>' | '&' | '=' | '\0'..' ' => {
            out.extend_from_slice(format!("\\u{:04X}", u32::from(character)).as_bytes());
        }
        _ if character.is_ascii() || crate::printable::is_printable(character) => out.extend_from_slice(raw),
        _ => out.extend_from_slice(format!("\\u{:04X}", u32::from(character)).as_bytes()),
    };
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            escape(character, character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        for byte in chunk.invalid() {
            escape(char::REPLACEMENT_CHARACTER, &[*byte]);
        }
    }
    out
}

fn query(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b' ' => out.push(b'+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) => out.push(*byte),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}
