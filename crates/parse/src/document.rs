//! A document: a value, where it came from, and the spans that find a path's place in the text.

use std::sync::{Arc, OnceLock};

pub use kpolicy_value::Span;
use kpolicy_value::{LineIndex, Lines, Value};

/// Where a value and its parts were written: a tree that runs beside the value.
///
/// `children` are in the order of the value's own entries (an object's are sorted by key), so a path is followed in
/// both at once. Subtrees are shared: an alias of YAML costs a counter, and what it points to keeps its own spans.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    /// The key that the value is under, with its quotes; empty where it has none.
    pub key: Span,
    /// The value itself.
    pub value: Span,
    /// The parts of an array or object.
    pub children: Option<Arc<[Spans]>>,
}

/// What a parser builds: a value and where each part of it was written.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its spans.
    pub spans: Spans,
}

/// A key of an object and what is under it.
pub struct Entry {
    /// The key's text, decoded.
    pub key: Arc<str>,
    /// Where the key was written.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Entry {
    /// An entry under a key that was written at `key_span`.
    pub fn new(key: impl Into<Arc<str>>, key_span: Span, node: Node) -> Self {
        Self {
            key: key.into(),
            key_span,
            node,
        }
    }

    /// An entry under a key that the format implies, so that it was written nowhere.
    pub fn implied(key: &str, node: Node) -> Self {
        Self::new(key, Span::default(), node)
    }
}

impl Node {
    /// A text.
    pub fn text(text: &str, span: Span) -> Self {
        Self::scalar(Value::string(text), span)
    }

    /// A value without parts.
    pub fn scalar(value: Value, span: Span) -> Self {
        Self {
            value,
            spans: Spans {
                key: Span::default(),
                value: span,
                children: None,
            },
        }
    }

    /// An array of these items.
    pub fn array(items: Vec<Self>, span: Span) -> Self {
        let (values, children): (Vec<_>, Vec<_>) = items.into_iter().map(|item| (item.value, item.spans)).unzip();
        Self {
            value: Value::array(values),
            spans: Spans {
                key: Span::default(),
                value: span,
                children: Some(shared(children)),
            },
        }
    }

    /// An object of these entries; of several with one key the last wins, with its own place.
    pub fn object(entries: Vec<Entry>, span: Span) -> Self {
        Self::object_noting(entries, span, &mut Vec::new())
    }

    /// An object of these entries; of several with one key the last wins, and the places of the two keys are noted.
    pub fn object_noting(mut entries: Vec<Entry>, span: Span, duplicates: &mut Vec<(Span, Span)>) -> Self {
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        entries.dedup_by(|later, earlier| {
            let same = later.key == earlier.key;
            if same {
                duplicates.push((earlier.key_span, later.key_span));
                std::mem::swap(later, earlier);
            }
            same
        });
        let mut values = Vec::with_capacity(entries.len());
        let mut children = Vec::with_capacity(entries.len());
        for entry in entries {
            values.push((Value::string(entry.key), entry.node.value));
            children.push(Spans {
                key: entry.key_span,
                ..entry.node.spans
            });
        }
        Self {
            value: Value::object(values),
            spans: Spans {
                key: Span::default(),
                value: span,
                children: Some(shared(children)),
            },
        }
    }
}

/// The parts in one piece of memory; all that are empty share one.
fn shared(children: Vec<Spans>) -> Arc<[Spans]> {
    if children.is_empty() {
        Arc::default()
    } else {
        children.into()
    }
}

/// A file's name and text, shared by its documents.
#[derive(Debug)]
pub struct File {
    /// The path as reports show it; `-` is standard input.
    pub path: String,
    /// The text, in UTF-8 without a byte-order mark, that spans point into.
    pub text: String,
    /// The number of the part that it is of what a program rendered; none of a file that is on disk.
    pub rendered: Option<usize>,
    /// Its lines, once something was located in it.
    lines: OnceLock<Lines>,
}

impl File {
    /// A file of this path and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            rendered: None,
            lines: OnceLock::new(),
        }
    }

    /// The file with the number of the part that it is of what a program rendered.
    pub fn rendered(self, part: Option<usize>) -> Self {
        Self { rendered: part, ..self }
    }

    /// The lines of its text, found once for all of its documents.
    pub fn lines(&self) -> LineIndex<'_> {
        LineIndex::with_lines(&self.text, self.lines.get_or_init(|| Lines::of(&self.text)))
    }
}

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file that it is in.
    pub file: Arc<File>,
    /// Its position among the file's documents, from 0.
    pub index: usize,
    /// What it holds.
    pub value: Value,
    /// Where each part was written.
    pub spans: Spans,
}

/// Where a path leads in a document.
pub struct Found<'a> {
    /// The spans of the deepest part of the path that exists.
    pub spans: &'a Spans,
    /// Its value.
    pub value: &'a Value,
    /// How many steps of the path exist.
    pub depth: usize,
}

impl Document {
    /// Follows `path` as far as it exists.
    pub fn find(&self, path: &[Value]) -> Found<'_> {
        let mut found = Found {
            spans: &self.spans,
            value: &self.value,
            depth: 0,
        };
        for step in path {
            let position = match (found.value, step) {
                (Value::Object(object), key) => object.position(key),
                (Value::Array(_), Value::Number(index)) => index.as_i64().and_then(|index| usize::try_from(index).ok()),
                _ => None,
            };
            let next = position.and_then(|at| {
                let spans = found.spans.children.as_ref()?.get(at)?;
                Some((spans, found.value.get(step)?))
            });
            let Some((spans, value)) = next else { break };
            found = Found {
                spans,
                value,
                depth: found.depth + 1,
            };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_followed_as_far_as_it_exists() {
        let leaf = |start: usize| Node::scalar(Value::Bool(true), Span::new(start, start + 4));
        let entry = |key: &str, start: usize, node| Entry {
            key: key.into(),
            key_span: Span::new(start, start + 1),
            node,
        };
        let root = Node::object(
            vec![
                entry("b", 0, leaf(3)),
                entry("a", 8, Node::array(vec![leaf(12)], Span::new(11, 17))),
            ],
            Span::new(0, 17),
        );
        let file = Arc::new(File::new("f", ""));
        let document = Document {
            file,
            index: 0,
            value: root.value,
            spans: root.spans,
        };
        let found = document.find(&["a".into(), 0i64.into(), "missing".into()]);
        assert_eq!((found.depth, found.spans.value), (2, Span::new(12, 16)));
        assert_eq!(document.find(&["b".into()]).spans.key, Span::new(0, 1));
    }
}
