//! Rego values as OPA writes them in text: `{"a": [1, null]}`, `{1, 2}`, `set()`.

use super::printable::is_printable;
use kpolicy_value::Value;

/// The text of a value, strings quoted.
pub fn to_rego_text(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(string) => out.push_str(&quote_bytes(string.as_bytes(), Charset::Unicode)),
        Value::Array(items) => write_list(out, '[', items.iter(), ']'),
        Value::Set(members) if members.is_empty() => out.push_str("set()"),
        Value::Set(members) => write_list(out, '{', members.iter(), '}'),
        Value::Object(object) => {
            out.push('{');
            for (index, (key, value)) in object.iter().enumerate() {
                separate(out, index);
                write_value(out, key);
                out.push_str(": ");
                write_value(out, value);
            }
            out.push('}');
        }
    }
}

fn write_list<'v>(out: &mut String, open: char, items: impl Iterator<Item = &'v Value>, close: char) {
    out.push(open);
    for (index, item) in items.enumerate() {
        separate(out, index);
        write_value(out, item);
    }
    out.push(close);
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

/// Which printable characters a quoted text may hold unescaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Unicode,
    Ascii,
}

/// `text` as a Go string literal in double quotes.
pub(super) fn quote(text: &str, charset: Charset) -> String {
    quote_bytes(text.as_bytes(), charset)
}

/// A string of these bytes as a Go string literal in double quotes: what is not UTF-8 is escaped byte by byte.
pub(super) fn quote_bytes(bytes: &[u8], charset: Charset) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_escaped(&mut out, character, '"', charset);
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out.push('"');
    out
}

/// `character` as a Go character literal in single quotes.
pub(super) fn quote_char(character: char, charset: Charset) -> String {
    let mut out = String::from("'");
    push_escaped(&mut out, character, '\'', charset);
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, character: char, quote: char, charset: Charset) {
    let plain = is_printable(character) && (charset == Charset::Unicode || character.is_ascii());
    match character {
        '\\' => out.push_str("\\\\"),
        _ if character == quote => out.extend(['\\', quote]),
        _ if plain => out.push(character),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        '\0'..' ' | '\x7f' => out.push_str(&format!("\\x{:02x}", u32::from(character))),
        '\u{80}'..'\u{10000}' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
        _ => out.push_str(&format!("\\U{:08x}", u32::from(character))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composites_quote_their_strings() {
        let value = Value::object(vec![
            ("a".into(), Value::array(vec![1i64.into(), Value::Null, "x\"\n".into()])),
            (true.into(), Value::set(vec![])),
            (3i64.into(), Value::set(vec![2i64.into(), 1i64.into()])),
        ]);
        assert_eq!(
            to_rego_text(&value),
            r#"{true: set(), 3: {1, 2}, "a": [1, null, "x\"\n"]}"#
        );
        assert_eq!(to_rego_text(&Value::object(vec![])), "{}");
    }

    #[test]
    fn unprintable_characters_are_escaped_as_go_does() {
        let text = "\u{7}\u{1}\u{7f}\u{a0}é\u{200b}\u{10ffff}\u{feff}";
        assert_eq!(
            quote(text, Charset::Unicode),
            r#""\a\x01\x7f\u00a0é\u200b\U0010ffff\ufeff""#
        );
        assert_eq!(quote_bytes(b"\xff\xc3\xa9", Charset::Unicode), r#""\xffé""#);
        assert_eq!(quote("é☺", Charset::Ascii), r#""\u00e9\u263a""#);
        assert_eq!(quote_char('\'', Charset::Unicode), r"'\''");
    }
}
