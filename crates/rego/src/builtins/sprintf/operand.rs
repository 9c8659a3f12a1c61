//! The arguments of a format: Go values made of Rego values, and the verbs for text and booleans.

use std::borrow::Cow;

use num_bigint::BigInt;

use super::spec::{self, Spec};
use super::{SprintfError, float, integer};
use crate::text::{Charset, quote_bytes, to_rego_text};
use kpolicy_value::{Number, Value};

/// An argument of a format.
pub(crate) trait Argument {
    /// The name of its type in Go; nothing for nil.
    fn type_name(&self) -> Option<Cow<'_, str>>;

    /// The number that it is as a width or precision.
    fn star(&self) -> Option<i64>;

    /// Writes it as `verb` wants it.
    fn print(&self, out: &mut Vec<u8>, spec: &Spec, verb: char) -> Result<(), SprintfError>;
}

/// What Go gets to format.
#[derive(Clone, Debug)]
pub(super) enum Operand<'v> {
    Int(i64),
    Big(BigInt),
    Float(f64),
    Text(Cow<'v, [u8]>),
}

impl<'v> Operand<'v> {
    /// Texts and numbers stay what they are; everything else becomes its text.
    pub(super) fn new(value: &'v Value) -> Self {
        match value {
            Value::Number(number) => Self::number(number),
            Value::String(string) => Self::Text(Cow::Borrowed(string.as_bytes())),
            other => Self::text(to_rego_text(other)),
        }
    }

    /// The notation decides: `1` is an integer, `1.0` and `1e3` are floats, as long as a double holds them.
    ///
    /// Follows OPA v1.22 topdown/strings.go: isFloatNumber
    fn number(number: &Number) -> Self {
        let text = number.to_string();
        if text.contains(['.', 'e', 'E']) {
            let float = number.as_f64();
            return if float.is_finite() {
                Self::Float(float)
            } else {
                Self::text(text)
            };
        }
        if let Some(number) = number.as_index() {
            return Self::Int(number);
        }
        match text.parse() {
            Ok(number) => Self::Big(number),
            Err(_) => Self::text(text),
        }
    }

    fn text(text: String) -> Self {
        Self::Text(Cow::Owned(text.into_bytes()))
    }

    fn go_type(&self) -> &'static str {
        match self {
            Self::Int(_) => "int64",
            Self::Big(_) => "*big.Int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
        }
    }

    fn report_bad_verb(&self, out: &mut Vec<u8>, spec: &Spec, verb: char) {
        spec::push(out, &["%!", verb.encode_utf8(&mut [0; 4]), "(", self.go_type(), "="]);
        match self {
            Self::Int(number) => integer::print(out, spec, 'v', *number),
            // Only `%w` comes here, and has Go show the fields.
            Self::Big(number) => integer::print_fields(out, spec, number),
            Self::Float(number) => float::print(out, spec, 'v', *number),
            Self::Text(text) => print_text(out, spec, 'v', text),
        };
        out.push(b')');
    }
}

impl Argument for Operand<'_> {
    fn type_name(&self) -> Option<Cow<'_, str>> {
        Some(self.go_type().into())
    }

    fn star(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    fn print(&self, out: &mut Vec<u8>, spec: &Spec, verb: char) -> Result<(), SprintfError> {
        if verb == 'T' {
            spec.pad_bytes(out, spec.truncate(self.go_type().as_bytes()));
            return Ok(());
        }
        let known = match self {
            Self::Int(number) => integer::print(out, spec, verb, *number),
            Self::Big(_) if verb == 'p' => return Err(SprintfError::Address),
            Self::Big(number) => integer::print_big(out, spec, verb, number),
            Self::Float(number) => float::print(out, spec, verb, *number),
            Self::Text(text) => print_text(out, spec, verb, text),
        };
        if !known {
            self.report_bad_verb(out, spec, verb);
        }
        Ok(())
    }
}

/// Whether an integer has such a verb, and if so writes it.
pub(crate) fn print_integer(out: &mut Vec<u8>, spec: &Spec, verb: char, number: i64) -> bool {
    integer::print(out, spec, verb, number)
}

/// Whether a float has such a verb, and if so writes it.
pub(crate) fn print_float(out: &mut Vec<u8>, spec: &Spec, verb: char, number: f64) -> bool {
    float::print(out, spec, verb, number)
}

/// Whether a boolean has such a verb, and if so writes it.
pub(crate) fn print_bool(out: &mut Vec<u8>, spec: &Spec, verb: char, flag: bool) -> bool {
    let known = matches!(verb, 't' | 'v');
    if known {
        spec.pad(out, if flag { "true" } else { "false" });
    }
    known
}

/// Whether a text has such a verb, and if so writes it.
pub(crate) fn print_text(out: &mut Vec<u8>, spec: &Spec, verb: char, text: &[u8]) -> bool {
    match verb {
        'v' if spec.sharp_v => print_quoted(out, spec, text),
        'v' | 's' => spec.pad_bytes(out, spec.truncate(text)),
        'q' => print_quoted(out, spec, text),
        'x' | 'X' => print_bytes(out, spec, verb, text),
        _ => return false,
    }
    true
}

fn print_quoted(out: &mut Vec<u8>, spec: &Spec, text: &[u8]) {
    let text = spec.truncate(text);
    if spec.sharp
        && let Ok(text) = std::str::from_utf8(text)
        && can_backquote(text)
    {
        return spec.pad(out, &format!("`{text}`"));
    }
    let charset = if spec.plus { Charset::Ascii } else { Charset::Unicode };
    spec.pad(out, &quote_bytes(text, charset));
}

fn can_backquote(text: &str) -> bool {
    text.chars()
        .all(|character| character == '\t' || !matches!(character, '\0'..' ' | '`' | '\x7f' | '\u{feff}'))
}

/// The bytes of the text in hexadecimal; the precision counts bytes.
fn print_bytes(out: &mut Vec<u8>, spec: &Spec, verb: char, text: &[u8]) {
    let bytes = &text[..text.len().min(spec.precision.unwrap_or(text.len()))];
    let mut hex = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        if spec.space && index > 0 {
            hex.push(' ');
        }
        if spec.sharp && (spec.space || index == 0) {
            hex.extend(['0', verb]);
        }
        hex.push_str(&if verb == 'x' {
            format!("{byte:02x}")
        } else {
            format!("{byte:02X}")
        });
    }
    spec.pad(out, &hex);
}
