//! What rules ask of the document as a whole: the kinds that their conditions on `input.kind` leave, and whether they
//! can match all files in one array.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Rule;
use kpolicy_rego::core::{Callee, Clause, Kind, Program, Root, Statement, StatementKind, Term, TermKind};
use kpolicy_value::Value;

/// How many helper rules deep conditions are followed.
const DEEPEST: usize = 8;

/// Kinds of documents; nothing where there is no condition.
type Kinds = Option<BTreeSet<String>>;

/// The clauses of a program by their paths.
pub(super) struct Conditions<'a> {
    clauses: HashMap<&'a [Arc<str>], Vec<&'a Clause>>,
}

impl<'a> Conditions<'a> {
    /// The conditions in a program.
    pub(super) fn of(program: &'a Program) -> Self {
        let mut clauses: HashMap<&[Arc<str>], Vec<&Clause>> = HashMap::new();
        for clause in &program.clauses {
            clauses.entry(&clause.path).or_default().push(clause);
        }
        Self { clauses }
    }

    /// The kinds that the conditions of a rule leave.
    pub(super) fn kinds(&self, rule: &Rule) -> Option<Vec<String>> {
        let kinds = self.of_path(&path(rule), DEEPEST);
        kinds.map(|kinds| kinds.into_iter().collect())
    }

    /// A condition that one of the clauses of a rule has and every document has to meet, where each of its clauses has
    /// one, that no array meets: the name of the field of `input` that the first one needs.
    pub(super) fn single_document(&self, rule: &Rule) -> Option<Arc<str>> {
        self.field_needed(&path(rule), DEEPEST)
    }

    fn of_path(&self, path: &[Arc<str>], depth: usize) -> Kinds {
        let depth = depth.checked_sub(1)?;
        let mut kinds = BTreeSet::new();
        for clause in self.clauses.get(path)?.iter().filter(|clause| !clause.default) {
            for branch in &clause.branches {
                kinds.extend(self.of_body(&branch.body, depth)?);
            }
        }
        Some(kinds)
    }

    /// What all conditions of a body leave.
    fn of_body(&self, body: &[Statement], depth: usize) -> Kinds {
        let sure = body.iter().filter(|statement| is_sure(statement));
        let each = sure.filter_map(|statement| self.of_statement(body, statement, depth));
        each.reduce(|a, b| a.intersection(&b).cloned().collect())
    }

    fn of_statement(&self, body: &[Statement], statement: &Statement, depth: usize) -> Kinds {
        match &statement.kind {
            StatementKind::Equal(left, right) => self.equal(body, left, right, depth),
            StatementKind::Call(Callee::Builtin(builtin), operands) => match (builtin.name, &operands[..]) {
                ("equal", [left, right]) => self.equal(body, left, right, depth),
                ("internal.member_2", [member, holder]) if is_kind(resolved(body, member)) => {
                    self.texts(body, holder, depth)
                }
                _ => None,
            },
            StatementKind::Holds(term) => match &resolved(body, term).kind {
                TermKind::Ref(Root::Data, way) => self.of_path(&names(way)?, depth),
                _ => None,
            },
            StatementKind::And(left, right) => {
                let both = [self.of_body(&left.body, depth), self.of_body(&right.body, depth)];
                both.into_iter()
                    .flatten()
                    .reduce(|a, b| a.intersection(&b).cloned().collect())
            }
            StatementKind::Or(left, right) => {
                let (mut left, right) = (self.of_body(&left.body, depth)?, self.of_body(&right.body, depth)?);
                left.extend(right);
                Some(left)
            }
            _ => None,
        }
    }

    fn equal(&self, body: &[Statement], left: &Term, right: &Term, depth: usize) -> Kinds {
        let (left, right) = (resolved(body, left), resolved(body, right));
        let other = match (is_kind(left), is_kind(right)) {
            (true, false) => right,
            (false, true) => left,
            _ => return None,
        };
        match &other.kind {
            TermKind::Const(kind) => Some(BTreeSet::from([kind.as_str()?.to_owned()])),
            // A member of a collection: `input.kind == kinds[_]`.
            TermKind::Ref(root, way) => {
                let (last, way) = way.split_last()?;
                let holder = Term {
                    kind: TermKind::Ref(*root, way.to_vec()),
                    span: other.span,
                };
                let holder = match (root, way) {
                    (Root::Local(local), []) => Term {
                        kind: TermKind::Local(*local),
                        span: other.span,
                    },
                    _ => holder,
                };
                matches!(last.kind, TermKind::Local(_)).then(|| self.texts(body, &holder, depth))?
            }
            _ => None,
        }
    }

    /// The strings of a collection of constants, also of one that a rule gives.
    fn texts(&self, body: &[Statement], holder: &Term, depth: usize) -> Kinds {
        match &resolved(body, holder).kind {
            TermKind::Const(value) => texts(value),
            TermKind::Array(items) | TermKind::Set(items) => items
                .iter()
                .map(|item| match &resolved(body, item).kind {
                    TermKind::Const(value) => value.as_str().map(str::to_owned),
                    _ => None,
                })
                .collect(),
            TermKind::Ref(Root::Data, way) if depth > 0 => {
                let mut found = BTreeSet::new();
                for clause in self.clauses.get(&names(way)?[..])? {
                    for branch in &clause.branches {
                        match clause.kind {
                            Kind::Complete => found.extend(self.texts(&branch.body, &branch.value, depth - 1)?),
                            Kind::Set => match &resolved(&branch.body, &branch.value).kind {
                                TermKind::Const(value) => found.extend([value.as_str()?.to_owned()]),
                                _ => return None,
                            },
                            Kind::Function(_) => return None,
                        }
                    }
                }
                Some(found)
            }
            _ => None,
        }
    }

    /// The field of `input` that every clause at a path needs, by the first clause.
    fn field_needed(&self, path: &[Arc<str>], depth: usize) -> Option<Arc<str>> {
        let depth = depth.checked_sub(1)?;
        let mut first = None;
        for clause in self.clauses.get(path)? {
            if clause.default {
                return None;
            }
            for branch in &clause.branches {
                let needed = branch.body.iter().chain(&branch.replaced);
                let needed = needed.filter(|statement| is_sure(statement));
                let field = needed
                    .into_iter()
                    .find_map(|statement| self.needs_field(statement, depth));
                let field = field.or_else(|| self.of_term(&branch.value, depth))?;
                first.get_or_insert(field);
            }
        }
        first
    }

    fn needs_field(&self, statement: &Statement, depth: usize) -> Option<Arc<str>> {
        let of = |term| self.of_term(term, depth);
        let of_body = |body: &[Statement]| {
            let sure = body.iter().filter(|statement| is_sure(statement));
            sure.into_iter()
                .find_map(|statement| self.needs_field(statement, depth))
        };
        match &statement.kind {
            StatementKind::Holds(term) => of(term),
            StatementKind::Equal(left, right) => of(left).or_else(|| of(right)),
            StatementKind::Call(callee, operands) => operands.iter().find_map(of).or_else(|| match callee {
                Callee::Function { path, .. } => self.field_needed(path, depth),
                Callee::Builtin(_) => None,
            }),
            StatementKind::Every { domain, .. } => of(domain),
            StatementKind::And(left, right) => of_body(&left.body).or_else(|| of_body(&right.body)),
            StatementKind::Or(left, right) => {
                let left = of_body(&left.body)?;
                of_body(&right.body).map(|_| left)
            }
            StatementKind::Not(_) => None,
        }
    }

    fn of_term(&self, term: &Term, depth: usize) -> Option<Arc<str>> {
        match &term.kind {
            TermKind::Ref(Root::Input, way) => match &way.first()?.kind {
                TermKind::Const(name) => name.as_str().map(Arc::from),
                _ => None,
            },
            TermKind::Ref(Root::Data, way) => {
                let known = way.iter().map_while(name).collect::<Vec<_>>();
                let at = (1..=known.len()).find(|end| self.clauses.contains_key(&known[..*end]))?;
                // A set that nothing is in is defined all the same, and only has no members.
                let is_set = self.clauses[&known[..at]]
                    .iter()
                    .any(|clause| matches!(clause.kind, Kind::Set));
                let goes_in = at < way.len();
                (goes_in || !is_set).then(|| self.field_needed(&known[..at], depth))?
            }
            TermKind::Array(items) | TermKind::Set(items) => items.iter().find_map(|item| self.of_term(item, depth)),
            TermKind::Object(entries) => {
                let mut parts = entries.iter().flat_map(|(key, value)| [key, value]);
                parts.find_map(|part| self.of_term(part, depth))
            }
            _ => None,
        }
    }
}

/// Whether a statement has to hold for the document that is evaluated.
fn is_sure(statement: &Statement) -> bool {
    !statement.negated && statement.with.is_empty()
}

fn path(rule: &Rule) -> Vec<Arc<str>> {
    rule.path().map(Arc::from).collect()
}

fn name(step: &Term) -> Option<Arc<str>> {
    match &step.kind {
        TermKind::Const(name) => name.as_str().map(Arc::from),
        _ => None,
    }
}

fn names(way: &[Term]) -> Option<Vec<Arc<str>>> {
    way.iter().map(name).collect()
}

fn is_kind(term: &Term) -> bool {
    match &term.kind {
        TermKind::Ref(Root::Input, way) => names(way).is_some_and(|names| names.len() == 1 && *names[0] == *"kind"),
        _ => false,
    }
}

/// What a variable of a body stands for; any other term itself.
fn resolved<'a>(body: &'a [Statement], term: &'a Term) -> &'a Term {
    let mut at = term;
    for _ in 0..DEEPEST {
        let TermKind::Local(local) = at.kind else { break };
        let is_it = |term: &Term| matches!(term.kind, TermKind::Local(other) if other == local);
        let bound = body
            .iter()
            .filter(|each| is_sure(each))
            .find_map(|each| match &each.kind {
                StatementKind::Equal(left, right) if is_it(left) => Some(right),
                StatementKind::Equal(left, right) if is_it(right) => Some(left),
                _ => None,
            });
        match bound {
            Some(bound) => at = bound,
            None => break,
        }
    }
    at
}

fn texts(value: &Value) -> Kinds {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Set(members) => members.iter().map(text).collect(),
        Value::Object(object) => object.iter().map(|(_, value)| text(value)).collect(),
        _ => None,
    }
}
