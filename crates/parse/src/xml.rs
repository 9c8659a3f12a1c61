//! XML, in conftest's shape: elements as keys, attributes with `-` before their names, text as `#content` beside them.
//!
//! Names have no prefixes. A text is what an XML processor without external entities makes of it, and what is no
//! well-formed document is an error.

use std::borrow::Cow;

use roxmltree::{Document, Error, ParsingOptions};

use super::{Meter, ParseError, Parsed, Row};
use crate::comments::{Comments, XML};
use crate::document::{Entry, Node, Span};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "xml",
    aliases: &[],
    files: &["*.xml"],
    further: &[
        "*.csproj",
        "*.vbproj",
        "*.fsproj",
        "*.vcxproj",
        "*.props",
        "*.targets",
        "*.nuspec",
        "*.config",
        "*.xsd",
        "*.wsdl",
        "*.xslt",
        "*.svg",
        "*.plist",
    ],
    about: "An object with the root element. An element with text alone is that text; others are objects of their \
            attributes (`-name`), their elements (an array if a name is repeated) and their text (`#content`). \
            Prefixes are dropped, and all values are strings.",
    comments: Comments::Code(&XML),
    imports: |_| Vec::new(),
    example: (
        "pom.xml",
        "<project>\n  <dependency scope=\"test\">\n    <version>4.13</version>\n  </dependency>\n</project>\n",
    ),
    parse: |text, _, meter| parse(text, meter).map(Parsed::of),
};

/// How deep elements may nest.
const MAX_DEPTH: usize = 250;
/// How many prefixes may be used without a declaration.
const MOST_PREFIXES: usize = 16;

fn parse(text: &str, mut meter: Meter) -> Result<Node, ParseError> {
    read(text, meter, |document, place| {
        element(document.root_element(), place, 0, &mut meter)
    })
}

/// Gives the tree of a text to a reader, with what turns its offsets into spans.
pub(super) fn read<T>(
    text: &str,
    meter: Meter,
    reader: impl FnOnce(&Document<'_>, &Place<'_>) -> Result<T, ParseError>,
) -> Result<T, ParseError> {
    let mut place = Place {
        text: Cow::Borrowed(text),
        original: text,
        at: 0,
        inserted: 0,
    };
    let mut tries = 0;
    loop {
        let error = match Document::parse_with_options(&place.text, options(meter)) {
            Ok(document) => return reader(&document, &place),
            Err(error) => error,
        };
        match &error {
            Error::UnknownNamespace(prefix, _) if tries < MOST_PREFIXES && place.declare(prefix) => tries += 1,
            _ => return Err(place.error(&error)),
        }
    }
}

fn options<'i>(meter: Meter) -> ParsingOptions<'i> {
    ParsingOptions {
        allow_dtd: true,
        nodes_limit: u32::try_from(meter.left()).unwrap_or(u32::MAX),
        ..ParsingOptions::default()
    }
}

/// Where the parts of a tree are in the text that was given: the tree's own text may have declarations of prefixes more.
pub(super) struct Place<'a> {
    text: Cow<'a, str>,
    original: &'a str,
    /// Where declarations were inserted, and how long they are.
    at: usize,
    inserted: usize,
}

impl Place<'_> {
    fn offset(&self, at: usize) -> usize {
        if at <= self.at {
            at
        } else {
            at.saturating_sub(self.inserted).max(self.at)
        }
    }

    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.offset(range.start), self.offset(range.end))
    }

    /// Declares a prefix at the root element, as a lenient reader knows every prefix. False where no root is found.
    fn declare(&mut self, prefix: &str) -> bool {
        if self.at == 0 {
            let Some(at) = root_name_end(self.original) else {
                return false;
            };
            self.at = at;
        }
        let declaration = format!(" xmlns:{prefix}=\"urn:undeclared:{prefix}\"");
        self.text.to_mut().insert_str(self.at, &declaration);
        self.inserted += declaration.len();
        true
    }

    fn error(&self, error: &Error) -> ParseError {
        let message = match error {
            Error::NodesLimitReached => {
                return ParseError::limit("it contains too many values", Span::default())
                    .with_help("raise the limit with --max-nodes, or split the file");
            }
            Error::EntityReferenceLoop(_) => "entities refer to each other too often".to_owned(),
            Error::UnexpectedCloseTag(expected, found, _) => {
                format!("`</{found}>` closes `<{expected}>`")
            }
            Error::UnclosedRootNode => "an element is never closed".to_owned(),
            Error::NoRootNode => "there is no element".to_owned(),
            Error::UnknownToken(_) => "this is outside of the root element".to_owned(),
            // The place is in the span.
            other => other.to_string().replace(&format!(" at {}", other.pos()), ""),
        };
        let place = error.pos();
        let line_start = self
            .text
            .split_inclusive('\n')
            .take(place.row.saturating_sub(1) as usize)
            .map(str::len)
            .sum::<usize>();
        let line = self.text.get(line_start..).unwrap_or_default();
        let column = line
            .char_indices()
            .nth(place.col.saturating_sub(1) as usize)
            .map_or(line.len(), |(at, _)| at);
        let start = match error {
            Error::UnclosedRootNode | Error::NoRootNode => self.text.trim_end().len(),
            _ => line_start + column,
        };
        let end = self.text[start..]
            .chars()
            .next()
            .map_or(start, |character| start + character.len_utf8());
        ParseError::new(message, self.span(start..end))
    }
}

/// Where the name of the root element ends.
fn root_name_end(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].find('<')?;
        let rest = &text[at..];
        let skipped = if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<?") {
            rest.find("?>")? + 2
        } else if rest.starts_with("<!") {
            let end = rest.find('>')?;
            match rest.find('[').filter(|subset| *subset < end) {
                Some(_) => rest.find("]>").or_else(|| rest.find("] >"))? + 2,
                None => end + 1,
            }
        } else {
            let name = rest[1..].find(|character: char| character.is_whitespace() || "/>".contains(character))?;
            return Some(at + 1 + name);
        };
        at += skipped;
    }
}

/// An object of an element under its name.
fn element(
    node: roxmltree::Node<'_, '_>,
    place: &Place<'_>,
    depth: usize,
    meter: &mut Meter,
) -> Result<Node, ParseError> {
    let value = content(node, place, depth, meter)?;
    let entry = Entry::new(node.tag_name().name(), name_span(node, place), value);
    Ok(Node::object(vec![entry], place.span(node.range())))
}

/// Where the name of an element is in its start tag.
pub(super) fn name_span(node: roxmltree::Node<'_, '_>, place: &Place<'_>) -> Span {
    let start = node.range().start + 1;
    let rest = place.text.get(start..node.range().end).unwrap_or_default();
    let length = rest.find(|character: char| character.is_whitespace() || "/>".contains(character));
    place.span(start..start + length.unwrap_or(rest.len()))
}

/// What an element has: its text, or an object.
fn content(
    node: roxmltree::Node<'_, '_>,
    place: &Place<'_>,
    depth: usize,
    meter: &mut Meter,
) -> Result<Node, ParseError> {
    let whole = place.span(node.range());
    meter.count(1, whole)?;
    if depth > MAX_DEPTH {
        return Err(ParseError::limit(
            format!("elements nest more than {MAX_DEPTH} levels"),
            whole,
        ));
    }
    let mut parts = Parts::default();
    for attribute in attributes(node, place) {
        meter.count(1, attribute.value_span)?;
        let value = Node::text(&attribute.value, attribute.value_span);
        parts.add(format!("-{}", attribute.name), attribute.name_span, value);
    }
    for child in node.children().filter(roxmltree::Node::is_element) {
        let value = content(child, place, depth + 1, meter)?;
        parts.add(child.tag_name().name().to_owned(), name_span(child, place), value);
    }
    let (text, span) = text_of(node, place);
    if parts.order.is_empty() {
        return Ok(Node::text(
            text.trim(),
            if text.trim().is_empty() { whole } else { span },
        ));
    }
    if !text.trim().is_empty() {
        parts.add("#content".to_owned(), Span::default(), Node::text(text.trim(), span));
    }
    Ok(parts.node(whole))
}

/// The text of an element without that of its elements, and where it is.
pub(super) fn text_of(node: roxmltree::Node<'_, '_>, place: &Place<'_>) -> (String, Span) {
    let mut text = String::new();
    let mut range: Option<std::ops::Range<usize>> = None;
    for child in node.children().filter(roxmltree::Node::is_text) {
        let piece = child.text().unwrap_or_default();
        text.push_str(piece);
        if !piece.trim().is_empty() {
            let start = range.map_or(child.range().start, |range| range.start);
            range = Some(start..child.range().end);
        }
    }
    let range = range.unwrap_or(node.range());
    let written = place.text.get(range.clone()).unwrap_or_default();
    let start = range.start + (written.len() - written.trim_start().len());
    (text, place.span(start..start + written.trim().len()))
}

/// An attribute.
pub(super) struct Attribute {
    /// Its name without the prefix.
    pub(super) name: String,
    pub(super) value: String,
    pub(super) name_span: Span,
    pub(super) value_span: Span,
    /// Whether it declares a namespace.
    pub(super) is_declaration: bool,
}

/// The attributes of an element, declarations of namespaces among them.
pub(super) fn attributes(node: roxmltree::Node<'_, '_>, place: &Place<'_>) -> Vec<Attribute> {
    let own = node.attributes().map(|attribute| Attribute {
        name: attribute.name().to_owned(),
        value: attribute.value().to_owned(),
        name_span: place.span(attribute.range_qname()),
        value_span: place.span(attribute.range_value()),
        is_declaration: false,
    });
    let mut all: Vec<Attribute> = own.collect();
    all.extend(declarations(node, place));
    all
}

/// The declarations of namespaces in the start tag of an element. They are found in the text, which is well-formed.
fn declarations(node: roxmltree::Node<'_, '_>, place: &Place<'_>) -> Vec<Attribute> {
    let range = node.range();
    let tag = place.text.get(range.clone()).unwrap_or_default();
    let mut at = tag
        .find(|character: char| character.is_whitespace() || "/>".contains(character))
        .unwrap_or(tag.len());
    let mut found = Vec::new();
    loop {
        at += tag[at..].len() - tag[at..].trim_start().len();
        let rest = &tag[at..];
        let Some(equals) = rest.find('=').filter(|_| !rest.starts_with(['/', '>'])) else {
            return found;
        };
        let name = rest[..equals].trim_end();
        let Some(open) = rest[equals..].find(['"', '\'']).map(|open| equals + open) else {
            return found;
        };
        let quote = rest.as_bytes()[open] as char;
        let Some(length) = rest[open + 1..].find(quote) else {
            return found;
        };
        let name_at = range.start + at;
        let value_at = range.start + at + open + 1;
        let is_inserted = place.inserted > 0 && name_at > place.at && name_at <= place.at + place.inserted;
        if let Some(prefix) = name.strip_prefix("xmlns").filter(|_| !is_inserted) {
            let prefix = prefix.strip_prefix(':');
            let value = node.lookup_namespace_uri(prefix).unwrap_or_default();
            if prefix.is_some() || name == "xmlns" {
                found.push(Attribute {
                    name: prefix.unwrap_or("xmlns").to_owned(),
                    value: value.to_owned(),
                    name_span: place.span(name_at..name_at + name.len()),
                    value_span: place.span(value_at..value_at + length),
                    is_declaration: true,
                });
            }
        }
        at += open + 1 + length + 1;
    }
}

/// The parts of an element by name, in the order of their first appearance.
#[derive(Default)]
struct Parts {
    order: Vec<(String, Span, Vec<Node>)>,
    places: std::collections::HashMap<String, usize>,
}

impl Parts {
    fn add(&mut self, name: String, key: Span, node: Node) {
        if let Some(at) = self.places.get(&name) {
            self.order[*at].2.push(node);
        } else {
            self.places.insert(name.clone(), self.order.len());
            self.order.push((name, key, vec![node]));
        }
    }

    fn node(self, span: Span) -> Node {
        let entries = self.order.into_iter().map(|(name, key, mut nodes)| {
            let node = if nodes.len() == 1 {
                nodes.remove(0)
            } else {
                let first = nodes[0].spans.value;
                let whole = nodes.iter().fold(first, |whole, node| whole.to(node.spans.value));
                Node::array(nodes, whole)
            };
            Entry::new(name, key, node)
        });
        Node::object(entries.collect(), span)
    }
}
