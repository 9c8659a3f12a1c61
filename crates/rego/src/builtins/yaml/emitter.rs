//! Written YAML: blocks without flow, lists indented below their key, lines never folded.

use std::collections::BTreeMap;

use super::super::encoding::json_key;
use super::super::{Context, Failure};
use super::order;
use kpolicy_parse::yaml::reads_as_text;
use kpolicy_value::{Number, Value};

/// How many spaces a level is indented.
const INDENT: usize = 2;
/// The longest key, in bytes, that stands before its colon on one line.
const LONGEST_KEY: usize = 128;

/// The value as a document.
pub(super) fn emit(context: &mut Context, value: &Value) -> Result<String, Failure> {
    let mut emitter = Emitter {
        out: String::new(),
        context,
    };
    emitter.node(value, 0, INDENT)?;
    if !emitter.out.ends_with(is_break) {
        emitter.out.push('\n');
    }
    Ok(emitter.out)
}

struct Emitter<'a> {
    out: String,
    context: &'a mut Context,
}

impl Emitter<'_> {
    /// Writes a value where the cursor is; its further lines are indented so far.
    fn node(&mut self, value: &Value, indent: usize, text_indent: usize) -> Result<(), Failure> {
        self.context.step()?;
        self.context.check_size(self.out.len())?;
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.out.push_str(&number_text(number)),
            Value::String(text) => {
                let text = text.to_str();
                check_characters(&text)?;
                self.text(&text, text_indent, false);
            }
            Value::Array(items) => self.list(items.iter(), indent)?,
            Value::Set(members) => self.list(members.iter(), indent)?,
            Value::Object(object) => {
                let mut entries = BTreeMap::new();
                for (key, value) in object.iter() {
                    let key = json_key(self.context, key)?.to_str().into_owned();
                    check_characters(&key)?;
                    entries.insert(key, value);
                }
                let mut entries: Vec<_> = entries.into_iter().collect();
                entries.sort_by(|a, b| order::compare(&a.0, &b.0));
                self.mapping(&entries, indent)?;
            }
        }
        Ok(())
    }

    /// Starts a line, unless it is the first of its node.
    fn line(&mut self, index: usize, indent: usize) {
        if index > 0 {
            self.new_line(indent);
        }
    }

    fn new_line(&mut self, indent: usize) {
        if !self.out.ends_with(is_break) {
            self.out.push('\n');
        }
        self.out.push_str(&" ".repeat(indent));
    }

    fn list<'v>(&mut self, items: impl ExactSizeIterator<Item = &'v Value>, indent: usize) -> Result<(), Failure> {
        if items.len() == 0 {
            self.out.push_str("[]");
        }
        for (index, item) in items.enumerate() {
            self.line(index, indent);
            self.out.push_str("- ");
            self.node(item, indent + INDENT, indent + INDENT)?;
        }
        Ok(())
    }

    fn mapping(&mut self, entries: &[(String, &Value)], indent: usize) -> Result<(), Failure> {
        if entries.is_empty() {
            self.out.push_str("{}");
        }
        for (index, (key, value)) in entries.iter().enumerate() {
            self.line(index, indent);
            let simple = key.len() <= LONGEST_KEY && !key.contains(is_break);
            if !simple {
                self.out.push_str("? ");
                self.text(key, indent + INDENT, false);
                self.new_line(indent);
                self.out.push_str(": ");
                self.node(value, indent + INDENT, indent + INDENT)?;
                continue;
            }
            self.text(key, indent + INDENT, true);
            self.out.push(':');
            self.value(value, indent)?;
        }
        Ok(())
    }

    /// The value after a key and its colon.
    fn value(&mut self, value: &Value, indent: usize) -> Result<(), Failure> {
        let is_empty = match value {
            Value::Array(items) => items.is_empty(),
            Value::Set(members) => members.is_empty(),
            Value::Object(object) => object.is_empty(),
            _ => true,
        };
        if is_empty {
            self.out.push(' ');
        } else {
            self.new_line(indent + INDENT);
        }
        self.node(value, indent + INDENT, indent + INDENT)
    }

    /// A text in the plainest style that reads back as it.
    fn text(&mut self, text: &str, indent: usize, is_key: bool) {
        let form = Form::of(text);
        if text.contains('\n') && form.block && !is_key {
            self.literal(text, indent);
        } else if text.contains('\n') || text == "<<" || !reads_as_text(text) {
            self.double_quoted(text);
        } else if form.plain {
            self.out.push_str(text);
        } else if form.single_quoted {
            self.out.push('\'');
            self.broken(&text.replace('\'', "''"), indent, false);
            self.out.push('\'');
        } else {
            self.double_quoted(text);
        }
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        if text.starts_with(|first| first == ' ' || is_break(first)) {
            self.out.push_str(&INDENT.to_string());
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next().is_none_or(is_break)) {
            (false, _) => self.out.push('-'),
            (true, true) => self.out.push('+'),
            (true, false) => {}
        }
        self.out.push('\n');
        self.broken(text, indent, true);
    }

    /// The text with its lines indented.
    fn broken(&mut self, text: &str, indent: usize, mut at_start: bool) {
        for character in text.chars() {
            if !is_break(character) && at_start {
                self.out.push_str(&" ".repeat(indent));
            }
            at_start = is_break(character);
            self.out.push(character);
        }
    }

    fn double_quoted(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\0' => self.out.push_str("\\0"),
                '\x07' => self.out.push_str("\\a"),
                '\x08' => self.out.push_str("\\b"),
                '\t' => self.out.push_str("\\t"),
                '\n' => self.out.push_str("\\n"),
                '\x0b' => self.out.push_str("\\v"),
                '\x0c' => self.out.push_str("\\f"),
                '\r' => self.out.push_str("\\r"),
                '\x1b' => self.out.push_str("\\e"),
                '\u{85}' => self.out.push_str("\\N"),
                '\u{2028}' => self.out.push_str("\\L"),
                '\u{2029}' => self.out.push_str("\\P"),
                _ if is_printable(character) => self.out.push(character),
                '\0'..='\u{ff}' => self.out.push_str(&format!("\\x{:02X}", u32::from(character))),
                '\u{100}'..='\u{ffff}' => self.out.push_str(&format!("\\u{:04X}", u32::from(character))),
                _ => self.out.push_str(&format!("\\U{:08X}", u32::from(character))),
            }
        }
        self.out.push('"');
    }
}

/// OPA writes YAML from JSON that it reads as YAML, which takes no control characters and alters U+0085.
fn check_characters(text: &str) -> Result<(), Failure> {
    if text
        .contains(|character| matches!(character, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
    {
        return Err(Failure::Builtin("yaml: control characters are not allowed".to_owned()));
    }
    if text.contains('\u{85}') {
        return Err(Failure::Limit(
            "a string with U+0085 cannot be written as YAML in the way of OPA".to_owned(),
        ));
    }
    Ok(())
}

/// The styles that a text can have.
struct Form {
    plain: bool,
    single_quoted: bool,
    block: bool,
}

impl Form {
    fn of(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let pairs = || characters.windows(2).map(|pair| (pair[0], pair[1]));
        let special = |character: &char| *character != '\t' && !is_printable(*character);
        let special = characters.iter().any(special);
        let tab = characters.contains(&'\t');
        let space_break = pairs().any(|(first, second)| first == ' ' && is_break(second));
        let break_space = pairs().any(|(first, second)| is_break(first) && second == ' ');
        let edge = |character: Option<&char>| character.is_some_and(|edge| *edge == ' ' || is_break(*edge));
        let edges = edge(characters.first()) || edge(characters.last());
        let breaks = characters.iter().any(|character| is_break(*character));
        let odd = special || space_break;
        Self {
            plain: !odd && !tab && !break_space && !edges && !breaks && !has_indicator(&characters),
            single_quoted: !odd && !tab && !break_space,
            block: !odd && characters.last() != Some(&' '),
        }
    }
}

/// Whether a character would be taken for syntax where it is in a block.
fn has_indicator(characters: &[char]) -> bool {
    if characters.starts_with(&['-'; 3]) || characters.starts_with(&['.'; 3]) {
        return true;
    }
    characters.iter().enumerate().any(|(at, character)| {
        let blank = |other: Option<&char>| other.is_none_or(|other| matches!(other, ' ' | '\t'));
        let follows = blank(characters.get(at + 1));
        match character {
            ':' => follows,
            '#' => at == 0 || blank(characters.get(at - 1)),
            '?' | '-' => at == 0 && follows,
            _ => at == 0 && ",[]{}&*!|>'\"%@`".contains(*character),
        }
    })
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{ffff}')
        && !matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Integers as they are, everything else as the shortest text of a double.
fn number_text(number: &Number) -> String {
    let text = number.to_string();
    if text.parse::<u64>().is_ok() || text != "-0" && text.parse::<i64>().is_ok() {
        return text;
    }
    let float = number.as_f64();
    if text == "-0" || !float.is_finite() {
        return if text == "-0" { "0".to_owned() } else { text };
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&power) {
        return float.to_string();
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.abs())
}
