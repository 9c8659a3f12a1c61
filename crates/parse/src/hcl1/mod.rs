//! HCL 1, the language of Terraform before 0.12 and of Consul, Nomad and Packer: as hashicorp/hcl 1.0 decodes it.
//!
//! Every object and block is a list of objects, and every label of a block one more such level.

use std::sync::Arc;

use crate::comments::{Code, Comments, SHELL_AND_C};
use crate::document::{Node, Span};
use crate::{Meter, ParseError, Parsed, Row};
use kpolicy_value::{Number, Value};
use scan::{Scanner, Token};

mod json;
mod merge;
mod scan;

/// How deep objects and lists may nest.
const MAX_DEPTH: usize = 250;

/// What is assigned to a key.
enum Item {
    /// An attribute: a scalar or a list.
    Value(Node),
    /// An object or block.
    Object(Node),
}

/// A key with what it is given.
struct Assigned {
    key: Arc<str>,
    key_span: Span,
    item: Item,
}

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "hcl1",
    aliases: &[],
    files: &["*.hcl1"],
    further: &[],
    about: "Attributes as values; every object and block as an array of objects, and each label of a block as one more \
            such level.",
    comments: Comments::Code(&Code {
        heredoc: true,
        ..SHELL_AND_C
    }),
    imports: |_| Vec::new(),
    example: (
        "main.hcl1",
        "resource \"aws_instance\" \"web\" {\n  ami = \"${var.ami}\"\n}\n",
    ),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// The document of a text. One that begins with `{` is JSON.
pub(super) fn parse(text: &str, meter: Meter) -> Result<Node, ParseError> {
    if text.trim_start().starts_with('{') {
        return json::parse(text, meter);
    }
    let mut parser = Parser {
        scanner: Scanner::new(text),
        token: (Token::End, Span::default()),
        before: Span::default(),
        depth: 0,
        meter,
    };
    parser.advance()?;
    let items = parser.items()?;
    match parser.token.0 {
        Token::End => merge::object(items, Span::new(0, text.len())),
        _ => Err(parser.unexpected("a key")),
    }
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    token: (Token, Span),
    /// The token before.
    before: Span,
    depth: usize,
    meter: Meter,
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<(Token, Span), ParseError> {
        let next = self.scanner.next()?;
        let token = std::mem::replace(&mut self.token, next);
        self.before = token.1;
        Ok(token)
    }

    fn eat(&mut self, sign: char) -> Result<bool, ParseError> {
        let found = self.token.0 == Token::Sign(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = match &self.token.0 {
            Token::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.token.1.of(self.scanner.text)),
        };
        ParseError::new(format!("expected {wanted}, found {found}"), self.token.1)
    }

    /// The items of an object, to its end.
    fn items(&mut self) -> Result<Vec<Assigned>, ParseError> {
        let mut items = Vec::new();
        while !matches!(self.token.0, Token::End | Token::Sign('}')) {
            items.push(self.item()?);
            self.eat(',')?;
        }
        Ok(items)
    }

    fn item(&mut self) -> Result<Assigned, ParseError> {
        let mut keys = Vec::new();
        while let Token::Identifier(key) | Token::String(key) = &self.token.0 {
            keys.push((Arc::<str>::from(key.as_str()), self.token.1));
            self.advance()?;
        }
        let mut keys = keys.into_iter();
        let Some((key, key_span)) = keys.next() else {
            return Err(self.unexpected("a key"));
        };
        let labels: Vec<_> = keys.collect();
        if self.token.0 == Token::Sign('=') {
            if !labels.is_empty() {
                return Err(self.unexpected("`{`"));
            }
            self.advance()?;
            let item = self.value()?;
            return Ok(Assigned { key, key_span, item });
        }
        if self.token.0 != Token::Sign('{') {
            return Err(self.unexpected("`=` or `{` after a key"));
        }
        let mut item = self.object()?;
        for (key, key_span) in labels.into_iter().rev() {
            self.nest(key_span, labels_depth(&item))?;
            let span = key_span.to(self.before);
            item = Item::Object(merge::object(vec![Assigned { key, key_span, item }], span)?);
        }
        Ok(Assigned { key, key_span, item })
    }

    fn nest(&mut self, span: Span, depth: usize) -> Result<(), ParseError> {
        self.meter.count(1, span)?;
        if self.depth + depth >= MAX_DEPTH {
            let message = format!("objects and lists nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, span));
        }
        Ok(())
    }

    /// The value after `=`, or in a list.
    fn value(&mut self) -> Result<Item, ParseError> {
        let (span, text) = (self.token.1, self.scanner.text);
        self.nest(span, 1)?;
        let scalar = match &self.token.0 {
            Token::Sign('{') => return self.object(),
            Token::Sign('[') => return self.list().map(Item::Value),
            Token::String(value) | Token::Heredoc(value) => Value::string(value.as_str()),
            Token::Number => Value::Number(number(span.of(text), span)?),
            Token::Bool(flag) => Value::Bool(*flag),
            Token::Identifier(name) => {
                let message = format!("expected a value, found the name `{name}`");
                return Err(ParseError::new(message, span).with_help("write a string in double quotes"));
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.advance()?;
        Ok(Item::Value(Node::scalar(scalar, span)))
    }

    fn object(&mut self) -> Result<Item, ParseError> {
        let start = self.token.1;
        self.nest(start, 2)?;
        self.advance()?;
        self.depth += 2;
        let items = self.items()?;
        self.depth -= 2;
        if !self.eat('}')? {
            return Err(self.unexpected("a key or `}`"));
        }
        merge::object(items, start.to(self.before)).map(Item::Object)
    }

    fn list(&mut self) -> Result<Node, ParseError> {
        let start = self.token.1;
        self.advance()?;
        self.depth += 1;
        let mut nodes = Vec::new();
        while !self.eat(']')? {
            let is_list = self.token.0 == Token::Sign('[');
            match self.value()? {
                Item::Value(node) | Item::Object(node) => nodes.push(node),
            }
            // The library asks for no comma after a list.
            if !self.eat(',')? && !is_list && self.token.0 != Token::Sign(']') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
        self.depth -= 1;
        Ok(Node::array(nodes, start.to(self.before)))
    }
}

/// How many levels a value under labels has at most: that of the labels that are around it already.
fn labels_depth(item: &Item) -> usize {
    match item {
        Item::Value(node) | Item::Object(node) => node.value.extent().depth as usize,
    }
}

/// A number: decimal, `0x` or `0` and octal digits, or with a fraction or exponent.
fn number(text: &str, span: Span) -> Result<Number, ParseError> {
    let bad = || ParseError::new(format!("`{text}` is not a number"), span);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let radix = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'0'..=b'9', ..] if digits.bytes().all(|byte| byte.is_ascii_digit()) => 8,
        _ => {
            let whole = digits.starts_with('.').then(|| format!("{sign}0{digits}"));
            let text = whole.as_deref().unwrap_or(text);
            return Number::parse(text)
                .filter(|number| !number.is_out_of_range())
                .ok_or_else(bad);
        }
    };
    let digits = if radix == 16 { &digits[2..] } else { &digits[1..] };
    let number = u64::from_str_radix(digits, radix).map_err(|_| bad())?;
    Number::parse(&format!("{sign}{number}")).ok_or_else(bad)
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
    fn blocks_and_their_labels_are_lists() {
        for (text, expected) in [
            (
                "r \"t\" \"n\" { a = 1 }\nr \"t\" \"m\" {}",
                r#"{"r":[{"t":[{"n":[{"a":1}]}]},{"t":[{"m":[{}]}]}]}"#,
            ),
            (
                "a = { b = 1 }\na { c = [{ d {} }] }",
                r#"{"a":[{"b":1},{"c":[{"d":[{}]}]}]}"#,
            ),
            ("a = [1]\na = [2]", r#"{"a":[1,2]}"#),
            ("a = \"x\"\na = 1", r#"{"a":"1"}"#),
            (
                "a = 0x1F\nb = 010\nc = 1.5e3\nd = .5",
                r#"{"a":31,"b":8,"c":1.5e+3,"d":0.5}"#,
            ),
            ("a = <<-E\n    x\n      y\n    E\nb = 1", r#"{"a":"x\n  y\n","b":1}"#),
            ("a = <<E\r\nx\r\n  E\r\n", r#"{"a":"x\n"}"#),
            (
                r#"{"a": {"b": 1, "c": {"d": 2}}, "e": [{}, {}]}"#,
                r#"{"a":[{"b":1,"c":[{"d":2}]}],"e":[{},{}]}"#,
            ),
            (
                r#"{"r": {"t": {"a": {"x": 1}, "b": {}}}}"#,
                r#"{"r":[{"t":[{"a":[{"x":1}]}]},{"t":[{"b":[{}]}]}]}"#,
            ),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_at_their_place() {
        for (text, expected) in [
            ("a =", "error at ``: expected a value, found the end of the file"),
            (
                "a = var.x",
                "error at `var.x`: expected a value, found the name `var.x`",
            ),
            ("a = 1\na { b = 2 }", "error at `a`: `a` is an attribute and a block"),
            ("a = [1 2]", "error at `2`: expected `,` or `]`, found `2`"),
            ("a = \"x\ny\"", "error at `\"`: this string is never closed"),
            ("a = \"\\q\"", "error at `\\q`: unknown escape `\\q`"),
            ("a = <<E\nx\n", "error at `<<E`: this heredoc is never closed with `E`"),
            ("a: 1", "error at `:`: `:` is not part of HCL"),
            ("/* x", "error at `/*`: this comment is never closed"),
            ("a \"b\" = 1", "error at `=`: expected `{`, found `=`"),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
        let deep = format!("a = {}", "[".repeat(10_000));
        assert!(json(&deep).contains("nest deeper"));
        let labels = format!("{}{{}}", "a ".repeat(10_000));
        assert!(json(&labels).contains("nest deeper"));
    }

    #[test]
    fn values_and_keys_have_their_place() {
        let text = "r \"t\" { a = 1 }";
        let root = parse(text, Meter::new(100)).expect("valid");
        let list = &root.spans.children.expect("an object")[0];
        let block = &list.children.as_ref().expect("a list")[0];
        let label = &block.children.as_ref().expect("an object")[0];
        let inner = &label.children.as_ref().expect("a list")[0]
            .children
            .as_ref()
            .expect("an object")[0];
        assert_eq!((list.key.of(text), label.key.of(text)), ("r", "\"t\""));
        assert_eq!((inner.key.of(text), inner.value.of(text)), ("a", "1"));
        assert_eq!(block.value.of(text), "\"t\" { a = 1 }");
    }
}
