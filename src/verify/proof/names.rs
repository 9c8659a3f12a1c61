//! The variables of clauses: which statements declare them, and which statements only filter.

use std::collections::{BTreeSet, HashSet};

use super::part::body;
use kpolicy_rego::Span;
use kpolicy_rego::syntax::tree::{Body, Expression, ExpressionKind, Module, Rule, Term, TermKind};
use kpolicy_rego::syntax::visit::{Node, walk_expression, walk_term};

/// The variables of a statement, and those that it declares.
pub(super) type Names = BTreeSet<String>;

/// Collects the names of variables, without those of functions that are called.
#[derive(Default)]
struct Collector {
    names: Vec<(String, Span)>,
    functions: HashSet<Span>,
}

impl Collector {
    fn visit(&mut self, node: Node<'_>) {
        match node {
            Node::Term(term) => match &term.kind {
                TermKind::Var(name) => self.names.push((name.to_string(), term.span)),
                TermKind::Call { function, .. } => _ = self.functions.insert(function.span),
                _ => {}
            },
            Node::Expression(expression) => {
                if let ExpressionKind::Some(declared) = &expression.kind {
                    let names = declared.iter().map(|name| (name.text.to_string(), name.span));
                    self.names.extend(names);
                }
            }
            Node::Body(_) => {}
        }
    }

    fn names(self) -> Names {
        let variables = self.names.into_iter();
        let variables = variables.filter(|(name, span)| name != "_" && !self.functions.contains(span));
        variables.map(|(name, _)| name).collect()
    }
}

fn of_terms<'t>(terms: impl IntoIterator<Item = &'t Term>) -> Names {
    let mut collector = Collector::default();
    for term in terms {
        walk_term(term, &mut |node| {
            collector.visit(node);
            true
        });
    }
    collector.names()
}

/// The variables of a statement.
pub(super) fn of_statement(statement: &Expression) -> Names {
    let mut collector = Collector::default();
    walk_expression(statement, &mut |node| {
        collector.visit(node);
        true
    });
    collector.names()
}

/// The variables that a clause has beside a statement of a branch, and beside mere declarations.
pub(super) fn of_rule_without(rule: &Rule, branch: usize, statement: Option<usize>) -> Names {
    let mut names = of_head(rule, branch);
    for (at, other) in body(rule, branch).iter().enumerate() {
        if Some(at) != statement && !matches!(other.kind, ExpressionKind::Some(_)) {
            names.extend(of_statement(other));
        }
    }
    names
}

/// The variables of what a branch gives.
fn of_head(rule: &Rule, branch: usize) -> Names {
    let head = &rule.head;
    match branch.checked_sub(1) {
        Some(branch) => of_terms(&rule.branches[branch].value),
        None => {
            let steps = head.path.iter().skip(1).map(|step| &step.term);
            of_terms(steps.chain(&head.key).chain(&head.value))
        }
    }
}

/// The names that stand for rules, imports and documents in a module.
pub(super) fn globals<'m>(module: &'m Module, rules: &HashSet<&'m str>) -> HashSet<&'m str> {
    let imports = module.imports.iter().filter_map(|import| match &import.alias {
        Some(alias) => Some(&*alias.text),
        None => import.path.last().map(|name| &**name),
    });
    rules.iter().copied().chain(imports).chain(["input", "data"]).collect()
}

/// What is known of the variables of a branch.
pub(super) struct Bound {
    /// The variables that each statement declares.
    declared: Vec<Names>,
    /// The names that are no variables of the body: documents, rules, imports and arguments.
    outer: Names,
    /// The variables of what the branch gives.
    head: Names,
}

impl Bound {
    /// What is known of the branch of a rule.
    pub(super) fn of(rule: &Rule, branch: usize, globals: &HashSet<&str>) -> Self {
        let mut outer: Names = globals.iter().map(|name| (*name).to_owned()).collect();
        outer.extend(of_terms(rule.head.arguments.iter().flatten()));
        Self {
            declared: body(rule, branch).iter().map(declared).collect(),
            outer,
            head: of_head(rule, branch),
        }
    }

    /// Whether a statement declares a variable that is read elsewhere: then it cannot be removed alone.
    pub(super) fn declares(&self, body: &Body, at: usize) -> bool {
        let elsewhere = self.elsewhere(body, at);
        self.declared[at].iter().any(|name| elsewhere.contains(name))
    }

    /// Whether all variables that a statement shares with others have their values from these.
    pub(super) fn only_filters(&self, body: &Body, at: usize) -> bool {
        let elsewhere = self.elsewhere(body, at);
        let others = |name: &String| (0..body.len()).any(|other| other != at && self.declared[other].contains(name));
        of_statement(&body[at])
            .iter()
            .all(|name| !elsewhere.contains(name) || self.outer.contains(name) || others(name))
    }

    fn elsewhere(&self, body: &Body, at: usize) -> Names {
        let mut names = self.head.clone();
        for (other, statement) in body.iter().enumerate() {
            if other != at {
                names.extend(of_statement(statement));
            }
        }
        names
    }
}

/// The variables that a statement declares and gives values.
fn declared(statement: &Expression) -> Names {
    match &statement.kind {
        ExpressionKind::SomeIn { key, value, .. } => of_terms(key.iter().chain([value])),
        ExpressionKind::Term(Term {
            kind: TermKind::Call {
                function, arguments, ..
            },
            ..
        }) if is_assignment(function) => of_terms(arguments.first()),
        _ => Names::new(),
    }
}

fn is_assignment(function: &Term) -> bool {
    matches!(&function.kind, TermKind::Var(name) if &**name == "assign")
}
