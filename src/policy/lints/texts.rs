//! What several lints ask of a syntax tree.

use std::collections::HashMap;

use kpolicy_rego::syntax::tree::{Expression, ExpressionKind, Head, Rule, Term, TermKind};
use kpolicy_rego::syntax::visit::{Node, walk_rule, walk_term};
use kpolicy_value::Span;

/// A rule's path below its package, as it was written, up to its first variable.
pub(super) fn path(head: &Head) -> String {
    let steps = head.path.iter().map_while(|step| match &step.term.kind {
        TermKind::String(name) => Some(&**name),
        _ => None,
    });
    steps.collect::<Vec<_>>().join(".")
}

/// The rules of a module by their path, in the order of their first clauses.
pub(super) fn by_path<'a>(rules: impl Iterator<Item = &'a Rule>) -> Vec<Vec<&'a Rule>> {
    let mut groups: Vec<Vec<&Rule>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for rule in rules {
        let at = *known.entry(path(&rule.head)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(rule);
    }
    groups
}

/// The variables that a rule declares: its arguments, and those of `:=`, `some` and `every`.
pub(super) fn declared(rule: &Rule) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    for term in rule.head.arguments.iter().flatten() {
        variables(term, &mut found);
    }
    walk_rule(rule, &mut |node| {
        if let Node::Expression(expression) = node {
            match &expression.kind {
                ExpressionKind::Some(names) => found.extend(names.iter().map(|name| (&*name.text, name.span))),
                ExpressionKind::SomeIn { key, value, .. } | ExpressionKind::Every { key, value, .. } => {
                    for term in key.iter().chain([value]) {
                        variables(term, &mut found);
                    }
                }
                _ => {
                    if let Some(("assign", [left, _])) = operator(expression) {
                        variables(left, &mut found);
                    }
                }
            }
        }
        true
    });
    found
}

/// The variables of a pattern: not those that look something up.
fn variables<'a>(term: &'a Term, found: &mut Vec<(&'a str, Span)>) {
    walk_term(term, &mut |node| match node {
        Node::Term(Term {
            kind: TermKind::Var(name),
            span,
        }) => {
            found.push((name, *span));
            false
        }
        Node::Term(Term {
            kind: TermKind::Ref { .. } | TermKind::Call { .. },
            ..
        }) => false,
        _ => true,
    });
}

/// The name and the operands of the call that a statement is.
pub(super) fn operator(expression: &Expression) -> Option<(&str, &[Term])> {
    match &expression.kind {
        ExpressionKind::Term(term) => call(term),
        _ => None,
    }
}

/// The name and the operands of a call of a builtin or of a function under one name.
pub(super) fn call(term: &Term) -> Option<(&str, &[Term])> {
    match &term.kind {
        TermKind::Call {
            function, arguments, ..
        } => match &function.kind {
            TermKind::Var(name) => Some((name, arguments)),
            _ => None,
        },
        _ => None,
    }
}

/// The whole name of what a term calls: `count`, `time.now_ns`.
pub(super) fn called(term: &Term) -> Option<String> {
    let TermKind::Call { function, .. } = &term.kind else {
        return None;
    };
    match &function.kind {
        TermKind::Var(name) => Some(name.to_string()),
        TermKind::Ref { head, steps } => {
            let TermKind::Var(first) = &head.kind else { return None };
            let mut name = first.to_string();
            for step in steps {
                let TermKind::String(part) = &step.term.kind else {
                    return None;
                };
                name.push('.');
                name.push_str(part);
            }
            Some(name)
        }
        _ => None,
    }
}

/// The code of a text without its comments, and without whitespace outside strings.
pub(super) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '#' => {
                letters.by_ref().find(|next| *next == '\n');
                if !code.ends_with(' ') {
                    code.push(' ');
                }
            }
            '"' | '`' => {
                code.push(letter);
                while let Some(next) = letters.next() {
                    code.push(next);
                    match next {
                        '\\' if letter == '"' => code.extend(letters.next()),
                        _ if next == letter => break,
                        _ => {}
                    }
                }
            }
            _ if letter.is_whitespace() => {
                if !code.ends_with(' ') {
                    code.push(' ');
                }
            }
            _ => code.push(letter),
        }
    }
    code
}

#[cfg(test)]
mod tests {
    #[test]
    fn code_is_compared_without_layout() {
        assert_eq!(super::code("a  if {\n\tb # c\n}"), "a if { b }");
        assert_eq!(super::code("\"a  # \\\"b\"  `\n `"), "\"a  # \\\"b\" `\n `");
    }
}
