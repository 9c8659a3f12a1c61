//! Conditions of clauses as texts, so that one can be found to be the opposite of another.

use std::cell::Cell;
use std::collections::HashMap;

use kpolicy_rego::analysis::names;
use kpolicy_rego::core::{Callee, Clause, Kind, Root, Statement, StatementKind, Term, TermKind};

/// How deeply parts of a condition are followed through the variables that stand for them.
const DEEPEST: usize = 8;
/// The longest text that is compared.
const LONGEST: usize = 2000;

/// Whether a condition holds or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sense {
    /// It holds.
    Is,
    /// It does not hold.
    Not,
}

impl Sense {
    /// The other one.
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Is => Self::Not,
            Self::Not => Self::Is,
        }
    }
}

/// How many parts of a condition are written.
const MOST: usize = 200;

/// Writes the conditions of a body, its variables replaced by what they stand for.
pub(super) struct Conditions<'a> {
    clause: &'a Clause,
    body: &'a [Statement],
    /// The statements that say what a variable stands for.
    bindings: HashMap<u32, &'a Statement>,
    /// How many parts of the condition at hand may still be written.
    left: Cell<usize>,
}

impl<'a> Conditions<'a> {
    /// The conditions of a body of a clause.
    pub(super) fn new(clause: &'a Clause, body: &'a [Statement]) -> Self {
        let mut bindings = HashMap::new();
        for statement in body
            .iter()
            .filter(|statement| statement.generated || statement.assignment)
        {
            let bound = match &statement.kind {
                StatementKind::Equal(left, right) => [Some(left), Some(right)],
                StatementKind::Call(_, operands) => [operands.last(), None],
                _ => [None, None],
            };
            for term in bound.into_iter().flatten() {
                if let TermKind::Local(local) = term.kind {
                    bindings.entry(local).or_insert(statement);
                }
            }
        }
        Self {
            clause,
            body,
            bindings,
            left: Cell::new(0),
        }
    }

    /// Every condition of a clause.
    pub(super) fn of_clause(clause: &Clause) -> Vec<(String, Sense)> {
        let mut all = Vec::new();
        for branch in &clause.branches {
            let conditions = Conditions::new(clause, &branch.body);
            all.extend((0..branch.body.len()).filter_map(|at| conditions.of_statement(at)));
        }
        all
    }

    /// The condition that a statement is, if it is one.
    pub(super) fn of_statement(&self, at: usize) -> Option<(String, Sense)> {
        let statement = &self.body[at];
        if statement.generated || statement.assignment || !statement.with.is_empty() {
            return None;
        }
        self.left.set(MOST);
        let (text, mut sense) = match &statement.kind {
            StatementKind::Holds(term) => (self.text_within(term, DEEPEST)?, Sense::Is),
            StatementKind::Equal(left, right) => (self.call("equal", &[left, right])?, Sense::Is),
            StatementKind::Call(callee, operands) => {
                let (name, sense) = self.comparison(callee);
                (self.call(&name, &operands.iter().collect::<Vec<_>>())?, sense)
            }
            _ => return None,
        };
        if statement.negated {
            sense = sense.opposite();
        }
        Some((text, sense))
    }

    /// The name of what is called; of two comparisons that are opposites the same.
    fn comparison(&self, callee: &Callee) -> (String, Sense) {
        match callee {
            Callee::Builtin(builtin) => match builtin.name {
                "neq" => ("equal".to_owned(), Sense::Not),
                "gte" => ("lt".to_owned(), Sense::Not),
                "lte" => ("gt".to_owned(), Sense::Not),
                name => (name.to_owned(), Sense::Is),
            },
            Callee::Function { path, .. } => (names::path(path), Sense::Is),
        }
    }

    fn call(&self, name: &str, operands: &[&Term]) -> Option<String> {
        let operands: Option<Vec<String>> = operands
            .iter()
            .map(|operand| self.text_within(operand, DEEPEST))
            .collect();
        bounded(format!("{name}({})", operands?.join(", ")))
    }

    /// A term as a text.
    pub(super) fn text(&self, term: &Term) -> Option<String> {
        self.left.set(MOST);
        self.text_within(term, DEEPEST)
    }

    fn text_within(&self, term: &Term, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        self.left.set(self.left.get().checked_sub(1)?);
        let list = |terms: &[Term]| -> Option<String> {
            let texts: Option<Vec<String>> = terms.iter().map(|term| self.text_within(term, depth)).collect();
            Some(texts?.join(", "))
        };
        let text = match &term.kind {
            TermKind::Const(value) => names::value(value),
            TermKind::Local(local) => self.variable(*local, depth)?,
            TermKind::Ref(root, path) => {
                let root = match root {
                    Root::Input => "input".to_owned(),
                    Root::Data => "data".to_owned(),
                    Root::Local(local) => self.variable(*local, depth)?,
                };
                let steps: Option<Vec<String>> = path.iter().map(|step| self.text_within(step, depth)).collect();
                format!("{root}[{}]", steps?.join("]["))
            }
            TermKind::Array(items) => format!("[{}]", list(items)?),
            TermKind::Set(items) => format!("{{{}}}", list(items)?),
            TermKind::Object(entries) => {
                let entry = |(key, value): &(Term, Term)| {
                    let (key, value) = (self.text_within(key, depth)?, self.text_within(value, depth)?);
                    Some(format!("{key}: {value}"))
                };
                let entries: Option<Vec<String>> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries?.join(", "))
            }
            TermKind::Comprehension(_) => return None,
        };
        bounded(text)
    }

    /// A variable: what it stands for, a parameter by its position, or its name.
    fn variable(&self, local: u32, depth: usize) -> Option<String> {
        let is_it = |term: &Term| matches!(term.kind, TermKind::Local(other) if other == local);
        if let Kind::Function(parameters) = &self.clause.kind
            && let Some(at) = parameters.iter().position(is_it)
        {
            return Some(format!("${at}"));
        }
        match self.bindings.get(&local).map(|statement| &statement.kind) {
            Some(StatementKind::Equal(left, right)) if is_it(left) => return self.text_within(right, depth),
            Some(StatementKind::Equal(left, _)) => return self.text_within(left, depth),
            Some(StatementKind::Call(callee, operands)) => {
                let operands = &operands[..operands.len().saturating_sub(1)];
                let texts: Option<Vec<String>> = operands
                    .iter()
                    .map(|operand| self.text_within(operand, depth))
                    .collect();
                return bounded(format!("{}({})", self.comparison(callee).0, texts?.join(", ")));
            }
            _ => {}
        }
        let name = self.clause.locals.get(local as usize)?.name.as_ref()?;
        Some(name.to_string())
    }
}

fn bounded(text: String) -> Option<String> {
    (text.len() <= LONGEST).then_some(text)
}
