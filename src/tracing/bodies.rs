//! Where the statements of each clause are, by the clause's head.

use std::collections::HashMap;

use kpolicy_rego::syntax::tree::{Body, ExpressionKind, Module, Rule, Term};
use kpolicy_rego::trace::Site;
use kpolicy_value::Span;

/// The statements of every clause of a program.
#[derive(Debug, Default)]
pub struct Bodies {
    heads: HashMap<Site, Clause>,
}

#[derive(Debug)]
struct Clause {
    /// The rule, by its index in its module.
    rule: usize,
    /// The statements of its own body and of its `else` branches: where, and whether it is an `every`.
    branches: Vec<Vec<(Span, bool)>>,
}

/// A clause's own body or one of its `else` branches, as it was written.
#[derive(Clone, Copy, Debug)]
pub struct Branch<'t> {
    /// The whole clause.
    pub rule: &'t Rule,
    /// The member of a set.
    pub key: Option<&'t Term>,
    /// The value.
    pub value: Option<&'t Term>,
    /// The statements.
    pub body: &'t Body,
    /// Where it begins: its head or `else`.
    pub start: Span,
}

impl Bodies {
    /// The bodies of a program of these modules; of one that has no tree, none.
    pub fn of<'m>(modules: impl Iterator<Item = Option<&'m Module>>) -> Self {
        let mut heads = HashMap::new();
        for (module, tree) in modules.enumerate() {
            for (at, rule) in tree.iter().flat_map(|tree| &tree.rules).enumerate() {
                let bodies = std::iter::once(&rule.body).chain(rule.branches.iter().map(|branch| &branch.body));
                let span = rule.head.span;
                let clause = Clause {
                    rule: at,
                    branches: bodies.map(spans).collect(),
                };
                heads.insert(Site { module, span }, clause);
            }
        }
        Self { heads }
    }

    /// The statement of a clause that a place is in.
    pub fn statement(&self, head: Site, branch: usize, at: Span) -> Option<usize> {
        let statements = self.heads.get(&head)?.branches.get(branch)?;
        statements.iter().position(|(span, _)| span.contains(at))
    }

    /// Where a statement is.
    pub fn span(&self, head: Site, branch: usize, statement: usize) -> Option<Span> {
        let statements = self.heads.get(&head)?.branches.get(branch)?;
        statements.get(statement).map(|(span, _)| *span)
    }

    /// Whether a statement is an `every`.
    pub fn is_every(&self, head: Site, branch: usize, statement: usize) -> bool {
        let statements = self.heads.get(&head).and_then(|clause| clause.branches.get(branch));
        let found = statements.and_then(|statements| statements.get(statement));
        found.is_some_and(|(_, is_every)| *is_every)
    }

    /// A clause as it was written, in the tree of its module.
    pub fn branch<'t>(&self, head: Site, branch: usize, tree: &'t Module) -> Option<Branch<'t>> {
        let rule = tree.rules.get(self.heads.get(&head)?.rule)?;
        if branch == 0 {
            return Some(Branch {
                rule,
                key: rule.head.key.as_ref(),
                value: rule.head.value.as_ref(),
                body: &rule.body,
                start: rule.head.span,
            });
        }
        let other = rule.branches.get(branch - 1)?;
        Some(Branch {
            rule,
            key: None,
            value: other.value.as_ref(),
            body: &other.body,
            start: other.span,
        })
    }
}

fn spans(body: &Body) -> Vec<(Span, bool)> {
    let is_every = |kind: &ExpressionKind| matches!(kind, ExpressionKind::Every { .. });
    body.iter()
        .map(|statement| (statement.span, is_every(&statement.kind)))
        .collect()
}
