//! Rules under evaluation: their clauses and branches in turn, what these give, and the value in the end.

use super::calls::by_members;
use super::choice::{Choice, Point};
use super::documents::at_path;
use super::leaves::{Conflict, Leaves};
use super::machine::{Machine, Outcome, Step};
use super::scope::{Call, Memo};
use super::values::mark_at;
use super::{ConflictingValue, EvalError, EvalErrorCode as Code, Raised};
use crate::check::print;
use crate::plan::code::{At, Block, Candidate, Clause, Collect, Guard, Operand, Part, Rule, RuleId, RuleKind, Slot};
use crate::trace::{Condition, Marked, MarkedRef, Site, Tracer};
use kpolicy_value::Value;

/// What a rule's clauses have given so far.
pub(super) enum Produced<M> {
    Nothing,
    Value(Marked<M>),
    Members(Vec<Marked<M>>),
    Leaves(Leaves<M>),
}

/// A rule that is being evaluated.
pub(super) struct Frame<'p, T: Tracer> {
    pub(super) rule: RuleId,
    /// The rule, or the same with clauses joined.
    of: &'p Rule,
    /// The clause at hand; after them all the default.
    pub(super) clause: usize,
    pub(super) branch: usize,
    pub(super) block: &'p Block,
    pub(super) module: usize,
    pub(super) next: At,
    /// Where its slots start.
    pub(super) base: usize,
    /// The caller's slot for the value.
    pub(super) to: Slot,
    produced: Produced<T::Mark>,
    /// Where its value was given first.
    first: Site,
    /// Whether the clause at hand has given something.
    found: bool,
    /// The clauses that can hold, where the rule has an index and it was looked into.
    among: Option<&'p [Candidate]>,
    call: Option<Call<T::Mark>>,
    /// Whether it is in the place of another function, in a scope of its own.
    pub(super) mocking: bool,
    /// The part of the value that is wanted, where it is not all.
    pub(super) part: Option<&'p Part>,
    /// The caller's way.
    pub(super) trail: T::Trail,
}

impl<T: Tracer> Frame<'_, T> {
    /// Where its slots end.
    fn end(&self) -> usize {
        self.base + self.block.slots as usize
    }

    /// The clause at hand.
    pub(super) fn clause_at_hand(&self) -> Option<&Clause> {
        self.of.clauses.get(self.clause).or(self.of.default.as_ref())
    }

    /// Whether it evaluates a call, and no rule by itself.
    pub(super) fn is_call(&self) -> bool {
        self.call.is_some()
    }

    /// Whether it evaluates this call.
    pub(super) fn calls(&self, call: &Call<T::Mark>) -> bool {
        self.call.as_ref() == Some(call)
    }
}

static NOTHING: Block = Block {
    code: Vec::new(),
    spans: Vec::new(),
    statements: Vec::new(),
    slots: 0,
    parameters: 0,
};

impl<'p, T: Tracer> Machine<'p, T> {
    /// Starts the evaluation of a rule.
    pub(super) fn enter(&mut self, rule: RuleId, call: Option<Call<T::Mark>>, to: Slot, mocking: bool) -> Outcome {
        let base = self.frames.last().map_or(0, Frame::end);
        match &call {
            Some(call) => self.push(base, &call.operands),
            None => self.note(rule, Memo::Running),
        }
        if T::TRACES {
            self.tracer.enter(self.plan.rules[rule as usize].to_ref());
        }
        let trail = self.tracer.trail();
        self.tracer.open();
        self.base = base;
        let of = self.form_of(&self.plan.rules[rule as usize]);
        self.frames.push(Frame {
            rule,
            of,
            clause: 0,
            branch: 0,
            block: &NOTHING,
            module: 0,
            next: 0,
            base,
            to,
            produced: Produced::Nothing,
            first: Site::default(),
            found: false,
            among: None,
            call,
            mocking,
            part: None,
            trail,
        });
        self.clause_from(0)
    }

    /// Fills the slots of a new frame with the operands of its call.
    fn push(&mut self, base: usize, operands: &[Marked<T::Mark>]) {
        let end = base + operands.len();
        self.reach(end);
        self.slots[base..end].clone_from_slice(operands);
    }

    /// Makes slots up to this one. Those that a frame has left keep what they held until they are filled anew.
    fn reach(&mut self, end: usize) {
        if self.slots.len() < end {
            self.slots.resize_with(end, || Marked::constant(Value::Null));
        }
    }

    /// The rule as it is evaluated: with clauses joined, unless that is known to matter. A tracer is to see each by itself.
    fn form_of(&mut self, rule: &'p Rule) -> &'p Rule {
        match rule.joined.as_deref() {
            Some(joined) if !self.unjoined && !T::TRACES => {
                self.joins = true;
                joined
            }
            _ => rule,
        }
    }

    /// Whether the members of the rule at hand, whose clauses are joined, have equal ones among them that are written
    /// otherwise: the first clause decides which of them counts. Sorts them where that can be.
    fn is_doubtful(&mut self) -> bool {
        let plan = self.plan;
        let frame = self.frame();
        let joined = !std::ptr::eq(frame.of, &plan.rules[frame.rule as usize]);
        let (true, Produced::Members(members)) = (joined, &mut frame.produced) else {
            return false;
        };
        if !members.iter().any(|member| member.value.extent().non_canonical) {
            return false;
        }
        members.sort_by(|a, b| a.value.cmp(&b.value));
        let otherwise = |a: &Value, b: &Value| a == b && !a.is_written_as(b);
        let mut pairs = members.windows(2);
        pairs.any(|pair| otherwise(&pair[0].value, &pair[1].value))
    }

    /// Goes on with the first clause from this one on that its guards do not rule out, or ends the rule.
    fn clause_from(&mut self, mut clause: usize) -> Outcome {
        let rule = self.frame().of;
        while let Some((at, guards)) = self.candidate(rule, clause) {
            let next = &rule.clauses[at];
            if let Some(start) = self.guarded(next, guards) {
                self.begin(at, 0, next, start);
                return Ok(Step::Next);
            }
            clause = at + 1;
        }
        let end = rule.clauses.len();
        match &rule.default {
            Some(default) if clause <= end && matches!(self.frame().produced, Produced::Nothing) => {
                self.begin(end, 0, default, 0);
                Ok(Step::Next)
            }
            _ if self.is_doubtful() => Err(self.error(Code::Order, "the order of clauses counts")),
            _ => self.leave(),
        }
    }

    /// The first clause from this one on that can hold, as far as the rule's index tells, and those of its guards that are
    /// left. A tracer is to see each clause's guards fail.
    fn candidate(&mut self, rule: &'p Rule, clause: usize) -> Option<(usize, &'p [Guard])> {
        let Some(index) = rule.index.as_ref().filter(|_| !T::TRACES) else {
            let guards = &rule.clauses.get(clause)?.guards;
            return Some((clause, guards));
        };
        let among = match self.frame().among {
            Some(among) => among,
            None => {
                let input = self.scope().input.as_ref();
                let value = input.and_then(|input| at_path(&input.value, &index.path));
                let among = index.clauses(value);
                self.frame().among = Some(among);
                among
            }
        };
        let at = among.partition_point(|candidate| (candidate.clause as usize) < clause);
        let candidate = among.get(at)?;
        Some((candidate.clause as usize, &candidate.guards))
    }

    /// Where to start with a clause; nowhere where one of these guards rules it out.
    fn guarded<'g>(&mut self, clause: &Clause, guards: &'g [Guard]) -> Option<At> {
        if !T::GUARDED {
            return Some(0);
        }
        let input = self.scopes.last().and_then(|scope| scope.input.as_ref());
        let found = |guard: &'g Guard| input.and_then(|input| at_path(&input.value, &guard.path));
        let Some(failed) = guards.iter().find(|guard| found(guard) != Some(&guard.value)) else {
            return Some(if T::TRACES { 0 } else { clause.skip });
        };
        // OPA's index takes a collection for each of its members, so what it has is seen in the body.
        if let Some(Value::Array(_) | Value::Set(_) | Value::Object(_)) = found(failed) {
            return Some(0);
        }
        if !T::TRACES {
            return None;
        }
        let at = Site {
            module: clause.module,
            span: clause.head,
        };
        self.tracer.excluded(at);
        if let Some(input) = input {
            self.tracer.restore(&T::Trail::default());
            match found(failed) {
                None => {
                    let (of, path, key) = (input.as_ref(), &*failed.path, None);
                    self.tracer.tested(at, Condition::Has { of, path, key }, false);
                }
                Some(value) => {
                    let mark = mark_at(&mut self.tracer, input, &failed.path);
                    let mark = Some(&mark);
                    let value = MarkedRef { value, mark };
                    let wanted = MarkedRef {
                        value: &failed.value,
                        mark: None,
                    };
                    self.tracer.tested(at, Condition::Equal(value, wanted), false);
                }
            }
        }
        None
    }

    fn begin(&mut self, at: usize, branch: usize, clause: &'p Clause, start: At) {
        let block = &clause.branches[branch];
        if T::TRACES {
            self.tracer.clause(Site {
                module: clause.module,
                span: clause.head,
            });
        }
        self.tracer.restore(&T::Trail::default());
        let frame = self.frame();
        frame.clause = at;
        frame.branch = branch;
        frame.block = block;
        frame.module = clause.module;
        frame.next = start;
        if branch == 0 {
            frame.found = false;
        }
        let end = frame.end();
        self.reach(end);
        self.choose(Choice::Frame);
    }

    /// The block at hand has no more solutions: its `else`, the next clause, or the end of the rule.
    pub(super) fn exhausted(&mut self) -> Outcome {
        let frame = self.frame();
        let rule = frame.of;
        let (at, branch, found) = (frame.clause, frame.branch, frame.found);
        match rule.clauses.get(at) {
            Some(clause) if !found && branch + 1 < clause.branches.len() => {
                self.begin(at, branch + 1, clause, 0);
                Ok(Step::Next)
            }
            _ => self.clause_from(at + 1),
        }
    }

    /// A clause gives a value, or a member of the rule's set.
    pub(super) fn give(&mut self, value: &'p Operand) -> Outcome {
        let mut produced = self.marked(value);
        self.given(&produced.value);
        produced.mark = self.tracer.produced(produced.mark);
        let rule = self.frame().of;
        if rule.kind == RuleKind::Set {
            self.spend(1)?;
            match &mut self.frame().produced {
                Produced::Members(members) => members.push(produced),
                other => *other = Produced::Members(vec![produced]),
            }
            return Ok(Step::Fail);
        }
        let site = self.site();
        let frame = self.frames.last_mut().expect("an instruction belongs to a frame");
        frame.found = true;
        match &mut frame.produced {
            Produced::Value(known) if known.value != produced.value => {
                let values = vec![
                    ConflictingValue::new(&known.value, frame.first),
                    ConflictingValue::new(&produced.value, site),
                ];
                return Err(self.conflicting(rule, values));
            }
            Produced::Value(known) => known.mark = self.tracer.also(known.mark.clone(), produced.mark),
            _ => (frame.produced, frame.first) = (Produced::Value(produced), site),
        }
        // A tracer may want to see every way to the value.
        if T::TRACES && T::EXHAUSTIVE {
            return Ok(Step::Fail);
        }
        if rule.constant {
            frame.clause = rule.clauses.len();
        }
        if rule.constant || matches!(value, Operand::Const(_)) {
            self.cut();
        }
        Ok(Step::Fail)
    }

    /// Tells the tracer what the clause at hand gives.
    fn given(&mut self, value: &Value) {
        if !T::TRACES {
            return;
        }
        let Some((frame, clause)) = self
            .frames
            .last()
            .and_then(|frame| Some((frame, frame.clause_at_hand()?)))
        else {
            return;
        };
        let head = Site {
            module: clause.module,
            span: clause.head,
        };
        let branch = frame.branch;
        self.trace_giving();
        self.tracer.given(head, branch, value);
    }

    /// The error of two values where a rule or function gives one.
    fn conflicting(&self, rule: &Rule, values: Vec<ConflictingValue>) -> Raised {
        let path = print::path(&rule.path);
        let message = match rule.kind {
            RuleKind::Function(_) => format!("function {path} produced conflicting values for the same inputs"),
            _ => format!("rule {path} produced conflicting values"),
        };
        let mut error = self.conflict(&message);
        error.values = values;
        error
    }

    /// Forgets all choices of the block at hand: it has given what it can.
    fn cut(&mut self) {
        let is_frame = |point: &Point<T>| matches!(point.choice, Choice::Frame);
        while self.choices.last().is_some_and(|last| !is_frame(last)) {
            self.choices.pop();
        }
    }

    /// A clause gives a leaf of the rule's object.
    #[inline(never)]
    pub(super) fn leaf(&mut self, path: &[Operand], member: bool, value: &Operand) -> Outcome {
        self.spend(path.len() + 1)?;
        let path = path.iter().map(|step| self.marked(step)).collect();
        let mut value = self.marked(value);
        self.given(&value.value);
        value.mark = self.tracer.produced(value.mark);
        let frame = self.frame();
        frame.found = true;
        if !matches!(frame.produced, Produced::Leaves(_)) {
            frame.produced = Produced::Leaves(Leaves::on(&frame.of.initial));
        }
        let inserted = match &mut frame.produced {
            Produced::Leaves(leaves) => leaves.insert(path, member, value),
            _ => Ok(()),
        };
        match inserted {
            Ok(()) => Ok(Step::Fail),
            Err(Conflict) => Err(self.conflict("object keys must be unique")),
        }
    }

    /// Ends the rule: its value goes to the caller, whose instruction fails where there is none.
    fn leave(&mut self) -> Outcome {
        let frame = self.frames.pop().expect("a rule that ends was entered");
        self.base = self.frames.last().map_or(0, |caller| caller.base);
        if frame.mocking {
            self.scopes.pop();
        }
        let failed = self.tracer.close();
        self.tracer.restore(&frame.trail);
        let rule = frame.of;
        let fallback = frame.branch > 0 || frame.clause == rule.clauses.len() && rule.default.is_some();
        let mut value = self.value_of(frame.produced, rule);
        if !T::TRACES
            && let (Some(part), Some(call)) = (&mut value, &frame.call)
            && !matches!(rule.kind, RuleKind::Function(_))
            && rule.depth as usize == call.operands.len()
        {
            part.value = by_members(&part.value, &call.operands);
        }
        if let Some(value) = &value {
            let bounded = self.bounded(&value.value);
            let bounded = bounded.and_then(|()| match self.frames.is_empty() {
                true => self.bounded_result(&value.value),
                false => Ok(()),
            });
            bounded.map_err(|error| self.at_rule(rule, error))?;
        }
        if T::TRACES
            && let Some(value) = &mut value
        {
            let mark = std::mem::take(&mut value.mark);
            value.mark = self.tracer.concluded(rule.to_ref(), mark, &failed, fallback);
        }
        if T::TRACES {
            self.tracer
                .leave(rule.to_ref(), value.as_ref().map(|value| &value.value));
        }
        match frame.call {
            None => {
                let known = Memo::Known {
                    value: value.clone(),
                    failed: failed.clone(),
                    whole: frame.part.is_none(),
                };
                self.note(frame.rule, known);
            }
            Some(call) if !frame.mocking => self.scope_mut().note_call(call, value.clone(), failed.clone()),
            Some(_) => {}
        }
        if self.frames.is_empty() {
            self.result = value;
            return Ok(Step::Next);
        }
        self.answer(frame.rule, value, &failed, frame.to)
    }

    /// The error at the head of a rule, which has ended already.
    fn at_rule(&self, rule: &Rule, error: Raised) -> Raised {
        match rule.clauses.first().or(rule.default.as_ref()) {
            Some(clause) => Box::new(EvalError {
                module: clause.module,
                span: clause.head,
                ..*error
            }),
            None => error,
        }
    }

    /// Notes what is known of a rule's value, until there is another input where it depends on that.
    pub(super) fn note(&mut self, rule: RuleId, memo: Memo<T::Mark, T::FailureSet>) {
        let passing = T::TRACES || self.plan.rules[rule as usize].of_input;
        self.scope_mut().note(rule, memo, passing);
    }

    fn value_of(&mut self, produced: Produced<T::Mark>, rule: &Rule) -> Option<Marked<T::Mark>> {
        match produced {
            Produced::Value(value) => Some(value),
            Produced::Members(members) => {
                let parts = members.iter().map(|member| (None, member.as_ref()));
                let mark = self.tracer.collection(Collect::Set, parts, T::FailureSet::default());
                let value = Value::set(members.into_iter().map(|member| member.value).collect());
                Some(Marked { value, mark })
            }
            Produced::Leaves(leaves) => Some(leaves.into_value(&mut self.tracer)),
            Produced::Nothing => match rule.kind {
                RuleKind::Set => Some(Marked::constant(Value::set(Vec::new()))),
                RuleKind::Object => Some(Leaves::on(&rule.initial).into_value(&mut self.tracer)),
                RuleKind::Complete | RuleKind::Function(_) => None,
            },
        }
    }
}

/// An instruction's outcome by its condition.
pub(super) fn holds(condition: bool) -> Step {
    if condition { Step::Next } else { Step::Fail }
}
