//! Replacing several texts at once, in the order in which Go's `strings.Replacer` tries them.

use super::super::{Answer, Context, Failure};
use kpolicy_value::Value;

/// The text with each old text replaced by its new one: at every place the first pair whose old text stands there.
///
/// An empty old text stands between all bytes, so that it can tear characters apart: such a result is no text.
pub(super) fn replace(context: &mut Context, text: &str, pairs: &[(&str, &str)]) -> Answer {
    let bytes = text.as_bytes();
    let starts = Starts::of(pairs);
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let (mut at, mut copied) = (0, 0);
    let mut after_empty = false;
    while at <= bytes.len() {
        if !starts.empty {
            at += starts.distance(&bytes[at..]);
        }
        context.step()?;
        let rest = &bytes[at..];
        let found = pairs
            .iter()
            .find(|(old, _)| rest.starts_with(old.as_bytes()) && !(after_empty && old.is_empty()));
        after_empty = found.is_some_and(|(old, _)| old.is_empty());
        let Some((old, new)) = found else {
            at += 1;
            continue;
        };
        context.check_size(out.len() + at - copied + new.len())?;
        out.extend_from_slice(&bytes[copied..at]);
        out.extend_from_slice(new.as_bytes());
        at += old.len();
        copied = at;
    }
    out.extend_from_slice(&bytes[copied..]);
    match String::from_utf8(out) {
        Ok(replaced) => Ok(Some(Value::string(replaced))),
        Err(_) => Err(Failure::Limit(
            "an empty text to replace takes characters apart".to_owned(),
        )),
    }
}

/// The bytes that old texts begin with.
struct Starts {
    bytes: [bool; 256],
    empty: bool,
}

impl Starts {
    fn of(pairs: &[(&str, &str)]) -> Self {
        let mut starts = Self {
            bytes: [false; 256],
            empty: false,
        };
        for (old, _) in pairs {
            match old.as_bytes().first() {
                Some(byte) => starts.bytes[usize::from(*byte)] = true,
                None => starts.empty = true,
            }
        }
        starts
    }

    /// How far away the next byte is that an old text begins with.
    fn distance(&self, bytes: &[u8]) -> usize {
        let next = bytes.iter().position(|byte| self.bytes[usize::from(*byte)]);
        next.unwrap_or(bytes.len())
    }
}
