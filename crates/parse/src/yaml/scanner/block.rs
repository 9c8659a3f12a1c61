//! Scalars after `|` and `>`.

use super::Scanner;
use crate::ParseError;
use crate::yaml::chars::break_text;
use crate::yaml::error;
use crate::yaml::token::{Held, Style};

/// What becomes of the breaks at the end of a block scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    Clipped,
    Stripped,
    Kept,
}

impl Scanner<'_> {
    /// Follows scannerc.go: yaml_parser_fetch_block_scalar and yaml_parser_scan_block_scalar.
    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<(), ParseError> {
        self.remove_key()?;
        self.key_allowed = true;
        let start = self.at;
        self.at += 1;
        let (tail, increment) = self.block_header(start)?;
        let header_end = self.at;
        while self.is_blank(self.at) {
            self.at += 1;
        }
        if self.byte(self.at) == b'#' {
            self.at = self.breaks.line_end(self.bytes, self.at);
        }
        let width = self.break_width(self.at);
        if width == 0 && self.at < self.bytes.len() {
            return Err(error::block_header(self.text, start, self.at));
        }
        self.at += width;
        self.line = self.at;
        let indent = match increment {
            0 => 0,
            _ => self.indent.max(0) + increment,
        };
        let (held, end) = self.block_lines(literal, tail, indent)?;
        self.scalar(Style::Block, start, end.unwrap_or(header_end), held)
    }

    /// The indicators: how kpolicy treats the tail, and how far the text is indented, where that is said.
    fn block_header(&mut self, start: usize) -> Result<(Tail, i32), ParseError> {
        let mut tail = Tail::Clipped;
        let mut increment = 0;
        for _ in 0..2 {
            match self.byte(self.at) {
                b'+' if tail == Tail::Clipped => tail = Tail::Kept,
                b'-' if tail == Tail::Clipped => tail = Tail::Stripped,
                b'0' if increment == 0 => return Err(error::block_indent(start, self.at)),
                digit @ b'1'..=b'9' if increment == 0 => increment = i32::from(digit - b'0'),
                _ => break,
            }
            self.at += 1;
        }
        Ok((tail, increment))
    }

    /// The text, and where its last character stands that is not a blank.
    fn block_lines(&mut self, literal: bool, tail: Tail, mut indent: i32) -> Result<(Held, Option<usize>), ParseError> {
        let text = self.text;
        let from = self.written.len();
        let mut end = None;
        let mut first = None;
        let mut was_blank = false;
        self.blank_lines.clear();
        self.block_breaks(&mut indent)?;
        while self.column() == indent && self.at < self.bytes.len() {
            let is_blank = self.is_blank(self.at);
            match first {
                Some('\n') if !literal && !was_blank && !is_blank => {
                    self.written
                        .push_str(if self.blank_lines.is_empty() { " " } else { "" });
                }
                Some(character) => self.written.push(character),
                None => {}
            }
            self.written.push_str(&self.blank_lines);
            self.blank_lines.clear();
            was_blank = is_blank;
            let line_end = self.breaks.line_end(self.bytes, self.at);
            let line = &text[self.at..line_end];
            self.written.push_str(line);
            let words = line.trim_end_matches([' ', '\t']).len();
            if words > 0 {
                end = Some(self.at + words);
            }
            let width = self.break_width(line_end);
            first = (width > 0).then(|| break_text(self.bytes, line_end));
            self.at = line_end + width;
            if width > 0 {
                self.line = self.at;
            }
            self.block_breaks(&mut indent)?;
        }
        if tail != Tail::Stripped {
            self.written.extend(first);
        }
        if tail == Tail::Kept {
            self.written.push_str(&self.blank_lines);
        }
        Ok((self.written_from(from), end))
    }

    /// Passes over indentation and blank lines; settles how far the text is indented where that is not known yet.
    ///
    /// Follows scannerc.go: yaml_parser_scan_block_scalar_breaks.
    fn block_breaks(&mut self, indent: &mut i32) -> Result<(), ParseError> {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.column() < *indent) && self.byte(self.at) == b' ' {
                self.at += 1;
            }
            deepest = deepest.max(self.column());
            if (*indent == 0 || self.column() < *indent) && self.byte(self.at) == b'\t' {
                return Err(error::tab(self.at));
            }
            let width = self.break_width(self.at);
            if width == 0 {
                break;
            }
            self.blank_lines.push(break_text(self.bytes, self.at));
            self.at += width;
            self.line = self.at;
        }
        if *indent == 0 {
            *indent = deepest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}
