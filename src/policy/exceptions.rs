//! The rules that `exception` names, as far as they are written out: one that does not exist waives nothing.

use super::lints::{Found, Scope};
use super::module::{Parsed, name};
use super::{Rule, check};
use crate::results::excepted_name;
use crate::suggest::nearest;
use kpolicy_rego::core::{Clause, StatementKind, Term, TermKind};
use kpolicy_value::Value;

/// The rule that sets others aside.
pub(super) const EXCEPTION: &str = "exception";

/// The lint of exceptions for no rule.
pub(super) const UNKNOWN: &str = "unknown-exception";

/// The names that `exception` gives and no rule of its package has.
pub(super) fn unknown(scope: &Scope) -> Vec<Found> {
    let mut warnings = Vec::new();
    for clause in &scope.program.clauses {
        let module = scope.modules[clause.module];
        let is_exception = clause.path.last().is_some_and(|name| **name == *EXCEPTION);
        if !is_exception || module.file.embedded || clause.path.len() != module.tree.package.path.len() + 1 {
            continue;
        }
        let rules = rules(scope.modules, module);
        for (named, span) in names_in(clause) {
            if !rules.iter().any(|rule| excepted_name(rule) == named) {
                let message = message(&named, &module.namespace());
                warnings.push(Found::new(clause.module, span, message, help(&named, &rules)));
            }
        }
    }
    warnings
}

/// The message about a name that no rule has.
fn message(named: &str, namespace: &str) -> String {
    format!("exception names {named:?}, but {namespace} has no rule of this name: it waives nothing")
}

/// What to do about a name that no rule of these has.
fn help(named: &str, rules: &[&str]) -> String {
    if let Some(rule) = rules.iter().find(|rule| **rule == named) {
        return format!("remove the prefix: {:?}", excepted_name(rule));
    }
    match nearest(named, rules.iter().map(|rule| excepted_name(rule))) {
        Some(near) => format!("did you mean {near:?}?"),
        None => {
            "name a rule without the prefix deny_, violation_ or warn_; the name of a plain deny is \"\"".to_owned()
        }
    }
}

/// The warning of a name that `exception` gave for a document, where no rule of these is called so.
pub(crate) fn unknown_in(given: &[&str], rules: &[Rule]) -> Option<(String, String)> {
    let named: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    let unknown = given
        .iter()
        .find(|name| !named.iter().any(|rule| excepted_name(rule) == **name))?;
    let namespace = rules.first().map_or("", |rule| rule.namespace.as_str());
    // In the words of the lint: what is known of a clause is told once.
    let message = format!("{UNKNOWN}: {}", message(unknown, namespace));
    Some((message, help(unknown, &named)))
}

/// The names of the rules of a module's package.
fn rules<'a>(modules: &[&'a Parsed], of: &Parsed) -> Vec<&'a str> {
    let package = modules
        .iter()
        .filter(|module| module.tree.package.path == of.tree.package.path);
    let names = package.flat_map(|module| module.tree.rules.iter().filter_map(|rule| name(&rule.head)));
    names.filter(|name| check::kind_of(name).is_some()).collect()
}

/// The strings that a clause gives, where they are written out.
fn names_in(clause: &Clause) -> Vec<(String, kpolicy_value::Span)> {
    let mut found = Vec::new();
    for branch in &clause.branches {
        let mut left: Vec<&Term> = vec![&branch.value];
        let mut seen = Vec::new();
        while let Some(term) = left.pop() {
            match &term.kind {
                TermKind::Const(value) => {
                    found.extend(texts(value).into_iter().map(|name| (name.to_owned(), term.span)));
                }
                TermKind::Array(items) | TermKind::Set(items) => left.extend(items),
                TermKind::Local(local) if !seen.contains(local) => {
                    seen.push(*local);
                    let is_it = |term: &Term| matches!(term.kind, TermKind::Local(other) if other == *local);
                    left.extend(branch.body.iter().filter_map(|statement| match &statement.kind {
                        StatementKind::Equal(left, right) if is_it(left) => Some(right),
                        StatementKind::Equal(left, right) if is_it(right) => Some(left),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
    }
    found
}

/// The strings in a value, whatever they are nested in.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => text.as_str().into_iter().collect(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Set(members) => members.iter().flat_map(texts).collect(),
        Value::Object(object) => object.iter().flat_map(|(_, value)| texts(value)).collect(),
        _ => Vec::new(),
    }
}
