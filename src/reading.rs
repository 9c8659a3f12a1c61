//! From a source to its documents: bytes, text, values.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::finding::Problem;
use crate::input::{self, Source};
use crate::problem;
use kpolicy_parse::document::{Document, File, Node, Spans};
use kpolicy_parse::{Context, Format, text};
use kpolicy_value::Value;

pub mod warnings;

/// What a source holds.
pub struct Content {
    /// The file, for locations.
    pub file: Arc<File>,
    /// What it was read as.
    pub format: Format,
    /// The values of its stream in their order; those that hold nothing are null.
    pub nodes: Vec<Node>,
    /// What is suspicious about it.
    pub warnings: Vec<Problem>,
}

/// What a single file may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Its size.
    pub bytes: u64,
    /// How many values it holds.
    pub nodes: usize,
}

/// What becomes of the documents of a stream that hold nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// They are no documents.
    Dropped,
    /// They are evaluated beside others, as in conftest; a file of nothing else has no document all the same.
    Kept,
}

/// The bytes of a source.
pub fn bytes(source: &Source, limits: Limits) -> Result<Vec<u8>, Problem> {
    if let Some(rendered) = &source.rendered {
        return Ok(rendered.text.as_bytes().to_vec());
    }
    let path = Path::new(&source.path);
    input::read(source, limits.bytes).map_err(|error| problem::of_path(path, &error.reason, error.help))
}

/// Reads and parses a source, with what its parser may know beside the text.
pub fn content(source: &Source, limits: Limits, context: Context<'_>) -> Result<Content, Problem> {
    content_of(source, bytes(source, limits)?, limits, context)
}

/// The directories that the parser of a source may read other files from.
pub fn imports(source: &Source, context: Context<'_>) -> Vec<PathBuf> {
    (source.format.row().imports)(&at_its_path(source, context))
}

/// What the parser of a source may know beside the text.
fn at_its_path<'a>(source: &'a Source, context: Context<'a>) -> Context<'a> {
    Context {
        path: (!source.stdin).then_some(Path::new(&source.path)),
        ..context
    }
}

/// Parses the bytes of a source.
pub fn content_of(source: &Source, bytes: Vec<u8>, limits: Limits, context: Context<'_>) -> Result<Content, Problem> {
    let path = Path::new(&source.path);
    let context = at_its_path(source, context);
    let text = text::decode(bytes)
        .map_err(|error| problem::of_path(path, &error.message, "save it as UTF-8, or skip it with --ignore"))?;
    let parsed = source
        .format
        .read_in(&text, &context, limits.nodes)
        .map_err(|error| problem::of_parse(&source.path, &text, &error))?;
    let part = source.rendered.as_ref().map(|rendered| rendered.part);
    let mut warnings = warnings::of(&source.path, &text, &parsed);
    for excerpt in warnings.iter_mut().filter_map(|warning| warning.excerpt.as_deref_mut()) {
        excerpt.rendered = part;
    }
    Ok(Content {
        warnings,
        format: source.format,
        file: Arc::new(File::new(source.path.as_str(), text).rendered(part)),
        nodes: parsed.documents,
    })
}

/// The documents that are evaluated one by one, as conftest splits them: those of a stream, or, of a single document
/// that is a list, its items.
pub fn documents(content: Content, empty: Empty) -> Vec<Document> {
    let Content { file, mut nodes, .. } = content;
    if let [
        Node {
            value: Value::Array(items),
            spans,
        },
    ] = nodes.as_slice()
    {
        let children: Vec<Spans> = spans.children.as_deref().map(<[Spans]>::to_vec).unwrap_or_default();
        nodes = items
            .iter()
            .cloned()
            .zip(children)
            .map(|(value, spans)| Node { value, spans })
            .collect();
    }
    let holds_something = |node: &Node| node.value != Value::Null;
    if empty == Empty::Dropped || !nodes.iter().any(holds_something) {
        nodes.retain(holds_something);
    }
    nodes
        .into_iter()
        .enumerate()
        .map(|(index, node)| Document {
            file: Arc::clone(&file),
            index,
            value: node.value,
            spans: node.spans,
        })
        .collect()
}

/// How many of a file's documents say anything. A file of HCL or TOML in which nothing is written is an empty object:
/// policies evaluate it, since they may miss something there, and yet nothing was there to be evaluated.
pub fn written(documents: &[Document], format: Format) -> usize {
    documents.iter().filter(|document| is_written(document, format)).count()
}

/// Whether a document says anything: an empty object of a format that has no way to write one says nothing.
pub fn is_written(document: &Document, format: Format) -> bool {
    let is_blank = || document.value.as_object().is_some_and(|object| object.is_empty());
    let writes_none = matches!(
        format,
        Format::Hcl2 | Format::Toml | Format::Ini | Format::Dotenv | Format::Properties
    );
    !(writes_none && is_blank())
}

/// The value that a source has as a whole, in conftest's shape: none is null, several are an array.
pub fn whole(mut nodes: Vec<Node>) -> Value {
    match nodes.len() {
        0 => Value::Null,
        1 => nodes.remove(0).value,
        _ => Value::array(nodes.into_iter().map(|node| node.value).collect()),
    }
}
