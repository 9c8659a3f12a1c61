//! Variables of template strings and of `print` that nothing binds. OPA looks for them before it takes calls out of
//! statements and before it orders these: what counts is what stands before, as it was written.

use foldhash::HashMap;

use super::safety::{arity, equation_outputs, reference_outputs};
use super::variables::{BOUND, Locals, OWN, View, of_statement, of_term};
use super::walk::{self, Found};
use crate::core::{
    Callee, Clause, Comprehension, Kind, Local, Operand, Program, Replacement, Root, Statement, StatementKind, Term,
    TermKind,
};
use crate::error::{CompileError, CompileErrorCode as Code};

/// An error for every such variable of a program whose statements stand as they were written.
pub(crate) fn check(program: &Program) -> Vec<CompileError> {
    let mut errors = Vec::new();
    for sort in [Sort::Template, Sort::Print] {
        for clause in program.clauses.iter().filter(|clause| has(clause, sort)) {
            Checker {
                clause,
                sort,
                errors: &mut errors,
            }
            .clause();
        }
        if !errors.is_empty() {
            break;
        }
    }
    errors
}

/// What is looked for: OPA goes through all policies once for each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Template,
    Print,
}

/// Whether there is anything to look for in a clause.
fn has(clause: &Clause, sort: Sort) -> bool {
    let mut found = false;
    walk::clause(clause, &mut |part| {
        found |= matches!(part, Found::Callee(callee) if is_call_of(callee, sort));
    });
    found
}

struct Checker<'a, 'f> {
    clause: &'a Clause,
    sort: Sort,
    errors: &'f mut Vec<CompileError>,
}

impl Checker<'_, '_> {
    fn clause(&mut self) {
        let mut arguments = Locals::new();
        if let Kind::Function(parameters) = &self.clause.kind {
            parameters
                .iter()
                .for_each(|parameter| of_term(parameter, View::default(), &mut arguments));
        }
        for branch in &self.clause.branches {
            let safe = self.body(&branch.body, &arguments);
            let head = match self.sort {
                Sort::Template => &safe,
                Sort::Print => &arguments,
            };
            tail(&branch.body).iter().for_each(|part| self.statement(part, head));
        }
    }

    /// Checks the statements of a body but those that its head needs; gives what is bound after it.
    fn body(&mut self, body: &[Statement], globals: &Locals) -> Locals {
        let (mut safe, mut kept) = (globals.clone(), Locals::new());
        let written = || body[..body.len() - tail(body).len()].split_inclusive(|part| !part.generated);
        for group in written() {
            if self.sort == Sort::Print {
                group.iter().for_each(|part| self.statement(part, &safe));
            }
            let found = Group::new(group, self.sort).outputs(&safe, &mut kept);
            safe.extend(found);
        }
        if self.sort == Sort::Template {
            written().flatten().for_each(|part| self.statement(part, &safe));
        }
        safe
    }

    fn statement(&mut self, statement: &Statement, safe: &Locals) {
        match &statement.kind {
            StatementKind::Holds(term) => self.term(term, safe),
            StatementKind::Equal(left, right) => {
                self.term(left, safe);
                self.term(right, safe);
            }
            StatementKind::Call(callee, operands) => {
                if is_call_of(callee, self.sort) {
                    operands.iter().for_each(|operand| self.captured(operand, safe));
                }
                operands.iter().for_each(|operand| self.term(operand, safe));
            }
            StatementKind::Every { key, value, body, .. } => {
                let mut safe = safe.clone();
                safe.extend([*key, *value]);
                self.body(body, &safe);
            }
            StatementKind::Not(operand) => self.operand(operand, safe),
            StatementKind::And(left, right) | StatementKind::Or(left, right) => {
                self.operand(left, safe);
                self.operand(right, safe);
            }
        }
    }

    /// What an operand of `not`, `and` or `or` binds does not count for its template strings.
    fn operand(&mut self, operand: &Operand, safe: &Locals) {
        match self.sort {
            Sort::Template => operand.body.iter().for_each(|part| self.statement(part, safe)),
            Sort::Print => {
                self.body(&operand.body, safe);
            }
        }
    }

    fn term(&mut self, term: &Term, safe: &Locals) {
        match &term.kind {
            TermKind::Const(_) | TermKind::Local(_) => {}
            TermKind::Ref(_, items) | TermKind::Array(items) | TermKind::Set(items) => {
                items.iter().for_each(|item| self.term(item, safe));
            }
            TermKind::Object(entries) => {
                for (key, value) in entries {
                    self.term(key, safe);
                    self.term(value, safe);
                }
            }
            TermKind::Comprehension(comprehension) => self.comprehension(comprehension, safe),
        }
    }

    /// What the body binds counts for a head that is a template string, and not for one that has it inside.
    fn comprehension(&mut self, comprehension: &Comprehension, safe: &Locals) {
        let inside = self.body(&comprehension.body, safe);
        let heads: Vec<Local> = super::variables::heads(comprehension)
            .into_iter()
            .filter_map(|head| match head.kind {
                TermKind::Local(local) => Some(local),
                _ => None,
            })
            .collect();
        for part in tail(&comprehension.body) {
            let is_head = result(part).is_some_and(|local| heads.contains(&local));
            self.statement(part, if is_head { &inside } else { safe });
        }
    }

    /// Checks the variables of the parts of a template string, or of the operands of `print`.
    fn captured(&mut self, operand: &Term, safe: &Locals) {
        let TermKind::Array(items) = &operand.kind else { return };
        for item in items {
            let TermKind::Comprehension(comprehension) = &item.kind else {
                continue;
            };
            if comprehension.capture {
                self.capture(comprehension, safe);
            }
        }
    }

    fn capture(&mut self, comprehension: &Comprehension, safe: &Locals) {
        let Some(last) = comprehension.body.last() else { return };
        let mut found = Locals::new();
        for part in &comprehension.body {
            // Neither what is replaced counts, nor what is in another template string.
            let of_with = part.with.is_empty() && !last.with.is_empty();
            if of_with || (self.sort == Sort::Template && is_template(part)) {
                continue;
            }
            of_statement(&without_with(part), OWN, &mut found);
        }
        for local in found.difference(safe) {
            if let Some(name) = &self.clause.locals[*local as usize].name {
                let message = format!("var {name} is undeclared");
                let error = CompileError::new(Code::Compile, self.clause.module, last.span, message);
                self.errors.push(error.help("bind it in an earlier statement"));
            }
        }
    }
}

fn without_with(statement: &Statement) -> Statement {
    Statement {
        with: std::sync::Arc::default(),
        ..statement.clone()
    }
}

/// What was put after a body for its head.
fn tail(body: &[Statement]) -> &[Statement] {
    let end = body.iter().rposition(|part| !part.generated).map_or(0, |at| at + 1);
    &body[end..]
}

fn is_call_of(callee: &Callee, sort: Sort) -> bool {
    let wanted = match sort {
        Sort::Template => "internal.template_string",
        Sort::Print => "internal.print",
    };
    matches!(callee, Callee::Builtin(signature) if signature.name == wanted)
}

fn is_template(statement: &Statement) -> bool {
    matches!(&statement.kind, StatementKind::Call(callee, _) if is_call_of(callee, Sort::Template))
}

/// The variable that a statement was made for.
fn result(statement: &Statement) -> Option<Local> {
    let term = match &statement.kind {
        StatementKind::Call(_, operands) => operands.last()?,
        StatementKind::Equal(left, _) => left,
        _ => return None,
    };
    match term.kind {
        TermKind::Local(local) if statement.generated => Some(local),
        _ => None,
    }
}

/// A statement as it was written: itself, and before it what was taken out of it.
struct Group<'a> {
    parts: &'a [Statement],
    last: &'a Statement,
    sort: Sort,
    /// What each variable that the compiler made stands for.
    made: HashMap<Local, &'a Statement>,
}

impl<'a> Group<'a> {
    fn new(all: &'a [Statement], sort: Sort) -> Self {
        let (last, parts) = all.split_last().expect("a group has its statement");
        let made = parts.iter().filter_map(|part| Some((result(part)?, part))).collect();
        Self {
            parts,
            last,
            sort,
            made,
        }
    }

    /// What the statement binds, where `bound` are bound; `kept` is as for the order of statements.
    fn outputs(&self, bound: &Locals, kept: &mut Locals) -> Locals {
        if self.last.negated || !self.replaces_what_is_bound(bound) {
            return Locals::new();
        }
        let found = match &self.last.kind {
            StatementKind::Holds(_) => self.references(bound),
            StatementKind::Every { .. } => {
                kept.extend(self.references(bound));
                kept.clone()
            }
            StatementKind::Equal(left, right) => {
                let mut found = self.references(bound);
                kept.clear();
                let all = self.with_made(found.union(bound).copied().collect());
                found.extend(all.difference(bound).filter(|local| self.made.contains_key(local)));
                equation_outputs(left, right, self.last.assignment, bound, found)
            }
            StatementKind::Call(callee, _) if is_call_of(callee, Sort::Print) => Locals::new(),
            StatementKind::Call(callee, operands) => {
                *kept = self.references(bound);
                let (inputs, results) = operands.split_at(arity(callee, operands.len()));
                let mut needed = Locals::new();
                inputs.iter().for_each(|input| of_term(input, BOUND, &mut needed));
                let is_bound = |local: &Local| kept.contains(local) || bound.contains(local);
                if !results.is_empty() {
                    if !self.spread(&needed, BOUND).iter().all(is_bound) {
                        return Locals::new();
                    }
                    results.iter().for_each(|result| of_term(result, BOUND, kept));
                }
                kept.clone()
            }
            StatementKind::Not(_) | StatementKind::And(..) | StatementKind::Or(..) => Locals::new(),
        };
        self.spread(&found, OWN)
    }

    /// Whether the values of replacements have theirs. A builtin's plain name counts as a variable without one.
    fn replaces_what_is_bound(&self, bound: &Locals) -> bool {
        self.last.with.iter().all(|with| match &with.value {
            Replacement::Value(term) | Replacement::Document(term) => {
                let mut found = Locals::new();
                of_term(term, OWN, &mut found);
                self.spread(&found, OWN).is_subset(bound)
            }
            Replacement::Function(Callee::Builtin(signature)) => signature.name.contains('.'),
            Replacement::Function(Callee::Function { .. }) => true,
        })
    }

    /// What the steps of references bind, in the statement and in what was taken out of it.
    fn references(&self, bound: &Locals) -> Locals {
        let roots = self.with_made(bound.clone());
        let hidden = self.hidden(&roots);
        let parts = self
            .parts
            .iter()
            .filter(|part| self.last.with.is_empty() || !part.with.is_empty())
            .filter(|part| result(part).is_none_or(|local| !hidden.contains(&local)));
        let mut found = Locals::new();
        for part in parts.filter(|part| !is_template(part)).chain([self.last]) {
            let terms: Vec<&Term> = match &part.kind {
                StatementKind::Holds(term) => vec![term],
                StatementKind::Equal(left, right) => vec![left, right],
                StatementKind::Call(_, operands) => operands.iter().collect(),
                StatementKind::Every { domain, .. } => vec![domain],
                StatementKind::Not(_) | StatementKind::And(..) | StatementKind::Or(..) => Vec::new(),
            };
            found.extend(reference_outputs(terms, &roots));
        }
        self.spread(&found, OWN)
    }

    /// What was made for the head of a reference that is not bound, and for its parts: OPA looks no further there.
    fn hidden(&self, roots: &Locals) -> Locals {
        let mut open = Vec::new();
        for part in self.parts.iter().chain([self.last]) {
            walk::statement(part, &mut |found| {
                if let Found::Ref(Root::Local(head), _) = found
                    && self.made.contains_key(&head)
                    && !roots.contains(&head)
                {
                    open.push(head);
                }
            });
        }
        let mut hidden = Locals::new();
        while let Some(local) = open.pop() {
            if hidden.insert(local) {
                let mut inside = Locals::new();
                of_statement(self.made[&local], View::default(), &mut inside);
                open.extend(inside.into_iter().filter(|inner| self.made.contains_key(inner)));
            }
        }
        hidden
    }

    /// The variables, and those made for something whose variables are all among them.
    fn with_made(&self, mut bound: Locals) -> Locals {
        for local in self.made.keys() {
            if self.spread(&Locals::from([*local]), OWN).is_subset(&bound) {
                bound.insert(*local);
            }
        }
        bound
    }

    /// The variables, with what they stand for in the place of those that were made.
    fn spread(&self, locals: &Locals, view: View) -> Locals {
        let mut found = Locals::new();
        let mut open: Vec<Local> = locals.iter().copied().collect();
        while let Some(local) = open.pop() {
            let Some(part) = self.made.get(&local) else {
                found.insert(local);
                continue;
            };
            if self.sort == Sort::Template && is_template(part) {
                continue;
            }
            let mut inside = Locals::new();
            match &part.kind {
                StatementKind::Call(_, operands) => {
                    let inputs = &operands[..operands.len() - 1];
                    inputs.iter().for_each(|input| of_term(input, view, &mut inside));
                }
                StatementKind::Equal(_, term) => of_term(term, view, &mut inside),
                _ => {}
            }
            open.extend(inside);
        }
        found
    }
}
