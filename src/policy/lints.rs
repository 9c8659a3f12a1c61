//! Warnings about policies that OPA accepts and that report nothing.

use std::sync::Arc;

use kpolicy_rego::analysis::walk::{self, Found};
use kpolicy_rego::analysis::{Dependencies, names};
use kpolicy_rego::core::{Branch, Callee, Clause, Kind, Program, Root, Statement, StatementKind, Term, TermKind};
use kpolicy_value::Span;
use kpolicy_value::Value;

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lint {
    /// The name of what it warns of.
    pub id: &'static str,
    /// What is likely not meant.
    pub message: String,
    /// The module, by its index among those compiled.
    pub module: usize,
    /// Where.
    pub span: Span,
    /// What to do.
    pub help: String,
}

/// The warnings of a program whose statements are in their final order and flat.
pub(super) fn check(program: &Program) -> Vec<Lint> {
    let mut lints = untested(program);
    for clause in &program.clauses {
        let mut bodies: Vec<&[Statement]> = clause.branches.iter().map(|branch| &branch.body[..]).collect();
        while let Some(body) = bodies.pop() {
            for (at, statement) in body.iter().enumerate() {
                lints.extend(never(clause, statement));
                lints.extend(undefined_negation(program, clause, body, at));
                bodies.extend(bodies_in(statement));
            }
        }
    }
    lints.sort_by_key(|lint| (lint.module, lint.span, lint.id));
    lints.dedup();
    lints
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

/// A statement of constants that never holds.
fn never(clause: &Clause, statement: &Statement) -> Option<Lint> {
    if statement.negated || statement.generated || !statement.with.is_empty() {
        return None;
    }
    let false_alone = match &statement.kind {
        StatementKind::Holds(term) => matches!(term.kind, TermKind::Const(Value::Bool(false))),
        StatementKind::Equal(left, right) => constants(left, right).is_some_and(|(left, right)| left != right),
        StatementKind::Call(Callee::Builtin(builtin), operands) => match &operands[..] {
            [left, right] => constants(left, right).is_some_and(|(left, right)| !compares(builtin.name, left, right)),
            _ => false,
        },
        _ => false,
    };
    false_alone.then(|| Lint {
        id: "never-holds",
        message: "this is always false, so the clause never applies".to_owned(),
        module: clause.module,
        span: statement.span,
        help: "remove the statement, or the clause".to_owned(),
    })
}

fn constants<'a>(left: &'a Term, right: &'a Term) -> Option<(&'a Value, &'a Value)> {
    match (&left.kind, &right.kind) {
        (TermKind::Const(left), TermKind::Const(right)) => Some((left, right)),
        _ => None,
    }
}

/// Whether a comparison holds; what is not a comparison may.
fn compares(builtin: &str, left: &Value, right: &Value) -> bool {
    match builtin {
        "equal" => left == right,
        "neq" => left != right,
        "lt" => left < right,
        "lte" => left <= right,
        "gt" => left > right,
        "gte" => left >= right,
        _ => true,
    }
}

/// A negated call that never holds where an operand is missing: the operand is looked up before the negation.
fn undefined_negation(program: &Program, clause: &Clause, body: &[Statement], at: usize) -> Option<Lint> {
    let statement = &body[at];
    let StatementKind::Call(callee, operands) = &statement.kind else {
        return None;
    };
    if !statement.negated {
        return None;
    }
    let missing = operands
        .iter()
        .find_map(|operand| may_be_missing(program, clause, body, at, operand))?;
    let name = match callee {
        Callee::Builtin(builtin) => builtin.row.infix.unwrap_or(builtin.name).to_owned(),
        Callee::Function { path, .. } => names::path(path),
    };
    Some(Lint {
        id: "negated-undefined",
        message: format!("if {missing} is undefined, `not` with `{name}` fails, and nothing is reported"),
        module: clause.module,
        span: statement.span,
        help: format!("handle an undefined {missing}: test it in a separate clause, or use object.get"),
    })
}

/// What of an operand of the statement at a place may be missing, as it was written.
fn may_be_missing(program: &Program, clause: &Clause, body: &[Statement], at: usize, operand: &Term) -> Option<String> {
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
                        return Some(names::reference(clause, root, path));
                    }
                    Some(Bound::Call(Callee::Function { path, .. }, _)) if !always_gives(program, path) => {
                        return Some(names::path(path));
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

/// Whether a function has a value whatever it is given: by a default, or by a clause that cannot fail. A builtin that
/// fails is not a silence but an error.
fn always_gives(program: &Program, path: &[Arc<str>]) -> bool {
    let plain = |parameter: &Term| matches!(parameter.kind, TermKind::Local(_));
    let cannot_fail = |statement: &Statement| match &statement.kind {
        StatementKind::Equal(left, right) => statement.generated && plain(left) && comprehension_body(right).is_some(),
        StatementKind::Call(Callee::Builtin(_), operands) => statement.generated && operands.last().is_some_and(plain),
        _ => false,
    };
    let mut clauses = program.clauses.iter().filter(|clause| clause.path == path);
    clauses.any(|clause| match &clause.kind {
        Kind::Function(parameters) => {
            let sure = |branch: &Branch| branch.body.iter().all(cannot_fail);
            clause.default || parameters.iter().all(plain) && clause.branches.iter().any(sure)
        }
        Kind::Complete | Kind::Set => false,
    })
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
            if let Found::Ref(other, steps) = found {
                guarded |= other == root && steps.len() >= path.len() && path.iter().zip(steps).all(same_step);
            }
        });
    }
    guarded
}

fn same_step((a, b): (&Term, &Term)) -> bool {
    matches!((&a.kind, &b.kind), (TermKind::Const(a), TermKind::Const(b)) if a == b)
}

/// Clauses of rules that report, and that nothing of a document decides.
fn untested(program: &Program) -> Vec<Lint> {
    let dependencies = Dependencies::new(program);
    let looks = dependencies.reaching(|clause| looks_at_documents(clause, &dependencies));
    let clauses = program.clauses.iter().enumerate();
    clauses
        .filter(|(at, clause)| !looks[*at] && reports(clause))
        .map(|(_, clause)| Lint {
            id: "tests-nothing",
            message: format!("this clause of {} does not depend on the input", names::rule(clause)),
            module: clause.module,
            span: clause.head,
            help: "test a part of `input`, or remove the clause".to_owned(),
        })
        .collect()
}

/// Whether a clause looks at the document that is evaluated, or at base data.
fn looks_at_documents(clause: &Clause, dependencies: &Dependencies) -> bool {
    let mut looks = false;
    walk::clause(clause, &mut |found| match found {
        Found::Ref(Root::Input, _) => looks = true,
        Found::Ref(Root::Data, path) => looks |= !dependencies.has_rules(path),
        _ => {}
    });
    looks
}

/// Whether a clause is one of a rule that kpolicy reports from.
fn reports(clause: &Clause) -> bool {
    let name = clause.path.last().map_or("", |name| name);
    let named = ["deny", "warn", "violation"].iter().any(|rule| {
        name.strip_prefix(rule)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    });
    named && !clause.default && !matches!(clause.kind, Kind::Function(_))
}

#[cfg(test)]
mod tests {
    use kpolicy_rego::{Dialect, Options, Program, Source};

    fn lints(text: &str) -> Vec<&'static str> {
        let dialect = Dialect::V1;
        let program = Program::compile(&[Source { text, dialect }], Options::default()).expect("it is sound");
        super::check(program.core()).into_iter().map(|lint| lint.id).collect()
    }

    #[test]
    fn a_negation_over_a_function_counts_where_the_function_may_have_no_value() {
        let negated = |function: &str| {
            lints(&format!(
                "package p\ndeny contains 1 if not contains(f(input), \"a\")\n{function}"
            ))
        };
        assert_eq!(negated("f(x) := x.a"), ["negated-undefined"]);
        assert_eq!(negated("f(x) := \"a\" if x.b"), ["negated-undefined"]);
        for function in [
            "f(x) := concat(\"\", [k | some k, _ in x])",
            "f(x) := sprintf(\"%v\", [x])",
            "default f(_) := \"\"\nf(x) := x.a",
        ] {
            assert_eq!(negated(function), [""; 0], "{function}");
        }
    }
}
