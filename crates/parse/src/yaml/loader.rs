//! From events to values: collections are put together as their parts arrive, each with its span.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, Span as Place, StructureStyle};

use super::budget::Budget;
use super::merge::merge;
use super::scalar::{self, Scalar};
use crate::document::{Entry, Node, Span};
use crate::{Meter, ParseError};
use kpolicy_value::Value;

/// A collection that is being read.
struct Frame {
    place: Span,
    flow: bool,
    anchor: usize,
    /// What the budget had counted before it.
    counted: u64,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<Key>,
        /// The keys that were written here, not merged.
        written: Vec<(Arc<str>, Span)>,
    },
}

/// A key whose value has not come yet.
enum Key {
    Text(Arc<str>, Span),
    Merge(Span),
}

/// A node on its way to its parent.
struct Arrived {
    node: Node,
    /// What it is as a key.
    key: Option<Scalar>,
    place: Span,
    /// Whether it stands there by `*alias`.
    alias: bool,
    /// Whether it is a plain `<<`, or one that a tag says to be a merge.
    merge: bool,
}

/// Reads one stream.
pub(super) struct Loader<'a> {
    text: &'a str,
    frames: Vec<Frame>,
    anchors: HashMap<usize, (Node, u64)>,
    budget: Budget,
    meter: Meter,
    /// Keys that are in one mapping twice.
    pub(super) duplicates: Vec<(Span, Span)>,
    /// The documents that are finished.
    pub(super) documents: Vec<Node>,
    /// Where the outermost flow collections stand.
    pub(super) flows: Vec<Span>,
    /// Where the last scalar, alias, flow collection or `---` ended.
    passed: usize,
}

impl<'a> Loader<'a> {
    pub(super) fn new(text: &'a str, meter: Meter) -> Self {
        Self {
            text,
            frames: Vec::new(),
            anchors: HashMap::new(),
            budget: Budget::default(),
            meter,
            duplicates: Vec::new(),
            documents: Vec::new(),
            flows: Vec::new(),
            passed: 0,
        }
    }

    pub(super) fn event(&mut self, event: Event, place: &Place) -> Result<(), ParseError> {
        let span = self.span(place);
        let token = matches!(event, Event::Scalar(..) | Event::Alias(..) | Event::DocumentStart(..));
        let counted = self.budget.decoded();
        let result = self.take(event, span);
        // A document starts a budget of its own.
        let added = self.budget.decoded().saturating_sub(counted);
        self.meter.count(usize::try_from(added).unwrap_or(usize::MAX), span)?;
        if token {
            self.passed = span.end as usize;
        }
        result
    }

    fn take(&mut self, event: Event, span: Span) -> Result<(), ParseError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.budget.node();
                let plain = style == ScalarStyle::Plain;
                let tag = tag.as_deref().map(scalar::tag);
                let merge = text == "<<" && (tag == Some(scalar::Wanted::Merge) || plain && tag.is_none());
                let resolved = scalar::resolve(&text, plain, tag).map_err(|message| ParseError::new(message, span))?;
                let place = self.scalar_span(span, style);
                let value = match resolved.value() {
                    Ok(value) => value,
                    // As a key it becomes text.
                    Err(_) if anchor == 0 && self.awaits_key() => Value::Null,
                    Err(message) => return Err(ParseError::new(message, place)),
                };
                let node = Node::scalar(value, place);
                self.remember(anchor, &node, 1);
                self.arrive(Arrived {
                    node,
                    key: Some(resolved),
                    place,
                    alias: false,
                    merge,
                })
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open(span, style, anchor, Content::Sequence(Vec::new()));
                Ok(())
            }
            Event::MappingStart(style, anchor, _) => {
                self.open(
                    span,
                    style,
                    anchor,
                    Content::Mapping {
                        entries: Vec::new(),
                        key: None,
                        written: Vec::new(),
                    },
                );
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::DocumentStart(..) => {
                self.anchors.clear();
                self.budget = Budget::default();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn awaits_key(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|frame| matches!(frame.content, Content::Mapping { key: None, .. }))
    }

    fn open(&mut self, mut place: Span, style: StructureStyle, anchor: usize, content: Content) {
        let counted = self.budget.decoded();
        self.budget.node();
        let within_mapping = self
            .frames
            .last()
            .is_some_and(|frame| matches!(frame.content, Content::Mapping { key: Some(_), .. }));
        if within_mapping && style == StructureStyle::Block && matches!(content, Content::Sequence(_)) {
            // The mark of a list that is not indented stands behind its first dash.
            place = self.widened_to(place, |word| word == "-");
        }
        self.frames.push(Frame {
            place,
            flow: style == StructureStyle::Flow,
            anchor,
            counted,
            content,
        });
    }

    fn close(&mut self, end: Span) -> Result<(), ParseError> {
        let frame = self.frames.pop().expect("the parser closes what it opened");
        let mut place = Span {
            start: frame.place.start,
            end: end.end,
        };
        let mut node = match frame.content {
            Content::Sequence(items) => Node::array(items, place),
            Content::Mapping { entries, written, .. } => {
                self.duplicates.extend(duplicates(written));
                Node::object(entries, place)
            }
        };
        if !frame.flow {
            // The end mark of a block runs past comments and blank lines.
            place.end = last_end(&node).unwrap_or(place.end).max(place.start);
            node.spans.value = place;
        }
        if frame.flow {
            self.passed = place.end as usize;
            if !self.frames.iter().any(|outer| outer.flow) {
                self.flows.push(place);
            }
        }
        self.remember(frame.anchor, &node, self.budget.decoded() - frame.counted);
        self.arrive(Arrived {
            node,
            key: None,
            place,
            alias: false,
            merge: false,
        })
    }

    fn alias(&mut self, anchor: usize, place: Span) -> Result<(), ParseError> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(ParseError::new(
                format!("{} stands within its own definition", self.slice(place)),
                place,
            ));
        };
        if !self.budget.alias(*size) {
            return Err(ParseError::new(
                "the document consists of aliases to an excessive degree",
                place,
            ));
        }
        let mut node = node.clone();
        node.spans.value = place;
        let key = scalar::of_value(&node.value);
        self.arrive(Arrived {
            node,
            key,
            place,
            alias: true,
            merge: false,
        })
    }

    fn remember(&mut self, anchor: usize, node: &Node, size: u64) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
    }

    /// Puts a finished node into its parent.
    fn arrive(&mut self, arrived: Arrived) -> Result<(), ParseError> {
        let Some(frame) = self.frames.last_mut() else {
            self.documents.push(arrived.node);
            return Ok(());
        };
        match &mut frame.content {
            Content::Sequence(items) => items.push(arrived.node),
            Content::Mapping { entries, key, written } => match key.take() {
                None => *key = Some(as_key(&arrived)?),
                Some(Key::Text(text, key_span)) => {
                    written.push((Arc::clone(&text), key_span));
                    entries.push(Entry {
                        key: text,
                        key_span,
                        node: arrived.node,
                    });
                }
                Some(Key::Merge(span)) => {
                    merge(entries, &arrived.node, arrived.alias).map_err(|message| ParseError::new(message, span))?
                }
            },
        }
        Ok(())
    }

    fn span(&self, place: &Place) -> Span {
        let offset = |at: Option<usize>| at.unwrap_or(self.text.len()).min(self.text.len());
        let (start, end) = (offset(place.start.byte_offset()), offset(place.end.byte_offset()));
        Span::new(start, end.max(start))
    }

    /// The span from the first word before it that fits, if there is one since the last token. Comments have no words.
    fn widened_to(&self, span: Span, fits: impl Fn(&str) -> bool) -> Span {
        let gap = self.text.get(self.passed..span.start as usize).unwrap_or_default();
        let mut at = self.passed;
        for line in gap.split_inclusive('\n') {
            let mut start = at;
            for word in line.split([' ', '\t', '\r', '\n']) {
                if word.starts_with('#') {
                    break;
                }
                if fits(word) {
                    return Span::new(start, span.end as usize);
                }
                start += word.len() + 1;
            }
            at += line.len();
        }
        span
    }

    /// A scalar's own text: a block scalar starts at its `|` or `>` and ends with its last character that is not blank.
    fn scalar_span(&self, span: Span, style: ScalarStyle) -> Span {
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.widened_to(span, |word| word.starts_with(['|', '>'])),
            _ => span,
        };
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded | ScalarStyle::Plain) {
            let length = self.slice(span).trim_end().len();
            return Span::new(span.start as usize, span.start as usize + length);
        }
        span
    }

    fn slice(&self, span: Span) -> &str {
        self.text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }
}

/// The places of equal keys: each with the next one.
fn duplicates(mut keys: Vec<(Arc<str>, Span)>) -> Vec<(Span, Span)> {
    keys.sort();
    let pairs = keys.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    pairs.map(|pair| (pair[0].1, pair[1].1)).collect()
}

fn last_end(node: &Node) -> Option<u32> {
    let children = node.spans.children.as_ref()?;
    children.iter().map(|child| child.value.end.max(child.key.end)).max()
}

fn as_key(arrived: &Arrived) -> Result<Key, ParseError> {
    if arrived.merge {
        return Ok(Key::Merge(arrived.place));
    }
    let Some(scalar) = &arrived.key else {
        let error = ParseError::new("a sequence or mapping cannot be a key", arrived.place);
        return Err(error);
    };
    let text = scalar
        .key()
        .map_err(|message| ParseError::new(message, arrived.place))?;
    Ok(Key::Text(text, arrived.place))
}
