//! Graphs: objects whose entries are a node and the array or set of its neighbours.

use std::collections::{BTreeSet, VecDeque};
use std::slice;

use super::operand::{members, object};
use super::registry::{Family, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::{Object, Value};

pub(super) const FAMILY: Family = &[
    pure(
        "graph.reachable",
        "(object{[any]: array[any] | set[any]}, array[any] | set[any]) -> set[any]",
        "The nodes of a graph that can be reached from these nodes.",
        reachable,
    ),
    pure(
        "graph.reachable_paths",
        "(object{[any]: array[any] | set[any]}, array[any] | set[any]) -> set[array[any]]",
        "The paths of a graph that start at these nodes.",
        reachable_paths,
    ),
];

/// OPA's braces are part of the words.
const ARRAY_OR_SET: &str = "{array, set}";

fn neighbours(edges: &Value) -> &[Value] {
    match edges {
        Value::Array(items) => items,
        Value::Set(members) => members.as_slice(),
        _ => &[],
    }
}

/// The nodes that can be reached from the given ones, these included; nodes without an entry do not count.
fn reachable(context: &mut Context, operands: Operands) -> Answer {
    let graph = object(operands, 0)?;
    let mut seen: BTreeSet<&Value> = members(operands, 1, ARRAY_OR_SET)?.iter().collect();
    let mut waiting: VecDeque<&Value> = seen.iter().copied().collect();
    let mut reached = Vec::new();
    while let Some(node) = waiting.pop_front() {
        context.step()?;
        let Some(edges) = graph.get(node) else { continue };
        reached.push(node.clone());
        for next in neighbours(edges) {
            context.step()?;
            if seen.insert(next) {
                waiting.push_back(next);
            }
        }
    }
    Ok(Some(Value::set(reached)))
}

/// The paths from the given nodes to where they end or meet themselves.
fn reachable_paths(context: &mut Context, operands: Operands) -> Answer {
    let mut walk = Walk {
        graph: object(operands, 0)?,
        path: vec![],
        ahead: vec![],
        found: vec![],
        size: 0,
    };
    for start in members(operands, 1, ARRAY_OR_SET)? {
        if walk.graph.get(start).is_some() {
            walk.enter(context, start)?;
            walk.all(context)?;
        }
    }
    Ok(Some(Value::set(walk.found)))
}

/// A walk through a graph, without recursion: a path can be as long as the graph is large.
struct Walk<'g> {
    graph: &'g Object,
    path: Vec<&'g Value>,
    /// For each node of the path, the neighbours that are still to be entered.
    ahead: Vec<slice::Iter<'g, Value>>,
    found: Vec<Value>,
    /// How many nodes the found paths have.
    size: usize,
}

impl<'g> Walk<'g> {
    fn all(&mut self, context: &mut Context) -> Result<(), Failure> {
        while let Some(next) = self.ahead.last_mut() {
            context.step()?;
            let Some(node) = next.next() else {
                self.ahead.pop();
                self.path.pop();
                continue;
            };
            // As in OPA, the first node may be entered twice when it is its own neighbour.
            if self.ahead.len() > 1 && self.path.contains(&node) {
                self.keep(context)?;
            } else {
                self.enter(context, node)?;
            }
        }
        Ok(())
    }

    fn enter(&mut self, context: &mut Context, node: &'g Value) -> Result<(), Failure> {
        let Some(edges) = self.graph.get(node) else {
            return self.keep(context);
        };
        self.path.push(node);
        let neighbours = neighbours(edges);
        if neighbours.is_empty() {
            self.keep(context)?;
            self.path.pop();
        } else {
            self.ahead.push(neighbours.iter());
        }
        Ok(())
    }

    fn keep(&mut self, context: &mut Context) -> Result<(), Failure> {
        self.size += self.path.len();
        context.check_members(self.size)?;
        let path = self.path.iter().copied().cloned().collect();
        self.found.push(Value::array(path));
        Ok(())
    }
}
