//! Which modules a test needs: those whose packages it and they refer to.

use std::collections::HashSet;
use std::sync::Arc;

use crate::policy::suite::Suite;
use kpolicy_rego::syntax::tree::{Module, TermKind};
use kpolicy_rego::syntax::visit::{Node, walk_module};

type Path = Vec<Arc<str>>;

/// What each module refers to.
pub(super) struct Needs {
    /// The packages with their modules, sorted.
    packages: Vec<(Path, usize)>,
    /// The documents below `data` that each module refers to.
    references: Vec<Vec<Path>>,
}

impl Needs {
    pub(super) fn of(suite: &Suite) -> Self {
        let modules = suite.modules.iter().enumerate();
        let mut packages: Vec<(Path, usize)> = modules
            .map(|(at, module)| (module.tree.package.path.clone(), at))
            .collect();
        packages.sort();
        Self {
            packages,
            references: suite.modules.iter().map(|module| references(&module.tree)).collect(),
        }
    }

    /// The modules that these need, themselves among them.
    pub(super) fn all(&self, modules: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut needed = vec![false; self.references.len()];
        let mut left: Vec<usize> = modules.into_iter().collect();
        let mut seen: HashSet<&[Arc<str>]> = HashSet::new();
        while let Some(module) = left.pop() {
            if std::mem::replace(&mut needed[module], true) {
                continue;
            }
            for reference in &self.references[module] {
                if seen.insert(reference) {
                    left.extend(self.meant(reference));
                }
            }
        }
        needed
    }

    /// The modules whose packages are on the way to a document, or below it.
    fn meant(&self, path: &[Arc<str>]) -> impl Iterator<Item = usize> {
        let meant = |package: &[Arc<str>]| package.starts_with(path) || path.starts_with(package);
        let packages = self.packages.iter().filter(move |(package, _)| meant(package));
        packages.map(|(_, module)| *module)
    }
}

fn references(module: &Module) -> Vec<Path> {
    let mut found: HashSet<Path> = HashSet::from([module.package.path.clone()]);
    let imported = module.imports.iter().filter_map(|import| {
        let (first, rest) = import.path.split_first()?;
        (&**first == "data").then(|| rest.to_vec())
    });
    found.extend(imported);
    let mut alone = 0_i64;
    walk_module(module, &mut |node| {
        if let Node::Term(term) = node {
            match &term.kind {
                TermKind::Var(name) if &**name == "data" => alone += 1,
                TermKind::Ref { head, steps } if matches!(&head.kind, TermKind::Var(name) if &**name == "data") => {
                    // The walk meets the head once more.
                    alone -= 1;
                    let names = steps.iter().map_while(|step| match &step.term.kind {
                        TermKind::String(name) => Some(name.clone()),
                        _ => None,
                    });
                    found.insert(names.collect());
                }
                _ => {}
            }
        }
        true
    });
    if alone != 0 {
        found.insert(Path::new());
    }
    found.into_iter().collect()
}
