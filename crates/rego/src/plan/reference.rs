//! References: the way into the input, into values, and through the tree of rules.

use std::sync::Arc;

use super::block::Builder;
use super::code::{Op, Operand, Part, RuleId, RuleKind, Slot};
use crate::core::{Term, TermKind};
use kpolicy_value::Span;
use kpolicy_value::Value;

impl Builder<'_> {
    /// `input.a[b]`
    pub(super) fn input(&mut self, steps: &[Term], span: Span) -> Operand {
        let (path, rest) = constant_path(steps);
        let to = self.spare();
        self.emit(Op::Input { path, to }, span);
        self.steps(Operand::Slot(to), rest, span)
    }

    /// The way from a value on; a step that is not bound goes through all keys.
    pub(super) fn steps(&mut self, mut of: Operand, mut steps: &[Term], span: Span) -> Operand {
        let get = |of, key, to| Op::Get { of, key, to };
        while let Some((step, after)) = steps.split_first() {
            let (path, rest) = constant_path(steps);
            if !path.is_empty() {
                let to = self.spare();
                let bare = false;
                self.emit(Op::Path { of, path, to, bare }, span);
                (of, steps) = (Operand::Slot(to), rest);
            } else {
                (of, steps) = (self.step(of, step, get, span), after);
            }
        }
        of
    }

    /// The way on from base documents.
    fn stored(&mut self, of: Operand, steps: &[Term], span: Span) -> Operand {
        let get = |of, key, to| Op::Stored { of, key, to };
        steps.iter().fold(of, |of, step| self.step(of, step, get, span))
    }

    fn step(&mut self, of: Operand, step: &Term, get: fn(Operand, Operand, Slot) -> Op, span: Span) -> Operand {
        let to = self.spare();
        if self.binds(step) {
            let key = match &step.kind {
                TermKind::Local(local) => self.slot(*local),
                _ => self.spare(),
            };
            self.emit(Op::Scan { of, key, to }, span);
            self.bind_key(step, Operand::Slot(key));
        } else {
            let key = self.value(step);
            self.emit(get(of, key, to), span);
        }
        Operand::Slot(to)
    }

    /// Whether a step has variables that are not bound.
    fn binds(&self, step: &Term) -> bool {
        match &step.kind {
            TermKind::Const(_) | TermKind::Ref(..) | TermKind::Comprehension(_) => false,
            TermKind::Local(local) => !self.is_bound(*local),
            TermKind::Array(items) | TermKind::Set(items) => items.iter().any(|item| self.binds(item)),
            TermKind::Object(entries) => entries.iter().any(|(key, value)| self.binds(key) || self.binds(value)),
        }
    }

    /// Takes a key for a step that binds: a variable has it already in its slot.
    fn bind_key(&mut self, step: &Term, key: Operand) {
        match &step.kind {
            TermKind::Local(local) => self.bind(*local),
            _ => self.matches(key, step),
        }
    }

    /// `data.a[b]`: base documents and rules.
    pub(super) fn data(&mut self, steps: &[Term], span: Span) -> Operand {
        let to = self.spare();
        let mut ends = Vec::new();
        let start = self.here();
        self.tree(0, steps, to, &mut ends, span);
        if !matches!(self.block.code.get(start as usize), Some(Op::Fork(_))) {
            // The only way ends right there.
            self.block.code.pop();
            self.block.spans.pop();
            ends.pop();
        }
        let here = self.here();
        for end in ends {
            self.block.code[end as usize] = Op::Jump(here);
        }
        Operand::Slot(to)
    }

    /// The way from a node of the tree on, its value into `to`; the last instruction of every alternative is noted in
    /// `ends`, to become a jump after them all.
    fn tree(&mut self, node: usize, steps: &[Term], to: Slot, ends: &mut Vec<u32>, span: Span) {
        let known = &self.plan.nodes[node];
        if let Some(rule) = known.rule {
            if matches!(self.plan.rules[rule as usize].kind, RuleKind::Function(_)) {
                return self.base(&known.path.clone(), steps, to, ends, span);
            }
            let value = self.rule(rule, steps, span);
            return self.arrive(value, to, ends, span);
        }
        let Some((step, rest)) = steps.split_first() else {
            return self.whole(node, to, ends, span);
        };
        if let TermKind::Const(value) = &step.kind {
            return match value.as_str().and_then(|name| known.child(name)) {
                Some(child) => self.tree(child, rest, to, ends, span),
                None => self.base(&known.path.clone(), steps, to, ends, span),
            };
        }
        self.fork(node, step, rest, to, ends, span);
    }

    /// A rule's value and the way on from there. Keys that are known are reported to the rule, as deep as it goes.
    fn rule(&mut self, rule: RuleId, steps: &[Term], span: Span) -> Operand {
        let depth = self.plan.rules[rule as usize].depth as usize;
        let (told, rest) = steps.split_at(depth.min(steps.len()));
        let mut known: Vec<bool> = told.iter().map(|step| !self.binds(step)).collect();
        known.truncate(known.iter().rposition(|known| *known).map_or(0, |last| last + 1));
        let to = self.spare();
        if known.first() != Some(&true) {
            self.emit(Op::Rule { rule, part: None, to }, span);
            return self.steps(Operand::Slot(to), steps, span);
        }
        let at_once = known.iter().take_while(|known| **known).count();
        let keys: Vec<Operand> = told
            .iter()
            .zip(&known)
            .filter(|(_, known)| **known)
            .map(|(step, _)| self.value(step))
            .collect();
        let part = Part {
            rule: self.parts.rule(rule, known),
            keys: keys.as_slice().into(),
        };
        let part = Some(Box::new(part));
        self.emit(Op::Rule { rule, part, to }, span);
        let mut of = Operand::Slot(to);
        for key in keys.into_iter().take(at_once) {
            let to = self.spare();
            self.emit(Op::Get { of, key, to }, span);
            of = Operand::Slot(to);
        }
        let of = self.steps(of, &told[at_once..], span);
        self.steps(of, rest, span)
    }

    /// The whole document of a node: its own rule is made after all others, so it is found by the node.
    fn whole(&mut self, node: usize, to: Slot, ends: &mut Vec<u32>, span: Span) {
        let value = self.spare();
        self.emit(Op::Whole { node, to: value }, span);
        self.arrive(Operand::Slot(value), to, ends, span);
    }

    /// A step through the tree that is known only when evaluated: every child in turn, then the base document.
    fn fork(&mut self, node: usize, step: &Term, rest: &[Term], to: Slot, ends: &mut Vec<u32>, span: Span) {
        let known = &self.plan.nodes[node];
        let children = known.children.clone();
        let names: Box<[Arc<str>]> = children.iter().map(|(name, _)| name.clone()).collect();
        let path = known.path.clone();
        let fork = self.here();
        self.emit(Op::Fail, span);
        let before = self.bound_now();
        let mut alternatives = Vec::new();
        for (name, child) in children {
            alternatives.push(self.here());
            self.set_bound(&before);
            self.matches(Operand::Const(Value::string(name)), step);
            self.tree(child, rest, to, ends, span);
        }
        alternatives.push(self.here());
        self.set_bound(&before);
        let base = self.spare();
        self.emit(
            Op::Data {
                path: path.into_iter().map(Value::string).collect(),
                to: base,
            },
            span,
        );
        let value = self.stored(Operand::Slot(base), std::slice::from_ref(step), span);
        let key = self.value(step);
        self.emit(Op::NoneOf { value: key, names }, span);
        let value = self.stored(value, rest, span);
        self.arrive(value, to, ends, span);
        self.block.code[fork as usize] = Op::Fork(alternatives.into());
    }

    /// The way through base documents alone.
    fn base(&mut self, path: &[Arc<str>], steps: &[Term], to: Slot, ends: &mut Vec<u32>, span: Span) {
        let (further, rest) = constant_path(steps);
        let path = path.iter().cloned().map(Value::string).chain(further).collect();
        let value = self.spare();
        self.emit(Op::Data { path, to: value }, span);
        let value = self.stored(Operand::Slot(value), rest, span);
        self.arrive(value, to, ends, span);
    }

    fn arrive(&mut self, value: Operand, to: Slot, ends: &mut Vec<u32>, span: Span) {
        self.emit(Op::Move { from: value, to }, span);
        ends.push(self.here());
        self.emit(Op::Fail, span);
    }
}

/// The constants that a way starts with, and the rest.
fn constant_path(steps: &[Term]) -> (Box<[Value]>, &[Term]) {
    let constants = steps.iter().map_while(|step| match &step.kind {
        TermKind::Const(value) => Some(value.clone()),
        _ => None,
    });
    let path: Box<[Value]> = constants.collect();
    let rest = &steps[path.len()..];
    (path, rest)
}
