//! JSON as Go writes it: sorted keys, and `<`, `>` and `&` escaped.

use std::collections::BTreeMap;

use super::super::{Context, Failure};
use kpolicy_value::{Str, Value};

/// How JSON is laid out over lines.
pub(in super::super) struct Layout<'a> {
    pub(super) indent: &'a str,
    /// What every line but the first begins with.
    pub(super) prefix: &'a str,
}

/// The value as JSON; on one line where no layout is given.
pub(in super::super) fn write(
    context: &mut Context,
    value: &Value,
    layout: Option<&Layout<'_>>,
) -> Result<String, Failure> {
    let mut writer = Writer {
        out: String::new(),
        depth: 0,
        layout,
        context,
    };
    writer.value(value)?;
    Ok(writer.out)
}

/// The text of a value as a key of JSON: what is not a text becomes its JSON.
pub(in crate::builtins) fn key(context: &mut Context, key: &Value) -> Result<Str, Failure> {
    match key {
        Value::String(string) => Ok(string.clone()),
        other => write(context, other, None).map(Str::from),
    }
}

struct Writer<'a> {
    out: String,
    depth: usize,
    layout: Option<&'a Layout<'a>>,
    context: &'a mut Context,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Failure> {
        self.context.step()?;
        self.context.check_size(self.out.len())?;
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.out.push_str(&number.to_string()),
            Value::String(string) => push_string(&mut self.out, string.as_bytes()),
            Value::Array(items) => self.list(items.iter())?,
            Value::Set(members) => self.list(members.iter())?,
            Value::Object(object) => {
                // Keys that become the same text are one: the last wins.
                let mut entries = BTreeMap::new();
                for (name, value) in object.iter() {
                    entries.insert(key(self.context, name)?, value);
                }
                self.object(&entries)?;
            }
        }
        Ok(())
    }

    fn list<'v>(&mut self, items: impl ExactSizeIterator<Item = &'v Value>) -> Result<(), Failure> {
        let is_empty = items.len() == 0;
        self.open('[');
        for (index, item) in items.enumerate() {
            self.separate(index);
            self.value(item)?;
        }
        self.close(']', is_empty);
        Ok(())
    }

    fn object(&mut self, entries: &BTreeMap<Str, &Value>) -> Result<(), Failure> {
        self.open('{');
        for (index, (key, value)) in entries.iter().enumerate() {
            self.separate(index);
            push_string(&mut self.out, key.as_bytes());
            self.out.push_str(if self.layout.is_some() { ": " } else { ":" });
            self.value(value)?;
        }
        self.close('}', entries.is_empty());
        Ok(())
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.depth += 1;
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.line();
    }

    fn close(&mut self, bracket: char, is_empty: bool) {
        self.depth -= 1;
        if !is_empty {
            self.line();
        }
        self.out.push(bracket);
    }

    fn line(&mut self) {
        if let Some(layout) = self.layout {
            self.out.push('\n');
            self.out.push_str(layout.prefix);
            self.out.push_str(&layout.indent.repeat(self.depth));
        }
    }
}

/// Writes a string; for each byte that is not part of a character Go writes the escape of U+FFFD.
fn push_string(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        push_characters(out, chunk.valid());
        for _ in chunk.invalid() {
            out.push_str(r"\ufffd");
        }
    }
    out.push('"');
}

fn push_characters(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => out.push(character),
        }
    }
}
