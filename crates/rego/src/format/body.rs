//! Bodies and their statements.

use super::comments::Comments;
use super::infix::{Infix, infix};
use super::layout::{Body, Every, Expression, Kind, Term, Value, With};
use super::logical::{chain, starts_with_brace};
use super::source::Location;
use super::writer::{Failure, Outcome, Writer, tolerate};

impl<'c> Writer<'c> {
    /// Follows OPA v1.22 format/format.go: writeBody.
    pub(super) fn body(&mut self, body: &'c Body, comments: Comments<'c>) -> Outcome<'c> {
        let mut comments = match body.first() {
            Some(first) => self.insert(comments, first.location)?,
            None => comments,
        };
        for (at, expression) in body.iter().enumerate() {
            if let Some(last) = at.checked_sub(1).map(|last| &body[last])
                && expression.location.row > self.source.end_row(last.location) + 1
            {
                self.blank_line();
            }
            self.start_line();
            comments = self.settle(|writer| writer.expression(expression, comments));
            self.end_line();
        }
        Ok(comments)
    }

    /// Follows OPA v1.22 format/format.go: writeExpr.
    pub(super) fn expression(&mut self, expression: &'c Expression, comments: Comments<'c>) -> Outcome<'c> {
        let is_grouped = self
            .grouped
            .take_if(|grouped| std::ptr::eq(*grouped, expression))
            .is_some();
        let comments = self.insert(comments, expression.location)?;
        if !self.inline {
            self.start_line();
        }
        if expression.negated {
            self.write("not ");
        }
        if is_grouped {
            self.write("(");
        }
        let comments = self.kind(expression, comments)?;
        if is_grouped {
            self.write(")");
        }
        self.withs(expression, comments)
    }

    fn kind(&mut self, expression: &'c Expression, comments: Comments<'c>) -> Outcome<'c> {
        let location = expression.location;
        match &expression.kind {
            Kind::Some(names) => self.some(names, location, comments).map_err(Failure::forgetting),
            Kind::SomeIn(operands) => self.some_in(operands, location, comments).map_err(Failure::forgetting),
            Kind::Every(every) => self.every(every, location, comments).map_err(Failure::forgetting),
            Kind::Not { body, braces } => self.not(body, *braces, location, comments).map_err(Failure::forgetting),
            Kind::Logic(_) => self.logic(expression, comments).map_err(Failure::forgetting),
            Kind::Call(terms) => self.called(terms, comments),
            Kind::Term(term) => self.term(term, comments),
        }
    }

    /// The replacements after a statement: the first on its row if it was there, others each on its own.
    fn withs(&mut self, expression: &'c Expression, mut comments: Comments<'c>) -> Outcome<'c> {
        let mut withs = &expression.with[..];
        let Some(first) = withs.first() else {
            return Ok(comments);
        };
        let mut row = self.end_row_before(expression, first);
        if first.location.row == row {
            comments = self.with(first, comments, false)?;
            withs = &withs[1..];
        }
        let level = self.level;
        for with in withs {
            let is_below = with.location.row > row;
            if is_below {
                self.level = level + 1;
                self.end_line();
                self.start_line();
                row = with.location.row;
            }
            match self.with(with, comments, is_below) {
                Ok(left) => comments = left,
                Err(failure) => {
                    self.level = level;
                    return Err(failure);
                }
            }
        }
        self.level = level;
        Ok(comments)
    }

    /// The row that the statement ends on before its replacements.
    /// Follows OPA v1.22 format/format.go: exprTermsEndRow.
    fn end_row_before(&self, expression: &Expression, with: &With) -> i64 {
        let location = expression.location;
        let end = match with.location.offset {
            end if end > location.offset && end <= location.offset + (location.end - location.start) => {
                location.start + (end - location.offset)
            }
            _ => location.end,
        };
        let text = self.source.text.get(location.start..end).unwrap_or_default();
        let trimmed = text.trim_end_matches([' ', '\t', '\r', '\n']);
        self.source.end_row(location.until(location.start + trimmed.len()))
    }

    /// Follows OPA v1.22 format/format.go: writeWith.
    fn with(&mut self, with: &'c With, comments: Comments<'c>, is_below: bool) -> Outcome<'c> {
        let comments = self.insert(comments, with.location).map_err(Failure::forgetting)?;
        self.write(if is_below { "with " } else { " with " });
        let comments = self.term(&with.target, comments).map_err(Failure::forgetting)?;
        self.write(" as ");
        match self.term(&with.value, comments) {
            Err(failure) if failure.is_comment() => Ok(failure.comments),
            written => written,
        }
    }

    /// Follows OPA v1.22 format/format.go: writeSomeDecl.
    fn some(&mut self, names: &'c [Term], location: Location, comments: Comments<'c>) -> Outcome<'c> {
        let mut comments = self.insert(comments, location)?;
        self.write("some ");
        let mut row = location.row;
        for (at, name) in names.iter().enumerate() {
            if name.location.row > row {
                self.end_line();
                self.start_line();
                self.write("\t");
                row = name.location.row;
            } else if at > 0 {
                self.write(" ");
            }
            comments = self.term(name, comments)?;
            if at + 1 < names.len() {
                self.write(",");
            }
        }
        Ok(comments)
    }

    fn some_in(&mut self, operands: &'c [Term], location: Location, comments: Comments<'c>) -> Outcome<'c> {
        let comments = self.insert(comments, location)?;
        self.write("some ");
        self.membership(false, operands, comments)
    }

    /// Follows OPA v1.22 format/format.go: writeEvery.
    fn every(&mut self, every: &'c Every, location: Location, comments: Comments<'c>) -> Outcome<'c> {
        let mut comments = self.insert(comments, location)?;
        self.write("every ");
        if let Some(key) = &every.key {
            comments = self.term(key, comments)?;
            self.write(", ");
        }
        comments = self.term(&every.value, comments)?;
        self.write(" in ");
        comments = self.term(&every.domain, comments)?;
        self.write(" {");
        comments = tolerate(self.inner_body((b'{', b'}'), &every.body, location, location, comments))?;
        if let [statement] = &every.body[..]
            && statement.location.row == location.row
        {
            self.write(" ");
        }
        self.write("}");
        Ok(comments)
    }

    /// Follows OPA v1.22 format/format.go: writeNot.
    fn not(&mut self, body: &'c Body, braces: bool, location: Location, comments: Comments<'c>) -> Outcome<'c> {
        let mut comments = self.insert(comments, location)?;
        self.write("not ");
        let (Some(first), Some(last)) = (body.first(), body.last()) else {
            return Ok(comments);
        };
        if !braces && body.len() == 1 {
            let parentheses = needs_parentheses(first);
            if parentheses {
                self.write("(");
            }
            comments = tolerate(self.expression(first, comments))?;
            if parentheses {
                self.write(")");
            }
            return Ok(comments);
        }
        if is_union(first) {
            self.grouped = Some(first);
        }
        self.write("{");
        comments = tolerate(self.inner_body((b'{', b'}'), body, location, location, comments))?;
        if last.location.row == location.row {
            self.write(" ");
        }
        self.write("}");
        Ok(comments)
    }
}

/// Whether what `not` is before, without braces, needs parentheses to be read as the same again.
/// Follows OPA v1.22 format/format.go: notBodyNeedsParens.
fn needs_parentheses(expression: &Expression) -> bool {
    !expression.with.is_empty()
        || matches!(expression.kind, Kind::Logic(_) | Kind::Not { .. })
        || starts_with_brace(expression)
}

/// Whether the statement is a union: after a brace, `a | b` would be a comprehension.
/// Follows OPA v1.22 format/format.go: isUnionExpr.
pub(super) fn is_union(expression: &Expression) -> bool {
    matches!(&expression.kind, Kind::Call(terms) if is_union_of(terms) && terms.len() == 3)
}

/// Whether the term is a union.
pub(super) fn is_union_term(term: &Term) -> bool {
    matches!(&term.value, Value::Call(terms) if is_union_of(terms))
}

fn is_union_of(terms: &[Term]) -> bool {
    matches!(terms.first().map(|function| &function.value), Some(Value::Var(name)) if &**name == "or")
}

/// The union that a body's first statement starts with, and so needs parentheses: the statement itself, or a term.
/// Follows OPA v1.22 format/format.go: markUnionLead.
pub(super) fn grouped_lead(expression: &Expression) -> (Option<&Expression>, Option<&Term>) {
    if expression.negated {
        return (None, None);
    }
    match &expression.kind {
        Kind::Logic(_) => {
            let (first, _) = chain(expression, None);
            match first.body.first() {
                Some(lead) if !first.braces && !first.parentheses => grouped_lead(lead),
                _ => (None, None),
            }
        }
        _ if is_union(expression) => (Some(expression), None),
        Kind::Call(terms) => (None, infix_lead(terms).filter(|lead| is_union_term(lead))),
        _ => (None, None),
    }
}

/// The operand that the statement of an operator starts with.
pub(super) fn infix_lead(terms: &[Term]) -> Option<&Term> {
    let Infix { arity, .. } = infix(terms.first()?)?;
    match terms.len().checked_sub(arity)? {
        1 => terms.get(1),
        2 => terms.last(),
        _ => None,
    }
}
