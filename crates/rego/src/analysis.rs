//! Analysis of compiled programs, for linters and other checks of programs that embed the engine.
//!
//! It works on the [core form](crate::core): [`walk`] visits its parts, [`names`] writes them as the policy does, and
//! [`Dependencies`] says which clause needs which.

use std::collections::BTreeSet;
use std::sync::Arc;

pub use crate::check::builtins::{UsedBuiltin, used_builtins};
use crate::check::graph::Graph;
pub use crate::check::print as names;
use crate::check::tree::RuleTree;
pub use crate::check::walk;
use crate::core::{Clause, Program, Root, Term, TermKind};

/// Which clause of a program needs which.
pub struct Dependencies<'p> {
    program: &'p Program,
    tree: RuleTree,
    /// What needs a clause: clauses and, after them, patterns of references.
    needed_by: Vec<Vec<usize>>,
}

impl<'p> Dependencies<'p> {
    /// The dependencies of a program.
    pub fn new(program: &'p Program) -> Self {
        let tree = RuleTree::new(program);
        let needed_by = Graph::new(program, &tree).reversed();
        Self {
            program,
            tree,
            needed_by,
        }
    }

    /// Whether a path from `data` on leads to a rule, or may.
    pub fn has_rules(&self, path: &[Term]) -> bool {
        self.tree.has_rules(path)
    }

    /// The rules that read a document at the top of `data`, by themselves or by way of others: their paths from below
    /// `data` on. Nobody reads it where a package has its name.
    pub fn readers(&self, document: &str) -> BTreeSet<String> {
        let has_name = |package: &Vec<Arc<str>>| package.first().is_some_and(|name| **name == *document);
        if self.program.packages.iter().any(has_name) {
            return BTreeSet::new();
        }
        let reaching = self.reaching(|clause| reads(clause, document));
        let clauses = self.program.clauses.iter().zip(reaching);
        let readers = clauses.filter(|(_, reaches)| *reaches);
        readers.map(|(clause, _)| clause.path.join(".")).collect()
    }

    /// For each clause of the program, whether `holds` is true of it or of a clause that it needs.
    pub fn reaching(&self, holds: impl Fn(&Clause) -> bool) -> Vec<bool> {
        let clauses = &self.program.clauses;
        let mut open: Vec<usize> = (0..clauses.len()).filter(|at| holds(&clauses[*at])).collect();
        let mut reaching = vec![false; self.needed_by.len()];
        while let Some(vertex) = open.pop() {
            if !std::mem::replace(&mut reaching[vertex], true) {
                open.extend(&self.needed_by[vertex]);
            }
        }
        reaching.truncate(clauses.len());
        reaching
    }
}

/// Whether a clause refers to a document at the top of `data`.
fn reads(clause: &Clause, document: &str) -> bool {
    let mut found = false;
    walk::clause(clause, &mut |part| {
        if let walk::Found::Ref(Root::Data, steps) = part {
            let first = steps.first().map(|step| &step.kind);
            found |= matches!(first, Some(TermKind::Const(name)) if name.as_str() == Some(document));
        }
    });
    found
}
