//! Replacing several strings at once, in the order in which Go's `strings.Replacer` tries them.

use super::super::{Answer, Context};
use kpolicy_value::Value;

/// The string with each old string replaced by its new one: at every place the first pair whose old string is there.
///
/// An empty old string is between all bytes, so that it can take characters apart.
pub(super) fn replace(context: &mut Context, bytes: &[u8], pairs: &[(&[u8], &[u8])]) -> Answer {
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
            .find(|(old, _)| rest.starts_with(old) && !(after_empty && old.is_empty()));
        after_empty = found.is_some_and(|(old, _)| old.is_empty());
        let Some((old, new)) = found else {
            at += 1;
            continue;
        };
        context.check_size(out.len() + at - copied + new.len())?;
        out.extend_from_slice(&bytes[copied..at]);
        out.extend_from_slice(new);
        at += old.len();
        copied = at;
    }
    out.extend_from_slice(&bytes[copied..]);
    Ok(Some(Value::bytes(out)))
}

/// The bytes that old strings begin with.
struct Starts {
    bytes: [bool; 256],
    empty: bool,
}

impl Starts {
    fn of(pairs: &[(&[u8], &[u8])]) -> Self {
        let mut starts = Self {
            bytes: [false; 256],
            empty: false,
        };
        for (old, _) in pairs {
            match old.first() {
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
