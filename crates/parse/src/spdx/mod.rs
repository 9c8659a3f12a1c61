//! SPDX documents: tag-value files with the names of SPDX's JSON, as conftest gives them, and JSON as it is written.

use super::{Meter, ParseError, Parsed, Row, json};
use crate::comments::Comments;
use crate::document::{Entry, Node, Span};
use kpolicy_value::Value;

mod pairs;
mod tags;

use pairs::Pair;
use tags::{Kind, Section, Tag};

/// The format's row of the registry.
pub(super) const ROW: Row = Row {
    name: "spdx",
    aliases: &[],
    files: &["*.spdx"],
    further: &["*.spdx.json"],
    about: "The document with the names of SPDX's JSON schema. A tag-value file keeps the version that it states; JSON \
            stays as it is written.",
    comments: Comments::Lines(&["#"]),
    imports: |_| Vec::new(),
    example: (
        "app.spdx",
        "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: app\nPackageName: lib\nSPDXID: SPDXRef-lib\n\
         PackageLicenseDeclared: MIT\n",
    ),
    parse: |text, _, meter| parse(text, meter),
};

/// The versions that are read.
const VERSIONS: [&str; 3] = ["SPDX-2.1", "SPDX-2.2", "SPDX-2.3"];

fn parse(text: &str, meter: Meter) -> Result<Parsed, ParseError> {
    if text.trim_start().starts_with('{') {
        return json_document(text, meter);
    }
    let pairs = pairs::read(text, meter)?;
    let Some(version) = pairs.iter().find(|pair| pair.tag == "SPDXVersion") else {
        let first = pairs.first().map_or(Span::default(), |pair| pair.tag_span);
        return Err(ParseError::new("the file states no SPDXVersion", first));
    };
    if !VERSIONS.contains(&version.value) {
        let message = format!("the version `{}` is not supported", version.value);
        let help = format!("supported are {}", VERSIONS.join(", "));
        return Err(ParseError::new(message, version.value_span).with_help(help));
    }
    let mut builder = Builder::default();
    for pair in &pairs {
        builder.pair(pair)?;
    }
    builder.close()?;
    Ok(Parsed::of(builder.document(Span::new(0, text.len()))))
}

fn json_document(text: &str, meter: Meter) -> Result<Parsed, ParseError> {
    let parsed = json::read(text, json::Comments::Refused, meter)?;
    let node = &parsed.documents[0];
    let is_spdx = ["spdxVersion", "@context"]
        .iter()
        .any(|key| node.value.field(key).is_some());
    if !is_spdx {
        let span = Span::new(0, text.len());
        return Err(ParseError::new("the document is not SPDX: it has no spdxVersion", span));
    }
    Ok(parsed)
}

/// An element that is being read: its section, and what it has so far.
struct Element {
    section: Section,
    entries: Vec<Entry>,
    /// Lists of the element.
    lists: Vec<(&'static str, Vec<Node>)>,
    /// Where its first tag is.
    span: Span,
}

impl Element {
    fn new(section: Section, span: Span) -> Self {
        Self {
            section,
            entries: Vec::new(),
            lists: Vec::new(),
            span,
        }
    }

    /// Sets a field; of several values the last counts.
    fn set(&mut self, field: &'static str, key: Span, node: Node) {
        self.span = self.span.to(node.spans.value);
        self.entries.push(Entry::new(field, key, node));
    }

    fn push(&mut self, field: &'static str, node: Node) {
        self.span = self.span.to(node.spans.value);
        match self.lists.iter_mut().find(|list| list.0 == field) {
            Some(list) => list.1.push(node),
            None => self.lists.push((field, vec![node])),
        }
    }

    fn has(&self, field: &str) -> bool {
        self.entries.iter().any(|entry| &*entry.key == field)
    }

    fn node(mut self) -> Node {
        for (field, value) in self.section.defaults() {
            if !self.has(field) && !self.lists.iter().any(|list| list.0 == *field) {
                self.entries
                    .insert(0, Entry::implied(field, Node::scalar(value.clone(), self.span)));
            }
        }
        for (field, nodes) in self.lists {
            let first = nodes[0].spans.value;
            let span = nodes.iter().fold(first, |whole, node| whole.to(node.spans.value));
            self.entries.push(Entry::new(field, first, Node::array(nodes, span)));
        }
        // An empty text says nothing where the field is optional.
        let required = self.section.required();
        self.entries
            .retain(|entry| entry.node.value.as_str() != Some("") || required.contains(&&*entry.key));
        Node::object(self.entries, self.span)
    }
}

/// Puts pairs into elements, and elements into the document.
struct Builder {
    document: Element,
    creation: Element,
    /// The element that the tags are for.
    current: Section,
    package: Option<Element>,
    file: Option<Element>,
    open: Option<Element>,
    reference: Option<Element>,
    project: Option<Element>,
    relationship: Option<Element>,
    annotation: Option<Element>,
}

impl Default for Builder {
    fn default() -> Self {
        let none = Span::default();
        Self {
            document: Element::new(Section::Document, none),
            creation: Element::new(Section::Creation, none),
            current: Section::Document,
            package: None,
            file: None,
            open: None,
            reference: None,
            project: None,
            relationship: None,
            annotation: None,
        }
    }
}

impl Builder {
    fn pair(&mut self, pair: &Pair<'_>) -> Result<(), ParseError> {
        if self.begins(pair)? {
            return Ok(());
        }
        let section = tags::shared(pair.tag).unwrap_or(self.current);
        let tag = tags::of(section, pair.tag).or_else(|| {
            // The document's own tags and those of its creation may be mixed at the start.
            let other = match section {
                Section::Document => Section::Creation,
                Section::Creation => Section::Document,
                _ => return None,
            };
            tags::of(other, pair.tag).filter(|_| self.current != Section::Creation || pair.tag == "DocumentComment")
        });
        let Some((section, tag)) = tag else {
            let message = format!("unknown tag `{}` {}", pair.tag, self.current.place());
            return Err(ParseError::new(message, pair.tag_span));
        };
        if section == Section::Creation {
            self.current = Section::Creation;
        }
        self.put(section, tag, pair)
    }

    /// Whether a tag begins an element, which is opened then.
    fn begins(&mut self, pair: &Pair<'_>) -> Result<bool, ParseError> {
        let Some(section) = tags::beginning(pair.tag) else {
            return Ok(false);
        };
        if section == Section::Snippet && self.file.is_none() {
            let message = format!("unknown tag `{}` {}", pair.tag, self.current.place());
            return Err(ParseError::new(message, pair.tag_span));
        }
        let element = Element::new(section, pair.tag_span);
        match section {
            Section::Relationship => {
                self.close_relationship();
                self.relationship = Some(element);
            }
            Section::Annotation => {
                self.close_annotation();
                self.annotation = Some(element);
            }
            Section::Reference if self.current == Section::Package => {
                self.close_reference();
                self.reference = Some(element);
            }
            Section::Project if self.current == Section::File => {
                self.close_project();
                self.project = Some(element);
            }
            Section::Reference | Section::Project => return Ok(false),
            Section::Package => {
                self.close_file()?;
                self.close_package()?;
                self.package = Some(element);
                self.current = section;
            }
            Section::File => {
                self.close_file()?;
                self.file = Some(element);
                self.current = section;
            }
            _ => {
                self.close_open();
                self.open = Some(element);
                self.current = section;
            }
        }
        if let Some((section, tag)) = tags::of(section, pair.tag) {
            self.put(section, tag, pair)?;
        }
        Ok(true)
    }

    fn element(&mut self, section: Section) -> Option<&mut Element> {
        match section {
            Section::Document => Some(&mut self.document),
            Section::Creation => Some(&mut self.creation),
            Section::Package => self.package.as_mut(),
            Section::File => self.file.as_mut(),
            Section::Reference => self.reference.as_mut(),
            Section::Project => self.project.as_mut(),
            Section::Relationship => self.relationship.as_mut(),
            Section::Annotation => self.annotation.as_mut(),
            Section::License | Section::Snippet | Section::Review => self.open.as_mut(),
        }
    }

    fn put(&mut self, section: Section, tag: &Tag, pair: &Pair<'_>) -> Result<(), ParseError> {
        let fields = tags::fields(tag.kind, pair)?;
        let Some(element) = self.element(section) else {
            let message = format!("`{}` belongs to no element before it", pair.tag);
            return Err(ParseError::new(message, pair.tag_span));
        };
        match tag.kind {
            Kind::Texts | Kind::Creator | Kind::Checksum | Kind::DocumentRef => {
                for (_, node) in fields {
                    element.push(tag.field, node);
                }
            }
            Kind::Reference | Kind::Relationship => {
                for (field, node) in fields {
                    element.set(field, pair.tag_span, node);
                }
            }
            Kind::Unused => {}
            _ => {
                for (_, node) in fields {
                    element.set(tag.field, pair.tag_span, node);
                }
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ParseError> {
        self.close_relationship();
        self.close_annotation();
        self.close_open();
        self.close_file()?;
        self.close_package()
    }

    fn close_relationship(&mut self) {
        if let Some(element) = self.relationship.take() {
            self.document.push("relationships", element.node());
        }
    }

    fn close_annotation(&mut self) {
        if let Some(element) = self.annotation.take() {
            self.document.push("annotations", element.node());
        }
    }

    /// Snippets and reviews have no place in the JSON that policies for conftest read.
    fn close_open(&mut self) {
        if let Some(element) = self.open.take().filter(|element| element.section == Section::License) {
            self.document.push("hasExtractedLicensingInfos", element.node());
        }
    }

    fn close_reference(&mut self) {
        if let (Some(reference), Some(package)) = (self.reference.take(), self.package.as_mut()) {
            package.push("externalRefs", reference.node());
        }
    }

    fn close_project(&mut self) {
        if let (Some(project), Some(file)) = (self.project.take(), self.file.as_mut()) {
            file.push("artifactOfs", project.node());
        }
    }

    /// A file belongs to the package before it, or to the document.
    fn close_file(&mut self) -> Result<(), ParseError> {
        self.close_project();
        let Some(file) = self.file.take() else { return Ok(()) };
        identified(&file, "file")?;
        let owner = self.package.as_mut().unwrap_or(&mut self.document);
        owner.push("files", file.node());
        Ok(())
    }

    fn close_package(&mut self) -> Result<(), ParseError> {
        self.close_reference();
        let Some(package) = self.package.take() else {
            return Ok(());
        };
        identified(&package, "package")?;
        self.document.push("packages", package.node());
        Ok(())
    }

    fn document(mut self, span: Span) -> Node {
        let has_creation = !self.creation.entries.is_empty() || !self.creation.lists.is_empty();
        let creation = if has_creation {
            self.creation.node()
        } else {
            Node::scalar(Value::Null, Span::default())
        };
        let key = creation.spans.value;
        self.document.entries.push(Entry::new("creationInfo", key, creation));
        self.document.span = span;
        self.document.node()
    }
}

/// An element must have an identifier.
fn identified(element: &Element, what: &str) -> Result<(), ParseError> {
    if element.has("SPDXID") {
        return Ok(());
    }
    Err(ParseError::new(format!("this {what} has no SPDXID"), element.span))
}
