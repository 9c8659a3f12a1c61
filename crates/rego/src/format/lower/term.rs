//! Terms.

use std::sync::Arc;

use super::super::layout::{Expression, Kind, Part, Term, Value};
use super::super::source::Location;
use super::Lowering;
use crate::syntax::tree::{self, TemplatePart, TermKind};

impl Lowering<'_> {
    pub(super) fn terms(&mut self, terms: &[tree::Term]) -> Vec<Term> {
        terms.iter().map(|term| self.term(term)).collect()
    }

    pub(super) fn term(&mut self, term: &tree::Term) -> Term {
        let location = self.term_location(term);
        let value = match &term.kind {
            TermKind::Null => Value::Scalar(Arc::from("null")),
            TermKind::Bool(flag) => Value::Scalar(Arc::from(if *flag { "true" } else { "false" })),
            TermKind::Number(_) => Value::Scalar(self.number(term)),
            TermKind::String(text) => Value::String(text.clone()),
            TermKind::Var(name) => self.variable(name, location),
            TermKind::Ref { head, steps } => Value::Ref(self.reference(head, steps)),
            TermKind::Array(items) => Value::Array(self.terms(items)),
            TermKind::Set(items) => Value::Set(self.members(items)),
            TermKind::Object(entries) => Value::Object(self.entries(entries, location)),
            TermKind::ArrayComprehension(head, body) => {
                let head = Box::new(self.term(head));
                Value::ArrayComprehension(head, self.body(body))
            }
            TermKind::SetComprehension(head, body) => {
                let head = Box::new(self.term(head));
                Value::SetComprehension(head, self.body(body))
            }
            TermKind::ObjectComprehension(key, value, body) => {
                let (key, mut value) = (Box::new(self.term(key)), Box::new(self.term(value)));
                value.location.row = location.row;
                Value::ObjectComprehension(key, value, self.body(body))
            }
            TermKind::Call {
                function, arguments, ..
            } => Value::Call(self.call(function, arguments)),
            TermKind::Template(parts) => self.template(parts, location),
        };
        Term { value, location }
    }

    fn variable(&mut self, name: &Arc<str>, location: Location) -> Value {
        match &**name {
            "_" => {
                self.wildcards += 1;
                Value::Wildcard(self.wildcards - 1)
            }
            "input" | "data" => Value::Ref(vec![Term {
                value: Value::Var(name.clone()),
                location,
            }]),
            _ => Value::Var(name.clone()),
        }
    }

    /// A function and its operands.
    pub(super) fn call(&mut self, function: &tree::Term, arguments: &[tree::Term]) -> Vec<Term> {
        let mut terms = Vec::with_capacity(arguments.len() + 1);
        terms.push(self.head(function));
        terms.extend(self.terms(arguments));
        terms
    }

    /// A term that something follows: `input` is a name there.
    fn head(&mut self, term: &tree::Term) -> Term {
        match &term.kind {
            TermKind::Var(name) if &**name != "_" => Term {
                value: Value::Var(name.clone()),
                location: self.term_location(term),
            },
            _ => self.term(term),
        }
    }

    fn reference(&mut self, head: &tree::Term, steps: &[tree::Step]) -> Vec<Term> {
        let mut path = Vec::with_capacity(steps.len() + 1);
        path.push(self.head(head));
        path.extend(steps.iter().map(|step| self.term(&step.term)));
        path
    }

    /// The members of a set, of those that are written alike the first.
    fn members(&mut self, items: &[tree::Term]) -> Vec<Term> {
        let mut kept: Vec<(&tree::Term, Term)> = Vec::with_capacity(items.len());
        let mut seen = super::super::distinct::Seen::default();
        for item in items {
            let lowered = self.term(item);
            if seen.insert(item, &kept) {
                kept.push((item, lowered));
            }
        }
        kept.into_iter().map(|(_, lowered)| lowered).collect()
    }

    /// The entries of an object as they were written.
    fn entries(&mut self, entries: &[(tree::Term, tree::Term)], location: Location) -> Vec<(Term, Term)> {
        let repeating = u32::try_from(location.offset)
            .ok()
            .and_then(|at| self.module.repeating.get(&at));
        let entries = repeating.map_or(entries, Vec::as_slice);
        entries
            .iter()
            .map(|(key, value)| (self.term(key), self.term(value)))
            .collect()
    }

    /// A number as it was written, without the blanks within it.
    fn number(&self, term: &tree::Term) -> Arc<str> {
        let text = term.span.of(self.source.text);
        if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
            return Arc::from(text);
        }
        if text.contains('#') || text.is_empty() {
            let TermKind::Number(number) = &term.kind else {
                return Arc::from(text);
            };
            return Arc::from(number.to_string());
        }
        let is_part = |character: &char| !character.is_ascii_whitespace() && !matches!(character, '(' | ')');
        Arc::from(text.chars().filter(is_part).collect::<String>())
    }

    /// OPA's location: a number's text is its first token, and a path into anything but a variable has a text that
    /// starts with the bracket that closes what it is in.
    fn term_location(&self, term: &tree::Term) -> Location {
        let mut location = self.source.term_location(term.span);
        if location.start != location.offset {
            return location;
        }
        match &term.kind {
            TermKind::Number(_) if self.source.text[location.start..].starts_with(['-', '.']) => {
                location.end = location.start + 1;
            }
            TermKind::Ref { head, .. } => location.start = path_start(head),
            TermKind::Call {
                function, infix: false, ..
            } => location.start = path_start(function),
            _ => {}
        }
        location
    }

    /// Whether a comment starts in a range.
    fn has_comment(&self, from: usize, to: usize) -> bool {
        let comments = &self.module.comments;
        let first = comments.partition_point(|comment| (comment.span.start as usize) < from);
        comments
            .get(first)
            .is_some_and(|comment| (comment.span.start as usize) < to)
    }

    fn template(&mut self, parts: &[TemplatePart], location: Location) -> Value {
        let mut lowered = Vec::with_capacity(parts.len());
        let mut end = location.offset;
        for part in parts {
            match part {
                TemplatePart::Text(text) => {
                    let at = self.source.after_blanks(end);
                    let row = self.source.row(at);
                    let place = Location {
                        row,
                        offset: at,
                        start: at,
                        end: at,
                    };
                    lowered.push(Part::Text(text.clone(), place));
                }
                TemplatePart::Expression(expression) => {
                    let start = expression.span.start as usize;
                    let commented = self.has_comment(end, start);
                    end = expression.span.end as usize;
                    let expression = self.expression(expression);
                    lowered.push(match constant(&expression) {
                        Some(constant) if !commented => Part::Constant(constant.clone()),
                        _ => Part::Expression(expression),
                    });
                }
            }
        }
        let raw = self.source.text[location.offset..].starts_with("$`");
        Value::Template { raw, parts: lowered }
    }
}

fn constant(expression: &Expression) -> Option<&Term> {
    match &expression.kind {
        Kind::Term(term) if matches!(term.value, Value::Scalar(_) | Value::String(_)) => Some(term),
        _ => None,
    }
}

/// Where the text of what follows a term starts.
fn path_start(head: &tree::Term) -> usize {
    match &head.kind {
        TermKind::Var(_) => head.span.start as usize,
        TermKind::Ref { head: inner, .. } => path_start(inner),
        TermKind::Call {
            function, infix: false, ..
        } => path_start(function),
        _ => (head.span.end as usize).saturating_sub(1),
    }
}
