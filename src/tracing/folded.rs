//! The folded trace: of each clause the statements in order with their values, up to the one that decided.

use super::recording::Cause;
use super::story::{Role, Story, ToldClause, ToldEnd, ToldPart, ToldRule, ToldStatement, ToldWay};
use crate::finding;
use crate::locate;
use kpolicy_rego::to_rego_text;
use kpolicy_value::Value;

/// How wide a line is at most.
const WIDTH: usize = 98;
/// How long the text of a statement may be: what is longer is cut.
const STATEMENT: usize = 300;
/// What the paths of the embedded library start with.
const LIBRARY: &str = "<library>/";
/// How deep calls are opened.
const DEPTH: usize = 6;
/// How many lines a trace of one rule has at most.
const LINES: usize = 2000;

/// Which rules are traced, by their outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Those that found something.
    Failed,
    /// Those that found nothing.
    Silent,
}

impl Only {
    /// Whether a rule of this story is meant.
    pub fn takes(self, story: &Story) -> bool {
        (self == Self::Failed) == (has_fired(story) || story.error.is_some())
    }
}

/// Whether the rule has a value that is not empty.
pub fn has_fired(story: &Story) -> bool {
    match story.evaluations.first().and_then(|rule| rule.value.as_ref()) {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Set(members)) => !members.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(entries)) => !entries.is_empty(),
        Some(_) => true,
    }
}

/// The lines of a story of a rule with this id.
pub fn lines(story: &Story, id: &str) -> Vec<String> {
    let mut folded = Folded {
        story,
        opened: vec![false; story.evaluations.len()],
        lines: Vec::new(),
    };
    if let Some(rule) = story.evaluations.first() {
        folded.opened[0] = true;
        folded.text(0, &format!("{id}: "), &summary(story));
        folded.root(rule);
    }
    if let Some(error) = &story.error {
        folded.text(0, "stopped by an error: ", error);
    }
    if story.dropped > 0 {
        folded
            .lines
            .push(format!("… and {} more rules and calls", story.dropped));
    }
    let more = folded.lines.len().saturating_sub(LINES);
    if more > 0 {
        folded.lines.truncate(LINES);
        folded.lines.push(format!("… and {more} more lines"));
    }
    folded.lines
}

/// What the rule came to.
fn summary(story: &Story) -> String {
    match story.evaluations.first().and_then(|rule| rule.value.as_ref()) {
        _ if story.error.is_some() => "stopped by an error".to_owned(),
        None => "undefined".to_owned(),
        Some(Value::Set(members)) => match members.len() {
            0 => "found nothing".to_owned(),
            1 => "found 1 result".to_owned(),
            count => format!("found {count} results"),
        },
        Some(value) => to_rego_text(value),
    }
}

struct Folded<'s> {
    story: &'s Story,
    /// Which evaluations have been shown.
    opened: Vec<bool>,
    lines: Vec<String>,
}

impl Folded<'_> {
    /// Writes a text after a label, cut to what fits.
    fn text(&mut self, indent: usize, label: &str, text: &str) {
        let line = format!("{:indent$}{label}{text}", "");
        self.lines.push(short(&line, WIDTH));
    }

    fn root(&mut self, rule: &ToldRule) {
        for clause in &rule.clauses {
            self.clause(2, clause, true);
        }
    }

    /// A clause with the ways that decided.
    fn clause(&mut self, indent: usize, clause: &ToldClause, whole: bool) {
        let label = format!("{}:{}  ", clause.file, clause.line);
        self.text(indent, &label, &clause.head);
        let below = indent + if whole { 2 } else { 0 };
        let shown = if whole { clause.gave.len() } else { 1 };
        for way in clause.gave.iter().take(shown) {
            self.way(below, way);
        }
        match clause.count.saturating_sub(shown) {
            0 => {}
            1 => self.text(below, "", "1 other way gives a value"),
            more => self.text(below, "", &format!("{more} other ways give a value")),
        }
        if clause.count == 0
            && let Some(way) = &clause.stopped
        {
            self.way(below, way);
        }
        self.others(below, clause);
    }

    /// The ways that are not shown, by the line at which they failed.
    fn others(&mut self, indent: usize, clause: &ToldClause) {
        let shown = clause.stopped.as_ref().filter(|_| clause.count == 0);
        let shown = shown
            .and_then(|way| way.statements.last())
            .map(|statement| statement.line);
        for stops in &clause.stops {
            let count = stops.count - usize::from(shown == Some(stops.line));
            match count {
                0 => {}
                1 => self.text(indent, "", &format!("1 other way fails at line {}", stops.line)),
                _ => self.text(indent, "", &format!("{count} other ways fail at line {}", stops.line)),
            }
        }
    }

    fn way(&mut self, indent: usize, way: &ToldWay) {
        let last = way.statements.len().saturating_sub(1);
        for (at, statement) in way.statements.iter().enumerate() {
            let end = match &way.end {
                ToldEnd::Failed { cause, part } if at == last => Some((cause, part.as_str())),
                _ => None,
            };
            self.statement(indent, statement, end);
        }
        if let ToldEnd::Gave(value) = &way.end {
            self.text(indent, "=> ", &to_rego_text(value));
        }
    }

    fn statement(&mut self, indent: usize, statement: &ToldStatement, failed: Option<(&Cause, &str)>) {
        // The head stands above, and what it gives below.
        if statement.role == Role::Head && failed.is_none() {
            return;
        }
        let mark = if failed.is_some() { "✗" } else { " " };
        let label = format!("{mark} {:>3}  ", statement.line);
        let text = short(&statement.text, STATEMENT);
        self.text(indent, &label, &text);
        let below = indent + 7;
        let outcome = failed.map(|(cause, part)| outcome(statement, cause, part));
        if let Some(outcome) = &outcome {
            self.text(below, "", outcome);
        }
        if let Some((part, cause)) = &statement.denied
            && !matches!(cause, Cause::False)
        {
            self.text(below, "", &self::outcome(statement, cause, part));
        }
        let missing = match (failed, &statement.denied) {
            (Some((Cause::Missing(_), part)), _) => Some(part),
            (_, Some((part, Cause::Missing(_)))) => Some(part.as_str()),
            _ => None,
        };
        let is_told = |part: &&ToldPart| !missing.is_some_and(|missing| part.leads_to(missing));
        let parts: Vec<&ToldPart> = statement.parts.iter().filter(is_told).collect();
        self.parts(below, &parts, failed.is_some());
        // What only gives variables their values has not decided.
        let decides = failed.is_some() || statement.role != Role::Binding;
        for call in &statement.calls {
            self.call(below, *call, decides);
        }
    }

    fn parts(&mut self, indent: usize, parts: &[&ToldPart], failed: bool) {
        // What a call gave stands beside the call.
        for part in parts.iter().filter(|part| part.call.is_none()) {
            match &part.value {
                Some(value) => self.text(indent, &format!("{}: ", short(&part.text, 60)), &to_rego_text(value)),
                None if failed => {}
                None => self.text(indent, &format!("{}: ", short(&part.text, 60)), "undefined"),
            }
        }
    }

    /// A rule or function that a statement asked for: the clause that decided.
    fn call(&mut self, indent: usize, at: usize, decides: bool) {
        let Some(rule) = self.story.evaluations.get(at) else {
            return;
        };
        let operands: Vec<String> = rule
            .operands
            .iter()
            .map(|value| short(&to_rego_text(value), 40))
            .collect();
        let operands = if operands.is_empty() {
            String::new()
        } else {
            format!("({})", operands.join(", "))
        };
        let value = match &rule.value {
            Some(value) => to_rego_text(value),
            None if rule.ended => "undefined".to_owned(),
            None => "stopped by an error".to_owned(),
        };
        // Of a long call its value is to be seen, too.
        let called = format!("> {}{operands}", rule.name());
        let label = format!("{}: ", short(&called, WIDTH.saturating_sub(indent) * 2 / 3));
        // What the library's helpers collect is known.
        let is_known = !decides && rule.clauses.iter().all(|clause| clause.file.starts_with(LIBRARY));
        let is_closed = is_known || indent / 9 >= DEPTH;
        let is_above = !is_closed && std::mem::replace(&mut self.opened[at], true);
        if is_closed || is_above {
            let note = if is_above && !rule.clauses.is_empty() {
                " (above)"
            } else {
                ""
            };
            self.text(indent, &label, &format!("{}{note}", short(&value, 40)));
            return;
        }
        self.text(indent, &label, &value);
        let gave: Vec<&ToldClause> = rule.clauses.iter().filter(|clause| clause.count > 0).collect();
        match gave.as_slice() {
            [] => {
                let furthest = rule.furthest();
                if let Some(clause) = furthest {
                    self.clause(indent + 2, clause, false);
                }
                let others = rule.clauses.len() - usize::from(furthest.is_some());
                match others {
                    0 => {}
                    1 => self.text(indent + 2, "", "1 other clause fails"),
                    _ => self.text(indent + 2, "", &format!("{others} other clauses fail")),
                }
            }
            clauses => clauses.iter().for_each(|clause| self.clause(indent + 2, clause, false)),
        }
    }
}

/// What became of a statement that failed.
pub fn outcome(statement: &ToldStatement, cause: &Cause, part: &str) -> String {
    let is_part = part != statement.text && !part.is_empty();
    match cause {
        Cause::Error => "is stopped by an error".to_owned(),
        Cause::Held if statement.role == Role::Condition => "is false".to_owned(),
        Cause::Held => "is false, since what it negates holds".to_owned(),
        Cause::False if statement.role == Role::Binding => "does not match".to_owned(),
        Cause::False => "is false".to_owned(),
        Cause::Missing(Some(origin)) if !origin.missing.is_empty() => {
            let missing = path_text(&origin.missing);
            let of = match origin.path.as_slice() {
                [] => "the input".to_owned(),
                path => path_text(path),
            };
            match is_part {
                true => format!("{part} is undefined: {missing} is missing in {of}"),
                false => format!("is undefined: {missing} is missing in {of}"),
            }
        }
        Cause::Empty if is_part => format!("{part} has no members"),
        Cause::Empty => "has no members".to_owned(),
        Cause::Builtin if is_part => format!("{part} is undefined: the builtin has no value for its operands"),
        Cause::Builtin => "is undefined: the builtin has no value for its operands".to_owned(),
        Cause::Missing(_) | Cause::Undefined(_) if is_part => format!("{part} is undefined"),
        Cause::Missing(_) | Cause::Undefined(_) => "is undefined".to_owned(),
    }
}

/// A path of keys as people write it: `spec.containers[0]`.
pub fn path_text(path: &[Value]) -> String {
    let steps: Vec<finding::Step> = path.iter().map(locate::step).collect();
    finding::path_text(&steps)
}

/// A text, cut where it is longer than this.
pub fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    // What was cut in a part already is marked once.
    format!("{}…", kept.trim_end_matches('…'))
}
