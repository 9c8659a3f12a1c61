//! The syntax of globs, written again as a pattern that matches the same texts.

use std::iter::Peekable;
use std::str::Chars;

use super::super::Failure;

/// The pattern of a glob, whose `*` and `?` stop at the delimiters.
pub(super) fn pattern(glob: &str, delimiters: &str) -> Result<String, Failure> {
    let mut writer = Writer {
        rest: glob.chars().peekable(),
        other: if delimiters.is_empty() {
            "(?s:.)".to_owned()
        } else {
            format!("[^{}]", delimiters.chars().map(code).collect::<String>())
        },
        depth: 0,
        items: 0,
        out: String::from("^(?:"),
    };
    // The end of the glob closes what is open.
    while let Some(character) = writer.next()? {
        writer.step(character)?;
    }
    if writer.items == 1 && (glob == "?" || glob.starts_with("[!")) {
        // OPA lets what must not be some character match no character at all, where it stands alone.
        writer.out.push('?');
    }
    let open = writer.depth + 1;
    Ok(format!("{}{}$", writer.out, ")".repeat(open)))
}

fn fault(message: &str) -> Failure {
    Failure::Builtin(message.to_owned())
}

/// A character in a pattern, as it is in brackets and outside.
fn code(character: char) -> String {
    format!(r"\x{{{:X}}}", u32::from(character))
}

struct Writer<'a> {
    rest: Peekable<Chars<'a>>,
    /// Any character but a delimiter.
    other: String,
    /// How many `{` are open.
    depth: usize,
    /// How many steps were taken.
    items: usize,
    out: String,
}

impl Writer<'_> {
    /// The next character; the glob ends at a NUL too.
    fn next(&mut self) -> Result<Option<char>, Failure> {
        match self.rest.next() {
            Some('\u{fffd}') => Err(fault("could not read rune")),
            Some('\0') | None => Ok(None),
            some => Ok(some),
        }
    }

    fn step(&mut self, character: char) -> Result<(), Failure> {
        self.items += 1;
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
                if let Some(escaped) = self.next()? {
                    self.out.push_str(&code(escaped));
                }
            }
            other => self.out.push_str(&code(other)),
        }
        Ok(())
    }

    /// `[abc]`, `[!abc]`, `[a-c]` or `[!a-c]`.
    fn class(&mut self) -> Result<(), Failure> {
        let end = || fault("unexpected end of input");
        let mut first = self.next()?.ok_or_else(end)?;
        let negated = first == '!';
        if negated {
            first = self.next()?.ok_or_else(end)?;
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
        let end = || fault("unexpected end of input");
        let high = self.next()?.ok_or_else(end)?;
        if self.next()?.ok_or_else(end)? != ']' {
            return Err(fault("expected close range character"));
        }
        if high < low {
            let message = format!("hi character '{high}' should be greater than lo '{low}'");
            return Err(Failure::Builtin(message));
        }
        Ok(format!("{}-{}", code(low), code(high)))
    }

    fn list(&mut self, first: char) -> Result<String, Failure> {
        let mut members = String::new();
        let mut next = Some(first);
        loop {
            match next {
                None => return Err(fault("unexpected end of input")),
                Some(']') if members.is_empty() => return Err(fault("could not parse range")),
                Some(']') => return Ok(members),
                Some('\\') => {
                    if let Some(escaped) = self.next()? {
                        members.push_str(&code(escaped));
                    }
                }
                Some(other) => members.push_str(&code(other)),
            }
            next = self.next()?;
        }
    }
}
