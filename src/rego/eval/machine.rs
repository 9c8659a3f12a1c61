//! The machine: it runs one instruction after another, and goes back to the last choice where one fails.

use std::sync::Arc;
use std::time::Instant;

use super::choice::{Choice, below, entry};
use super::leaves::{Conflict, Leaves};
use super::scope::{Call, Memo, Mock, Scope, find, merge, put};
use super::{EvalError, Print, Settings, code_of};
use crate::rego::builtins::{Context, Failure};
use crate::rego::plan::code::{
    At, Block, BuiltinRef, Clause, Collect, Op, Operand, Override, OverrideTarget, OverrideValue, Plan, RuleId,
    RuleKind, Slot,
};
use crate::rego::text::to_rego_text;
use crate::value::Value;

/// How many instructions pass between two looks at the clock.
const INSTRUCTIONS: u32 = 1024;
/// What a value counts for, in bytes, where memory is limited.
const VALUE_BYTES: usize = 32;

/// What has become of an instruction.
enum Step {
    /// It holds: the next one.
    Next,
    /// It fails: back to the last choice.
    Fail,
}

type Outcome = Result<Step, EvalError>;

/// What a rule's clauses have given so far.
enum Given {
    Nothing,
    Value(Value),
    Members(Vec<Value>),
    Leaves(Leaves),
}

/// A rule that is being evaluated.
struct Frame<'p> {
    rule: RuleId,
    clause: usize,
    branch: usize,
    block: &'p Block,
    module: usize,
    next: At,
    /// Where its slots start.
    base: usize,
    /// The caller's slot for the value.
    to: Slot,
    given: Given,
    /// Whether the clause at hand has given something.
    found: bool,
    call: Option<Call>,
    /// Whether it stands in the place of another function, in a scope of its own.
    mocking: bool,
}

pub(super) struct Machine<'p> {
    plan: &'p Plan,
    settings: Settings,
    data: Value,
    scopes: Vec<Scope>,
    frames: Vec<Frame<'p>>,
    choices: Vec<Choice>,
    /// The blocks that are open: where their choices stand.
    open: Vec<usize>,
    slots: Vec<Value>,
    context: Context,
    operands: Vec<Value>,
    instructions: u32,
    memory: usize,
    /// The value of the rule that was asked for.
    result: Option<Value>,
    prints: Vec<Print>,
}

static NOTHING: Block = Block {
    code: Vec::new(),
    spans: Vec::new(),
    slots: 0,
    parameters: 0,
};

impl<'p> Machine<'p> {
    pub(super) fn new(plan: &'p Plan, data: Value, settings: Settings) -> Self {
        Self {
            plan,
            settings,
            data,
            scopes: vec![Scope::new(plan.rules.len())],
            frames: Vec::new(),
            choices: Vec::new(),
            open: Vec::new(),
            slots: Vec::new(),
            context: Context::new(None),
            operands: Vec::new(),
            instructions: 0,
            memory: 0,
            result: None,
            prints: Vec::new(),
        }
    }

    pub(super) fn set_input(&mut self, input: Option<Value>) {
        let scope = self.scope_mut();
        scope.input = input;
        scope.forget();
    }

    pub(super) fn set_data(&mut self, key: &str, value: Value) {
        self.data = put(Some(&self.data), &[key.into()], value);
        self.scope_mut().forget();
    }

    /// Makes ready for the value of one rule, to be found before `deadline`.
    pub(super) fn start(&mut self, deadline: Option<Instant>) {
        self.context.restart(deadline, self.settings.now);
        self.memory = 0;
    }

    pub(super) fn take_prints(&mut self) -> Vec<Print> {
        std::mem::take(&mut self.prints)
    }

    /// The base document at a path.
    pub(super) fn base(&self, path: &[&str]) -> Option<Value> {
        find(&self.data, path).cloned()
    }

    /// The value of a rule that is no function.
    pub(super) fn rule(&mut self, rule: RuleId) -> Result<Option<Value>, EvalError> {
        if let Memo::Known(value) = self.scope().known(rule) {
            return Ok(value.clone());
        }
        let result = self.run(rule);
        if result.is_err() {
            self.frames.clear();
            self.choices.clear();
            self.open.clear();
            self.scopes.truncate(1);
            self.scope_mut().forget();
        }
        self.slots.clear();
        result
    }

    fn run(&mut self, rule: RuleId) -> Result<Option<Value>, EvalError> {
        self.result = None;
        let mut step = self.enter(rule, None, 0, false)?;
        loop {
            if matches!(step, Step::Fail) {
                self.back()?;
            }
            let Some(frame) = self.frames.last_mut() else { break };
            let block: &'p Block = frame.block;
            let at = frame.next as usize;
            frame.next += 1;
            step = match block.code.get(at) {
                Some(op) => self.step(op)?,
                None => Step::Fail,
            };
        }
        Ok(self.result.take())
    }

    fn scope(&self) -> &Scope {
        self.scopes.last().expect("there is always the outermost scope")
    }

    fn scope_mut(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("there is always the outermost scope")
    }

    fn frame(&mut self) -> &mut Frame<'p> {
        self.frames.last_mut().expect("an instruction belongs to a frame")
    }

    fn slot_mut(&mut self, slot: Slot) -> &mut Value {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        &mut self.slots[base + slot as usize]
    }

    fn get<'a>(&'a self, operand: &'a Operand) -> &'a Value {
        match operand {
            Operand::Const(value) => value,
            Operand::Slot(slot) => {
                let base = self.frames.last().map_or(0, |frame| frame.base);
                &self.slots[base + *slot as usize]
            }
        }
    }

    fn fill(&mut self, to: Slot, value: Value) -> Outcome {
        *self.slot_mut(to) = value;
        Ok(Step::Next)
    }

    /// An error at the instruction at hand.
    fn error(&self, code: &'static str, message: impl Into<String>) -> EvalError {
        let frame = self.frames.last();
        let span = frame.and_then(|frame| frame.block.spans.get((frame.next as usize).saturating_sub(1)));
        EvalError {
            code,
            message: message.into(),
            module: frame.map_or(0, |frame| frame.module),
            span: span.copied().unwrap_or_default(),
        }
    }

    fn conflict(&self, message: &str) -> EvalError {
        self.error("eval_conflict_error", message)
    }

    /// Counts what values are made of, and the time.
    fn spend(&mut self, values: usize) -> Result<(), EvalError> {
        self.memory = self.memory.saturating_add(values * VALUE_BYTES);
        if self.memory > self.settings.memory {
            let limit = self.settings.memory >> 20;
            let message = format!("the values that the policy builds are larger than {limit} MiB");
            return Err(self.error("eval_cancel_error", message));
        }
        self.instructions += 1;
        if self.instructions.is_multiple_of(INSTRUCTIONS)
            && let Err(failure) = self.context.check_time()
        {
            return Err(self.failed("", failure));
        }
        Ok(())
    }

    fn failed(&self, builtin: &str, failure: Failure) -> EvalError {
        let code = code_of(&failure);
        match failure {
            Failure::Operand(message) | Failure::Builtin(message) => self.error(code, format!("{builtin}: {message}")),
            Failure::Limit(message) => self.error(code, message),
        }
    }

    fn step(&mut self, op: &'p Op) -> Outcome {
        self.spend(0)?;
        match op {
            Op::Fail => Ok(Step::Fail),
            Op::Jump(at) => self.go(*at),
            Op::Fork(alternatives) => self.fork(alternatives),
            Op::Move { from, to } => {
                let value = self.get(from).clone();
                self.fill(*to, value)
            }
            Op::Array { items, to } => {
                self.spend(items.len())?;
                let value = Value::array(items.iter().map(|item| self.get(item).clone()).collect());
                self.fill(*to, value)
            }
            Op::Set { items, to } => {
                self.spend(items.len())?;
                let value = Value::set(items.iter().map(|item| self.get(item).clone()).collect());
                self.fill(*to, value)
            }
            Op::Object { entries, to } => {
                self.spend(entries.len())?;
                let pairs = entries
                    .iter()
                    .map(|(key, value)| (self.get(key).clone(), self.get(value).clone()));
                let value = Value::object(pairs.collect());
                self.fill(*to, value)
            }
            Op::Input { path, to } => {
                let found = self
                    .scope()
                    .input
                    .as_ref()
                    .and_then(|input| at_path(input, path).cloned());
                self.fill_found(*to, found)
            }
            Op::Data { path, to } => {
                let found = self.data_at(path);
                self.fill_found(*to, found)
            }
            Op::Get { of, key, to } => {
                let found = self.get(of).get(self.get(key)).cloned();
                self.fill_found(*to, found)
            }
            Op::Scan { of, key, to } => self.scan(of, *key, *to),
            Op::Walk { of, to } => self.walk(of, *to),
            Op::Equal(a, b) => Ok(holds(self.get(a) == self.get(b))),
            Op::Truthy(value) => Ok(holds(*self.get(value) != Value::Bool(false))),
            Op::ArrayOf { of, length } => {
                let items = self.get(of).as_array();
                Ok(holds(items.is_some_and(|items| items.len() == *length as usize)))
            }
            Op::ObjectOf { of, length } => {
                let object = self.get(of).as_object();
                Ok(holds(object.is_some_and(|object| object.len() == *length as usize)))
            }
            Op::NoneOf { value, names } => {
                let name = self.get(value).as_str();
                Ok(holds(
                    !name.is_some_and(|name| names.iter().any(|other| **other == *name)),
                ))
            }
            Op::Iterable(value) => {
                let value = self.get(value);
                Ok(holds(matches!(
                    value,
                    Value::Array(_) | Value::Object(_) | Value::Set(_)
                )))
            }
            Op::Rule { rule, to } => self.rule_value(*rule, *to),
            Op::Whole { node, to } => match self.plan.nodes[*node].whole {
                Some(rule) => self.rule_value(rule, *to),
                None => Ok(Step::Fail),
            },
            Op::Call { rule, operands, to } => self.call(*rule, operands, *to),
            Op::Builtin { builtin, operands, to } => self.builtin(*builtin, operands, *to),
            Op::Print(operand) => self.print(operand),
            Op::MergeBase { path, of, to } => self.merge_base(path, *of, *to),
            Op::Collect { collect, to, end } => {
                self.open_block(Choice::Collect {
                    collect: *collect,
                    items: Vec::new(),
                    to: *to,
                    end: *end,
                });
                Ok(Step::Next)
            }
            Op::Yield { key, value } => self.collected(key.as_ref(), value),
            Op::Not { end } => {
                self.open_block(Choice::Not { end: *end });
                Ok(Step::Next)
            }
            Op::EndNot => {
                self.close_block();
                Ok(Step::Fail)
            }
            Op::Once => {
                self.open_block(Choice::Once);
                Ok(Step::Next)
            }
            Op::EndOnce => {
                self.close_block();
                Ok(Step::Next)
            }
            Op::With { overrides, end } => self.with(overrides, *end),
            Op::EndWith { slots } => self.solution(slots),
            Op::Return(value) => self.give(value),
            Op::Leaf { path, member, value } => self.leaf(path, *member, value),
        }
    }

    fn fill_found(&mut self, to: Slot, found: Option<Value>) -> Outcome {
        match found {
            Some(value) => self.fill(to, value),
            None => Ok(Step::Fail),
        }
    }

    fn go(&mut self, at: At) -> Outcome {
        self.frame().next = at;
        Ok(Step::Next)
    }

    fn fork(&mut self, alternatives: &[At]) -> Outcome {
        let Some(first) = alternatives.first() else {
            return Ok(Step::Fail);
        };
        let at = self.frame().next - 1;
        self.choices.push(Choice::Fork { at, next: 1 });
        self.go(*first)
    }

    fn scan(&mut self, of: &Operand, key: Slot, to: Slot) -> Outcome {
        let of = self.get(of).clone();
        let Some((first, value)) = entry(&of, 0) else {
            return Ok(Step::Fail);
        };
        let then = self.frame().next;
        self.choices.push(Choice::Scan {
            of,
            next: 1,
            key,
            to,
            then,
        });
        *self.slot_mut(key) = first;
        self.fill(to, value)
    }

    fn walk(&mut self, of: &Operand, to: Slot) -> Outcome {
        let of = self.get(of).clone();
        let path = Value::array(Vec::new());
        let then = self.frame().next;
        let left = below(&path, &of);
        self.choices.push(Choice::Walk { left, to, then });
        self.fill(to, Value::array(vec![path, of]))
    }

    /// The document at a path of `data`, replacements over the base.
    fn data_at(&self, path: &[Value]) -> Option<Value> {
        let scope = self.scope();
        let base = stored(&self.data, path);
        let Some(replaced) = &scope.replaced else {
            return base.cloned();
        };
        let replaced = at_path(replaced, path);
        let below_target = scope.targets.iter().any(|target| {
            target.len() <= path.len()
                && target
                    .iter()
                    .zip(path)
                    .all(|(name, step)| step.as_str() == Some(&**name))
        });
        match (replaced, base) {
            _ if below_target => replaced.cloned(),
            (Some(replaced), Some(base)) => Some(merge(replaced, base)),
            (one, other) => one.or(other).cloned(),
        }
    }

    fn merge_base(&mut self, path: &[Arc<str>], of: Slot, to: Slot) -> Outcome {
        let path: Vec<Value> = path.iter().cloned().map(Value::String).collect();
        let base = self.data_at(&path);
        let rules = self.get(&Operand::Slot(of)).clone();
        let value = match base {
            None => rules,
            Some(base) => merge(&base, &rules),
        };
        self.fill(to, value)
    }

    fn open_block(&mut self, choice: Choice) {
        self.open.push(self.choices.len());
        self.choices.push(choice);
    }

    /// Forgets the innermost block and every choice made in it.
    fn close_block(&mut self) {
        let start = self.open.pop().expect("a block that ends was opened");
        self.choices.truncate(start);
    }

    fn innermost(&mut self) -> &mut Choice {
        let start = *self.open.last().expect("a block is open");
        &mut self.choices[start]
    }

    fn collected(&mut self, key: Option<&Operand>, value: &Operand) -> Outcome {
        self.spend(1)?;
        let item = (key.map(|key| self.get(key).clone()), self.get(value).clone());
        match self.innermost() {
            Choice::Collect { items, .. } => items.push(item),
            other => unreachable!("{other:?} collects nothing"),
        }
        Ok(Step::Fail)
    }

    fn with(&mut self, overrides: &[Override], end: At) -> Outcome {
        let mut scope = self.scope().fresh();
        for replacement in overrides {
            match (&replacement.target, &replacement.value) {
                (OverrideTarget::Input(path), OverrideValue::Value(value)) => {
                    let value = self.get(value).clone();
                    scope.input = Some(put(scope.input.as_ref(), path, value));
                }
                (OverrideTarget::Data(path), OverrideValue::Value(value)) => {
                    let value = self.get(value).clone();
                    scope.replaced = Some(put(scope.replaced.as_ref(), path, value));
                    scope.targets.push(path.clone());
                }
                (target, value) => {
                    let mock = match value {
                        OverrideValue::Value(value) => Mock::Value(self.get(value).clone()),
                        OverrideValue::Function(rule) => Mock::Function(*rule),
                        OverrideValue::Builtin(builtin) => Mock::Builtin(*builtin),
                    };
                    scope.mocks.push((target.clone(), mock));
                }
            }
        }
        self.scopes.push(scope);
        let at = self.frame().next;
        self.open_block(Choice::With {
            found: Vec::new(),
            at,
            end,
        });
        Ok(Step::Next)
    }

    fn solution(&mut self, slots: &[Slot]) -> Outcome {
        self.spend(slots.len())?;
        let values = slots
            .iter()
            .map(|slot| self.get(&Operand::Slot(*slot)).clone())
            .collect();
        let here = self.frame().next - 1;
        match self.innermost() {
            Choice::With { found, at, .. } => {
                found.push(values);
                *at = here;
            }
            other => unreachable!("{other:?} replaces nothing"),
        }
        Ok(Step::Fail)
    }

    fn rule_value(&mut self, rule: RuleId, to: Slot) -> Outcome {
        let plan = self.plan;
        let path = &plan.rules[rule as usize].path;
        if !self.scope().targets.is_empty() && self.scope().is_replaced(path) {
            let found = self
                .scope()
                .replaced
                .as_ref()
                .and_then(|document| find(document, path).cloned());
            return self.fill_found(to, found);
        }
        match self.scope().known(rule) {
            Memo::Known(value) => {
                let found = value.clone();
                self.fill_found(to, found)
            }
            Memo::Running => {
                let message = format!("data.{} needs its own value", path.join("."));
                Err(self.error("eval_internal_error", message))
            }
            Memo::Unknown => self.enter(rule, None, to, false),
        }
    }

    fn call(&mut self, rule: RuleId, operands: &[Operand], to: Slot) -> Outcome {
        let is_it = |target: &OverrideTarget| matches!(target, OverrideTarget::Function(other) if *other == rule);
        if let Some(mock) = self.scope().mock(is_it).cloned() {
            return self.mocked(mock, operands, to);
        }
        self.call_function(rule, operands, to, false)
    }

    fn call_function(&mut self, rule: RuleId, operands: &[Operand], to: Slot, mocking: bool) -> Outcome {
        let operands: Box<[Value]> = operands.iter().map(|operand| self.get(operand).clone()).collect();
        if self.plan.rules[rule as usize].kind != RuleKind::Function(u32::try_from(operands.len()).unwrap_or(u32::MAX))
        {
            return Err(self.error(
                "eval_type_error",
                "the function in the other's place takes other operands",
            ));
        }
        let call = Call { rule, operands };
        if !mocking && let Some(value) = self.scope().call(&call) {
            let found = value.clone();
            return self.fill_found(to, found);
        }
        self.enter(rule, Some(call), to, mocking)
    }

    /// A call of a function that `with` has replaced. What stands in its place sees the true functions.
    fn mocked(&mut self, mock: Mock, operands: &[Operand], to: Slot) -> Outcome {
        match mock {
            Mock::Value(value) => self.fill(to, value),
            Mock::Builtin(builtin) => self.run_builtin(builtin, operands, to),
            Mock::Function(rule) => {
                let operands: Vec<Operand> = operands
                    .iter()
                    .map(|operand| Operand::Const(self.get(operand).clone()))
                    .collect();
                let mut scope = self.scope().fresh();
                scope.mocks.clear();
                self.scopes.push(scope);
                self.call_function(rule, &operands, to, true)
            }
        }
    }

    fn builtin(&mut self, builtin: BuiltinRef, operands: &[Operand], to: Slot) -> Outcome {
        if !self.scope().mocks.is_empty() {
            let is_it =
                |target: &OverrideTarget| matches!(target, OverrideTarget::Builtin(name) if *name == builtin.name);
            if let Some(mock) = self.scope().mock(is_it).cloned() {
                return self.mocked(mock, operands, to);
            }
        }
        self.run_builtin(builtin, operands, to)
    }

    fn run_builtin(&mut self, builtin: BuiltinRef, operands: &[Operand], to: Slot) -> Outcome {
        let mut values = std::mem::take(&mut self.operands);
        values.extend(operands.iter().map(|operand| self.get(operand).clone()));
        let answer = (builtin.body)(&mut self.context, &values);
        values.clear();
        self.operands = values;
        match answer {
            Ok(Some(value)) => {
                self.spend(size(&value))?;
                self.fill(to, value)
            }
            Ok(None) => Ok(Step::Fail),
            Err(failure @ Failure::Limit(_)) => Err(self.failed(builtin.name, failure)),
            Err(failure) if self.settings.strict_builtins => Err(self.failed(builtin.name, failure)),
            Err(_) => Ok(Step::Fail),
        }
    }

    /// Writes one line for every choice of a member from each set; an empty set is an operand that is undefined.
    fn print(&mut self, operand: &Operand) -> Outcome {
        let mut lines = vec![String::new()];
        for (at, members) in self.get(operand).as_array().unwrap_or_default().iter().enumerate() {
            let texts: Vec<String> = match members {
                Value::Set(members) if !members.is_empty() => members.iter().map(printed).collect(),
                _ => vec!["<undefined>".to_owned()],
            };
            let blank = if at == 0 { "" } else { " " };
            lines = lines
                .iter()
                .flat_map(|line| texts.iter().map(move |text| format!("{line}{blank}{text}")))
                .collect();
        }
        let here = self.error("", "");
        for text in lines {
            self.spend(text.len() / VALUE_BYTES)?;
            self.prints.push(Print {
                text,
                module: here.module,
                span: here.span,
            });
        }
        Ok(Step::Next)
    }

    fn give(&mut self, value: &'p Operand) -> Outcome {
        let given = self.get(value).clone();
        let rule = &self.plan.rules[self.frame().rule as usize];
        if rule.kind == RuleKind::Set {
            self.spend(1)?;
            match &mut self.frame().given {
                Given::Members(members) => members.push(given),
                other => *other = Given::Members(vec![given]),
            }
            return Ok(Step::Fail);
        }
        let frame = self.frame();
        frame.found = true;
        match &frame.given {
            Given::Value(known) if *known != given => {
                let message = match rule.kind {
                    RuleKind::Function(_) => "functions must not produce multiple outputs for same inputs",
                    _ => "complete rules must not produce multiple outputs",
                };
                return Err(self.conflict(message));
            }
            Given::Value(_) => {}
            _ => frame.given = Given::Value(given),
        }
        if rule.constant {
            frame.clause = rule.clauses.len();
        }
        if rule.constant || matches!(value, Operand::Const(_)) {
            self.cut();
        }
        Ok(Step::Fail)
    }

    /// Forgets all choices of the block at hand: it has given what it can.
    fn cut(&mut self) {
        while !matches!(self.choices.last(), Some(Choice::Frame) | None) {
            self.choices.pop();
        }
    }

    fn leaf(&mut self, path: &[Operand], member: bool, value: &Operand) -> Outcome {
        self.spend(path.len() + 1)?;
        let path = path.iter().map(|step| self.get(step).clone()).collect();
        let value = self.get(value).clone();
        let frame = self.frame();
        frame.found = true;
        if !matches!(frame.given, Given::Leaves(_)) {
            frame.given = Given::Leaves(Leaves::empty());
        }
        let inserted = match &mut frame.given {
            Given::Leaves(leaves) => leaves.insert(path, member, value),
            _ => Ok(()),
        };
        match inserted {
            Ok(()) => Ok(Step::Fail),
            Err(Conflict) => Err(self.conflict("object keys must be unique")),
        }
    }

    /// Starts the evaluation of a rule.
    fn enter(&mut self, rule: RuleId, call: Option<Call>, to: Slot, mocking: bool) -> Outcome {
        let base = self.slots.len();
        match &call {
            Some(call) => self.slots.extend(call.operands.iter().cloned()),
            None => self.scope_mut().note(rule, Memo::Running),
        }
        self.frames.push(Frame {
            rule,
            clause: 0,
            branch: 0,
            block: &NOTHING,
            module: 0,
            next: 0,
            base,
            to,
            given: Given::Nothing,
            found: false,
            call,
            mocking,
        });
        self.clause_from(0)
    }

    /// Goes on with the first clause from this one on that its guards do not rule out, or ends the rule.
    fn clause_from(&mut self, mut clause: usize) -> Outcome {
        let plan = self.plan;
        let rule = &plan.rules[self.frame().rule as usize];
        while let Some(next) = rule.clauses.get(clause) {
            if self.guarded(next) {
                self.begin(clause, 0, next);
                return Ok(Step::Next);
            }
            clause += 1;
        }
        match &rule.default {
            Some(default) if clause == rule.clauses.len() && matches!(self.frame().given, Given::Nothing) => {
                self.begin(clause, 0, default);
                Ok(Step::Next)
            }
            _ => self.leave(),
        }
    }

    fn guarded(&self, clause: &Clause) -> bool {
        clause.guards.iter().all(|guard| {
            let found = self
                .scope()
                .input
                .as_ref()
                .and_then(|input| at_path(input, &guard.path));
            found == Some(&guard.value)
        })
    }

    fn begin(&mut self, at: usize, branch: usize, clause: &'p Clause) {
        let block = &clause.branches[branch];
        let frame = self.frame();
        frame.clause = at;
        frame.branch = branch;
        frame.block = block;
        frame.module = clause.module;
        frame.next = 0;
        if branch == 0 {
            frame.found = false;
        }
        let end = frame.base + block.slots as usize;
        self.slots.resize(end.max(self.slots.len()), Value::Null);
        self.choices.push(Choice::Frame);
    }

    /// The block at hand has no more solutions: its `else`, the next clause, or the end of the rule.
    fn exhausted(&mut self) -> Outcome {
        let plan = self.plan;
        let frame = self.frame();
        let rule = &plan.rules[frame.rule as usize];
        let (at, branch, found) = (frame.clause, frame.branch, frame.found);
        match rule.clauses.get(at) {
            Some(clause) if !found && branch + 1 < clause.branches.len() => {
                self.begin(at, branch + 1, clause);
                Ok(Step::Next)
            }
            _ => self.clause_from(at + 1),
        }
    }

    /// Ends the rule: its value goes to the caller, whose instruction fails where there is none.
    fn leave(&mut self) -> Outcome {
        let frame = self.frames.pop().expect("a rule that ends was entered");
        self.slots.truncate(frame.base);
        if frame.mocking {
            self.scopes.pop();
        }
        let kind = self.plan.rules[frame.rule as usize].kind;
        let value = match frame.given {
            Given::Value(value) => Some(value),
            Given::Members(members) => Some(Value::set(members)),
            Given::Leaves(leaves) => Some(leaves.into_value()),
            Given::Nothing => match kind {
                RuleKind::Set => Some(Value::set(Vec::new())),
                RuleKind::Object => Some(Value::object(Vec::new())),
                RuleKind::Complete | RuleKind::Function(_) => None,
            },
        };
        match frame.call {
            None => self.scope_mut().note(frame.rule, Memo::Known(value.clone())),
            Some(call) if !frame.mocking => self.scope_mut().note_call(call, value.clone()),
            Some(_) => {}
        }
        if self.frames.is_empty() {
            self.result = value;
            return Ok(Step::Next);
        }
        self.fill_found(frame.to, value)
    }

    /// Goes back to the last choice that has something left.
    fn back(&mut self) -> Result<(), EvalError> {
        loop {
            let Some(choice) = self.choices.last_mut() else {
                return Ok(());
            };
            match choice {
                Choice::Scan {
                    of,
                    next,
                    key,
                    to,
                    then,
                } => {
                    if let Some((first, value)) = entry(of, *next) {
                        *next += 1;
                        let (key, to, then) = (*key, *to, *then);
                        *self.slot_mut(key) = first;
                        *self.slot_mut(to) = value;
                        self.frame().next = then;
                        return Ok(());
                    }
                    self.choices.pop();
                }
                Choice::Walk { left, to, then } => {
                    if let Some((path, value)) = left.pop() {
                        left.extend(below(&path, &value));
                        let (to, then) = (*to, *then);
                        self.spend(4)?;
                        *self.slot_mut(to) = Value::array(vec![path, value]);
                        self.frame().next = then;
                        return Ok(());
                    }
                    self.choices.pop();
                }
                Choice::Fork { at, next } => {
                    let (at, index) = (*at, *next);
                    *next += 1;
                    match &self.frame().block.code[at as usize] {
                        Op::Fork(alternatives) if index < alternatives.len() => {
                            self.frame().next = alternatives[index];
                            return Ok(());
                        }
                        _ => {}
                    }
                    self.choices.pop();
                }
                Choice::Solutions { left, at, then } => {
                    if let Some(values) = left.pop() {
                        let (at, then) = (*at, *then);
                        self.take(values, at);
                        self.frame().next = then;
                        return Ok(());
                    }
                    self.choices.pop();
                }
                Choice::Once => self.close_block(),
                Choice::Not { end } => {
                    let end = *end;
                    self.close_block();
                    self.frame().next = end;
                    return Ok(());
                }
                Choice::Collect { .. } => return self.collection(),
                Choice::With { .. } => self.solutions(),
                Choice::Frame => {
                    self.choices.pop();
                    if matches!(self.exhausted()?, Step::Next) {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// A comprehension has found all: its value is made.
    fn collection(&mut self) -> Result<(), EvalError> {
        self.open.pop();
        let Some(Choice::Collect {
            collect,
            items,
            to,
            end,
        }) = self.choices.pop()
        else {
            unreachable!("the block that ends is a comprehension's");
        };
        let value = match collect {
            Collect::Array => Value::array(items.into_iter().map(|(_, value)| value).collect()),
            Collect::Set => Value::set(items.into_iter().map(|(_, value)| value).collect()),
            Collect::Object => self.object(items)?,
        };
        *self.slot_mut(to) = value;
        self.frame().next = end;
        Ok(())
    }

    fn object(&self, items: Vec<(Option<Value>, Value)>) -> Result<Value, EvalError> {
        let mut entries: Vec<(Value, Value)> = items
            .into_iter()
            .filter_map(|(key, value)| Some((key?, value)))
            .collect();
        entries.sort();
        if entries
            .windows(2)
            .any(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1)
        {
            return Err(self.conflict("object keys must be unique"));
        }
        Ok(Value::object(entries))
    }

    /// A block under `with` has found all: on with its solutions, outside the replacements.
    fn solutions(&mut self) {
        self.open.pop();
        self.scopes.pop();
        let Some(Choice::With { mut found, at, end }) = self.choices.pop() else {
            unreachable!("the block that ends is under replacements");
        };
        found.reverse();
        self.choices.push(Choice::Solutions {
            left: found,
            at,
            then: end,
        });
    }

    /// Fills the slots that the `EndWith` at this place names.
    fn take(&mut self, values: Vec<Value>, at: At) {
        let block: &'p Block = self.frame().block;
        if let Op::EndWith { slots } = &block.code[at as usize] {
            for (slot, value) in slots.iter().zip(values) {
                *self.slot_mut(*slot) = value;
            }
        }
    }
}

fn holds(condition: bool) -> Step {
    if condition { Step::Next } else { Step::Fail }
}

fn at_path<'v>(value: &'v Value, path: &[Value]) -> Option<&'v Value> {
    path.iter().try_fold(value, |at, step| at.get(step))
}

/// The base document at a path, as OPA's store finds it: every step is a text there, also the index of an array.
fn stored<'v>(value: &'v Value, path: &[Value]) -> Option<&'v Value> {
    path.iter().try_fold(value, |at, step| match (at, step) {
        (Value::Object(object), Value::Number(number)) => object.field(&number.to_string()),
        (Value::Array(items), Value::String(text)) => items.get(text.parse::<usize>().ok()?),
        _ => at.get(step),
    })
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

/// A member as `print` writes it: a text as it is.
fn printed(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => to_rego_text(value),
    }
}
