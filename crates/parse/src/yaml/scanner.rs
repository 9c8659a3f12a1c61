//! From bytes to tokens, as libyaml cuts them and Go's port of it: which key is a key is known when its colon comes, so
//! tokens wait in a queue.
//!
//! Follows go.yaml.in/yaml/v2 scannerc.go.

use super::chars::{Breaks, KINDS, NAME};
use super::error;
use super::token::{Held, Kind, Style, Token, span};
use crate::ParseError;

mod block;
mod plain;
mod property;
mod quoted;

/// How many collections may stand within each other.
pub(super) const DEEPEST: usize = 1000;
/// How many characters a key may have together with its colon.
const LONGEST_KEY: usize = 1024;

/// A token that is a key if a colon follows.
#[derive(Clone, Copy, Debug, Default)]
struct Candidate {
    possible: bool,
    /// Whether its token waits for the colon. Go forgets this when an empty flow collection ends, and hands the token on.
    waits: bool,
    /// Whether nothing else can stand there.
    required: bool,
    /// Its place in the sequence of all tokens.
    number: usize,
    at: usize,
    line: usize,
}

/// The scanner of a part of a text.
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    bytes: &'t [u8],
    breaks: Breaks,
    /// Whether JSON's escapes are understood, as for the documents that are JSON.
    json: bool,
    at: usize,
    /// Where the line starts that `at` is in.
    line: usize,
    /// The column of the block that is open; -1 where none is.
    indent: i32,
    indents: Vec<i32>,
    /// Where the flow collections that are open were opened.
    flows: Vec<u32>,
    key_allowed: bool,
    /// One for each level of flow collections.
    candidates: Vec<Candidate>,
    tokens: Vec<Token>,
    head: usize,
    /// Whether the first token of the queue is known to be no key.
    ready: bool,
    /// How many tokens were taken.
    taken: usize,
    /// The strings that are not in the text as they are.
    written: String,
    /// The breaks within the scalar that is scanned.
    blank_lines: String,
}

impl<'t> Scanner<'t> {
    /// A scanner of `text` from `start`.
    pub(super) fn new(text: &'t str, start: usize, breaks: Breaks, json: bool) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            breaks,
            json,
            at: start,
            line: start,
            indent: -1,
            indents: Vec::new(),
            flows: Vec::new(),
            key_allowed: true,
            candidates: vec![Candidate::default()],
            tokens: Vec::new(),
            head: 0,
            ready: false,
            taken: 0,
            written: String::new(),
            blank_lines: String::new(),
        }
    }

    /// The next token, which stays.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Token, ParseError> {
        if !self.ready {
            self.fill()?;
        }
        Ok(self.tokens[self.head])
    }

    /// Takes the token that was peeked at. The strings of tokens that were taken are gone with the next one.
    #[inline]
    pub(super) fn skip(&mut self) {
        self.ready = false;
        self.taken += 1;
        self.head += 1;
    }

    /// The text of a token.
    #[inline]
    pub(super) fn held(&self, held: Held) -> &str {
        let source = if held.written { &self.written } else { self.text };
        &source[held.start as usize..held.end as usize]
    }

    /// Follows scannerc.go: yaml_parser_fetch_more_tokens.
    #[inline]
    fn fill(&mut self) -> Result<(), ParseError> {
        loop {
            if self.head < self.tokens.len() {
                if !self.head_may_be_key()? {
                    break;
                }
            } else {
                self.tokens.clear();
                self.head = 0;
                self.written.clear();
            }
            self.fetch()?;
        }
        self.ready = true;
        Ok(())
    }

    #[inline]
    fn head_may_be_key(&mut self) -> Result<bool, ParseError> {
        // Candidates are in the order of their numbers, and the one of the innermost level is mostly the only one.
        let index = match self.candidates.len() {
            1 => 0,
            _ => self
                .candidates
                .partition_point(|candidate| candidate.number < self.taken),
        };
        match self.candidates.get(index) {
            Some(candidate) if candidate.possible && candidate.waits && candidate.number == self.taken => {
                self.is_valid(index)
            }
            _ => Ok(false),
        }
    }

    /// Follows scannerc.go: yaml_simple_key_is_valid. A key and its colon stand on one line.
    fn is_valid(&mut self, index: usize) -> Result<bool, ParseError> {
        let candidate = self.candidates[index];
        if !candidate.possible {
            return Ok(false);
        }
        if candidate.line == self.line && self.is_short(candidate.at) {
            return Ok(true);
        }
        if candidate.required {
            return Err(self.no_colon(candidate.at));
        }
        self.candidates[index].possible = false;
        Ok(false)
    }

    /// Whether a key that starts there is short enough.
    fn is_short(&self, start: usize) -> bool {
        let length = self.at - start;
        length <= LONGEST_KEY || self.text[start..self.at].chars().count() <= LONGEST_KEY
    }

    fn no_colon(&self, at: usize) -> ParseError {
        error::no_colon(self.text, at)
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// Whether there is a blank, a break or the end of the text.
    #[inline]
    fn is_blankz(&self, at: usize) -> bool {
        match self.byte(at) {
            b' ' | b'\n' | b'\t' | b'\r' | 0 => true,
            0xc2 | 0xe2 => self.breaks.wide && self.breaks.width(self.bytes, at) > 0,
            _ => false,
        }
    }

    #[inline]
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), b' ' | b'\t')
    }

    #[inline]
    fn break_width(&self, at: usize) -> usize {
        self.breaks.width(self.bytes, at)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    #[inline]
    fn column(&self) -> i32 {
        (self.at - self.line) as i32
    }

    #[inline]
    fn in_flow(&self) -> bool {
        !self.flows.is_empty()
    }

    /// Whether a line starts here with `---` or `...` and nothing right after it.
    #[inline]
    fn at_marker(&self) -> bool {
        self.at == self.line
            && matches!(self.bytes.get(self.at..self.at + 3), Some(b"---" | b"..."))
            && self.is_blankz(self.at + 3)
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.tokens.push(Token::bare(kind, start, end));
    }

    /// Scans a token and puts it, with what it opens and closes, into the queue.
    ///
    /// Follows scannerc.go: yaml_parser_fetch_next_token.
    fn fetch(&mut self) -> Result<(), ParseError> {
        self.pass_blanks();
        let column = self.column();
        self.unroll(column);
        let at = self.at;
        let byte = self.byte(at);
        if column == 0 {
            match byte {
                b'%' => return self.directive(),
                b'-' | b'.' if self.at_marker() => return self.document_marker(byte),
                _ => {}
            }
        }
        match byte {
            b'"' => self.flow_scalar(b'"'),
            b'\'' => self.flow_scalar(b'\''),
            b'-' if self.is_blankz(at + 1) => self.entry(),
            b'[' => self.open(Kind::OpenSequence),
            b'{' => self.open(Kind::OpenMapping),
            b']' => self.close(Kind::CloseSequence),
            b'}' => self.close(Kind::CloseMapping),
            b',' => self.comma(),
            b'?' if self.in_flow() || self.is_blankz(at + 1) => self.key(),
            b':' if self.in_flow() || self.is_blankz(at + 1) => self.value(),
            b'*' => self.anchor(Kind::Alias),
            b'&' => self.anchor(Kind::Anchor),
            b'!' => self.tag(),
            b'|' | b'>' if !self.in_flow() => self.block_scalar(byte == b'|'),
            0 if at >= self.bytes.len() => self.end(),
            b'%' | b'@' | b'`' | b'|' | b'>' | b'\t' => Err(error::cannot_start(self.text, at)),
            _ => self.plain_scalar(),
        }
    }

    /// Passes over blanks, breaks and comments.
    ///
    /// Follows scannerc.go: yaml_parser_scan_to_next_token.
    #[inline]
    fn pass_blanks(&mut self) {
        loop {
            let tabs = self.in_flow() || !self.key_allowed;
            let mut at = self.at;
            while self.byte(at) == b' ' || tabs && self.byte(at) == b'\t' {
                at += 1;
            }
            if self.byte(at) == b'#' {
                at = self.breaks.line_end(self.bytes, at);
            }
            let width = self.break_width(at);
            self.at = at + width;
            if width == 0 {
                return;
            }
            self.line = self.at;
            if !self.in_flow() {
                self.key_allowed = true;
            }
        }
    }

    /// Closes the blocks that are indented deeper than `column`.
    ///
    /// Follows scannerc.go: yaml_parser_unroll_indent.
    #[inline]
    fn unroll(&mut self, column: i32) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.at, self.at);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Opens a block at `column` if it is indented deeper than the one that is open; its token stands before the one
    /// with the place `index` in the queue.
    ///
    /// Follows scannerc.go: yaml_parser_roll_indent.
    #[inline]
    fn roll(&mut self, column: i32, kind: Kind, index: usize, at: usize) -> Result<(), ParseError> {
        if self.in_flow() || self.indent >= column {
            return Ok(());
        }
        if self.indents.len() >= DEEPEST {
            return Err(error::too_deep(at));
        }
        self.indents.push(self.indent);
        self.indent = column;
        self.tokens.insert(index, Token::bare(kind, at, at));
        Ok(())
    }

    /// Notes that a key may start here.
    ///
    /// Follows scannerc.go: yaml_parser_save_simple_key.
    #[inline]
    fn save_key(&mut self) -> Result<(), ParseError> {
        if !self.key_allowed {
            return Ok(());
        }
        self.remove_key()?;
        let candidate = Candidate {
            possible: true,
            waits: true,
            required: !self.in_flow() && self.indent == self.column(),
            number: self.taken + self.tokens.len() - self.head,
            at: self.at,
            line: self.line,
        };
        if let Some(last) = self.candidates.last_mut() {
            *last = candidate;
        }
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_remove_simple_key.
    #[inline]
    fn remove_key(&mut self) -> Result<(), ParseError> {
        match self.candidates.last_mut() {
            Some(last) if last.possible && last.required => {
                let at = last.at;
                Err(self.no_colon(at))
            }
            Some(last) => {
                last.possible = false;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Follows scannerc.go: yaml_parser_fetch_stream_end.
    fn end(&mut self) -> Result<(), ParseError> {
        // The last line ends, so that no key of it waits for its colon any longer.
        self.line = self.at;
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        self.push(Kind::End, self.at, self.at);
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_document_indicator.
    fn document_marker(&mut self, byte: u8) -> Result<(), ParseError> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        let kind = if byte == b'-' {
            Kind::DocumentStart
        } else {
            Kind::DocumentEnd
        };
        self.push(kind, self.at, self.at + 3);
        self.at += 3;
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_flow_collection_start.
    fn open(&mut self, kind: Kind) -> Result<(), ParseError> {
        self.save_key()?;
        if self.flows.len() >= DEEPEST {
            return Err(error::too_deep(self.at));
        }
        self.candidates.push(Candidate {
            number: self.taken + self.tokens.len() - self.head,
            ..Candidate::default()
        });
        self.flows.push(span(self.at, self.at).start);
        self.key_allowed = true;
        self.push(kind, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_flow_collection_end.
    fn close(&mut self, kind: Kind) -> Result<(), ParseError> {
        self.remove_key()?;
        if self.flows.pop().is_some() {
            let number = self.candidates.pop().map(|candidate| candidate.number);
            if let Some(outer) = self.candidates.last_mut() {
                outer.waits &= number != Some(outer.number);
            }
        }
        self.key_allowed = false;
        self.push(kind, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_flow_entry.
    fn comma(&mut self) -> Result<(), ParseError> {
        self.remove_key()?;
        self.key_allowed = true;
        self.push(Kind::Comma, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_block_entry.
    fn entry(&mut self) -> Result<(), ParseError> {
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(error::no_entry_here(self.text, self.at));
            }
            self.roll(self.column(), Kind::SequenceStart, self.tokens.len(), self.at)?;
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.push(Kind::Entry, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_key.
    fn key(&mut self) -> Result<(), ParseError> {
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(error::no_key_here(self.at));
            }
            self.roll(self.column(), Kind::MappingStart, self.tokens.len(), self.at)?;
        }
        self.remove_key()?;
        self.key_allowed = !self.in_flow();
        self.push(Kind::Key, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    /// Follows scannerc.go: yaml_parser_fetch_value.
    fn value(&mut self) -> Result<(), ParseError> {
        let last = self.candidates.len() - 1;
        if self.is_valid(last)? {
            let candidate = self.candidates[last];
            let key = Token::bare(Kind::Key, candidate.at, candidate.at);
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
            let column = (candidate.at - candidate.line) as i32;
            if candidate.number >= self.taken {
                let index = self.head + candidate.number - self.taken;
                self.tokens.insert(index, key);
                self.roll(column, Kind::MappingStart, index, candidate.at)?;
            } else {
                self.tokens.push(key);
                self.roll(column, Kind::MappingStart, self.tokens.len(), candidate.at)?;
            }
            self.candidates[last].possible = false;
            self.key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_allowed {
                    return Err(error::no_value_here(self.text, self.at));
                }
                self.roll(self.column(), Kind::MappingStart, self.tokens.len(), self.at)?;
            }
            self.key_allowed = !self.in_flow();
        }
        self.push(Kind::Value, self.at, self.at + 1);
        self.at += 1;
        Ok(())
    }

    /// Puts a scalar into the queue, and the colon after it where that makes it a key.
    #[inline]
    fn scalar(&mut self, style: Style, start: usize, end: usize, text: Held) -> Result<(), ParseError> {
        self.tokens.push(Token {
            kind: Kind::Scalar(style),
            span: span(start, end),
            text,
            extra: 0,
        });
        let is_candidate = self
            .candidates
            .last()
            .is_some_and(|last| last.possible && last.at == start && last.line == self.line && self.is_short(start));
        if is_candidate && self.byte(self.at) == b':' && (self.in_flow() || self.is_blankz(self.at + 1)) {
            return self.value();
        }
        Ok(())
    }

    /// The text written since `from`.
    fn written_from(&self, from: usize) -> Held {
        let range = span(from, self.written.len());
        Held {
            start: range.start,
            end: range.end,
            written: true,
        }
    }

    /// A range of the text itself.
    fn borrowed(start: usize, end: usize) -> Held {
        let range = span(start, end);
        Held {
            start: range.start,
            end: range.end,
            written: false,
        }
    }

    /// Writes what stands for the breaks that were passed: the first, if there was one that was not escaped, and the
    /// blank lines after it.
    fn fold(&mut self, first: Option<char>) {
        match first {
            Some('\n') if self.blank_lines.is_empty() => self.written.push(' '),
            Some('\n') | None => {}
            Some(other) => self.written.push(other),
        }
        self.written.push_str(&self.blank_lines);
    }

    /// The name that starts at `at`: letters, digits, `_` and `-`.
    fn name_end(&self, mut at: usize) -> usize {
        while KINDS[self.byte(at) as usize] & NAME != 0 {
            at += 1;
        }
        at
    }
}
