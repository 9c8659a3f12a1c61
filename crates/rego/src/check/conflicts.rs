//! Rules that cannot stand beside each other or beside a package.

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::print;
use super::tree::{self, Node, NodeId, RuleTree};
use crate::core::{Clause, Kind, Program};
use crate::error::{CompileError, CompileErrorCode as Code};
use crate::syntax::tree::Module;

/// The most rules that one message names.
const NAMED: usize = 5;

/// An error for every path whose rules conflict, and every package that a rule is in the place of.
pub(super) fn check(program: &Program, modules: &[Module], tree: &RuleTree) -> Vec<CompileError> {
    let mut errors = Vec::new();
    for id in 0..tree.len() {
        let node = tree.node(id);
        if !node.clauses.is_empty() {
            errors.extend(at_node(program, tree, id));
        }
    }
    errors.extend(with_packages(program, modules));
    errors
}

fn at_node(program: &Program, tree: &RuleTree, id: NodeId) -> Option<CompileError> {
    let clauses: Vec<&Clause> = tree.node(id).clauses.iter().map(|at| &program.clauses[*at]).collect();
    let (first, last) = (clauses.first()?, clauses.last()?);
    let name = print::rule(last);
    let below = conflicting_below(program, tree, id, &clauses);
    if !below.is_empty() {
        let message = format!("rule {name} conflicts with {}", named(&below));
        return Some(CompileError::new(Code::Type, first.module, first.head, message));
    }
    if differ(&clauses) {
        let message = format!("conflicting rules {name} found");
        return Some(CompileError::new(Code::Type, first.module, first.head, message));
    }
    let defaults: Vec<&&Clause> = clauses.iter().filter(|clause| clause.default).collect();
    if let [_, second, ..] = defaults[..] {
        let message = format!("multiple default rules {name} found");
        return Some(CompileError::new(Code::Type, second.module, second.head, message));
    }
    None
}

/// The names of the rules below a node that its own rules leave no place for: all below a rule whose path is known
/// whole, functions below any.
fn conflicting_below(program: &Program, tree: &RuleTree, id: NodeId, clauses: &[&Clause]) -> BTreeSet<String> {
    if tree.node(id).children.is_empty() {
        return BTreeSet::new();
    }
    let all = clauses.iter().any(|clause| tree::is_ground(clause));
    let below = tree.below(id).flat_map(|node: &Node| &node.clauses);
    let below = below.map(|at| &program.clauses[*at]);
    let conflicting = below.filter(|clause| all || tree::arity(clause) > 0);
    conflicting.map(print::rule).collect()
}

fn named(rules: &BTreeSet<String>) -> String {
    let first: Vec<String> = rules.iter().take(NAMED).map(|name| format!("rule {name}")).collect();
    let first = first.join(", ");
    match rules.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Whether the rules of a path define documents of different sorts.
fn differ(clauses: &[&Clause]) -> bool {
    let differ = |of: &dyn Fn(&Clause) -> usize| clauses.iter().map(|each| of(each)).collect::<BTreeSet<_>>().len() > 1;
    let is_set = |clause: &Clause| matches!(clause.kind, Kind::Set);
    differ(&|clause| usize::from(is_set(clause)))
        || differ(&tree::arity)
        || differ(&|clause| usize::from(tree::is_ground(clause)))
}

/// An error for every package whose path is that of a rule.
fn with_packages(program: &Program, modules: &[Module]) -> Vec<CompileError> {
    let mut packages: HashMap<&[Arc<str>], Vec<usize>> = HashMap::new();
    for (at, module) in modules.iter().enumerate() {
        packages.entry(&module.package.path).or_default().push(at);
    }
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for clause in program.clauses.iter().filter(|clause| clause.keys.is_empty()) {
        for at in packages.get(&clause.path[..]).into_iter().flatten() {
            if seen.insert((*at, clause.path.clone())) {
                let name = print::path(&clause.path);
                let message = format!(
                    "package {} conflicts with rule {name}",
                    name.trim_start_matches("data.")
                );
                errors.push(CompileError::new(Code::Type, *at, modules[*at].package.span, message));
            }
        }
    }
    errors
}
