//! Tests with cases: a rule such as `test_by_case[note]` tells a tracer which case it is about to evaluate, so that one
//! whose body fails later is known too.

use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::builtins::registry::signature;
use super::core::{Callee, Clause, Local, Program, Root, Statement, StatementKind, Term, TermKind};

/// What the names of tests start with.
const PREFIX: &str = "test_";

/// Lets the rules of tests with keys tell their keys as soon as these are known. Statements are in their final order.
///
/// Follows OPA v1.22 tester/runner.go: injectTestCaseFunc.
pub(crate) fn mark(program: &mut Program) {
    let Some(test_case) = signature("internal.test_case") else {
        return;
    };
    for clause in &mut program.clauses {
        let is_test = clause.path.iter().any(|name| name.starts_with(PREFIX));
        if !is_test || clause.keys.is_empty() {
            continue;
        }
        let (keys, span) = (case(clause), clause.head);
        for branch in &mut clause.branches {
            hoist(&mut branch.body, &keys);
            let at = branch
                .body
                .iter()
                .rposition(|statement| first_of(statement, &keys, &branch.body));
            let call = Statement {
                kind: StatementKind::Call(
                    Callee::Builtin(test_case),
                    vec![Term {
                        kind: TermKind::Array(keys.clone()),
                        span,
                    }],
                ),
                negated: false,
                with: Arc::default(),
                generated: true,
                assignment: false,
                span,
            };
            branch.body.insert(at.map_or(0, |at| at + 1), call);
        }
    }
}

/// The keys of a case: the names after that of the test, then the others.
fn case(clause: &Clause) -> Vec<Term> {
    let test = clause.path.iter().position(|name| name.starts_with(PREFIX));
    let names = clause.path.iter().skip(test.map_or(0, |test| test + 1));
    let names = names.map(|name| Term {
        kind: TermKind::Const(kpolicy_value::Value::string(name.clone())),
        span: clause.head,
    });
    names.chain(clause.keys.iter().cloned()).collect()
}

/// Whether a statement is the first that has one of the keys.
fn first_of(statement: &Statement, keys: &[Term], body: &[Statement]) -> bool {
    keys.iter().any(|key| match key.kind {
        TermKind::Local(local) => {
            let first = body.iter().find(|statement| locals(statement).contains(&local));
            first.is_some_and(|first| std::ptr::eq(first, statement))
        }
        _ => false,
    })
}

/// Moves what was made for the keys, such as `key = case.note`, right after what it needs.
fn hoist(body: &mut Vec<Statement>, keys: &[Term]) {
    for key in keys {
        let TermKind::Local(key) = key.kind else { continue };
        let made = |statement: &Statement| {
            let target = match &statement.kind {
                StatementKind::Equal(
                    Term {
                        kind: TermKind::Local(local),
                        ..
                    },
                    _,
                ) => Some(*local),
                _ => None,
            };
            statement.generated && target == Some(key)
        };
        let Some(from) = body.iter().rposition(made) else {
            continue;
        };
        let mut needed = locals(&body[from]);
        needed.remove(&key);
        let first = |local: &Local| {
            body[..from]
                .iter()
                .position(|statement| locals(statement).contains(local))
        };
        let to = needed.iter().filter_map(first).max().map_or(0, |at| at + 1);
        let statement = body.remove(from);
        body.insert(to.min(body.len()), statement);
    }
}

/// The variables that a statement names itself, not those of bodies inside it.
fn locals(statement: &Statement) -> HashSet<Local> {
    let mut found = HashSet::new();
    match &statement.kind {
        StatementKind::Holds(term) => of_term(term, &mut found),
        StatementKind::Equal(left, right) => {
            of_term(left, &mut found);
            of_term(right, &mut found);
        }
        StatementKind::Call(_, operands) => operands.iter().for_each(|operand| of_term(operand, &mut found)),
        StatementKind::Every { domain, .. } => of_term(domain, &mut found),
        StatementKind::Not(_) | StatementKind::And(..) | StatementKind::Or(..) => {}
    }
    found
}

fn of_term(term: &Term, found: &mut HashSet<Local>) {
    match &term.kind {
        TermKind::Local(local) => _ = found.insert(*local),
        TermKind::Ref(root, steps) => {
            if let Root::Local(local) = root {
                found.insert(*local);
            }
            steps.iter().for_each(|step| of_term(step, found));
        }
        TermKind::Array(items) | TermKind::Set(items) => items.iter().for_each(|item| of_term(item, found)),
        TermKind::Object(entries) => entries.iter().for_each(|(key, value)| {
            of_term(key, found);
            of_term(value, found);
        }),
        TermKind::Const(_) | TermKind::Comprehension(_) => {}
    }
}
