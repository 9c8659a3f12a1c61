//! The machine: it runs one instruction after another, and goes back to the last choice where one fails.
//!
//! Its other parts: values (`values`), what rules see of documents (`documents`), calls (`calls`), blocks and going
//! back (`blocks`, `back`), rules and their clauses (`frames`). What is rare is kept out of the loop (`#[inline(never)]`): the
//! rest of it then stays in the processor's cache.

use std::time::Instant;

use super::choice::Point;
use super::documents::{found, stored};
use super::frames::{Frame, holds};
use super::scope::{Memo, Scope, find};
use super::values::is_true;
use super::{EvalError, EvalErrorCode as Code, Print, Raised, Settings, code_of};
use crate::builtins::{Context, Failure, OUT_OF_TIME};
use crate::plan::code::{Block, Collect, Op, Operand, Plan, RuleId, Slot, Start};
use crate::trace::{Condition, Marked, Site, Tracer, Variables};
use kpolicy_value::Value;

/// How many instructions pass between two looks at the clock.
const INSTRUCTIONS: u32 = 1024;
/// What a value counts for, in bytes, where memory is limited.
pub(super) const VALUE_BYTES: usize = 32;
/// How many bytes of values, about, an evaluation may leave in its slots.
const LEFT: usize = 1 << 20;
/// What a part of a result counts for: whoever asked for it writes it out, every part as often as it is in it.
const RESULT_BYTES: usize = 256;
/// The deepest value that a policy may build: comparing and printing it must not exhaust a stack.
const DEEPEST: u32 = 2000;
/// How many parts a value may have, each counted as often as it is in it: as many as are compared in seconds.
const MOST_PARTS: u32 = 1 << 30;

/// What has become of an instruction.
pub(super) enum Step {
    /// It holds: the next one.
    Next,
    /// It fails: back to the last choice.
    Fail,
}

pub(super) type Outcome = Result<Step, Raised>;

pub(super) struct Machine<'p, T: Tracer> {
    pub(super) plan: &'p Plan,
    pub(super) settings: Settings,
    pub(super) data: Value,
    pub(super) scopes: Vec<Scope<T>>,
    pub(super) frames: Vec<Frame<'p, T>>,
    pub(super) choices: Vec<Point<T>>,
    /// The blocks that are open: where their choices stand.
    pub(super) open: Vec<usize>,
    pub(super) slots: Vec<Marked<T::Mark>>,
    /// Where the slots of the frame at hand start.
    pub(super) base: usize,
    pub(super) context: Context,
    pub(super) tracer: T,
    /// Whether a rule has been evaluated with clauses joined since that for which it is asked was entered.
    pub(super) joins: bool,
    /// Whether a builtin has made a number that is written oddly.
    pub(super) non_canonical: bool,
    /// Whether clauses are evaluated each by itself, since their order has counted for the input at hand.
    pub(super) unjoined: bool,
    instructions: u32,
    memory: usize,
    /// The value of the rule that was asked for.
    pub(super) result: Option<Marked<T::Mark>>,
    pub(super) prints: Vec<Print>,
}

impl<'p, T: Tracer> Machine<'p, T> {
    pub(super) fn new(plan: &'p Plan, data: Value, settings: Settings, tracer: T) -> Self {
        Self {
            plan,
            settings,
            data,
            scopes: vec![Scope::new(plan.rules.len())],
            frames: Vec::new(),
            choices: Vec::new(),
            open: Vec::new(),
            slots: Vec::new(),
            base: 0,
            context: Context::new(None),
            tracer,
            joins: false,
            non_canonical: false,
            unjoined: false,
            instructions: 0,
            memory: 0,
            result: None,
            prints: Vec::new(),
        }
    }

    pub(super) fn set_input(&mut self, input: Option<Value>) {
        let mark = self.tracer.input();
        let scope = self.scope_mut();
        scope.input = input.map(|value| Marked { value, mark });
        scope.forget_passing();
        self.unjoined = false;
    }

    /// Whether values of rules are known that hold for every input.
    pub(super) fn knows_lasting(&self) -> bool {
        self.scope().knows_lasting()
    }

    /// Knows the values of rules that hold for every input and that another machine with the same data knows.
    pub(super) fn know_lasting_of<U: Tracer>(&mut self, other: &Machine<'p, U>) {
        self.scope_mut().know_lasting_of(other.scope());
    }

    /// Replaces the base documents; these rules read what is another now.
    pub(super) fn set_data(&mut self, data: Value, readers: &[bool]) {
        self.data = data;
        self.scope_mut().forget_readers(readers);
        self.unjoined = false;
    }

    /// Makes ready for the value of one rule, to be found before `deadline`.
    pub(super) fn start(&mut self, deadline: Option<Instant>) {
        self.context.restart(deadline, self.settings.now);
        self.memory = 0;
    }

    pub(super) fn take_prints(&mut self) -> Vec<Print> {
        std::mem::take(&mut self.prints)
    }

    /// How much was printed since that was last taken.
    pub(super) fn printed(&self) -> usize {
        self.prints.len()
    }

    /// Forgets what was printed after so much.
    pub(super) fn forget_prints(&mut self, printed: usize) {
        self.prints.truncate(printed);
    }

    /// Whether a builtin that fails is an error from now on. Values that were found otherwise are forgotten.
    pub(super) fn be_strict(&mut self, strict: bool) {
        self.settings.strict_builtins = strict;
        self.scope_mut().forget();
    }

    /// The base document at a path.
    pub(super) fn base(&self, path: &[String]) -> Option<Value> {
        find(&self.data, path).cloned()
    }

    /// The value of a rule that is not a function.
    pub(super) fn rule(&mut self, rule: RuleId) -> Result<Option<Marked<T::Mark>>, Raised> {
        if let Memo::Known { value, .. } = self.scope().known(rule) {
            return Ok(value.clone());
        }
        let mut result = self.run(rule);
        // Clauses that were joined may have met another error than comes first, or equal members in another order.
        if self.joins && result.as_ref().is_err_and(|error| !error.code.is_limit()) {
            self.clear();
            self.unjoined = true;
            self.memory = 0;
            result = self.run(rule);
        }
        match &result {
            Ok(_) => self.release(),
            Err(_) => self.clear(),
        }
        self.base = 0;
        result
    }

    /// Gives up what is left in slots, where that could be much.
    fn release(&mut self) {
        let input = self.scope().input.as_ref();
        let parts = input.map_or(0, |input| input.value.extent().parts);
        if self.memory > LEFT || parts as usize > LEFT / VALUE_BYTES {
            self.slots.clear();
        }
    }

    /// Gives up what is open, and forgets all values.
    fn clear(&mut self) {
        self.frames.clear();
        self.choices.clear();
        self.open.clear();
        self.slots.clear();
        self.base = 0;
        self.scopes.truncate(1);
        self.scope_mut().forget();
        self.tracer.reset();
    }

    fn run(&mut self, rule: RuleId) -> Result<Option<Marked<T::Mark>>, Raised> {
        self.result = None;
        self.joins = false;
        let mut entered = self.enter(rule, None, 0, false);
        loop {
            match entered.and_then(|step| self.go_on(step)) {
                Ok(()) => return Ok(self.result.take()),
                Err(error) if error.code.is_limit() || self.joins || self.choices.is_empty() => return Err(error),
                Err(error) => entered = self.unwind(error),
            }
        }
    }

    /// Runs until the rule that was asked for has ended.
    fn go_on(&mut self, mut step: Step) -> Result<(), Raised> {
        loop {
            if matches!(step, Step::Fail) {
                self.back()?;
            }
            let Some(frame) = self.frames.last_mut() else {
                return Ok(());
            };
            let at = frame.next as usize;
            frame.next += 1;
            let block = frame.block;
            if T::TRACES {
                self.trace_start(block, at);
            }
            step = match block.code.get(at) {
                Some(op) => self.step(op)?,
                None => Step::Fail,
            };
            if T::TRACES
                && matches!(step, Step::Fail)
                && !matches!(block.code.get(at), Some(Op::Return(_) | Op::Leaf { .. } | Op::Yield { .. }))
                // An instruction can end its rule, and so fail for the caller too, which is told where that is answered.
                && self.frames.last().is_some_and(|frame| std::ptr::eq(frame.block, block))
            {
                self.trace_failure();
            }
        }
    }

    /// Tells the tracer of the instruction at hand, and of the statements that begin with it.
    fn trace_start(&mut self, block: &Block, at: usize) {
        let site = self.site();
        let module = site.module;
        let starts = block.statements.iter().filter(|start| start.at as usize == at);
        for Start { span, .. } in starts {
            self.tracer.statement(Site { module, span: *span });
        }
        self.tracer.instruction(site);
    }

    /// Tells the tracer that the instruction at hand failed.
    pub(super) fn trace_failure(&mut self) {
        let site = self.site();
        let Some(frame) = self.frames.last() else { return };
        let variables = variables(frame, &self.slots);
        self.tracer.failed(site, variables);
    }

    /// Tells the tracer of the variables with which the clause at hand is about to give a value.
    pub(super) fn trace_giving(&mut self) {
        let Some(frame) = self.frames.last() else { return };
        let variables = variables(frame, &self.slots);
        self.tracer.giving(variables);
    }

    pub(super) fn scope(&self) -> &Scope<T> {
        self.scopes.last().expect("there is always the outermost scope")
    }

    pub(super) fn scope_mut(&mut self) -> &mut Scope<T> {
        self.scopes.last_mut().expect("there is always the outermost scope")
    }

    pub(super) fn frame(&mut self) -> &mut Frame<'p, T> {
        self.frames.last_mut().expect("an instruction belongs to a frame")
    }

    pub(super) fn slot_base(&self) -> usize {
        self.base
    }

    pub(super) fn slot_mut(&mut self, slot: Slot) -> &mut Marked<T::Mark> {
        let at = self.slot_base() + slot as usize;
        &mut self.slots[at]
    }

    pub(super) fn get<'a>(&'a self, operand: &'a Operand) -> &'a Value {
        match operand {
            Operand::Const(value) => value,
            Operand::Slot(slot) => &self.slots[self.slot_base() + *slot as usize].value,
        }
    }

    /// A value with its mark, to be kept.
    pub(super) fn marked(&self, operand: &Operand) -> Marked<T::Mark> {
        match operand {
            Operand::Const(value) => Marked::constant(value.clone()),
            Operand::Slot(slot) => self.slots[self.slot_base() + *slot as usize].clone(),
        }
    }

    pub(super) fn fill(&mut self, to: Slot, value: Marked<T::Mark>) -> Outcome {
        if T::TRACES {
            let at = self.site();
            self.tracer.filled(at, &value.value);
        }
        *self.slot_mut(to) = value;
        Ok(Step::Next)
    }

    pub(super) fn fill_found(&mut self, to: Slot, found: Option<Marked<T::Mark>>) -> Outcome {
        match found {
            Some(value) => self.fill(to, value),
            None => Ok(Step::Fail),
        }
    }

    /// The outcome of an instruction of which nothing but the truth counts: the next one, which asks for it, is skipped.
    pub(super) fn condition(&mut self, held: bool) -> Step {
        let frame = self.frame();
        let next = frame.block.code.get(frame.next as usize);
        debug_assert!(matches!(next, Some(Op::Truthy(_))), "{next:?} does not ask for truth");
        frame.next += 1;
        holds(held)
    }

    /// The place in the policy of the instruction at hand.
    pub(super) fn site(&self) -> Site {
        let frame = self.frames.last();
        let span = frame.and_then(|frame| frame.block.spans.get((frame.next as usize).saturating_sub(1)));
        Site {
            module: frame.map_or(0, |frame| frame.module),
            span: span.copied().unwrap_or_default(),
        }
    }

    /// An error at the instruction at hand.
    pub(super) fn error(&self, code: Code, message: impl Into<String>) -> Raised {
        let Site { module, span } = self.site();
        Box::new(EvalError {
            code,
            message: message.into(),
            module,
            span,
            values: Vec::new(),
        })
    }

    pub(super) fn conflict(&self, message: &str) -> Raised {
        self.error(Code::Conflict, message)
    }

    /// Counts what values are made of, and the time.
    #[inline]
    pub(super) fn spend(&mut self, values: usize) -> Result<(), Raised> {
        self.memory = self.memory.saturating_add(values * VALUE_BYTES);
        if self.memory > self.settings.memory {
            return Err(self.too_large());
        }
        self.tick()
    }

    /// Counts an instruction, and looks at the clock now and then.
    #[inline]
    fn tick(&mut self) -> Result<(), Raised> {
        self.instructions = self.instructions.wrapping_add(1);
        if self.instructions.is_multiple_of(INSTRUCTIONS) {
            return self.context.check_time().map_err(|failure| self.failed("", failure));
        }
        Ok(())
    }

    /// Fails where a value that was just made is too large or too deep to work with, however little memory it takes.
    pub(super) fn bounded(&self, value: &Value) -> Result<(), Raised> {
        let extent = value.extent();
        if extent.depth > DEEPEST {
            let message = format!("a value that nests deeper than {DEEPEST} levels");
            return Err(self.error(Code::Limit, message));
        }
        if extent.parts > MOST_PARTS {
            return Err(self.error(Code::Limit, format!("a value with more than {MOST_PARTS} elements")));
        }
        Ok(())
    }

    /// Fails where a value that was asked for is larger than what may be made of it.
    pub(super) fn bounded_result(&self, value: &Value) -> Result<(), Raised> {
        match value.extent().parts as usize > self.settings.memory / RESULT_BYTES {
            true => Err(self.too_large()),
            false => Ok(()),
        }
    }

    /// Begins to look at documents and functions through a scope. Each of those that are open takes its memory.
    pub(super) fn open_scope(&mut self, scope: Scope<T>) -> Result<(), Raised> {
        let bytes = self.scopes.len() * scope.bytes();
        if bytes > self.settings.memory {
            return Err(self.too_large());
        }
        self.scopes.push(scope);
        Ok(())
    }

    #[cold]
    pub(super) fn too_large(&self) -> Raised {
        let limit = self.settings.memory >> 20;
        let message = format!("the values of the policy take more than {limit} MiB");
        self.error(Code::Limit, message)
    }

    pub(super) fn failed(&self, builtin: &str, failure: Failure) -> Raised {
        let code = code_of(&failure);
        match failure {
            Failure::Operand(message) | Failure::Builtin(message) => self.error(code, format!("{builtin}: {message}")),
            Failure::Timeout => self.error(code, OUT_OF_TIME),
            Failure::Limit(message) => self.error(code, message),
        }
    }

    fn step(&mut self, op: &'p Op) -> Outcome {
        self.tick()?;
        match op {
            Op::Fail => Ok(Step::Fail),
            Op::Jump(at) => self.go(*at),
            Op::Fork(alternatives) => self.fork(alternatives),
            Op::Move { from, to } => {
                let value = self.marked(from);
                self.fill(*to, value)
            }
            Op::Array { items, to } => {
                self.spend(items.len())?;
                let value = Value::array_of(items.iter().map(|item| self.get(item)));
                self.made(Collect::Array, items, value, *to)
            }
            Op::Set { items, to } => {
                self.spend(items.len())?;
                let value = Value::set(items.iter().map(|item| self.get(item).clone()).collect());
                self.made(Collect::Set, items, value, *to)
            }
            Op::Object { entries, to } => self.object_of(entries, *to),
            Op::Input { path, to } => self.input_at(path, *to),
            Op::Data { path, to } => {
                let found = self.data_at(path);
                self.fill_found(*to, found.map(Marked::constant))
            }
            Op::Path { of, path, to, bare } => self.part_at(of, path, *to, *bare),
            Op::Get { of, key, to } => {
                let found = found(self.get(of), self.get(key)).cloned();
                self.part(of, key, found, *to)
            }
            Op::Stored { of, key, to } => {
                let (of_value, key_value) = (self.get(of), self.get(key));
                // What `with` puts in the place of a base document is in no store.
                let found = match self.scope().replaced {
                    None => stored(of_value, key_value),
                    Some(_) => found(of_value, key_value),
                };
                let found = found.cloned();
                self.part(of, key, found, *to)
            }
            Op::Scan { of, key, to } => self.scan(of, *key, *to),
            Op::Walk { of, to } => self.walk(of, *to),
            Op::Equal(a, b) => {
                let held = self.get(a) == self.get(b);
                self.tested(held, |of| Condition::Equal(of(a), of(b)));
                Ok(holds(held))
            }
            Op::Truthy(value) => {
                let held = is_true(self.get(value));
                self.tested(held, |of| Condition::Truthy(of(value)));
                Ok(holds(held))
            }
            Op::ArrayOf { of: array, length } => {
                let items = self.get(array).as_array();
                let held = items.is_some_and(|items| items.len() == *length as usize);
                self.tested(held, |of| Condition::Shape(of(array)));
                Ok(holds(held))
            }
            Op::ObjectOf { of: object, length } => {
                let entries = self.get(object).as_object();
                let held = entries.is_some_and(|entries| entries.len() == *length as usize);
                self.tested(held, |of| Condition::Shape(of(object)));
                Ok(holds(held))
            }
            Op::MayBe { value, collect } => {
                let held = match self.get(value) {
                    Value::Array(_) => *collect == Collect::Array,
                    Value::Object(_) => *collect == Collect::Object,
                    // As in OPA, which evaluates what it compares a set with.
                    Value::Set(_) => true,
                    _ => false,
                };
                self.tested(held, |of| Condition::Shape(of(value)));
                Ok(holds(held))
            }
            Op::NoneOf { value, names } => {
                let name = self.get(value).as_str();
                let held = !name.is_some_and(|name| names.iter().any(|other| **other == *name));
                self.tested(held, |of| Condition::Shape(of(value)));
                Ok(holds(held))
            }
            Op::Iterable(value) => {
                let held = matches!(self.get(value), Value::Array(_) | Value::Object(_) | Value::Set(_));
                self.tested(held, |of| Condition::Shape(of(value)));
                Ok(holds(held))
            }
            Op::Rule { rule, part, to } => self.rule_value(*rule, part.as_deref(), *to),
            Op::Whole { node, to } => match self.plan.nodes[*node].whole {
                Some(rule) => self.rule_value(rule, None, *to),
                None => Ok(Step::Fail),
            },
            Op::Call {
                rule,
                operands,
                to,
                bare,
            } => self.call(*rule, operands, *to, *bare),
            Op::Builtin {
                builtin,
                operands,
                to,
                bare,
            } => self.builtin(*builtin, operands, *to, *bare),
            Op::Print(operand) => self.print(operand),
            Op::TestCase(case) => {
                let at = self.site();
                let case = self.get(case).clone();
                self.tracer.test_case(at, &case);
                Ok(Step::Next)
            }
            Op::MergeBase { path, of, to } => self.merge_base(path, *of, *to),
            Op::Collect { to, end, keep, .. } => self.begin_collection(*to, *end, keep.as_deref()),
            Op::Yield { key, value } => self.collected(key.as_ref(), value),
            Op::Not { end } => self.begin_not(*end),
            Op::EndNot => self.end_not(),
            Op::Once => self.begin_once(),
            Op::EndOnce => self.end_once(),
            Op::With { overrides, .. } => self.with(overrides),
            Op::EndWith => self.end_with(),
            Op::Return(value) => self.give(value),
            Op::Leaf { path, member, value } => self.leaf(path, *member, value),
        }
    }
}

/// The variables of a frame's clause.
fn variables<'m, T: Tracer>(frame: &'m Frame<'m, T>, slots: &'m [Marked<T::Mark>]) -> Variables<'m, T::Mark> {
    let locals = frame.clause_at_hand().map_or(&[][..], |clause| &clause.locals);
    let first = frame.base + frame.block.parameters as usize;
    Variables::new(locals, slots.get(first..).unwrap_or_default())
}
