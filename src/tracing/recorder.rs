//! A tracer that keeps of each rule and function that is evaluated, clause by clause, the ways that gave a value and the
//! way that came furthest.
//!
//! A body is a search: its statements hold for some choices and fail for others. A way is the statements that held for
//! one choice, in the order in which they were evaluated; the machine tells with the trail how much of a way is left where
//! it goes back to an earlier choice.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::bodies::Bodies;
use super::parts::{Snapshot, Variable};
use super::recording::{Cause, End, Evaluated, Reached, Recording, Tried, Way};
use crate::provenance::{self, FailureSet, LocationTracer, Mark};
use kpolicy_rego::trace::{Collect, Condition, Marked, MarkedRef, RuleRef, Site, Tracer, Variables};
use kpolicy_value::{Span, Value};

/// How many rules and calls are kept: those that are evaluated later are not told of.
const MOST: usize = 20_000;
/// How many ways to a value are kept of a clause.
const WAYS: usize = 3;
/// How many calls are kept of a statement.
const CALLS: usize = 16;

/// A rule that is being evaluated.
#[derive(Debug, Default)]
struct Open {
    /// Its place among the evaluations, where it is kept.
    at: Option<usize>,
    /// The head of the clause at hand.
    head: Option<Site>,
    branch: usize,
    reached: Vec<Reached>,
    values: HashMap<Span, Value>,
    /// How many `not` and comprehensions are open.
    blocks: isize,
    /// What failed inside an `every`.
    inner: Option<(Snapshot, Cause)>,
    /// The way that was gone back from since the last instruction: where an error stops the evaluation, it is the one that
    /// led there.
    undone: Option<Vec<Reached>>,
}

/// The trail of the locations, and how many statements of the way came before.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    locations: provenance::Trail,
    reached: usize,
}

/// The tracer.
#[derive(Debug)]
pub struct Recorder {
    bodies: Arc<Bodies>,
    /// The path in the input that ways are wanted about.
    focus: Option<Vec<Value>>,
    locations: LocationTracer,
    recording: Recording,
    open: Vec<Open>,
    /// What was asked for and is not answered yet.
    asked: Option<Asked>,
    by_call: HashMap<(String, Vec<Value>), usize>,
    cause: Option<Cause>,
    /// Whether the failure of the instruction at hand was told already.
    failed: bool,
    /// The evaluations that ended since the last instruction, with the ways that they were on.
    ended: Vec<(usize, Vec<Reached>)>,
}

#[derive(Clone, Debug)]
struct Asked {
    at: Span,
    path: String,
    operands: Vec<Value>,
}

impl Recorder {
    /// A recorder for a program of these bodies.
    pub fn of(bodies: Arc<Bodies>) -> Self {
        Self {
            bodies,
            focus: None,
            locations: LocationTracer::default(),
            recording: Recording::default(),
            open: Vec::new(),
            asked: None,
            by_call: HashMap::new(),
            cause: None,
            failed: false,
            ended: Vec::new(),
        }
    }

    /// The same, which keeps the ways that are about the value at a path of the input before others.
    #[must_use]
    pub fn about(self, focus: Option<Vec<Value>>) -> Self {
        Self { focus, ..self }
    }

    /// How near a way is to the path that is wanted.
    fn nearness(snapshot: &Snapshot) -> usize {
        snapshot
            .variables
            .iter()
            .map(|variable| variable.near)
            .max()
            .unwrap_or(0)
    }

    /// How many steps of the path that is wanted lead to a value, or to what it was made of.
    fn near(&self, mark: Mark) -> usize {
        let Some(focus) = &self.focus else { return 0 };
        let near = |path: Vec<Value>| {
            let common = path.iter().zip(focus).take_while(|(a, b)| a == b).count();
            (common == path.len().min(focus.len())).then_some(common)
        };
        self.locations
            .paths(mark)
            .into_iter()
            .filter_map(near)
            .max()
            .unwrap_or(0)
    }

    /// What was recorded.
    pub fn take(&mut self) -> Recording {
        std::mem::take(&mut self.recording)
    }

    /// The clause at hand, where it is kept.
    fn tried(&mut self) -> Option<&mut Tried> {
        let at = self.open.last()?.at?;
        self.recording.evaluations.get_mut(at)?.clauses.last_mut()
    }

    /// The statement of the clause at hand that a place is in.
    fn statement_of(&self, at: Site) -> Option<usize> {
        let open = self.open.last()?;
        self.bodies.statement(open.head?, open.branch, at.span)
    }

    /// Comes to a statement, unless the way has come to it already.
    fn reach(&mut self, statement: Option<usize>) {
        let Some(open) = self.open.last_mut() else { return };
        if open.reached.iter().any(|reached| reached.statement == statement) {
            return;
        }
        open.reached.push(Reached {
            statement,
            calls: Vec::new(),
            denied: None,
        });
        open.inner = None;
        // What an earlier attempt gave is not the value of this one.
        if let (Some(head), Some(statement)) = (open.head, statement)
            && let Some(span) = self.bodies.span(head, open.branch, statement)
        {
            open.values.retain(|at, _| !span.contains(*at));
        }
    }

    fn snapshot(&self, at: Span, variables: Variables<Mark>) -> Snapshot {
        let Some(open) = self.open.last() else {
            return Snapshot::default();
        };
        let reached = open.reached.iter().filter_map(|reached| reached.statement);
        let spans: Vec<Span> = open
            .head
            .into_iter()
            .flat_map(|head| {
                let statements = reached.clone();
                let spans = statements.filter_map(move |statement| self.bodies.span(head, open.branch, statement));
                spans.chain([head.span])
            })
            .collect();
        let has_come = |span: Span| spans.iter().any(|reached| reached.contains(span));
        let variables = variables
            .marked()
            .filter(|(local, _)| local.name.is_some() || has_come(local.span));
        Snapshot {
            at,
            variables: variables
                .map(|(local, known)| Variable {
                    name: local.name.clone(),
                    span: local.span,
                    value: known.value.clone(),
                    origin: self.locations.origin(known.mark),
                    near: if has_come(local.span) { self.near(known.mark) } else { 0 },
                    is_set: has_come(local.span),
                })
                .collect(),
            values: open.values.clone(),
        }
    }

    /// Notes which evaluation gives what a statement asked for.
    fn note_call(&mut self, at: Span, evaluation: usize) {
        let Some(open) = self.open.last_mut() else { return };
        if let Some(reached) = open.reached.last_mut()
            && reached.calls.len() < CALLS
        {
            reached.calls.push((at, evaluation));
        }
    }

    /// The evaluation that gave a value that was known already.
    fn answered(&mut self, value: Option<&Value>) -> Option<usize> {
        let asked = self.asked.take()?;
        let at = *self.by_call.get(&(asked.path, asked.operands))?;
        // Under `with` another one may be meant.
        let is_it = self.recording.evaluations[at].value.as_ref() == value;
        if is_it {
            self.note_call(asked.at, at);
        }
        is_it.then_some(at)
    }

    /// The evaluation that ended last for this place.
    fn last_call(&self, at: Span) -> Option<usize> {
        let calls = &self.open.last()?.reached.last()?.calls;
        calls
            .iter()
            .rev()
            .find(|(place, _)| *place == at)
            .map(|(_, call)| *call)
    }
}

impl Tracer for Recorder {
    const EXHAUSTIVE: bool = false;
    const GUARDED: bool = false;
    type Mark = Mark;
    type Trail = Trail;
    type FailureSet = FailureSet;

    fn called(&mut self, at: Site, rule: RuleRef, operands: &[Marked<Mark>]) {
        let names = rule.path.iter().map(|name| &**name);
        self.asked = Some(Asked {
            at: at.span,
            path: std::iter::once("data").chain(names).collect::<Vec<_>>().join("."),
            operands: operands.iter().map(|operand| operand.value.clone()).collect(),
        });
    }

    fn enter(&mut self, rule: RuleRef) {
        let asked = self.asked.take().unwrap_or_else(|| Asked {
            at: Span::default(),
            path: std::iter::once("data")
                .chain(rule.path.iter().map(|name| &**name))
                .collect::<Vec<_>>()
                .join("."),
            operands: Vec::new(),
        });
        let at = (self.recording.evaluations.len() < MOST).then_some(self.recording.evaluations.len());
        match at {
            Some(at) => {
                self.recording.evaluations.push(Evaluated {
                    path: asked.path.clone(),
                    operands: asked.operands.clone(),
                    clauses: Vec::new(),
                    value: None,
                    ended: false,
                });
                self.by_call.insert((asked.path, asked.operands), at);
                self.note_call(asked.at, at);
            }
            None => self.recording.dropped += 1,
        }
        // The block of the rule itself is opened next.
        self.open.push(Open {
            at,
            blocks: -1,
            ..Open::default()
        });
    }

    fn clause(&mut self, head: Site) {
        let Some(open) = self.open.last_mut() else { return };
        let branch = match open.head == Some(head) {
            true => open.branch + 1,
            false => 0,
        };
        *open = Open {
            at: open.at,
            blocks: open.blocks,
            head: Some(head),
            branch,
            ..Open::default()
        };
        if let Some(evaluated) = open.at.and_then(|at| self.recording.evaluations.get_mut(at)) {
            evaluated.clauses.push(Tried {
                head,
                branch,
                gave: Vec::new(),
                count: 0,
                stopped: None,
                stops: BTreeMap::new(),
            });
        }
    }

    fn leave(&mut self, _rule: RuleRef, value: Option<&Value>) {
        let open = self.open.pop();
        self.failed = false;
        if let Some((at, undone)) = open.as_ref().and_then(|open| open.at.zip(open.undone.clone())) {
            self.ended.push((at, undone));
        }
        if let Some(evaluated) = open
            .and_then(|open| open.at)
            .and_then(|at| self.recording.evaluations.get_mut(at))
        {
            evaluated.value = value.cloned();
            evaluated.ended = true;
        }
    }

    fn reset(&mut self) {
        let open = std::mem::take(&mut self.open).into_iter();
        let open = open.filter_map(|open| Some((open.at?, open.undone.unwrap_or(open.reached))));
        for (at, reached) in open.chain(std::mem::take(&mut self.ended)) {
            let Some(evaluated) = self.recording.evaluations.get_mut(at) else {
                continue;
            };
            (evaluated.value, evaluated.ended) = (None, false);
            if let Some(tried) = evaluated.clauses.last_mut() {
                tried.stopped = Some(Way {
                    nearness: 0,
                    reached,
                    snapshot: Snapshot::default(),
                    end: End::Failed(Cause::Error),
                });
            }
        }
        self.locations.reset();
    }

    fn statement(&mut self, at: Site) {
        if let Some(open) = self.open.last_mut().filter(|open| open.blocks > 0) {
            // What it had for another member is not its value now.
            open.values.retain(|span, _| !at.span.contains(*span));
            return;
        }
        let statement = self.statement_of(at);
        if statement.is_some() {
            self.reach(statement);
        }
    }

    fn instruction(&mut self, at: Site) {
        self.cause = None;
        self.failed = false;
        self.ended.clear();
        if let Some(open) = self.open.last_mut() {
            open.undone = None;
        }
        // The head has no statement that begins.
        if let Some(open) = self.open.last()
            && let Some(head) = open.head
            && open.blocks <= 0
            && head.span.contains(at.span)
            && head.span != at.span
        {
            self.reach(None);
        }
    }

    fn filled(&mut self, at: Site, value: &Value) {
        if let Some(open) = self.open.last_mut() {
            open.values.insert(at.span, value.clone());
        }
    }

    fn failed(&mut self, at: Site, variables: Variables<Mark>) {
        // Of a value that was known to be undefined both the answer and the instruction tell.
        if std::mem::replace(&mut self.failed, true) {
            return;
        }
        let cause = self.cause.take().unwrap_or(Cause::False);
        let Some(open) = self.open.last() else { return };
        let statement = open.reached.last().and_then(|reached| reached.statement);
        let depth = open.reached.len();
        if open.blocks > 0 {
            if let Some(reached) = self.open.last_mut().and_then(|open| open.reached.last_mut()) {
                reached.denied = Some((at.span, cause.clone()));
            }
            let Some(open) = self.open.last() else { return };
            let is_every = open.head.zip(statement);
            if is_every.is_some_and(|(head, statement)| self.bodies.is_every(head, open.branch, statement)) {
                let snapshot = self.snapshot(at.span, variables);
                if let Some(open) = self.open.last_mut() {
                    open.inner = Some((snapshot, cause));
                }
            }
            return;
        }
        let inner = self.open.last_mut().and_then(|open| open.inner.take());
        let is_any = self.focus.is_some();
        let Some(tried) = self.tried() else { return };
        *tried.stops.entry(statement).or_default() += 1;
        let known = tried.stopped.as_ref().map(|way| (way.nearness, way.reached.len()));
        if known.is_some_and(|(_, furthest)| furthest >= depth && !is_any) {
            return;
        }
        let (snapshot, cause) = inner
            .filter(|_| cause == Cause::Held)
            .unwrap_or_else(|| (self.snapshot(at.span, variables), cause));
        let mut snapshot = snapshot;
        if matches!(cause, Cause::Missing(_) | Cause::Undefined(_) | Cause::Empty) {
            // What was found last is the start of what is not there.
            snapshot.values.remove(&snapshot.at);
            let at = snapshot.at;
            let variables = snapshot.variables.iter_mut();
            variables
                .filter(|variable| at.contains(variable.span))
                .for_each(|variable| variable.is_set = false);
        }
        let nearness = Self::nearness(&snapshot);
        if known.is_some_and(|known| known >= (nearness, depth)) {
            return;
        }
        let reached = self.open.last().map(|open| open.reached.clone()).unwrap_or_default();
        if let Some(tried) = self.tried() {
            tried.stopped = Some(Way {
                nearness,
                reached,
                snapshot,
                end: End::Failed(cause),
            });
        }
    }

    fn giving(&mut self, variables: Variables<Mark>) {
        let is_any = self.focus.is_some();
        let Some(tried) = self.tried() else { return };
        tried.count += 1;
        if tried.gave.len() == WAYS && !is_any {
            return;
        }
        // Everything in the clause has a value.
        let end = Span {
            start: u32::MAX,
            end: u32::MAX,
        };
        let snapshot = self.snapshot(end, variables);
        let nearness = Self::nearness(&snapshot);
        let reached = self.open.last().map(|open| open.reached.clone()).unwrap_or_default();
        let Some(tried) = self.tried() else { return };
        if tried.gave.len() == WAYS {
            let farthest = tried.gave.iter().enumerate().min_by_key(|(_, way)| way.nearness);
            match farthest {
                Some((at, way)) if way.nearness < nearness => _ = tried.gave.remove(at),
                _ => return,
            }
        }
        tried.gave.push(Way {
            reached,
            nearness,
            snapshot,
            end: End::Gave(None),
        });
    }

    fn given(&mut self, _head: Site, _branch: usize, value: &Value) {
        if let Some(tried) = self.tried()
            && let Some(end @ End::Gave(None)) = tried.gave.last_mut().map(|way| &mut way.end)
        {
            *end = End::Gave(Some(value.clone()));
        }
    }

    fn trail(&self) -> Trail {
        Trail {
            locations: self.locations.trail(),
            reached: self.open.last().map_or(0, |open| open.reached.len()),
        }
    }

    fn restore(&mut self, trail: &Trail) {
        self.locations.restore(&trail.locations);
        if let Some(open) = self.open.last_mut() {
            if open.reached.len() > trail.reached && open.undone.is_none() {
                open.undone = Some(open.reached.clone());
            }
            open.reached.truncate(trail.reached);
        }
    }

    fn open(&mut self) {
        self.locations.open();
        if let Some(open) = self.open.last_mut() {
            open.blocks += 1;
        }
    }

    fn close(&mut self) -> FailureSet {
        if let Some(open) = self.open.last_mut() {
            open.blocks -= 1;
        }
        self.locations.close()
    }

    fn confirmed(&mut self, at: Site) {
        if let Some(open) = self.open.last_mut() {
            open.blocks -= 1;
        }
        self.cause = Some(Cause::Held);
        self.locations.confirmed(at);
    }

    fn tested(&mut self, at: Site, condition: Condition<Mark>, held: bool) {
        if !held {
            self.cause = Some(match &condition {
                Condition::Has { of, path, .. } => Cause::Missing(self.locations.missing(*of, path)),
                Condition::Members(_) => Cause::Empty,
                Condition::Builtin(_) => Cause::Builtin,
                Condition::Equal(..) | Condition::Truthy(_) | Condition::Shape(_) => Cause::False,
            });
        }
        self.locations.tested(at, condition, held);
    }

    fn known(&mut self, at: Site, value: MarkedRef<Mark>) {
        self.answered(Some(value.value));
        self.locations.known(at, value);
    }

    fn undefined(&mut self, at: Site, rule: RuleRef, failed: &FailureSet) {
        let call = self.answered(None).or_else(|| self.last_call(at.span));
        self.cause = Some(Cause::Undefined(call));
        self.locations.undefined(at, rule, failed);
    }

    fn input(&mut self) -> Mark {
        self.locations.input()
    }

    fn part(&mut self, of: MarkedRef<Mark>, key: &Value) -> Mark {
        self.locations.part(of, key)
    }

    fn key(&mut self, of: MarkedRef<Mark>, key: &Value) -> Mark {
        self.locations.key(of, key)
    }

    fn path(&mut self, of: &Mark, to: &Mark) -> Mark {
        self.locations.path(of, to)
    }

    fn collection<'v>(
        &mut self,
        collect: Collect,
        items: impl Iterator<Item = (Option<MarkedRef<'v, Mark>>, MarkedRef<'v, Mark>)>,
        failed: FailureSet,
    ) -> Mark {
        self.locations.collection(collect, items, failed)
    }

    fn replaced(&mut self, of: MarkedRef<Mark>, path: &[Value], by: MarkedRef<Mark>) -> Mark {
        self.locations.replaced(of, path, by)
    }

    fn builtin<'v>(
        &mut self,
        at: Site,
        name: &'static str,
        operands: impl Iterator<Item = MarkedRef<'v, Mark>>,
        value: &Value,
    ) -> Mark {
        self.locations.builtin(at, name, operands, value)
    }

    fn read(&mut self, at: Site, mark: &Mark, key: Option<MarkedRef<Mark>>) {
        self.locations.read(at, mark, key);
    }

    fn chosen(&mut self, at: Site, of: &Mark, key: &Mark, mark: &Mark) {
        self.locations.chosen(at, of, key, mark);
    }

    fn denied(&mut self, at: Site, failed: &FailureSet) {
        self.locations.denied(at, failed);
    }

    fn produced(&mut self, mark: Mark) -> Mark {
        self.locations.produced(mark)
    }

    fn also(&mut self, known: Mark, other: Mark) -> Mark {
        self.locations.also(known, other)
    }

    fn concluded(&mut self, rule: RuleRef, mark: Mark, failed: &FailureSet, fallback: bool) -> Mark {
        self.locations.concluded(rule, mark, failed, fallback)
    }
}
