//! Where the time of an evaluation goes: a tracer that counts how often each statement is evaluated, and how long it takes.
//!
//! The time of a statement is its own: that of the rules and functions that it asks for is theirs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bodies::Bodies;
use super::events::Traced;
use kpolicy_rego::trace::{RuleRef, Site, Tracer};
use kpolicy_value::{LineIndex, Span, Value};

/// How often something was evaluated, and how long that took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How often.
    pub evaluations: u64,
    /// How long, altogether.
    pub time: Duration,
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.evaluations += other.evaluations;
        self.time += other.time;
    }
}

/// A statement, or the head of a clause, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The policy's file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The text, in one line.
    pub text: String,
    /// The rule from `data` on.
    pub rule: String,
}

/// What evaluations cost, by rule and by line.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The rules and functions by their paths: how often one was evaluated, and the time of its own statements.
    pub rules: BTreeMap<String, Cost>,
    /// The statements.
    pub lines: BTreeMap<Line, Cost>,
}

impl Profile {
    /// Adds what others cost.
    pub fn add(&mut self, other: Self) {
        for (rule, cost) in other.rules {
            self.rules.entry(rule).or_default().add(cost);
        }
        for (line, cost) in other.lines {
            self.lines.entry(line).or_default().add(cost);
        }
    }

    /// The rules and the lines, those that took longest first; of equal ones those that were evaluated more often.
    pub fn sorted(&self) -> (Costs<'_, String>, Costs<'_, Line>) {
        fn by_cost<K: Ord>(known: &BTreeMap<K, Cost>) -> Costs<'_, K> {
            let mut all: Vec<(&K, Cost)> = known.iter().map(|(key, cost)| (key, *cost)).collect();
            all.sort_by_key(|(_, cost)| std::cmp::Reverse((cost.time, cost.evaluations)));
            all
        }
        (by_cost(&self.rules), by_cost(&self.lines))
    }
}

/// Things with what they cost.
pub type Costs<'p, K> = Vec<(&'p K, Cost)>;

/// A rule that is being evaluated.
#[derive(Debug)]
struct Open {
    rule: usize,
    head: Option<Site>,
    branch: usize,
    /// The statement at hand; none for the head.
    statement: Option<usize>,
}

/// A place whose cost is counted: a head, a branch, and a statement of it.
type Place = (usize, Site, usize, Option<usize>);

/// The tracer. Rules end where OPA lets them end.
#[derive(Debug)]
pub struct Profiler {
    bodies: Arc<Bodies>,
    /// The paths of the rules that were entered.
    rules: Vec<String>,
    by_path: HashMap<String, usize>,
    entered: Vec<u64>,
    costs: HashMap<Place, Cost>,
    open: Vec<Open>,
    /// Until when time has been counted.
    counted: Instant,
}

impl Profiler {
    /// A profiler for a program of these bodies.
    pub fn of(bodies: Arc<Bodies>) -> Self {
        Self {
            bodies,
            rules: Vec::new(),
            by_path: HashMap::new(),
            entered: Vec::new(),
            costs: HashMap::new(),
            open: Vec::new(),
            counted: Instant::now(),
        }
    }

    /// What was counted, and begins to count anew. No rule is being evaluated.
    pub fn take(&mut self) -> Self {
        std::mem::replace(self, Self::of(self.bodies.clone()))
    }

    /// Counts the time since the last event for the place at hand.
    fn count(&mut self) {
        let now = Instant::now();
        let passed = now - self.counted;
        self.counted = now;
        if let Some(place) = self.place() {
            self.costs.entry(place).or_default().time += passed;
        }
    }

    fn place(&self) -> Option<Place> {
        let open = self.open.last()?;
        Some((open.rule, open.head?, open.branch, open.statement))
    }

    /// What was counted of a program of these modules.
    pub fn profile(&self, modules: &[Option<Traced>]) -> Profile {
        let mut indexes: HashMap<usize, LineIndex> = HashMap::new();
        let mut profile = Profile::default();
        for (rule, evaluations) in self.rules.iter().zip(&self.entered) {
            let time = Duration::ZERO;
            profile.rules.insert(
                rule.clone(),
                Cost {
                    evaluations: *evaluations,
                    time,
                },
            );
        }
        for ((rule, head, branch, statement), cost) in &self.costs {
            let rule = self.rules[*rule].clone();
            if let Some(known) = profile.rules.get_mut(&rule) {
                known.time += cost.time;
            }
            let Some(module) = modules.get(head.module).copied().flatten() else {
                continue;
            };
            let span: Option<Span> = match statement {
                Some(statement) => self.bodies.span(*head, *branch, *statement),
                None => Some(head.span),
            };
            let span = span.unwrap_or(head.span);
            let index = indexes
                .entry(head.module)
                .or_insert_with(|| LineIndex::new(module.text));
            let (line, _) = index.position(span.start as usize);
            let text = span.of(module.text).split_whitespace().collect::<Vec<_>>().join(" ");
            let line = Line {
                file: module.path.to_owned(),
                line,
                text,
                rule,
            };
            profile.lines.entry(line).or_default().add(*cost);
        }
        profile
    }
}

impl Tracer for Profiler {
    const EXHAUSTIVE: bool = false;
    type Mark = ();
    type Trail = ();
    type FailureSet = ();

    fn enter(&mut self, rule: RuleRef) {
        self.count();
        let names = rule.path.iter().map(|name| &**name);
        let path = std::iter::once("data").chain(names).collect::<Vec<_>>().join(".");
        let rule = match self.by_path.get(&path) {
            Some(rule) => *rule,
            None => {
                let rule = self.rules.len();
                self.rules.push(path.clone());
                self.entered.push(0);
                self.by_path.insert(path, rule);
                rule
            }
        };
        self.entered[rule] += 1;
        self.open.push(Open {
            rule,
            head: None,
            branch: 0,
            statement: None,
        });
    }

    fn clause(&mut self, head: Site) {
        self.count();
        let Some(open) = self.open.last_mut() else { return };
        open.branch = match open.head == Some(head) {
            true => open.branch + 1,
            false => 0,
        };
        (open.head, open.statement) = (Some(head), None);
        if let Some(place) = self.place() {
            self.costs.entry(place).or_default().evaluations += 1;
        }
    }

    fn statement(&mut self, at: Site) {
        self.count();
        let Some((head, branch)) = self.open.last().and_then(|open| Some((open.head?, open.branch))) else {
            return;
        };
        let Some(statement) = self.bodies.statement(head, branch, at.span) else {
            return;
        };
        // Of what is made for its parts the statement itself is told as well.
        let is_whole = self.bodies.span(head, branch, statement) == Some(at.span);
        let Some(open) = self.open.last_mut() else { return };
        open.statement = Some(statement);
        if let Some(place) = self.place() {
            self.costs.entry(place).or_default().evaluations += u64::from(is_whole);
        }
    }

    fn given(&mut self, _head: Site, _branch: usize, _value: &Value) {
        self.count();
    }

    fn leave(&mut self, _rule: RuleRef, _value: Option<&Value>) {
        self.count();
        self.open.pop();
    }

    fn reset(&mut self) {
        self.count();
        self.open.clear();
    }
}
