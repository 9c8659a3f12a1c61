//! Scalars in single and double quotes.

use super::Scanner;
use crate::ParseError;
use crate::yaml::chars::{BREAK, IN_DOUBLE, IN_SINGLE, KINDS, WIDE, break_text};
use crate::yaml::error;
use crate::yaml::token::{Held, Style};

impl Scanner<'_> {
    /// Follows scannerc.go: yaml_parser_fetch_flow_scalar.
    pub(super) fn flow_scalar(&mut self, quote: u8) -> Result<(), ParseError> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.at;
        let held = match self.closed_at_once(quote) {
            Some(end) => {
                self.at = end + 1;
                Self::borrowed(start + 1, end)
            }
            None => self.quoted_lines(quote)?,
        };
        self.scalar(Style::Quoted, start, self.at, held)
    }

    /// Where the closing quote stands if nothing between the quotes is escaped or folded.
    #[inline]
    fn closed_at_once(&self, quote: u8) -> Option<usize> {
        let from = self.at + 1;
        let rest = &self.bytes[from..];
        let found = match quote {
            b'"' => memchr::memchr3(b'"', b'\\', b'\n', rest)?,
            _ => memchr::memchr2(b'\'', b'\n', rest)?,
        };
        let end = from + found;
        let closed = rest[found] == quote && (quote == b'"' || self.byte(end + 1) != b'\'');
        let odd = self.breaks.returns || self.breaks.wide;
        let plain = !odd
            || !rest[..found]
                .iter()
                .any(|byte| KINDS[*byte as usize] & (BREAK | WIDE) != 0);
        (closed && plain).then_some(end)
    }

    /// Follows scannerc.go: yaml_parser_scan_flow_scalar.
    fn quoted_lines(&mut self, quote: u8) -> Result<Held, ParseError> {
        let start = self.at;
        let text = self.text;
        let from = self.written.len();
        self.at += 1;
        loop {
            if self.at_marker() || self.at >= self.bytes.len() {
                return Err(error::unclosed_quote(
                    self.text,
                    start,
                    self.at_marker().then_some(self.at),
                ));
            }
            let escaped = self.quoted_words(quote, start)?;
            if self.byte(self.at) == quote {
                self.at += 1;
                return Ok(self.written_from(from));
            }
            let blanks = self.at;
            match self.quoted_breaks(escaped) {
                (false, _) => self.written.push_str(&text[blanks..self.at]),
                (true, first) => self.fold(first),
            }
        }
    }

    /// Passes over blanks and breaks; gives whether there were breaks, and the first that was not escaped.
    fn quoted_breaks(&mut self, escaped: bool) -> (bool, Option<char>) {
        let mut broken = escaped;
        let mut first = None;
        self.blank_lines.clear();
        loop {
            if self.is_blank(self.at) {
                self.at += 1;
                continue;
            }
            let width = self.break_width(self.at);
            if width == 0 {
                return (broken, first);
            }
            let character = break_text(self.bytes, self.at);
            match broken {
                true => self.blank_lines.push(character),
                false => first = Some(character),
            }
            broken = true;
            self.at += width;
            self.line = self.at;
        }
    }

    /// Reads up to the closing quote, a blank or a break; gives whether an escaped break was passed.
    fn quoted_words(&mut self, quote: u8, start: usize) -> Result<bool, ParseError> {
        let stops = if quote == b'"' { IN_DOUBLE } else { IN_SINGLE } | WIDE;
        let text = self.text;
        let mut run = self.at;
        loop {
            while self.at < self.bytes.len() && KINDS[self.bytes[self.at] as usize] & stops == 0 {
                self.at += 1;
            }
            match self.byte(self.at) {
                0xc2 | 0xe2 if self.break_width(self.at) == 0 => {
                    self.at += 1;
                    continue;
                }
                b'\'' if self.byte(self.at + 1) == b'\'' => {
                    self.written.push_str(&text[run..=self.at]);
                    self.at += 2;
                }
                b'\\' => {
                    self.written.push_str(&text[run..self.at]);
                    let width = self.break_width(self.at + 1);
                    if width > 0 {
                        self.at += 1 + width;
                        self.line = self.at;
                        return Ok(true);
                    }
                    self.escape(start)?;
                }
                _ => {
                    self.written.push_str(&text[run..self.at]);
                    return Ok(false);
                }
            }
            run = self.at;
        }
    }

    fn escape(&mut self, start: usize) -> Result<(), ParseError> {
        let character = match self.byte(self.at + 1) {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            b' ' => ' ',
            b'"' => '"',
            b'\'' => '\'',
            b'\\' => '\\',
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'/' if self.json => '/',
            b'x' => return self.code(2),
            b'u' => return self.code(4),
            b'U' => return self.code(8),
            _ if self.at + 1 >= self.bytes.len() => return Err(error::unclosed_quote(self.text, start, None)),
            _ => return Err(error::unknown_escape(self.text, self.at)),
        };
        self.written.push(character);
        self.at += 2;
        Ok(())
    }

    /// An escape with a number of this many digits.
    fn code(&mut self, length: usize) -> Result<(), ParseError> {
        let at = self.at;
        let wrong = || error::bad_code(at, length);
        let mut number = self.digits(at + 2, length).ok_or_else(wrong)?;
        self.at += 2 + length;
        if self.json && length == 4 && (0xd800..0xdc00).contains(&number) {
            let low = match self.bytes.get(self.at..self.at + 2) {
                Some(b"\\u") => self.digits(self.at + 2, length),
                _ => None,
            };
            let low = low.filter(|low| (0xdc00..0xe000).contains(low)).ok_or_else(wrong)?;
            number = 0x10000 + ((number - 0xd800) << 10) + (low - 0xdc00);
            self.at += 2 + length;
        }
        self.written.push(char::from_u32(number).ok_or_else(wrong)?);
        Ok(())
    }

    fn digits(&self, at: usize, length: usize) -> Option<u32> {
        let digits = self.text.get(at..at + length)?;
        let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        all.then(|| u32::from_str_radix(digits, 16).ok())?
    }
}
