//! Strings: the escapes, and a lone surrogate read as U+FFFD, as Go reads it.

use std::sync::Arc;

use super::Reader;
use crate::ParseError;
use crate::document::Span;

impl Reader<'_> {
    /// The string whose opening quote is next, decoded.
    pub(super) fn string(&mut self) -> Result<Arc<str>, ParseError> {
        let open = self.at;
        self.at += 1;
        let plain = self.plain_run();
        if self.peek() == Some(b'"') {
            let text = Arc::from(&self.text[plain..self.at]);
            self.at += 1;
            return Ok(text);
        }
        let mut decoded = self.text[plain..self.at].to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(decoded.into());
                }
                Some(b'\\') => decoded.push(self.escape()?),
                Some(_) => return Err(self.control_character()),
                None => {
                    let span = Span::new(open, open + 1);
                    return Err(ParseError::new("this string is never closed", span));
                }
            }
            let start = self.plain_run();
            decoded.push_str(&self.text[start..self.at]);
        }
    }

    /// Moves past what needs no decoding and gives where it began.
    fn plain_run(&mut self) -> usize {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let stop = rest
            .iter()
            .position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20);
        self.at += stop.unwrap_or(rest.len());
        start
    }

    fn control_character(&self) -> ParseError {
        let byte = self.text.as_bytes()[self.at];
        let message = format!("a control character (U+{byte:04X}) is not escaped in a string");
        let error = ParseError::new(message, Span::new(self.at, self.at + 1));
        if byte == b'\n' || byte == b'\r' {
            error.with_help("close the string on its line, or write the line break as \\n")
        } else {
            error.with_help(format!("write it as \\u{byte:04x}"))
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let start = self.at;
        let letter = self.text[start + 1..].chars().next();
        let decoded = match letter {
            Some('"') => '"',
            Some('\\') => '\\',
            Some('/') => '/',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode_escape(),
            _ => {
                let end = start + 1 + letter.map_or(0, char::len_utf8);
                return Err(ParseError::new("unknown escape in a string", Span::new(start, end)));
            }
        };
        self.at += 2;
        Ok(decoded)
    }

    fn unicode_escape(&mut self) -> Result<char, ParseError> {
        let start = self.at;
        let Some(first) = self.code_unit(start) else {
            let message = "`\\u` needs four hexadecimal digits";
            return Err(ParseError::new(message, Span::new(start, start + 2)));
        };
        self.at += 6;
        let high = u32::from(first);
        if (0xD800..0xDC00).contains(&high)
            && let Some(low) = self
                .code_unit(self.at)
                .map(u32::from)
                .filter(|low| (0xDC00..0xE000).contains(low))
        {
            self.at += 6;
            let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            return Ok(char::from_u32(code).expect("a surrogate pair is a character"));
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The number in the `\uXXXX` at `at`.
    fn code_unit(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u16::from_str_radix(digits, 16).ok()
    }
}
