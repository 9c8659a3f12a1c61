//! Follows substitutions and joins values: from what a text defines to the document.

use std::sync::Arc;

use super::MAX_DEPTH;
use super::store::{ObjectId, Raw, SlotId, Store, Substitution};
use crate::document::{Entry, Node, Span, Spans};
use crate::{Meter, ParseError};
use kpolicy_value::Value;

/// How many bytes all strings that are joined may take.
const MAX_BYTES: usize = 64 << 20;

/// The document of a root.
pub(super) fn document(store: &Store, root: &Raw, whole: Span, meter: Meter) -> Result<Node, ParseError> {
    let root_object = match root {
        Raw::Object(object, _) => Some(*object),
        _ => None,
    };
    let mut resolver = Resolver {
        store,
        root: root_object,
        busy: Vec::new(),
        depth: 0,
        bytes: 0,
        meter,
    };
    match resolver.raw(root)? {
        Some(node) => Ok(node),
        None => Ok(Node::scalar(Value::Null, whole)),
    }
}

struct Resolver<'s> {
    store: &'s Store,
    root: Option<ObjectId>,
    /// The definitions that are being followed: a substitution in one of them sees those before it.
    busy: Vec<(SlotId, usize)>,
    depth: usize,
    bytes: usize,
    meter: Meter,
}

/// A value; none if nothing defines it.
type Resolved = Result<Option<Node>, ParseError>;

impl Resolver<'_> {
    /// Runs something a level deeper.
    fn deeper(&mut self, span: Span, run: impl FnOnce(&mut Self) -> Resolved) -> Resolved {
        self.meter.count(1, span)?;
        if self.depth >= MAX_DEPTH * 2 {
            let message = "objects and substitutions nest deeper than the reader follows";
            return Err(ParseError::limit(message, span));
        }
        self.depth += 1;
        let resolved = run(self);
        self.depth -= 1;
        resolved
    }

    fn raw(&mut self, raw: &Raw) -> Resolved {
        self.deeper(raw.span(), |resolver| match raw {
            Raw::Scalar(node, _) => Ok(Some(node.clone())),
            Raw::Object(object, span) => resolver.object(*object, *span).map(Some),
            Raw::Array(items, span) => {
                let mut nodes = Vec::new();
                for item in items {
                    nodes.extend(resolver.raw(item)?);
                }
                Ok(Some(Node::array(nodes, *span)))
            }
            Raw::Joined(pieces, span) => resolver.joined(pieces, *span),
            Raw::Substitution(substitution) => resolver.substitution(substitution),
            Raw::Append(item, span) => Ok(resolver.raw(item)?.map(|node| Node::array(vec![node], *span))),
        })
    }

    fn object(&mut self, object: ObjectId, span: Span) -> Result<Node, ParseError> {
        let store = self.store;
        let mut entries = Vec::new();
        for (key, slot) in &store.objects[object] {
            let known = &store.slots[*slot];
            if let Some(node) = self.slot(*slot, known.definitions.len())? {
                entries.push(Entry {
                    key: Arc::clone(key),
                    key_span: known.key_span,
                    node,
                });
            }
        }
        Ok(Node::object(entries, span))
    }

    /// The value of a key by its first definitions.
    fn slot(&mut self, slot: SlotId, count: usize) -> Resolved {
        let store = self.store;
        let Some(last) = count.checked_sub(1) else {
            return Ok(None);
        };
        let raw = &store.slots[slot].definitions[last];
        self.deeper(raw.span(), |resolver| {
            let later = match raw {
                Raw::Scalar(..) | Raw::Array(..) => return resolver.raw(raw),
                Raw::Object(..) => resolver.raw(raw)?,
                Raw::Joined(..) | Raw::Substitution(_) | Raw::Append(..) => resolver.followed(slot, last)?,
            };
            let earlier = |resolver: &mut Self| resolver.slot(slot, last);
            match (raw, later) {
                (_, None) => earlier(resolver),
                (Raw::Append(_, span), Some(items)) => match earlier(resolver)? {
                    None => Ok(Some(items)),
                    Some(list) => resolver.join(list, items, *span).map(Some),
                },
                (_, Some(node)) if matches!(node.value, Value::Object(_)) => match earlier(resolver)? {
                    Some(below) if matches!(below.value, Value::Object(_)) => Ok(Some(merged(&below, &node))),
                    _ => Ok(Some(node)),
                },
                (_, node) => Ok(node),
            }
        })
    }

    /// The value of a definition that may refer to its own key.
    fn followed(&mut self, slot: SlotId, definition: usize) -> Resolved {
        self.busy.push((slot, definition));
        let resolved = self.raw(&self.store.slots[slot].definitions[definition]);
        self.busy.pop();
        resolved
    }

    fn substitution(&mut self, substitution: &Substitution) -> Resolved {
        let path = &substitution.path;
        let mut found = None;
        if let Some(root) = self.root {
            if !substitution.prefix.is_empty() {
                let below: Vec<_> = substitution.prefix.iter().chain(path).cloned().collect();
                found = self.find(root, &below)?;
            }
            if found.is_none() {
                found = self.find(root, path)?;
            }
        }
        if found.is_some() || substitution.is_optional {
            return Ok(found);
        }
        let name = path.join(".");
        let slot = self.declared(path);
        let message = match slot {
            Some(slot) if self.busy.iter().any(|(busy, _)| *busy == slot) => format!("`{name}` depends on itself"),
            // What is set from the environment or the system only, `a = ${?A}`, is missing here as well.
            Some(_) => return Ok(None),
            None => format!("nothing defines `{name}`"),
        };
        let help = "define it, or write `${?…}` for a value that may be missing; the environment is not read";
        Err(ParseError::new(message, substitution.span).with_help(help))
    }

    /// The key at a path, if the text has it.
    fn declared(&self, path: &[Arc<str>]) -> Option<SlotId> {
        let (mut object, mut slot) = (self.root, None);
        for key in path {
            slot = Some(*self.store.objects[object?].get(key)?);
            object = slot.and_then(|slot| match self.store.slots[slot].definitions.last() {
                Some(Raw::Object(object, _)) => Some(*object),
                _ => None,
            });
        }
        slot
    }

    /// The value at a path in an object; only what is on the path is followed.
    fn find(&mut self, object: ObjectId, path: &[Arc<str>]) -> Resolved {
        let Some((key, rest)) = path.split_first() else {
            return Ok(None);
        };
        match self.store.objects[object].get(key) {
            Some(slot) => self.find_below(*slot, self.store.slots[*slot].definitions.len(), rest),
            None => Ok(None),
        }
    }

    /// The value at a path below a key.
    fn find_below(&mut self, slot: SlotId, count: usize, rest: &[Arc<str>]) -> Resolved {
        let store = self.store;
        let busy = self.busy.iter().rev().find(|(busy, _)| *busy == slot);
        let count = busy.map_or(count, |(_, definition)| count.min(*definition));
        if rest.is_empty() {
            return self.slot(slot, count);
        }
        let Some(last) = count.checked_sub(1) else {
            return Ok(None);
        };
        let raw = &store.slots[slot].definitions[last];
        self.deeper(raw.span(), |resolver| {
            let found = match raw {
                Raw::Scalar(..) | Raw::Array(..) => return Ok(None),
                Raw::Object(object, _) => resolver.find(*object, rest)?,
                Raw::Joined(..) | Raw::Substitution(_) | Raw::Append(..) => match resolver.followed(slot, last)? {
                    Some(node) if matches!(node.value, Value::Object(_)) => below(node, rest),
                    Some(_) => return Ok(None),
                    None => None,
                },
            };
            match found {
                Some(node) if matches!(node.value, Value::Object(_)) => match resolver.find_below(slot, last, rest)? {
                    Some(earlier) if matches!(earlier.value, Value::Object(_)) => Ok(Some(merged(&earlier, &node))),
                    _ => Ok(Some(node)),
                },
                Some(node) => Ok(Some(node)),
                None => resolver.find_below(slot, last, rest),
            }
        })
    }

    /// Values side by side: arrays and objects are put together, anything else is a string.
    fn joined(&mut self, pieces: &[(Arc<str>, Raw)], span: Span) -> Resolved {
        let mut nodes = Vec::new();
        for (blank, raw) in pieces {
            if let Some(node) = self.raw(raw)? {
                let text = match raw {
                    Raw::Scalar(_, text) => Some(Arc::clone(text)),
                    _ => None,
                };
                nodes.push((blank, node, text));
            }
        }
        let is_container = |node: &Node| matches!(node.value, Value::Array(_) | Value::Object(_));
        let blank_only = |pieces: &[(Arc<str>, Raw)]| {
            let is_optional = |raw: &Raw| matches!(raw, Raw::Substitution(_));
            pieces.iter().all(|(_, raw)| is_optional(raw))
        };
        if nodes.is_empty() || (nodes.len() == 1 && (is_container(&nodes[0].1) || blank_only(pieces))) {
            return Ok(nodes.pop().map(|(_, node, _)| node));
        }
        if nodes.iter().any(|(_, node, _)| is_container(node)) {
            let mut nodes = nodes.into_iter().map(|(_, node, _)| node);
            let mut all = nodes.next();
            for node in nodes {
                all = match all {
                    Some(known) => Some(self.join(known, node, span)?),
                    None => Some(node),
                };
            }
            return Ok(all);
        }
        let mut out = String::new();
        for (index, (blank, node, text)) in nodes.iter().enumerate() {
            if index > 0 {
                out.push_str(blank);
            }
            match (text, &node.value) {
                (Some(text), _) => out.push_str(text),
                (None, Value::String(text)) => out.push_str(&text.to_str()),
                (None, other) => out.push_str(&other.to_json().to_string()),
            }
            if self.bytes + out.len() > MAX_BYTES {
                let message = format!("it joins strings of more than {} MiB", MAX_BYTES >> 20);
                return Err(ParseError::limit(message, span));
            }
        }
        self.bytes += out.len();
        Ok(Some(Node::scalar(Value::string(out), span)))
    }

    fn join(&mut self, left: Node, right: Node, span: Span) -> Result<Node, ParseError> {
        match (&left.value, &right.value) {
            (Value::Array(a), Value::Array(b)) => {
                self.meter.count(a.len() + b.len(), span)?;
                Ok(Node::array(items(&left).chain(items(&right)).collect(), span))
            }
            (Value::Object(a), Value::Object(b)) => {
                self.meter.count(a.len() + b.len(), span)?;
                Ok(merged(&left, &right))
            }
            (a, b) => {
                let message = format!("{} and {} cannot be joined", named(a), named(b));
                Err(ParseError::new(message, span))
            }
        }
    }
}

fn named(value: &Value) -> String {
    let name = value.type_name();
    let article = if name.starts_with(['a', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// The items of an array.
fn items(node: &Node) -> impl Iterator<Item = Node> {
    let spans = node.spans.children.as_deref().unwrap_or_default();
    let values = node.value.as_array().unwrap_or_default();
    values.iter().zip(spans).map(|(value, spans)| Node {
        value: value.clone(),
        spans: spans.clone(),
    })
}

/// The entries of an object.
fn entries(node: &Node) -> impl Iterator<Item = Entry> {
    let spans = node.spans.children.as_deref().unwrap_or_default();
    let object = node.value.as_object();
    let pairs = object.into_iter().flat_map(|object| object.iter()).zip(spans);
    pairs.map(|((key, value), spans)| Entry {
        key: key.as_str().unwrap_or_default().into(),
        key_span: spans.key,
        node: Node {
            value: value.clone(),
            spans: Spans {
                key: Span::default(),
                ..spans.clone()
            },
        },
    })
}

/// Two objects as one; what the later has counts, and objects under one key are merged in turn.
fn merged(earlier: &Node, later: &Node) -> Node {
    let mut all: Vec<Entry> = entries(earlier).collect();
    for entry in entries(later) {
        match all.binary_search_by(|known| known.key.cmp(&entry.key)) {
            Err(_) => all.push(entry),
            Ok(at) => {
                let known = &mut all[at];
                let both = (&known.node.value, &entry.node.value);
                known.node = match both {
                    (Value::Object(_), Value::Object(_)) => merged(&known.node, &entry.node),
                    _ => entry.node,
                };
                known.key_span = entry.key_span;
                continue;
            }
        }
        all.sort_by(|a, b| a.key.cmp(&b.key));
    }
    Node::object(all, earlier.spans.value)
}

/// The value at a path in a value.
fn below(node: Node, path: &[Arc<str>]) -> Option<Node> {
    let mut node = node;
    for key in path {
        let position = node.value.as_object()?.position(&Value::string(&**key))?;
        let (_, value) = node.value.as_object()?.entry(position)?.clone();
        let spans = node.spans.children.as_ref()?.get(position)?.clone();
        node = Node { value, spans };
    }
    Some(node)
}
