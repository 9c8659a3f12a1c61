//! The safety check: every variable is bound by something, and statements are put in an order that binds it in time.
//!
//! The order is OPA's: a statement comes as soon as all that it needs is bound, in the order of writing otherwise.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashSet, HashSetExt};

use super::variables::{BOUND, Locals, OWN, View, heads, in_closures, of_body, of_statement, of_term, of_withs};
use super::walk::{self, Found};
use crate::builtins::registry::is_first;
use crate::core::{
    Callee, Clause, Collected, Comprehension, Kind, LocalInfo, Program, Root, Statement, StatementKind, Term, TermKind,
};
use crate::error::{CompileError, CompileErrorCode as Code};
use kpolicy_value::Span;

/// Puts the statements of every body in a safe order, or gives every variable that is unsafe.
pub(crate) fn check(program: &mut Program) -> Vec<CompileError> {
    let mut errors = Vec::new();
    for clause in &mut program.clauses {
        let parameters = parameters(clause);
        let mut checker = Checker {
            locals: &clause.locals,
            module: clause.module,
            errors: &mut errors,
        };
        let keys = clause.keys.iter();
        for (at, branch) in clause.branches.iter_mut().enumerate() {
            let head = keys.clone().filter(|_| at == 0).chain([&branch.value]);
            if !checker.head(head, &branch.body, &parameters) {
                continue;
            }
            branch.body = checker.body(std::mem::take(&mut branch.body), &parameters);
        }
    }
    errors
}

fn parameters(clause: &Clause) -> Locals {
    let mut found = Locals::new();
    if let Kind::Function(parameters) = &clause.kind {
        parameters
            .iter()
            .for_each(|parameter| of_term(parameter, View::default(), &mut found));
    }
    found
}

struct Checker<'a> {
    locals: &'a [LocalInfo],
    module: usize,
    errors: &'a mut Vec<CompileError>,
}

impl Checker<'_> {
    /// Whether every variable of a head is in its body or among the parameters.
    fn head<'t>(&mut self, terms: impl Iterator<Item = &'t Term>, body: &[Statement], parameters: &Locals) -> bool {
        let mut bound = parameters.clone();
        of_body(body, OWN, &mut bound);
        let before = self.errors.len();
        for term in terms {
            let mut found = Locals::new();
            of_term(term, View::default(), &mut found);
            for local in found.difference(&bound) {
                self.unsafe_variable(*local, term.span);
            }
        }
        self.errors.len() == before
    }

    fn unsafe_variable(&mut self, local: u32, span: Span) {
        let message = match &self.locals[local as usize].name {
            Some(name) if matches!(&**name, "in" | "every" | "if" | "contains" | "not" | "and" | "or") => {
                format!("var {name} is unsafe (hint: `import future.keywords.{name}` to import a future keyword)")
            }
            Some(name) => format!("var {name} is unsafe"),
            None => "expression is unsafe".to_owned(),
        };
        let error = CompileError::new(Code::UnsafeVar, self.module, span, message)
            .help("bind it first: with :=, with `some … in`, or by a reference that goes through it");
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The statements in a safe order; what cannot be made safe is an error.
    fn body(&mut self, body: Vec<Statement>, globals: &Locals) -> Vec<Statement> {
        let (mut ordered, left) = order(body, globals, self.locals);
        for (statement, unbound) in &left {
            self.unsafe_statement(statement, unbound);
        }
        let mut bound = globals.clone();
        for statement in &mut ordered {
            self.closures(statement, &mut bound);
            of_statement(statement, OWN, &mut bound);
        }
        ordered.extend(left.into_iter().map(|(statement, _)| statement));
        ordered
    }

    /// Names the variables of a statement that are unsafe; those that the compiler made only where there is no other.
    fn unsafe_statement(&mut self, statement: &Statement, unbound: &Locals) {
        let named = |local: &&u32| self.locals[**local as usize].name.is_some();
        let named: Vec<u32> = unbound.iter().filter(named).copied().collect();
        if named.is_empty() {
            if let (Some(local), false) = (unbound.first(), statement.generated) {
                self.unsafe_variable(*local, statement.span);
            } else if self.errors.is_empty() {
                unbound
                    .first()
                    .iter()
                    .for_each(|local| self.unsafe_variable(**local, statement.span));
            }
            return;
        }
        for local in named {
            self.unsafe_variable(local, statement.span);
        }
    }

    /// The bodies inside a statement, with what is bound before it.
    fn closures(&mut self, statement: &mut Statement, bound: &mut Locals) {
        match &mut statement.kind {
            StatementKind::Holds(term) => self.term(term, bound),
            StatementKind::Equal(left, right) => {
                self.term(left, bound);
                self.term(right, bound);
            }
            StatementKind::Call(_, operands) => operands.iter_mut().for_each(|operand| self.term(operand, bound)),
            StatementKind::Every {
                key,
                value,
                domain,
                body,
            } => {
                self.term(domain, bound);
                bound.extend([*key, *value]);
                *body = self.body(std::mem::take(body), bound);
            }
            StatementKind::Not(operand) => operand.body = self.body(std::mem::take(&mut operand.body), bound),
            StatementKind::And(left, right) | StatementKind::Or(left, right) => {
                left.body = self.body(std::mem::take(&mut left.body), bound);
                right.body = self.body(std::mem::take(&mut right.body), bound);
            }
        }
    }

    fn term(&mut self, term: &mut Term, bound: &Locals) {
        match &mut term.kind {
            TermKind::Const(_) | TermKind::Local(_) => {}
            TermKind::Ref(_, items) | TermKind::Array(items) | TermKind::Set(items) => {
                items.iter_mut().for_each(|item| self.term(item, bound));
            }
            TermKind::Object(entries) => {
                for (key, value) in entries {
                    self.term(key, bound);
                    self.term(value, bound);
                }
            }
            TermKind::Comprehension(comprehension) => self.comprehension(comprehension, term.span, bound),
        }
    }

    fn comprehension(&mut self, comprehension: &mut Comprehension, span: Span, bound: &Locals) {
        let mut inside = bound.clone();
        of_body(&comprehension.body, OWN, &mut inside);
        let mut head = Locals::new();
        heads(comprehension)
            .into_iter()
            .for_each(|term| of_term(term, View::default(), &mut head));
        for local in head.difference(&inside) {
            self.unsafe_variable(*local, span);
        }
        comprehension.body = self.body(std::mem::take(&mut comprehension.body), bound);
    }
}

/// The statements in OPA's order, and those that cannot be made safe with what they lack.
///
/// OPA forgets a statement's own variables where it has a closure over others of the body, and finds the outputs of
/// `every` in a set that still holds those of the call before. A variable that has no value then where it is needed is refused by the
/// plan; OPA fails on it when it evaluates.
fn order(body: Vec<Statement>, globals: &Locals, infos: &[LocalInfo]) -> (Vec<Statement>, Vec<(Statement, Locals)>) {
    let mut all = Locals::new();
    of_body(&body, OWN, &mut all);
    let mut bound: Locals = all.intersection(globals).copied().collect();
    let functions = functions(&all, infos);
    let mut waiting: Vec<Waiting> = body
        .into_iter()
        .map(|statement| Waiting::new(statement, &all, globals, &bound, &functions))
        .collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    let mut kept = Locals::new();
    loop {
        let before = ordered.len();
        let mut still = Vec::new();
        for mut next in waiting {
            let outputs = outputs(&next.statement, &bound, &mut kept);
            if !next.closed.is_empty() {
                let made = body_outputs(&ordered, &bound);
                let open: Locals = next.closed.difference(&made).copied().collect();
                if !open.is_empty() {
                    if open == outputs {
                        still.push(next);
                        continue;
                    }
                    next.unbound = open;
                }
            }
            next.unbound
                .retain(|local| !bound.contains(local) && !outputs.contains(local));
            if next.unbound.is_empty() {
                bound.extend(outputs);
                ordered.push(next.statement);
            } else {
                still.push(next);
            }
        }
        waiting = still;
        if ordered.len() == before || waiting.is_empty() {
            break;
        }
    }
    let left = waiting.into_iter().map(|next| {
        let unbound = if next.unbound.is_empty() {
            next.closed
        } else {
            next.unbound
        };
        (next.statement, unbound)
    });
    (ordered, left.collect())
}

/// The variables that are a builtin to OPA, and those that nothing declares, which may have the first of a builtin's names.
fn functions<'i>(all: &Locals, infos: &'i [LocalInfo]) -> Vec<(u32, &'i str)> {
    let name = |local: &u32| {
        let info = &infos[*local as usize];
        let free = info.name.as_deref().filter(|name| info.free && is_first(name));
        Some((*local, info.function.map(|function| function.name).or(free)?))
    };
    all.iter().filter_map(name).collect()
}

/// What the statements bind, one after the other, beside what is bound.
fn body_outputs(body: &[Statement], bound: &Locals) -> Locals {
    let (mut all, mut kept) = (bound.clone(), Locals::new());
    for statement in body {
        let found = outputs(statement, &all, &mut kept);
        all.extend(found);
    }
    all.difference(bound).copied().collect()
}

/// A statement that has no place yet.
struct Waiting {
    statement: Statement,
    /// The variables of the body that are in its closures.
    closed: Locals,
    /// What must be bound before it, or by it, and is not.
    unbound: Locals,
}

impl Waiting {
    fn new(statement: Statement, all: &Locals, globals: &Locals, bound: &Locals, functions: &[(u32, &str)]) -> Self {
        let mut unbound = Locals::new();
        of_statement(&statement, OWN, &mut unbound);
        unbound.retain(|local| !bound.contains(local));
        let mut closed = Locals::new();
        in_closures(&statement, &mut closed);
        if !functions.is_empty() {
            closed.extend(called(&statement, functions));
        }
        closed.retain(|local| all.contains(local) && !globals.contains(local));
        Self {
            statement,
            closed,
            unbound,
        }
    }
}

/// The variables of a builtin's name, where closures of a statement call that builtin: to OPA the name of what is called is
/// the variable. Where the builtin has several names, that is the first; comprehensions alone count then, and what `every` holds
/// in them does not.
fn called(statement: &Statement, functions: &[(u32, &str)]) -> Locals {
    let mut found = Locals::new();
    walk::statement(statement, &mut |part| {
        if let Found::Statement(inner) = part
            && !std::ptr::eq(inner, statement)
            && let StatementKind::Call(Callee::Builtin(builtin), _) = &inner.kind
        {
            let is_it = |(_, name): &&(u32, &str)| *name == builtin.name;
            found.extend(functions.iter().filter(is_it).map(|(local, _)| *local));
        }
        if let Found::Comprehension(comprehension) = part {
            let first = first_names(&comprehension.body);
            let is_it = |(_, name): &&(u32, &str)| first.contains(name);
            found.extend(functions.iter().filter(is_it).map(|(local, _)| *local));
        }
    });
    found
}

/// The first names of the builtins that a comprehension calls, of those that have several.
fn first_names(body: &[Statement]) -> BTreeSet<&'static str> {
    let (mut names, mut held) = (BTreeSet::new(), HashSet::new());
    walk::body(body, &mut |part| {
        let Found::Statement(statement) = part else { return };
        match &statement.kind {
            StatementKind::Every { body, .. } => walk::body(body, &mut |part| {
                if let Found::Statement(inner) = part {
                    held.insert(std::ptr::from_ref(inner));
                }
            }),
            StatementKind::Call(Callee::Builtin(builtin), _) if !held.contains(&std::ptr::from_ref(statement)) => {
                names.extend(builtin.name.split_once('.').map(|(first, _)| first));
            }
            _ => {}
        }
    });
    names
}

/// How many operands of a call are inputs.
pub(super) fn arity(callee: &Callee, operands: usize) -> usize {
    match callee {
        Callee::Builtin(signature) => signature.operands.len(),
        Callee::Function { arity, .. } => *arity,
    }
    .min(operands)
}

/// The variables that a statement binds, where `bound` are bound. `kept` is what the call before it left: OPA looks for
/// outputs in one set, which `every` alone does not empty.
fn outputs(statement: &Statement, bound: &Locals, kept: &mut Locals) -> Locals {
    if statement.negated {
        return Locals::new();
    }
    let mut replaced = Locals::new();
    of_withs(&statement.with, OWN, &mut replaced);
    if !replaced.is_subset(bound) {
        return Locals::new();
    }
    match &statement.kind {
        StatementKind::Holds(term) => reference_outputs([term], bound),
        StatementKind::Every { domain, .. } => {
            kept.extend(reference_outputs([domain], bound));
            kept.clone()
        }
        StatementKind::Equal(left, right) => {
            kept.clear();
            equation_outputs(left, right, statement.assignment, bound, Locals::new())
        }
        StatementKind::Call(callee, operands) => {
            *kept = reference_outputs(operands, bound);
            let (inputs, results) = operands.split_at(arity(callee, operands.len()));
            if results.is_empty() {
                return kept.clone();
            }
            let mut needed = Locals::new();
            inputs.iter().for_each(|input| of_term(input, BOUND, &mut needed));
            if needed
                .iter()
                .any(|local| !kept.contains(local) && !bound.contains(local))
            {
                return Locals::new();
            }
            results.iter().for_each(|result| of_term(result, BOUND, kept));
            kept.clone()
        }
        StatementKind::Not(_) | StatementKind::And(..) | StatementKind::Or(..) => Locals::new(),
    }
}

/// What an equation binds, where `bound` are bound and `found` counts as bound by it.
pub(super) fn equation_outputs(left: &Term, right: &Term, assignment: bool, bound: &Locals, found: Locals) -> Locals {
    let mut also = reference_outputs([left, right], bound);
    also.extend(found);
    let mut own = Locals::new();
    if assignment {
        of_term(left, View::default(), &mut own);
        also.retain(|local| !own.contains(local));
    }
    let mut unifier = Unifier {
        bound,
        also,
        own,
        unified: Locals::new(),
        unknown: BTreeMap::new(),
    };
    unifier.unify(left, right);
    let mut found = unifier.unified;
    found.append(&mut unifier.also);
    found.retain(|local| !bound.contains(local));
    found
}

/// The variables in the steps of references whose root is bound.
pub(super) fn reference_outputs<'t>(terms: impl IntoIterator<Item = &'t Term>, bound: &Locals) -> Locals {
    let mut found = Locals::new();
    for term in terms {
        collect_references(term, bound, &mut found);
    }
    found
}

fn collect_references(term: &Term, bound: &Locals, found: &mut Locals) {
    match &term.kind {
        TermKind::Const(_) | TermKind::Local(_) | TermKind::Comprehension(_) => {}
        TermKind::Ref(root, steps) => {
            if is_bound(*root, bound) {
                let view = View {
                    skip_ref_heads: true,
                    ..View::default()
                };
                steps.iter().for_each(|step| of_term(step, view, found));
                steps.iter().for_each(|step| collect_references(step, bound, found));
            }
        }
        TermKind::Array(items) | TermKind::Set(items) => {
            items.iter().for_each(|item| collect_references(item, bound, found));
        }
        TermKind::Object(entries) => {
            for (key, value) in entries {
                collect_references(key, bound, found);
                collect_references(value, bound, found);
            }
        }
    }
}

fn is_bound(root: Root, bound: &Locals) -> bool {
    match root {
        Root::Input | Root::Data => true,
        Root::Local(local) => bound.contains(&local),
    }
}

/// Which variables the unification of two terms binds.
struct Unifier<'a> {
    bound: &'a Locals,
    /// What counts as bound beside it.
    also: Locals,
    /// What does not, since it is assigned here.
    own: Locals,
    unified: Locals,
    /// Variables that are equal to something with unbound variables: bound once those are, and the other way round.
    unknown: BTreeMap<u32, Locals>,
}

impl Unifier<'_> {
    fn is_safe(&self, local: u32) -> bool {
        self.is_given(local) || self.unified.contains(&local)
    }

    /// Whether a variable is bound before the two are unified.
    fn is_given(&self, local: u32) -> bool {
        (self.bound.contains(&local) || self.also.contains(&local)) && !self.own.contains(&local)
    }

    fn has_root(&self, root: Root) -> bool {
        match root {
            Root::Input | Root::Data => true,
            Root::Local(local) => self.is_given(local),
        }
    }

    fn unify(&mut self, left: &Term, right: &Term) {
        match (&left.kind, &right.kind) {
            (TermKind::Local(a), TermKind::Local(b)) => match (self.is_safe(*a), self.is_safe(*b)) {
                (_, true) => self.mark(*a),
                (true, _) => self.mark(*b),
                _ => {
                    self.unknown.entry(*a).or_default().insert(*b);
                    self.unknown.entry(*b).or_default().insert(*a);
                }
            },
            (TermKind::Local(a), TermKind::Array(_) | TermKind::Object(_)) => self.unify_all(*a, right),
            (TermKind::Array(_) | TermKind::Object(_), TermKind::Local(b)) => self.unify_all(*b, left),
            (TermKind::Local(a), TermKind::Ref(root, _)) | (TermKind::Ref(root, _), TermKind::Local(a))
                if self.has_root(*root) =>
            {
                self.mark(*a);
            }
            (TermKind::Local(_), TermKind::Ref(..)) | (TermKind::Ref(..), TermKind::Local(_)) => {}
            (TermKind::Local(a), _) | (_, TermKind::Local(a)) => self.mark(*a),
            (TermKind::Ref(root, _), TermKind::Array(_) | TermKind::Object(_)) if self.has_root(*root) => {
                self.mark_all(right);
            }
            (TermKind::Array(_) | TermKind::Object(_), TermKind::Ref(root, _)) if self.has_root(*root) => {
                self.mark_all(left);
            }
            // OPA looks at what is compared with a comprehension only here and there.
            (TermKind::Comprehension(made), TermKind::Array(_)) if matches!(made.head, Collected::Array(_)) => {
                self.mark_all(right);
            }
            (TermKind::Comprehension(made), TermKind::Object(_)) if matches!(made.head, Collected::Object(..)) => {
                self.mark_all(right);
            }
            (TermKind::Array(_), TermKind::Comprehension(_)) => self.mark_all(left),
            (TermKind::Array(a), TermKind::Array(b)) if a.len() == b.len() => {
                a.iter().zip(b).for_each(|(a, b)| self.unify(a, b));
            }
            (TermKind::Object(a), TermKind::Object(b)) if a.len() == b.len() => {
                for (key, value) in a {
                    if let Some((_, other)) = b.iter().find(|(other, _)| same_key(key, other)) {
                        self.unify(value, other);
                    }
                }
            }
            (TermKind::Array(_) | TermKind::Object(_), TermKind::Const(value)) => self.unify_const(left, value),
            (TermKind::Const(value), TermKind::Array(_) | TermKind::Object(_)) => self.unify_const(right, value),
            _ => {}
        }
    }

    /// A pattern against a value that is known: all that stands where the value has something is bound.
    fn unify_const(&mut self, pattern: &Term, value: &kpolicy_value::Value) {
        let constant = |value: &kpolicy_value::Value| Term {
            kind: TermKind::Const(value.clone()),
            span: pattern.span,
        };
        match &pattern.kind {
            TermKind::Array(items) => {
                let values = value.as_array().filter(|values| values.len() == items.len());
                for (item, value) in items.iter().zip(values.unwrap_or_default()) {
                    self.unify(item, &constant(value));
                }
            }
            TermKind::Object(entries) => {
                let Some(object) = value.as_object().filter(|object| object.len() == entries.len()) else {
                    return;
                };
                for (key, item) in entries {
                    if let TermKind::Const(key) = &key.kind
                        && let Some(value) = object.get(key)
                    {
                        self.unify(item, &constant(value));
                    }
                }
            }
            _ => {}
        }
    }

    /// A variable against a collection: each is bound once the other is.
    fn unify_all(&mut self, local: u32, collection: &Term) {
        if self.is_safe(local) {
            return self.mark_all(collection);
        }
        let mut found = Locals::new();
        let view = View {
            skip_ref_heads: true,
            skip_object_keys: true,
            skip_closures: true,
            skip_sets: false,
        };
        of_term(collection, view, &mut found);
        found.retain(|local| !self.is_safe(*local));
        if found.is_empty() {
            self.mark(local);
        } else {
            self.unknown.entry(local).or_default().extend(found);
        }
    }

    fn mark_all(&mut self, term: &Term) {
        let mut found = Locals::new();
        let view = View {
            skip_ref_heads: true,
            skip_object_keys: true,
            skip_closures: true,
            skip_sets: false,
        };
        of_term(term, view, &mut found);
        found.into_iter().for_each(|local| self.mark(local));
    }

    fn mark(&mut self, local: u32) {
        let mut open = vec![local];
        while let Some(local) = open.pop() {
            self.unified.insert(local);
            open.extend(self.unknown.remove(&local).unwrap_or_default());
            for (waiting, on) in &mut self.unknown {
                if on.remove(&local) && on.is_empty() {
                    open.push(*waiting);
                }
            }
        }
    }
}

fn same_key(a: &Term, b: &Term) -> bool {
    match (&a.kind, &b.kind) {
        (TermKind::Const(a), TermKind::Const(b)) => a == b,
        (TermKind::Local(a), TermKind::Local(b)) => a == b,
        _ => false,
    }
}
