//! Which rule needs which: the graph that recursion, types and lints are read from.
//!
//! Beside the clauses it has a node for every pattern that is looked for at a node of the tree of rules, shared by all
//! references that look for it: a hundred thousand rules that all ask for `data.p[x]` cost one edge each.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::narrow::{Known, Step};
use super::tree::{self, NodeId, ROOT, RuleTree};
use super::walk::{self, Found};
use crate::core::{Callee, Clause, Program, Root, Target};
use kpolicy_value::Value;

/// A node of the graph: below the number of clauses, a clause; from there on, a pattern.
type Vertex = usize;

/// Which clause needs which.
pub(crate) struct Graph<'a> {
    tree: &'a RuleTree,
    clauses: usize,
    /// The steps of each clause's path after those that lead to its node.
    tails: Vec<Vec<Step>>,
    edges: Vec<Vec<Vertex>>,
    patterns: HashMap<(NodeId, Vec<Step>), Vertex>,
    open: Vec<(Vertex, NodeId, Vec<Step>)>,
    /// What the branches of clauses with several need, each by itself.
    branches: HashMap<(Vertex, usize), Vec<Vertex>>,
}

impl<'a> Graph<'a> {
    /// The graph of a program.
    pub(crate) fn new(program: &Program, tree: &'a RuleTree) -> Self {
        let clauses = program.clauses.len();
        let mut graph = Self {
            tree,
            clauses,
            tails: program.clauses.iter().map(tail).collect(),
            edges: vec![Vec::new(); clauses],
            patterns: HashMap::new(),
            open: Vec::new(),
            branches: HashMap::new(),
        };
        for (at, clause) in program.clauses.iter().enumerate() {
            for branch in 0..clause.branches.len() {
                let before = std::mem::take(&mut graph.edges[at]);
                graph.link_branch(at, clause, branch);
                if clause.branches.len() > 1 {
                    graph.branches.insert((at, branch), graph.edges[at].clone());
                }
                graph.edges[at].extend(before);
            }
            graph.edges[at].sort_unstable();
            graph.edges[at].dedup();
        }
        graph
    }

    /// Links a clause with all that one of its branches needs.
    fn link_branch(&mut self, at: Vertex, clause: &Clause, branch: usize) {
        let mut known = Known::default();
        let body = &clause.branches[branch].body;
        for statement in body {
            walk::statement(statement, &mut |found| self.link_found(at, &found, &known));
            known.note(statement);
        }
        walk::around_body(clause, branch, &mut |found| self.link_found(at, &found, &known));
        while let Some((from, node, steps)) = self.open.pop() {
            self.link(from, node, steps);
        }
    }

    fn link_found(&mut self, at: Vertex, found: &Found<'_>, known: &Known) {
        if let Found::Ref(Root::Data, path) = found {
            for steps in known.expanded(path) {
                self.link(at, ROOT, steps);
            }
        } else if let Some(steps) = path_of(found) {
            self.link(at, ROOT, steps);
        }
    }

    /// The branches of all clauses in the order that OPA checks their types in: each after those that it needs, in the
    /// order of writing otherwise.
    pub(super) fn order(&self, program: &Program) -> Vec<(usize, usize)> {
        let mut order = Order {
            graph: self,
            program,
            visited: HashSet::new(),
            spread: vec![false; self.edges.len()],
            found: Vec::new(),
        };
        for at in 0..program.clauses.len() {
            order.visit(at);
        }
        order.found
    }

    /// The clauses that `path` can mean, as OPA finds them.
    pub(super) fn resolve(&mut self, path: &[std::sync::Arc<str>]) -> Vec<Vertex> {
        self.edges.push(Vec::new());
        let asking = self.edges.len() - 1;
        self.link(
            asking,
            ROOT,
            path.iter().map(|name| Some(Value::string(name.clone()))).collect(),
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
            (node, at) = (child, at + 1);
            self.link_clauses(from, node, &steps[at..]);
        }
        steps.drain(..at);
        if self.tree.node(node).children.is_empty() {
            return;
        }
        let pattern = self.pattern(node, steps);
        self.edges[from].push(pattern);
    }

    /// Links `from` with the clauses at a node that a reference with these further steps can mean.
    ///
    /// Follows OPA v1.22 ast/compile.go: insertRulesIntersecting.
    fn link_clauses(&mut self, from: Vertex, node: NodeId, steps: &[Step]) {
        let may_mean = |clause: &&usize| {
            let mut pairs = self.tails[**clause].iter().zip(steps);
            pairs.all(|(own, step)| own.is_none() || step.is_none() || own == step)
        };
        let clauses = self.tree.node(node).clauses.iter();
        self.edges[from].extend(clauses.filter(may_mean));
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
            self.link_clauses(vertex, *child, &rest);
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
    pub(crate) fn reversed(&self) -> Vec<Vec<Vertex>> {
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

/// A walk through what branches need, without recursion.
struct Order<'g, 'a> {
    graph: &'g Graph<'a>,
    program: &'g Program,
    visited: HashSet<(usize, usize)>,
    /// The patterns whose clauses have all been visited.
    spread: Vec<bool>,
    found: Vec<(usize, usize)>,
}

/// A branch that waits for what it needs: the branches not visited yet, the first last, and the patterns that are done
/// with them.
struct Wait {
    branch: (usize, usize),
    needs: Vec<(usize, usize)>,
    patterns: Vec<Vertex>,
}

impl Order<'_, '_> {
    /// Visits all branches of a clause, and what they need before them.
    fn visit(&mut self, clause: usize) {
        for branch in self.branches(clause) {
            let mut waiting = Vec::new();
            self.enter(branch, &mut waiting);
            while let Some(last) = waiting.last_mut() {
                match last.needs.pop() {
                    Some(next) => self.enter(next, &mut waiting),
                    None => {
                        let done = waiting.pop().expect("there is a last one");
                        done.patterns.iter().for_each(|pattern| self.spread[*pattern] = true);
                        self.found.push(done.branch);
                    }
                }
            }
        }
    }

    fn enter(&mut self, branch: (usize, usize), waiting: &mut Vec<Wait>) {
        if !self.visited.insert(branch) {
            return;
        }
        let direct = match self.graph.branches.get(&branch) {
            Some(needs) => needs,
            None => &self.graph.edges[branch.0],
        };
        let (mut needs, mut patterns) = (Vec::new(), Vec::new());
        let mut open: Vec<Vertex> = direct.clone();
        let mut seen: HashSet<Vertex> = open.iter().copied().collect();
        while let Some(vertex) = open.pop() {
            if self.graph.is_clause(vertex) {
                let unvisited = self.branches(vertex).filter(|each| !self.visited.contains(each));
                needs.extend(unvisited);
            } else if !self.spread[vertex] {
                patterns.push(vertex);
                open.extend(self.graph.edges[vertex].iter().filter(|to| seen.insert(**to)));
            }
        }
        needs.sort_unstable_by(|a, b| b.cmp(a));
        waiting.push(Wait {
            branch,
            needs,
            patterns,
        });
    }

    fn branches(&self, clause: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        (0..self.program.clauses[clause].branches.len()).map(move |branch| (clause, branch))
    }
}

/// The path from `data` on of a function that is called, or of what is replaced.
fn path_of(found: &Found<'_>) -> Option<Vec<Step>> {
    let names = |path: &[std::sync::Arc<str>]| path.iter().map(|name| Some(Value::string(name.clone()))).collect();
    match found {
        Found::Callee(Callee::Function { path, .. }) => Some(names(path)),
        Found::Target(Target::Data(path)) => Some(names(path)),
        _ => None,
    }
}

/// The steps of a clause's path after those that lead to its node.
fn tail(clause: &Clause) -> Vec<Step> {
    tree::dynamic_keys(clause).iter().map(tree::ground).collect()
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
