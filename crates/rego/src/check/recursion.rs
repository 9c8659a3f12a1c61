//! Rules that need their own value.

use std::collections::VecDeque;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::cause;
use super::graph::Graph;
use super::print;
use crate::core::Program;
use crate::error::{CompileError, CompileErrorCode as Code};

/// The most recursive rules that are reported: one is enough to find the circle.
const REPORTED: usize = 10;
/// The longest way that is reported whole.
const MAX_SHOWN: usize = 16;

/// An error for every rule that needs its own value, up to a number of them.
pub(super) fn check(program: &Program, graph: &Graph<'_>, groups: &[Vec<usize>]) -> Vec<CompileError> {
    let circles = groups.iter().filter(|group| is_circle(graph, group));
    let mut recursive: Vec<(usize, &Vec<usize>)> = circles
        .flat_map(|group| {
            group
                .iter()
                .filter(|vertex| graph.is_clause(**vertex))
                .map(move |vertex| (*vertex, group))
        })
        .collect();
    recursive.sort_by_key(|(vertex, _)| *vertex);
    recursive.dedup_by(|later, earlier| {
        let (a, b) = (&program.clauses[later.0], &program.clauses[earlier.0]);
        a.path == b.path && a.module == b.module && a.head == b.head
    });
    recursive
        .into_iter()
        .take(REPORTED)
        .map(|(vertex, group)| {
            let clause = &program.clauses[vertex];
            let path = path(graph, group, vertex);
            let names = path.iter().map(|each| print::rule(&program.clauses[*each])).collect();
            let (is, cause) = match cause::listed(program, &path) {
                Some(cause) => ("may be", cause),
                None => ("is", String::new()),
            };
            let message = format!("rule {} {is} recursive: {}{cause}", print::rule(clause), listed(names));
            CompileError::new(Code::Recursion, clause.module, clause.head, message)
        })
        .collect()
}

fn is_circle(graph: &Graph<'_>, group: &[usize]) -> bool {
    group.len() > 1 || graph.needs(group[0]).contains(&group[0])
}

/// The shortest way from a clause back to itself, inside its group.
fn path(graph: &Graph<'_>, group: &[usize], start: usize) -> Vec<usize> {
    let inside: HashSet<usize> = group.iter().copied().collect();
    let mut came: HashMap<usize, usize> = HashMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(vertex) = open.pop_front() {
        for to in graph.needs(vertex).iter().filter(|to| inside.contains(to)) {
            if *to == start {
                return back(graph, &came, start, vertex);
            }
            came.entry(*to).or_insert_with(|| {
                open.push_back(*to);
                vertex
            });
        }
    }
    unreachable!("every vertex of a circle comes back to itself")
}

fn back(graph: &Graph<'_>, came: &HashMap<usize, usize>, start: usize, last: usize) -> Vec<usize> {
    let mut path = vec![start];
    let mut at = last;
    while at != start {
        if graph.is_clause(at) {
            path.push(at);
        }
        at = came[&at];
    }
    path.push(start);
    path.reverse();
    path
}

fn listed(names: Vec<String>) -> String {
    if names.len() <= MAX_SHOWN {
        return names.join(" -> ");
    }
    let (first, last) = names.split_at(MAX_SHOWN / 2);
    let left = last.len() - MAX_SHOWN / 2;
    format!(
        "{} -> … {left} more … -> {}",
        first.join(" -> "),
        last[left..].join(" -> ")
    )
}
