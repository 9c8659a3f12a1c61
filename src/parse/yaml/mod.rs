//! YAML as the cluster reads it: events of the crate granit-parser become values with their spans, by the rules of
//! Go's sigs.k8s.io/yaml (YAML 1.1 scalars, JSON-compatible keys, merge keys in document order).

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Place, StructureStyle, options};

use super::ParseError;
use crate::document::{Entry, Node, Span};
use crate::value::Value;

mod budget;
mod scalar;

use budget::Budget;
use scalar::Scalar;

/// How deep collections may nest.
const DEEPEST: usize = 1000;
/// How often a line's tabs are taken for spaces before the text is given up.
const TAB_RETRIES: usize = 64;

/// The documents of a stream; those that hold nothing are null.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, ParseError> {
    read(text).map_err(|error| ParseError {
        span: on_characters(error.span, text),
        ..error
    })
}

/// Whether the text, written without quotes, reads as itself and as nothing else: no number or date.
pub(crate) fn reads_as_text(text: &str) -> bool {
    matches!(scalar::resolve(text, true, None), Ok(Scalar::Text(_))) && !scalar::is_time(text)
}

/// The span widened to whole characters: in the mended text a byte-order mark is three of them.
fn on_characters(span: Span, text: &str) -> Span {
    let (mut start, mut end) = (
        (span.start as usize).min(text.len()),
        (span.end as usize).min(text.len()),
    );
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span::new(start, end)
}

fn read(text: &str) -> Result<Vec<Node>, ParseError> {
    let mut text = without_inner_marks(text);
    let mut mended: Vec<ParseError> = Vec::new();
    loop {
        match load(&text) {
            Ok((documents, flows)) => {
                let within = |error: &ParseError| flows.iter().any(|flow| holds(*flow, error.span));
                return match mended.into_iter().find(|error| !within(error)) {
                    // The tab indented a block after all.
                    Some(error) => Err(error),
                    None => Ok(documents),
                };
            }
            Err(error) => match without_tabs(&text, &error) {
                Some(spaced) if mended.len() < TAB_RETRIES => {
                    text = Cow::Owned(spaced);
                    mended.push(error);
                }
                _ => return Err(error),
            },
        }
    }
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start < inner.start && inner.end <= outer.end
}

/// The text with the byte-order marks that start a document behind `---` as comments of the same length: joined files
/// leave them there, and the cluster passes over them.
fn without_inner_marks(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{feff}') {
        return Cow::Borrowed(text);
    }
    let mut mended = String::with_capacity(text.len());
    let mut separated = false;
    for line in text.split_inclusive('\n') {
        match line.strip_prefix('\u{feff}') {
            Some(rest) if separated => {
                mended.push_str("#-\n");
                mended.push_str(rest);
            }
            _ => mended.push_str(line),
        }
        separated = line.starts_with("---");
    }
    Cow::Owned(mended)
}

/// The text with the tabs that start the error's line as spaces: within a flow collection the cluster reads tabs as
/// blanks. Whether the line is within one is known only when the text could be read.
fn without_tabs(text: &str, error: &ParseError) -> Option<String> {
    if !error.message.contains("tab") {
        return None;
    }
    let at = (error.span.start as usize).min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = text[start..]
        .find(|character| character != '\t' && character != ' ')
        .unwrap_or(0);
    let line = &text[start..start + indent];
    if !line.contains('\t') {
        return None;
    }
    Some(format!(
        "{}{}{}",
        &text[..start],
        " ".repeat(indent),
        &text[start + indent..]
    ))
}

/// The documents, and where the outermost flow collections stand.
fn load(text: &str) -> Result<(Vec<Node>, Vec<Span>), ParseError> {
    if let Some((at, character)) = text.char_indices().find(|(_, character)| is_forbidden(*character)) {
        let message = format!("the control character U+{:04X} is not allowed", u32::from(character));
        return Err(ParseError::new(message, Span::new(at, at + character.len_utf8())));
    }
    let options = options! {
        block_scalar_eof_without_line_feed: true,
        emit_comments: false,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut loader = Loader::new(text);
    while let Some(event) = parser.next_event() {
        let (event, place) = event.map_err(|error| of_scan(text, &error))?;
        loader.event(event, &place)?;
    }
    Ok((loader.documents, loader.flows))
}

/// Characters outside YAML's printable set.
fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    }
}

fn of_scan(text: &str, error: &ScanError) -> ParseError {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let end = text[at..]
        .chars()
        .next()
        .map_or(at, |character| at + character.len_utf8());
    ParseError::new(error.info(), Span::new(at, end))
}

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
    Mapping { entries: Vec<Entry>, key: Option<Key> },
}

/// A key whose value has not come yet.
enum Key {
    Text(std::sync::Arc<str>, Span),
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
    /// Whether it is a plain `<<`.
    merge: bool,
}

struct Loader<'a> {
    text: &'a str,
    frames: Vec<Frame>,
    anchors: HashMap<usize, (Node, u64)>,
    budget: Budget,
    documents: Vec<Node>,
    /// Where the outermost flow collections stand.
    flows: Vec<Span>,
    /// Where the last scalar, alias, flow collection or `---` ended.
    passed: usize,
}

impl<'a> Loader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            frames: Vec::new(),
            anchors: HashMap::new(),
            budget: Budget::default(),
            documents: Vec::new(),
            flows: Vec::new(),
            passed: 0,
        }
    }

    fn event(&mut self, event: Event, place: &Place) -> Result<(), ParseError> {
        let span = self.span(place);
        let token = matches!(event, Event::Scalar(..) | Event::Alias(..) | Event::DocumentStart(..));
        let result = self.take(event, span);
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
                let merge = plain && tag.is_none() && text == "<<";
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
            Content::Mapping { entries, .. } => Node::object(entries, place),
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
            Content::Mapping { entries, key } => match key.take() {
                None => *key = Some(as_key(&arrived)?),
                Some(Key::Text(text, key_span)) => {
                    entries.push(Entry {
                        key: text,
                        key_span,
                        node: arrived.node,
                    });
                }
                Some(Key::Merge(span)) => merge(entries, &arrived).map_err(|message| ParseError::new(message, span))?,
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

fn last_end(node: &Node) -> Option<u32> {
    let children = node.spans.children.as_ref()?;
    children.iter().map(|child| child.value.end.max(child.key.end)).max()
}

fn as_key(arrived: &Arrived) -> Result<Key, ParseError> {
    if arrived.merge {
        return Ok(Key::Merge(arrived.place));
    }
    let text = match &arrived.key {
        Some(scalar) => scalar.key(),
        None => Err("a sequence or mapping cannot be a key".to_owned()),
    };
    let text = text.map_err(|message| ParseError::new(message, arrived.place))?;
    Ok(Key::Text(text.into(), arrived.place))
}

/// Adds the entries of a merged mapping, or of a list of them, of which the earlier wins.
fn merge(entries: &mut Vec<Entry>, arrived: &Arrived) -> Result<(), String> {
    let wrong = || "`<<` takes a mapping or a list of mappings".to_owned();
    match (&arrived.node.value, &arrived.node.spans.children) {
        (Value::Object(_), _) => {
            entries.extend(entries_of(&arrived.node).ok_or_else(wrong)?);
            Ok(())
        }
        (Value::Array(items), Some(children)) if !arrived.alias => {
            for (value, spans) in items.iter().zip(children.iter()).rev() {
                let node = Node {
                    value: value.clone(),
                    spans: spans.clone(),
                };
                entries.extend(entries_of(&node).ok_or_else(wrong)?);
            }
            Ok(())
        }
        _ => Err(wrong()),
    }
}

/// The entries of a mapping, with the places where they were written.
fn entries_of(node: &Node) -> Option<Vec<Entry>> {
    let object = node.value.as_object()?;
    let children = node.spans.children.as_ref()?;
    let entry = |((key, value), spans): (&(Value, Value), &crate::document::Spans)| {
        let Value::String(key) = key else { return None };
        Some(Entry {
            key: key.clone(),
            key_span: spans.key,
            node: Node {
                value: value.clone(),
                spans: spans.clone(),
            },
        })
    };
    object.iter().zip(children.iter()).map(entry).collect()
}
