//! Lints about conditions that decide nothing, and about clauses that add nothing.

use std::collections::HashMap;

use super::texts::{by_path, code, operator};
use super::{Found, Scope};
use crate::finding::Kind as RuleKind;
use kpolicy_rego::analysis::walk::{self, Found as Part};
use kpolicy_rego::analysis::{Dependencies, names};
use kpolicy_rego::core::{Callee, Clause, Kind, Root, Statement, StatementKind, Term, TermKind};
use kpolicy_rego::syntax::tree::{self, Body, Expression, ExpressionKind};
use kpolicy_rego::syntax::visit::{Node, walk_module};
use kpolicy_value::Value;

/// A statement of constants that never holds.
pub(super) fn never(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for clause in scope.own_clauses() {
        walk::clause(clause, &mut |part| {
            if let Part::Statement(statement) = part
                && is_never(statement)
            {
                let message = "this is always false, so the clause never applies";
                let help = "remove the statement, or the clause";
                found.push(Found::new(clause.module, statement.span, message, help));
            }
        });
    }
    found
}

fn is_never(statement: &Statement) -> bool {
    if statement.negated || statement.generated || !statement.with.is_empty() {
        return false;
    }
    match &statement.kind {
        StatementKind::Holds(term) => matches!(term.kind, TermKind::Const(Value::Bool(false))),
        StatementKind::Equal(left, right) => constants(left, right).is_some_and(|(left, right)| left != right),
        StatementKind::Call(Callee::Builtin(builtin), operands) => match &operands[..] {
            [left, right] => constants(left, right).is_some_and(|(left, right)| !compares(builtin.name, left, right)),
            _ => false,
        },
        _ => false,
    }
}

fn constants<'a>(left: &'a Term, right: &'a Term) -> Option<(&'a Value, &'a Value)> {
    match (&left.kind, &right.kind) {
        (TermKind::Const(left), TermKind::Const(right)) => Some((left, right)),
        _ => None,
    }
}

/// Whether a comparison holds; what is not a comparison may.
fn compares(builtin: &str, left: &Value, right: &Value) -> bool {
    match builtin {
        "equal" => left == right,
        "neq" => left != right,
        "lt" => left < right,
        "lte" => left <= right,
        "gt" => left > right,
        "gte" => left >= right,
        _ => true,
    }
}

/// A statement of constants that always holds.
pub(super) fn always(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        walk_module(&module.tree, &mut |node| {
            if let Node::Expression(expression) = node
                && is_constant(expression)
            {
                let message = "this holds for every input";
                let help = "remove the statement, or compare with a part of the input";
                found.push(Found::new(at, expression.span, message, help));
            }
            true
        });
    }
    found
}

fn is_constant(expression: &Expression) -> bool {
    let ExpressionKind::Term(term) = &expression.kind else {
        return false;
    };
    if expression.negated {
        return false;
    }
    match operator(expression) {
        Some((name, [left, right])) => {
            let value = |term: &tree::Term| match &term.kind {
                tree::TermKind::Null => Some(Value::Null),
                tree::TermKind::Bool(flag) => Some(Value::Bool(*flag)),
                tree::TermKind::Number(number) => Some(Value::Number(number.clone())),
                tree::TermKind::String(text) => Some(Value::from(&**text)),
                _ => None,
            };
            let is_comparison = matches!(name, "equal" | "neq" | "lt" | "lte" | "gt" | "gte");
            let both = value(left).zip(value(right)).filter(|_| is_comparison);
            both.is_some_and(|(left, right)| compares(name, &left, &right))
        }
        Some(_) => false,
        None => term.is_scalar() && !matches!(term.kind, tree::TermKind::Bool(false)),
    }
}

/// An object where a body was meant: `if {"a": b}` holds whatever its values are, and `if {}` always does.
pub(super) fn object_as_body(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for rule in &module.tree.rules {
            let bodies = std::iter::once(&rule.body).chain(rule.branches.iter().map(|branch| &branch.body));
            for span in bodies.filter_map(sole_object) {
                let message = "this is an object, not a body: it holds if all its values are defined";
                let help = "write statements between the braces, such as `input.kind == \"Pod\"`";
                found.push(Found::new(at, span, message, help));
            }
        }
    }
    found
}

fn sole_object(body: &Body) -> Option<kpolicy_value::Span> {
    match &body[..] {
        [only] => match &only.kind {
            ExpressionKind::Term(term) if matches!(term.kind, tree::TermKind::Object(_)) => Some(term.span),
            _ => None,
        },
        _ => None,
    }
}

/// Clauses of rules that report, and that nothing of a document decides.
pub(super) fn untested(scope: &Scope) -> Vec<Found> {
    let program = scope.program;
    let dependencies = Dependencies::new(program);
    let looks = dependencies.reaching(|clause| looks_at_documents(clause, &dependencies));
    let clauses = program.clauses.iter().zip(looks);
    let of_user = |clause: &Clause| !scope.modules[clause.module].file.embedded;
    let untested = clauses.filter(|(clause, looks)| !looks && of_user(clause) && reports(clause));
    let describe = |(clause, _): (&Clause, bool)| {
        let message = format!("this clause of {} does not depend on the input", names::rule(clause));
        Found::new(
            clause.module,
            clause.head,
            message,
            "test a part of `input`, or remove the clause",
        )
    };
    untested.map(describe).collect()
}

/// Whether a clause looks at the document that is evaluated, or at base data.
fn looks_at_documents(clause: &Clause, dependencies: &Dependencies) -> bool {
    let mut looks = false;
    walk::clause(clause, &mut |found| match found {
        Part::Ref(Root::Input, _) => looks = true,
        Part::Ref(Root::Data, path) => looks |= !dependencies.has_rules(path),
        _ => {}
    });
    looks
}

/// Whether a clause is one of a rule that kpolicy reports from.
fn reports(clause: &Clause) -> bool {
    let name = clause.path.last().map_or("", |name| name);
    let named = [RuleKind::Deny, RuleKind::Warn, RuleKind::Violation]
        .iter()
        .any(|kind| {
            name.strip_prefix(kind.name())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        });
    named && !clause.default && !matches!(clause.kind, Kind::Function(_))
}

/// A clause that stands in its module before.
pub(super) fn duplicate(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        let mut known: HashMap<String, usize> = HashMap::new();
        for rule in &module.tree.rules {
            let line = module.lines().position(rule.span.start as usize).0;
            let first = *known.entry(code(rule.span.of(&module.file.text))).or_insert(line);
            if first != line {
                let message = format!("this clause stands on line {first} already");
                found.push(Found::new(
                    at,
                    rule.head.span,
                    message,
                    "remove it, or correct the copy",
                ));
            }
        }
    }
    found
}

/// A clause whose value is the default: it decides nothing.
pub(super) fn assigns_default(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for clauses in by_path(module.tree.rules.iter()) {
            let defaults = clauses.iter().filter(|clause| clause.default);
            let Some(default) = defaults.filter_map(|clause| clause.head.value.as_ref()).next() else {
                continue;
            };
            let values = clauses.iter().filter(|clause| !clause.default);
            for value in values.filter_map(|clause| clause.head.value.as_ref()) {
                if value.is_scalar() && value.is_like(default) {
                    let message = "this is the value of the default: the clause changes nothing";
                    found.push(Found::new(
                        at,
                        value.span,
                        message,
                        "remove the clause, or correct its value",
                    ));
                }
            }
        }
    }
    found
}
