//! The values that a template computes with: what Go decodes from JSON, constants, and records of the program.

use std::borrow::Cow;
use std::sync::Arc;

use crate::builtins::sprintf::{
    Argument, Spec, SprintfError, print_bool, print_float, print_integer, print_text, push,
};
use kpolicy_value::{Array, Object, Str, Value};

/// A value of a template.
#[derive(Clone, Debug)]
pub enum Val {
    /// No value: what a missing key gives.
    Invalid,
    /// Go's nil in an interface: JSON's null.
    Nil,
    /// A boolean.
    Bool(bool),
    /// An integer constant, a length or an index.
    Int(i64),
    /// A byte of a string.
    Byte(u8),
    /// A constant with a fraction.
    Float(f64),
    /// A string.
    Str(Str),
    /// A number of a JSON document: Go's `json.Number`, a string of its own type.
    Number(Str),
    /// A JSON array.
    List(Array),
    /// A JSON object.
    Map(Object),
    /// A slice of records or strings, and the name of its type.
    Slice(&'static str, Arc<[Val]>),
    /// A struct.
    Record(Arc<Record>),
}

/// A struct of the program that a template reads.
#[derive(Debug)]
pub struct Record {
    /// The name of its type in Go.
    pub type_name: &'static str,
    /// What it prints as, where its type has a method `String`.
    pub text: Option<String>,
    /// Its fields.
    pub fields: Vec<(&'static str, Val)>,
}

/// A value that has elements.
pub(super) enum Elements<'v> {
    Json(&'v Array),
    Other(&'v [Val]),
}

impl Elements<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Other(items) => items.len(),
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<Val> {
        match self {
            Self::Json(items) => items.get(at).map(Val::of),
            Self::Other(items) => items.get(at).cloned(),
        }
    }
}

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<&[u8]> for Val {
    fn from(bytes: &[u8]) -> Self {
        Self::Str(Str::from_bytes(bytes.to_vec()))
    }
}

impl Val {
    /// The value of a JSON document. Sets count as arrays, and keys are strings.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nil,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.to_string().into()),
            Value::String(text) => Self::Str(text.clone()),
            Value::Array(items) => Self::List(items.clone()),
            Value::Object(object) => Self::Map(object.clone()),
            Value::Set(members) => Self::List(members.as_slice().to_vec().into()),
        }
    }

    /// The name of the value's type in Go.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Invalid | Self::Nil => "interface {}",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Byte(_) => "uint8",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::Number(_) => "json.Number",
            Self::List(_) => "[]interface {}",
            Self::Map(_) => "map[string]interface {}",
            Self::Slice(name, _) => name,
            Self::Record(record) => record.type_name,
        }
    }

    pub(super) fn is_nil(&self) -> bool {
        matches!(self, Self::Invalid | Self::Nil)
    }

    /// Whether it is of Go's kind string.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Str(text) | Self::Number(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    pub(super) fn elements(&self) -> Option<Elements<'_>> {
        match self {
            Self::List(items) => Some(Elements::Json(items)),
            Self::Slice(_, items) => Some(Elements::Other(items)),
            _ => None,
        }
    }

    /// How many elements or bytes it has, where it has a length.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::Map(object) => Some(object.len()),
            _ => self
                .bytes()
                .map(<[u8]>::len)
                .or_else(|| self.elements().map(|elements| elements.len())),
        }
    }

    /// Whether `if` takes it for true.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Invalid | Self::Nil => false,
            Self::Bool(flag) => *flag,
            Self::Int(number) => *number != 0,
            Self::Byte(byte) => *byte != 0,
            Self::Float(number) => *number != 0.0,
            Self::Record(_) => true,
            Self::Str(_) | Self::Number(_) | Self::List(_) | Self::Map(_) | Self::Slice(..) => {
                self.length().is_some_and(|length| length > 0)
            }
        }
    }

    /// Writes the value as Go's `fmt` does for a verb.
    fn format(&self, out: &mut Vec<u8>, spec: &Spec, verb: char, depth: usize) {
        let known = match self {
            Self::Invalid | Self::Nil => {
                match (verb, depth) {
                    ('v', 0) => spec.pad(out, "<nil>"),
                    ('v', _) if spec.sharp_v => push(out, &["interface {}(nil)"]),
                    (_, 0) => push(out, &["%!", verb.encode_utf8(&mut [0; 4]), "(<nil>)"]),
                    _ => push(out, &["<nil>"]),
                }
                true
            }
            Self::Bool(flag) => print_bool(out, spec, verb, *flag),
            Self::Int(number) => print_integer(out, spec, verb, *number),
            Self::Byte(byte) if spec.sharp_v => {
                push(out, &[&format!("0x{byte:x}")]);
                true
            }
            Self::Byte(byte) => print_integer(out, spec, verb, i64::from(*byte)),
            Self::Float(number) => print_float(out, spec, verb, *number),
            Self::Str(text) | Self::Number(text) => print_text(out, spec, verb, text.as_bytes()),
            Self::List(_) | Self::Slice(..) => self.format_elements(out, spec, verb, depth),
            Self::Map(object) => {
                self.open(out, spec, "map[");
                for (index, (key, value)) in object.iter().enumerate() {
                    Self::separate(out, spec, index);
                    Self::of(key).format(out, spec, verb, depth + 1);
                    out.push(b':');
                    Self::of(value).format(out, spec, verb, depth + 1);
                }
                out.push(if spec.sharp_v { b'}' } else { b']' });
                true
            }
            Self::Record(record) => match &record.text {
                Some(text) => print_text(out, spec, verb, text.as_bytes()),
                None => {
                    out.push(b'{');
                    for (index, (_, value)) in record.fields.iter().enumerate() {
                        Self::separate(out, spec, index);
                        value.format(out, spec, verb, depth + 1);
                    }
                    out.push(b'}');
                    true
                }
            },
        };
        if !known {
            push(out, &["%!", verb.encode_utf8(&mut [0; 4]), "(", self.type_name(), "="]);
            self.format(out, spec, 'v', 0);
            out.push(b')');
        }
    }

    fn format_elements(&self, out: &mut Vec<u8>, spec: &Spec, verb: char, depth: usize) -> bool {
        self.open(out, spec, "[");
        let elements = self.elements();
        let elements = elements
            .iter()
            .flat_map(|elements| (0..elements.len()).filter_map(|at| elements.get(at)));
        for (index, element) in elements.enumerate() {
            Self::separate(out, spec, index);
            element.format(out, spec, verb, depth + 1);
        }
        out.push(if spec.sharp_v { b'}' } else { b']' });
        true
    }

    fn open(&self, out: &mut Vec<u8>, spec: &Spec, plain: &str) {
        match spec.sharp_v {
            true => push(out, &[self.type_name(), "{"]),
            false => push(out, &[plain]),
        }
    }

    fn separate(out: &mut Vec<u8>, spec: &Spec, index: usize) {
        if index > 0 {
            push(out, &[if spec.sharp_v { ", " } else { " " }]);
        }
    }

    /// Writes the value as `fmt.Print` does.
    pub(super) fn print_plain(&self, out: &mut Vec<u8>) {
        match self {
            Self::Str(text) | Self::Number(text) => out.extend_from_slice(text.as_bytes()),
            _ => self.format(out, &Spec::default(), 'v', 0),
        }
    }

    /// The value as `%s` writes it.
    pub(super) fn as_text(&self) -> String {
        let mut out = Vec::new();
        self.format(&mut out, &Spec::default(), 's', 0);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The value as `fmt.Print` writes it.
    pub(super) fn plain(&self) -> String {
        let mut out = Vec::new();
        self.print_plain(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// How many bytes its text has at least.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::List(items) => Value::Array(items.clone()).extent().text as usize,
            Self::Map(object) => Value::Object(object.clone()).extent().text as usize,
            _ => self.length().unwrap_or(8),
        }
    }
}

impl Argument for Val {
    fn type_name(&self) -> Option<Cow<'_, str>> {
        (!self.is_nil()).then(|| self.type_name().into())
    }

    fn star(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Byte(byte) => Some(i64::from(*byte)),
            _ => None,
        }
    }

    fn print(&self, out: &mut Vec<u8>, spec: &Spec, verb: char) -> Result<(), SprintfError> {
        match verb {
            'T' if self.is_nil() => spec.pad(out, "<nil>"),
            'T' => spec.pad_bytes(out, spec.truncate(Val::type_name(self).as_bytes())),
            'p' if matches!(self, Self::List(_) | Self::Map(_) | Self::Slice(..)) => return Err(SprintfError::Address),
            _ => self.format(out, spec, verb, 0),
        }
        Ok(())
    }
}
