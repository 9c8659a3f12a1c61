//! From tokens to nodes: the grammar of YAML, as a machine with a stack of its own.
//!
//! Follows go.yaml.in/yaml/v2 parserc.go.

use super::error;
use super::scalar::Tag;
use super::scanner::{DEEPEST, Scanner};
use super::token::{Kind, Style, Token};
use crate::ParseError;
use kpolicy_value::Span;

/// What nodes become.
pub(super) trait Sink {
    /// A scalar, by its text.
    fn scalar(&mut self, text: &str, style: Style, span: Span, properties: Properties) -> Result<(), ParseError>;
    /// A mapping or a list starts.
    fn open(&mut self, mapping: bool, flow: bool, span: Span, properties: Properties) -> Result<(), ParseError>;
    /// The collection that was opened last ends; `end` is where its bracket ends.
    fn close(&mut self, end: u32) -> Result<(), ParseError>;
    /// A node that was named before.
    fn alias(&mut self, name: &str, span: Span) -> Result<(), ParseError>;
}

/// What stands before a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Properties<'t> {
    /// Its name, after `&`.
    pub(super) anchor: Option<&'t str>,
    /// Its tag.
    pub(super) tag: Option<Tag>,
}

/// What is read next.
#[derive(Clone, Copy, Debug)]
enum State {
    Entry,
    UnindentedEntry,
    Key,
    Value,
    FirstItem,
    Item,
    PairKey,
    PairValue,
    PairEnd,
    FirstFlowKey,
    FlowKey,
    FlowValue,
    FlowEmptyValue,
}

/// What may stand where a node is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Blocks, and lists that are not indented.
    BlockOrList,
    Block,
    Flow,
}

/// What comes after a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The end of the text.
    End,
    /// `...`, at this place.
    Marker(Span),
    /// Something else, at this place.
    Text(Span),
}

/// The parser of a part of a text.
pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    text: &'t str,
    states: Vec<State>,
    /// Where the collections that are open start.
    marks: Vec<u32>,
    /// The handles of `%TAG` and what they stand for.
    handles: Vec<(String, String)>,
    /// Whether the directives that were read belong to a document that has not come yet.
    pub(super) pending: bool,
    /// Whether that document has to come.
    pub(super) is_owed: bool,
    /// Whether a version other than 1.1 is an error.
    strict_version: bool,
    had_version: bool,
}

type Next = Result<Option<State>, ParseError>;

impl<'t> Parser<'t> {
    pub(super) fn new(scanner: Scanner<'t>, strict_version: bool) -> Self {
        Self {
            text: scanner.text,
            scanner,
            states: Vec::new(),
            marks: Vec::new(),
            handles: Vec::new(),
            pending: false,
            is_owed: true,
            strict_version,
            had_version: false,
        }
    }

    /// Goes on with another part of the text; the directives that are pending hold there too.
    pub(super) fn go_on(&mut self, scanner: Scanner<'t>) {
        self.text = scanner.text;
        self.scanner = scanner;
    }

    /// Forgets the document that is being read.
    pub(super) fn abandon_document(&mut self) {
        self.states.clear();
        self.marks.clear();
        self.forget_directives();
    }

    fn forget_directives(&mut self) {
        self.handles.clear();
        self.had_version = false;
        self.pending = false;
        self.is_owed = true;
    }

    /// The next token's kind and place.
    pub(super) fn ahead(&mut self) -> Result<(Kind, Span), ParseError> {
        let token = self.scanner.peek()?;
        Ok((token.kind, token.span))
    }

    /// Passes over a token.
    pub(super) fn pass(&mut self) {
        self.scanner.skip();
    }

    /// Reads directives; they hold for the next document.
    ///
    /// Follows parserc.go: yaml_parser_process_directives.
    pub(super) fn directives(&mut self) -> Result<(), ParseError> {
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::Version if self.had_version => return Err(error::twice(token.span)),
                Kind::Version => {
                    let allowed = if self.strict_version { 101..=101 } else { 100..=199 };
                    if !allowed.contains(&token.extra) {
                        return Err(error::version(token.span));
                    }
                    self.had_version = true;
                }
                Kind::TagDirective => {
                    let handle = self.text[token.span.start as usize..token.extra as usize].to_owned();
                    if self.handles.iter().any(|(known, _)| *known == handle) {
                        return Err(error::twice(token.span));
                    }
                    let prefix = self.scanner.held(token.text).to_owned();
                    self.handles.push((handle, prefix));
                }
                _ => return Ok(()),
            }
            self.pending = true;
            self.scanner.skip();
        }
    }

    /// Reads a document's node.
    pub(super) fn document(&mut self, sink: &mut impl Sink) -> Result<After, ParseError> {
        let mut state = self.node(Place::Block, sink)?;
        while let Some(current) = state {
            state = self.step(current, sink)?;
        }
        self.finish()
    }

    /// A document that holds nothing.
    pub(super) fn empty_document(&mut self, sink: &mut impl Sink) -> Result<After, ParseError> {
        let start = self.scanner.peek()?.span.start;
        empty(sink, start)?;
        self.finish()
    }

    fn finish(&mut self) -> Result<After, ParseError> {
        self.forget_directives();
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::End => Ok(After::End),
            Kind::DocumentEnd => {
                self.scanner.skip();
                Ok(After::Marker(token.span))
            }
            _ => Ok(After::Text(token.span)),
        }
    }

    #[inline]
    fn step(&mut self, state: State, sink: &mut impl Sink) -> Next {
        match state {
            State::Key => self.key(sink),
            State::Value => self.value(sink),
            State::Entry => self.entry(sink),
            State::UnindentedEntry => self.unindented_entry(sink),
            State::FirstItem => self.item(true, sink),
            State::Item => self.item(false, sink),
            State::PairKey => self.pair_key(sink),
            State::PairValue => self.pair_value(sink),
            State::PairEnd => {
                let token = self.scanner.peek()?;
                sink.close(token.span.start)?;
                Ok(Some(State::Item))
            }
            State::FirstFlowKey => self.flow_key(true, sink),
            State::FlowKey => self.flow_key(false, sink),
            State::FlowValue => self.flow_value(sink),
            State::FlowEmptyValue => {
                let token = self.scanner.peek()?;
                empty(sink, token.span.start)?;
                Ok(Some(State::FlowKey))
            }
        }
    }

    /// Follows parserc.go: yaml_parser_parse_node.
    #[inline]
    fn node(&mut self, place: Place, sink: &mut impl Sink) -> Next {
        let mut token = self.scanner.peek()?;
        if let Kind::Scalar(style) = token.kind {
            let text = self.scanner.held(token.text);
            sink.scalar(text, style, token.span, Properties::default())?;
            self.scanner.skip();
            return Ok(self.states.pop());
        }
        if token.kind == Kind::Alias {
            sink.alias(self.scanner.held(token.text), token.span)?;
            self.scanner.skip();
            return Ok(self.states.pop());
        }
        let start = token.span;
        let mut properties = Properties::default();
        if matches!(token.kind, Kind::Anchor | Kind::Tag) {
            let first = token.kind;
            token = self.property(token, &mut properties)?;
            if matches!(token.kind, Kind::Anchor | Kind::Tag) && token.kind != first {
                token = self.property(token, &mut properties)?;
            }
        }
        match token.kind {
            Kind::Entry if place == Place::BlockOrList => {
                self.open(sink, false, false, token.span, properties)?;
                Ok(Some(State::UnindentedEntry))
            }
            Kind::Scalar(style) => {
                let text = self.scanner.held(token.text);
                sink.scalar(text, style, token.span, properties)?;
                self.scanner.skip();
                Ok(self.states.pop())
            }
            Kind::OpenSequence => {
                self.open(sink, false, true, token.span, properties)?;
                self.scanner.skip();
                Ok(Some(State::FirstItem))
            }
            Kind::OpenMapping => {
                self.open(sink, true, true, token.span, properties)?;
                self.scanner.skip();
                Ok(Some(State::FirstFlowKey))
            }
            Kind::SequenceStart if place != Place::Flow => {
                self.open(sink, false, false, token.span, properties)?;
                self.scanner.skip();
                Ok(Some(State::Entry))
            }
            Kind::MappingStart if place != Place::Flow => {
                self.open(sink, true, false, token.span, properties)?;
                self.scanner.skip();
                Ok(Some(State::Key))
            }
            _ if properties.anchor.is_some() || properties.tag.is_some() => {
                let at = Span {
                    start: start.end,
                    end: start.end,
                };
                sink.scalar("", Style::Plain, at, properties)?;
                Ok(self.states.pop())
            }
            _ => Err(error::no_content(self.text, token, self.marks.last().copied())),
        }
    }

    /// Takes an anchor or a tag; gives the token after it.
    fn property(&mut self, token: Token, properties: &mut Properties<'t>) -> Result<Token, ParseError> {
        match token.kind {
            Kind::Anchor => {
                properties.anchor = self.text.get(token.text.start as usize..token.text.end as usize);
            }
            _ => properties.tag = Some(self.tag(token)?),
        }
        self.scanner.skip();
        self.scanner.peek()
    }

    fn tag(&self, token: Token) -> Result<Tag, ParseError> {
        let suffix = self.scanner.held(token.text);
        let handle = &self.text[token.span.start as usize..token.extra as usize];
        if handle.is_empty() {
            return Ok(Tag::of(suffix));
        }
        let defined = self.handles.iter().find(|(known, _)| known == handle);
        let prefix = match (defined, handle) {
            (Some((_, prefix)), _) => prefix,
            (None, "!") => "!",
            (None, "!!") => "tag:yaml.org,2002:",
            _ => return Err(error::handle(handle, token.span)),
        };
        Ok(Tag::of(&format!("{prefix}{suffix}")))
    }

    fn open(
        &mut self,
        sink: &mut impl Sink,
        mapping: bool,
        flow: bool,
        span: Span,
        properties: Properties,
    ) -> Result<(), ParseError> {
        if self.marks.len() >= DEEPEST {
            return Err(error::too_deep(span.start as usize));
        }
        self.marks.push(span.start);
        sink.open(mapping, flow, span, properties)
    }

    /// A collection ends, with the token that ends it.
    fn close(&mut self, sink: &mut impl Sink, end: u32) -> Next {
        self.marks.pop();
        sink.close(end)?;
        Ok(self.states.pop())
    }

    /// Follows parserc.go: yaml_parser_parse_block_sequence_entry.
    fn entry(&mut self, sink: &mut impl Sink) -> Next {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::Entry => {
                self.scanner.skip();
                let next = self.scanner.peek()?;
                if matches!(next.kind, Kind::Entry | Kind::BlockEnd) {
                    empty(sink, token.span.end)?;
                    return Ok(Some(State::Entry));
                }
                self.states.push(State::Entry);
                self.node(Place::Block, sink)
            }
            Kind::BlockEnd => {
                self.scanner.skip();
                self.close(sink, token.span.end)
            }
            _ => Err(error::no_entry(self.text, token, self.marks.last().copied())),
        }
    }

    /// Follows parserc.go: yaml_parser_parse_indentless_sequence_entry.
    fn unindented_entry(&mut self, sink: &mut impl Sink) -> Next {
        let token = self.scanner.peek()?;
        if token.kind != Kind::Entry {
            return self.close(sink, token.span.start);
        }
        self.scanner.skip();
        let next = self.scanner.peek()?;
        if matches!(next.kind, Kind::Entry | Kind::Key | Kind::Value | Kind::BlockEnd) {
            empty(sink, token.span.end)?;
            return Ok(Some(State::UnindentedEntry));
        }
        self.states.push(State::UnindentedEntry);
        self.node(Place::Block, sink)
    }

    /// Follows parserc.go: yaml_parser_parse_block_mapping_key.
    #[inline]
    fn key(&mut self, sink: &mut impl Sink) -> Next {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::Key => {
                self.scanner.skip();
                let next = self.scanner.peek()?;
                if matches!(next.kind, Kind::Key | Kind::Value | Kind::BlockEnd) {
                    empty(sink, token.span.end)?;
                    return Ok(Some(State::Value));
                }
                self.states.push(State::Value);
                self.node(Place::BlockOrList, sink)
            }
            Kind::BlockEnd => {
                self.scanner.skip();
                self.close(sink, token.span.end)
            }
            _ => Err(error::no_key(self.text, token, self.marks.last().copied())),
        }
    }

    /// Follows parserc.go: yaml_parser_parse_block_mapping_value.
    #[inline]
    fn value(&mut self, sink: &mut impl Sink) -> Next {
        let token = self.scanner.peek()?;
        if token.kind != Kind::Value {
            empty(sink, token.span.start)?;
            return Ok(Some(State::Key));
        }
        self.scanner.skip();
        let next = self.scanner.peek()?;
        if matches!(next.kind, Kind::Key | Kind::Value | Kind::BlockEnd) {
            empty(sink, token.span.end)?;
            return Ok(Some(State::Key));
        }
        self.states.push(State::Key);
        self.node(Place::BlockOrList, sink)
    }

    /// Follows parserc.go: yaml_parser_parse_flow_sequence_entry.
    fn item(&mut self, first: bool, sink: &mut impl Sink) -> Next {
        let mut token = self.scanner.peek()?;
        if token.kind != Kind::CloseSequence {
            if !first {
                if token.kind != Kind::Comma {
                    return Err(self.unclosed(token, "]"));
                }
                self.scanner.skip();
                token = self.scanner.peek()?;
            }
            match token.kind {
                Kind::Key => {
                    sink.open(true, true, token.span, Properties::default())?;
                    self.scanner.skip();
                    return Ok(Some(State::PairKey));
                }
                Kind::CloseSequence => {}
                _ => {
                    self.states.push(State::Item);
                    return self.node(Place::Flow, sink);
                }
            }
        }
        self.scanner.skip();
        self.close(sink, token.span.end)
    }

    /// Follows parserc.go: yaml_parser_parse_flow_sequence_entry_mapping_key.
    fn pair_key(&mut self, sink: &mut impl Sink) -> Next {
        let token = self.scanner.peek()?;
        if !matches!(token.kind, Kind::Value | Kind::Comma | Kind::CloseSequence) {
            self.states.push(State::PairValue);
            return self.node(Place::Flow, sink);
        }
        // What is there is taken together with the key that is missing, as Go takes it.
        self.scanner.skip();
        empty(sink, token.span.end)?;
        Ok(Some(State::PairValue))
    }

    /// Follows parserc.go: yaml_parser_parse_flow_sequence_entry_mapping_value.
    fn pair_value(&mut self, sink: &mut impl Sink) -> Next {
        let mut token = self.scanner.peek()?;
        if token.kind == Kind::Value {
            self.scanner.skip();
            token = self.scanner.peek()?;
            if !matches!(token.kind, Kind::Comma | Kind::CloseSequence) {
                self.states.push(State::PairEnd);
                return self.node(Place::Flow, sink);
            }
        }
        empty(sink, token.span.start)?;
        Ok(Some(State::PairEnd))
    }

    /// Follows parserc.go: yaml_parser_parse_flow_mapping_key.
    fn flow_key(&mut self, first: bool, sink: &mut impl Sink) -> Next {
        let mut token = self.scanner.peek()?;
        if token.kind != Kind::CloseMapping {
            if !first {
                if token.kind != Kind::Comma {
                    return Err(self.unclosed(token, "}"));
                }
                self.scanner.skip();
                token = self.scanner.peek()?;
            }
            match token.kind {
                Kind::Key => {
                    self.scanner.skip();
                    token = self.scanner.peek()?;
                    if matches!(token.kind, Kind::Value | Kind::Comma | Kind::CloseMapping) {
                        empty(sink, token.span.start)?;
                        return Ok(Some(State::FlowValue));
                    }
                    self.states.push(State::FlowValue);
                    return self.node(Place::Flow, sink);
                }
                Kind::CloseMapping => {}
                _ => {
                    self.states.push(State::FlowEmptyValue);
                    return self.node(Place::Flow, sink);
                }
            }
        }
        self.scanner.skip();
        self.close(sink, token.span.end)
    }

    /// Follows parserc.go: yaml_parser_parse_flow_mapping_value.
    fn flow_value(&mut self, sink: &mut impl Sink) -> Next {
        let mut token = self.scanner.peek()?;
        if token.kind == Kind::Value {
            self.scanner.skip();
            token = self.scanner.peek()?;
            if !matches!(token.kind, Kind::Comma | Kind::CloseMapping) {
                self.states.push(State::FlowKey);
                return self.node(Place::Flow, sink);
            }
        }
        empty(sink, token.span.start)?;
        Ok(Some(State::FlowKey))
    }

    fn unclosed(&self, token: Token, bracket: &str) -> ParseError {
        let opened = self.marks.last().copied().unwrap_or_default();
        error::unclosed(self.text, token, opened, bracket)
    }
}

/// A node that is not written.
fn empty(sink: &mut impl Sink, at: u32) -> Result<(), ParseError> {
    let at = Span { start: at, end: at };
    sink.scalar("", Style::Plain, at, Properties::default())
}
