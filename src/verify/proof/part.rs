//! The parts of policies that a test is to notice: clauses, and the conditions of their bodies.

use std::collections::{HashMap, HashSet};

use super::names::{self, Bound};
use crate::policy::suite::{Suite, SuiteModule};
use kpolicy_rego::Span;
use kpolicy_rego::syntax::tree::{Body, Expression, ExpressionKind, Rule, Term, TermKind};
use kpolicy_rego::trace::Site;

/// A part of a policy that could be removed.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The module, by its index.
    pub(super) module: usize,
    /// The rule, by its index in the module.
    pub(super) rule: usize,
    /// The rule's own body, or one of its `else` branches from 1 on.
    pub(super) branch: usize,
    /// Which statement of the body; nothing where it is the clause.
    pub(super) statement: Option<usize>,
    /// Where it is.
    pub(super) span: Span,
    /// The head of the clause that it belongs to.
    pub(super) head: Site,
    /// Whether it only filters: where it has always held, it is the same without.
    pub(super) filters: bool,
}

/// The parts of a suite's own policies, without those of tests.
pub(super) fn parts(suite: &Suite) -> Vec<Part> {
    let rules_of = rules_of(suite);
    let own = suite.modules.iter().enumerate().filter(|(_, module)| is_policy(module));
    let mut found = Vec::new();
    for (at, module) in own {
        let globals = names::globals(&module.tree, &rules_of[&*module.tree.package.path]);
        for (index, rule) in module.tree.rules.iter().enumerate() {
            if !rule.default && !suite.is_test(at, index) {
                of_rule(at, index, rule, &globals, &mut found);
            }
        }
    }
    found
}

/// The names of the rules of each package.
fn rules_of(suite: &Suite) -> HashMap<&[std::sync::Arc<str>], HashSet<&str>> {
    let mut rules_of: HashMap<_, HashSet<&str>> = HashMap::new();
    for module in &suite.modules {
        let names = module.tree.rules.iter().filter_map(|rule| name(rule));
        rules_of.entry(&*module.tree.package.path).or_default().extend(names);
    }
    rules_of
}

/// The name of a rule.
pub(super) fn name(rule: &Rule) -> Option<&str> {
    match &rule.head.path.first()?.term.kind {
        TermKind::String(name) | TermKind::Var(name) => Some(name),
        _ => None,
    }
}

/// Whether a module has policies: what is in files and packages of tests is there for tests.
fn is_policy(module: &SuiteModule) -> bool {
    let is_of_tests = |name: &str| matches!(name, "test" | "tests") || name.ends_with("_test");
    let file = module.path.strip_suffix(".rego").unwrap_or(&module.path);
    let mut packages = module.tree.package.path.iter();
    !module.embedded && !file.ends_with("_test") && !packages.any(|name| is_of_tests(name))
}

fn of_rule(module: usize, index: usize, rule: &Rule, globals: &HashSet<&str>, found: &mut Vec<Part>) {
    let head = Site {
        module,
        span: rule.head.span,
    };
    let part = |branch: usize, statement: Option<usize>, span: Span, filters: bool| Part {
        module,
        rule: index,
        branch,
        statement,
        span,
        head,
        filters,
    };
    let branches = rule.branches.iter().map(|branch| (&branch.body, branch.span));
    for (branch, (body, span)) in std::iter::once((&rule.body, rule.span)).chain(branches).enumerate() {
        // A constant fires always: it is a value.
        let is_constant = branch == 0 && body.is_empty() && rule.head.arguments.is_none() && !is_partial(rule);
        if !is_constant {
            let start = span.start as usize;
            let end = body.first().map_or(span.end, |first| first.span.start).min(span.end) as usize;
            let span = match branch {
                0 => rule.head.span,
                _ => Span::new(start, end),
            };
            found.push(part(branch, None, span, true));
        }
        let bound = Bound::of(rule, branch, globals);
        for (at, statement) in body.iter().enumerate() {
            if is_condition(statement) && !bound.declares(body, at) {
                found.push(part(branch, Some(at), statement.span, bound.only_filters(body, at)));
            }
        }
    }
}

/// Whether a rule has members, which its clauses add.
fn is_partial(rule: &Rule) -> bool {
    let is_name = |term: &Term| matches!(term.kind, TermKind::String(_));
    rule.head.key.is_some() || rule.head.path.iter().skip(1).any(|step| !is_name(&step.term))
}

/// Whether a statement can fail: not a declaration, `true`, or what is only for people to read.
fn is_condition(statement: &Expression) -> bool {
    match &statement.kind {
        ExpressionKind::Some(_) => false,
        ExpressionKind::Term(term) => match &term.kind {
            TermKind::Bool(true) => statement.negated,
            TermKind::Call { function, .. } => {
                !matches!(&function.kind, TermKind::Var(name) if matches!(&**name, "print" | "trace"))
            }
            _ => true,
        },
        _ => true,
    }
}

/// The clause of a rule without the part: a statement is `true` then, and a clause or branch never holds.
pub(super) fn without(rule: &Rule, part: &Part) -> Rule {
    let mut rule = rule.clone();
    let removed = part
        .statement
        .map(|at| names::of_statement(&body(&rule, part.branch)[at]));
    let kept = names::of_rule_without(&rule, part.branch, part.statement);
    let body = match part.branch.checked_sub(1) {
        None => &mut rule.body,
        Some(branch) => &mut rule.branches[branch].body,
    };
    match part.statement {
        None => body.push(constant(false, part.span)),
        Some(at) => {
            let span = body[at].span;
            body[at] = constant(true, span);
            // A variable that only it has is not declared any more.
            let removed = removed.unwrap_or_default();
            let is_declared = |name: &str| kept.contains(name) || !removed.contains(name);
            for statement in body.iter_mut() {
                let span = statement.span;
                if let ExpressionKind::Some(names) = &mut statement.kind {
                    names.retain(|name| is_declared(&name.text));
                    if names.is_empty() {
                        *statement = constant(true, span);
                    }
                }
            }
        }
    }
    rule
}

/// The body of a clause or of one of its branches.
pub(super) fn body(rule: &Rule, branch: usize) -> &Body {
    match branch.checked_sub(1) {
        None => &rule.body,
        Some(branch) => &rule.branches[branch].body,
    }
}

fn constant(value: bool, span: Span) -> Expression {
    Expression {
        negated: false,
        kind: ExpressionKind::Term(Term {
            kind: TermKind::Bool(value),
            span,
        }),
        with: Vec::new(),
        span,
    }
}
