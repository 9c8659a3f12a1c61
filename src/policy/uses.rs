//! What the clauses of a program refer to below `data`, by themselves and by way of each other.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use serde::Deserialize;

use super::{CONFIGURATION, INVENTORY, Rule};
use kpolicy_rego::analysis::Dependencies;
use kpolicy_rego::analysis::walk::{self, Found};
use kpolicy_rego::core::{Callee, Clause, Program, Root, TermKind};
use kpolicy_value::Value;

/// A path below `data`, as far as its names are known.
pub(super) type Path = Vec<Arc<str>>;

/// The paths that a clause refers to.
pub(super) fn of_clause(clause: &Clause) -> Vec<Path> {
    let mut found = Vec::new();
    walk::clause(clause, &mut |part| match part {
        Found::Ref(Root::Data, steps) => {
            let names = steps.iter().map_while(|step| match &step.kind {
                TermKind::Const(value) => value.as_str().map(Arc::from),
                _ => None,
            });
            found.push(names.collect());
        }
        Found::Callee(Callee::Function { path, .. }) => found.push(path.to_vec()),
        _ => {}
    });
    found
}

/// Whether a clause reads `data.conftest`, or any document of `data`.
pub(super) fn reads_file_info(program: &Program) -> bool {
    let mut found = false;
    for clause in &program.clauses {
        walk::clause(clause, &mut |part| {
            if let Found::Ref(Root::Data, steps) = part {
                found |= match steps.first().map(|step| &step.kind) {
                    Some(TermKind::Const(name)) => name.as_str() == Some("conftest"),
                    _ => true,
                };
            }
        });
    }
    found
}

/// The rules that read what a run gives them beside a file, by themselves or by way of others: their paths from below `data`
/// on.
#[derive(Debug, Deserialize)]
pub(super) struct Readers {
    /// Of the whole set.
    inventory: BTreeSet<String>,
    /// Of Terraform's configuration.
    configuration: BTreeSet<String>,
}

impl Readers {
    pub(super) fn of(program: &Program) -> Self {
        let dependencies = Dependencies::new(program);
        Self {
            inventory: dependencies.readers(INVENTORY),
            configuration: dependencies.readers(CONFIGURATION),
        }
    }

    /// Marks the rules that are among them by themselves or by the exceptions of their package, unless the user's data is
    /// there instead. Whether one reads an inventory of the user's.
    pub(super) fn mark(&self, rules: &mut [Rule], excepting: &[String], data: &Value) -> bool {
        let is_given = |document: &str| data.field(document).is_some();
        let (inventory, configuration) = (is_given(INVENTORY), is_given(CONFIGURATION));
        let mut is_other = false;
        for rule in rules {
            let reads = |readers: &BTreeSet<String>| {
                let has = |name: &str| has(readers, &format!("{}.{name}", rule.namespace));
                has(&rule.name) || excepting.contains(&rule.namespace) && has("exception")
            };
            let reads_inventory = reads(&self.inventory);
            is_other |= reads_inventory && inventory;
            rule.reads_inventory = reads_inventory && !inventory;
            rule.reads_configuration = !configuration && reads(&self.configuration);
        }
        is_other
    }
}

/// Whether a rule, or one below it, is among these.
fn has(rules: &BTreeSet<String>, name: &str) -> bool {
    let from = rules.range::<str, _>((Bound::Included(name), Bound::Unbounded));
    let mut below = from.map_while(|rule| rule.strip_prefix(name));
    below.any(|rest| rest.is_empty() || rest.starts_with('.'))
}
