//! The instructions of a body, statement by statement.

use std::sync::Arc;

use foldhash::HashMap;

use super::code::{
    Block, BuiltinRef, Collect, Op, Operand, Override, OverrideTarget, OverrideValue, Plan, Slot, Start,
};
use super::demand::Parts;
use super::{length, unplannable};
use crate::builtins::registry::{Implementation, Signature};
use crate::core::{
    self, Callee, Collected, Comprehension, Kind, Local, Replacement, Root, Statement, StatementKind, Target, Term,
    TermKind, With,
};
use crate::error::CompileError;
use kpolicy_value::Span;
use kpolicy_value::Value;

/// The block of one body as it grows.
pub(super) struct Builder<'a> {
    pub(super) plan: &'a Plan,
    by_path: &'a HashMap<Vec<Arc<str>>, usize>,
    pub(super) parts: &'a mut Parts,
    clause: &'a core::Clause,
    pub(super) block: Block,
    pub(super) errors: Vec<CompileError>,
    /// Which variables have their value.
    bound: Vec<bool>,
    /// Whether a constant has a number that is written oddly.
    pub(super) non_canonical: bool,
}

impl<'a> Builder<'a> {
    /// An empty block, whose first slots hold the operands of a function or so many keys.
    pub(super) fn new(
        plan: &'a Plan,
        by_path: &'a HashMap<Vec<Arc<str>>, usize>,
        parts: &'a mut Parts,
        clause: &'a core::Clause,
        keys: usize,
    ) -> Self {
        let parameters = match &clause.kind {
            Kind::Function(parameters) => length(parameters),
            _ => u32::try_from(keys).unwrap_or(u32::MAX),
        };
        Self {
            plan,
            by_path,
            parts,
            clause,
            block: Block {
                slots: parameters + length(&clause.locals),
                parameters,
                ..Block::default()
            },
            errors: Vec::new(),
            bound: vec![false; clause.locals.len()],
            non_canonical: false,
        }
    }

    pub(super) fn emit(&mut self, op: Op, span: Span) {
        self.block.code.push(op);
        self.block.spans.push(span);
    }

    /// The place of the next instruction.
    pub(super) fn here(&self) -> u32 {
        length(&self.block.code)
    }

    /// A slot of no variable.
    pub(super) fn spare(&mut self) -> Slot {
        self.block.slots += 1;
        self.block.slots - 1
    }

    /// A variable's slot: the operands of a function come first.
    pub(super) fn slot(&self, local: Local) -> Slot {
        self.block.parameters + local
    }

    pub(super) fn is_bound(&self, local: Local) -> bool {
        self.bound[local as usize]
    }

    pub(super) fn bind(&mut self, local: Local) {
        self.bound[local as usize] = true;
    }

    /// Which variables are bound, to go back to with [`Self::set_bound`].
    pub(super) fn bound_now(&self) -> Vec<bool> {
        self.bound.clone()
    }

    pub(super) fn set_bound(&mut self, bound: &[bool]) {
        self.bound = bound.to_vec();
    }

    pub(super) fn refuse(&mut self, span: Span, what: &str) {
        self.errors.push(unplannable(self.clause.module, span, what));
    }

    pub(super) fn node(&self, path: &[Arc<str>]) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Matches the operands of a call with the parameters.
    pub(super) fn parameters(&mut self) {
        let clause = self.clause;
        if let Kind::Function(parameters) = &clause.kind {
            for (at, parameter) in (0..).zip(parameters) {
                self.matches(Operand::Slot(at), parameter);
            }
        }
    }

    pub(super) fn statements(&mut self, body: &[Statement]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        let (at, span) = (self.here(), statement.span);
        self.block.statements.push(Start { at, span });
        if statement.with.is_empty() {
            return self.bare(statement);
        }
        let overrides = self.overrides(&statement.with);
        let start = self.here();
        self.emit(Op::With { overrides, end: 0 }, statement.span);
        self.bare(statement);
        self.emit(Op::EndWith, statement.span);
        self.end_at_here(start);
    }

    /// Sets the end of the block that an instruction started.
    fn end_at_here(&mut self, start: u32) {
        let here = self.here();
        match &mut self.block.code[start as usize] {
            Op::With { end, .. } | Op::Not { end } | Op::Collect { end, .. } => *end = here,
            other => unreachable!("{other:?} starts no block"),
        }
    }

    fn bare(&mut self, statement: &Statement) {
        if statement.negated {
            self.not(statement.span, |builder| builder.positive(statement));
        } else {
            self.positive(statement);
        }
    }

    /// Instructions that hold where those of `inner` fail. Nothing that `inner` binds is bound outside.
    fn not(&mut self, span: Span, inner: impl FnOnce(&mut Self)) {
        let start = self.here();
        let before = self.bound.clone();
        self.emit(Op::Not { end: 0 }, span);
        inner(self);
        self.emit(Op::EndNot, span);
        self.bound = before;
        self.end_at_here(start);
    }

    /// Instructions that hold once at most.
    fn once(&mut self, span: Span, inner: impl FnOnce(&mut Self)) {
        let before = self.bound.clone();
        self.emit(Op::Once, span);
        inner(self);
        self.emit(Op::EndOnce, span);
        self.bound = before;
    }

    fn positive(&mut self, statement: &Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Holds(term) => {
                let start = self.here();
                let value = self.value(term);
                if let Some(Op::Path { to, bare, .. }) = self.block.code[start as usize..].last_mut() {
                    *bare = value == Operand::Slot(*to);
                }
                if !matches!(&value, Operand::Const(value) if *value != Value::Bool(false)) {
                    self.emit(Op::Truthy(value), span);
                }
            }
            StatementKind::Equal(left, right) => self.unify(left, right, span),
            StatementKind::Call(callee, operands) => self.call(callee, operands, span),
            StatementKind::Every {
                key,
                value,
                domain,
                body,
            } => self.every(*key, *value, domain, body, span),
            StatementKind::Not(operand) => self.not(span, |builder| builder.statements(&operand.body)),
            StatementKind::And(left, right) => {
                self.once(span, |builder| builder.statements(&left.body));
                self.once(span, |builder| builder.statements(&right.body));
            }
            StatementKind::Or(left, right) => self.or(left, right, span),
        }
    }

    /// The first of two bodies that holds.
    fn or(&mut self, left: &core::Operand, right: &core::Operand, span: Span) {
        self.once(span, |builder| {
            let fork = builder.here();
            builder.emit(Op::Fail, span);
            let before = builder.bound.clone();
            builder.statements(&left.body);
            let jump = builder.here();
            builder.emit(Op::Fail, span);
            builder.bound = before;
            let second = builder.here();
            builder.statements(&right.body);
            let end = builder.here();
            builder.block.code[fork as usize] = Op::Fork([fork + 1, second].into());
            builder.block.code[jump as usize] = Op::Jump(end);
        });
    }

    /// `every`: there is no member for which the body does not hold.
    fn every(&mut self, key: Local, value: Local, domain: &Term, body: &[Statement], span: Span) {
        let of = self.value(domain);
        self.emit(Op::Iterable(of.clone()), span);
        self.not(span, |builder| {
            let (key_slot, to) = (builder.slot(key), builder.slot(value));
            builder.emit(Op::Scan { of, key: key_slot, to }, span);
            builder.bind(key);
            builder.bind(value);
            builder.not(span, |builder| builder.statements(body));
        });
    }

    fn call(&mut self, callee: &Callee, operands: &[Term], span: Span) {
        let arity = match callee {
            Callee::Builtin(signature) => signature.operands.len(),
            Callee::Function { arity, .. } => *arity,
        };
        let (inputs, result) = operands.split_at(arity.min(operands.len()));
        let inputs: Box<[Operand]> = inputs.iter().map(|input| self.value(input)).collect();
        if let Callee::Builtin(Signature {
            name: "internal.print", ..
        }) = callee
        {
            inputs
                .into_iter()
                .for_each(|operand| self.emit(Op::Print(operand), span));
            return;
        }
        let (to, bare) = (self.spare(), result.is_empty());
        let op = match callee {
            Callee::Builtin(Signature { name: "walk", .. }) => match inputs.into_iter().next() {
                Some(of) => Op::Walk { of, to },
                None => Op::Fail,
            },
            Callee::Builtin(Signature {
                name: "internal.test_case",
                ..
            }) => {
                let case = inputs.into_iter().next();
                return case.into_iter().for_each(|case| self.emit(Op::TestCase(case), span));
            }
            Callee::Builtin(signature) => Op::Builtin {
                builtin: self.builtin(signature),
                operands: inputs,
                to,
                bare,
            },
            Callee::Function { path, .. } => match self.function(path) {
                // A rule without parameters can be called as `rule()`.
                Some(rule) if inputs.is_empty() => Op::Rule { rule, part: None, to },
                Some(rule) => Op::Call {
                    rule,
                    operands: inputs,
                    to,
                    bare,
                },
                None => return self.refuse(span, "a call of a rule that is not a function"),
            },
        };
        self.emit(op, span);
        match result.first() {
            Some(pattern) => self.matches(Operand::Slot(to), pattern),
            None => self.emit(Op::Truthy(Operand::Slot(to)), span),
        }
    }

    fn function(&self, path: &[Arc<str>]) -> Option<u32> {
        self.plan.nodes[self.node(path)?].rule
    }

    fn overrides(&mut self, withs: &[With]) -> Box<[Override]> {
        withs.iter().filter_map(|with| self.replacement(with)).collect()
    }

    fn replacement(&mut self, with: &With) -> Option<Override> {
        let target = match &with.target {
            Target::Input(path) => OverrideTarget::Input(path.as_slice().into()),
            Target::Builtin(signature) => OverrideTarget::Builtin(BuiltinRef::of(signature.row)),
            Target::Data(path) => match self.function_rule(path) {
                Some(rule) => OverrideTarget::Function(rule),
                None => OverrideTarget::Data(path.as_slice().into()),
            },
        };
        let value = match &with.value {
            Replacement::Value(term) => OverrideValue::Value(self.value(term)),
            Replacement::Document(term) => OverrideValue::Document(self.parts.document(term, self.clause)),
            // OPA puts the variable's value there.
            Replacement::Function(Callee::Builtin(signature)) if self.has_variable_of(signature) => {
                let what = format!(
                    "{} in the place of a function, since a variable has its name",
                    signature.name
                );
                self.refuse(with.span, &what);
                return None;
            }
            Replacement::Function(Callee::Builtin(signature)) => OverrideValue::Builtin(self.builtin(signature)),
            Replacement::Function(Callee::Function { path, .. }) => OverrideValue::Function(self.function(path)?),
        };
        Some(Override { target, value })
    }

    /// A builtin as the clause calls it.
    fn builtin(&self, signature: &Signature) -> BuiltinRef {
        let is_placed = matches!(signature.row.implementation, Implementation::Placed(_));
        BuiltinRef {
            placed: is_placed.then_some(self.clause.module),
            ..BuiltinRef::of(signature.row)
        }
    }

    /// Whether the clause has a variable that OPA takes for this builtin.
    fn has_variable_of(&self, builtin: &Signature) -> bool {
        let mut functions = self.clause.locals.iter().filter_map(|local| local.function);
        functions.any(|function| function.name == builtin.name)
    }

    /// The rule of a path, where it is a function.
    fn function_rule(&self, path: &[Arc<str>]) -> Option<u32> {
        let rule = self.function(path)?;
        let is_function = matches!(self.plan.rules[rule as usize].kind, super::code::RuleKind::Function(_));
        is_function.then_some(rule)
    }

    /// The value of a term whose variables are bound, or that binds those in the steps of a reference.
    pub(super) fn value(&mut self, term: &Term) -> Operand {
        let span = term.span;
        match &term.kind {
            TermKind::Const(value) => {
                self.non_canonical |= value.extent().non_canonical;
                Operand::Const(value.clone())
            }
            TermKind::Local(local) => {
                if !self.is_bound(*local) {
                    self.refuse(span, "a variable before it has a value");
                }
                Operand::Slot(self.slot(*local))
            }
            TermKind::Array(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                let to = self.spare();
                self.emit(Op::Array { items, to }, span);
                Operand::Slot(to)
            }
            TermKind::Set(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                let to = self.spare();
                self.emit(Op::Set { items, to }, span);
                Operand::Slot(to)
            }
            TermKind::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (self.value(key), self.value(value)))
                    .collect();
                let to = self.spare();
                self.emit(Op::Object { entries, to }, span);
                Operand::Slot(to)
            }
            TermKind::Ref(root, steps) => self.reference(*root, steps, span),
            TermKind::Comprehension(comprehension) => self.comprehension(comprehension, span),
        }
    }

    fn reference(&mut self, root: Root, steps: &[Term], span: Span) -> Operand {
        match root {
            Root::Input => self.input(steps, span),
            Root::Data => self.data(steps, span),
            Root::Local(local) => {
                if !self.is_bound(local) {
                    self.refuse(span, "a variable before it has a value");
                }
                let of = Operand::Slot(self.slot(local));
                self.steps(of, steps, span)
            }
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension, span: Span) -> Operand {
        let to = self.spare();
        let start = self.here();
        let before = self.bound.clone();
        let collect = collect(&comprehension.head);
        let keep = None;
        let collect = Op::Collect {
            collect,
            to,
            end: 0,
            keep,
        };
        self.emit(collect, span);
        self.statements(&comprehension.body);
        let (key, value) = match &comprehension.head {
            Collected::Array(term) | Collected::Set(term) => (None, self.value(term)),
            Collected::Object(key, value) => (Some(self.value(key)), self.value(value)),
        };
        self.emit(Op::Yield { key, value }, span);
        self.bound = before;
        self.end_at_here(start);
        Operand::Slot(to)
    }
}

/// What a comprehension collects.
pub(super) fn collect(head: &Collected) -> Collect {
    match head {
        Collected::Array(_) => Collect::Array,
        Collected::Set(_) => Collect::Set,
        Collected::Object(..) => Collect::Object,
    }
}
