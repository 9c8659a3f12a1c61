//! Escapes and character classes: from Go's notation to that of the crate `regex`.

use super::syntax::{Kind, PatternError};
use super::unicode;

/// The rest of a pattern, to be read from its front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn eat(&mut self, start: &str) -> bool {
        match self.rest.strip_prefix(start) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What was read since `start`.
    pub(super) fn since(&self, start: &Cursor<'a>) -> &'a str {
        &start.rest[..start.rest.len() - self.rest.len()]
    }

    /// The code point of the escape whose backslash is next; a surrogate is one too.
    pub(super) fn escape(&mut self) -> Result<u32, PatternError> {
        let start = *self;
        self.next();
        let Some(letter) = self.next() else {
            return Err(PatternError::new(Kind::TrailingBackslash, ""));
        };
        let code = match letter {
            '1'..='7' if !self.rest.starts_with(|digit| ('0'..='7').contains(&digit)) => None,
            '0'..='7' => Some(self.octal(letter)),
            'x' => self.hexadecimal(),
            'a' => Some(0x07),
            'f' => Some(0x0c),
            'n' => Some(0x0a),
            'r' => Some(0x0d),
            't' => Some(0x09),
            'v' => Some(0x0b),
            _ if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Some(u32::from(letter)),
            _ => None,
        };
        code.ok_or_else(|| PatternError::new(Kind::Escape, self.since(&start)))
    }

    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|digit| digit.to_digit(8)) else {
                break;
            };
            code = code * 8 + digit;
            self.next();
        }
        code
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            let second = self.next();
            return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let mut code = None;
        loop {
            match self.next()? {
                '}' => return code,
                digit => {
                    let next = code.unwrap_or(0) * 16 + digit.to_digit(16)?;
                    if next > u32::from(char::MAX) {
                        return None;
                    }
                    code = Some(next);
                }
            }
        }
    }

    /// The class `\d`, `\S` and such, if one is next.
    pub(super) fn perl_class(&mut self) -> Option<String> {
        let letter = self.rest.strip_prefix('\\')?.chars().next()?;
        let class = match letter.to_ascii_lowercase() {
            'd' => "0-9",
            's' => r"\t\n\x{C}\r\x{20}",
            'w' => "0-9A-Za-z_",
            _ => return None,
        };
        self.rest = &self.rest[2..];
        Some(bracket(class, letter.is_ascii_uppercase()))
    }

    /// The class `\pL` or `\P{Greek}`, if one is next.
    pub(super) fn unicode_class(&mut self) -> Result<Option<String>, PatternError> {
        let start = *self;
        let mut negated = self.rest.starts_with(r"\P");
        if !self.eat(r"\p") && !self.eat(r"\P") {
            return Ok(None);
        }
        let mut name = match self.next() {
            Some('{') => {
                let Some(end) = self.rest.find('}') else {
                    return Err(PatternError::new(Kind::Range, start.rest));
                };
                let name = &self.rest[..end];
                self.rest = &self.rest[end + 1..];
                name
            }
            _ => &self.since(&start)[2..],
        };
        if let Some(rest) = name.strip_prefix('^') {
            negated = !negated;
            name = rest;
        }
        match unicode::class(name) {
            Some(class) => Ok(Some(bracket(&class, negated))),
            None => Err(PatternError::new(Kind::Range, self.since(&start))),
        }
    }

    /// The class in brackets that is next.
    pub(super) fn class(&mut self) -> Result<String, PatternError> {
        let start = *self;
        self.next();
        let negated = self.eat("^");
        let mut members = String::new();
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            first = false;
            let member = match self.posix_class()? {
                Some(class) => class,
                None => match self.unicode_class()? {
                    Some(class) => class,
                    None => match self.perl_class() {
                        Some(class) => class,
                        None => self.range(&start)?,
                    },
                },
            };
            members.push_str(&member);
        }
        self.next();
        Ok(bracket(&members, negated))
    }

    fn range(&mut self, class: &Cursor<'a>) -> Result<String, PatternError> {
        let start = *self;
        let low = self.class_character(class)?;
        let mut high = low;
        if self.rest.len() >= 2 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
            self.next();
            high = self.class_character(class)?;
            if high < low {
                return Err(PatternError::new(Kind::Range, self.since(&start)));
            }
        }
        Ok(range(low, high))
    }

    fn class_character(&mut self, class: &Cursor<'a>) -> Result<u32, PatternError> {
        match self.peek() {
            None => Err(PatternError::new(Kind::Bracket, class.rest)),
            Some('\\') => self.escape(),
            Some(character) => {
                self.next();
                Ok(u32::from(character))
            }
        }
    }

    /// The class `[:alpha:]`, if one is next.
    fn posix_class(&mut self) -> Result<Option<String>, PatternError> {
        let Some(inner) = self.rest.strip_prefix("[:") else {
            return Ok(None);
        };
        let Some(end) = inner.find(":]") else {
            return Ok(None);
        };
        let start = *self;
        self.rest = &inner[end + 2..];
        let (name, negated) = match inner[..end].strip_prefix('^') {
            Some(name) => (name, true),
            None => (&inner[..end], false),
        };
        let class = match name {
            "alnum" => "0-9A-Za-z",
            "alpha" => "A-Za-z",
            "ascii" => r"\x{0}-\x{7F}",
            "blank" => r"\t\x{20}",
            "cntrl" => r"\x{0}-\x{1F}\x{7F}",
            "digit" => "0-9",
            "graph" => r"\x{21}-\x{7E}",
            "lower" => "a-z",
            "print" => r"\x{20}-\x{7E}",
            "punct" => r"\x{21}-\x{2F}\x{3A}-\x{40}\x{5B}-\x{60}\x{7B}-\x{7E}",
            "space" => r"\t\n\x{B}\x{C}\r\x{20}",
            "upper" => "A-Z",
            "word" => "0-9A-Za-z_",
            "xdigit" => "0-9A-Fa-f",
            _ => return Err(PatternError::new(Kind::Range, self.since(&start))),
        };
        Ok(Some(bracket(class, negated)))
    }
}

fn bracket(members: &str, negated: bool) -> String {
    match (members, negated) {
        ("", false) => "[a&&b]".to_owned(),
        ("", true) => r"[\x{0}-\x{10FFFF}]".to_owned(),
        (_, false) => format!("[{members}]"),
        (_, true) => format!("[^{members}]"),
    }
}

/// The characters from one code point to another; surrogates are none.
pub(super) fn range(low: u32, high: u32) -> String {
    let low = if (0xd800..0xe000).contains(&low) { 0xe000 } else { low };
    let high = if (0xd800..0xe000).contains(&high) { 0xd7ff } else { high };
    if low > high {
        return String::new();
    }
    format!(r"\x{{{low:X}}}-\x{{{high:X}}}")
}

/// One character in the notation of the crate `regex`.
pub(super) fn literal(code: u32) -> String {
    match char::from_u32(code) {
        Some(character) if character.is_ascii_alphanumeric() => character.to_string(),
        Some(_) => format!(r"\x{{{code:X}}}"),
        None => bracket("", false),
    }
}
