//! The statement at which a test failed, with the values of its parts.

use std::collections::{BTreeMap, BTreeSet};

use super::difference;
use super::recorder::{Recording, Stop};
use super::result::{Case, Failure, Part};
use super::unit::plain;
use crate::finding::Location;
use crate::locate::at_span;
use crate::policy::examples::Example;
use crate::policy::suite::{Suite, Test};
use crate::tracing::parts::KnownPart;
use crate::tracing::story::innermost;
use kpolicy_rego::syntax::tree::{Expression, ExpressionKind, Term, TermKind};
use kpolicy_rego::to_rego_text;
use kpolicy_value::{LineIndex, Value};

/// The statements that failed in a test: the one that its evaluation came to last, or that of each case that failed.
pub(super) fn failures(
    suite: &Suite,
    test: &Test,
    recording: &Recording,
    cases: Option<&BTreeMap<String, Case>>,
) -> Vec<Failure> {
    let module = &suite.modules[test.module];
    let lines = LineIndex::new(&module.text);
    let body = &module.tree.rules[test.rule].body;
    let mut failures: Vec<Failure> = Vec::new();
    for stop in &recording.stops {
        let keys: Option<Vec<String>> = stop.case.as_ref().map(keys);
        if let (Some(cases), Some(keys)) = (cases, &keys)
            && !has_failed(cases, keys)
        {
            continue;
        }
        let Some(statement) = body.get(stop.statement) else {
            continue;
        };
        let inner = innermost(statement, stop.snapshot.at);
        let shown = Shown {
            text: &module.text,
            stop,
        };
        failures.push(Failure {
            case: keys.map(|keys| keys.join("/")),
            location: at_span(&module.path, inner.span, &lines),
            text: inner.span.of(&module.text).to_owned(),
            parts: shown.parts(inner),
            difference: shown.difference(inner),
        });
    }
    if cases.is_some() && failures.iter().any(|failure| failure.case.is_some()) {
        failures.retain(|failure| failure.case.is_some());
    }
    failures
}

/// How what a rule found differs from what an example wants.
pub(super) fn of_example(example: &Example, found: BTreeSet<Value>, location: &Location) -> Failure {
    let rule = format!("data.{}", example.path().join("."));
    let found = Value::set(found.into_iter().collect());
    let (text, wanted) = match (&example.expected, example.fails) {
        (Some(expected), _) => {
            let expected = Value::set(expected.iter().map(plain).collect());
            (
                format!("{rule} finds something else in {}", example.name),
                Some(expected),
            )
        }
        (None, true) => (format!("{rule} finds nothing in {}", example.name), None),
        (None, false) => (format!("{rule} finds something in {}", example.name), None),
    };
    let part = |text: &str, value: &Value| Part {
        start: 0,
        text: text.to_owned(),
        value: Some(to_rego_text(value)),
    };
    let expected = wanted.iter().map(|wanted| part("expected", wanted));
    Failure {
        case: None,
        location: location.clone(),
        text,
        parts: std::iter::once(part("found", &found)).chain(expected).collect(),
        difference: wanted
            .iter()
            .flat_map(|wanted| difference::lines(&found, wanted))
            .collect(),
    }
}

fn keys(case: &Value) -> Vec<String> {
    let keys = case.as_array().into_iter().flat_map(|keys| keys.iter());
    keys.map(super::key_text).collect()
}

fn has_failed(cases: &BTreeMap<String, Case>, keys: &[String]) -> bool {
    let Some((first, rest)) = keys.split_first() else {
        return true;
    };
    cases
        .get(first)
        .is_none_or(|case| case.failed && (rest.is_empty() || has_failed(&case.cases, rest)))
}

/// A failed statement with what is known of its values.
struct Shown<'f> {
    text: &'f str,
    stop: &'f Stop,
}

impl Shown<'_> {
    /// The values of the parts of a statement, in the order of the text.
    fn parts(&self, statement: &Expression) -> Vec<Part> {
        let known = self.stop.snapshot.parts(statement).into_iter();
        let part = |part: KnownPart| Part {
            start: (part.span.start - statement.span.start) as usize,
            text: part.span.of(self.text).to_owned(),
            value: part.value.map(|value| to_rego_text(&value)),
        };
        known.map(part).collect()
    }

    /// How the two sides of a statement that is an equality differ.
    fn difference(&self, statement: &Expression) -> Vec<String> {
        let ExpressionKind::Term(Term {
            kind:
                TermKind::Call {
                    function,
                    arguments,
                    infix: true,
                },
            ..
        }) = &statement.kind
        else {
            return Vec::new();
        };
        let is_equality = matches!(&function.kind, TermKind::Var(name) if matches!(&**name, "equal" | "eq"));
        match arguments.as_slice() {
            [left, right] if is_equality && !statement.negated => match (self.operand(left), self.operand(right)) {
                (Some(left), Some(right)) => difference::lines(&left, &right),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The value of an operand, also of one that is constant.
    fn operand(&self, term: &Term) -> Option<Value> {
        self.stop.snapshot.value(term).or_else(|| constant(term))
    }
}

/// The value of a term that is written out.
fn constant(term: &Term) -> Option<Value> {
    Some(match &term.kind {
        TermKind::Null => Value::Null,
        TermKind::Bool(value) => Value::Bool(*value),
        TermKind::Number(number) => Value::Number(number.clone()),
        TermKind::String(text) => Value::string(text.clone()),
        TermKind::Array(items) => {
            let items: Option<Vec<Value>> = items.iter().map(constant).collect();
            Value::array_of(items?.iter())
        }
        TermKind::Set(items) => Value::set(items.iter().map(constant).collect::<Option<_>>()?),
        TermKind::Object(entries) => {
            let entry = |(key, value): &(Term, Term)| Some((constant(key)?, constant(value)?));
            Value::object(entries.iter().map(entry).collect::<Option<_>>()?)
        }
        // `set()`
        TermKind::Call {
            function, arguments, ..
        } if arguments.is_empty() => match &function.kind {
            TermKind::Var(name) if &**name == "set" => Value::set(Vec::new()),
            _ => return None,
        },
        _ => return None,
    })
}
