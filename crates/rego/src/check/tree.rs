//! The tree of rules by their paths, as OPA keeps it: what a reference can mean.

use std::collections::BTreeMap;

use crate::core::{Clause, Kind, Program, Term, TermKind};
use kpolicy_value::Value;

/// A node, by its place in the tree.
pub(super) type NodeId = usize;

/// The tree of rules: a node for each step of a path from `data` on.
#[derive(Debug)]
pub(crate) struct RuleTree {
    nodes: Vec<Node>,
}

/// A step of a path.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The steps that go on from here.
    pub(super) children: BTreeMap<Value, NodeId>,
    /// The clauses whose path ends here, by their places in the program.
    pub(super) clauses: Vec<usize>,
}

/// The node of `data` itself.
pub(super) const ROOT: NodeId = 0;

impl RuleTree {
    /// The tree of a program's rules.
    pub(crate) fn new(program: &Program) -> Self {
        let mut tree = Self {
            nodes: vec![Node::default()],
        };
        for (at, clause) in program.clauses.iter().enumerate() {
            let node = tree.insert(ground_path(clause));
            tree.nodes[node].clauses.push(at);
        }
        tree
    }

    fn insert(&mut self, path: impl Iterator<Item = Value>) -> NodeId {
        path.fold(ROOT, |node, step| match self.nodes[node].children.get(&step) {
            Some(child) => *child,
            None => {
                self.nodes.push(Node::default());
                let child = self.nodes.len() - 1;
                self.nodes[node].children.insert(step, child);
                child
            }
        })
    }

    /// The node at this place.
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node that a step leads to.
    pub(super) fn child(&self, id: NodeId, step: &Value) -> Option<NodeId> {
        self.nodes[id].children.get(step).copied()
    }

    /// Whether a reference from `data` on can only mean rules.
    pub(crate) fn has_rules(&self, path: &[Term]) -> bool {
        let mut node = ROOT;
        for step in path {
            let TermKind::Const(step) = &step.kind else { break };
            let Some(child) = self.child(node, step) else {
                return !self.nodes[node].clauses.is_empty();
            };
            node = child;
            if !self.nodes[node].clauses.is_empty() {
                return true;
            }
        }
        true
    }

    /// The nodes below this one, without it.
    pub(super) fn below(&self, id: NodeId) -> impl Iterator<Item = &Node> {
        let mut open: Vec<NodeId> = self.nodes[id].children.values().copied().collect();
        std::iter::from_fn(move || {
            let node = &self.nodes[open.pop()?];
            open.extend(node.children.values());
            Some(node)
        })
    }
}

/// The steps of a rule's path up to the first that is not known before it is evaluated.
pub(super) fn ground_path(clause: &Clause) -> impl Iterator<Item = Value> {
    path(clause).chain(clause.keys.iter().map_while(ground))
}

/// The names that a rule's path starts with.
pub(super) fn path(clause: &Clause) -> impl Iterator<Item = Value> {
    clause.path.iter().map(|name| Value::string(name.clone()))
}

/// Whether all steps of a rule's path are known.
pub(super) fn is_ground(clause: &Clause) -> bool {
    clause.keys.iter().all(|key| ground(key).is_some())
}

/// The steps of a rule's path after [`ground_path`].
pub(super) fn dynamic_keys(clause: &Clause) -> &[Term] {
    let known = clause.keys.iter().take_while(|key| ground(key).is_some()).count();
    &clause.keys[known..]
}

/// The scalar that a step is; OPA binds any other to a variable first.
pub(super) fn ground(key: &Term) -> Option<Value> {
    match &key.kind {
        TermKind::Const(Value::Array(_) | Value::Object(_) | Value::Set(_)) => None,
        TermKind::Const(value) => Some(value.clone()),
        _ => None,
    }
}

/// How many operands a clause takes; none where it is not a function.
pub(super) fn arity(clause: &Clause) -> usize {
    match &clause.kind {
        Kind::Function(parameters) => parameters.len(),
        Kind::Complete | Kind::Set => 0,
    }
}
