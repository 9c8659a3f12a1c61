//! From nodes to values: collections are put together as their parts arrive, each with its span.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::budget::Budget;
use super::names::Names;
use super::parser::{Properties, Sink};
use super::scalar;
use super::scanner::DEEPEST;
use super::token::Style;
use super::{Schema, error};
use crate::document::{Node, Span, Spans};
use crate::{Meter, ParseError, Parsed};
use kpolicy_value::Value;

/// An entry of a mapping that is being read.
pub(super) struct Pair {
    pub(super) key: Arc<str>,
    pub(super) key_span: Span,
    pub(super) node: Node,
    /// Whether it came by `<<`.
    pub(super) merged: bool,
}

/// A key whose value has not come yet.
enum Key {
    Text(Arc<str>, Span),
    Merge(Span),
}

/// A collection that is being read.
struct Frame {
    mapping: bool,
    flow: bool,
    start: u32,
    /// Its anchor, by its index among all of the document.
    anchor: Option<usize>,
    /// What the budget had counted before it.
    counted: u64,
    /// Where its parts start among those of all that are open.
    parts: usize,
    key: Option<Key>,
    /// What was merged and gives way to the mapping's own entries, as OPA has it.
    merged: Vec<Pair>,
    /// Where its last part ends.
    end: u32,
}

/// A value or a key that JSON has not.
struct NonCanonical {
    span: Span,
    is_key: bool,
    message: &'static str,
}

/// A node with a name.
struct Named {
    node: Node,
    /// How many nodes it is.
    size: u64,
    /// What it is as a key.
    key: AsKey,
}

/// What a node is as a key.
#[derive(Clone)]
enum AsKey {
    Text(Arc<str>),
    /// A scalar that no key can be.
    Unfit,
    Collection,
}

/// A node on its way to its parent.
struct Arrived {
    node: Node,
    key: AsKey,
    /// Whether it is there by `*alias`.
    alias: bool,
}

/// Reads documents.
pub(super) struct Loader {
    schema: Schema,
    /// Where the text ends; the end of line that Kubernetes puts after it is no place.
    limit: u32,
    frames: Vec<Frame>,
    items: Vec<Node>,
    pairs: Vec<Pair>,
    /// The place of each name's node among `named`; nothing is there while the node is being read.
    anchors: HashMap<String, usize>,
    named: Vec<Option<Named>>,
    budget: Budget,
    names: Names,
    /// Where values and keys stand that JSON has not: they count only if they are in the document in the end.
    non_canonical: Vec<NonCanonical>,
    root: Option<Node>,
    meter: Meter,
    parsed: Parsed,
}

/// What is said of a value that JSON has not.
const NO_JSON: &str = "infinity and not-a-number cannot be evaluated: JSON has neither";
/// What is said of a null that is a key.
const NULL_KEY: &str = "null cannot be a key";
/// What is said of a key that is a large number.
const LARGE_KEY: &str = "an integer beyond 64 bits with sign cannot be a key";

impl Loader {
    pub(super) fn new(schema: Schema, limit: usize, meter: Meter) -> Self {
        Self {
            schema,
            limit: super::token::span(limit, limit).end,
            frames: Vec::new(),
            items: Vec::new(),
            pairs: Vec::new(),
            anchors: HashMap::new(),
            named: Vec::new(),
            budget: Budget::default(),
            names: Names::take(),
            non_canonical: Vec::new(),
            root: None,
            meter,
            parsed: Parsed::default(),
        }
    }

    /// The names of the document's nodes.
    pub(super) fn names(&self) -> HashSet<String> {
        self.anchors.keys().cloned().collect()
    }

    /// A document follows whose values nobody asks for.
    pub(super) fn pass_over(&mut self, span: Span) {
        self.parsed.documents.push(Node::scalar(Value::Null, span));
    }

    /// The document that was read is whole.
    pub(super) fn end_document(&mut self) -> Result<(), ParseError> {
        let root = self.root.take().expect("a document was read");
        if let Some(non_canonical) = self
            .non_canonical
            .iter()
            .find(|non_canonical| holds(&root, non_canonical))
        {
            return Err(ParseError::new(non_canonical.message, non_canonical.span));
        }
        self.parsed.documents.push(root);
        self.non_canonical.clear();
        self.anchors.clear();
        self.named.clear();
        self.budget = Budget::default();
        Ok(())
    }

    /// Notes that what stands from there on is not read.
    pub(super) fn unread(&mut self, at: Span) {
        let end = at.end.min(self.limit);
        self.parsed.unread.push(Span {
            start: at.start.min(end),
            end,
        });
    }

    /// Forgets the document that is being read.
    pub(super) fn abandon_document(&mut self) {
        self.frames.clear();
        self.items.clear();
        self.pairs.clear();
        self.root = None;
        self.non_canonical.clear();
        self.anchors.clear();
        self.named.clear();
        self.budget = Budget::default();
    }

    /// What was read.
    pub(super) fn finish(self) -> Parsed {
        self.names.give_back();
        self.parsed
    }

    fn awaits_key(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|frame| frame.mapping && frame.key.is_none())
    }

    /// Gives a node's name its place; the node comes later.
    fn name(&mut self, anchor: Option<&str>) -> Option<usize> {
        let anchor = anchor?;
        let place = self.named.len();
        self.named.push(None);
        self.anchors.insert(anchor.to_owned(), place);
        Some(place)
    }

    /// Puts a finished node into its parent.
    fn arrive(&mut self, arrived: Arrived) -> Result<(), ParseError> {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(arrived.node);
            return Ok(());
        };
        let span = arrived.node.spans.value;
        frame.end = frame.end.max(span.end);
        if !frame.mapping {
            self.items.push(arrived.node);
            return Ok(());
        }
        match frame.key.take() {
            None => {
                let key = match arrived.key {
                    AsKey::Text(text) => text,
                    AsKey::Unfit => {
                        let message = if arrived.node.value == Value::Null {
                            NULL_KEY
                        } else {
                            LARGE_KEY
                        };
                        self.non_canonical.push(NonCanonical {
                            span,
                            is_key: true,
                            message,
                        });
                        // No key that is written has this text.
                        format!("\0{}", span.start).into()
                    }
                    AsKey::Collection => {
                        return Err(error::collection_key(span));
                    }
                };
                frame.key = Some(Key::Text(key, span));
                Ok(())
            }
            Some(Key::Text(key, key_span)) => {
                self.pairs.push(Pair {
                    key,
                    key_span,
                    node: arrived.node,
                    merged: false,
                });
                Ok(())
            }
            Some(Key::Merge(span)) => self.merge(arrived, span),
        }
    }

    /// Takes over the entries of a mapping, or of those in a list, of which the earlier wins. A list after an alias is
    /// none.
    ///
    /// Follows decode.go: decoder.merge.
    fn merge(&mut self, arrived: Arrived, span: Span) -> Result<(), ParseError> {
        let wrong = || error::merge(span);
        let mut taken = Vec::new();
        match (&arrived.node.value, &arrived.node.spans.children) {
            (Value::Object(_), _) => taken = entries_of(&arrived.node).ok_or_else(wrong)?,
            (Value::Array(items), Some(children)) if !arrived.alias => {
                self.budget.pass_over();
                for (value, spans) in items.iter().zip(children.iter()).rev() {
                    let node = Node {
                        value: value.clone(),
                        spans: spans.clone(),
                    };
                    taken.extend(entries_of(&node).ok_or_else(wrong)?);
                }
            }
            _ => return Err(wrong()),
        }
        let frame = self.frames.last_mut().expect("a merge key stands in a mapping");
        match self.schema {
            Schema::Kubernetes => self.pairs.extend(taken),
            Schema::Core => {
                taken.append(&mut frame.merged);
                frame.merged = taken;
            }
        }
        Ok(())
    }

    /// The array of what was read since `from`.
    fn array(&mut self, from: usize, span: Span) -> Node {
        let count = self.items.len() - from;
        let mut values = Vec::with_capacity(count);
        let children: Arc<[Spans]> = self
            .items
            .drain(from..)
            .map(|item| {
                values.push(item.value);
                item.spans
            })
            .collect();
        Node {
            value: Value::array(values),
            spans: Spans {
                key: Span::default(),
                value: span,
                children: Some(children),
            },
        }
    }

    /// The object of what was read since `from`; of several entries with one key the last wins, with its own place.
    fn object(&mut self, from: usize, span: Span) -> Node {
        let pairs = &mut self.pairs[from..];
        let rising = pairs.windows(2).all(|pair| pair[0].key < pair[1].key);
        if !rising {
            pairs.sort_by(|a, b| a.key.cmp(&b.key));
            self.without_repeated(from);
        }
        let count = self.pairs.len() - from;
        let mut values = Vec::with_capacity(count);
        let children: Arc<[Spans]> = self
            .pairs
            .drain(from..)
            .map(|pair| {
                values.push((Value::string(pair.key), pair.node.value));
                Spans {
                    key: pair.key_span,
                    ..pair.node.spans
                }
            })
            .collect();
        Node {
            value: Value::object(values),
            spans: Spans {
                key: Span::default(),
                value: span,
                children: Some(children),
            },
        }
    }

    /// Drops all but the last of the sorted entries with one key, and notes those that were written twice.
    fn without_repeated(&mut self, from: usize) {
        let mut kept = from;
        let mut written: Option<Span> = None;
        for at in from..self.pairs.len() {
            let repeats = at > from && self.pairs[at].key == self.pairs[kept].key;
            if !repeats {
                written = None;
                kept += usize::from(at > from);
            }
            self.pairs.swap(kept, at);
            let pair = &self.pairs[kept];
            if pair.merged {
                continue;
            }
            if let Some(earlier) = written.replace(pair.key_span) {
                self.parsed.duplicates.push((earlier, pair.key_span));
            }
        }
        self.pairs.truncate(kept + 1);
    }
}

impl Sink for Loader {
    fn scalar(&mut self, text: &str, style: Style, span: Span, properties: Properties) -> Result<(), ParseError> {
        let span = Span {
            start: span.start.min(self.limit),
            end: span.end.min(self.limit),
        };
        let plain = style == Style::Plain;
        let tag = properties.tag;
        let awaits_key = self.awaits_key();
        if awaits_key && scalar::is_merge(text, plain, tag, self.schema) {
            if let Some(place) = self.name(properties.anchor) {
                let key: Arc<str> = text.into();
                self.named[place] = Some(Named {
                    node: Node::scalar(Value::string(Arc::clone(&key)), span),
                    size: 1,
                    key: AsKey::Text(key),
                });
            }
            if let Some(frame) = self.frames.last_mut() {
                frame.key = Some(Key::Merge(span));
            }
            return Ok(());
        }
        self.meter.count(1, span)?;
        if !self.budget.node() {
            return Err(error::aliases(span));
        }
        let resolved =
            scalar::resolve(text, plain, tag, self.schema).map_err(|message| ParseError::new(message, span))?;
        if awaits_key && properties.anchor.is_none() {
            // Nobody asks for a key's value.
            if let Some(text) = resolved.key(self.schema) {
                let key = self.names.key(&text);
                if let Some(frame) = self.frames.last_mut() {
                    frame.end = frame.end.max(span.end);
                    frame.key = Some(Key::Text(key, span));
                }
                return Ok(());
            }
        }
        let value = resolved.value().unwrap_or_else(|| {
            self.non_canonical.push(NonCanonical {
                span,
                is_key: false,
                message: NO_JSON,
            });
            Value::Null
        });
        let node = Node::scalar(value, span);
        let mut key = AsKey::Unfit;
        let as_key = resolved.key(self.schema);
        if let Some(text) = as_key.filter(|_| awaits_key || properties.anchor.is_some()) {
            key = AsKey::Text(self.names.key(&text));
        }
        if let Some(place) = self.name(properties.anchor) {
            self.named[place] = Some(Named {
                node: node.clone(),
                size: 1,
                key: key.clone(),
            });
        }
        self.arrive(Arrived {
            node,
            key,
            alias: false,
        })
    }

    fn open(&mut self, mapping: bool, flow: bool, span: Span, properties: Properties) -> Result<(), ParseError> {
        if self.frames.len() >= DEEPEST {
            return Err(error::too_deep(span.start as usize));
        }
        self.meter.count(1, span)?;
        let counted = self.budget.decoded();
        if !self.budget.node() {
            return Err(error::aliases(span));
        }
        let anchor = self.name(properties.anchor);
        self.frames.push(Frame {
            mapping,
            flow,
            start: span.start,
            anchor,
            counted,
            parts: if mapping { self.pairs.len() } else { self.items.len() },
            key: None,
            merged: Vec::new(),
            end: span.start,
        });
        Ok(())
    }

    fn close(&mut self, end: u32) -> Result<(), ParseError> {
        let frame = self.frames.pop().expect("the parser closes what it opened");
        // The end of a block runs past comments and blank lines.
        let end = if frame.flow { end.max(frame.end) } else { frame.end };
        let span = Span {
            start: frame.start,
            end,
        };
        let node = if frame.mapping {
            if !frame.merged.is_empty() {
                self.pairs.splice(frame.parts..frame.parts, frame.merged);
            }
            self.object(frame.parts, span)
        } else {
            self.array(frame.parts, span)
        };
        if let Some(place) = frame.anchor {
            self.named[place] = Some(Named {
                node: node.clone(),
                size: self.budget.decoded() - frame.counted,
                key: AsKey::Collection,
            });
        }
        self.arrive(Arrived {
            node,
            key: AsKey::Collection,
            alias: false,
        })
    }

    fn alias(&mut self, name: &str, span: Span) -> Result<(), ParseError> {
        let Some(place) = self.anchors.get(name) else {
            return Err(error::unknown_alias(name, span));
        };
        let Some(named) = &self.named[*place] else {
            return Err(error::alias_within_itself(name, span));
        };
        if !self.budget.alias(named.size) {
            return Err(error::aliases(span));
        }
        self.meter
            .count(usize::try_from(named.size).unwrap_or(usize::MAX), span)?;
        let mut node = named.node.clone();
        let key = named.key.clone();
        if self
            .non_canonical
            .iter()
            .any(|non_canonical| !non_canonical.is_key && non_canonical.span == node.spans.value)
        {
            self.non_canonical.push(NonCanonical {
                span,
                is_key: false,
                message: NO_JSON,
            });
        }
        node.spans.value = span;
        self.arrive(Arrived { node, key, alias: true })
    }
}

/// The entries of a mapping, with the places where they were written.
fn entries_of(node: &Node) -> Option<Vec<Pair>> {
    let object = node.value.as_object()?;
    let children = node.spans.children.as_ref()?;
    let entry = |((key, value), spans): (&(Value, Value), &Spans)| {
        let Value::String(key) = key else { return None };
        Some(Pair {
            key: key.to_shared(),
            key_span: spans.key,
            node: Node {
                value: value.clone(),
                spans: spans.clone(),
            },
            merged: true,
        })
    };
    object.iter().zip(children.iter()).map(entry).collect()
}

/// Whether a document still has what was found odd, and no later entry in its place.
fn holds(root: &Node, non_canonical: &NonCanonical) -> bool {
    let mut left = vec![&root.spans];
    while let Some(spans) = left.pop() {
        let found = if non_canonical.is_key { spans.key } else { spans.value };
        if found == non_canonical.span && (non_canonical.is_key || spans.children.is_none()) {
            return true;
        }
        left.extend(spans.children.iter().flat_map(|children| children.iter()));
    }
    false
}
