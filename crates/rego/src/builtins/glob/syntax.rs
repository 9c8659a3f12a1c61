//! The syntax of globs, written again as a pattern that matches the same strings.

use std::iter::Peekable;
use std::str::Chars;

use super::super::Failure;

/// The pattern of a glob, whose `*` and `?` stop at the delimiters.
pub(super) fn pattern(glob: &str, delimiters: &str) -> Result<String, Failure> {
    let mut writer = Writer {
        length: glob.len(),
        rest: glob.chars().peekable(),
        other: if delimiters.is_empty() {
            "(?s:.)".to_owned()
        } else {
            format!("[^{}]", delimiters.chars().map(code).collect::<String>())
        },
        depth: 0,
        out: String::from("^(?:"),
    };
    while let Some(character) = writer.rest.next() {
        writer.step(character)?;
    }
    if writer.depth > 0 {
        return Err(writer.error("unclosed `{`"));
    }
    Ok(format!("{})$", writer.out))
}

/// A character in a pattern, as it is in brackets and outside.
fn code(character: char) -> String {
    format!(r"\x{{{:X}}}", u32::from(character))
}

struct Writer<'a> {
    /// How many bytes the glob has.
    length: usize,
    rest: Peekable<Chars<'a>>,
    /// Any character but a delimiter.
    other: String,
    /// How many `{` are open.
    depth: usize,
    out: String,
}

impl Writer<'_> {
    /// Says what is wrong with the glob up to here.
    fn error(&self, reason: &str) -> Failure {
        let rest: usize = self.rest.clone().map(char::len_utf8).sum();
        let offset = self.length - rest;
        Failure::Builtin(format!("glob: syntax error at {offset}: {reason}"))
    }

    /// The next character within brackets.
    fn character(&mut self) -> Result<char, Failure> {
        let next = self.rest.next();
        next.ok_or_else(|| self.error("unexpected end of input"))
    }

    fn step(&mut self, character: char) -> Result<(), Failure> {
        match character {
            '{' => {
                self.depth += 1;
                self.out.push_str("(?:");
            }
            ',' if self.depth > 0 => self.out.push('|'),
            '}' if self.depth > 0 => {
                self.depth -= 1;
                self.out.push(')');
            }
            '[' => self.class()?,
            '?' => self.out.push_str(&self.other),
            '*' if self.rest.next_if_eq(&'*').is_some() => self.out.push_str("(?s:.)*"),
            '*' => {
                self.out.push_str(&self.other);
                self.out.push('*');
            }
            '\\' => {
                let escaped = self.rest.next();
                let escaped = escaped.ok_or_else(|| self.error("trailing backslash"))?;
                self.out.push_str(&code(escaped));
            }
            other => self.out.push_str(&code(other)),
        }
        Ok(())
    }

    /// `[abc]`, `[!abc]`, `[a-c]` or `[!a-c]`.
    fn class(&mut self) -> Result<(), Failure> {
        let mut first = self.character()?;
        let negated = first == '!';
        if negated {
            first = self.character()?;
        }
        let members = if self.rest.next_if_eq(&'-').is_some() {
            self.range(first)?
        } else {
            self.list(first)?
        };
        self.out.push_str(if negated { "[^" } else { "[" });
        self.out.push_str(&members);
        self.out.push(']');
        Ok(())
    }

    fn range(&mut self, low: char) -> Result<String, Failure> {
        let high = self.character()?;
        if self.character()? != ']' {
            return Err(self.error("expected close range character"));
        }
        if high < low {
            return Err(self.error("range hi character is less than lo"));
        }
        Ok(format!("{}-{}", code(low), code(high)))
    }

    fn list(&mut self, first: char) -> Result<String, Failure> {
        let mut members = String::new();
        let mut next = Some(first);
        loop {
            match next {
                None => return Err(self.error("unexpected end of input")),
                Some(']') if members.is_empty() => return Err(self.error("could not parse range")),
                Some(']') => return Ok(members),
                Some('\\') => {
                    if let Some(escaped) = self.rest.next() {
                        members.push_str(&code(escaped));
                    }
                }
                Some(other) => members.push_str(&code(other)),
            }
            next = self.rest.next();
        }
    }
}
