//! Anchors, aliases, tags and directives.

use super::Scanner;
use crate::ParseError;
use crate::yaml::chars::{KINDS, NAME, TAG};
use crate::yaml::error;
use crate::yaml::token::{Held, Kind, Token, span};

impl Scanner<'_> {
    /// Follows scannerc.go: yaml_parser_fetch_anchor and yaml_parser_scan_anchor.
    pub(super) fn anchor(&mut self, kind: Kind) -> Result<(), ParseError> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.at;
        let end = self.name_end(start + 1);
        let ends_well =
            self.is_blankz(end) || matches!(self.byte(end), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if end == start + 1 || !ends_well {
            return Err(error::no_name(self.text, start));
        }
        self.tokens.push(Token {
            kind,
            span: span(start, end),
            text: Self::borrowed(start + 1, end),
            extra: 0,
        });
        self.at = end;
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_tag and yaml_parser_scan_tag.
    pub(super) fn tag(&mut self) -> Result<(), ParseError> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.at;
        // The handle stands between the token's start and this; a tag without one is whole.
        let mut handle_end = start;
        let suffix;
        if self.byte(start + 1) == b'<' {
            self.at += 2;
            suffix = self.uri(self.at, start)?;
            if self.byte(self.at) != b'>' {
                return Err(error::tag(self.text, start));
            }
            self.at += 1;
        } else {
            self.at = self.name_end(start + 1);
            if self.byte(self.at) == b'!' {
                self.at += 1;
                handle_end = self.at;
                suffix = self.uri(self.at, start)?;
            } else {
                let rest = self.uri(start + 1, start)?;
                suffix = match rest.end == rest.start {
                    true => Self::borrowed(start, start + 1),
                    false => rest,
                };
                handle_end += usize::from(rest.end != rest.start);
            }
        }
        if !self.is_blankz(self.at) {
            return Err(error::tag(self.text, start));
        }
        self.tokens.push(Token {
            kind: Kind::Tag,
            span: span(start, self.at),
            text: suffix,
            extra: span(handle_end, handle_end).start,
        });
        Ok(())
    }

    /// The rest of a tag from `head` on, of which the scanner has passed a part; `start` is where the whole starts.
    ///
    /// Follows scannerc.go: yaml_parser_scan_tag_uri.
    fn uri(&mut self, head: usize, start: usize) -> Result<Held, ParseError> {
        let text = self.text;
        let mut bytes: Option<Vec<u8>> = None;
        let from = self.at;
        let mut run = head;
        while KINDS[self.byte(self.at) as usize] & (NAME | TAG) != 0 {
            if self.byte(self.at) != b'%' {
                self.at += 1;
                continue;
            }
            let octets = bytes.get_or_insert_default();
            octets.extend_from_slice(&text.as_bytes()[run..self.at]);
            self.uri_escape(start, octets)?;
            run = self.at;
        }
        // `!` alone is a tag; a handle, and `%TAG`'s prefix, need something after them.
        if self.at == from && (head == from) && from != start + 1 {
            return Err(error::tag(text, start));
        }
        let Some(mut octets) = bytes else {
            return Ok(Self::borrowed(head, self.at));
        };
        octets.extend_from_slice(&text.as_bytes()[run..self.at]);
        let from = self.written.len();
        self.written.push_str(&String::from_utf8_lossy(&octets));
        Ok(self.written_from(from))
    }

    /// One character that is written as `%` and two digits for each of its bytes.
    ///
    /// Follows scannerc.go: yaml_parser_scan_uri_escapes.
    fn uri_escape(&mut self, start: usize, octets: &mut Vec<u8>) -> Result<(), ParseError> {
        let mut left = None;
        while left != Some(0) {
            let digits = self
                .text
                .get(self.at + 1..self.at + 3)
                .filter(|_| self.byte(self.at) == b'%');
            let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let octet = octet.ok_or_else(|| error::tag(self.text, start))?;
            let width = match octet {
                0..0x80 => 1,
                0xc0..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf8 => 4,
                _ => 0,
            };
            left = match left {
                None if width > 0 => Some(width - 1),
                Some(left) if octet & 0xc0 == 0x80 => Some(left - 1),
                _ => return Err(error::tag(self.text, start)),
            };
            octets.push(octet);
            self.at += 3;
        }
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_directive and yaml_parser_scan_directive.
    pub(super) fn directive(&mut self) -> Result<(), ParseError> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let start = self.at;
        let name_end = self.name_end(start + 1);
        let name = &self.text[start + 1..name_end];
        if !self.is_blankz(name_end) || !matches!(name, "YAML" | "TAG") {
            return Err(error::directive(self.text, start));
        }
        self.at = name_end;
        self.blanks();
        let token = match name {
            "YAML" => self.version(start)?,
            _ => self.tag_directive(start)?,
        };
        self.blanks();
        if self.byte(self.at) == b'#' {
            self.at = self.breaks.line_end(self.bytes, self.at);
        }
        let width = self.break_width(self.at);
        if width == 0 && self.at < self.bytes.len() {
            return Err(error::directive(self.text, start));
        }
        self.at += width;
        if width > 0 {
            self.line = self.at;
        }
        self.tokens.push(token);
        Ok(())
    }

    fn blanks(&mut self) {
        while self.is_blank(self.at) {
            self.at += 1;
        }
    }

    fn version(&mut self, start: usize) -> Result<Token, ParseError> {
        let major = self.version_number(start)?;
        if self.byte(self.at) != b'.' {
            return Err(error::directive(self.text, start));
        }
        self.at += 1;
        let minor = self.version_number(start)?;
        Ok(Token {
            kind: Kind::Version,
            span: span(start, self.at),
            text: Held::default(),
            extra: major * 100 + minor,
        })
    }

    fn version_number(&mut self, start: usize) -> Result<u32, ParseError> {
        let from = self.at;
        while self.byte(self.at).is_ascii_digit() {
            self.at += 1;
        }
        let digits = &self.text[from..self.at];
        let number = digits.parse().ok().filter(|_| digits.len() <= 2);
        number.ok_or_else(|| error::directive(self.text, start))
    }

    fn tag_directive(&mut self, start: usize) -> Result<Token, ParseError> {
        let wrong = || error::directive(self.text, start);
        let handle = self.at;
        if self.byte(handle) != b'!' {
            return Err(wrong());
        }
        let mut handle_end = self.name_end(handle + 1);
        match self.byte(handle_end) {
            b'!' => handle_end += 1,
            _ if handle_end > handle + 1 => return Err(wrong()),
            _ => {}
        }
        if !self.is_blank(handle_end) {
            return Err(wrong());
        }
        self.at = handle_end;
        self.blanks();
        let prefix = self.at;
        let text = self.uri(prefix, start)?;
        if !self.is_blankz(self.at) || self.at == prefix {
            return Err(error::directive(self.text, start));
        }
        Ok(Token {
            kind: Kind::TagDirective,
            span: span(handle, self.at),
            text,
            extra: span(handle_end, handle_end).start,
        })
    }
}
