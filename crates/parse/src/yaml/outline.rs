//! The outline of a text's first document: keys as they were written, twice where they were, and nothing resolved.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, options};

use super::{DEEPEST, of_scan, refuse_controls, scalar};
use crate::ParseError;

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
        reader.event(event);
    }
    Ok((None, text.len()))
}

/// What has been read of a document.
#[derive(Default)]
struct Reader {
    /// The collections that are open, each with its anchor: their items, keys and values by turns.
    open: Vec<(bool, usize, Vec<Outline>)>,
    anchors: HashMap<usize, Outline>,
    whole: Option<Outline>,
}

impl Reader {
    fn event(&mut self, event: Event) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let wanted = tag.as_deref().map(scalar::tag);
                let resolved = scalar::resolve(&text, style == ScalarStyle::Plain, wanted);
                let is_text = matches!(resolved, Ok(scalar::Scalar::Text(_)));
                self.arrive(
                    anchor,
                    Outline::Scalar {
                        text: text.into_owned(),
                        is_text,
                    },
                );
            }
            Event::SequenceStart(_, anchor, _) => self.open.push((false, anchor, Vec::new())),
            Event::MappingStart(_, anchor, _) => self.open.push((true, anchor, Vec::new())),
            Event::SequenceEnd | Event::MappingEnd => {
                let (mapping, anchor, items) = self.open.pop().expect("the parser closes what it opened");
                let outline = match mapping {
                    false => Outline::Sequence(items),
                    true => {
                        let mut items = items.into_iter();
                        let pairs = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
                        Outline::Mapping(pairs.collect())
                    }
                };
                self.arrive(anchor, outline);
            }
            Event::Alias(anchor) => {
                let outline = self.anchors.get(&anchor).cloned();
                self.arrive(0, outline.unwrap_or(Outline::Sequence(Vec::new())));
            }
            _ => {}
        }
    }

    fn arrive(&mut self, anchor: usize, outline: Outline) {
        if anchor > 0 {
            self.anchors.insert(anchor, outline.clone());
        }
        match self.open.last_mut() {
            Some((_, _, items)) => items.push(outline),
            None => self.whole = Some(outline),
        }
    }
}
