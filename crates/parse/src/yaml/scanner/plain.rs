//! Scalars without quotes.

use super::Scanner;
use crate::ParseError;
use crate::yaml::chars::{IN_BLOCK, IN_FLOW, KINDS, WIDE, break_text};
use crate::yaml::error;
use crate::yaml::token::Style;

impl Scanner<'_> {
    /// Follows scannerc.go: yaml_parser_fetch_plain_scalar and yaml_parser_scan_plain_scalar.
    pub(super) fn plain_scalar(&mut self) -> Result<(), ParseError> {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.at;
        let (end, goes_on) = self.words();
        if !goes_on {
            return self.scalar(Style::Plain, start, end, Self::borrowed(start, end));
        }
        self.plain_lines(start, end)
    }

    /// The lines of a plain scalar after its first.
    fn plain_lines(&mut self, start: usize, mut end: usize) -> Result<(), ParseError> {
        let text = self.text;
        let mut written = None;
        loop {
            let first = self.plain_breaks()?;
            let line = self.at;
            let (line_end, goes_on) = match self.goes_on() {
                true => self.words(),
                false => (line, false),
            };
            if line_end == line {
                // Only blanks and breaks followed: the scalar has ended before them.
                self.key_allowed = true;
                break;
            }
            if written.is_none() {
                written = Some(self.written.len());
                self.written.push_str(&text[start..end]);
            }
            self.fold(Some(first));
            self.written.push_str(&text[line..line_end]);
            end = line_end;
            if !goes_on {
                break;
            }
        }
        let held = match written {
            Some(from) => self.written_from(from),
            None => Self::borrowed(start, end),
        };
        self.scalar(Style::Plain, start, end, held)
    }

    /// Whether the line that the scanner is in can go on with a plain scalar.
    fn goes_on(&self) -> bool {
        (self.in_flow() || self.column() > self.indent) && !self.at_marker() && self.byte(self.at) != b'#'
    }

    /// Passes over words and the blanks between them; gives where the last word ends, which is where it started if there
    /// is none, and whether a break follows.
    #[inline]
    fn words(&mut self) -> (usize, bool) {
        let stops = if self.in_flow() { IN_FLOW } else { IN_BLOCK } | if self.breaks.wide { WIDE } else { 0 };
        let bytes = self.bytes;
        let mut at = self.at;
        loop {
            while at < bytes.len() && KINDS[bytes[at] as usize] & stops == 0 {
                at += 1;
            }
            let end = at;
            match self.byte(at) {
                b'\n' => {
                    self.at = at;
                    return (end, true);
                }
                b':' if !self.is_blankz(at + 1) => {
                    at += 1;
                    continue;
                }
                b' ' | b'\t' => {}
                _ if self.break_width(at) > 0 => {
                    self.at = at;
                    return (end, true);
                }
                0xc2 | 0xe2 => {
                    at += 1;
                    continue;
                }
                _ => {
                    self.at = at;
                    return (end, false);
                }
            }
            while matches!(self.byte(at), b' ' | b'\t') {
                at += 1;
            }
            let next = self.byte(at);
            let breaks = self.break_width(at) > 0;
            let ends = match next {
                b'#' | 0 => true,
                b':' => self.is_blankz(at + 1),
                _ => breaks || KINDS[next as usize] & stops & !WIDE != 0,
            };
            if ends {
                self.at = at;
                return (end, breaks);
            }
        }
    }

    /// Passes over the breaks after a line, and the blanks of the next; gives the first break.
    fn plain_breaks(&mut self) -> Result<char, ParseError> {
        let first = break_text(self.bytes, self.at);
        self.at += self.break_width(self.at);
        self.line = self.at;
        self.blank_lines.clear();
        loop {
            match self.byte(self.at) {
                b' ' => self.at += 1,
                b'\t' if self.column() <= self.indent => {
                    return Err(error::tab(self.at));
                }
                b'\t' => self.at += 1,
                _ => {
                    let width = self.break_width(self.at);
                    if width == 0 {
                        return Ok(first);
                    }
                    self.blank_lines.push(break_text(self.bytes, self.at));
                    self.at += width;
                    self.line = self.at;
                }
            }
        }
    }
}
