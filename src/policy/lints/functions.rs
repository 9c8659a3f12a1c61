//! Lints about functions and their calls.

use std::collections::HashMap;

use super::texts::{by_path, called, path};
use super::{Found, Scope};
use kpolicy_rego::analysis::walk::{self, Found as Part};
use kpolicy_rego::builtins::registry;
use kpolicy_rego::core::{Callee, StatementKind};
use kpolicy_rego::syntax::tree::{Body, ExpressionKind, Rule, Term, TermKind};
use kpolicy_rego::syntax::visit::{Node, walk_module, walk_rule};
use kpolicy_rego::types::Type;
use kpolicy_value::Span;

/// The functions of a module, clause by clause, by their path.
fn functions(rules: &[Rule]) -> Vec<Vec<&Rule>> {
    by_path(rules.iter().filter(|rule| rule.head.arguments.is_some()))
}

fn arguments(rule: &Rule) -> &[Term] {
    rule.head.arguments.as_deref().unwrap_or_default()
}

/// An argument that every clause of a function ignores. A function that stands in for another has to take what that
/// takes.
pub(super) fn always_wildcard(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for clauses in functions(&module.tree.rules) {
            let first = clauses[0];
            if first.head.path.iter().any(|step| is_mock(&step.term)) {
                continue;
            }
            let ignored = (0..arguments(first).len()).find(|position| {
                let mut given = clauses.iter().map(|clause| arguments(clause).get(*position));
                given.all(|argument| argument.is_some_and(is_wildcard))
            });
            if let Some(position) = ignored {
                let message = format!("every clause of {} ignores this argument", path(&first.head));
                found.push(Found::new(
                    at,
                    arguments(first)[position].span,
                    message,
                    "remove it, or use it",
                ));
            }
        }
    }
    found
}

fn is_mock(term: &Term) -> bool {
    matches!(&term.kind, TermKind::String(name) if name.starts_with("mock_"))
}

fn is_wildcard(term: &Term) -> bool {
    matches!(&term.kind, TermKind::Var(name) if &**name == "_")
}

/// An argument that has another name in a later clause: likely two that were swapped.
pub(super) fn inconsistent(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for clauses in functions(&module.tree.rules) {
            let count = arguments(clauses[0]).len();
            if clauses.iter().any(|clause| arguments(clause).len() != count) {
                continue;
            }
            let mut names: Vec<Option<&str>> = vec![None; count];
            for clause in clauses {
                let other = arguments(clause).iter().enumerate().find_map(|(position, argument)| {
                    let name = named(argument)?;
                    let before = *names[position].get_or_insert(name);
                    (before != name).then_some((argument, before, name))
                });
                if let Some((argument, before, name)) = other {
                    let message = format!("this argument is called {name} here, and {before} in an earlier clause");
                    found.push(Found::new(
                        at,
                        argument.span,
                        message,
                        "use the same name in all clauses",
                    ));
                    break;
                }
            }
        }
    }
    found
}

fn named(argument: &Term) -> Option<&str> {
    match &argument.kind {
        TermKind::Var(name) if &**name != "_" => Some(name),
        _ => None,
    }
}

/// A function without arguments is a rule.
pub(super) fn without_arguments(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for rule in &module.tree.rules {
            let name = path(&rule.head);
            let written = rule.head.span.of(&module.file.text);
            let rest = written.strip_prefix(name.as_str()).unwrap_or_default();
            if rest.trim_start().starts_with('(') && arguments(rule).is_empty() {
                let message = format!("{name} has no arguments: OPA takes it for a rule, which is read without ()");
                found.push(Found::new(at, rule.head.span, message, "remove the parentheses"));
            }
        }
    }
    found
}

/// A call whose value nothing reads: the statement holds whatever the value is.
pub(super) fn unassigned(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        walk_module(&module.tree, &mut |node| {
            if let Node::Expression(expression) = node
                && let ExpressionKind::Term(term) = &expression.kind
                && let Some(name) = drops_value(term)
            {
                let message = format!("nothing reads the value of {name}: the statement holds whatever it is");
                found.push(Found::new(at, expression.span, message, "compare or assign the value"));
            }
            true
        });
    }
    found
}

/// The builtin whose value a statement drops: one that gives something other than a boolean.
fn drops_value(term: &Term) -> Option<String> {
    let name = called(term)?;
    let TermKind::Call { arguments, .. } = &term.kind else {
        return None;
    };
    let signature = registry::signature(&name)?;
    let is_boolean = matches!(signature.result, None | Some(Type::Boolean));
    let gives_all = arguments.len() == signature.operands.len();
    (!is_boolean && gives_all && !signature.row.relation && !matches!(&*name, "assign" | "eq" | "trace"))
        .then_some(name)
}

/// A call of a builtin that OPA v1 refuses.
pub(super) fn deprecated(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for clause in scope.own_clauses() {
        walk::clause(clause, &mut |part| {
            if let Part::Statement(statement) = part
                && let StatementKind::Call(Callee::Builtin(builtin), _) = &statement.kind
                && builtin.row.deprecated
            {
                let message = format!("{} is deprecated, and an error in Rego v1", builtin.name);
                let help = match builtin.name {
                    "any" => "write `true in …`",
                    "all" => "write `every`",
                    "re_match" => "use regex.match",
                    "set_diff" => "use the operator -",
                    "net.cidr_overlap" => "use net.cidr_contains",
                    _ => "use the builtins for types, such as is_string and to_number",
                };
                found.push(Found::new(clause.module, statement.span, message, help));
            }
        });
    }
    found
}

/// Two calls that give the same: the time stands still while a document is evaluated.
pub(super) fn time_twice(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for rule in &module.tree.rules {
            let mut calls: Vec<Span> = Vec::new();
            walk_rule(rule, &mut |node| {
                if let Node::Term(term) = node
                    && called(term).as_deref() == Some("time.now_ns")
                {
                    calls.push(term.span);
                }
                true
            });
            calls.sort();
            if let Some(span) = calls.get(1) {
                let message = "time.now_ns gives the same value at each call of an evaluation";
                found.push(Found::new(
                    at,
                    *span,
                    message,
                    "assign the value once; durations cannot be measured so",
                ));
            }
        }
    }
    found
}

/// A format that asks for more or fewer values than the call gives.
pub(super) fn sprintf(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        for rule in &module.tree.rules {
            let formats = assigned_texts(rule);
            walk_rule(rule, &mut |node| {
                if let Node::Term(term) = node
                    && called(term).as_deref() == Some("sprintf")
                    && let TermKind::Call { arguments, .. } = &term.kind
                    && let [format, values] = &arguments[..]
                    && let TermKind::Array(values) = &values.kind
                    && let Some(text) = text_of(format, &formats)
                    && let Some(wanted) = wanted(text)
                    && wanted != values.len()
                {
                    let given = values.len();
                    let message = format!("the format asks for {wanted} values, and the array has {given}");
                    let span = arguments[0].span.to(arguments[1].span);
                    found.push(Found::new(at, span, message, "write one verb for each value"));
                }
                true
            });
        }
    }
    found
}

fn text_of<'a>(format: &'a Term, assigned: &HashMap<&str, &'a str>) -> Option<&'a str> {
    match &format.kind {
        TermKind::String(text) => Some(text),
        TermKind::Var(name) => assigned.get(&**name).copied(),
        _ => None,
    }
}

/// The strings that a rule assigns to variables, each assigned once.
fn assigned_texts(rule: &Rule) -> HashMap<&str, &str> {
    let mut assigned: HashMap<&str, Option<&str>> = HashMap::new();
    walk_rule(rule, &mut |node| {
        if let Node::Body(body) = node {
            for (name, text) in assignments(body) {
                let entry = assigned.entry(name).or_insert(Some(text));
                if *entry != Some(text) {
                    *entry = None;
                }
            }
        }
        true
    });
    assigned
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

fn assignments(body: &Body) -> impl Iterator<Item = (&str, &str)> {
    body.iter().filter_map(|expression| {
        let ("assign" | "eq", [left, right]) = super::texts::operator(expression)? else {
            return None;
        };
        match (&left.kind, &right.kind) {
            (TermKind::Var(name), TermKind::String(text)) => Some((&**name, &**text)),
            _ => None,
        }
    })
}

/// How many values a format of Go's fmt asks for: none where it cannot be told.
fn wanted(format: &str) -> Option<usize> {
    let mut letters = format.chars().peekable();
    let (mut next, mut most) = (0, 0);
    let mut take = |next: &mut usize| {
        *next += 1;
        most = most.max(*next);
    };
    while let Some(letter) = letters.next() {
        if letter != '%' {
            continue;
        }
        while letters.next_if(|letter| "+-# 0".contains(*letter)).is_some() {}
        loop {
            match *letters.peek()? {
                '[' => {
                    letters.next();
                    let mut index = String::new();
                    while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                        index.push(digit);
                    }
                    letters.next_if_eq(&']')?;
                    next = index
                        .parse::<usize>()
                        .ok()
                        .filter(|index| (1..10_000).contains(index))?
                        - 1;
                }
                '*' => {
                    letters.next();
                    take(&mut next);
                }
                '.' | '0'..='9' => {
                    letters.next();
                }
                '%' => {
                    letters.next();
                    break;
                }
                _ => {
                    letters.next();
                    take(&mut next);
                    break;
                }
            }
        }
    }
    Some(most)
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn a_format_asks_for_the_values_that_go_takes() {
        for (format, count) in [
            ("", Some(0)),
            ("%s %d", Some(2)),
            ("100 %% of %v", Some(1)),
            ("%[1]s %[1]s %[2]d", Some(2)),
            ("%-*s", Some(2)),
            ("%+5.2f%q", Some(2)),
            ("%[3]*.[2]*[1]f", Some(3)),
            ("%", None),
            ("%[x]s", None),
        ] {
            assert_eq!(wanted(format), count, "{format}");
        }
    }
}
