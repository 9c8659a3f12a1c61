//! Which rule needs which: the graph that recursion, types and lints are read from.
//!
//! Beside the clauses it has a node for every pattern that is looked for at a node of the tree of rules, shared by all
//! references that look for it: a hundred thousand rules that all ask for `data.p[x]` cost one edge each.

use std::collections::HashMap;

use super::tree::{NodeId, ROOT, RuleTree};
use super::walk::{self, Found};
use crate::rego::core::{Callee, Program, Root, Target, Term, TermKind};
use crate::value::Value;

/// A node of the graph: below the number of clauses, a clause; from there on, a pattern.
type Vertex = usize;

/// Which clause needs which.
pub(super) struct Graph<'a> {
    tree: &'a RuleTree,
    clauses: usize,
    edges: Vec<Vec<Vertex>>,
    patterns: HashMap<(NodeId, Vec<Step>), Vertex>,
    open: Vec<(Vertex, NodeId, Vec<Step>)>,
}

/// A step of a reference: a constant, or nothing where it is not known.
type Step = Option<Value>;

impl<'a> Graph<'a> {
    /// The graph of a program.
    pub(super) fn new(program: &Program, tree: &'a RuleTree) -> Self {
        let clauses = program.clauses.len();
        let mut graph = Self {
            tree,
            clauses,
            edges: vec![Vec::new(); clauses],
            patterns: HashMap::new(),
            open: Vec::new(),
        };
        for (at, clause) in program.clauses.iter().enumerate() {
            walk::clause(clause, &mut |found| {
                if let Some(steps) = data_steps(&found) {
                    graph.link(at, ROOT, steps);
                }
            });
            while let Some((from, node, steps)) = graph.open.pop() {
                graph.link(from, node, steps);
            }
            graph.edges[at].sort_unstable();
            graph.edges[at].dedup();
        }
        graph
    }

    /// The clauses that `path` can mean, as OPA finds them.
    pub(super) fn meant(&mut self, path: &[std::sync::Arc<str>]) -> Vec<Vertex> {
        self.edges.push(Vec::new());
        let asking = self.edges.len() - 1;
        self.link(
            asking,
            ROOT,
            path.iter().map(|name| Some(Value::String(name.clone()))).collect(),
        );
        while let Some((from, node, steps)) = self.open.pop() {
            self.link(from, node, steps);
        }
        std::mem::take(&mut self.edges[asking])
    }

    /// Links `from` with all clauses that a reference from `node` on can mean.
    fn link(&mut self, from: Vertex, mut node: NodeId, mut steps: Vec<Step>) {
        while steps.last().is_some_and(Option::is_none) {
            steps.pop();
        }
        let mut at = 0;
        while let Some(Some(step)) = steps.get(at) {
            let Some(child) = self.tree.child(node, step) else {
                return;
            };
            self.edges[from].extend(&self.tree.node(child).clauses);
            (node, at) = (child, at + 1);
        }
        steps.drain(..at);
        if self.tree.node(node).children.is_empty() {
            return;
        }
        let pattern = self.pattern(node, steps);
        self.edges[from].push(pattern);
    }

    /// The vertex of what a pattern, empty or starting with an unknown step, means below a node.
    fn pattern(&mut self, node: NodeId, steps: Vec<Step>) -> Vertex {
        if let Some(vertex) = self.patterns.get(&(node, steps.clone())) {
            return *vertex;
        }
        self.edges.push(Vec::new());
        let vertex = self.edges.len() - 1;
        let rest: Vec<Step> = steps.iter().skip(1).cloned().collect();
        for child in self.tree.node(node).children.values() {
            self.edges[vertex].extend(&self.tree.node(*child).clauses);
            self.open.push((vertex, *child, rest.clone()));
        }
        self.patterns.insert((node, steps), vertex);
        vertex
    }

    /// What a vertex needs.
    pub(super) fn needs(&self, vertex: Vertex) -> &[Vertex] {
        &self.edges[vertex]
    }

    /// Whether a vertex is a clause.
    pub(super) fn is_clause(&self, vertex: Vertex) -> bool {
        vertex < self.clauses
    }

    /// The graph the other way round: what needs a vertex.
    pub(super) fn reversed(&self) -> Vec<Vec<Vertex>> {
        let mut reversed = vec![Vec::new(); self.edges.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            for to in edges {
                reversed[*to].push(from);
            }
        }
        reversed
    }

    /// The groups of vertices that need each other, each group after all that it needs.
    pub(super) fn groups(&self) -> Vec<Vec<Vertex>> {
        Groups::new(self).find()
    }
}

/// The steps from `data` on that something found refers to.
fn data_steps(found: &Found<'_>) -> Option<Vec<Step>> {
    let names = |path: &[std::sync::Arc<str>]| path.iter().map(|name| Some(Value::String(name.clone()))).collect();
    match found {
        Found::Ref(Root::Data, way) => Some(way.iter().map(step).collect()),
        Found::Callee(Callee::Function { path, .. }) => Some(names(path)),
        Found::Target(Target::Data(path)) => Some(names(path)),
        _ => None,
    }
}

fn step(term: &Term) -> Step {
    match &term.kind {
        TermKind::Const(value) => Some(value.clone()),
        _ => None,
    }
}

/// Tarjan's search for groups, without recursion.
struct Groups<'g, 'a> {
    graph: &'g Graph<'a>,
    index: Vec<usize>,
    lowest: Vec<usize>,
    waiting: Vec<Vertex>,
    is_waiting: Vec<bool>,
    count: usize,
    groups: Vec<Vec<Vertex>>,
}

const UNSEEN: usize = usize::MAX;

impl<'g, 'a> Groups<'g, 'a> {
    fn new(graph: &'g Graph<'a>) -> Self {
        let count = graph.edges.len();
        Self {
            graph,
            index: vec![UNSEEN; count],
            lowest: vec![UNSEEN; count],
            waiting: Vec::new(),
            is_waiting: vec![false; count],
            count: 0,
            groups: Vec::new(),
        }
    }

    fn find(mut self) -> Vec<Vec<Vertex>> {
        for start in 0..self.graph.edges.len() {
            if self.index[start] == UNSEEN {
                self.visit(start);
            }
        }
        self.groups
    }

    fn enter(&mut self, vertex: Vertex) {
        self.index[vertex] = self.count;
        self.lowest[vertex] = self.count;
        self.count += 1;
        self.waiting.push(vertex);
        self.is_waiting[vertex] = true;
    }

    fn visit(&mut self, start: Vertex) {
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((vertex, next)) = path.last_mut() {
            let (vertex, edge) = (*vertex, *next);
            *next += 1;
            match self.graph.edges[vertex].get(edge) {
                Some(&to) if self.index[to] == UNSEEN => {
                    self.enter(to);
                    path.push((to, 0));
                }
                Some(&to) if self.is_waiting[to] => self.lowest[vertex] = self.lowest[vertex].min(self.index[to]),
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        self.lowest[*parent] = self.lowest[*parent].min(self.lowest[vertex]);
                    }
                    if self.lowest[vertex] == self.index[vertex] {
                        self.close(vertex);
                    }
                }
            }
        }
    }

    fn close(&mut self, first: Vertex) {
        let from = self
            .waiting
            .iter()
            .rposition(|each| *each == first)
            .expect("an open vertex waits");
        let group = self.waiting.split_off(from);
        for each in &group {
            self.is_waiting[*each] = false;
        }
        self.groups.push(group);
    }
}
