//! EDN: Clojure's notation, in the shape that conftest gives it.
//!
//! Scalars are strings as conftest has them, `:a` for a keyword and `"1"` for a number, since policies compare with
//! these. Otherwise than conftest, sets are sorted arrays, a tagged value is its value, and nil is null.

use std::sync::Arc;

use crate::comments::{Code, Comments, Quote};
use crate::document::{Entry, Node, Span};
use crate::{Meter, ParseError, Parsed, Row};
use kpolicy_value::Value;

mod inst;
mod scalar;

/// How deep collections, tags and discarded forms may nest.
const MAX_DEPTH: usize = 250;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "edn",
    aliases: &[],
    files: &["*.edn"],
    further: &[],
    about: "Maps as objects, lists and vectors as arrays, sets as sorted arrays. Scalars are strings as in conftest: `:a` \
            for a keyword, `\"1\"` for a number. A tagged value is its value, and nil is null.",
    comments: Comments::Code(&Code {
        line: &[";"],
        spaced: false,
        block: &[],
        quotes: &[Quote::new("\"", "\"", true, true)],
        heredoc: false,
    }),
    imports: |_| Vec::new(),
    example: (
        "deps.edn",
        "{:paths [\"src\"]\n :deps {org.clojure/clojure {:mvn/version \"1.11.1\"}}}\n",
    ),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// The form of a text.
pub(super) fn parse(text: &str, meter: Meter) -> Result<Node, ParseError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        meter,
    };
    reader.skip()?;
    if reader.peek().is_none() {
        return Err(reader.unexpected("a form"));
    }
    let node = reader.form()?;
    reader.skip()?;
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader
            .unexpected("the end of the file after the first form")
            .with_help("put several forms in a vector: [a b]")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    meter: Meter,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn here(&self) -> Span {
        let width = self.peek().map_or(0, char::len_utf8);
        Span::new(self.at, self.at + width)
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = self.peek().map_or("the end of the file".to_owned(), |char| {
            format!("`{}`", char.escape_debug())
        });
        ParseError::new(format!("expected {wanted}, found {found}"), self.here())
    }

    /// Skips blanks, commas, comments and discarded forms.
    fn skip(&mut self) -> Result<(), ParseError> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_blank).len();
            let rest = self.rest();
            if rest.starts_with(';') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("#_") {
                self.at += 2;
                self.nested(|reader| {
                    reader.skip()?;
                    reader.form()
                })?;
            } else {
                return Ok(());
            }
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        if self.depth == MAX_DEPTH {
            let message = format!("collections nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, self.here()));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn form(&mut self) -> Result<Node, ParseError> {
        self.meter.count(1, self.here())?;
        let start = self.at;
        match self.peek() {
            Some('(') => self.nested(|reader| reader.sequence(')')),
            Some('[') => self.nested(|reader| reader.sequence(']')),
            Some('{') => self.nested(|reader| reader.map(None)),
            Some('#') => self.nested(Self::dispatched),
            Some('"') => {
                let text = self.string()?;
                Ok(Node::scalar(Value::string(text), Span::new(start, self.at)))
            }
            Some('\\') => self.character(),
            _ => self.atom(),
        }
    }

    /// The forms up to a closing bracket.
    fn items(&mut self, close: char) -> Result<Vec<Node>, ParseError> {
        let open = self.here();
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip()?;
            match self.peek() {
                Some(char) if char == close => {
                    self.at += 1;
                    return Ok(items);
                }
                None => {
                    let message = format!("this `{}` is never closed", open.of(self.text));
                    return Err(ParseError::new(message, open));
                }
                Some(')' | ']' | '}') => return Err(self.unexpected(&format!("a form or `{close}`"))),
                Some(_) => items.push(self.form()?),
            }
        }
    }

    fn sequence(&mut self, close: char) -> Result<Node, ParseError> {
        let start = self.at;
        let items = self.items(close)?;
        Ok(Node::array(items, Span::new(start, self.at)))
    }

    /// A map; `namespace` qualifies its keywords.
    fn map(&mut self, namespace: Option<&str>) -> Result<Node, ParseError> {
        let start = self.at;
        let items = self.items('}')?;
        let span = Span::new(start, self.at);
        if items.len() % 2 == 1 {
            let last = items.last().map_or(span, |key| key.spans.value);
            return Err(ParseError::new("this key of the map has no value", last));
        }
        let mut entries = Vec::with_capacity(items.len() / 2);
        let mut items = items.into_iter();
        while let (Some(key), Some(node)) = (items.next(), items.next()) {
            let key_span = key.spans.value;
            entries.push(Entry {
                key: self.key(&key, namespace),
                key_span,
                node,
            });
        }
        let mut duplicates = Vec::new();
        let node = Node::object_noting(entries, span, &mut duplicates);
        match duplicates.first() {
            None => Ok(node),
            Some((_, later)) => {
                let message = format!("the key `{}` is in the map twice", later.of(self.text));
                Err(ParseError::new(message, *later))
            }
        }
    }

    /// The text of a key: of a collection as it is written.
    fn key(&self, key: &Node, namespace: Option<&str>) -> Arc<str> {
        let written = key.spans.value.of(self.text);
        match (&key.value, namespace) {
            (Value::String(text), Some(namespace)) if written.starts_with(':') => {
                let text = text.to_str();
                let name = text.trim_start_matches(':');
                match name.strip_prefix("_/") {
                    Some(bare) => format!(":{bare}").into(),
                    None if name.contains('/') => text.into(),
                    None => format!(":{namespace}/{name}").into(),
                }
            }
            (Value::String(text), _) => text.to_shared(),
            _ => written.into(),
        }
    }

    /// What begins with `#`: a set, a tag, `##Inf` or a map with a namespace.
    fn dispatched(&mut self) -> Result<Node, ParseError> {
        let start = self.at;
        let rest = &self.rest()[1..];
        match rest.chars().next() {
            Some('{') => {
                self.at += 1;
                let items = self.items('}')?;
                self.set(items, start)
            }
            Some('#') => {
                self.at += 2;
                let name = self.token();
                let span = Span::new(start, self.at);
                match name {
                    "Inf" | "-Inf" | "NaN" => Ok(Node::scalar(Value::string(name), span)),
                    _ => Err(ParseError::new(
                        format!("`##{name}` is not a number: ##Inf, ##-Inf and ##NaN are"),
                        span,
                    )),
                }
            }
            Some(':') => {
                self.at += 2;
                let namespace = self.token();
                self.skip()?;
                if namespace.is_empty() || self.peek() != Some('{') {
                    return Err(self.unexpected("a namespace and a map after `#:`"));
                }
                self.map(Some(namespace))
            }
            Some(char) if char.is_alphabetic() => {
                self.at += 1;
                let tag = self.token();
                let span = Span::new(start, self.at);
                scalar::check_symbol(tag, span)?;
                self.skip()?;
                if self.peek().is_none() {
                    return Err(self.unexpected(&format!("the value of the tag `#{tag}`")));
                }
                let value = self.form()?;
                inst::tagged(tag, value, Span::new(start, self.at))
            }
            _ => {
                let end = start + 1 + rest.chars().next().map_or(0, char::len_utf8);
                let message = format!("`{}` does not begin a form of EDN", &self.text[start..end]);
                Err(ParseError::new(message, Span::new(start, end)))
            }
        }
    }

    fn set(&self, mut items: Vec<Node>, start: usize) -> Result<Node, ParseError> {
        items.sort_by(|a, b| a.value.cmp(&b.value));
        let twice = items.windows(2).find(|pair| pair[0].value == pair[1].value);
        if let Some(pair) = twice {
            let span = pair[1].spans.value;
            let message = format!("`{}` is in the set twice", span.of(self.text));
            return Err(ParseError::new(message, span));
        }
        Ok(Node::array(items, Span::new(start, self.at)))
    }
}

fn is_blank(char: char) -> bool {
    char == ',' || char.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        match parse(text, Meter::new(crate::MAX_NODES)) {
            Ok(node) => node.value.to_json().to_string(),
            Err(error) => format!("error at `{}`: {}", error.span.of(text), error.message),
        }
    }

    #[test]
    fn forms_have_the_values_of_conftest_or_better_ones() {
        for (text, expected) in [
            ("{:a 1, \"s\" [1.50 true nil]}", r#"{":a":"1","s":["1.5","true",null]}"#),
            ("#{3 1 2}", r#"["1","2","3"]"#),
            ("{:p #env HOME}", r#"{":p":"HOME"}"#),
            (
                "[\\a \\newline \\u0041 5N 1.5M 1e3 1e20 ##Inf]",
                r#"["a","\n","A","5","1.5","1000","1e20","Inf"]"#,
            ),
            (
                "#inst \"1985-04-12T23:20:50.52Z\"",
                r#""1985-04-12 23:20:50.52 +0000 UTC""#,
            ),
            (
                "[#inst \"2020-01-01T00:00:00+02:00\"]",
                r#"["2020-01-01 00:00:00 +0200 +0200"]"#,
            ),
            ("{[1 2] 3}", r#"{"[1 2]":"3"}"#),
            ("#:foo{:a 1 :_/b 2}", r#"{":b":"2",":foo/a":"1"}"#),
            ("[#_ #_ 1 2 3 / a#b]", r#"["3","/","a#b"]"#),
            ("#base64 \"aGk=\"", r#""[104 105]""#),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_at_their_place() {
        for (text, expected) in [
            ("{:a}", "error at `:a`: this key of the map has no value"),
            ("{:a 1 :a 2}", "error at `:a`: the key `:a` is in the map twice"),
            ("[1 2", "error at `[`: this `[` is never closed"),
            ("[1)", "error at `)`: expected a form or `]`, found `)`"),
            (
                "1 2",
                "error at `2`: expected the end of the file after the first form, found `2`",
            ),
            ("'x", "error at `'`: expected a form, found `\\'`"),
            ("[01]", "error at `01`: `01` is not a number"),
            ("[1e]", "error at `1e`: `1e` is not a number"),
            ("::x", "error at `::x`: `::x` is not a keyword"),
            ("\"\\q\"", "error at `\\q`: unknown escape `\\q`"),
            ("\\ab", "error at `\\ab`: `\\ab` is not a character"),
            (
                "#inst \"nope\"",
                "error at `#inst \"nope\"`: `nope` is not a time such as 2006-01-02T15:04:05Z",
            ),
            ("#\"re\"", "error at `#\"`: `#\"` does not begin a form of EDN"),
            (" ; x\n", "error at ``: expected a form, found the end of the file"),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
        for text in ["[".repeat(10_000), "#_".repeat(10_000), "#a ".repeat(10_000)] {
            assert!(json(&text).contains("nest deeper"));
        }
    }

    #[test]
    fn values_and_keys_have_their_place() {
        let text = "{:a #ref [1 2]}";
        let root = parse(text, Meter::new(100)).expect("valid");
        let a = &root.spans.children.expect("a map")[0];
        assert_eq!((a.key.of(text), a.value.of(text)), (":a", "#ref [1 2]"));
        assert_eq!(a.children.as_ref().expect("a vector")[1].value.of(text), "2");
    }
}
