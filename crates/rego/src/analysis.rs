//! Analysis of compiled programs, for linters and other checks of programs that embed the engine.
//!
//! It works on the [core form](crate::core): [`walk`] visits its parts, [`names`] writes them as the policy does, and
//! [`Dependencies`] says which clause needs which.

pub use crate::check::builtins::{UsedBuiltin, used_builtins};
use crate::check::graph::Graph;
pub use crate::check::print as names;
use crate::check::tree::RuleTree;
pub use crate::check::walk;
use crate::core::{Clause, Program, Term};

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
