//! References below `data` that nothing provides: neither a rule nor a data file. They are undefined, and so are the
//! statements that hold them, negated ones included.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::module::Parsed;
use super::{INVENTORY, uses};
use crate::finding::Problem;
use crate::settings::Named;
use kpolicy_rego::analysis::walk::{self, Found};
use kpolicy_rego::core::{Clause, Program, Root, StatementKind, Target, Term, TermKind};
use kpolicy_value::Span;
use kpolicy_value::Value;

/// The key of `data` that the file at hand is under, as in conftest.
const CONFTEST: &str = "conftest";

/// A warning for each path that the user's policies refer to and nothing provides. The program's modules are `modules`.
pub(super) fn undefined(program: &Program, modules: &[&Parsed], data: &Value, allowed: &[Named]) -> Vec<Problem> {
    let provided = Provided::of(program, data, allowed);
    let mut told = BTreeSet::new();
    let mut warnings = Vec::new();
    let has_default = |clause: &Clause| {
        let mut clauses = program.clauses.iter();
        clauses.any(|other| other.default && other.path == clause.path)
    };
    for clause in &program.clauses {
        let module = modules[clause.module];
        if module.file.embedded || has_default(clause) {
            continue;
        }
        for (path, span) in references(clause) {
            if !path.is_empty() && !provided.has(&path) && told.insert((clause.module, path.clone())) {
                warnings.push(warning(module, &path, span));
            }
        }
    }
    warnings
}

fn warning(module: &Parsed, path: &[Arc<str>], span: Span) -> Problem {
    let name = dotted(path);
    let message = format!("{name} is undefined: no --data file defines it");
    let help = format!(
        "define it with --data, read it in a rule that has a `default`, or allow it with --allow-undefined-data {name}"
    );
    module.error(span, message, Some(help))
}

fn dotted(path: &[Arc<str>]) -> String {
    let names = std::iter::once("data").chain(path.iter().map(|name| &**name));
    names.collect::<Vec<_>>().join(".")
}

/// The references of a clause below `data`, as far as their names are known, each where it was written.
fn references(clause: &Clause) -> Vec<(uses::Path, Span)> {
    let mut found = Vec::new();
    let mut at = clause.head;
    walk::clause(clause, &mut |part| match part {
        Found::Statement(statement) => {
            at = statement.span;
            // Of a rule that is only tried, the reference may well be undefined.
            if let StatementKind::Holds(Term { span, .. }) = &statement.kind {
                at = *span;
            }
        }
        Found::Ref(Root::Data, steps) => {
            let names = steps.iter().map_while(|step| match &step.kind {
                TermKind::Const(name) => name.as_str().map(Arc::from),
                _ => None,
            });
            found.push((names.collect(), at));
        }
        _ => {}
    });
    found
}

/// What there is below `data`.
struct Provided<'a> {
    data: &'a Value,
    /// The paths of rules and packages, of what `with` replaces, and what is allowed.
    paths: Vec<Vec<&'a str>>,
}

impl<'a> Provided<'a> {
    fn of(program: &'a Program, data: &'a Value, allowed: &'a [Named]) -> Self {
        fn texts(path: &[Arc<str>]) -> Vec<&str> {
            path.iter().map(|name| &**name).collect()
        }
        let rules = program.clauses.iter().map(|clause| texts(&clause.path));
        let mut paths: Vec<Vec<&str>> = rules.collect();
        for clause in &program.clauses {
            walk::clause(clause, &mut |part| {
                if let Found::Target(Target::Data(path)) = part {
                    paths.push(texts(path));
                }
            });
        }
        paths.extend([vec![INVENTORY], vec![CONFTEST]]);
        paths.extend(allowed.iter().map(|name| {
            let name = name.text.strip_prefix("data.").unwrap_or(&name.text);
            name.split('.').collect()
        }));
        Self { data, paths }
    }

    /// Whether something is at, above or below a path. Of data, only what is at it counts, and what is no
    /// object above it.
    fn has(&self, path: &[Arc<str>]) -> bool {
        let is_on_way = |known: &Vec<&str>| known.iter().zip(path).all(|(known, name)| **known == **name);
        self.paths.iter().any(is_on_way) || in_data(self.data, path)
    }
}

fn in_data(data: &Value, path: &[Arc<str>]) -> bool {
    let mut at = data;
    for name in path {
        match at {
            Value::Object(object) => match object.field(name) {
                Some(below) => at = below,
                None => return false,
            },
            _ => return true,
        }
    }
    true
}
