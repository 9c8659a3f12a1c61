//! Values of rules, functions and builtins: asked for, remembered, replaced.

use super::machine::{Machine, Outcome, Step, VALUE_BYTES};
use super::scope::{Answer, Call, Memo, Mock, find};
use super::values::{is_true, seen};
use super::{EvalErrorCode as Code, Raised};
use crate::builtins::Failure;
use crate::plan::code::{BuiltinRef, Operand, OverrideTarget, Part, RuleId, RuleKind, Slot};
use crate::trace::{Condition, Marked, MarkedRef, Tracer};
use kpolicy_value::Value;

impl<'p, T: Tracer> Machine<'p, T> {
    /// The value of a rule that is not a function, or at least a part of it.
    pub(super) fn rule_value(&mut self, rule: RuleId, part: Option<&'p Part>, to: Slot) -> Outcome {
        let plan = self.plan;
        let path = &plan.rules[rule as usize].path;
        if !self.scope().targets.is_empty() && self.scope().is_replaced(path) {
            let replaced = self.scope().replaced.as_ref();
            let found = replaced.and_then(|document| find(document, path).cloned());
            return self.fill_found(to, found.map(Marked::constant));
        }
        self.own_value(rule, part, to)
    }

    /// The value of a rule, whatever is in the place of its document.
    fn own_value(&mut self, rule: RuleId, part: Option<&'p Part>, to: Slot) -> Outcome {
        self.trace_call(rule, &[]);
        match self.scope().known(rule) {
            Memo::Known { whole: false, .. }
                if let Some(part) = part
                    && self.is_non_canonical(part) =>
            {
                self.part_value(part, to)
            }
            Memo::Known { value, failed, whole } => {
                let (found, failed, whole) = (value.clone(), failed.clone(), *whole);
                if part.is_none() && !whole {
                    self.scope_mut().note_whole(rule);
                }
                self.answer(rule, found, &failed, to)
            }
            Memo::Running | Memo::Failed if let Some(part) = part => self.part_value(part, to),
            Memo::Running => Err(self.needs_itself(rule)),
            // Under replacements nothing is known of a rule that is evaluated around them: whole, it would come to itself
            // under the next ones, without end.
            Memo::Unknown
                if let Some(part) = part
                    && (self.is_around(rule) || self.is_non_canonical(part)) =>
            {
                self.part_value(part, to)
            }
            Memo::Unknown | Memo::Failed => {
                let depth = self.frames.len();
                let entered = self.enter(rule, None, to, false);
                if let Some(frame) = self.frames.get_mut(depth) {
                    frame.part = part;
                }
                entered
            }
        }
    }

    /// Whether a rule is being evaluated outside the replacements at hand.
    fn is_around(&self, rule: RuleId) -> bool {
        self.scopes.len() > 1 && self.frames.iter().any(|frame| frame.rule == rule)
    }

    /// Whether it shows under which keys a part was asked for first, as OPA evaluates it: equal numbers may be written
    /// otherwise.
    fn is_non_canonical(&self, part: &Part) -> bool {
        let is_non_canonical = |value: &Value| value.extent().non_canonical;
        let has_numbers = |key: &Operand| !matches!(self.get(key), Value::Null | Value::Bool(_) | Value::String(_));
        let scope = self.scope();
        let non_canonical = || {
            let input = scope.input.as_ref().map(|input| &input.value);
            let documents = input.into_iter().chain(&scope.replaced).chain([&self.data]);
            self.non_canonical || self.plan.non_canonical || documents.into_iter().any(is_non_canonical)
        };
        !T::TRACES && part.keys.iter().any(has_numbers) && non_canonical()
    }

    /// The value of a rule as far as it lies under known keys.
    pub(super) fn part_value(&mut self, part: &'p Part, to: Slot) -> Outcome {
        let operands = part.keys.iter().map(|key| self.marked(key)).collect();
        let call = Call {
            rule: part.rule,
            operands,
        };
        self.trace_call(call.rule, &call.operands);
        if let Some(answered) = self.answered(&call, to) {
            return answered;
        }
        if self.frames.iter().any(|frame| frame.calls(&call)) {
            return Err(self.needs_itself(part.rule));
        }
        self.enter(part.rule, Some(call), to, false)
    }

    /// Tells the tracer that a rule or function is asked for.
    fn trace_call(&mut self, rule: RuleId, operands: &[Marked<T::Mark>]) {
        if T::TRACES {
            let at = self.site();
            self.tracer
                .called(at, self.plan.rules[rule as usize].to_ref(), operands);
        }
    }

    fn needs_itself(&self, rule: RuleId) -> Raised {
        let path = &self.plan.rules[rule as usize].path;
        self.error(Code::Internal, format!("data.{} needs its own value", path.join(".")))
    }

    /// A rule's or a function's value for the instruction that asked: it fails where there is none.
    pub(super) fn answer(
        &mut self,
        rule: RuleId,
        found: Option<Marked<T::Mark>>,
        failed: &T::FailureSet,
        to: Slot,
    ) -> Outcome {
        if T::TRACES {
            let at = self.site();
            match &found {
                Some(value) => self.tracer.known(at, value.as_ref()),
                None => self
                    .tracer
                    .undefined(at, self.plan.rules[rule as usize].to_ref(), failed),
            }
            if found.is_none() {
                self.trace_failure();
            }
        }
        self.fill_found(to, found)
    }

    pub(super) fn call(&mut self, rule: RuleId, operands: &[Operand], to: Slot, bare: bool) -> Outcome {
        let is_it = |target: &OverrideTarget| matches!(target, OverrideTarget::Function(other) if *other == rule);
        if let Some(mock) = self.scope().mock(is_it).cloned() {
            return self.mocked(mock, operands, to, bare);
        }
        let operands = operands.iter().map(|operand| self.marked(operand)).collect();
        self.call_function(rule, operands, to, false)
    }

    fn call_function(&mut self, rule: RuleId, operands: Box<[Marked<T::Mark>]>, to: Slot, mocking: bool) -> Outcome {
        let call = Call { rule, operands };
        self.trace_call(rule, &call.operands);
        if !mocking && let Some(answered) = self.answered(&call, to) {
            return answered;
        }
        self.enter(rule, Some(call), to, mocking)
    }

    /// What a call gave before, or one with equal operands; nothing where none was made yet. Of calls with equal numbers the
    /// first counts.
    fn answered(&mut self, call: &Call<T::Mark>, to: Slot) -> Option<Outcome> {
        let joins = self.joins;
        let taken = |(first, (value, failed)): (&Call<T::Mark>, &Answer<T>)| {
            let differs = joins && !first.is_written_as(call);
            (differs, value.clone(), failed.clone())
        };
        let (differs, found, failed) = match self.scope().call(call) {
            Some(known) => taken(known),
            None if T::TRACES => return None,
            None => taken(self.scope_mut().equal_call(call)?),
        };
        if differs {
            return Some(Err(self.error(Code::Order, "the order of clauses counts")));
        }
        Some(self.answer(call.rule, found, &failed, to))
    }

    /// A call of a function that `with` has replaced. A function that is in its place sees the true functions.
    fn mocked(&mut self, mock: Mock<T::Mark>, operands: &[Operand], to: Slot, bare: bool) -> Outcome {
        match mock {
            Mock::Value(value) => self.fill(to, value),
            // OPA looks for the value of a document only where something takes it.
            Mock::Document(_) if bare => self.fill(to, Marked::constant(Value::Bool(true))),
            Mock::Document(rule) => self.own_value(rule, None, to),
            Mock::Builtin(builtin) => self.run_builtin(builtin, operands, to, false),
            Mock::Function(rule) => {
                let operands: Box<[_]> = operands.iter().map(|operand| self.marked(operand)).collect();
                let takes = u32::try_from(operands.len()).unwrap_or(u32::MAX);
                if self.plan.rules[rule as usize].kind != RuleKind::Function(takes) {
                    let message = "the function in the other's place takes other operands";
                    return Err(self.error(Code::Type, message));
                }
                let mut scope = self.scope().fresh();
                scope.mocks.clear();
                self.open_scope(scope)?;
                self.call_function(rule, operands, to, true)
            }
        }
    }

    pub(super) fn builtin(&mut self, builtin: BuiltinRef, operands: &[Operand], to: Slot, bare: bool) -> Outcome {
        if !self.scope().mocks.is_empty() {
            let is_it = |target: &OverrideTarget| matches!(target, OverrideTarget::Builtin(target) if target.name == builtin.name);
            if let Some(mock) = self.scope().mock(is_it).cloned() {
                return self.mocked(mock, operands, to, bare);
            }
        }
        self.run_builtin(builtin, operands, to, bare)
    }

    fn run_builtin(&mut self, builtin: BuiltinRef, operands: &[Operand], to: Slot, bare: bool) -> Outcome {
        let (base, slots) = (self.base, &self.slots);
        let value_of = |operand| seen(slots, base, operand).value;
        let place = builtin
            .placed
            .map(|module| Value::from(&*self.plan.directories[module]));
        let context = &mut self.context;
        let mut ask = |operands: &[&Value]| {
            if operands.iter().any(|operand| is_large(operand)) {
                context.check_time()?;
            }
            (builtin.body)(context, operands)
        };
        let answer = match operands {
            _ if let Some(place) = &place => {
                let operands = operands.iter().map(value_of);
                ask(&std::iter::once(place).chain(operands).collect::<Vec<_>>())
            }
            [one] => ask(&[value_of(one)]),
            [one, other] => ask(&[value_of(one), value_of(other)]),
            _ => ask(&operands.iter().map(value_of).collect::<Vec<_>>()),
        };
        match answer {
            Ok(Some(value)) => {
                match &value {
                    Value::Null | Value::Bool(_) => {}
                    Value::Number(_) => self.non_canonical |= value.extent().non_canonical,
                    _ => self.admit(builtin.name, &value)?,
                }
                if bare && !T::TRACES {
                    return Ok(self.condition(is_true(&value)));
                }
                let mark = self.mark_of_builtin(builtin.name, operands, &value);
                self.fill(to, Marked { value, mark })
            }
            Err(failure @ (Failure::Timeout | Failure::Limit(_))) => Err(self.failed(builtin.name, failure)),
            Err(failure) if self.settings.strict_builtins => Err(self.failed(builtin.name, failure)),
            Ok(None) | Err(_) => {
                if T::TRACES {
                    let (at, base, slots) = (self.site(), self.slot_base(), &self.slots);
                    let operands: Vec<MarkedRef<T::Mark>> =
                        operands.iter().map(|operand| seen(slots, base, operand)).collect();
                    let test = Condition::Builtin(&operands);
                    self.tracer.tested(at, test, false);
                }
                Ok(Step::Fail)
            }
        }
    }

    /// Counts what a builtin made, and fails where that is too large.
    fn admit(&mut self, builtin: &'static str, value: &Value) -> Result<(), Raised> {
        if let Value::String(text) = value {
            let sized = self.context.check_size(text.len());
            sized.map_err(|failure| self.failed(builtin, failure))?;
        }
        self.non_canonical |= value.extent().non_canonical;
        self.spend(size(value))?;
        self.bounded(value)
    }

    fn mark_of_builtin(&mut self, name: &'static str, operands: &[Operand], value: &Value) -> T::Mark {
        if !T::TRACES {
            return T::Mark::default();
        }
        let (at, base, slots) = (self.site(), self.slot_base(), &self.slots);
        let operands = operands.iter().map(|operand| seen(slots, base, operand));
        self.tracer.builtin(at, name, operands, value)
    }
}

/// A part of a rule's value under known keys, where a member of a set has itself as its value: what asks for it takes that,
/// as it was written when it was first asked for, and no key of its own.
pub(super) fn by_members<M>(part: &Value, keys: &[Marked<M>]) -> Value {
    let Some((key, rest)) = keys.split_first() else {
        return part.clone();
    };
    match part {
        Value::Set(members) => {
            let asked = members.get(&key.value).cloned();
            Value::object(asked.into_iter().map(|member| (member.clone(), member)).collect())
        }
        Value::Object(object) => {
            let below = object.get(&key.value).map(|below| by_members(below, rest));
            Value::object(below.into_iter().map(|below| (key.value.clone(), below)).collect())
        }
        _ => part.clone(),
    }
}

/// Whether a builtin may take as long with a value as many instructions do.
fn is_large(value: &Value) -> bool {
    const LARGE: usize = 4096;
    match value {
        Value::String(text) => text.len() > LARGE,
        Value::Array(items) => items.len() > LARGE,
        Value::Set(members) => members.len() > LARGE,
        Value::Object(object) => object.len() > LARGE,
        _ => false,
    }
}

/// What a value that a builtin made counts for, in values: not what it took over from its operands.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() / VALUE_BYTES,
        Value::Array(items) => items.len(),
        Value::Set(members) => members.len(),
        Value::Object(object) => object.len(),
        _ => 0,
    }
}
