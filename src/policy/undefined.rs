//! References below `data` that nothing provides: neither a rule nor a data file. They are undefined, and so are the
//! statements that hold them, negated ones included.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::lints::{Found as LintFound, Scope};
use super::module::Parsed;
use super::{CONFIGURATION, INVENTORY, uses};
use kpolicy_rego::analysis::walk::{self, Found};
use kpolicy_rego::core::{Clause, Root, StatementKind, Target, Term, TermKind};
use kpolicy_rego::syntax::tree;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// The key of `data` that the file at hand is under, as in conftest.
const CONFTEST: &str = "conftest";

/// What the user's policies refer to and nothing provides: each path once in a module.
pub(super) fn undefined(scope: &Scope) -> Vec<LintFound> {
    let program = scope.program;
    let provided = Provided::of(scope);
    let mut told = BTreeSet::new();
    let mut warnings = Vec::new();
    let defaults = program.clauses.iter().filter(|clause| clause.default);
    let defaults: HashSet<&[Arc<str>]> = defaults.map(|clause| clause.path.as_slice()).collect();
    for clause in &program.clauses {
        if scope.modules[clause.module].file.embedded || defaults.contains(clause.path.as_slice()) {
            continue;
        }
        for (path, span) in references(clause) {
            if !path.is_empty() && !provided.has(&path) && told.insert((clause.module, path.clone())) {
                warnings.push(warning(clause.module, &path, span));
            }
        }
    }
    warnings
}

fn warning(module: usize, path: &[Arc<str>], span: Span) -> LintFound {
    let name = dotted(path);
    let message = format!("{name} is undefined: no --data file defines it");
    let help = format!(
        "define it with --data, read it in a rule that has a `default`, or allow it with --allow-undefined-data {name}"
    );
    LintFound::new(module, span, message, help)
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
    fn of(scope: &Scope<'a, '_>) -> Self {
        let (program, data) = (scope.program, scope.data);
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
        paths.extend([vec![INVENTORY], vec![CONFTEST], vec![CONFIGURATION]]);
        paths.extend(scope.modules.iter().flat_map(|module| declared(module)));
        paths.extend(scope.allowed.iter().map(|name| {
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

/// The parameters that a module's METADATA declares, `params.<area>.<rule>.<name>`.
fn declared<'a>(module: &'a Parsed) -> Vec<Vec<&'a str>> {
    let package = &module.tree.package.path;
    let place: Vec<&str> = package[package.len().saturating_sub(2)..]
        .iter()
        .map(|name| &**name)
        .collect();
    let blocks = module
        .tree
        .annotations
        .iter()
        .filter(|block| block.scope == tree::Scope::Package);
    let tables = blocks.filter_map(|block| block.fields.field("custom")?.field("parameters")?.as_object());
    let names = tables.flat_map(|table| table.iter().filter_map(|(name, _)| name.as_str()));
    names
        .map(|name| {
            ["params"]
                .into_iter()
                .chain(place.iter().copied())
                .chain([name])
                .collect()
        })
        .collect()
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
