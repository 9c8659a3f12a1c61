//! The escapes of strings: backslashes in quotes, doubled signs before a brace everywhere.

use std::borrow::Cow;

use super::token::{Kind, Token};
use crate::ParseError;
use crate::document::Span;

/// The text that a piece of a template stands for.
pub(super) fn read(source: &str, token: Token) -> Result<Cow<'_, str>, ParseError> {
    if let Some(rest) = source.strip_prefix("$${").or_else(|| source.strip_prefix("%%{")) {
        return Ok(format!("{}{rest}", &source[1..3]).into());
    }
    if token.kind == Kind::HeredocText || !source.contains('\\') {
        return Ok(source.into());
    }
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (character, length) = backslash(rest).map_err(|(message, length)| {
            let start = token.span.end as usize - rest.len();
            ParseError::new(message, Span::new(start, start + length)).with_help(
                "write `\\\\` for a backslash, or one of `\\n`, `\\r`, `\\t`, `\\\"`, `\\uNNNN`, `\\UNNNNNNNN`",
            )
        })?;
        out.push(character);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Ok(out.into())
}

/// The character of the escape that `text` begins with, and the escape's length.
fn backslash(text: &str) -> Result<(char, usize), (String, usize)> {
    let selector = text[1..].chars().next().unwrap_or('\\');
    let simple = match selector {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '"' | '\\' => selector,
        'u' => return code_point(text, 4),
        'U' => return code_point(text, 8),
        other => return Err((format!("`\\{other}` is not an escape"), 1 + other.len_utf8())),
    };
    Ok((simple, 2))
}

fn code_point(text: &str, width: usize) -> Result<(char, usize), (String, usize)> {
    let digits = text[2..].bytes().take(width).take_while(u8::is_ascii_hexdigit).count();
    let escape = &text[..2 + digits];
    if digits < width {
        return Err((format!("`{escape}` needs {width} hexadecimal digits"), escape.len()));
    }
    let code = u32::from_str_radix(&escape[2..], 16).ok();
    match code.and_then(char::from_u32) {
        Some(character) => Ok((character, escape.len())),
        None => Err((format!("`{escape}` is not a character"), escape.len())),
    }
}
