//! Templates: plain text with patterns between delimiters, `urn:<[a-z]+>`.

use super::super::{Context, Failure};
use super::pattern::Pattern;
use crate::text::{Charset, quote};

/// The pattern that a template stands for.
pub(super) fn pattern(context: &Context, template: &str, start: u8, end: u8) -> Result<String, Failure> {
    let mut pattern = String::from("^");
    let mut at = 0;
    for (open, close) in delimited(template, start, end)? {
        let part = &template[open + 1..close];
        pattern.push_str(&format!("{}({part})", quote_meta(&template[at..open])));
        Pattern::new(&format!("^{part}$"), context.deadline)?;
        at = close + 1;
    }
    pattern.push_str(&quote_meta(&template[at..]));
    pattern.push('$');
    Ok(pattern)
}

/// Where the outermost pairs of delimiters stand.
fn delimited(template: &str, start: u8, end: u8) -> Result<Vec<(usize, usize)>, Failure> {
    let mut pairs = Vec::new();
    let (mut open, mut depth) = (0, 0u32);
    let unbalanced = || Failure::Builtin(format!("unbalanced braces in {}", quote(template, Charset::Unicode)));
    for (at, byte) in template.bytes().enumerate() {
        if byte == start {
            depth += 1;
            if depth == 1 {
                open = at;
            }
        } else if byte == end {
            depth = depth.checked_sub(1).ok_or_else(unbalanced)?;
            if depth == 0 {
                pairs.push((open, at));
            }
        }
    }
    if depth > 0 { Err(unbalanced()) } else { Ok(pairs) }
}

/// The text as a pattern that matches it alone.
fn quote_meta(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}
