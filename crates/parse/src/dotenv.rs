//! .env files: one flat object of strings, in conftest's reading, except that nothing is taken from the environment.

use std::collections::HashMap;

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::{Comments, HASH};
use crate::document::{Entry, Node, Span};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "dotenv",
    aliases: &["env"],
    files: &[".env", ".env.*", "*.env", "*.dotenv"],
    further: &[],
    about: "A flat object of strings. `$NAME` and `${NAME}` are replaced if an earlier line defines the name; \
            otherwise they stay as they are written, since the environment is never read.",
    comments: Comments::Code(&HASH),
    imports: |_| Vec::new(),
    example: (
        ".env",
        "export HOST=localhost\nURL=\"http://$HOST:$PORT\" # PORT is not defined\n",
    ),
    parse: |text, _, meter| parse(text, meter),
};

/// How long all values may be together: each may repeat earlier ones.
const MOST_TEXT: usize = 16 << 20;

fn parse(text: &str, mut meter: Meter) -> Result<Parsed, ParseError> {
    let mut reader = Reader {
        text,
        at: 0,
        defined: HashMap::new(),
        length: 0,
    };
    let mut entries = Vec::new();
    while let Some((start, end)) = reader.statement()? {
        let Some(entry) = reader.entry(start, end)? else {
            continue;
        };
        meter.count(1, entry.key_span)?;
        entries.push(entry);
    }
    let mut duplicates = Vec::new();
    let node = Node::object_noting(entries, Span::new(0, text.len()), &mut duplicates);
    Ok(Parsed {
        duplicates,
        ..Parsed::of(node)
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    defined: HashMap<&'a str, String>,
    /// How long all values are.
    length: usize,
}

/// The range of a part of the text without white space around it.
fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let part = &text[start..end];
    let start = start + (part.len() - part.trim_start().len());
    (start, start + part.trim().len())
}

impl<'a> Reader<'a> {
    /// The range of the next line, and whether there is one. Lines end with LF, CRLF or CR.
    fn line(&mut self) -> Option<(usize, usize)> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let start = self.at;
        let end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        let ending = &self.text[end..];
        self.at = end
            + if ending.starts_with("\r\n") {
                2
            } else {
                ending.len().min(1)
            };
        Some((start, end))
    }

    /// The next definition: a line, or several where a quote is open at the end of the first.
    fn statement(&mut self) -> Result<Option<(usize, usize)>, ParseError> {
        while let Some((start, end)) = self.line() {
            let (start, mut end) = trimmed(self.text, start, end);
            let line = &self.text[start..end];
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some((quote, at)) = open_quote(line) {
                end = self.closed(quote, start + at)?;
            }
            return Ok(Some((start, end)));
        }
        Ok(None)
    }

    /// Where the line ends on which a quote is closed that is open at the end of the line that was read.
    fn closed(&mut self, quote: char, opened: usize) -> Result<usize, ParseError> {
        while let Some((start, end)) = self.line() {
            let line = &self.text[start..end];
            match line.rfind(quote) {
                Some(at) if !line[..at].ends_with('\\') => return Ok(end),
                _ => {}
            }
        }
        Err(ParseError::new(
            "this quote is never closed",
            Span::new(opened, opened + 1),
        ))
    }

    /// What a statement defines; nothing for `export NAME`.
    fn entry(&mut self, start: usize, end: usize) -> Result<Option<Entry>, ParseError> {
        let statement = &self.text[start..end];
        let exported = statement
            .strip_prefix("export")
            .filter(|rest| rest.starts_with([' ', '\t']));
        let body = exported.map_or(statement, str::trim_start);
        let key_start = end - body.len();
        let is_name = |character: char| character.is_ascii_alphanumeric() || "_.-".contains(character);
        let length = body.find(|character| !is_name(character)).unwrap_or(body.len());
        let key = &self.text[key_start..key_start + length];
        let key_span = Span::new(key_start, key_start + length);
        let bad = || {
            let first = statement.lines().next().unwrap_or_default();
            let message = "this line is neither NAME=value nor a comment";
            Err(ParseError::new(message, Span::new(start, start + first.len())))
        };
        if key.is_empty() {
            return bad();
        }
        let rest = &body[length..];
        let after_blanks = rest.trim_start_matches([' ', '\t']);
        let value = match (after_blanks.strip_prefix('='), rest.strip_prefix(':')) {
            (Some(value), _) => value,
            (None, Some(value)) if value.starts_with([' ', '\t']) => value,
            _ if exported.is_some() && after_blanks.is_empty() => return Ok(None),
            _ => return bad(),
        };
        let Some((written, at, quote)) = value_of(value) else {
            return bad();
        };
        let span_start = end - value.len() + at;
        let span = Span::new(span_start, span_start + written.len());
        let inner = match quote {
            Some(_) => &written[1..written.len() - 1],
            None => written,
        };
        let decoded = match quote {
            Some('\'') => inner.to_owned(),
            quote => self.expanded(inner, quote.is_some(), span)?,
        };
        self.length += decoded.len();
        if self.length > MOST_TEXT {
            return Err(ParseError::limit(
                "the values of the file are longer than 16 MiB together",
                span,
            ));
        }
        self.defined.insert(key, decoded.clone());
        Ok(Some(Entry::new(key, key_span, Node::text(&decoded, span))))
    }

    /// A text with its references replaced; in quotes, with its escapes decoded too.
    fn expanded(&self, text: &str, quoted: bool, span: Span) -> Result<String, ParseError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            rest = &rest[character.len_utf8()..];
            match character {
                '\\' if rest.starts_with('$') => {
                    out.push('$');
                    rest = &rest[1..];
                }
                '\\' if quoted => rest = escape(rest, &mut out),
                '$' => {
                    let (value, length) = self.reference(rest);
                    match value {
                        Some(value) => out.push_str(value),
                        None => {
                            out.push('$');
                            out.push_str(&rest[..length]);
                        }
                    }
                    rest = &rest[length..];
                }
                _ => out.push(character),
            }
            if out.len() > MOST_TEXT {
                return Err(ParseError::limit("the value is longer than 16 MiB", span));
            }
        }
        Ok(out)
    }

    /// The value of the reference whose `$` is before `rest`, if it has one, and the length of the reference.
    fn reference<'r>(&'r self, rest: &'r str) -> (Option<&'r str>, usize) {
        let name_end = |text: &str| {
            let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
            text.find(|character| !is_name(character)).unwrap_or(text.len())
        };
        let known = |name: &str| self.defined.get(name).map(String::as_str);
        let Some(inner) = rest.strip_prefix('{') else {
            let length = name_end(rest);
            return (known(&rest[..length]), length);
        };
        let (name, after) = inner.split_at(name_end(inner));
        let Some(close) = after.find('}') else { return (None, 0) };
        let value = known(name);
        let value = match after[..close].strip_prefix(":-") {
            Some(default) if !name.is_empty() => value.filter(|value| !value.is_empty()).or(Some(default)),
            None if close == 0 => value,
            _ => None,
        };
        (value, 1 + name.len() + close + 1)
    }
}

/// The quote that a line leaves open, and where it is.
fn open_quote(line: &str) -> Option<(char, usize)> {
    let delimiter = line.find('=').or_else(|| line.find(':'))?;
    let value = line[delimiter + 1..].trim_start();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let last = value[1..].rfind(quote);
    let is_closed = last.is_some_and(|last| !value[..=last].ends_with('\\'));
    (!is_closed).then_some((quote, line.len() - value.len()))
}

/// What is written as the value, where it starts, and its quote; nothing where more text follows on another line.
fn value_of(text: &str) -> Option<(&str, usize, Option<char>)> {
    let value = text.trim_start();
    let at = text.len() - value.len();
    if let Some(quote) = value.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        let last_line = value.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let is_rest = |end: usize| {
            let rest = value[end..].trim_start();
            rest.is_empty() || (rest.starts_with('#') && value.len() - rest.len() >= last_line)
        };
        // A comment may contain quotes, so that the last one need not be the end.
        let mut ends = value[1..].rmatch_indices(quote).map(|(end, _)| end + 2);
        if let Some(end) = ends.find(|end| is_rest(*end)) {
            return Some((&value[..end], at, Some(quote)));
        }
    }
    if value.contains(['\n', '\r']) {
        return None;
    }
    let comment = value.match_indices('#').map(|(at, _)| at).find(|position| {
        let before = &value[..*position];
        let after = &value[position + 1..];
        if before.is_empty() {
            at > 0 || after.is_empty() || after.starts_with([' ', '\t'])
        } else {
            before.ends_with([' ', '\t'])
        }
    });
    let value = value[..comment.unwrap_or(value.len())].trim_end();
    Some((value, at, None))
}

/// Decodes an escape whose backslash has been read; the rest of the text.
fn escape<'t>(rest: &'t str, out: &mut String) -> &'t str {
    let Some(character) = rest.chars().next() else {
        return rest;
    };
    let after = &rest[character.len_utf8()..];
    let unicode = after.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match (character, unicode.and_then(char::from_u32)) {
        ('n', _) => out.push('\n'),
        ('r', _) => out.push('\r'),
        ('t', _) => out.push('\t'),
        ('u', Some(decoded)) => {
            out.push(decoded);
            return &after[4..];
        }
        _ => out.push(character),
    }
    after
}
