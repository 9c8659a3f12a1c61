//! Go's syntax of patterns, read and written again for the crate `regex`: what Go refuses is refused in Go's words, and
//! what only the crate knows never reaches it.

use std::fmt;

use super::escape::{Cursor, literal};

/// A pattern as the crate `regex` reads it.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) pattern: String,
    /// The groups' names, the whole match first.
    pub(super) names: Vec<Option<String>>,
}

/// Why Go refuses a pattern: the kind, and the part of the pattern.
#[derive(Debug)]
pub(super) struct PatternError(Kind, String);

impl PatternError {
    pub(super) fn new(kind: Kind, part: &str) -> Self {
        Self(kind, part.to_owned())
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error parsing regexp: {}: `{}`", self.0, self.1)
    }
}

#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum Kind {
    #[error("invalid character class range")]
    Range,
    #[error("invalid escape sequence")]
    Escape,
    #[error("invalid named capture")]
    Name,
    #[error("invalid or unsupported Perl syntax")]
    Perl,
    #[error("invalid nested repetition operator")]
    Nested,
    #[error("invalid repeat count")]
    Count,
    #[error("missing closing ]")]
    Bracket,
    #[error("missing closing )")]
    Unclosed,
    #[error("missing argument to repetition operator")]
    NoArgument,
    #[error("trailing backslash at end of expression")]
    TrailingBackslash,
    #[error("unexpected )")]
    Unopened,
    #[error("expression nests too deeply")]
    Depth,
    #[error("expression too large")]
    Size,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_all: bool,
    lazy: bool,
}

/// A part of a pattern that a repetition can follow.
#[derive(Debug)]
struct Item {
    text: String,
    captures: bool,
    /// How many copies of its innermost part the counted repetitions in it make.
    copies: u64,
    height: u32,
    size: u64,
}

/// A group that is being read, or the whole pattern.
struct Frame {
    captures: bool,
    /// The flags to go back to after the group.
    flags: Flags,
    alternatives: Vec<Item>,
    sequence: Vec<Item>,
}

/// The most copies, the greatest height and the largest size that Go takes.
const COPIES: u64 = 1000;
const HEIGHT: u32 = 1000;
const SIZE: u64 = (128 << 20) / 40;

/// Reads a pattern of Go.
pub(super) fn translate(pattern: &str) -> Result<Translated, PatternError> {
    let mut parser = Parser {
        whole: pattern,
        cursor: Cursor { rest: pattern },
        flags: Flags::default(),
        frames: vec![Frame::new(false, Flags::default())],
        names: vec![None],
    };
    let mut last = None;
    while let Some(next) = parser.cursor.peek() {
        last = parser.step(next, last)?;
    }
    let frame = parser.frames.pop().expect("the first frame is never closed");
    if !parser.frames.is_empty() {
        return Err(PatternError::new(Kind::Unclosed, pattern));
    }
    let item = parser.closed(frame)?;
    Ok(Translated {
        pattern: item.text,
        names: parser.names,
    })
}

struct Parser<'a> {
    whole: &'a str,
    cursor: Cursor<'a>,
    flags: Flags,
    frames: Vec<Frame>,
    names: Vec<Option<String>>,
}

impl Frame {
    fn new(captures: bool, flags: Flags) -> Self {
        Self {
            captures,
            flags,
            alternatives: Vec::new(),
            sequence: Vec::new(),
        }
    }
}

impl<'a> Parser<'a> {
    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the first frame is never closed")
    }

    /// Reads one operator or item; gives where a repetition began, if it was one.
    fn step(&mut self, next: char, last: Option<Cursor<'a>>) -> Result<Option<Cursor<'a>>, PatternError> {
        match next {
            '(' if self.cursor.rest.starts_with("(?") => self.perl_group()?,
            '(' => {
                self.cursor.next();
                self.names.push(None);
                self.open(true, self.flags);
            }
            ')' => self.close()?,
            '|' => {
                self.cursor.next();
                self.end_alternative()?;
            }
            '*' | '+' | '?' => return self.repeat(last).map(Some),
            '{' => {
                if let Some((low, high, after)) = counts(self.cursor) {
                    return self.repeat_counted(low, high, after, last).map(Some);
                }
                self.cursor.next();
                self.push_literal(u32::from('{'));
            }
            '[' => {
                let class = self.cursor.class()?;
                self.push_class(&class);
            }
            '\\' => self.escape()?,
            '^' => self.push_anchor(r"\A", "(?m:^)"),
            '$' => self.push_anchor(r"\z", "(?m:$)"),
            '.' => {
                self.cursor.next();
                let text = if self.flags.dot_all { "(?s:.)" } else { r"[^\n]" };
                self.push(text.to_owned());
            }
            character => {
                self.cursor.next();
                self.push_literal(u32::from(character));
            }
        }
        Ok(None)
    }

    fn push(&mut self, text: String) {
        self.top().sequence.push(Item {
            text,
            captures: false,
            copies: 1,
            height: 1,
            size: 1,
        });
    }

    fn push_anchor(&mut self, whole: &str, line: &str) {
        self.cursor.next();
        let text = if self.flags.multi_line { line } else { whole };
        self.push(text.to_owned());
    }

    fn push_literal(&mut self, code: u32) {
        let text = literal(code);
        self.push_class(&text);
    }

    fn push_class(&mut self, class: &str) {
        let text = if self.flags.fold {
            format!("(?i:{class})")
        } else {
            class.to_owned()
        };
        self.push(text);
    }

    fn escape(&mut self) -> Result<(), PatternError> {
        let start = self.cursor;
        let assertion = match self.cursor.rest.chars().nth(1) {
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"(?-u:\b)",
            Some('B') => r"(?-u:\B)",
            Some('C') => return Err(PatternError::new(Kind::Escape, &start.rest[..2])),
            Some('Q') => {
                self.quoted();
                return Ok(());
            }
            _ => "",
        };
        if !assertion.is_empty() {
            self.cursor.rest = &self.cursor.rest[2..];
            self.push(assertion.to_owned());
            return Ok(());
        }
        let class = match self.cursor.unicode_class()? {
            Some(class) => Some(class),
            None => self.cursor.perl_class(),
        };
        match class {
            Some(class) => self.push_class(&class),
            None => {
                let code = self.cursor.escape()?;
                self.push_literal(code);
            }
        }
        Ok(())
    }

    /// `\Q…\E`, or to the end.
    fn quoted(&mut self) {
        let rest = &self.cursor.rest[2..];
        let (quoted, after) = rest.split_once(r"\E").unwrap_or((rest, ""));
        for character in quoted.chars() {
            self.push_literal(u32::from(character));
        }
        self.cursor.rest = after;
    }

    fn open(&mut self, captures: bool, flags: Flags) {
        self.frames.push(Frame::new(captures, self.flags));
        self.flags = flags;
    }

    fn perl_group(&mut self) -> Result<(), PatternError> {
        let start = self.cursor;
        let named = start.rest.starts_with("(?P<") && start.rest.len() > 4;
        if named || start.rest.starts_with("(?<") && start.rest.len() > 3 {
            return self.named_group(if named { 4 } else { 3 });
        }
        self.cursor.rest = &start.rest[2..];
        let mut flags = self.flags;
        let (mut on, mut seen) = (true, false);
        while let Some(letter) = self.cursor.next() {
            match letter {
                'i' => flags.fold = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_all = on,
                'U' => flags.lazy = on,
                '-' if on => on = false,
                ':' | ')' if on || seen => {
                    if letter == ':' {
                        self.open(false, flags);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            seen = letter != '-';
        }
        Err(PatternError::new(Kind::Perl, self.cursor.since(&start)))
    }

    fn named_group(&mut self, name_at: usize) -> Result<(), PatternError> {
        let rest = self.cursor.rest;
        let Some(end) = rest.find('>') else {
            return Err(PatternError::new(Kind::Name, rest));
        };
        let name = &rest[name_at..end];
        let valid = |character: char| character == '_' || character.is_ascii_alphanumeric();
        if name.is_empty() || !name.chars().all(valid) {
            return Err(PatternError::new(Kind::Name, &rest[..=end]));
        }
        self.names.push(Some(name.to_owned()));
        self.cursor.rest = &rest[end + 1..];
        self.open(true, self.flags);
        Ok(())
    }

    fn close(&mut self) -> Result<(), PatternError> {
        self.cursor.next();
        if self.frames.len() == 1 {
            return Err(PatternError::new(Kind::Unopened, self.whole));
        }
        let frame = self.frames.pop().expect("there are two at least");
        let (captures, flags) = (frame.captures, frame.flags);
        let mut item = self.closed(frame)?;
        if captures {
            item.text = format!("({})", item.text);
            item.captures = true;
            item.height += 1;
            item.size += 2;
        } else {
            item.text = format!("(?:{})", item.text);
        }
        self.flags = flags;
        let item = self.checked(item)?;
        self.top().sequence.push(item);
        Ok(())
    }

    fn end_alternative(&mut self) -> Result<(), PatternError> {
        let sequence = std::mem::take(&mut self.top().sequence);
        let item = self.checked(joined(sequence, ""))?;
        self.top().alternatives.push(item);
        Ok(())
    }

    /// The whole of a group that ends here.
    fn closed(&self, mut frame: Frame) -> Result<Item, PatternError> {
        let last = self.checked(joined(frame.sequence, ""))?;
        if frame.alternatives.is_empty() {
            return Ok(last);
        }
        frame.alternatives.push(last);
        self.checked(joined(frame.alternatives, "|"))
    }

    fn checked(&self, item: Item) -> Result<Item, PatternError> {
        if item.height > HEIGHT {
            return Err(PatternError::new(Kind::Depth, self.whole));
        }
        if item.size > SIZE {
            return Err(PatternError::new(Kind::Size, self.whole));
        }
        Ok(item)
    }

    fn repeat(&mut self, last: Option<Cursor<'a>>) -> Result<Cursor<'a>, PatternError> {
        let start = self.cursor;
        let operator = self.cursor.next().unwrap_or('*');
        let lazy = self.lazy();
        let item = self.repeated(start, last)?;
        let size = item.size + if operator == '*' { 2 } else { 1 };
        self.push_repeated(item, &format!("{operator}{lazy}"), size)?;
        Ok(start)
    }

    fn repeat_counted(
        &mut self,
        low: u64,
        high: Option<u64>,
        after: Cursor<'a>,
        last: Option<Cursor<'a>>,
    ) -> Result<Cursor<'a>, PatternError> {
        let start = self.cursor;
        self.cursor = after;
        if low > COPIES || high.is_some_and(|high| high > COPIES || high < low) {
            return Err(PatternError::new(Kind::Count, after.since(&start)));
        }
        let lazy = self.lazy();
        let mut item = self.repeated(start, last)?;
        let most = high.unwrap_or(low);
        item.copies = if high == Some(0) { 0 } else { item.copies * most.max(1) };
        if most >= 2 && item.copies > COPIES {
            return Err(PatternError::new(Kind::Count, self.cursor.since(&start)));
        }
        let size = match high {
            None if low == 0 => item.size + 2,
            None => item.size * low + 1,
            Some(high) => item.size * high + high - low,
        };
        let high = high.map_or(String::new(), |high| high.to_string());
        if high == "0" && item.captures {
            // The crate forgets the groups of what never stands; after what never matches they stay.
            item.text = format!("(?:[a&&b]{})", item.text);
            self.push_repeated(item, "?", size)?;
        } else {
            self.push_repeated(item, &format!("{{{low},{high}}}{lazy}"), size)?;
        }
        Ok(start)
    }

    /// Takes the item to repeat.
    fn repeated(&mut self, start: Cursor<'a>, last: Option<Cursor<'a>>) -> Result<Item, PatternError> {
        let after = self.cursor;
        if let Some(last) = last {
            return Err(PatternError::new(Kind::Nested, after.since(&last)));
        }
        let item = self.top().sequence.pop();
        item.ok_or_else(|| PatternError::new(Kind::NoArgument, after.since(&start)))
    }

    fn push_repeated(&mut self, item: Item, operator: &str, size: u64) -> Result<(), PatternError> {
        let item = self.checked(Item {
            text: format!("(?:{}){operator}", item.text),
            height: item.height + 1,
            size: size.max(1),
            ..item
        })?;
        self.top().sequence.push(item);
        Ok(())
    }

    /// What makes the repetition that ends here lazy, if it is.
    fn lazy(&mut self) -> &'static str {
        if self.cursor.eat("?") != self.flags.lazy {
            "?"
        } else {
            ""
        }
    }
}

/// Several items as one.
fn joined(mut items: Vec<Item>, separator: &str) -> Item {
    if items.len() == 1 {
        return items.remove(0);
    }
    let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
    Item {
        text: texts.join(separator),
        captures: items.iter().any(|item| item.captures),
        copies: items.iter().map(|item| item.copies).max().unwrap_or(1),
        height: items.iter().map(|item| item.height).max().unwrap_or(0) + 1,
        size: items.iter().map(|item| item.size + separator.len() as u64).sum(),
    }
}

/// The numbers of `{2}`, `{2,}` or `{2,3}`, if that is next, and what follows.
fn counts(mut cursor: Cursor<'_>) -> Option<(u64, Option<u64>, Cursor<'_>)> {
    cursor.eat("{");
    let low = count(&mut cursor)?;
    let mut high = Some(low);
    if cursor.eat(",") {
        high = if cursor.rest.starts_with('}') {
            None
        } else {
            Some(count(&mut cursor)?)
        };
    }
    cursor.eat("}").then_some((low, high, cursor))
}

/// A decimal number without leading zeros; one that is far too large stays too large.
fn count(cursor: &mut Cursor<'_>) -> Option<u64> {
    let length = cursor.rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = cursor.rest.split_at(length);
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    cursor.rest = rest;
    Some(digits.parse().unwrap_or(u64::MAX))
}
