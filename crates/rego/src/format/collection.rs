//! Collections and comprehensions: what is on one line, and what is on lines of its own.

use super::body::is_union_term;
use super::comments::Comments;
use super::layout::{Body, Expression, Term, Value};
use super::source::Location;
use super::variables::{in_expression, in_term};
use super::writer::{Cause, Failure, Outcome, Writer};

/// What the names of variables start with that OPA's compiler makes.
pub(super) const GENERATED: &str = "__local";

/// An item of a collection: the key too, in an object.
#[derive(Clone, Copy)]
struct Item<'c> {
    key: Option<&'c Term>,
    value: &'c Term,
}

impl<'c> Item<'c> {
    fn first(self) -> &'c Term {
        self.key.unwrap_or(self.value)
    }

    /// Whether OPA takes the item for one that it made. It does not look into objects.
    fn is_generated(self) -> bool {
        let mut found = false;
        if self.key.is_none() {
            in_term(self.value, &mut |value| found |= is_generated(value));
        }
        found
    }
}

impl<'c> Writer<'c> {
    pub(super) fn array(&mut self, items: &'c [Term], location: Location, comments: Comments<'c>) -> Outcome<'c> {
        let closing = self.source.closing(None, b'[', b']', location);
        self.enclosed("[", "]", |writer| {
            writer.list(items.iter().collect(), location, closing, true, comments)
        })
    }

    pub(super) fn set(&mut self, members: &'c [Term], location: Location, comments: Comments<'c>) -> Outcome<'c> {
        if members.is_empty() {
            self.write("set()");
            let closing = self.source.closing(None, b'(', b')', location);
            return self.insert(comments, closing);
        }
        let closing = self.source.closing(None, b'{', b'}', location);
        self.enclosed("{", "}", |writer| {
            writer.list(members.iter().collect(), location, closing, true, comments)
        })
    }

    pub(super) fn object(
        &mut self,
        entries: &'c [(Term, Term)],
        location: Location,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let item = |(key, value): &'c (Term, Term)| Item { key: Some(key), value };
        let closing = self.source.closing(None, b'{', b'}', location);
        self.enclosed("{", "}", |writer| {
            writer.items(entries.iter().map(item).collect(), location, closing, true, comments)
        })
    }

    /// Writes terms that commas separate.
    pub(super) fn list(
        &mut self,
        terms: Vec<&'c Term>,
        location: Location,
        closing: Location,
        group_unions: bool,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let item = |value: &'c Term| Item { key: None, value };
        self.items(
            terms.into_iter().map(item).collect(),
            location,
            closing,
            group_unions,
            comments,
        )
    }

    /// Follows OPA v1.22 format/format.go: writeIterable.
    fn items(
        &mut self,
        items: Vec<Item<'c>>,
        location: Location,
        closing: Location,
        group_unions: bool,
        mut comments: Comments<'c>,
    ) -> Outcome<'c> {
        let is_generated = self.may_have_generated && items.iter().any(|item| item.is_generated());
        let lines = match is_generated {
            true => vec![items],
            false => lines(items, location.row, |item| item.first().location),
        };
        let mut is_multiline = lines.len() > 1;
        if let [line] = &lines[..] {
            let (_, below) = comments.split(location.row + 1);
            if below.first().is_some_and(|comment| comment.row < closing.row) {
                return Err(Failure {
                    comments,
                    cause: Cause::Comment,
                });
            }
            is_multiline = line.first().is_some_and(|first| self.is_below(first.first(), location));
        }
        if is_multiline {
            self.start_lines();
        }
        for (at, line) in lines.iter().enumerate() {
            if at > 0 {
                self.write(",");
                self.end_line();
                self.start_line();
            }
            comments = self
                .item_line(line, group_unions, comments)
                .map_err(Failure::forgetting)?;
        }
        if is_multiline {
            self.write(",");
            self.end_line();
            comments = self.insert(comments, closing).map_err(Failure::forgetting)?;
            self.down();
            self.start_line();
        }
        Ok(comments)
    }

    /// Whether a newline is between the start of a collection and its first item.
    fn is_below(&self, first: &Term, location: Location) -> bool {
        let text = self.source.of(location);
        let before = text.find(self.source.of(first.location)).map_or("", |at| &text[..at]);
        before.find('\n').is_some_and(|at| at > 0)
    }

    fn item_line(&mut self, line: &[Item<'c>], group_unions: bool, mut comments: Comments<'c>) -> Outcome<'c> {
        for (at, item) in line.iter().enumerate() {
            if at > 0 {
                self.write(", ");
            }
            comments = match item.key {
                Some(key) => self.entry(key, item.value, comments),
                None => self.item(item.value, group_unions, comments),
            }?;
        }
        Ok(comments)
    }

    /// Follows OPA v1.22 format/format.go: listWriter.
    fn item(&mut self, term: &'c Term, group_unions: bool, comments: Comments<'c>) -> Outcome<'c> {
        if self.is_grouped_union(term, group_unions) {
            return self.enclosed("(", ")", |writer| writer.term(term, comments));
        }
        self.term(term, comments)
    }

    /// Follows OPA v1.22 format/format.go: objectWriter.
    fn entry(&mut self, key: &'c Term, value: &'c Term, comments: Comments<'c>) -> Outcome<'c> {
        let comments = self.key(key, comments)?;
        self.write(": ");
        self.item(value, true, comments)
    }

    fn key(&mut self, key: &'c Term, comments: Comments<'c>) -> Outcome<'c> {
        if is_union_term(key) {
            self.write("(");
        }
        let comments = self.term(key, comments).map_err(Failure::forgetting)?;
        if is_union_term(key) {
            self.write(")");
        }
        Ok(comments)
    }

    /// Follows OPA v1.22 format/format.go: writeObjectComprehension.
    pub(super) fn object_comprehension(
        &mut self,
        key: &'c Term,
        value: &'c Term,
        body: &'c Body,
        location: Location,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let comments = self.key(key, comments)?;
        self.write(": ");
        self.comprehension((b'{', b'}'), value, body, location, comments)
    }

    /// Writes a comprehension after its bracket.
    /// Follows OPA v1.22 format/format.go: writeComprehension.
    pub(super) fn comprehension(
        &mut self,
        brackets: (u8, u8),
        term: &'c Term,
        body: &'c Body,
        location: Location,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let place = term.location;
        if place.row > location.row {
            self.end_line();
            self.start_line();
        }
        let is_call = matches!(term.value, Value::Call(_));
        let parentheses = is_call && (is_union_term(term) || self.source.of(place).starts_with('('));
        let comments = self
            .grouped_term(parentheses, term, comments)
            .map_err(Failure::forgetting)?;
        self.write(" |");
        self.inner_body(brackets, body, place, location, comments)
    }

    /// Writes the body of a comprehension, of `every` and of an operand, between its brackets.
    /// Follows OPA v1.22 format/format.go: writeComprehensionBody.
    pub(super) fn inner_body(
        &mut self,
        (open, close): (u8, u8),
        body: &'c Body,
        term: Location,
        whole: Location,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let sorted: Vec<&'c Expression> = body.iter().collect();
        let is_generated = self.may_have_generated && body.iter().any(has_generated);
        let lines = match is_generated {
            true => 1,
            false => lines(sorted, term.row, |statement| statement.location).len(),
        };
        let closing = self.source.closing(None, open, close, whole);
        let is_below = body.first().is_some_and(|first| first.location.row > term.row);
        if !is_below && lines == 1 {
            let comments = self.statements_beside(body, comments)?;
            return self.insert(comments, closing).map_err(Failure::forgetting);
        }
        self.end_line();
        self.level += 1;
        let written = self
            .body(body, comments)
            .and_then(|comments| self.insert(comments, closing).map_err(Failure::forgetting));
        self.down();
        self.start_line();
        written
    }

    fn statements_beside(&mut self, body: &'c Body, mut comments: Comments<'c>) -> Outcome<'c> {
        self.write(" ");
        for (at, statement) in body.iter().enumerate() {
            if at > 0 {
                self.write("; ");
            }
            comments = self.expression(statement, comments)?;
        }
        Ok(comments)
    }
}

fn has_generated(statement: &Expression) -> bool {
    let mut found = false;
    in_expression(statement, &mut |value| found |= is_generated(value));
    found
}

/// Whether a variable has a name that OPA's compiler gives. Lines are not kept where there is one.
fn is_generated(value: &Value) -> bool {
    matches!(value, Value::Var(name) if name.starts_with(GENERATED))
}

/// Items by the lines that they start on, sorted by their places.
/// Follows OPA v1.22 format/format.go: groupIterable.
fn lines<T: Copy>(mut items: Vec<T>, row: i64, location: impl Fn(T) -> Location) -> Vec<Vec<T>> {
    items.sort_by_key(|item| (location(*item).row, location(*item).offset));
    let (mut lines, mut line, mut last) = (Vec::new(), Vec::with_capacity(items.len()), row);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 && location(item).row > last {
            lines.push(std::mem::take(&mut line));
        }
        last = location(item).row;
        line.push(item);
    }
    lines.push(line);
    lines
}
