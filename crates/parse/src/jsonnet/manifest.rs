//! Values as text: what `std.toString` and the `manifest` functions write.

use std::rc::Rc;

use super::format;
use super::machine::{Machine, Res, fault};
use super::tree::At;
use super::value::{ObjectId, Val};

/// How JSON is laid out.
pub(super) struct Layout<'t> {
    pub(super) indent: &'t str,
    pub(super) newline: &'t str,
    pub(super) colon: &'t str,
    /// Whether it is the one line of `std.toString`.
    pub(super) is_line: bool,
}

const LINE: Layout<'static> = Layout {
    indent: "",
    newline: "",
    colon: ": ",
    is_line: true,
};

/// A string of JSON, as Jsonnet escapes it.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", char as u32)),
            _ => out.push(char),
        }
    }
    out.push('"');
    out
}

/// A number as JSON: the shortest that reads as the same.
fn shortest(number: f64) -> String {
    format!("{number}")
}

impl Machine<'_> {
    /// A string as it is, and any other value as JSON in one line.
    pub(super) fn text_of(&mut self, value: &Val, at: At) -> Res<Rc<str>> {
        match value {
            Val::String(text) => Ok(Rc::clone(text)),
            _ => {
                let mut out = String::new();
                self.write_json(value, &LINE, "", &mut out, at)?;
                self.spend(out.len() as u64, at)?;
                Ok(out.into())
            }
        }
    }

    /// The visible fields of an object whose assertions hold.
    pub(super) fn visible(&mut self, object: ObjectId, at: At) -> Res<Vec<(Rc<str>, Val)>> {
        self.check_object(object, at)?;
        let mut fields = Vec::new();
        for name in self.names(object, false, at)? {
            let value = self.named(object, &name, at)?;
            fields.push((name, value));
        }
        Ok(fields)
    }

    pub(super) fn write_json(
        &mut self,
        value: &Val,
        layout: &Layout<'_>,
        indent: &str,
        out: &mut String,
        at: At,
    ) -> Res<()> {
        self.step(at)?;
        self.spend(8 + indent.len() as u64, at)?;
        match value {
            Val::Null => out.push_str("null"),
            Val::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Val::Number(number) if layout.is_line => out.push_str(&format::number(*number)),
            Val::Number(number) => out.push_str(&shortest(*number)),
            Val::String(text) => {
                self.spend(text.len() as u64, at)?;
                out.push_str(&quoted(text));
            }
            Val::Function(_) => return fault("a function cannot be written as JSON", at),
            Val::Array(items) if items.is_empty() && layout.is_line => out.push_str("[ ]"),
            Val::Array(items) => {
                let inner = format!("{indent}{}", layout.indent);
                out.push('[');
                out.push_str(layout.newline);
                for (index, item) in items.iter().enumerate() {
                    separate(index, layout, out);
                    out.push_str(&inner);
                    let item = self.force(*item, at)?;
                    self.deeper(at, |machine| machine.write_json(&item, layout, &inner, out, at))?;
                }
                out.push_str(layout.newline);
                out.push_str(indent);
                out.push(']');
            }
            Val::Object(object) => {
                let fields = self.visible(*object, at)?;
                if fields.is_empty() && layout.is_line {
                    out.push_str("{ }");
                    return Ok(());
                }
                let inner = format!("{indent}{}", layout.indent);
                out.push('{');
                out.push_str(layout.newline);
                for (index, (name, value)) in fields.iter().enumerate() {
                    separate(index, layout, out);
                    out.push_str(&inner);
                    out.push_str(&quoted(name));
                    out.push_str(layout.colon);
                    self.deeper(at, |machine| machine.write_json(value, layout, &inner, out, at))?;
                }
                out.push_str(layout.newline);
                out.push_str(indent);
                out.push('}');
            }
        }
        Ok(())
    }

    /// A document of YAML.
    pub(super) fn write_yaml(
        &mut self,
        value: &Val,
        style: &YamlStyle,
        indent: &str,
        out: &mut String,
        at: At,
    ) -> Res<()> {
        self.step(at)?;
        self.spend(8 + indent.len() as u64, at)?;
        let inner = format!("{indent}  ");
        match value {
            Val::Array(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(&format!("\n{indent}"));
                    }
                    out.push('-');
                    let item = self.force(*item, at)?;
                    let is_nested = matches!(&item, Val::Array(items) if !items.is_empty());
                    match is_nested {
                        true => out.push_str(&format!("\n{inner}")),
                        false => out.push(' '),
                    }
                    let indent = if matches!(item, Val::Array(_) | Val::Object(_)) {
                        &inner
                    } else {
                        indent
                    };
                    self.deeper(at, |machine| machine.write_yaml(&item, style, indent, out, at))?;
                }
                Ok(())
            }
            Val::Object(object) => {
                let fields = self.visible(*object, at)?;
                if fields.is_empty() {
                    out.push_str("{}");
                }
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push_str(&format!("\n{indent}"));
                    }
                    match style.quotes_keys || !is_bare(name) {
                        true => out.push_str(&quoted(name)),
                        false => out.push_str(name),
                    }
                    out.push(':');
                    let is_object = match value {
                        Val::Object(object) => !self.names(*object, false, at)?.is_empty(),
                        _ => false,
                    };
                    let is_array = matches!(value, Val::Array(items) if !items.is_empty());
                    let indent = if is_object || (is_array && style.indents_arrays) {
                        &inner
                    } else {
                        indent
                    };
                    match is_object || is_array {
                        true => out.push_str(&format!("\n{indent}")),
                        false => out.push(' '),
                    }
                    self.deeper(at, |machine| machine.write_yaml(value, style, indent, out, at))?;
                }
                Ok(())
            }
            Val::String(text) => {
                self.spend(text.len() as u64, at)?;
                match text.strip_suffix('\n') {
                    Some(lines) => {
                        out.push('|');
                        for line in lines.split('\n') {
                            self.spend(inner.len() as u64, at)?;
                            out.push_str(&format!("\n{inner}{line}"));
                        }
                    }
                    None => out.push_str(&quoted(text)),
                }
                Ok(())
            }
            Val::Array(_) => {
                out.push_str("[]");
                Ok(())
            }
            other => {
                let json = Layout { is_line: false, ..LINE };
                self.write_json(other, &json, "", out, at)
            }
        }
    }

    /// A document of TOML, or a table in it.
    pub(super) fn write_toml(
        &mut self,
        object: ObjectId,
        indent: &str,
        path: &[Rc<str>],
        out: &mut Toml,
        at: At,
    ) -> Res<()> {
        self.step(at)?;
        let current = indent.repeat(path.len());
        self.spend(current.len() as u64 + 8, at)?;
        let fields = self.visible(object, at)?;
        let mut sections = Vec::new();
        for (name, value) in fields {
            if self.is_section(&value, at)? {
                sections.push((name, value));
                continue;
            }
            let mut line = format!("{current}{} = ", toml_key(&name));
            self.write_inline_toml(&value, indent, &current, false, &mut line, at)?;
            self.spend(line.len() as u64, at)?;
            out.lines.push(line);
        }
        for (name, value) in sections {
            let path: Vec<_> = path.iter().cloned().chain([name]).collect();
            let header: Vec<_> = path.iter().map(|name| toml_key(name)).collect();
            let header = header.join(".");
            let tables = match value {
                Val::Object(object) => vec![(object, format!("{current}[{header}]"))],
                Val::Array(items) => {
                    let mut tables = Vec::new();
                    for item in items.iter() {
                        if let Val::Object(object) = self.force(*item, at)? {
                            tables.push((object, format!("{current}[[{header}]]")));
                        }
                    }
                    tables
                }
                _ => Vec::new(),
            };
            for (table, header) in tables {
                self.spend(header.len() as u64, at)?;
                if !out.lines.is_empty() {
                    out.lines.push(String::new());
                }
                out.lines.push(header);
                self.deeper(at, |machine| machine.write_toml(table, indent, &path, out, at))?;
            }
        }
        Ok(())
    }

    fn is_section(&mut self, value: &Val, at: At) -> Res<bool> {
        match value {
            Val::Object(_) => Ok(true),
            Val::Array(items) => {
                for item in items.iter() {
                    if !matches!(self.force(*item, at)?, Val::Object(_)) {
                        return Ok(false);
                    }
                }
                Ok(!items.is_empty())
            }
            _ => Ok(false),
        }
    }

    fn write_inline_toml(
        &mut self,
        value: &Val,
        indent: &str,
        current: &str,
        is_inline: bool,
        out: &mut String,
        at: At,
    ) -> Res<()> {
        self.step(at)?;
        self.spend(8, at)?;
        match value {
            Val::Null => return fault("TOML has no null", at),
            Val::Number(number) => out.push_str(&format::number(*number)),
            Val::Array(items) if !items.is_empty() => {
                let inner = if is_inline {
                    String::new()
                } else {
                    format!("{current}{indent}")
                };
                let separator = if is_inline { " " } else { "\n" };
                out.push_str(&format!("[{separator}"));
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push_str(&format!(",{separator}"));
                    }
                    out.push_str(&inner);
                    let item = self.force(*item, at)?;
                    self.deeper(at, |machine| {
                        machine.write_inline_toml(&item, indent, "", true, out, at)
                    })?;
                }
                out.push_str(separator);
                out.push_str(current);
                out.push(']');
            }
            Val::Object(object) => {
                out.push_str("{ ");
                for (index, (name, value)) in self.visible(*object, at)?.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    out.push_str(&format!("{} = ", toml_key(name)));
                    self.deeper(at, |machine| {
                        machine.write_inline_toml(value, indent, "", true, out, at)
                    })?;
                }
                out.push_str(" }");
            }
            other => {
                let json = Layout { is_line: false, ..LINE };
                return self.write_json(other, &json, "", out, at);
            }
        }
        Ok(())
    }
}

/// How YAML is written.
pub(super) struct YamlStyle {
    pub(super) indents_arrays: bool,
    pub(super) quotes_keys: bool,
}

/// The lines of a document of TOML.
#[derive(Default)]
pub(super) struct Toml {
    pub(super) lines: Vec<String>,
}

fn separate(index: usize, layout: &Layout<'_>, out: &mut String) {
    if index > 0 {
        out.push(',');
        out.push_str(if layout.is_line { " " } else { layout.newline });
    }
}

fn toml_key(name: &str) -> String {
    let is_bare = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// Whether a key of YAML is itself without quotes: letters, digits and `-_./`, and nothing that reads as another type.
fn is_bare(name: &str) -> bool {
    let reserved = [
        "true", "false", "yes", "no", "on", "off", "null", "y", "n", ".nan", "-.inf", "+.inf", ".inf",
    ];
    let lower = name.to_lowercase();
    let is_word = name.chars().any(|char| char.is_ascii_alphabetic());
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '/');
    let digits = lower.trim_start_matches(['-', '+']);
    let is_number = digits.starts_with("0x") || digits.starts_with("0b") || digits.starts_with("0o") || {
        let plain = digits.replace('_', "");
        plain.parse::<f64>().is_ok()
    };
    is_word && name.chars().all(is_plain) && !name.starts_with('-') && !is_number && !reserved.contains(&&*lower)
}
