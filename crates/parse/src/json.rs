//! JSON, and JSON with comments: one reader that keeps the span of every value and key.

use super::{MAX_NODES, Meter, ParseError, Parsed, Row};
use crate::comments::{self, Code, SHELL_AND_C};
use crate::document::{Entry, Node, Span};
use crate::template::hinted;
use kpolicy_value::{Number, Value};

mod text;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "json",
    aliases: &[],
    files: &["*.json"],
    further: &[],
    about: "The value as it is written; numbers stay exact.",
    comments: comments::Comments::None,
    imports: |_| Vec::new(),
    example: ("web.json", "{\"ports\": [80, 443]}\n"),
    parse: |text, _, meter| read(text, Comments::Refused, meter).map_err(|error| hinted(text, error)),
};

/// The format's row of the registry.
pub(super) const WITH_COMMENTS: Row = Row {
    name: "jsonc",
    aliases: &[],
    files: &["*.jsonc"],
    further: &[],
    about: "The value as in JSON, without the comments.",
    comments: comments::Comments::Code(&Code {
        line: &["//"],
        ..SHELL_AND_C
    }),
    imports: |_| Vec::new(),
    example: ("web.jsonc", "{\n  // TLS too.\n  \"ports\": [80, 443]\n}\n"),
    parse: |text, _, meter| read(text, Comments::Allowed, meter).map_err(|error| hinted(text, error)),
};

/// How deep arrays and objects may nest: far beyond real files, and safe on a stack of two mebibytes.
const MAX_DEPTH: usize = 500;

/// Whether comments may be in the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    /// JSON.
    Refused,
    /// JSONC: `//`, `#` and `/* */`.
    Allowed,
}

/// The document of a text.
pub(super) fn parse(text: &str, comments: Comments) -> Result<Node, ParseError> {
    let mut parsed = read(text, comments, Meter::new(MAX_NODES))?;
    Ok(parsed.documents.remove(0))
}

/// The document of a text, and the keys that are in it twice.
pub(super) fn read(text: &str, comments: Comments, meter: Meter) -> Result<Parsed, ParseError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        comments,
        meter,
        duplicates: Vec::new(),
    };
    reader.skip_blank()?;
    let node = reader.value()?;
    reader.skip_blank()?;
    match reader.peek() {
        None => Ok(Parsed {
            documents: vec![node],
            duplicates: reader.duplicates,
            unread: Vec::new(),
        }),
        Some(_) => Err(reader.unexpected("the end of the document")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    comments: Comments,
    meter: Meter,
    /// Keys that are in one object twice.
    duplicates: Vec<(Span, Span)>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blank(&mut self) -> Result<(), ParseError> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/' | b'#') if self.comments == Comments::Allowed => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), ParseError> {
        let rest = &self.text[self.at..];
        if rest.starts_with('#') || rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
            return Ok(());
        }
        let Some(body) = rest.strip_prefix("/*") else {
            return Err(self.unexpected("a comment or a value"));
        };
        let Some(length) = body.find("*/") else {
            return Err(ParseError::new(
                "this comment is never closed",
                Span::new(self.at, self.at + 2),
            ));
        };
        self.at += length + 4;
        Ok(())
    }

    fn value(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        self.meter.count(1, self.here())?;
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => {
                let text = self.string()?;
                Ok(Node::scalar(Value::string(text), Span::new(start, self.at)))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Node, ParseError>) -> Result<Node, ParseError> {
        if self.depth == MAX_DEPTH {
            let message = format!("arrays and objects nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::new(message, Span::new(self.at, self.at + 1)));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn array(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        self.skip_blank()?;
        if self.peek() != Some(b']') {
            loop {
                items.push(self.value()?);
                self.skip_blank()?;
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b']') => break,
                    _ => return Err(self.unexpected("`,` or `]`")),
                }
                self.skip_blank()?;
                self.refuse_trailing_comma(b']')?;
            }
        }
        self.at += 1;
        Ok(Node::array(items, Span::new(start, self.at)))
    }

    fn object(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut entries = Vec::new();
        self.skip_blank()?;
        if self.peek() != Some(b'}') {
            loop {
                entries.push(self.entry()?);
                self.skip_blank()?;
                match self.peek() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break,
                    _ => return Err(self.unexpected("`,` or `}`")),
                }
                self.skip_blank()?;
                self.refuse_trailing_comma(b'}')?;
            }
        }
        self.at += 1;
        let span = Span::new(start, self.at);
        Ok(Node::object_noting(entries, span, &mut self.duplicates))
    }

    fn entry(&mut self) -> Result<Entry, ParseError> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = self.string()?;
        let key_span = Span::new(start, self.at);
        self.skip_blank()?;
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:` after the key"));
        }
        self.at += 1;
        self.skip_blank()?;
        let node = self.value()?;
        Ok(Entry { key, key_span, node })
    }

    fn refuse_trailing_comma(&self, close: u8) -> Result<(), ParseError> {
        if self.peek() != Some(close) {
            return Ok(());
        }
        let message = format!("trailing comma before `{}`", char::from(close));
        Err(ParseError::new(message, self.here()).with_help("remove the comma after the last item"))
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Node, ParseError> {
        let start = self.at;
        if !self.text[start..].starts_with(word) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(Node::scalar(value, Span::new(start, self.at)))
    }

    fn number(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        let length = self.text.as_bytes()[start..]
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .count();
        let text = &self.text[start..start + length];
        let span = Span::new(start, start + length);
        let number = Number::parse(text).ok_or_else(|| ParseError::new(format!("`{text}` is not a number"), span))?;
        if number.is_out_of_range() {
            let message = "the number is too large, or too close to zero";
            return Err(ParseError::new(message, span).with_help("write it as a string"));
        }
        self.at += length;
        let number = if text == "-0" { Number::from(0) } else { number };
        Ok(Node::scalar(Value::Number(number), span))
    }

    /// Where the next character stands; empty at the end.
    fn here(&self) -> Span {
        let width = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        Span::new(self.at, self.at + width)
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let message = match self.text[self.at..].chars().next() {
            Some(found) => format!("expected {wanted}, found `{}`", found.escape_debug()),
            None => format!("expected {wanted}, found the end of the file"),
        };
        ParseError::new(message, self.here())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(text: &str, span: Span) -> &str {
        &text[span.start as usize..span.end as usize]
    }

    #[test]
    fn keys_and_values_keep_their_place() {
        let text = "{ \"b\" : [1, \"é\\n\"],\n \"a\": {}, \"b\": -2.50 }";
        let root = parse(text, Comments::Refused).expect("valid");
        let children = root.spans.children.expect("an object");
        let found: Vec<_> = children
            .iter()
            .map(|spans| (under(text, spans.key), under(text, spans.value)))
            .collect();
        assert_eq!(found, [("\"a\"", "{}"), ("\"b\"", "-2.50")]);
        let text = " [1, \"é\\n\"] ";
        let root = parse(text, Comments::Refused).expect("valid");
        assert_eq!(under(text, root.spans.value), "[1, \"é\\n\"]");
        assert_eq!(under(text, root.spans.children.expect("an array")[1].value), "\"é\\n\"");
    }

    #[test]
    fn strings_decode_as_go_decodes_them() {
        for (text, expected) in [
            (r#""\ud83d\ude00\u00e9\/""#, "\u{1F600}é/"),
            (r#""\ud83dx""#, "\u{FFFD}x"),
            (r#""\ud83d\u0041""#, "\u{FFFD}A"),
            (r#""\ude00""#, "\u{FFFD}"),
        ] {
            let node = parse(text, Comments::Refused).expect("valid");
            assert_eq!(node.value.as_str(), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_error_names_what_is_wrong_at_its_place() {
        for (text, wrong) in [
            ("{\"a\": 1 \"b\": 2}", "\""),
            ("[1,]", "]"),
            ("[01]", "01"),
            ("[1e30103]", "1e30103"),
            ("[\"a\tb\"]", "\t"),
            ("[\"\\x\"]", "\\x"),
            ("[\"\\u12\"]", "\\u"),
            ("{} é", "é"),
            ("[\"a", "\""),
            ("// c\n{}", "/"),
            ("[nul]", "n"),
            ("[", ""),
            ("", ""),
        ] {
            let error = parse(text, Comments::Refused).expect_err(text);
            assert_eq!(under(text, error.span), wrong, "{text}: {}", error.message);
        }
    }

    #[test]
    fn comments_stand_wherever_blanks_do() {
        let text = "# a\n{/* b */\"x\" // c\n: /**/ [1 /* */, 2] # d\n}//";
        assert!(parse(text, Comments::Allowed).is_ok());
        for bad in ["{} /* open", "{} /", "/* /"] {
            assert!(parse(bad, Comments::Allowed).is_err(), "{bad}");
        }
    }
}
