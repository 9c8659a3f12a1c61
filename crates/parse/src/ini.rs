//! INI files, systemd units and git's configuration, by the rules of go-ini that conftest uses: an object of sections.

use std::collections::HashMap;

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::Comments;
use crate::document::{Entry, Node, Span};
use kpolicy_value::{Number, Value};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "ini",
    aliases: &[],
    files: &["*.ini"],
    further: &[
        "*.cfg",
        "*.cnf",
        ".editorconfig",
        ".gitconfig",
        ".gitmodules",
        ".npmrc",
        ".pylintrc",
        "*.service",
        "*.socket",
        "*.timer",
        "*.mount",
        "*.target",
    ],
    about: "An object of sections, each an object of its keys. Keys before the first section are in `DEFAULT`. Plain \
            decimal numbers are numbers, `true` and `false` (also `True`, `TRUE`, `t`, …) are booleans, and all else is \
            text. A key without a value is `true`, and an indented line without a delimiter continues the value before \
            it.",
    comments: Comments::Lines(&["#", ";"]),
    imports: |_| Vec::new(),
    example: ("my.cnf", "[mysqld]\nport = 3306 ; the default\nskip-networking\n"),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// The name of the section before the first header.
const DEFAULT: &str = "DEFAULT";

/// A section that is being read.
struct Section {
    name: String,
    key_span: Span,
    span: Span,
    entries: Vec<Entry>,
    /// How many keys are `-`, which are numbered.
    numbered: usize,
    /// The last value with the lines that continue it, and where it is, until the next key.
    continued: Option<(String, Span)>,
}

fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    let mut reader = Reader { text, at: 0 };
    let mut sections = Sections::new();
    while let Some(line) = reader.line() {
        let indented = line.of(text).starts_with([' ', '\t']);
        let line = trimmed(text, line);
        match line.of(text).as_bytes().first() {
            None | Some(b'#' | b';') => continue,
            Some(b'[') => {
                meter.count(1, line)?;
                sections.open(text, line)?;
                continue;
            }
            Some(_) => {}
        }
        meter.count(1, line)?;
        let key = key(text, line)?;
        let section = sections.current();
        match key {
            Key::Named { name, span, value_at } => {
                let node = reader.value(value_at)?;
                let name = match name {
                    "-" => {
                        section.numbered += 1;
                        format!("#{}", section.numbered)
                    }
                    name => name.to_owned(),
                };
                section.push(Entry::new(name, span, node));
            }
            Key::Alone if indented && !section.entries.is_empty() => section.continue_with(text, line),
            Key::Alone => {
                let name = uncommented(text, line).of(text);
                section.push(Entry::new(name, line, Node::scalar(Value::Bool(true), line)));
            }
        }
    }
    Ok(sections.node(text))
}

struct Sections {
    all: Vec<Section>,
    places: HashMap<String, usize>,
    current: usize,
}

impl Sections {
    fn new() -> Self {
        let mut sections = Self {
            all: Vec::new(),
            places: HashMap::new(),
            current: 0,
        };
        sections.enter(DEFAULT, Span::default(), Span::default());
        sections
    }

    fn enter(&mut self, name: &str, key_span: Span, span: Span) {
        self.current = *self.places.entry(name.to_owned()).or_insert_with(|| {
            self.all.push(Section {
                name: name.to_owned(),
                key_span,
                span,
                entries: Vec::new(),
                numbered: 0,
                continued: None,
            });
            self.all.len() - 1
        });
        let section = &mut self.all[self.current];
        if is_empty(section.key_span) {
            (section.key_span, section.span) = (key_span, span);
        }
        section.numbered = 0;
    }

    fn current(&mut self) -> &mut Section {
        &mut self.all[self.current]
    }

    /// The section whose header is on a line: what is between the first and the last bracket.
    fn open(&mut self, text: &str, line: Span) -> Result<(), ParseError> {
        let Some(close) = line.of(text).rfind(']') else {
            return Err(ParseError::new("this section header has no `]`", line));
        };
        let start = line.start as usize;
        let name = Span::new(start + 1, start + close);
        if close == 1 {
            return Err(ParseError::new("this section has no name", Span::new(start, start + 2)));
        }
        self.enter(name.of(text), name, Span::new(start, start + close + 1));
        Ok(())
    }

    fn node(self, text: &str) -> Node {
        let written = self.all.into_iter().filter(|section| {
            // The first section is there only where something is in it.
            !section.entries.is_empty() || !is_empty(section.key_span)
        });
        let entries = written.map(|mut section| {
            section.settle();
            let node = Node::object(section.entries, section.span);
            Entry::new(section.name, section.key_span, node)
        });
        Node::object(entries.collect(), Span::new(0, text.len()))
    }
}

impl Section {
    fn push(&mut self, entry: Entry) {
        self.settle();
        self.entries.push(entry);
    }

    /// Adds a line to the value before it.
    fn continue_with(&mut self, text: &str, line: Span) {
        let Some(last) = self.entries.last() else { return };
        let more = uncommented(text, line);
        let (value, span) = self.continued.get_or_insert_with(|| {
            let before = match &last.node.value {
                Value::Bool(true) => String::new(),
                value => value.key_text(),
            };
            (before, last.node.spans.value)
        });
        if value.is_empty() {
            *span = more;
        } else {
            value.push('\n');
        }
        value.push_str(more.of(text));
        *span = span.to(more);
    }

    /// Ends the value that lines may have continued.
    fn settle(&mut self) {
        if let (Some((value, span)), Some(last)) = (self.continued.take(), self.entries.last_mut()) {
            last.node = Node::text(&value, span);
        }
    }
}

fn is_empty(span: Span) -> bool {
    span.start == span.end
}

fn trimmed(text: &str, span: Span) -> Span {
    let part = span.of(text);
    let start = span.start as usize + (part.len() - part.trim_start().len());
    Span::new(start, start + part.trim().len())
}

/// What a line defines.
enum Key<'a> {
    Named {
        name: &'a str,
        span: Span,
        value_at: usize,
    },
    /// There is no delimiter: a key without a value, or more of the value before it.
    Alone,
}

fn key(text: &str, line: Span) -> Result<Key<'_>, ParseError> {
    let (start, content) = (line.start as usize, line.of(text));
    let quote = match content.as_bytes() {
        [b'"', b'"', b'"', ..] if content.len() > 6 => Some("\"\"\""),
        [b'"', ..] => Some("\""),
        [b'`', ..] => Some("`"),
        _ => None,
    };
    let (name, after) = match quote {
        Some(quote) => {
            let Some(length) = content[quote.len()..].find(quote) else {
                return Err(ParseError::new(
                    "this quote is never closed",
                    Span::new(start, start + quote.len()),
                ));
            };
            let name = Span::new(start + quote.len(), start + quote.len() + length);
            (trimmed(text, name), length + 2 * quote.len())
        }
        None => {
            let end = content.find(['=', ':']).unwrap_or(content.len());
            (trimmed(text, Span::new(start, start + end)), end)
        }
    };
    let Some(delimiter) = content[after..].find(['=', ':']) else {
        return Ok(Key::Alone);
    };
    if is_empty(name) && quote.is_none() {
        return Err(ParseError::new("there is no key before the delimiter", line));
    }
    Ok(Key::Named {
        name: name.of(text),
        span: name,
        value_at: start + after + delimiter + 1,
    })
}

/// A line without the comment at its end, which starts behind white space and outside of quotes.
fn uncommented(text: &str, line: Span) -> Span {
    let content = line.of(text);
    let (mut quote, mut before) = (None, ' ');
    for (at, character) in content.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character && before != '\\' => quote = None,
            (None, '"' | '\'') if before.is_whitespace() && content[at + 1..].contains(character) => {
                quote = Some(character);
            }
            (None, '#' | ';') if before.is_whitespace() && at > 0 => {
                return trimmed(text, Span::new(line.start as usize, line.start as usize + at));
            }
            _ => {}
        }
        before = character;
    }
    trimmed(text, line)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    /// The next line without its end.
    fn line(&mut self) -> Option<Span> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let start = self.at;
        let length = rest.find('\n').unwrap_or(rest.len());
        self.at = (start + length + 1).min(self.text.len());
        Some(Span::new(start, start + length))
    }

    /// The value that starts at a byte of the line that was read. It may go on over further lines.
    fn value(&mut self, from: usize) -> Result<Node, ParseError> {
        let rest = &self.text[from..];
        let line_end = from + rest.find('\n').unwrap_or(rest.len());
        let raw = Span::new(from, line_end);
        let line = trimmed(self.text, raw);
        let content = line.of(self.text);
        let quote = ["\"\"\"", "`"]
            .into_iter()
            .find(|quote| content.starts_with(quote) && content.len() > quote.len());
        if let Some(quote) = quote {
            return self.raw(quote, line);
        }
        if content.ends_with('\\') {
            return Ok(self.joined(line));
        }
        // A comment may start right behind the white space that follows the delimiter.
        if content.starts_with(['#', ';']) && line.start > raw.start {
            return Ok(Node::text("", Span::new(from, from)));
        }
        let value = uncommented(self.text, line);
        let content = value.of(self.text);
        for quote in ['"', '\''] {
            let inner = content.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
            if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
                return Ok(Node::text(inner, value));
            }
        }
        Ok(Node::scalar(scalar(content), value))
    }

    /// A value in three quotes or in backticks, as it is written, also over several lines.
    fn raw(&mut self, quote: &str, line: Span) -> Result<Node, ParseError> {
        let start = line.start as usize;
        let inner = start + quote.len();
        let mut closed = self.text[inner..line.end as usize].rfind(quote).map(|at| inner + at);
        while closed.is_none() {
            let Some(next) = self.line() else {
                return Err(ParseError::new("this quote is never closed", Span::new(start, inner)));
            };
            closed = next.of(self.text).rfind(quote).map(|at| next.start as usize + at);
        }
        let end = closed.unwrap_or(inner);
        Ok(Node::text(&self.text[inner..end], Span::new(start, end + quote.len())))
    }

    /// A value whose line ends with a backslash, with the lines that it joins.
    fn joined(&mut self, line: Span) -> Node {
        let mut value = line.of(self.text).to_owned();
        let mut span = line;
        while value.ends_with('\\') {
            value.pop();
            let Some(next) = self.line() else { break };
            let next = trimmed(self.text, next);
            if is_empty(next) {
                break;
            }
            value.push_str(next.of(self.text));
            span = span.to(next);
        }
        Node::scalar(scalar(&value), span)
    }
}

/// The value of a text without quotes.
fn scalar(text: &str) -> Value {
    match text {
        "true" | "True" | "TRUE" | "t" | "T" => return Value::Bool(true),
        "false" | "False" | "FALSE" | "f" | "F" => return Value::Bool(false),
        _ => {}
    }
    number(text).map_or_else(|| Value::string(text), Value::Number)
}

/// A plain decimal number: no leading zeros, no underscores, nothing hexadecimal.
fn number(text: &str) -> Option<Number> {
    let negative = text.strip_prefix('-');
    let digits = negative.or(text.strip_prefix('+')).unwrap_or(text);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = all_digits(whole)
        && all_digits(fraction)
        && whole.len() + fraction.len() > 0
        && (whole.len() < 2 || !whole.starts_with('0'))
        && exponent.is_none_or(|text| {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            !digits.is_empty() && all_digits(digits)
        });
    if !sound {
        return None;
    }
    let sign = if negative.is_some() { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = if fraction.is_empty() {
        String::new()
    } else {
        format!(".{fraction}")
    };
    let exponent = exponent.map_or(String::new(), |exponent| format!("e{exponent}"));
    let number = Number::parse(&format!("{sign}{whole}{fraction}{exponent}"))?;
    number.as_f64().is_finite().then_some(number)
}
