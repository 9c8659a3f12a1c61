//! The outline of a text's first document: keys as they were written, twice where they were, and nothing resolved.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, options};

use super::budget::Budget;
use super::{DEEPEST, of_scan, refuse_controls, scalar};
use crate::ParseError;
use crate::document::Span;

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

/// The first document of a text, and where it ends; what stands behind it is not read.
pub fn outline(text: &str) -> Result<(Option<Outline>, usize), ParseError> {
    refuse_controls(text)?;
    let options = options! {
        block_scalar_eof_without_line_feed: true,
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut reader = Reader::default();
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(event) = parser.next_event() {
        let (event, place) = event.map_err(|error| of_scan(text, &error))?;
        if matches!(event, Event::DocumentEnd) {
            let end = place.start.byte_offset().unwrap_or(text.len()).min(text.len());
            return Ok((reader.whole, end));
        }
        let at = place.start.byte_offset().unwrap_or(text.len()).min(text.len());
        reader.event(event, Span::new(at, at))?;
    }
    Ok((None, text.len()))
}

/// A collection that is open: whether it is a mapping, its anchor, what was counted before it, and its items.
type Open = (bool, usize, u64, Vec<Outline>);

/// What has been read of a document.
#[derive(Default)]
struct Reader {
    /// The collections that are open, each with its anchor: their items, keys and values by turns.
    open: Vec<Open>,
    anchors: HashMap<usize, (Outline, u64)>,
    /// What was read, aliases counted as what they stand for: each is a copy here.
    budget: Budget,
    whole: Option<Outline>,
}

impl Reader {
    fn event(&mut self, event: Event, place: Span) -> Result<(), ParseError> {
        let counted = self.budget.decoded();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.budget.node();
                let wanted = tag.as_deref().map(scalar::tag);
                let resolved = scalar::resolve(&text, style == ScalarStyle::Plain, wanted);
                let is_text = matches!(resolved, Ok(scalar::Scalar::Text(_)));
                let text = text.into_owned();
                self.arrive(anchor, 1, Outline::Scalar { text, is_text });
            }
            Event::SequenceStart(_, anchor, _) => {
                self.budget.node();
                self.open.push((false, anchor, counted, Vec::new()));
            }
            Event::MappingStart(_, anchor, _) => {
                self.budget.node();
                self.open.push((true, anchor, counted, Vec::new()));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (mapping, anchor, before, items) = self.open.pop().expect("the parser closes what it opened");
                let outline = match mapping {
                    false => Outline::Sequence(items),
                    true => {
                        let mut items = items.into_iter();
                        let pairs = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
                        Outline::Mapping(pairs.collect())
                    }
                };
                self.arrive(anchor, counted - before, outline);
            }
            Event::Alias(anchor) => {
                let size = self.anchors.get(&anchor).map_or(0, |(_, size)| *size);
                if !self.budget.alias(size) {
                    let message = "the document consists of aliases to an excessive degree";
                    return Err(ParseError::new(message, place));
                }
                let outline = self.anchors.get(&anchor).map(|(outline, _)| outline.clone());
                self.arrive(0, size, outline.unwrap_or(Outline::Sequence(Vec::new())));
            }
            _ => {}
        }
        Ok(())
    }

    fn arrive(&mut self, anchor: usize, size: u64, outline: Outline) {
        if anchor > 0 {
            self.anchors.insert(anchor, (outline.clone(), size));
        }
        match self.open.last_mut() {
            Some((_, _, _, items)) => items.push(outline),
            None => self.whole = Some(outline),
        }
    }
}
