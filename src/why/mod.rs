//! `kpolicy why`: the shortest answer to why a rule found something in a document, or did not.
//!
//! An answer is plain data. It is read off the story that a recorder tells of the evaluation: of a clause that found
//! nothing the statement at which the way that came furthest failed, of one that found something the conditions that held.
//! Where the value of a rule or a function decided, the reason for that value follows.

use crate::finding::Location;
use crate::locate::{Target, locate};
use crate::provenance::Origin;
use crate::tracing::folded::{has_fired, outcome, path_text};
use crate::tracing::recording::Cause;
use crate::tracing::story::{Role, Story, ToldClause, ToldEnd, ToldPart, ToldRule, ToldStatement, ToldWay};
use kpolicy_parse::document::Document;
use kpolicy_value::Value;

mod place;

pub use place::path_at;

/// What the paths of the library's helpers start with.
const HELPERS: &str = "<library>/lib/";
/// How many reasons for values are followed.
const DEPTH: usize = 6;

/// What a rule came to on a document, and why.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The id of the rule.
    pub id: String,
    /// The rule from `data` on.
    pub query: String,
    /// The file.
    pub file: String,
    /// The line that was asked about.
    pub line: Option<usize>,
    /// The document, from 0, where its file holds several.
    pub document: Option<usize>,
    /// What the document is about: `Deployment shop/web`.
    pub subject: Option<String>,
    /// What the rule came to.
    pub verdict: Verdict,
    /// The messages of what it found.
    pub messages: Vec<String>,
    /// What decides beside the rule itself: that it is not run, or is waived.
    pub notes: Vec<String>,
    /// Whether the run would not evaluate the rule, as the settings are.
    pub unselected: bool,
    /// Why, for each clause that says something.
    pub reasons: Vec<Reason>,
}

/// What a rule came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It found something.
    Fired,
    /// It found something, and that is waived.
    Waived,
    /// It found nothing.
    Silent,
    /// It could not be evaluated.
    Failed,
}

impl Verdict {
    /// The word that reports write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Waived => "waived",
            Self::Silent => "silent",
            Self::Failed => "error",
        }
    }
}

/// A statement that decided.
#[derive(Clone, Debug)]
pub struct Reason {
    /// The policy's file.
    pub file: String,
    /// The line of the statement.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// Its text, in one line.
    pub statement: String,
    /// What became of it: `is false`.
    pub outcome: String,
    /// The values of its parts.
    pub values: Vec<PartValue>,
    /// In how many further ways the clause came to an end there.
    pub others: usize,
    /// The lines of further clauses that ended at the same statement.
    pub alike: Vec<usize>,
    /// Further clauses of a function or a rule that came less far.
    pub clauses: usize,
    /// Why a rule or a function in it has its value.
    pub because: Vec<Reason>,
}

/// The value of a part of a statement.
#[derive(Clone, Debug)]
pub struct PartValue {
    /// The part as it was written.
    pub text: String,
    /// Its value; nothing where it is undefined.
    pub value: Option<Value>,
    /// The path in the document that it comes from, readable.
    pub path: Option<String>,
    /// Where that is.
    pub location: Option<Location>,
}

/// Why a rule came to its value, as its story tells.
pub fn reasons(story: &Story, document: &Document) -> Vec<Reason> {
    let Some(rule) = story.evaluations.first() else {
        return Vec::new();
    };
    let explainer = Explainer { story, document };
    let nearest = nearest(rule);
    if has_fired(story) && is_near(story) {
        let near = |way: &&ToldWay| way.nearness == nearest;
        return rule
            .clauses
            .iter()
            .filter_map(|clause| Some((clause, clause.gave.iter().find(near)?)))
            .flat_map(|(clause, way)| explainer.held(clause, way, DEPTH))
            .collect();
    }
    let mut reasons: Vec<Reason> = Vec::new();
    let is_meant = |way: &ToldWay| !has_fired(story) || way.nearness == nearest;
    for clause in &rule.clauses {
        if !clause.stopped.as_ref().is_some_and(is_meant) {
            continue;
        }
        let Some(reason) = explainer.stopped(clause, DEPTH) else {
            continue;
        };
        let is_alike = |other: &&mut Reason| other.statement == reason.statement && other.outcome == reason.outcome;
        match reasons.iter_mut().find(is_alike) {
            Some(other) => other.alike.push(reason.line),
            None => reasons.push(reason),
        }
    }
    reasons
}

/// Whether what a rule found is about the part of the document that was asked about: no way that failed is nearer to it.
pub fn is_near(story: &Story) -> bool {
    let Some(rule) = story.evaluations.first() else {
        return true;
    };
    let gave = rule
        .clauses
        .iter()
        .flat_map(|clause| &clause.gave)
        .map(|way| way.nearness)
        .max();
    gave.is_none_or(|gave| gave == nearest(rule))
}

/// How near the nearest way is to the part of the document that was asked about.
fn nearest(rule: &ToldRule) -> usize {
    let ways = rule
        .clauses
        .iter()
        .flat_map(|clause| clause.gave.iter().chain(&clause.stopped));
    ways.map(|way| way.nearness).max().unwrap_or(0)
}

struct Explainer<'s> {
    story: &'s Story,
    document: &'s Document,
}

impl Explainer<'_> {
    /// The statement at which the way of a clause that came furthest ended.
    fn stopped(&self, clause: &ToldClause, depth: usize) -> Option<Reason> {
        let way = clause.stopped.as_ref()?;
        let ToldEnd::Failed { cause, part } = &way.end else {
            return None;
        };
        let statement = way.statements.last()?;
        let mut reason = self.reason(clause, statement, &way.statements, told(statement, cause, part));
        let at = clause.stops.iter().filter(|stops| stops.line == statement.line);
        reason.others = at.map(|stops| stops.count).sum::<usize>().saturating_sub(1);
        if let Cause::Missing(Some(origin)) = cause {
            self.missing(&mut reason, part, origin);
        }
        if depth > 0 {
            reason.because = self.because(statement, cause, depth - 1);
        }
        Some(reason)
    }

    /// The conditions of a way that gave a value: those that the input decided, or else all of them.
    fn held(&self, clause: &ToldClause, way: &ToldWay, depth: usize) -> Vec<Reason> {
        let conditions = way
            .statements
            .iter()
            .filter(|statement| matches!(statement.role, Role::Condition | Role::Negation));
        let reasons = conditions.map(|statement| {
            let outcome = match &statement.denied {
                Some((part, cause)) if !matches!(cause, Cause::False) => {
                    format!("holds: {}", told(statement, cause, part))
                }
                _ => "holds".to_owned(),
            };
            let mut reason = self.reason(clause, statement, &way.statements, outcome);
            match &statement.denied {
                Some((part, Cause::Missing(Some(origin)))) => self.missing(&mut reason, part, origin),
                Some((_, cause @ Cause::Undefined(_))) if depth > 0 => {
                    reason.because = self.because(statement, cause, depth - 1);
                }
                _ if depth > 0 && statement.denied.is_none() => {
                    reason.because = self.held_call(statement, depth - 1);
                }
                _ => {}
            }
            reason
        });
        let mut reasons: Vec<Reason> = reasons.collect();
        if reasons.is_empty() {
            // Nothing is asked beyond that there is something.
            let bindings = way
                .statements
                .iter()
                .filter(|statement| statement.role == Role::Binding);
            let first = bindings.filter(|statement| statement.parts.iter().any(|part| part.origin.is_some()));
            reasons.extend(
                first
                    .take(1)
                    .map(|statement| self.reason(clause, statement, &way.statements, "holds".to_owned())),
            );
        }
        if let Some(last) = reasons.last_mut() {
            last.others = clause.count.saturating_sub(1);
        }
        reasons
    }

    /// Why a rule or a function that a failed statement asked for has its value.
    fn because(&self, statement: &ToldStatement, cause: &Cause, depth: usize) -> Vec<Reason> {
        if *cause == Cause::Held {
            return self.held_call(statement, depth);
        }
        let called = match cause {
            Cause::Undefined(Some(call)) => Some(*call),
            _ => statement.calls.iter().copied().rfind(|call| self.is_empty(*call)),
        };
        let Some(rule) = called.and_then(|call| self.story.evaluations.get(call)) else {
            return Vec::new();
        };
        self.silent(rule, inside(rule, depth))
    }

    /// Why the value of the last rule or function that a statement asked for is one that holds.
    fn held_call(&self, statement: &ToldStatement, depth: usize) -> Vec<Reason> {
        let called = statement.calls.iter().copied().rfind(|call| !self.is_empty(*call));
        let Some(rule) = called.and_then(|call| self.story.evaluations.get(call)) else {
            return Vec::new();
        };
        // Of a value that is no decision its reasons are none of why the statement holds.
        if rule.value != Some(Value::Bool(true)) {
            return Vec::new();
        }
        let gave = rule.clauses.iter().find(|clause| clause.count > 0);
        let way = gave.and_then(|clause| Some((clause, clause.gave.first()?)));
        way.map(|(clause, way)| self.held(clause, way, inside(rule, depth)))
            .unwrap_or_default()
    }

    /// Why a rule or a function has no value, or one that is empty.
    fn silent(&self, rule: &ToldRule, depth: usize) -> Vec<Reason> {
        let Some(clause) = rule.furthest() else {
            return Vec::new();
        };
        let mut reason = self.stopped(clause, depth);
        if let Some(reason) = &mut reason {
            let failed = rule
                .clauses
                .iter()
                .filter(|clause| clause.count == 0 && !clause.is_default);
            reason.clauses = failed.count().saturating_sub(1);
        }
        reason.into_iter().collect()
    }

    fn is_empty(&self, call: usize) -> bool {
        let rule = self.story.evaluations.get(call);
        match rule.and_then(|rule| rule.value.as_ref()) {
            None | Some(Value::Bool(false)) => true,
            Some(Value::Set(members)) => members.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Object(entries)) => entries.is_empty(),
            Some(_) => false,
        }
    }

    fn reason(
        &self,
        clause: &ToldClause,
        statement: &ToldStatement,
        before: &[ToldStatement],
        outcome: String,
    ) -> Reason {
        // What is defined above is told with the value that it has from the document.
        let defined = |part: &ToldPart| {
            let mut parts = before.iter().flat_map(|other| &other.parts);
            parts
                .find(|other| other.text == part.text && other.origin.is_some())
                .cloned()
        };
        let parts = statement.parts.iter().filter(|part| part.value.is_some());
        let values = parts.map(|part| {
            let known = match part.origin {
                Some(_) => Some(part.clone()),
                None => defined(part),
            };
            self.value(known.as_ref().unwrap_or(part))
        });
        Reason {
            file: clause.file.clone(),
            line: statement.line,
            column: statement.column,
            statement: statement.text.clone(),
            outcome,
            values: values.collect(),
            others: 0,
            alike: Vec::new(),
            clauses: 0,
            because: Vec::new(),
        }
    }

    fn value(&self, part: &ToldPart) -> PartValue {
        // What `with` put there is not in the document.
        let is_there = |origin: &&Origin| {
            let found = self.document.find(&origin.path);
            origin.key || found.depth == origin.path.len() && Some(found.value) == part.value.as_ref()
        };
        let origin = part.origin.as_ref().filter(is_there);
        let location = origin.map(|origin| self.location(origin));
        PartValue {
            text: part.text.clone(),
            value: part.value.clone(),
            path: location.as_ref().map(|location| location.path_text.clone()),
            location,
        }
    }

    /// Adds where something is missing.
    fn missing(&self, reason: &mut Reason, part: &str, origin: &Origin) {
        let location = self.location(origin);
        // What leads there is known by it.
        reason.values.retain(|value| {
            let rest = part.strip_prefix(value.text.as_str());
            !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        reason.values.push(PartValue {
            text: part.to_owned(),
            value: None,
            path: Some(location.path_text.clone()),
            location: Some(location),
        });
    }

    fn location(&self, origin: &Origin) -> Location {
        let path: Vec<Value> = origin.path.iter().chain(&origin.missing).cloned().collect();
        let target = match Target::of(&path) {
            Target::Value(path) if origin.key => Target::Key(path),
            target => target,
        };
        locate(self.document, &target)
    }
}

/// How deep reasons for values are followed in a rule: not far into the library's helpers.
fn inside(rule: &ToldRule, depth: usize) -> usize {
    let is_helper = rule.clauses.iter().any(|clause| clause.file.starts_with(HELPERS));
    if is_helper { depth.min(2) } else { depth }
}

/// What became of a statement that failed. Where something is missing is told by its location.
fn told(statement: &ToldStatement, cause: &Cause, part: &str) -> String {
    match cause {
        Cause::Missing(Some(origin)) if !origin.missing.is_empty() => {
            let missing = path_text(&origin.missing);
            match part == statement.text {
                true => format!("is undefined: {missing} is missing"),
                false => format!("{part} is undefined: {missing} is missing"),
            }
        }
        _ => outcome(statement, cause, part),
    }
}
