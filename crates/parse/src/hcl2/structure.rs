//! Bodies, blocks and attributes, straight to their part of the document: blocks are arrays below their type and
//! labels, and an attribute goes over blocks of the same name.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::cursor::Parser;
use super::escape;
use super::expression::join;
use super::token::{Kind, Token};
use crate::ParseError;
use crate::document::{Entry, Node, Span};

/// What to do about a block on one line that holds more than that.
const ONE_LINE: &str = "a block on one line can have only one argument: break the line after `{`";

/// A block's type or label, and its place.
type Name = (Arc<str>, Span);

/// The blocks of a body by type, or those of a type by label.
type Group = BTreeMap<Arc<str>, (Span, Nested)>;

/// What is under a block's type or label.
enum Nested {
    /// More labels.
    Labels(Group),
    /// The bodies of blocks with the same type and labels.
    Bodies(Vec<Node>),
}

/// What a body holds, as far as it is read.
#[derive(Default)]
struct Body<'a> {
    blocks: Group,
    attributes: Vec<Entry>,
    names: HashSet<&'a str>,
}

impl Body<'_> {
    fn into_node(self, span: Span) -> Node {
        let mut entries = entries(self.blocks);
        // Of equal keys the last wins.
        entries.extend(self.attributes);
        Node::object(entries, span)
    }
}

impl<'a> Parser<'a> {
    /// The body that the whole text is.
    pub(super) fn file(&mut self) -> Result<Node, ParseError> {
        let mut body = Body::default();
        loop {
            if self.take(Kind::End).is_some() {
                return Ok(body.into_node(Span::new(0, self.text.len())));
            }
            self.line(&mut body)?;
        }
    }

    /// An argument, a block or an empty line.
    fn line(&mut self, body: &mut Body<'a>) -> Result<(), ParseError> {
        if self.take(Kind::Newline).is_some() {
            return Ok(());
        }
        let name = self.item_name()?;
        match self.peek().kind {
            Kind::Equals => self.attribute_of(body, name)?,
            Kind::Identifier | Kind::OpenQuote | Kind::OpenBrace => self.block(body, name)?,
            _ => return Err(self.unexpected("`=` and a value, or `{` and a block")),
        }
        if self.peek().kind == Kind::End || self.take(Kind::Newline).is_some() {
            return Ok(());
        }
        let help = "write each argument and each block on a line of its own";
        Err(advise(self.unexpected("the end of the line"), help))
    }

    fn item_name(&mut self) -> Result<Token, ParseError> {
        if self.peek().kind == Kind::OpenQuote {
            let error = ParseError::new("an argument's name has no quotes", self.peek().span);
            return Err(error.with_help("remove the quotes"));
        }
        self.expect(Kind::Identifier, "an argument or a block")
    }

    /// `name = value`.
    fn attribute_of(&mut self, body: &mut Body<'a>, name: Token) -> Result<(), ParseError> {
        let text = self.source(name.span);
        if !body.names.insert(text) {
            let error = ParseError::new(format!("duplicate argument `{text}`"), name.span);
            return Err(error.with_help("keep one of the two"));
        }
        self.next();
        let value = self.expression()?;
        body.attributes.push(Entry {
            key: text.into(),
            key_span: name.span,
            node: self.value(value)?,
        });
        Ok(())
    }

    fn block(&mut self, body: &mut Body<'a>, kind: Token) -> Result<(), ParseError> {
        let mut path: Vec<Name> = vec![(self.source(kind.span).into(), kind.span)];
        let open = loop {
            let token = self.peek();
            match token.kind {
                Kind::OpenBrace => break self.next().span,
                Kind::OpenQuote => path.push(self.quoted_label()?),
                Kind::Identifier => {
                    self.next();
                    path.push((self.source(token.span).into(), token.span));
                }
                _ => return Err(self.unexpected("`{` or a label on the line of the block's type")),
            }
        };
        let own = path.last().map_or(kind.span, |(_, span)| *span);
        let inner = self.deeper(path.len(), |parser| parser.block_body(open))?;
        insert(&mut body.blocks, &path, inner.into_node(own)).map_err(|span| {
            ParseError::new("some blocks of this type have labels and some have none", span)
                .with_help("give all of them the same number of labels")
        })
    }

    /// What is in a block's braces, up to the closing one: lines, or one argument on the line of the braces.
    fn block_body(&mut self, open: Span) -> Result<Body<'a>, ParseError> {
        let mut body = Body::default();
        if !matches!(self.peek().kind, Kind::Newline | Kind::CloseBrace | Kind::End) {
            let name = self.item_name()?;
            if self.peek().kind != Kind::Equals {
                return Err(advise(self.unexpected("`=` and a value"), ONE_LINE));
            }
            self.attribute_of(&mut body, name)?;
            return match self.peek().kind {
                Kind::CloseBrace | Kind::End => self.close(open, Kind::CloseBrace, "`}`").map(|_| body),
                _ => Err(advise(self.unexpected("`}` on the line of `{`"), ONE_LINE)),
            };
        }
        loop {
            match self.peek().kind {
                Kind::CloseBrace => break,
                Kind::End => return Err(self.unclosed(open, "`}`")),
                _ => self.line(&mut body)?,
            }
        }
        self.next();
        Ok(body)
    }

    fn quoted_label(&mut self) -> Result<Name, ParseError> {
        let open = self.next().span;
        let mut text = String::new();
        while let Some(piece) = self.take(Kind::QuotedText) {
            text.push_str(&escape::read(self.source(piece.span), piece)?);
        }
        if matches!(self.peek().kind, Kind::Interpolation | Kind::Directive) {
            let error = ParseError::new("a label is a string without `${` and `%{`", self.peek().span);
            return Err(error.with_help("double the sign to write it literally: `$${`, `%%{`"));
        }
        let close = self.close(open, Kind::CloseQuote, "the end of the label")?;
        Ok((text.into(), join(open, close.span)))
    }
}

/// The error with this next step, unless it has a better one.
fn advise(error: ParseError, help: &str) -> ParseError {
    match error.help {
        Some(_) => error,
        None => error.with_help(help),
    }
}

fn entries(group: Group) -> Vec<Entry> {
    let entry = |(key, (key_span, nested))| {
        let node = match nested {
            Nested::Labels(labels) => Node::object(entries(labels), key_span),
            Nested::Bodies(bodies) => Node::array(bodies, key_span),
        };
        Entry { key, key_span, node }
    };
    group.into_iter().map(entry).collect()
}

/// Puts a body under its path; or gives the place where labelled and unlabelled blocks meet.
fn insert(blocks: &mut Group, path: &[Name], body: Node) -> Result<(), Span> {
    let Some(((key, span), rest)) = path.split_first() else {
        return Ok(());
    };
    let (_, nested) = blocks.entry(Arc::clone(key)).or_insert_with(|| {
        let nested = if rest.is_empty() {
            Nested::Bodies(Vec::new())
        } else {
            Nested::Labels(Group::new())
        };
        (*span, nested)
    });
    match nested {
        Nested::Bodies(bodies) if rest.is_empty() => bodies.push(body),
        Nested::Labels(labels) if !rest.is_empty() => return insert(labels, rest, body),
        _ => return Err(*span),
    }
    Ok(())
}
