//! Terms.

use super::body::is_union_term;
use super::comments::Comments;
use super::infix::infix;
use super::layout::{Term, Value};
use super::printed::{is_name, printed, quoted};
use super::writer::{Cause, Failure, Outcome, Writer};
use kpolicy_value::Span;

impl<'c> Writer<'c> {
    /// Writes a term; where a comment has no place in it, the term as it is.
    /// Follows OPA v1.22 format/format.go: writeTerm.
    pub(super) fn term(&mut self, term: &'c Term, comments: Comments<'c>) -> Outcome<'c> {
        if comments.is_empty() {
            return self.grouped_term(false, term, comments);
        }
        let (length, level) = (self.out.len(), self.level);
        let failure = match self.grouped_term(false, term, comments) {
            Ok(left) => return Ok(left),
            Err(failure) if failure.is_comment() => failure,
            Err(failure) => return Err(failure.forgetting()),
        };
        self.out.truncate(length);
        self.level = level;
        let location = term.location;
        let rows = location.row..=self.source.end_row(location);
        if location.start < location.end && self.before_end.is_some_and(|comment| rows.contains(&comment.row)) {
            self.before_end = None;
        }
        let left = self.unformatted(location, comments).map_err(Failure::forgetting)?;
        Err(Failure {
            comments: left,
            cause: failure.cause,
        })
    }

    /// Writes a term, an operator's call in parentheses if these are asked for.
    /// Follows OPA v1.22 format/format.go: writeTermParens.
    pub(super) fn grouped_term(&mut self, parentheses: bool, term: &'c Term, comments: Comments<'c>) -> Outcome<'c> {
        let is_marked = self
            .grouped_term
            .take_if(|marked| std::ptr::eq(*marked, term))
            .is_some();
        let parentheses = parentheses || is_marked;
        let comments = self.insert(comments, term.location).map_err(Failure::forgetting)?;
        if !self.inline {
            self.start_line();
        }
        let comments = self.value(parentheses, term, comments)?;
        if !self.inline {
            self.start_line();
        }
        Ok(comments)
    }

    fn value(&mut self, parentheses: bool, term: &'c Term, comments: Comments<'c>) -> Outcome<'c> {
        let location = term.location;
        let written = match &term.value {
            Value::Scalar(text) => {
                self.write(text);
                return Ok(comments);
            }
            Value::String(text) => {
                self.string(text, term);
                return Ok(comments);
            }
            Value::Var(name) => {
                self.write(name);
                return Ok(comments);
            }
            Value::Wildcard(number) => {
                self.wildcard(*number);
                return Ok(comments);
            }
            Value::Template { raw, parts } => return self.template(*raw, parts, comments),
            Value::Ref(path) => self.reference(path, comments),
            Value::Call(terms) => self.call(parentheses, terms, comments),
            Value::Array(items) => self.array(items, location, comments),
            Value::Set(members) => self.set(members, location, comments),
            Value::Object(entries) => self.object(entries, location, comments),
            Value::ArrayComprehension(head, body) => self.enclosed("[", "]", |writer| {
                writer.comprehension((b'[', b']'), head, body, location, comments)
            }),
            Value::SetComprehension(head, body) => self.enclosed("{", "}", |writer| {
                writer.comprehension((b'{', b'}'), head, body, location, comments)
            }),
            Value::ObjectComprehension(key, value, body) => self.enclosed("{", "}", |writer| {
                writer.object_comprehension(key, value, body, location, comments)
            }),
        };
        written.map_err(Failure::forgetting)
    }

    /// Writes brackets around a part, the closing one also where the part fails.
    pub(super) fn enclosed(
        &mut self,
        open: &str,
        close: &str,
        write: impl FnOnce(&mut Self) -> Outcome<'c>,
    ) -> Outcome<'c> {
        self.write(open);
        let written = write(self);
        self.write(close);
        written
    }

    /// A string as it was written; what was written as a name, in quotes.
    fn string(&mut self, text: &str, term: &Term) {
        let source = self.source.of(term.location);
        if source.starts_with('`') {
            self.write(source);
            return;
        }
        let quote = source.chars().next_back().filter(|last| matches!(last, '"' | '`'));
        match quote.and_then(|quote| source.find(quote)) {
            Some(at) => self.write(&source[at..]),
            None => self.write(&quoted(text)),
        }
    }

    fn wildcard(&mut self, number: u32) {
        if self.shared.contains(&number) {
            self.write(&format!("_{number}"));
        } else {
            self.write("_");
        }
    }

    /// Follows OPA v1.22 format/format.go: writeRef.
    pub(super) fn reference(&mut self, path: &'c [Term], comments: Comments<'c>) -> Outcome<'c> {
        let Some((head, steps)) = path.split_first() else {
            return Ok(comments);
        };
        let parentheses = matches!(head.value, Value::Call(_)) && self.source.of(head.location).starts_with('(');
        let mut comments = self
            .grouped_term(parentheses, head, comments)
            .map_err(Failure::forgetting)?;
        for step in steps {
            match &step.value {
                Value::String(name) => self.string_step(name, step),
                Value::Var(name) => {
                    self.write("[");
                    self.write(name);
                    self.write("]");
                }
                Value::Wildcard(number) => {
                    self.write("[");
                    self.wildcard(*number);
                    self.write("]");
                }
                _ => {
                    self.write("[");
                    comments = match self.term(step, comments) {
                        Ok(left) => left,
                        Err(failure) if failure.is_comment() => {
                            self.write("\n");
                            failure.comments
                        }
                        Err(failure) => return Err(failure.forgetting()),
                    };
                    self.write("]");
                }
            }
        }
        Ok(comments)
    }

    /// Follows OPA v1.22 format/format.go: writeRefStringPath.
    fn string_step(&mut self, name: &str, step: &Term) {
        let is_quoted = self.source.of(step.location).starts_with('"');
        if !is_name(name) || self.dialect.is_keyword(name) && is_quoted {
            self.write("[");
            self.write(&quoted(name));
            self.write("]");
        } else {
            self.write(".");
            self.write(name);
        }
    }

    /// The statement that a call is.
    /// Follows OPA v1.22 format/format.go: writeFunctionCall.
    pub(super) fn called(&mut self, terms: &'c [Term], comments: Comments<'c>) -> Outcome<'c> {
        let Some(infix) = terms.first().and_then(infix) else {
            return self.plain_call(terms, comments);
        };
        let operands = &terms[1..];
        if infix.operator == "in" {
            return self.membership(false, operands, comments);
        }
        let (result, left, right) = match operands {
            [left, right] => (None, left, right),
            [left, right, result] => (Some(result), left, right),
            _ => {
                self.wrong_arity(terms, operands.len());
                return self.plain_call(terms, comments);
            }
        };
        let mut comments = comments;
        if let Some(result) = result {
            comments = self.term(result, comments).map_err(Failure::forgetting)?;
            self.write(" = ");
        }
        comments = self.term(left, comments).map_err(Failure::forgetting)?;
        self.spaced(infix.operator);
        self.term(right, comments)
    }

    fn spaced(&mut self, operator: &str) {
        self.write(" ");
        self.write(operator);
        self.write(" ");
    }

    fn wrong_arity(&mut self, terms: &[Term], found: usize) {
        let Some(function) = terms.first() else { return };
        let Some(infix) = infix(function) else { return };
        let message = format!(
            "`{}` takes {} operands, {found} were given",
            printed(function),
            infix.arity
        );
        let span = Span::new(function.location.start, function.location.end);
        let error = crate::syntax::SyntaxError::new(message, span);
        self.errors
            .push(error.with_help(format!("write it as the operator `{}`", infix.operator)));
    }

    /// Follows OPA v1.22 format/format.go: writeFunctionCallPlain.
    fn plain_call(&mut self, terms: &'c [Term], comments: Comments<'c>) -> Outcome<'c> {
        let Some((function, operands)) = terms.split_first() else {
            return Ok(comments);
        };
        match &function.value {
            Value::Ref(path) => {
                self.reference(path, comments)?;
            }
            Value::Var(_) => {
                self.reference(std::slice::from_ref(function), comments)?;
            }
            _ => self.write(&printed(function)),
        }
        let closing = self.source.closing(None, b'(', b')', function.location);
        self.enclosed("(", ")", |writer| {
            writer
                .list(operands.iter().collect(), function.location, closing, false, comments)
                .map_err(Failure::forgetting)
        })
    }

    /// A call within a term.
    /// Follows OPA v1.22 format/format.go: writeCall.
    fn call(&mut self, parentheses: bool, terms: &'c [Term], comments: Comments<'c>) -> Outcome<'c> {
        let Some(infix) = terms.first().and_then(infix) else {
            return self.plain_call(terms, comments);
        };
        if infix.operator == "in" {
            return self.membership(true, &terms[1..], comments);
        }
        if parentheses {
            self.write("(");
        }
        let [_, left, right] = terms else {
            self.wrong_arity(terms, terms.len() - 1);
            return Ok(comments);
        };
        let comments = self.grouped_term(true, left, comments).map_err(Failure::forgetting)?;
        self.spaced(infix.operator);
        let comments = self.grouped_term(true, right, comments).map_err(Failure::forgetting)?;
        if parentheses {
            self.write(")");
        }
        Ok(comments)
    }

    /// Follows OPA v1.22 format/format.go: writeInOperator.
    pub(super) fn membership(
        &mut self,
        parentheses: bool,
        operands: &'c [Term],
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        match operands {
            [member, collection] => {
                let comments = self.grouped_term(true, member, comments).map_err(Failure::forgetting)?;
                self.write(" in ");
                self.grouped_term(true, collection, comments)
                    .map_err(Failure::forgetting)
            }
            [key, member, collection] if parentheses => self.enclosed("(", ")", |writer| {
                writer.keyed_membership(key, member, collection, comments)
            }),
            [key, member, collection] => self.keyed_membership(key, member, collection, comments),
            _ => Err(Failure {
                comments: Comments::NONE,
                cause: Cause::Text(Span::default()),
            }),
        }
    }

    fn keyed_membership(
        &mut self,
        key: &'c Term,
        member: &'c Term,
        collection: &'c Term,
        comments: Comments<'c>,
    ) -> Outcome<'c> {
        let comments = self.grouped_term(true, key, comments).map_err(Failure::forgetting)?;
        self.write(", ");
        let comments = self.grouped_term(true, member, comments).map_err(Failure::forgetting)?;
        self.write(" in ");
        self.grouped_term(true, collection, comments)
            .map_err(Failure::forgetting)
    }

    /// Whether a union in a list needs parentheses.
    pub(super) fn is_grouped_union(&self, term: &Term, always: bool) -> bool {
        is_union_term(term) && (always || self.source.of(term.location).starts_with('('))
    }
}
