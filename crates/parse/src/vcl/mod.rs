//! VCL: the configuration of Varnish and Fastly.
//!
//! Backends, access lists and tables have conftest's shape. The body of a subroutine is a list of statements; if it
//! only sets variables to literals, it is an object of them, as in conftest.

use std::sync::Arc;

use crate::comments::{Code, Comments, Quote, SHELL_AND_C};
use crate::document::{Entry, Node, Span};
use crate::{Meter, ParseError, Parsed, Row};
use kpolicy_value::{Number, Value};
use scan::{Scanner, Token};

mod scan;
mod statement;

/// How deep blocks may nest.
const MAX_DEPTH: usize = 100;

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "vcl",
    aliases: &[],
    files: &["*.vcl"],
    further: &[],
    about: "Objects by the type of the block, then by its name. Access lists are arrays of strings. The body of a `sub` is \
            an array of statements, or an object if it only sets variables to literals.",
    comments: Comments::Code(&Code {
        quotes: &[Quote::new("{\"", "\"}", false, true), Quote::DOUBLE],
        ..SHELL_AND_C
    }),
    imports: |_| Vec::new(),
    example: (
        "default.vcl",
        "backend default {\n  .host = \"127.0.0.1\";\n}\nsub vcl_recv {\n  return (pass);\n}\n",
    ),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// The document of a text: objects by the type of block, then by its name.
pub(super) fn parse(text: &str, meter: Meter) -> Result<Node, ParseError> {
    let mut parser = Parser {
        scanner: Scanner::new(text),
        token: (Token::End, Span::default()),
        before: Span::default(),
        depth: 0,
        meter,
    };
    parser.advance()?;
    parser.file()
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    token: (Token<'a>, Span),
    before: Span,
    depth: usize,
    meter: Meter,
}

/// The blocks of a type, by name in the order of the file.
type Blocks = Vec<(Arc<str>, Span, Vec<Entry>)>;

impl<'a> Parser<'a> {
    fn text(&self) -> &'a str {
        self.scanner.text
    }

    fn advance(&mut self) -> Result<(Token<'a>, Span), ParseError> {
        let next = self.scanner.next()?;
        let token = std::mem::replace(&mut self.token, next);
        self.before = token.1;
        Ok(token)
    }

    fn is(&self, sign: &str) -> bool {
        self.token.0 == Token::Sign(sign)
    }

    fn eat(&mut self, sign: &str) -> Result<bool, ParseError> {
        let found = self.is(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, sign: &str) -> Result<(), ParseError> {
        match self.eat(sign)? {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    fn unexpected(&self, wanted: &str) -> ParseError {
        let found = match self.token.0 {
            Token::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.token.1.of(self.text())),
        };
        ParseError::new(format!("expected {wanted}, found {found}"), self.token.1)
    }

    fn name(&mut self, wanted: &str) -> Result<(&'a str, Span), ParseError> {
        match self.token {
            (Token::Name(name), span) => {
                self.advance()?;
                Ok((name, span))
            }
            _ => Err(self.unexpected(wanted)),
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ParseError>) -> Result<T, ParseError> {
        if self.depth == MAX_DEPTH {
            let message = format!("blocks nest deeper than {MAX_DEPTH} levels");
            return Err(ParseError::limit(message, self.token.1));
        }
        self.meter.count(1, self.token.1)?;
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn file(&mut self) -> Result<Node, ParseError> {
        let mut types = Blocks::new();
        let mut subroutines = Vec::<(Arc<str>, Span, Vec<statement::Statement>, Span)>::new();
        while self.token.0 != Token::End {
            if let Token::Code(_) = self.token.0 {
                self.advance()?;
                continue;
            }
            let (kind, kind_span) = self.name("a declaration")?;
            match kind {
                "vcl" | "import" | "include" if !self.is("{") => {
                    while !self.is(";") {
                        if self.token.0 == Token::End {
                            return Err(self.unexpected("`;`"));
                        }
                        self.advance()?;
                    }
                    self.advance()?;
                }
                _ if self.is("=") => {
                    self.advance()?;
                    let node = self.value()?;
                    self.expect(";")?;
                    types.push((kind.into(), kind_span, vec![whole(node)]));
                }
                "sub" => {
                    let (name, span) = self.name("the name of the subroutine")?;
                    let start = self.token.1;
                    let statements = self.nested(Self::statements)?;
                    let block = start.to(self.before);
                    match subroutines.iter_mut().find(|(known, ..)| **known == *name) {
                        Some((_, _, known, _)) => known.extend(statements),
                        None => subroutines.push((name.into(), span, statements, block)),
                    }
                    if types.iter().all(|(known, ..)| **known != *kind) {
                        types.push((kind.into(), kind_span, Vec::new()));
                    }
                }
                _ => {
                    let entry = self.declaration(kind == "acl")?;
                    match types.iter_mut().find(|(known, ..)| **known == *kind) {
                        Some((.., entries)) => entries.push(entry),
                        None => types.push((kind.into(), kind_span, vec![entry])),
                    }
                }
            }
        }
        for (name, span, statements, block) in subroutines {
            let entry = Entry {
                key: name,
                key_span: span,
                node: statement::body(statements, block),
            };
            if let Some((.., entries)) = types.iter_mut().find(|(kind, ..)| **kind == *"sub") {
                entries.push(entry);
            }
        }
        self.document(types)
    }

    fn document(&self, types: Blocks) -> Result<Node, ParseError> {
        let mut entries = Vec::new();
        let mut duplicates = Vec::new();
        for (key, key_span, mut blocks) in types {
            let node = match blocks.pop() {
                Some(only) if only.key.is_empty() => only.node,
                last => {
                    blocks.extend(last);
                    let span = blocks.first().map_or(key_span, |entry| entry.key_span);
                    Node::object_noting(blocks, span, &mut duplicates)
                }
            };
            entries.push(Entry { key, key_span, node });
        }
        let node = Node::object_noting(entries, Span::new(0, self.text().len()), &mut duplicates);
        match duplicates.first() {
            None => Ok(node),
            Some((_, later)) => {
                let message = format!("`{}` is declared twice", later.of(self.text()));
                Err(ParseError::new(message, *later))
            }
        }
    }

    /// The name, the further labels and the body of a block.
    fn declaration(&mut self, is_acl: bool) -> Result<Entry, ParseError> {
        let mut labels = vec![self.name("a name")?];
        while let Token::Name(_) = self.token.0 {
            labels.push(self.name("a name")?);
            if labels.len() > 8 {
                return Err(self.unexpected("`{`"));
            }
        }
        let mut node = self.nested(|parser| if is_acl { parser.addresses() } else { parser.block() })?;
        let end = self.before;
        while labels.len() > 1
            && let Some((label, span)) = labels.pop()
        {
            let entry = Entry {
                key: label.into(),
                key_span: span,
                node,
            };
            node = Node::object(vec![entry], span.to(end));
        }
        let (name, key_span) = labels[0];
        self.eat(";")?;
        Ok(Entry {
            key: name.into(),
            key_span,
            node,
        })
    }

    /// The entries of an access list: a network keeps its quotes, as in conftest, and a negated one begins with `!`.
    fn addresses(&mut self) -> Result<Node, ParseError> {
        let start = self.token.1;
        self.expect("{")?;
        let mut nodes = Vec::new();
        while !self.is("}") {
            let first = self.token.1;
            self.meter.count(1, first)?;
            let not = if self.eat("!")? { "!" } else { "" };
            let is_optional = self.eat("(")?;
            let Token::String(address) = self.token.0 else {
                return Err(self.unexpected("an address in double quotes or `}`"));
            };
            self.advance()?;
            let address = match self.eat("/")? {
                true => {
                    let (bits, _) = self.number()?;
                    format!("{not}\"{address}\"/{bits}")
                }
                false => format!("{not}{address}"),
            };
            if is_optional {
                self.expect(")")?;
            }
            nodes.push(Node::scalar(Value::string(address), first.to(self.before)));
            self.expect(";")?;
        }
        self.advance()?;
        Ok(Node::array(nodes, start.to(self.before)))
    }

    fn number(&mut self) -> Result<(&'a str, Span), ParseError> {
        match self.token {
            (Token::Number(digits), span) => {
                self.advance()?;
                Ok((digits, span))
            }
            _ => Err(self.unexpected("a number")),
        }
    }

    /// A block of attributes, of entries of a table, or of blocks.
    fn block(&mut self) -> Result<Node, ParseError> {
        let start = self.token.1;
        self.expect("{")?;
        let (mut entries, mut members) = (Vec::new(), Vec::new());
        while !self.is("}") {
            let key_span = self.token.1;
            self.meter.count(1, key_span)?;
            let key = match self.token.0 {
                Token::Name(name) => name.strip_prefix('.').unwrap_or(name),
                Token::String(name) => name,
                Token::Sign("{") => {
                    members.push(self.nested(Self::block)?);
                    self.eat(";")?;
                    continue;
                }
                _ => return Err(self.unexpected("an attribute or `}`")),
            };
            let is_entry = matches!(self.token.0, Token::String(_));
            self.advance()?;
            let node = if is_entry {
                self.expect(":")?;
                let node = self.value()?;
                if !self.eat(",")? && !self.is("}") {
                    return Err(self.unexpected("`,` or `}`"));
                }
                node
            } else {
                let has_sign = self.eat("=")?;
                match self.is("{") {
                    true => {
                        let node = self.nested(Self::block)?;
                        self.eat(";")?;
                        node
                    }
                    false if has_sign => {
                        let node = self.value()?;
                        self.expect(";")?;
                        node
                    }
                    false => return Err(self.unexpected("`=`")),
                }
            };
            entries.push(Entry {
                key: key.into(),
                key_span,
                node,
            });
        }
        self.advance()?;
        let span = start.to(self.before);
        if entries.is_empty() {
            return Ok(Node::array(members, span));
        }
        if !members.is_empty() {
            entries.push(Entry {
                key: "members".into(),
                key_span: span,
                node: Node::array(members, span),
            });
        }
        Ok(Node::object(entries, span))
    }

    /// A literal or a name: a number keeps its unit and is then a string.
    fn value(&mut self) -> Result<Node, ParseError> {
        let (token, span) = self.token;
        let value = match token {
            Token::String(text) => Value::string(text),
            Token::Name("true") => Value::Bool(true),
            Token::Name("false") => Value::Bool(false),
            Token::Name(name) => Value::string(name),
            Token::Number(digits) => match Number::parse(digits) {
                Some(number) => Value::Number(number),
                None => Value::string(digits),
            },
            Token::Sign("-") => {
                self.advance()?;
                let (digits, end) = self.number()?;
                let text = format!("-{digits}");
                let value = Number::parse(&text).map_or(Value::string(text), Value::Number);
                return Ok(Node::scalar(value, span.to(end)));
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.advance()?;
        Ok(Node::scalar(value, span))
    }
}

/// A value that stands at the top of the file, without a block.
fn whole(node: Node) -> Entry {
    Entry {
        key: "".into(),
        key_span: Span::default(),
        node,
    }
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
    fn declarations_have_the_values_of_conftest_or_better_ones() {
        for (text, expected) in [
            (
                "vcl 4.1;\nimport std;\nbackend my-b { .host = \"/x;\"; .t = 0.5s; .probe = { .url = \"/\"; } }",
                r#"{"backend":{"my-b":{"host":"/x;","probe":{"url":"/"},"t":"0.5s"}}}"#,
            ),
            (
                "acl a { \"10.0.0.0\"/8; !\"10.1.0.1\"; \"::1\"; }",
                r#"{"acl":{"a":["\"10.0.0.0\"/8","!10.1.0.1","::1"]}}"#,
            ),
            (
                "table t { \"/a\": \"/b\", \"c\": \"d\" }",
                r#"{"table":{"t":{"/a":"/b","c":"d"}}}"#,
            ),
            (
                "director d random { .retries = 2; { .backend = a; } }",
                r#"{"director":{"d":{"random":{"members":[{"backend":"a"}],"retries":2}}}}"#,
            ),
            (
                "sub s { set a.b = \"x\"; set c = 1; }",
                r#"{"sub":{"s":{"a.b":"x","c":1}}}"#,
            ),
            (
                "sub s { if (req.url ~ \"^/a\") { return (pass); } elsif (b) { } else { call c; } }",
                r#"{"sub":{"s":[{"else":[{"else":[{"call":"c"}],"if":"b","then":[]}],"if":"req.url ~ \"^/a\"","then":[{"return":"pass"}]}]}}"#,
            ),
            (
                "sub s { unset x; set y = \"a\" + \"b\"; hash_data(req.url); error 404 \"nf\"; return; }",
                r#"{"sub":{"s":[{"unset":"x"},{"operator":"=","set":"y","value":"\"a\" + \"b\""},{"arguments":["req.url"],"call":"hash_data"},{"error":"404 \"nf\""},{"return":""}]}}"#,
            ),
            (
                "sub s { synthetic({\"<b>\"}); }",
                r#"{"sub":{"s":[{"arguments":["{\"<b>\"}"],"call":"synthetic"}]}}"#,
            ),
            ("# nothing", "{}"),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_are_at_their_place() {
        for (text, expected) in [
            (
                "acl a { \"x\";",
                "error at ``: expected an address in double quotes or `}`, found the end of the file",
            ),
            (
                "backend b { .host = \"x\n}",
                "error at `\"`: this string is never closed",
            ),
            (
                "backend b { .a = 1 .b = 2; }",
                "error at `.b`: expected `;`, found `.b`",
            ),
            ("backend b { } }", "error at `}`: expected a declaration, found `}`"),
            ("sub r\n", "error at ``: expected `{`, found the end of the file"),
            ("/* open", "error at `/*`: this comment is never closed"),
            ("backend a {}\nbackend a {}", "error at `a`: `a` is declared twice"),
            ("sub s { if (a { } }", "error at `(`: this `(` is never closed"),
        ] {
            assert_eq!(json(text), expected, "{text}");
        }
        for text in [
            format!("backend b {}", "{".repeat(10_000)),
            format!("sub s {{ {}", "if (a) { ".repeat(10_000)),
            format!("sub s {{ {}", "if (a) { } else ".repeat(10_000)),
        ] {
            assert!(json(&text).contains("nest deeper"));
        }
    }

    #[test]
    fn values_and_keys_have_their_place() {
        let text = "backend b { .port = \"80\"; }\nsub s { set a = 1; }";
        let root = parse(text, Meter::new(100)).expect("valid");
        let children = root.spans.children.expect("an object");
        let inner = |spans: &crate::document::Spans| {
            let attribute = &spans.children.as_ref().expect("an object")[0]
                .children
                .as_ref()
                .expect("an object")[0];
            (attribute.key.of(text).to_owned(), attribute.value.of(text).to_owned())
        };
        assert_eq!(inner(&children[0]), (".port".to_owned(), "\"80\"".to_owned()));
        assert_eq!(inner(&children[1]), ("a".to_owned(), "1".to_owned()));
    }
}
