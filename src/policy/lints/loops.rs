//! Lints about loops: references and `some` that go through a collection.

use std::collections::{HashMap, HashSet};

use super::super::module::Parsed;
use super::names::imported_name;
use super::texts::{call, operator, path};
use super::{Found, Scope};
use kpolicy_rego::syntax::tree::{Body, ExpressionKind, Rule, Term, TermKind};
use kpolicy_rego::syntax::visit::{Node, walk_body, walk_module, walk_rule, walk_term};
use kpolicy_value::{Number, Span};

/// `x != list[_]`: it holds where any item differs.
pub(super) fn not_equals(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        walk_module(&module.tree, &mut |node| {
            if let Node::Expression(expression) = node
                && let Some(("neq", operands)) = operator(expression)
                && operands.iter().any(has_wildcard_step)
            {
                let message = "this holds if any of the items differs, not if all of them do";
                let help = "write `not … in …` if no item may be equal, or name the item with `some` if any may differ";
                found.push(Found::new(at, expression.span, message, help));
            }
            true
        });
    }
    found
}

fn has_wildcard_step(term: &Term) -> bool {
    let TermKind::Ref { steps, .. } = &term.kind else {
        return false;
    };
    steps.iter().any(|step| is_wildcard(&step.term))
}

fn is_wildcard(term: &Term) -> bool {
    matches!(&term.kind, TermKind::Var(name) if &**name == "_")
}

/// A count before a loop that has no turn in an empty collection anyhow.
pub(super) fn redundant_count(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        walk_module(&module.tree, &mut |node| {
            if let Node::Body(body) = node {
                found.extend(counts_before_loops(body).map(|span| {
                    let message = "the loop after it does nothing in an empty collection: this count is not needed";
                    Found::new(at, span, message, "remove it")
                }));
            }
            true
        });
    }
    found
}

fn counts_before_loops(body: &Body) -> impl Iterator<Item = Span> {
    body.windows(2).filter_map(|pair| {
        let ("gt" | "neq", [count, zero]) = operator(&pair[0])? else {
            return None;
        };
        let ("count", [counted]) = call(count)? else {
            return None;
        };
        let is_zero = matches!(&zero.kind, TermKind::Number(number) if *number == Number::from(0));
        let ExpressionKind::SomeIn { collection, .. } = &pair[1].kind else {
            return None;
        };
        (is_zero && !pair[0].negated && counted.is_like(collection)).then_some(pair[0].span)
    })
}

/// A rule whose value is any item of a collection: with two different ones it is an error of evaluation.
pub(super) fn top_level(scope: &Scope) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        let known = known_names(module);
        for rule in &module.tree.rules {
            if let Some(span) = iterates_in_head(rule, &known) {
                let message = "the value is any item of a collection: two items that differ are a conflict";
                let help = "use a set rule, `name contains item if some item in …`, or a comprehension";
                found.push(Found::new(at, span, message, help));
            }
        }
    }
    found
}

fn iterates_in_head(rule: &Rule, known: &HashSet<&str>) -> Option<Span> {
    let value = rule.head.value.as_ref()?;
    let TermKind::Ref { steps, .. } = &value.kind else {
        return None;
    };
    if rule.head.key.is_some() || rule.head.path.iter().any(|step| !step.term.is_scalar()) {
        return None;
    }
    let mut elsewhere = HashSet::new();
    for argument in rule.head.arguments.iter().flatten() {
        walk_term(argument, &mut |node| collect(node, &mut elsewhere));
    }
    walk_body(&rule.body, &mut |node| collect(node, &mut elsewhere));
    let is_free = |name: &str| name == "_" || !known.contains(name) && !elsewhere.contains(name);
    let mut names = steps.iter().filter_map(|step| match &step.term.kind {
        TermKind::Var(name) => Some(&**name),
        _ => None,
    });
    names.any(is_free).then_some(rule.head.span)
}

/// Collects the names of variables.
fn collect<'a>(node: Node<'a>, names: &mut HashSet<&'a str>) -> bool {
    if let Node::Term(Term {
        kind: TermKind::Var(name),
        ..
    }) = node
    {
        names.insert(name);
    }
    true
}

/// The names that mean something without being declared: rules of the package, imports, the roots.
fn known_names<'a>(module: &'a Parsed) -> HashSet<&'a str> {
    let rules = module
        .tree
        .rules
        .iter()
        .filter_map(|rule| match &rule.head.path.first()?.term.kind {
            TermKind::String(name) => Some(&**name),
            _ => None,
        });
    let imports = module.tree.imports.iter().filter_map(imported_name);
    rules.chain(imports).chain(["input", "data"]).collect()
}

/// A variable that a reference gives and nothing reads.
pub(super) fn unused_output(scope: &Scope) -> Vec<Found> {
    let mut by_package: HashMap<String, HashSet<&str>> = HashMap::new();
    for module in scope.modules {
        by_package
            .entry(module.namespace())
            .or_default()
            .extend(known_names(module));
    }
    let mut found = Vec::new();
    for (at, module) in scope.own() {
        let known = &by_package[&module.namespace()];
        for rule in &module.tree.rules {
            for (name, span) in unused_outputs(rule, known) {
                let message = format!("{name} is given a value here, and nothing reads it");
                found.push(Found::new(at, span, message, "write `_`, or use the variable"));
            }
        }
    }
    found
}

fn unused_outputs<'a>(rule: &'a Rule, known: &HashSet<&str>) -> Vec<(&'a str, Span)> {
    let mut uses: HashMap<&str, usize> = HashMap::new();
    let mut given: Vec<(&str, Span)> = Vec::new();
    walk_rule(rule, &mut |node| {
        if let Node::Term(term) = node {
            match &term.kind {
                TermKind::Var(name) => *uses.entry(name).or_default() += 1,
                TermKind::Ref { steps, .. } => given.extend(steps.iter().filter_map(|step| match &step.term.kind {
                    TermKind::Var(name) => Some((&**name, step.term.span)),
                    _ => None,
                })),
                _ => {}
            }
        }
        true
    });
    let in_head = path(&rule.head);
    given.retain(|(name, _)| *name != "_" && uses[name] == 1 && !known.contains(name) && *name != in_head);
    given
}
