//! The types of documents: what rules define, and what `with` puts in their place.

use std::collections::BTreeMap;

use crate::types::Type;
use kpolicy_value::Value;

/// A tree of types by paths. The first step is `data` or `input`.
#[derive(Debug, Default)]
pub(super) struct Documents {
    nodes: Vec<Node>,
}

/// A node of the tree.
#[derive(Debug)]
pub(super) struct Node {
    /// The type of the document; unknown where only parts of it have one.
    pub(super) of: Type,
    /// What is known of its parts.
    pub(super) children: BTreeMap<Value, usize>,
    /// The type of the whole, where it was asked for since the last change.
    extent: Option<Type>,
}

impl Node {
    fn new() -> Self {
        Self {
            of: Type::Unknown,
            children: BTreeMap::new(),
            extent: None,
        }
    }
}

/// The deepest extent that is reported from any value.
const DEEPEST: usize = 64;

impl Documents {
    /// A tree without documents.
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::new()],
        }
    }

    /// The node at this place; the first is the root.
    pub(super) fn node(&self, at: usize) -> &Node {
        &self.nodes[at]
    }

    /// Where a step leads.
    pub(super) fn child(&self, at: usize, step: &Value) -> Option<usize> {
        self.nodes[at].children.get(step).copied()
    }

    fn ensure(&mut self, at: usize, step: &Value) -> usize {
        self.nodes[at].extent = None;
        if let Some(child) = self.child(at, step) {
            return child;
        }
        self.nodes.push(Node::new());
        let child = self.nodes.len() - 1;
        self.nodes[at].children.insert(step.clone(), child);
        child
    }

    /// Gives the document at a path this type, whatever it had.
    pub(super) fn put(&mut self, path: &[Value], of: Type) {
        let at = path.iter().fold(0, |at, step| self.ensure(at, step));
        self.nodes[at].of = of;
    }

    /// Adds a type to the document at a path, and to the objects that it is a part of.
    pub(super) fn insert(&mut self, path: &[Value], of: &Type) {
        let mut at = 0;
        for (depth, step) in path.iter().enumerate() {
            at = self.ensure(at, step);
            let rest = &path[depth + 1..];
            if let (Type::Object(_), false) = (&self.nodes[at].of, rest.is_empty()) {
                self.nodes[at].of = with_part(&self.nodes[at].of, rest, of);
            }
        }
        let mut merged = merge(&self.nodes[at].of, of);
        if matches!(of, Type::Object(_)) && !self.nodes[at].children.is_empty() {
            for (path, part) in self.leaves(at) {
                if matches!(merged, Type::Object(_)) {
                    merged = with_part(&merged, &path, &part);
                }
            }
        }
        self.nodes[at].of = merged;
    }

    /// The documents with types below a node, down to the first on each way.
    fn leaves(&self, from: usize) -> Vec<(Vec<Value>, Type)> {
        let mut found = Vec::new();
        let mut open: Vec<(usize, Vec<Value>)> = vec![(from, Vec::new())];
        while let Some((at, path)) = open.pop() {
            for (step, child) in &self.nodes[at].children {
                let path: Vec<Value> = path.iter().chain([step]).cloned().collect();
                match &self.nodes[*child].of {
                    Type::Unknown => open.push((*child, path)),
                    of => found.push((path, of.clone())),
                }
            }
        }
        found
    }

    /// The type of all that is at a node.
    pub(super) fn extent(&mut self, at: usize) -> Type {
        self.extent_at(at, 0)
    }

    fn extent_at(&mut self, at: usize, depth: usize) -> Type {
        let node = &self.nodes[at];
        if node.of.is_known() || depth > DEEPEST {
            return if node.of.is_known() { node.of.clone() } else { Type::Any };
        }
        if let Some(extent) = &node.extent {
            return extent.clone();
        }
        let children: Vec<(Value, usize)> = node.children.iter().map(|(key, at)| (key.clone(), *at)).collect();
        let known = children
            .into_iter()
            .filter(|(key, _)| matches!(key, Value::String(_) | Value::Number(_) | Value::Bool(_)))
            .map(|(key, child)| (key, self.extent_at(child, depth + 1)))
            .collect();
        let extent = Type::object(known, Some((Type::String, Type::Any)));
        self.nodes[at].extent = Some(extent.clone());
        extent
    }
}

/// The type with another added for what is at a path inside it.
fn with_part(of: &Type, path: &[Value], part: &Type) -> Type {
    let Type::Object(object) = of else { return of.clone() };
    let Some((last, inner)) = path.split_last() else {
        return of.clone();
    };
    // Innermost first: each step wraps what is below it.
    let (first, part) = inner.iter().rev().fold((last, part.clone()), |(key, part), outer| {
        (outer, Type::object(Vec::new(), Some((Type::of(key), part))))
    });
    let key = Type::of(first);
    let others = match &object.others {
        Some((keys, values)) => (keys.or(&key), values.or(&part)),
        None => (key, part),
    };
    Type::object(object.known.clone(), Some(others))
}

/// The type of a document that two clauses define.
fn merge(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (Type::Unknown, other) | (other, Type::Unknown) => other.clone(),
        (Type::Object(x), Type::Object(y)) if x.known.is_empty() && y.known.is_empty() => {
            match (&x.others, &y.others) {
                (Some((xk, xv)), Some((yk, yv))) => Type::object(Vec::new(), Some((xk.or(yk), merge(xv, yv)))),
                // The empty object is one of the other's too.
                (None, _) => b.clone(),
                (_, None) => a.clone(),
            }
        }
        (Type::Object(x), Type::OneOf(one_of)) | (Type::OneOf(one_of), Type::Object(x)) if x.known.is_empty() => {
            merge_into(x.others.as_ref(), &one_of.types).unwrap_or_else(|| a.or(b))
        }
        (Type::Set(x), Type::Set(y)) => Type::set(x.of.or(&y.of)),
        _ => a.or(b),
    }
}

/// The alternatives, an object of unknown keys among them taking the other's keys and values.
fn merge_into(others: Option<&(Type, Type)>, types: &[Type]) -> Option<Type> {
    let (keys, values) = others?;
    let at = types
        .iter()
        .position(|each| matches!(each, Type::Object(object) if object.known.is_empty()))?;
    let mut types = types.to_vec();
    if let Type::Object(object) = &types[at] {
        let (own_keys, own_values) = object.others.as_ref()?;
        types[at] = Type::object(Vec::new(), Some((own_keys.or(keys), own_values.or(values))));
    }
    Some(Type::union(types))
}
