//! Operands without a value: OPA's order lets some calls come before what binds their variables, and its builtins then
//! fail as they do for an operand of a wrong type. Such an operand is made one here.

use super::safety::arity;
use super::types::unifies;
use super::variables::{Locals, OWN, View, of_statement, of_term};
use crate::rego::core::{Callee, Kind, Program, Statement, StatementKind, Term, TermKind};
use crate::rego::types::Type;
use crate::value::Value;

/// Settles the operands of a program whose statements are in their final order and flat.
pub fn settle(program: &mut Program) {
    for clause in &mut program.clauses {
        let mut bound = Locals::new();
        if let Kind::Function(parameters) = &clause.kind {
            parameters
                .iter()
                .for_each(|parameter| of_term(parameter, View::default(), &mut bound));
        }
        for branch in &mut clause.branches {
            body(&mut branch.body, bound.clone());
        }
    }
}

fn body(statements: &mut [Statement], mut bound: Locals) {
    for statement in statements {
        closures(statement, &bound);
        if let StatementKind::Call(callee, operands) = &mut statement.kind {
            let inputs = arity(callee, operands.len());
            operands[..inputs]
                .iter_mut()
                .enumerate()
                .for_each(|(at, operand)| settle_operand(callee, at, operand, &bound));
        }
        if !statement.negated {
            of_statement(statement, OWN, &mut bound);
        }
    }
}

fn settle_operand(callee: &Callee, at: usize, operand: &mut Term, bound: &Locals) {
    let (Callee::Builtin(signature), TermKind::Local(local)) = (callee, &operand.kind) else {
        return;
    };
    if !bound.contains(local) && !unifies(&Type::Null, &signature.operands[at]) {
        operand.kind = TermKind::Const(Value::Null);
    }
}

/// Settles the bodies inside a statement.
fn closures(statement: &mut Statement, bound: &Locals) {
    match &mut statement.kind {
        StatementKind::Holds(held) => term(held, bound),
        StatementKind::Equal(left, right) => {
            term(left, bound);
            term(right, bound);
        }
        StatementKind::Call(_, operands) => operands.iter_mut().for_each(|operand| term(operand, bound)),
        StatementKind::Every {
            key,
            value,
            body: inner,
            ..
        } => {
            let mut bound = bound.clone();
            bound.extend([*key, *value]);
            body(inner, bound);
        }
        StatementKind::Not(operand) => body(&mut operand.body, bound.clone()),
        StatementKind::And(left, right) | StatementKind::Or(left, right) => {
            body(&mut left.body, bound.clone());
            body(&mut right.body, bound.clone());
        }
    }
}

fn term(of: &mut Term, bound: &Locals) {
    if let TermKind::Comprehension(comprehension) = &mut of.kind {
        body(&mut comprehension.body, bound.clone());
    }
}
