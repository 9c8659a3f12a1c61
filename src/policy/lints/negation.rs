//! Lints about negations: those that fail where something is missing, and those that never hold.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::written::{Conditions, Sense};
use super::{Found, Scope};
use kpolicy_rego::analysis::names;
use kpolicy_rego::analysis::walk::{self, Found as Part};
use kpolicy_rego::core::{Branch, Callee, Clause, Kind, Program, Root, Statement, StatementKind, Term, TermKind};

/// The clauses of a program by their path, and what is known of each rule once somebody asked.
struct Clauses<'p> {
    program: &'p Program,
    by_path: HashMap<&'p [Arc<str>], Vec<usize>>,
    cases: RefCell<HashMap<Vec<Arc<str>>, Rc<Cases>>>,
    /// Whether a rule or a function has a value whatever it is given.
    total: RefCell<HashMap<Vec<Arc<str>>, bool>>,
}

/// What the clauses of a rule test.
#[derive(Default)]
struct Cases {
    /// The conditions, each with its clause; nothing where several clauses have it.
    conditions: HashMap<(String, Sense), Option<usize>>,
    /// Whether a condition of one clause is the opposite of one of another: together they are meant for every case.
    are_complete: bool,
}

impl Cases {
    /// Whether a clause other than this one has a condition.
    fn has_beside(&self, clause: usize, condition: &(String, Sense)) -> bool {
        let holder = self.conditions.get(condition);
        holder.is_some_and(|holder| *holder != Some(clause))
    }
}

impl<'p> Clauses<'p> {
    fn of(program: &'p Program) -> Self {
        let mut by_path: HashMap<&[Arc<str>], Vec<usize>> = HashMap::new();
        for (at, clause) in program.clauses.iter().enumerate() {
            by_path.entry(&clause.path).or_default().push(at);
        }
        Self {
            program,
            by_path,
            cases: RefCell::default(),
            total: RefCell::default(),
        }
    }

    fn at(&self, path: &[Arc<str>]) -> impl Iterator<Item = &'p Clause> {
        let clauses = self.by_path.get(path).map_or(&[][..], Vec::as_slice);
        clauses.iter().map(|at| &self.program.clauses[*at])
    }

    /// What the clauses of a rule test.
    fn cases(&self, path: &[Arc<str>]) -> Rc<Cases> {
        if let Some(cases) = self.cases.borrow().get(path) {
            return Rc::clone(cases);
        }
        let mut cases = Cases::default();
        for at in self.by_path.get(path).into_iter().flatten() {
            for (text, sense) in Conditions::of_clause(&self.program.clauses[*at]) {
                cases.are_complete |= cases.conditions.contains_key(&(text.clone(), sense.opposite()));
                let holder = cases.conditions.entry((text, sense)).or_insert(Some(*at));
                *holder = holder.filter(|holder| holder == at);
            }
        }
        let cases = Rc::new(cases);
        self.cases.borrow_mut().insert(path.to_vec(), Rc::clone(&cases));
        cases
    }
}

/// Negated calls that never hold where an operand is missing: the operand is looked up before the negation.
pub(super) fn undefined(scope: &Scope) -> Vec<Found> {
    let clauses = Clauses::of(scope.program);
    let mut found = Vec::new();
    for (index, clause) in scope.program.clauses.iter().enumerate() {
        if scope.modules[clause.module].file.embedded {
            continue;
        }
        let mut bodies: Vec<&[Statement]> = clause.branches.iter().map(|branch| &branch.body[..]).collect();
        while let Some(body) = bodies.pop() {
            let conditions = OnceCell::new();
            for (at, statement) in body.iter().enumerate() {
                let own = || conditions.get_or_init(|| Conditions::new(clause, body));
                let missing = undefined_negation(&clauses, clause, body, at);
                let missing = missing.filter(|missing| !is_a_case(&clauses, index, own(), at, missing));
                found.extend(missing.map(|missing| missing.found(clause, statement)));
                bodies.extend(bodies_in(statement));
            }
        }
    }
    found
}

/// Negations of documents that are always defined: sets, and objects of rules.
pub(super) fn impossible(scope: &Scope) -> Vec<Found> {
    let clauses = Clauses::of(scope.program);
    let mut found = Vec::new();
    for clause in scope.own_clauses() {
        walk::clause(clause, &mut |part| {
            if let Part::Statement(statement) = part
                && statement.negated
                && let StatementKind::Holds(term) = &statement.kind
                && let TermKind::Ref(Root::Data, path) = &term.kind
                && let Some(path) = names_of(path)
                && clauses.at(&path).any(is_collection)
            {
                let name = names::path(&path);
                let message = format!("{name} is always defined, so this never holds");
                let help = format!("compare with the empty value, or look for a member: `not x in {name}`");
                found.push(Found::new(clause.module, statement.span, message, help));
            }
        });
    }
    found
}

fn is_collection(clause: &Clause) -> bool {
    match clause.kind {
        Kind::Set => true,
        Kind::Complete => !clause.keys.is_empty(),
        Kind::Function(_) => false,
    }
}

fn names_of(path: &[Term]) -> Option<Vec<Arc<str>>> {
    let name = |step: &Term| match &step.kind {
        TermKind::Const(name) => name.as_str().map(Arc::from),
        _ => None,
    };
    path.iter().map(name).collect()
}

/// What may be missing of the operands of a negated call: then it never holds.
fn undefined_negation<'a>(clauses: &Clauses, clause: &Clause, body: &'a [Statement], at: usize) -> Option<Missing<'a>> {
    let statement = &body[at];
    let StatementKind::Call(_, operands) = &statement.kind else {
        return None;
    };
    if !statement.negated {
        return None;
    }
    let mut operands = operands.iter();
    operands.find_map(|operand| may_be_missing(clauses, clause, body, at, operand))
}

/// Whether a clause beside that of a negation is for the opposite case, or for that in which the operand is missing:
/// then the cases are meant.
fn is_a_case(clauses: &Clauses, index: usize, own: &Conditions, at: usize, missing: &Missing) -> bool {
    let opposite = own.of_statement(at).map(|(text, sense)| (text, sense.opposite()));
    let absent = missing
        .term
        .and_then(|term| own.text(term))
        .map(|text| (text, Sense::Not));
    let cases = clauses.cases(&clauses.program.clauses[index].path);
    let mut meant = opposite.iter().chain(&absent);
    meant.any(|condition| cases.has_beside(index, condition))
}

/// What may be missing.
struct Missing<'a> {
    /// As it was written.
    name: String,
    /// The variable that stands for it.
    term: Option<&'a Term>,
}

impl Missing<'_> {
    fn found(self, clause: &Clause, statement: &Statement) -> Found {
        let missing = self.name;
        let name = match &statement.kind {
            StatementKind::Call(Callee::Builtin(builtin), _) => builtin.row.infix.unwrap_or(builtin.name).to_owned(),
            StatementKind::Call(Callee::Function { path, .. }, _) => names::path(path),
            _ => "it".to_owned(),
        };
        Found::new(
            clause.module,
            statement.span,
            format!("if {missing} is undefined, `not` with `{name}` fails, and nothing is reported"),
            format!("handle an undefined {missing}: test it in a separate clause, or use object.get"),
        )
    }
}

/// What of an operand of the statement at a place may be missing, as it was written.
fn may_be_missing<'a>(
    clauses: &Clauses,
    clause: &Clause,
    body: &'a [Statement],
    at: usize,
    operand: &'a Term,
) -> Option<Missing<'a>> {
    let mut open = vec![operand];
    while let Some(term) = open.pop() {
        match &term.kind {
            TermKind::Array(items) | TermKind::Set(items) => open.extend(items),
            TermKind::Object(entries) => open.extend(entries.iter().map(|(_, value)| value)),
            TermKind::Local(local) if is_generated(clause, *local) => {
                let before = body[..at].iter().rev();
                let bound = before
                    .filter(|each| each.generated)
                    .find_map(|each| binding(each, *local));
                match bound {
                    Some(Bound::Ref(root, path))
                        if looks_into_input(&body[..at], root, path) && !is_guarded(body, at, root, path) =>
                    {
                        return Some(Missing {
                            name: names::reference(clause, root, path),
                            term: Some(term),
                        });
                    }
                    Some(Bound::Call(Callee::Function { path, .. }, _)) if !always_gives(clauses, path, DEEPEST) => {
                        return Some(Missing {
                            name: names::path(path),
                            term: None,
                        });
                    }
                    Some(Bound::Call(Callee::Builtin(builtin), operands)) if builtin.name != "object.get" => {
                        open.extend(operands);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    None
}

/// How many functions deep it is followed whether a function has a value.
const DEEPEST: usize = 32;

/// Whether a rule or a function has a value whatever it is given: a set always; others by a default, by a clause that cannot fail, or by clauses for
/// opposite cases. A builtin that fails is not a silence but an error.
fn always_gives(clauses: &Clauses, path: &[Arc<str>], depth: usize) -> bool {
    if let Some(known) = clauses.total.borrow().get(path) {
        return *known;
    }
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    let sure = |branch: &Branch| branch.body.iter().all(|each| cannot_fail(clauses, each, depth));
    let is_total = |clause: &Clause| match &clause.kind {
        Kind::Function(parameters) => {
            clause.default || parameters.iter().all(is_variable) && clause.branches.iter().any(sure)
        }
        Kind::Complete if clause.keys.is_empty() => clause.default || clause.branches.iter().any(sure),
        Kind::Complete | Kind::Set => true,
    };
    let gives = clauses.at(path).any(is_total) || clauses.cases(path).are_complete;
    clauses.total.borrow_mut().insert(path.to_vec(), gives);
    gives
}

/// Whether a statement gives a variable a value whatever comes before it.
fn cannot_fail(clauses: &Clauses, statement: &Statement, depth: usize) -> bool {
    if !statement.generated && !statement.assignment {
        return false;
    }
    match &statement.kind {
        StatementKind::Equal(left, right) => {
            let is_defined = match &right.kind {
                TermKind::Ref(Root::Data, path) => {
                    names_of(path).is_some_and(|path| always_gives(clauses, &path, depth))
                }
                TermKind::Ref(..) => false,
                _ => true,
            };
            is_variable(left) && is_defined
        }
        StatementKind::Call(callee, operands) => {
            let gives = match callee {
                Callee::Builtin(_) => true,
                Callee::Function { path, .. } => always_gives(clauses, path, depth),
            };
            gives && operands.last().is_some_and(is_variable)
        }
        _ => false,
    }
}

fn is_variable(term: &Term) -> bool {
    matches!(term.kind, TermKind::Local(_))
}

/// Whether a variable stands for a part of a statement, and was not written.
fn is_generated(clause: &Clause, local: u32) -> bool {
    let info = clause.locals.get(local as usize);
    info.is_some_and(|info| info.name.is_none())
}

/// What a generated variable stands for.
enum Bound<'a> {
    Ref(Root, &'a [Term]),
    Call(&'a Callee, &'a [Term]),
}

/// What a statement binds a variable to.
fn binding(statement: &Statement, wanted: u32) -> Option<Bound<'_>> {
    let is_wanted = |term: &Term| matches!(term.kind, TermKind::Local(local) if local == wanted);
    match &statement.kind {
        StatementKind::Equal(left, right) => match (&left.kind, &right.kind) {
            (_, TermKind::Ref(root, path)) if is_wanted(left) => Some(Bound::Ref(*root, path)),
            (TermKind::Ref(root, path), _) if is_wanted(right) => Some(Bound::Ref(*root, path)),
            _ => None,
        },
        StatementKind::Call(callee, operands) => match operands.split_last() {
            Some((last, operands)) if is_wanted(last) => Some(Bound::Call(callee, operands)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a reference goes a known way into the document that is evaluated, or into a part of it.
fn looks_into_input(body: &[Statement], root: Root, path: &[Term]) -> bool {
    let known = path.iter().all(|step| matches!(step.kind, TermKind::Const(_)));
    known && !path.is_empty() && is_of_input(body, root)
}

/// Whether a reference starts in the document that is evaluated: at its root, or at a variable that the body takes from
/// it. What the policy's own rules hand over is their business.
fn is_of_input(body: &[Statement], root: Root) -> bool {
    let mut root = root;
    for each in body.iter().rev() {
        let Root::Local(local) = root else { break };
        if let Some(Bound::Ref(from, _)) = binding(each, local) {
            root = from;
        }
    }
    root == Root::Input
}

/// Whether an earlier statement of the body already needs the reference, or what lies after it.
fn is_guarded(body: &[Statement], at: usize, root: Root, path: &[Term]) -> bool {
    let own = body[at].span;
    // What was taken out of the statement itself stands before it, and guards nothing.
    let part = |each: &Statement| own.start <= each.span.start && each.span.end <= own.end;
    let earlier = body[..at].iter().filter(|each| !each.negated && !part(each));
    let mut guarded = false;
    for each in earlier {
        walk::statement(each, &mut |found| {
            if let Part::Ref(other, steps) = found {
                guarded |= other == root && steps.len() >= path.len() && path.iter().zip(steps).all(same_step);
            }
        });
    }
    guarded
}

fn same_step((a, b): (&Term, &Term)) -> bool {
    matches!((&a.kind, &b.kind), (TermKind::Const(a), TermKind::Const(b)) if a == b)
}

/// The bodies of a statement's comprehensions and `every`: their variables are bound where they stand.
fn bodies_in(statement: &Statement) -> Vec<&[Statement]> {
    match &statement.kind {
        StatementKind::Holds(term) => comprehension_body(term).into_iter().collect(),
        StatementKind::Equal(left, right) => [left, right].into_iter().filter_map(comprehension_body).collect(),
        StatementKind::Every { body, .. } => vec![body],
        StatementKind::Not(operand) => vec![&operand.body],
        StatementKind::And(left, right) | StatementKind::Or(left, right) => vec![&left.body, &right.body],
        StatementKind::Call(..) => Vec::new(),
    }
}

fn comprehension_body(term: &Term) -> Option<&[Statement]> {
    match &term.kind {
        TermKind::Comprehension(comprehension) => Some(&comprehension.body),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn a_negation_over_a_function_counts_where_the_function_may_have_no_value() {
        let negated = |function: &str| {
            let text = format!("package p\ndeny contains 1 if not contains(f(input), \"a\")\n{function}");
            found("negated-undefined", &text).len()
        };
        for function in [
            "f(x) := x.a",
            "f(x) := \"a\" if x.b",
            "f(x) := \"a\" if x.b == 1\nf(y) := \"b\" if {\n\tx := y.c\n\tx.b != 1\n}",
        ] {
            assert_eq!(negated(function), 1, "{function}");
        }
        for function in [
            "f(x) := concat(\"\", [k | some k, _ in x])",
            "f(x) := sprintf(\"%v\", [x])",
            "f(x) := g(x)\ng(x) := sprintf(\"%v\", [[y | y := x.a]])",
            "default f(_) := \"\"\nf(x) := x.a",
            "f(x) := value if {\n\tvalue := x.a\n\tis_string(value)\n}\nf(x) := \"\" if not is_string(x.a)",
            "f(x) := \"a\" if x.b == 1\nf(y) := \"b\" if y.b != 1",
        ] {
            assert_eq!(negated(function), 0, "{function}");
        }
    }

    #[test]
    fn a_negation_whose_opposite_or_gap_is_a_clause_beside_it_is_meant() {
        let negated = |clause: &str| {
            let text = format!("package p\ndeny contains 1 if not startswith(input.a.b, \"x\")\n{clause}");
            found("negated-undefined", &text).len()
        };
        assert_eq!(negated("deny contains 2 if not input.a.b"), 0);
        assert_eq!(negated("deny contains 2 if startswith(input.a.b, \"x\")"), 0);
        assert_eq!(negated("deny contains 2 if not input.a"), 1);
        assert_eq!(negated("warn contains 2 if startswith(input.a.b, \"x\")"), 1);
        assert_eq!(negated(""), 1);
    }
}
