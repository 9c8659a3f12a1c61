//! What the clauses of a program refer to below `data`, by themselves and by way of each other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{CONFIGURATION, INVENTORY, Rule};
use kpolicy_rego::analysis::walk::{self, Found};
use kpolicy_rego::core::{Callee, Clause, Program, Root, TermKind};

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

/// Every path that the rules at `starts` refer to, and the rules that these refer to, and so on.
pub(super) fn reached(program: &Program, starts: impl Iterator<Item = Path>) -> HashSet<Path> {
    let mut at: HashMap<&[Arc<str>], Vec<usize>> = HashMap::new();
    let mut sorted: Vec<usize> = (0..program.clauses.len()).collect();
    let path = |clause: usize| program.clauses[clause].path.as_slice();
    sorted.sort_by_key(|clause| path(*clause));
    for clause in &sorted {
        at.entry(path(*clause)).or_default().push(*clause);
    }
    let mut seen = HashSet::new();
    let mut walked = vec![false; program.clauses.len()];
    let mut left: Vec<Path> = starts.collect();
    while let Some(wanted) = left.pop() {
        if !seen.insert(wanted.clone()) {
            continue;
        }
        // A reference means the rules that stand on its way, and those below where it ends.
        let on_the_way = (0..wanted.len()).filter_map(|end| at.get(&wanted[..end])).flatten();
        let from = sorted.partition_point(|clause| path(*clause) < wanted.as_slice());
        let below = sorted[from..]
            .iter()
            .take_while(|clause| path(**clause).starts_with(&wanted));
        for clause in on_the_way.chain(below) {
            if !std::mem::replace(&mut walked[*clause], true) {
                left.extend(of_clause(&program.clauses[*clause]));
            }
        }
    }
    seen
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

/// The rules, those marked that read the whole set by themselves or by the exceptions of their package.
pub(super) fn with_inventory(
    program: &Program,
    mut rules: Vec<Rule>,
    excepting: &[String],
    is_given: bool,
) -> Vec<Rule> {
    if is_given || !reads(program, &rules, excepting, INVENTORY) {
        return rules;
    }
    for rule in &mut rules {
        rule.reads_inventory = reads_alone(program, rule, excepting, INVENTORY);
    }
    rules
}

/// The rules, those marked that read Terraform's configuration.
pub(super) fn with_configuration(program: &Program, mut rules: Vec<Rule>, excepting: &[String]) -> Vec<Rule> {
    if !reads(program, &rules, excepting, CONFIGURATION) {
        return rules;
    }
    for rule in &mut rules {
        rule.reads_configuration = reads_alone(program, rule, excepting, CONFIGURATION);
    }
    rules
}

/// Whether a rule, or the exceptions of its package, read a document at the top of `data`.
fn reads_alone(program: &Program, rule: &Rule, excepting: &[String], document: &str) -> bool {
    let excepting: Vec<String> = excepting
        .iter()
        .filter(|name| **name == rule.namespace)
        .cloned()
        .collect();
    reads(program, std::slice::from_ref(rule), &excepting, document)
}

/// Whether one of the rules reads a document at the top of `data`, and no rule of the user's is there instead.
pub(super) fn reads(program: &Program, rules: &[Rule], excepting: &[String], document: &str) -> bool {
    let is_meant = |path: &[Arc<str>]| path.first().is_some_and(|name| **name == *document);
    let path = |namespace: &str, name: &str| namespace.split('.').chain([name]).map(Arc::from).collect();
    let rules = rules.iter().map(|rule| path(&rule.namespace, &rule.name));
    let exceptions = excepting.iter().map(|namespace| path(namespace, "exception"));
    !program.packages.iter().any(|package| is_meant(package))
        && reached(program, rules.chain(exceptions))
            .iter()
            .any(|path| is_meant(path))
}
