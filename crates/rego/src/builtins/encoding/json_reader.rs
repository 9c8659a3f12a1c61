//! JSON as Go reads it: its errors in Go's words, numbers of any size, the last of equal keys.

use crate::text::{Charset, quote};
use kpolicy_value::{Number, Value};

/// Why a text is no JSON.
#[derive(Debug)]
pub(in super::super) enum JsonError {
    /// It breaks the syntax.
    Syntax(String),
    /// It nests deeper than is read.
    Depth(String),
}

/// How deep arrays and objects may nest.
const DEEPEST: usize = 1000;

/// The value of a text. Of what follows it OPA looks at one token: a `null` is let through.
pub(in super::super) fn read(text: &str) -> Result<Value, JsonError> {
    let mut reader = Reader::new(text);
    let value = reader.document()?;
    reader.blanks();
    let next = match reader.peek() {
        None => return Ok(value),
        Some(bracket @ (b'[' | b'{')) => char::from(bracket).to_string(),
        Some(b']' | b'}' | b':' | b',') => return Err(reader.wrong("looking for beginning of value")),
        Some(_) => match reader.document()? {
            Value::Null => return Ok(value),
            Value::Bool(flag) => format!("%!s(bool={flag})"),
            Value::String(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        },
    };
    Err(JsonError::Syntax(format!(
        "error: invalid character '{next}' after top-level value"
    )))
}

/// Whether the text is one JSON document.
pub(in super::super) fn check(text: &str) -> Result<(), JsonError> {
    let mut reader = Reader::new(text);
    reader.document()?;
    reader.blanks();
    match reader.peek() {
        None => Ok(()),
        Some(_) => Err(reader.wrong("after top-level value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error of the byte that is next, or of the text's end.
    fn wrong(&self, place: &str) -> JsonError {
        let Some(byte) = self.peek() else {
            return JsonError::Syntax("unexpected EOF".to_owned());
        };
        let shown = match byte {
            b'\'' => r"\'".to_owned(),
            b'"' => "\"".to_owned(),
            _ => {
                let quoted = quote(&char::from(byte).to_string(), Charset::Unicode);
                quoted[1..quoted.len() - 1].to_owned()
            }
        };
        JsonError::Syntax(format!("invalid character '{shown}' {place}"))
    }

    fn document(&mut self) -> Result<Value, JsonError> {
        self.blanks();
        if self.peek().is_none() {
            return Err(JsonError::Syntax("EOF".to_owned()));
        }
        self.value()
    }

    fn value(&mut self) -> Result<Value, JsonError> {
        self.blanks();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::string(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.wrong("looking for beginning of value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, JsonError>) -> Result<Value, JsonError> {
        if self.depth == DEEPEST {
            return Err(JsonError::Depth(format!("the JSON nests deeper than {DEEPEST} levels")));
        }
        self.depth += 1;
        self.at += 1;
        self.blanks();
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, JsonError> {
        let mut items = Vec::new();
        if self.ends(b']') {
            return Ok(Value::array(items));
        }
        loop {
            items.push(self.value()?);
            self.blanks();
            if self.ends(b']') {
                return Ok(Value::array(items));
            }
            if !self.ends(b',') {
                return Err(self.wrong("after array element"));
            }
        }
    }

    fn object(&mut self) -> Result<Value, JsonError> {
        let mut entries = Vec::new();
        if self.ends(b'}') {
            return Ok(Value::object(entries));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.blanks();
            if !self.ends(b':') {
                return Err(self.wrong("after object key"));
            }
            entries.push((Value::string(key), self.value()?));
            self.blanks();
            if self.ends(b'}') {
                return Ok(Value::object(entries));
            }
            if !self.ends(b',') {
                return Err(self.wrong("after object key:value pair"));
            }
        }
    }

    /// Passes over the byte if it is next.
    fn ends(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        for byte in word.bytes() {
            if !self.ends(byte) {
                return Err(self.wrong(&format!("in literal {word} (expecting '{}')", char::from(byte))));
            }
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        self.ends(b'-');
        if !self.ends(b'0') {
            self.digits("in numeric literal")?;
        }
        if self.ends(b'.') {
            self.digits("after decimal point in numeric literal")?;
        }
        if self.ends(b'e') || self.ends(b'E') {
            let _ = self.ends(b'+') || self.ends(b'-');
            self.digits("in exponent of numeric literal")?;
        }
        let number = Number::parse(&self.text[start..self.at]).expect("its syntax was followed");
        match number.is_out_of_range() {
            true => Err(JsonError::Syntax("invalid number: number too big".to_owned())),
            false => Ok(Value::Number(number)),
        }
    }

    fn digits(&mut self, place: &str) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.wrong(place));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .bytes()
                .take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20))
                .count();
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                _ => return Err(self.wrong("in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(),
            _ => return Err(self.wrong("in string escape code")),
        };
        self.at += 1;
        Ok(character)
    }

    /// `\u` and four digits, or two of them for one character; half a pair reads as U+FFFD.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let high = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&high) || !self.text[self.at..].starts_with("\\u") {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let start = self.at;
        self.at += 1;
        let low = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&low) {
            self.at = start;
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.wrong("in \\u hexadecimal character escape"))?;
            self.at += 1;
        }
        Ok(code)
    }
}
