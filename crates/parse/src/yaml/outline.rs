//! The outline of a text's first document: keys as they were written, twice where they were, and nothing resolved.

use std::collections::HashMap;

use super::budget::Budget;
use super::parser::{After, Parser, Properties, Sink};
use super::scanner::{DEEPEST, Scanner};
use super::token::{Kind, Style};
use super::{Schema, chars, error, scalar};
use crate::ParseError;
use kpolicy_value::Span;

/// A node of the outline.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// A scalar's text, and whether it reads as a text.
    Scalar {
        /// The text.
        text: String,
        /// Whether it is neither null, nor a number, nor a boolean.
        is_text: bool,
    },
    /// A sequence.
    Sequence(Vec<Outline>),
    /// Keys and values, in their order.
    Mapping(Vec<(Outline, Outline)>),
}

/// The first document of a text as OPA reads it, and where it ends; what follows it is not read.
pub fn outline(text: &str) -> Result<(Option<Outline>, usize), ParseError> {
    let breaks = chars::survey(text).map_err(|(at, character)| error::control(character, at))?;
    let mut parser = Parser::new(Scanner::new(text, 0, breaks, false), true);
    let mut reader = Reader::default();
    let read = first_document(&mut parser, &mut reader);
    let end = read.map_err(|error| error::explained(text, error))?;
    Ok((reader.whole, end.unwrap_or(text.len())))
}

fn first_document(parser: &mut Parser, reader: &mut Reader) -> Result<Option<usize>, ParseError> {
    if matches!(parser.ahead()?.0, Kind::Version | Kind::TagDirective) {
        parser.directives()?;
        let (kind, at) = parser.ahead()?;
        if kind != Kind::DocumentStart {
            return Err(error::no_document(at));
        }
    }
    let kind = parser.ahead()?.0;
    if kind == Kind::End {
        return Ok(None);
    }
    if kind == Kind::DocumentStart {
        parser.pass();
        let (kind, at) = parser.ahead()?;
        if matches!(kind, Kind::DocumentStart | Kind::DocumentEnd | Kind::End) {
            return Ok(Some(at.start as usize));
        }
    }
    match parser.document(reader)? {
        After::Text(at) | After::Marker(at) => Ok(Some(at.start as usize)),
        After::End => Ok(None),
    }
}

/// A collection that is open: whether it is a mapping, its anchor, what was counted before it, and its items.
type Open = (bool, Option<String>, u64, Vec<Outline>);

/// What has been read of a document.
#[derive(Default)]
struct Reader {
    /// The collections that are open, each with its anchor: their items, keys and values by turns.
    open: Vec<Open>,
    anchors: HashMap<String, (Outline, u64)>,
    /// What was read, aliases counted as what they stand for: each is a copy here.
    budget: Budget,
    whole: Option<Outline>,
}

impl Reader {
    fn arrive(&mut self, anchor: Option<String>, size: u64, outline: Outline) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, (outline.clone(), size));
        }
        match self.open.last_mut() {
            Some((_, _, _, items)) => items.push(outline),
            None => self.whole = Some(outline),
        }
    }
}

impl Sink for Reader {
    fn scalar(&mut self, text: &str, style: Style, _: Span, properties: Properties) -> Result<(), ParseError> {
        let resolved = scalar::resolve(text, style == Style::Plain, properties.tag, Schema::Core);
        let outline = Outline::Scalar {
            text: text.to_owned(),
            is_text: matches!(resolved, Ok(scalar::Scalar::Text(_))),
        };
        self.budget.node();
        self.arrive(properties.anchor.map(str::to_owned), 1, outline);
        Ok(())
    }

    fn open(&mut self, mapping: bool, _: bool, span: Span, properties: Properties) -> Result<(), ParseError> {
        if self.open.len() >= DEEPEST {
            return Err(error::too_deep(span.start as usize));
        }
        let anchor = properties.anchor.map(str::to_owned);
        let counted = self.budget.decoded();
        self.budget.node();
        self.open.push((mapping, anchor, counted, Vec::new()));
        Ok(())
    }

    fn close(&mut self, _: u32) -> Result<(), ParseError> {
        let (mapping, anchor, before, items) = self.open.pop().expect("the parser closes what it opened");
        let outline = match mapping {
            false => Outline::Sequence(items),
            true => {
                let mut items = items.into_iter();
                let pairs = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
                Outline::Mapping(pairs.collect())
            }
        };
        self.arrive(anchor, self.budget.decoded() - before, outline);
        Ok(())
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), ParseError> {
        let (outline, size) = self
            .anchors
            .get(name)
            .cloned()
            .unwrap_or((Outline::Sequence(Vec::new()), 0));
        if !self.budget.alias(size) {
            return Err(error::aliases(span));
        }
        self.arrive(None, size, outline);
        Ok(())
    }
}
