//! Logical lines: continued lines joined, comments between them dropped, and for each byte its place in the file.

use super::super::ParseError;
use crate::document::{Node, Span};
use kpolicy_value::Value;

/// A text of the file with its place: a word, a flag, an argument.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The text, as BuildKit hands it on.
    pub(super) text: String,
    /// Where it was written.
    pub(super) span: Span,
}

impl Part {
    /// The part as a value.
    pub(super) fn node(&self) -> Node {
        Node::scalar(Value::string(self.text.as_str()), self.span)
    }
}

/// A logical line, or what remains of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Its text, joined.
    pub(super) text: String,
    /// The offset in the file of each byte of the text, and of its end.
    offsets: Vec<usize>,
    /// The comments that stand before it.
    pub(super) comments: Vec<Part>,
}

impl Line {
    fn push(&mut self, text: &str, offset: usize) {
        self.offsets.pop();
        self.offsets.extend(offset..=offset + text.len());
        self.text.push_str(text);
    }

    /// A range of the text, as a line of its own.
    pub(super) fn part_of(&self, from: usize, to: usize) -> Self {
        Self {
            text: self.text[from..to].to_owned(),
            offsets: self.offsets[from..=to].to_vec(),
            comments: Vec::new(),
        }
    }

    /// The empty end of the line.
    pub(super) fn end(&self) -> Self {
        self.part_of(self.text.len(), self.text.len())
    }

    /// The line without the blanks at its ends.
    pub(super) fn trimmed(&self) -> Self {
        let from = self.text.len() - self.text.trim_start().len();
        self.part_of(from, from + self.text.trim().len())
    }

    /// The place of a range of the text.
    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        let start = self.offsets[from];
        Span::new(start, if to > from { self.offsets[to - 1] + 1 } else { start })
    }

    /// A range of the text as it is.
    pub(super) fn part(&self, from: usize, to: usize) -> Part {
        Part {
            text: self.text[from..to].to_owned(),
            span: self.span(from, to),
        }
    }

    /// The whole line as it is.
    pub(super) fn whole(&self) -> Part {
        self.part(0, self.text.len())
    }

    /// The first word, and what follows the blanks after it.
    pub(super) fn split_first_word(&self) -> (Part, Option<Self>) {
        match self.text.find(is_blank) {
            Some(end) => {
                let next = end + self.text[end..].find(|character| !is_blank(character)).unwrap_or(0);
                (self.part(0, end), Some(self.part_of(next, self.text.len())))
            }
            None => (self.whole(), None),
        }
    }
}

/// The blanks that separate words.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// The logical lines of a file.
pub(super) struct Lines<'a> {
    rest: &'a str,
    offset: usize,
    /// The escape character in force.
    pub(super) escape: char,
    /// The directives seen so far; none can follow once something else has come.
    directives: Option<Vec<String>>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            offset: 0,
            escape: '\\',
            directives: Some(Vec::new()),
        }
    }

    /// The next line of the file without its end, and its offset.
    fn physical(&mut self) -> Option<(&'a str, usize)> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find('\n').map_or(self.rest.len(), |newline| newline + 1);
        let (line, rest) = self.rest.split_at(end);
        let offset = self.offset;
        self.rest = rest;
        self.offset += end;
        Some((line.trim_end_matches(['\r', '\n']), offset))
    }

    /// The next logical line that holds an instruction.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, ParseError> {
        let mut comments: Vec<Part> = Vec::new();
        while let Some((line, offset)) = self.physical() {
            let indent = line.len() - line.trim_start().len();
            let trimmed = &line[indent..];
            if trimmed.starts_with('#') {
                if !self.directive(trimmed, offset + indent)? {
                    note(line, offset, &mut comments);
                }
                continue;
            }
            self.directives = None;
            let (first, continued) = self.continuation(trimmed);
            if !continued && first.is_empty() {
                continue;
            }
            let mut logical = Line {
                text: String::new(),
                offsets: vec![offset],
                comments,
            };
            logical.push(first, offset + indent);
            let mut open = continued;
            while open {
                let Some((line, offset)) = self.physical() else { break };
                if line.trim_start().is_empty() || line.trim_start().starts_with('#') {
                    continue;
                }
                let (part, continued) = self.continuation(line);
                logical.push(part, offset);
                open = continued;
            }
            return Ok(Some(logical));
        }
        Ok(None)
    }

    /// The line without a continuation character at its end, and whether there was one.
    fn continuation<'l>(&self, line: &'l str) -> (&'l str, bool) {
        let bare = line.trim_end_matches([' ', '\t']);
        match bare.strip_suffix(self.escape) {
            Some(before) if !before.ends_with(self.escape) => (before, true),
            _ => (line, false),
        }
    }

    /// Takes a comment as a parser directive, where one can still stand.
    fn directive(&mut self, comment: &str, offset: usize) -> Result<bool, ParseError> {
        let Some(seen) = &mut self.directives else {
            return Ok(false);
        };
        let known = comment[1..]
            .split_once('=')
            .map(|(key, value)| (key.trim().to_lowercase(), value.trim()));
        let Some((key, value)) = known.filter(|(key, _)| matches!(key.as_str(), "syntax" | "escape" | "check")) else {
            self.directives = None;
            return Ok(false);
        };
        let span = Span::new(offset, offset + comment.len());
        if seen.contains(&key) {
            return Err(ParseError::new(format!("duplicate directive {key}"), span));
        }
        if key == "escape" {
            self.escape = match value {
                "`" => '`',
                "\\" => '\\',
                _ => return Err(ParseError::new("the escape character is neither ` nor \\", span)),
            };
        }
        seen.push(key);
        Ok(true)
    }

    /// Passes over the heredocs that these words of a line open.
    pub(super) fn skip_heredocs(&mut self, line: &Line, words: &[String]) -> Result<(), ParseError> {
        for (tabs, name) in words.iter().filter_map(|word| heredoc(word)) {
            let closes = |text: &str| {
                if tabs {
                    text.trim_start_matches('\t') == name
                } else {
                    text == name
                }
            };
            loop {
                match self.physical() {
                    Some((text, _)) if closes(text) => break,
                    Some(_) => {}
                    None => {
                        let message = format!("the heredoc {name} is never closed");
                        return Err(ParseError::new(message, line.span(0, line.text.len())));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Adds a comment to those of the next instruction; an empty one takes back those before it.
fn note(line: &str, offset: usize, comments: &mut Vec<Part>) {
    let Some(first) = line.chars().next() else { return };
    let after = &line[first.len_utf8()..];
    let text = after.trim();
    if text.is_empty() {
        comments.clear();
        return;
    }
    let start = offset + first.len_utf8() + (after.len() - after.trim_start().len());
    comments.push(Part {
        text: text.to_owned(),
        span: Span::new(start, start + text.len()),
    });
}

/// Whether a word opens a heredoc: whether tabs are taken off its lines, and its closing word.
fn heredoc(word: &str) -> Option<(bool, String)> {
    let rest = word
        .trim_start_matches(|character: char| character.is_ascii_digit())
        .strip_prefix("<<")?;
    let (tabs, name) = rest.strip_prefix('-').map_or((false, rest), |name| (true, name));
    let name: String = name
        .trim()
        .chars()
        .filter(|character| !matches!(character, '"' | '\'' | '\\'))
        .collect();
    (!name.is_empty() && !name.contains('<')).then_some((tabs, name))
}

/// The words of a shell command, their quotes kept.
pub(super) fn shell_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in text.chars() {
        match (quote, character) {
            (None, blank) if blank.is_whitespace() => words.push(String::new()),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
        if quote.is_some() || !character.is_whitespace() {
            words.last_mut().expect("there is always a word").push(character);
        }
    }
    // An open quote makes BuildKit's lexer fail, and then there are no heredocs.
    if quote.is_some() { Vec::new() } else { words }
}
