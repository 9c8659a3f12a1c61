//! What a text defines, before substitutions are followed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{Node, Span};

/// The number of an object.
pub(super) type ObjectId = usize;

/// The number of a key of an object.
pub(super) type SlotId = usize;

/// A value as it is written.
pub(super) enum Raw {
    /// A scalar, and its text for what it is joined with.
    Scalar(Node, Arc<str>),
    Object(ObjectId, Span),
    Array(Vec<Raw>, Span),
    /// Values side by side, each with the blanks before it.
    Joined(Vec<(Arc<str>, Raw)>, Span),
    Substitution(Substitution),
    /// What `+=` appends.
    Append(Box<Raw>, Span),
}

/// `${path}`.
pub(super) struct Substitution {
    pub(super) path: Vec<Arc<str>>,
    /// Where the file that it is in was included: the path is looked up below first.
    pub(super) prefix: Arc<[Arc<str>]>,
    pub(super) is_optional: bool,
    pub(super) span: Span,
}

impl Raw {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Scalar(node, _) => node.spans.value,
            Self::Object(_, span) | Self::Array(_, span) | Self::Joined(_, span) | Self::Append(_, span) => *span,
            Self::Substitution(substitution) => substitution.span,
        }
    }
}

/// A key and what it is given, the earliest first.
pub(super) struct Slot {
    pub(super) key_span: Span,
    pub(super) definitions: Vec<Raw>,
}

/// All objects and keys of a text.
#[derive(Default)]
pub(super) struct Store {
    pub(super) objects: Vec<BTreeMap<Arc<str>, SlotId>>,
    pub(super) slots: Vec<Slot>,
}

impl Store {
    pub(super) fn new_object(&mut self) -> ObjectId {
        self.objects.push(BTreeMap::new());
        self.objects.len() - 1
    }

    fn slot(&mut self, object: ObjectId, key: &Arc<str>, key_span: Span) -> SlotId {
        if let Some(slot) = self.objects[object].get(key) {
            return *slot;
        }
        self.slots.push(Slot {
            key_span,
            definitions: Vec::new(),
        });
        let slot = self.slots.len() - 1;
        self.objects[object].insert(Arc::clone(key), slot);
        slot
    }

    /// Gives the key at a path in an object a value.
    pub(super) fn assign(&mut self, object: ObjectId, path: &[(Arc<str>, Span)], raw: Raw) {
        let Some(((key, key_span), rest)) = path.split_first() else {
            return;
        };
        let slot = self.slot(object, key, *key_span);
        if let Some((_, first)) = rest.first() {
            let inner = self.new_object();
            let span = first.to(raw.span());
            self.assign(inner, rest, raw);
            self.define(slot, *key_span, Raw::Object(inner, span));
        } else {
            self.define(slot, *key_span, raw);
        }
    }

    fn define(&mut self, slot: SlotId, key_span: Span, raw: Raw) {
        let known = &mut self.slots[slot];
        match (known.definitions.last(), &raw) {
            (Some(Raw::Object(earlier, _)), Raw::Object(later, _)) => {
                let (earlier, later) = (*earlier, *later);
                self.merge(earlier, later);
                return;
            }
            // They say all that the key is.
            (_, Raw::Scalar(..) | Raw::Array(..)) | (Some(Raw::Scalar(..) | Raw::Array(..)), Raw::Object(..)) => {
                known.definitions.clear();
                known.key_span = key_span;
            }
            _ => {}
        }
        known.definitions.push(raw);
    }

    /// Moves what `later` defines into `earlier`.
    pub(super) fn merge(&mut self, earlier: ObjectId, later: ObjectId) {
        for (key, from) in std::mem::take(&mut self.objects[later]) {
            let key_span = self.slots[from].key_span;
            let to = self.slot(earlier, &key, key_span);
            for raw in std::mem::take(&mut self.slots[from].definitions) {
                self.define(to, key_span, raw);
            }
        }
    }
}
