//! Lints about names: misspelled, or those of something else.

use super::super::check::kind_of;
use super::super::module::{Parsed, Shape, name, shape};
use super::texts::declared;
use super::{Found, Scope};
use kpolicy_rego::builtins::registry;
use kpolicy_rego::syntax::tree::{Import, Rule};

/// A name that is one slip away from a rule's: `dney`, `warning`.
pub(super) fn misspelled(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own().filter(|(_, module)| !module.file.is_test()) {
        found.extend(module.tree.rules.iter().filter_map(|rule| {
            let (name, near) = nearly_rule(rule)?;
            let message = format!("{name} looks like a deny, violation or warn rule, but is never evaluated");
            Some(Found::new(at, rule.head.span, message, did_you_mean(near)))
        }));
    }
    found
}

/// What to do about a name that is nearly this rule's.
pub(in crate::policy) fn did_you_mean(near: &str) -> String {
    format!("did you mean {near}, or {near}_<name>?")
}

/// The name of a rule that is a set and that nothing evaluates, and the word that it nearly starts with.
pub(in crate::policy) fn nearly_rule(rule: &Rule) -> Option<(&str, &'static str)> {
    let name = name(&rule.head)?;
    let word = name.split('_').next().unwrap_or(name);
    if shape(&rule.head) != Shape::Set || kind_of(name).is_some() {
        return None;
    }
    let near = ["deny", "violation", "warn"].into_iter().find(|kind| {
        let distance = strsim::damerau_levenshtein(word, kind);
        (1..=2).contains(&distance) && distance * 2 < kind.len() || word.starts_with(kind)
    })?;
    Some((name, near))
}

/// Whether a name is that of a builtin, or the first part of its name. Operators count: `x + 1` calls `plus`. What Rego
/// v1 refuses is not missed.
fn is_of_builtin(name: &str) -> bool {
    let is_missed = |builtin: &registry::Builtin| !builtin.deprecated;
    name != "internal" && (registry::is_first(name) || registry::builtin(name).is_some_and(is_missed))
}

/// A rule that hides a builtin in its package.
pub(super) fn rule_shadows_builtin(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for rule in &module.tree.rules {
            if let Some(name) = name(&rule.head).filter(|name| is_of_builtin(name)) {
                let message =
                    format!("the rule {name} has the name of a builtin, which its package can no longer call");
                found.push(Found::new(at, rule.head.span, message, "give the rule another name"));
            }
        }
    }
    found
}

/// A variable that hides a builtin in its rule.
pub(super) fn variable_shadows_builtin(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for rule in &module.tree.rules {
            for (name, span) in declared(rule).into_iter().filter(|(name, _)| is_of_builtin(name)) {
                let message =
                    format!("the variable {name} has the name of a builtin, which this rule can no longer call");
                found.push(Found::new(at, span, message, "give the variable another name"));
            }
        }
    }
    found
}

/// A rule with the name of an import: the name means the import, and the rule is read by its full path only.
pub(super) fn import_shadows_rule(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for rule in &module.tree.rules {
            let first = rule.head.path.first().and_then(|step| match &step.term.kind {
                kpolicy_rego::syntax::tree::TermKind::String(name) => Some(&**name),
                _ => None,
            });
            if let Some(name) = first.filter(|name| imports(module, name)) {
                let message =
                    format!("{name} is an import of this file: the rule of this name is read by its full path only");
                found.push(Found::new(
                    at,
                    rule.head.span,
                    message,
                    "rename the rule, or import under another name with `as`",
                ));
            }
        }
    }
    found
}

fn imports(module: &Parsed, name: &str) -> bool {
    module
        .tree
        .imports
        .iter()
        .any(|import| imported_name(import) == Some(name))
}

/// The name that an import is known by, if it is one of data or input.
pub(super) fn imported_name(import: &Import) -> Option<&str> {
    let [root, below @ ..] = &*import.path else { return None };
    if !matches!(&**root, "data" | "input") {
        return None;
    }
    let alias = import.alias.as_ref().map(|alias| &*alias.text);
    alias.or_else(|| below.last().map(|name| &**name))
}
