//! Java's .properties files, as java.util.Properties reads them: one flat object of strings, references not expanded.

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::Comments;
use crate::document::{Entry, Node, Span};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "properties",
    aliases: &[],
    files: &["*.properties"],
    further: &[],
    about: "A flat object of strings. Escapes are decoded; `${…}` stays as it is written.",
    comments: Comments::Lines(&["#", "!"]),
    imports: |_| Vec::new(),
    example: ("app.properties", "server.port = 8443\ngreeting = caf\\u00e9\n"),
    parse: |text, _, meter| parse(text, meter),
};

fn parse(text: &str, mut meter: Meter) -> Result<Parsed, ParseError> {
    let mut reader = Reader { text, at: 0 };
    let mut entries = Vec::new();
    while reader.reach_next_line() {
        if matches!(reader.peek(), Some('#' | '!')) {
            reader.at += reader.rest().find(['\n', '\r']).unwrap_or(reader.rest().len());
            continue;
        }
        let start = reader.at;
        let key = reader.part(|character| matches!(character, '=' | ':' | ' ' | '\t' | '\u{c}'))?;
        let key_span = Span::new(start, reader.at);
        meter.count(1, key_span)?;
        reader.skip_blanks();
        if matches!(reader.peek(), Some('=' | ':')) {
            reader.at += 1;
            reader.skip_blanks();
        }
        let start = reader.at;
        let value = reader.part(|_| false)?;
        let value = Node::text(&value, Span::new(start, reader.at));
        entries.push(Entry::new(key, key_span, value));
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
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, blanks: &[char]) {
        self.at += self.rest().len() - self.rest().trim_start_matches(blanks).len();
    }

    fn skip_blanks(&mut self) {
        self.skip(&[' ', '\t', '\u{c}']);
    }

    /// Goes to the next line that is not blank; false at the end.
    fn reach_next_line(&mut self) -> bool {
        self.skip(&[' ', '\t', '\u{c}', '\n', '\r']);
        !self.rest().is_empty()
    }

    /// A key or a value, decoded: up to the end of its line, or to a character that ends it.
    fn part(&mut self, ends: impl Fn(char) -> bool) -> Result<String, ParseError> {
        let mut text = String::new();
        while let Some(character) = self.peek() {
            match character {
                '\n' | '\r' => break,
                '\\' => self.escape(&mut text)?,
                _ if ends(character) => break,
                _ => {
                    text.push(character);
                    self.at += character.len_utf8();
                }
            }
        }
        Ok(text)
    }

    /// A backslash and what follows it. At the end of a line it joins the next one, without its indentation.
    fn escape(&mut self, text: &mut String) -> Result<(), ParseError> {
        self.at += 1;
        let Some(character) = self.peek() else { return Ok(()) };
        self.at += character.len_utf8();
        match character {
            '\n' => self.skip_blanks(),
            '\r' => {
                self.at += usize::from(self.rest().starts_with('\n'));
                self.skip_blanks();
            }
            't' => text.push('\t'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            'f' => text.push('\u{c}'),
            'u' => text.push(self.unicode()?),
            other => text.push(other),
        }
        Ok(())
    }

    /// The character of `\uXXXX`, whose `\u` has been read; of a pair of surrogates, both are read.
    fn unicode(&mut self) -> Result<char, ParseError> {
        let first = self.unit()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let before = self.at;
        if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            self.at += 2;
            let second = self.unit()?;
            if (0xDC00..0xE000).contains(&second) {
                let joined = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn unit(&mut self) -> Result<u32, ParseError> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| {
            ParseError::new(
                "`\\u` is not followed by four hexadecimal digits",
                Span::new(self.at - 2, self.at),
            )
        })?;
        self.at += 4;
        Ok(unit)
    }
}
